"""Items and labels as programs hold them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

from aeviz.errors import DataError
from aeviz.importers import in_memory
from aeviz.importers.in_memory import given

UNIT = np.random.default_rng(0).random((12, 8, 8)).astype(np.float32)
UNIT[0, 0, :2] = 0, 1
COLOUR = np.random.default_rng(1).random((12, 9, 7, 3)).astype(np.float32)
ALPHA = np.concatenate([COLOUR, np.ones((12, 9, 7, 1), np.float32)], 3)
CASES = {
    "rows": (UNIT.reshape(12, 64), UNIT[:, None], "flat"),
    "grey": (UNIT, UNIT[:, None], "first"),
    "digits from 0 to 16": (np.rint(UNIT * 16), np.rint(UNIT * 16)[:, None] / 16, "first"),
    "sixteen bits": ((UNIT * 65535).astype(np.uint16), UNIT[:, None], "first"),
    "bytes": (np.rint(UNIT * 255).astype(np.uint8), UNIT[:, None], "first"),
    "signed": (UNIT * 2 - 1, UNIT[:, None], "first"),
    "colour last": (COLOUR, COLOUR.transpose(0, 3, 1, 2), "last"),
    "colour last signed": (COLOUR * 2 - 1, COLOUR.transpose(0, 3, 1, 2), "last"),
    "colour first": (torch.tensor(COLOUR.transpose(0, 3, 1, 2).copy()), COLOUR.transpose(0, 3, 1, 2), "first"),
    "with opacity": (ALPHA, COLOUR.transpose(0, 3, 1, 2), "last"),
    "a list": ([*UNIT], UNIT[:, None], "first"),
    "a list of tensors": ([torch.tensor(one) for one in UNIT], UNIT[:, None], "first"),
}


@pytest.mark.parametrize("case", CASES)
def test_pictures_of_any_layout_and_range(case: str) -> None:
    items, wanted, layout = CASES[case]
    found = given(items, np.arange(12) % 3)
    np.testing.assert_allclose(found.dataset.items, wanted, atol=3e-3)
    assert found.layouts[0] == layout
    assert found.dataset.label_names == ("0", "1", "2")


def test_a_list_of_mixed_sizes_is_fitted_into_the_size_of_most() -> None:
    items = [np.full((6, 8), 200, np.uint8)] * 6 + [np.full((12, 8), 100, np.uint8)] * 3
    found = given(items)
    assert found.dataset.shape == (1, 6, 8)
    assert found.dataset.items[0].min() == pytest.approx(200 / 255)
    assert found.dataset.items[8, 0, :, 4].min() == pytest.approx(100 / 255)
    assert found.dataset.items[8, 0, :, 0].max() == 0  # bars
    assert "2 sizes: all were fitted into 8 × 6" in found.notes[0]


LABELS = {
    "column": (np.arange(12)[:, None] % 2, ["0", "1"], [0, 1, 0]),
    "one-hot": (np.eye(3)[np.arange(12) % 3], ["0", "1", "2"], [0, 1, 2]),
    "words": (["b", "a"] * 6, ["a", "b"], [1, 0, 1]),
    "objects": (np.array(["b", "a"] * 6, object), ["a", "b"], [1, 0, 1]),
    "bytes": (np.array([b"b", b"a"] * 6), ["a", "b"], [1, 0, 1]),
    "whole floats": (np.arange(12.0) % 2, ["0", "1"], [0, 1, 0]),
    "tensor": (torch.arange(12)[:, None] % 2, ["0", "1"], [0, 1, 0]),
}


@pytest.mark.parametrize("case", LABELS)
@pytest.mark.parametrize("items", [UNIT, np.random.default_rng(0).normal(size=(12, 3))], ids=["pictures", "rows"])
def test_labels_of_any_form(case: str, items: np.ndarray) -> None:
    labels, names, first = LABELS[case]
    data = given(items, labels).dataset
    assert list(data.label_names) == names
    assert data.labels[:3].tolist() == first


def test_continuous_labels_are_a_scale_and_no_classes() -> None:
    values = np.linspace(-1, 1, 12) ** 3
    for items in (UNIT, np.random.default_rng(0).normal(size=(12, 3))):
        found = given(items, values)
        assert not found.dataset.has_classes
        assert found.dataset.continuous is not None
        np.testing.assert_allclose(found.dataset.continuous.values, values, rtol=1e-6)
        assert found.dataset.label_of(0) == "label -1"
        assert any("from -1 to 1: they are shown as colours on a scale" in note for note in found.notes)


FACTORS = {"shape": ["heart", "oval"] * 6, "scale": np.linspace(0.5, 1, 12), "turned": np.arange(12) % 4}


@pytest.mark.parametrize(
    "labels", [FACTORS, pd.DataFrame(FACTORS), np.stack([np.arange(12) % 2, np.linspace(0.5, 1, 12)], 1)],
    ids=["mapping", "table", "array"],
)  # fmt: skip
def test_several_columns_of_labels_are_colours_and_the_first_of_classes_the_class(labels: Any) -> None:
    data = given(UNIT, labels).dataset
    first, second = [column.title for column in data.columns][:2]
    assert (data.label_column, len(data.label_names)) == (first, 2)
    assert data.facets[0] == second
    facet = data.facet(second)
    assert facet is not None
    np.testing.assert_allclose(facet.values, np.linspace(0.5, 1, 12), rtol=1e-6)
    assert data.of_rows(np.arange(3)).columns[1].values.shape == (3,)


class Counted(Dataset):
    """Counts what it is asked for."""

    def __init__(self, count: int, form: Any = tuple) -> None:
        self.count, self.form, self.asked = count, form, []

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, row: int) -> Any:
        self.asked.append(row)
        item, label = torch.full((1, 4, 4), row / self.count), row % 2
        return {"image": item, "label": label} if self.form is dict else (item, label)


class Stream(IterableDataset):
    def __iter__(self) -> Iterator[tuple[torch.Tensor, int]]:
        for row in range(1_000_000):
            if row > 40:
                raise AssertionError("iterated beyond what is shown")
            yield torch.full((1, 4, 4), row / 50), row % 3


@pytest.mark.parametrize("form", [tuple, dict])
def test_a_torch_data_set_is_asked_for_no_more_than_is_shown(form: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_memory, "MAX_SHOWN", 11)
    data = Counted(101, form)
    found = given(data)
    assert data.asked == list(range(0, 101, 10))
    np.testing.assert_allclose(found.dataset.items[:, 0, 0, 0], np.arange(0, 101, 10) / 101, rtol=1e-6)
    assert found.dataset.label_names == ("0",)
    assert "11 of 101 items were taken" in found.notes[0]


def test_loaders_and_streams_end_where_enough_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_memory, "MAX_SHOWN", 20)
    data = Counted(1000)
    found = given(DataLoader(data, batch_size=8))
    assert len(found.dataset) == 20
    assert len(data.asked) <= 24
    assert found.dataset.labels.tolist() == [0, 1] * 10
    assert given(Stream()).dataset.labels[:4].tolist() == [0, 1, 2, 0]
    assert len(given(DataLoader(Stream(), batch_size=8)).dataset) == 20
    assert given(TensorDataset(torch.rand(12, 3, 5, 5))).dataset.shape == (3, 5, 5)


def test_a_path_is_read_as_a_file(tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", x=UNIT, y=np.arange(12) % 2)
    found = given(tmp_path / "mine.npz")
    np.testing.assert_allclose(found.dataset.items[:, 0], UNIT, atol=1e-6)
    assert found.dataset.label_names == ("0", "1")
    assert given(tmp_path / "mine.npz", ["a", "b", "c"] * 4).dataset.label_names == ("a", "b", "c")
    assert not given("mnist").own
    with pytest.raises(DataError, match="labels of its own"):
        given("mnist", np.zeros(10_000))


def test_what_is_no_picture_by_its_range_is_asked_for() -> None:
    with pytest.raises(DataError, match='modality="series"'):
        given(np.random.default_rng(0).normal(size=(12, 64)))
    assert given(np.random.default_rng(0).normal(size=(12, 64)), modality="series").dataset.shape == (1, 64)


AGES = np.random.default_rng(3).integers(18, 90, 300)


@pytest.mark.parametrize(
    "labels",
    [AGES, AGES.tolist(), AGES[:, None], AGES.astype(float), AGES + 0.5],
    ids=["array", "list", "column", "float", "half"],
)
def test_ages_are_a_scale_of_colours(labels: Any) -> None:
    made = given(np.random.default_rng(0).random((300, 8, 8), np.float32), labels)
    assert made.dataset.continuous is not None
    np.testing.assert_allclose(made.dataset.continuous.values, np.ravel(labels), rtol=1e-6)
    assert any("colours on a scale" in note for note in made.notes)


def test_numbered_classes_and_those_with_names_stay_classes() -> None:
    items = np.random.default_rng(0).random((300, 8, 8), np.float32)
    assert given(items, np.arange(300) % 62).dataset.label_names[:2] == ("0", "1")
    assert len(given(items, np.arange(300) % 62 + 1).dataset.label_names) == 62
    assert len(given(items, 3 * (np.arange(300) % 20)).dataset.label_names) == 20
    named = given(items, AGES, label_names=[f"kind {number}" for number in range(90)]).dataset
    assert named.continuous is None
    assert named.label_of(0) == f"kind {AGES[0]}"
    by_title = given(items, {"age": np.arange(300) % 62, "kind": np.arange(300) % 61}).dataset
    assert [len(column.names) for column in by_title.columns] == [0, 61]


@pytest.mark.parametrize("kind", [str, Path])
def test_a_list_of_paths_is_read_as_its_pictures(kind: Any, tmp_path: Path) -> None:
    paths = []
    for number, folder in enumerate("baabbabba"):
        (tmp_path / folder).mkdir(exist_ok=True)
        paths.append(kind(tmp_path / folder / f"{9 - number}.png"))
        Image.fromarray(np.full((12, 16), 25 * number, np.uint8)).save(paths[-1])
    made = given(paths)
    assert made.dataset.items[:, 0, 3, 3].tolist() == pytest.approx([25 * number / 255 for number in range(9)])
    assert [made.dataset.label_of(row) for row in range(9)] == list("baabbabba")
    Path(paths[2]).write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    made = given(paths, labels=list("rstuvwxyz"))
    assert [made.dataset.label_of(row) for row in range(8)] == list("rsuvwxyz")
    assert any("1 picture was left out" in note for note in made.notes)
    with pytest.raises(DataError, match=r"no\.png: there is no such file"):
        given([*paths, kind(tmp_path / "no.png")])


def test_short_texts_are_no_paths() -> None:
    assert given(["anna", "bert", "carl", "dora"] * 3, modality="text").dataset.modality.name == "text"
