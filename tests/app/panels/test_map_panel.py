"""What colours the points of a pair's maps."""

import json

import numpy as np
import pytest
from apptest import opened
from hypothesis import given
from hypothesis import strategies as st

from aeviz.app import models
from aeviz.app.panels import map_panel


def spans(**parameters: object) -> list[tuple[list[float] | None, str]]:
    """The ends of the colours of each map on the page Map, and what they measure."""
    app = opened("map", **parameters)
    data = [json.loads(element.proto.json) for element in app.get("bidi_component") if element.proto.json]
    maps = [one[0] for one in data if isinstance(one, list) and "valueSpan" in one[0]]
    return [(one["valueSpan"], one["valueLabel"]) for one in maps]


def test_one_colour_is_one_error_on_both_maps() -> None:
    (left, _), (right, _) = spans(colour="error")
    errors = np.concatenate([models.codes(name).error for name in ("mnist-ae", "mnist-vae")])
    assert left == right == pytest.approx(np.quantile(errors, [0.01, 0.99]).tolist())


def test_a_model_without_kl_says_so_and_takes_no_part_in_the_scale() -> None:
    (left, none), (right, nats) = spans(colour="kl")
    assert none == "no KL: each code is a point"
    assert nats == "KL in nats"
    kl = models.codes("mnist-vae").kl
    assert kl is not None
    assert left == right == pytest.approx(np.quantile(kl.sum(1), [0.01, 0.99]).tolist())


def test_classes_need_no_scale() -> None:
    assert spans() == [(None, ""), (None, "")]


@given(st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), max_size=30))
def test_a_scale_rises_and_lies_among_the_numbers(numbers: list[float]) -> None:
    found = map_panel.span([np.array(numbers)])
    finite = [number for number in numbers if np.isfinite(number)]
    assert (found is None) == (not finite)
    if found:
        assert found[0] < found[1]
        assert min(finite) <= found[0] <= max(finite)
