"""Which commits are unanswered, and what of Python's answers is news."""

from collections.abc import Callable
from typing import Any

import pytest

A, B, C = [1, 1], [2, 2], [3, 3]


@pytest.fixture
def answer(js_module: Callable[[str], Any]) -> Callable[..., Any]:
    return lambda *values: js_module("js").evaluate("(m, ...values) => m.answer(...values, m.sameList)", *values)


def test_an_echo_answers_a_commit_and_those_before_it(answer: Callable[..., Any]) -> None:
    assert answer([A, B], None, None) == {"sent": [A, B], "news": False}, "Python has seen neither"
    assert answer([A, B], None, A) == {"sent": [B], "news": False}
    assert answer([A, B], A, B) == {"sent": [], "news": False}
    assert answer([A], C, C) == {"sent": [A], "news": False}, "a run of before the commit"


def test_a_value_that_python_changed_is_news(answer: Callable[..., Any]) -> None:
    assert answer([A], None, C) == {"sent": [], "news": True}
    assert answer([A], C, B) == {"sent": [], "news": True}
    assert answer([], A, None) == {"sent": [], "news": True}


def test_a_value_is_sent_once(js_module: Callable[[str], Any]) -> None:
    said = js_module("js").evaluate(
        """(m) => {
            const commits = new m.Commits();
            return [commits.hear(5), commits.hear(5), commits.add(5), commits.add(6), commits.add(6), commits.add(5),
                    commits.hear(6), commits.sent, commits.hear(9), commits.known];
        }"""
    )
    assert said == [True, False, False, True, False, True, False, [5], True, 9]


def test_what_a_hand_set_is_kept_for_a_part_made_anew_until_python_sets_it(js_module: Callable[[str], Any]) -> None:
    said = js_module("js").evaluate(
        """(m) => {
            m.keep({ name: "heat", turn: 1 }, 5, 4);
            m.keep(null, 5, 3);
            const at = (name, turn, named) => m.kept(name && { name, turn }, named) ?? null;
            return [at("heat", 1, 5), at("heat", 2, 5), at("heat", 1, 6), at("cold", 1, 5), at(null, 1, 5)];
        }"""
    )
    assert said == [4, None, None, None, None]
