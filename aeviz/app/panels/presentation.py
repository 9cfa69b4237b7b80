"""A view in front of a class: larger type, no navigation, and a step to the next of a list of links by a key."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

import streamlit as st

from aeviz.app import navigation, url, widgets

PRESENT = url.Flag("present", "whether the view is presented: larger type, without navigation")
LINKS, AT, GO = "presentation-links", "presentation-at", "presentation-go"
MAX_LINKS = 200  # links of a list


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


def follow() -> None:
    """Go to the link that was chosen in the last run, if one was: it shows as a new visitor would see it."""
    at = st.session_state.pop(GO, None)
    if at is None:
        return
    link = st.session_state[LINKS][at]
    st.session_state[AT] = at
    url.forget()
    url.remember(PRESENT, True)
    st.switch_page(navigation.page(link.address), query_params={**link.parameters, PRESENT.name: "true"})


def offer() -> None:
    """Where a teacher pastes the links of a lecture."""
    text = st.text_area(
        "To present several views, paste their links, one a line",
        key="presentation-text",
        height=100,
        max_chars=99_999,
    )
    try:
        links = read(text)
    except ValueError as error:
        st.error(str(error), icon=":material/link_off:")
        links = []
    label = f"Present {len(links)} views" if len(links) > 1 else "Present"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(label, icon=":material/co_present:", key="presentation-begin", on_click=_begin, args=(links,))
        widgets.label("P presents the page that you see")


def begin_by_key() -> None:
    """The key that presents the page; its button is seen while it has the focus."""
    with st.container(key="aeviz-present-key", width="content"):
        st.button("Present this view", key="presentation-key", shortcut="p", on_click=_begin, args=([],))


def controls() -> None:
    """Buttons, and the keys of a presenter's remote control: back, next, leave."""
    links, at = st.session_state.get(LINKS, []), st.session_state.get(AT, 0)
    with st.container(key="aeviz-steps", horizontal=True, width="content", vertical_alignment="center", gap="small"):
        if links:
            st.button(
                "Back", key="presentation-back", shortcut="PageUp", disabled=at == 0, on_click=_go, args=(at - 1,)
            )
            widgets.label(f"{at + 1} of {len(links)}")
            last = at + 1 == len(links)
            st.button("Next", key="presentation-next", shortcut="PageDown", disabled=last, on_click=_go, args=(at + 1,))
        st.button("Leave", key="presentation-leave", shortcut="Esc", on_click=_leave)


def _begin(links: list[Link]) -> None:
    st.session_state[LINKS], st.session_state[AT] = links, 0
    url.remember(PRESENT, True)
    if links:
        st.session_state[GO] = 0


def _go(at: int) -> None:
    st.session_state[GO] = at


def _leave() -> None:
    url.remember(PRESENT, None)
