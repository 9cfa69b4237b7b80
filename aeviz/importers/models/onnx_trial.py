"""A first look at strangers' ONNX networks, in a process of its own that is killed where it takes too long."""

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from aeviz.errors import CheckpointError

MAX_TRIAL_S = 90.0  # for all that is tried of a model
Sizes = tuple[int | None, ...]


@dataclass(frozen=True)
class Interface:
    """What a network takes and gives: type ("tensor(float)", …) and shape by name, None for a size that is free."""

    inputs: Mapping[str, tuple[str, Sizes]]
    outputs: Mapping[str, tuple[str, Sizes]]


class TrialProcess:
    """Networks that run in a child process. Each call raises CheckpointError where one fails or takes too long."""

    def __init__(self, folder: Path, child: "subprocess.Popen[str]", seconds: float) -> None:
        self._folder, self.child, self._until = folder, child, time.monotonic() + seconds
        self._seconds = seconds
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._titles: dict[str, str] = {}
        assert child.stdout is not None
        threading.Thread(target=_read, args=(child.stdout, self._lines), daemon=True).start()

    def open(self, data: bytes, title: str) -> tuple[str, Interface]:
        """Load a network; its key for `run`, and what it takes and gives. title: of its file, for messages."""
        key = f"network-{len(self._titles)}.onnx"
        self._titles[key] = title
        (self._folder / key).write_bytes(data)
        interface = self._ask({"open": [key], "title": title}, title)[key]
        (self._folder / key).unlink()
        read = {
            side: {name: (kind, tuple(sizes)) for name, (kind, sizes) in interface[side].items()}
            for side in ("inputs", "outputs")
        }
        return key, Interface(read["inputs"], read["outputs"])

    def run(self, key: str, feeds: Mapping[str, NDArray[Any]], names: Sequence[str]) -> list[NDArray[Any]]:
        """The outputs of these names."""
        for row, value in enumerate(feeds.values()):
            np.save(self._folder / f"in-{row}.npy", value)
        files = {name: f"in-{row}.npy" for row, name in enumerate(feeds)}
        answer = self._ask({"run": key, "feeds": files, "wanted": list(names)}, self._titles[key])
        return [np.load(self._folder / f"out-{row}.npy", allow_pickle=False) for row in range(answer["outputs"])]

    def _ask(self, request: dict[str, Any], title: str) -> dict[str, Any]:
        assert self.child.stdin is not None
        try:
            print(json.dumps(request), file=self.child.stdin, flush=True)
            line = self._lines.get(timeout=max(0.0, self._until - time.monotonic()))
        except queue.Empty:
            raise CheckpointError(
                f"{title} takes too long: it was stopped after {self._seconds:.0f} s of being tried on a few items."
            ) from None
        except OSError:
            line = None
        if line is None:
            self.child.wait()
            raise CheckpointError(
                f"{title} broke down when it was first run, in a process of its own (code {self.child.returncode}): "
                "it needs more memory than such a network is given, or what it states is unsound."
            )
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            text = str(answer["error"])
            raise CheckpointError(text if title in text else f"{title}: {text}")
        return answer


@contextmanager
def trial(seconds: float = MAX_TRIAL_S) -> Iterator[TrialProcess]:
    """A child process for networks of strangers, gone on leaving however that happens."""
    package = Path(__file__).parents[3]
    search_path = os.pathsep.join(filter(None, [str(package), os.environ.get("PYTHONPATH")]))
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    with tempfile.TemporaryDirectory(prefix="aeviz-onnx-") as name:
        child = subprocess.Popen(
            [sys.executable, "-m", "aeviz.importers.models.onnx_child", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env=os.environ | {"PYTHONPATH": search_path} | threads,
        )
        try:
            yield TrialProcess(Path(name), child, seconds)
        finally:
            child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    _close(stream)


def _close(stream: IO[str]) -> None:
    with suppress(OSError):  # what was not sent has nobody to go to
        stream.close()


def _read(stream: IO[str], lines: "queue.SimpleQueue[str | None]") -> None:
    try:
        for line in stream:
            lines.put(line)
    except ValueError:  # closed meanwhile
        pass
    lines.put(None)
