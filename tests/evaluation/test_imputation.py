"""Hidden cells: which, what a method sees of them, and how what it fills in is judged."""

import numpy as np
import pytest

from aeviz.evaluation.imputation import filled_in, hidden_cells, hidden_errors, widths_of, without
from aeviz.modalities.base import Scale
from aeviz.modalities.columns import Column, TableScale

WIDTHS = (1, 3)
SCALE = TableScale(columns=(Column("size", 0), Column("kind", 1, categories=("a", "b", "c"))))


def test_a_table_has_columns_and_a_series_a_number_at_each_time() -> None:
    assert widths_of(np.zeros((2, 4)), SCALE) == WIDTHS
    assert widths_of(np.zeros((2, 3, 4)), Scale()) == (1,) * 12


def test_each_cell_is_hidden_by_chance_of_its_own() -> None:
    hidden = hidden_cells(20_000, 3, seed=1, share=0.3)
    np.testing.assert_allclose(hidden.mean(0), 0.3, atol=0.01)
    assert abs(np.corrcoef(hidden.T.astype(float))[0, 1]) < 0.02
    assert np.array_equal(hidden, hidden_cells(20_000, 3, seed=1, share=0.3))
    assert not np.array_equal(hidden, hidden_cells(20_000, 3, seed=2, share=0.3))


def test_a_hidden_cell_is_missing_in_all_its_features() -> None:
    items = np.arange(8, dtype=np.float32).reshape(2, 4)
    found = without(items, WIDTHS, np.array([[True, False], [False, True]]))
    assert np.isnan(found).tolist() == [[True, False, False, False], [False, True, True, True]]
    assert found[0, 1:].tolist() == [1, 2, 3]
    assert items[0, 0] == 0, "the items themselves stay"
    series = without(np.zeros((1, 2, 3), np.float32), (1,) * 6, np.arange(6)[None] == 4)
    assert np.argwhere(np.isnan(series)).tolist() == [[0, 1, 1]]


def test_the_figures_by_hand() -> None:
    true = np.float32([[1, 1, 0, 0], [2, 0, 1, 0], [3, 0, 0, 1]])
    made = np.float32([[4, 0.4, 0.3, 0.3], [2, 0.6, 0.3, 0.1], [99, 0, 0, 1]])
    hidden = np.array([[True, True], [True, True], [False, False]])
    found = hidden_errors(true, made, WIDTHS, hidden)
    assert found == pytest.approx({"missing_error": np.sqrt(9 / 2), "missing_absolute": 1.5, "missing_right": 0.5})
    assert "missing_right" not in hidden_errors(true[:, :1], made[:, :1], (1,), hidden[:, :1])


def test_a_method_never_sees_what_it_must_fill() -> None:
    rng = np.random.default_rng(0)
    items = np.concatenate([rng.normal(size=(3000, 1)), np.eye(3)[rng.integers(0, 3, 3000)]], 1).astype(np.float32)
    seen: list[np.ndarray] = []

    def mean(x: np.ndarray) -> np.ndarray:
        seen.append(x)
        return np.where(np.isnan(x), np.float32([0, 1, 0, 0]), x)

    found = filled_in(items, SCALE, mean)
    assert len(seen) == 3
    assert all(np.isnan(x[:, 0]).mean() == pytest.approx(0.2, abs=0.03) for x in seen)
    assert found["missing_error"] == pytest.approx(1, abs=0.06)
    assert found["missing_right"] == pytest.approx(1 / 3, abs=0.04)
    perfect = filled_in(items, SCALE, lambda x: items)
    assert perfect == {"missing_error": 0, "missing_absolute": 0, "missing_right": 1}
