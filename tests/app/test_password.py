"""The password at the door."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from apptest import go
from streamlit.testing.v1 import AppTest

from aeviz.app import password
from aeviz.app.sharing import PASSWORD

ROOT = Path(__file__).parents[2]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """A door with the password "sésame", and time in our hands."""
    clock = Clock()
    monkeypatch.setenv(PASSWORD, "sésame")
    monkeypatch.setattr(password, "time", clock)
    password.wrong_guesses.clear()
    yield clock
    password.wrong_guesses.clear()


def visitor() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
    go(app, "about")
    return app.run()


def says(app: AppTest, guess: str) -> AppTest:
    app.text_input(key="gate-guess").input(guess)
    app.button[0].click().run()
    assert not app.exception
    return app


def outside(app: AppTest) -> bool:
    return bool(app.text_input) and not app.html and not app.selectbox and not app.markdown


def test_without_a_password_there_is_no_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSWORD, raising=False)
    assert not outside(visitor())


def test_the_right_word_opens_and_it_stays_open(clock: Clock) -> None:
    app = visitor()
    assert outside(app)
    assert outside(app.run())
    assert not outside(says(app, " sésame "))
    assert not outside(app.run())
    assert outside(visitor()), "to this visitor alone"
    assert "sésame" not in str(app.session_state)


@pytest.mark.parametrize("guess", ["", "Sésame", "sesame", "sésame!", "\0", "x" * 200])
def test_any_other_word_does_not(clock: Clock, guess: str) -> None:
    app = says(visitor(), guess)
    assert outside(app)
    assert [error.value for error in app.error] == ["That is not the password."]


def test_another_password_closes_the_door(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    app = says(visitor(), "sésame")
    monkeypatch.setenv(PASSWORD, "changed")
    assert outside(app.run())


def test_each_wrong_guess_costs_twice_the_time(clock: Clock) -> None:
    app = visitor()
    for number in range(9):
        says(app, "wrong")
        assert app.error
        wait = min(2.0**number, password.MAX_WAIT_S)
        clock.now += wait - 0.1
        assert outside(says(app, "sésame"))
        assert "try again" in app.warning[0].value
        clock.now += 0.2
    assert not outside(says(app, "sésame"))


def test_many_sessions_guess_no_faster(clock: Clock) -> None:
    for _ in range(password.MAX_WRONG):
        password.wrong_guesses.add()
        clock.now += 0.1
    app = visitor()
    assert outside(says(app, "sésame"))
    assert "try again" in app.warning[0].value
    clock.now += password.WINDOW_S
    assert not outside(says(app, "sésame"))
