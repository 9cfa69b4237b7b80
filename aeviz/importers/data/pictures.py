"""Pictures, in a folder, a zip or alone, made into a data set; sub-folders are labels, or a table beside them tells."""

import io
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np

from aeviz.errors import DataError
from aeviz.importers.data.answers import GROUNDS, TURNS, VALUES, DataStatement, OwnData, Progress
from aeviz.importers.data.fitting import MAX_VALUES, dataset, described, fewer, fitting_words, subset
from aeviz.importers.data.pages import Stacks
from aeviz.importers.data.picture_labels import TABLES, Labelled, labels_of, natural
from aeviz.importers.files.archives import zip_entries
from aeviz.importers.files.filetypes import HOW_TO_CONVERT_HEIC, PICTURES, FileType, Sniffed, sniff, type_of
from aeviz.importers.files.zips import ArchiveError, Limits, open_zip, read_member
from aeviz.modalities.image.files import (
    DEEP,
    MAX_FILE_BYTES,
    first_of,
    highest,
    light_ground,
    read_picture,
    size_of,
    unpacked_pixels,
)
from aeviz.types import Shape

Picture = tuple[str, Callable[[], bytes]]  # its path, and how to read it

MAX_PIXELS = 4_000_000_000  # of all pictures of a set together, as they are unpacked one by one
MAX_SIDE, MIN_SIDE = 256, 32  # of an item, where no shape is wanted
SAMPLE = 48  # pictures that decide on shape, colour, values and light or dark ground
ENDINGS = (
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm", ".avif",
)  # fmt: skip
HEIC_ENDINGS = (".heic", ".heif")
TIFF_ENDINGS = (".tif", ".tiff")
TURNING = frozenset({"left", "right", "transpose"})
MAX_NAMED = 3  # files left out that are named
HEAD_BYTES = 4_096


def recognises(source: Sniffed, statement: DataStatement) -> bool:
    """Whether this may hold pictures."""
    return source.type in PICTURES | {FileType.FOLDER, FileType.ZIP} and statement.modality in {None, "image"}


def read(
    source: Sniffed, statement: DataStatement, name: str, title: str, most_bytes: int, progress: Progress
) -> OwnData:
    """Pictures as a data set. Raises as `aeviz.importers.reading.read_data` says."""
    with ExitStack() as opened:
        if source.type is FileType.FOLDER:
            files = _in_folder(source.path)
        elif source.type is FileType.ZIP:
            files = _in_zip(opened.enter_context(open_zip(source.path, Limits())), Limits())
        else:
            files = Found([])
            files.add(source.name, source.type, source.path.read_bytes, partial(_file, source.path))
        opened.callback(files.stacks.close)
        return from_pictures(files, statement, name, title, progress)


@dataclass
class Found:
    """Pictures that were found, texts that may hold their labels, and the paths of what is neither, or is HEIC.

    stacks: the files of which each page is a picture.
    """

    pictures: list[Picture]
    tables: list[Picture] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    heic: list[str] = field(default_factory=list)
    stacks: Stacks = field(default_factory=Stacks)

    def add(self, name: str, kind: FileType, read: Callable[[], bytes], opened: Callable[[], IO[bytes]]) -> None:
        """A file as one picture, or as the pictures of its pages."""
        pages = self.stacks.pages(name, opened) if kind is FileType.TIFF else []
        self.pictures += [(name, page) for page in pages] or [(name, read)]

    def sorted(self) -> "Found":
        """The same, in the order in which people count."""
        return replace(self, pictures=sorted(self.pictures, key=lambda picture: natural(picture[0])))


def _in_folder(folder: Path) -> Found:
    """Links are passed by: they may lead anywhere."""
    files = Found([])
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "__MACOSX")) for part in path.relative_to(folder).parts)
        if path.is_symlink() or hidden or not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
            continue
        name = path.relative_to(folder).as_posix()
        kind = sniff(path).type
        if path.stat().st_size > MAX_FILE_BYTES and kind is not FileType.TIFF:  # whose pages are read one by one
            files.others.append(f"{name} ({path.stat().st_size:,} bytes)")
        elif kind in PICTURES:
            files.add(name, kind, path.read_bytes, partial(_file, path))
        elif kind is FileType.HEIC:
            files.heic.append(name)
        elif name.lower().endswith(TABLES):
            files.tables.append((name, path.read_bytes))
        else:
            files.others.append(name)
    return files.sorted()


def _in_zip(archive: zipfile.ZipFile, limits: Limits) -> Found:
    files = Found([])
    for entry in zip_entries(archive, limits):
        name = entry.filename.replace("\\", "/")
        read = partial(read_member, archive, entry, MAX_FILE_BYTES)
        if name.lower().endswith(ENDINGS) or _is_picture(archive, entry):
            stack = _type(archive, entry) if _may_be_stack(name) else FileType.UNKNOWN
            files.add(name, stack, read, partial(_opened, read))
        elif name.lower().endswith(HEIC_ENDINGS):
            files.heic.append(name)
        elif name.lower().endswith(TABLES):
            files.tables.append((name, read))
        else:
            files.others.append(name)
    return files.sorted()


def _is_picture(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """Whether a file that does not say so in its name is a picture."""
    return "." not in entry.filename.rsplit("/", 1)[-1] and _type(archive, entry) in PICTURES


def _may_be_stack(name: str) -> bool:
    """Whether a file may be a TIFF by its name."""
    return name.lower().endswith(TIFF_ENDINGS) or "." not in name.rsplit("/", 1)[-1]


def _type(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> FileType:
    try:
        with archive.open(entry) as file:
            return type_of(file.read(HEAD_BYTES))
    except Exception:  # a damaged file is no picture, in whatever way it is damaged
        return FileType.UNKNOWN


def _file(path: Path) -> IO[bytes]:
    return path.open("rb")


def _opened(read: Callable[[], bytes]) -> IO[bytes]:
    return io.BytesIO(read())


@dataclass(frozen=True)
class Frame:
    """What all pictures of a set are made into: the shape, whether light and dark are swapped, and how it is done."""

    shape: Shape
    swap: bool
    top: float
    pixels: float  # of one picture, on average, as it is unpacked
    notes: tuple[str, ...]


def from_pictures(files: Found, statement: DataStatement, name: str, title: str, progress: Progress) -> OwnData:
    """Pictures that were found as a data set. Raises DataError where none can be read."""
    if not files.pictures:
        raise DataError(
            f"{title} holds no pictures: expected {', '.join(ENDINGS)} files.{_others(files.others)}{_heic(files.heic)}"
        )
    labelled = labels_of([path for path, _ in files.pictures], files.tables, statement)
    pictures = [files.pictures[row] for row in labelled.rows]
    chosen, notes = subset(len(pictures), statement.most)
    frame = _frame([pictures[row] for row in chosen], statement)
    chosen, thinned = fewer(chosen, frame.shape)
    affordable = int(MAX_PIXELS / max(1.0, frame.pixels))
    if len(chosen) > affordable:
        kept = np.linspace(0, len(chosen) - 1, max(1, affordable)).round().astype(np.int64)
        thinned.append(
            f"{len(kept):,} of {len(chosen):,} pictures were taken, spread evenly: together they have more than "
            f"{MAX_PIXELS:,} pixels. Smaller files leave room for all."
        )
        chosen = chosen[kept]
    items = np.empty((len(chosen), *frame.shape), np.float32)
    kept_rows, wrong, cut = _read_all([pictures[row] for row in chosen], frame, statement, items, progress)
    if not kept_rows:
        raise DataError(f"None of the {len(chosen):,} pictures can be read: {wrong[0]}")
    rows = chosen[np.array(kept_rows)]
    if wrong:
        noun = "picture was" if len(wrong) == 1 else "pictures were"
        notes.append(f"{len(wrong):,} {noun} left out; the first: {wrong[0]}")
    notes += [*labelled.notes, *files.stacks.notes(), *cut, *frame.notes, *thinned]
    if statement.turn:
        notes.append(f"Every picture: {TURNS[statement.turn]}.")
    if left_out := _others(files.others if labelled.table else [*files.others, *(path for path, _ in files.tables)]):
        notes.append(left_out.strip())
    if files.heic:
        notes.append(_heic(files.heic).strip())
    notes.append(described(frame.shape, frame.swap, fitting_words(statement)))
    progress(1.0, "Ready")
    made = dataset(name, title, items[: len(kept_rows)], labelled.of(rows))
    return OwnData(
        made,
        VALUES["bytes"],
        frame.swap,
        tuple(notes),
        len(pictures),
        parts=labelled.parts,
        label_choices=labelled.choices,
        rows=labelled.rows[rows],
    )


def of_paths(paths: Sequence[Path], statement: DataStatement, title: str) -> OwnData:
    """Pictures of a list of files in its order, of a TIFF the first page. Raises DataError where none can be read."""
    listed = Found([(path.as_posix(), path.read_bytes) for path in paths])
    return from_pictures(listed, statement, title, title, lambda share, stage: None)


def _read_all(
    pictures: list[Picture], frame: Frame, statement: DataStatement, items: np.ndarray, progress: Progress
) -> tuple[list[int], list[str], tuple[str, ...]]:
    """Read pictures into items, one after the other.

    Answers the rows that were read, what is wrong with others, and a sentence on files of which a page was taken.
    """
    kept: list[int] = []
    pages: list[int] = []  # of files that have several
    wrong: list[str] = []
    total = 0
    ground = None if statement.ground is None else GROUNDS[statement.ground]
    for row, (path, read) in enumerate(pictures):
        if row % 64 == 0:
            progress(row / len(pictures), f"Reading pictures: {row:,} of {len(pictures):,}")
        try:
            file = read()
            total += unpacked_pixels(file, (frame.shape[1], frame.shape[2]))
            if total > 2 * MAX_PIXELS:  # the sample said otherwise: a picture of forty million may take a second
                wrong.append(f"{path}: together with those before it, it has too many pixels.")
                wrong += [path for path, _ in pictures[row + 1 :]]
                break
            fitted = read_picture(
                file, frame.shape, frame.swap, fit=statement.fit, ground=ground, turn=statement.turn or "",
                top=frame.top,
            )  # fmt: skip
            items[len(kept)] = fitted.picture[0]
            kept.append(row)
            pages += [fitted.pages] if fitted.pages > 1 else []
        except (DataError, ArchiveError) as error:
            wrong.append(f"{path}: {error}")
    several = f"{len(pages):,} files have several pages: the first of each was taken."
    return kept, wrong, (several,) if len(pages) > 1 else first_of(max(pages, default=1))


def _frame(pictures: list[Picture], statement: DataStatement) -> Frame:
    """What most of the pictures are: their shape, colour, values and ground, by a sample spread over them.

    Files of the sample are let go one by one, for together they may be large.
    """
    step = -(-len(pictures) // SAMPLE)
    sizes: list[Shape] = []
    pixels: list[int] = []
    lights: list[bool] = []
    tops: list[float] = []
    complaint = ""
    stated = statement.shape
    for _, read in pictures[::step]:
        try:
            file = read()
            size = size_of(file)
            count = unpacked_pixels(file, (stated[1], stated[2]) if stated else (MAX_SIDE, MAX_SIDE))
        except (DataError, ArchiveError) as error:
            complaint = complaint or str(error)
            continue
        sizes.append(size)
        pixels.append(count)
        if sum(pixels) > MAX_PIXELS:
            break
        with suppress(DataError):  # its header is sound, its pixels are not
            top = highest(file)
            tops += [] if top is None else [top]
            if statement.invert is None and stated is not None and stated[0] == 1:
                lights.append(light_ground(file))
    if not sizes:
        raise DataError(
            f"None of the {len(pictures):,} pictures can be read: the first says: {complaint or 'it is damaged.'}"
        )
    notes: list[str] = []
    shape, remarks = (stated, []) if stated else _voted(sizes, len(pictures), statement.turn)
    top = _top(max(tops)) if tops else DEEP
    if tops and top != DEEP:
        notes.append(f"Values of more than 8 bits were scaled from 0 to {top:,.4g}.")
    swap = sum(lights) > len(lights) / 2 if statement.invert is None else statement.invert
    return Frame(shape, swap, top, sum(pixels) / len(pixels), (*remarks, *notes))


def _top(highest: float) -> float:
    """The value of white: the next full number of bits, or for values up to 1, 1."""
    if highest <= 1:
        return 1.0
    return float(2 ** max(8, int(np.ceil(np.log2(highest + 1)))) - 1)


def _voted(sizes: list[Shape], count: int, turn: str | None) -> tuple[Shape, list[str]]:
    """The shape that most pictures have, made smaller where all together would be too large; and a sentence."""
    colour = sum(size[0] == 3 for size in sizes) * 2 > len(sizes)
    (height, width), most = Counter(size[1:3] for size in sizes).most_common(1)[0]
    if turn in TURNING:
        height, width = width, height
    channels = 3 if colour else 1
    notes = []
    if most < len(sizes):
        notes.append(f"The pictures are of {len({size[1:3] for size in sizes})} sizes: most are {width} × {height}.")
    side = MAX_SIDE
    while side > MIN_SIDE and count * channels * side * side > MAX_VALUES:
        side //= 2
    share = min(1.0, side / max(height, width))
    shape = channels, max(1, round(height * share)), max(1, round(width * share))
    if side < MAX_SIDE and share < 1:
        notes.append(f"They were made smaller, to {shape[2]} × {shape[1]} pixels, so that all {count:,} have room.")
    return shape, notes


def _others(paths: list[str]) -> str:
    """How many files were left out, and the first of them by name."""
    if not paths:
        return ""
    noun = "file that is no picture was" if len(paths) == 1 else "files that are no pictures were"
    return f" {len(paths):,} {noun} left out: {_first(paths)}."


def _heic(paths: list[str]) -> str:
    """How many pictures of phones were left out, the first by name, and how to convert them."""
    if not paths:
        return ""
    noun = "HEIC picture was" if len(paths) == 1 else "HEIC pictures were"
    return f" {len(paths):,} {noun} left out: {_first(paths)}. {HOW_TO_CONVERT_HEIC}"


def _first(paths: list[str]) -> str:
    return ", ".join(paths[:MAX_NAMED]) + (", …" if len(paths) > MAX_NAMED else "")


__all__ = ["MAX_PIXELS", "SAMPLE", "Found", "Labelled", "from_pictures", "of_paths", "read", "recognises"]
