"""Pictures, in a folder, a zip or alone, made into a data set; sub-folders are labels."""

import zipfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.arrays import UNLABELLED
from aeviz.errors import DataError
from aeviz.importers.data.answers import VALUES, DataStatement, OwnData, Progress
from aeviz.importers.data.fitting import check_amount, dataset, described, subset
from aeviz.importers.files.archives import zip_entries
from aeviz.importers.files.arrays import read_labels
from aeviz.importers.files.filetypes import PICTURES, FileType, Sniffed, sniff
from aeviz.importers.files.zips import ArchiveError, Limits, open_zip, read_member
from aeviz.modalities.image.files import MAX_FILE_BYTES, light_ground, read_picture, size_of
from aeviz.types import Shape

Picture = tuple[str, Callable[[], bytes]]  # its path, and how to read it

MAX_PIXELS = 4_000_000_000  # of all pictures of a set together, as they are unpacked one by one
MAX_SIDE = 256  # of an item, where no shape is wanted
SAMPLE = 48  # pictures that decide on light or dark ground
ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp")


def recognises(source: Sniffed, statement: DataStatement) -> bool:
    """Whether this may hold pictures."""
    return source.type in PICTURES | {FileType.FOLDER, FileType.ZIP} and statement.modality in {None, "image"}


def read(
    source: Sniffed, statement: DataStatement, name: str, title: str, most_bytes: int, progress: Progress
) -> OwnData:
    """Pictures as a data set. Raises as `aeviz.importers.reading.read_data` says."""
    with ExitStack() as opened:
        if source.type is FileType.FOLDER:
            found = _in_folder(source.path)
        elif source.type is FileType.ZIP:
            found = _in_zip(opened.enter_context(open_zip(source.path, Limits())), Limits())
        else:
            found = [(source.name, source.path.read_bytes)]
        return _from_pictures(found, statement, name, title, progress)


def _in_folder(folder: Path) -> list[Picture]:
    """Links are passed by: they may lead anywhere."""
    found: list[Picture] = []
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "__MACOSX")) for part in path.relative_to(folder).parts)
        if path.is_symlink() or hidden or not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
            continue
        if path.stat().st_size <= MAX_FILE_BYTES and sniff(path).type in PICTURES:
            found.append((path.relative_to(folder).as_posix(), path.read_bytes))
    return found


def _in_zip(archive: zipfile.ZipFile, limits: Limits) -> list[Picture]:
    return [
        (entry.filename.replace("\\", "/"), partial(read_member, archive, entry, MAX_FILE_BYTES))
        for entry in zip_entries(archive, limits)
        if entry.filename.lower().endswith(ENDINGS)
    ]


def _from_pictures(
    found: list[Picture], statement: DataStatement, name: str, title: str, progress: Progress
) -> OwnData:
    if not found:
        raise DataError(f"{title} holds no pictures: expected {', '.join(ENDINGS)} files.")
    chosen, notes = subset(len(found), statement.most)
    pictures = [found[row] for row in chosen]
    pixels = _Pixels(len(pictures))
    wanted, light = _shape_and_ground(pictures, statement.shape, statement.invert is None, pixels)
    check_amount(len(pictures), wanted)
    swap = light if statement.invert is None else statement.invert
    items = np.empty((len(pictures), *wanted), np.float32)
    kept: list[int] = []
    wrong = ""
    for row, (path, read) in enumerate(pictures):
        if row % 64 == 0:
            progress(row / len(pictures), f"Reading pictures: {row:,} of {len(pictures):,}")
        try:
            file = read()
            pixels.count(size_of(file), row)
            items[len(kept)] = read_picture(file, wanted, invert=swap).picture[0]
            kept.append(row)
        except _TooMany:
            raise
        except (DataError, ArchiveError) as error:
            wrong = wrong or f"{path}: {error}"
    if not kept:
        raise DataError(f"None of the {len(pictures):,} pictures can be read: {wrong}")
    items = items[: len(kept)]
    labels, label_names, remarks = _folders([pictures[row][0] for row in kept])
    notes += remarks
    if wrong:
        notes.append(f"{len(pictures) - len(kept):,} pictures were left out; the first: {wrong}")
    notes.append(described(wanted, swap))
    progress(1.0, "Ready")
    made = dataset(name, title, items, labels, label_names)
    return OwnData(made, VALUES["bytes"], swap, tuple(notes), len(found))


class _TooMany(DataError):
    """The pictures of a set have too many pixels together."""


class _Pixels:
    """Counts the pixels that are unpacked: a picture of forty million may take a second, and a few bytes in a zip."""

    def __init__(self, pictures: int) -> None:
        self.pictures, self.total = pictures, 0

    def count(self, size: Shape, row: int) -> None:
        """Add a picture of a size (C, H, W). Raises _TooMany past `MAX_PIXELS`."""
        self.total += size[1] * size[2]
        if self.total > MAX_PIXELS:
            raise _TooMany(
                f"These {self.pictures:,} pictures are too large together: {self.total:,} pixels after {row + 1:,} of "
                f"them, and at most {MAX_PIXELS:,} are read. Make them smaller first, or bring fewer."
            )


def _shape_and_ground(pictures: list[Picture], shape: Shape | None, vote: bool, pixels: _Pixels) -> tuple[Shape, bool]:
    """The shape wanted, or that of the first picture; and whether grey pictures lie on a light ground.

    vote: whether the ground matters. Files of the sample are let go one by one, for together they may be large.
    """
    step = -(-len(pictures) // SAMPLE)
    votes: list[bool] = []
    found = False
    for row in range(0, len(pictures), step):
        try:
            file = pictures[row][1]()
            size = size_of(file)
        except (DataError, ArchiveError):
            continue
        found, shape = True, shape or _natural(size)
        if not vote or shape[0] != 1:
            break
        pixels.count(size, row)
        with suppress(DataError):  # its header is sound, its pixels are not
            votes.append(light_ground(file))
    if not found or shape is None:
        raise DataError(f"None of the {len(pictures):,} pictures can be read: the first says: {_complaint(pictures)}")
    return shape, sum(votes) > len(votes) / 2


def _complaint(pictures: list[Picture]) -> str:
    try:
        size_of(pictures[0][1]())
    except (DataError, ArchiveError) as error:
        return str(error)
    return "it is damaged."


def _natural(size: Shape) -> Shape:
    channels, height, width = size
    share = min(1.0, MAX_SIDE / max(height, width))
    return channels, max(1, round(height * share)), max(1, round(width * share))


def _folders(paths: list[str]) -> tuple[NDArray[np.int64] | None, tuple[str, ...], list[str]]:
    """Labels by the first folder in which the paths differ; none where all lie in one."""
    parents = [PurePosixPath(path).parts[:-1] for path in paths]
    shared = 0
    while parents and all(len(parts) > shared for parts in parents) and len({parts[shared] for parts in parents}) == 1:
        shared += 1
    folders = [parts[shared] if len(parts) > shared else UNLABELLED for parts in parents]
    if len(set(folders)) < 2:
        return None, (), []
    labels, names, notes = read_labels(np.array(folders), "The sub-folders", len(folders))
    return labels, names, list(notes)
