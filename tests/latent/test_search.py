from dataclasses import replace

import numpy as np
import pytest
import torch

from aeviz.latent.explorer import Array, Explorer
from aeviz.latent.search import SearchState, search
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config

TINY = Config(family="vae", shape=(1, 8, 8), latent_dim=3, code="gaussian", body="dense", hidden=(8,))
COLOUR = replace(TINY, shape=(3, 8, 8), likelihood="mse")


def explore(config: Config = TINY) -> Explorer:
    torch.manual_seed(0)
    return Explorer(Autoencoder(config).requires_grad_(False).eval(), "tiny")


def of_codes(face: Explorer, count: int = 4) -> Array:
    """Items that the decoder can make."""
    return face.decode(3 * face.prior(count, 5))


def lower(x: Array) -> np.ndarray:
    hidden = np.zeros(x.shape, bool)
    hidden[:, :, 4:] = True
    return hidden


def last(*arguments: object, **settings: object) -> SearchState:
    return [*search(*arguments, **settings)][-1]  # type: ignore[arg-type]


def test_a_search_finds_the_item_of_which_half_is_hidden() -> None:
    face = explore()
    x = of_codes(face)
    hidden = lower(x)
    found = [*search(face, np.where(hidden, 0, x), hidden, weight=0, steps=200, every=60)]
    assert [one.step for one in found] == [0, 60, 120, 180, 200]
    assert (found[-1].misfit < found[0].misfit).all()
    apart = [np.square(one.items - x)[hidden].mean() for one in (found[0], found[-1])]
    assert apart[1] < 0.1 * apart[0]


def test_what_is_hidden_is_not_looked_at() -> None:
    face = explore()
    x = of_codes(face)
    hidden = lower(x)
    found = next(search(face, x, hidden))
    seen_alone = face.reconstruction_error(found.codes[:1], np.where(hidden, np.nan, x)[:1])
    assert found.misfit[0] == pytest.approx(seen_alone[0], rel=1e-5)
    assert found.misfit[0] < face.reconstruction_error(found.codes[:1], x[:1])[0]


def test_the_prior_holds_the_code_back() -> None:
    face = explore()
    x = of_codes(face)
    free, held = (last(face, x, weight=weight, steps=60) for weight in (0.0, 5.0))
    assert (held.distance < free.distance).all()
    np.testing.assert_allclose(held.distance, 0.5 * np.square(held.codes).sum(1), rtol=1e-5)


def test_an_item_comes_to_the_same_whatever_is_beside_it() -> None:
    face = explore()
    x = of_codes(face)
    together = last(face, x, steps=8, starts=3, seed=2)
    np.testing.assert_allclose(last(face, x[2:3], steps=8, starts=3, seed=2).codes, together.codes[2:3], atol=1e-4)


def test_more_starts_are_never_worse() -> None:
    face = explore()
    x = of_codes(face)
    one, three = (next(search(face, x, starts=starts)) for starts in (1, 3))
    assert (three.misfit + three.distance <= one.misfit + one.distance).all()


@pytest.mark.parametrize(("name", "level"), [("grey", 1.0), ("low-resolution", 2.0)])
def test_a_decode_is_damaged_as_the_item_was_before_they_are_compared(name: str, level: float) -> None:
    face = explore(COLOUR)
    row, x = face.modality.corruption(name), of_codes(face)
    damaged = row.corrupt(torch.from_numpy(x), level, 0, face.scale).numpy()
    found = [*search(face, damaged, corruption=row, level=level, weight=0, steps=200, every=200)]
    assert found[-1].misfit.mean() < 0.1 * found[0].misfit.mean()
    again = row.corrupt(torch.from_numpy(found[-1].items), level, 0, face.scale).numpy()
    assert found[-1].misfit == pytest.approx(np.square(again - damaged).sum((1, 2, 3)), rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"every": 0}, {"starts": 0}, {"weight": -1.0}])
def test_numbers_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    face = explore()
    with pytest.raises(ValueError, match="at least 1"):
        next(search(face, of_codes(face), **wrong))  # type: ignore[arg-type]
