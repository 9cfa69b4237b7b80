"""A model by name, path or Hub id in any form that is read: for Python, the command line and the app alike."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets import sources
from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES
from aeviz.errors import CheckpointError, DataError
from aeviz.importers.files.filetypes import FileType, sniff
from aeviz.importers.files.zips import ArchiveError
from aeviz.importers.own_data import data_of, load_dataset
from aeviz.importers.reading import read_model
from aeviz.modalities.registry import MODALITIES
from aeviz.store import checkpoints
from aeviz.store.checkpoints import CONFIG, Card, locate, read_json

if TYPE_CHECKING:
    from aeviz.importers.models.answers import Candidate, Loaded
    from aeviz.model.autoencoder import Autoencoder
    from aeviz.model.config import Config

WEIGHTS = frozenset({FileType.SAFETENSORS, FileType.TORCH, FileType.TORCH_LEGACY})
MODELS = WEIGHTS | {FileType.ONNX}
PYTHAE = "model_config.json"
Kept = TypeVar("Kept")


def load(name: str | Path, device: str = "auto", **stated: Any) -> "Autoencoder":
    """A trained model, frozen and in evaluation mode, on a device (see `aeviz.device.choose`).

    name: of a shipped model, a Hugging Face Hub id "owner/name", or the path of a file or folder in any form that is
    read: an aeviz or pythae folder, encoder and decoder as ONNX, weights as safetensors or `.pt`, a zip of those.
    Nothing in it is executed. stated: fields of `aeviz.importers.models.statement.Statement`, as shape=(1, 28, 28) or
    scaling="signed", where the file does not tell; what was taken for granted is printed.

    Raises CheckpointError for a missing, damaged or unsound model and one of which more must be stated, ArchiveError
    for a file that can run code, and ValueError for a device that is not there.
    """
    if not stated and (folder := checkpoint_of(name)) is not None:
        return checkpoints.load(folder, device)
    loaded = _read_or_say_what_is_missing(name, device, stated)
    for note in loaded.notes:
        print(f"aeviz: {loaded.name}: {note}", file=sys.stderr)
    return loaded.model


def _read_or_say_what_is_missing(name: str | Path, device: str, stated: Mapping[str, Any]) -> "Loaded":
    """A folder of weights without a config may be a checkpoint that lost it."""
    try:
        return read(name, device, stated=stated)
    except CheckpointError as error:
        folder = Path(name).expanduser()
        if (folder / checkpoints.WEIGHTS).is_file() and not (folder / CONFIG).exists():
            raise CheckpointError(f"{folder / CONFIG} is missing. As weights alone: {error}") from error
        raise


def checkpoint_of(name: str | Path) -> Path | None:
    """The folder of a checkpoint of aeviz's own, or None for a model in another form.

    Raises CheckpointError where there is nothing of that name.
    """
    if Path(name).expanduser().is_file():
        return None
    folder = locate(name)
    return folder if is_checkpoint(folder) else None


def is_checkpoint(folder: Path) -> bool:
    """Whether a folder is one of aeviz's own: its config says of which family, or nothing that can be read."""
    if not (folder / CONFIG).exists():
        return False
    try:
        return "family" in read_json(folder / CONFIG)
    except CheckpointError:
        return True


def read(
    name: str | Path,
    device: str = "auto",
    *,
    data: Dataset | None = None,
    stated: Mapping[str, Any] | None = None,
) -> "Loaded":
    """What `read_model` makes of a name, path or Hub id, its conventions tried on data that fit.

    data: to be tried on first, then those that came with aeviz. stated: fields of a `Statement`. Raises as `load` does.
    """
    from aeviz.importers.models.answers import Unclear
    from aeviz.importers.models.statement import Statement

    try:
        statement = Statement(**(stated or {}))
    except TypeError:
        known = ", ".join(Statement.__dataclass_fields__)
        raise ValueError(f"Unknown statement {', '.join(stated or {})}: expected some of {known}.") from None
    path = Path(name).expanduser()
    named = path.resolve() if path.name in {"", ".."} else name  # "." has no name of its own
    answer = read_model(named, candidates(data), statement, device=device)
    if isinstance(answer, Unclear):
        ways = "; ".join(
            f"{need}={' or '.join(map(repr, options)) if options else '(1, 28, 28) for instance'}"
            for need, options in answer.needs.items()
        )
        raise CheckpointError(f"{answer.message} From Python: aeviz.load({str(name)!r}, …) with {ways}.")
    return answer


def candidates(data: Dataset | None = None) -> "list[Candidate]":
    """The items on which a model's conventions may be tried: those given, then those that came with aeviz."""
    from aeviz.importers.models.answers import Candidate

    def items_of(name: str) -> NDArray[np.float32]:
        return sources.load_dataset(name).items

    given = [] if data is None else [Candidate(data.shape, lambda: data.items, data.modality.name, data.scale.widths)]
    return given + [
        Candidate(source.shape, partial(items_of, name), source.modality, source.scale(source).widths)
        for name, source in SOURCES.items()
    ]


def fits(config: "Config", shape: Sequence[int], modality: str, columns: Sequence[int]) -> bool:
    """Whether a model of no data set of its own takes items of this shape, modality and columns."""
    return (config.modality, config.shape) == (modality, tuple(shape)) and config.columns in {(), tuple(columns)}


def fitting(config: "Config") -> list[str]:
    """Names of the data sets that came with aeviz that a model takes: its own alone, where it has one."""
    if config.dataset in SOURCES:
        return [config.dataset]
    return [
        name
        for name, source in SOURCES.items()
        if not config.data and fits(config, source.shape, source.modality, source.scale(source).widths)
    ]


def on_dataset(model: Kept, dataset: str) -> Kept:
    """The same model, its weights shared, for another data set."""
    same: Any = copy(model)
    same.config = replace(same.config, dataset=dataset)
    kept: Kept = same
    return kept


def data_for_path(data: str | Path) -> Dataset:
    """The data set of a name, its test split, or in a file. Raises DataError."""
    return sources.load_dataset(str(data)) if data in SOURCES else load_dataset(data)


def data_for(config: "Config", data: str | Path | None = None, split: str = "test") -> Dataset:
    """The data that a model is measured on: those named, its own, or the first that came with aeviz and fit.

    data: a name, or the path of a file. Raises DataError where there are none, or these do not fit.
    """
    if data is not None:
        dataset = load_dataset(data, split) if data in SOURCES else load_dataset(data)
        if (dataset.modality.name, dataset.shape) != (config.modality, config.shape):
            what = MODALITIES[config.modality].words.plural
            raise DataError(
                f"The model takes {what} of {config.shape}; {dataset.title} holds {dataset.words.plural} of "
                f"{dataset.shape}."
            )
        return dataset
    if config.data:
        return data_of(config, split)
    names = fitting(config)
    if not names:
        what = MODALITIES[config.modality].words.plural
        raise DataError(f"No {what} here have the shape {config.shape}: name data that fit with --data.")
    return load_dataset(names[0], split)


# --- Folders of models in other forms ---


def foreign_paths(roots: Iterable[Path]) -> list[Path]:
    """Models in other forms than aeviz's at these paths: each itself, or what lies in it."""
    paths: list[Path] = []
    for root in roots:
        if not root.exists() or is_checkpoint(root):
            continue
        inside = sorted(root.iterdir()) if root.is_dir() and not _is_model(root) else [root]
        paths += [path for path in inside if not path.name.startswith(".") and _is_model(path)]
    return paths


def _is_model(path: Path) -> bool:
    """Whether a file or folder may be a model in another form, by its content alone."""
    try:
        if path.is_dir():
            if is_checkpoint(path):
                return False
            types = [sniff(file).type for file in path.iterdir()]
            if FileType.ONNX in types or (path / PYTHAE).is_file():
                return True
            return sum(type_ in WEIGHTS for type_ in types) == 1 and not {FileType.ZIP, FileType.FOLDER} & {*types}
        return sniff(path).type in MODELS | {FileType.ZIP}
    except OSError:
        return False


def foreign(roots: Iterable[Path]) -> "list[tuple[Loaded | None, Card]]":
    """Models in other forms at these paths, each with its card, whose problem says why one cannot be read."""
    return [_foreign(path, path.stat().st_mtime_ns) for path in foreign_paths(roots)]


@lru_cache(maxsize=32)
def _foreign(path: Path, version: int) -> "tuple[Loaded | None, Card]":
    try:
        loaded = read(path)
    except (CheckpointError, ArchiveError, ValueError) as error:
        return None, Card(path.name, path, problem=str(error))
    return loaded, loaded.card


def report(
    name: str | Path, device: str = "auto", data: str | Path | None = None, stated: Mapping[str, Any] | None = None,
    say: Callable[[str], object] = print,
) -> bool:  # fmt: skip
    """Print what the page "Your own" says of a model: what it is, what was found out, and its health on data that fit.

    data: the name or path of others than those that came with aeviz. Returns whether no finding is a warning. Raises as
    `load` does, and DataError where no data fit.
    """
    from aeviz.importers.health import LEVELS, WARNING, examine

    brought = None if data is None else data_for_path(data)
    loaded = read(name, device, data=brought, stated=stated)
    config = loaded.model.config
    say(f"{loaded.name}: {loaded.title} · {facts(loaded)}")
    for note in loaded.notes:
        say(note)
    names = [None] if brought is not None or config.data else fitting(config)
    sound = True
    for dataset in names or [None]:
        on = data_for(config, dataset or data)
        say(f"\nHealth on {on.title}")
        for finding in examine(loaded.model, on.items, labels=on.labels):
            sign, word = LEVELS[finding.level]
            say(f"{sign} {finding.title} ({word}): {finding.value}. {finding.meaning}")
            sound &= finding.level != WARNING
    return sound


def facts(loaded: "Loaded") -> str:
    """A model's code and items, in words."""
    config = loaded.model.config
    takes = MODALITIES[config.modality].size(config.shape)
    return f"code of {config.latent_dim} numbers · takes {takes} · {loaded.weights:,} weights"
