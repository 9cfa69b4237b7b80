"""What models are called in the header's lists."""

from dataclasses import replace

from aeviz.app import models
from aeviz.app.model_names import colours, full_names, labels, looks
from aeviz.model.families import mark_of


def test_no_two_models_of_a_data_set_have_one_name() -> None:
    for variants in models.zoo().values():
        names = full_names(variants)
        assert names.keys() == variants.keys()
        assert len(set(names.values())) == len(names)


def test_a_name_says_family_size_and_what_tells_it_apart() -> None:
    names = full_names(models.zoo()["mnist"])
    assert names["contractive"] == "Contractive autoencoder, 16 numbers"
    assert names["dense-l1"] == "Dense autoencoder, L1 loss, 16 numbers"
    assert names["dae-half"] == "Denoising autoencoder, missing half, 32 numbers"
    assert names["ae-without-8"] == "Autoencoder, without 8, fully connected layers, 16 numbers"
    assert full_names(models.zoo()["ecg"])["ae-lstm"] == "Autoencoder, LSTM, 8 numbers"
    assert full_names(models.zoo()["shuttle"])["ae-trim"] == "Autoencoder, 10% left aside, with all classes, 4 numbers"


def test_no_two_names_are_cut_to_one_text() -> None:
    fit = 36  # letters that the header's list has room for
    for variants in models.comparable().values():
        names = full_names(variants)
        assert len({text[:fit] for text in names.values()}) == len(names)


def test_families_stand_together_and_numbers_in_their_order() -> None:
    names = list(full_names(models.zoo()["mnist"]))
    assert names[:2] == ["ae", "ae-2d"]
    at = names.index("beta-vae-0.25")
    assert names[at : at + 3] == ["beta-vae-0.25", "beta-vae-4", "beta-vae-16"]


def test_what_cannot_be_told_apart_in_words_is_by_its_variant() -> None:
    ae = models.zoo()["mnist"]["ae"]
    assert full_names({"ae": ae, "twin": ae}) == {
        "ae": "Autoencoder, 16 numbers (ae)",
        "twin": "Autoencoder, 16 numbers (twin)",
    }


def test_a_label_has_the_most_telling_word_and_none_is_that_of_another_model() -> None:
    zoo = models.zoo()
    assert labels(zoo["mnist"])["ae"] == "AE"
    assert labels(zoo["mnist"])["vae-50d"] == "VAE 50"
    assert labels(zoo["mnist"])["ae-without-8"] == "AE, without 8"
    assert labels(zoo["emoji"])["dae-grey"] == "DAE, no colour"
    assert labels(zoo["shuttle"])["ae-trim"] == "AE, 10% left aside"
    for variants in zoo.values():
        assert len(set(labels(variants).values())) == len(variants)


def test_each_model_of_a_data_set_has_a_colour_of_its_own_and_keeps_it_when_others_are_brought() -> None:
    for variants in models.zoo().values():
        shades = colours(variants)
        assert len(set(shades.values())) == len(variants)
        assert all(shades[name] == mark_of(name).colour for name in ("ae", "vae") if name in variants)
    variants = models.zoo()["mnist"]
    brought = {"mine": replace(variants["vae"], name="mnist-mine", title="Mine"), **variants}
    assert {name: colour for name, colour in colours(brought).items() if name != "mine"} == colours(variants)
    assert looks(variants["vae-2d"]).colour == colours(variants)["vae-2d"]
