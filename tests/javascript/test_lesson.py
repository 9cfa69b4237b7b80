"""A page of one file in Node: what its address asks for, what it carries, and what answers its parts."""

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import aeviz
from aeviz.lessons.maps import placing
from aeviz.lessons.page import base85
from aeviz.modalities.image.drawing import Convention, prepare
from aeviz.model.portable import portable
from aeviz.parts.networks import BODIES
from aeviz.parts.sheets import pack
from aeviz.projection import Projection
from aeviz.projection.settings import Method, Settings

AXES = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]], np.float32)
CODE = np.array([0.5, -1, 2], np.float32)


@pytest.fixture
def hosts(js_module: Callable[[str], Any]) -> Any:
    return js_module("hosts")


@given(st.binary(max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_bytes_come_through_as_text_that_ends_no_element(hosts: Any, content: bytes) -> None:
    text = base85(content)
    assert not set(text) & set("<>&")
    assert hosts.call("bytesOf85", text) == list(content)


@pytest.mark.parametrize(
    ("address", "section", "hide"),
    [
        ("", "", []),
        ("#map", "map", []),
        ("#hide=title,pad", "", ["title", "pad"]),
        ("#map&hide=a%2Cb", "map", ["a", "b"]),
        ("#map&hide=%", "map", ["%"]),
        ("#%E0", "%E0", []),
    ],
)
def test_an_address_names_a_section_and_what_is_left_out(
    hosts: Any, address: str, section: str, hide: list[str]
) -> None:
    assert hosts.call("asked", address) == {"section": section, "hide": hide}


@pytest.mark.parametrize("count", [0, 1, 7, 8])
def test_bytes_come_back_in_their_order(hosts: Any, count: int) -> None:
    content = np.arange(count, dtype=np.uint8)
    assert hosts.call("woven", np.concatenate([content[::2], content[1::2]])) == content.tolist()


def test_python_knows_the_bodies_that_the_engine_knows(js_module: Callable[[str], Any]) -> None:
    assert js_module("js/engine").evaluate("(engine) => Object.keys(engine.BODIES)") == sorted(BODIES, key=BODIES.index)


def sliders() -> dict[str, Any]:
    common = {"name": "", "note": "", "low": -3, "high": 3, "home": 0}
    rows = [{**common, "index": i, "value": value} for i, value in enumerate((-1, 0.5, 2))]
    return {"rows": rows, "tab": {"code": pack(CODE), "axes": pack(AXES)}}


def numbers(packed: dict[str, Any]) -> list[float]:
    return np.frombuffer(base64.b64decode(packed["bytes"]), np.float32).tolist()


def test_a_code_is_turned_along_the_axes_of_its_sliders(js_module: Callable[[str], Any]) -> None:
    turned = js_module("answers").call("turned", sliders(), [2, 4, 2])
    assert numbers(turned["tab"]["code"]) == [4, 2, 2]
    assert [(row["value"], row["high"]) for row in turned["rows"]] == [(2, 3), (4, 4), (2, 3)]
    assert turned["seen"] == [2, 4, 2]


def test_of_films_the_handle_stands_at_a_tile_and_the_others_go_back(js_module: Callable[[str], Any]) -> None:
    answers, given = js_module("answers"), sliders() | {"tab": None, "films": {"count": 3 * 13}, "along": None}

    def values(data: dict[str, Any]) -> list[float]:
        return [row["value"] for row in data["rows"]]

    moved = answers.call("turned", given, [-1, 1.3, 2])
    assert (values(moved), moved["along"], moved["seen"]) == ([-1, 1.5, 2], {"row": 1, "from": 0.5}, [-1, 1.3, 2])
    other = answers.call("turned", moved, [0.1, 1.5, 2])
    assert (values(other), other["along"]) == ([0, 0.5, 2], {"row": 0, "from": -1})
    assert moved["stamp"] != other["stamp"]
    back = answers.call("turned", other, [-1, 0.5, 2])
    assert (values(back), back["along"]) == (values(given), None)


def test_a_plane_follows_the_sliders_and_is_another_where_the_others_moved(js_module: Callable[[str], Any]) -> None:
    answers, given = js_module("answers"), sliders()
    pad = {"levels": [{"id": "a", "here": True}], "tab": {"axes": pack(AXES[:2]), "code": pack(CODE)}}
    moved = answers.call("planeThrough", pad, [0, 1], given)
    assert moved["position"] == [-1, 0.5]
    assert numbers(moved["tab"]["code"]) == [0, 0, 2]
    within = answers.call("planeThrough", moved, [0, 1], answers.call("turned", given, [2, 2, 2]))
    assert (within["levels"], numbers(within["tab"]["code"])) == (moved["levels"], [0, 0, 2])
    beyond = answers.call("planeThrough", moved, [0, 1], answers.call("turned", given, [2, 2, 3]))
    assert beyond["levels"] != moved["levels"]
    assert numbers(beyond["tab"]["code"]) == [0, 0, 3]


HALVES = """async (engine, models, item, code) => {
    const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64"));
    const opened = models.map(({ config, weights }) => engine.open(config, bytes(weights)));
    const told = (act) => { try { return act(); } catch (error) { return error.message; } };
    return opened.flatMap((model) => [
        told(() => [...model.encode(item).mean]), told(() => [...model.decode(code)]),
    ]);
}"""


def test_half_a_model_does_what_the_whole_does(engine: Any) -> None:
    model = aeviz.load("mnist-vae-2d", device="cpu")
    halves = [portable(model), portable(model, "encoder"), portable(model, "decoder")]
    sent = [{"config": one.config, "weights": base64.b64encode(one.weights).decode()} for one in halves]
    item, code = np.linspace(0, 1, 784, dtype=np.float32), np.array([0.5, -1], np.float32)
    encoded, decoded, *others = engine.evaluate(HALVES, sent, item, code)
    told = ["This is the encoder alone: it decodes nothing.", "This is the decoder alone: it encodes nothing."]
    assert others == [encoded, *told, decoded]
    assert len(halves[1].weights) + len(halves[2].weights) < 1.01 * len(halves[0].weights) + 2000


@pytest.mark.parametrize(
    ("shape", "convention", "ground"),
    [((1, 28, 28), "mnist", 0), ((3, 9, 14), "mnist", 255), ((3, 16, 8), "fill", 255)],
)
def test_a_drawing_becomes_the_picture_that_python_makes_of_it(
    js_module: Callable[[str], Any], shape: tuple[int, int, int], convention: Convention, ground: int
) -> None:
    channels, *sides = shape
    height, width = (4 * side for side in sides)
    pixels = np.full((height, width, channels), ground, np.uint8)
    random = np.random.default_rng(0)
    pixels[5:-9, 3 : width // 2] = random.integers(0, 255, (height - 14, width // 2 - 3, channels))
    prepared = prepare(pixels, (sides[0], sides[1]), convention, ground=ground)
    given = {"shape": list(shape), "convention": convention, "ground": ground}
    answers = js_module("answers")
    made = answers.call("prepare", pixels.ravel(), [height, width], given)
    assert prepared is not None
    np.testing.assert_allclose(np.reshape(made, shape), prepared, atol=1e-6)
    assert answers.call("prepare", np.full_like(pixels, ground).ravel(), [height, width], given) is None


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("method", ["umap", "pca"])
def test_a_code_falls_where_python_places_it(js_module: Callable[[str], Any], method: Method, dims: int) -> None:
    random = np.random.default_rng(1)
    codes, queries = random.normal(size=(400, 6)).astype(np.float32), random.normal(size=(9, 6)).astype(np.float32)
    coordinates = (codes @ random.normal(size=(6, dims))).astype(np.float32)
    settings = Settings(method, dims, len(codes), 0)
    answers, facts = js_module("answers"), placing(coordinates, codes, settings)
    places = Projection(coordinates, settings, codes).place(np.concatenate([queries, codes[:1]]))
    for query, place in zip([*queries, codes[0]], places, strict=True):
        if method == "pca":
            matrix = np.array(numbers(facts["matrix"]), np.float32)
            found = answers.call("placedLinearly", query, {"matrix": matrix, "shift": facts["shift"]})
        else:
            found = answers.call("placedAmid", query, codes.ravel(), list(coordinates.T.copy()))
        np.testing.assert_allclose(found, place, atol=1e-3)


def test_a_network_that_is_not_here_places_nothing_and_it_is_said(js_module: Callable[[str], Any]) -> None:
    said = js_module("answers").evaluate("""(m) => {
        try {
            m.placing({ data: {} }, { digest: "absent" })(new Float32Array(4));
        } catch (error) {
            return error.message;
        }
    }""")
    assert said == "The network has not come."


def test_what_can_be_seen_through_lies_on_a_ground_on_which_it_is_seen(js_module: Callable[[str], Any]) -> None:
    answers = js_module("answers")
    clear, ink, chalk = [0, 0, 0, 0], [0, 0, 0, 255], [255, 255, 255, 255]
    for usual in (True, False):
        assert answers.call("lightUnder", np.array(3 * clear + ink, np.uint8), 4, usual)
        assert not answers.call("lightUnder", np.array(3 * clear + chalk, np.uint8), 4, usual)
        assert answers.call("lightUnder", np.array(2 * clear + 2 * ink, np.uint8), 2, usual) == usual, "clear beside it"
        assert answers.call("lightUnder", np.array(4 * clear, np.uint8), 4, usual) == usual


def test_dark_ink_on_a_light_ground_is_turned(js_module: Callable[[str], Any]) -> None:
    paper = np.array([250, 250, 250, 255, 10, 10, 10, 255, 250, 250, 250, 255], np.uint8)
    answers = js_module("answers")
    assert answers.call("inkOf", paper, 1, True) == [5, 245, 5]
    assert answers.call("inkOf", paper, 1, False) == [250, 10, 250]
    assert answers.call("inkOf", paper, 3, True) == [250, 250, 250, 10, 10, 10, 250, 250, 250]
