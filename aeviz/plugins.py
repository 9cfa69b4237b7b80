"""Tables that installed packages may add rows to, through entry points."""

import logging
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

_log = logging.getLogger(__name__)
Row = TypeVar("Row")


class Table(Mapping[str, Row], Generic[Row]):
    """Rows by name: the built-in ones first, then those of the entry points of a group, which are looked for once.

    noun: a row in words, for messages. row_type: the class that a row must have. An entry point that cannot be loaded,
    is no such row, or takes a name that is there already, is logged and left out: one package must not stop the others.
    """

    def __init__(self, noun: str, group: str, row_type: type[Row], rows: Mapping[str, Row]) -> None:
        self.noun, self.group, self.row_type, self.built_in = noun, group, row_type, dict(rows)

    @cached_property
    def _rows(self) -> dict[str, Row]:
        rows = dict(self.built_in)
        for point in entry_points(group=self.group):
            row = self._loaded(point)
            if row is not None:
                name = getattr(row, "name", point.name)
                if name in rows:
                    _log.warning("%s: the %s %r is there already and is left out.", point.value, self.noun, name)
                else:
                    rows[name] = row
        return rows

    def _loaded(self, point: EntryPoint) -> Row | None:
        try:
            row = point.load()
            if not isinstance(row, self.row_type):
                raise TypeError(f"{point.value} is a {type(row).__name__}, not a {self.row_type.__name__}")
        except Exception:  # another's code may fail in any way
            _log.exception("The %s %r of %s is left out.", self.noun, point.name, point.value)
            return None
        return row

    def __getitem__(self, name: str) -> Row:
        if name in self.built_in:  # to search all installed packages takes a while
            return self.built_in[name]
        return self._rows[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def check(self, name: str) -> None:
        """Raise ValueError, naming the rows there are, for a name that is none of theirs."""
        if name not in self:
            raise ValueError(f"Unknown {self.noun} {name!r}: expected one of {', '.join(self)}.")
