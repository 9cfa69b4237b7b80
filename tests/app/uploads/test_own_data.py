"""Tables, series and texts of one's own: types shown and corrected, loaded, and seen with one's own model."""

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from cases import every
from own_page import Own, folder_zip

from aeviz.app import navigation
from aeviz.app.uploads import column_types, data_preview
from aeviz.app.uploads.data_preview import Pending, Wish
from aeviz.datasets.record import Dataset
from aeviz.importers import own_data as own_files
from aeviz.importers.data.answers import DataStatement
from aeviz.importers.files.filetypes import sniff
from aeviz.importers.reading import read_data
from aeviz.modalities.registry import MODALITIES
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.store import checkpoints

COUNT = 60
RNG = np.random.default_rng(0)
KINDS = ("red", "green", "blue")


def table() -> bytes:
    lines = ["id,age,size,zip,kind,class"]
    for row in range(COUNT):
        age = "" if row == 4 else f"{20 + row % 40}"
        lines.append(f"{row},{age},{row * 0.37 % 5:.2f},{8000 + row % 4},{KINDS[row % 3]},{'ab'[row % 2]}")
    return ("\n".join(lines) + "\n").encode()


def series() -> bytes:
    waves = np.sin(np.arange(16) * (1 + np.arange(COUNT)[:, None] % 3) / 3) + RNG.normal(0, 0.1, (COUNT, 16))
    return "\n".join(",".join(f"{value:.3f}" for value in wave) for wave in waves).encode()


def texts() -> bytes:
    return "\n".join(f"{'abc'[row % 3]}n{'aeo'[row % 2]}{'xyz'[row // 3 % 3]}" for row in range(COUNT)).encode()


FILES = {"table": ("mine.csv", table), "series": ("waves.csv", series), "text": ("words.txt", texts)}


def brought(modality: str) -> Own:
    name, content = FILES[modality]
    return Own(bring="data").upload((name, content()))


def trained(path: Path, tmp_path: Path, **stated: Any) -> bytes:
    """An untrained VAE, as `aeviz train vae FILE` would write it."""
    statement = DataStatement(**stated)
    data = own_files.read_file(path, statement).dataset
    torch.manual_seed(0)
    config = Config(
        family="vae", code="gaussian", shape=data.shape, modality=data.modality.name, columns=data.scale.widths,
        latent_dim=2, body="dense", hidden=(8,), dataset=data.name,
        data=own_files.stated_in_config(str(path), statement, data),
    )  # fmt: skip
    return folder_zip(checkpoints.save(Autoencoder(config), tmp_path / f"{data.name}-vae"))


def file(tmp_path: Path, modality: str) -> Path:
    name, content = FILES[modality]
    path = tmp_path / name
    path.write_bytes(content())
    return path


def loaded(own: Own) -> Dataset:
    (known,) = own.things.registry.datasets()
    return known


def select(own: Own, label: str, value: str) -> Own:
    next(box for box in own.app.selectbox if box.label == label).set_value(value)
    return own.run()


def types(own: Own) -> dict[str, str]:
    return {
        box.label.removeprefix("Type of "): str(box.value)
        for box in own.app.selectbox
        if box.label.startswith("Type of ")
    }


@pytest.mark.parametrize("modality", FILES)
def test_a_file_is_taken_for_what_it_is_and_loaded(modality: str) -> None:
    own = brought(modality)
    assert not own.errors
    assert next(box.value for box in own.app.selectbox if box.label == "Taken for") == modality
    assert "<figure" in own.html
    own.load()
    assert not own.errors
    data = loaded(own)
    assert (data.modality.name, len(data)) == (modality, COUNT)
    assert own.files() == []
    assert own.things.used == data.items.nbytes + data.labels.nbytes
    assert f"{COUNT} {MODALITIES[modality].words.plural}" in own.html
    assert "aeviz train vae" in " ".join(code.value for code in own.app.code)


def test_the_columns_are_shown_with_what_they_were_taken_for() -> None:
    own = brought("table")
    assert types(own) == {
        "id": "identifier", "age": "number", "size": "number", "zip": "number", "kind": "category", "class": "target"
    }  # fmt: skip
    assert "3 numbers, 1 category, 1 class to colour by, 1 name of the rows" in own.html
    assert "1 missing" in own.html
    assert "red · green · blue" in own.html


def test_a_type_is_corrected_and_the_classes_are_of_one_column() -> None:
    own = brought("table")
    select(own, "Type of zip", "category")
    select(own, "Type of kind", "target")
    assert types(own) == {
        "id": "identifier", "age": "number", "size": "number", "zip": "category", "kind": "target", "class": "category"
    }  # fmt: skip
    own.load()
    data = loaded(own)
    assert data.label_names == ("blue", "green", "red")
    assert MODALITIES["table"].facets(data.scale) == ("age", "size", "zip", "class")
    command = next(code.value for code in own.app.code)
    assert command.endswith("--column zip=category kind=target")
    select_again = brought("table")
    assert types(select_again)["zip"] == "number"


def test_what_it_is_taken_for_can_be_corrected() -> None:
    own = select(brought("series"), "Taken for", "table")
    assert not own.errors
    assert types(own)["column 1"] == "number"
    own.load()
    assert loaded(own).modality.name == "table"
    assert "--modality table" in next(code.value for code in own.app.code)


def test_rate_and_unit_of_series_are_stated() -> None:
    own = brought("series")
    next(box for box in own.app.number_input if box.label.startswith("Values a second")).set_value(8.0)
    next(box for box in own.app.text_input if box.label == "Unit of a value").set_value("mV")
    own.run().load()
    scale: Any = loaded(own).scale
    assert (scale.unit, scale.step, scale.time_unit) == ("mV", 1 / 8, "s")
    assert "--rate 8.0 --unit mV" in next(code.value for code in own.app.code)


@pytest.mark.parametrize(("shape", "modality"), [((20, 7), "series"), ((20, 1, 9), "series"), ((20, 28, 28), "image")])
@pytest.mark.long
def test_an_array_that_is_no_pictures_is_taken_for_what_it_can_be(shape: tuple[int, ...], modality: str) -> None:
    buffer = io.BytesIO()
    np.save(buffer, RNG.random(shape).astype(np.float32))
    own = Own(bring="data").upload(("mine.npy", buffer.getvalue()))
    assert not own.errors
    assert next(box.value for box in own.app.selectbox if box.label == "Taken for") == modality
    own.load()
    assert loaded(own).modality.name == modality


def test_an_array_of_rows_is_a_table_where_that_is_said() -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.column_stack([RNG.normal(size=(COUNT, 4)), np.arange(COUNT) % 3]))
    own = Own(bring="data").upload(("rows.npy", buffer.getvalue()))
    assert "taken for series instead" in own.app.warning[0].value
    select(select(own, "Taken for", "table"), "Type of column 5", "target").load()
    data = loaded(own)
    assert (data.modality.name, data.shape, data.label_names) == ("table", (4,), ("0", "1", "2"))
    command = next(code.value for code in own.app.code)
    assert command == "aeviz train vae rows.npy --latent-dim 2 --modality table --column 'column 5=target'"


BAD = {
    "binary.csv": (b"\x00\xff\xfe\x01" * 50, ""),
    "short.csv": (b"a,b\n1,2\n3,4\n", "too few"),
    "empty.txt": (b"", ""),
    "few.txt": (b"anna\nbert\n", "too few"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.long
def test_what_cannot_be_read_is_told_and_what_was_open_stays(name: str) -> None:
    content, said = BAD[name]
    own = brought("table")
    own.upload((name, content))
    assert own.errors
    assert said in own.errors
    assert "What a model will see of mine" in own.html
    assert not own.app.exception
    own.load()
    assert len(loaded(own)) == COUNT


def test_what_can_be_read_in_another_way_alone_is_read_so_and_told() -> None:
    own = Own(bring="data").upload(("constant.csv", b"a,b\n" + b"1,2\n" * 30))
    assert not own.errors
    (told,) = own.app.warning
    assert "of its 2 columns none is of use" in told.value
    assert "taken for texts instead" in told.value


def test_a_statement_that_does_not_fit_is_told_and_taken_back() -> None:
    own = brought("table")
    for column in ("age", "size", "zip", "kind"):
        select(own, f"Type of {column}", "ignored")
        if own.errors:
            break
    assert "two numbers or categories" in own.errors
    assert not [button for button in own.app.button if button.label == "Load"]
    own.press("Take the columns as they were found")
    assert not own.errors
    assert types(own)["age"] == "number"


@pytest.mark.parametrize("modality", FILES)
@pytest.mark.parametrize("first", ["model", "data"])
@pytest.mark.long
def test_a_model_trained_on_the_file_meets_it(modality: str, first: str, tmp_path: Path) -> None:
    path = file(tmp_path, modality)
    zipped = trained(path, tmp_path)
    own = Own(bring=first)
    for kind in (first, "model" if first == "data" else "data"):
        own.app.query_params["bring"] = kind
        own.run()
        if kind == "model":
            own.upload(("mine-vae.zip", zipped))
        else:
            own.upload((path.name, path.read_bytes())).load()
        assert not own.errors
    data = loaded(own)
    (model,) = own.things.models.values()
    assert list(model.names) == [data.name]
    assert own.app.session_state["choice"].dataset == data.name


@pytest.mark.parametrize("modality", every(3, FILES))
def test_every_page_shows_ones_own_data_and_model(modality: str, tmp_path: Path) -> None:
    path = file(tmp_path, modality)
    own = Own().upload(("mine-vae.zip", trained(path, tmp_path)))
    assert f"bring the file it was trained on, {path.name}" in " ".join(box.value for box in own.app.warning)
    own.app.query_params["bring"] = "data"
    own.run().upload((path.name, path.read_bytes())).load()
    for page in navigation.ENTRIES:
        app = own.visit(page)
        assert app.session_state["choice"].left.label == "mine-vae"
        words = re.sub(r"base64,[A-Za-z0-9+/=]*", "", own.html)  # pictures may spell anything
        assert "nan" not in words.replace("banan", "")


def test_a_file_is_read_as_for_the_model_that_was_trained_on_it(tmp_path: Path) -> None:
    path = file(tmp_path, "table")
    own = Own().upload(("mine-vae.zip", trained(path, tmp_path, columns={"zip": "category", "kind": "ignored"})))
    own.app.query_params["bring"] = "data"
    own.run().upload((path.name, path.read_bytes()))
    assert "Read as for your model" in own.html
    assert (types(own)["zip"], types(own)["kind"]) == ("category", "ignored")
    own.load()
    assert list(next(iter(own.things.models.values())).names) == [loaded(own).name]


@pytest.mark.long
def test_a_model_of_other_columns_is_not_offered(tmp_path: Path) -> None:
    other = tmp_path / "mine.csv"
    other.write_bytes(table().replace(b"age,size", b"length,weight"))
    own = Own().upload(("other-vae.zip", trained(other, tmp_path)))
    own.app.query_params["bring"] = "data"
    own.run().upload(("mine.csv", table())).load()
    (model,) = own.things.models.values()
    assert model.names == {}
    assert model.loaded.model.config.shape == loaded(own).shape
    assert "aeviz train vae mine.csv --latent-dim 2" in next(code.value for code in own.app.code)


@pytest.mark.long
def test_models_of_the_shipped_tables_are_not_offered_for_another_of_their_width() -> None:
    rows = "\n".join(",".join(f"{value:.3f}" for value in row) for row in RNG.normal(size=(COUNT, 9)))
    names = ",".join(f"sensor {n}" for n in range(9))
    own = Own(bring="data").upload(("nine.csv", f"{names}\n{rows}\n".encode())).load()
    assert loaded(own).shape == (9,)
    assert own.things.registry.cards() == []


def test_many_columns_are_shown_in_parts() -> None:
    count = column_types.AT_ONCE + 5
    head = ",".join(f"c{n}" for n in range(count))
    rows = "\n".join(",".join(f"{value:.2f}" for value in row) for row in RNG.normal(size=(20, count)))
    own = Own(bring="data").upload(("wide.csv", f"{head}\n{rows}\n".encode()))
    select(own, "Type of c2", "ignored")
    assert len(types(own)) == column_types.AT_ONCE
    next(box for box in own.app.selectbox if box.label == "Show").set_value(column_types.AT_ONCE)
    own.run()
    assert list(types(own)) == [f"c{n}" for n in range(column_types.AT_ONCE, count)]
    own.load()
    assert loaded(own).shape == (count - 1,)


def test_the_command_says_how_a_file_was_read(tmp_path: Path) -> None:
    source = sniff(file(tmp_path, "table"))
    pending = Pending("data-1", source, "mine", uploaded=True, modality="table", found="table")
    plain = Wish(source, "mine", DataStatement(modality="table"))
    assert data_preview.command(pending, plain) == "aeviz train vae mine.csv --latent-dim 2"
    stated = DataStatement(modality="table", header=False, delimiter=";", encoding="cp1252", columns={"a b": "target"})
    assert data_preview.command(pending, Wish(source, "mine", stated)) == (
        "aeviz train vae mine.csv --latent-dim 2 --delimiter ';' --encoding cp1252 --no-header --column 'a b=target'"
    )


def test_a_text_is_read_once_for_its_preview_and_once_for_each_change(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def counted(source: Any, statement: DataStatement, **more: Any) -> Any:
        read.append(statement.most)
        return read_data(source, statement, **more)

    own = Own(bring="data")
    monkeypatch.setattr(data_preview, "read_data", counted)
    own.upload(("mine.csv", table()))
    assert read == [data_preview.PREVIEWED]
    own.run()
    select(own, "Type of zip", "category")
    assert read == [data_preview.PREVIEWED] * 2


def test_a_table_counts_against_the_quota() -> None:
    own = brought("table")
    assert own.things.used == len(table())
    own.press("Never mind")
    assert own.things.used == 0
    assert own.files() == []


def test_another_column_gives_the_labels_after_loading() -> None:
    factors = np.stack([np.arange(COUNT) % 2, np.arange(COUNT) % 3, np.linspace(0, 1, COUNT)], 1)
    packed = io.BytesIO()
    np.savez(packed, images=RNG.random((COUNT, 8, 8)), latents_values=factors)
    own = Own(bring="data").upload(("sprites.npz", packed.getvalue())).load()
    assert (loaded(own).label_column, loaded(own).label_names) == ("latents_values 1", ("0", "1"))
    items = loaded(own).items
    select(own, "Labels", "latents_values 2")
    assert loaded(own).label_names == ("0", "1", "2")
    select(own, "Labels", "latents_values 3")
    assert not own.errors
    data = loaded(own)
    assert data.continuous is not None
    np.testing.assert_allclose(data.continuous.values, factors[:, 2], rtol=1e-6)
    assert data.facets == ("latents_values 1", "latents_values 2")
    assert data.items is items
