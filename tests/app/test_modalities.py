"""Every page on a pair of each modality that is no picture: it runs, in its words, and tells what is so."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import small
from apptest import html, opened
from cases import diagonal
from streamlit.testing.v1 import AppTest

import aeviz
from aeviz.app import models, startup
from aeviz.app.pages import repair as repair_page
from aeviz.app.panels import repair_strip
from aeviz.datasets.sources import SOURCES
from aeviz.evaluation import label_efficiency
from aeviz.latent.explorer import Explorer
from aeviz.modalities.columns import TableScale
from aeviz.store import checkpoints

ADDRESSES = (
    "home",
    "network",
    "map",
    "decode",
    "how-a-vae-thinks",
    "training",
    "interpolate",
    "repair",
    "compress",
    "generate",
    "features",
    "compare",
    "sweeps",
    "about",
)
WORDS = {"ecg": "beat", "wage": "person", "names": "name"}
ITEM = 7


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("models")
    for dataset in small.PAIRS:
        small.models(made, dataset)
    return made


@pytest.fixture(autouse=True)
def _small_models(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(startup, "WARMUP_DELAY_S", 3600.0)
    monkeypatch.setattr(checkpoints, "models_folder", lambda: folder)
    monkeypatch.setattr(label_efficiency, "LABEL_DRAWS", 2)
    models.surveyed.clear()
    yield
    models.surveyed.clear()


def page(address: str, dataset: str, **more: object) -> AppTest:
    left, right = small.UNTRAINED
    return opened(address, data=dataset, left=left, right=right, item=ITEM, **more)


def said(app: AppTest) -> str:
    """All that a page says, without its styles, scripts and pictures."""
    bodies = [element.proto.body for element in app.html if "--aeviz-ink" not in element.proto.body]
    text = re.sub(r'(?s)<(style|script)>.*?</\1>|src="[^"]*"|class="[^"]*"', "", "\n".join(bodies))
    kinds = (app.markdown, app.caption, app.info, app.subheader)
    return text + "\n".join(str(element.value) for kind in kinds for element in kind)


def network(dataset: str, variant: str, folder: Path) -> Explorer:
    name = f"{dataset}-{variant}"
    return Explorer(checkpoints.load(folder / name, device="cpu"), name, aeviz.load_dataset(dataset).scale)


@pytest.mark.parametrize(("address", "dataset"), diagonal(ADDRESSES, list(small.PAIRS)))
def test_a_page_runs_and_speaks_of_its_items(address: str, dataset: str) -> None:
    app = page(address, dataset)
    assert app.session_state["choice"].dataset == dataset
    text = said(app)
    assert "[[" not in text, "a blank was not filled in"
    if address not in ("about", "training", "sweeps"):
        assert re.search(rf"\b{WORDS[dataset]}|\b{SOURCES[dataset].words.plural}", text)
    if address in ("home", "map", "decode", "interpolate", "repair", "features", "sweeps"):
        assert not re.search(r"\bpictures?\b|\bpixels?\b", text)


@pytest.mark.parametrize("dataset", small.PAIRS)
def test_the_inspector_tells_the_error_in_the_units_of_the_data(dataset: str, folder: Path) -> None:
    data = aeviz.load_dataset(dataset)
    text = said(page("map", dataset))
    for variant in small.UNTRAINED:
        model = network(dataset, variant, folder)
        item = data.items[[ITEM]]
        error = data.distance(model.decode(model.encode(item)[0]), item)[0]
        assert f"error {data.modality.error.text(float(error), data.scale)}</summary>" in text


def test_an_item_is_shown_large_with_what_its_numbers_mean() -> None:
    beat = html(page("map", "ecg"))
    assert "aeviz-curve" in beat
    assert "mV" in beat
    people = aeviz.load_dataset("wage")
    assert isinstance(people.scale, TableScale)
    age = next(column for column in people.scale.columns if column.name == "age")
    years = age.mean + age.std * float(people.items[ITEM, age.start])
    assert f"<span>{years:.4g} years</span>" in html(page("map", "wage"))
    names = aeviz.load_dataset("names")
    letters = names.modality.describe(names.items[ITEM], names.scale).upper()
    shown = re.search(r'<div class="aeviz-text"[^>]*>(.*?)</div>', html(page("map", "names")))
    assert shown
    assert re.sub(r"<[^>]*>", "", shown[1]) == letters


@pytest.mark.parametrize(
    ("place", "shown"),
    diagonal(
        [("map", 3), ("decode", 5), ("repair", 5), ("how-a-vae-thinks", 2), ("interpolate", 3)],
        [("ecg", "aeviz-curve"), ("wage", "aeviz-row"), ("names", "aeviz-text")],
    ),
)
def test_what_networks_make_of_an_item_is_as_large_and_labelled_as_the_item(
    place: tuple[str, int], shown: tuple[str, str]
) -> None:
    (address, count), (dataset, mark) = place, shown
    assert html(page(address, dataset)).count(f'class="{mark}"') >= count


@pytest.mark.parametrize(
    ("dataset", "sentence"),
    [
        ("ecg", "our own rule, not a cardiologist's"),
        ("names", "The class is the first letter"),
    ],
)
def test_what_a_reader_must_know_of_the_data_stands_beside_its_maps(dataset: str, sentence: str) -> None:
    for address in ("home", "map"):
        assert sentence in said(page(address, dataset))
    assert "each day is standardised by itself" in SOURCES["power"].note


@pytest.mark.parametrize("dataset", small.PAIRS)
def test_a_floor_of_the_cross_entropy_is_told_of_pictures_alone(dataset: str) -> None:
    assert ("has a floor above 0" in said(page("how-a-vae-thinks", dataset))) == (
        dataset in ("mnist", "fashion", "emoji")
    )


@pytest.mark.parametrize(
    ("dataset", "kind"), [("ecg", "noise"), ("ecg", "gap"), ("wage", "missing"), ("names", "wrong")]
)
def test_denoise_judges_repairs_by_the_distance_of_the_modality(dataset: str, kind: str, folder: Path) -> None:
    data, level = aeviz.load_dataset(dataset), 0.4
    text = said(page("repair", dataset, corruption=kind, level=level, **{"noise-item": ITEM}))
    clean = data.items[[ITEM]]
    noisy = data.corrupt(clean, kind, level, 0)
    # Of an item that lacks values, only those are judged.
    lacking = np.isnan(noisy)
    told = np.where(lacking | ~lacking.any(), clean, np.nan).astype(np.float32)
    judge = data.modality.distance(data.modality.repair.judge)
    models_ = [network(dataset, variant, folder) for variant in small.UNTRAINED]
    repairs = [*(model.decode(model.encode(noisy)[0]) for model in models_), data.repair(noisy)]
    for repaired in repairs:
        score = float(data.distance(repaired, told, judge.key)[0])
        assert f"{judge.name} {judge.text(score, data.scale)}" in text
    assert (f"{data.words.value}s are missing" in text) == bool(lacking.any())


def test_what_repairs_are_compared_with_is_clean_where_nothing_is_missing() -> None:
    data = aeviz.load_dataset("ecg")
    clean = data.items[:2]
    noisy = clean.copy()
    noisy[1, :, 5:9] = np.nan
    told = repair_strip.references(clean, noisy)
    assert np.array_equal(told[0], clean[0])
    assert np.array_equal(told[1, :, 5:9], clean[1, :, 5:9])
    assert np.isnan(np.delete(told[1], np.s_[5:9], 1)).all()


def test_a_tables_map_is_coloured_by_any_column() -> None:
    app = page("map", "wage")
    assert [*app.selectbox(key="colour").options][-9:] == [
        *("year", "age", "wage", "marital status", "race", "education", "job class", "health", "health insurance")
    ]
    for colour in ("column-age", "column-race", "error"):
        app = page("map", "wage", colour=colour)
        assert app.selectbox(key="colour").value == colour
        assert app.query_params["colour"] in (colour, [colour])


def test_a_column_is_told_in_its_own_unit_and_a_category_by_name() -> None:
    data = aeviz.load_dataset("wage")
    assert data.modality.facet
    age = data.modality.facet(data.items, data.scale, "age")
    assert (age.unit, age.names) == ("years", ())
    assert 17.99 <= age.values.min() < age.values.max() <= 80.01
    race = data.modality.facet(data.items, data.scale, "race")
    assert {"White", "Black", "Asian", "Other"} == set(race.names)
    described = [data.modality.describe(item, data.scale) for item in data.items[:20]]
    assert all(
        f"race {race.names[int(number)]}" in text for number, text in zip(race.values[:20], described, strict=True)
    )
    with pytest.raises(ValueError, match="no column 'height'"):
        data.modality.facet(data.items, data.scale, "height")


@pytest.mark.parametrize("dataset", small.PAIRS)
def test_the_terms_of_the_loss_are_those_of_the_item(dataset: str, folder: Path) -> None:
    model, data = network(dataset, "small-vae", folder), aeviz.load_dataset(dataset)
    mean, std = model.encode(data.items[[ITEM]])
    assert std is not None
    kl = float((0.5 * (mean**2 + std**2 - 1) - np.log(std)).sum())
    text = said(page("how-a-vae-thinks", dataset, network="small-vae"))
    assert re.search(rf"nats = -?[\d.,]+ \+ (?:{kl:.1f}|{kl:.2f})<", text)


def test_what_has_no_meaning_is_told_in_a_sentence() -> None:
    assert "there are classifiers of pictures alone" in said(page("generate", "ecg"))
    assert "cannot be moved a little" in said(page("sweeps", "names"))
    assert "There is one loss that suits names" in said(page("sweeps", "names"))
    assert "classifiers of pictures alone" in said(page("compare", "names", figures="generation"))


@pytest.mark.parametrize(("dataset", "values"), [("ecg", "Values"), ("wage", "Cells"), ("names", "Letters")])
def test_the_cross_fade_is_named_for_what_it_mixes(dataset: str, values: str) -> None:
    sent = [element.proto.json for element in page("interpolate", dataset).get("bidi_component")]
    assert any(f'"{values}, cross-fade"' in text for text in sent)


def test_a_pair_is_usual_whatever_its_models_are_called() -> None:
    app = opened("about", data="ecg")
    assert [box.value for box in app.selectbox] == ["ecg", *small.UNTRAINED]


def test_a_value_of_nothing_is_told_as_nothing() -> None:
    data = aeviz.load_dataset("shuttle")
    described = [data.modality.describe(item, data.scale) for item in data.items[:50]]
    assert not any("e-" in text for text in described)


@pytest.mark.parametrize("dataset", WORDS)
def test_what_is_true_of_pictures_alone_is_not_told_of_others(dataset: str) -> None:
    data = models.data(dataset)
    about_repairs = repair_page.idea(data, data.corruptions[0].name)
    assert not re.search("brightness|blur|colour|square of", about_repairs.split("\n\n")[0])


def test_what_is_true_of_pictures_is_told_of_them() -> None:
    data = models.data("mnist")
    about_repairs = repair_page.idea(data, data.corruptions[0].name)
    assert "a blur wins in PSNR" in about_repairs
    assert "the brightness" in about_repairs
    assert "[[" not in about_repairs.replace("[[values]]", "")


def test_a_share_is_told_in_per_cent() -> None:
    data = models.data("names")
    differing = next(row for row in data.modality.distances if row.unit == "share")
    assert differing.text(0.125, data.scale) == "12.5 %"


def test_data_sets_are_listed_as_one_says_them() -> None:
    assert models.titles_within([]) == ""
    assert models.titles_within(["ecg"]) == "heart beats"
    assert models.titles_within(["mnist", "fashion", "ecg"]) == "MNIST, Fashion-MNIST and heart beats"
