"""What all parts share."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize("smooth", [False, True])
def test_a_tile_is_taken_from_its_place_and_smoothed_where_its_sheet_asks_for_it(
    js_module: Callable[[str], Any], smooth: bool
) -> None:
    painted = js_module("js").evaluate(
        """(m, sheet) => {
            const context = { drawImage: (image, ...box) => (context.box = box) };
            m.paintTile(context, sheet, 5, 10, 20, 30, 40);
            const canvas = { style: {} };
            m.fitTile(canvas, sheet);
            return [context.box, context.imageSmoothingEnabled, canvas];
        }""",
        {"columns": 3, "width": 7, "height": 4, "smooth": smooth},
    )
    canvas = {"width": 7, "height": 4, "style": {"imageRendering": "auto" if smooth else ""}}
    assert painted == [[14, 4, 7, 4, 10, 20, 30, 40], smooth, canvas]


@pytest.mark.parametrize(("hovers", "told"), [(True, "Click it, or click there."), (False, "Tap it, or tap there.")])
def test_a_sentence_is_told_for_the_hand_that_there_is(
    js_module: Callable[[str], Any], hovers: bool, told: str
) -> None:
    body = """(m, hovers) => {
        globalThis.matchMedia = (query) => ({ matches: query === "(hover: none)" && !hovers });
        return m.forHand("Click it, or click there.");
    }"""
    assert js_module("js").evaluate(body, hovers) == told
