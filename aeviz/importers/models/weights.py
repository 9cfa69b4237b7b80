"""Reading a state dict without running anything in it: `.safetensors`, and what `torch.save` wrote."""

import io
import pickle
import pickletools
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from aeviz.errors import CheckpointError
from aeviz.importers.files.archives import zip_entries
from aeviz.importers.files.filetypes import FileType, Sniffed
from aeviz.importers.files.zips import Limits, open_zip, read_member, words_of
from aeviz.store.checkpoints import MAX_WEIGHTS, check_safetensors

MAX_BYTES = 4 * MAX_WEIGHTS
MAX_PICKLE_BYTES = 10_000_000  # names, shapes and places of the tensors
MAX_TENSORS = 10_000
CONTAINERS = ("model_state_dict", "state_dict", "model", "net", "network", "module", "autoencoder", "vae", "weights")
READ = frozenset(  # types of numbers; torch holds others, of 4 bits, that it cannot turn into float32
    {torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e4m3fnuz,
     torch.float8_e5m2, torch.float8_e5m2fnuz, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint64,
     torch.uint32, torch.uint16, torch.uint8, torch.bool}
)  # fmt: skip
PREFIXES = ("_orig_mod.", "module.", "model.", "net.", "network.", "autoencoder.", "vae.", "ae.")
HOW_TO_SAVE = "Save the weights alone: torch.save(model.state_dict(), 'model.pt')."

SIZES = {
    "DoubleStorage": 8, "FloatStorage": 4, "HalfStorage": 2, "BFloat16Storage": 2, "LongStorage": 8,
    "IntStorage": 4, "ShortStorage": 2, "CharStorage": 1, "ByteStorage": 1, "BoolStorage": 1,
}  # fmt: skip
HARMLESS = frozenset(
    {("collections", "OrderedDict"), ("torch._utils", "_rebuild_tensor_v2"), ("torch._utils", "_rebuild_parameter")}
)
# What a state dict is written with; protocol 2 of `torch.save`.
_OPERATIONS = """
    PROTO STOP MARK EMPTY_DICT EMPTY_LIST EMPTY_TUPLE EMPTY_SET TUPLE TUPLE1 TUPLE2 TUPLE3 LIST DICT APPEND APPENDS
    SETITEM SETITEMS ADDITEMS BINPUT LONG_BINPUT BINGET LONG_BINGET BINUNICODE SHORT_BINUNICODE BININT BININT1
    BININT2 LONG1 BINFLOAT NEWTRUE NEWFALSE NONE GLOBAL REDUCE BUILD BINPERSID SHORT_BINSTRING BINSTRING POP
    POP_MARK DUP
"""
OPERATIONS = frozenset(_OPERATIONS.split())


def read_weights(file: Sniffed, max_bytes: int = MAX_BYTES) -> dict[str, Tensor]:
    """The tensors of a state dict by name, float32 and on the CPU, common prefixes ("model.", …) left out.

    max_bytes: that it may take, unpacked and as float32. Raises ArchiveError for a file that can run code or is an
    unsound zip, and CheckpointError for one that holds anything but weights, is damaged, larger than that or
    `MAX_BYTES`, or holds NaN or infinite values.
    """
    max_bytes = min(max_bytes, MAX_BYTES)
    if file.path.stat().st_size > max_bytes + 2 * MAX_PICKLE_BYTES:
        raise CheckpointError(f"{file.name} is larger than {max_bytes:,} bytes.")
    if file.refuse_program().type is FileType.SAFETENSORS:
        tensors: Any = _read_safetensors(file.path)
    elif file.type is FileType.TORCH:
        tensors = _state_dict(_read_torch(file.path, max_bytes), file.name)
    else:
        raise CheckpointError(f"{file.name} is a {file.type}: expected weights (.safetensors, or .pt of torch.save).")
    return _plain(_checked(tensors, file.name, max_bytes))


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        check_safetensors(path)
        return load_file(path)
    except CheckpointError as error:
        raise CheckpointError(str(error).replace(str(path), path.name)) from error
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError, OverflowError) as error:
        raise CheckpointError(f"{path.name} is damaged: {words_of(error)}.") from error


def _read_torch(path: Path, max_bytes: int) -> object:
    """The object in a torch zip, after its pickle was read with stand-ins for all that it names.

    torch is given a clean copy of the archive, for its own zip reader may see other files than Python's does.
    """
    clean = io.BytesIO()
    limits = Limits(files=2 * MAX_TENSORS, unpacked=max_bytes + 2 * MAX_PICKLE_BYTES, ratio=1_100)
    with open_zip(path, limits) as archive, zipfile.ZipFile(clean, "w", zipfile.ZIP_STORED) as copy:
        records = {entry.filename: entry for entry in zip_entries(archive, limits)}
        pickles = [name for name in records if name == "data.pkl" or name.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise CheckpointError(
                f"{path.name} holds {len(pickles)} files data.pkl: expected one, as torch.save writes."
            )
        root = pickles[0].removesuffix("data.pkl")
        program = read_member(archive, records[pickles[0]], MAX_PICKLE_BYTES)
        sizes = {name.removeprefix(f"{root}data/"): entry.file_size for name, entry in records.items()}
        _check_pickle(program, sizes, path.name)
        for name, entry in records.items():
            copy.writestr(f"archive/{name.removeprefix(root)}", read_member(archive, entry, MAX_BYTES))
    clean.seek(0)
    try:
        return torch.load(clean, map_location="cpu", weights_only=True)
    except Exception as error:  # torch's reader raises what its parts raise
        raise CheckpointError(f"{path.name} cannot be read as a state dict: {_first_line(error)}.") from error


def _first_line(error: Exception) -> str:
    return (words_of(error).splitlines() or [type(error).__name__])[0][:200]


class _StandIn:
    """Takes the place of whatever a pickle names: it can be called and does nothing."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *arguments: object) -> object:
        return None


class _DryRun(pickle.Unpickler):
    """Reads a pickle of weights without making one: only inert stand-ins and checks of what it asks for."""

    def __init__(self, program: bytes, sizes: Mapping[str, int], where: str) -> None:
        super().__init__(io.BytesIO(program))
        self.sizes, self.where = sizes, where

    def find_class(self, module: str, name: str) -> Any:
        _check_named(module, name, self.where)
        return OrderedDict if name == "OrderedDict" else _StandIn(name)

    def persistent_load(self, pid: Any) -> object:
        match pid:
            case ("storage", _StandIn(name=storage), str(key), str(), int(count)) if storage in SIZES:
                if self.sizes.get(key) != count * SIZES[storage]:
                    raise CheckpointError(
                        f"{self.where} is damaged: it needs {count:,} numbers of {SIZES[storage]} bytes in its part "
                        f"{key}, which has {self.sizes.get(key, 0):,} bytes."
                    )
                return None
        raise CheckpointError(f"{self.where} is damaged: it refers to something that is no array of numbers.")


def _check_named(module: str, name: str, where: str) -> None:
    if (module, name) not in HARMLESS and not (module == "torch" and name in SIZES):
        raise CheckpointError(
            f"{where} holds {module}.{name} beside plain weights: building it could run any program, so it is not "
            f"opened. {HOW_TO_SAVE}"
        )


def _check_pickle(program: bytes, sizes: Mapping[str, int], where: str) -> None:
    try:
        for operation, argument, _ in pickletools.genops(program):
            if operation.name == "GLOBAL":
                module, _, name = str(argument).partition(" ")
                _check_named(module, name, where)
            if operation.name not in OPERATIONS:
                raise CheckpointError(f"{where} is no state dict: its pickle uses {operation.name}. {HOW_TO_SAVE}")
            if operation.name == "LONG_BINPUT" and isinstance(argument, int) and argument > len(program):
                raise CheckpointError(f"{where} is damaged: its pickle refers to entry {argument:,}, beyond its end.")
        _DryRun(program, sizes, where).load()
    except CheckpointError:
        raise
    except Exception as error:  # a damaged pickle fails in any way
        raise CheckpointError(f"{where} is damaged: {_first_line(error)}.") from error


def _state_dict(content: object, where: str) -> dict[Any, Any]:
    """The mapping from names to tensors, alone or in a checkpoint beside an optimiser and an epoch."""
    if isinstance(content, Mapping):
        if any(isinstance(value, Tensor) for value in content.values()):
            return {key: value for key, value in content.items() if isinstance(value, Tensor)}
        for name in CONTAINERS:
            inner = content.get(name)
            if isinstance(inner, Mapping) and any(isinstance(value, Tensor) for value in inner.values()):
                return {key: value for key, value in inner.items() if isinstance(value, Tensor)}
    description = f"a mapping of {_names(content)}" if isinstance(content, Mapping) else type(content).__name__
    raise CheckpointError(f"{where} holds {description}: expected a state dict, tensors by name. {HOW_TO_SAVE}")


def _names(mapping: Mapping[Any, Any]) -> str:
    names = [str(name)[:40] for name in list(mapping)[:6]]
    return ", ".join(names) + (" …" if len(mapping) > 6 else "") if names else "nothing"


def _checked(tensors: Mapping[Any, Tensor], where: str, max_bytes: int) -> dict[str, Tensor]:
    if not tensors:
        raise CheckpointError(f"{where} holds no weights.")
    if len(tensors) > MAX_TENSORS:
        raise CheckpointError(f"{where} holds {len(tensors):,} tensors; at most {MAX_TENSORS:,} are read.")
    total = 0
    for name, value in tensors.items():
        if not isinstance(name, str) or len(name) > 500:
            raise CheckpointError(f"{where}: tensors must have names, not {str(name)[:40]!r}.")
        if value.layout is not torch.strided or value.is_meta or value.dtype not in READ:
            raise CheckpointError(f"{where}: {name} is {value.dtype}, {value.layout}: expected dense real numbers.")
        # A tensor that repeats its few bytes by zero strides would grow when it is copied.
        if prod(value.shape) * value.element_size() > value.untyped_storage().nbytes():
            raise CheckpointError(
                f"{where}: {name} has the shape {tuple(value.shape)}, which needs more numbers than the file stores."
            )
        total += value.numel()
        if 4 * total > max_bytes:
            raise CheckpointError(f"{where} holds more than {max_bytes // 4:,} weights; there is room for no more.")
    plain = {name: value.detach().to(torch.float32, copy=True).contiguous() for name, value in tensors.items()}
    for name, value in plain.items():
        if not torch.isfinite(value).all():
            count = int((~torch.isfinite(value)).sum())
            raise CheckpointError(f"{where}: {name} holds {count:,} NaN or infinite values, of {value.numel():,}.")
    return plain


def _plain(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    while prefix := next((p for p in PREFIXES if all(name.startswith(p) for name in weights)), None):
        weights = {name.removeprefix(prefix): value for name, value in weights.items()}
    return weights
