"""What a click away hides: each page with every explanation, pop-up and choice opened says what its author meant."""

from collections.abc import Iterator

import pytest
from browsing import LONG
from playwright.sync_api import Locator, Page, TimeoutError, WebSocket, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from aeviz.app.navigation import DEFAULT, ENTRIES

NAMES = tuple("" if address == DEFAULT else address for address in ENTRIES)
TALL = 900
PHONE = 390
PATIENCE = 5_000  # ms for a page to take another width
# Choices that show other pictures and no other words; 10,000 points in 3-D take this browser, without a GPU, a minute.
PICTURES = {"3-D", *map(str, range(10))}

STANDS = """() => document.querySelector(".aeviz-title")
    && document.querySelector("[data-testid=stApp]").dataset.testScriptState === "notRunning"
    && !document.querySelector("[data-testid=stSkeleton]")"""

# Red or refused formulas, and the marks of Markdown in the text that is seen, in the roots of live parts too.
MARKS_LEFT = """() => {
    const found = [];
    for (const bad of document.querySelectorAll(".katex-error, .katex-html [style*='color:']"))
        found.push(`formula: ${bad.textContent.slice(0, 80)}`);
    const read = (root) => {
        for (const element of root.querySelectorAll("*")) {
            if (element.shadowRoot) read(element.shadowRoot);
            if (element.closest("code, pre, script, style, textarea, annotation")) continue;
            for (const { nodeType, data } of element.childNodes)
                if (nodeType === Node.TEXT_NODE && /[$]|[*][*]/.test(data) && element.checkVisibility())
                    found.push(`text: ${data.trim().slice(0, 80)}`);
        }
    };
    read(document.body);
    return found;
}"""

# Formulas in open explanations that stand out of their card, where one that is wider should scroll in itself; and
# whether the page itself scrolls sideways.
TOO_WIDE = """() => {
    const found = [...document.querySelectorAll("[data-testid=stExpander]")].flatMap((card) => {
        const edge = card.getBoundingClientRect().right;
        return [...card.querySelectorAll(".katex")]
            .map((formula) => formula.closest(".katex-display") ?? formula)
            .filter((formula) => formula.getBoundingClientRect().right > edge)
            .map((formula) => formula.textContent.slice(0, 80));
    });
    const main = document.querySelector("[data-testid=stMain]");
    const over = main.scrollWidth - main.clientWidth;
    return over > 0 ? [...found, `the page, by ${over} px`] : found;
}"""


def run_ended(frame: str | bytes) -> bool:
    """Whether the server says with this message that it has done what it was asked for."""
    return isinstance(frame, bytes) and ForwardMsg.FromString(frame).WhichOneof("type") == "script_finished"


class Walk:
    """A visitor who opens all there is to open."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        page.set_default_timeout(LONG)
        page.on("websocket", self._connected)

    def go(self, name: str, data: str) -> None:
        self.page.set_viewport_size({"width": 1400, "height": TALL})
        self.page.goto(f"{self.url}/{name}?data={data}")
        self.stand()

    def _connected(self, socket: WebSocket) -> None:
        self.socket = socket

    def stand(self) -> None:
        self.page.wait_for_function(STANDS)

    def unfold(self) -> None:
        """Open every explanation; a closed one is the first of those closed until none is left."""
        closed = self.page.locator("details:not([open]) > summary")
        for _ in range(closed.count()):
            closed.first.click()
        expect(closed).to_have_count(0)
        self.stand()

    def pop_ups(self) -> Iterator[str]:
        """Open each pop-up in turn, and close it again."""
        for opener in self.page.get_by_test_id("stMain").get_by_test_id("stPopoverButton").all():
            opener.click()
            expect(self.page.get_by_test_id("stPopoverBody")).to_be_visible()
            self.stand()
            yield f"the pop-up {opener.inner_text()!r}"
            self.page.keyboard.press("Escape")
            expect(self.page.get_by_test_id("stPopoverBody")).to_have_count(0)

    def choices(self) -> Iterator[str]:
        """Make each choice of the page, from the first to the last; one may bring others."""
        options = self.page.get_by_test_id("stMain").get_by_role("radio")
        at = 0
        while at < options.count():
            option = options.nth(at)
            at += 1
            name = option.inner_text()
            if name not in PICTURES and option.get_attribute("aria-checked") != "true":
                self.choose(option)
                yield f"{name!r} chosen"

    def choose(self, option: Locator) -> None:
        with self.socket.expect_event("framereceived", run_ended, timeout=LONG):
            option.click()
        self.stand()

    def marks_left(self) -> list[str]:
        return list(self.page.evaluate(MARKS_LEFT))

    def too_wide(self) -> list[str]:
        """What does not fit a phone, of the page as it was opened, once it has taken its width."""
        self.page.set_viewport_size({"width": PHONE, "height": TALL})
        try:
            self.page.wait_for_function(f"() => ({TOO_WIDE})().length === 0", timeout=PATIENCE)
        except TimeoutError:
            return list(self.page.evaluate(TOO_WIDE))
        return []


@pytest.fixture
def walk(page: Page, app_url: str) -> Walk:
    return Walk(page, app_url)


def test_every_page_with_all_opened_shows_formulas_and_no_marks(walk: Walk) -> None:
    found: dict[str, list[str]] = {}
    formulas = opened = chosen = 0
    for name in NAMES:
        walk.go(name, "mnist")
        walk.unfold()
        found[name] = walk.marks_left()
        formulas += walk.page.locator(".katex-display").count()
        for where in walk.pop_ups():
            opened += 1
            found[f"{name}, {where}"] = walk.marks_left()
        for where in walk.choices():
            chosen += 1
            walk.unfold()
            found[f"{name}, {where}"] = walk.marks_left()
        found[f"{name} on a phone"] = walk.too_wide()
    assert {where: said for where, said in found.items() if said} == {}
    assert formulas >= 8
    assert opened >= 2
    assert chosen >= 25


def test_a_data_set_that_lacks_models_leaves_no_marks_either(walk: Walk) -> None:
    found = {}
    for name in NAMES:
        walk.go(name, "emoji")
        walk.unfold()
        found[name] = walk.marks_left()
    assert {where: said for where, said in found.items() if said} == {}
