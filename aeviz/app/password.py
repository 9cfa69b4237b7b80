"""The password at the door: nothing of the app is drawn or sent before a visitor has given it."""

import hmac
import threading
import time
from hashlib import sha256

import streamlit as st

from aeviz.app import secret
from aeviz.app.sharing import PASSWORD

PASSED = "gate-open"
MAX_WAIT_S = 60.0  # that one visitor waits after many wrong guesses
MAX_WRONG, WINDOW_S = 60, 60.0  # wrong guesses of all visitors together before everyone at the door waits


class Guesses:
    """The moments of the wrong guesses of all visitors; those of the last minute count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._moments: list[float] = []

    def add(self) -> None:
        """Count one more."""
        with self._lock:
            self._moments.append(time.monotonic())

    def wait(self) -> float:
        """Seconds that everyone waits; 0 while there are few."""
        now = time.monotonic()
        with self._lock:
            self._moments[:] = [moment for moment in self._moments if now - moment < WINDOW_S]
            return WINDOW_S - (now - self._moments[0]) if len(self._moments) >= MAX_WRONG else 0.0

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._moments.clear()


wrong_guesses = Guesses()


def passed() -> bool:
    """Whether this visitor may see the app: no password is asked for, or it was given in this session."""
    password = required()
    return not password or hmac.compare_digest(st.session_state.get(PASSED, b""), _digest(password))


def required() -> str:
    """The password: AEVIZ_PASSWORD among Streamlit's secrets or in the environment; empty where none is asked for."""
    return secret.read(PASSWORD)


def ask() -> None:
    """Ask a visitor for the password.

    Each wrong guess makes the visitor wait, twice as long each time; sixty wrong guesses in a minute make everyone
    wait who is not in yet, so that many sessions help nobody to guess.
    """
    password = required()
    with st.container(key="aeviz-gate", width=420):
        st.title("aeviz", anchor=False)
        with st.form("gate", border=False):
            guess = st.text_input("Password", type="password", key="gate-guess", max_chars=200)
            sent = st.form_submit_button("Open", type="primary")
        if not sent:
            return
        if (wait := _wait()) > 0:
            st.warning(f"Too many wrong guesses: try again in {wait:.0f} s.", icon=":material/hourglass_empty:")
        elif hmac.compare_digest(_digest(guess.strip()), _digest(password)):
            st.session_state[PASSED] = _digest(password)
            del st.session_state["gate-guess"]
            st.rerun()
        else:
            _count()
            st.error("That is not the password.", icon=":material/lock:")


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _wait() -> float:
    """Seconds until this visitor's next guess counts."""
    return max(wrong_guesses.wait(), st.session_state.get("gate-until", 0.0) - time.monotonic())


def _count() -> None:
    wrong_guesses.add()
    wrong = st.session_state["gate-wrong"] = st.session_state.get("gate-wrong", 0) + 1
    st.session_state["gate-until"] = time.monotonic() + min(MAX_WAIT_S, 2.0 ** (wrong - 1))
