"""What a link keeps of a chart in three dimensions: its camera, and the classes that its legend hides."""

from collections.abc import Callable

from aeviz.parts.camera import Classes, view


def test_python_reads_what_the_browser_writes(js_module: Callable) -> None:
    module, classes = js_module("camera"), Classes("hidden_left", ("a", "b", "c"))
    traces = [{"visible": True}, {"visible": "legendonly"}, {}, {"visible": "legendonly"}]
    text = module.call("hiddenOf", traces, {"stamp": classes.stamp, "count": 3})
    assert classes.hidden(text) == {1}, "what stands behind the classes is none"
    assert module.call("hiddenOf", traces[:1], {"stamp": classes.stamp, "count": 3}) == ""
    camera = {"eye": {"x": 1.25, "y": -0.5, "z": 2}, "center": {"x": 0, "y": 0, "z": 0}, "up": {"x": 0, "y": 0, "z": 1}}
    assert view(module.call("textOf", camera)) == camera


def test_a_new_chart_is_turned_and_hides_as_the_link_says(js_module: Callable) -> None:
    module, classes = js_module("camera"), Classes("hidden_left", ("a", "b", "c"))
    assert module.call("cameraOf", "1.25_-0.5_2_0_0_0_0_0_1")["eye"] == {"x": 1.25, "y": -0.5, "z": 2}
    for none in (None, "", "1_2_3", "1_2_3_0_0_0_0_0_x", "1_2_300_0_0_0_0_0_1"):
        assert module.call("cameraOf", none) is None
    traces = [{"visible": True}, {"visible": "legendonly"}, {}, {"visible": "legendonly"}]
    known = {"stamp": classes.stamp, "count": 3}
    assert module.call("toTurn", traces, known, f"{classes.stamp}_0_1") == [[0], []]
    assert module.call("toTurn", traces, known, f"{classes.stamp}_2") == [[2], [1]]
    assert module.call("toTurn", traces, known, "another_2") == [[], [1]], "of other classes nothing is hidden"
