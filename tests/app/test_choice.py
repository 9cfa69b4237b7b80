from dataclasses import replace

from apptest import opened

from aeviz.app import models
from aeviz.app.choice import shown, shown_pair, usual_families
from aeviz.figures import palette
from aeviz.model.families import mark_of

AE, VAE, FLAT = (models.zoo()["mnist"][name] for name in ("ae", "vae", "vae-2d"))


def test_a_checkpoint_has_a_short_name_among_those_of_its_data_set() -> None:
    assert models.variant(FLAT) == "vae-2d"
    assert (shown(VAE).label, shown(FLAT).label) == ("VAE", "VAE 2")


def test_two_families_are_named_by_family_and_have_their_own_colours() -> None:
    left, right = shown_pair(AE, VAE)
    assert (left.label, right.label) == ("AE", "VAE")
    assert (left.title, right.title) == ("Autoencoder, 16 numbers", "Variational autoencoder, 16 numbers")
    assert (left.colour, right.colour) == (mark_of("ae").colour, mark_of("vae").colour)
    assert left.name == "mnist-ae"


def test_two_of_a_family_are_told_apart_by_colour_and_size() -> None:
    left, right = shown_pair(VAE, FLAT)
    assert (left.label, right.label) == ("VAE", "VAE 2")
    assert left.title != right.title
    assert left.colour == mark_of("vae").colour != right.colour


def test_a_model_has_one_name_and_one_colour_whatever_stands_beside_it() -> None:
    assert shown_pair(AE, FLAT)[1] == shown_pair(VAE, FLAT)[1] == shown_pair(FLAT, VAE)[0] == shown(FLAT)


def test_two_of_a_family_and_size_are_told_apart_by_name() -> None:
    mine = replace(VAE, name="mnist-mine")
    left, right = shown_pair(VAE, mine)
    assert left.label != right.label
    assert left.title != right.title


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


def test_a_link_may_name_a_model_by_its_checkpoint() -> None:
    app = opened("about", left="fashion-vae-2d", right="fashion-ae")
    choice = app.session_state["choice"]
    assert (choice.left.name, choice.right.name) == ("fashion-vae-2d", "fashion-ae")
    assert dict(app.query_params) == {"data": "fashion", "left": "vae-2d", "right": "ae"}
    assert not app.warning


def test_a_name_that_means_nothing_is_told_until_something_is_chosen() -> None:
    app = opened("about", left="gan", right="fashion-ae", data="mnist")
    (warning,) = app.warning
    assert "`left=gan`, `right=fashion-ae`, which means nothing here" in warning.value
    assert app.session_state["choice"].left.name == "mnist-ae"
    assert app.run().warning, "a rerun of its own does not hide it"
    app.selectbox(key="left").select("vae-2d").run()
    assert not app.warning
    assert app.session_state["choice"].left.name == "mnist-vae-2d"


def test_a_data_set_that_there_is_not_leaves_a_model_of_full_name_what_it_is() -> None:
    app = opened("about", data="nowhere", right="fashion-vae-2d")
    assert app.session_state["choice"].right.name == "fashion-vae-2d"
    (warning,) = app.warning
    assert "says `data=nowhere`, which means nothing here" in warning.value
    assert app.run().query_params["data"] == "fashion"
