"""When work that follows a hand is done: at once while the browser waits for its frame, or in the frame."""

from collections.abc import Callable
from typing import Any

import pytest

# Events of a pointer, at a ms each, and frames; the work takes `took` ms. Said is what was done after each.
PAGE = """(m, steps, took) => {
    const frames = [];
    let [now, done] = [0, 0];
    globalThis.requestAnimationFrame = (act) => frames.push(act);
    globalThis.cancelAnimationFrame = (number) => (frames[number - 1] = null);
    const clock = performance.now;
    performance.now = () => now;
    const following = new m.Following(() => { done += 1; now += took; });
    const said = steps.map((step) => {
        if (step === "frame") frames.splice(0).forEach((act) => act?.());
        else if (step === "ask") following.ask();
        else if (step === "stop") following.stop();
        else following.ahead({ timeStamp: step });
        return done;
    });
    performance.now = clock;
    return said;
}"""


@pytest.fixture
def done(js_module: Callable[[str], Any]) -> Callable[..., list[int]]:
    return lambda *steps, took=1: js_module("js").evaluate(PAGE, list(steps), took)


def test_a_pointer_that_speaks_seldom_is_followed_before_the_frame(done: Callable[..., list[int]]) -> None:
    assert done(0, "frame", 20, "frame") == [1, 1, 2, 2], "and the frame has nothing left to do"


def test_of_a_pointer_that_speaks_often_the_last_event_before_the_frame_counts(done: Callable[..., list[int]]) -> None:
    assert done(0, 1, 2, 3, "frame", 4, "frame") == [1, 1, 1, 1, 2, 2, 3]


def test_work_that_takes_long_is_not_begun_again_at_once(done: Callable[..., list[int]]) -> None:
    assert done(0, 10, "frame", took=9) == [1, 1, 2]


def test_asked_often_it_is_done_once_a_frame(done: Callable[..., list[int]]) -> None:
    assert done("ask", "ask", "frame", "frame", "ask", "stop", "frame") == [0, 0, 1, 1, 1, 1, 1]
