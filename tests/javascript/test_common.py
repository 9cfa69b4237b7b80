"""What all parts share."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize("smooth", [False, True])
def test_a_tile_is_taken_from_its_place_and_smoothed_where_its_sheet_asks_for_it(
    js_module: Callable[[str], Any], smooth: bool
) -> None:
    painted = js_module("scrubber").evaluate(
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


def test_an_older_call_that_comes_last_is_taken_back(js_module: Callable[[str], Any]) -> None:
    """Streamlit cleans up after a call that was overtaken while its module loaded, at once and after it was made."""
    heard = js_module("scrubber").evaluate(
        """(m) => {
            const heard = [];
            const part = m.inOrder(({ data }) => {
                heard.push(data);
                return () => heard.push(`end of ${data}`);
            });
            const parentElement = { isConnected: true };
            part({ parentElement, data: ["first"] });
            const leave = part({ parentElement, data: ["new"] });
            part({ parentElement, data: ["old"] })();
            part({ parentElement: { isConnected: true }, data: ["other"] });
            parentElement.isConnected = false;
            leave();
            return heard;
        }"""
    )
    assert heard == ["first", "new", "old", "new", "end of old", "other", "end of new"]
