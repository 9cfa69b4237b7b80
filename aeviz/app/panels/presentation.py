"""A view in front of a class: larger type, no navigation, and a step to the next of a list of links by a key.

The list is a text, a link a line, that the tab keeps with the place in it: it is there again after a reload.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

import streamlit as st

from aeviz.app import navigation, url, widgets

PRESENT = url.Flag("present", "whether the view is presented: larger type, without navigation")
LIST, AT, GO = "presentation-list", "presentation-at", "presentation-go"  # in the session
TEXT, FILE, REFUSED = "presentation-text", "presentation-file", "presentation-refused"
MAX_LINKS, MAX_LETTERS = 200, 99_999  # of a list
FILE_NAME = "views.txt"


@dataclass(frozen=True)
class Link:
    """A view: the address of its page, and the parameters that its link names."""

    address: str
    parameters: dict[str, str]

    @property
    def path(self) -> str:
        """The path of the page on its server, and the query: "/map?data=fashion"."""
        path = "" if self.address == navigation.DEFAULT else self.address
        return f"/{path}?{urlencode(self.parameters)}" if self.parameters else f"/{path}"


def link_of(text: str) -> Link:
    """The view that a link names: a whole address, or its path and query. Raises ValueError where it names no page."""
    parts = urlsplit(text)
    address = parts.path.rstrip("/").rpartition("/")[2] or navigation.DEFAULT
    address = navigation.FORMER.get(address, address)
    if address not in navigation.ENTRIES:
        raise ValueError(f"{text[:60]} names no page: there are {', '.join(navigation.ENTRIES)}.")
    return Link(address, dict(parse_qsl(parts.query, keep_blank_values=True)))


def read(text: str) -> list[Link]:
    """The links of a text, one a line, as they are copied from the address bar; empty lines and "# …" are left out.

    Raises ValueError, with the number of the line, for one that names no page.
    """
    links = []
    for number, line in enumerate(text.splitlines(), 1):
        if not (line := line.strip()) or line.startswith("#"):
            continue
        try:
            links.append(link_of(line))
        except ValueError as error:
            raise ValueError(f"Line {number}: {error}") from error
    if len(links) > MAX_LINKS:
        raise ValueError(f"{len(links)} links are more than the {MAX_LINKS} that a list may have.")
    return links


def on() -> bool:
    """Whether this visitor's view is presented."""
    return url.value(PRESENT)


def kept() -> str | None:
    """What the tab is to keep: the place in the list, and the list; "" for none, None where it may know of one."""
    text = st.session_state.get(LIST)
    return text if not text else f"{_at()}\n{text}"


def take_back(kept_by_tab: str) -> None:
    """Go on with what a tab had kept; what is no list, or not one any more, is left out."""
    at, _, text = kept_by_tab.partition("\n")
    if LIST not in st.session_state and at.isdecimal() and len(text) <= MAX_LETTERS:
        st.session_state[LIST], st.session_state[AT] = text, int(at)


def follow() -> None:
    """Go to the link that was chosen in the last run, if one was: it shows as a new visitor would see it."""
    at = st.session_state.pop(GO, None)
    if at is None:
        return
    link = _links()[at]
    st.session_state[AT] = at
    url.forget()
    url.remember(PRESENT, True)
    st.switch_page(navigation.page(link.address), query_params={**link.parameters, PRESENT.name: "true"})


def offer(address: str) -> None:
    """Where a teacher makes the list of a lecture's views; address: of the present one."""
    st.session_state[TEXT] = st.session_state.get(LIST, "")
    st.text_area(
        "To present several views, add them here or paste their links, one a line",
        key=TEXT,
        height=100,
        max_chars=MAX_LETTERS,
        on_change=_write,
    )
    text = st.session_state.get(LIST, "")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button("Add this view", icon=":material/add:", key="presentation-add", on_click=_add, args=(address,))
        if text:
            widgets.save("Save the list", text.encode(), FILE_NAME, "text/plain", key="presentation-save")
    st.file_uploader(
        "Or open a list that was saved", type=["txt"], key=FILE, on_change=_open, max_upload_size=1, width="stretch"
    )
    problem = st.session_state.pop(REFUSED, "")
    links: list[Link] = []
    try:
        links = read(text)
    except ValueError as error:
        problem = problem or str(error)
    if problem:
        st.error(problem, icon=":material/link_off:")
    label = f"Present {len(links)} views" if len(links) > 1 else "Present"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        none = bool(text.strip()) and not links
        st.button(label, icon=":material/co_present:", key="presentation-begin", disabled=none, on_click=_begin,
                  args=(bool(links),))  # fmt: skip
        widgets.label("P presents the page that you see")


def begin_by_key() -> None:
    """The key that presents the page, and leaves the list where it is; its button is seen while it has the focus."""
    with st.container(key="aeviz-present-key", width="content"):
        st.button(
            "Present this view", key="presentation-key", shortcut="p", on_click=url.remember, args=(PRESENT, True)
        )


def controls() -> None:
    """Buttons, and the keys of a presenter's remote control: back, next, leave."""
    links, at = _links(), _at()
    with st.container(key="aeviz-steps", horizontal=True, width="content", vertical_alignment="center", gap="small"):
        if links:
            st.button(
                "Back", key="presentation-back", shortcut="PageUp", disabled=at == 0, on_click=_go, args=(at - 1,)
            )
            widgets.label(f"{at + 1} of {len(links)}")
            last = at + 1 == len(links)
            st.button("Next", key="presentation-next", shortcut="PageDown", disabled=last, on_click=_go, args=(at + 1,))
        st.button("Leave", key="presentation-leave", shortcut="Esc", on_click=_leave)


def _links() -> list[Link]:
    """The links of the list; none where a line of it names no page."""
    try:
        return read(st.session_state.get(LIST, ""))
    except ValueError:
        return []


def _at() -> int:
    """The place in the list."""
    return max(0, min(st.session_state.get(AT, 0), len(_links()) - 1))


def _write() -> None:
    st.session_state[LIST] = st.session_state[TEXT]


def _add(address: str) -> None:
    text = st.session_state.get(LIST, "")
    longer = f"{text.rstrip()}\n{address}\n".lstrip()
    if len(longer) > MAX_LETTERS:
        st.session_state[REFUSED] = f"A list has at most {MAX_LETTERS:,} letters: take a view out before you add one."
    else:
        st.session_state[LIST] = longer


def _open() -> None:
    """Take the list of a file in place of the one that there is; a file that is no text leaves it as it is."""
    file = st.session_state[FILE]
    if file is None:
        return
    try:
        text = file.getvalue().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        st.session_state[REFUSED] = f"{file.name} is no plain text: save it as text in UTF-8."
        return
    if len(text) > MAX_LETTERS:
        st.session_state[REFUSED] = f"{file.name} has {len(text):,} letters, and a list at most {MAX_LETTERS:,}."
    else:
        st.session_state[LIST], st.session_state[AT] = text, 0


def _begin(with_list: bool) -> None:
    url.remember(PRESENT, True)
    if with_list:
        st.session_state[GO] = 0


def _go(at: int) -> None:
    st.session_state[GO] = at


def _leave() -> None:
    url.remember(PRESENT, None)
