"""Each page in Streamlit's own harness: it runs, its widgets are there, and the URL says what it shows.

The harness knows nothing of components: they appear as elements of the type "bidi_component", and what they show
is tested in a real browser (tests/browser/test_pages.py).
"""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from apptest import go, html, opened, parts, sound
from streamlit.testing.v1 import AppTest

from aeviz.app import models
from aeviz.app.navigation import ENTRIES
from aeviz.store import checkpoints

ROOT = Path(__file__).parents[3]
PAGES = tuple(ENTRIES)
WIDGETS = {
    "home": set(),
    "map": {"method", "dims", "colour", "points", "n_neighbors", "min_dist", "map_seed", "shown"},
    "decode": {"knobs", "way", "start", "all", "random_seed", "shown"},
    "interpolate": {"a-from", "a-item", "a-another", "b-from", "b-item", "b-another", "path_kind", "path_map", "steps"},
    "repair": {"noise-from", "noise-item", "noise-another", "corruption", "level", "seed", "curve"},
    "about": set(),
}
PARTS = {"home": 4, "map": 3, "decode": 2, "interpolate": 4, "repair": 0, "about": 0}


long = pytest.mark.long


def keys(app: AppTest) -> set[str]:
    kinds = (app.segmented_control, app.number_input, app.slider, app.toggle, app.button)
    return {widget.key for kind in kinds for widget in kind if widget.key}


def value(app: AppTest, key: str) -> object:
    return app.session_state[key]


@pytest.mark.parametrize("page", WIDGETS)
def test_a_page_runs_for_the_usual_pair_with_its_widgets_and_parts(page: str) -> None:
    app = opened(page)
    assert keys(app) == WIDGETS[page]
    assert parts(app) == PARTS[page]
    assert [box.key for box in app.selectbox] == ["data", "left", "right"]
    assert [box.value for box in app.selectbox] == ["mnist", "ae", "vae"]
    assert "<h1>" in html(app)
    assert dict(app.query_params) == {}, "what nobody changed is not in the URL"


def pairs() -> list[tuple[str, str, str]]:
    """(data set, left, right): flat codes, mixed sizes, one family, one model twice, and every other data set."""
    zoo = models.zoo()
    wanted = [("vae-2d", "vae-2d"), ("ae", "vae-2d"), ("ae-2d", "vae-2d"), ("vae", "vae-50d"), ("ae", "dae")]
    found = [("mnist", left, right) for left, right in wanted if {left, right} <= zoo["mnist"].keys()]
    others = [(name, min(cards), max(cards)) for name, cards in zoo.items() if name != "mnist"]
    return [*found, *others]


def meetings() -> list[Any]:
    """Every page with every pair; in the short run every other page meets one of them."""
    found = pairs()
    return [
        pytest.param(page, pair, id=".".join((*pair, page)), marks=() if row % 2 == 0 and at == row else long)
        for row, page in enumerate(PAGES)
        for at, pair in enumerate(found)
    ]


@pytest.mark.parametrize(("page", "pair"), meetings())
def test_a_page_runs_for_every_sort_of_pair(page: str, pair: tuple[str, str, str]) -> None:
    dataset, left, right = pair
    app = opened(page, data=dataset, left=left, right=right)
    shown = app.session_state["choice"]
    assert (shown.dataset, shown.left.card, shown.right.card) == (
        dataset,
        models.zoo()[dataset][left],
        models.zoo()[dataset][right],
    )


def test_the_map_of_flat_codes_is_the_code_itself() -> None:
    app = opened("map", left="vae-2d", right="vae-2d")
    assert app.segmented_control(key="method").value == "code"
    assert "dims" not in keys(app)
    assert parts(app) == 3


def test_two_knobs_at_once_make_a_plane() -> None:
    app = opened("decode", way="plane", x_left=3, y_right=0)
    assert parts(app) == 3  # the right pair of knobs is one knob twice
    assert [box.value for box in app.selectbox if box.key in ("x_left", "y_left")] == ["3", "1"]
    assert [caption.value for caption in app.caption if "two different" in caption.value]
    app.selectbox(key="x_right").select("4").run()
    sound(app)
    assert parts(app) == 4
    assert app.query_params["x_right"] in ("4", ["4"])


def test_a_grid_of_traversals_is_decoded_for_who_unfolds_it() -> None:
    def grids(app: AppTest) -> int:
        return sum(button.proto.label == "Save as PNG" for button in app.get("download_button"))

    assert grids(opened("decode")) == 0
    assert grids(opened("decode", grid_left="true")) == 1


def test_marked_items_are_shown_counted_and_saved() -> None:
    app = opened("map", marked="3_17_200")
    text = html(app)
    assert "3 items marked" in text
    labels = models.data("mnist").labels[[3, 17, 200]]
    assert text.count("<dt>") == len(np.unique(labels))
    assert "mean code, AE" in text
    app.button(key="clear-marks").click().run()
    sound(app)
    assert "items marked" not in html(app)
    assert "marked" not in app.query_params


def test_a_path_is_drawn_on_every_sort_of_map() -> None:
    for method in ("pca", "tsne", "umap"):
        app = opened("interpolate", path_map=method)
        assert parts(app) == 4
        assert bool([caption for caption in app.caption if "leaps" in caption.value]) == (method != "pca")


def test_maps_of_point_codes_have_no_kl() -> None:
    assert "KL" in opened("map").segmented_control(key="colour").options
    assert "KL" not in opened("map", right="dae").segmented_control(key="colour").options


# ---- The URL is the state.


@pytest.mark.parametrize(
    ("page", "parameters"),
    [
        ("map", {"method": "tsne", "colour": "error", "item": 77}),
        ("map", {"points": 1500, "n_neighbors": 30, "min_dist": 0.5, "map_seed": 3}),
        ("map", {"dims": 3, "colour": "kl", "shown": "draw"}),
        ("decode", {"knobs": "directions", "start": "mean"}),
        ("decode", {"start": "random", "draw": 12, "random_seed": 4}),
        ("interpolate", {"a-item": 5, "b-item": 6, "path_kind": "slerp", "steps": 9, "t": 0.25}),
        ("repair", {"corruption": "block", "level": 0.3, "seed": 11, "noise-item": 42, "curve": "many"}),
    ],
)
def test_the_url_sets_the_view_and_stays(page: str, parameters: dict[str, object]) -> None:
    app = opened(page, **parameters)
    for name, wanted in parameters.items():
        held = value(app, name if name in app.session_state else f"remembered-{name}")
        assert str(held) == str(wanted), name
        assert app.query_params[name] in (str(wanted), [str(wanted)])


@pytest.mark.parametrize(
    ("page", "parameters"),
    [
        ("map", {"method": "magic", "colour": "smell", "dims": 4, "item": 10_000}),
        ("map", {"method": "tsne", "points": -1, "perplexity": "x", "map_seed": "nan"}),
        ("map", {"data": "cats", "left": "gan", "right": "", "item": "two"}),
        ("decode", {"knobs": "?", "start": "end", "z_left": "1_2", "z_right": "nan_" * 15 + "nan"}),
        ("map", {"marked": "3_10000", "shown": "me"}),
        ("map", {"marked": ".AAAA"}),
        ("decode", {"way": "up", "x_left": 99}),
        ("decode", {"z_left": "1e39_" + "0_" * 14 + "0", "random_seed": 10**9, "item": -1}),
        ("interpolate", {"a-item": 10_000, "steps": 1000, "t": 2, "path_kind": "bus", "a-from": "<b>"}),
        ("interpolate", {"t": "nan", "b-item": 1.5}),
        ("repair", {"corruption": "rain", "level": 7, "seed": -3, "noise-item": "NaN"}),
    ],
)
def test_what_the_url_cannot_mean_is_dropped(page: str, parameters: dict[str, object]) -> None:
    app, usual = opened(page, **parameters), opened(page)
    for name in parameters:
        for key in (name, f"remembered-{name}"):
            # A method that exists may show other widgets than the usual one.
            if key in usual.session_state and key in app.session_state and name != "method":
                assert app.session_state[key] == usual.session_state[key], key
    assert "nan" not in str(dict(app.query_params)).lower()
    assert app.session_state["choice"] == usual.session_state["choice"]


def test_a_choice_is_written_to_the_url_by_name_and_goes_from_page_to_page() -> None:
    app = opened("map")
    app.segmented_control(key="colour").select("error").run()
    app.selectbox(key="left").select("dae").run()
    sound(app)
    assert dict(app.query_params) == {"colour": "error", "left": "dae"}
    go(app, "repair").run()
    sound(app)
    assert app.session_state["choice"].left.name == "mnist-dae"
    assert "DAE" in html(app)


def test_a_code_in_the_url_belongs_to_its_start() -> None:
    code = "_".join(["0.500"] * 16)
    app = opened("decode", z_left=code, z_right=code)
    assert app.session_state["remembered-z_left"].tolist() == [0.5] * 16
    app.segmented_control(key="start").select("mean").run()
    sound(app)
    assert not {"z_left", "z_right"} & set(app.query_params)


def test_another_item_is_drawn_at_random() -> None:
    app = opened("repair")
    app.button(key="noise-another").click().run()
    sound(app)
    item = app.number_input(key="noise-item").value
    assert f"item {item}" in html(app)


def test_the_best_repair_has_the_star() -> None:
    text = html(opened("repair"))
    assert text.count("★") == 1
    assert text.index("★") > text.index(">DAE")
    assert all(f">{label}<" in text for label in ("Clean", "Noisy", "AE", "VAE", "DAE", "Median 3 × 3"))


def test_visitors_share_no_state() -> None:
    one, other = opened("map"), opened("map")
    one.segmented_control(key="method").select("pca").run()
    other.run()
    assert other.segmented_control(key="method").value == "umap"


# ---- Things that are missing or damaged.


@pytest.fixture
def own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_caches: None) -> Path:
    """An empty folder in place of `models/`."""
    monkeypatch.setattr(checkpoints, "models_folder", lambda: tmp_path)
    return tmp_path


def test_without_models_every_page_tells_how_to_train_one(own_models: Path) -> None:
    app = opened("map")
    assert [title.value for title in app.title] == ["No model is installed yet"]
    assert "aeviz train" in app.code[0].value


@pytest.mark.long
def test_one_model_is_enough(own_models: Path) -> None:
    shutil.copytree(ROOT / "models" / "mnist-vae", own_models / "mnist-vae")
    for page in PAGES:
        assert opened(page).session_state["choice"].left.name == "mnist-vae"


@pytest.mark.parametrize("page", ["home", "map"])
def test_damaged_maps_are_told_of_in_words(own_models: Path, page: str) -> None:
    for name in ("mnist-ae", "mnist-vae"):
        shutil.copytree(ROOT / "models" / name, own_models / name)
    (own_models / "mnist-ae" / "maps.npz").write_bytes(b"PK\3\4 broken off")
    app = opened(page)
    assert ["cannot be read" in warning.value for warning in app.warning] == [True]
    assert not app.info  # both maps are there: PCA of the codes takes a moment


def test_damaged_maps_can_be_computed_again(own_models: Path) -> None:
    for name in ("mnist-ae", "mnist-vae"):
        shutil.copytree(ROOT / "models" / name, own_models / name)
    (own_models / "mnist-ae" / "maps.npz").write_bytes(b"PK\3\4 broken off")
    app = opened("map", method="umap")
    assert ["cannot be read" in warning.value for warning in app.warning] == [True]
    assert [button.label for button in app.button if "Compute" in button.label] == ["Compute this map"]


def test_a_checkpoint_without_maps_offers_to_compute_them(own_models: Path) -> None:
    for name in ("mnist-ae", "mnist-vae"):
        shutil.copytree(ROOT / "models" / name, own_models / name, ignore=shutil.ignore_patterns("maps.npz"))
    app = opened("map", method="umap")
    assert not app.warning
    assert len(app.info) == 2
    assert [button.label for button in app.button if "Compute" in button.label] == ["Compute these maps"]
