"""Encoder and decoder out of ONNX files: two files, or one file that is taken apart where the code passes through."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.errors import CheckpointError
from aeviz.importers.models import onnx_wire as wire
from aeviz.importers.models.onnx_graph import FLOATS, Graph, OnnxFile, Value, needed, part
from aeviz.importers.models.onnx_trial import Interface, Sizes, TrialProcess

ENCODER = re.compile(r"enc(?!ap)|inference|posterior|recogni|q_?net", re.I)
DECODER = re.compile(r"dec|generat|likelihood|p_?net", re.I)
ITEM = re.compile(r"^(x|img|image|images|input|inputs|pixel_values|items?|data|signal|x_?in)(\b|_|$)", re.I)
CODE = re.compile(r"^(z|code|latent|embedding|h)(\b|_|$)|latent|embedding", re.I)
REBUILT = re.compile(r"recon|rebuilt|decod|x_?(hat|rec|out|bar|tilde)|^y$|sample", re.I)
MAX_CUTS = 256  # places tried as the code of a file that does not name it
TYPES: dict[str, type[np.floating[Any]]] = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
}
SIZES_ALONE = frozenset({"Shape", "Size"})


@dataclass(frozen=True)
class Half:
    """An encoder or a decoder: a network of one input, its own axis the first.

    title: of its file. key: of the trial. input: its name; dims: of one item of it, None for a size that is free.
    batch: how many it takes at once, where it takes no other number. outputs: by name, the sizes of one item.
    """

    title: str
    data: bytes
    key: str
    input: str
    type: type[np.floating[Any]]
    batch: int | None
    dims: Sizes
    outputs: dict[str, Sizes]
    weights: int

    def batched(self, values: NDArray[Any]) -> NDArray[Any]:
        """As many rows as it takes, of its type: the last row is repeated."""
        rows = values if self.batch is None else values[np.minimum(np.arange(self.batch), len(values) - 1)]
        return rows.astype(self.type)


@dataclass(frozen=True)
class Halves:
    """Both of them, and sentences on how they were told apart."""

    encoder: Half
    decoder: Half
    notes: tuple[str, ...] = ()


def half_of(trial: TrialProcess, data: bytes, title: str, weights: int) -> Half:
    """A network that was opened in a trial. Raises CheckpointError for one of several inputs, or other numbers."""
    key, interface = trial.open(data, title)
    return _half(key, interface, data, title, weights)


def _half(key: str, interface: Interface, data: bytes, title: str, weights: int) -> Half:
    if len(interface.inputs) != 1:
        names = ", ".join(list(interface.inputs)[:6]) or "none"
        raise CheckpointError(
            f"{title} takes {len(interface.inputs)} inputs ({names}): expected one, an item or a code. Export it with "
            "everything else as constants."
        )
    ((name, (kind, sizes)),) = interface.inputs.items()
    if kind not in TYPES:
        raise CheckpointError(f"{title} takes {kind} as {name}: expected numbers with a fraction (float32).")
    if not sizes:
        raise CheckpointError(f"{title} takes a single number as {name}: expected items, their own axis the first.")
    outputs = {output: tuple(dims[1:]) for output, (_, dims) in interface.outputs.items()}
    return Half(title, data, key, name, TYPES[kind], sizes[0], tuple(sizes[1:]), outputs, weights)


# --- Which is which ---


def of_two(trial: TrialProcess, files: Sequence[OnnxFile], stated: str | None) -> Halves:
    """Encoder and decoder of two files. stated: the name of the encoder's, where a person said it."""
    halves = [half_of(trial, file.data, file.name, file.weights) for file in files]
    if stated is not None:
        if stated not in {half.title for half in halves}:
            names = " or ".join(half.title for half in halves)
            raise CheckpointError(f"The encoder is stated to be {stated}: expected {names}.")
        halves.sort(key=lambda half: half.title != stated)
        return Halves(halves[0], halves[1], (f"{halves[0].title} is the encoder, as stated.",))
    first, second = halves
    votes = {
        "the names of the files": _by_words(ENCODER, DECODER, first.title, second.title),
        "the names of their inputs and outputs": _by_words(ITEM, CODE, first.input, second.input)
        or _by_words(CODE, REBUILT, " ".join(first.outputs), " ".join(second.outputs)),
        "their shapes": _by_sizes(first, second),
    }
    basis, vote = next(((basis, vote) for basis, vote in votes.items() if vote), ("", 0))
    if not vote:
        raise CheckpointError(
            f"Neither names nor shapes tell which of {first.title} and {second.title} is the encoder: call them "
            "encoder.onnx and decoder.onnx."
        )
    encoder, decoder = (first, second) if vote > 0 else (second, first)
    notes = [f"{encoder.title} is the encoder and {decoder.title} the decoder, by {basis}."]
    if votes["their shapes"] * vote < 0:
        notes.append("By their shapes it would be the other way round: the code is larger than the item.")
    return Halves(encoder, decoder, tuple(notes))


def _by_words(pattern: re.Pattern[str], other: re.Pattern[str], first: str, second: str) -> int:
    """1 where the first goes by the one pattern and the second by the other, −1 for the reverse, 0 for neither."""
    straight = bool(pattern.search(first)) + bool(other.search(second))
    crossed = bool(pattern.search(second)) + bool(other.search(first))
    return (straight > crossed) - (straight < crossed)


def _by_sizes(first: Half, second: Half) -> int:
    """The same by what goes in and comes out: an encoder makes less of an item, a decoder more of a code."""
    takes = [_size(half.dims) for half in (first, second)]
    if takes[0] is not None and takes[1] is not None:
        return (takes[0] > takes[1]) - (takes[0] < takes[1])
    for sign, half in ((1, first), (-1, second)):
        inside = _size(half.dims)
        outside = [size for size in map(_size, half.outputs.values()) if size is not None]
        if inside is not None and outside and inside != max(outside):
            return sign if inside > max(outside) else -sign
    return 0


def _size(dims: Sizes) -> int | None:
    return None if any(side is None for side in dims) else prod(side for side in dims if side is not None)


# --- One file ---


def of_one(trial: TrialProcess, file: OnnxFile) -> Halves:
    """Encoder and decoder of one file: two inputs of their own, or one whose code comes out beside the item."""
    inputs, outputs = file.graph.inputs, [value.name for value in file.graph.outputs]
    if len(inputs) == 2:
        return _of_two_inputs(trial, file, inputs, outputs)
    if len(inputs) != 1:
        names = ", ".join(value.name for value in inputs[:6]) or "none"
        raise CheckpointError(f"{file.name} takes {len(inputs)} inputs ({names}): expected an item, or it and a code.")
    whole = half_of(trial, file.data, file.name, file.weights)
    return _taken_apart(trial, file, whole, inputs[0], outputs)


def _of_two_inputs(trial: TrialProcess, file: OnnxFile, inputs: Sequence[Value], outputs: Sequence[str]) -> Halves:
    leads: dict[str, list[str]] = {value.name: [] for value in inputs}
    for output in outputs:
        reads = {value.name for value in inputs} & needed(file.graph, [output])[1]
        if len(reads) == 2:
            raise CheckpointError(
                f"{file.name} computes {output} of two inputs ({', '.join(leads)}): a network that is told a class or "
                "something else beside the item is not shown. Export it with that as a constant."
            )
        for name in reads:
            leads[name].append(output)
    if not all(leads.values()):
        unused = " and ".join(name for name, names in leads.items() if not names)
        raise CheckpointError(f"Nothing in {file.name} depends on {unused}: expected an item and a code.")
    halves = [
        half_of(trial, part(file, [(value.name, value.type, _dims(value))], leads[value.name]), file.name, file.weights)
        for value in inputs
    ]
    first, second = halves
    vote = _by_sizes(first, second) or _by_words(ITEM, CODE, first.input, second.input)
    if not vote:
        raise CheckpointError(f"{file.name}: nothing tells which of {first.input} and {second.input} is the code.")
    encoder, decoder = (first, second) if vote > 0 else (second, first)
    note = f"One file with both: {encoder.input} is the item, {decoder.input} the code."
    return Halves(encoder, decoder, (note,))


def _taken_apart(trial: TrialProcess, file: OnnxFile, whole: Half, value: Value, outputs: Sequence[str]) -> Halves:
    sizes = _size(whole.dims)
    if sizes is None:
        raise CheckpointError(
            f"{file.name} does not state the size of its items: export encoder and decoder as two files, or with "
            "items of one size."
        )
    x = np.random.default_rng(0).random((whole.batch or 1, *_known(whole.dims)), np.float32)
    computed = dict(zip(outputs, trial.run(whole.key, {whole.input: x.astype(whole.type)}, outputs), strict=True))
    alike = [name for name in outputs if computed[name].size == x.size]
    if not alike:
        raise CheckpointError(
            f"{file.name} is an encoder or a decoder alone: nothing that it gives is of the size of what it takes. "
            "Bring both, as two files or a zip of them."
        )
    rebuilt = next((name for name in alike if REBUILT.search(name)), alike[0])
    heads = [name for name in outputs if name != rebuilt and computed[name].size < x.size]
    cuts = _cuts(file.graph, value.name, rebuilt)
    if not cuts:
        raise CheckpointError(
            f"{file.name} has no place where all that {rebuilt} is made of passes through a code: export encoder and "
            "decoder as two files."
        )
    code, dims = _code(trial, file, value, whole, cuts, {name: computed[name].size for name in heads})
    encoder = half_of(trial, part(file, [_given(value)], heads or [code]), file.name, file.weights)
    baked = _sizes(trial, file, value, whole, code, rebuilt)
    batch = len(x) if baked else None
    decoder_file = part(_with(file, baked), [(code, 1, (batch, *dims))], [rebuilt])
    decoder = half_of(trial, decoder_file, file.name, file.weights)
    what = f"the code that its decoder reads is {code!r}" + ("" if heads else ", its narrowest place")
    return Halves(encoder, decoder, (f"One file with both: {what}, and {rebuilt!r} the rebuilt item.",))


def _code(
    trial: TrialProcess, file: OnnxFile, value: Value, whole: Half, cuts: Sequence[str], heads: dict[str, int]
) -> tuple[str, tuple[int, ...]]:
    """The name of the code among the places where all passes through, and its shape."""
    if len(cuts) > MAX_CUTS:
        cuts = [cuts[row] for row in sorted({*np.linspace(0, len(cuts) - 1, MAX_CUTS).astype(int).tolist()})]
    computed = _intermediate(trial, file, value, whole, cuts)
    rows = whole.batch or 1
    fitting = [name for name in cuts if computed[name].ndim > 1 and len(computed[name]) == rows]
    if heads:
        sizes = {*heads.values(), *(size // 2 for size in heads.values())}
        fitting = [name for name in fitting if computed[name].size in sizes] or fitting
    if not fitting:
        raise CheckpointError(f"{file.name}: no place in it looks like a code. Export both as two files.")
    code = min(fitting, key=lambda name: computed[name].size)
    if computed[code].size >= rows * prod(_known(whole.dims)):
        raise CheckpointError(f"{file.name} is nowhere narrower than its item: there is no code to be shown.")
    return code, computed[code].shape[1:]


def _sizes(
    trial: TrialProcess, file: OnnxFile, value: Value, whole: Half, code: str, rebuilt: str
) -> dict[str, NDArray[Any]]:
    """Sizes that a decoder asks of the item, such as how many there are: it gets those of a first run for good."""
    nodes, names = needed(file.graph, [rebuilt], [code])
    if value.name not in names:
        return {}
    sizes = [name for node in nodes if node.operator in SIZES_ALONE for name in node.outputs]
    return _intermediate(trial, file, value, whole, sizes)


def _intermediate(
    trial: TrialProcess, file: OnnxFile, value: Value, whole: Half, names: Sequence[str]
) -> dict[str, NDArray[Any]]:
    """What some names within a network stand for, as it is run on noise."""
    half = half_of(trial, part(file, [_given(value)], names), file.name, 0)
    x = np.random.default_rng(0).random((whole.batch or 1, *_known(whole.dims)), np.float32).astype(whole.type)
    return dict(zip(names, trial.run(half.key, {half.input: x}, names), strict=True))


def _cuts(graph: Graph, given: str, end: str) -> list[str]:
    """The names through which all passes from one name to another, in order; sizes alone may pass beside them."""
    nodes, _ = needed(graph, [end], [given])
    moving, sizes = {given}, set[str]()  # what is made of the input's values, or of its sizes alone
    for node in nodes:
        reads = set(node.reads)
        if reads & moving and node.operator not in SIZES_ALONE:
            moving.update(node.outputs)
        elif reads & (moving | sizes):
            sizes.update(node.outputs)
    last = {name: row for row, node in enumerate(nodes) if node.operator not in SIZES_ALONE for name in node.reads}
    live, cuts = {given}, dict[str, None]()
    for row, node in enumerate(nodes):
        live |= moving.intersection(node.outputs)
        live = {name for name in live if last.get(name, -1) > row}
        if len(live) == 1 and live != {given}:
            cuts[next(iter(live))] = None
    return list(cuts)


def _with(file: OnnxFile, values: dict[str, NDArray[Any]]) -> OnnxFile:
    """The same with some names as constants."""
    codes = {np.dtype(np.int64): 7, np.dtype(np.int32): 6, np.dtype(np.bool_): 9}
    codes |= {np.dtype(name): code for code, name in FLOATS.items()}
    extra = []
    for name, value in values.items():
        dims = b"".join(wire.field(1, side) for side in value.shape)
        kind = wire.field(2, codes[value.dtype])
        tensor = dims + kind + wire.field(8, name) + wire.field(9, value.tobytes())
        extra.append((5, memoryview(tensor)))
    nodes = [node for node in file.graph.nodes if not set(node.outputs) & values.keys()]
    graph = Graph(nodes, file.graph.tensors, file.graph.inputs, file.graph.outputs, other=[*file.graph.other, *extra])
    return OnnxFile(file.name, file.data, graph, file.functions, file.head, file.metadata)


def _given(value: Value) -> tuple[str, int, Sizes]:
    return value.name, value.type, _dims(value)


def _dims(value: Value) -> Sizes:
    if value.dims is None:
        raise CheckpointError(f"The input {value.name} has no shape: export it with one.")
    return value.dims


def _known(dims: Iterable[int | None]) -> tuple[int, ...]:
    return tuple(side for side in dims if side is not None)
