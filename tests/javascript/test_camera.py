"""What a link keeps of a chart in three dimensions: its camera, and the classes that its legend hides."""

from collections.abc import Callable

import pytest

from aeviz.figures import points
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


def test_the_usual_view_is_farther_where_the_frame_is_narrow(js_module: Callable) -> None:
    module = js_module("camera")
    assert module.call("usualIn", 600, 400) == points.USUAL
    assert module.call("usualIn", 200, 400)["eye"]["x"] == pytest.approx(1.8 * points.NEAR)


def test_of_names_that_cover_one_another_the_first_is_shown(js_module: Callable) -> None:
    def box(left: float, top: float, width: float = 40) -> dict[str, float]:
        return {"left": left, "top": top, "right": left + width, "bottom": top + 20}

    boxes = [box(0, 0), box(30, 10), box(60, 10), box(39, 0, 0), box(0, 20)]
    assert js_module("camera").call("uncovered", boxes) == [True, False, True, False, True]


# A page in which Streamlit puts a new chart, plotly paints it, and only then the chart before it is taken away.
PAGE = """(module, classes, hidden, painted) => {
    let shown = []; // charts of plotly in the page
    let changed = () => {};
    const browser = {
        document: { querySelector: () => shown[0] ?? null, body: null },
        MutationObserver: class {
            constructor(callback) { changed = callback; }
            observe() {}
            disconnect() {}
        },
        ShadowRoot: class {},
        addEventListener: () => {},
        Plotly: {
            relayout: () => {},
            restyle(chart, { visible }, traces) {
                for (const at of traces) chart.data[at].visible = visible;
                chart.fire("plotly_restyle");
            },
        },
    };
    Object.assign(globalThis, browser);
    const chart = (meta, count) => {
        const heard = {};
        return {
            data: Array.from({ length: count }, () => ({})), layout: { meta },
            on: (name, does) => { heard[name] = does; }, fire: (name) => heard[name]?.(),
        };
    };
    const paint = (chart) => {
        chart._fullLayout = { scene: { _scene: {} } };
        chart.fire("plotly_afterplot");
    };
    const off = ({ data }) => data.flatMap(({ visible }, at) => (visible === "legendonly" ? [at] : []));
    const link = {
        text: hidden,
        read: (name) => (name === "hidden" ? link.text : null),
        write: (_, text) => { link.text = text; },
    };
    const root = { getRootNode: () => root, closest: () => null };
    const data = (known) => ({ chart: "map", name: "turn", classes: known });
    const [coloured, none] = [{ ...classes, link: "hidden" }, { stamp: "none", count: 0, link: "hidden" }];
    const part = module.mount({ root, data: data(none), link });
    const seen = [];
    const [before, after] = [chart("none", 1), chart(classes.stamp, 4)];
    shown = [before];
    changed();
    paint(before);
    part.update(data(coloured)); // the part is told first: the chart has one trace yet, which is no class
    seen.push(off(before));
    shown = painted === "behind" ? [before, after] : [after];
    changed();
    paint(after);
    shown = [after];
    changed();
    seen.push(off(after));
    after.data[0].visible = true; // a click on the legend
    Plotly.restyle(after, { visible: true }, [0]);
    paint(after);
    seen.push(off(after));
    after.data = chart("", 4).data; // new traces in the same chart
    paint(after);
    seen.push(off(after));
    for (const name of Object.keys(browser)) delete globalThis[name]; // other tests run in this very process
    return [seen, link.text];
}"""


@pytest.mark.parametrize("painted", ["behind", "alone"])
def test_classes_stay_hidden_whenever_a_new_chart_is_painted(js_module: Callable, painted: str) -> None:
    classes = Classes("hidden", ("a", "b", "c"))
    known = {"stamp": classes.stamp, "count": 3}
    seen, text = js_module("camera").evaluate(PAGE, known, f"{classes.stamp}_0_2", painted)
    assert seen == [[], [0, 2], [2], [2]]
    assert classes.hidden(text) == {2}
