"""Links that are read as views, and files that are written of them."""

from dataclasses import replace
from pathlib import Path

import pytest
from lessons_made import Read

import aeviz
from aeviz import cli
from aeviz.app import html
from aeviz.app.saving import SAVED, views
from aeviz.app.saving.asked import read
from aeviz.datasets.sources import load_dataset
from aeviz.parts.camera import Classes
from aeviz.parts.latent_map import hiding
from aeviz.store import registry


def test_a_link_from_the_address_bar_and_a_name_mean_the_same() -> None:
    asked = read("http://localhost:8501/decode?data=fashion&left=vae-2d&z_left=0.5_-1&present=true")
    assert (asked.address, asked.choice.dataset, asked.choice.left.name) == ("decode", "fashion", "fashion-vae-2d")
    assert asked.texts == {"z_left": "0.5_-1"}
    assert asked.link == "/decode?data=fashion&left=vae-2d&right=vae&z_left=0.5_-1"
    assert read("decode?left=mnist-dae").choice.left.name == "mnist-dae"
    assert read("decode").choice.dataset == "mnist"


@pytest.mark.parametrize(
    ("view", "why"),
    [
        ("nowhere", "names no page"),
        ("decode?data=nothing", "no data set 'nothing'"),
        ("decode?left=nothing", "left=nothing is no model of mnist"),
        ("decode?right=cvae", "right=cvae is told a class with each item"),
        ("decode?knobs=five", "knobs=five means nothing"),
        ("map?dims=3&method=pca&left=ae-2d&right=vae-2d", "three dimensions"),
        ("training?data=emoji", "was recorded while it learned"),
        ("about", "About cannot be saved as a page"),
    ],
)
def test_what_means_nothing_is_told(view: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["export", view, "-o", str(tmp_path / "lesson.html")]) == 1
    said = capsys.readouterr().err
    assert why in said
    assert len(said.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_what_a_page_says_to_a_hand_is_plain_text_in_a_file() -> None:
    sentence = read("decode").words("", html.by_hand("Hover.", "Tap <it>."), "").sentence
    assert sentence == "Hover."


def test_what_a_link_says_of_zoom_rotation_and_hidden_classes_comes_along() -> None:
    names = list(load_dataset("mnist").label_names)
    chart = Classes("hidden_left", names)
    turned = f"turn_left=1_0_0_0_0_0_0_0_1&hidden_left={chart.stamp}_3&hidden_right={chart.stamp}_3_5"
    seen = views.section(read(f"map?data=mnist&method=pca&dims=3&{turned}")).seen
    assert seen == {"view_left": "1_0_0_0_0_0_0_0_1", "view_right": "", "hidden": hiding(names, [5, 3])}
    flat = views.section(read("map?data=mnist&method=pca&view_right=abc_2_0_0&hidden=abc_1"))
    assert flat.seen == {"view_right": "abc_2_0_0", "hidden": "abc_1"}
    plane = views.section(read("decode?data=mnist&way=plane&view_left=abc_2_0_0"))
    assert plane.seen == {"view_left": "abc_2_0_0", "view_right": ""}


@pytest.mark.long
def test_a_map_is_coloured_by_a_column_as_in_the_app() -> None:
    data = load_dataset("wage")
    numbers = next(name for name in data.facets if not data.facet(name).names)
    kinds = next(name for name in data.facets if data.facet(name).names)
    number, kind = (views.section(read(f"map?data=wage&method=pca&colour=column-{name}")) for name in (numbers, kinds))
    shown = [number.parts[0].data, kind.parts[0].data]
    assert shown[0]["valueLabel"].startswith(numbers)
    assert shown[0]["values"] == number.parts[1].data["values"]
    assert shown[1]["values"] is None
    assert shown[1]["names"] == list(data.facet(kinds).names)
    assert kinds in kind.words.state


def test_ones_own_model_and_data_are_written_and_forgotten(tmp_path: Path) -> None:
    data = load_dataset("mnist")
    few = replace(data, items=data.items[:60], labels=data.labels[:60], title="Mine", name="mine")
    network = aeviz.load("mnist-vae-2d", device="cpu")
    path = aeviz.export("decode", to=tmp_path / "own.html", models={"<b>ours</b>": network}, data=few, title="Ours")
    file = Read(path.read_text(encoding="utf-8"))
    assert "‹b›ours‹/b›: a model of the person who saved this page" in file.said
    assert "Mine: data of the person who saved this page" in file.said
    assert "bring the data Mine and ‹b›ours‹/b› on its page Your own" in file.said
    assert "left=" not in file.said, "a name that only this process knew"
    assert file.carried()[0]["networks"]
    assert registry.PROCESS.cards() == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("view", "most"),
    [
        ("decode", 1_200_000),
        ("decode?way=plane", 1_200_000),
        ("interpolate", 1_200_000),
        ("map", 4_500_000),
        ("repair", 4_500_000),
        ("compare", 1_200_000),
        ("training", 1_200_000),
        ("generate", 1_200_000),
        ("how-a-vae-thinks", 1_200_000),
    ],
)
def test_a_page_of_the_usual_pair_is_small_enough_to_be_sent_round(view: str, most: int) -> None:
    assert len(views.lesson([view]).encode()) < most


@pytest.mark.long
def test_a_site_has_all_pages_of_a_pair_and_each_model_once(tmp_path: Path) -> None:
    folder = aeviz.export("decode?left=ae-2d&right=vae-2d", site=tmp_path / "site")
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["data", "index.html", "models", *(f"{address}.html" for address in SAVED)]
    )
    networks = [
        network for address in SAVED
        for network in Read((folder / f"{address}.html").read_text(encoding="utf-8")).carried()[0]["networks"]
    ]  # fmt: skip
    files = {network["weights"]["file"] for network in networks}
    assert len(networks) > len(files) == len(list((folder / "models").iterdir()))
    assert len(files) == len({network["title"] for network in networks}) == 5, "the pair and what repairs, each once"
    for address in SAVED:
        lesson = Read((folder / f"{address}.html").read_text(encoding="utf-8")).carried()[0]
        assert all((folder / network["weights"]["file"]).is_file() for network in lesson["networks"])
        assert f'href="{address}.html"' in (folder / "index.html").read_text(encoding="utf-8")
    first = (folder / "index.html").read_text(encoding="utf-8")
    assert "Trained on MNIST: Autoencoder, 2 numbers; Variational autoencoder, 2 numbers." in first
    assert "Yann LeCun" in first
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").touch()
    with pytest.raises(ValueError, match="holds other files"):
        aeviz.export("decode", site=tmp_path / "full")
