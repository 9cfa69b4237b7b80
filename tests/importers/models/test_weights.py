import io
import json
import pickle
import struct
import subprocess
import sys
import textwrap
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save as save_safetensors
from torch import Tensor, nn

from aeviz.errors import CheckpointError
from aeviz.importers.files.archives import ArchiveError
from aeviz.importers.files.filetypes import sniff
from aeviz.importers.models.weights import read_weights
from tests.importers.conftest import Example, Harmful, saved, zipped


def weights_in(path: Path, *most: int) -> dict[str, Tensor]:
    return read_weights(sniff(path), *most)


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def with_program(program: bytes, parts: dict[str, bytes] | None = None) -> bytes:
    return zipped({"a/data.pkl": program, "a/version": b"3\n", "a/byteorder": b"little", **(parts or {})})


def edited(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """A torch file with another pickle."""
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return zipped({name: change(part) if name.endswith("data.pkl") else part for name, part in files.items()})


def test_state_dicts_are_read_from_both_formats(example: Example, tmp_path: Path) -> None:
    weights = example.state_dict()
    for number, data in enumerate((saved(weights), save_safetensors(weights), saved(weights.copy()))):
        found = weights_in(write(tmp_path / f"{number}.bin", data))
        assert found.keys() == weights.keys()
        assert all(torch.equal(found[key], value) for key, value in weights.items())


def test_checkpoints_with_an_optimiser_prefixes_and_half_precision(example: Example, tmp_path: Path) -> None:
    optimiser = torch.optim.Adam(example.parameters())
    sum(map(torch.sum, example.parameters())).backward()  # type: ignore[union-attr]
    optimiser.step()
    weights = {f"model.{key}": value.half() for key, value in example.state_dict().items()}
    data = saved({"epoch": 3, "optimizer": optimiser.state_dict(), "state_dict": weights})
    found = weights_in(write(tmp_path / "a.ckpt", data))
    assert found.keys() == example.state_dict().keys()
    assert {value.dtype for value in found.values()} == {torch.float32}


def test_parameters_and_counters_are_weights(tmp_path: Path) -> None:
    found = weights_in(write(tmp_path / "a", saved({"w": nn.Parameter(torch.ones(2)), "n": torch.tensor(3)})))
    assert found["w"].tolist() == [1, 1]
    assert not found["w"].requires_grad


def repeated() -> bytes:
    return saved({"a": torch.zeros(1).expand(10**9)})


def larger_than_stored(example: Example) -> bytes:
    return edited(saved({"a": torch.arange(4.0)}), lambda program: program.replace(b"K\x04", b"J\x00\x00\x10\x00"))


def test_a_pickled_model_gives_its_weights_and_nothing_runs(example: Example, tmp_path: Path) -> None:
    example.extra = Harmful(tmp_path / "ran")  # type: ignore[assignment]
    found = read_weights(sniff(write(tmp_path / "a.pt", saved(example))))
    assert found.keys() == example.state_dict().keys()
    assert all(torch.equal(found[key], value) for key, value in example.state_dict().items())
    assert "tests.importers.conftest.Example" in found.notes[-1]
    assert "nothing in the file was run" in found.notes[-1]
    assert not (tmp_path / "ran").exists()


def test_harm_beside_weights_is_named_and_left_aside(tmp_path: Path) -> None:
    witness = tmp_path / "ran"
    with pytest.raises(CheckpointError, match=r"an object of posix\.system.*nothing is built or run"):
        weights_in(write(tmp_path / "a.pt", saved(Harmful(witness))))
    found = read_weights(sniff(write(tmp_path / "a.pt", saved({"a": torch.zeros(2), "b": Harmful(witness)}))))
    assert found.keys() == {"a"}
    assert found.notes[0] == "Left aside in a.pt: b."
    assert "posix.system" in found.notes[1]
    assert not witness.exists()


HEADER = struct.Struct("<Q")


def safe(header: object, data: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return HEADER.pack(len(text) if length is None else length) + text + data


CASES: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "empty file"),
    "text": (lambda: b"weights", "text file"),
    "no tensors": (lambda: saved({"epoch": 3}), "mapping of epoch.*expected a state dict"),
    "a list": (lambda: saved([torch.zeros(2)]), "holds list"),
    "nothing": (lambda: saved(OrderedDict()), "mapping of nothing"),
    "numbered": (lambda: saved({0: torch.zeros(2)}), "must have names"),
    "NaN": (lambda: saved({"a": torch.tensor([1.0, float("nan"), float("inf")])}), "a holds 2 NaN or infinite values"),
    "safetensors NaN": (lambda: save_safetensors({"a": torch.full((3,), float("nan"))}), "a holds 3 NaN"),
    "complex": (
        lambda: saved({"a": torch.zeros(2, dtype=torch.complex64)}),
        "holds torch.ComplexFloatStorage|complex64",
    ),
    "sparse": (lambda: saved({"a": torch.eye(2).to_sparse()}), "_rebuild_sparse_tensor"),
    "repeated": (repeated, "needs more numbers than the file stores"),
    "bytes asked for": (
        lambda: with_program(b"\x80\x02cbuiltins\nbytearray\nJ\xff\xff\xff\x7f\x85R."),
        "builtins.bytearray",
    ),
    "memo": (lambda: with_program(b"\x80\x02}r\xff\xff\xff\xff."), "refers to entry 4,294,967,295"),
    "newer protocol": (lambda: with_program(pickle.dumps({"a": 1}, 5)), "a mapping of a: expected a state dict"),
    "no pickle": (lambda: with_program(b"hello"), "damaged|no state dict"),
    "two pickles": (lambda: zipped({"a/data.pkl": b"", "b/data.pkl": b""}), "holds 2 files"),
    "no storage": (
        lambda: edited(
            saved({"a": torch.zeros(2)}), lambda data: data.replace(b"X\x01\x00\x00\x000", b"X\x01\x00\x00\x009")
        ),
        "damaged",
    ),
    "four bits": (
        lambda: safe({"a": {"dtype": "F4", "shape": [4], "data_offsets": [0, 2]}}, bytes(2)),
        "expected dense",
    ),
    "truncated torch": (lambda: saved({"a": torch.zeros(500)})[:-100], "directory at its end|zip"),
    "truncated safetensors": (lambda: save_safetensors({"a": torch.zeros(500)})[:-100], "damaged"),
    "header of 2 GB": (lambda: safe({"a": 1}, length=2_000_000_000), "truncated, or of another format"),
    "header no tensors": (lambda: safe({"a": 1}), "damaged"),
    "no weights": (lambda: safe({}), "no weights"),
    "shape beyond": (
        lambda: safe({"a": {"dtype": "F32", "shape": [10**12], "data_offsets": [0, 4]}}, bytes(4)),
        "damaged",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_said(case: str, tmp_path: Path) -> None:
    make, said = CASES[case]
    with pytest.raises((CheckpointError, ArchiveError), match=said):
        weights_in(write(tmp_path / "a.pt", make()))


def test_a_storage_larger_than_its_part_is_refused(example: Example, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"needs .* numbers of 4 bytes in its part 0"):
        weights_in(write(tmp_path / "a.pt", larger_than_stored(example)))


@pytest.mark.parametrize("kind", ["torch", "packed torch", "safetensors", "halves"])
def test_weights_take_no_more_than_there_is_room_for(kind: str, tmp_path: Path) -> None:
    weights = {"a": torch.zeros(6_000_000, dtype=torch.float16 if kind == "halves" else torch.float32)}
    data = save_safetensors(weights) if kind in {"safetensors", "halves"} else saved(weights)
    path = write(tmp_path / "a.pt", edited(data, lambda program: program) if kind == "packed torch" else data)
    with pytest.raises((CheckpointError, ArchiveError), match=r"there is room for no more|unpacks to|larger than"):
        weights_in(path, 2_000_000)
    assert weights_in(path, 24_000_000)["a"].shape == (6_000_000,)


@pytest.mark.long
def test_memory_stays_bounded_for_all_that_promises_more_than_it_has(tmp_path: Path) -> None:
    """Each attack in a process that may not take 700 MB above what Python and torch need."""
    from tests.importers.conftest import bomb
    from tests.importers.files.test_arrays import header, hundred_gigabytes

    attacks = {
        "huge.npz": hundred_gigabytes(),
        "huge.npy": header("(100000, 1000, 1000)") + bytes(100),
        "bomb.png": bomb(),
        "bomb.zip": zipped({"zeros": bytes(300_000_000)}),
        "header.safetensors": safe({"a": 1}, length=2_000_000_000),
        "bytes.pt": with_program(b"\x80\x02cbuiltins\nbytearray\nJ\xff\xff\xff\x7f\x85R."),
        "memo.pt": with_program(b"\x80\x02}r\xff\xff\xff\xff."),
        "repeated.pt": repeated(),
    }
    for name, data in attacks.items():
        write(tmp_path / name, data)
    program = textwrap.dedent(
        """
        import resource, sys
        from pathlib import Path
        from aeviz.importers import REFUSALS
        from aeviz.importers.data.answers import DataStatement
        from aeviz.importers.models import aeviz_folder, pythae, state_dict
        from aeviz.importers.reading import read_data, read_model
        small = DataStatement(shape=(1, 8, 8))
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + 700_000_000
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        for path in sorted(Path(sys.argv[1]).iterdir()):
            for open_ in (lambda: read_data(path, small), lambda: read_model(path, device="cpu")):
                try:
                    open_()
                    print("opened", path.name)
                except REFUSALS as error:
                    print("refused", path.name, error)
        print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert sum(line.startswith("refused") for line in lines) == 2 * len(attacks), done.stdout
    assert "does not fit the memory" not in done.stdout
