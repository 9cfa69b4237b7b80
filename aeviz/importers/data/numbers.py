"""Cells of a text as numbers: decimal commas, thousands, dates, and what is missing."""

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "?"})
DASHES = frozenset({"-", "--", "–", "—", ".", "inf", "+inf", "-inf", "infinity", "-infinity", "#div/0!", "#value!"})
DECIMAL_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+([eE][+-]?\d+)?")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
POINTED = re.compile(r"[+-]?\d{1,3}(\.\d{3})+")
GAPS = str.maketrans({"\u00a0": "", "\u202f": "", "\u2212": "-", "’": ""})
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
DATES = (
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y",
    "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y",
)  # fmt: skip
TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f")
AMBIGUOUS = ("%d/%m/%Y", "%d/%m/%y")
DATE_LIKE = re.compile(r"[\w ,./:+-]{6,40}")
DAY_S = 86_400.0


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value: empty, NA, NaN, null or a question mark."""
    return len(cell) < 8 and cell.strip().casefold() in MISSING


def is_no_number(cell: str) -> bool:
    """Whether a cell of numbers says that there is none: a dash, infinity, a spreadsheet's error."""
    return cell.strip().casefold() in DASHES


def number_of(cell: str, comma: str = ",") -> float | None:
    """A cell as a finite number, or None. comma: what "," is to a number, "decimal", "thousands", or unknown as ",".

    Where it is unknown, a number with one comma counts too, for to tell numbers from words.
    """
    if comma != "decimal":
        try:  # most are plain, and there may be millions
            value = float(cell)
            return value if math.isfinite(value) and "_" not in cell else None
        except ValueError:
            pass
    text = cell.strip().translate(GAPS)
    if comma == "decimal":
        text = (text.replace(".", "") if "," in text or POINTED.fullmatch(text) else text).replace(",", ".")
    elif comma == "thousands" and THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    elif comma == "," and DECIMAL_COMMA.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    if not NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def comma_of(cells: Iterable[str], delimiter: str) -> str:
    """What a comma is to the numbers of a column: "decimal", "thousands", or "" for nothing.

    Where both may be, as in 1,234, it parts thousands in a file whose cells a comma parts, and decimals elsewhere.
    """
    cells = list(cells)
    with_comma = [cell.strip().translate(GAPS) for cell in cells if "," in cell]
    if not with_comma:
        return ""
    pointed = any("." in cell and "," not in cell and not POINTED.fullmatch(cell.strip()) for cell in cells)
    decimal = not pointed and all(map(DECIMAL_COMMA.fullmatch, with_comma))
    thousands = all(map(THOUSANDS.fullmatch, with_comma))
    if decimal and thousands:
        return "thousands" if delimiter == "," else "decimal"
    return "decimal" if decimal else "thousands" if thousands else ""


def dates_of(cells: list[str]) -> tuple[dict[str, float], str] | None:
    """Cells that are all dates, each as days since the first of them, and how they were read; None where one is none.

    Of a day and a month that may be either, the day comes first unless some cell says otherwise.
    """
    if not cells or not all(DATE_LIKE.fullmatch(cell) and any(map(str.isdigit, cell)) for cell in cells):
        return None
    dates, order = _iso(cells), ""
    if dates is None:
        for form in (date + time for date in DATES for time in TIMES):
            dates = _parsed(cells, form)
            if dates is not None:
                swapped = form.replace("%d/%m", "%m/%d")
                if form.startswith(AMBIGUOUS) and _parsed(cells, swapped) is not None:
                    order = ", the day before the month"
                break
    if dates is None:
        return None
    first = min(dates.values())
    days = {cell: (moment - first).total_seconds() / DAY_S for cell, moment in dates.items()}
    return days, f"days since {first:%Y-%m-%d}{order}"


def _iso(cells: list[str]) -> dict[str, datetime] | None:
    try:
        return {cell: _naive(datetime.fromisoformat(cell)) for cell in cells}
    except (ValueError, OverflowError):
        return None


def _parsed(cells: list[str], form: str) -> dict[str, datetime] | None:
    try:
        return {cell: datetime.strptime(cell, form) for cell in cells}
    except (ValueError, OverflowError):
        return None


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
