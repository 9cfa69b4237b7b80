"""Taking files from a visitor's hands: by upload, and by path or Hub id where that is allowed."""

import logging
import os
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from aeviz.app.uploads.belongings import Belongings, QuotaError
from aeviz.importers import REFUSALS
from aeviz.importers.files.archives import clean_name, place

VARIABLE = "AEVIZ_PATHS"  # "0": files on the server's disc are never read by path
FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via")
MOST_FILES = 2_000  # pictures in one go

_log = logging.getLogger(__name__)


def say(kind: str, text: str) -> None:
    """Keep a sentence for the page's next run: kind "error" or "done"."""
    st.session_state.setdefault("own-said", []).append((kind, text))


def unforeseen(title: str) -> str:
    """What to tell a visitor of an error that nobody thought of; its traceback goes to the log."""
    _log.exception("Something that a visitor brought could not be read.")
    return (
        f"{title} cannot be read: something in it is other than in files of its kind. Save it anew, or bring it in "
        "another of the forms named below."
    )


def uploaded(key: str, label: str, types: list[str], largest: int, tip: str) -> list[UploadedFile]:
    """An uploader that starts afresh after each `done`; largest: megabytes of one file."""
    files: list[UploadedFile] = st.file_uploader(
        label, types, accept_multiple_files=True, key=_turn(key), max_upload_size=largest, help=tip
    )
    return files


def done(key: str, files: list[UploadedFile]) -> None:
    """Empty an uploader, and let go of what it held in memory."""
    st.session_state[f"{key}-turn"] = st.session_state.get(f"{key}-turn", 0) + 1
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None:
        manager: Any = context.uploaded_file_mgr
        for file in files:
            manager.remove_file(context.session_id, file.file_id)


def _turn(key: str) -> str:
    return f"{key}-{st.session_state.get(f'{key}-turn', 0)}"


def put(own: Belongings, key: str, files: list[UploadedFile], largest: int) -> Path:
    """Write uploaded files into the folder of a key, counted against the quota; the file, or the folder of several.

    largest: bytes of one file. Raises ArchiveError (see `aeviz.importers.files.archives.place`) and QuotaError.
    """
    if len(files) > MOST_FILES:
        raise ValueError(f"These are {len(files):,} files; at most {MOST_FILES:,} are taken at once: bring a zip.")
    for file in files:
        if file.size > largest:
            raise ValueError(f"{file.name} has {file.size:,} bytes; at most {largest:,} are taken.")
    own.charge(key, sum(file.size for file in files))
    folder = own.folder(key)
    for number, file in enumerate(files):
        taken = (folder / clean_name(file.name)).exists()
        path = place(file.getvalue(), f"{number}-{file.name}" if taken else file.name, folder)
    return path if len(files) == 1 else folder


def accepted(
    own: Belongings, kind: str, files: list[UploadedFile], largest: int, title: str
) -> tuple[str, Path] | None:
    """Uploaded files under a new key of a kind, and where they lie; None, and it is said why, where they are refused.

    largest: megabytes of one file. title: what a message calls them.
    """
    key = own.key(kind)
    try:
        return key, put(own, key, files, largest << 20)
    except (*REFUSALS, QuotaError, ValueError) as error:
        own.drop(key)
        say("error", str(error))
    except Exception:
        own.drop(key)
        say("error", unforeseen(title))
    finally:
        done(f"own-{kind}", files)
    return None


def size_of(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def named(text: str) -> Path | None:
    """The file or folder of this disc that a text names, or None."""
    try:
        path = Path(text).expanduser()
        return path.resolve() if path.exists() else None
    except (OSError, RuntimeError, ValueError):  # a folder closed to us, too long a name, no such user, a circle
        return None


def may_name_paths() -> bool:
    """Whether this visitor sits at the machine that serves the page, so that paths are of the visitor's own disc.

    The server must listen to this machine alone, the browser must have asked for a local address, and no proxy may
    stand between, as its headers tell. AEVIZ_PATHS=0 refuses in any case.
    """
    if os.environ.get(VARIABLE, "").strip() == "0" or not _is_local(str(st.get_option("server.address") or "")):
        return False
    headers = st.context.headers
    if any(name in headers for name in FORWARDED) or st.context.ip_address is not None:
        return False
    return _is_local(re.sub(r":\d+$", "", headers.get("Host") or ""))


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
