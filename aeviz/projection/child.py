"""The process behind `project_in_process`: `python -m aeviz.projection.child FOLDER SETTINGS`.

Reads codes.npy in the folder and the settings as JSON, prints a JSON pair (share, stage) a line, and leaves
map.npy.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np

from aeviz.projection.fitting import project
from aeviz.projection.process import CODES, MAP
from aeviz.projection.settings import Settings


def main(folder: Path, settings: Settings) -> None:
    """Fit the folder's codes."""
    if hasattr(os, "nice"):
        os.nice(15)  # whoever drags a slider meanwhile comes first
    # What a library prints must not mix with our lines.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def progress(share: float, stage: str) -> None:
        print(json.dumps([share, stage]), file=out, flush=True)

    codes = np.load(folder / CODES, allow_pickle=False)
    np.save(folder / MAP, project(codes, settings, progress).coordinates)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Settings(**json.loads(sys.argv[2])))
    os._exit(0)  # the map is on the disc, and the compiler's clearing up would keep the caller waiting
