import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import Tensor

import aeviz.store.checkpoints as checkpoints
from aeviz import CheckpointError, load, models
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.projection.maps import save_maps
from aeviz.store.checkpoints import CONFIG, METRICS, WEIGHTS, atomic_folder, locate, save, survey

TINY = Config(
    family="vae",
    shape=(1, 4, 5),
    latent_dim=2,
    code="gaussian",
    body="dense",
    hidden=(6,),
    dataset="mnist",
    seed=3,
    training={"epochs": 2},
)


def model(seed: int = 0) -> Autoencoder:
    torch.manual_seed(seed)
    return Autoencoder(TINY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save(model(), tmp_path / "zoo" / "mnist-vae")


def edit(folder: Path, **changes: Any) -> None:
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    (folder / CONFIG).write_text(json.dumps({**config, **changes}), encoding="utf-8")


def reweigh(folder: Path, change: Callable[[dict[str, Tensor]], dict[str, Tensor]]) -> None:
    save_file(change(load_file(folder / WEIGHTS)), folder / WEIGHTS)


def test_what_was_saved_is_loaded(folder: Path) -> None:
    again = load(folder, device="cpu")
    assert again.config == TINY
    assert not again.training
    assert not any(weights.requires_grad for weights in again.parameters())
    x = torch.rand(3, 1, 4, 5)
    torch.testing.assert_close(again(x), model()(x), atol=2e-3, rtol=0)
    for key, value in model().state_dict().items():
        assert torch.equal(again.state_dict()[key], value.half().float())


def test_saving_what_was_loaded_changes_nothing(folder: Path, tmp_path: Path) -> None:
    other = save(load(folder, device="cpu"), tmp_path / "other")
    for name in (CONFIG, WEIGHTS):
        assert (other / name).read_bytes() == (folder / name).read_bytes()


def test_files_are_for_everyone_to_read(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o755
    assert all(file.stat().st_mode & 0o444 == 0o444 for file in folder.iterdir())


def test_weights_of_other_precisions_are_read_as_float32(folder: Path) -> None:
    for kind in (torch.float32, torch.bfloat16, torch.float64):
        reweigh(folder, lambda weights, kind=kind: {key: value.to(kind) for key, value in weights.items()})
        assert all(weights.dtype == torch.float32 for weights in load(folder, device="cpu").parameters())


def test_saving_replaces_the_old_folder_and_its_figures(folder: Path) -> None:
    (folder / METRICS).write_text("{}", encoding="utf-8")
    save(model(seed=1), folder, {"history.json": "[]"})
    assert sorted(file.name for file in folder.iterdir()) == [CONFIG, "history.json", WEIGHTS]
    torch.testing.assert_close(
        load(folder, device="cpu").head.bias, model(seed=1).head.bias.detach(), atol=1e-3, rtol=0
    )
    assert [path.name for path in folder.parent.iterdir()] == ["mnist-vae"]


def test_a_failure_leaves_the_old_folder_and_nothing_else(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {file.name: file.read_bytes() for file in folder.iterdir()}

    def fail(*arguments: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(checkpoints, "write_json", fail)
    with pytest.raises(OSError, match="No space"):
        save(model(seed=1), folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert list(folder.parent.iterdir()) == [folder]


def test_a_folder_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "a" / "new") as draft:
        (draft / "file").write_text("text")
        assert not (tmp_path / "a" / "new").exists()
    assert (tmp_path / "a" / "new" / "file").read_text() == "text"
    with pytest.raises(KeyboardInterrupt), atomic_folder(tmp_path / "a" / "other"):
        raise KeyboardInterrupt
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["new"]


def test_json_is_the_old_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    checkpoints.write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        checkpoints.write_json(path, {"a": object()})
    assert checkpoints.read_json(path) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_cards_say_what_is_in_a_folder(folder: Path) -> None:
    zoo = folder.parent
    save(model(), zoo / "fashion-vae")
    edit(zoo / "fashion-vae", dataset="fashion")
    save(model(), zoo / "mnist-ae")
    save(model(), zoo / ".mnist-draft")
    (zoo / "notes.txt").write_text("no folder")
    (folder / METRICS).write_text(json.dumps({"metrics": {"mse": 0.5}}), encoding="utf-8")
    cards = models(zoo)
    assert [card.name for card in cards] == ["mnist-ae", "mnist-vae", "fashion-vae"]
    card = cards[1]
    assert (card.family, card.dataset, card.latent_dim, card.code) == ("vae", "mnist", 2, "gaussian")
    assert card.metrics == {"mse": 0.5}
    assert card.folder == folder
    assert card.problem is None


def test_a_missing_folder_holds_no_models(tmp_path: Path) -> None:
    assert models(tmp_path / "none") == []


# ---- Further folders.


@pytest.fixture
def further(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of checkpoints that AEVIZ_MODELS names, beside the shipped ones'."""
    monkeypatch.setattr(checkpoints, "models_folder", lambda: folder.parent)
    monkeypatch.setenv(checkpoints.VARIABLE, str(tmp_path / "mine"))
    return save(model(1), tmp_path / "mine" / "mnist-own").parent


def test_further_folders_stand_beside_the_shipped_ones(further: Path, folder: Path) -> None:
    (further / "holiday").mkdir()
    (further / "notes.txt").write_text("not a model", encoding="utf-8")
    assert [card.name for card in survey()] == ["mnist-own", "mnist-vae"]
    assert [card.problem for card in survey()] == [None, None]
    assert locate("mnist-own") == further / "mnist-own"
    weights = load("mnist-own", "cpu").state_dict()["head.weight"]
    assert not torch.equal(weights, load(folder, "cpu").state_dict()["head.weight"])


def test_a_further_folder_may_be_a_checkpoint_itself(further: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(checkpoints.VARIABLE, os.pathsep.join([str(further / "mnist-own"), "", str(further)]))
    assert [card.name for card in models()] == ["mnist-own", "mnist-vae"]
    monkeypatch.setenv(checkpoints.VARIABLE, str(further / "mnist-own"))
    assert locate("mnist-own") == further / "mnist-own"


def test_of_two_of_one_name_the_first_counts(further: Path, folder: Path) -> None:
    save(model(2), further / "mnist-vae")
    (sound,) = (card for card in models() if card.name == "mnist-vae")
    assert sound.folder == locate("mnist-vae") == folder
    (other,) = (card for card in survey() if card.problem)
    assert other.folder == further / "mnist-vae"
    assert other.problem == f"{folder} has the same name: rename {other.folder}."


def test_a_folder_that_is_not_there_is_told_and_the_rest_is_listed(
    further: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = os.pathsep.join([str(further / "gone"), str(further)])
    monkeypatch.setenv(checkpoints.VARIABLE, named)
    assert [card.name for card in models()] == ["mnist-own", "mnist-vae"]
    (gone,) = (card for card in survey() if card.problem)
    assert gone.problem == f"{further / 'gone'} is not there. AEVIZ_MODELS or --models named it."
    monkeypatch.setattr(checkpoints, "models_folder", lambda: folder.parent / "none")
    assert [card.name for card in models()] == ["mnist-own"]
    assert {card.name for card in survey() if card.problem} == {"gone", "models"}


def test_a_damaged_one_in_a_further_folder_is_told(further: Path) -> None:
    (further / "mnist-own" / CONFIG).unlink()
    (damaged,) = (card for card in survey() if card.problem)
    assert damaged.problem == f"{further / 'mnist-own' / CONFIG} is missing."


def test_a_shipped_name_is_found_before_a_folder_here(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mnist-vae").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checkpoints, "models_folder", lambda: folder.parent)
    assert locate("mnist-vae") == folder
    assert locate("./mnist-vae") == Path("mnist-vae")
    assert locate(folder) == folder
    with pytest.raises(CheckpointError, match=r"No checkpoint 'mnist-gan'.*\(mnist-vae\)"):
        locate("mnist-gan")


def test_hub_names_are_fetched_and_failures_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def unreachable(self: object, name: str, **settings: object) -> None:
        raise ConnectionError("no network")

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", unreachable)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda name, **settings: str(folder))
    assert locate("someone/mnist-vae") == folder

    def fail(name: str, **settings: object) -> str:
        raise ConnectionError("offline")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    with pytest.raises(CheckpointError, match=r"'someone/mnist-vae' is no folder here.*offline"):
        load("someone/mnist-vae")


def test_a_device_that_is_not_there_is_no_fault_of_the_checkpoint(folder: Path) -> None:
    with pytest.raises(ValueError, match="'gpu'"):
        load(folder, device="gpu")


def header(weights: Path) -> tuple[dict[str, Any], bytes]:
    data = weights.read_bytes()
    end = 8 + struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8:end]), data[end:]


def rehead(weights: Path, change: Callable[[dict[str, Any]], None]) -> None:
    found, tensors = header(weights)
    change(found)
    text = json.dumps(found).encode()
    weights.write_bytes(struct.pack("<Q", len(text)) + text + tensors)


def bytes_of(folder: Path, change: Callable[[bytes], bytes]) -> None:
    (folder / WEIGHTS).write_bytes(change((folder / WEIGHTS).read_bytes()))


# What is done to the folder, what the error says, and whether a look without the weights' values shows it.
DAMAGES: dict[str, tuple[Callable[[Path], object], str, bool]] = {
    "no config": (lambda folder: (folder / CONFIG).unlink(), r"config\.json is missing", True),
    "config is a folder": (
        lambda folder: ((folder / CONFIG).unlink(), (folder / CONFIG).mkdir()),
        "cannot be read",
        True,
    ),
    "no weights": (lambda folder: (folder / WEIGHTS).unlink(), r"model\.safetensors is missing", True),
    "weights are a folder": (lambda folder: ((folder / WEIGHTS).unlink(), (folder / WEIGHTS).mkdir()), "missing", True),
    "bad JSON": (lambda folder: (folder / CONFIG).write_text('{"family": '), "cannot be read as JSON", True),
    "no text": (lambda folder: (folder / CONFIG).write_bytes(b"\xff\xfe\x00"), "cannot be read as JSON", True),
    "deep JSON": (lambda folder: (folder / CONFIG).write_text("[" * 99_999), "cannot be read as JSON", True),
    "a list": (lambda folder: (folder / CONFIG).write_text("[1, 2]"), "holds list, not an object", True),
    "huge JSON": (lambda folder: (folder / CONFIG).write_text(" " * 1_000_001), "larger than 1,000,000", True),
    "no family": (lambda folder: (folder / CONFIG).write_text('{"latent_dim": 2}'), "family", True),
    "empty object": (lambda folder: (folder / CONFIG).write_text("{}"), "state its shape", True),
    "latent_dim in words": (lambda folder: edit(folder, latent_dim="two"), "config.json|two", True),
    "latent_dim infinite": (lambda folder: edit(folder, latent_dim=float("inf")), "config.json|infinity", True),
    "latent_dim null": (lambda folder: edit(folder, latent_dim=None), "config.json|None", True),
    "latent_dim broken": (lambda folder: edit(folder, latent_dim=2.5), "sizes from 1 to 65536", False),
    "unknown network": (lambda folder: edit(folder, network="capsules"), "a valid model.*'capsules'", False),
    "unknown option": (lambda folder: edit(folder, body="conv", options={"width": 3}), "no option 'width'", False),
    "spread of words": (lambda folder: edit(folder, spread="wide"), "config.json", False),
    "network no name": (lambda folder: edit(folder, network=["conv"]), "a valid model", False),
    "no channels": (lambda folder: edit(folder, body="conv", channels=[]), "a valid model.*channels", False),
    "unknown code": (lambda folder: edit(folder, code="quantised"), "'quantised'", False),
    "unknown likelihood": (lambda folder: edit(folder, likelihood={}), "likelihood", False),
    "shape of two": (lambda folder: edit(folder, shape=[28, 28]), "one or three channels", False),
    "shape a number": (lambda folder: edit(folder, shape=28), "config.json", False),
    "negative width": (lambda folder: edit(folder, hidden=[-4]), "sizes from 1 to 65536", False),
    "zero channels": (lambda folder: edit(folder, body="conv", channels=[0]), "sizes from 1 to 65536", False),
    "absurd width": (lambda folder: edit(folder, hidden=[10**9]), "sizes from 1 to 65536", False),
    "absurd shape": (lambda folder: edit(folder, shape=[65536] * 3, hidden=[65536]), "a valid model|has shape", False),
    "absurd depth": (lambda folder: edit(folder, hidden=[1] * 100_000), "64 numbers at most", False),
    "widths in words": (lambda folder: edit(folder, hidden="6"), "sizes from 1 to 65536", False),
    "another size": (lambda folder: edit(folder, latent_dim=3), r"has shape .* but its config needs", False),
    "training a list": (lambda folder: edit(folder, training=[1]), "training must be", False),
    "data set a list": (lambda folder: edit(folder, dataset=["mnist"]), "dataset must be", False),
    "metrics a list": (lambda folder: (folder / METRICS).write_text('{"metrics": [1]}'), "metrics must be", True),
    "metrics broken": (lambda folder: (folder / METRICS).write_text("{"), r"metrics\.json cannot be read", True),
    "empty weights": (lambda folder: bytes_of(folder, lambda data: b""), "truncated", True),
    "cut in the length": (lambda folder: bytes_of(folder, lambda data: data[:5]), "truncated", True),
    "cut in the header": (lambda folder: bytes_of(folder, lambda data: data[:60]), "truncated", True),
    "cut in the weights": (lambda folder: bytes_of(folder, lambda data: data[:-1]), "damaged", True),
    "bytes too many": (lambda folder: bytes_of(folder, lambda data: data + b"\0"), "damaged", True),
    "garbage": (lambda folder: bytes_of(folder, lambda data: bytes(range(256)) * 8), "truncated", True),
    "a pickle": (lambda folder: torch.save({}, folder / WEIGHTS), "another format", True),
    "giant header": (lambda folder: bytes_of(folder, lambda data: b"\xff" * 8 + data[8:]), "truncated", True),
    "header no JSON": (lambda folder: bytes_of(folder, lambda data: data[:8] + b"!" + data[9:]), "damaged", True),
    "offsets beyond": (
        lambda folder: rehead(folder / WEIGHTS, lambda head: head["head.bias"].update(data_offsets=[0, 10**12])),
        "damaged",
        True,
    ),
    "negative shape": (
        lambda folder: rehead(folder / WEIGHTS, lambda head: head["head.bias"].update(shape=[-4])),
        "damaged",
        True,
    ),
    "unknown type": (
        lambda folder: rehead(folder / WEIGHTS, lambda head: head["head.bias"].update(dtype="F17")),
        "damaged",
        True,
    ),
    "a key missing": (
        lambda folder: reweigh(folder, lambda w: {key: w[key] for key in w if key != "head.bias"}),
        "missing head.bias; not expected nothing",
        False,
    ),
    "keys too many": (
        lambda folder: reweigh(folder, lambda w: {**w, **{f"extra{i}": torch.zeros(1) for i in range(5)}}),
        "missing nothing; not expected extra0, extra1, extra2 and 2 more",
        False,
    ),
    "no weights at all": (lambda folder: reweigh(folder, lambda w: {}), "does not fit its config|truncated", False),
    "wrong shape": (
        lambda folder: reweigh(folder, lambda w: {**w, "head.bias": torch.zeros(7)}),
        r"head\.bias has shape \(7,\), but its config needs \(4,\)",
        False,
    ),
    "NaN": (
        lambda folder: reweigh(folder, lambda w: {**w, "head.bias": w["head.bias"] * torch.nan}),
        "head.bias holds NaN",
        False,
    ),
    "infinite": (
        lambda folder: reweigh(folder, lambda w: {**w, "head.bias": w["head.bias"] + torch.inf}),
        "head.bias holds NaN or infinite",
        False,
    ),
    "integers": (
        lambda folder: reweigh(folder, lambda w: {key: value.to(torch.int16) for key, value in w.items()}),
        r"int16, not floating point",
        False,
    ),
    "complex": (
        lambda folder: reweigh(folder, lambda w: {**w, "head.bias": torch.zeros(4, dtype=torch.complex64)}),
        r"complex64, not floating point",
        False,
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damage_is_told(folder: Path, damage: str) -> None:
    spoil, said, plain = DAMAGES[damage]
    sound = save(model(), folder.parent / "sound")
    spoil(folder)
    (card,) = [card for card in survey(folder.parent) if card.name == "mnist-vae"]
    if plain:
        assert card.problem
        assert [card.name for card in models(folder.parent)] == [sound.name]
    if damage.startswith("metrics"):
        return  # the figures spoil the listing alone, not the model
    with pytest.raises(CheckpointError, match=said):
        load(folder, device="cpu")


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bytes_=st.binary(min_size=1, max_size=12), cut=st.booleans())
def test_scrambled_weights_load_whole_or_not_at_all(folder: Path, place: float, bytes_: bytes, cut: bool) -> None:
    data = (folder / WEIGHTS).read_bytes()
    at = int(place * len(data))
    spoilt = folder.parent / "spoilt"
    spoilt.mkdir(exist_ok=True)
    (spoilt / CONFIG).write_bytes((folder / CONFIG).read_bytes())
    (spoilt / WEIGHTS).write_bytes(data[:at] + bytes_ + (b"" if cut else data[at + len(bytes_) :]))
    survey(folder.parent)
    try:
        again = load(spoilt, device="cpu")
    except CheckpointError:
        return
    assert again(torch.rand(1, 1, 4, 5)).isfinite().all()


values = st.none() | st.booleans() | st.integers(-3, 10**20) | st.floats() | st.text(max_size=4)
keys = st.sampled_from([*Config.__dataclass_fields__, "unknown"])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.dictionaries(keys, values | st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=3), values))
)
def test_any_config_loads_or_is_refused(folder: Path, changes: dict[str, Any]) -> None:
    text = (folder / CONFIG).read_text(encoding="utf-8")
    edit(folder, **changes)
    try:
        survey(folder.parent)
        load(folder, device="cpu")
    except CheckpointError:
        pass
    finally:
        (folder / CONFIG).write_text(text, encoding="utf-8")


def test_figures_of_maps_are_those_that_are_known_and_sound(folder: Path) -> None:
    assert checkpoints.map_figures(folder) == {}
    sound = {"trustworthiness": 0.9, "knn_accuracy": 1}
    maps = {
        "pca-2": sound,
        "pca-3": {**sound, "colour": "red"},
        "tsne-2": {"trustworthiness": 0.9},
        "tsne-3": {**sound, "knn_accuracy": float("nan")},
        "umap-2": {**sound, "knn_accuracy": "high"},
        "umap-3": [0.9, 0.8],
    }
    (folder / METRICS).write_text(json.dumps({"maps": maps}), encoding="utf-8")
    assert checkpoints.map_figures(folder) == {"pca-2": sound, "pca-3": sound}
    (folder / METRICS).write_text('{"maps": [1]}', encoding="utf-8")
    assert checkpoints.map_figures(folder) == {}


def test_maps_of_another_number_of_points_are_refused(folder: Path) -> None:
    assert checkpoints.shipped_maps(folder, 5) == {}
    save_maps(folder / checkpoints.MAPS, {"pca-2": np.random.default_rng(0).random((5, 2))})
    assert checkpoints.shipped_maps(folder, 5)["pca-2"].shape == (5, 2)
    with pytest.raises(CheckpointError, match="'pca-2' has 5 points, but there are 10,000 items"):
        checkpoints.shipped_maps(folder, 10_000)


def test_maps_that_would_fill_the_memory_are_refused(folder: Path) -> None:
    np.savez_compressed(folder / checkpoints.MAPS, **{"pca-2": np.zeros((10_000_000, 2), np.float32)})
    assert (folder / checkpoints.MAPS).stat().st_size < 1_000_000
    with pytest.raises(CheckpointError, match=r"unpacks to 80,000,128 bytes; at most 50,000,000"):
        checkpoints.shipped_maps(folder, 10_000_000)


def test_a_checkpoint_is_as_measured_until_weights_or_config_change(folder: Path) -> None:
    assert not checkpoints.is_as_measured(folder), "never measured"
    checkpoints.write_json(folder / METRICS, checkpoints.digests(folder))
    assert checkpoints.is_as_measured(folder)
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    (folder / CONFIG).write_text(json.dumps(config), encoding="utf-8")
    assert checkpoints.is_as_measured(folder), "the same config, written otherwise"
    edit(folder, latent_dim=7)
    assert not checkpoints.is_as_measured(folder)
    edit(folder, latent_dim=2)
    reweigh(folder, lambda weights: {key: value + 1 for key, value in weights.items()})
    assert not checkpoints.is_as_measured(folder)
    (folder / WEIGHTS).unlink()
    assert not checkpoints.is_as_measured(folder)
