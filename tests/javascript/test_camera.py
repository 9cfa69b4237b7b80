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
