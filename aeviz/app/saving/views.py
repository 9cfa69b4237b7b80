"""The pages that can be saved, and files of them."""

from collections.abc import Callable, Sequence
from importlib import import_module

from aeviz.app import navigation
from aeviz.app.saving import SAVED
from aeviz.app.saving.asked import Asked, read
from aeviz.lessons import page
from aeviz.lessons.record import Section


def section(asked: Asked) -> Section:
    """A view as a section. Raises ValueError for a page that cannot be saved, and for what means nothing on it."""
    if asked.address not in SAVED:
        title = navigation.ENTRIES[asked.address].title
        raise ValueError(f"{title} cannot be saved as a page: expected one of {', '.join(SAVED)}.")
    make: Callable[[Asked], Section] = import_module(f"aeviz.app.saving.{asked.address.replace('-', '_')}").section
    return make(asked)


def lesson(views: Sequence[str], title: str = "") -> str:
    """A page of views, as they are named on the command line, in HTML. Raises ValueError."""
    return page.html([section(read(view)) for view in views], title=title)
