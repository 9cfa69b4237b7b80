"""What Python checks of what the replay film is given."""

import numpy as np
import pytest

from aeviz.parts.replay_film import Chart, Film, Line, payload


def sound() -> dict:
    pictures = np.zeros((3, 2, 2, 2, 1), np.uint8)
    return {
        "label": "AE", "accent": "#D55E00", "steps": [0, 1, 2], "places": np.zeros((3, 4, 2)),
        "originals": pictures[0], "reconstructions": pictures, "samples": pictures,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": [0, 2, 1]}, "they grow"),
        ({"steps": [0]}, "two steps or more"),
        ({"places": np.zeros((3, 5, 2))}, "expected finite places"),
        ({"places": np.full((3, 4, 2), np.nan)}, "expected finite places"),
        ({"originals": np.zeros((3, 2, 2, 1), np.uint8)}, "do not fit 3 steps"),
        ({"samples": np.zeros((2, 2, 2, 2, 1), np.uint8)}, "do not fit 3 steps"),
    ],
)
def test_films_that_do_not_fit_are_refused(changes: dict, message: str) -> None:
    film = Film(**{**sound(), **changes})
    with pytest.raises(ValueError, match=message):
        payload([film], labels=np.zeros(4, int), label_names=["a"], colours=["#000000"], step=0)


def test_labels_and_lines_that_do_not_fit_are_refused() -> None:
    given = {"label_names": ["a"], "colours": ["#000000"], "step": 0}
    with pytest.raises(ValueError, match="at least one film"):
        payload([], labels=np.zeros(4, int), **given)
    with pytest.raises(ValueError, match="a name and a colour"):
        payload([Film(**sound())], labels=np.ones(4, int), **given)
    chart = Chart("Loss", [Line("AE", "#D55E00", [0, 1], [1.0, 2.0], ["1"])], "What is made small.")
    with pytest.raises(ValueError, match="1 texts"):
        payload([Film(**sound())], [chart], labels=np.zeros(4, int), **given)
