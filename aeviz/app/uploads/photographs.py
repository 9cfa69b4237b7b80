"""Photographs from which visitors read items: kept with what was set of them, from page to page and through a reload.

A photograph is shown again where the address holds an item that was read from it, with what was set of it then.
"""

from typing import Any

from aeviz.app.uploads import session
from aeviz.app.uploads.quota import QuotaError

MAX_READ = 64  # items that were read from one photograph and are remembered


def keep(picker: str, file: bytes, item: str, settings: dict[str, Any]) -> None:
    """Keep a file in place of the one that a picker gave before, with what an item was read by.

    item: its text in an address; "" where that holds none, and nothing is kept. A file that does not fit the visitor's
    quota is not kept.
    """
    if not item:
        return
    uploads, key = session.session_uploads(), _key(picker)
    kept = uploads.photographs.get(key)
    if kept is None or kept.file != file:
        try:
            uploads.charge(key, len(file))
        except QuotaError:
            return
        kept = uploads.photographs[key] = session.Photograph(file)
    kept.read.pop(item, None)
    kept.read[item] = settings
    if len(kept.read) > MAX_READ:
        del kept.read[next(iter(kept.read))]


def kept(item: str) -> tuple[bytes, dict[str, Any]] | None:
    """The file from which an item was read, for whichever picker, and what was set of it then; None for none."""
    uploads = session.current()
    for photograph in [] if uploads is None else uploads.photographs.values():
        if item in photograph.read:
            return photograph.file, photograph.read[item]
    return None


def drop(picker: str) -> None:
    """Let go of the file that a picker gave."""
    uploads = session.current()
    if uploads is not None and uploads.photographs.pop(_key(picker), None) is not None:
        uploads.drop(_key(picker))


def _key(picker: str) -> str:
    return f"photograph-{picker}"
