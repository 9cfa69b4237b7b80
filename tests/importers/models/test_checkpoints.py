"""Checkpoints as trainings save them, with more than tensors in them."""

import io
import itertools
from argparse import Namespace
from collections import OrderedDict, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from aeviz.importers.files.filetypes import FileType, sniff
from aeviz.importers.models.statement import Statement
from aeviz.importers.models.weights import Weights, read_weights
from tests.importers.conftest import Example, loaded_from, zipped


def saved(value: object, protocol: int = 2, zipped: bool = True) -> bytes:
    file = io.BytesIO()
    torch.save(value, file, pickle_protocol=protocol, _use_new_zipfile_serialization=zipped)
    return file.getvalue()


def read(data: bytes, folder: Path) -> Weights:
    path = folder / "mine.pt"
    path.write_bytes(data)
    return read_weights(sniff(path))


def checkpoint(model: nn.Module) -> dict[str, Any]:
    """What a training loop saves."""
    optimiser = torch.optim.Adam(model.parameters())
    sum(map(torch.sum, model.parameters())).backward()  # type: ignore[union-attr]
    optimiser.step()
    return {
        "model_state_dict": model.state_dict(),
        "optimizer_state_dict": optimiser.state_dict(),
        "loss": np.float64(0.3),
        "history": [np.float32(1.0), torch.tensor(2.0)],
        "args": Namespace(lr=1e-3, where=Path("runs")),
        "epoch": 3,
        "seen": {1, 2},
        "counts": defaultdict(int, {"a": 1}),
        "device": torch.device("cpu"),
        "array": np.arange(3),
    }


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "before 1.6"])
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_training_checkpoint_is_read(protocol: int, zipped: bool, example: Example, tmp_path: Path) -> None:
    found = read(saved(checkpoint(example), protocol, zipped), tmp_path)
    assert found.keys() == example.state_dict().keys()
    assert all(torch.equal(found[name], value) for name, value in example.state_dict().items())
    assert found.notes[0].startswith("Left aside in mine.pt: optimizer_state_dict, loss, history, args")
    assert "argparse.Namespace" in found.notes[1]


def test_what_was_left_aside_is_told_with_the_model(example: Example, tmp_path: Path) -> None:
    path = tmp_path / "mine.pt"
    path.write_bytes(saved(checkpoint(example)))
    loaded = loaded_from(path)
    assert any(note.startswith("Left aside in mine.pt: optimizer_state_dict") for note in loaded.notes)


def test_files_of_before_have_a_type_and_truncated_ones_a_sentence(example: Example, tmp_path: Path) -> None:
    data = saved(example.state_dict(), zipped=False)
    path = tmp_path / "a.pt"
    path.write_bytes(data)
    assert sniff(path).type is FileType.TORCH_LEGACY
    for cut in (len(data) - 9, len(data) // 2, 300, 40):
        with pytest.raises(Exception, match=r"damaged|no state dict|truncated"):
            read(data[:cut], tmp_path)


@pytest.mark.parametrize("zipped", [True, False])
def test_parts_of_a_storage_types_and_orders_are_kept(zipped: bool, tmp_path: Path) -> None:
    base = torch.arange(24.0).reshape(4, 6)
    tensors: dict[str, Tensor] = {
        "whole.weight": base,
        "part.weight": base[1:3, 2:],
        "turned.weight": base.T,
        "half": base.half(),
        "brain": base.bfloat16(),
        "double": base.double(),
        "long": base.long(),
        "flags": base > 3,
        "one": torch.tensor(3),
        "none": torch.zeros(0, 4),
        "parameter": nn.Parameter(base[0]),
    }
    found = read(saved(tensors, zipped=zipped), tmp_path)
    assert found.keys() == tensors.keys()
    for name, value in tensors.items():
        torch.testing.assert_close(found[name], value.detach().float())


def test_numbers_of_eight_bits_are_read(tmp_path: Path) -> None:
    values = torch.tensor([[1.0, -2.0, 0.5]]).to(torch.float8_e4m3fn)
    assert read(saved({"w": values, "u": torch.ones(2, dtype=torch.uint16)}), tmp_path)["w"].tolist() == [[1, -2, 0.5]]


def dense(*widths: int) -> nn.Sequential:
    return nn.Sequential(*(nn.Linear(a, b) for a, b in itertools.pairwise(widths)))


SD = dense(4, 3, 2).state_dict()
BACK = dense(2, 3, 4).state_dict()
JOINED = {*(f"encoder.{name}" for name in SD), *(f"decoder.{name}" for name in BACK)}
ZERO = torch.zeros(2, 2)
FORMS: dict[str, tuple[Any, set[str]]] = {
    "params": ({"params": SD, "step": 3}, set(SD)),
    "ema": ({"ema": SD, "decay": 0.9}, set(SD)),
    "net_state_dict": ({"net_state_dict": SD, "opt": {"state": {0: {"exp_avg": ZERO}}}}, set(SD)),
    "two, model first": ({"ema": SD, "model": SD}, set(SD)),
    "two alike": ({"average": SD, "swa": SD}, set(SD)),
    "apart": ({"encoder": SD, "decoder": BACK}, JOINED),
    "apart, in other words": ({"enc_state_dict": SD, "dec_state_dict": BACK, "loss": torch.tensor(0.1)}, JOINED),
    "apart, within": ({"model": {"encoder": SD, "decoder": BACK}, "epoch": 2}, JOINED),
    "with an adversary": ({"encoder": SD, "decoder": BACK, "discriminator": SD, "optimizer_D": {"a": ZERO}}, JOINED),
    "a tree": ({"encoder": {"fc": {"weight": ZERO}}, "decoder": {"fc": {"weight": ZERO}}},
               {"encoder.fc.weight", "decoder.fc.weight"}),
    "prefixes": ({**{f"module.{name}": value for name, value in SD.items()}, "loss_fn.weight": ZERO},
                 {*SD, "loss_fn.weight"}),
    "two prefixes": ({f"module.model.{name}": value for name, value in SD.items()}, set(SD)),
    "ordered": (OrderedDict(state_dict=OrderedDict(SD)), set(SD)),
}  # fmt: skip


@pytest.mark.parametrize("case", FORMS)
def test_the_model_is_found_among_what_a_checkpoint_holds(case: str, tmp_path: Path) -> None:
    value, names = FORMS[case]
    found = read(saved(value), tmp_path)
    assert set(found) == names
    for name, tensor in found.items():
        same = [one for part in (SD, BACK) for key, one in part.items() if name.endswith(key)]
        assert not same or any(torch.equal(tensor, one) for one in same)


def test_two_files_in_a_zip_are_an_encoder_and_a_decoder(tmp_path: Path) -> None:
    path = tmp_path / "both.zip"
    path.write_bytes(zipped({"my_encoder.pt": saved(dense(16, 8, 2).state_dict()),
                             "my_decoder.pt": saved(dense(2, 8, 16).state_dict(), 4, zipped=False)}))  # fmt: skip
    loaded = loaded_from(path, Statement(activation="relu", output="sigmoid"))
    assert (loaded.card.latent_dim, loaded.model.config.shape) == (2, (1, 4, 4))


def test_parts_of_neither_encoder_nor_decoder_are_left_aside_and_named(tmp_path: Path) -> None:
    encoder = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 3))
    decoder = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 64))
    both = nn.ModuleDict({"encoder": encoder, "decoder": decoder}).state_dict()
    others = {"train_acc.total": torch.tensor(3.0), "teacher.weight": torch.zeros(9, 9)}
    for beside in ({"train_acc.total": torch.tensor(3.0)}, others):
        torch.save(
            {"state_dict": {f"model.{name}": value for name, value in (both | beside).items()}}, tmp_path / "a.pt"
        )
        stated = Statement(shape=(1, 8, 8), scaling="unit", output="linear", activation="relu")
        loaded = loaded_from(tmp_path / "a.pt", stated)
        assert loaded.model.config.latent_dim == 3
        (note,) = [note for note in loaded.notes if note.startswith("Left aside, as of losses")]
        assert all(name in note for name in beside)
