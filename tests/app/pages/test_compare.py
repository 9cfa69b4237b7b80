"""The pages Compare and Sweeps in Streamlit's own harness, and what they are made of."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from apptest import html, opened
from cases import diagonal
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from aeviz import Card
from aeviz.app import models
from aeviz.app.model_names import full_names, labels
from aeviz.evaluation import columns, detection, sweeps
from aeviz.evaluation.definitions import DEFINITIONS
from aeviz.figures import charts, points
from aeviz.figures.points import Point
from aeviz.model.families import FAMILIES, mark_of

ROOT = Path(__file__).parents[3]


def table(app: AppTest) -> pd.DataFrame:
    return app.dataframe[0].value


def card(name: str, family: str = "ae", latent_dim: int = 16, **metrics: float) -> Card:
    return Card(name, Path(name), family=family, dataset="mnist", latent_dim=latent_dim, metrics=metrics)


# ---- The columns


def test_every_figure_is_defined_and_every_column_reads_one() -> None:
    assert len(columns.ALL) == 1 + sum(len(group) for _, group in columns.GROUPS.values())
    for key, column in columns.ALL.items():
        assert column.key == key
        assert column.definition.endswith(".")
        if key in DEFINITIONS:
            assert column.value(card("a", **{key: 0.25})) == 0.25
            assert column.value(card("a")) is None
        assert column.text(None) == ""


def test_a_click_opens_what_the_columns_mean() -> None:
    """A heading of the table says so only to who points at it with a mouse."""
    app = opened("compare", data="ecg")
    answers = [text.value for text in app.markdown if text.value.startswith("- **")]
    (answer,) = answers
    keys = list(table(app).columns[2:])
    for key in keys:
        assert columns.ALL[key].definition.split(".")[0] in answer
    assert answer.count("- **") == len(keys)


def test_the_gap_is_what_the_test_error_has_more() -> None:
    gap = columns.ALL["gap"]
    assert gap.value(card("a", mse=0.03, mse_train=0.02)) == pytest.approx(0.5)
    assert gap.text(-0.011) == "−1.1%"
    assert gap.value(card("a", mse=0.03)) is None


def test_a_gap_of_many_times_is_told_as_a_factor_and_none_where_a_class_was_left_out() -> None:
    gap = columns.ALL["gap"]
    assert gap.text(33.2) == "× 34"
    narrow = replace(card("a", mse=0.03, mse_train=0.02), config={"training": {"without": "3"}})
    assert gap.value(narrow) is None


@pytest.mark.parametrize(
    ("dataset", "key", "label"),
    [
        ("ecg", "rmse", "error (RMSE), mV"),
        ("ecg", "rmse_all", "error of all values (RMSE), mV"),
        ("wage", "absolute", "absolute error, standard units"),
        ("names", "edits", "edits, letters"),
        ("names", "exact", "letter for letter"),
        ("mnist", "mse", columns.ALL["mse"].label),
    ],
)
def test_a_heading_says_the_unit(dataset: str, key: str, label: str) -> None:
    data = models.data(dataset)
    assert columns.ALL[key].with_unit(data.modality, data.scale).label == label


def test_classical_methods_stand_beside_the_model_that_is_open() -> None:
    shown = html(opened("compare", data="ecg", figures="tasks", model="ae-narrow"))
    figures = models.zoo()["ecg"]["ae-narrow"].baselines["Mean series"]
    assert f"<tr><td>Mean series</td><td>{figures['auroc']:.4f}</td>" in shown
    assert "Classical methods" not in html(opened("compare", data="mnist"))


def test_shuttle_tells_what_the_trimmed_and_the_untrimmed_model_are_about() -> None:
    zoo = models.zoo()["shuttle"]
    titles = full_names(zoo)
    sentences = detection.lesson(zoo, titles)
    usual, every = (f"**{titles[name]}** learned from " for name in ("ae", "ae-all"))
    assert sentences.index(f"{usual}the other items") < sentences.index(f"{every}everything")
    assert f"**{titles['ae-trim']}** left the worst 10% of each step out, and needs no labels for it" in sentences
    assert f"{zoo['ae-all'].metrics['auroc']:.4f}" in sentences
    assert not detection.lesson({name: found for name, found in zoo.items() if name != "ae-trim"}, titles)
    assert sentences in [text.value for text in opened("compare", data="shuttle").caption]


@pytest.mark.long
def test_the_collapsed_twin_is_found_from_two_pages() -> None:
    assert [*sweeps.collapsed(models.zoo()["names"])] == ["vae-collapsed"]
    assert not sweeps.collapsed(models.zoo()["mnist"])
    for address in ("compare", "how-a-vae-thinks"):
        app = opened(address, data="names")
        texts = [text.value for text in (*app.caption, *app.info)]
        assert any("posterior collapse" in text and "KL 0.0 nats" in text for text in texts)


def test_weights_of_the_kl_are_compared_within_one_network() -> None:
    assert [found.name for found in sweeps.rate(models.zoo()["names"])] == ["names-beta-vae-0.2", "names-vae"]
    assert len(sweeps.rate(models.zoo()["mnist"])) == 4


def test_sweeps_of_other_data_are_a_click_away() -> None:
    app = opened("sweeps", data="ecg")
    assert "for heart beats they are still to be trained" in app.info[0].value
    assert len(app.expander) == 2, "one fold of commands for all questions, and the explanation"
    app.button(key="sweeps-fashion").click().run()
    assert app.session_state["choice"].dataset == "fashion"
    assert not app.info


@pytest.mark.long
@pytest.mark.parametrize("dataset", sorted(models.zoo()))
def test_each_sweep_is_drawn_or_named_among_those_that_are_not(dataset: str) -> None:
    text = html(opened("sweeps", data=dataset))
    drawn, _, lacking = text.partition("Not answered for")
    for question in ("How narrow", "Do more layers", "What does the weight", "Which loss", "Which units", "How far"):
        assert (question in drawn) != (question in lacking)


def test_the_best_is_the_lowest_error_and_the_highest_accuracy() -> None:
    cards = [card("a", mse=0.2, knn_accuracy=0.8, neg_elbo=90.0), card("b", mse=0.1, knn_accuracy=0.7, neg_elbo=80.0)]
    assert columns.best(columns.ALL["mse"], [*cards, card("c")]) == 0.1
    assert columns.best(columns.ALL["knn_accuracy"], cards) == 0.8
    assert columns.best(columns.ALL["neg_elbo"], cards) is None, "likelihoods of different inputs have no best"
    assert columns.best(columns.ALL["mse"], [cards[0], card("c")]) is None, "one alone is not the best"


def test_models_stand_by_family_and_size_and_the_unmeasured_last() -> None:
    cards = [
        card("v", "vae", mse=1.0),
        card("a-2", "ae", 2, mse=1.0),
        card("a-16", "ae", 16, mse=1.0),
        card("x", "ae", 1),
    ]
    assert list(columns.by_family({found.name: found for found in cards})) == ["a-2", "a-16", "v", "x"]


# ---- The plane


def test_every_family_has_a_mark_of_its_own() -> None:
    marks = [family.mark for family in FAMILIES.values()]
    assert len({mark.symbol for mark in marks}) == len(marks)
    assert len({mark.sign for mark in marks}) == len(marks)
    assert mark_of("something else") not in marks


def spread(count: int, seed: int) -> list[Point]:
    spots = np.random.default_rng(seed).random((count, 2)) * 10
    return [Point(f"p{i}", "vae-2d", "VAE", mark_of("vae"), float(x), float(y)) for i, (x, y) in enumerate(spots)]


@given(st.integers(0, 40), st.integers(0, 2**31), st.sampled_from(points.ROOMS))
def test_labels_cover_no_label_and_no_point(count: int, seed: int, room: tuple[int, int]) -> None:
    drawn = spread(count, seed)
    places = points.label_positions(drawn, [False, False], room)
    assert places.keys() == {point.name for point in drawn}
    if not drawn:
        return
    spots = np.array([[point.x, point.y] for point in drawn])
    pixels = (spots - spots.min(0)) / np.where(np.ptp(spots, axis=0) > 0, np.ptp(spots, axis=0), 1)
    pixels *= room
    offsets = {name: (across, up) for name, across, up in points.POSITIONS}
    half = 3.9 * len("vae-2d")
    boxes = []
    for point, (x, y) in zip(drawn, pixels, strict=True):
        if places[point.name]:
            across, up = offsets[places[point.name]]
            box = (x + 2 * across * (half + 9), y + up * 17 * (0.7 if across else 1), half, 9.0)
            boxes.append(box)
            others = [spot for spot in pixels if tuple(spot) != (x, y)]
            assert not any(overlap(box, (ox, oy, 7, 7)) for ox, oy in others)
    assert not any(overlap(a, b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_a_narrower_plane_names_fewer_models() -> None:
    drawn = spread(30, 0)
    logs = [points.logarithmic([getattr(point, axis) for point in drawn]) for axis in "xy"]
    named = [sum(map(bool, points.label_positions(drawn, logs, room).values())) for room in points.ROOMS]
    texts = [trace for trace in points.plane(drawn, "x", "y").data if trace.mode == "markers+text"]
    assert [len(trace.text) for trace in texts] == named
    assert named[0] > named[-1]


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    """Whether two boxes, each (middle x, middle y, half its width, half its height), have a place in common."""
    return abs(a[0] - b[0]) < a[2] + b[2] and abs(a[1] - b[1]) < a[3] + b[3]


def test_a_lone_point_is_labelled() -> None:
    assert points.label_positions(spread(1, 0), [False, False]) == {"p0": "middle right"}


@pytest.mark.parametrize(
    ("values", "log"), [([1, 2, 39], False), ([1, 41], True), ([0, 100], False), ([-1, 500], False), ([], False)]
)
def test_an_axis_is_logarithmic_where_values_differ_much(values: list[float], log: bool) -> None:
    assert points.logarithmic(values) is log


def test_training_curves_are_of_every_term_on_both_splits() -> None:
    history = [
        {"epoch": epoch, "loss": 9 / epoch, "kl": 1, "test_loss": 10 / epoch, "test_kl": 2} for epoch in (1, 2, 3)
    ]
    drawn = charts.training(history, "#000000", "pixels")
    assert [trace.name for trace in drawn.data] == ["loss, test", "loss, training", "KL, test", "KL, training"]
    assert drawn.layout.yaxis.range[1] == pytest.approx(1.05 * 5), "the scale is that of the later epochs"


def test_histograms_are_densities_on_one_scale() -> None:
    codes = np.random.default_rng(0).standard_normal((4000, 5)).astype(np.float32) * [1, 2, 1, 1, 1]
    drawn = charts.histograms(codes, list("abcde"), "#000000")
    bars = [trace for trace in drawn.data if trace.type == "bar"]
    assert len(bars) == 5
    for trace in bars:
        assert np.sum(trace.y) * (trace.x[1] - trace.x[0]) == pytest.approx(1, abs=0.04)
        np.testing.assert_array_equal(trace.x, bars[0].x)


def test_histograms_of_models_that_are_looked_at_together_have_one_scale() -> None:
    random = np.random.default_rng(0)
    narrow, wide = (random.standard_normal((4000, 3)).astype(np.float32) * spread for spread in (0.2, 9.0))
    shown = (
        charts.histograms(narrow, list("abc"), "#000000", [wide]),
        charts.histograms(wide, list("abc"), "#000000", [narrow]),
    )
    (left, right) = (drawn.layout.xaxis.range for drawn in shown)
    assert left == right
    assert left[1] > 20
    assert shown[0].layout.yaxis.range == shown[1].layout.yaxis.range
    alone = charts.histograms(narrow, list("abc"), "#000000")
    assert alone.layout.xaxis.range[1] == 4
    finest = next(trace for trace in shown[0].data if trace.type == "bar")
    assert finest.x[1] - finest.x[0] == pytest.approx(8 / 60), "as fine as alone"


# ---- The page


def test_compare_shows_every_model_of_the_data_set() -> None:
    app = opened("compare")
    zoo = models.zoo()["mnist"]
    names = labels(zoo)
    assert set(table(app)["model"]) == set(names.values())
    of_label = {names[variant]: card for variant, card in zoo.items()}
    for group, (_, shown) in columns.GROUPS.items():
        app = opened("compare", figures=group)
        found = table(app).set_index("model")
        for column in shown:
            values = [column.value(of_label[name]) for name in found.index]
            if any(value is not None for value in values):
                expected = np.array([np.nan if value is None else value for value in values])
                np.testing.assert_allclose(found[column.key].to_numpy(float), expected)
            else:
                assert column.key not in found, "a column that no model has is not shown"


def test_the_right_models_card_is_open_and_the_url_opens_another() -> None:
    assert "<small>mnist-vae</small>" in html(opened("compare"))
    app = opened("compare", model="ae-2d")
    assert "<small>mnist-ae-2d</small>" in html(app)
    assert any("aeviz train ae mnist" in code.value for code in app.code)
    assert "<small>mnist-vae</small>" in html(opened("compare", model="nonsense"))


@pytest.mark.parametrize("part", ["training", "codes", "settings"])
@pytest.mark.parametrize("name", ["ae", pytest.param("vae-50d", marks=pytest.mark.long)])
def test_a_card_has_its_parts(part: str, name: str) -> None:
    app = opened("compare", model=name, part=part)
    assert len(app.get("plotly_chart")) == (1 if part == "settings" else 2)
    if part == "settings":
        settings = app.dataframe[1].value.set_index("setting")["value"]
        assert settings["latent dim"] == str(models.zoo()["mnist"][name].latent_dim)
        assert "epochs" in settings


def test_the_url_chooses_models_and_axes() -> None:
    app = opened("compare", models="ae,vae,nonsense", x="mmd", y="coverage")
    assert list(table(app)["model"]) == ["AE", "VAE"]
    chosen = {box.key: box.value for box in app.selectbox}
    assert (chosen["x"], chosen["y"]) == ("mmd", "coverage")
    assert set(table(opened("compare", models="nonsense"))["model"]) == set(labels(models.zoo()["mnist"]).values())


def test_the_csv_holds_every_figure() -> None:
    zoo = models.zoo()["mnist"]
    written = pd.read_csv(io.StringIO(columns.csv([zoo["ae"], zoo["vae"]]))).set_index("model")
    assert list(written.index) == ["mnist-ae", "mnist-vae"]
    figures = {
        key for key, column in columns.ALL.items() if {column.value(zoo["ae"]), column.value(zoo["vae"])} != {None}
    }
    assert {*written.columns} == {"family", *figures}
    assert len(figures) > 20
    assert written.loc["mnist-vae", "mse"] == zoo["vae"].metrics["mse"]


def test_the_csv_has_no_column_of_figures_that_are_no_ones() -> None:
    for cards in models.zoo().values():
        written = pd.read_csv(io.StringIO(columns.csv(cards.values())))
        assert not written.isna().all().any()


@pytest.mark.parametrize(("dataset", "page"), diagonal(sorted(models.zoo()), ["compare", "sweeps"]))
@pytest.mark.long
def test_the_pages_run_for_every_data_set(dataset: str, page: str) -> None:
    opened(page, data=dataset)


def cards() -> list[Any]:
    """Every shipped model; in the short run one of each family on MNIST, and one of each other data set."""
    zoo = models.zoo()
    short = {found.name for found in {found.family: found for found in zoo["mnist"].values()}.values()}
    short |= {next(iter(variants.values())).name for variants in zoo.values()}
    return [
        pytest.param(dataset, name, id=found.name, marks=() if found.name in short else pytest.mark.long)
        for dataset, variants in zoo.items()
        for name, found in variants.items()
    ]


@pytest.mark.parametrize(("dataset", "name"), cards())
def test_a_models_card_opens(dataset: str, name: str) -> None:
    app = opened("compare", data=dataset, model=name, part="settings")
    assert f"<small>{models.zoo()[dataset][name].name}</small>" in html(app)


# ---- The sweeps


def of(family: str, errors: dict[int, float]) -> list[Card]:
    return [card(f"{family}-{size}", family, size, mse=error) for size, error in errors.items()]


def test_the_sentence_of_the_bottleneck_says_what_the_numbers_say() -> None:
    pca = of("pca", {2: 0.06, 16: 0.03, 64: 0.01})
    assert "With 16 numbers the autoencoder's error is 67% smaller" in sweeps.bottleneck_sentence(
        pca, of("dense", {2: 0.04, 16: 0.01, 64: 0.009})
    )
    lost = sweeps.bottleneck_sentence(pca, of("dense", {2: 0.04, 16: 0.01, 64: 0.02}))
    assert lost.endswith("with 64 it is no better.")
    assert "At no size" in sweeps.bottleneck_sentence(pca, of("dense", {2: 0.07, 16: 0.04}))
    assert sweeps.bottleneck_sentence(pca, []) == "Error against the size of the code."


def test_the_sentence_of_depth_says_whether_layers_help() -> None:
    def deep(errors: list[float]) -> list[Card]:
        return [
            replace(card(f"d{n}", "deep", mse=e, parameters=1e5), config={"hidden": [60] * n})
            for n, e in zip((1, 2, 4), errors, strict=True)
        ]

    assert sweeps.depth_sentence(deep([0.02, 0.016, 0.01])).startswith(
        "With 4 hidden layers the error is 50% less than with 1. "
    )
    assert "more layers than 2 do not help" in sweeps.depth_sentence(deep([0.02, 0.01, 0.015]))
    assert "shallowest network is the best" in sweeps.depth_sentence(deep([0.01, 0.02, 0.03]))


def test_the_sentence_of_losses_names_the_winner_of_each_figure() -> None:
    cards = {"dense": card("a", mse=0.02, ssim=0.9), "dense-l1": card("b", mse=0.03, ssim=0.95)}
    assert sweeps.losses_sentence(cards) == (
        "Cross-entropy as the loss gives the smallest squared error, absolute error the best SSIM."
    )
    assert sweeps.losses_sentence({**cards, "dense-mse": card("c", mse=0.01, ssim=0.99)}).endswith("and the best SSIM.")


def test_sweeps_without_models_say_what_to_run(fresh_caches: None, monkeypatch: pytest.MonkeyPatch) -> None:
    zoo = {"mnist": {name: found for name, found in models.zoo()["mnist"].items() if name in ("ae", "vae")}}
    monkeypatch.setattr(models, "zoo", lambda: zoo)
    app = opened("sweeps")
    said = "\n".join(code.value for code in app.code)
    for family in ("pca", "dense", "deep", "beta-vae", "sparse", "contractive"):
        assert f"aeviz train {family} mnist" in said


REAL = ("ae", "vae", "dae", "sparse", "contractive")


def test_sweeps_draw_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    zoo = models.zoo()["mnist"]
    base: dict[str, Any] = {**zoo["ae"].config, "likelihood": "bce", "training": {}}
    figures = {"mse": 0.01, "ssim": 0.9, "parameters": 1e5, "kl": 20.0, "reconstruction": 70.0, "active_units": 9}
    made = {}
    for family, sizes in (("pca", (2, 4)), ("dense", (2, 4, 16)), ("vae", (16,)), ("beta-vae", (16,)), ("deep", (16,))):
        for size in sizes:
            config = {**base, "family": family, "latent_dim": size, "hidden": [64] * (4 if family == "deep" else 1)}
            if family == "beta-vae":
                config["objective"] = {"beta": 4.0}
            name = family if size == 16 else f"{family}-{size}d"
            made[name] = replace(
                zoo["ae"], name=f"mnist-{name}", family=family, latent_dim=size, config=config, metrics=figures
            )
    made["dense-l1"] = replace(made["dense"], name="mnist-ae")
    made["dense"] = replace(made["dense"], name="mnist-vae")
    monkeypatch.setattr(models, "zoo", lambda: {"mnist": {**{name: zoo[name] for name in REAL}, **made}})
    app = opened("sweeps")
    assert len(app.get("plotly_chart")) == 4
    assert not app.code
    assert "From β = 1 to 4, a code keeps 20 nats instead of 20, 9 of 16 coordinates" in html(app)


def deep_card(layers: int, mse: float, parameters: float = 1e5, epochs: int = 40) -> Card:
    found = card(f"d{layers}", "deep", mse=mse, parameters=parameters)
    return replace(found, config={"hidden": [60] * layers, "training": {"epochs": epochs}})


def test_sentences_stay_true_where_the_claim_fails() -> None:
    wide = [deep_card(1, 0.0106), replace(deep_card(1, 0.01, 4e5), name="wide")]
    assert sweeps.depth_sentence(wide) == "1 hidden layer does best."
    rates = [
        replace(
            card(f"b{beta}", "beta-vae", kl=kl, active_units=9, reconstruction=nats),
            config={"objective": {"beta": beta}},
        )
        for beta, kl, nats in ((1, 20.0, 75.0), (4, 9.4, 70.0))
    ]
    assert "9.4 nats instead of 20" in sweeps.rate_sentence(rates)
    assert sweeps.rate_sentence(rates).endswith("the picture costs 5 nats less.")
    near = [card("p", "pca", mse=0.0102), card("d", "dense", mse=0.01)]
    assert sweeps.bottleneck_sentence(near[:1], near[1:]).startswith(
        "With 16 numbers the autoencoder's error is 2% smaller"
    )


def test_unequal_training_is_told() -> None:
    assert sweeps.epochs_sentence([deep_card(1, 0.1), deep_card(2, 0.1)]) == ""
    assert sweeps.epochs_sentence([deep_card(1, 0.1), deep_card(2, 0.1, epochs=15)]) == (
        "Not trained equally long; epochs: d1 40, d2 15."
    )
