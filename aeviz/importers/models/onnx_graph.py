"""What an ONNX file says of itself, read and checked before onnxruntime sees it; and a part of it as a file of its own.

The field numbers are those of `onnx.proto` (github.com/onnx/onnx/blob/main/onnx/onnx.proto). Refused are data in other
files, operators that are not ONNX's own, loops whose length the file does not state, shapes and counts beyond what is
run here, and anything that the wire format does not allow.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import prod
from pathlib import Path

from aeviz.errors import CheckpointError
from aeviz.importers.models import onnx_wire as wire
from aeviz.importers.models.onnx_wire import Budget, WireError

MAX_BYTES = 400_000_000  # of a file: as of other weights
MAX_NODES = 20_000  # operators, those of a function counted wherever it is called
MAX_STEPS = 1_000_000  # operators, those in a loop counted as often as it turns
MAX_TRIPS = 100_000  # of one loop
MAX_DEPTH = 8  # graphs within graphs
MAX_TENSORS = 20_000
MAX_RANK = 8
MAX_VALUES = 1 << 24  # numbers in one input or output
STANDARD = frozenset({"", "ai.onnx", "ai.onnx.ml"})  # whose operators onnxruntime has from ONNX itself
CONTROL = frozenset({"Loop", "Scan", "If", "SequenceMap"})
FLOATS = {1: "float32", 10: "float16", 11: "float64"}
BYTES_OF = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 14: 8, 15: 16, 16: 2}
HOW_TO_SAVE = "Save it whole: torch.onnx.export(…, external_data=False), or onnx.save(model, 'model.onnx')."


@dataclass(frozen=True)
class Value:
    """An input or output. type: of its numbers, by ONNX's code. dims: None for a size that is not stated."""

    name: str
    type: int
    dims: tuple[int | None, ...] | None


@dataclass(frozen=True)
class Tensor:
    """A constant in the file: its shape, its type by ONNX's code, and the field that holds it."""

    name: str
    dims: tuple[int, ...]
    type: int
    integers: tuple[int, ...]  # of a small one of whole numbers
    written: memoryview

    @property
    def count(self) -> int:
        """How many numbers it has."""
        return prod(self.dims)


@dataclass(frozen=True)
class Node:
    """One operator."""

    operator: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    graphs: tuple["Graph", ...]
    constant: Tensor | None
    written: memoryview

    @property
    def reads(self) -> Iterable[str]:
        """The names that it reads, those that graphs within it may read among them."""
        yield from self.inputs
        for graph in self.graphs:
            for node in graph.nodes:
                yield from node.reads
            yield from (value.name for value in graph.outputs)


@dataclass
class Graph:
    """Operators in the order they run, constants, and what goes in and comes out."""

    nodes: list[Node] = field(default_factory=list)
    tensors: dict[str, Tensor] = field(default_factory=dict)
    inputs: list[Value] = field(default_factory=list)
    outputs: list[Value] = field(default_factory=list)
    other: list[tuple[int, memoryview]] = field(default_factory=list)


@dataclass(frozen=True)
class Function:
    """Operators under one name, which a file may define for itself."""

    name: str
    domain: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class OnnxFile:
    """An ONNX file that was read and found fit to be run: its graph, and the fields beside it."""

    name: str
    data: bytes
    graph: Graph
    functions: tuple[Function, ...]
    head: tuple[tuple[int, int | memoryview], ...]  # version, operator sets, functions
    metadata: Mapping[str, str]

    @property
    def weights(self) -> int:
        """How many numbers its constants have."""
        return sum(tensor.count for tensor in self.graph.tensors.values())


def read_onnx(path: Path, max_bytes: int = MAX_BYTES) -> OnnxFile:
    """What is in an ONNX file. Raises CheckpointError, with the reason, for one that is not run here."""
    size, limit = path.stat().st_size, min(MAX_BYTES, max_bytes)
    if size > limit:
        raise CheckpointError(f"{path.name} has {size:,} bytes; there is room for {limit:,}.")
    return parse(path.read_bytes(), path.name)


def parse(data: bytes, name: str) -> OnnxFile:
    """The same of bytes. name: of the file, for messages."""
    try:
        file = _Reader().file(data, name)
    except WireError as error:
        raise CheckpointError(f"{name} is damaged, or no ONNX file: {error}.") from error
    except _Refused as error:
        raise CheckpointError(f"{name} is not opened: {error}") from error
    return file


class _Refused(Exception):
    """The file is sound, but will not be run; the text says why."""


class _Reader:
    def __init__(self) -> None:
        self.budget, self.tensors = Budget(), 0

    def file(self, data: bytes, name: str) -> OnnxFile:
        graphs: list[memoryview] = []
        functions: list[Function] = []
        head: list[tuple[int, int | memoryview]] = []
        metadata: dict[str, str] = {}
        for number, value in wire.fields(memoryview(data), self.budget):
            match number:
                case 7:
                    graphs.append(wire.message(value))
                case 8 | 1:
                    head.append((number, value))
                    self._operator_set(value if number == 8 else b"")
                case 25:
                    head.append((number, value))
                    functions.append(self._function(wire.message(value)))
                case 14:
                    metadata.update([self._entry(wire.message(value))])
                case 20:
                    raise _Refused("it holds a training graph beside the network. Export the network alone.")
        if len(graphs) != 1:
            raise WireError(f"it holds {len(graphs)} graphs where one belongs")
        graph = self._graph(graphs[0], 0)
        _check_size(graph, functions)
        return OnnxFile(name, data, graph, tuple(functions), tuple(head), metadata)

    def _operator_set(self, value: int | memoryview | bytes) -> None:
        if not isinstance(value, bytes):
            for number, part in wire.fields(wire.message(value), self.budget):
                if number == 1:
                    wire.text(part)

    def _entry(self, data: memoryview) -> tuple[str, str]:
        parts = {number: wire.text(value) for number, value in wire.fields(data, self.budget) if number in {1, 2}}
        return parts.get(1, ""), parts.get(2, "")

    def _function(self, data: memoryview) -> Function:
        name, domain, nodes = "", "", []
        for number, value in wire.fields(data, self.budget):
            match number:
                case 1:
                    name = wire.text(value)
                case 7:
                    nodes.append(self._node(wire.message(value), 1))
                case 10:
                    domain = wire.text(value)
                case 11:
                    self._attribute(wire.message(value), 1)
        return Function(name, domain, tuple(nodes))

    def _graph(self, data: memoryview, depth: int) -> Graph:
        if depth > MAX_DEPTH:
            raise _Refused(f"its graphs lie within graphs more than {MAX_DEPTH} deep.")
        graph = Graph()
        for number, value in wire.fields(data, self.budget):
            match number:
                case 1:
                    graph.nodes.append(self._node(wire.message(value), depth))
                    if len(graph.nodes) > MAX_NODES:
                        raise _Refused(f"it has more than {MAX_NODES:,} operators, the most that are run here.")
                case 5:
                    tensor = self._tensor(wire.message(value))
                    graph.tensors[tensor.name] = tensor
                case 11:
                    graph.inputs.append(self._value(wire.message(value)))
                case 12:
                    graph.outputs.append(self._value(wire.message(value)))
                case 13:
                    self._value(wire.message(value))
                case 14:
                    graph.other.append((number, wire.message(value)))
                case 15:
                    raise _Refused("it stores weights as sparse tensors, which are not read here: save them as dense.")
        graph.inputs = [value for value in graph.inputs if value.name not in graph.tensors]
        return graph

    def _node(self, data: memoryview, depth: int) -> Node:
        inputs, outputs, graphs = [], [], []
        operator, domain, constant = "", "", None
        for number, value in wire.fields(data, self.budget):
            match number:
                case 1:
                    inputs.append(wire.text(value))
                case 2:
                    outputs.append(wire.text(value))
                case 4:
                    operator = wire.text(value)
                case 5:
                    within, tensor = self._attribute(wire.message(value), depth)
                    graphs += within
                    constant = tensor or constant
                case 7:
                    domain = wire.text(value)
        return Node(operator, domain, tuple(inputs), tuple(outputs), tuple(graphs), constant, data)

    def _attribute(self, data: memoryview, depth: int) -> tuple[list[Graph], Tensor | None]:
        graphs: list[Graph] = []
        constant, name, whole = None, "", None
        for number, value in wire.fields(data, self.budget):
            match number:
                case 1:
                    name = wire.text(value)
                case 3 if isinstance(value, int):
                    whole = wire.signed(value)
                case 5 | 10:
                    constant = self._tensor(wire.message(value))
                case 6 | 11:
                    graphs.append(self._graph(wire.message(value), depth + 1))
                case 22 | 23:
                    raise _Refused("it stores weights as sparse tensors, which are not read here: save them as dense.")
        if name == "value_int" and whole is not None:
            constant = Tensor("", (), 7, (whole,), data[:0])
        return graphs, constant

    def _tensor(self, data: memoryview) -> Tensor:
        self.tensors += 1
        if self.tensors > MAX_TENSORS:
            raise _Refused(f"it has more than {MAX_TENSORS:,} tensors.")
        name, dims, kind, raw = "", [], 0, None
        integers: list[int] = []
        for number, value in wire.fields(data, self.budget):
            match number:
                case 1:
                    dims += wire.numbers(value, self.budget)
                case 2 if isinstance(value, int):
                    kind = value
                case 7 if isinstance(value, int) or len(value) <= 80:
                    integers += wire.numbers(value, self.budget)
                case 8:
                    name = wire.text(value)
                case 9:
                    raw = wire.message(value)
                case 13:
                    raise _Refused(f"its weights lie in another file, which is not followed. {HOW_TO_SAVE}")
                case 14 if value != 0:
                    raise _Refused(f"its weights lie in another file, which is not followed. {HOW_TO_SAVE}")
        if len(dims) > MAX_RANK or any(side < 0 for side in dims) or prod(dims) > MAX_BYTES:
            raise _Refused(f"the tensor {name[:60]!r} states the shape {_short(dims)}, which no such file can hold.")
        if raw is not None and kind in BYTES_OF and len(raw) != prod(dims) * BYTES_OF[kind]:
            raise WireError(f"the tensor {name[:60]!r} of shape {_short(dims)} has {len(raw):,} bytes")
        if raw is not None and kind == 7 and len(raw) <= 80:
            integers = wire.int64s(raw)
        return Tensor(name, tuple(dims), kind, tuple(integers), data)

    def _value(self, data: memoryview) -> Value:
        name, kind, dims = "", 0, None
        for number, value in wire.fields(data, self.budget):
            if number == 1:
                name = wire.text(value)
            elif number == 2:
                kind, dims = self._type(wire.message(value))
        if dims is not None and len(dims) > MAX_RANK:
            raise _Refused(f"{name[:60]!r} has {len(dims)} axes; at most {MAX_RANK} are run here.")
        if dims is not None and (any(side is not None and side < 0 for side in dims) or _count(dims) > MAX_VALUES):
            raise _Refused(
                f"{name[:60]!r} states the shape {_short(dims)}; at most {MAX_VALUES:,} numbers are run here."
            )
        return Value(name, kind, dims)

    def _type(self, data: memoryview) -> tuple[int, tuple[int | None, ...] | None]:
        for number, value in wire.fields(data, self.budget):
            if number == 1:
                return self._tensor_type(wire.message(value))
        return 0, None  # a sequence, a map or something optional

    def _tensor_type(self, data: memoryview) -> tuple[int, tuple[int | None, ...] | None]:
        kind, dims = 0, None
        for number, value in wire.fields(data, self.budget):
            if number == 1 and isinstance(value, int):
                kind = value
            elif number == 2:
                parts = wire.fields(wire.message(value), self.budget)
                dims = tuple(self._dim(wire.message(part)) for key, part in parts if key == 1)
        return kind, dims

    def _dim(self, data: memoryview) -> int | None:
        sizes = [value for number, value in wire.fields(data, self.budget) if number == 1]
        return wire.signed(sizes[-1]) if sizes and isinstance(sizes[-1], int) else None


def _count(dims: Iterable[int | None]) -> int:
    return prod(side for side in dims if side is not None)


def _short(dims: Iterable[object]) -> str:
    return "(" + ", ".join("?" if side is None else str(side)[:20] for side in dims) + ")"


def _check_size(graph: Graph, functions: Iterable[Function]) -> None:
    """Refuse operators of others, loops without a stated length, and more operators than are run here."""
    known = {(function.domain, function.name): function for function in functions}
    counted: dict[tuple[str, str], tuple[int, int]] = {}
    open_calls: set[tuple[str, str]] = set()

    def count(nodes: Iterable[Node], constants: Callable[[str], int | None]) -> tuple[int, int]:
        operators = steps = 0
        for node in nodes:
            more, turns = call((node.domain, node.operator)) if (node.domain, node.operator) in known else (1, 1)
            if (node.domain, node.operator) not in known and node.domain not in STANDARD:
                raise _Refused(
                    f"its operator {node.operator[:60]} is of {node.domain[:60]!r}, not one of ONNX itself: only those "
                    "are run. Export it without operators of its own, and without optimising it for one runtime."
                )
            trips = _trips(node, constants) if node.domain in STANDARD and node.operator in CONTROL else 1
            for inner in node.graphs:
                inside = count(inner.nodes, _constants(inner, constants))
                more, turns = more + inside[0], turns + trips * inside[1]
            operators, steps = operators + more, steps + turns
            if operators > MAX_NODES:
                raise _Refused(f"it has more than {MAX_NODES:,} operators, the most that are run here.")
            if steps > MAX_STEPS:
                raise _Refused(f"its loops take more than {MAX_STEPS:,} steps, the most that are run here.")
        return operators, steps

    def call(key: tuple[str, str]) -> tuple[int, int]:
        if key in open_calls or len(open_calls) > MAX_DEPTH:
            raise _Refused(f"its function {key[1][:60]} calls itself, or functions more than {MAX_DEPTH} deep.")
        if key not in counted:
            open_calls.add(key)
            counted[key] = count(known[key].nodes, lambda name: None)
            open_calls.discard(key)
        return counted[key]

    count(graph.nodes, _constants(graph, lambda name: None))


def _constants(graph: Graph, outer: Callable[[str], int | None]) -> Callable[[str], int | None]:
    """The whole number behind a name, where the file states one."""
    known = {name: tensor.integers[0] for name, tensor in graph.tensors.items() if len(tensor.integers) == 1}
    for node in graph.nodes:
        if node.operator == "Constant" and node.constant and len(node.constant.integers) == 1 and node.outputs:
            known[node.outputs[0]] = node.constant.integers[0]
    return lambda name: known[name] if name in known else outer(name)


def _trips(node: Node, constants: Callable[[str], int | None]) -> int:
    """How often a loop turns at most; that of a Scan is the length of what it reads, and bounded by that."""
    if node.operator != "Loop":
        return 1
    trips = constants(node.inputs[0]) if node.inputs and node.inputs[0] else None
    if trips is None:
        raise _Refused(
            "it has a loop whose number of turns is not stated in the file, which may run for ever. Export it with "
            "items of one size, so that loops are unrolled or counted."
        )
    if trips > MAX_TRIPS:
        raise _Refused(f"it has a loop of {trips:,} turns; at most {MAX_TRIPS:,} are run here.")
    return max(trips, 0)


def needed(graph: Graph, outputs: Iterable[str], given: Iterable[str] = ()) -> tuple[list[Node], set[str]]:
    """The operators that it takes to compute names, in order, and all names that these read; `given` ones are known."""
    given = set(given)
    names, nodes = {name for name in outputs if name not in given}, []
    for node in reversed(graph.nodes):
        if any(output in names for output in node.outputs):
            nodes.append(node)
            names |= {name for name in node.reads if name and name not in given}
    return nodes[::-1], names


def part(file: OnnxFile, inputs: Iterable[tuple[str, int, tuple[int | None, ...]]], outputs: Iterable[str]) -> bytes:
    """The part of a file between names in it, as a file of its own.

    inputs: name, type and shape of each, the items' own axis among them.
    """
    inputs, outputs = list(inputs), list(outputs)
    nodes, names = needed(file.graph, outputs, [name for name, _, _ in inputs])
    tensors = [tensor for name, tensor in file.graph.tensors.items() if name in {*names, *outputs}]
    graph = b"".join(
        [
            *(wire.field(1, node.written) for node in nodes),
            wire.field(2, "part"),
            *(wire.field(5, tensor.written) for tensor in tensors),
            *(wire.field(11, _written_value(*value)) for value in inputs),
            *(wire.field(12, wire.field(1, name)) for name in outputs),
            *(wire.field(number, value) for number, value in file.graph.other),
        ]
    )
    return b"".join([*(wire.field(number, value) for number, value in file.head), wire.field(7, graph)])


def _written_value(name: str, kind: int, dims: Iterable[int | None]) -> bytes:
    sides = b"".join(
        wire.field(1, wire.field(2, f"{name}_{row}") if side is None else wire.field(1, side))
        for row, side in enumerate(dims)
    )
    tensor = wire.field(1, kind) + wire.field(2, sides)
    return wire.field(1, name) + wire.field(2, wire.field(1, tensor))
