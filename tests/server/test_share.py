"""The command `aeviz` as a server: who may reach it, and what they get before the password."""

import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from servers import free_port
from streamlit.proto.WidgetStates_pb2 import WidgetState
from waiting import TIMEOUT_S
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from aeviz.app import sharing


def texts(heard: Sequence[Any]) -> str:
    return "\n".join(str(message) for message in heard)


def is_open(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), 5).close()
    except OSError:
        return False
    return True


def widgets(heard: Sequence[Any], guess: str) -> list[WidgetState]:
    """The door's form as a browser sends it, filled in."""
    deltas = [message.delta.new_element for message in heard if message.WhichOneof("type") == "delta"]
    (field,) = [delta.text_input for delta in deltas if delta.WhichOneof("type") == "text_input"]
    (button,) = [delta.button for delta in deltas if delta.WhichOneof("type") == "button"]
    return [WidgetState(id=field.id, string_value=guess), WidgetState(id=button.id, trigger_value=True)]


@pytest.mark.long
def test_a_shared_app_tells_its_address_and_shows_nothing_without_the_password(
    aeviz: Callable[..., Any], visit: Callable[..., Any]
) -> None:
    port = free_port()
    server = aeviz("--port", str(port), "--share", AEVIZ_PASSWORD="open sesame", STREAMLIT_SERVER_HEADLESS="true")
    url = f"http://127.0.0.1:{port}"
    server.wait(url)
    for address in sharing.addresses():
        assert f"http://{address}:{port}" in server.log_text
        assert is_open(address, port)
    assert "Password: open sesame" in server.log_text
    visitor = visit(url)
    for page in ("", "map", "about"):
        heard = visitor.look(page)
        seen = texts(heard)
        assert "Password" in seen
        for secret in ("mnist", "aeviz-header", "bidi_component", "Autoencoder", "open sesame"):
            assert secret not in seen, page
    wrong = visitor.look("about", *widgets(heard, "open says me"))
    assert "That is not the password" in texts(wrong)
    assert "Too many wrong guesses" in texts(visitor.look("about", *widgets(wrong, "open sesame")))
    other = visit(url)
    heard = other.look("about")
    inside = other.look("about", *widgets(heard, "open sesame"))
    if "Version" not in texts(inside):  # the page begins anew, once
        inside = other.look("about")
    assert "Version" in texts(inside)
    assert "Password" not in texts(inside)
    assert "Password" in texts(visit(url).look("about")), "one visitor opens the door for no other"
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{port}/_stcore/stream", origin="http://evil.example", subprotocols=["streamlit"])
    assert refused.value.response.status_code == 403


def test_without_share_only_this_machine_is_let_in(aeviz: Callable[..., Any]) -> None:
    port = free_port()
    server = aeviz("--port", str(port))
    server.wait(f"http://127.0.0.1:{port}")
    assert not any(is_open(address, port) for address in sharing.addresses())
    put = urllib.request.Request(
        f"http://127.0.0.1:{port}/_stcore/upload_file/some-session/some-file", data=b"x", method="PUT"
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(put, timeout=TIMEOUT_S)
    with refused.value as answer:  # it holds a socket
        assert answer.code == 403, "no upload without the token against forged requests"


@pytest.mark.long
def test_explore_serves_from_a_script_and_ends_with_it(
    start: Callable[..., Any], visit: Callable[..., Any], tmp_path: Any
) -> None:
    port = free_port()
    script = tmp_path / "mine.py"
    script.write_text(f"""
import pickle, numpy as np, aeviz
class Mine: pass
x = np.random.default_rng(0).random((50, 6, 6), np.float32)
encode = lambda x: x.reshape(len(x), -1)[:, :4]
def decode(z):
    pickle.dumps(Mine())  # looks in __main__
    return np.repeat(z, 9, 1).clip(0, 1)
aeviz.explore(encode, decode, x, np.arange(50) % 2, names="toy", title="Squares", arrays="numpy", port={port})
print("after")
""")
    process = start(sys.executable, str(script))
    process.wait(f"http://127.0.0.1:{port}")
    seen = texts(visit(f"http://127.0.0.1:{port}").look("decode"))
    assert "toy" in seen
    assert "Squares" in seen
    assert "PicklingError" not in process.log_text
    assert "after" not in process.log_text, "a script waits"
    process.process.send_signal(signal.SIGINT)
    assert process.process.wait(TIMEOUT_S) == 0
    assert process.log_text.rstrip().endswith("after")
