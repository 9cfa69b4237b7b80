"""Models and data sets beside those on the disc: names, order, and an end."""

import gc

import numpy as np
import pytest

from aeviz import Dataset
from aeviz.datasets.arrays import dataset_of
from aeviz.datasets.sources import SOURCES
from aeviz.importers.callables import wrap
from aeviz.store import registry
from aeviz.store.registry import Registry, find_dataset, find_model, folder_of, plain, slug


def data(title: str = "Mine") -> Dataset:
    return dataset_of(np.zeros((10, 4, 4)), title=title)


def model(of: Dataset) -> object:
    return wrap(lambda x: np.zeros((len(x), 2)), lambda z: np.zeros((len(z), 16)), of, title="zero")


def test_what_is_registered_is_found_by_its_name() -> None:
    mine = Registry()
    named = mine.add_dataset(data("Found <it>"))
    card = mine.add_model(model(named), "My VAE!")
    assert (named.title, card.title) == ("Found ‹it›", "My VAE!")
    assert card.name == f"{named.name}-my-vae"
    assert (card.family, card.code, card.latent_dim, card.dataset) == ("ae", "deterministic", 2, named.name)
    assert find_dataset(named.name) is named
    found = find_model(card.name)
    assert found is not None
    assert found.encode(named.items)[0].shape == (10, 2)
    assert mine.cards() == [card]
    assert [other.name for other in mine.datasets()] == [named.name]
    assert not (folder_of(card.name) / "maps.npz").exists()


def test_a_name_is_given_once_whoever_asks() -> None:
    one, other = Registry(), Registry()
    names = [registry_.add_dataset(data("Twice")).name for registry_ in (one, other, one)]
    one.clear()
    names.append(other.add_dataset(data("Twice")).name)
    assert len(set(names)) == 4
    assert all(name.startswith("twice") for name in names)


@pytest.mark.parametrize("name", [*SOURCES, "mnist-vae"])
def test_a_name_that_came_with_us_is_not_given_again(name: str) -> None:
    assert Registry().add_dataset(data(name)).name != name


def test_a_data_set_takes_its_models_with_it() -> None:
    mine = Registry()
    first, second = (mine.add_dataset(data(title)) for title in ("First", "Second"))
    cards = [mine.add_model(model(of), "zero") for of in (first, second)]
    mine.remove(first.name)
    mine.remove(first.name)
    assert mine.cards() == [cards[1]]
    mine.remove(cards[1].name)
    assert mine.cards() == []
    assert mine.datasets() == [second]


def test_a_registry_that_is_dropped_leaves_nothing_behind() -> None:
    gone = Registry()
    named = gone.add_dataset(data("Gone"))
    name, card = named.name, gone.add_model(model(named), "gone")
    del gone, named
    gc.collect()
    assert find_dataset(name) is None
    assert find_model(card.name) is None
    assert folder_of(card.name) is None


def test_a_model_needs_its_data_set_and_its_shape() -> None:
    mine = Registry()
    with pytest.raises(ValueError, match="register it before its models"):
        mine.add_model(model(data("Nowhere")), "zero")
    with pytest.raises(ValueError, match="register it before its models"):
        mine.add_model(model(Registry().add_dataset(data("Elsewhere"))), "zero")
    small = model(data("Small"))
    larger = mine.add_dataset(dataset_of(np.zeros((10, 5, 5)), title="Larger"))
    with pytest.raises(ValueError, match=r"takes pictures of \(1, 4, 4\); Larger holds \(1, 5, 5\)"):
        mine.add_model(small.on(larger.name), "zero")
    texts = mine.add_dataset(dataset_of(np.zeros((10, 4, 4)), title="Words", modality="text"))
    curves = model(dataset_of(np.zeros((10, 4, 4)), title="Curves", modality="series"))
    with pytest.raises(ValueError, match="takes series; Words holds texts"):
        mine.add_model(curves.on(texts.name), "zero")


def test_words_become_names_and_plain_text() -> None:
    assert slug("  My VAE (β=4)/../x ") == "my-vae-β-4-..-x"
    assert slug("../") == "own"
    assert plain("a\x1b[31m\nb<script>") == "a [31m b‹script›"
    assert plain("\n") == "unnamed"
    assert registry.PROCESS.cards() == []
