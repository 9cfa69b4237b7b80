import math
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeviz.importers.data.numbers import comma_of, dates_of, is_missing, number_of


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_that_python_writes_is_read(value: float) -> None:
    assert number_of(repr(value)) == value
    assert number_of(f" {value:.17g} ") == value


@given(st.floats(-1e12, 1e12), st.booleans())
def test_decimal_commas_and_thousands_are_read(value: float, parted: bool) -> None:
    english = f"{value:,.3f}" if parted else f"{value:.3f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert number_of(german, "decimal") == float(f"{value:.3f}")
    assert number_of(english, "thousands") == float(f"{value:.3f}")


@pytest.mark.parametrize(
    "cell", ["", "abc", "12a", "1_000", "nan", "inf", "-inf", "=1", "1e999", "--1", "1,2,3", "12.05.2020", "0x1f"]
)
def test_other_cells_are_no_numbers(cell: str) -> None:
    assert number_of(cell) is None


def test_a_minus_and_thin_spaces_as_people_set_them() -> None:
    assert number_of("−1.5") == -1.5
    assert number_of("12\u202f345") == 12345


@pytest.mark.parametrize("cell", ["", " ", "NA", "n/a", "NaN", "nan", "?", "NULL", "#N/A"])
def test_missing(cell: str) -> None:
    assert is_missing(cell)
    assert not is_missing(cell + "x")


@pytest.mark.parametrize(
    ("cells", "delimiter", "comma"),
    [
        (["1.5", "2"], ",", ""),
        (["1,5", "2"], ";", "decimal"),
        (["1.234,5", "2.000"], ";", "decimal"),
        (["1,234", "5,678"], ",", "thousands"),
        (["1,234", "5,678"], ";", "decimal"),
        (["1,234", "5.5"], ";", "thousands"),
        (["1,234.5", "7"], ";", "thousands"),
        (["a, b", "1,5"], ";", ""),
    ],
)
def test_what_a_comma_is(cells: list[str], delimiter: str, comma: str) -> None:
    assert comma_of(cells, delimiter) == comma


@given(
    st.lists(st.dates(date(1000, 1, 1)), min_size=1, max_size=6, unique=True),
    st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d"]),
)
def test_dates_are_days_since_the_first(days: list[date], form: str) -> None:
    cells = [day.strftime(form) for day in days]
    found = dates_of(cells)
    assert found is not None
    assert [found[0][cell] for cell in cells] == [(day - min(days)) / timedelta(days=1) for day in days]
    assert found[1].startswith("days since ")


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (["2020-01-01T12:00:00", "2020-01-02T00:00:00"], [0, 0.5]),
        (["2020-01-01T00:00:00Z", "2020-01-01T00:00:00-06:00"], [0, 0.25]),
        (["01.02.2020 06:00", "02.02.2020 06:00"], [0, 1]),
        (["3 Mar 2020", "5 Mar 2020"], [0, 2]),
        (["01/13/2020", "01/02/2020"], [11, 0]),
    ],
)
def test_times_zones_and_words(cells: list[str], days: list[float]) -> None:
    found = dates_of(cells)
    assert found is not None
    assert [found[0][cell] for cell in cells] == days


def test_a_day_that_may_be_a_month_is_told() -> None:
    for cells, told in ((["01/02/2020", "03/04/2020"], True), (["13/02/2020", "03/04/2020"], False)):
        found = dates_of(cells)
        assert found is not None
        assert ("the day before the month" in found[1]) is told
        assert math.isclose(max(found[0].values()), 62 if told else 50)


@pytest.mark.parametrize("cells", [[], ["2020"], ["yesterday"], ["2020-13-01"], ["2020-01-01", "x"], ["1.5", "2.5"]])
def test_other_cells_are_no_dates(cells: list[str]) -> None:
    assert dates_of(cells) is None
