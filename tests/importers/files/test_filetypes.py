import io
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from aeviz.importers.files.archives import ArchiveError, write_upload
from aeviz.importers.files.filetypes import PROGRAMS, FileType, Sniffed, refuse_program, sniff, type_of
from tests.importers.conftest import Example, Harmful, npz, png, saved, zipped


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
    FileType.ZIP: lambda: zipped({"a.png": png(np.zeros((2, 2), np.uint8))}),
    FileType.TORCH: lambda: saved(Example().state_dict()),
    FileType.SAFETENSORS: safetensors,
    FileType.NPY: array,
    FileType.NPZ: lambda: npz(x=np.zeros((2, 2))),
    FileType.PNG: lambda: png(np.zeros((2, 2), np.uint8)),
    FileType.JSON: lambda: b' {"a": 1}',
    FileType.TEXT: lambda: "Ein Text – über Bilder".encode(),
    FileType.EMPTY: lambda: b"",
    FileType.UNKNOWN: lambda: b"\x7fELF\0\0\0",
    FileType.TORCHSCRIPT: scripted,
    FileType.KERAS: lambda: zipped({"config.json": b"{}", "metadata.json": b"{}", "model.weights.h5": b""}),
    FileType.HDF5: lambda: b"\x89HDF\r\n\x1a\n" + bytes(50),
    FileType.TORCH_LEGACY: legacy,
    FileType.PICKLE: lambda: pickle.dumps(Example().state_dict()),
}


@pytest.mark.parametrize("filetype", SAMPLES)
def test_content_tells_the_type_whatever_the_name(filetype: FileType, tmp_path: Path) -> None:
    data = SAMPLES[filetype]()
    path = tmp_path / "innocent.png"
    path.write_bytes(data)
    assert type_of(data) is filetype
    assert sniff(path) == Sniffed(path, filetype)


def test_a_folder_is_one(tmp_path: Path) -> None:
    assert sniff(tmp_path).type is FileType.FOLDER


def test_an_exported_program_is_known() -> None:
    assert type_of(exported()) is FileType.PT2


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_of_every_protocol_are_refused_and_nothing_runs(protocol: int, tmp_path: Path) -> None:
    witness = tmp_path / "ran"
    data = pickle.dumps(Harmful(witness), protocol)
    with pytest.raises(ArchiveError, match=r"pickle.*not opened.*state_dict"):
        write_upload(data, "weights.safetensors", tmp_path / "in")
    assert not witness.exists()
    assert not (tmp_path / "in").exists()


@pytest.mark.parametrize("filetype", [filetype for filetype in SAMPLES if filetype in PROGRAMS])
def test_programs_are_refused_with_the_way_out(filetype: FileType) -> None:
    with pytest.raises(ArchiveError, match=r"model\.png is a .* not opened\. .*(Save|save)"):
        refuse_program(type_of(SAMPLES[filetype]()), "model.png")


@pytest.mark.parametrize(
    "text",
    ["carl\nanna\nRobert\n", "Vera\nNina\nMaria\nR", "class\n1\n2\n", "cos\nsin\ntan\nRest.\n", "country\nFrance\n"],
)
def test_lines_of_words_are_no_pickle(text: str) -> None:
    """Each line could be an operation of a pickle: "cat" names what a module is called, and "R" calls it."""
    assert type_of(text.encode()) is FileType.TEXT


@pytest.mark.parametrize(
    "program",
    [b"cos\nsystem\n(S'true'\ntR.", b"(S'true'\nios\nsystem\n.", b"cposix\nsystem\np0\n(Vtrue\np1\ntp2\nRp3\n."],
)
def test_pickles_without_a_mark_of_their_own_are_known(program: bytes) -> None:
    assert type_of(program) is FileType.PICKLE
    assert type_of(program.removesuffix(b".") + b"\nand damage") is FileType.PICKLE  # what went before has run


def test_a_text_may_begin_as_a_bitmap_does() -> None:
    assert type_of(b"BMI,age\n" + b"22.5,40\n" * 9) is FileType.TEXT


def test_a_text_may_hold_a_little_damage() -> None:
    assert type_of(b"a,b\n1,\x002\n" * 9 + b"3,4\n" * 99) is FileType.TEXT
    assert type_of(bytes(range(256)) * 4) is FileType.UNKNOWN
