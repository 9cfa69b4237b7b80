"""A handle that is dragged along a band, with a stand-in for the page."""

from collections.abc import Callable
from typing import Any

import pytest

# A band 200 px wide at 10 px, its handle at 60 px of it; what the drag says is written down.
PAGE = """(m, steps) => {
    const heard = [], frames = [];
    globalThis.requestAnimationFrame = (act) => frames.push(act);
    globalThis.cancelAnimationFrame = (number) => (frames[number - 1] = null);
    const add = (...names) => heard.push(names.join());
    const root = { classList: { add, remove: (name) => heard.push(`no ${name}`) } };
    const band = Object.assign(new EventTarget(), {
        getBoundingClientRect: () => ({ left: 10, width: 200 }), setPointerCapture: () => {},
    });
    const handle = { focus: () => {} };
    const drag = new m.Drag(band, {
        take: () => ({ root, band, handle, place: () => 60 }),
        follow: (x, width) => heard.push([x, width]),
        end: () => heard.push("end"),
        cancel: () => heard.push("cancel"),
    });
    for (const [type, clientX, pointerId = 1, button = 0] of steps) {
        if (type === "frame") frames.splice(0).forEach((act) => act?.());
        else if (type === "cancel") drag.cancel();
        else band.dispatchEvent(Object.assign(new Event(`pointer${type}`), { clientX, pointerId, button }));
    }
    return heard;
}"""


@pytest.fixture
def dragged(js_module: Callable[[str], Any]) -> Callable[..., list[Any]]:
    return lambda *steps: js_module("js").evaluate(PAGE, [list(step) for step in steps])


def test_a_handle_is_held_where_it_was_taken(dragged: Callable[..., list[Any]]) -> None:
    said = dragged(("down", 75), ("move", 80), ("move", 95), ("frame",), ("up", 95))
    assert said == ["dragged,held", [80, 200], "no dragged", "end"], "5 px off its middle, one answer in a frame"


def test_where_the_browser_says_so_it_follows_before_the_frame(dragged: Callable[..., list[Any]]) -> None:
    said = dragged(("down", 75), ("rawupdate", 80), ("move", 80), ("frame",), ("up", 80))
    assert said == ["dragged,held", [65, 200], "no dragged", "end"]


def test_a_press_beside_the_handle_brings_it_there(dragged: Callable[..., list[Any]]) -> None:
    assert dragged(("down", 150), ("up", 150)) == ["dragged,held", [140, 200], "no dragged", "end"]


def test_what_the_last_event_says_holds(dragged: Callable[..., list[Any]]) -> None:
    assert dragged(("down", 70), ("move", 90), ("up", 99)) == ["dragged,held", [89, 200], "no dragged", "end"]
    assert dragged(("down", 70), ("up", 70), ("move", 90), ("frame",)) == ["dragged,held", "no dragged", "end"]


def test_a_drag_that_is_broken_off_does_not_end(dragged: Callable[..., list[Any]]) -> None:
    assert dragged(("down", 70), ("move", 90), ("cancel",), ("frame",)) == ["dragged,held", "no dragged", "cancel"]
    assert dragged(("down", 70), ("cancel", 0), ("up", 70)) == ["dragged,held", "no dragged", "cancel"]


def test_other_pointers_and_buttons_drag_nothing(dragged: Callable[..., list[Any]]) -> None:
    assert dragged(("down", 70, 1, 2), ("move", 90)) == []
    assert dragged(("down", 70), ("down", 150, 2), ("move", 150, 2), ("frame",), ("up", 150, 2)) == ["dragged,held"]
