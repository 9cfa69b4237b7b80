import gzip
import hashlib
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from aeviz.datasets import files
from aeviz.datasets.files import IMAGES, LABELS, VARIABLE, read_idx
from aeviz.datasets.sources import SOURCES, load_dataset
from aeviz.errors import DataError


def idx(array: NDArray[np.uint8]) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("asked the network for data")

    monkeypatch.setattr(files, "download", refuse)


@pytest.fixture
def fresh() -> Iterator[None]:
    """The cache of `load_dataset` holds nothing of a test's files, before and after."""
    load_dataset.cache_clear()
    yield
    load_dataset.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: None, no_network: None) -> Path:
    """A data folder with a training split of five pictures; nothing is bundled."""
    arrays = {
        "train-" + IMAGES: np.arange(5 * 2 * 3, dtype=np.uint8).reshape(5, 2, 3) * 8,
        "train-" + LABELS: np.array([3, 1, 4, 1, 5], np.uint8),
    }
    place = tmp_path / "data" / SOURCES["mnist"].folder
    place.mkdir(parents=True)
    for name, array in arrays.items():
        (place / name).write_bytes(gzip.compress(idx(array)))
    md5 = {name: hashlib.md5(idx(array)).hexdigest() for name, array in arrays.items()}
    monkeypatch.setitem(SOURCES, "mnist", replace(SOURCES["mnist"], md5=md5))
    monkeypatch.setattr(files, "BUNDLED", tmp_path / "nothing")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "data"))
    return place


PICTURES = [name for name, source in SOURCES.items() if source.modality == "image"]  # others: `tests/datasets`


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("name", PICTURES)
def test_the_bundled_test_split(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    data = load_dataset(name)
    assert data.name == name
    assert (data.title, data.modality.name, data.split) == (SOURCES[name].title, SOURCES[name].modality, "test")
    assert len(data) == len(data.labels) == (383 if name == "emoji" else 10_000)
    assert data.shape == data.items.shape[1:] == SOURCES[name].shape
    assert data.items.dtype == np.float32
    assert data.labels.dtype == np.int64
    assert (data.items.min(), data.items.max()) == (0.0, 1.0)
    assert set(data.labels.tolist()) == set(range(len(data.label_names)))
    assert len(set(data.label_names)) == 10


@pytest.mark.usefixtures("no_network")
def test_the_arrays_are_shared_and_cannot_be_written() -> None:
    data = load_dataset("mnist")
    assert load_dataset("mnist") is data
    for array in (data.items, data.labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.usefixtures("no_network", "fresh")
def test_a_bundled_file_of_other_bytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    source = SOURCES["mnist"]
    wrong = {**source.md5, "t10k-" + LABELS: "0" * 32}
    monkeypatch.setitem(SOURCES, "mnist", replace(source, md5=wrong))
    with pytest.raises(DataError, match=r"t10k-labels.*not the published MNIST file.*delete it"):
        load_dataset("mnist")


@pytest.mark.usefixtures("no_network")
def test_the_emoji_are_in_colour_and_each_is_in_one_split() -> None:
    train, test = load_dataset("emoji", "train"), load_dataset("emoji")
    assert len(train) + len(test) == 1911
    assert (test.items[:, 0] != test.items[:, 2]).any(), "grey"
    corners = np.concatenate([train.items, test.items])[:, :, 0, 0]
    assert (corners == 1).all(axis=1).mean() > 0.8, "most stand on white"


@pytest.mark.usefixtures("fresh")
def test_a_damaged_sheet_of_emoji_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BUNDLED", tmp_path)
    with pytest.raises(DataError, match="install aeviz again"):
        load_dataset("emoji")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("cifar",), "'cifar': expected one of mnist, fashion, emoji"),
        (("mnist", "validation"), "'validation': expected 'test' or 'train'"),
    ],
)
def test_unknown_names_are_refused(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(DataError, match=said):
        load_dataset(*arguments)


def test_the_training_split_comes_from_the_users_folder(folder: Path) -> None:
    data = load_dataset("mnist", split="train")
    assert data.split == "train"
    assert data.items.shape == (5, 1, 2, 3)
    np.testing.assert_allclose(data.items[1, 0], np.array([[48, 56, 64], [72, 80, 88]]) / 255, rtol=1e-6)
    assert data.labels.tolist() == [3, 1, 4, 1, 5]


def test_a_home_folder_may_be_written_with_a_tilde(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder.parents[1]))
    monkeypatch.setenv(VARIABLE, "~/data")
    assert len(load_dataset("mnist", split="train")) == 5


def test_a_missing_file_is_named_with_the_variable(folder: Path) -> None:
    (folder / ("train-" + LABELS)).unlink()
    with pytest.raises(DataError, match=rf"train-labels.*is missing\. {VARIABLE} must name a folder"):
        load_dataset("mnist", split="train")


def damages(whole: bytes) -> dict[str, bytes]:
    middle = len(whole) // 2
    return {
        "empty": b"",
        "cut": whole[:middle],
        "not gzip": b"<html>404</html>",
        "scrambled": whole[:14] + bytes(255 - byte for byte in whole[14:]),
        "another array": gzip.compress(idx(np.zeros(5, np.uint8))),
        "cut before packing": gzip.compress(gzip.decompress(whole)[:-1]),
    }


@pytest.mark.parametrize("damage", damages(gzip.compress(b"any")))
def test_damaged_files_are_named_with_a_way_out(folder: Path, damage: str) -> None:
    file = folder / ("train-" + IMAGES)
    file.write_bytes(damages(file.read_bytes())[damage])
    with pytest.raises(DataError, match=r"train-images.*: delete it and try again"):
        load_dataset("mnist", split="train")
    file.write_bytes(gzip.compress(idx(np.arange(30, dtype=np.uint8).reshape(5, 2, 3) * 8)))
    assert len(load_dataset("mnist", split="train")) == 5, "the failure must not be remembered"


def test_without_a_network_the_error_names_the_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fresh: None
) -> None:
    import pooch

    def fail(*arguments: object, **settings: object) -> str:
        raise OSError("Name or service not known")

    monkeypatch.setattr(pooch, "retrieve", fail)
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / name)
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(DataError, match=rf"could not be downloaded.*train-images.*folder fashion-mnist/.*{VARIABLE}"):
        load_dataset("fashion", split="train")


def test_downloads_are_kept_and_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: Path) -> None:
    """Without a folder the published address is asked, into the user's cache, and the bytes are checked."""
    import pooch

    asked: list[str] = []

    def retrieve(url: str, fname: str, path: Path, **settings: object) -> str:
        asked.append(url)
        path.mkdir(parents=True, exist_ok=True)
        (path / fname).write_bytes((folder / fname).read_bytes() if fname.startswith("train-im") else b"junk")
        return str(path / fname)

    monkeypatch.undo()
    monkeypatch.setattr(files, "BUNDLED", tmp_path / "nothing")
    monkeypatch.setattr(pooch, "retrieve", retrieve)
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / name)
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(DataError, match=r"aeviz.mnist.train-images.*not the published"):
        load_dataset("mnist", split="train")
    assert asked == ["https://ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz"]


@given(shape=st.lists(st.integers(0, 4), min_size=1, max_size=4), seed=st.integers(0, 99))
def test_idx_files_are_read_back(shape: list[int], seed: int) -> None:
    array = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    assert np.array_equal(read_idx(idx(array)), array)


@given(data=st.binary(max_size=40) | st.binary(max_size=40).map(lambda tail: b"\0\0\x08" + tail))
def test_idx_of_any_bytes_is_an_array_or_a_clear_error(data: bytes) -> None:
    try:
        array = read_idx(data)
    except DataError:
        return
    assert idx(array) == data
