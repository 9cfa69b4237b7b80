"""Data in the files of other programs: idx, MATLAB, Parquet, rows of pixels in a CSV, tar and gzip."""

import gzip
import io
import json
import pickle
import struct
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cases import every
from scipy.io import savemat

from aeviz.errors import DataError
from aeviz.importers.files.archives import ArchiveError
from tests.importers.conftest import data_from, npz, png, zipped

DICE = np.random.default_rng(0)
X = DICE.integers(0, 256, (12, 8, 8)).astype(np.uint8)
Y = (np.arange(12) % 3).astype(np.uint8)


def idx(array: np.ndarray, code: int = 8) -> bytes:
    return bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def same(path: Path, labels: bool = True, **stated: object) -> None:
    data = data_from(path, invert=False, **stated).dataset
    np.testing.assert_allclose(data.items[:, 0] * 255, X, atol=1e-3)
    assert (data.labels.tolist() == Y.tolist()) is labels


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("how", ["alone", "folder", "zip", "beside"])
def test_idx(how: str, packed: bool, tmp_path: Path) -> None:
    folder = tmp_path / "mnist"
    folder.mkdir()
    files = {"t10k-images-idx3-ubyte": idx(X), "t10k-labels-idx1-ubyte": idx(Y)}
    if how != "alone":
        files |= {"train-images-idx3-ubyte": idx(X[:3]), "train-labels-idx1-ubyte": idx(Y[:3])}
    else:
        del files["t10k-labels-idx1-ubyte"]
    if packed:
        files = {f"{name}.gz": gzip.compress(data) for name, data in files.items()}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (tmp_path / "mnist.zip").write_bytes(zipped(files))
    images = folder / next(iter(files))
    beside = how == "beside" and not packed  # what is packed alone is unpacked alone
    same({"folder": folder, "zip": tmp_path / "mnist.zip"}.get(how, images), labels=how in {"folder", "zip"} or beside)


def test_idx_of_other_numbers_and_damage(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(idx((X / np.float32(255)).astype(">f4"), 13))
    same(tmp_path / "a", labels=False)
    (tmp_path / "a").write_bytes(idx(X)[:-5])
    with pytest.raises(DataError, match="truncated"):
        data_from(tmp_path / "a")
    (tmp_path / "a").write_bytes(b"\0\0\x08\x03" + struct.pack(">3I", 2**31, 2**31, 2**31) + bytes(100))
    with pytest.raises(DataError, match=r"truncated|unpacked"):
        data_from(tmp_path / "a")


@pytest.mark.parametrize("last", [False, True])
def test_matlab(last: bool, tmp_path: Path) -> None:
    colour = np.repeat(X[..., None], 3, 3)
    if last:  # as SVHN is: (32, 32, 3, N)
        savemat(tmp_path / "a.mat", {"X": colour.transpose(1, 2, 3, 0), "y": Y[:, None], "note": "hello"})
    else:
        savemat(tmp_path / "a.mat", {"data": X.reshape(12, 64), "labels": Y[None]}, do_compression=True)
    same(tmp_path / "a.mat")
    savemat(tmp_path / "b.mat", {"ff": X.reshape(12, 64).T})  # columns of pixels, as the Frey faces are
    data_from(tmp_path / "b.mat")
    (tmp_path / "c.mat").write_bytes((tmp_path / "a.mat").read_bytes()[:300])
    with pytest.raises(DataError, match="MATLAB"):
        data_from(tmp_path / "c.mat")


@pytest.mark.parametrize("struct_", [False, True])
def test_parquet_with_pictures(struct_: bool, tmp_path: Path) -> None:
    files = [png(one) for one in X]
    image = [{"bytes": one, "path": f"{row}.png"} for row, one in enumerate(files)] if struct_ else files
    table = pa.table({"image": image, "label": Y.tolist(), "size": list(range(12))})
    names = {"info": {"features": {"label": {"names": ["ant", "bee", "cat"]}}}}
    pq.write_table(table.replace_schema_metadata({"huggingface": json.dumps(names)}), tmp_path / "a.parquet")
    same(tmp_path / "a.parquet")
    found = data_from(tmp_path / "a.parquet")
    assert found.dataset.label_names == ("ant", "bee", "cat")
    assert found.label_choices == ("label", "size")
    assert len(data_from(tmp_path / "a.parquet", labels="size").dataset.label_names) == 12
    (tmp_path / "c.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-40])
    with pytest.raises(DataError, match="Parquet"):
        data_from(tmp_path / "c.parquet")


@pytest.mark.parametrize("form", ["kaggle", "first", "last", "none"])
@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".zip"])
def test_rows_of_pixels_in_a_csv(form: str, ending: str, tmp_path: Path) -> None:
    frame = pd.DataFrame(X.reshape(12, 64), columns=[f"pixel{n}" for n in range(64)])
    if form in {"kaggle", "first"}:
        frame.insert(0, "label", Y)
    elif form == "last":
        frame["label"] = Y
    text = frame.to_csv(index=False, header=form == "kaggle").encode()
    data = {".csv": text, ".csv.gz": gzip.compress(text), ".zip": zipped({"train.csv": text})}[ending]
    (tmp_path / f"a{ending}").write_bytes(data)
    same(tmp_path / f"a{ending}", labels=form != "none")


def test_other_rows_of_many_numbers_stay_series(tmp_path: Path) -> None:
    np.savetxt(tmp_path / "a.csv", DICE.normal(size=(12, 64)), delimiter=",", fmt="%.4f")
    assert data_from(tmp_path / "a.csv").dataset.modality.name == "series"


def tarred(files: dict[str, bytes], mode: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        link = tarfile.TarInfo("set/link.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return file.getvalue()


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_tar(mode: str, tmp_path: Path) -> None:
    files = {f"set/{Y[row]}/{row}.png": png(X[row]) for row in np.argsort(Y, kind="stable")}
    (tmp_path / "a.tgz").write_bytes(tarred(files, mode))
    data = data_from(tmp_path / "a.tgz", invert=False).dataset
    order = np.argsort(Y, kind="stable")
    np.testing.assert_allclose(data.items[:, 0] * 255, X[order], atol=1e-3)
    assert data.label_names == ("0", "1", "2")
    (tmp_path / "b.tar").write_bytes(tarred({"../b.png": png(X[0])}, mode))
    with pytest.raises(ArchiveError, match="leads out of its folder"):
        data_from(tmp_path / "b.tar")
    (tmp_path / "c.tar").write_bytes(tarred({"x.npz": npz(x=X, y=Y)}, mode))
    same(tmp_path / "c.tar")


def test_a_gzip_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from aeviz.importers.files import packed, zips

    monkeypatch.setattr(packed, "Limits", lambda: zips.Limits(unpacked=1_000_000))
    (tmp_path / "a.gz").write_bytes(gzip.compress(bytes(5_000_000)))
    with pytest.raises(ArchiveError, match="unpacks to more than 1,000,000 bytes"):
        data_from(tmp_path / "a.gz")
    (tmp_path / "b.gz").write_bytes(gzip.compress(idx(X))[:-20])
    with pytest.raises(ArchiveError, match="damaged"):
        data_from(tmp_path / "b.gz")


def test_pickles_and_hdf5_get_the_lines_that_convert(tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(pickle.dumps({"data": [1], "labels": [2]}))
    with pytest.raises(ArchiveError, match=r"two lines convert it: d = pickle.load.*np.savez\(\"data.npz\""):
        data_from(tmp_path / "a.pkl")
    (tmp_path / "b.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    with pytest.raises(ArchiveError, match=r"two lines convert it: f = h5py.File.*np.savez"):
        data_from(tmp_path / "b.h5")


def test_a_plain_table_in_parquet_is_read_as_its_csv_is(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"width": [1.5, 2.0, None, 4.0, 2.5, 3.0, 3.5, 1.0, 2.2], "kind": pd.Categorical(list("abababbaa")),
         "old": [True, False, True] * 3, "day": pd.date_range("2024-01-30", periods=9), "species": ["x", "y", "z"] * 3}
    )  # fmt: skip
    frame.to_csv(tmp_path / "a.csv", index=False)
    table = pa.Table.from_pandas(frame)
    pq.write_table(table.append_column("box", [[{"side": 1}] * 9]), tmp_path / "a.parquet")
    wanted, found = data_from(tmp_path / "a.csv"), data_from(tmp_path / "a.parquet")
    assert found.dataset.modality.name == "table"
    np.testing.assert_array_equal(found.dataset.items, wanted.dataset.items)
    assert found.dataset.label_names == wanted.dataset.label_names == ("x", "y", "z")
    assert [(column.name, column.type) for column in found.columns] == [
        (column.name, column.type) for column in wanted.columns
    ]
    assert any(note.endswith("hold neither numbers nor words: box.") for note in found.notes)
    assert (found.encoding, found.delimiter) == ("", "")


@pytest.mark.parametrize("case", every(1, ["texts", "pixels", "lists", "stated"]))
def test_what_else_stands_in_parquet_without_pictures(case: str, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pixels = {f"pixel{place}": X.reshape(12, 64)[:, place] for place in range(64)}
    columns = {
        "texts": {"name": [f"name {'abcdefghijkl'[row]}" for row in range(12)]},
        "pixels": {"label": Y, **pixels},
        "lists": {"wave": WAVES.tolist(), "label": Y},
        "stated": {"pixels": X.reshape(12, 64).tolist(), "label": Y},
    }[case]
    pq.write_table(pa.table(columns), path)
    if case in {"pixels", "stated"}:
        same(path, **({"modality": "image"} if case == "stated" else {}))
        return
    data = data_from(path).dataset
    assert data.modality.name == {"texts": "text", "lists": "series"}[case]
    if case == "lists":
        np.testing.assert_allclose(data.items[:, 0], WAVES, atol=1e-4)
        assert data.labels.tolist() == Y.tolist()


WAVES = np.sin(np.arange(20) * (1 + Y[:, None]) / 3).round(4)


def columns_of(table: str) -> dict[str, object]:
    """Columns of a Parquet file of series: a list a row, or a number a column, with a class and an age."""
    values = {"wave": WAVES.tolist()} if table == "lists" else {f"t{step}": WAVES[:, step] for step in range(20)}
    return {**values, "label": Y.tolist(), "age": (np.arange(12) / 4).tolist()}


def written(folder: Path, form: str) -> Path:
    if form == "idx":
        (folder / "waves").mkdir()
        (folder / "waves/test-items").write_bytes(idx(WAVES.astype(">f4"), 13))
        (folder / "waves/test-labels").write_bytes(idx(Y))
        return folder / "waves"
    if form == "mat":
        savemat(folder / "a.mat", {"X": WAVES, "y": Y})
        return folder / "a.mat"
    pq.write_table(pa.table(columns_of(form)), folder / "a.parquet")
    return folder / "a.parquet"


@pytest.mark.parametrize("form", every(2, ["idx", "mat", "lists", "wide"]))
def test_series_in_files_of_other_programs(form: str, tmp_path: Path) -> None:
    data = data_from(written(tmp_path, form), modality="series").dataset
    assert data.shape == (1, 20)
    np.testing.assert_allclose(data.items[:, 0], WAVES, atol=1e-4)
    assert data.labels.tolist() == Y.tolist()
    if form in {"lists", "wide"}:
        ages = data_from(tmp_path / "a.parquet", modality="series", labels="age").dataset.continuous
        assert ages is not None
        np.testing.assert_allclose(ages.values, np.arange(12) / 4)


def test_lists_of_another_length_have_missing_values_at_their_end(tmp_path: Path) -> None:
    rows = [wave[: 20 - row % 3].tolist() for row, wave in enumerate(WAVES)]
    pq.write_table(pa.table({"wave": rows}), tmp_path / "a.parquet")
    items = data_from(tmp_path / "a.parquet", modality="series").dataset.items
    assert np.isnan(items).sum() == 12
    np.testing.assert_array_equal(np.isnan(items[2, 0]), [False] * 18 + [True] * 2)
