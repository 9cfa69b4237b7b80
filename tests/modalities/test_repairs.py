"""The classical repairs that use whole items, a level or what is hidden."""

import numpy as np
import pytest
import torch
from torch import Tensor

from aeviz.datasets.record import Dataset
from aeviz.modalities.base import Known, Modality, Repair
from aeviz.modalities.image.record import IMAGE
from aeviz.modalities.registry import MODALITIES
from aeviz.modalities.series import SERIES
from aeviz.modalities.table import TABLE


def pictures(count: int, shape: tuple[int, ...] = (1, 8, 8), seed: int = 0) -> Tensor:
    return torch.rand(count, *shape, generator=torch.Generator().manual_seed(seed))


def repair(corruption: str, name: str) -> Repair:
    return next(row for row in IMAGE.corruption(corruption).repairs if row.name == name)


def halved(x: Tensor) -> tuple[Tensor, Tensor]:
    half = IMAGE.corruption("half")
    hidden = half.hidden(x, 0.5, 0, IMAGE.scale, (1.0, 0.5))
    assert hidden is not None
    return half.corrupt(x, 0.5, 0, IMAGE.scale, (1.0, 0.5)), hidden


def test_the_mean_picture_fills_the_hole_and_leaves_the_rest() -> None:
    x, others = pictures(3), pictures(9, seed=1)
    damaged, hidden = halved(x)
    mended = repair("half", "mean").mend(damaged, IMAGE.scale, Known(0.5, others, hidden))
    torch.testing.assert_close(mended[~hidden], x[~hidden])
    torch.testing.assert_close(mended[0, 0, 4:], others.mean(0)[0, 4:])


def test_neighbours_are_those_that_agree_with_what_is_seen() -> None:
    """Against scikit-learn, item by item."""
    from sklearn.neighbors import NearestNeighbors

    x, others = pictures(5), pictures(60, seed=1)
    damaged, hidden = halved(x)
    mended = repair("half", "neighbours").mend(damaged, IMAGE.scale, Known(0.5, others, hidden))
    nearest = NearestNeighbors(n_neighbors=20).fit(others[:, 0, :4].flatten(1).numpy())
    rows = torch.from_numpy(nearest.kneighbors(x[:, 0, :4].flatten(1).numpy(), return_distance=False))
    torch.testing.assert_close(mended[:, 0, 4:], others[rows].mean(1)[:, 0, 4:])
    torch.testing.assert_close(mended[:, 0, :4], x[:, 0, :4])


def test_bicubic_reads_one_pixel_of_each_square() -> None:
    x = torch.linspace(0.2, 0.8, 16).expand(1, 1, 16, 16)
    damaged = IMAGE.corruption("low-resolution").corrupt(x, 4.0, 0, IMAGE.scale)
    bicubic = repair("low-resolution", "bicubic")
    mended = bicubic.mend(damaged, IMAGE.scale, Known(4.0, x))
    assert (mended - x).square().mean() < 0.2 * (damaged - x).square().mean()
    torch.testing.assert_close(bicubic.mend(x, IMAGE.scale, Known(0, x)), x)


def test_a_table_of_colours_gives_back_a_colour_that_goes_with_brightness() -> None:
    shade = torch.rand(40, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    coloured = torch.cat([shade, 0.5 * shade, torch.zeros_like(shade)], 1)
    grey = IMAGE.corruption("grey").corrupt(coloured[:2], 1.0, 0, IMAGE.scale)
    mended = repair("grey", "table").mend(grey, IMAGE.scale, Known(1.0, coloured[2:]))
    torch.testing.assert_close(mended, coloured[:2], atol=0.03, rtol=0)
    torch.testing.assert_close(repair("grey", "grey").mend(grey, IMAGE.scale, Known(1.0, coloured)), grey)


def test_an_item_is_never_mended_by_itself() -> None:
    """Of items that are all different, the one nearest to each would be its own whole self."""
    x = np.eye(24, dtype=np.float32).reshape(24, 1, 4, 6)
    data = Dataset("own", "Own", x, np.zeros(24, np.int64), ("one",))
    hidden = np.ones(x.shape, bool)
    for name in ("mean", "neighbours"):
        mended = data.mend(np.zeros_like(x), repair("half", name), 0.5, hidden, range(24))
        assert mended.reshape(24, 24).diagonal().max() == 0


def test_others_are_learned_from_where_they_are_given() -> None:
    x = pictures(4).numpy()
    data = Dataset("own", "Own", x, np.zeros(4, np.int64), ("one",))
    others = np.full((3, 1, 8, 8), 0.25, np.float32)
    mended = data.mend(x, repair("half", "mean"), 0.5, np.ones(x.shape, bool), range(4), others)
    np.testing.assert_array_equal(mended, np.full_like(x, 0.25))


def test_series_are_filled_by_straight_lines_and_by_neighbours() -> None:
    x = torch.linspace(0, 1, 12).expand(2, 1, 12).clone()
    x[:, :, 4:7] = torch.nan
    lines, nearest, usual = SERIES.corruption("gap").repairs
    assert usual is SERIES.repair
    whole = torch.linspace(0, 1, 12).expand(2, 1, 12)
    torch.testing.assert_close(lines.mend(x, SERIES.scale, Known(0.2, whole)), whole)
    torch.testing.assert_close(nearest.mend(x, SERIES.scale, Known(0.2, whole)), whole)


def test_a_tables_missing_cells_are_filled_by_neighbours() -> None:
    others = torch.tensor([[0.0, 1.0]] * 20 + [[5.0, -1.0]] * 20)
    row = TABLE.corruption("missing").repairs[1]
    mended = row.mend(torch.tensor([[0.1, torch.nan], [4.0, torch.nan]]), TABLE.scale, Known(0.5, others))
    torch.testing.assert_close(mended, torch.tensor([[0.1, 1.0], [4.0, -1.0]]))


@pytest.mark.parametrize("modality", MODALITIES.values(), ids=lambda row: row.name)
def test_every_corruption_has_a_classical_repair_that_is_judged_as_the_usual_one(modality: Modality) -> None:
    for row in modality.corruptions:
        repairs = modality.repairs_for(row.name, (3, 32, 32))
        assert len({one.name for one in repairs}) == len(repairs) >= 1
        assert {one.judge for one in repairs} == {modality.repair.judge}
