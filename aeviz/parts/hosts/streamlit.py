"""Streamlit as the host of parts: registers each when it is first shown, and remembers what its browser side said.

Streamlit sends the text of a component with every change of its data: of a part 35 to 130 kB for a few hundred bytes
of news. So a few lines are what is registered (`fetched.js`), and the tab fetches the part's code once, from the same
server, where Streamlit has the files of components. A tab that does not reach it there says so, and gets the text.
"""

import hashlib
import operator
import tempfile
import threading
from collections.abc import Callable, Iterable, MutableMapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st
from streamlit import runtime
from streamlit.components.v1 import declare_component

from aeviz.parts import files

T = TypeVar("T")
ROUTE = "code"  # Streamlit puts the name of this module before it
BY_TEXT = "parts by text"  # in the session: whether its tab does not reach the parts' code
_writing = threading.Lock()


@cache
def _code(name: str) -> tuple[str, str]:
    """The text of a part's module, and the name of a file for it, which is another for another text."""
    text = files.javascript(name, "streamlit")
    return text, f"{name}-{hashlib.blake2b(text.encode(), digest_size=6).hexdigest()}.js"


@cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    """Where the files are, as long as this process lives."""
    return tempfile.TemporaryDirectory(prefix="aeviz-parts-")


def _put(name: str) -> None:
    """Have the server serve a part's code. Raises OSError where there is no room for temporary files."""
    text, file = _code(name)
    with _writing:
        path = Path(_folder().name) / file
        if not path.exists():  # at first, and where somebody has cleared the machine's temporary files
            path.parent.mkdir(exist_ok=True)
            path.with_suffix(".part").write_text(text, encoding="utf-8")
            path.with_suffix(".part").replace(path)
        if runtime.exists():
            _serve(runtime.get_instance(), path.parent)


@lru_cache(maxsize=1)
def _serve(server: object, folder: Path) -> None:
    """Once for each server: a process may have one after the other."""
    declare_component(ROUTE, path=folder)


@cache
def _registered(name: str, by_text: bool) -> Any:
    """The mounting command of a part: its code goes with it, or the address of its code."""
    text, file = _code(name)
    if by_text:
        return st.components.v2.component(f"aeviz_{name}_by_text", js=text)
    entry = files.FOLDER / "hosts" / f"{name} fetched.js"  # need not exist
    address = f"../../component/{__name__}.{ROUTE}/{file}"
    call = f'import {{ fetched }} from "./fetched.js";\nexport default fetched("{address}");'
    return st.components.v2.component(f"aeviz_{name}", js=files.link(entry, call))


def _command(name: str) -> Any:
    """The mounting command of a part, as the tab of this session can take it."""
    if not memory().get(BY_TEXT):
        try:
            _put(name)
        except OSError:
            _unreached()
    return _registered(name, bool(memory().get(BY_TEXT)))


def _unreached() -> None:
    memory()[BY_TEXT] = True


def mount(name: str, *, key: str, data: Any, **on: Callable[[], None] | None) -> Any:
    """Show a part.

    Args:
        name: of the part, which is that of its folder.
        key: of the element.
        data: JSON, or bytes and nothing else, as its `payload` makes it.
        on: for each state that the part sends, a callback that runs before the script does, or None.

    Returns:
        A result with an attribute for each state: what was sent last, None before.

    """
    # Streamlit keeps a state's name in the result only where a callback is declared.
    callbacks = {f"on_{state}_change": act or (lambda: None) for state, act in on.items()}
    # Of a mapping, Streamlit looks at each value for a table, which costs the first page the import of pandas (0.3 s).
    # It passes a list on as it is; `streamlit.js` takes the data out again.
    sent = data if isinstance(data, bytes) else [data]
    return _command(name)(key=key, data=sent, on_unreached_change=_unreached, **callbacks)


def sent(key: str, state: str) -> Any:
    """What the part of a key sent last as a state, None before; known before the part is shown again."""
    return dict(st.session_state.get(key) or {}).get(state)


def memory() -> MutableMapping[Any, Any]:
    """What is kept from run to run, for one visitor."""
    memory: MutableMapping[Any, Any] = st.session_state
    return memory


def digest_of(texts: Iterable[str]) -> str:
    """A short name for texts, another for others."""
    return hashlib.blake2b("".join(texts).encode(), digest_size=9).hexdigest()


def named(
    value: T,
    committed: T | None,
    *,
    key: str,
    of: str,
    start: bool = False,
    same: Callable[[T, T], bool] = operator.eq,
) -> tuple[T, dict[str, Any]]:
    """The value to tell the part of a key, and its name on the page with how often the caller has set the value.

    The tab knows of its own commits (`keep` and `kept` of `commits.js`): after one nothing that is told changes, so
    Streamlit sends no more than the hash of the message before.

    committed: what the part sent last. of: names what the value is a place of; of another the value is told anew.
    start: whether a value that stays the same is where the hand began, and no request. same: whether two values are one
    to the page.
    """
    is_own = committed is not None and same(value, committed)
    before, shown, turn = memory().get(f"{key}-told", ((of, value, committed), value, 0))
    changed = value != before[1] or (committed != before[2] and not start)
    # Also what the hand set last may be asked for: by going forward to where it was.
    is_asked = not is_own or committed == before[2]
    if changed and is_asked and (committed, before[2]) != (None, None):
        shown, turn = value, turn + 1  # not what the hand set last: the caller's
    elif of != before[0] or committed is None:
        shown = committed if is_own and committed is not None else value
    memory()[f"{key}-told"] = ((of, value, committed), shown, turn)
    return shown, {"name": key, "turn": turn}


@cache
def module_of(element: str) -> str | None:
    """The name of Streamlit's file with the code of an element, "PlotlyChart.D9Z0_fxz.js", or None.

    Streamlit documents neither the folder nor the names: a test says when they are others.
    """
    folder = Path(st.__file__).parent / "static" / "static" / "js"
    return next((path.name for path in sorted(folder.glob(f"{element}.*.js"))), None)
