"""Labels that are numbers on a scale, and several columns of labels: how pages colour and word them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from apptest import html, opened, sent
from cases import every

from aeviz import Dataset
from aeviz.app.navigation import ENTRIES
from aeviz.figures import palette
from aeviz.importers.callables import wrap
from aeviz.importers.in_memory import given
from aeviz.store import registry

COUNT = 60
AGES = 20 + np.arange(COUNT) / 2
FACTORS = {"shape": np.array(["heart", "oval"] * (COUNT // 2)), "age": AGES}


@pytest.fixture(autouse=True)
def _nothing_registered() -> Iterator[None]:
    registry.PROCESS.clear()
    yield
    registry.PROCESS.clear()


def registered(labels: Any = AGES) -> Dataset:
    items = np.random.default_rng(0).random((COUNT, 6, 6), np.float32)
    data = registry.PROCESS.add_dataset(given(items, labels).dataset)
    for title, d in (("two", 2), ("five", 5)):
        model = wrap(
            lambda x, d=d: np.asarray(x).reshape(len(x), -1)[:, :d], lambda z: np.tile(np.asarray(z)[:, :1], (1, 36)),
            data, title=title, arrays="numpy",
        )  # fmt: skip
        registry.PROCESS.add_model(model, title)
    return data


@pytest.mark.parametrize("page", every(5, ENTRIES))
def test_every_page_shows_items_whose_labels_are_a_scale(page: str) -> None:
    registered()
    assert "unlabelled" not in html(opened(page))


def test_the_map_colours_by_the_scale_with_its_bar_and_the_card_tells_the_number() -> None:
    registered()
    app = opened("map", item=4)
    assert sent(app, "valueLabel") == ["label", "label"]
    np.testing.assert_allclose(sent(app, "valueSpan")[0], np.quantile(AGES, [0.01, 0.99]))
    assert sent(app, "figures")[0][0]["label"] == "label"
    assert "label 22" in html(app)
    assert app.segmented_control(key="colour").options[0] == "label"


def test_a_plane_is_coloured_in_steps_of_the_scale_and_says_so() -> None:
    registered()
    app = opened("decode")
    assert sent(app, "colours")[0] == list(palette.SCALE)
    assert "Points are coloured by label: dark from 20, bright to 49.5." in [one.value for one in app.caption]


def test_pages_that_need_classes_say_that_there_are_none() -> None:
    registered()
    assert "a number on a scale, label, and no classes" in "".join(one.value for one in opened("features").info)


def test_several_columns_are_offered_as_colours_and_named_in_the_link() -> None:
    registered(FACTORS)
    app = opened("map", colour="column-age")
    assert app.selectbox(key="colour").options == ["shape", "error", "age"]
    assert sent(app, "valueLabel") == ["age", "age"]
    assert sent(opened("map"), "names")[0] == ["heart", "oval"]


def test_colours_of_a_scale_rise_with_the_values_and_none_is_grey() -> None:
    steps = palette.steps_of(np.array([0.0, 0.5, 1.0, np.nan], np.float32))
    assert steps[0] < steps[1] < steps[2] < steps[3] == len(palette.SCALE) - 1
    assert palette.steps_of(np.full(3, np.nan)).tolist() == [len(palette.SCALE) - 1] * 3
