"""What a page does in a run that nobody asked for: nothing."""

from dataclasses import replace

import numpy as np
import pytest
from apptest import opened, sound

from aeviz.app.choice import shown_pair
from aeviz.app.pages import repair
from aeviz.figures import files
from aeviz.latent.explorer import Explorer


def counted(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> list[int]:
    """Sizes of the first array in each call of a function from now on."""
    calls: list[int] = []
    real = getattr(owner, name)

    def spy(*args, **options):
        calls.append(len(args[1] if isinstance(owner, type) else args[0]))
        return real(*args, **options)

    monkeypatch.setattr(owner, name, spy)
    return calls


def test_a_path_is_laid_out_for_a_file_when_the_file_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    laid = counted(monkeypatch, files, "sheet")
    opened("interpolate")
    assert laid.count(33) == 3, "the strips of the page, which the browser shows"
    assert not {3, 99} & set(laid), "a frame of the animation, and the sheet of all strips"


def test_another_slider_under_the_pointer_decodes_its_finer_strip_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("decode")
    decoded = counted(monkeypatch, Explorer, "decode")
    sound(app.run())
    assert 8 * 13 + 1 not in decoded, "the films of all sliders, though no code has changed"


def test_a_cached_curve_has_the_colours_of_the_page_that_shows_it(fresh_caches: None) -> None:
    from aeviz.app import models

    data = models.data("mnist")
    pair = list(shown_pair(models.zoo()["mnist"]["ae"], models.zoo()["mnist"]["vae"]))
    first = repair.mean_curves(data, pair, "gaussian", 0)
    again = repair.mean_curves(data, [replace(model, colour="#123456") for model in pair], "gaussian", 0)
    assert [colour for _, colour, _ in again[1:3]] == ["#123456", "#123456"]
    np.testing.assert_equal([values for *_, values in again], [values for *_, values in first])
