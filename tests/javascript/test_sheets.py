"""Sheets of tiles: what stands between tiles that are read from left to right."""

from collections.abc import Callable

import pytest

PAINTED = """(module, tile, columns, rows) => {
    const lines = [];
    const context = { fillRect: (...line) => lines.push(line) };
    module.divide(context, tile, { x: 10, y: 0, width: 90, height: 40 }, columns, rows);
    return lines;
}"""


@pytest.mark.parametrize(("width", "lines"), [(28, []), (96, [[40, 0, 1, 40], [70, 0, 1, 40], [10, 20, 90, 1]])])
def test_lines_stand_between_tiles_that_are_wider_than_high(
    js_module: Callable, width: int, lines: list[list[int]]
) -> None:
    assert js_module("js").evaluate(PAINTED, {"width": width, "height": 28}, 3, 2) == lines
