"""Items and labels as a program holds them: arrays of any layout and range, lists, data sets of torch, paths."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.arrays import dataset_of
from aeviz.datasets.labels import given_labels
from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES
from aeviz.errors import DataError
from aeviz.importers.data.answers import DataStatement, OwnData
from aeviz.importers.data.arrays import detect_values, from_arrays, square_of
from aeviz.importers.data.fitting import resized
from aeviz.importers.data.pictures import ENDINGS, of_paths
from aeviz.importers.files.arrays import Arrays
from aeviz.importers.files.pairing import is_one_hot
from aeviz.importers.own_data import is_file, load_dataset, read_file

TARGET = "target"  # what a column is that gives the classes, as `DataStatement` says it
MAX_SHOWN = 10_000  # items that are taken of a data set of torch, or a loader: as many as MNIST's test split has
MIN_PIXELS = 64  # of a row that is taken for a picture without being told so
IMAGE = "image"
ITEM_KEYS = ("image", "images", "pixel_values", "x", "img", "input", "inputs", "data")
LABEL_KEYS = ("label", "labels", "y", "target", "targets", "class")


@dataclass(frozen=True)
class Given:
    """A data set made of what was given, and what was assumed of it.

    own: whether it is the caller's rather than one that came with aeviz. layouts: in which the
    items were given, keys of `aeviz.importers.callable_model.LAYOUTS`; ranges: those of their values. notes: sentences.
    """

    dataset: Dataset
    own: bool = True
    layouts: tuple[str, ...] = ()
    ranges: tuple[tuple[float, float], ...] = ()
    notes: tuple[str, ...] = ()


def given(
    items: Any,
    labels: Any = None,
    label_names: Sequence[str] | None = None,
    *,
    title: str = "Your data",
    modality: str = "",
    layout: str = "auto",
    **stated: Any,
) -> Given:
    """A data set of items that a program holds, with what was assumed of them.

    items: as `aeviz.datasets.arrays.dataset_of` takes them; pictures (N, H, W, C), with opacity, in rows of pixels, of
    any range, or a list of them of different sizes; a torch Dataset or DataLoader, of which `MAX_SHOWN` items are
    taken, with their labels, and no more are made; the name of a data set of aeviz; a path, as `read_data` reads it; or
    a list of paths to pictures.
    labels: (N,), (N, 1), one-hot or words, which are classes; numbers on a scale; (N, k), a mapping or a table, several
    columns of which maps can be coloured by each; a table's column. layout: how
    pictures are given, "channels first" or "channels last". Raises DataError.
    """
    if isinstance(items, str | Path):
        return _named(items, labels, label_names, stated | ({"modality": modality} if modality else {}))
    if paths := _paths(items):
        return _listed(paths, labels, label_names, stated | ({"modality": modality} if modality else {}), title)
    if isinstance(items, Dataset):
        _refuse(labels, label_names, stated | {"modality": modality})
        return Given(items, items.name not in SOURCES or items.split != "test")
    notes: list[str] = []
    if _is_torch_data(items):
        items, own_labels, notes = _of_torch(items)
        labels = own_labels if labels is None else labels
    if (
        modality in {"", IMAGE}
        and not hasattr(items, "columns")
        and not stated.get("columns")
        and not stated.get("scale")
    ):
        array, remarks = _array(items)
        if array is not None and (modality == IMAGE or _is_pictures(array)):
            notes += remarks
            return _pictures(array, labels, label_names, title, layout, notes)
    if labels is not None and not isinstance(labels, str):
        labels = plain_labels(labels)
    made = dataset_of(items, labels, label_names, title=title, modality=modality, **stated)
    return Given(made, notes=(*notes, *_scale_notes(made)))


def _named(name: str | Path, labels: Any, label_names: Any, stated: dict[str, Any]) -> Given:
    if not is_file(name):
        _refuse(labels, label_names, stated)
        return Given(load_dataset(name), own=False)
    known = {key: value for key, value in stated.items() if value and key in DataStatement.__dataclass_fields__}
    read = _labelled_by(name, labels, known) if isinstance(labels, str) else read_file(name, DataStatement(**known))
    data = read.dataset
    if labels is not None and not isinstance(labels, str):
        data = given_labels(plain_labels(labels), label_names, len(data)).on(data)
    return Given(data, notes=read.notes)


def _paths(items: Any) -> list[Path]:
    """The paths that a list holds; [] where it holds anything else. Raises DataError for a file that there is not."""
    if not isinstance(items, list | tuple | np.ndarray) or not len(items):
        return []
    if not all(isinstance(item, str | PurePath) for item in items):
        return []
    paths = [Path(item).expanduser() for item in items]
    missing = [path for path in paths if not _is_there(path)]
    named = all(isinstance(item, PurePath) or str(item).lower().endswith(ENDINGS) for item in items)
    if missing and (named or len(missing) < len(paths) / 2):
        more = f", and {len(missing) - 1:,} others" if len(missing) > 1 else ""
        raise DataError(f"{missing[0]}: there is no such file{more}.")
    return [] if missing else paths


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a text that is no path
        return False


def _listed(paths: list[Path], labels: Any, label_names: Any, stated: dict[str, Any], title: str) -> Given:
    """A list of paths to pictures, one for each item."""
    known = {key: value for key, value in stated.items() if value and key in DataStatement.__dataclass_fields__}
    if isinstance(labels, str):
        raise DataError("A list of paths has no columns of labels: give them as a list, one for each path.")
    read = of_paths(paths, DataStatement(**known), title)
    data = read.dataset
    if labels is not None:
        known_labels = given_labels(plain_labels(labels), label_names, len(paths))
        data = (known_labels if read.rows is None else known_labels.of_rows(read.rows)).on(data)
    return Given(data, notes=(*read.notes, *(_scale_notes(data) if labels is not None else ())))


def _labelled_by(name: str | Path, labels: str, known: dict[str, Any]) -> OwnData:
    """What a file holds, with a column of its table or one of its arrays as the class. Raises DataError."""
    try:
        return read_file(name, DataStatement(**{**known, "columns": {labels: TARGET}}))
    except DataError as error:
        read = read_file(name, DataStatement(**known, labels=labels))
        if not read.dataset.has_classes and read.dataset.continuous is None:
            raise error from None
        return read


def _refuse(labels: Any, label_names: Any, stated: Mapping[str, Any]) -> None:
    if labels is not None or label_names is not None:
        raise DataError("A Dataset has labels of its own: leave labels and label_names out.")
    if named := [name for name, value in stated.items() if value]:
        raise DataError(f"A Dataset says what its items are: leave {' and '.join(named)} out.")


def plain_labels(labels: Any) -> Any:
    """Labels (N,), (N, 1) or one-hot as (N,), words as text; several columns as they are."""
    if hasattr(labels, "columns") or isinstance(labels, Mapping):
        return labels
    if hasattr(labels, "detach"):
        labels = labels.detach().cpu()
    array = np.asarray(labels)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if is_one_hot(array):
        array = array.argmax(1)
    if array.dtype == object:
        array = array.astype(str)
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "replace")
    whole = array.dtype.kind == "f" and np.isfinite(array).all() and bool((array == array.round()).all())
    return array.astype(np.int64) if whole else array


def _scale_notes(data: Dataset) -> tuple[str, ...]:
    """What was made of labels that are no classes, or several, in sentences."""
    if data.continuous is None:
        others = [column.title for column in data.columns if column.title != data.label_column]
        more = f"{data.label_column} gives the classes; the Map can be coloured by {', '.join(others[:6])} too."
        return (more,) if others else ()
    values = data.continuous.values
    low, high = np.nanmin(values), np.nanmax(values)
    stated = " Where they are classes, label_names= says so." if bool((values % 1 == 0).all()) else ""
    return (
        f"The labels run from {low:.3g} to {high:.3g}: they are shown as colours on a scale, not as classes.{stated}",
    )


def _array(items: Any) -> tuple[NDArray[Any] | None, list[str]]:
    """Items as one array of numbers, those of different sizes fitted to the size of most; None where they are none."""
    if hasattr(items, "detach"):
        items = items.detach().cpu()
    if isinstance(items, list | tuple) and items and not isinstance(items[0], str):
        parts = [np.asarray(item.detach().cpu() if hasattr(item, "detach") else item) for item in items]
        shapes = [part.shape for part in parts]
        if len(set(shapes)) > 1:
            return _fitted(parts)
        items = np.stack(parts) if parts[0].dtype != object else parts
    array = np.asarray(items)
    return (array if array.dtype.kind in "biuf" and array.ndim >= 2 else None), []


def _fitted(parts: list[NDArray[Any]]) -> tuple[NDArray[Any] | None, list[str]]:
    """Pictures of different sizes, (H, W), (H, W, C) or (C, H, W) each, fitted whole into the size that most have."""
    if any(part.ndim not in {2, 3} or part.dtype.kind not in "biuf" for part in parts):
        return None, []
    planes = []
    for part in parts:
        plane = part[None] if part.ndim == 2 else part
        planes.append(
            plane.transpose(2, 0, 1) if plane.shape[2] in {1, 3, 4} and plane.shape[0] not in {1, 3} else plane
        )
    shapes = [plane.shape for plane in planes]
    most = max(dict.fromkeys(shapes), key=shapes.count)
    top = max(float(plane.max()) for plane in planes)
    top = 1.0 if top <= 1 else 255.0 if top <= 255 else top
    shape = 3 if most[0] == 4 else most[0], most[1], most[2]
    made = [resized((plane[None, :3] / top).astype(np.float32), shape)[0] for plane in planes]
    note = f"The pictures are of {len(set(shapes))} sizes: all were fitted into {most[2]} × {most[1]}, as most are."
    return np.stack(made), [note]


def _is_pictures(array: NDArray[Any]) -> bool:
    """Whether numbers are pictures by their shape and range, without being told so."""
    if not array.size or (array.dtype.kind == "f" and not np.isfinite(array).all()):
        return False
    low, high = float(array.min()), float(array.max())
    if array.ndim == 2:
        return low >= 0 and high > 0 and array.shape[1] >= MIN_PIXELS and square_of(array.shape[1]) is not None
    known = {1, 3, 4}
    if array.ndim == 3:
        return min(array.shape[1:]) >= 3 and (low >= 0 or (low >= -1.1 and high <= 1.1 and array.shape[1] > 4))
    return (
        array.ndim == 4 and bool({array.shape[1], array.shape[3]} & known) and (min(sorted(array.shape[1:])[1:]) >= 3)
    )


def _pictures(
    array: NDArray[Any],
    labels: Any,
    label_names: Sequence[str] | None,
    title: str,
    layout: str,
    notes: list[str],
) -> Given:
    """Pictures through the reader of files of arrays."""
    order = {"channels first": "first", "channels last": "last"}.get(layout, layout)
    statement = DataStatement(layout=order if order in {"first", "last"} else None, invert=False, labels="")
    if not array.size:
        raise DataError(f"items have the shape {array.shape}: there are none.")
    made = from_arrays(Arrays(array, None), statement, title, title, lambda share, stage: None)
    data = made.dataset
    kind = detect_values(array)
    as_they_are = f"Values were taken for {made.values}, as they are."
    remarks = [note for note in made.notes if not note.startswith(as_they_are) or
               kind in {"signed", "spread"} or "outside" in note]  # fmt: skip
    known = given_labels(None if labels is None else plain_labels(labels), label_names, len(array))
    if len(data) != len(array):
        known = known.of_rows(np.linspace(0, len(array) - 1, len(data)).round().astype(np.int64))
    whole = known.on(dataset_of(data.items, title=title, modality=IMAGE))
    low, high = float(array.min()), float(array.max())
    ranges = {"signed": ((-1.0, 1.0),), "bytes": ((0.0, 1.0), (0.0, 255.0)), "spread": ((0.0, 1.0), (low, high))}
    return Given(
        whole, True, _layouts(array, data.shape), ranges.get(kind, ()), (*notes, *remarks, *_scale_notes(whole))
    )


def _layouts(array: NDArray[Any], shape: tuple[int, ...]) -> tuple[str, ...]:
    """The layouts in which pictures were given."""
    if array.ndim == 2:
        return ("flat", "flat-last")
    if array.ndim == 3:
        return ("first", "plain", "last")
    return ("last", "first") if tuple(array.shape[1:3]) == shape[1:] and array.shape[1] != shape[0] else ("first",)


def _is_torch_data(items: Any) -> bool:
    """Whether this gives items one by one or in batches, as data sets and loaders do."""
    if hasattr(items, "__array__") or hasattr(items, "columns") or isinstance(items, list | tuple | Mapping):
        return False
    return hasattr(items, "__getitem__") or hasattr(items, "__iter__")


def _of_torch(items: Any) -> tuple[Any, Any, list[str]]:
    """Items and labels of a torch Dataset or DataLoader; no more are made than are taken."""
    loader = hasattr(items, "batch_size") and hasattr(items, "dataset")
    parts: list[Any] = []
    labels: list[Any] = []
    total = len(items.dataset) if loader and hasattr(items.dataset, "__len__") else _length(items)
    for x, y in _batches(items) if loader else _singles(items, total):
        parts.append(x)
        labels.append(y)
        if len(parts) >= MAX_SHOWN:
            break
    if not parts:
        raise DataError("The data set gives no items.")
    notes = []
    if total is None or total > len(parts):
        known = "" if total is None else f" of {total:,}"
        notes.append(f"{len(parts):,}{known} items were taken of the data set.")
    return parts, None if any(y is None for y in labels) else np.array([_number(y) for y in labels]), notes


def _length(items: Any) -> int | None:
    try:
        return len(items)
    except TypeError:
        return None


def _singles(items: Any, total: int | None) -> Iterator[tuple[Any, Any]]:
    if total is None or not hasattr(items, "__getitem__"):
        for element in items:
            yield _pair(element)
        return
    rows = range(total) if total <= MAX_SHOWN else np.linspace(0, total - 1, MAX_SHOWN).round().astype(int).tolist()
    for row in rows:
        yield _pair(items[row])


def _batches(loader: Any) -> Iterator[tuple[Any, Any]]:
    for batch in loader:
        x, y = _pair(batch)
        for row in range(len(x)):
            yield np.asarray(x[row]), None if y is None else y[row]


def _pair(element: Any) -> tuple[Any, Any]:
    """The item and the label of what a data set gives."""
    if isinstance(element, Mapping):
        item = next((element[key] for key in ITEM_KEYS if key in element), None)
        if item is None:
            raise DataError(
                f"The data set gives dicts with {', '.join(map(str, element))}: expected one of {ITEM_KEYS}."
            )
        return _plain(item), next((element[key] for key in LABEL_KEYS if key in element), None)
    if isinstance(element, list | tuple):
        label = element[1] if len(element) > 1 else None
        same = (
            label is not None
            and getattr(label, "shape", ()) == getattr(element[0], "shape", None)
            and np.ndim(label) > 1
        )
        return _plain(element[0]), None if same else label
    return _plain(element), None


def _plain(item: Any) -> Any:
    return item.detach().cpu().numpy() if hasattr(item, "detach") else np.asarray(item)


def _number(label: Any) -> Any:
    array = _plain(label)
    if array.size == 1:
        return array.item()
    return int(array.argmax()) if is_one_hot(array.reshape(1, -1)) else array.ravel()
