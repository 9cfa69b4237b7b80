"""Repair in a file, in Node: figures, what is put back and what is painted are those of Python."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import aeviz
from aeviz.app.panels.repair_brush import PAINTED, mask_of
from aeviz.evaluation import repair
from aeviz.lessons.repair import JUDGED
from aeviz.modalities.registry import MODALITIES

IMAGE = MODALITIES["image"]


@pytest.fixture(scope="module")
def answers(js_module: Callable[[str], Any]) -> Any:
    return js_module("answers")


def pictures(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    clean = random.random((1, *shape), dtype=np.float32)
    return clean, np.clip(clean + 0.2 * random.normal(size=clean.shape), 0, 1).astype(np.float32)


def test_python_knows_the_distances_that_the_file_computes(answers: Any) -> None:
    assert answers.evaluate("(answers) => Object.keys(answers.JUDGED)") == list(JUDGED)


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 12, 9), (1, 4, 6)])
@pytest.mark.parametrize("key", JUDGED)
def test_figures_are_those_of_python(answers: Any, key: str, shape: tuple[int, ...]) -> None:
    import torch

    clean, mended = pictures(shape)
    wanted = float(IMAGE.distance(key).measure(torch.tensor(mended), torch.tensor(clean), IMAGE.scale)[0])
    judge = "(answers, key, x, y, shape) => answers.JUDGED[key](x, y, shape)"
    assert answers.evaluate(judge, key, mended.ravel(), clean.ravel(), list(shape)) == pytest.approx(wanted, rel=1e-5)


def test_figures_are_written_as_the_page_writes_them(answers: Any) -> None:
    for key, value in (("psnr", -3.26), ("ssim", 0.817), ("mse", 0.01239)):
        row = IMAGE.distance(key)
        judge = {"unit": row.unit, "digits": row.digits, "counts": row.counts}
        assert answers.call("told", judge, value) == row.text(value, IMAGE.scale)
    letters = next(row for row in MODALITIES["text"].distances if row.counts)
    judge = {"unit": letters.unit, "digits": letters.digits, "counts": True}
    for number in (1, 2, 1.5):
        assert answers.call("told", judge, number) == letters.text(number, MODALITIES["text"].scale)


def test_the_best_is_marked_and_several_where_they_are_equal(answers: Any) -> None:
    assert answers.call("bestOf", {"higher": True}, [1, 3, 3]) == [1, 2]
    assert answers.call("bestOf", {"higher": False}, [1, 3, 1]) == [0, 2]
    assert answers.evaluate("(answers) => answers.bestOf({ higher: true }, [NaN, NaN])") == []


@pytest.mark.parametrize(
    ("name", "kind", "level"),
    [
        ("mnist", "block", 0.25),
        ("mnist", "low-resolution", 2.0),
        ("mnist", "low-resolution", 0.0),
        ("emoji", "grey", 1.0),
    ],
)
def test_what_is_known_is_put_back_as_python_does(answers: Any, name: str, kind: str, level: float) -> None:
    data = aeviz.load_dataset(name)
    damaged = repair.damage(data, data.items[:1], kind, level)
    _, made = pictures(data.shape)
    hidden = None if damaged.hidden is None else damaged.hidden.astype(np.uint8).ravel()
    told = {"name": kind, "shape": list(data.shape), "level": level, "hidden": hidden}
    restored = answers.call("restored", made.ravel(), damaged.corrupted.ravel(), told)
    np.testing.assert_allclose(restored, repair.keep_known(data, damaged, made).ravel(), atol=1e-5)


def test_what_is_painted_is_what_python_takes_for_it(answers: Any) -> None:
    pixels = np.zeros((112, 112), np.uint8)
    pixels[10:50, 13:90] = 255
    mask = answers.call("maskOf", pixels.ravel(), [1, 28, 28], PAINTED)
    assert np.reshape(mask, (28, 28)).astype(bool).tolist() == mask_of(pixels, (28, 28)).tolist()


def test_a_kind_that_is_painted_has_one_stop_and_what_is_made_here(answers: Any) -> None:
    panels = [{"label": name} for name in ("damaged", "clean", "network", "filter")]
    kind = {"dial": {"panels": panels, "at": 7}, "rows": [{"scores": None}, {"scores": None}, {"scores": {}}]}
    painted = answers.call("painted", kind, None, [3, 2, 2])
    assert [panel["label"] for panel in painted["dial"]["panels"]] == ["damaged", "clean", "network"]
    assert painted["dial"]["at"] == 0
    assert painted["hidden"]["shape"] == [3, 2, 2]
