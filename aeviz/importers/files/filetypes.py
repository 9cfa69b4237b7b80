"""What a file is, told by its content: a name proves nothing."""

import pickletools
import re
import struct
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from aeviz.importers.files.zips import ArchiveError, Limits, open_zip

HEAD = 65_536  # bytes looked at
BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})  # bytes of each version's: "BM" alone begins many a text
CALLS = frozenset({"REDUCE", "INST", "OBJ", "NEWOBJ", "BUILD"})  # what a pickle runs a function by
TORCH_MARK = b"\x8a\n" + 0x1950A86A20F9469CFC6C.to_bytes(10, "little")  # the number that torch.save began with
CONTROLS = bytes({*range(32), 127} - set(b"\t\n\v\f\r"))
IDX_TYPES = (b"\x08", b"\x09", b"\x0b", b"\x0c", b"\x0d", b"\x0e")  # of the numbers in an idx file
PNM = re.compile(rb"P[1-6]\s(?:\s*#[^\n]*\n)*\s*\d+\s+(?:#[^\n]*\n\s*)*\d+\s")  # a text may begin with "P5" as well
MAX_CONTROLS = 0.02  # share of the bytes of a text that may be damage


class FileType(StrEnum):
    """Types of files, as words for a message."""

    ZIP = "zip archive"
    TORCH = "PyTorch state dict"
    TORCH_LEGACY = "PyTorch state dict of before 1.6"
    SAFETENSORS = "safetensors file"
    ONNX = "ONNX model"
    NPY = "NumPy array (.npy)"
    NPZ = "NumPy archive (.npz)"
    PNG = "PNG picture"
    JPEG = "JPEG picture"
    GIF = "GIF picture"
    WEBP = "WebP picture"
    BMP = "BMP picture"
    TIFF = "TIFF picture"
    PNM = "PGM or PPM picture"
    AVIF = "AVIF picture"
    HEIC = "HEIC picture"
    IDX = "idx file"
    MAT = "MATLAB file (.mat)"
    PARQUET = "Parquet file"
    TAR = "tar archive"
    GZIP = "gzip file"
    JSON = "JSON file"
    TEXT = "text file"
    EMPTY = "empty file"
    UNKNOWN = "file of an unknown kind"
    FOLDER = "folder"
    PICKLE = "pickle"
    TORCHSCRIPT = "TorchScript program"
    PT2 = "exported PyTorch program (.pt2)"
    KERAS = "Keras model (.keras)"
    HDF5 = "HDF5 file"


PICTURES = frozenset(
    {FileType.PNG, FileType.JPEG, FileType.GIF, FileType.WEBP, FileType.BMP, FileType.TIFF, FileType.PNM,
     FileType.AVIF}
)  # fmt: skip

HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
HOW_TO_CONVERT_HEIC = (
    "HEIC is what many phones save photos as, and it is not read here. Two lines convert one: pillow_heif."
    'register_heif_opener(); Image.open("a.heic").convert("RGB").save("a.jpg"), with the packages pillow-heif and '
    "pillow; on a Mac, sips -s format jpeg *.heic --out . converts a folder. An iPhone takes JPEG under Settings, "
    "Camera, Formats, Most Compatible; Android's camera with its setting of HEIF or “high efficiency” pictures off."
)

_STATE_DICT = "Save the weights alone instead: torch.save(model.state_dict(), 'model.pt'), or a safetensors file."
_PICKLED = (
    'For data, two lines convert it: d = pickle.load(open("data.pkl", "rb")); np.savez("data.npz", x=d["data"], '
    'y=d["labels"]).'
)
_H5 = 'For data, two lines convert it: f = h5py.File("data.h5"); np.savez("data.npz", **{key: f[key][:] for key in f}).'
_KERAS = "Save the weights as safetensors, or the model's codes and pictures as .npz, instead."
PROGRAMS = {
    FileType.PICKLE: f"Opening a pickle can run any program hidden in it. {_STATE_DICT} {_PICKLED}",
    FileType.TORCHSCRIPT: f"Opening TorchScript runs the program in it. {_STATE_DICT}",
    FileType.PT2: f"Opening an exported program runs it. {_STATE_DICT}",
    FileType.KERAS: f"Opening a Keras model can run functions stored in it. {_KERAS}",
    FileType.HDF5: f"Opening a Keras model in HDF5 can run functions stored in it. {_KERAS} {_H5}",
}

_MAGIC = (
    (b"\x93NUMPY", FileType.NPY),
    (b"\x89PNG\r\n\x1a\n", FileType.PNG),
    (b"\xff\xd8\xff", FileType.JPEG),
    (b"GIF87a", FileType.GIF),
    (b"GIF89a", FileType.GIF),
    (b"II*\0", FileType.TIFF),
    (b"MM\0*", FileType.TIFF),
    (b"II+\0", FileType.TIFF),  # of more than 4 GB
    (b"MM\0+", FileType.TIFF),
    (b"\x1f\x8b\x08", FileType.GZIP),
    (b"PAR1", FileType.PARQUET),
    (b"MATLAB 5.0 MAT-file", FileType.MAT),
    (b"\x89HDF\r\n\x1a\n", FileType.HDF5),
)


@dataclass(frozen=True)
class Sniffed:
    """A file or folder on the disk, and what it is: told once, and carried along to whoever reads it."""

    path: Path
    type: FileType

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def stem(self) -> str:
        """The name without its ending; a folder's name whole."""
        return self.path.name if self.type is FileType.FOLDER else self.path.stem

    def refuse_program(self) -> "Sniffed":
        """The same. Raises ArchiveError, with the reason and the way out, for a file that can run code."""
        refuse_program(self.type, self.name)
        return self


def sniff(path: str | Path) -> Sniffed:
    """What lies at a path, told by its content. Raises OSError where it cannot be read, and nothing else."""
    path = Path(path)
    return Sniffed(path, FileType.FOLDER if path.is_dir() else type_of(path))


def type_of(source: Path | bytes) -> FileType:
    """The type of a file, from its content alone. Raises OSError where it cannot be read, and nothing else."""
    head = source[:HEAD] if isinstance(source, bytes) else _head(source)
    if not head:
        return FileType.EMPTY
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return _zip(source)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return FileType.WEBP
    if len(head) > 8 and head[8:9] == b"{" and struct.unpack("<Q", head[:8])[0] < 1 << 48:
        return FileType.SAFETENSORS
    for magic, filetype in _MAGIC:
        if head.startswith(magic):
            return filetype
    if head[:2] == b"\0\0" and head[2:3] in IDX_TYPES and 1 <= head[3] <= 4 and len(head) >= 4 + 4 * head[3]:
        return FileType.IDX
    if head[257:262] == b"ustar":
        return FileType.TAR
    if head[4:8] == b"ftyp" and (kind := _of_boxes(head)) is not None:
        return kind
    if PNM.match(head):
        return FileType.PNM
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in BMP_HEADERS:
        return FileType.BMP
    if _is_onnx(head):
        return FileType.ONNX
    if head[0] == 0x80 and TORCH_MARK in head[:32]:
        return FileType.TORCH_LEGACY
    return FileType.PICKLE if _is_pickle(head) else _text(head)


def refuse_program(filetype: FileType, name: str) -> None:
    """Raise ArchiveError, with the reason and the way out, for a type of file that can run code."""
    if filetype in PROGRAMS:
        raise ArchiveError(f"{name} is a {filetype}: it is not opened. {PROGRAMS[filetype]}")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def _zip(source: Path | bytes) -> FileType:
    try:
        with open_zip(source, Limits(files=200_000)) as archive:
            names = archive.namelist()
    except ArchiveError:
        return FileType.ZIP  # whoever opens it will say what is wrong
    ends = {name.rsplit("/", 1)[-1] for name in names}
    if "archive_format" in ends or "serialized_exported_program.json" in ends:
        return FileType.PT2
    if "data.pkl" in ends or "constants.pkl" in ends:
        script = "constants.pkl" in ends or any("/code/" in f"/{name}" for name in names)
        return FileType.TORCHSCRIPT if script else FileType.TORCH
    if "model.weights.h5" in ends or {"config.json", "metadata.json"} <= ends:
        return FileType.KERAS
    return FileType.NPZ if names and all(name.endswith(".npy") for name in names) else FileType.ZIP


def _of_boxes(head: bytes) -> FileType | None:
    """The type of a picture in the boxes of ISO 23008-12, by the brands that its first box names."""
    major = head[8:12]
    brands = {head[place : place + 4] for place in range(16, min(int.from_bytes(head[:4], "big"), 200), 4)} | {major}
    if brands & {b"avif", b"avis"}:
        return FileType.AVIF
    return FileType.HEIC if brands & HEIC_BRANDS else None


def _is_onnx(head: bytes) -> bool:
    """Whether this begins as the fields of an ONNX model do: its version, and then texts, a graph and operator sets."""
    # 1 version, 2–6 who made it, 7 the graph, 8 operator sets, 14 properties, 20 training, 25 functions.
    if len(head) < 4 or head[0] != 0x08 or not 1 <= head[1] <= 30:
        return False
    place, seen = 2, 0
    while place + 1 < len(head):
        if head[place] == 0x28:  # the model's own version, a number
            place += 1
            while place < len(head) and head[place] & 0x80:
                place += 1
            place += 1
            continue
        if head[place] in {0x12, 0x1A, 0x22, 0x32, 0x3A, 0x42, 0x72}:
            place += 1
        elif head[place] in {0xA2, 0xCA} and head[place + 1] == 1:
            place += 2
        else:
            return seen > 1
        length = shift = 0
        while place < len(head):
            length |= (head[place] & 0x7F) << shift
            shift += 7
            place += 1
            if head[place - 1] < 0x80:
                break
        place, seen = place + length, seen + 1
    return seen > 0


def _is_pickle(head: bytes) -> bool:
    if head[0] == 0x80 and len(head) > 1 and head[1] <= 5:
        return True
    # Protocols 0 and 1 have no mark of their own, and any letter is an operation of theirs: the lines "carl" and "anna"
    # name a function. Only where its stack allows for what is done may this be one.
    stack: list[bool] = []  # whether each thing on it is a mark
    seen, named = 0, False
    try:
        for operation, argument, _ in pickletools.genops(head):
            _run(stack, operation)
            named |= operation.name in {"GLOBAL", "INST"} and bool(re.fullmatch(r"[\w.]+ [\w.]+", str(argument)))
            if named and operation.name in CALLS:
                return True
            seen += 1
    except Exception:  # not one of its operations: the ways to fail are many and of no interest
        return False
    return seen > 2


def _run(stack: list[bool], operation: pickletools.OpcodeInfo) -> None:
    """What an operation does to the stack, as `pickletools.dis` checks it. Raises IndexError where it cannot."""
    mark = pickletools.markobject
    taken = list(operation.stack_before)
    if mark in taken or (operation.name == "POP" and stack and stack[-1]):
        while not stack.pop():
            pass
        taken = taken[: taken.index(mark)] if mark in taken else []
    if len(taken) > len(stack):
        raise IndexError
    del stack[len(stack) - len(taken) :]
    stack += [item is mark for item in operation.stack_after]


def _text(head: bytes) -> FileType:
    """Whether this is text, in UTF-8 or UTF-16 or an encoding of single bytes; a little damage does not matter."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return FileType.TEXT
    zeros = max(head[::2].count(0), head[1::2].count(0))
    if zeros > 0.7 * (len(head) // 2) and min(head[::2].count(0), head[1::2].count(0)) < 0.1 * zeros:
        return FileType.TEXT  # UTF-16 of mostly Latin letters, without its mark
    controls = len(head) - len(head.translate(None, CONTROLS))
    if controls > max(2, MAX_CONTROLS * len(head)) or 4 * controls > len(head):
        return FileType.UNKNOWN
    return FileType.JSON if head.lstrip()[:1] in {b"{", b"["} else FileType.TEXT
