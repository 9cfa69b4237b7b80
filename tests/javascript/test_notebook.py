"""Widgets in Node: they follow each other in the tab, and their codes are those of Python."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from aeviz.latent.axes import LatentAxes
from aeviz.latent.planes import Plane
from aeviz.parts.networks import Tab

LOW, HIGH = np.float32([-3, -3]), np.float32([3, 3])
ROWS = np.float32([[0, 1, 0], [0.6, 0, 0.8]])
AXES = LatentAxes(("a", "b"), ("", ""), np.float32([0.5, 0, 0]), ROWS, LOW, HIGH)
Z, MOVED = np.float32([1, 2, 3]), np.float32([0.25, -1, 4])
TAB = Tab("digest", (1, 2, 2), 0, 1)
PAIR = """(m) => {
    const heard = [];
    const face = { names: [], shown: (data) => data, heard: () => null,
      follows: { item: (item) => item && { code: [item, item] } } };
    const traits = (state) => {
      const model = new m.Traits({ networks: {}, facts: {}, told: ["code"], linked: [], ...state });
      m.widget(() => {}, {}, face).initialize({ model });
      model.on("change:code", () => heard.push(`${state.key} ${model.get("code")}`));
      return model;
    };
    const follow = (key, name, to) => [{ key, name, to, none: false }];
    const drawn = traits({ key: "pad", told: ["drawn"], drawn: null });
    const linked = [...follow("pad", "drawn", "item"), ...follow("second", "code", "code")];
    const first = traits({ key: "first", linked });
    const second = traits({ key: "second", linked: follow("first", "code", "code") });
    drawn.set("drawn", 3);
    second.set("code", [1, 2]);
    drawn.set("drawn", null);
    return [heard, first.get("code"), second.get("code"), first.get("item")];
}"""


def test_what_is_drawn_becomes_a_code_that_linked_widgets_share(js_module: Callable[[str], Any]) -> None:
    heard, *left = js_module("hosts").evaluate(PAIR)
    assert sorted(heard[:2]) == ["first 3,3", "second 3,3"]
    assert sorted(heard[2:]) == ["first 1,2", "second 1,2"]
    assert left == [[1, 2], [1, 2], 3]


def test_handles_follow_a_code_as_in_python(js_module: Callable[[str], Any]) -> None:
    rows = [{"value": float(value), "low": -3, "high": 3} for value in AXES.read(Z)]
    data = {"rows": rows, "tab": TAB.plane(Z, AXES.axes)}
    moved = js_module("latent_sliders").call("standing", data, MOVED.tolist())
    np.testing.assert_allclose([row["value"] for row in moved["rows"]], AXES.read(MOVED), atol=1e-6)
    assert moved["tab"]["code"] == TAB.plane(MOVED, AXES.axes)["code"]


def test_a_plane_goes_through_a_code_as_in_python(js_module: Callable[[str], Any]) -> None:
    plane = Plane(AXES, (0, 1))
    data = {"levels": [{"id": "a"}], "tab": TAB.plane(plane.foot(Z), plane.axes)}
    moved = js_module("latent_pad").call("through", data, MOVED.tolist())
    np.testing.assert_allclose(moved["position"], plane.read(MOVED[None])[0], atol=1e-3)
    assert moved["tab"]["code"] == TAB.plane(plane.foot(MOVED), plane.axes)["code"]
    assert moved["levels"][0]["id"] != "a"


@pytest.mark.parametrize("path", [["drawn", "bytes"], ["networks", "digest"]])
def test_bytes_of_a_saved_notebook_are_put_where_they_belong(js_module: Callable[[str], Any], path: list[str]) -> None:
    found = js_module("hosts").evaluate(
        """(m, [outer, inner]) => {
            const state = m.restored({ state: { [outer]: { shape: [2] } },
              buffers: [{ encoding: "base64", path: [outer, inner], data: btoa("ab") }] });
            return [new Uint8Array(state[outer][inner].buffer), m.plain(state)[outer][inner], state[outer].shape];
        }""",
        path,
    )
    assert found == [[97, 98], "YWI=", [2]]


def test_of_a_saved_notebook_only_widgets_of_aeviz_are_run_and_a_torn_state_is_told(js_module: Callable) -> None:
    ours, theirs, torn = js_module("hosts").evaluate(
        """(m, texts) => [
            m.isOurs({ model_module: "anywidget", state: { _anywidget_id: "aeviz.widgets.maps.LatentMap" } }),
            [undefined, { model_module: "anywidget", state: {} },
             { model_module: "anywidget", state: { _anywidget_id: "drawdata.ScatterWidget" } },
             { model_module: "@jupyter-widgets/base", state: { _anywidget_id: "aeviz.widgets.maps.LatentMap" } }]
              .map(m.isOurs),
            [[], texts.slice(0, 1).map((text) => text.slice(0, 12)), texts].map(m.statesIn),
        ]""",
        ['{"state": {"a": 1}}', '{"state": {"b": 2}}'],
    )
    assert ours
    assert theirs == [False] * 4
    assert torn == [None, None, {"a": 1, "b": 2}]
