"""What the columns of a table are: numbers, categories, names of rows, classes; found, or as a person states."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.datasets.labels import MAX_CLASSES, is_continuous
from aeviz.errors import DataError
from aeviz.importers.data.answers import FoundColumn
from aeviz.importers.data.cells import plain
from aeviz.importers.data.numbers import comma_of, dates_of, is_missing, is_no_number, number_of

MAX_CATEGORIES = 50  # of a column, with the one for all others
MAX_WRONG = 0.05  # share of the cells of a column of numbers that may be none
MAX_VALUE = 1e15  # of a number: beyond, squares of differences lose all sense
MANY = 20  # rows from which on a column of nothing but different words names them
EXAMPLES = 4
TARGETS = frozenset(
    {"class", "classes", "label", "labels", "target", "targets", "y", "anomaly", "outlier", "species", "outcome"}
)
IDENTIFIERS = frozenset({"id", "ids", "index", "row", "no", "nr", "number", "uuid", "key", "unnamed: 0"})
FORMULA = ("=", "+", "-", "@")
USABLE = ("number", "category", "target", "identifier", "ignored")
WORDS = ("category", "target", "identifier", "ignored")


@dataclass(frozen=True)
class Column:
    """A column as found, and its values: numbers with NaN, or categories by number with −1 where there is none."""

    found: FoundColumn
    values: NDArray[Any] | None = None
    categories: tuple[str, ...] = ()
    unit: str = ""


def typed(
    names: Sequence[str], cells: Sequence[Sequence[str]], stated: Mapping[str, str], delimiter: str
) -> list[Column]:
    """The columns of a table, by their cells (columns, N), each in the type stated or else found.

    Raises DataError for a type stated of a column that there is not, or that cannot be of it.
    """
    if unknown := [name for name in stated if name not in names]:
        raise DataError(f"There is no column {unknown[0]!r}: expected one of {', '.join(names)}.")
    if sum(type_ == "target" for type_ in stated.values()) > 1:
        raise DataError("More than one column is stated as the class: items can be coloured by one as their class.")
    columns = [_typed(name, column, stated.get(name), delimiter) for name, column in zip(names, cells, strict=True)]
    if "target" not in stated.values():
        place = next((n for n, column in enumerate(columns) if _may_be_class(column, stated)), None)
        if place is not None:
            columns[place] = _target(columns[place], cells[place])
    return columns


def _typed(name: str, cells: Sequence[str], stated: str | None, delimiter: str) -> Column:
    counts = Counter(cells)
    absent = {cell for cell in counts if is_missing(cell)}
    known = [cell for cell in counts if cell not in absent]
    missing = sum(counts[cell] for cell in absent)
    facts = FoundColumn(name, "ignored", ("ignored",), tuple(map(plain, known[:EXAMPLES])), missing, len(known))
    if not known:
        return Column(replace(facts, note="It has no value at all."))
    comma = comma_of(known, delimiter)
    numbers = {cell: value for cell in known if (value := number_of(cell, comma)) is not None}
    read = None if numbers else dates_of(known)
    facts = replace(facts, choices=USABLE if numbers or read else WORDS)
    if stated == "ignored" or (stated is None and len(known) == 1):
        note = "" if stated else f"It has one value only: {plain(known[0])}."
        return Column(replace(facts, note=note))
    if stated == "identifier":
        return Column(replace(facts, type="identifier"))
    if stated == "target":
        return _target(_categories(facts, cells, counts, MAX_CLASSES, numbers), cells, numbers)
    wrong = [cell for cell in known if cell not in numbers and not is_no_number(cell)]
    amount = sum(counts[cell] for cell in wrong)
    few = len(numbers) > 0 and amount <= MAX_WRONG * (len(cells) - missing)
    if stated == "number" or (stated is None and (few or read)):
        if not numbers and not read:
            raise DataError(f"{name} holds no number; the first of its cells is {plain(known[0])!r}.")
        return _numbers(facts, cells, counts, read or (numbers, ""), wrong, comma, free=stated is None)
    return _category_or_name(facts, cells, counts, numbers, stated)


def _numbers(
    facts: FoundColumn,
    cells: Sequence[str],
    counts: Counter[str],
    read: tuple[Mapping[str, float], str],
    wrong: list[str],
    comma: str,
    free: bool,
) -> Column:
    """A column of numbers or dates; free: whether it may turn out to number the rows, or to be beyond use."""
    meaning, unit = read
    values = np.array([meaning.get(cell, np.nan) for cell in cells], np.float64)
    known = values[~np.isnan(values)]
    notes = [f"Dates were read as {unit}."] if unit else []
    notes += ["Its commas are those of decimals."] if comma == "decimal" else []
    notes += ["Its commas part thousands."] if comma == "thousands" else []
    if wrong and not unit:
        amount = sum(counts[cell] for cell in wrong)
        notes.append(f"Cells that are no numbers are missing, {amount:,}, such as {plain(wrong[0])!r}.")
    lost = [cell for cell in counts if cell not in meaning and is_no_number(cell)]
    if lost:
        notes.append(f"Cells such as {plain(lost[0])!r} are missing.")
    facts = replace(facts, type="number", missing=int(np.isnan(values).sum()))
    if np.abs(known).max(initial=0) > MAX_VALUE:
        note = f"Its values reach to {np.abs(known).max():.3g}: beyond {MAX_VALUE:.0e} they cannot be compared."
        return Column(replace(facts, type="ignored", note=note))
    if free and not unit and _numbers_rows(facts.name, known, len(cells)):
        return Column(replace(facts, type="identifier", note="It numbers the rows."))
    return Column(replace(facts, note=" ".join(notes)), values, unit="days" if unit else "")


def _numbers_rows(name: str, values: NDArray[np.float64], count: int) -> bool:
    """Whether whole numbers, different in each row, do no more than name it."""
    if len(values) < count or count < 2 or (values != values.round()).any():
        return False
    steps = np.diff(values)
    called = name.casefold() in IDENTIFIERS or name.casefold().endswith(("_id", " id"))
    return bool((steps == 1).all()) or (called and len(np.unique(values)) == count)


def _category_or_name(
    facts: FoundColumn, cells: Sequence[str], counts: Counter[str], numbers: Mapping[str, float], stated: str | None
) -> Column:
    known = len(cells) - facts.missing
    if stated is None and facts.distinct > MAX_CATEGORIES:
        note = (
            f"It has {facts.distinct:,} different values, too many for categories: it names rows. "
            f"State category to keep the {MAX_CATEGORIES - 1} commonest."
        )
        return Column(replace(facts, type="identifier", note=note))
    if stated is None and facts.distinct == known and known >= MANY:
        return Column(replace(facts, type="identifier", note="It is different in each row: it names them."))
    return _categories(facts, cells, counts, MAX_CATEGORIES, numbers)


def _categories(
    facts: FoundColumn, cells: Sequence[str], counts: Counter[str], most: int, numbers: Mapping[str, float]
) -> Column:
    """A column of categories, the commonest of too many and one for all others."""
    known = [cell for cell in counts if not is_missing(cell)]
    note = ""
    kept = set(known)
    if len(known) > most:
        commonest = sorted(known, key=lambda cell: (-counts[cell], cell))
        kept = set(commonest[: most - 1])
        note = f"The {most - 1} commonest of its {len(known):,} values are categories, the others are one."
    formulas = [cell for cell in known if cell.startswith(FORMULA) and cell not in numbers and len(cell) > 1]
    if formulas:
        note = f"{note} {plain(formulas[0])!r} is taken as text: nothing is computed.".strip()
    labels = {cell: plain(cell) if cell in kept else f"other ({len(known) - len(kept):,})" for cell in known}
    categories = sorted_names(set(labels.values()))
    place = {name: number for number, name in enumerate(categories)}
    values = np.array([place[labels[cell]] if cell in labels else -1 for cell in cells], np.int64)
    return Column(replace(facts, type="category", note=note), values, categories)


def sorted_names(names: set[str]) -> tuple[str, ...]:
    """Names in order: by size where all are numbers."""
    numbers = {name: number_of(name) for name in names}
    if all(value is not None for value in numbers.values()):
        return tuple(sorted(names, key=lambda name: (numbers[name] or 0.0, name)))
    return tuple(sorted(names))


def _may_be_class(column: Column, stated: Mapping[str, str]) -> bool:
    facts = column.found
    if facts.name.casefold() not in TARGETS or facts.name in stated or column.values is None:
        return False
    whole = bool(column.categories) or not (np.nan_to_num(column.values) % 1).any()
    return whole and 2 <= facts.distinct <= MAX_CLASSES


def _target(column: Column, cells: Sequence[str], numbers: Mapping[str, float] | None = None) -> Column:
    """A column as classes; of numbers that are none, as a scale."""
    if numbers and len(numbers) == column.found.distinct:
        values = np.array([numbers.get(cell, np.nan) for cell in cells])
        if is_continuous(values, column.found.name):
            note = "Its numbers are a scale that colours the items, not classes."
            return Column(replace(column.found, type="target", note=note), values)
    if not column.categories:
        column = _categories(column.found, cells, Counter(cells), MAX_CLASSES, {})
    return replace(column, found=replace(column.found, type="target"))
