"""ONNX files that are not run: each is refused with the reason before onnxruntime sees it, or stopped in its child."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from onnx import ModelProto, TensorProto, helper, numpy_helper

from aeviz.errors import CallableError, CheckpointError
from aeviz.importers.files.filetypes import FileType, sniff, type_of
from aeviz.importers.models import onnx_child, onnx_graph, onnx_wire
from aeviz.importers.models.onnx_graph import parse, part, read_onnx
from aeviz.importers.models.onnx_session import Session
from aeviz.importers.models.onnx_trial import trial
from aeviz.importers.models.statement import Statement
from tests.importers.conftest import loaded_from
from tests.importers.models.onnx_made import DECODE, Made, decoder, encoder
from tests.importers.models.test_onnx import folder


def base() -> ModelProto:
    return ModelProto.FromString(decoder())


def external(model: ModelProto) -> None:
    tensor = model.graph.initializer[0]
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"
    tensor.data_location = TensorProto.EXTERNAL


def external_in_a_constant(model: ModelProto) -> None:
    tensor = TensorProto(dims=[1], data_type=1, name="c", data_location=TensorProto.EXTERNAL)
    model.graph.node.append(helper.make_node("Constant", [], ["c"], value=tensor))


def custom(model: ModelProto) -> None:
    model.graph.node.append(helper.make_node("PyOp", ["z"], ["p"], domain="ai.onnx.contrib"))


def loop(trips: str, count: int | None = None, outer: int = 0) -> Callable[[ModelProto], None]:
    def add(model: ModelProto) -> None:
        boolean, number = TensorProto.BOOL, TensorProto.INT64
        body = helper.make_graph(
            [helper.make_node("Identity", ["go"], ["on"])], "body",
            [helper.make_tensor_value_info("i", number, []), helper.make_tensor_value_info("go", boolean, [])],
            [helper.make_tensor_value_info("on", boolean, [])],
        )  # fmt: skip
        if count is not None:
            model.graph.initializer.append(numpy_helper.from_array(np.array(count, np.int64), trips))
        node = helper.make_node("Loop", [trips, ""], [], body=body)
        for depth in range(outer):
            inner = helper.make_graph(
                [node, helper.make_node("Identity", [f"go{depth}"], [f"on{depth}"])], f"outer{depth}",
                [helper.make_tensor_value_info(f"i{depth}", number, []),
                 helper.make_tensor_value_info(f"go{depth}", boolean, [])],
                [helper.make_tensor_value_info(f"on{depth}", boolean, [])],
            )  # fmt: skip
            node = helper.make_node("Loop", [trips, ""], [], body=inner)
        model.graph.node.append(node)

    return add


def deep(model: ModelProto) -> None:
    node = helper.make_node("Identity", ["z"], ["p"])
    for _ in range(20):
        graph = helper.make_graph([node], "g", [], [helper.make_tensor_value_info("p", 1, None)])
        node = helper.make_node("If", ["z"], ["p"], then_branch=graph, else_branch=graph)
        if len(node.SerializeToString()) > 5_000_000:
            break
    model.graph.node.append(node)


def many(model: ModelProto) -> None:
    model.graph.node.extend([helper.make_node("Identity", ["z"], [f"p{row}"]) for row in range(20_001)])


def shape_of(dims: list[int]) -> Callable[[ModelProto], None]:
    def change(model: ModelProto) -> None:
        model.graph.output[0].CopyFrom(helper.make_tensor_value_info("y", 1, dims))

    return change


def tensor_of(dims: list[int]) -> Callable[[ModelProto], None]:
    def change(model: ModelProto) -> None:
        model.graph.initializer.append(TensorProto(dims=dims, data_type=1, name="big", raw_data=b""))

    return change


def function_bomb(model: ModelProto) -> None:
    """Each function calls the one before it twice: 2⁴⁰ operators when they are put in place."""
    for row in range(7):
        calls = [helper.make_node(f"f{row - 1}" if row else "Identity", ["a"], [f"b{n}"], domain="own" if row else "")
                 for n in range(60)]  # fmt: skip
        model.functions.append(
            helper.make_function("own", f"f{row}", ["a"], ["b0"], calls, [helper.make_opsetid("", 18)])
        )
    model.graph.node.append(helper.make_node("f6", ["z"], ["p"], domain="own"))


def recursion(model: ModelProto) -> None:
    call = helper.make_node("f", ["a"], ["b"], domain="own")
    model.functions.append(helper.make_function("own", "f", ["a"], ["b"], [call], [helper.make_opsetid("", 18)]))
    model.graph.node.append(helper.make_node("f", ["z"], ["p"], domain="own"))


def sparse(model: ModelProto) -> None:
    values = helper.make_tensor("s", TensorProto.FLOAT, [1], [1.0])
    model.graph.sparse_initializer.append(
        helper.make_sparse_tensor(values, helper.make_tensor("i", TensorProto.INT64, [1], [0]), [3])
    )


def training(model: ModelProto) -> None:
    model.training_info.add().algorithm.name = "train"


REFUSED: dict[str, tuple[Callable[[ModelProto], None], str]] = {
    "external data": (external, r"its weights lie in another file, which is not followed.*external_data=False"),
    "external data of a constant": (external_in_a_constant, "lie in another file"),
    "custom operators": (custom, "PyOp is of 'ai.onnx.contrib', not one of ONNX itself"),
    "a loop without a count": (loop(""), "may run for ever"),
    "a loop that counts on its input": (loop("z"), "may run for ever"),
    "a long loop": (loop("n", 1 << 40), r"loop of 1,099,511,627,776 turns; at most 100,000"),
    "loops in loops": (loop("n", 2_000, outer=2), r"its loops take more than 1,000,000 steps"),
    "graphs in graphs": (deep, "more than 8 deep"),
    "many operators": (many, r"more than 20,000 operators"),
    "functions of functions": (function_bomb, "more than 20,000 operators"),
    "a function of itself": (recursion, "calls itself"),
    "a large output": (shape_of([1, 70_000, 70_000]), r"states the shape \(1, 70000, 70000\); at most 16,777,216"),
    "a negative size": (shape_of([1, -5]), r"states the shape \(1, -5\)"),
    "many axes": (shape_of([1] * 12), "has 12 axes; at most 8"),
    "a tensor beyond the file": (tensor_of([1 << 40, 1 << 20]), "which no such file can hold"),
    "a tensor of fewer bytes": (tensor_of([100]), r"of shape \(100\) has 0 bytes"),
    "a negative tensor": (tensor_of([-4]), "which no such file can hold"),
    "sparse weights": (sparse, "save them as dense"),
    "training": (training, "Export the network alone"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_is_refused_with_the_reason(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change, words = REFUSED[kind]
    model = base()
    change(model)
    path = folder(tmp_path / "m", encoder=encoder(), decoder=model.SerializeToString())
    monkeypatch.setattr(subprocess, "Popen", lambda *arguments, **more: pytest.fail("onnxruntime must not see it"))
    with pytest.raises(CheckpointError, match=rf"^decoder\.onnx.*{words}"):
        loaded_from(path)


def test_a_counted_loop_is_run(tmp_path: Path) -> None:
    loaded = loaded_from(folder(tmp_path / "m", encoder=encoder(), decoder=slow(turns=3)), Statement(output="linear"))
    z = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    np.testing.assert_allclose(loaded.model.decode(z).flatten(1), (z.numpy() @ DECODE + 1).clip(0, 1), atol=1e-5)


def test_a_large_file_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(encoder())
    with pytest.raises(CheckpointError, match=r"a\.onnx has .* bytes; there is room for 100"):
        read_onnx(path, 100)
    with path.open("r+b") as file:
        file.truncate(onnx_graph.MAX_BYTES + 1)
    with pytest.raises(CheckpointError, match="there is room for 400,000,000"):
        read_onnx(path)


# --- The wire ---


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x08", "a number is cut off"),
        (b"\x08" + b"\xff" * 11, "a number is cut off"),
        (b"\x3a\x7f", "a field reaches beyond the end"),
        (b"\x00\x00", "no sound number"),
        (b"\x0b\x0c", "of a type that ONNX does not have"),
        (b"\x38\x01", "holds a number where a message belongs"),
        (b"\x08\x09", "holds 0 graphs"),
        (b"\x3a\x00\x3a\x00", "holds 2 graphs"),
    ],
)
def test_an_unsound_message_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(CheckpointError, match=words):
        parse(data, "a.onnx")


def test_a_file_of_many_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_wire, "MAX_FIELDS", 1_000)
    names = b"".join(onnx_wire.field(1, "z") for _ in range(onnx_wire.MAX_FIELDS + 1))
    with pytest.raises(CheckpointError, match="more parts than a network"):
        parse(onnx_wire.field(7, onnx_wire.field(1, names)), "a.onnx")


def test_what_is_read_is_what_the_library_reads() -> None:
    model = ModelProto.FromString(encoder())
    found = parse(encoder(), "a.onnx")
    assert [(node.operator, node.inputs, node.outputs) for node in found.graph.nodes] == [
        (node.op_type, tuple(node.input), tuple(node.output)) for node in model.graph.node
    ]
    assert {name: tensor.dims for name, tensor in found.graph.tensors.items()} == {
        tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer
    }
    assert [(value.name, value.dims) for value in found.graph.inputs] == [("x", (None, 1, 8, 8))]
    cut = ModelProto.FromString(part(found, [("x", 1, (None, 1, 8, 8))], ["mu"]))
    assert len(cut.graph.node) == 2
    assert [value.name for value in cut.graph.output] == ["mu"]


def test_a_model_is_told_by_its_content(tmp_path: Path) -> None:
    for data in (encoder(), decoder()):
        assert type_of(data) is FileType.ONNX
    (tmp_path / "a.txt").write_bytes(encoder())
    assert sniff(tmp_path / "a.txt").type is FileType.ONNX
    for other in (b"\x08\x09", b"\x08\x09hello, world", b"\x08 is backspace", b"\x08\x01\x08\x01"):
        assert type_of(other) is not FileType.ONNX


# --- Time and memory ---


def hungry() -> bytes:
    """Asks for as many numbers as its input says: little for noise below 1, or 40 GB for 10¹⁰."""
    made = Made()
    sizes = made.reshape(made.op("Abs", made.op("ReduceMax", "z", keepdims=1)), [1])
    made.nodes.append(helper.make_node("Cast", [sizes], ["n"], to=TensorProto.INT64))
    filled = made.op("ReduceSum", made.op("ConstantOfShape", "n"), keepdims=0)
    made.op("Add", made.dense("z", DECODE), filled, to="y")
    return made.file({"z": ("n_rows", 3)}, {"y": ("n_rows", 64)}).SerializeToString()


def test_memory_is_bounded_in_this_process() -> None:
    session = Session(hungry(), "hungry.onnx")
    z = np.ones((1, 3), np.float32)
    assert session.run({"z": z}, ["y"])[0].shape == (1, 64)
    with pytest.raises(CallableError, match=r"hungry\.onnx failed on an input of shape \(1, 3\)"):
        session.run({"z": 1e10 * z}, ["y"])
    assert session.run({"z": z}, ["y"])[0].shape == (1, 64)


def slow(turns: int = 100_000) -> bytes:
    """A counted loop of matrix products."""
    made = Made()
    made.tensors.append(numpy_helper.from_array(np.array(turns, np.int64), "n"))
    made.tensors.append(numpy_helper.from_array(np.eye(600, dtype=np.float32), "eye"))
    number, boolean = TensorProto.INT64, TensorProto.BOOL
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("MatMul", ["s", "eye"], ["t"])], "body",
        [helper.make_tensor_value_info("i", number, []), helper.make_tensor_value_info("go", boolean, []),
         helper.make_tensor_value_info("s", 1, [600, 600])],
        [helper.make_tensor_value_info("on", boolean, []), helper.make_tensor_value_info("t", 1, [600, 600])],
    )  # fmt: skip
    made.nodes.append(helper.make_node("Loop", ["n", "", "eye"], ["end"], body=body))
    made.op("Add", made.dense("z", DECODE), made.op("ReduceMax", "end", keepdims=0), to="y")
    return made.file({"z": ("rows", 3)}, {"y": ("rows", 64)}).SerializeToString()


def test_time_is_bounded_in_this_process() -> None:
    with pytest.raises(CallableError, match=r"slow\.onnx took longer than 0 s, and was stopped"):
        Session(slow(), "slow.onnx").run({"z": np.ones((1, 3), np.float32)}, ["y"], seconds=0.2)


def test_the_child_is_stopped_when_its_time_is_up() -> None:
    with trial(seconds=0.0) as tried, pytest.raises(CheckpointError, match="takes too long: it was stopped after 0 s"):
        tried.open(slow(), "slow.onnx")
    assert tried.child.poll() is not None


def test_the_child_that_needs_too_much_says_so() -> None:
    with trial() as tried:
        key, _ = tried.open(hungry(), "hungry.onnx")
        with pytest.raises(CheckpointError, match=r"hungry\.onnx"):
            tried.run(key, {"z": np.full((1, 3), 1e10, np.float32)}, ["y"])


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no such bounds")
def test_the_child_is_bounded_by_the_system() -> None:
    program = (
        "import resource, numpy; from aeviz.importers.models.onnx_child import limit; limit();"
        "print(resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_CPU)[0]);"
        "numpy.ones(10**10)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.split() == [str(onnx_child.MAX_MEMORY_BYTES), str(onnx_child.MAX_CPU_S)]
    assert "Unable to allocate" in done.stderr


def test_the_child_loads_no_torch_and_this_process_no_onnxruntime_before_it_is_needed() -> None:
    program = (
        "import sys; import aeviz.importers.models.onnx_child, aeviz.importers.reading;"
        "sys.exit('torch' in sys.modules or 'onnxruntime' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
