"""The page Features: what was measured is read, what was not is measured now, and neighbours are the nearest."""

from dataclasses import replace

import numpy as np
import pytest
from apptest import html, opened

from aeviz.app import models
from aeviz.app.pages import features
from aeviz.evaluation import label_efficiency
from aeviz.evaluation.label_efficiency import LearningCurve

ITEM = 3


def captions(app: object) -> str:
    return "\n".join(caption.value for caption in app.caption)  # type: ignore[attr-defined]


def test_shipped_figures_are_read_and_not_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_efficiency, "measure", lambda *_: pytest.fail("measured again"))
    app = opened("features", data="ecg", **{"near-item": ITEM})
    text = html(app)
    card = models.zoo()["ecg"]["ae"]
    curve = LearningCurve.read(card.metrics)
    assert curve
    assert f"{curve.mean[2]:.0%}" in text
    assert "Measured by `aeviz evaluate`." in captions(app)
    data = models.data("ecg")
    codes = models.codes("ecg-ae").mean
    alike = (data.labels[label_efficiency.nearest(codes, codes[ITEM], ITEM)] == data.labels[ITEM]).sum()
    assert f"{alike} of 10 of its class</b> · all items: {card.metrics['same_class']:.1%}" in text
    assert "not a cardiologist's" in captions(app)


def test_what_was_not_measured_is_measured_now_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    curve = LearningCurve((1, 3), (0.5, 0.75), (0.1, 0.05)).figures()
    mark = features.RAW_MARK
    known = features.measured_way("AE", mark, "solid", curve, lambda: pytest.fail("measured again"))
    live = features.measured_way("VAE", mark, "solid", {"mse": 0.1}, lambda: {**curve, "same_class": 0.5})
    assert (known.live, live.live) == (False, True)
    assert features.origin([known, live]).endswith("Measured just now: VAE; the others by `aeviz evaluate`.")
    assert features.origin([live]).endswith("Measured just now: VAE.")
    assert features.origin([known]).endswith("Measured by `aeviz evaluate`.")


def test_the_curves_are_saved_a_line_for_each_count() -> None:
    text = features.as_csv({"AE · 16": LearningCurve((1, 3), (0.5, 0.75), (0.1, 0.05))})
    assert text.splitlines()[1:] == ["AE · 16,1,0.5,0.1", "AE · 16,3,0.75,0.05"]


def test_the_shipped_figures_are_those_of_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """The smallest data set, all draws: the page would measure what `aeviz evaluate` wrote."""
    card = models.zoo()["power"]["ae-2d"]
    measured = label_efficiency.measure(models.codes(card.name).mean, models.data("power").labels)
    assert measured.keys() <= card.metrics.keys()
    for key, value in measured.items():
        assert card.metrics[key] == pytest.approx(value, abs=0.02), key


@pytest.mark.parametrize(
    ("labels", "names", "told"),
    [
        ([0, 0, 0, 0, 1, 1, 1], ("a", "b"), "of these 2 classes 1 has as many"),
        ([0, 0, 1, 2], ("a", "b", "c"), "of these 3 classes none has as many"),
        ([0, 0, 0, 0], ("all",), "these have no classes"),
    ],
)
def test_what_cannot_be_learned_from_is_told_as_it_is(labels: list[int], names: tuple[str, ...], told: str) -> None:
    data = replace(models.data("power"), labels=np.array(labels), label_names=names)
    assert told in features.too_few(data)


def test_an_own_item_is_told_by_the_class_of_most_neighbours() -> None:
    data = models.data("mnist")
    source = features.item_input.Input(data.items[0], "your picture")
    rows = np.flatnonzero(data.labels == 7)[:8].tolist() + np.flatnonzero(data.labels == 9)[:2].tolist()
    assert features.same_class(data, source, np.array(rows), 0.9) == "<b>8 of 10 are “7”</b> · all items: 90.0%"
    assert features.same_class(data, source, np.array(rows), None) == ""
