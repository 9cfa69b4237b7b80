import pytest

from aeviz import Card
from aeviz.app import models
from aeviz.app.choice import short_name, short_names, shown_pair, usual_families
from aeviz.figures import palette
from aeviz.model.families import mark_of


def card(name: str, family: str, latent_dim: int = 16) -> Card:
    from pathlib import Path

    return Card(name, Path(name), family=family, dataset="mnist", latent_dim=latent_dim)


AE, VAE, FLAT = card("mnist-ae", "ae"), card("mnist-vae", "vae"), card("mnist-vae-2d", "vae", 2)


def test_a_checkpoint_has_a_short_name_among_those_of_its_data_set() -> None:
    assert models.variant(FLAT) == "vae-2d"
    assert short_name(FLAT) == "VAE · 2"


def test_two_families_are_named_by_family_and_have_their_own_colours() -> None:
    left, right = shown_pair(AE, VAE)
    assert (left.label, right.label) == ("AE", "VAE")
    assert (left.title, right.title) == ("Autoencoder", "Variational autoencoder")
    assert (left.colour, right.colour) == (mark_of("ae").colour, mark_of("vae").colour)
    assert left.name == "mnist-ae"


def test_two_of_a_family_are_told_apart_by_colour_and_size() -> None:
    left, right = shown_pair(VAE, FLAT)
    assert (left.label, right.label) == ("VAE 16", "VAE 2")
    assert left.title != right.title
    assert (left.colour, right.colour) == (mark_of("vae").colour, palette.FOURTH)


def test_a_family_without_a_colour_of_its_own_gets_the_fourth() -> None:
    left, right = shown_pair(AE, card("mnist-dae", "dae"))
    assert right.colour == mark_of("dae").colour
    assert len({left.colour, right.colour, palette.FOURTH}) == 3


@pytest.mark.parametrize(("left", "right"), [(AE, VAE), (VAE, VAE), (FLAT, VAE), (AE, AE)])
def test_left_and_right_never_share_a_colour(left: Card, right: Card) -> None:
    first, second = shown_pair(left, right)
    assert first.colour != second.colour


def test_two_of_a_family_and_size_are_told_apart_by_name() -> None:
    mine = card("mnist-mine", "vae")
    left, right = shown_pair(VAE, mine)
    assert left.label != right.label
    assert left.title != right.title
    assert short_names({"vae": VAE, "mine": mine, "ae": AE}) == {
        "vae": "VAE · 16 (vae)",
        "mine": "VAE · 16 (mine)",
        "ae": "AE · 16",
    }


def test_the_zoo_is_sorted_by_data_set_and_variant() -> None:
    zoo = models.zoo()
    assert next(iter(zoo)) == "mnist"
    assert zoo["mnist"]["vae"].name == "mnist-vae"
    for dataset, variants in zoo.items():
        for variant, found in variants.items():
            assert (found.dataset, models.variant(found)) == (dataset, variant)


def test_class_colours_repeat_after_ten() -> None:
    assert len({palette.class_colour(label) for label in range(10)}) == 10
    assert palette.class_colour(12) == palette.class_colour(2)


def test_the_first_of_each_kind_of_code_is_looked_at_first() -> None:
    assert usual_families() == ["ae", "vae"]
