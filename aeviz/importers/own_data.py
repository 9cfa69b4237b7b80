"""A data set by its name or from a file of a person's own, and again for a model that was trained on one."""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from aeviz.datasets import sources
from aeviz.datasets.files import VARIABLE
from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES, SPLITS
from aeviz.datasets.splits import part
from aeviz.errors import DataError
from aeviz.importers.data.answers import DataStatement, OwnData
from aeviz.importers.reading import read_data
from aeviz.model.config import Config

BLOCK = 1 << 20  # bytes hashed at once


def load_dataset(name: str | Path, split: str | None = None, **stated: Any) -> Dataset:
    """Load a data set by its name, such as "mnist" or "names", or from a file of your own, such as "mine.csv".

    By name: split="test" (the default) is bundled; split="train" too but for MNIST and Fashion-MNIST, whose 60,000
    items are read from the folder in AEVIZ_DATA_DIR, or else downloaded once with a progress bar.

    From a file: a CSV or TSV with a header is a table, one of rows of numbers series, a text with one short text a line
    texts; `.npy` and `.npz` hold pictures, or series with modality="series"; a folder, a zip or a file of pictures.
    All of it by default, or "train", four fifths drawn with seed 0, or "test", the others. stated: fields of
    `aeviz.importers.data.answers.DataStatement`, as columns={"class": "target"}, rate=360, unit="mV".

    Raises DataError for what there is not and cannot be read. The arrays are shared and cannot be written to.
    """
    if split is not None and split not in SPLITS:
        raise DataError(f"Unknown split {split!r}: expected 'test' or 'train'.")
    if not is_file(name):
        if stated:
            raise DataError(f"{name} is a data set of aeviz: nothing can be stated of how it is read.")
        return sources.load_dataset(str(name), split or "test")
    whole = read_file(name, DataStatement(**stated)).dataset
    return part(whole, split) if split else whole


def is_file(name: str | Path) -> bool:
    """Whether this is a path rather than the name of a data set. Raises DataError where it is neither."""
    if isinstance(name, str) and name in SOURCES:
        return False
    if located(name) is not None:
        return True
    if isinstance(name, Path) or re.search(r"[/\\.]", name):
        raise DataError(f"{name}: there is no such file, here or in the folder of {VARIABLE}.")
    raise DataError(f"Unknown data set {name!r}: expected one of {', '.join(SOURCES)}, or a file.")


def located(name: str | Path) -> Path | None:
    """Where a file lies: as named, or in the folder that AEVIZ_DATA_DIR names; None where it does not."""
    path = Path(name).expanduser()
    folder = os.environ.get(VARIABLE)
    places = [path, *([Path(folder).expanduser() / path.name] if folder else [])]
    return next((place for place in places if place.exists()), None)


def read_file(name: str | Path, statement: DataStatement) -> OwnData:
    """What `read_data` makes of a file, named after it; the last file that was read is kept. Raises DataError."""
    path = located(name)
    if path is None:
        raise DataError(f"{name}: there is no such file.")
    facts = path.stat()
    return _read(path.resolve(), (facts.st_mtime_ns, facts.st_size), json.dumps(asdict(statement)))


@lru_cache(maxsize=1)
def _read(path: Path, version: tuple[int, int], statement: str) -> OwnData:
    return read_data(path, statement_of(json.loads(statement)), name=name_of(path), title=path.stem)


def name_of(path: Path) -> str:
    """What a file's data set is called: its own name in plain letters, never that of one of aeviz's."""
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "data"
    return f"{name}-file" if name in SOURCES else name


def statement_of(record: Mapping[str, Any]) -> DataStatement:
    """The statement that a config states. Raises DataError where it states what cannot be."""
    try:
        known = {key: value for key, value in record.items() if key in DataStatement.__dataclass_fields__}
        shape = known.get("shape")
        return DataStatement(**{**known, "shape": None if shape is None else tuple(shape)})
    except (TypeError, AttributeError) as error:
        raise DataError(f"How the data are to be read is not stated soundly: {error}.") from error


def stated_in_config(name: str | Path, statement: DataStatement, data: Dataset) -> dict[str, Any]:
    """What `Config.data` holds of a file: all that it takes to read it again, and what its numbers mean."""
    usual = DataStatement()
    given = {key: value for key, value in asdict(statement).items() if value != getattr(usual, key)}
    path = located(name)
    return {
        "file": str(name),
        "sha256": _digest(path) if path and path.is_file() else "",
        "statement": given,
        "scale": data.scale.stated(),
    }


def data_of(config: Config, split: str) -> Dataset:
    """A split of the file that a model was trained on, on the scale that it learned.

    Raises DataError where the file is not there any more, or is another.
    """
    file = str(config.data.get("file", ""))
    path = located(file) if file else None
    if path is None:
        raise DataError(
            f"The model was trained on {file or 'a file'}, which is not here: put it back, start where it lies, or "
            f"name its folder in {VARIABLE}."
        )
    digest = config.data.get("sha256")
    if digest and path.is_file() and _digest(path) != digest:
        raise DataError(
            f"{path} is not as it was when the model was trained on it (its SHA-256 differs): put that file back, or "
            "train anew."
        )
    whole = read_file(file, statement_of(config.data.get("statement", {}))).dataset
    if whole.shape != config.shape:
        raise DataError(f"The model takes items of {config.shape}; those of {path} are {whole.shape}.")
    return replace(part(whole, split), name=config.dataset)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
