import weakref

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from aeviz import device
from aeviz.device import VARIABLE, choose, describe, in_batches, is_out_of_memory, moved
from aeviz.errors import CallableError
from aeviz.latent.explorer import Explorer
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config


@pytest.fixture(autouse=True)
def without_a_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def pretend(monkeypatch: pytest.MonkeyPatch, *, cuda: int = 0, mps: bool = False) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    monkeypatch.setattr(device, "problem", lambda chosen: "")
    device.is_sound.cache_clear()


@pytest.mark.parametrize(("cuda", "mps", "expected"), [(0, False, "cpu"), (1, True, "cuda"), (0, True, "mps")])
def test_auto_takes_the_best_there_is(monkeypatch: pytest.MonkeyPatch, cuda: int, mps: bool, expected: str) -> None:
    pretend(monkeypatch, cuda=cuda, mps=mps)
    assert choose() == choose("auto") == torch.device(expected)


@pytest.mark.parametrize(("mps", "expected"), [(False, "cpu"), (True, "mps")])
def test_a_gpu_that_does_not_work_is_told_of_once_and_left(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], mps: bool, expected: str
) -> None:
    pretend(monkeypatch, cuda=1, mps=mps)
    monkeypatch.setattr(device, "problem", lambda chosen: {"cuda": "no kernel image is available"}.get(chosen.type, ""))
    assert choose() == choose() == torch.device(expected)
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert "'cuda' is there but does not work" in told[0]
    assert "no kernel image is available" in told[0]
    assert choose("cuda") == torch.device("cuda"), "who states it gets it"


def test_a_small_product_is_tried() -> None:
    assert device.problem(torch.device("cpu")) == ""
    assert device.problem(torch.device("meta")) != "", "nothing can be read there"


def test_the_environment_decides_for_auto_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, cuda=2)
    monkeypatch.setenv(VARIABLE, " cuda:1 ")
    assert choose("auto") == torch.device("cuda:1")
    assert choose("cpu") == torch.device("cpu")
    for nothing in ("", " ", "auto"):
        monkeypatch.setenv(VARIABLE, nothing)
        assert choose() == torch.device("cuda")
    monkeypatch.setenv(VARIABLE, "gpu")
    with pytest.raises(ValueError, match="'gpu'"):
        choose()


@pytest.mark.parametrize("name", ["gpu", "cuda:x", "cuda:-1", "meta", "", "CPU "])
def test_names_of_no_device_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"Unknown device|not supported"):
        choose(name)


def test_devices_that_are_not_there_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch)
    with pytest.raises(ValueError, match="'cuda' was asked for, but 0 CUDA devices"):
        choose("cuda")
    with pytest.raises(ValueError, match=r"'mps'.*none"):
        choose("mps")
    pretend(monkeypatch, cuda=1)
    assert choose(torch.device("cuda", 0)) == torch.device("cuda:0")
    with pytest.raises(ValueError, match=r"'cuda:1'.*1 CUDA devices"):
        choose("cuda:1")


def test_devices_in_words() -> None:
    assert describe(torch.device("cpu")) == "CPU"
    assert describe(torch.device("mps")) == "Apple GPU"


@given(count=st.integers(0, 25), batch=st.integers(1, 30))
def test_batches_give_the_unbatched_result(count: int, batch: int) -> None:
    inputs = torch.arange(3.0 * count).view(count, 3)
    sizes: list[int] = []

    def function(rows: Tensor) -> Tensor:
        sizes.append(len(rows))
        return rows.cumsum(1)

    assert torch.equal(in_batches(function, inputs, batch), inputs.cumsum(1))
    assert max(sizes) <= max(1, batch)
    assert sum(sizes) == count


class Memory:
    """A function that fits `limit` rows; its working space must be free again before the next attempt."""

    def __init__(self, limit: int) -> None:
        self.limit, self.sizes = limit, list[int]()
        self.space: weakref.ref[Tensor] | None = None

    def __call__(self, rows: Tensor) -> Tensor:
        assert self.space is None or self.space() is None, "the failed attempt still holds its memory"
        self.sizes.append(len(rows))
        space = rows * 2
        self.space = weakref.ref(space)
        if len(rows) > self.limit:
            raise torch.OutOfMemoryError("too much")
        return rows + 1


@given(count=st.integers(2, 40), limit=st.integers(1, 12), batch=st.integers(1, 40))
def test_batches_that_do_not_fit_are_halved(count: int, limit: int, batch: int) -> None:
    inputs = torch.arange(float(count))[:, None]
    memory = Memory(limit)
    assert torch.equal(in_batches(memory, inputs, batch), inputs + 1)


def test_halving_keeps_what_fits() -> None:
    memory = Memory(limit=4)
    in_batches(memory, torch.zeros(16, 1), batch=10)
    assert memory.sizes == [10, 5, 3, 2, 5, 3, 2, 6, 3, 3]


@pytest.mark.parametrize("count", [1, 5])
def test_a_single_row_that_does_not_fit_is_an_error(count: int) -> None:
    memory = Memory(limit=0)
    with pytest.raises(torch.OutOfMemoryError, match="too much"):
        in_batches(memory, torch.zeros(count, 1))
    assert memory.sizes[-1] == 1


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("MPS backend out of memory (MPS allocated: 5.10 GB, max allowed: 9.07 GB)."),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
    ids=["cuda", "mps", "cublas", "cpu", "python"],
)
def test_memory_runs_out_in_many_words(error: Exception) -> None:
    assert is_out_of_memory(error)
    told = CallableError("encode failed")
    told.__cause__ = error
    assert is_out_of_memory(told)

    def function(rows: Tensor) -> Tensor:
        if len(rows) > 2:
            raise told
        return rows + 1

    assert torch.equal(in_batches(function, torch.zeros(9, 1)), torch.ones(9, 1))


class Full(Autoencoder):
    """A model on a GPU whose memory is full."""

    place = torch.device("mps")

    @property
    def device(self) -> torch.device:
        return self.place

    def to(self, *where: torch.device) -> "Full":
        if where[0].type != "cpu":
            raise RuntimeError("MPS backend out of memory")
        self.place = torch.device("cpu")
        return self


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Full:
    model = Full(
        Config(family="ae", code="deterministic", shape=(1, 6, 5), latent_dim=2, body="dense", channels=(), hidden=(8,))
    ).eval()
    encode = model.encode

    def crowded(x: Tensor, labels: Tensor | None = None) -> object:
        if model.device.type != "cpu":
            raise RuntimeError("MPS backend out of memory (MPS allocated: 5.10 GB)")
        return encode(x, labels)

    monkeypatch.setattr(model, "encode", crowded)
    return model


def test_a_model_goes_on_on_the_cpu_where_the_gpu_is_full(full: Full, capsys: pytest.CaptureFixture[str]) -> None:
    explorer = Explorer(full)
    assert explorer.device == "Apple GPU"
    mean, _ = explorer.encode(torch.rand(3, 1, 6, 5).numpy())
    assert mean.shape == (3, 2)
    assert explorer.device == "CPU"
    assert "memory of the Apple GPU is full" in capsys.readouterr().err
    explorer.encode(torch.rand(3, 1, 6, 5).numpy())
    assert capsys.readouterr().err == "", "it stays there"


def test_weights_that_do_not_fit_the_gpu_lie_on_the_cpu(full: Full, capsys: pytest.CaptureFixture[str]) -> None:
    assert moved(full, torch.device("mps")).device == torch.device("cpu")
    assert "this model runs on the CPU" in capsys.readouterr().err
    with pytest.raises(NotImplementedError):
        moved(torch.nn.Linear(2, 2, device="meta"), torch.device("cpu"))


def test_other_errors_are_not_swallowed() -> None:
    def fail(rows: Tensor) -> Tensor:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        in_batches(fail, torch.zeros(4, 1))


@pytest.mark.gpu
def test_auto_is_the_gpu_and_has_a_name() -> None:
    assert choose() == torch.device("cuda")
    assert describe(choose()) == torch.cuda.get_device_name()


@pytest.mark.gpu
def test_a_batch_too_large_for_the_gpu_is_halved() -> None:
    _, total = torch.cuda.mem_get_info()
    wide = total // 4 // 4  # each row asks for a quarter of the memory
    y = in_batches(
        lambda rows: rows.new_zeros(len(rows), wide).sum(1) + rows[:, 0], torch.arange(8.0, device="cuda")[:, None]
    )
    assert y.tolist() == list(range(8))
