"""Small ONNX networks, made node by node, that the tests of ONNX share."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

Dims = Sequence[int | str | None]


class Made:
    """A graph that grows: each call adds an operator and names what it gives."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.tensors: list[Any] = []
        self.count = 0

    def constant(self, value: Any, kind: Any = np.float32) -> str:
        self.count += 1
        name = f"w{self.count}"
        self.tensors.append(numpy_helper.from_array(np.asarray(value, kind), name))
        return name

    def op(self, operator: str, *inputs: str, to: str | Sequence[str] = "", **attributes: Any) -> str:
        self.count += 1
        outputs = [to or f"t{self.count}"] if isinstance(to, str) else list(to)
        self.nodes.append(helper.make_node(operator, list(inputs), outputs, **attributes))
        return outputs[0]

    def dense(self, x: str, weights: np.ndarray, to: str = "") -> str:
        return self.op("MatMul", x, self.constant(weights), to=to)

    def reshape(self, x: str, sizes: Sequence[int], to: str = "") -> str:
        return self.op("Reshape", x, self.constant(sizes, np.int64), to=to)

    def file(self, inputs: dict[str, Dims], outputs: Sequence[str] | dict[str, Dims], **more: Any) -> ModelProto:
        given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, dims) for name, dims in inputs.items()]
        shapes = outputs if isinstance(outputs, dict) else dict.fromkeys(outputs)
        gives = [helper.make_tensor_value_info(name, TensorProto.FLOAT, dims) for name, dims in shapes.items()]
        graph = helper.make_graph(self.nodes, "made", given, gives, self.tensors)
        opsets = [helper.make_opsetid("", 18), *more.pop("opsets", [])]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9, **more)


def weights(*shape: int, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal(shape) / np.sqrt(shape[0])).astype(np.float32)


ENCODE, SPREAD, DECODE = weights(64, 3, seed=1), weights(64, 3, seed=2), weights(3, 64, seed=3)


def encoder(
    names: Sequence[str] = ("mu", "log_var"), dims: Dims = (1, 8, 8), batch: int | str = "batch", kind: str = "log_var",
    given: str = "x",
) -> bytes:  # fmt: skip
    """x -> x·ENCODE and x·SPREAD, as log σ², log σ, σ or σ²."""
    made = Made()
    flat = made.reshape(given, (-1, 64))
    made.dense(flat, ENCODE, to=names[0])
    if len(names) > 1:
        log_var = made.dense(flat, SPREAD, to=names[1] if kind == "log_var" else "")
        if kind != "log_var":
            scaled = made.op("Mul", log_var, made.constant(1.0 if kind == "var" else 0.5))
            made.op("Identity" if kind == "log_std" else "Exp", scaled, to=names[1])
    return made.file({given: (batch, *dims)}, names).SerializeToString()


def decoder(
    dims: Sequence[int] = (1, 8, 8), last: str = "Sigmoid", given: str = "z", batch: int | str = "batch", to: str = "y"
) -> bytes:
    """z -> the last step of z·DECODE, of these dims."""
    made = Made()
    values = made.dense(given, DECODE)
    made.reshape(made.op(last, values) if last else values, (-1, *dims), to=to)
    return made.file({given: (batch, 3)}, {to: (batch, *dims)}).SerializeToString()


def sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


PICTURES = weights(784, 3, seed=1)


def onnx_pair() -> dict[str, bytes]:
    """Encoder and decoder of MNIST's shape, by the names of their files."""
    there, back = Made(), Made()
    there.dense(there.reshape("x", (-1, 784)), PICTURES, to="mu")
    back.reshape(back.op("Sigmoid", back.dense("z", weights(3, 784, seed=3))), (-1, 1, 28, 28), to="y")
    return {
        "encoder.onnx": there.file({"x": ("n", 1, 28, 28)}, ("mu",)).SerializeToString(),
        "decoder.onnx": back.file({"z": ("n", 3)}, {"y": ("n", 1, 28, 28)}).SerializeToString(),
    }
