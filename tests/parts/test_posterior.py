"""What the part that turns a posterior is given, what it says, and what it holds of other parts."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from aeviz.parts import files, latent_sliders, posterior
from aeviz.parts.networks import Tab
from aeviz.parts.posterior import Item, Message, Turned

TAB = Tab("digest", (1, 2, 2), 0, 1)
MEAN, STD = np.array([0.5, -1, 2], np.float32), np.array([0.1, 0.2, 0.3], np.float32)
ITEM = Item("vae item 3", "item 3", 3, np.zeros((1, 2, 2), np.float32), MEAN, STD)
TURNED = Turned(MEAN + 1, STD, np.zeros(3, np.float32), 4)
SLIDERS = latent_sliders.payload(
    [latent_sliders.Row("z₂", 0, -1, 1, 0), latent_sliders.Row("z₀", 0, -1, 1, 1)],
    None,
    None,
    None,
    accent="#000",
    title="",
    reset=[0, 0],
    tab=TAB.plane(MEAN, np.eye(3, dtype=np.float32)[:2]),
)
GIVEN: dict[str, Any] = {"order": [2, 0], "pair": [], "pad": None, "mean": SLIDERS, "spread": SLIDERS, "accent": "#000"}
SENT = {"number": 7, "of": "vae item 3", "mean": [1, 2.5], "std": [0.1, 1], "place": [0.5, -1], "have": ["cloud"]}


def test_what_is_turned_stands_in_the_order_of_the_sliders() -> None:
    data = posterior.payload(TAB, ITEM, TURNED, **GIVEN)
    np.testing.assert_allclose(data["turned"]["mean"], [3, 1.5])
    np.testing.assert_allclose(data["turned"]["std"], [0.3, 0.1])
    assert data["heard"] == 0
    assert posterior.payload(TAB, ITEM, TURNED, **GIVEN, heard=posterior.received(SENT))["heard"] == 7


@pytest.mark.parametrize(
    ("turned", "given", "message"),
    [
        (replace(TURNED, noise=np.zeros(2, np.float32)), GIVEN, "must all have 3 numbers"),
        (replace(TURNED, std=STD * 0), GIVEN, "above 0"),
        (TURNED, {**GIVEN, "order": [0]}, "as many sliders"),
        (TURNED, {**GIVEN, "pair": [0, 1]}, "a plane needs"),
    ],
)
def test_what_does_not_fit_is_refused(turned: Turned, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        posterior.payload(TAB, ITEM, turned, **given)


def test_a_message_is_read_and_nonsense_is_not() -> None:
    assert posterior.received(SENT) == Message(7, "vae item 3", (1, 2.5), (0.1, 1), (0.5, -1), ("cloud",))
    assert posterior.received({**SENT, "place": None}) == Message(7, "vae item 3", (1, 2.5), (0.1, 1), None, ("cloud",))
    for wrong in (None, {}, {**SENT, "mean": "x"}, {**SENT, "place": [1]}, {"number": 1}):
        assert posterior.received(wrong) is None


def test_its_markup_holds_the_parts_within_with_their_styles() -> None:
    text = files.markup("posterior")
    for part in ("latent_pad", "latent_sliders"):
        within = text.split(f'<template data-of="{part}">')[1].split("</template>")[0]
        assert files.markup(part).strip() in within
        assert (files.FOLDER / part / f"{part}.css").read_text(encoding="utf-8") in within
