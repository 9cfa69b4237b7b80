"""Every page, wide and narrow, light and dark, and with all opened that a click away hides.

One visit of a page looks at all of it: to load a page costs as much as to look at it.
"""

import re
from collections.abc import Iterator
from typing import Literal

import pytest
from browsing import content, eventually, resize, rest, unfold
from playwright.sync_api import Page, expect

from aeviz.app.navigation import DEFAULT, ENTRIES

NAMES = tuple("" if address == DEFAULT else address for address in ENTRIES)
# Fewer than these: a page has lost some, or the walk does not see them.
FORMULAS = {"map": 1, "how-a-vae-thinks": 2, "training": 1, "interpolate": 1, "detect": 1, "generate": 2}
POP_UPS = {"map": 3, "how-a-vae-thinks": 3, "sweeps": 6, "generate": 4, "training": 2, "interpolate": 2, "decode": 2}
FIRST = {"your-own"}  # in the short run: most forms
TALL = 900
PHONE = 390
# Choices that show other pictures and no other words; 10,000 points in 3-D take this browser, without a GPU, a minute.
PICTURES = {"3-D", *map(str, range(10))}

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


SMALL_TEXT = """() => {
    const found = new Set();
    const visit = (root) => {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            if (node.shadowRoot) visit(node.shadowRoot);
            if (node.nodeType !== Node.TEXT_NODE || !node.data.trim()) continue;
            const element = node.parentElement;
            if (!element?.checkVisibility?.({ visibilityProperty: true })) continue;
            const box = element.getBoundingClientRect();
            const size = parseFloat(getComputedStyle(element).fontSize);
            if (box.width > 2 && box.height > 2 && size < 13) found.add(`${size}px ${node.data.trim().slice(0, 40)}`);
        }
    };
    visit(document.querySelector("[data-testid=stMain]"));
    return [...found];
}"""

OVERLAPS = """() => {
    const menu = document.querySelector("[data-testid=stMainMenuButton], [data-testid=stMainMenu] button");
    const header = document.querySelector(".st-key-aeviz-header");
    const boxes = [...header.querySelectorAll("a, [role=group], .aeviz-brand, .aeviz-group"), menu].filter(Boolean).map(
        (element) => [element.textContent.trim() || element.tagName, element.getBoundingClientRect()]);
    const found = [];
    for (const [i, [name, a]] of boxes.entries()) for (const [other, b] of boxes.slice(i + 1)) {
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 1 && down > 1) found.push(`${name} and ${other}`);
    }
    const title = document.querySelector(".aeviz-title").getBoundingClientRect();
    if (title.top < header.getBoundingClientRect().bottom - 1) found.push("header and title");
    return found;
}"""

ACROSS = """() => {
    const main = document.querySelector("[data-testid=stMain]");
    return Math.max(main.scrollWidth - main.clientWidth, document.documentElement.scrollWidth - innerWidth);
}"""


CARDS_BEYOND = """() => [...document.querySelectorAll("[class*='st-key-card-']")]
    .filter((card) => {
        const { left, right } = card.getBoundingClientRect();
        return left < 0 || right > innerWidth;
    })
    .map((card) => card.className)"""

GROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
Look = tuple[Literal["light", "dark"], int]
LOOKS: tuple[Look, ...] = (("light", 1400), ("dark", 900))
OTHER_LOOKS: tuple[Look, ...] = (("light", 900), ("dark", 1400))


class Walk:
    """A visitor who opens all there is to open."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    def go(self, name: str, data: str) -> None:
        self.page.set_viewport_size({"width": 1400, "height": TALL})
        self.page.goto(f"{self.url}/{name}?data={data}")
        self.stand()

    def is_light(self) -> bool:
        """Whether the ground is."""
        return sum(map(int, re.findall(r"\d+", self.page.evaluate(GROUND))[:3])) > 600

    def stand(self) -> None:
        rest(self.page)
        expect(self.page.get_by_test_id("stSkeleton")).to_have_count(0)

    def misfits(self, scheme: Literal["light", "dark"], width: int) -> list[str]:
        """What is too wide, too small or over another, under a colour scheme and on a screen so many px wide."""
        self.page.emulate_media(color_scheme=scheme)
        resize(self.page, width, TALL)
        eventually(self.page, lambda: self.is_light() == (scheme == "light"))
        self.stand()
        return [
            *(["the page scrolls sideways"] if self.page.evaluate(ACROSS) > 0 else []),
            *self.page.evaluate(OVERLAPS),
            *self.page.evaluate(SMALL_TEXT),
            *self.page.evaluate(CARDS_BEYOND),
        ]

    def pop_ups(self) -> Iterator[str]:
        """Open each pop-up in turn, and close it again; definitions that lie over their buttons are closed first."""
        self.page.evaluate("document.querySelectorAll('.aeviz-defined[open]').forEach((one) => (one.open = false))")
        for opener in content(self.page).get_by_test_id("stPopoverButton").all():
            if not opener.is_visible():  # the links' menu, where there is room for the links
                continue
            opener.click()
            expect(self.page.get_by_test_id("stPopoverBody")).to_be_visible()
            self.stand()
            yield f"the pop-up {opener.inner_text()!r}"
            self.page.keyboard.press("Escape")
            expect(self.page.get_by_test_id("stPopoverBody")).to_have_count(0)

    def choices(self) -> Iterator[str]:
        """Make each choice of the page, from the first to the last; one may bring others."""
        options = content(self.page).get_by_role("radio")
        at = 0
        while at < options.count():
            option = options.nth(at)
            at += 1
            name = option.inner_text()
            if name not in PICTURES and option.get_attribute("aria-checked") != "true":
                option.click()
                self.stand()
                yield f"{name!r} chosen"

    def marks_left(self) -> list[str]:
        return list(self.page.evaluate(MARKS_LEFT))

    def too_wide(self) -> list[str]:
        """What does not fit a phone, of the page as it was opened, once it has taken its width."""
        resize(self.page, PHONE, TALL)
        self.stand()
        return list(self.page.evaluate(TOO_WIDE))


@pytest.fixture
def walk(page: Page, app_url: str) -> Walk:
    return Walk(page, app_url)


def problems(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {where: said for where, said in found.items() if said}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, id=name or "home", marks=() if name in FIRST else pytest.mark.long) for name in NAMES],
)
def test_a_page_fits_and_all_opened_it_shows_formulas_and_no_marks(walk: Walk, name: str) -> None:
    walk.go(name, "mnist")
    found = {f"{scheme}, {width} px": walk.misfits(scheme, width) for scheme, width in LOOKS}
    unfold(walk.page)
    found["unfolded"] = walk.marks_left()
    displayed = walk.page.locator(".katex-display")
    formulas, pop_ups = displayed.count(), {}
    for where in walk.pop_ups():
        pop_ups[where] = walk.marks_left()
        formulas += walk.page.get_by_test_id("stPopoverBody").locator(".katex-display").count()
    found |= pop_ups | {"on a phone": walk.too_wide()}
    assert problems(found) == {}
    assert formulas >= FORMULAS.get(name, 0)
    assert len(pop_ups) >= POP_UPS.get(name, 0)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES, ids=lambda name: name or "home")
def test_a_page_fits_in_the_other_looks_too(walk: Walk, name: str) -> None:
    walk.go(name, "mnist")
    assert problems({f"{scheme}, {width} px": walk.misfits(scheme, width) for scheme, width in OTHER_LOOKS}) == {}


@pytest.mark.long
def test_no_choice_of_a_page_brings_marks(walk: Walk) -> None:
    found = {}
    chosen = 0
    for name in NAMES:
        walk.go(name, "mnist")
        for where in walk.choices():
            chosen += 1
            unfold(walk.page)
            found[f"{name}, {where}"] = walk.marks_left()
    assert problems(found) == {}
    assert chosen >= 25


@pytest.mark.long
def test_a_data_set_that_lacks_models_leaves_no_marks_either(walk: Walk) -> None:
    found = {}
    for name in NAMES:
        walk.go(name, "emoji")
        unfold(walk.page)
        found[name] = walk.marks_left()
    assert problems(found) == {}
