"""`aeviz.explore`: models by many names, a server in this process, and its end."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import aeviz
from aeviz.app import notebook as cells
from aeviz.app import serving
from aeviz.app.proxies import Proxy
from aeviz.errors import CallableError, DataError
from aeviz.store import registry

ROOT = Path(__file__).parents[2]
X = np.random.default_rng(0).random((30, 6, 6), np.float32)


def encode(x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), -1)[:, :4]


def decode(z: np.ndarray) -> np.ndarray:
    return np.repeat(z, 9, 1).clip(0, 1)


def explore(f: Any = encode, g: Any = decode, items: Any = X, **options: Any) -> serving.Exploration:
    return aeviz.explore(f, g, items, **{"arrays": "numpy", "block": False, **options})


class Quiet:
    """A server that serves nobody."""

    running, shared, port, password, url = False, False, 8501, None, "http://localhost:8501"
    proxy: Proxy | None = None

    @property
    def address(self) -> str:
        return self.proxy.url if self.proxy else self.url

    def start(self, *asked: object) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False

    def join(self) -> None:
        raise KeyboardInterrupt


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Quiet]:
    server = Quiet()
    monkeypatch.setattr(serving, "_SERVER", server)
    registry.PROCESS.clear()
    yield server
    registry.PROCESS.clear()


def test_importing_explore_loads_no_server() -> None:
    program = "import aeviz, sys; aeviz.explore; print('streamlit' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("f", "g", "names", "titles"),
    [
        (encode, decode, None, ["yours"]),
        (encode, decode, "mine", ["mine"]),
        ([encode, encode], [decode, decode], None, ["model 1", "model 2"]),
        ([encode, encode], (decode, decode), ["a", "b"], ["a", "b"]),
        ({"a": encode, "b": encode}, {"b": decode, "a": decode}, None, ["a", "b"]),
    ],
)
def test_models_are_given_one_by_one_in_lists_or_by_name(
    quiet: Quiet, f: Any, g: Any, names: Any, titles: list[str]
) -> None:
    opened = explore(f, g, names=names)
    assert [card.title for card in registry.PROCESS.cards()] == titles
    assert opened.models == tuple(titles)
    assert quiet.running
    opened.close()
    assert not quiet.running
    assert registry.PROCESS.cards() == []


@pytest.mark.parametrize(
    ("f", "g", "options", "said"),
    [
        ({"a": encode}, decode, {}, "both be dicts"),
        ({"a": encode}, {"b": decode}, {}, "encode has the names a; decode has b"),
        ([encode, encode], [decode], {}, "2 encoders, 1 decoders and 2 names"),
        ([encode], [decode], {"names": ["a", "b"]}, "1 encoders, 1 decoders and 2 names"),
        ([encode] * 2, [decode] * 2, {"names": ["a", "a"]}, "Two models have one name"),
        ([], [], {}, "0 encoders"),
    ],
)
def test_names_and_callables_must_agree(quiet: Quiet, f: Any, g: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        explore(f, g, **options)
    assert not quiet.running


def test_nothing_is_opened_for_what_does_not_fit(quiet: Quiet) -> None:
    with pytest.raises(CallableError, match="mine: decode gave"):
        explore(encode, lambda z: z, names="mine")
    with pytest.raises(aeviz.DataError, match="labels of its own"):
        explore(items=aeviz.load_dataset("mnist"), labels=np.zeros(10_000))
    with pytest.raises(aeviz.DataError, match="Unknown data set 'cats'"):
        explore(items="cats")
    assert not quiet.running
    assert registry.PROCESS.cards() == registry.PROCESS.datasets() == []


def test_a_second_call_adds_and_replaces(quiet: Quiet) -> None:
    first = explore(names="mine", title="One")
    other = explore(names="mine", title="Two")
    again = explore(names="mine", title="One")
    assert [data.title for data in registry.PROCESS.datasets()] == ["Two", "One"]
    assert len(registry.PROCESS.cards()) == 2
    first.close()  # was replaced
    assert len(registry.PROCESS.cards()) == 2
    again.close()
    assert quiet.running
    other.close()
    assert not quiet.running


def test_a_shipped_data_set_gets_the_model_and_stays(quiet: Quiet) -> None:
    side = lambda x: x.reshape(len(x), -1)[:, 300:303]  # noqa: E731
    with explore(side, lambda z: np.zeros((len(z), 784)), "mnist", names="mine"):
        (card,) = registry.PROCESS.cards()
        assert (card.dataset, card.title) == ("mnist", "mine")
        assert registry.PROCESS.datasets() == []
        with explore(side, lambda z: np.ones((len(z), 784)), "mnist", names="mine"):
            assert len(registry.PROCESS.cards()) == 1
    assert registry.PROCESS.cards() == []


def test_a_script_waits_and_a_notebook_does_not(
    quiet: Quiet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(serving, "browse", opened.append)
    monkeypatch.setattr(serving, "is_interactive", lambda: True)
    notebook = explore(block=None)
    assert opened == []
    assert 'href="http://localhost:8501"' in notebook._repr_html_()
    assert "yours" in repr(notebook)
    monkeypatch.setattr(serving, "is_interactive", lambda: False)
    explore(block=None)
    assert opened == ["http://localhost:8501"]
    assert "Ctrl+C ends it" in capsys.readouterr().out
    assert not quiet.running, "Ctrl+C, which this server's join is, ended it"


def test_a_cell_shows_the_app_once_in_a_frame_or_as_a_link(
    quiet: Quiet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[tuple[str, str]] = []
    monkeypatch.setattr(cells, "cell", lambda: 3)
    monkeypatch.setattr(cells, "show", lambda html, text: shown.append((html, text)))
    quiet.proxy = Proxy("/user/anna/proxy/8501/", doubt="It needs a proxy.")
    notebook = explore(height=640)
    (html, text) = shown.pop()
    assert '<iframe src="/user/anna/proxy/8501/"' in html
    assert 'height="640"' in html
    assert "It needs a proxy." in html
    assert text == "aeviz: /user/anna/proxy/8501/ on the host of this notebook It needs a proxy."
    assert notebook._repr_html_() == ""
    monkeypatch.setattr(cells, "cell", lambda: 4)
    assert 'href="/user/anna/proxy/8501/"' in notebook._repr_html_(), "another cell shows it again"
    assert (notebook.address, notebook.url) == ("/user/anna/proxy/8501/", "http://localhost:8501")
    explore()
    assert "<iframe" not in shown.pop()[0]
    assert capsys.readouterr().out == ""
    with pytest.raises(ValueError, match="height=3 pixels"):
        explore(height=3)


def test_a_person_at_a_prompt_is_told_from_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    monkeypatch.delattr(sys, "ps1", raising=False)
    assert not serving.is_interactive()
    monkeypatch.setattr(builtins, "__IPYTHON__", True, raising=False)
    assert serving.is_interactive()


# ---- A real server, in a process of its own: this one may hold a Streamlit already.

NOTEBOOK = """
import asyncio, sys, threading, urllib.request
import numpy as np, aeviz
x = np.random.default_rng(0).random((30, 6, 6), np.float32)
encode = lambda x: x.reshape(len(x), -1)[:, :4]
decode = lambda z: np.repeat(z, 9, 1).clip(0, 1)
health = lambda app: urllib.request.urlopen(app.url + "/_stcore/health").read()

async def cells():
    for _ in range(2):  # opened, closed, and opened again
        app = aeviz.explore(encode, decode, x, arrays="numpy", block=False)
        assert health(app) == b"ok"
        same = aeviz.explore(encode, decode, x, arrays="numpy", block=False, title="More")
        assert same.url == app.url
        try:
            aeviz.explore(encode, decode, x, arrays="numpy", block=False, share=True)
        except RuntimeError as error:
            assert "already runs" in str(error)
        app.close(); assert health(same) == b"ok"
        same.close(); same.close()
        try:
            health(app)
        except OSError:
            print("closed")
        assert not [t for t in threading.enumerate() if t.name == "aeviz-server"]

asyncio.run(cells())  # as in a notebook, whose loop runs already
"""


@pytest.mark.long
def test_a_notebook_opens_and_closes_the_app(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["closed", "closed"]


def test_a_port_that_is_taken_is_told_or_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"Port {port} is in use"):
            serving.listen("127.0.0.1", port)
        monkeypatch.setattr(serving, "FIRST_PORT", port)
        with serving.listen("127.0.0.1", None) as free:
            assert port < free.getsockname()[1] < port + serving.PORTS


def test_a_proxy_that_leads_nowhere_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serving.Server()
    monkeypatch.setattr(server, "serve", lambda listening: listening.close())
    for answers, address in ((True, "/base/proxy/9/"), (False, None)):
        monkeypatch.setattr(Proxy, "answers", lambda self, answers=answers: answers)
        monkeypatch.setattr(serving.proxies, "find", lambda port: Proxy("/base/proxy/9/"))
        server.start(None, share=False, password=None)
        assert server.address == (address or server.url)


def test_there_is_one_streamlit_in_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit import runtime

    monkeypatch.setattr(runtime, "exists", lambda: True)
    with pytest.raises(RuntimeError, match="runs a Streamlit app already"):
        explore()
    assert registry.PROCESS.cards() == []


def test_rows_series_and_texts_are_explored_too(quiet: Quiet) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"age": rng.normal(50, 9, 30), "size": rng.normal(size=30), "class": list("ab") * 15})
    explore(lambda x: x[:, :2], lambda z: z, table, labels="class", title="Rows")
    waves = rng.normal(size=(30, 12))
    explore(lambda x: x[:, 0, :2], lambda z: np.repeat(z, 6, 1), waves, modality="series", title="Waves")
    explore(lambda x: x[:, 0, :2], lambda z: np.full((len(z), 3, 2), 0.5), ["ab", "ba", "aa"] * 10, title="Texts")
    found = {data.title: data for data in registry.PROCESS.datasets()}
    assert [data.modality.name for data in found.values()] == ["table", "series", "text"]
    rows = found["Rows"]
    assert rows.label_names == ("a", "b")
    card = next(card for card in registry.PROCESS.cards() if card.dataset == rows.name)
    model = registry.find_model(card.name)
    assert model is not None
    z, _ = model.encode(rows.items)
    np.testing.assert_allclose(z, table[["age", "size"]].to_numpy(), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(model.decode(z), rows.items, rtol=1e-3, atol=1e-3)


def test_what_a_dataset_states_is_not_stated_twice(quiet: Quiet) -> None:
    with pytest.raises(DataError, match="leave modality out"):
        explore(items="mnist", modality="series")


def test_a_browser_opens_at_a_link_once_the_app_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(serving, "browse", opened.append)
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    waiting = serving.browse_when_ready(f"http://127.0.0.1:{port}", "/map?data=fashion")
    asked, _ = listening.accept()
    with listening:
        assert not opened, "nothing answers yet"
        listening.settimeout(0.1)
        while waiting.is_alive():  # it asks again where it has to wait for long
            with suppress(OSError), asked:
                asked.recv(1000)
                asked.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")
            with suppress(TimeoutError):
                asked, _ = listening.accept()
    assert opened == [f"http://127.0.0.1:{port}/map?data=fashion"]
