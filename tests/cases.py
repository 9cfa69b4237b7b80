"""Cases of a test of which the short run takes some, and the long run the others."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest


def every(step: int, cases: Iterable[Any]) -> list[Any]:
    """The cases, of which the short run takes each `step`-th, from the first on. A tuple has a value an argument."""
    rows = [case if isinstance(case, tuple) else (case,) for case in cases]
    return [_case(*values, short=row % step == 0) for row, values in enumerate(rows)]


def diagonal(rows: Sequence[Any], columns: Sequence[Any]) -> list[Any]:
    """Each row with each column, as pairs; in the short run each row meets one column, and each column some row."""
    return [
        _case(row, column, short=i % len(columns) == j % len(columns))
        for i, row in enumerate(rows)
        for j, column in enumerate(columns)
    ]


def _case(*values: Any, short: bool) -> Any:
    return pytest.param(*values, marks=() if short else pytest.mark.long)
