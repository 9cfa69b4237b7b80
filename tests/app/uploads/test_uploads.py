"""Bringing models and data of one's own: taken, shown, offered, refused, removed, and gone with the session."""

import gc
import io
import json
import os
import pickle
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from own_page import Own, charged, folder_zip, zipped
from PIL import Image
from waiting import TIMEOUT_S, until

from aeviz.app import caches
from aeviz.app.jobs import Job
from aeviz.app.uploads import (
    data_panel,
    data_preview,
    files,
    folder,
    matching,
    model_panel,
    own_machine,
    quota,
    session,
)
from aeviz.app.uploads.quota import Account, Ledger, QuotaError
from aeviz.app.uploads.session import Uploads
from aeviz.importers.data.answers import DataStatement
from aeviz.importers.files import archives, filetypes
from aeviz.importers.files.filetypes import Sniffed, sniff
from aeviz.importers.models import state_dict as state_dicts
from aeviz.latent.explorer import Explorer
from aeviz.modalities.image.record import IMAGE
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.store import checkpoints
from aeviz.store.hub import is_name

ROOT = Path(__file__).parents[3]
FIXTURES = Path(__file__).parents[2] / "importers" / "fixtures"
PAGES = ("home", "map", "decode", "interpolate", "repair", "about")


# --- What is brought ---


def aeviz_zip(tmp_path: Path, name: str = "brought", shape: tuple[int, int, int] = (1, 28, 28)) -> bytes:
    torch.manual_seed(0)
    config = Config(
        family="vae", shape=shape, latent_dim=3, code="gaussian", body="dense", hidden=(8,), dataset="mnist"
    )
    return folder_zip(checkpoints.save(Autoencoder(config), tmp_path / name))


def state_dict(hidden: int = 6, features: int = 784, names: str = "fc1 fc21 fc22 fc3 fc4") -> dict[str, torch.Tensor]:
    sizes = [(features, hidden), (hidden, 2), (hidden, 2), (2, hidden), (hidden, features)]
    generator = torch.Generator().manual_seed(1)
    found = {}
    for name, (before, after) in zip(names.split(), sizes, strict=True):
        found[f"{name}.weight"] = torch.randn(after, before, generator=generator) * 0.05
        found[f"{name}.bias"] = torch.zeros(after)
    return found


def saved(value: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def png(level: int, size: tuple[int, int] = (20, 14)) -> bytes:
    picture = Image.new("L", size, 0)
    picture.paste(level, (5, 3, 15, 11))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def picture_zip(count: int = 24) -> bytes:
    return zipped({f"set/{'ab'[row % 2]}/{row:03}.png": png(60 + 5 * row) for row in range(count)})


class Bomb:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self.path}",)


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    gc.collect()


def test_an_aeviz_zip_stands_beside_ours_on_every_page(tmp_path: Path) -> None:
    own = Own().upload(("brought.zip", aeviz_zip(tmp_path)))
    assert not own.app.error
    assert own.models == ["brought"]
    left, right = own.pair
    assert left.startswith("mnist-brought")  # a name is given once in a process
    assert right == "mnist-vae"
    assert "Not offered for Emoji" in own.html
    assert {"ok", "note", "warning"} & set(own.html.split('<li class="')[1].split('"')[:1])
    assert any(word in own.html for word in ("Sound", "Note", "Warning"))
    for page in PAGES:
        app = own.visit(page)
        assert app.session_state["choice"].left.label == "brought"


def test_weights_alone_show_what_was_found_out_and_can_be_stated_otherwise() -> None:
    own = Own().upload(("example.pt", saved(state_dict())))
    assert own.models == ["example"]
    assert "Input scaling" in own.html
    own.press("Change the settings")
    scaling = next(box for box in own.app.selectbox if box.label == "Input scaling")
    assert scaling.value in ("unit", "signed", "standard")
    scaling.set_value("signed")
    own.press("Load with these settings")
    (model,) = own.things.models.values()
    assert model.loaded.statement.scaling == "signed"
    assert own.models == ["example"]
    assert "Input scaling [−1, 1]: as stated" in own.html


def test_what_the_weights_do_not_tell_is_asked_for() -> None:
    own = Own().upload(("flat.pt", saved(state_dict(features=600))))
    assert not own.models
    (warning,) = (warning.value for warning in own.app.warning)
    assert "600" in warning
    for label, value in (("Height", 20), ("Width", 20)):
        next(box for box in own.app.number_input if box.label == label).set_value(value)
    own.press("Load with these settings")
    assert not own.models
    assert "400" in " ".join(warning.value for warning in own.app.warning)
    for label, value in (("Height", 20), ("Width", 30)):
        next(box for box in own.app.number_input if box.label == label).set_value(value)
    own.press("Load with these settings")
    assert own.models == ["flat"]
    (model,) = own.things.models.values()
    assert model.loaded.model.config.shape == (1, 20, 30)
    assert not model.names
    assert "not offered on any page yet" in " ".join(warning.value for warning in own.app.warning)


@pytest.mark.long
def test_a_model_that_waits_can_be_given_up() -> None:
    own = Own().upload(("flat.pt", saved(state_dict(features=600))))
    own.press("Never mind")
    assert not own.app.warning
    assert own.things.used == 0
    assert own.files() == []


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.long
def test_a_pythae_model_as_zip_or_as_its_files(packed: bool) -> None:
    content = (FIXTURES / "pythae-vae.zip").read_bytes()
    if packed:
        own = Own().upload(("pythae-vae.zip", content))
    else:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            own = Own().upload(*((Path(name).name, archive.read(name)) for name in names))
    assert not own.errors
    (model,) = own.things.models.values()
    assert model.loaded.origin == "pythae"
    assert "of pythae" in own.html


def test_what_is_damaged_or_dangerous_is_refused_and_what_was_there_stays(tmp_path: Path) -> None:
    own = Own().upload(("example.pt", saved(state_dict())))
    used, files, pair = own.things.used, own.files(), own.pair
    ran = tmp_path / "ran"
    broken = zipped({"brought/config.json": b"{", "brought/model.safetensors": b"\0" * 40})
    for name, content, said in (
        ("bomb.pt", pickle.dumps(Bomb(ran)), "pickle"),
        ("bomb.pt", saved({"fc1.weight": Bomb(ran)}), "nothing is built or run"),
        ("up.zip", zipped({"../up.json": b"{}"}), "leads out of its folder"),
        ("cut.pt", saved(state_dict())[:2000], "damaged"),
        ("brought.zip", broken, "config.json"),
        ("empty.zip", b"", "empty"),
        ("nan.pt", saved({**state_dict(), "fc3.bias": torch.full((6,), torch.nan)}), "NaN"),
        ("other.pt", saved({"layer.weight": torch.zeros(3, 3)}), "layer"),
    ):
        own.upload((name, content))
        assert said in own.errors, (name, own.errors)
        assert "Traceback" not in own.errors
        assert (own.things.used, own.files(), own.pair, own.models) == (used, files, pair, ["example"])
    assert not ran.exists()


def test_a_model_is_removed_with_its_files_and_its_share(tmp_path: Path) -> None:
    own = Own().upload(("brought.zip", aeviz_zip(tmp_path)))
    assert own.things.used > 0
    assert own.files()
    own.press("Remove")
    assert own.things.used == 0
    assert own.files() == []
    assert own.pair[0] == "mnist-ae"


def test_pictures_are_previewed_loaded_and_seen_by_all_that_fit(tmp_path: Path) -> None:
    own = Own(bring="data").upload(("set.zip", picture_zip()))
    assert "What a model will see of set" in own.html
    assert own.html.count("<figure>") == 16
    assert not own.things.data
    own.load()
    assert not own.errors
    (data,) = own.things.data.values()
    assert (data.count, data.shape) == (24, (1, 28, 28))
    assert own.files() == []
    assert own.things.used == 24 * (784 * 4 + 8 + 4)  # items, classes, and the labels as a colour
    titles = own.app.selectbox(key="left").options
    assert any("(MNIST)" in title for title in titles)
    assert any("(Fashion-MNIST)" in title for title in titles)
    app = own.visit("map")
    assert app.session_state["choice"].dataset == data.name
    assert app.segmented_control(key="method").value == "pca"
    assert not [button for button in app.button if "Compute" in button.label]
    app.segmented_control(key="method").set_value("tsne")
    own.run()
    assert [button.label for button in app.button if "Compute" in button.label] == ["Compute these maps"]
    own.visit("decode")
    own.visit("your-own")
    own.app.query_params["bring"] = "model"
    own.run().upload(("brought.zip", aeviz_zip(tmp_path)))
    assert set(next(iter(own.things.models.values())).names) == {data.name, "mnist", "fashion"}
    own.app.query_params["bring"] = "data"
    own.run().press("Remove")
    assert not own.things.data
    assert set(next(iter(own.things.models.values())).names) == {"mnist", "fashion"}
    assert own.app.session_state["choice"].dataset == "mnist"


def test_a_model_of_another_shape_is_not_offered_for_the_data(tmp_path: Path) -> None:
    own = Own().upload(("small.zip", aeviz_zip(tmp_path, "small", (1, 14, 20))))
    assert "not offered on any page yet" in " ".join(warning.value for warning in own.app.warning)
    own.app.query_params["bring"] = "data"
    own.run().upload(("set.zip", picture_zip()))
    fit = next(box for box in own.app.selectbox if box.label == "Fit to")
    assert fit.value.startswith("20 × 14, grey")
    own.load()
    (data,) = own.things.data.values()
    assert data.shape == (1, 14, 20)
    assert own.app.session_state["choice"].dataset == data.name
    assert own.app.selectbox(key="left").options == ["small"]


def test_arrays_and_single_pictures_are_data_too() -> None:
    buffer = io.BytesIO()
    np.savez(buffer, items=np.random.default_rng(0).integers(0, 255, (30, 28, 28), np.uint8), labels=np.arange(30) % 3)
    own = Own(bring="data").upload(("arrays.npz", buffer.getvalue())).load()
    own.upload(*((f"{row}.png", png(100 + row)) for row in range(9))).load()
    assert [(data.title, data.count) for data in own.things.data.values()] == [("arrays", 30), ("My pictures", 9)]


def test_bad_data_are_refused_and_a_preview_stays(tmp_path: Path) -> None:
    own = Own(bring="data").upload(("set.zip", picture_zip()))
    ran = tmp_path / "ran"
    objects = io.BytesIO()
    np.save(objects, np.array([Bomb(ran)], object), allow_pickle=True)
    for name, content, said in (
        ("objects.npy", objects.getvalue(), "Python objects"),
        ("notes.zip", zipped({"a.txt": b"hello"}), "no pictures"),
        ("cut.png", png(99)[:60], "cannot be read"),
        ("up.zip", zipped({"../a.png": png(1)}), "leads out"),
    ):
        own.upload((name, content))
        assert said in own.errors, (name, own.errors)
        assert "What a model will see of set" in own.html
    assert not ran.exists()
    own.load()
    assert len(own.things.data) == 1
    own.upload(("few.zip", picture_zip(3))).load()
    assert "too few" in own.errors
    assert len(own.things.data) == 1


def test_a_load_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    pressed = threading.Event()

    def slow(self: data_preview.Wish, most: int, most_bytes: int, progress: Any = None) -> Any:
        pressed.wait(TIMEOUT_S)
        progress(0.3, "Reading")

    own = Own(bring="data").upload(("set.zip", picture_zip()))
    monkeypatch.setattr(data_preview.Wish, "read", slow)
    own.press("Load")
    job = own.app.session_state[data_panel.JOB]
    assert not job.done
    assert "Stop" in [button.label for button in own.app.button]
    own.press("Stop")
    pressed.set()
    assert until(lambda: job.done)
    monkeypatch.undo()
    own.run()
    assert job.result is None
    assert "What a model will see of set" in own.html
    assert not own.things.data


# --- What nobody thought of ---


def deep_zip(tmp_path: Path) -> bytes:
    """An aeviz model whose config can be read but not copied."""
    deep: Any = {}
    for _ in range(900):
        deep = {"a": deep}
    with zipfile.ZipFile(io.BytesIO(aeviz_zip(tmp_path))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(files["brought/config.json"])
    return zipped({**files, "brought/config.json": json.dumps({**config, "training": deep}).encode()})


@pytest.mark.long
def test_models_that_nothing_can_be_made_of_are_refused_in_words(tmp_path: Path) -> None:
    names = ("encoder.0.0.weight", "fc_mu.weight", "final_layer.3.weight")
    own = Own()
    for name, content, said in (
        ("deep.zip", deep_zip(tmp_path), "objects within objects"),
        ("scalar.pt", saved({name: torch.zeros(()) for name in names}), "No layout"),
    ):
        own.upload((name, content))
        assert said in own.errors, (name, own.errors)
        assert (own.models, own.things.registry.cards(), own.things.used) == ([], [], 0)
        assert own.run().errors == ""


@pytest.mark.parametrize("where", ["read_model", "examine", "put"])
@pytest.mark.long
def test_an_error_that_nobody_thought_of_is_told_once_and_leaves_nothing(
    where: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*arguments: object, **more: object) -> None:
        raise ZeroDivisionError("secret")

    own = Own()
    module: Any = {"read_model": model_panel, "examine": matching, "put": files}[where]
    monkeypatch.setattr(module, where, fail)
    own.upload(("example.pt", saved(state_dict())))
    assert "example cannot be read" in own.errors
    assert "secret" not in own.errors
    assert "secret" in caplog.text
    assert (own.models, own.things.registry.cards(), own.things.used, own.files()) == ([], [], 0, [])
    assert own.run().errors == ""


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.long
def test_data_that_nobody_thought_of_are_refused_once(
    many: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(source: object, statement: DataStatement, **more: object) -> Any:
        if statement.most > 1 or not many:
            raise ZeroDivisionError("secret")
        return SimpleNamespace(dataset=SimpleNamespace(modality=IMAGE))

    own = Own(bring="data")
    monkeypatch.setattr(data_preview, "read_data", fail)
    own.upload(("set.zip", picture_zip()))
    assert "set cannot be read" in own.errors
    assert "secret" not in own.errors
    assert "secret" in caplog.text
    assert (own.run().errors == "") is not many  # a preview goes on to say why there is none
    assert len(own.files()) == many


def test_a_path_that_cannot_be_looked_at_is_none(tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    for text in ("~nosuch/x", "a/" + 300 * "b", "a\0b", str(tmp_path / "circle"), str(tmp_path / "missing")):
        assert files.named(text) is None
    assert files.named(str(tmp_path)) == sniff(tmp_path)


@pytest.mark.parametrize("local", [False, True])
def test_texts_that_lead_nowhere_are_refused_in_words(local: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "may_name_paths", lambda: local)
    own = Own()
    for text in ("~nosuch/x", 300 * "b"):
        own.app.text_input(key="own-model-text").set_value(text)
        own.press("Load")
        assert "no Hugging Face id" in own.errors
    if local:
        own.app.query_params["bring"] = "data"
        own.run().app.text_input(key="own-data-text").set_value("~nosuch/x")
        own.press("Look")
        assert "no such file or folder" in own.errors


# --- Bounds ---


def unclear_zip(size: int) -> bytes:
    """A small file that unpacks to a large one, beside weights of a shape that must be stated."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("weights.pt", saved(state_dict(features=600)))
        archive.writestr("filling", bytes(size))
    return buffer.getvalue()


@pytest.mark.long
def test_what_waits_to_be_stated_is_counted_and_goes_with_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(quota.VARIABLE, "9,20")
    own = Own()
    for _ in range(3):
        own.upload(("flat.zip", unclear_zip(5_000_000)))
        assert [warning for warning in own.app.warning if "600" in warning.value]
        held = sum(path.stat().st_size for path in own.files())
        assert 5_000_000 < own.things.used == held < 6_000_000
    own.upload(("flat.zip", unclear_zip(8_990_000)))
    assert "room" in own.errors or "left" in own.errors or "unpacks" in own.errors
    own.upload(("example.pt", saved(state_dict())))
    assert own.models == ["example"]
    assert sum(path.stat().st_size for path in own.files()) < own.things.used < 1_000_000


@pytest.mark.long
def test_a_model_that_waits_can_be_stated_where_there_is_no_room_for_it_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(quota.VARIABLE, "6,20")
    own = Own().upload(("flat.zip", unclear_zip(5_000_000)))
    for label, value in (("Height", 20), ("Width", 30)):
        next(box for box in own.app.number_input if box.label == label).set_value(value)
    own.press("Load with these settings")
    assert own.models == ["flat"]


@pytest.mark.long
def test_what_is_being_loaded_is_counted_from_the_start() -> None:
    own = Own(bring="data").upload(("set.zip", picture_zip()))
    file = own.things.used
    size = 24 * (784 * 4 + 8)
    assert file < size
    with files.READING.wait(), files.READING.wait():  # it is still to be read when the page has been drawn
        own.press("Load")
        assert own.things.used == size
        job: Job[Any] = own.app.session_state[data_panel.JOB]
    assert until(lambda: job.done)
    own.visit("about")
    assert own.things.used == size
    own.visit("your-own")
    own.app.query_params["bring"] = "data"
    own.run()
    assert len(own.things.data) == 1
    assert own.things.used == size + 24 * 4  # with the labels as a colour


@pytest.mark.long
def test_room_kept_for_a_load_is_given_back_where_it_fails() -> None:
    own = Own(bring="data").upload(("few.zip", picture_zip(3)))
    file = own.things.used
    own.load()
    assert "too few" in own.errors
    assert own.things.used == file


@pytest.mark.long
def test_a_load_does_not_start_where_others_took_the_room() -> None:
    own = Own(bring="data").upload(("set.zip", picture_zip()))
    file = own.things.used
    others = [Uploads(lambda name: None) for _ in range(4)]
    for other in others:
        other.charge("a", max(0, other.left - 10_000))
    own.press("Load")
    assert "visitors of this server" in own.errors
    assert data_panel.JOB not in own.app.session_state
    assert own.things.used == file
    for other in others:
        other.close()


@pytest.mark.parametrize("bring", ["model", "data"])
@pytest.mark.long
def test_reading_waits_for_a_turn(bring: str, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Own(bring=bring)
    monkeypatch.setattr(files.READING, "timeout_s", 0.05)
    brought = {"model": ("example.pt", saved(state_dict())), "data": ("set.zip", picture_zip())}
    with files.READING.wait(), files.READING.wait():
        own.upload(brought[bring])
        assert "other visitors" in own.errors
        assert own.things.used == 0
    own.upload(brought[bring])
    assert not own.errors


@pytest.mark.long
def test_arrays_and_weights_unpack_to_no_more_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(quota.VARIABLE, "1,3")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, x=np.zeros((200, 200, 200), np.uint8))  # too large a row to keep enough of them
    own = Own(bring="data").upload(("zeros.npz", buffer.getvalue()))
    assert "bytes" in own.errors
    assert own.things.used == 0
    own.app.query_params["bring"] = "model"
    packed = io.BytesIO()
    zeros = {key: torch.zeros_like(value) for key, value in state_dict(hidden=20_000).items()}
    with (
        zipfile.ZipFile(io.BytesIO(saved(zeros))) as archive,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as copy,
    ):
        for name in archive.namelist():
            copy.writestr(name, archive.read(name))
    assert len(packed.getvalue()) < 1_000_000
    monkeypatch.setattr(torch, "load", lambda *arguments, **more: pytest.fail("It was unpacked."))
    own.run().upload(("zeros.pt", packed.getvalue()))
    assert "there is room for" in own.errors
    assert own.things.used == 0


def test_weights_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Sniffed] = []
    real = state_dicts.read_weights

    def count(file: Sniffed, *more: Any) -> Any:
        read.append(file)
        return real(file, *more)

    monkeypatch.setattr(state_dicts, "read_weights", count)
    own = Own().upload(("example.pt", saved(state_dict())))
    assert own.models == ["example"]
    assert len(read) == 1


@pytest.mark.parametrize("bring", ["model", "data"])
def test_a_file_is_told_what_it_is_once(bring: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = {"model": (FIXTURES / "pythae-vae.zip").read_bytes(), "data": picture_zip()}[bring]
    seen: list[bytes | str] = []
    real = filetypes.type_of

    def count(source: Path | bytes) -> filetypes.FileType:
        seen.append(source if isinstance(source, bytes) else source.name)
        return real(source)

    for module in (filetypes, archives):
        monkeypatch.setattr(module, "type_of", count)
    own = Own(bring=bring).upload(("brought.zip", content))
    assert not own.errors
    if bring == "data":
        own.load()
        assert len(own.things.data) == 1
    assert [what for what in seen if what == content or what == "brought.zip"] == [content]
    assert len(seen) == len(set(seen))


# --- Belonging to a session ---


@pytest.mark.long
def test_removing_an_upload_lets_nobody_else_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[str] = []
    real = Explorer.codes

    def count(self: Explorer, *arguments: Any) -> Any:
        encoded.append(self.name)
        return real(self, *arguments)

    monkeypatch.setattr(Explorer, "codes", count)
    first, second = Own().upload(("first.pt", saved(state_dict()))), Own().upload(("second.pt", saved(state_dict())))
    for own in (first, second):
        own.visit("decode")
    mine, theirs = first.pair[0], second.pair[0]
    assert {mine, theirs} <= set(encoded)
    assert second.things.used > second.things.account.charged, "what the page computed counts"
    first.visit("your-own")
    first.press("Remove")
    encoded.clear()
    second.visit("decode")
    second.visit("map")
    assert encoded == [], "the other's codes stayed, and ours"
    assert caches.bytes_of([mine]) == 0
    assert caches.bytes_of([theirs]) > 0


def test_after_the_end_nothing_is_counted_or_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    own = Uploads(lambda name: None)
    own.folder("a")
    total = charged()
    own.close()
    for action in (lambda: own.charge("a", 1_000), lambda: own.folder("a")):
        with pytest.raises(QuotaError, match="has ended"):
            action()
    assert quota.ledger.total == total
    assert own.account.folder is None


def test_a_session_collected_while_another_is_charged_gives_its_share_back() -> None:
    total = charged()
    gone, stays = Uploads(lambda name: None), Uploads(lambda name: None)
    gone.charge("a", 5_000)

    class Sizes(dict[str, int]):
        def values(self) -> Any:
            gone.account.close()  # as the collector may, at any moment
            return super().values()

    stays.account.sizes = Sizes()
    stays.charge("b", 1_000)
    assert quota.ledger.total == total + 1_000
    stays.close()


def test_two_sessions_never_see_each_others_things(tmp_path: Path) -> None:
    mine = Own().upload(("brought.zip", aeviz_zip(tmp_path)))
    other = Own(left="brought", right="brought")
    assert "brought" not in "".join(other.app.selectbox(key="left").options)
    assert other.pair == ("mnist-ae", "mnist-vae")
    other.upload(("brought.zip", aeviz_zip(tmp_path)))
    assert mine.pair[0] != other.pair[0]
    assert mine.things.account.folder != other.things.account.folder


def test_what_was_brought_goes_with_the_session(tmp_path: Path) -> None:
    own = Own().upload(("brought.zip", aeviz_zip(tmp_path)))
    things = own.things
    folder = things.account.folder
    assert folder is not None
    assert folder.stat().st_mode & 0o077 == 0
    assert folder.parent.stat().st_mode & 0o077 == 0
    total = charged()
    things.close()
    assert not folder.exists()
    assert quota.ledger.total < total
    assert own.run().pair == ("mnist-ae", "mnist-vae")


def test_a_session_that_is_collected_leaves_nothing() -> None:
    gone: list[str] = []
    total = charged()
    own = Uploads(gone.append)
    own.charge("a", 1000)
    folder = own.folder("a")
    own.own("mnist-a")
    del own
    gc.collect()
    assert not folder.exists()
    assert gone == ["mnist-a"]
    assert quota.ledger.total == total


def test_those_who_stay_away_lose_what_they_brought() -> None:
    stays, leaves = Uploads(lambda name: None), Uploads(lambda name: None)
    now = time.monotonic()
    watcher = session.Watcher()
    watcher.add("stays", stays)
    watcher.add("leaves", leaves)
    watcher.close_absent({"stays"}.__contains__, now + 60)
    assert not leaves.closed
    watcher.close_absent({"stays"}.__contains__, now + 60 + session.disconnect_ttl_s())
    assert leaves.closed
    assert not stays.closed


def test_the_quota_counts_files_and_arrays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(quota.VARIABLE, "1,3")
    own = Own(bring="data")
    noise = np.random.default_rng(0).integers(0, 255, (900, 28, 28), np.uint8)
    buffer = io.BytesIO()
    np.save(buffer, noise)
    own.upload(("noise.npy", buffer.getvalue()))
    assert "There is room for 203 items" in own.html
    own.load()
    assert [data.count for data in own.things.data.values()] == [203]
    assert own.things.used < 1_000_000
    own.upload(("noise.npy", buffer.getvalue()))
    assert "MB left of" in own.errors
    assert len(own.things.data) == 1
    assert "0.6 MB of 1.0 MB in use" in own.html


def test_the_process_has_a_quota_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(quota.VARIABLE, "2,3")
    monkeypatch.setattr(quota, "ledger", Ledger())
    first, second = Uploads(lambda name: None), Uploads(lambda name: None)
    first.charge("a", 2_000_000)
    with pytest.raises(QuotaError, match="you have"):
        first.charge("b", 1)
    with pytest.raises(QuotaError, match="visitors of this server"):
        second.charge("a", 1_500_000)
    assert second.left == 1_000_000
    first.drop("a")
    second.charge("a", 1_500_000)


@pytest.mark.skipif(os.name != "posix", reason="file locks of POSIX")
def test_leftovers_of_killed_processes_are_swept(tmp_path: Path) -> None:
    import fcntl

    old = time.time() - 2 * folder.MIN_AGE_S
    for name in ("dead", "alive", "young"):
        left_behind = tmp_path / f"{folder.PREFIX}{name}"
        left_behind.mkdir()
        (left_behind / folder.LOCK).touch()
        (left_behind / "weights").write_bytes(b"1")
        if name != "young":
            os.utime(left_behind, (old, old))
    (tmp_path / f"{folder.PREFIX}link").symlink_to(tmp_path / "elsewhere")
    with (tmp_path / f"{folder.PREFIX}alive" / folder.LOCK).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert folder.sweep(tmp_path) == 1
    left = sorted(path.name.removeprefix(folder.PREFIX) for path in tmp_path.iterdir())
    assert left == ["alive", "link", "young"]


# --- By path and by name ---


@pytest.mark.parametrize(
    ("address", "headers", "allowed"),
    [
        ("127.0.0.1", {"Host": "localhost:8501"}, True),
        ("::1", {"Host": "[::1]:8501"}, True),
        ("0.0.0.0", {"Host": "localhost:8501"}, False),
        ("", {"Host": "localhost:8501"}, False),
        ("127.0.0.1", {"Host": "aeviz.school:80"}, False),
        ("127.0.0.1", {"Host": "localhost:8501", "X-Forwarded-For": "10.0.0.7"}, False),
        ("127.0.0.1", {}, False),
    ],
)
def test_paths_are_for_those_at_the_machine_alone(
    monkeypatch: pytest.MonkeyPatch, address: str, headers: dict[str, str], allowed: bool
) -> None:
    context = type("Context", (), {"headers": headers, "ip_address": None})()
    monkeypatch.setattr(own_machine.st, "get_option", lambda name: address)
    monkeypatch.setattr(own_machine.st, "context", context)
    assert files.may_name_paths() is allowed
    monkeypatch.setenv(files.VARIABLE, "0")
    assert not files.may_name_paths()


def test_a_model_by_path_where_that_is_allowed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "weights.pt").write_bytes(saved(state_dict()))
    own = Own()
    assert own.app.text_input(key="own-model-text").label == "Or a Hugging Face id"
    own.app.text_input(key="own-model-text").set_value(str(tmp_path / "weights.pt"))
    own.press("Load")
    assert "no Hugging Face id" in own.errors
    assert not own.models
    monkeypatch.setattr(files, "may_name_paths", lambda: True)
    own.run().app.text_input(key="own-model-text").set_value(str(tmp_path / "weights.pt"))
    own.press("Load")
    assert own.models == ["weights"]


@pytest.mark.long
def test_an_id_never_leads_to_a_folder_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def model_info(self: object, name: str, **options: object) -> None:
        asked.append(name)
        raise ConnectionError("no network")

    monkeypatch.setattr("huggingface_hub.HfApi.model_info", model_info)
    monkeypatch.chdir(ROOT)
    own = Own()
    own.app.text_input(key="own-model-text").set_value("models/mnist-ae")
    own.press("Load")
    assert asked == ["models/mnist-ae"]
    assert "no network here" in own.errors
    assert not own.models


@pytest.mark.parametrize("text", ["../etc", "a/b/c", "/etc/passwd", "a", "a/..", "~/models", "", "a/b\n"])
@pytest.mark.long
def test_texts_that_are_no_hub_ids(text: str) -> None:
    assert not is_name(text)


@pytest.mark.parametrize(
    ("shape", "words"),
    [((1, 28, 32), "32 × 28, grey"), ((1, 64), "64 values"), ((9,), "9 features"), ((5, 6, 7), "5 × 6 × 7")],
)
def test_a_shape_of_any_modality_is_told_in_words(shape: tuple[int, ...], words: str) -> None:
    assert matching.dimensions(shape) == words


def test_who_runs_it_on_their_own_machine_has_no_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(lambda name: None)
    with pytest.raises(QuotaError):
        account.charge("data", 2_000_000_000)
    account.bounded = False
    try:
        account.charge("data", 2_000_000_000)
        assert account.left > 10**12
    finally:
        account.close()


@pytest.mark.parametrize(("local", "stated", "bounded"), [(True, "", False), (False, "", True), (True, "50", True)])
def test_a_quota_that_is_set_counts_everywhere(
    monkeypatch: pytest.MonkeyPatch, local: bool, stated: str, bounded: bool
) -> None:
    monkeypatch.setenv(quota.VARIABLE, stated)
    monkeypatch.setattr(session, "is_own_machine", lambda: local)
    monkeypatch.setattr(session.st, "session_state", {})
    monkeypatch.setattr(session, "session_id", lambda: None)
    assert session.session_uploads().account.bounded is bounded
