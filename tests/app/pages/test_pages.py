"""Each page in Streamlit's own harness: it runs, its widgets are there, and the URL says what it shows.

The harness knows nothing of components: they appear as elements of the type "bidi_component", and what they show
is tested in a real browser (tests/browser/test_pages.py).
"""

import base64
import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from apptest import go, html, opened, parts, shown_parts, sound
from PIL import Image
from streamlit.testing.v1 import AppTest

import aeviz
from aeviz.app import models, url
from aeviz.app.navigation import ENTRIES
from aeviz.app.panels import repair_search
from aeviz.store import checkpoints

ROOT = Path(__file__).parents[3]
PAGES = tuple(ENTRIES)
INSPECTED = {"inspected-worst", "inspected-another"}
EVERYWHERE = {"presentation-key"}
WIDGETS = {
    "home": set(),
    "map": {"method", "dims", "colour", "points", "n_neighbors", "min_dist", "map_seed", "shown", *INSPECTED},
    "decode": {"knobs", "way", "start", "all", "random_seed", "shown", *INSPECTED},
    "interpolate": {
        *(f"{end}-{what}" for end in "ab" for what in ("from", "item", "another", "worst")),
        *("path_kind", "path_map", "steps"),
    },
    "repair": {
        "noise-from",
        "noise-item",
        "noise-another",
        "noise-worst",
        "corruption",
        "seed",
        "curve",
        "repair-search",
    },
    "about": set(),
}
PARTS = {"home": 4, "map": 5, "decode": 6, "interpolate": 6, "repair": 1, "about": 0}


long = pytest.mark.long


def keys(app: AppTest) -> set[str]:
    kinds = (app.segmented_control, app.number_input, app.slider, app.toggle, app.button)
    return {widget.key for kind in kinds for widget in kind if widget.key} - EVERYWHERE


def value(app: AppTest, key: str) -> object:
    return app.session_state[key]


@pytest.mark.parametrize("page", WIDGETS)
def test_a_page_runs_for_the_usual_pair_with_its_widgets_and_parts(page: str) -> None:
    app = opened(page)
    assert keys(app) == WIDGETS[page]
    assert parts(app) == PARTS[page]
    assert [box.key for box in app.selectbox][:3] == ["data", "left", "right"]
    assert [box.value for box in app.selectbox][:3] == ["mnist", "ae", "vae"]
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
    """Every page with every pair; in the short run every fourth page meets one of them."""
    found = pairs()
    return [
        pytest.param(page, pair, id=".".join((*pair, page)), marks=() if row % 4 == 0 and at == row else long)
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
    assert parts(app) == 5


def test_two_knobs_at_once_make_a_plane() -> None:
    app = opened("decode", way="plane", x_left=3, y_right=0)
    assert parts(app) == 7  # the right pair of knobs is one knob twice
    assert [box.value for box in app.selectbox if box.key in ("x_left", "y_left")] == ["3", "1"]
    assert [caption.value for caption in app.caption if "two different" in caption.value]
    app.selectbox(key="x_right").select("4").run()
    sound(app)
    assert parts(app) == 8
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
        assert parts(app) == 6
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
    assert "DAE" in shown_parts(app)


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
    assert f"item {item:,}" in shown_parts(app)


def dialled(app: AppTest) -> dict[str, Any]:
    """What the browser gets for the dial of a page."""
    (part,) = (part.proto for part in app.get("bidi_component") if part.proto.component_name == "aeviz_dial")
    (data,) = json.loads(part.json)
    return data


def test_the_best_repair_has_the_star() -> None:
    data = dialled(opened("repair"))
    shown = {panel["label"]: panel["notes"] for panel in data["panels"]}
    assert [*shown] == ["Noisy", "Clean", "AE", "VAE", "DAE", "Median 3 × 3"]
    assert [label for label, notes in shown.items() if "★" in notes[-1]] == ["DAE"]
    assert "nothing changed" in shown["Noisy"][0]


def test_the_damage_stands_where_the_link_says_and_by_the_seed_without_a_place() -> None:
    """The tile at the handle is the item damaged there; of the place that a link leaves out the seed's own."""
    data = aeviz.load_dataset("mnist")
    for place in (None, (0.5, 1.0)):
        more = {} if place is None else {"spot": "0.5_1"}
        app = opened("repair", corruption="half", seed=3, **more)
        dial = dialled(app)
        noisy = data.corrupt(data.items[:1], "half", 0.5, 3, place)
        sheet = dial["panels"][0]["sheet"]
        picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(sheet["url"].split(",")[1]))))
        row, column = divmod(dial["at"], sheet["columns"])
        tile = picture[28 * row : 28 * (row + 1), 28 * column : 28 * (column + 1)]
        np.testing.assert_array_equal(tile, data.tiles(noisy)[0, ..., 0])


def test_who_wins_is_said_of_what_is_shown() -> None:
    app = opened("repair", corruption="half", spot="1_0.5")
    data = aeviz.load_dataset("mnist")
    clean = data.items[:1]
    noisy = data.corrupt(clean, "half", 0.5, 0, (1.0, 0.5))
    hidden = data.hidden(clean, "half", 0.5, 0, (1.0, 0.5))
    mended = {repair.label: data.mend(noisy, repair, 0.5, hidden, [0]) for repair in data.repairs("half")}
    for label, items in mended.items():
        (notes,) = (panel["notes"] for panel in dialled(app)["panels"] if panel["label"] == label)
        assert f"PSNR {float(data.distance(items, clean, 'psnr')[0]):.1f} dB" in notes[dialled(app)["at"]]
    (verdict,) = (text.value for text in app.markdown if "** is nearest" in text.value)
    assert "by PSNR" in verdict
    assert "in the hole alone" in verdict


def test_a_repair_that_changes_nothing_is_no_nearer_than_the_damage() -> None:
    """Lost colour has one level and no place, hence no handle; of the first emoji grey itself is nearest."""
    app = opened("repair", data="emoji", corruption="grey")
    assert not [part for part in app.get("bidi_component") if part.proto.component_name == "aeviz_dial"]
    assert html(app).count("★") == 2
    (verdict,) = (text.value for text in app.markdown if "nearest by" in text.value)
    assert "**Damaged** and **Grey itself** are nearest" in verdict
    assert "no repair helps" in verdict
    (learned,) = (text.value for text in app.caption if "Learned from" in text.value)
    assert "half of the test pictures" in learned
    assert "Table of colours" in learned
    assert "Grey itself" not in learned


def test_what_is_known_is_put_back_into_what_a_network_makes() -> None:
    data = aeviz.load_dataset("mnist")
    clean = data.items[:1]
    noisy, hidden = data.corrupt(clean, "half", 0.5, 0, (1.0, 0.5)), data.hidden(clean, "half", 0.5, 0, (1.0, 0.5))
    network = models.explorer("mnist-vae")
    made = np.where(hidden, network.decode(network.encode(noisy)[0]), clean)
    dial = dialled(opened("repair", corruption="half", spot="1_0.5", keep="true"))
    (notes,) = (panel["notes"] for panel in dial["panels"] if panel["label"] == "VAE")
    assert f"PSNR {float(data.distance(made, clean, 'psnr')[0]):.1f} dB" in notes[dial["at"]]


def test_a_painted_mask_comes_back_from_its_link() -> None:
    mask = np.zeros((28, 28), bool)
    mask[14:20, 5:20] = True
    app = opened("repair", corruption="brush", mask=url.Mask("mask", "").write(mask))
    assert html(app).count("in the hole") >= 5
    np.testing.assert_array_equal(app.session_state["remembered-mask"], mask)
    assert "Paint over" in str([text.value for text in opened("repair", corruption="brush", mask="x").caption])


def test_a_search_shows_its_last_picture_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair_search, "PACE_S", 0)
    app = opened("repair", corruption="half")
    app.button(key="repair-search").click().run()
    sound(app)
    assert "step 150" in html(app)
    assert "step 150" in html(app.run())


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
@pytest.mark.long
def test_damaged_maps_are_told_of_in_words(own_models: Path, page: str) -> None:
    for name in ("mnist-ae", "mnist-vae"):
        shutil.copytree(ROOT / "models" / name, own_models / name)
    (own_models / "mnist-ae" / "maps.npz").write_bytes(b"PK\3\4 broken off")
    app = opened(page)
    assert ["cannot be read" in warning.value for warning in app.warning] == [True]
    assert not app.info  # both maps are there: PCA of the codes takes a moment


@pytest.mark.long
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
