"""docs/parts.md tells all of each part's data and events, and nothing else."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import parts_page
from aeviz.modalities.base import Looks
from aeviz.model.layers import Layer
from aeviz.parts import (
    ahead,
    camera,
    comparison,
    curve_pad,
    dial,
    draw_pad,
    latent_map,
    latent_pad,
    latent_sliders,
    network_view,
    pictures,
    posterior,
    replay_film,
    scrubber,
    tab,
    threshold,
)
from aeviz.parts.networks import Tab
from aeviz.parts.sheets import strip

TILES = np.zeros((2, 4, 4, 1), np.uint8)
SHEET = strip(TILES)
FILM = replay_film.Film("a", "#000", [0, 1], np.zeros((2, 3, 2)), TILES, np.stack([TILES] * 2), np.stack([TILES] * 2))
CHART = replay_film.Chart(
    "loss", [replay_film.Line("a", "#000", [0, 1], [2, 1], ["2", "1"])], "nats", reference=(1, "r")
)
LINES = dial.Chart([dial.Line("a", "#000", [1, 2])], "error")
LAYER = Layer("encoder.0", "encoder", "dense", "Dense layer", ("SiLU",), (2,), (4,), 10)
OPENED = network_view.Opened("left", "encoder.0", 1)
NETWORK = network_view.Network(
    "left", "a", "#000", [LAYER], 10, np.zeros(2), lines=[("x", "")], seen={"encoder.0": np.zeros(2)}, made=np.zeros(4)
)
UNIT = network_view.Unit(OPENED, TILES, TILES, np.ones(2), np.ones(2), np.arange(2), np.arange(2), 9)
PIXELS = Looks("pixels", 0.0, 1.0)
SLIDERS = latent_sliders.payload(
    [latent_sliders.Row("μ", 0, -1, 1, 0)], SHEET, None, None, accent="#000", title="", reset=[0]
)
TWO = np.ones(2, np.float32)
WORDS = {"labels": [0, 1, 1], "label_names": ["a", "b"], "colours": ["#000", "#fff"]}
DATA: dict[str, Any] = {
    "ahead": ahead.payload(["a.js"]),
    "camera": camera.payload("map", "turn"),
    "comparison": comparison.payload(
        [
            comparison.Model(
                "a",
                "a",
                "●",
                "#000",
                "f",
                {"x": (1.0, "1")},
                "",
                [comparison.Pictures("p", TILES)],
                {"m": {"x": "2"}},
                [("s", "v")],
                curves=comparison.Curves([1], [comparison.Line("loss", "#000", [1])], "loss", (0, 1)),
                histograms=comparison.Histograms(["z0"], 4, np.ones((1, 2), np.float32)),
            )
        ],
        [comparison.Figure("x", "x", "x.")],
        [comparison.Group("g", ["x"])],
        shown=(0, 0),
        group=0,
        axes=("x", "x"),
    ),
    "curve_pad": curve_pad.payload((1, 4), curve_pad.Axes(0, 1), curve_pad.Sketch()),
    "dial": dial.payload([dial.Panel("a", "#000", SHEET)], ["0", "1"], at=0, label="x", chart=LINES),
    "draw_pad": draw_pad.payload((4, 4), draw_pad.Drawing(), kept=np.zeros((1, 4, 4), np.float32)),
    "latent_map": latent_map.payload(
        np.zeros((2, 3)),
        figures={"error": [1, 2]},
        values=[1, 2],
        extras=[{"x": 0, "y": 0, "z": 0, "label": "new", "url": "data:,", "handle": "A"}],
        group="g",
        request=latent_map.requested(latent_map.MapChoice(), 2, stamp="s", heard=0),
    ),
    "latent_pad": latent_pad.payload(
        [latent_pad.Level.of(TILES, (0, 1, 0, 1), columns=2)], points=[[0, 0]], labels=[0], label_names=["a"]
    ),
    "latent_sliders": latent_sliders.payload(
        [latent_sliders.Row("z", 0, -1, 1, 0)],
        SHEET,
        latent_sliders.Fine(0, -1, 1, SHEET, "s"),
        TILES[0],
        accent="#000",
        title="",
        reset=[0],
        stamp="s",
    ),
    "network_view": network_view.payload(
        network_view.Item(np.zeros((1, 2, 2), np.float32), "a"),
        [NETWORK],
        looks=PIXELS,
        words=("a", "b"),
        opened=OPENED,
        unit=UNIT,
    ),
    "pictures": pictures.payload(TILES, ["a", "b"], label="near"),
    "posterior": posterior.payload(
        Tab("d", (1, 2, 2), 0, 1),
        posterior.Item("m item 0", "item 0", 0, np.zeros((1, 2, 2), np.float32), TWO, TWO),
        posterior.Turned(TWO, TWO, TWO, 0),
        order=[0],
        pair=[],
        pad=None,
        mean=SLIDERS,
        spread=SLIDERS,
        accent="#000",
    ),
    "replay_film": replay_film.payload([FILM], [CHART], step=0, **WORDS),
    "scrubber": scrubber.payload([scrubber.Strip("a", "#000", SHEET)], t=0),
    "tab": tab.payload(["level"], ["drawn"], ["view"]),
    "threshold": threshold.payload([1, 2, 3], [True, False, False]),
}
# Where the records within the data have a shape of their own: its name and one such record.
WITHIN = {
    ("dial", "Panel"): DATA["dial"]["panels"][0],
    ("comparison", "Model"): DATA["comparison"]["models"][0],
    ("comparison", "Figure"): DATA["comparison"]["figures"][0],
    ("comparison", "Group"): DATA["comparison"]["groups"][0],
    ("comparison", "Pictures"): DATA["comparison"]["models"][0]["pictures"][0],
    ("comparison", "Curves"): DATA["comparison"]["models"][0]["curves"],
    ("comparison", "Line"): DATA["comparison"]["models"][0]["curves"]["lines"][0],
    ("comparison", "Histograms"): DATA["comparison"]["models"][0]["histograms"],
    ("latent_map", "Extra"): DATA["latent_map"]["extras"][0],
    ("latent_map", "Quantised"): DATA["latent_map"]["values"],
    ("latent_map", "Request"): DATA["latent_map"]["request"],
    ("latent_sliders", "Row"): DATA["latent_sliders"]["rows"][0],
    ("network_view", "ItemData"): DATA["network_view"]["item"],
    ("network_view", "Looks"): DATA["network_view"]["looks"],
    ("network_view", "NetworkData"): DATA["network_view"]["networks"][0],
    ("network_view", "LayerData"): DATA["network_view"]["networks"][0]["layers"][0],
    ("network_view", "CodeData"): DATA["network_view"]["networks"][0]["code"],
    ("network_view", "Opened"): DATA["network_view"]["opened"],
    ("network_view", "UnitData"): DATA["network_view"]["unit"],
    ("posterior", "Item"): DATA["posterior"]["item"],
    ("posterior", "Turned"): DATA["posterior"]["turned"],
    ("replay_film", "FilmData"): DATA["replay_film"]["films"][0],
    ("replay_film", "ChartData"): DATA["replay_film"]["charts"][0],
    ("replay_film", "LineData"): DATA["replay_film"]["charts"][0]["lines"][0],
    ("dial/lines", "LineChart"): DATA["dial"]["chart"],
    ("curve_pad/sketch", "Axes"): DATA["curve_pad"]["axes"],
    ("threshold/counting", "Axis"): DATA["threshold"]["axis"],
    ("latent_pad/keeping", "SentCloud"): DATA["latent_pad"]["cloud"],
    ("js/sheets", "Sheet"): SHEET,
    ("js/common", "Packed"): DATA["threshold"]["scores"],
}


def shape_of(file: str, name: str) -> parts_page.Shape:
    path = Path(file if "/" in file else f"{file}/{file}").with_suffix(".js")
    return parts_page.shapes(parts_page.FOLDER / path)[name]


def names_of(shape: parts_page.Shape) -> set[str]:
    """The names of a shape's properties, whether each has a line or all stand in its type."""
    if shape.properties:
        return {name for name, *_ in shape.properties}
    return set(re.findall(r"(?:^\{|,) *(\w+)\??:", shape.type))


def test_the_page_is_what_the_types_say() -> None:
    assert parts_page.FILE.read_text(encoding="utf-8") == parts_page.text(), "python tools/parts_page.py"


def test_every_part_is_tried() -> None:
    bytes_alone = {"picture_atlas", "networks"}  # their own tests try them
    assert DATA.keys() == set(parts_page.parts()) - bytes_alone


@pytest.mark.parametrize("part", DATA)
def test_the_data_of_a_part_is_what_its_payload_makes(part: str) -> None:
    assert names_of(shape_of(part, "Data")) == DATA[part].keys()


@pytest.mark.parametrize(
    ("place", "made"), WITHIN.items(), ids=lambda value: value[1] if isinstance(value, tuple) else ""
)
def test_records_within_the_data_are_what_the_payload_makes(place: tuple[str, str], made: dict[str, Any]) -> None:
    assert names_of(shape_of(*place)) == made.keys()


@pytest.mark.parametrize("part", parts_page.parts())
def test_the_events_of_a_part_are_what_it_sends(part: str) -> None:
    text = (parts_page.FOLDER / part / f"{part}.js").read_text(encoding="utf-8")
    sent = set(re.findall(r"""\bsend\("(\w+)"|\bsuper\(host, "(\w+)""", text))
    assert names_of(shape_of(part, "Events")) == {name for pair in sent for name in pair if name}
