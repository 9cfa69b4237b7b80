"""Making an item of one's own without a picture: a form, a line of text, and cells from a spreadsheet."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small_models
from apptest import html, opened, own, sound
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from aeviz.app import models
from aeviz.app.panels.editors import curve, form, line
from aeviz.datasets.sources import load_dataset
from aeviz.modalities.base import Scale
from aeviz.modalities.columns import Column, columns_of
from aeviz.modalities.text import spelt
from aeviz.store.checkpoints import VARIABLE


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_models.save_all(tmp_path_factory.mktemp("small"))


@pytest.fixture(autouse=True)
def _known(folder: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: Iterator[None]) -> None:
    monkeypatch.setenv(VARIABLE, str(folder))


def inspected(data: str, shown: str = "draw") -> AppTest:
    """The map of a data set with the inspector on one's own item."""
    return opened("map", data=data, shown=shown, item=7, **small_models.PAIR)


def kept(app: AppTest) -> NDArray[np.float32] | None:
    """The visitor's own item, which both maps show."""
    return own(app)


def field(app: AppTest, kind: str, name: str) -> Any:
    return next(widget for widget in app.get(kind) if widget.label.split()[0] == name)


def choose(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    return sound(app.run())


# --- A form ---


def test_a_form_begins_at_the_mean_and_both_networks_answer() -> None:
    app, data = inspected("wage"), load_dataset("wage")
    columns = {column.name: column for column in columns_of(data.scale, data.shape[0])}
    numbers = {
        widget.label.split()[0]: widget.value for widget in app.number_input if widget.label.split()[0] in columns
    }
    assert list(numbers) == ["year", "age", "wage"]
    for name, value in numbers.items():
        assert abs(value - columns[name].mean) < columns[name].std / 10
    assert field(app, "selectbox", "education").value == columns["education"].categories[columns["education"].usual]
    assert "thousand dollars a year" in field(app, "number_input", "wage").label
    item = kept(app)
    assert item is not None
    assert np.abs(item[:3]).max() < 0.1
    assert len(re.findall(r"error \d\.\d{3}<", html(app))) == 2


def test_a_filled_form_is_the_row_in_its_own_units() -> None:
    app, data = inspected("wage"), load_dataset("wage")
    field(app, "number_input", "age").set_value(63.0)
    sound(app.run())
    field(app, "selectbox", "education").set_value("advanced degree")
    sound(app.run())
    item = kept(app)
    assert item is not None
    assert "age 63 years" in data.modality.describe(item, data.scale)
    assert "education advanced degree" in data.modality.describe(item, data.scale)


def test_cells_may_be_missing_one_or_all() -> None:
    app, data = inspected("wage"), load_dataset("wage")
    field(app, "number_input", "age").set_value(None)
    field(app, "selectbox", "race").set_value(None)
    sound(app.run())
    item = kept(app)
    assert item is not None
    told = data.modality.describe(item, data.scale)
    assert "age missing" in told
    assert "race missing" in told
    assert "2 cells missing." in [caption.value for caption in app.caption]
    choose(app, "All missing")
    assert kept(app) is None
    assert any("Every cell is missing" in caption.value for caption in app.caption)
    choose(app, "Mean")
    assert kept(app) is not None


def test_a_form_starts_from_the_selected_item() -> None:
    app, data = inspected("wage"), load_dataset("wage")
    choose(app, "From item 7")
    np.testing.assert_allclose(kept(app), data.items[7], atol=1e-4)


@pytest.mark.parametrize(("std", "step"), [(41.7, 20), (11.5, 5), (2.03, 1), (0.039, 0.01), (2.0, 1), (20000, 10000)])
def test_a_step_is_a_round_half_of_the_spread(std: float, step: float) -> None:
    assert form.step_of(std) == step


def test_a_row_of_numbers_without_names_has_a_form_too() -> None:
    columns = columns_of(Scale(), 3)
    assert form.cells_of(np.array([1, np.nan, -2], np.float32), columns) == {
        **{"column 1": 1.0, "column 2": None, "column 3": -2.0}
    }
    assert form.usual(Column("a", 0, categories=("x", "y"), usual=1)) == "y"


# --- A line ---


def test_a_typed_text_falls_on_the_maps() -> None:
    app, data = inspected("names"), load_dataset("names")
    (box,) = app.text_input
    assert "up to 12 letters: a to z" in box.label
    assert kept(app) is None
    box.set_value("  Mariana ")
    sound(app.run())
    np.testing.assert_array_equal(kept(app), spelt(["mariana"], data.scale, data.shape)[0])
    app.text_input[0].set_value("")
    sound(app.run())
    assert kept(app) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("ann3", "'ann3' holds '3'"),
        ("José", "holds 'é'"),
        ("maximilianasofia", "more than 12 letters"),
        ("=1+1", "'='"),
    ],
)
def test_a_text_that_cannot_be_spelt_is_refused_and_the_one_before_stays(typed: str, said: str) -> None:
    app, data = inspected("names"), load_dataset("names")
    app.text_input[0].set_value("anna")
    app.run()
    app.text_input[0].set_value(typed)
    app.run()
    assert not app.exception
    assert [said in error.value for error in app.error] == [True]
    np.testing.assert_array_equal(kept(app), spelt(["anna"], data.scale, data.shape)[0])
    app.text_input[0].set_value("berta")
    sound(app.run())
    np.testing.assert_array_equal(kept(app), spelt(["berta"], data.scale, data.shape)[0])


def test_the_alphabet_is_told_in_runs() -> None:
    assert line.letters_of((*"abcdefghijklmnopqrstuvwxyz", "")) == "a to z"
    assert line.letters_of((*"abc- xy", "")) == "space, -, a to c, x, y"


# --- A curve: the hand is tested in a browser ---


def test_a_pad_is_there_and_says_how_to_begin() -> None:
    app = inspected("ecg")
    assert "Sketch" in app.segmented_control(key="shown").options
    assert any("Sketch with the mouse, a pen or a finger" in caption.value for caption in app.caption)
    assert kept(app) is None


def test_axes_have_the_units_of_the_scale() -> None:
    axes = curve.axes_of(load_dataset("ecg").scale)
    assert (axes.unit, axes.time_unit) == ("mV", "s")
    assert axes.step == pytest.approx(4 / 360)
    assert curve.axes_of(Scale(low=-1, high=1)).time_unit == "steps"


# --- Pasted cells ---


def paste(app: AppTest, text: str) -> AppTest:
    app.text_area[0].set_value(text)
    app.run()
    assert not app.exception
    return app


def test_a_pasted_column_is_a_series_and_a_bad_one_leaves_it() -> None:
    app, data = inspected("ecg", "upload"), load_dataset("ecg")
    assert app.text_area[0].label == "Paste a row or a column of values from a spreadsheet"
    sound(paste(app, "\n".join(f"{value:.6f}" for value in data.items[11, 0])))
    np.testing.assert_allclose(kept(app), data.items[11], atol=1e-5)
    paste(app, "0.1\ttwo\t0.3")
    assert [error.value for error in app.error] == ["Not a number: 'two'. Only numbers are read here."]
    np.testing.assert_allclose(kept(app), data.items[11], atol=1e-5)
    sound(paste(app, ""))
    assert kept(app) is None


@pytest.mark.long
def test_a_shorter_row_is_stretched_and_that_is_said() -> None:
    app = inspected("power", "upload")
    sound(paste(app, "\t".join(str(value) for value in range(12))))
    item = kept(app)
    assert item is not None
    np.testing.assert_allclose(item[0], np.linspace(0, 11, 24), atol=1e-5)
    assert any("Stretched to 24 values" in caption.value for caption in app.caption)


def test_a_pasted_row_is_read_by_its_header() -> None:
    app, data = inspected("wage", "upload"), load_dataset("wage")
    sound(paste(app, "age\twage\teducation\n50\t99.5\thigh school"))
    item = kept(app)
    assert item is not None
    told = data.modality.describe(item, data.scale)
    assert "age 50 years, wage 99.5 thousand dollars a year" in told
    assert "education high school" in told
    assert "race missing" in told
    paste(app, "age\twage\teducation\n50\t99.5\tSchool of life")
    assert [error.value.startswith("education has no category 'School of life'") for error in app.error] == [True]
    np.testing.assert_array_equal(kept(app), item)


@pytest.mark.long
def test_nothing_of_one_data_set_is_shown_as_one_of_another() -> None:
    app = inspected("ecg", "upload")
    sound(paste(app, " ".join(map(str, range(64)))))
    assert kept(app) is not None
    app.selectbox(key="data").set_value("power")
    app.run()
    paste(app, "one")
    assert [error.value.startswith("Not a number") for error in app.error] == [True]
    assert models.data("power").shape == (1, 24)


@pytest.mark.long
def test_texts_and_pictures_are_not_pasted() -> None:
    assert not inspected("names", "upload").text_area
    assert not opened("map", shown="upload").text_area


@pytest.mark.long
def test_an_end_of_a_path_may_be_typed_and_pasted() -> None:
    app = opened("interpolate", **{"data": "names", "a-from": "draw", **small_models.PAIR})
    app.text_input[0].set_value("anna")
    sound(app.run())
    assert "until then" not in " ".join(caption.value for caption in app.caption)
    app = opened("interpolate", **{"data": "power", "b-from": "upload", **small_models.PAIR})
    sound(paste(app, " ".join(map(str, range(24)))))
