import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from aeviz.modalities.image.corruption import median
from aeviz.modalities.image.record import IMAGE

KINDS = sorted(row.name for row in IMAGE.corruptions if not row.levels)  # of any level, on pictures of any shape
levels = st.floats(0, 1, allow_nan=False)
seeds = st.integers(0, 2**31)


def corrupt(x: torch.Tensor, kind: str, level: float, seed: int) -> torch.Tensor:
    return IMAGE.corruption(kind).corrupt(x, level, seed, IMAGE.scale)


def pictures(seed: int, shape: tuple[int, ...] = (3, 2, 9, 7)) -> torch.Tensor:
    """Values strictly inside (0, 1), so that a 0 or a 1 can only come from a corruption."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) * 0.8 + 0.1


@pytest.mark.parametrize("kind", KINDS)
@given(level=levels, seed=seeds)
def test_same_seed_same_picture_within_bounds(kind: str, level: float, seed: int) -> None:
    x = pictures(seed)
    before = x.clone()
    y = corrupt(x, kind, level, seed)
    assert y.shape == x.shape
    assert y.dtype == x.dtype
    assert float(y.min()) >= 0
    assert float(y.max()) <= 1
    assert torch.equal(y, corrupt(x, kind, level, seed))
    assert torch.equal(x, before), "the input was changed in place"


@pytest.mark.parametrize("kind", KINDS)
def test_level_zero_changes_nothing(kind: str) -> None:
    x = pictures(0)
    assert torch.equal(corrupt(x, kind, 0.0, 1), x)


@pytest.mark.parametrize("kind", KINDS)
def test_another_seed_gives_another_picture_and_items_differ(kind: str) -> None:
    x = pictures(0, (1, 1, 16, 16)).repeat(8, 1, 1, 1)
    y = corrupt(x, kind, 0.3, 1)
    assert not torch.equal(y, corrupt(x, kind, 0.3, 2))
    assert len(torch.unique(y, dim=0)) > 1


@pytest.mark.parametrize("kind", ["salt-pepper", "mask"])
@given(level=levels, seed=seeds)
def test_exact_share_of_whole_pixels(kind: str, level: float, seed: int) -> None:
    x = pictures(seed)
    changed = corrupt(x, kind, level, seed) != x
    assert torch.equal(changed[:, 0], changed[:, 1]), "channels of a pixel differ"
    assert changed[:, 0].flatten(1).sum(1).tolist() == [round(level * 63)] * 3


@pytest.mark.parametrize("kind", ["salt-pepper", "mask", "block"])
@given(pair=st.tuples(levels, levels), seed=seeds)
def test_stronger_contains_weaker(kind: str, pair: tuple[float, float], seed: int) -> None:
    x = pictures(0)
    weak, strong = (corrupt(x, kind, level, seed) for level in sorted(pair))
    changed = weak != x
    assert torch.equal(strong[changed], weak[changed])


def test_gaussian_has_the_asked_spread() -> None:
    x = torch.full((4, 1, 100, 100), 0.5)
    noise = corrupt(x, "gaussian", 0.1, 3) - x
    assert float(noise.std()) == pytest.approx(0.1, rel=0.02)
    assert float(noise.mean()) == pytest.approx(0, abs=0.002)


def test_salt_and_pepper_come_in_equal_shares() -> None:
    y = corrupt(torch.full((4, 1, 100, 100), 0.5), "salt-pepper", 1.0, 3)
    assert set(y.unique().tolist()) == {0.0, 1.0}
    assert float(y.mean()) == pytest.approx(0.5, abs=0.015)


@given(level=levels, seed=seeds, side=st.sampled_from([(28, 28), (9, 30)]))
def test_block_is_one_rectangle_of_the_asked_area(level: float, seed: int, side: tuple[int, int]) -> None:
    height, width = side
    gone = (corrupt(pictures(0, (2, 3, height, width)), "block", level, seed) == 0).all(1)
    for item in gone:
        rows, columns = item.any(1), item.any(0)
        assert torch.equal(item, rows[:, None] & columns[None, :])
        for present in (rows, columns):
            ones = present.nonzero().flatten()
            assert len(ones) == 0 or int(ones[-1] - ones[0]) + 1 == len(ones), "the block has a gap"
        # Each side is rounded to a whole pixel.
        assert abs(int(item.sum()) - level * height * width) <= 0.5 * (height + width) + 0.25


def test_blocks_reach_every_border() -> None:
    gone = corrupt(torch.ones(500, 1, 5, 5), "block", 0.3, 0) == 0
    assert gone.any(0).all()


@pytest.mark.parametrize(("kind", "level"), [("fog", 0.1), ("mask", -0.1), ("mask", 1.1), ("gaussian", float("nan"))])
def test_wrong_requests_are_refused(kind: str, level: float) -> None:
    with pytest.raises(ValueError, match=kind):
        corrupt(pictures(0), kind, level, 0)


def test_median_removes_a_lone_pixel_and_keeps_channels_apart() -> None:
    x = torch.zeros(1, 2, 5, 5)
    x[0, 0, 2, 2] = 1.0
    x[0, 1] = 0.7
    y = median(x)
    assert y[0, 0].abs().max() == 0
    assert torch.equal(y[0, 1], x[0, 1])


def test_median_against_unfold() -> None:
    x = pictures(4, (2, 1, 6, 6))
    padded = torch.nn.functional.pad(x, (1, 1, 1, 1), mode="replicate")  # scipy's "reflect" repeats the edge pixel
    windows = torch.nn.functional.unfold(padded, 3).view(2, 9, 6, 6)
    assert torch.equal(median(x), windows.median(1, keepdim=True).values)


@pytest.mark.parametrize("size", [0, 2, -3])
def test_median_refuses_even_windows(size: int) -> None:
    with pytest.raises(ValueError, match="odd"):
        median(pictures(0), size)


LOWER, RIGHT = (0.9, 0.5), (0.4, 1.0)


def test_the_lower_or_the_right_half_goes_where_the_hand_says_so() -> None:
    half, x = IMAGE.corruption("half"), pictures(0, (2, 1, 8, 6))
    below, right = (half.corrupt(x, 0.5, 0, IMAGE.scale, place) == 0 for place in (LOWER, RIGHT))
    assert below[:, :, 4:].all()
    assert not below[:, :, :4].any()
    assert right[..., 3:].all()
    assert not right[..., :3].any()


def test_halves_by_chance_come_from_every_edge() -> None:
    gone = IMAGE.corruption("half").corrupt(pictures(0, (40, 1, 4, 4)), 0.5, 0, IMAGE.scale) == 0
    assert len(torch.unique(gone, dim=0)) == 4
    assert (gone.flatten(1).sum(1) == 8).all()


@pytest.mark.parametrize("place", [(0.0, 0.0), (0.5, 0.5), (1.0, 0.2)])
def test_a_block_lies_about_its_place_and_keeps_its_size(place: tuple[float, float]) -> None:
    gone = IMAGE.corruption("block").corrupt(pictures(0, (1, 1, 20, 20)), 0.25, 0, IMAGE.scale, place)[0, 0] == 0
    rows, columns = gone.nonzero().float().T
    assert int(gone.sum()) == 100
    for middle, cells in zip(place, (rows, columns), strict=True):
        assert float(cells.mean() + 0.5) == pytest.approx(min(max(20 * middle, 5), 15))


def test_what_is_hidden_is_told_of_black_pixels_too() -> None:
    block = IMAGE.corruption("block")
    hidden = block.hidden(torch.zeros(3, 1, 10, 10), 0.25, 4, IMAGE.scale)
    assert hidden is not None
    assert torch.equal(hidden, block.corrupt(torch.ones(3, 1, 10, 10), 0.25, 4, IMAGE.scale) == 0)
    assert IMAGE.corruption("gaussian").hidden(torch.zeros(1, 1, 4, 4), 0.5, 0, IMAGE.scale) is None


def test_low_resolution_is_the_mean_of_each_square() -> None:
    x = torch.arange(16.0).view(1, 1, 4, 4) / 16
    y = IMAGE.corruption("low-resolution").corrupt(x, 2.0, 0, IMAGE.scale)
    assert y[0, 0, :2, :2].unique().tolist() == [float(x[0, 0, :2, :2].mean())]
    assert float(y.mean()) == float(x.mean())
    assert len(y.unique()) == 4


def test_grey_keeps_the_brightness_that_pillow_sees() -> None:
    from PIL import Image

    pixels = (pictures(0, (1, 3, 8, 8)) * 255).round()
    grey = Image.fromarray(pixels[0].permute(1, 2, 0).byte().numpy()).convert("L")
    y = IMAGE.corruption("grey").corrupt(pixels / 255, 1.0, 0, IMAGE.scale)[0] * 255
    assert torch.equal(y[0], y[2])
    torch.testing.assert_close(y[0].round(), torch.tensor(np.asarray(grey, np.float32)), atol=1, rtol=0)


def test_corruptions_are_offered_where_they_suit() -> None:
    names = [{row.name for row in IMAGE.corruptions_for(shape)} for shape in ((1, 28, 28), (3, 30, 30))]
    assert "low-resolution" in names[0]
    assert "grey" not in names[0]
    assert "grey" in names[1]
    assert "low-resolution" not in names[1]


@pytest.mark.parametrize(
    ("kind", "level", "place"),
    [("half", 0.3, None), ("low-resolution", 3, None), ("mask", 0.1, LOWER), ("block", 0.1, (2, 0))],
)
def test_levels_and_places_that_there_are_not_are_refused(
    kind: str, level: float, place: tuple[float, float] | None
) -> None:
    with pytest.raises(ValueError, match=kind):
        IMAGE.corruption(kind).corrupt(pictures(0, (1, 1, 8, 8)), level, 0, IMAGE.scale, place)
