"""Showing the app in a notebook's cell. IPython is used where it runs already, and asked for nowhere."""

import sys
from html import escape
from typing import Any

LEAST_HEIGHT = 200  # pixels of a frame


def cell() -> int | None:
    """The number of the cell that runs, in a notebook; None anywhere else."""
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return int(shell.execution_count) if shell is not None and hasattr(shell, "kernel") else None


def show(html: str, text: str) -> None:
    """Show HTML below the cell that runs, and as text where a front end shows no HTML. Only where there is a cell."""
    sys.modules["IPython"].display.display({"text/html": html, "text/plain": text}, raw=True)


def link(url: str) -> str:
    """A link that opens a tab of its own."""
    shown = escape(url, quote=True)
    return f'<a href="{shown}" target="_blank" rel="noopener">{shown}</a>'


def check(height: int | None) -> None:
    """Raise ValueError for a height in which nothing can be seen."""
    if height is not None and height < LEAST_HEIGHT:
        raise ValueError(f"height={height} pixels: the app takes {LEAST_HEIGHT} or more.")


def frame(url: str, height: int) -> str:
    """A frame of `height` pixels with the app in it; a webcam and the clipboard work there as in a tab."""
    return (
        f'<iframe src="{escape(url, quote=True)}" title="aeviz" width="100%" height="{height}" '
        'allow="camera; clipboard-read; clipboard-write; fullscreen" style="border: 1px solid #8886"></iframe>'
    )
