"""Reading a state dict without running anything in it: `.safetensors`, and what `torch.save` wrote."""

from collections.abc import Callable, Mapping
from math import prod
from pathlib import Path
from typing import BinaryIO

import torch
from torch import Tensor

from aeviz.errors import CheckpointError
from aeviz.importers.files.archives import zip_entries
from aeviz.importers.files.filetypes import FileType, Sniffed
from aeviz.importers.files.zips import Limits, open_zip, read_member, words_of
from aeviz.importers.models.pickles import (
    Described,
    Inert,
    Name,
    Odd,
    PickleError,
    StoredTensor,
    describe,
    entries_of,
    walk,
)
from aeviz.importers.models.selection import MAX_DEPTH, Selected, select
from aeviz.store.checkpoints import MAX_WEIGHTS, check_safetensors

MAX_BYTES = 4 * MAX_WEIGHTS
MAX_PICKLE_BYTES = 10_000_000  # names, shapes and places of the tensors
MAX_TENSORS = 10_000
READ = frozenset(  # types of numbers; torch holds others, of 4 bits, that it cannot turn into float32
    {torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e4m3fnuz,
     torch.float8_e5m2, torch.float8_e5m2fnuz, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint64,
     torch.uint32, torch.uint16, torch.uint8, torch.bool}
)  # fmt: skip
PREFIXES = ("_orig_mod.", "module.", "model.", "net.", "network.", "autoencoder.", "vae.", "ae.")
HOW_TO_SAVE = "Save the weights alone: torch.save(model.state_dict(), 'model.pt')."

DTYPES = {str(dtype).removeprefix("torch."): dtype for dtype in READ}
LEGACY_MAGIC, LEGACY_PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
MAX_NAMED = 6  # of names in a sentence

Tensors = Mapping[str, Tensor]
_Read = tuple[dict[str, Tensor], tuple[str, ...], dict[str, str], bool, bool]  # tensors, notes, paths, plain, flat


class Weights(dict[str, Tensor]):
    """Tensors by name, float32 and on the CPU. notes: sentences on what else the file held, which was left aside.

    file: its name, "" where torch alone would not read it as weights, or where there are several. safe: whether it is
    a `.safetensors`. flat: whether its tensors lie in one dict. stored: for each name, that in the file, which may
    carry a prefix or lie in dicts in dicts.
    """

    notes: tuple[str, ...] = ()
    file: str = ""
    safe: bool = False
    flat: bool = True
    stored: Mapping[str, str] = {}


def read_weights(file: Sniffed, max_bytes: int = MAX_BYTES) -> Weights:
    """The tensors of a state dict by name, float32 and on the CPU, common prefixes ("model.", …) left out.

    A checkpoint of `torch.save` may hold anything beside them: only tensors are read of it, nothing in it is imported
    or called, and what was left aside is told in `notes`. max_bytes: that the tensors may take, unpacked and as
    float32. Raises ArchiveError for a file that can run code or is an unsound zip, and CheckpointError for one that
    holds no weights, is damaged, larger than that or `MAX_BYTES`, or holds NaN or infinite values.
    """
    max_bytes = min(max_bytes, MAX_BYTES)
    file.refuse_program()
    notes: tuple[str, ...] = ()
    paths: Mapping[str, str] = {}
    plain = flat = True  # plain: nothing but tensors in dicts, which torch reads with `weights_only`
    if file.type is FileType.SAFETENSORS:
        if file.path.stat().st_size > max_bytes + 2 * MAX_PICKLE_BYTES:
            raise CheckpointError(f"{file.name} is larger than {max_bytes:,} bytes.")
        tensors = _checked(_read_safetensors(file.path), file.name, max_bytes)
    elif file.type is FileType.TORCH:
        tensors, notes, paths, plain, flat = _read_zip(file.path, max_bytes)
    elif file.type is FileType.TORCH_LEGACY:
        tensors, notes, paths, plain, flat = _read_legacy(file.path, max_bytes)
    else:
        raise CheckpointError(f"{file.name} is a {file.type}: expected weights (.safetensors, or .pt of torch.save).")
    finite = _finite(tensors, file.name)
    weights = Weights(_plain(finite))
    weights.notes = notes
    weights.safe, weights.flat = file.type is FileType.SAFETENSORS, flat
    weights.stored = {short: paths.get(name, name) for short, name in zip(weights, finite, strict=True)}
    weights.file = file.name if plain else ""
    return weights


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


def _read_zip(path: Path, max_bytes: int) -> _Read:
    """The weights in a zip of `torch.save`: its pickle is read as data, and of its storages those that are needed."""
    limits = Limits(files=4 * MAX_TENSORS, unpacked=4 * MAX_BYTES, ratio=1_100)
    with open_zip(path, limits) as archive:
        records = {entry.filename: entry for entry in zip_entries(archive, limits)}
        pickles = [name for name in records if name == "data.pkl" or name.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise CheckpointError(
                f"{path.name} holds {len(pickles)} files data.pkl: expected one, as torch.save writes."
            )
        root = pickles[0].removesuffix("data.pkl")
        program = read_member(archive, records[pickles[0]], MAX_PICKLE_BYTES)
        order = records.get(f"{root}byteorder")
        if order is not None and read_member(archive, order, 100).strip() == b"big":
            raise CheckpointError(_BIG_ENDIAN.format(path.name))
        described = _described(program, path.name)
        sizes = {name.removeprefix(f"{root}data/"): entry.file_size for name, entry in records.items()}

        def part(key: str, max_bytes: int) -> bytes:
            return read_member(archive, records[f"{root}data/{key}"], max_bytes)

        return _selected(described, path.name, sizes, part, max_bytes)


def _read_legacy(path: Path, max_bytes: int) -> _Read:
    """The weights in a file of torch before 1.6: a number, a version, what machine, the content, keys, the storages."""
    if path.stat().st_size > 4 * MAX_BYTES:
        raise CheckpointError(f"{path.name} is larger than {4 * MAX_BYTES:,} bytes.")
    with path.open("rb") as file:
        magic, version, machine = (_described(file, path.name).content for _ in range(3))
        if magic != LEGACY_MAGIC or version != LEGACY_PROTOCOL or not isinstance(machine, dict):
            raise CheckpointError(f"{path.name} is damaged: it does not begin as files of torch before 1.6 do.")
        if machine.get("little_endian") is False:
            raise CheckpointError(_BIG_ENDIAN.format(path.name))
        described = _described(file, path.name)
        keys = _described(file, path.name).content
        places = _places(file, keys, described, path)

        def part(key: str, max_bytes: int) -> bytes:
            start, size = places[key]
            file.seek(start)
            return file.read(size)

        return _selected(described, path.name, {key: size for key, (_, size) in places.items()}, part, max_bytes)


_BIG_ENDIAN = "{} was saved on a machine that writes numbers in another order of bytes: save it on one of today's."


def _places(file: BinaryIO, keys: object, described: Described, path: Path) -> dict[str, tuple[int, int]]:
    """Where each storage begins in the file, and its bytes."""
    places: dict[str, tuple[int, int]] = {}
    where, end = file.tell(), path.stat().st_size
    for key in keys if isinstance(keys, list) else ():
        storage = described.storages.get(key) if isinstance(key, str) else None
        if storage is None or storage.dtype not in DTYPES:
            raise CheckpointError(f"{path.name} is damaged: it holds numbers that it does not describe.")
        file.seek(where)
        size = int.from_bytes(file.read(8), "little", signed=True) * DTYPES[storage.dtype].itemsize
        where += 8
        if size < 0 or where + size > end:
            raise CheckpointError(f"{path.name} is damaged: its numbers end early. Is it truncated?")
        places[key] = (where, size)
        where += size
    return places


def _described(program: bytes | BinaryIO, where: str) -> Described:
    try:
        return describe(program)
    except PickleError as error:
        raise CheckpointError(f"{where} {error}. {HOW_TO_SAVE}") from error


Part = Callable[[str, int], bytes]


def _selected(described: Described, where: str, sizes: Mapping[str, int], part: Part, max_bytes: int) -> _Read:
    """The model's tensors among all that a pickle describes, and what `Weights` tells of them."""
    selected = select(described.content)
    if selected is None:
        raise CheckpointError(
            f"{where} holds {_words_for(described.content)}: expected a state dict, tensors by name."
            f"{_named(described.names)} {HOW_TO_SAVE}"
        )
    tensors = _built(selected, where, sizes, part, max_bytes)
    beside = [other for other in selected.others if other != "_metadata"]
    notes = [f"Left aside in {where}: {_first_names(beside)}."] if beside else []
    if described.names:
        notes.append(
            f"It also names {_first_names(described.names)}: none of this was built, and nothing in the file was run."
        )
    at = {id(stored): path for path, stored in walk(described.content, MAX_DEPTH)}
    paths = {str(name): at[id(stored)] for name, stored in selected.tensors.items() if id(stored) in at}
    top = {str(key) for key, value in (entries_of(described.content) or {}).items() if isinstance(value, StoredTensor)}
    flat = top.issuperset(paths.values())
    return tensors, tuple(notes), paths, not described.names, flat


def _built(selected: Selected, where: str, sizes: Mapping[str, int], part: Part, max_bytes: int) -> dict[str, Tensor]:
    """The tensors, each storage read once."""
    if len(selected.tensors) > MAX_TENSORS:
        raise CheckpointError(f"{where} holds {len(selected.tensors):,} tensors; at most {MAX_TENSORS:,} are read.")
    total = 0
    by_storage: dict[str, list[str]] = {}
    names: dict[str, StoredTensor] = {}
    for name, stored in selected.tensors.items():
        text = _name(name, where)
        names[text] = stored
        _check_place(stored, text, where, sizes)
        by_storage.setdefault(stored.storage.key, []).append(text)
        total += prod(stored.shape)
        if 4 * total > max_bytes:
            raise CheckpointError(f"{where} holds more than {max_bytes // 4:,} weights; there is room for no more.")
    built = {}
    for key, texts in by_storage.items():
        if sizes[key] > max_bytes + MAX_PICKLE_BYTES:
            raise CheckpointError(f"{where} holds a part of {sizes[key]:,} bytes; there is room for no more weights.")
        data = bytearray(part(key, MAX_BYTES))
        for text in texts:
            built[text] = _numbers(names[text], data)
    return {text: built[text] for text in names}


def _name(name: object, where: str) -> str:
    if not isinstance(name, str) or len(name) > 500:
        words = name.words if isinstance(name, Odd) else str(name)
        raise CheckpointError(f"{where}: tensors must have names, not {words[:40]!r}.")
    return name


def _check_place(stored: StoredTensor, name: str, where: str, sizes: Mapping[str, int]) -> None:
    """Raise CheckpointError for a tensor that its storage does not hold."""
    storage = stored.storage
    if storage.dtype not in DTYPES:
        raise CheckpointError(f"{where}: {name} is {storage.dtype}: expected dense real numbers.")
    width = DTYPES[storage.dtype].itemsize
    size = storage.count * (1 if storage.untyped else width)
    if sizes.get(storage.key) != size:
        raise CheckpointError(
            f"{where} is damaged: it needs {storage.count:,} numbers of {1 if storage.untyped else width} bytes in its "
            f"part {storage.key[:40]}, which has {sizes.get(storage.key, 0):,} bytes."
        )
    # A tensor that repeats its few bytes by zero strides would grow when it is copied.
    if prod(stored.shape) > size // width:
        raise CheckpointError(
            f"{where}: {name} has the shape {stored.shape}, which needs more numbers than the file stores."
        )
    last = sum((side - 1) * stride for side, stride in zip(stored.shape, stored.strides, strict=True))
    if prod(stored.shape) and stored.offset + last >= size // width:
        raise CheckpointError(f"{where} is damaged: {name} reaches beyond the numbers that it is part of.")


def _numbers(stored: StoredTensor, data: bytearray) -> Tensor:
    dtype = DTYPES[stored.storage.dtype]
    if not prod(stored.shape):
        return torch.zeros(stored.shape)
    flags = dtype is torch.bool
    values = torch.frombuffer(data, dtype=torch.uint8 if flags else dtype)
    values = values.as_strided(stored.shape, stored.strides, stored.offset)
    return (values != 0 if flags else values).to(torch.float32, copy=True).contiguous()


def _named(names: list[str]) -> str:
    return f" It names {_first_names(names)}, of which nothing is built or run." if names else ""


def _first_names(names: "list[str] | tuple[str, ...]") -> str:
    more = len(names) - MAX_NAMED
    return ", ".join(name[:80] for name in names[:MAX_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _words_for(content: object) -> str:
    entries = entries_of(content)
    if entries is not None and not isinstance(content, Inert):
        keys = [key.words if isinstance(key, Odd) else str(key) for key in list(entries)[:MAX_NAMED]]
        names = ", ".join(key[:40] for key in keys)
        return f"a mapping of {names + (' …' if len(entries) > MAX_NAMED else '') or 'nothing'}"
    if isinstance(content, Inert):
        return f"an object of {str(content.of)[:200] if isinstance(content.of, Name) else 'its own kind'}"
    return type(content).__name__


def _checked(tensors: Tensors, where: str, max_bytes: int) -> dict[str, Tensor]:
    """The tensors of a safetensors file as float32."""
    if not tensors:
        raise CheckpointError(f"{where} holds no weights.")
    if len(tensors) > MAX_TENSORS:
        raise CheckpointError(f"{where} holds {len(tensors):,} tensors; at most {MAX_TENSORS:,} are read.")
    total = 0
    for name, value in tensors.items():
        _name(name, where)
        if value.layout is not torch.strided or value.is_meta or value.dtype not in READ:
            raise CheckpointError(f"{where}: {name} is {value.dtype}, {value.layout}: expected dense real numbers.")
        total += value.numel()
        if 4 * total > max_bytes:
            raise CheckpointError(f"{where} holds more than {max_bytes // 4:,} weights; there is room for no more.")
    return {name: value.detach().to(torch.float32, copy=True).contiguous() for name, value in tensors.items()}


def _finite(weights: dict[str, Tensor], where: str) -> dict[str, Tensor]:
    for name, value in weights.items():
        if not torch.isfinite(value).all():
            count = int((~torch.isfinite(value)).sum())
            raise CheckpointError(f"{where}: {name} holds {count:,} NaN or infinite values, of {value.numel():,}.")
    return weights


def _plain(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same under shorter names: prefixes that most of them carry are left out."""
    while prefix := next((p for p in PREFIXES if _is_carried(p, weights)), None):
        weights = {name.removeprefix(prefix): value for name, value in weights.items()}
    return weights


def _is_carried(prefix: str, weights: Tensors) -> bool:
    """Whether most names have a prefix, and none would clash with another without it."""
    carriers = [name for name in weights if name.startswith(prefix)]
    return 2 * len(carriers) > len(weights) and not any(name.removeprefix(prefix) in weights for name in carriers)
