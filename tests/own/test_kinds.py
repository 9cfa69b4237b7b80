import io
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from aeviz.importers.files.archives import ArchiveError, place
from aeviz.importers.files.filetypes import PROGRAMS, Kind, refuse_program, sniff
from tests.own.conftest import Example, Harmful, npz, png, saved, zipped


def scripted() -> bytes:
    file = io.BytesIO()
    torch.jit.save(torch.jit.script(nn.Linear(2, 2)), file)
    return file.getvalue()


def exported() -> bytes:
    file = io.BytesIO()
    torch.export.save(torch.export.export(nn.Linear(2, 2), (torch.rand(1, 2),)), file)
    return file.getvalue()


def legacy() -> bytes:
    file = io.BytesIO()
    torch.save(nn.Linear(2, 2).state_dict(), file, _use_new_zipfile_serialization=False)
    return file.getvalue()


def array() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


def safetensors() -> bytes:
    from safetensors.torch import save

    return save({"a": torch.zeros(2)})


SAMPLES = {
    Kind.ZIP: lambda: zipped({"a.png": png(np.zeros((2, 2), np.uint8))}),
    Kind.TORCH: lambda: saved(Example().state_dict()),
    Kind.SAFETENSORS: safetensors,
    Kind.NPY: array,
    Kind.NPZ: lambda: npz(x=np.zeros((2, 2))),
    Kind.PNG: lambda: png(np.zeros((2, 2), np.uint8)),
    Kind.JSON: lambda: b' {"a": 1}',
    Kind.TEXT: lambda: "Ein Text – über Bilder".encode(),
    Kind.EMPTY: lambda: b"",
    Kind.UNKNOWN: lambda: b"\x7fELF\0\0\0",
    Kind.TORCHSCRIPT: scripted,
    Kind.KERAS: lambda: zipped({"config.json": b"{}", "metadata.json": b"{}", "model.weights.h5": b""}),
    Kind.HDF5: lambda: b"\x89HDF\r\n\x1a\n" + bytes(50),
    Kind.PICKLE: legacy,
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_content_tells_the_kind_whatever_the_name(kind: Kind, tmp_path: Path) -> None:
    data = SAMPLES[kind]()
    path = tmp_path / "innocent.png"
    path.write_bytes(data)
    assert sniff(data) is sniff(path) is kind


def test_an_exported_program_is_known() -> None:
    assert sniff(exported()) is Kind.PT2


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_of_every_protocol_are_refused_and_nothing_runs(protocol: int, tmp_path: Path) -> None:
    witness = tmp_path / "ran"
    data = pickle.dumps(Harmful(witness), protocol)
    with pytest.raises(ArchiveError, match=r"pickle.*not opened.*state_dict"):
        place(data, "weights.safetensors", tmp_path / "in")
    assert not witness.exists()
    assert not (tmp_path / "in").exists()


@pytest.mark.parametrize("kind", [kind for kind in SAMPLES if kind in PROGRAMS])
def test_programs_are_refused_with_the_way_out(kind: Kind) -> None:
    with pytest.raises(ArchiveError, match=r"model\.png is a .* not opened\. .*(Save|save)"):
        refuse_program(SAMPLES[kind](), "model.png")
