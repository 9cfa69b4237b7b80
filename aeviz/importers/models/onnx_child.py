"""The process in which strangers' ONNX networks run first: `python -m aeviz.importers.models.onnx_child FOLDER`.

Reads a line of JSON at a time: {"open": [file, …]} or {"run": file, "feeds": {name: file.npy}, "wanted": [name, …]},
and answers with one: what it found, or {"error": text}. Arrays lie in the folder as .npy files. What it may use of
memory and time is bounded, where the system can.
"""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from aeviz.importers.models.onnx_session import Session

MAX_MEMORY_BYTES = 4_000_000_000  # address space: what the libraries take of it comes to a quarter
MAX_CPU_S = 120
MAX_FILE_BYTES = 1_000_000_000
MAX_OUTPUT_BYTES = 500_000_000  # of one run


def limit() -> None:
    """Bound this process, for good."""
    try:
        import resource
    except ImportError:  # Windows: what the graph states, checked before, and the caller's clock bound it there
        return
    for kind, most in (
        (resource.RLIMIT_AS, MAX_MEMORY_BYTES),
        (resource.RLIMIT_CPU, MAX_CPU_S),
        (resource.RLIMIT_FSIZE, MAX_FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # macOS knows no bound on address space
            hard = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (most, most) if hard == resource.RLIM_INFINITY else (min(most, hard), hard))


def serve(folder: Path) -> None:
    """Answer until the caller is gone."""
    # What a library prints must not mix with our lines.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sessions: dict[str, Session] = {}
    for line in sys.stdin:
        try:
            answer = _answer(json.loads(line), sessions, folder)
        except MemoryError:
            answer = {"error": "it needs more memory than such a network is given."}
        except Exception as error:
            answer = {"error": str(error) or type(error).__name__}
        print(json.dumps(answer), file=out, flush=True)


def _answer(request: dict[str, Any], sessions: dict[str, Session], folder: Path) -> dict[str, Any]:
    if "open" in request:
        for name in request["open"]:
            sessions[name] = Session((folder / name).read_bytes(), request.get("title", name))
        return {name: {"inputs": sessions[name].inputs, "outputs": sessions[name].outputs} for name in request["open"]}
    feeds = {name: np.load(folder / file, allow_pickle=False) for name, file in request["feeds"].items()}
    outputs = sessions[request["run"]].run(feeds, request["wanted"])
    if sum(value.nbytes for value in outputs) > MAX_OUTPUT_BYTES:
        return {"error": f"it gives more than {MAX_OUTPUT_BYTES:,} bytes for {len(next(iter(feeds.values())))} items."}
    for row, value in enumerate(outputs):
        np.save(folder / f"out-{row}.npy", value)
    return {"outputs": len(outputs)}


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)  # whoever drags a slider meanwhile comes first
    limit()
    serve(Path(sys.argv[1]))
    os._exit(0)
