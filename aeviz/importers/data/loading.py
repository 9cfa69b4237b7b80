"""A data set of one's own, from pictures or arrays, made into what a model takes."""

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from aeviz.datasets.arrays import UNLABELLED
from aeviz.datasets.record import Dataset
from aeviz.errors import DataError
from aeviz.importers.files.archives import zip_entries
from aeviz.importers.files.arrays import LARGEST_ARRAY, Arrays, read_arrays, read_labels
from aeviz.importers.files.filetypes import PICTURES, Kind, refuse_program, sniff
from aeviz.importers.files.zips import ArchiveError, Limits, open_zip, read_member
from aeviz.modalities.image.files import LARGEST_FILE, light_ground, read_picture, size_of
from aeviz.types import Shape

Progress = Callable[[float, str], None]
Picture = tuple[str, Callable[[], bytes]]  # its path, and how to read it

MOST_ITEMS = 60_000
MOST_VALUES = 250_000_000  # of all items: 1 GB as float32
MOST_PIXELS = 4_000_000_000  # of all pictures of a set together, as they are unpacked one by one
LARGEST_SIDE = 256  # of an item, where no shape is wanted
SAMPLE = 48  # pictures that decide on light or dark ground
BATCH, BATCH_VALUES = 512, 4_000_000  # items converted at once, and the numbers in them
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp")
VALUES = {"unit": "[0, 1]", "signed": "[−1, 1]", "bytes": "0 to 255", "spread": "from smallest to largest"}


@dataclass(frozen=True)
class OwnData:
    """A data set of one's own, what its values were taken for, and sentences on what was done to it.

    brought: items that the file holds, of which `most` were taken.
    """

    dataset: Dataset
    values: str
    inverted: bool = False
    notes: tuple[str, ...] = ()
    brought: int = 0


def load_data(
    path: str | Path,
    shape: Shape | None = None,
    *,
    name: str = "",
    title: str = "",
    invert: bool | None = None,
    values: str | None = None,
    most: int = MOST_ITEMS,
    unpacked: int = LARGEST_ARRAY,
    progress: Progress | None = None,
) -> OwnData:
    """A folder or zip of pictures (sub-folders are labels), an `.npz` or `.npy`, or one picture.

    shape: the (C, H, W) wanted: items are fitted whole and centred, grey and colour turned into each other; None
    keeps the data's own, or that of the first picture. invert: swap light and dark; None swaps grey pictures on a
    light ground. values: a key of `VALUES`, None to detect it. most: items at most, spread over the set. unpacked:
    bytes that an `.npz` may unpack to. progress: told of the share done and the stage; what it raises goes through.
    Raises DataError (for no usable items, a bad shape, pictures of more than `MOST_PIXELS` together, …) and
    ArchiveError (for an unsound zip, or a file that can run code).
    """
    path = Path(path)
    _check_wanted(shape, values, most)
    tell = progress or _silent
    title = title or path.stem
    name = name or path.stem
    try:
        with ExitStack() as opened:
            if path.is_dir():
                found = _in_folder(path)
            else:
                kind = refuse_program(path, path.name)
                if kind in {Kind.NPY, Kind.NPZ}:
                    tell(0.0, "Reading the arrays")
                    arrays = read_arrays(path, unpacked)
                    return _from_arrays(arrays, shape, name, title, invert, values, most, tell)
                found = _in_file(path, kind, opened)
            return _from_pictures(found, shape, name, title, invert, most, tell)
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror or error}.") from error


def read_pictures(
    files: Sequence[tuple[str, bytes]],
    shape: Shape | None = None,
    *,
    name: str = "own",
    title: str = "Own pictures",
    invert: bool | None = None,
    most: int = MOST_ITEMS,
    progress: Progress | None = None,
) -> OwnData:
    """Pictures as (name, bytes); a folder in the name, as in "cat/1.png", is the label. Otherwise as `load_data`."""
    _check_wanted(shape, None, most)
    found: list[Picture] = [(path.replace("\\", "/"), partial(bytes, file)) for path, file in files]
    return _from_pictures(found, shape, name, title, invert, most, progress or _silent)


def _silent(share: float, stage: str) -> None:
    return None


def _check_wanted(shape: Shape | None, values: str | None, most: int) -> None:
    if shape is not None and not (len(shape) == 3 and shape[0] in {1, 3} and all(0 < side <= 1024 for side in shape)):
        raise DataError(f"Pictures can be made (1 or 3, H, W) with sides up to 1024 pixels, not {tuple(shape)}.")
    if values is not None and values not in VALUES:
        raise DataError(f"Unknown range of values {values!r}: expected one of {', '.join(VALUES)}.")
    if most < 1:
        raise DataError(f"At least one item is needed, not {most}.")


# --- Pictures ---


def _in_folder(folder: Path) -> list[Picture]:
    """Links are passed by: they may lead anywhere."""
    found: list[Picture] = []
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "__MACOSX")) for part in path.relative_to(folder).parts)
        if path.is_symlink() or hidden or not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
            continue
        if path.stat().st_size <= LARGEST_FILE and sniff(path) in PICTURES:
            found.append((path.relative_to(folder).as_posix(), path.read_bytes))
    return found


def _in_file(path: Path, kind: Kind, opened: ExitStack) -> list[Picture]:
    if kind in PICTURES:
        return [(path.name, path.read_bytes)]
    if kind is not Kind.ZIP:
        raise DataError(f"{path.name} is a {kind}: expected a folder or zip of pictures, .npz, .npy or a picture.")
    limits = Limits()
    archive = opened.enter_context(open_zip(path, limits))
    return [
        (entry.filename.replace("\\", "/"), partial(read_member, archive, entry, LARGEST_FILE))
        for entry in zip_entries(archive, limits)
        if entry.filename.lower().endswith(ENDINGS)
    ]


def _from_pictures(
    found: list[Picture],
    shape: Shape | None,
    name: str,
    title: str,
    invert: bool | None,
    most: int,
    progress: Progress,
) -> OwnData:
    if not found:
        raise DataError(f"{title} holds no pictures: expected {', '.join(ENDINGS)} files.")
    chosen, notes = _subset(len(found), most)
    pictures = [found[row] for row in chosen]
    pixels = _Pixels(len(pictures))
    wanted, light = _looked_at(pictures, shape, invert is None, pixels)
    _check_amount(len(pictures), wanted)
    swap = light if invert is None else invert
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
    labels, label_names, said = _folders([pictures[row][0] for row in kept])
    notes += said
    if wrong:
        notes.append(f"{len(pictures) - len(kept):,} pictures were left out; the first: {wrong}")
    notes.append(_fitted(wanted, swap))
    progress(1.0, "Ready")
    dataset = _dataset(name, title, items, labels, label_names)
    return OwnData(dataset, VALUES["bytes"], swap, tuple(notes), len(found))


class _TooMany(DataError):
    """The pictures of a set have too many pixels together."""


class _Pixels:
    """Counts the pixels that are unpacked: a picture of forty million may take a second, and a few bytes in a zip."""

    def __init__(self, pictures: int) -> None:
        self.pictures, self.total = pictures, 0

    def count(self, size: Shape, row: int) -> None:
        """Add a picture of a size (C, H, W). Raises _TooMany past `MOST_PIXELS`."""
        self.total += size[1] * size[2]
        if self.total > MOST_PIXELS:
            raise _TooMany(
                f"These {self.pictures:,} pictures are too large together: {self.total:,} pixels after {row + 1:,} of "
                f"them, and at most {MOST_PIXELS:,} are read. Make them smaller first, or bring fewer."
            )


def _looked_at(pictures: list[Picture], shape: Shape | None, vote: bool, pixels: _Pixels) -> tuple[Shape, bool]:
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
    share = min(1.0, LARGEST_SIDE / max(height, width))
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


def _fitted(shape: Shape, inverted: bool) -> str:
    channels, height, width = shape
    text = f"Every picture is fitted whole into {width} × {height} pixels, in {'grey' if channels == 1 else 'colour'}"
    return text + (", light and dark swapped." if inverted else ".")


# --- Arrays ---


def _from_arrays(
    arrays: Arrays,
    shape: Shape | None,
    name: str,
    title: str,
    invert: bool | None,
    values: str | None,
    most: int,
    progress: Progress,
) -> OwnData:
    pictures, notes = _as_pictures(arrays.items)
    notes += list(arrays.notes)
    chosen, said = _subset(len(pictures), most)
    own: Shape = (pictures.shape[1], pictures.shape[2], pictures.shape[3])
    if shape is None and max(own[1:]) > 1024:
        raise DataError(f"The items are {own[2]} × {own[1]} pixels: state a smaller shape to fit them into.")
    wanted = shape or own
    _check_amount(len(chosen), wanted)
    kind = values or detect_values(arrays.items)
    low, span = _range(arrays.items, kind)
    if not span < 1e30:
        raise DataError(f"The items' values reach over {span:.3g}: no pictures are like that.")
    notes += [*said, f"Values were taken for {VALUES[kind]}" + (" as stated." if values else ", as they are.")]
    border = _unit(_border(pictures, chosen[: SAMPLE * 4]), low, span)
    swap = (own[0] == 1 and float(np.median(border)) > 0.5) if invert is None else invert
    items = np.empty((len(chosen), *wanted), np.float32)
    step = max(1, min(BATCH, BATCH_VALUES // max(math.prod(own), math.prod(wanted))))
    for row in range(0, len(chosen), step):
        progress(row / len(chosen), f"Converting items: {row:,} of {len(chosen):,}")
        batch = _unit(pictures[chosen[row : row + step]], low, span)
        items[row : row + step] = _resized(1 - batch if swap else batch, wanted)
    if wanted != own or swap:
        notes.append(_fitted(wanted, swap))
    labels = None if arrays.labels is None else arrays.labels[chosen]
    progress(1.0, "Ready")
    dataset = _dataset(name, title, items, labels, arrays.label_names)
    return OwnData(dataset, VALUES[kind], swap, tuple(notes), len(pictures))


def _as_pictures(items: NDArray[Any]) -> tuple[NDArray[Any], list[str]]:
    """A view (N, C, H, W) of items (N, H, W), (N, C, H, W), (N, H, W, C) or (N, side * side * C)."""
    match items.ndim:
        case 2:
            channels, side = _square(items.shape[1])
            note = f"Rows of {items.shape[1]} numbers were taken for {side} × {side} pictures."
            return items.reshape(-1, channels, side, side), [note]
        case 3:
            return items[:, None], []
        case 4 if items.shape[1] in {1, 3} and items.shape[3] not in {1, 3}:
            return items, []
        case 4 if items.shape[3] in {1, 3, 4} and items.shape[1] not in {1, 3}:
            return items.transpose(0, 3, 1, 2)[:, :3], []
        case 4 if items.shape[1] in {1, 3}:
            return items, [f"Items {items.shape[1:]} were taken for (channels, height, width)."]
    raise DataError(
        f"The items have the shape {items.shape}: expected (N, H, W), (N, C, H, W) or (N, H, W, C) with 1 or 3 "
        "channels, or rows of square pictures."
    )


def _square(count: int) -> tuple[int, int]:
    for channels in (1, 3):
        side = math.isqrt(count // channels)
        if side > 1 and channels * side * side == count:
            return channels, side
    raise DataError(f"Rows of {count} numbers are no square pictures, grey or colour: save them as (N, C, H, W).")


DARKEST = 100  # floats up to here were never bytes: 0 to 16, or per cent


def detect_values(items: NDArray[Any]) -> str:
    """What the numbers of items mean, a key of `VALUES`, from their type and range."""
    if items.dtype.kind == "b":
        return "unit"
    low, high = float(items.min()), float(items.max())
    slack = 1e-3
    if low >= -slack and high <= 1 + slack:
        return "unit"
    if low >= -1 - slack and high <= 1 + slack:
        return "signed"
    if low >= 0 and high <= 255 and (items.dtype.kind != "f" or high > DARKEST):
        return "bytes"
    return "spread"


def _range(items: NDArray[Any], kind: str) -> tuple[float, float]:
    """Lowest value, and the distance to the highest."""
    if kind == "spread":
        low, high = float(items.min()), float(items.max())
        return low, (high - low) or 1.0
    return {"unit": (0.0, 1.0), "signed": (-1.0, 2.0), "bytes": (0.0, 255.0)}[kind]


def _unit(items: NDArray[Any], low: float, span: float) -> NDArray[np.float32]:
    pictures: NDArray[np.float32] = np.clip((items.astype(np.float64) - low) / span, 0, 1).astype(np.float32)
    return pictures


def _border(pictures: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
    edges = (pictures[..., 0, :], pictures[..., -1, :], pictures[..., :, 0], pictures[..., :, -1])
    return np.concatenate([edge[rows].ravel() for edge in edges])


def _resized(items: NDArray[np.float32], shape: Shape) -> NDArray[np.float32]:
    """Items (N, C, H, W) in [0, 1] in another shape, fitted whole and centred on black."""
    channels, height, width = shape
    if channels > items.shape[1]:
        return np.repeat(_resized(items, (1, height, width)), channels, 1)
    if channels < items.shape[1]:
        items = np.tensordot(items, LUMA, (1, 0))[:, None]
    if items.shape[2:] == (height, width):
        return items
    scale = min(height / items.shape[2], width / items.shape[3])
    inner = max(1, round(items.shape[2] * scale)), max(1, round(items.shape[3] * scale))
    filter_ = Image.Resampling.BOX if scale < 1 else Image.Resampling.LANCZOS
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    fitted = np.zeros((len(items), *shape), np.float32)
    for item, place in zip(items, fitted, strict=True):
        for plane, target in zip(item, place, strict=True):
            small = Image.fromarray(np.ascontiguousarray(plane)).resize((inner[1], inner[0]), filter_)
            target[top : top + inner[0], left : left + inner[1]] = np.clip(np.asarray(small), 0, 1)
    return fitted


# --- Both ---


def _subset(count: int, most: int) -> tuple[NDArray[np.int64], list[str]]:
    """The rows to take: all, or `most` of them, spread evenly."""
    most = min(most, MOST_ITEMS)
    if count <= most:
        return np.arange(count), []
    rows = np.linspace(0, count - 1, most).round().astype(np.int64)
    return rows, [f"{most:,} of {count:,} items were taken, spread evenly."]


def _check_amount(count: int, shape: Shape) -> None:
    values = count * math.prod(shape)
    if values > MOST_VALUES:
        raise DataError(
            f"{count:,} items of shape {shape} are {values:,} numbers; at most {MOST_VALUES:,} are held. "
            "State a smaller shape, or bring fewer items."
        )


def _dataset(
    name: str, title: str, items: NDArray[np.float32], labels: NDArray[np.int64] | None, names: tuple[str, ...]
) -> Dataset:
    if labels is None:
        labels, names = np.zeros(len(items), np.int64), (UNLABELLED,)
    for array in (items, labels):
        array.setflags(write=False)
    return Dataset(name, title, items, labels, names)
