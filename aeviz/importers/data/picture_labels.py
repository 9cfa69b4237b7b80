"""The classes and splits of pictures in files: by their folders, or by a table that lies beside them."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.labels import MAX_CLASSES, Labels, cells_as_labels, of_columns
from aeviz.datasets.record import UNLABELLED
from aeviz.errors import DataError
from aeviz.importers.data.answers import DataStatement
from aeviz.importers.files.pairing import EVERYTHING, SPLITS
from aeviz.importers.files.zips import ArchiveError
from aeviz.modalities.base import Facet

TABLES = (".csv", ".tsv", ".txt")
FOLDERS = "folders"  # what the classes by folders are called where there is a choice
MATCHED = 0.5  # share of the pictures that a table must name
MAX_TABLE_BYTES = 50_000_000
LIKELY = ("label", "labels", "class", "target", "category", "species", "y", "diagnosis", "dx", "breed", "name")


@dataclass(frozen=True)
class Labelled:
    """The pictures that are taken, by rows, with the labels of each, and what else may be chosen."""

    rows: NDArray[np.int64]
    labels: Labels | None  # of len(rows)
    parts: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    table: bool = False

    def of(self, rows: NDArray[np.int64]) -> Labels | None:
        """The labels of some of the pictures that are taken, with the classes that there are among them."""
        if self.labels is None:
            return None
        some = self.labels.of_rows(rows)
        known, numbers = np.unique(some.numbers, return_inverse=True)
        return replace(some, numbers=numbers.astype(np.int64), names=tuple(some.names[row] for row in known))


@dataclass
class _Table:
    columns: dict[str, list[str]] = field(default_factory=dict)  # a cell for each picture, "" where it has none


def natural(text: str) -> list[tuple[int, int, str]]:
    """A key that sorts "2" before "10", as people count."""
    pieces = re.split(r"(\d+)", text)
    return [(0, int(piece), "") if piece.isdecimal() else (1, 0, piece.casefold()) for piece in pieces if piece]


def labels_of(
    paths: list[str], tables: Sequence[tuple[str, Callable[[], bytes]]], statement: DataStatement
) -> Labelled:
    """Splits and classes of pictures. Raises DataError for a part or labels that there are not."""
    folders, splits = parted(paths)
    parts = tuple(dict.fromkeys(split for split in splits if split))
    notes: list[str] = []
    rows = np.arange(len(paths))
    if len(parts) > 1 or (parts and "" in splits):
        counts = Counter(splits)
        listed = ", ".join(f"{part} ({counts[part]:,})" for part in parts)
        if statement.part in {None, EVERYTHING}:
            notes.append(f"It holds the parts {listed}: all were taken.")
        elif statement.part in parts:
            rows = np.flatnonzero([split == statement.part for split in splits])
        else:
            raise DataError(f"There is no part {statement.part!r}: expected one of {', '.join(parts)}, all.")
    else:
        parts = ()
    columns: dict[str, list[str]] = {FOLDERS: folders} if len(set(folders)) > 1 else {}
    by_table, table_name = _beside(paths, tables)
    columns |= by_table
    choice = _chosen(columns, statement.labels)
    if choice is None:
        return Labelled(rows, _coloured(columns, rows), parts, tuple(columns), tuple(notes), bool(by_table))
    if by_table and choice in by_table:
        others = [name for name in columns if name != choice]
        more = f"; {', '.join(others[:6])} may be stated instead." if others else "."
        notes.append(f"The {{noun}} are the column {choice} of {table_name}{more}")
    labels = _coloured(columns, rows)
    column = next((facet for facet in labels.columns if facet.title == choice), None)
    if column is None:
        different = len({columns[choice][row] for row in rows})
        notes.append(f"{choice} holds {different:,} different values: too many for classes, left out.")
    else:
        labels = labels.by(choice)
    noun = "classes" if column is None or column.names else "labels"
    notes = [note.replace("{noun}", noun) for note in notes]
    # Classes are of all that are taken, so that a part of them keeps its classes.
    return Labelled(rows, labels, parts, tuple(columns), tuple(notes), bool(by_table))


def _coloured(columns: dict[str, list[str]], rows: NDArray[np.int64]) -> Labels:
    """All columns as what may colour the pictures that are taken, none of them as the label."""
    made = [_column([cells[row] for row in rows], name) for name, cells in columns.items()]
    return of_columns([facet for facet in made if facet], len(rows), "")


def _column(cells: list[str], title: str) -> Facet | None:
    """Cells of a column as classes, named in the order in which people count, or as numbers on a scale."""
    values = cells_as_labels(cells, title)
    if values.dtype.kind == "f":
        return Facet(title, values.astype(np.float32))
    cells = [cell or UNLABELLED for cell in cells]
    names = sorted(set(cells), key=lambda name: (natural(name), name))  # "A" may stand beside "a"
    if len(names) > MAX_CLASSES:
        return None
    place = {name: row for row, name in enumerate(names)}
    return Facet(title, np.array([place[cell] for cell in cells], np.float32), names=tuple(names))


def _chosen(columns: dict[str, list[str]], stated: str | None) -> str | None:
    if stated == "" or (not columns and not stated):
        return None
    if stated:
        if stated not in columns:
            raise DataError(f"There are no labels {stated!r}: expected one of {', '.join(columns) or 'nothing'}.")
        return stated
    if FOLDERS in columns and len(columns) == 1:
        return FOLDERS
    scales = [name for name, cells in columns.items() if cells_as_labels(cells, name).dtype.kind == "f"]
    classes = [name for name, cells in columns.items() if name not in scales and 1 < len(set(cells)) <= MAX_CLASSES]
    usable = [*classes, *scales]
    for likely in LIKELY:
        for name in usable:
            if name.casefold() == likely:
                return name
    return FOLDERS if FOLDERS in columns else (usable[0] if usable else next(iter(columns)))


def parted(paths: list[str]) -> tuple[list[str], list[str]]:
    """The class of each picture, and its split, "" for none, by the folders in which the paths differ."""
    parents = [list(PurePosixPath(path).parts[:-1]) for path in paths]
    splits = [""] * len(paths)
    for depth in range(max(map(len, parents), default=0)):
        at = {parts[depth] for parts in parents if len(parts) > depth}
        named = {folder for folder in at if _split(folder)}
        # A level of splits holds nothing else; and one of "train" and "plane" are classes.
        if named and named == at and (len(at) > 1 or len({_split(folder) for folder in at}) == 1):
            splits = [_split(parts[depth]) if len(parts) > depth else "" for parts in parents]
            parents = [parts[:depth] + parts[depth + 1 :] for parts in parents]
            break
    shared = 0
    while parents and all(len(parts) > shared for parts in parents) and len({parts[shared] for parts in parents}) == 1:
        shared += 1
    return [parts[shared] if len(parts) > shared else UNLABELLED for parts in parents], splits


def _split(folder: str) -> str:
    words = [word for word in re.split(r"[_\-. ]+", folder.casefold()) if word]
    known = [SPLITS[word] for word in words if word in SPLITS]
    others = [word for word in words if word not in SPLITS and word not in {"set", "images", "data", "split"}]
    return known[0] if len(known) == 1 and not others else ""


def _beside(paths: list[str], tables: Sequence[tuple[str, Callable[[], bytes]]]) -> tuple[dict[str, list[str]], str]:
    """The columns of the table that names most of the pictures, a cell for each picture; {} where none does."""
    known: dict[str, list[int]] = {}
    for row, path in enumerate(paths):
        name = PurePosixPath(path)
        for key in dict.fromkeys((path, name.name, name.stem)):
            known.setdefault(key.casefold(), []).append(row)
    for table, read in tables:
        try:
            text = read().decode("utf-8-sig", "replace")
        except (DataError, ArchiveError, OSError):
            continue
        if len(text) > MAX_TABLE_BYTES:
            continue
        if columns := _matched(text, known, len(paths)):
            return columns, table
    return {}, ""


def _matched(text: str, known: dict[str, list[int]], count: int) -> dict[str, list[str]]:
    head = text[:4096]
    delimiter = max(",;\t ", key=lambda sign: head.count(sign) if sign != " " else head.count(sign) / 100)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True) if row]
    except csv.Error:
        return {}
    if len(rows) < 2:
        return {}
    width = len(rows[0])
    best, matched = 0, 0
    for place in range(min(width, 20)):
        named = sum(_key(row, place) in known for row in rows[:1000])
        if named > matched:
            best, matched = place, named
    if not matched:
        return {}
    names = rows[0] if _key(rows[0], best) not in known else [f"column {place + 1}" for place in range(width)]
    others = [place for place in range(width) if place != best and (names[place].strip() or place)]
    columns = {names[place].strip() or f"column {place + 1}": [""] * count for place in others}
    seen: set[int] = set()
    for row in rows:
        for picture in known.get(_key(row, best), ()):
            seen.add(picture)
            for place in others:
                columns[names[place].strip() or f"column {place + 1}"][picture] = (
                    row[place].strip()[:60] if len(row) > place else ""
                )
    return columns if len(seen) >= MATCHED * count else {}


def _key(row: list[str], place: int) -> str:
    return row[place].strip().replace("\\", "/").removeprefix("./").casefold() if len(row) > place else ""
