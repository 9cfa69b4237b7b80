"""The app in a process of one's own: `aeviz.explore` opens it on any encode and decode, from a script or a notebook."""

import builtins
import errno
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from html import escape
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from urllib.request import urlopen

from aeviz.app import notebook, proxies, sharing
from aeviz.datasets.record import Dataset
from aeviz.importers import in_memory
from aeviz.importers.callable_model import Function
from aeviz.importers.callables import wrap
from aeviz.modalities.base import Scale
from aeviz.paths import app_file
from aeviz.store import registry

FIRST_PORT, PORTS = 8501, 100
TIMEOUT_S = 60.0  # for the server to start
HEALTH = "/_stcore/health"  # answers once pages can be asked for
SHUTDOWN_S = 3  # that open pages have to say goodbye

Functions = Function | Sequence[Function] | Mapping[str, Function]


def explore(
    encode: Functions,
    decode: Functions,
    items: Any,
    labels: Any = None,
    *,
    modality: str = "",
    columns: Sequence[str] | None = None,
    scale: Scale | None = None,
    names: str | Sequence[str] | None = None,
    label_names: Sequence[str] | None = None,
    title: str = "Your data",
    values: tuple[float, float] | None = None,
    layout: str = "auto",
    spread: str = "auto",
    arrays: Literal["auto", "torch", "numpy"] = "auto",
    device: str | None = None,
    port: int | None = None,
    share: bool = False,
    password: str | None = None,
    block: bool | None = None,
    open_browser: bool | None = None,
    height: int | None = None,
) -> "Exploration":
    """Open the app on your own models and data, beside those that came with aeviz, in this process.

    >>> aeviz.explore(model.encode, model.decode, items=x, labels=y)
    >>> aeviz.explore({"mine": f, "theirs": g}, {"mine": f_, "theirs": g_}, items="mnist")
    >>> aeviz.explore(f, g, items=table, labels="species")        # a pandas table
    >>> aeviz.explore(f, g, items="mine.csv", labels="species")   # a file
    >>> aeviz.explore(f, g, items=signals, modality="series")     # (N, T)

    encode: takes items (N, *shape), float32 tensors or numpy arrays; gives codes (N, …) of any rank, a pair (mean, σ or
    log σ²), three values with a sample, a dict or a record of them. decode: takes codes as encode gives them, gives
    items (N, *shape), alone or among other things. Several models: two lists, with their `names`, or two dicts by name.
    items: pictures, series, rows or texts as `aeviz.importers.in_memory.given` takes them, in memory, in a torch
    Dataset or DataLoader, in a file or in a list of paths to pictures; a `Dataset`; or the name of one of aeviz
    ("mnist"), whose models then stand beside yours. labels: (N,) or (N, 1), numbers or words, one-hot; numbers on a
    scale, which colour without classes; (N, k), a dict or a table, whose columns are offered as colours; or the
    name of a table's column; label_names: of labels 0, 1, …. title: of the data. modality: "image", "series",
    "table" or "text", where the shape does not tell; columns: names of the columns of an array of rows; scale: what
    the numbers mean, such as an `aeviz.modalities.series.SeriesScale` with unit and time.

    Pictures come to encode as (N, C, H, W), or in the layout that a trial on a few of them finds, series as (N, C, T).
    The rows of a table come in their own units, (N, F), numbers first, then one feature for each category of each other
    column, in alphabetical order. Texts come as (N, V, L), 1 for the symbol at each place, the symbols in alphabetical
    order and the end of the text the last; what comes back are probabilities. Of a `Dataset`, items come as it holds
    them. A missing value comes as the mean of its column, or as 0.

    What is assumed is printed once. values: the range of the pictures that the models take and give, (-1, 1) for
    instance; layout: their axes, "channels first", "channels last", "flat" or "plain"; spread: what goes with the mean,
    "std", "logvar", "variance" or "logstd". By default a trial tells; items stay in [0, 1].
    arrays: what the callables are given, by trial. device: where tensors are put, by default a module's own.
    port: 8501 or the next one free. share: open to the network, not only to this machine; password: asked of visitors.
    block: wait until the app is stopped; by default in a script, not in a notebook or at a prompt. open_browser: by
    default where it blocks. height: of a frame that shows the app below the notebook's cell, in pixels; without it
    there is a link. Both lead through the proxy of Colab, JupyterHub, SageMaker, code-server, or of a Jupyter
    server that has jupyter-server-proxy.

    What is called is trusted: it is your own code. A second call while the app runs adds to it, and replaces data of
    the same title and models of the same name. Raises CallableError and DataError where something does not fit, OSError
    where the port is taken, RuntimeError where this process already runs a Streamlit app.
    """
    notebook.check(height)
    pairs = _pairs(encode, decode, names)
    server = _server()
    stated: dict[str, Any] = {"modality": modality, "columns": columns, "scale": scale}
    given = in_memory.given(items, labels, label_names, title=title, layout=layout, **stated)
    data, own = given.dataset, given.own
    own_units = not isinstance(items, Dataset | str | Path) and scale is None
    models = []
    for name, (f, g) in pairs:
        model = wrap(
            f, g, data, title=name, arrays=arrays, device=device, values=values, own_units=own_units, layout=layout,
            spread=spread, given=given.layouts, ranges=given.ranges,
        )  # fmt: skip
        models.append((name, model))
    _tell(title, given.notes, [(name, model.notes) for name, model in models])
    server.start(port, share, password)
    registered = _register(data, own, models)
    opened = Exploration(server, registered, tuple(name for name, _ in models))
    waits = not is_interactive() if block is None else block
    if open_browser or (open_browser is None and waits):
        browse(opened.url)
    opened.show(height, waits)
    if waits:
        opened.wait()
    return opened


class Exploration:
    """The app that `explore` opened: its address, and the way to end it. Also a context manager."""

    def __init__(self, server: "Server", registered: tuple[str, ...], models: tuple[str, ...]) -> None:
        self._server, self._registered, self.models = server, registered, models
        self._shown: int | None = None  # number of the cell that shows it, and need not again as its last value

    @property
    def url(self) -> str:
        """Where the app answers on this machine."""
        return self._server.url

    @property
    def address(self) -> str:
        """Where a browser opens the app: through a proxy, "/user/anna/proxy/8501/" for one, or at `url`."""
        return self._server.address

    def show(self, height: int | None = None, waits: bool = False) -> None:
        """Say where the app is; in a notebook as a link, or in a frame of `height` pixels."""
        sentence = _address_sentence(self._server, waits)
        cell = notebook.cell()
        if cell is None:
            if waits or self.address != self.url:
                print(sentence)
            return
        html = f"aeviz: {notebook.link(self.address)}"
        if remark := proxies.remark(self._server.port, self._server.proxy):
            html += f"<br>{escape(remark)}"
        if height is not None:
            html += f"<br>{notebook.frame(self.address, height)}"
        self._shown = cell
        notebook.show(html, sentence)

    def wait(self) -> None:
        """Wait until the app is stopped, by `close` or by Ctrl+C."""
        try:
            self._server.join()
        except KeyboardInterrupt:
            self._server.stop()
            print("Stopped.")

    def close(self) -> None:
        """Take these models and data off the app; with the last ones, stop it. May be called again."""
        for name in self._registered:
            registry.PROCESS.remove(name)
        if not registry.PROCESS.cards():
            self._server.stop()

    def __enter__(self) -> "Exploration":
        return self

    def __exit__(
        self, exception_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<aeviz on {self.address}: {', '.join(self.models)}>"

    def _repr_html_(self) -> str:
        shown = self._shown is not None and notebook.cell() == self._shown
        return "" if shown else f"aeviz: {notebook.link(self.address)}"


def _pairs(
    encode: Functions, decode: Functions, names: str | Sequence[str] | None
) -> list[tuple[str, tuple[Function, Function]]]:
    """Models by name, however they were given."""
    if isinstance(encode, Mapping) != isinstance(decode, Mapping):
        raise ValueError("encode and decode must both be dicts, or both not.")
    if isinstance(encode, Mapping) and isinstance(decode, Mapping):
        if encode.keys() != decode.keys():
            raise ValueError(f"encode has the names {', '.join(encode)}; decode has {', '.join(decode)}.")
        return [(name, (encode[name], decode[name])) for name in encode]
    encoders, decoders = _listed(encode), _listed(decode)
    called = [names] if isinstance(names, str) else list(names or [])
    if not called:
        called = ["yours"] if len(encoders) == 1 else [f"model {number + 1}" for number in range(len(encoders))]
    if not encoders or not len(encoders) == len(decoders) == len(called):
        raise ValueError(
            f"{len(encoders)} encoders, {len(decoders)} decoders and {len(called)} names: one of each for every model."
        )
    if len(set(called)) != len(called):
        raise ValueError(f"Two models have one name: {', '.join(called)}.")
    return list(zip(called, zip(encoders, decoders, strict=True), strict=True))


def _listed(functions: Functions) -> list[Function]:
    # A torch Sequential is a callable and no list of callables, though it has a length.
    return [functions] if callable(functions) else list(functions)  # type: ignore[arg-type]


def _tell(title: str, notes: Sequence[str], models: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Print what was assumed of data and models, each sentence once in a process."""
    for name, sentences in ((title, notes), *models):
        for sentence in sentences:
            if (name, sentence) not in _told:
                _told.add((name, sentence))
                print(f"{name}: {sentence}")


_told: set[tuple[str, str]] = set()


def _register(data: Dataset, own: bool, models: Sequence[tuple[str, Any]]) -> tuple[str, ...]:
    """Register data and models in place of those of the same title; returns their names."""
    process = registry.PROCESS
    if own:
        for other in process.datasets():
            if other.title == registry.plain(data.title):
                process.remove(other.name)
        data = process.add_dataset(data)
    registered = [data.name] if own else []
    for title, model in models:
        for card in process.cards():
            if (card.title, card.dataset) == (registry.plain(title), data.name):
                process.remove(card.name)
        registered.append(process.add_model(model.on(data.name), title).name)
    return tuple(registered)


def is_interactive() -> bool:
    """Whether a person sits at a notebook or a prompt."""
    return hasattr(builtins, "__IPYTHON__") or hasattr(sys, "ps1") or bool(sys.flags.interactive)


def browse(url: str) -> None:
    """Open a browser, where there is a screen."""
    import webbrowser

    # Without a screen, a browser for the terminal would take that over.
    if sys.platform in {"darwin", "win32"} or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(url)


def browse_when_ready(url: str, path: str) -> threading.Thread:
    """Open a browser at a path of the app once that answers at its URL; gives up after `TIMEOUT_S`."""
    return _when_ready(url, lambda: browse(f"{url}{path}"))


def tell_when_ready(url: str, port: int, proxy: proxies.Proxy | None) -> threading.Thread:
    """Print where a browser elsewhere finds the app once that answers at its URL, if it needs a way of its own."""

    def tell() -> None:
        reachable = proxy if proxy and proxy.answers() else None
        if reachable or proxies.remark(port, reachable):
            print(proxies.sentence(url, port, reachable, " (Ctrl+C ends it)"), flush=True)

    return _when_ready(url, tell)


def _when_ready(url: str, do: Callable[[], None]) -> threading.Thread:
    def wait() -> None:
        until = time.monotonic() + TIMEOUT_S
        while time.monotonic() < until:
            with suppress(OSError), urlopen(f"{url}{HEALTH}", timeout=1):
                do()
                return
            time.sleep(0.1)

    thread = threading.Thread(target=wait, name="aeviz-ready", daemon=True)
    thread.start()
    return thread


def _address_sentence(server: "Server", waits: bool) -> str:
    """Where the app is, as text."""
    if server.shared and waits:
        return sharing.announcement(server.port, server.password)
    return proxies.sentence(server.url, server.port, server.proxy, " (Ctrl+C ends it)" if waits else "")


class Server:
    """Streamlit on the app's script, in a thread with an event loop of its own. A process has one at most."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._stop: Callable[[], None] = lambda: None
        self.port, self.shared = 0, False
        self.password: str | None = None
        self.proxy: proxies.Proxy | None = None  # between a browser and this machine

    @property
    def url(self) -> str:
        """Where the app answers on this machine."""
        return f"http://localhost:{self.port}"

    @property
    def address(self) -> str:
        """Where a browser opens the app."""
        return self.proxy.url if self.proxy else self.url

    @property
    def running(self) -> bool:
        """Whether it serves."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, port: int | None, share: bool, password: str | None) -> None:
        """Serve; where it serves already, only check that it does so as asked."""
        if self.running:
            if (port or self.port, share, password) != (self.port, self.shared, self.password):
                raise RuntimeError(f"The app already runs on {self.url}: close it to change port, share or password.")
            return
        listening = listen(sharing.ALL_ADDRESSES if share else sharing.LOOPBACK, port)
        self.port, self.shared, self.password = listening.getsockname()[1], share, password
        self.proxy = proxies.find(self.port)
        try:
            self.serve(listening)
        except BaseException:
            listening.close()
            raise
        if self.proxy and not self.proxy.answers():
            self.proxy = None

    def serve(self, listening: socket.socket) -> None:
        """Begin to serve on a listening socket."""
        import streamlit as st
        import uvicorn

        from aeviz.app import streamlit_internals as internals

        if internals.is_serving():
            raise RuntimeError("This process runs a Streamlit app already, and there can be one only.")
        app = _app(self.password, self.shared)
        # As `streamlit run` does: the settings beside the script count, whatever folder this process is in.
        internals.configure(
            {"server.port": self.port, "server.headless": True, "browser.serverAddress": "localhost"}
            | (self.proxy.settings if self.proxy else {})
        )
        internals.stay_offline()
        settings = uvicorn.Config(
            app, access_log=False, log_level="warning", timeout_graceful_shutdown=SHUTDOWN_S,
            ws_max_size=st.get_option("server.maxMessageSize") * 1_000_000,
        )  # fmt: skip
        server = uvicorn.Server(settings)

        def stop() -> None:
            server.should_exit = True

        def serve() -> None:
            try:
                server.run(sockets=[listening])
            finally:
                listening.close()
                internals.forget_server()  # the next `explore` may start another

        self._stop = stop
        self._thread = threading.Thread(target=serve, name="aeviz-server", daemon=True)
        self._thread.start()
        self._await(server)

    def _await(self, server: Any) -> None:
        until = time.monotonic() + TIMEOUT_S
        while self.running and not server.started and time.monotonic() < until:
            time.sleep(0.02)
        if not server.started:
            self.stop()
            raise RuntimeError("The app's server did not start; its log above says why.")

    def join(self) -> None:
        """Wait until it no longer serves; Ctrl+C interrupts."""
        while self.running and self._thread is not None:
            self._thread.join(0.5)

    def stop(self) -> None:
        """Stop serving and forget what was registered."""
        registry.PROCESS.clear()
        self._stop()
        if self._thread is not None:
            self._thread.join(2 * SHUTDOWN_S)


_SERVER = Server()


def _server() -> Server:
    return _SERVER


def _app(password: str | None, shared: bool) -> Any:
    import streamlit as st

    from aeviz.app import startup as startup

    startup.mark_embedded()
    # An empty secret takes back the one of an earlier call: Streamlit keeps them as long as the process lives.
    return st.App(app_file(), secrets={sharing.PASSWORD: password or "", sharing.SHARED: "yes" if shared else ""})


def listen(address: str, port: int | None) -> socket.socket:
    """A listening socket on a port, or on the first free one from 8501. Raises OSError."""
    for candidate in range(FIRST_PORT, FIRST_PORT + PORTS) if port is None else [port]:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            if os.name != "nt":
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((address, candidate))
            listening.listen(2048)
            listening.setblocking(False)
            return listening
        except OSError as error:
            listening.close()
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
    ports = f"{FIRST_PORT} to {FIRST_PORT + PORTS - 1} are" if port is None else f"{port} is"
    raise OSError(errno.EADDRINUSE, f"Port {ports} in use")
