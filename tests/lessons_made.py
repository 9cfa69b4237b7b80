"""Files of views, as tests make and read them: a pair of small models of few items, and what a file carries."""

import base64
import gzip
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any, Literal

import numpy as np

import aeviz
from aeviz.evaluation.generation import Cloud
from aeviz.latent import axes
from aeviz.latent.explorer import Explorer
from aeviz.latent.planes import Plane
from aeviz.lessons import compare, decode, generate, interpolate, maps, repair, training, walkthrough
from aeviz.lessons.interpolate import Way
from aeviz.lessons.record import Model, Pair, Section, Words
from aeviz.parts import comparison
from aeviz.parts.dial import Place
from aeviz.parts.replay_film import Chart, Film, Line
from aeviz.projection.settings import Method, Settings

HOSTILE = '</script><img src=x onerror="globalThis.hostile = 1">'
ITEMS = 300
COLOURS = ("#D55E00", "#0072B2")


def pair(left: str = "mnist-ae", right: str = "mnist-vae", *, name: str = "", items: int = ITEMS) -> Pair:
    """Two shipped models and the first items of their data, all with `name` among what they are called."""
    data = aeviz.load_dataset(left.split("-")[0])
    labels = tuple(f"{label}{name}" for label in data.label_names)
    few = replace(data, items=data.items[:items], labels=data.labels[:items], label_names=labels)
    models = [
        model(known, few.items, f"{known}{name}", colour) for known, colour in ((left, "#D55E00"), (right, "#0072B2"))
    ]
    return Pair(few, *models, credit=f"Data: nobody's{name}.")


def model(name: str, items: np.ndarray, title: str, colour: str) -> Model:
    network = Explorer(aeviz.load(name, device="cpu"), name)
    return Model(name, title, title, colour, network, network.codes(items), credit=f"{title}: nobody's.")


def turned(model: Model, plane: tuple[int, int] | None = None) -> decode.Turned:
    """The code of the first item, with two of its axes as a plane."""
    latent_axes = axes.axes_of(model.codes, "coordinates")
    code = model.codes.mean[0]
    return decode.Turned(code, code, latent_axes, Plane(latent_axes, plane) if plane else None)


def words(name: str = "") -> Words:
    return Words(f"Turn{name}", f"Look{name}.", f"As it was{name}.", f"/decode?a={name}")


def decode_section(shown: Pair, plane: tuple[int, int] | None = None, name: str = "") -> Section:
    codes = {side: turned(one, plane) for side, one in shown.sides.items()}
    return decode.section(shown, codes, words(name), most=3)


def map_section(
    shown: Pair, method: Method, name: str = "", dims: Literal[2, 3] = 2, seen: Mapping[str, str] | None = None
) -> Section:
    """Maps by codes' first numbers, which stand for what a method would make."""
    of_side = {side: maps.Shown(one.codes.mean[:, :dims]) for side, one in shown.sides.items()}
    settings = Settings(method, dims, len(shown.data), 0)
    data = shown.data
    view = maps.View(
        np.arange(len(data)), settings, data.labels, data.label_names, selected=0, marked=(1, 2), seen=seen or {}
    )
    return maps.section(shown, of_side, view, words(name))


def interpolate_section(shown: Pair, name: str = "") -> Section:
    way = Way(shown.data.items[0], shown.data.items[1], 5, "line", 0.5)
    return interpolate.section(shown, way, words(name))


LEVELS, GRID = (0.0, 0.25, 0.5), 3


def spoilt_item(shown: Pair, kind: str, name: str = "") -> repair.Spoilt:
    """The first item under a kind of damage, with what torch makes of it: by both models, and by none."""
    data, item = shown.data, shown.data.items[:1]
    corruption = data.modality.corruption(kind)
    places = [(y / 2, x / 2) for y in range(GRID) for x in range(GRID)] if corruption.placed else [None]
    ways = [(level, place) for level in LEVELS for place in places]
    damaged = np.concatenate([data.corrupt(item, kind, level, 0, place) for level, place in ways])
    holes = [data.hidden(item, kind, level, 0, place) for level, place in ways]
    hidden = None if holes[0] is None else np.concatenate([hole for hole in holes if hole is not None])
    judges = [data.modality.distance("psnr"), data.modality.distance("ssim")]

    def row(label: str, made: np.ndarray, maker: Model | None = None) -> repair.Row:
        clean = np.repeat(item, len(ways), 0)
        scores = np.stack([data.distance(made, clean, judge.key) for judge in judges], 1)
        network = repair.Repairer(maker.title, label, maker.colour, maker.explorer) if maker else None
        return repair.Row(label, "#777777", data.tiles(made), scores, None, network)

    makers = list(shown.sides.values())
    made = [one.explorer.decode(one.explorer.encode(damaged)[0]) for one in makers]
    rows = [row(f"Damaged{name}", damaged), *(row(one.title, x, one) for one, x in zip(makers, made, strict=True))]
    rows.append(row(f"Filter{name}", data.repair(damaged)))
    place = Place(f"Drag{name}", GRID, GRID) if corruption.placed else None
    one_kind = repair.Kind(kind, f"{kind}{name}", LEVELS, "σ", place, 2 * len(places), rows, damaged, hidden,
                           known=corruption.holes)  # fmt: skip
    brush = repair.Brush(kind, "#ff8c1a", 260, 96) if corruption.holes else None
    return repair.Spoilt(item[0], f"item 0{name}", judges, [one_kind], kind, brush=brush)


def repair_section(shown: Pair, kind: str, name: str = "") -> Section:
    return repair.section(shown.data, spoilt_item(shown, kind, name), words(name), [f"nobody's{name}"])


def compare_section(name: str = "") -> Section:
    """Three models with two figures, one of them not measured."""
    figures = [comparison.Figure("mse", f"error{name}", f"What it is{name}.", "low"),
               comparison.Figure("size", "size", "How large.")]  # fmt: skip
    tiles = np.zeros((3, 4, 4, 1), np.uint8)
    line = comparison.Line(f"loss{name}", "#0072B2", [9, 4, None])
    histograms = comparison.Histograms([f"z0{name}"], 4, np.full((1, 60), 0.125, np.float32), f"Of nobody{name}.")
    models = [
        comparison.Model(
            f"m{number}{name}", f"m{number}", "●", "#0072B2", f"family{name}",
            {"size": (float(number), f"{number}"), **measured},
            about=f"About {number}{name}.", pictures=[comparison.Pictures(f"rebuilt{name}", tiles)],
            classical={f"PCA{name}": {"mse": "0.5"}}, settings=[("epochs", f"9{name}")],
            curves=comparison.Curves([1, 2, 3], [line], "loss", (0, 9)), histograms=histograms,
        )
        for number, measured in enumerate(({}, {"mse": (0.2, "0.2")}, {"mse": (0.1, "0.1")}))
    ]  # fmt: skip
    groups = [
        comparison.Group("Reconstruction", ["mse", "size"]),
        comparison.Group("Size", ["size"], [f"A note{name}."]),
    ]
    return compare.section(models, figures, groups, words(name), shown=(0, 1), group=0, axes=("size", "mse"),
                           csv=(f"figures{name}.csv", f"model,mse{name}\n"),
                           credits=[f"nobody's{name}"])  # fmt: skip


def draws(shown: Pair, source: generate.Source, seed: int) -> list[generate.Draws]:
    """Eight draws of each model: from the prior, or of directions round the first item."""
    made = []
    for one in shown.sides.values():
        d = one.explorer.latent_dim
        if source == "torch":
            middle, noise, others = np.zeros(d, np.float32), one.explorer.prior(8, seed), None
        else:
            cloud = Cloud(one.codes.mean.mean(0), np.eye(d, dtype=np.float32))
            middle, noise, others = one.codes.mean[0], cloud.unit_noise(8, seed), one.codes.mean[:3]
        made.append(generate.Draws(one, one.label, middle, np.eye(d, dtype=np.float32), noise, source, others))
    return made


def generate_section(shown: Pair, name: str = "", seed: int = 0) -> Section:
    def dial(key: str, source: generate.Source, items: Sequence[int] = ()) -> generate.Dial:
        return generate.Dial(key, f"How much{name}", [0.5, 1], 1, seed, 4, 400, draws(shown, source, seed), items)

    drawn = [dial("draws", "torch"), dial("around", "directions", [0, 1, 2])]
    drawn[0] = replace(drawn[0], draws=[replace(one, notes=["near", "far"], tip="How.") for one in drawn[0].draws])
    tiles = np.zeros((2, 4, 28, 28, 1), np.uint8)
    told = generate.ByClass(
        f"Told{name}", "#56B4E9", [f"a{name}", f"b{name}"], 1, tiles[0], tiles, ["90%", "80%"], "Read."
    )
    return generate.section(shown, drawn, words(name), by_class=told)


def passed(one: Model, seed: int = 0) -> walkthrough.Passed:
    """The first item on its way through a model."""
    latent_axes, d = axes.axes_of(one.codes, "coordinates"), one.explorer.latent_dim
    noise = np.random.default_rng([seed, 0]).standard_normal(d, np.float32)
    return walkthrough.Passed(
        one,
        latent_axes,
        Plane(latent_axes, (0, 1)),
        (0, 1, 2),
        noise,
        seed,
        (-2, 2, -2, 2),
        measured=("the test split", 100.0, 20.0),
        near=4.0,
    )


def walkthrough_section(shown: Pair, name: str = "") -> Section:
    return walkthrough.section(shown.data, passed(shown.right), words(name), credits=[shown.credit])


def film(frames: int = 40, name: str = "") -> Film:
    """A training of noise: four items, two pictures."""
    noise = np.random.default_rng(0)
    pictures = noise.integers(0, 256, (frames, 2, 28, 28, 1), np.uint8)
    places = noise.standard_normal((frames, 4, 2))
    return Film(f"AE{name}", COLOURS[0], np.arange(frames), places, pictures[0], pictures, pictures)


def training_section(name: str = "", frames: int = 40, most: int = training.MAX_BYTES) -> Section:
    steps = np.arange(frames)
    loss = Line(f"AE{name}", COLOURS[0], steps, 1 / (1 + steps), [f"{step}{name}" for step in steps])
    shown = {
        "charts": [Chart(f"Loss{name}", [loss], f"What is made small{name}.")],
        "labels": np.arange(4),
        "label_names": [f"{label}{name}" for label in range(4)],
        "colours": ["#000000"] * 4,
    }
    return training.section([film(frames, name)], shown, words(name), step=frames - 1, most=most)


class Read(HTMLParser):
    """A file of ours: its elements with their attributes, the texts of scripts and styles, all other text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.said = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        where = self.elements[-1][0] if self.elements and self.cdata_elem else ""
        if where in self.raw:
            self.raw[where].append(data)
        else:
            self.said += data

    @property
    def policy(self) -> dict[str, str]:
        content = next(given["content"] for tag, given in self.elements if given.get("http-equiv"))
        return dict(rule.split(" ", 1) for rule in (content or "").split("; "))

    def carried(self) -> tuple[dict[str, Any], bytes]:
        """The JSON that the script reads, and the arrays behind it."""
        letters = self.raw["script"][1].encode().translate(bytes.maketrans(b",:.", b"<>&"))
        content = gzip.decompress(base64.b85decode(letters))
        end = 4 + struct.unpack("<I", content[:4])[0]
        return json.loads(content[4:end]), content[end:]
