"""What a file is, told by its content: a name proves nothing."""

import pickletools
import re
import struct
from enum import StrEnum
from pathlib import Path

from aeviz.importers.files.zips import ArchiveError, Limits, open_zip

HEAD = 65_536  # bytes looked at


class Kind(StrEnum):
    """Kinds of files, as words for a message."""

    ZIP = "zip archive"
    TORCH = "PyTorch state dict"
    SAFETENSORS = "safetensors file"
    NPY = "NumPy array (.npy)"
    NPZ = "NumPy archive (.npz)"
    PNG = "PNG picture"
    JPEG = "JPEG picture"
    GIF = "GIF picture"
    WEBP = "WebP picture"
    BMP = "BMP picture"
    JSON = "JSON file"
    TEXT = "text file"
    EMPTY = "empty file"
    UNKNOWN = "file of an unknown kind"
    PICKLE = "pickle"
    TORCHSCRIPT = "TorchScript program"
    PT2 = "exported PyTorch program (.pt2)"
    KERAS = "Keras model (.keras)"
    HDF5 = "HDF5 file"


PICTURES = frozenset({Kind.PNG, Kind.JPEG, Kind.GIF, Kind.WEBP, Kind.BMP})

_STATE_DICT = "Save the weights alone instead: torch.save(model.state_dict(), 'model.pt'), or a safetensors file."
_KERAS = "Save the weights as safetensors, or the model's codes and pictures as .npz, instead."
PROGRAMS = {
    Kind.PICKLE: f"Opening a pickle can run any program hidden in it. {_STATE_DICT} Arrays: np.savez('data.npz', …).",
    Kind.TORCHSCRIPT: f"Opening TorchScript runs the program in it. {_STATE_DICT}",
    Kind.PT2: f"Opening an exported program runs it. {_STATE_DICT}",
    Kind.KERAS: f"Opening a Keras model can run functions stored in it. {_KERAS}",
    Kind.HDF5: f"Opening a Keras model in HDF5 can run functions stored in it. {_KERAS}",
}

_MAGIC = (
    (b"\x93NUMPY", Kind.NPY),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"BM", Kind.BMP),
    (b"\x89HDF\r\n\x1a\n", Kind.HDF5),
)


def sniff(source: Path | bytes) -> Kind:
    """The kind of a file, from its content alone. Raises OSError where it cannot be read, and nothing else."""
    head = source[:HEAD] if isinstance(source, bytes) else _head(source)
    if not head:
        return Kind.EMPTY
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return _zip(source)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Kind.WEBP
    if len(head) > 8 and head[8:9] == b"{" and struct.unpack("<Q", head[:8])[0] < 1 << 48:
        return Kind.SAFETENSORS
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    return Kind.PICKLE if _is_pickle(head) else _text(head)


def refuse_program(source: Path | bytes, name: str) -> Kind:
    """The kind of a file. Raises ArchiveError, with the reason and the way out, for one that can run code."""
    kind = sniff(source)
    if kind in PROGRAMS:
        raise ArchiveError(f"{name} is a {kind}: it is not opened. {PROGRAMS[kind]}")
    return kind


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def _zip(source: Path | bytes) -> Kind:
    try:
        with open_zip(source, Limits(files=200_000)) as archive:
            names = archive.namelist()
    except ArchiveError:
        return Kind.ZIP  # whoever opens it will say what is wrong
    ends = {name.rsplit("/", 1)[-1] for name in names}
    if "archive_format" in ends or "serialized_exported_program.json" in ends:
        return Kind.PT2
    if "data.pkl" in ends or "constants.pkl" in ends:
        script = "constants.pkl" in ends or any("/code/" in f"/{name}" for name in names)
        return Kind.TORCHSCRIPT if script else Kind.TORCH
    if "model.weights.h5" in ends or {"config.json", "metadata.json"} <= ends:
        return Kind.KERAS
    return Kind.NPZ if names and all(name.endswith(".npy") for name in names) else Kind.ZIP


def _is_pickle(head: bytes) -> bool:
    if head[0] == 0x80 and len(head) > 1 and head[1] <= 5:
        return True
    # Protocols 0 and 1 have no mark of their own: what they name to be called gives them away.
    seen = 0
    try:
        for operation, argument, _ in pickletools.genops(head):
            if operation.name in {"GLOBAL", "INST"} and re.fullmatch(r"[\w.]+ [\w.]+", str(argument)):
                return True
            seen += 1
    except Exception:  # not one of its operations: the ways to fail are many and of no interest
        return False
    return seen > 2


def _text(head: bytes) -> Kind:
    if b"\0" in head:
        return Kind.UNKNOWN
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4 or len(head) < HEAD:
            return Kind.UNKNOWN
        text = head[: error.start].decode("utf-8")
    return Kind.JSON if text.lstrip()[:1] in {"{", "["} else Kind.TEXT
