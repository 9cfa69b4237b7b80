"""What the picture of networks computes: filters and products beside torch, drawings beside Python, places of units."""

import base64
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from aeviz.modalities.image.drawing import Convention, prepare
from aeviz.model.config import Config
from aeviz.model.layers import Layer, filter_of, watch
from aeviz.parts import files
from tests.cases import every
from tests.javascript.test_engine import OTHERS, saved

WORK = """async (module, folder, layers, befores, places) => {
    const { readFileSync } = await import("node:fs");
    const { readSafetensors } = await import(`${folder[1]}/js/engine/safetensors.js`);
    const tensors = readSafetensors(new Uint8Array(readFileSync(`${folder[0]}/model.safetensors`)));
    return layers.map((layer, i) => {
        const unit = layer.shape[0] - 1;
        const filter = module.filterOf(layer, unit, tensors);
        if (!filter) return null;
        const bytes = Buffer.from(filter.weights.slice().buffer).toString("base64");
        return [filter.shape, bytes, places[i].map((place) => module.workAt(layer, filter, befores[i], place).sum)];
    });
}"""
ACTIVATIONS = {"SiLU": F.silu, "LeakyReLU": F.leaky_relu, "ReLU": F.relu, "LayerNorm": None}


@pytest.fixture
def view(js_module: Callable[[str], Any]) -> Any:
    return js_module("network_view")


def places_of(layer: Layer) -> list[dict[str, int]]:
    height, width = (1, *layer.shape[1:])[-2:] if len(layer.shape) > 1 else (1, 1)
    return [{"y": y, "x": x} for y in range(height) for x in range(width)]


@pytest.mark.parametrize("name", every(3, OTHERS))
def test_the_products_of_a_unit_add_up_to_what_it_gives(view: Any, name: str, tmp_path: Path) -> None:
    network = saved(Config(**OTHERS[name]), tmp_path)
    item = torch.rand(1, *network.config.shape, generator=torch.Generator().manual_seed(5))
    labels = torch.tensor([0]) if network.config.classes else None
    layers, values = watch(network, item, labels)
    befores = [item, *[values[layer.name] for layer in layers[:-1]]]
    told = view.evaluate(
        WORK,
        [str(tmp_path), files.FOLDER.as_uri()],
        [{**asdict(layer), "inputs": list(layer.inputs)} for layer in layers],
        [before[0].flatten().numpy() for before in befores],
        [places_of(layer) for layer in layers],
    )
    compared = 0
    for layer, found in zip(layers, told, strict=True):
        torchs = filter_of(network, layer, layer.shape[0] - 1)
        assert (found is None) == (torchs is None)
        if found is None or torchs is None:
            continue
        shape, weights, sums = found
        assert tuple(shape) == tuple(torchs.weights.shape)
        read = np.frombuffer(base64.b64decode(weights), np.float32).reshape(shape)
        np.testing.assert_allclose(read, torchs.weights, rtol=1e-6)
        if network.config.classes and layer.part != "encoder":
            continue  # the class adds its own weight
        given = torch.tensor(sums)
        for followed in layer.followed:
            given = ACTIVATIONS[followed](given)
        if layer.part == "code" and network.config.activation == "relu":
            given = F.relu(given)
        np.testing.assert_allclose(given, values[layer.name][0, -1].flatten(), atol=1e-4, rtol=1e-3)
        compared += 1
    assert compared or network.config.classes


CASES: list[tuple[tuple[int, ...], tuple[int, int], Convention, int]] = [
    ((112, 112), (28, 28), "mnist", 0),
    ((112, 112), (28, 28), "fill", 0),
    ((64, 64, 3), (32, 32), "fill", 255),
    ((90, 60), (15, 10), "mnist", 0),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_drawing_becomes_the_picture_that_python_makes_of_it(module_at: Callable[[Path], Any], case: Any) -> None:
    drawn, shape, convention, ground = case
    drawing = module_at(files.FOLDER / "js" / "drawing.js")
    numbers = np.random.default_rng(4)
    pixels = np.full(drawn, ground, np.uint8)
    rows, columns = drawn[:2]
    marked = pixels[rows // 5 : rows // 2, columns // 3 : 4 * columns // 5]
    marked[:] = numbers.integers(0, 256, marked.shape)
    channels = drawn[2] if len(drawn) > 2 else 1
    facts = {"height": rows, "width": columns, "step": channels, "channels": channels, "ground": ground}
    made = drawing.call("prepare", pixels.flatten(), facts, list(shape), convention)
    torchs = prepare(pixels, shape, convention, ground=ground)
    assert torchs is not None
    np.testing.assert_allclose(made, torchs.flatten(), atol=1e-6)
    empty = np.full(drawn, ground, np.uint8).flatten()
    assert drawing.call("prepare", empty, facts, list(shape), convention) is None


@pytest.mark.parametrize("shape", [[16, 14, 14], [256], [3], [64, 12], [4, 12, 12], [1, 28, 28], [1024]])
@pytest.mark.parametrize("room", [(60, 170), (340, 130), (160, 46)])
def test_units_fit_into_their_room(view: Any, shape: list[int], room: tuple[int, int]) -> None:
    mosaic = view.call("arrange", shape, *room)
    size = view.call("sizeOf", mosaic)
    assert 0 < size["width"] <= room[0] + 0.5
    assert 0 < size["height"] <= room[1] + 0.5
    assert mosaic["columns"] * mosaic["rows"] >= shape[0]
    last = view.call("placeOf", mosaic, shape[0] - 1)
    assert last["x"] + mosaic["width"] <= size["width"] + 0.01
    assert last["y"] + mosaic["height"] <= size["height"] + 0.01


def test_the_axis_of_a_code_ends_where_bars_are_seen(view: Any) -> None:
    """A row like none of the training had spreads of thousands: each bar was a dot."""

    def end(mean: list[float], std: list[float] | None, z: list[float]) -> float:
        return float(view.call("axisOf", {"mean": mean, "std": std, "z": z}))

    assert end([0.1, -4], None, [0.1, -4]) == 5
    assert end([0.7, 0.3], [0.4, 4217.0], [0.7, 0.3]) == 4
    assert end([0.7, 0.3], [0.4, 4217.0], [0.7, -9000.0]) == 8, "a sample as far as that ends where the axis does"
    assert end([0, 0], [1, 1], [0, 0]) == 3
    assert end([0, 0], None, [0, 3.5]) == 4, "what is decoded has room"


def test_keys_scales_and_colours(view: Any) -> None:
    arrows = ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown")
    assert [view.call("stepped", key, 5, 16, 4) for key in arrows] == [4, 6, 1, 9]
    assert view.call("stepped", "ArrowUp", 2, 16, 4) == 2
    assert [view.call("stepped", key, 5, 16, 4) for key in ("Home", "End", "x")] == [0, 15, None]
    assert [view.call("roundUp", value) for value in (0.13, 2, 2.1, 7, 95)] == pytest.approx([0.15, 2, 3, 8, 100])
    steps = [view.call("stepOf", value, 2) for value in (-9, -2, -0.5, 0, 0.5, 2)]
    assert steps[0] == steps[1] == 0
    assert steps[3] == 127
    assert steps[5] == 254
    assert steps[2] + steps[4] == 254, "the scale is symmetric about 0"
    assert [view.call("shareOf", count, 16, 4096) for count in (16, 256, 4096)] == pytest.approx([0.5, 0.75, 1])
    assert view.call("strongest", [0.1, -3, 2, 0, 1, 1], [4, 2, 3]) == {"y": 0, "x": 1}


@pytest.mark.parametrize(("values", "alike"), [([-0.2785, -0.2783], True), ([-0.3, -0.2], False), ([0.0, 0.0], True)])
def test_activations_at_the_floor_of_their_function_are_told_as_alike(
    view: Any, values: list[float], alike: bool
) -> None:
    assert view.call("alike", values) is alike
