"""What a pickle describes, read as data: each operation is followed here, and nothing that it names is looked up.

Python's own reader imports what a pickle names and calls it. This one has no import and no call in it: a name stays a
pair of words (`Name`), what would be called becomes an `Inert` object that holds its arguments, and only the few
functions by which torch writes a tensor have a meaning, as a `StoredTensor`: which numbers, of which storage, in which
shape.
"""

import io
import pickletools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

MAX_OPERATIONS = 3_000_000
SIMPLE = (str, int, float, bool, type(None))

STORAGES = {  # torch's classes of storages, and the numbers in them
    "DoubleStorage": "float64", "FloatStorage": "float32", "HalfStorage": "float16", "BFloat16Storage": "bfloat16",
    "LongStorage": "int64", "IntStorage": "int32", "ShortStorage": "int16", "CharStorage": "int8",
    "ByteStorage": "uint8", "BoolStorage": "bool", "UntypedStorage": "uint8", "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128",
}  # fmt: skip


class PickleError(Exception):
    """A pickle is damaged, or does what none of a checkpoint does; the message says what."""


@dataclass(frozen=True)
class Name:
    """What a pickle names, "numpy.dtype": words, and nothing that they may stand for."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False)
class Inert:
    """An object that a pickle would have made of something it names: what it was to be made of, and nothing else."""

    of: object
    arguments: object = ()
    state: object = None
    entries: "dict[object, object]" = field(default_factory=dict)


@dataclass(frozen=True)
class Storage:
    """Numbers that lie beside the pickle, under a key. dtype: torch's word for their type.

    count: of all the numbers there, or of their bytes where `untyped`. offset: of a view among them, in numbers.
    """

    key: str
    dtype: str
    count: int
    offset: int = 0
    untyped: bool = False


@dataclass(frozen=True)
class StoredTensor:
    """A tensor as a pickle describes it: part of a storage, from a number on, in a shape."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(frozen=True)
class Odd:
    """A key that is no text: by its own words where it is a number."""

    words: str


@dataclass
class Described:
    """What a pickle describes.

    names: all that it names beside torch's own tensors and plain containers. storages: all that it refers to, by key.
    """

    content: object
    names: list[str]
    storages: dict[str, Storage]


def describe(pickle: bytes | BinaryIO) -> Described:
    """What the next pickle of these bytes describes; a stream is left behind its end. Nothing is run or imported.

    Dicts, lists, tuples and plain values are themselves (sets are lists, keys that are no text are `Odd`), tensors are
    `StoredTensor`, and all else is `Inert`. Raises PickleError for one that is damaged, or of more than
    `MAX_OPERATIONS`.
    """
    stream = io.BytesIO(pickle) if isinstance(pickle, bytes) else pickle
    reader = _Reader()
    try:
        return Described(reader.read(stream), list(reader.names), reader.storages)
    except PickleError:
        raise
    except Exception as error:  # a damaged pickle fails in any way
        raise PickleError(f"is damaged: {_words(error)}") from error


def _words(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")


class _Mark:
    """Where a group of things begins on the stack."""


MARK = _Mark()


class _Reader:
    """The machine that a pickle is a program for, with a stack and a memo, and without any way out of it."""

    def __init__(self) -> None:
        self.stack: list[object] = []
        self.memo: dict[int, object] = {}
        self.names: dict[str, None] = {}
        self.storages: dict[str, Storage] = {}
        self.length = 0

    def read(self, stream: BinaryIO) -> object:
        start = stream.tell()
        self.length = stream.seek(0, io.SEEK_END) - start
        stream.seek(start)
        for count, (operation, argument, _) in enumerate(pickletools.genops(stream)):
            if operation.name == "STOP":
                return self.stack.pop()
            if count > MAX_OPERATIONS:
                raise PickleError(f"has more than {MAX_OPERATIONS:,} operations")
            self._follow(operation.name, argument)
        raise PickleError("is damaged: it has no end")

    def _follow(self, name: str, argument: Any) -> None:
        if name in VALUES:
            self.stack.append(argument)
        elif name in GET:
            self.stack.append(self.memo[argument])
        elif name in PUT:
            self._remember(argument)
        elif handler := HANDLERS.get(name):
            handler(self, argument)
        elif name not in NOTHING:
            raise PickleError(f"uses {name}, as none of torch.save does")

    def _remember(self, place: int | None) -> None:
        place = len(self.memo) if place is None else place
        if place > self.length:
            raise PickleError(f"is damaged: it refers to entry {place:,}, beyond its end")
        self.memo[place] = self.stack[-1]

    def group(self) -> list[object]:
        """What lies above the last mark, which goes with it."""
        for place in range(len(self.stack) - 1, -1, -1):
            if self.stack[place] is MARK:
                values = self.stack[place + 1 :]
                del self.stack[place:]
                return values
        raise PickleError("is damaged: a group has no beginning")

    def name(self, module: object, name: object) -> None:
        if not isinstance(module, str) or not isinstance(name, str):
            raise PickleError("is damaged: it names something by what is no text")
        global_name = Name(module[:200], name[:200])
        if not _is_known(global_name):
            self.names[str(global_name)] = None
        self.stack.append(global_name)

    def make(self, of: object, arguments: object) -> None:
        self.stack.append(_made(of, arguments))

    def put_items(self, values: list[object]) -> None:
        target = self.stack[-1]
        entries = target.entries if isinstance(target, Inert) else target
        if not isinstance(entries, dict) or len(values) % 2:
            raise PickleError("is damaged: it fills what is no dict")
        for key, value in zip(values[::2], values[1::2], strict=True):
            entries[_key(key)] = value

    def put_values(self, values: list[object]) -> None:
        target = self.stack[-1]
        if isinstance(target, list):
            target.extend(values)
        elif not isinstance(target, Inert):
            raise PickleError("is damaged: it fills what is no list")

    def build(self, state: object) -> None:
        if isinstance(self.stack[-1], Inert):
            self.stack[-1].state = state

    def stored(self, pid: object) -> None:
        """A storage that lies beside the pickle, as torch refers to one; ("module", …) is a class with its source."""
        match pid:
            case ("storage", Name() as kind, str(key), str(), int(count), *view) if _is_storage(kind) and count >= 0:
                offset = 0
                match view:
                    case [] | [None]:
                        pass
                    case [(str(), int(place), int())] if place >= 0:
                        offset = place
                    case _:
                        raise PickleError("is damaged: it refers to a view that is none")
                dtype = STORAGES.get(kind.name, kind.name)
                storage = Storage(key, dtype, count, offset, kind.name == "UntypedStorage")
                self.storages[key] = storage
                self.stack.append(storage)
            case ("module", thing, *_):
                self.stack.append(thing)
            case _:
                raise PickleError("is damaged: it refers to something that is no array of numbers")


def _key(key: object) -> object:
    """Texts are keys as they are: Python hashes them with a secret, and numbers so that they may all be made to clash.

    Containers are told apart by their place alone: their words may be without end.
    """
    if isinstance(key, str):
        return key
    if isinstance(key, SIMPLE) and (not isinstance(key, int) or abs(key) < 1 << 63):
        return Odd(str(key))
    return Odd(f"{type(key).__name__} {id(key)}")


def _is_known(name: Name) -> bool:
    plain = name.module == "torch" and (name.name == "device" or name.name in STORAGES.values())
    return plain or (name.module, name.name) in MAKERS or _is_storage(name)


def _is_storage(name: Name) -> bool:
    return name.module in {"torch", "torch.storage"} and name.name.endswith("Storage")


def _made(of: object, arguments: object) -> object:
    """What a call of something named stands for: a tensor or a plain container, else an inert object."""
    if isinstance(of, Name) and isinstance(arguments, tuple) and (maker := MAKERS.get((of.module, of.name))):
        try:
            made = maker(*arguments)
        except (TypeError, ValueError) as error:
            raise PickleError(f"is damaged: {of} is not given what it takes") from error
        return Inert(of, arguments) if made is None else made
    return Inert(of, arguments)


def _tensor(storage: object, offset: object, shape: object, strides: object, *more: object) -> object:
    whole = isinstance(shape, tuple) and isinstance(strides, tuple) and len(shape) == len(strides)
    if not isinstance(storage, Storage) or not whole or not _are_sizes((offset, *shape, *strides)):  # type: ignore[misc]
        raise PickleError("is damaged: a tensor has no place or no shape")
    return StoredTensor(storage, storage.offset + offset, shape, strides)  # type: ignore[operator, arg-type]


def _typed_tensor(
    storage: object, offset: object, shape: object, strides: object, gradient: object, hooks: object, dtype: object,
    *more: object,
) -> object:  # fmt: skip
    """A tensor of a type that has no class of storage of its own: its storage counts bytes."""
    tensor = _tensor(storage, offset, shape, strides)
    if not isinstance(tensor, StoredTensor) or not isinstance(dtype, Name) or dtype.module != "torch":
        raise PickleError("is damaged: a tensor has no type")
    return replace(tensor, storage=replace(tensor.storage, dtype=dtype.name))


def _are_sizes(values: tuple[object, ...]) -> bool:
    return all(isinstance(value, int) and 0 <= value < 1 << 63 for value in values)


def _first(value: object = None, *more: object) -> object:
    return value


def _mapping(pairs: object = (), *more: object) -> object:
    if isinstance(pairs, dict):
        return dict(pairs)
    if not isinstance(pairs, list | tuple):
        return {}
    return {_key(pair[0]): pair[1] for pair in pairs if isinstance(pair, list | tuple) and len(pair) == 2}


def _with_attributes(function: object, kind: object, arguments: object, *more: object) -> object:
    """A tensor that carries attributes, which are left out."""
    return _made(function, arguments) if isinstance(function, Name) and function.name.startswith("_rebuild_t") else None


MAKERS: Mapping[tuple[str, str], Callable[..., object]] = {
    ("torch._utils", "_rebuild_tensor"): _tensor,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_tensor_v3"): _typed_tensor,
    ("torch._utils", "_rebuild_parameter"): _first,
    ("torch._utils", "_rebuild_parameter_with_state"): _first,
    ("torch._tensor", "_rebuild_from_type_v2"): _with_attributes,
    ("torch.nn.parameter", "Parameter"): _first,
    ("torch", "Size"): _first,
    ("collections", "OrderedDict"): _mapping,
    ("collections", "defaultdict"): lambda *more: {},
    ("builtins", "dict"): _mapping,
    ("builtins", "list"): lambda values=(): list(values) if isinstance(values, list | tuple) else [],
    ("builtins", "set"): lambda values=(): list(values) if isinstance(values, list | tuple) else [],
    ("__builtin__", "set"): lambda values=(): list(values) if isinstance(values, list | tuple) else [],
    ("torch.serialization", "_get_layout"): lambda *more: None,
}

VALUES = frozenset(
    [
        "INT",
        "BININT",
        "BININT1",
        "BININT2",
        "LONG",
        "LONG1",
        "LONG4",
        "STRING",
        "BINSTRING",
        "SHORT_BINSTRING",
        "BINBYTES",
        "SHORT_BINBYTES",
        "BINBYTES8",
        "BYTEARRAY8",
        "UNICODE",
        "SHORT_BINUNICODE",
        "BINUNICODE",
        "BINUNICODE8",
        "FLOAT",
        "BINFLOAT",
    ]
)
GET = frozenset({"GET", "BINGET", "LONG_BINGET"})
PUT = frozenset({"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"})
NOTHING = frozenset({"PROTO", "FRAME"})


def _pushes(make: Callable[[], object]) -> Callable[[_Reader, Any], None]:
    return lambda reader, argument: reader.stack.append(make())


def _tuple_of(count: int) -> Callable[[_Reader, Any], None]:
    def handle(reader: _Reader, argument: Any) -> None:
        values = tuple(reader.stack[-count:])
        if len(values) < count or MARK in values:
            raise PickleError("is damaged: a tuple lacks a part")
        reader.stack[-count:] = [values]

    return handle


def _global(reader: _Reader, argument: Any) -> None:
    module, _, name = str(argument).partition(" ")
    reader.name(module, name)


def _stack_global(reader: _Reader, argument: Any) -> None:
    name, module = reader.stack.pop(), reader.stack.pop()
    reader.name(module, name)


def _reduce(reader: _Reader, argument: Any) -> None:
    arguments, of = reader.stack.pop(), reader.stack.pop()
    reader.make(of, arguments)


def _newobj_ex(reader: _Reader, argument: Any) -> None:
    reader.stack.pop()
    _reduce(reader, argument)


def _obj(reader: _Reader, argument: Any) -> None:
    of, *arguments = reader.group()
    reader.make(of, tuple(arguments))


def _inst(reader: _Reader, argument: Any) -> None:
    arguments = reader.group()
    _global(reader, argument)
    reader.make(reader.stack.pop(), tuple(arguments))


def _dict(reader: _Reader, argument: Any) -> None:
    values = reader.group()
    reader.stack.append({})
    reader.put_items(values)


def _set_item(reader: _Reader, argument: Any) -> None:
    value, key = reader.stack.pop(), reader.stack.pop()
    reader.put_items([key, value])


HANDLERS: Mapping[str, Callable[[_Reader, Any], object]] = {
    "NONE": _pushes(lambda: None),
    "NEWTRUE": _pushes(lambda: True),
    "NEWFALSE": _pushes(lambda: False),
    "EMPTY_DICT": _pushes(dict),
    "EMPTY_LIST": _pushes(list),
    "EMPTY_SET": _pushes(list),
    "EMPTY_TUPLE": _pushes(tuple),
    "MARK": _pushes(lambda: MARK),
    "TUPLE": lambda reader, argument: reader.stack.append(tuple(reader.group())),
    "TUPLE1": _tuple_of(1),
    "TUPLE2": _tuple_of(2),
    "TUPLE3": _tuple_of(3),
    "LIST": lambda reader, argument: reader.stack.append(reader.group()),
    "FROZENSET": lambda reader, argument: reader.stack.append(reader.group()),
    "DICT": _dict,
    "APPEND": lambda reader, argument: reader.put_values([reader.stack.pop()]),
    "APPENDS": lambda reader, argument: reader.put_values(reader.group()),
    "ADDITEMS": lambda reader, argument: reader.put_values(reader.group()),
    "SETITEM": _set_item,
    "SETITEMS": lambda reader, argument: reader.put_items(reader.group()),
    "POP": lambda reader, argument: reader.stack.pop(),
    "POP_MARK": lambda reader, argument: reader.group(),
    "DUP": lambda reader, argument: reader.stack.append(reader.stack[-1]),
    "GLOBAL": _global,
    "STACK_GLOBAL": _stack_global,
    "REDUCE": _reduce,
    "NEWOBJ": _reduce,
    "NEWOBJ_EX": _newobj_ex,
    "OBJ": _obj,
    "INST": _inst,
    "BUILD": lambda reader, argument: reader.build(reader.stack.pop()),
    "PERSID": lambda reader, argument: reader.stored(argument),
    "BINPERSID": lambda reader, argument: reader.stored(reader.stack.pop()),
}


def entries_of(value: object) -> "dict[object, object] | None":
    """The entries of a dict, or of an object that is one of a kind of its own; None for all else.

    A pickled `nn.Module` has those of its parameters, buffers and inner modules.
    """
    if isinstance(value, dict):
        return value
    if not isinstance(value, Inert):
        return None
    state = value.state if isinstance(value.state, dict) else {}
    parts = [state[name] for name in ("_parameters", "_buffers", "_modules") if isinstance(state.get(name), dict)]
    module = {key: entry for part in parts for key, entry in part.items() if entry is not None}
    return module or value.entries or None


def walk(value: object, depth: int, seen: "set[int] | None" = None) -> Iterator[tuple[str, StoredTensor]]:
    """The tensors in nested dicts and lists, by their names joined by dots; `depth` levels at most.

    A container that is met again is passed by: a few of them may hold one another without end.
    """
    seen = set() if seen is None else seen
    if id(value) in seen:
        return
    seen.add(id(value))
    pairs = enumerate(value) if isinstance(value, list | tuple) else (entries_of(value) or {}).items()
    for key, entry in pairs:
        name = key.words if isinstance(key, Odd) else str(key)
        if isinstance(entry, StoredTensor):
            yield name, entry
        elif depth > 1 and not isinstance(entry, SIMPLE):
            for inner, tensor in walk(entry, depth - 1, seen):
                yield f"{name}.{inner}", tensor
