"""Colours that stand out from what lies under them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from aeviz.figures import palette


@pytest.mark.parametrize("ground", ["#ffffff", "rgb(14, 17, 23)", "#000"])
def test_points_stand_out_from_any_ground(js_module: Callable[[str], Any], ground: str) -> None:
    def luminance(colour: np.ndarray) -> float:
        linear = np.where(colour <= 0.03928, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    under = {"#ffffff": [255, 255, 255], "rgb(14, 17, 23)": [14, 17, 23], "#000": [0, 0, 0]}[ground]
    for colour in ("#332288", "#88CCEE", "#DDCC77", "#777777"):
        text = js_module("js").call("legibleText", colour, ground, 3)
        shown = np.array([int(part) for part in text[5:-1].split(",")[:3]])
        high, low = sorted([luminance(shown / 255), luminance(np.array(under) / 255)], reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 3


@pytest.mark.parametrize(("ground", "ratio"), [([28, 32, 36], 3), ([255, 255, 255], 2)])
def test_class_colours_stand_out_and_stay_apart(js_module: Callable[[str], Any], ground: list[int], ratio: int) -> None:
    module = js_module("js")
    colours = module.call("classColours", palette.CLASSES, ground)
    assert len({tuple(colour) for colour in colours}) == 10
    assert all(module.call("contrast", colour, ground) >= ratio for colour in colours)
    assert module.call("contrast", [0, 0, 0], [255, 255, 255]) == pytest.approx(21)
