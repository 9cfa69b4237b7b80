import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aeviz.latent import axes
from aeviz.latent.explorer import Codes, principal_directions

Array = np.ndarray


def codes(count: int = 200, d: int = 5, seed: int = 0, gaussian: bool = True) -> Codes:
    generator = np.random.default_rng(seed)
    mean = (generator.normal(size=(count, d)) * np.arange(1, d + 1) + 0.5).astype(np.float32)
    kl = np.broadcast_to(np.arange(d, 0, -1, dtype=np.float32), (count, d)) if gaussian else None
    nothing = np.zeros((count, 1, 2, 2), np.uint8)
    return Codes(mean, np.ones_like(mean) if gaussian else None, np.zeros(count, np.float32), kl, nothing)


def both_bases(found: Codes) -> list[axes.LatentAxes]:
    return [axes.coordinate_axes(found), axes.principal_axes(*principal_directions(found.mean))]


@given(st.integers(2, 24), st.integers(0, 1000), st.booleans())
def test_reading_and_turning_undo_each_other(d: int, seed: int, gaussian: bool) -> None:
    found = codes(60, d, seed, gaussian)
    for turn in both_bases(found):
        z = found.mean[seed % 60]
        np.testing.assert_allclose(turn.turned(found.mean[0], turn.read(z)), z, atol=2e-4)
        np.testing.assert_allclose(turn.axes @ turn.axes.T, np.eye(d), atol=1e-4)
        assert turn.turned(z, turn.read(z)).dtype == np.float32


def test_coordinates_of_a_gaussian_code_go_by_kl_over_the_prior() -> None:
    turn = axes.coordinate_axes(codes())
    assert turn.names == ("z₀", "z₁", "z₂", "z₃", "z₄")
    assert turn.notes[0] == "KL 5.00 nats"
    assert (turn.low == -axes.REACH).all()
    assert (turn.high == axes.REACH).all()


def test_coordinates_of_a_point_code_go_by_spread() -> None:
    found = codes(gaussian=False)
    turn = axes.coordinate_axes(found)
    assert turn.names == ("z₄", "z₃", "z₂", "z₁", "z₀")
    assert turn.notes[0] == f"spread {found.mean[:, 4].std():.1f}"
    middle, reach = found.mean[:, 4].mean(), 3 * found.mean[:, 4].std()
    assert (turn.low[0], turn.high[0]) == pytest.approx((middle - reach, middle + reach), rel=1e-4)


def test_principal_directions_are_centred_and_tell_their_share() -> None:
    found = codes()
    turn = axes.principal_axes(*principal_directions(found.mean))
    assert turn.names[:2] == ("p₁", "p₂")
    np.testing.assert_allclose(turn.read(found.mean.mean(0)), 0, atol=1e-4)
    np.testing.assert_allclose(turn.low, -turn.high)
    assert (np.diff(turn.high) <= 0).all()
    assert sum(float(note.split()[0]) for note in turn.notes) == pytest.approx(100, abs=3)


def test_a_track_turns_one_knob_and_no_other() -> None:
    found = codes()
    z = found.mean[7]
    for turn in both_bases(found):
        along = turn.along(z, 1, 9, -2, 4)
        read = np.stack([turn.read(code) for code in along])
        np.testing.assert_allclose(read[:, 1], np.linspace(-2, 4, 9), atol=1e-4)
        rest = np.delete(read, 1, axis=1)
        np.testing.assert_allclose(rest, np.broadcast_to(np.delete(turn.read(z), 1), rest.shape), atol=1e-4)


def test_a_track_reaches_a_value_that_lies_beyond() -> None:
    turn = axes.coordinate_axes(codes())
    assert turn.ends(0, 0.5) == (-3, 3)
    assert turn.ends(0, 5.5) == (-3, 5.5)
    assert turn.ends(0, -4) == (-4, 3)


def test_a_dead_coordinate_has_a_track_all_the_same() -> None:
    found = codes(gaussian=False)
    found.mean[:, 2] = 1
    turn = axes.coordinate_axes(found)
    assert (turn.high > turn.low).all()


def test_of_many_numbers_the_widest_axes_are_turned_and_the_rest_of_the_code_stays() -> None:
    found = codes(40, 600, gaussian=False)
    principal = axes.principal_axes(*principal_directions(found.mean), variance=float(found.mean.var(0, ddof=1).sum()))
    assert sum(float(note.split()[0]) for note in principal.notes) == pytest.approx(100, abs=20)
    for turn in (axes.coordinate_axes(found), principal):
        assert len(turn.names) == len(turn.axes) < 65
        np.testing.assert_allclose(turn.axes @ turn.axes.T, np.eye(len(turn.axes)), atol=1e-4)
        z, values = found.mean[3], turn.read(found.mean[3])
        values[1] += 5
        np.testing.assert_allclose(turn.turned(z, values) - z, 5 * turn.axes[1], atol=2e-2)
    assert axes.coordinate_axes(found).names[0] == "z" + str(found.mean.var(0).argmax()).translate(
        str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
    )
