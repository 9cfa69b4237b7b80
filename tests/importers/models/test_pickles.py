"""What a pickle may try, and that nothing of it happens: no import, no call, no time or memory without bound."""

import functools
import importlib
import io
import operator
import os
import pickle
import pickletools
import sys
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from waiting import computed_s

from aeviz.importers import REFUSALS
from aeviz.importers.files.filetypes import sniff
from aeviz.importers.models.pickles import Inert, PickleError, describe
from aeviz.importers.models.weights import read_weights
from tests.importers.conftest import Harmful, saved, zipped

dumps = pickle.dumps
HARM = "aeviz_harm"  # a module that leaves a file behind where it is imported


@pytest.fixture
def witness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is there once anything has run."""
    path = tmp_path / "ran"
    (tmp_path / f"{HARM}.py").write_text(f"open({str(path)!r}, 'w')\ndef go(*a): open({str(path)!r}, 'w')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return path


def forbid(monkeypatch: pytest.MonkeyPatch, witness: Path) -> None:
    """Let every reader of pickles leave the file behind."""
    for where, name in ((pickle, "loads"), (pickle, "load"), (pickle, "Unpickler"), (torch, "load")):
        monkeypatch.setattr(where, name, lambda *arguments, **more: witness.touch())


class Calls:
    """Pickles as a call of anything."""

    def __init__(self, function: Any, *arguments: Any, state: Any = None, version: bool = False) -> None:
        self.parts = (function, arguments) if state is None else (function, arguments, state)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.parts


def text(words: str) -> bytes:
    return b"X" + len(words).to_bytes(4, "little") + words.encode()


def call(module: str, name: str, *words: str) -> bytes:
    return f"c{module}\n{name}\n(".encode() + b"".join(map(text, words)) + b"tR"


COMMAND = "touch {}"
RAW: dict[str, Callable[[str], bytes]] = {
    "protocol 0": lambda x: f"cos\nsystem\n(S'{x}'\ntR.".encode(),
    "instance": lambda x: f"(S'{x}'\nios\nsystem\n.".encode(),
    "object": lambda x: b"(cos\nsystem\n" + text(x) + b"o.",
    "new object": lambda x: b"\x80\x02cos\nsystem\n(" + text(x) + b"t\x81.",
    "new object, named arguments": lambda x: b"\x80\x04cos\nsystem\n(" + text(x) + b"t}\x92.",
    "names from the stack": lambda x: b"\x80\x04" + text("os") + text("system") + b"\x93(" + text(x) + b"tR.",
    "names from the memo": lambda x: b"\x80\x04" + text("os") + b"q\0" + text("system") + b"q\x010h\0h\x01\x93("
    + text(x) + b"tR.",
    "a dotted name": lambda x: b"\x80\x04" + text("os") + text("path.os.system") + b"\x93(" + text(x) + b"tR.",
    "an import": lambda x: call("importlib", "import_module", HARM) + b".",
    "a module": lambda x: f"c{HARM}\ngo\n(tR.".encode(),
    "a getter": lambda x: call("operator", "attrgetter", "system") + b"(" + call("importlib", "import_module", "os")
    + b"tR(" + text(x) + b"tR.",
    "a method": lambda x: call("operator", "methodcaller", "system", x) + b"("
    + call("importlib", "import_module", "os") + b"tR.",
    "a partial": lambda x: b"cfunctools\npartial\n(cos\nsystem\n" + text(x) + b"tR(tR.",
    "a map": lambda x: b"cbuiltins\nlist\n(cbuiltins\nmap\n(cos\nsystem\n(" + text(x) + b"ltRtR.",
    "evaluated": lambda x: call("builtins", "eval", f"__import__('os').system('{x}')") + b".",
    "executed": lambda x: call("builtins", "exec", f"import os; os.system('{x}')") + b".",
    "of another time": lambda x: call("__builtin__", "eval", f"__import__('os').system('{x}')") + b".",
    "a module run": lambda x: call("runpy", "run_module", HARM) + b".",
    "a timer": lambda x: call("timeit", "timeit", f"import {HARM}") + b".",
    "a debugger": lambda x: call("pdb", "run", f"import {HARM}") + b".",
    "a profiler": lambda x: call("cProfile", "run", f"import {HARM}") + b".",
    "pip": lambda x: call("pip._internal", "main", "install") + b".",
    "torch.load again": lambda x: call("torch", "load", "payload.pt") + b".",
    "torch's own loader": lambda x: call("torch.serialization", "load", "payload.pt") + b".",
    "torch.hub": lambda x: call("torch.hub", "load_local", "payload") + b".",
    "compiled": lambda x: call("torch.utils.cpp_extension", "load_inline", "payload") + b".",
    "collected by torch": lambda x: call("torch.utils.collect_env", "run", x) + b".",
    "numpy's runner": lambda x: call("numpy.testing._private.utils", "runstring", f"import {HARM}") + b".",
    "numpy's loader": lambda x: call("numpy", "load", "payload.npy") + b".",
    "joblib": lambda x: call("joblib", "load", "payload.pkl") + b".",
    "reconstructed": lambda x: b"ccopyreg\n_reconstructor\n(cos\nsystem\n" + text(x) + b"NtR.",
    "an extension": lambda x: b"\x80\x02\x82\x01(" + text(x) + b"tR.",
    "a state that sets": lambda x: b"cbuiltins\nobject\n(tR}" + text("__setstate__") + b"cos\nsystem\nsb" + text(x)
    + b"b.",
    "items that set": lambda x: b"cos\nenviron\n" + text("PATH") + text("/nowhere") + b"s.",
    "appended": lambda x: b"csys\npath\n(" + text("/nowhere") + b"e.",
    "a tensor's call": lambda x: b"ctorch._utils\n_rebuild_tensor_v2\n(cos\nsystem\n" + text(x) + b"tR.",
    "a parameter's call": lambda x: b"ctorch._utils\n_rebuild_parameter\n(" + call("os", "system", x)
    + b"\x88NtR.",
    "a type's call": lambda x: b"ctorch._tensor\n_rebuild_from_type_v2\n(cos\nsystem\nN(" + text(x) + b"tNtR.",
    "a storage's type": lambda x: b"\x80\x02(" + text("storage") + b"cos\nsystem\n" + text("0") + text("cpu")
    + b"K\x01tQ.",
    "bytes that load": lambda x: b"\x80\x04ctorch.storage\n_load_from_bytes\nB"
    + len(payload := pickle.dumps(Calls(os.system, x))).to_bytes(4, "little") + payload + b"\x85R.",
    "a pickle in a pickle": lambda x: b"\x80\x04c_pickle\nloads\nB"
    + len(payload := pickle.dumps(Calls(os.system, x))).to_bytes(4, "little") + payload + b"\x85R.",
    "after the end": lambda x: b"\x80\x02}.cos\nsystem\n(" + text(x) + b"tR.",
    "before an error": lambda x: b"\x80\x02" + call("os", "system", x) + b"\xff",
    "thrown away": lambda x: b"\x80\x02" + call("os", "system", x) + b"0}.",
    "an unknown protocol": lambda x: b"\x80\x09" + call("os", "system", x) + b".",
    "a buffer out of band": lambda x: b"\x80\x05\x97" + call("os", "system", x) + b".",
}  # fmt: skip


def with_program(program: bytes) -> bytes:
    return zipped({"a/data.pkl": program, "a/version": b"3\n", "a/byteorder": b"little"})


def attempt(path: Path) -> str:
    try:
        return f"read {sorted(read_weights(sniff(path)))}"
    except REFUSALS as error:
        return "refused" if str(error).strip() else "refused without a word"


@pytest.mark.parametrize("case", RAW)
def test_nothing_runs(case: str, witness: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = RAW[case](COMMAND.format(witness))
    forbid(monkeypatch, witness)
    before, path = os.environ["PATH"], list(sys.path)
    beside = program.removesuffix(b".").removeprefix(b"\x80\x02").removeprefix(b"\x80\x04").removeprefix(b"\x80\x05")
    as_entry = b"\x80\x04}" + text("a") + beside + b"s."
    for data in (with_program(program), with_program(as_entry), program, legacy(program), legacy(as_entry)):
        (tmp_path / "a.pt").write_bytes(data)
        assert attempt(tmp_path / "a.pt") == "refused"  # there are no weights in it
    assert not witness.exists()
    assert (os.environ["PATH"], list(sys.path)) == (before, path)
    assert HARM not in sys.modules


def legacy(program: bytes) -> bytes:
    """A file of torch before 1.6 with this pickle for its content."""
    start = (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {}})
    return b"".join(dumps(value, 2) for value in start) + program + dumps([], 2)


OBJECTS: dict[str, Callable[[str], Any]] = {
    "a call": lambda command: Calls(os.system, command),
    "an import": lambda command: Calls(importlib.import_module, HARM),
    "a getter": lambda command: Calls(operator.attrgetter("system"), 3),
    "a partial": lambda command: functools.partial(os.system, command),
    "a state": lambda command: Calls(operator.itemgetter, 0, state={"a": Harmful(Path(command))}),
    "in a key": lambda command: {(1, functools.partial(os.system, command)): 2},
    "torch again": lambda command: Calls(torch.load, "payload.pt"),
}


@pytest.mark.parametrize("protocol", [2, 5])
@pytest.mark.parametrize("case", OBJECTS)
def test_nothing_runs_beside_weights_which_are_read(
    case: str, protocol: int, witness: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    harm = OBJECTS[case](COMMAND.format(witness))
    value = {"state_dict": {"w": torch.ones(2, 2)}, "more": harm, "deep": [{"a": [harm]}]}
    for new in (True, False):
        torch.save(value, tmp_path / f"{new}.pt", pickle_protocol=protocol, _use_new_zipfile_serialization=new)
    forbid(monkeypatch, witness)
    for new in (True, False):
        found = read_weights(sniff(tmp_path / f"{new}.pt"))
        assert found["w"].tolist() == [[1, 1], [1, 1]]
        assert found.notes[-1].endswith("none of this was built, and nothing in the file was run.")
    assert not witness.exists()


def edited(data: bytes, change: Callable[[str, bytes], dict[str, bytes]]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = [change(name, archive.read(name)) for name in archive.namelist()]
    return zipped({name: part for each in files for name, part in each.items()}, zipfile.ZIP_STORED)


def test_archives_that_readers_disagree_on(witness: Path, tmp_path: Path) -> None:
    """Scanners and torch read other parts of such a zip than Python does; here all are refused, or harmless."""
    harm = pickle.dumps(Calls(os.system, COMMAND.format(witness)), 2)
    sound = saved({"w": torch.ones(2, 2)})
    stored = edited(sound, lambda name, part: {name: part})
    place = stored.index(b"archive/data.pkl") if b"archive/data.pkl" in stored else stored.index(b"data.pkl")
    samples = {
        "two programs": edited(sound, lambda name, part: {name: part, "b/data.pkl": harm}),
        "other letters": edited(sound, lambda name, part: {name: part, name.replace("data.pkl", "DATA.PKL"): part}),
        "a wrong sum": stored[:place - 16] + b"\0\0\0\0" + stored[place - 12:],
        "said to be encrypted": stored[:place - 24] + b"\x01" + stored[place - 23:],
        "packed in a rare way": stored[:place - 22] + b"\x63" + stored[place - 21:],
        "before the zip": harm + sound,
        "after the zip": sound + harm,
        "7z": b"7z\xbc\xaf\x27\x1c" + harm,
        "tar": harm.ljust(257, b"\0") + b"ustar\0",
        "a program in the numbers": edited(sound, lambda name, part: {name: harm[:16] if "/data/" in name else part}),
    }  # fmt: skip
    for data in samples.values():
        (tmp_path / "a.pt").write_bytes(data)
        assert attempt(tmp_path / "a.pt") in {"refused", "read ['w']"}
    assert not witness.exists()


HEAVY: dict[str, bytes] = {
    "lists in lists": b"\x80\x02]q\0" + b"](h\0h\0eq\0" * 60 + b"}" + text("a") + b"h\0s.",
    "tuples in tuples": b"\x80\x02)q\0" + b"h\0h\0\x86q\0" * 60 + b"}h\0Ns" + text("a") + b"h\0s.",
    "deep": b"\x80\x02" + b"]" * 200_000 + b"a" * 199_999 + b".",
    "keys that clash": b"\x80\x02}(" + b"".join(
        b"\x8a\x0a" + (row * ((1 << 61) - 1)).to_bytes(10, "little") + b"N" for row in range(60_000)
    ) + b"u.",
    "a long number": b"\x80\x02\x8b" + (100_000).to_bytes(4, "little") + b"\x7f" * 100_000 + b"}" + text("a")
    + b"Nsq\0" + b".",
    "a number as a key": b"\x80\x02}\x8b" + (100_000).to_bytes(4, "little") + b"\x7f" * 100_000 + b"Ns.",
    "itself": b"\x80\x02}q\0" + text("a") + b"h\0s.",
}  # fmt: skip


@pytest.mark.parametrize("case", HEAVY)
def test_what_is_made_to_take_long_does_not(case: str, tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_bytes(with_program(HEAVY[case]))
    start = computed_s()
    assert attempt(tmp_path / "a.pt") == "refused"
    assert computed_s() - start < 8


def test_every_operation_is_followed_or_refused() -> None:
    """None falls through to a fault of ours."""
    for operation in pickletools.opcodes:
        for before in (b"", b"(", b"}", b"]NN", b"(NNN", b"NNN", b"]K\1", b"cos\nsystem\n)"):
            program = b"\x80\x02" + before + operation.code.encode("latin-1") + b"\1\0\0\0\0\0\0\0\n\n" + b"."
            with suppress(PickleError):
                describe(program)
    assert isinstance(describe(b"cos\nsystem\n(tR.").content, Inert)
