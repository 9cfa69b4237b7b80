"""A tab that is reloaded has what was brought into it again; nobody else does."""

import io

import numpy as np
import pytest
from apptest import go
from own_page import Own, charged

from aeviz.app import streamlit_internals
from aeviz.app.uploads import quota, returning, session
from aeviz.app.uploads.session import Uploads


@pytest.fixture(scope="module")
def brought() -> Own:
    """A tab into which some pictures were brought."""
    buffer = io.BytesIO()
    np.savez(buffer, items=np.random.default_rng(0).random((30, 1, 28, 28), np.float32))
    return Own(bring="data").upload(("mine.npz", buffer.getvalue())).load()


def reloaded(token: str, monkeypatch: pytest.MonkeyPatch, **address: str) -> Own:
    """A new session at an address, in which the tab tells a token once its first page stands."""
    own = Own(**address)
    with monkeypatch.context() as telling:
        telling.setattr(returning, "claimed", lambda: token)
        telling.setattr(returning, "note", returning.claim)
        go(own.app, "map")
        return own.run()


def test_a_reload_keeps_data_and_what_the_address_says_of_them(brought: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    (data,) = brought.things.data.values()
    total = charged()
    again = reloaded(brought.things.token, monkeypatch, data=data.name)
    assert again.app.session_state["choice"].dataset == data.name
    assert again.things is brought.things
    assert quota.ledger.total == total, "counted once"
    assert not again.app.warning


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_a_token_that_names_nothing_is_told_of_once(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    own = reloaded(token, monkeypatch)
    assert session.KEY not in own.app.session_state or not own.things.data
    assert "no longer here" in own.app.warning[0].value
    assert not own.run().app.warning


def test_a_tab_that_is_still_there_is_not_taken_over(brought: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    brought.things.owner = "the first tab"
    monkeypatch.setattr(streamlit_internals, "is_serving", lambda: True)
    monkeypatch.setattr(streamlit_internals, "is_connected", lambda owner: owner == "the first tab")
    monkeypatch.setattr(returning, "WAIT_S", 0)
    copied = reloaded(brought.things.token, monkeypatch)
    assert session.KEY not in copied.app.session_state or copied.things is not brought.things
    assert not copied.app.warning, "nothing of this tab's own is lost"


def test_who_does_not_own_it_sees_nothing(brought: Own) -> None:
    brought.things.owner = "another"
    app = brought.run().app
    assert not [name for name in app.selectbox(key="data").options if "mine" in name]


def test_tokens_are_unguessable_and_stand_in_no_address(brought: Own) -> None:
    assert len({Uploads(lambda name: None).token for _ in range(9)}) == 9
    assert len(brought.things.token) >= 43, "256 bits in base64"
    assert brought.things.token not in str(dict(brought.app.query_params))


def test_what_was_uploaded_and_not_loaded_is_not_lost_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, items=np.random.default_rng(0).random((30, 1, 28, 28), np.float32))
    looking = Own(bring="data").upload(("mine.npz", buffer.getvalue()))
    assert looking.things.waiting
    total = charged()
    again = reloaded(looking.things.token, monkeypatch)
    assert "uploaded but not loaded" in again.app.warning[0].value
    assert not again.things.waiting
    assert charged() < total
    assert not again.run().app.warning


def test_the_first_run_of_a_reload_leaves_the_address(brought: Own, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each name that it took away would be an entry of the tab's history, before anything there can tell."""
    with monkeypatch.context() as serving:
        serving.setattr(streamlit_internals, "is_serving", lambda: True)
        first = Own(data="mine", left="mine-vae")
        assert first.app.query_params == {"data": "mine", "left": "mine-vae"}
    assert first.run().app.query_params == {}
