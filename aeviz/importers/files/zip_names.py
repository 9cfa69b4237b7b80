"""Names in zips that do not say how they are encoded, as Windows writes them."""

import struct
import unicodedata
import zipfile
from itertools import pairwise

UTF8_FLAG = 0x800
UNICODE_PATH = 0x7075  # an extra field of Info-ZIP: the name in UTF-8
DEFAULT = "cp437"  # what Python takes such names for
# Of equally likely ones, the first: DOS and Windows in the West and in Russian, Chinese, Japanese, Korean.
ENCODINGS = ("cp437", "cp850", "cp1252", "cp866", "cp1251", "gbk", "cp932", "euc-kr", "big5")
MAX_MARKED = 0.4  # share of letters with marks in names of the West
MAX_NAMES = 2_000  # that are looked at


def restore_names(archive: zipfile.ZipFile) -> None:
    """Give the files of an archive, whose names are no UTF-8 by their mark, the names they were most likely given."""
    unsure = [entry for entry in archive.infolist() if not entry.flag_bits & UTF8_FLAG and not entry.filename.isascii()]
    if not unsure:
        return
    raw = {}
    for entry in unsure:
        try:
            raw[id(entry)] = entry.filename.encode(DEFAULT)
        except UnicodeEncodeError:
            continue
    encoding = encoding_of(list(raw.values())[:MAX_NAMES])
    for entry in unsure:
        stated = _unicode_path(entry.extra)
        if stated is not None:
            entry.filename = stated
        elif id(entry) in raw:
            entry.filename = raw[id(entry)].decode(encoding, "replace")


def encoding_of(names: list[bytes]) -> str:
    """The encoding in which names make the most sense: words of letters of one script."""
    together = b"\n".join(names)
    try:
        together.decode("utf-8")  # macOS, and much else, without the mark
        return "utf-8"
    except UnicodeDecodeError:
        pass
    best, score = DEFAULT, float("-inf")
    for encoding in ENCODINGS:
        try:
            text = together.decode(encoding)
        except UnicodeDecodeError:
            continue
        sense = _sense(text)
        if sense > score + 1e-9:
            best, score = encoding, sense
    return best


def _sense(text: str) -> float:
    """How many of the letters beyond ASCII are letters, less where neighbours are of different scripts, per letter."""
    strange = [letter for letter in text if not letter.isascii()]
    letters = sum(unicodedata.category(letter) in {"Ll", "Lu", "Lo"} for letter in strange)
    mixed = sum(a.isalpha() and b.isalpha() and _script(a) != _script(b) for a, b in pairwise(text))
    odd = sum(a.islower() and b.isupper() for a, b in pairwise(text))
    # No language of the West writes most of its letters with marks: these are another script's.
    marked = sum(letter.isalpha() and _script(letter) == "LATIN" for letter in strange)
    unlikely = 0.5 if marked > MAX_MARKED * sum(letter.isalpha() for letter in text) else 0.0
    return (letters - 2 * mixed - odd) / max(1, len(strange)) - unlikely


def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").split(" ")[0].split("-")[0]


def _unicode_path(extra: bytes) -> str | None:
    place = 0
    while place + 4 <= len(extra):
        kind, length = struct.unpack("<HH", extra[place : place + 4])
        if kind == UNICODE_PATH and length > 5:
            try:
                return extra[place + 9 : place + 4 + length].decode("utf-8")
            except UnicodeDecodeError:
                return None
        place += 4 + length
    return None
