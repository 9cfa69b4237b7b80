"""Widgets in the kernel: what they show, how they follow each other, what they answer for a model no browser runs."""

import sys
from typing import Any

import numpy as np
import pytest

import aeviz
from aeviz.datasets.record import Dataset

pytest.importorskip("anywidget", reason='the widgets take anywidget: pip install "aeviz[notebook]"')
traitlets = pytest.importorskip("traitlets")
widgets = aeviz.widgets


@pytest.fixture(scope="module")
def few() -> Dataset:
    return aeviz.load_dataset("mnist").of_rows(np.arange(60))


@pytest.fixture(scope="module")
def model() -> Any:
    return aeviz.load("mnist-vae", device="cpu")


@pytest.fixture
def functions(model: Any) -> tuple[Any, Any]:
    """Functions that no browser runs."""
    return (lambda x: model.encode(x).mean), model.decode


def asked(widget: Any, name: str, value: Any) -> None:
    """What the browser does to ask."""
    widget.asked = {"name": name, "value": value, "number": widget.asked.get("number", 0) + 1}


def test_a_drawing_turns_the_sliders_and_a_selection_too(model: Any, few: Dataset) -> None:
    pad, sliders, plane = widgets.drawing_pad(few), widgets.sliders(model, few), widgets.pad(model, few)
    latent_map = widgets.latent_map(model, few)
    widgets.link(pad, sliders, plane, latent_map)
    codes: list[Any] = []
    sliders.observe(lambda change: codes.append(change.new), "code")
    pad.drawn = few.items[7]
    encoded = sliders.shown.encode(few.items[7])
    np.testing.assert_allclose(sliders.code, encoded, atol=1e-5)
    assert sliders.code == plane.code
    np.testing.assert_array_equal(sliders.picture, sliders.shown.model.explorer.decode(encoded[None])[0])
    latent_map.selected = 3
    np.testing.assert_allclose(plane.code, latent_map.codes[3])
    assert len(codes) == 2
    assert sliders.networks.keys() == plane.networks.keys() == {sliders.facts["digest"]}


def test_two_maps_share_a_selection_and_each_has_its_own_code(model: Any, few: Dataset) -> None:
    first, second = widgets.latent_map(model, few), widgets.latent_map("mnist-ae", few)
    widgets.link(first, second)
    first.selected = 9
    assert second.selected == 9
    for latent_map in (first, second):
        np.testing.assert_allclose(latent_map.code, latent_map.codes[9])
    assert first.facts["group"] == second.facts["group"]


@pytest.mark.parametrize("make", ["sliders", "pad"])
def test_the_kernel_answers_for_functions_that_no_browser_runs(
    make: str, functions: tuple[Any, Any], few: Dataset
) -> None:
    widget = getattr(widgets, make)(functions, few)
    assert widget.networks == {}
    assert widget.data["tab"] is None
    before = widget.data
    if make == "sliders":
        asked(widget, "focus", 2)
        assert widget.data["fine"]["row"] == 2
        values = [row["value"] for row in widget.data["rows"]]
        values[1] = 1.5
        asked(widget, "values", values)
        assert widget.data["seen"] == values
        assert widget.data["rows"][1]["value"] == pytest.approx(1.5)
        assert widget.latent_axes.read(np.float32(widget.code))[1] == pytest.approx(1.5)
    else:
        asked(widget, "pad", {"position": [0.5, -0.5], "view": [-1, 1, -1, 1], "have": []})
        np.testing.assert_allclose(widget.plane.read(np.float32([widget.code]))[0], [0.5, -0.5], atol=1e-5)
        assert len(widget.data["levels"]) == 2
    assert widget.data["picture"] != before["picture"]


def test_a_browser_that_cannot_run_the_model_gets_films(model: Any, few: Dataset) -> None:
    sliders = widgets.sliders(model, few)
    assert sliders.data["films"] is None
    asked(sliders, "refused", sliders.facts["digest"])
    assert sliders.data["films"]["count"] == 13 * len(sliders.data["rows"])
    assert sliders.networks == {}


def test_an_item_falls_on_the_map_of_functions(functions: tuple[Any, Any], few: Dataset) -> None:
    latent_map = widgets.latent_map(functions, few, method="pca")
    latent_map.item = few.items[4]
    (extra,) = latent_map.data["extras"]
    np.testing.assert_allclose([extra["x"], extra["y"]], latent_map.coordinates[4], atol=1e-2)
    latent_map.item = None
    assert latent_map.data["extras"] == []


def test_a_map_of_codes_needs_no_model(few: Dataset) -> None:
    codes = np.random.default_rng(0).normal(size=(len(few), 2))
    latent_map = widgets.latent_map(codes, few)
    np.testing.assert_allclose(latent_map.coordinates, codes, rtol=1e-6)
    latent_map.selected = 5
    np.testing.assert_allclose(latent_map.code, codes[5], rtol=1e-6)


def test_a_way_has_a_strip_for_each_model_and_one_of_values(few: Dataset) -> None:
    scrubber = widgets.scrubber({"one": "mnist-ae", "two": "mnist-vae"}, first=3, last=few.items[4], data=few, steps=5)
    assert [strip["label"] for strip in scrubber.data["strips"]] == ["one", "two", "Pixels, cross-fade"]
    assert len(scrubber.networks) == 2
    assert scrubber.t == 0.5


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda few: widgets.sliders(len, few), "is no model"),
        (lambda few: widgets.sliders((len, len)), "needs data"),
        (lambda few: widgets.sliders("mnist-cvae", few), "is conditional"),
        (lambda few: widgets.sliders("mnist-vae", few, start=60), "There is no item 60"),
        (lambda few: widgets.sliders("mnist-vae", few, start=np.zeros((1, 3, 3))), "An item has the shape"),
        (lambda few: widgets.sliders("mnist-vae", few, basis="x"), "Unknown basis"),
        (lambda few: widgets.sliders("mnist-vae", "emoji"), "takes items of"),
        (lambda few: widgets.pad("mnist-vae", few, up=0), "two different axes"),
        (lambda few: widgets.latent_map(np.zeros((3, 2)), few), "There are 3 codes, but 60 pictures"),
        (lambda few: widgets.latent_map(np.zeros((60, 3)), few, method="code"), "are no map"),
        (lambda few: widgets.drawing_pad("names"), "only pictures can be drawn"),
        (lambda few: widgets.scrubber([]), "Name a model"),
        (lambda few: widgets.link(widgets.drawing_pad()), "two widgets at least"),
        (lambda few: widgets.link(widgets.drawing_pad(), widgets.drawing_pad()), "can follow none of the others"),
        (lambda few: widgets.link((widgets.drawing_pad(), "x"), (widgets.drawing_pad(), "drawn")), "has no value 'x'"),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(few: Dataset, wrong: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        wrong(few)


@pytest.mark.parametrize(("name", "value"), [("code", [1.0, 2.0]), ("code", [np.nan] * 16), ("code", "x")])
def test_a_value_that_does_not_fit_is_refused(model: Any, few: Dataset, name: str, value: Any) -> None:
    sliders = widgets.sliders(model, few)
    before = getattr(sliders, name)
    with pytest.raises(traitlets.TraitError):
        setattr(sliders, name, value)
    assert getattr(sliders, name) == before


def test_without_anywidget_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("aeviz.widgets", "aeviz.parts.hosts.anywidget"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "aeviz\[notebook\]"'):
        __import__("aeviz.widgets")
