"""Taking files from a visitor's hands: from an upload widget to the disc, and by path where that is allowed."""

import logging
import os
from pathlib import Path

import streamlit as st
from streamlit.typing import UploadedFile

from aeviz.app.jobs import Turns
from aeviz.app.streamlit_internals import release_uploads
from aeviz.app.uploads.own_machine import is_own_machine
from aeviz.app.uploads.quota import QuotaError
from aeviz.app.uploads.session import Uploads
from aeviz.importers import REFUSALS, DataError
from aeviz.importers.files.archives import clean_name, write_upload
from aeviz.importers.files.filetypes import FileType, Sniffed, sniff

VARIABLE = "AEVIZ_PATHS"  # "0": files on the server's disc are never read by path
MAX_FILES = 2_000  # pictures in one go
MESSAGES = "upload-messages"  # for the page's next run

# At most two readings for all visitors together: each may hold its whole set twice for a moment.
READING = Turns(2, 60.0, DataError("The data of other visitors are being read, and take long. Try again in a minute."))

_log = logging.getLogger(__name__)


def flash(outcome: str, text: str) -> None:
    """Keep a sentence for the page's next run. outcome: "error" or "done"."""
    st.session_state.setdefault(MESSAGES, []).append((outcome, text))


def flashed() -> list[tuple[str, str]]:
    """The outcome and text of each sentence that was kept; each is given out once."""
    messages: list[tuple[str, str]] = st.session_state.pop(MESSAGES, [])
    return messages


def unforeseen(title: str) -> str:
    """What to tell a visitor of an error that nobody thought of; its traceback goes to the log."""
    _log.exception("Something that a visitor brought could not be read.")
    return (
        f"{title} cannot be read: its structure is not what this format requires. Save it again, or bring it in "
        "another of the forms named below."
    )


def uploaded(key: str, label: str, types: list[str], max_mb: int, tip: str) -> list[UploadedFile]:
    """An uploader that starts afresh after each `done`; max_mb: megabytes of one file."""
    files: list[UploadedFile] = st.file_uploader(
        label, types, accept_multiple_files=True, key=_widget_key(key), max_upload_size=max_mb, help=tip
    )
    return files


def done(key: str, files: list[UploadedFile]) -> None:
    """Empty an uploader, and let go of what it held in memory."""
    st.session_state[f"{key}-generation"] = st.session_state.get(f"{key}-generation", 0) + 1
    release_uploads(files)


def _widget_key(key: str) -> str:
    return f"{key}-{st.session_state.get(f'{key}-generation', 0)}"


def put(own: Uploads, key: str, files: list[UploadedFile], max_bytes: int) -> Sniffed:
    """Write uploaded files into the folder of a key, counted against the quota; the file, or the folder of several.

    max_bytes: of one file. Raises ArchiveError (see `aeviz.importers.files.archives.write_upload`), QuotaError and
    ValueError.
    """
    if len(files) > MAX_FILES:
        raise ValueError(f"These are {len(files):,} files; at most {MAX_FILES:,} are taken at once: bring a zip.")
    for file in files:
        if file.size > max_bytes:
            raise ValueError(f"{file.name} has {file.size:,} bytes; at most {max_bytes:,} are taken.")
    own.charge(key, sum(file.size for file in files))
    folder = own.folder(key)
    for number, file in enumerate(files):
        taken = (folder / clean_name(file.name)).exists()
        written = write_upload(file.getvalue(), f"{number}-{file.name}" if taken else file.name, folder)
    return written if len(files) == 1 else Sniffed(folder, FileType.FOLDER)


def accepted(
    own: Uploads, prefix: str, files: list[UploadedFile], max_mb: int, title: str
) -> tuple[str, Sniffed] | None:
    """Uploaded files under a new key, and what they are; None, after a message that says why, where they are refused.

    prefix: of the key. max_mb: megabytes of one file. title: what a message calls them.
    """
    key = own.new_key(prefix)
    try:
        return key, put(own, key, files, max_mb << 20)
    except (*REFUSALS, QuotaError, ValueError) as error:
        own.drop(key)
        flash("error", str(error))
    except Exception:
        own.drop(key)
        flash("error", unforeseen(title))
    finally:
        done(f"own-{prefix}", files)
    return None


def size_of(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def named(text: str) -> Sniffed | None:
    """The file or folder of this disc that a text names, and what it is, or None."""
    try:
        path = Path(text).expanduser()
        return sniff(path.resolve()) if path.exists() else None
    except (OSError, RuntimeError, ValueError):  # a folder closed to us, too long a name, no such user, a circle
        return None


def may_name_paths() -> bool:
    """Whether paths may be named: they are of the visitor's own disc, and AEVIZ_PATHS=0 does not refuse it."""
    return os.environ.get(VARIABLE, "").strip() != "0" and is_own_machine()
