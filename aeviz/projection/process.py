"""Fitting in a process of its own, so that a server's other sessions stay quick and a fit can be stopped at once."""

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

import numpy as np

from aeviz.projection.fitting import Cancel, Cancelled, Progress, checked, exclusive, project
from aeviz.projection.placing import Floats, Projection
from aeviz.projection.settings import Settings

CODES, MAP, LOG = "codes.npy", "map.npy", "log.txt"


def project_in_process(
    codes: Floats, settings: Settings, progress: Progress | None = None, cancelled: Cancel | None = None
) -> Projection:
    """Do as `project` does, with t-SNE and UMAP in a child process that is killed on cancelling.

    UMAP compiles for several seconds, and would hold up every other thread of this process meanwhile. The child
    imports neither torch nor streamlit. It is no `multiprocessing` one: under `streamlit run` that would start
    by running the whole app again. Raises as `project` does, and RuntimeError where the child dies.
    """
    if settings.linear:
        return project(codes, settings, progress, cancelled)
    codes = checked(codes, settings)

    def report(share: float, stage: str) -> None:
        if cancelled is not None and cancelled():
            raise Cancelled
        if progress is not None:
            progress(share, stage)

    with exclusive(settings, report), tempfile.TemporaryDirectory(prefix="aeviz-map-") as name:
        folder = Path(name)
        np.save(folder / CODES, codes)
        report(0.0, "starting")
        with _child(folder, settings) as child:
            _follow(child, report, cancelled)
        if child.returncode != 0:
            log = (folder / LOG).read_text(encoding="utf-8", errors="replace").strip()
            last = log.splitlines()[-1] if log else "no message"
            raise RuntimeError(f"The process that fitted the map ended with code {child.returncode}: {last}")
        coordinates = np.load(folder / MAP, allow_pickle=False)
    report(1.0, "done")
    return Projection(coordinates, settings, codes)


@contextmanager
def _child(folder: Path, settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """A running `aeviz.projection.child`, gone on leaving however that happens."""
    package = Path(__file__).parents[2]
    search_path = os.pathsep.join(filter(None, [str(package), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-m", "aeviz.projection.child", str(folder), json.dumps(asdict(settings))]
    with (folder / LOG).open("wb") as log:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            encoding="utf-8",
            env=os.environ | {"PYTHONPATH": search_path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        try:
            yield child
        finally:
            child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()


def _follow(child: subprocess.Popen[str], report: Progress, cancelled: Cancel | None) -> None:
    """Pass the child's lines on until it ends; the caller may cancel between them."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    assert child.stdout is not None
    threading.Thread(target=_read, args=(child.stdout, lines), daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=0.1)
        except queue.Empty:
            if cancelled is not None and cancelled():
                raise Cancelled from None
            continue
        if line is None:
            child.wait()
            return
        share, stage = json.loads(line)
        report(share, stage)


def _read(stream: IO[str], lines: "queue.SimpleQueue[str | None]") -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)
