import re

import numpy as np

from aeviz.figures import bars, charts, palette, points
from aeviz.figures.bars import ItemCode


def numbers(html: str, tag: str) -> list[tuple[float, float]]:
    """(top, height) of each bar `b` or whisker `s`, in per cent of the panel."""
    return [
        (float(top), float(height))
        for top, height in re.findall(rf"<{tag} style=\"top: ([\d.-]+)%; height: ([\d.-]+)%", html)
    ]


def test_bars_start_at_the_zero_line_and_panels_share_a_scale() -> None:
    first, second = ItemCode("A", "red", np.array([2.0, -1.0]), None), ItemCode("B", "blue", np.array([4.0, 0.0]), None)
    html = bars.code_bars([first, second])
    assert numbers(html, "b") == [(25, 25), (50, 12.5), (0, 50), (50, 0)]
    assert numbers(html, "s") == []
    assert html.count("±4.0") == 2


def test_whiskers_span_one_spread_to_either_side_and_stay_in_the_panel() -> None:
    html = bars.code_bars([ItemCode("A", "red", np.array([1.0, -3.0]), np.array([0.5, 1.0]))])
    np.testing.assert_allclose(numbers(html, "s"), [(31.2, 12.5), (75, 25)], atol=0.06)
    for top, height in numbers(html, "b") + numbers(html, "s"):
        assert top >= 0
        assert top + height <= 100.1
    assert "z1 = −3.00 ± 1.00" in html


def test_a_code_of_zeros_draws() -> None:
    assert numbers(bars.code_bars([ItemCode("A", "red", np.zeros(3), None)]), "b") == [(50, 0)] * 3


def test_labels_are_escaped_and_panels_have_a_role() -> None:
    html = bars.code_bars([ItemCode('<script>"x"', "red", np.ones(1), None)])
    assert "<script>" not in html
    assert 'role="group"' in html


def test_every_number_unfolds_in_words() -> None:
    html = bars.code_bars([ItemCode("VAE", "red", np.array([1.5, -0.25]), np.array([0.1, 0.2]))])
    assert "<summary>±1.6</summary>" in html
    assert "<span>z0 = 1.50 ± 0.10</span><span>z1 = −0.25 ± 0.20</span>" in html
    many = bars.code_bars([ItemCode("AE", "red", np.ones(70), None)])
    assert many.count("<span>z") == bars.MAX_TOLD
    assert "<span>and 6 more</span>" in many


def test_a_3d_map_colours_by_class_and_points_to_the_selected_and_to_ones_own() -> None:
    places = np.arange(12, dtype=np.float32).reshape(4, 3)
    own, rows = np.float32([[1, 2, 3]]), np.array([5, 17, 4000, 8])
    classes = np.array([0, 1, 0, 1])
    drawn = points.map_3d(places, classes, ["zero", "one"], None, "", None, 2, own, rows=rows)
    zero, one, _ = drawn.data
    item, yours, *written = drawn.layout.scene.annotations
    assert [name.text for name in written] == ["<b>zero</b>", "<b>one</b>"]
    assert [name.name for name in written] == ["0", "1"]
    assert [name.x for name in written] == [3, 6], "at the middle of each class"
    assert (zero.name, one.name) == ("zero", "one")
    assert zero.customdata.tolist() == [5, 4000], "what a pointer is told: the items' numbers"
    assert zero.marker.color == palette.class_colour(0)
    assert (item.text, item.x, item.y, item.z) == ("<b>item 4,000</b>", 6, 7, 8)
    assert (yours.text, yours.x, yours.y, yours.z) == ("<b>your own</b>", 1, 2, 3)


def test_a_3d_map_colours_by_values_with_a_scale() -> None:
    places = np.arange(12, dtype=np.float32).reshape(4, 3)
    (cloud,) = points.map_3d(places, np.zeros(4, int), ["zero"], np.arange(4.0), "error", (0.5, 2), 0).data
    assert cloud.marker.color.tolist() == [0, 1, 2, 3]
    assert cloud.marker.colorbar.title.text == "error"
    assert (cloud.marker.cmin, cloud.marker.cmax) == (0.5, 2)
    assert cloud.marker.colorbar.orientation == "h", "below the map: at its side tools would cover it"


def test_a_3d_map_shows_points_without_a_value_in_grey_and_may_lack_the_selected() -> None:
    places = np.arange(12, dtype=np.float32).reshape(4, 3)
    values = np.array([0, np.nan, 2, np.nan])
    unknown, cloud = points.map_3d(places, np.zeros(4, int), ["zero"], values, "KL", None, None).data
    assert unknown.customdata.tolist() == [1, 3]
    assert cloud.customdata.tolist() == [0, 2]
    (none,) = points.map_3d(places, np.zeros(4, int), ["zero"], np.full(4, np.nan), "no KL", None, None).data
    assert (none.name, none.showlegend, len(none.x)) == ("no KL", True, 4)


def test_curves_have_colours_dashes_and_the_current_level() -> None:
    drawn = charts.curves(
        np.array([0.5, 1]),
        [("A", "red", np.array([1, 2])), ("B", "blue", np.array([3, 4]))],
        0.7,
        "σ",
        "dB",
        "%{y:.1f} dB",
    )
    first, second = drawn.data
    assert (first.line.color, second.line.color) == ("red", "blue")
    assert first.line.dash != second.line.dash
    assert drawn.layout.shapes[0].x0 == 0.7
    assert drawn.layout.xaxis.title.text == "σ"
