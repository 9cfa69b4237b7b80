"""Recordings on the disc: what goes in comes out, and what is damaged is refused in words."""

from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aeviz.training import recording
from aeviz.training.recording import Recording, RecordingError, frame_steps, load_recording, save_recording


@pytest.fixture
def recorded() -> Recording:
    random = np.random.default_rng(0)
    return Recording(
        steps=np.array([0, 1, 10], np.int32),
        rows=np.arange(5, dtype=np.int32),
        codes=random.normal(size=(3, 5, 2)).astype(np.float16).astype(np.float32),
        items=np.array([1, 4], np.int32),
        reconstructions=random.integers(0, 256, (3, 2, 1, 4, 3)).astype(np.uint8),
        samples=random.integers(0, 256, (3, 6, 1, 4, 3)).astype(np.uint8),
        terms=("loss", "kl"),
        figures=random.normal(size=(3, 2)).astype(np.float32),
    )


def same(a: Recording, b: Recording) -> None:
    assert a.terms == b.terms
    for name in recording.ARRAYS:
        found, wanted = getattr(a, name), getattr(b, name)
        assert found.dtype == wanted.dtype, name
        np.testing.assert_array_equal(found, wanted)


def rewrite(path: Path, **changes: Any) -> None:
    """The file with some of its arrays changed; None takes one out."""
    with np.load(path) as file:
        arrays = {**file, **changes}
    with path.open("wb") as file:
        np.savez_compressed(file, **{name: array for name, array in arrays.items() if array is not None})


def test_a_recording_comes_back_as_it_was(recorded: Recording, tmp_path: Path) -> None:
    path = tmp_path / "recording.npz"
    save_recording(path, recorded)
    same(load_recording(path), recorded)
    assert len(load_recording(path)) == 3
    with np.load(path) as file:
        assert file["codes"].dtype == np.float16
    assert set(recording.ARRAYS) | {"terms"} == {field.name for field in fields(Recording)}


def test_codes_too_large_for_half_precision_are_kept(recorded: Recording, tmp_path: Path) -> None:
    path = tmp_path / "recording.npz"
    far = replace(recorded, codes=recorded.codes * 1e6)
    save_recording(path, far)
    same(load_recording(path), far)


@pytest.mark.parametrize("moment", ["writing", "renaming"])
def test_a_write_that_fails_leaves_the_old_file_and_no_draft(
    recorded: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    path = tmp_path / "recording.npz"
    save_recording(path, recorded)

    def fail(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    target, name = (np, "savez_compressed") if moment == "writing" else (Path, "replace")
    monkeypatch.setattr(target, name, fail)
    with pytest.raises(OSError, match="no space"):
        save_recording(path, replace(recorded, terms=("loss", "other")))
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == [path]
    same(load_recording(path), recorded)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="missing: train the model again with --record"):
        load_recording(tmp_path / "recording.npz")


def test_a_folder_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        load_recording(tmp_path)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.99])
def test_a_truncated_file_is_refused(recorded: Recording, tmp_path: Path, share: float) -> None:
    path = tmp_path / "recording.npz"
    save_recording(path, recorded)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(RecordingError, match="cannot be read"):
        load_recording(path)


@example(place=0.7710438847407569, value=1)  # an entry that says it is encrypted
@given(place=st.floats(0, 1, exclude_max=True), value=st.integers(1, 255))
def test_a_flipped_byte_is_refused_or_does_no_harm(
    tmp_path_factory: pytest.TempPathFactory, place: float, value: int
) -> None:
    recorded = Recording(
        steps=np.array([0, 1], np.int32),
        rows=np.arange(3, dtype=np.int32),
        codes=np.ones((2, 3, 2), np.float32),
        items=np.array([0], np.int32),
        reconstructions=np.zeros((2, 1, 1, 2, 2), np.uint8),
        samples=np.zeros((2, 1, 1, 2, 2), np.uint8),
        terms=("loss",),
        figures=np.zeros((2, 1), np.float32),
    )
    path = tmp_path_factory.mktemp("flipped") / "recording.npz"
    save_recording(path, recorded)
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= value
    path.write_bytes(content)
    with suppress(RecordingError):
        same(load_recording(path), recorded)


def test_a_lone_array_and_a_pickle_are_refused(recorded: Recording, tmp_path: Path) -> None:
    path = tmp_path / "recording.npz"
    with path.open("wb") as file:
        np.save(file, recorded.codes)
    with pytest.raises(RecordingError, match="cannot be read"):
        load_recording(path)
    save_recording(path, recorded)
    rewrite(path, figures=np.array([{"a": 1}], dtype=object))
    with pytest.raises(RecordingError, match="cannot be read"):
        load_recording(path)


def test_a_file_that_unpacks_to_too_much_is_not_unpacked(
    recorded: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "recording.npz"
    save_recording(path, recorded)
    monkeypatch.setattr(recording, "MAX_BYTES", 500)
    with pytest.raises(RecordingError, match="at most 500 are read"):
        load_recording(path)


@pytest.mark.parametrize("name", [*recording.ARRAYS, "terms"])
def test_an_array_that_lacks_is_named(recorded: Recording, tmp_path: Path, name: str) -> None:
    path = tmp_path / "recording.npz"
    save_recording(path, recorded)
    rewrite(path, **{name: None})
    with pytest.raises(RecordingError, match=name):
        load_recording(path)


WRONG = {
    "fewer steps": {"steps": np.array([0, 1], np.int32)},
    "no frames": {
        "steps": np.zeros(0, np.int32), "codes": np.zeros((0, 5, 2), np.float16), "figures": np.zeros((0, 2)),
        "reconstructions": np.zeros((0, 2, 1, 4, 3), np.uint8), "samples": np.zeros((0, 6, 1, 4, 3), np.uint8),
    },
    "steps that fall": {"steps": np.array([0, 10, 1], np.int32)},
    "a step twice": {"steps": np.array([0, 1, 1], np.int32)},
    "steps before the first": {"steps": np.array([-1, 0, 1], np.int32)},
    "broken steps": {"steps": np.array([0, 0.5, 1])},
    "fewer rows": {"rows": np.arange(4, dtype=np.int32)},
    "rows before the first": {"rows": np.arange(-1, 4, dtype=np.int32)},
    "fewer items": {"items": np.array([1], np.int32)},
    "codes without a frame": {"codes": np.zeros((5, 2), np.float16)},
    "codes that are not finite": {"codes": np.full((3, 5, 2), np.nan, np.float16)},
    "codes that are words": {"codes": np.full((3, 5, 2), "a")},
    "pictures of other sizes": {"samples": np.zeros((3, 6, 1, 3, 3), np.uint8)},
    "pictures that are no bytes": {"samples": np.zeros((3, 6, 1, 4, 3), np.float32)},
    "pictures without channels": {"samples": np.zeros((3, 6, 4, 3), np.uint8)},
    "more terms than figures": {"terms": np.array(["loss", "kl", "penalty"])},
    "figures that are words": {"figures": np.full((3, 2), "a")},
}  # fmt: skip


@pytest.mark.parametrize("changes", WRONG.values(), ids=WRONG.keys())
def test_parts_that_do_not_fit_together_are_refused(
    recorded: Recording, tmp_path: Path, changes: dict[str, Any]
) -> None:
    path = tmp_path / "recording.npz"
    save_recording(path, recorded)
    rewrite(path, **changes)
    with pytest.raises(RecordingError, match="do not fit together"):
        load_recording(path)


def test_terms_that_are_no_list_are_refused(recorded: Recording, tmp_path: Path) -> None:
    path = tmp_path / "recording.npz"
    save_recording(path, recorded)
    rewrite(path, terms=np.array("loss"))
    with pytest.raises(RecordingError, match="cannot be read"):
        load_recording(path)


# ---- The steps to record.


@given(total=st.integers(1, 10_000_000), frames=st.integers(2, 100))
def test_frames_run_from_the_untrained_to_the_finished_model(total: int, frames: int) -> None:
    steps = frame_steps(total, frames)
    assert steps[0] == 0
    assert steps[-1] == total
    assert (np.diff(steps) > 0).all()
    assert 2 <= len(steps) <= frames
    assert all(isinstance(step, int) for step in steps)


@given(total=st.integers(2, 10_000_000))
def test_frames_are_even_on_a_logarithmic_scale(total: int) -> None:
    ideal = total ** (1 / (recording.FRAMES - 2))
    steps = np.array(frame_steps(total)[1:])
    # Rounding to a whole step moves each by half a step at most.
    assert (steps[1:] <= ideal * (steps[:-1] + 0.5) + 0.5 + 1e-6 * steps[1:]).all()


def test_frames_by_hand() -> None:
    assert frame_steps(1) == [0, 1]
    assert frame_steps(1000, 5) == [0, 1, 10, 100, 1000]
    assert frame_steps(1000, 2) == [0, 1000]
    assert frame_steps(5) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(("total", "frames"), [(0, 40), (-3, 40), (10, 1), (10, 0)])
def test_senseless_numbers_of_frames_are_refused(total: int, frames: int) -> None:
    with pytest.raises(ValueError, match="needs a step and two frames"):
        frame_steps(total, frames)
