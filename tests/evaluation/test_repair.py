from pathlib import Path

import numpy as np
import pytest

from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import at_hand, load_dataset
from aeviz.evaluation import repair
from aeviz.evaluation.definitions import DEFINITIONS


def pictures(count: int, shape: tuple[int, ...] = (1, 8, 8), seed: int = 0) -> Dataset:
    items = np.random.default_rng(seed).random((count, *shape), np.float32)
    return Dataset("own", "Own", items, np.zeros(count, np.int64), ("one",))


def test_a_hole_is_judged_alone() -> None:
    data = pictures(4)
    damaged = repair.measured_damage(data, data.items, "half")
    assert damaged.hidden is not None
    assert damaged.hidden[:, :, 4:].all()
    assert not damaged.hidden[:, :, :4].any()
    mended = damaged.clean + np.where(damaged.hidden, 0.1, 0.5).astype(np.float32)
    np.testing.assert_allclose(repair.hole_errors(damaged.clean, mended, damaged.hidden), 0.01, rtol=1e-5)
    found = repair.figures(data, damaged, mended)
    assert found["hole_psnr"] == pytest.approx(20, abs=1e-4)
    assert found["hole_rmse"] == pytest.approx(0.1)
    assert found["repaired_mse"] == pytest.approx((0.01 + 0.25) / 2)


def test_an_item_without_a_hole_has_no_error_in_it() -> None:
    clean, hidden = np.zeros((2, 1, 2, 2), np.float32), np.zeros((2, 1, 2, 2), bool)
    hidden[0] = True
    errors = repair.hole_errors(clean, clean + 0.5, hidden)
    assert errors[0] == 0.25
    assert np.isnan(errors[1])


def test_colourfulness_is_that_of_the_paper() -> None:
    """Pure red and grey, worked out by hand: rg = 255, yb = 127.5 everywhere, so only the means count."""
    x = np.zeros((2, 3, 4, 4), np.float32)
    x[0, 0], x[1] = 1, 0.4
    np.testing.assert_allclose(repair.colourfulness(x), [0.3 * np.hypot(255, 127.5), 0], atol=1e-6)
    half = x[:1].copy()
    half[..., :2] = 0  # half of it black: standard deviations of half the values too
    spread = np.hypot(127.5, 63.75)
    np.testing.assert_allclose(repair.colourfulness(half), 1.3 * spread, rtol=1e-6)


def test_colour_is_judged_by_the_pooled_error_and_by_how_many_it_made_better() -> None:
    data = pictures(4, (3, 8, 8))
    damaged = repair.measured_damage(data, data.items, "grey")
    better = np.where(np.arange(4)[:, None, None, None] < 3, damaged.clean, 1 - damaged.clean)
    found = repair.figures(data, damaged, better)
    assert found["improved"] == 0.75
    assert found["pooled_psnr"] == pytest.approx(-10 * np.log10(np.square(better - damaged.clean).mean()), rel=1e-5)
    assert found["colourfulness"] > 0
    assert "repaired_psnr" not in found, "it is infinite where a picture came back whole"
    itself = repair.figures(data, damaged, damaged.corrupted)
    assert itself["improved"] == 0
    assert itself["colourfulness"] == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(("name", "level"), [("half", 0.5), ("grey", 1.0), ("low-resolution", 4.0)])
def test_what_is_known_is_put_back(name: str, level: float) -> None:
    data = pictures(6, (3, 8, 8))
    damaged = repair.damage(data, 0.3 + 0.4 * data.items, name, level, (1.0, 0.5) if name == "half" else None)
    guess = damaged.clean + np.random.default_rng(1).normal(0, 0.05, damaged.clean.shape).astype(np.float32)
    kept = repair.keep_known(data, damaged, guess)
    again = repair.damage(data, kept, name, level, (1.0, 0.5) if name == "half" else None)
    np.testing.assert_allclose(again.corrupted, damaged.corrupted, atol=1e-5)
    assert np.square(kept - damaged.clean).mean() < np.square(guess - damaged.clean).mean()


def test_noise_tells_nothing_for_sure() -> None:
    data = pictures(2)
    damaged = repair.damage(data, data.items, "gaussian", 0.3)
    np.testing.assert_array_equal(repair.keep_known(data, damaged, 0.5 * data.items), 0.5 * data.items)


def test_every_figure_has_a_definition() -> None:
    for name, shape in (("half", (1, 8, 8)), ("grey", (3, 8, 8)), ("low-resolution", (1, 8, 8))):
        data = pictures(45, shape)
        by_method = repair.classical(data, repair.measured_damage(data, data.items, name), range(45))
        assert set(by_method) == {row.label for row in data.repairs(name)}
        for figures in by_method.values():
            assert figures.keys() <= DEFINITIONS.keys()


def test_series_and_tables_have_a_hole_too() -> None:
    for name, corruption in (("ecg", "gap"), ("wage", "missing")):
        data = load_dataset(name)
        x = data.items[:20]
        damaged = repair.damage(data, x, corruption)
        found = repair.figures(data, damaged, x)
        assert found["hole_rmse"] == 0
        assert "hole_psnr" not in found


def test_whole_items_come_from_the_training_split_where_it_is_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AEVIZ_DATA_DIR", str(tmp_path))
    assert not at_hand("mnist")
    mnist = repair.whole_items(load_dataset("mnist"))
    assert mnist.items is None
    assert "other half" in mnist.where
    emoji = repair.whole_items(load_dataset("emoji"))
    assert emoji.items is not None
    assert len(emoji.items) == len(load_dataset("emoji", "train"))
    assert "training split" in emoji.where
    assert repair.whole_items(pictures(6)).items is None
