"""A folder of pages for any static server: all views of a pair, with one copy of models and pictures."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from aeviz.app import models
from aeviz.app.saving import SAVED
from aeviz.app.saving.asked import Asked, data_credit, read
from aeviz.app.saving.views import section
from aeviz.lessons import page
from aeviz.lessons.record import Section

INDEX = "index.html"


def write(views: Sequence[str], folder: Path, title: str = "") -> Path:
    """Write each view as a page of its own, and a first page that leads to them; all addresses are relative.

    views: as `read` takes them; of one alone, all pages that its data and models have are written.

    Returns the folder. Raises ValueError for what means nothing, and where the folder holds other files.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / INDEX).is_file():
        raise ValueError(f"{folder} holds other files: name a folder that is empty or new.")
    asked = [replace(read(view), whole=True) for view in views or ("decode",)]
    made = _all_pages(asked[0]) if len(asked) == 1 else [(view, section(view)) for view in asked]
    names = _names([view for view, _ in made])
    pages = {f"{name}.html": content for name, (_, content) in zip(names, made, strict=True)}

    def store(name: str, content: bytes) -> str:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return name

    folder.mkdir(parents=True, exist_ok=True)
    beside = [(INDEX, "Contents"), *((name, content.words.title) for name, content in pages.items())]
    for name, content in pages.items():
        others = [link for link in beside if link[0] != name]
        (folder / name).write_text(page.html([content], store=store, beside=others), encoding="utf-8")
    links = [(name, content.words.title, content.words.sentence) for name, content in pages.items()]
    data = {view.choice.dataset: data_credit(models.data(view.choice.dataset)) for view in asked}
    credits = [*data.values(), "Each page names its models, with whose they are."]
    first = page.index(title or "Latent spaces", links, _about(asked), credits)
    (folder / INDEX).write_text(first, encoding="utf-8")
    return folder


def _all_pages(asked: Asked) -> list[tuple[Asked, Section]]:
    """The view, and each other page that its pair has: there are data that nobody recorded a training of."""
    made = []
    for address in SAVED:
        view = asked if address == asked.address else Asked(address, {}, asked.choice, whole=True)
        try:
            made.append((view, section(view)))
        except ValueError:
            if view is asked:
                raise
    return made


def _about(asked: Sequence[Asked]) -> str:
    """What the pages show, where that is one pair: which models, of which data."""
    choice = asked[0].choice
    if any(view.choice != choice for view in asked):
        return ""
    both = "; ".join(dict.fromkeys(model.title for model in choice.pair))
    data = models.data(choice.dataset).title
    return f"Trained on {data}: {both}. The networks run in your browser, and nothing leaves it."


def _names(asked: Sequence[Asked]) -> list[str]:
    """A name for each page: its address, with a number where it comes again."""
    names: list[str] = []
    for view in asked:
        count = sum(other.address == view.address for other in asked[: len(names)])
        names.append(f"{view.address}-{count + 1}" if count else view.address)
    return names
