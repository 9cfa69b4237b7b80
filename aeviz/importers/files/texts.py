"""Text of a file, in whatever encoding: what it was read as, and what was done to it, in sentences."""

import re
from dataclasses import dataclass
from pathlib import Path

from aeviz.errors import DataError
from aeviz.importers.files.filetypes import HEAD

MAX_TEXT_BYTES = 250_000_000
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
WESTERN, BYTES = "cp1252", "latin-1"  # the latter has a letter for every byte
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class Text:
    """The text of a file, its lines ended by line feeds; its encoding as Python names it; and sentences."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def read_text(path: Path, encoding: str | None = None, max_bytes: int = MAX_TEXT_BYTES) -> Text:
    """The text of a file; encoding: as stated, None finds it. Control characters are left out, and told.

    Lines that are not in the encoding of the others are read as Windows-1252, and told. Raises DataError for an empty
    file, more than `max_bytes` or `MAX_TEXT_BYTES`, and a text that is not in the encoding stated; OSError where it
    cannot be read.
    """
    size = path.stat().st_size
    limit = min(max_bytes, MAX_TEXT_BYTES)
    if size > limit:
        raise DataError(f"{path.name} is a text of {size:,} bytes; at most {limit:,} are read. Bring fewer rows.")
    text, encoding, notes = _decoded(path.read_bytes(), encoding, path.name)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if first := CONTROL.search(text):
        line = text.count("\n", 0, first.start()) + 1
        text, count = CONTROL.subn("", text)
        notes += (f"{_control_characters(count)} left out, the first of them in line {line:,}.",)
    if not text.strip():
        raise DataError(f"{path.name} is empty: there is nothing in it to read.")
    return Text(text, encoding, notes)


def head_of(path: Path, encoding: str | None = None) -> str:
    """The first whole lines of a text, to tell what it is; "" where it cannot be read so."""
    with path.open("rb") as file:
        data = file.read(HEAD)
    if len(data) == HEAD:
        end = data.rfind(b"\n") + 1 or HEAD
        wide = encoding or _marked(data) or ""
        data = data[: end + (end % 2 if "16" in wide else 0)]
    try:
        text = _decoded(data, encoding, path.name)[0]
    except DataError:
        return ""
    text = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text[: text.rfind("\n") + 1] if len(data) > HEAD // 2 and "\n" in text else text


def _control_characters(count: int) -> str:
    return "A control character was" if count == 1 else f"{count:,} control characters were"


def _decoded(data: bytes, stated: str | None, name: str) -> tuple[str, str, tuple[str, ...]]:
    if encoding := stated or _marked(data):
        try:
            return data.decode(encoding), encoding, ()
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise DataError(
                f"{name} is not in {encoding} throughout: line {line:,} is damaged or in another encoding. Save it as "
                "UTF-8."
            ) from error
    try:
        return data.decode("utf-8"), "utf-8", ()
    except UnicodeDecodeError:
        return _of_single_bytes(data)


def _marked(data: bytes) -> str | None:
    """The encoding that the first bytes, or the zeros, of a text give away."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding
    even, odd = data[::2].count(0), data[1::2].count(0)
    half = 0.35 * len(data)
    return "utf-16-le" if odd > half > 10 * even else "utf-16-be" if even > half > 10 * odd else None


def _of_single_bytes(data: bytes) -> tuple[str, str, tuple[str, ...]]:
    """A text that is not UTF-8; where some lines are, only the others are taken for Windows-1252."""
    lines: list[str] = []
    wrong: list[int] = []
    mixed = False
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            lines.append(line.decode("utf-8"))
            mixed |= not line.isascii()
        except UnicodeDecodeError:
            wrong.append(number)
            lines.append(line.decode(_western(line)))
    if mixed:
        count = "1 line is" if len(wrong) == 1 else f"{len(wrong):,} lines are"
        note = f"{count} not UTF-8 as the others, and read as Windows-1252; the first: line {wrong[0]:,}."
        return "\n".join(lines), "utf-8", (note,)
    encoding = _western(data)
    note = (
        f"The text is not UTF-8 (line {wrong[0]:,}): it was read as {encoding}, as Windows saves Western European "
        "languages. Where letters look wrong, state the encoding."
    )
    return data.decode(encoding), encoding, (note,)


def _western(data: bytes) -> str:
    try:
        data.decode(WESTERN)
    except UnicodeDecodeError:
        return BYTES
    return WESTERN
