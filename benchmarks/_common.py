"""What the benchmarks share: servers, a Chromium, medians and the JSON that they print."""

import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import chromium  # noqa: E402

TIMEOUT_S = 300  # to wait for a server or a page; only a machine that is busy with other things needs so many
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
)


# `attachShadow` is overheard, because a search does not find what stands in a shadow root.
SHADOWS = """globalThis.shadowRoots = [];
((attach) => {
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    globalThis.shadowRoots.push(root);
    return root;
  };
})(Element.prototype.attachShadow);
"""


class Server:
    """A Streamlit server for one script, started as `make app` does; it ends with the `with` block."""

    def __init__(self, script: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.script, self.address = script, f"127.0.0.1:{port}"
        self.url = f"http://{self.address}"
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the server
        # The working directory is the same for every script, and with it .streamlit/config.toml.
        options = ("--server.address=127.0.0.1", f"--server.port={port}", "--server.headless=true")
        paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(script), *options],
            cwd=ROOT,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env={"OMP_NUM_THREADS": "1", **os.environ, "PYTHONPATH": paths},  # as `aeviz` and `make app` do
        )

    def wait(self) -> None:
        """Wait until it answers. Raises RuntimeError with the end of its log if it does not."""
        until = time.monotonic() + TIMEOUT_S
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"{self.script} is not served; its log ends:\n{self.log()[-2000:]}")

    @property
    def pid(self) -> int:
        """Of its process."""
        return self._process.pid

    def log(self) -> str:
        """What it has printed."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *failure: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


@contextmanager
def serve(script: Path) -> Iterator[Server]:
    """A server that answers."""
    with Server(script) as server:
        server.wait()
        yield server


def cpu_ms(server: Server) -> float:
    """The CPU time that a server's process has taken, in milliseconds; 0 where the system does not tell."""
    path = Path(f"/proc/{server.pid}/stat")
    if not path.exists():
        return 0.0
    ticks = path.read_text().rpartition(")")[2].split()[11:13]
    return 1000 * sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def script(text: str) -> Iterator[Path]:
    """A file with the text of a Streamlit script, for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix="aeviz-bench-") as folder:
        path = Path(folder) / "script.py"
        path.write_text(text, encoding="utf-8")
        yield path


@contextmanager
def browser() -> Iterator["Browser"]:
    """A headless Chromium without a GPU. Exits with a word of advice where there is none."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = chromium.on_path() or playwright.chromium.executable_path
        if not Path(path).exists():
            sys.exit("There is no Chromium: `python tools/chromium.py` installs one, or name one in AEVIZ_CHROMIUM.")
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        running = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *(["--no-sandbox"] if root else [])])
        yield running
        running.close()


def summary(values: Sequence[float], digits: int = 2) -> dict[str, float | int]:
    """How many values there are, their median, 95th percentile (nearest rank) and largest."""
    if not values:
        return {"count": 0}
    ranked = sorted(values)
    p95 = ranked[max(0, -(-95 * len(ranked) // 100) - 1)]
    middle = statistics.median(ranked)
    return {
        "count": len(ranked),
        "median": round(middle, digits),
        "p95": round(p95, digits),
        "max": round(ranked[-1], digits),
    }


def ratio(ours: float, theirs: float) -> float | None:
    """`ours` as a multiple of `theirs` to three digits; None where there is nothing to divide by."""
    return float(f"{ours / theirs:.3g}") if theirs else None


def report(name: str, figures: dict[str, Any]) -> None:
    """Print a benchmark's figures as one JSON object, with the machine that they hold for."""
    machine = {"python": platform.python_version(), "cores": len(_cores()), "load": _load()}
    print(json.dumps({"benchmark": name, "machine": machine, **figures}, indent=2, ensure_ascii=False))


def _cores() -> Sequence[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)


def _load() -> float | None:
    """Processes that wanted a core during the last minute: figures of a busy machine are to be taken with care."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
