import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeviz.app import models
from aeviz.app.panels import marked_items


@given(st.integers(1, 3000), st.data())
def test_rows_survive_the_url(count: int, data: st.DataObject) -> None:
    rows = np.array(sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=1))), np.int64)
    text = marked_items.write(count, rows)
    assert text.isascii()
    assert not set(text) & set("&=#+/% ")
    np.testing.assert_array_equal(marked_items.parse(text, count), rows)


def test_thousands_of_marks_make_a_link_that_every_browser_takes() -> None:
    rows = np.flatnonzero(np.random.default_rng(0).random(10_000) < 0.5)
    assert len(marked_items.write(10_000, rows)) < 1800


@pytest.mark.parametrize("text", ["", "x", "5_", "-1", "1_100", "3.5", ".", ".!!", ".AAAA", "." + "A" * 400])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"rows|invalid literal"):
        marked_items.parse(text, 100)


def test_a_packed_bomb_is_not_unpacked() -> None:
    huge = marked_items.write(80_000_000, np.arange(100))
    np.testing.assert_array_equal(marked_items.parse(huge, 800), np.arange(100))


def test_the_files_hold_every_item_with_its_figures() -> None:
    rows = np.array([2, 77, 5000])
    data, ae, vae = models.data("mnist"), models.codes("mnist-ae"), models.codes("mnist-vae")
    files = data, {"mnist-ae": ae, "mnist-vae": vae}, rows
    places = {"mnist-ae": (np.array([2, 5000]), np.array([[1, 2], [3, 4]], np.float32))}
    lines = list(csv.DictReader(io.StringIO(marked_items.as_csv(*files, places).decode())))
    assert [line["item"] for line in lines] == ["2", "77", "5000"]
    assert [line["class"] for line in lines] == [data.label_names[label] for label in data.labels[rows]]
    np.testing.assert_allclose([float(line["mnist-ae error"]) for line in lines], ae.error[rows], rtol=1e-5)
    np.testing.assert_allclose([float(line["mnist-vae z3"]) for line in lines], vae.mean[rows, 3], rtol=1e-5)
    assert [(line["mnist-ae map x"], line["mnist-ae map y"]) for line in lines] == [("1", "2"), ("", ""), ("3", "4")]
    far = np.linalg.norm(ae.mean[rows] - ae.mean[rows].mean(0), axis=1)
    np.testing.assert_allclose([float(line["mnist-ae distance from the mean"]) for line in lines], far, rtol=1e-5)
    assert "mnist-vae map x" not in lines[0]
    assert "mnist-vae KL" in lines[0]
    assert "mnist-ae KL" not in lines[0]
    with np.load(io.BytesIO(marked_items.as_npz(*files))) as file:
        np.testing.assert_array_equal(file["item"], rows)
        np.testing.assert_array_equal(file["pictures"], data.items[rows])
        np.testing.assert_array_equal(file["mnist-vae_std"], vae.std[rows])
        np.testing.assert_array_equal(file["mnist-ae_mean"], ae.mean[rows])
        assert "mnist-ae_std" not in file


def test_classes_are_counted_the_largest_first() -> None:
    text = marked_items.counts(np.array([1, 1, 0, 1]), ["cat", "dog"])
    assert text.index("dog") < text.index("cat")
    assert "</i>3</dd>" in text
    assert "width: 33%" in text
