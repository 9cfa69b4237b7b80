"""Where to run: CUDA, Apple's MPS or the CPU, and batches that fit there."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache, wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

import torch
from torch import Tensor, nn

from aeviz import progress

VARIABLE = "AEVIZ_DEVICE"
BATCH = 1024  # rows at once
CPU = torch.device("cpu")
# What torch says where memory ran out and it does not raise OutOfMemoryError: of MPS, cuBLAS and cuDNN, the CPU.
FULL = ("out of memory", "alloc_failed", "not enough memory", "can't allocate memory")

Given = ParamSpec("Given")
Result = TypeVar("Result")
Module = TypeVar("Module", bound=nn.Module)
Caller = TypeVar("Caller", bound="Host")


class Placed(Protocol):
    """A model, which is a module of torch or calls what somebody brought."""

    @property
    def device(self) -> torch.device: ...


class Host(Protocol):
    """Whoever runs a model, on its `device`."""

    @property
    def model(self) -> Placed: ...


def choose(device: str | torch.device = "auto") -> torch.device:
    """The device to run on.

    "auto" takes the value of AEVIZ_DEVICE if it is set, then CUDA, then MPS, each if it multiplies two small matrices
    right, then the CPU. Any other value is a torch device ("cpu", "cuda", "cuda:1", "mps"). Raises ValueError when the
    name is not one or the device is not there.
    """
    name = str(device)
    if name == "auto":
        name = os.environ.get(VARIABLE, "auto").strip() or "auto"
    if name == "auto":
        there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
        return next((torch.device(gpu) for gpu, is_there in there.items() if is_there and is_sound(gpu)), CPU)
    try:
        chosen = torch.device(name)
    except RuntimeError as error:
        raise ValueError(f"Unknown device {name!r}: expected 'auto', 'cpu', 'cuda', 'cuda:N' or 'mps'.") from error
    _require(chosen)
    return chosen


@cache
def is_sound(name: str) -> bool:
    """Whether a GPU that is there works too; once in a process it is told where it does not."""
    reason = problem(torch.device(name))
    if reason:
        _tell(f"the device {name!r} is there but does not work, so models run on the CPU: {reason}")
    return not reason


def problem(device: torch.device) -> str:
    """Why a device does not multiply two small matrices, in its own words; "" where it does."""
    try:
        ones = torch.ones(8, 8, device=device)
        total = float((ones @ ones).sum().cpu())
    except Exception as error:  # of a driver, anything
        return (str(error).strip() or type(error).__name__).splitlines()[0]
    return "" if total == 8**3 else f"the sum of a small product came to {total:g}, not {8**3}."


def _tell(text: str) -> None:
    print(f"aeviz: {text}", file=sys.stderr, flush=True)


def _require(device: torch.device) -> None:
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ValueError(
            f"Device {str(device)!r} was asked for, but {torch.cuda.device_count()} CUDA devices are here."
        )
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise ValueError("Device 'mps' was asked for, but this machine has none.")
    if device.type not in {"cpu", "cuda", "mps"}:
        raise ValueError(f"Device {str(device)!r} is not supported: use 'cpu', 'cuda' or 'mps'.")


def describe(device: torch.device) -> str:
    """The device in words for a person: "CPU" or the GPU's name."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else _kind(device)


def _kind(device: torch.device) -> str:
    return {"cuda": "GPU", "mps": "Apple GPU"}.get(device.type, "CPU")


def in_batches(function: Callable[[Tensor], Tensor], inputs: Tensor, batch: int = BATCH) -> Tensor:
    """`function` over the rows of `inputs`, at most `batch` at a time, results joined along axis 0.

    Who watches (`aeviz.progress`) is told after each batch. A batch that does not fit the device's memory is halved
    until it does; of a single row that does not fit the error of torch is raised, which `is_out_of_memory` knows.
    """
    if len(inputs) <= 1:
        return function(inputs)
    results: list[Tensor] = []
    total, done = len(inputs), 0
    if total > batch:
        progress.tell(0, total)
    for result in _outputs(function, torch.split(inputs, batch)):
        done += len(result)
        results.append(result)
        if total > batch:
            progress.tell(done, total)
    return torch.cat(results)


def _outputs(function: Callable[[Tensor], Tensor], batches: Iterable[Tensor]) -> Iterator[Tensor]:
    for rows in batches:
        try:
            yield function(rows)
            continue
        except Exception as error:
            if len(rows) == 1 or not is_out_of_memory(error):
                raise
        # Out here, because the exception holds the frames that failed, and with them the memory they took.
        yield from _outputs(function, torch.split(rows, -(-len(rows) // 2)))


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether this was raised, or its cause was, because memory ran out, of a GPU or of the machine."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    if isinstance(error, RuntimeError) and any(words in str(error).lower() for words in FULL):
        return True
    return error is not None and error.__cause__ is not None and is_out_of_memory(error.__cause__)


def moved(model: Module, device: torch.device) -> Module:
    """The model with its weights on a device; on the CPU, which is told, where they do not fit there."""
    try:
        return model.to(device)
    except RuntimeError as error:
        if device.type == "cpu" or not is_out_of_memory(error):
            raise
        _tell(f"the memory of the {_kind(device)} is full, so this model runs on the CPU.")
    return model.to(CPU)


def or_on_cpu(
    method: Callable[Concatenate[Caller, Given], Result],
) -> Callable[Concatenate[Caller, Given], Result]:
    """A method of who runs a model, begun again on the CPU where the GPU's memory is too small for a single item.

    The model stays on the CPU, which is told. What the method is given must not lie on the GPU.
    """

    @wraps(method)
    def run(self: Caller, /, *given: Given.args, **named: Given.kwargs) -> Result:
        model, place = self.model, self.model.device
        try:
            return method(self, *given, **named)
        except RuntimeError as error:
            if not isinstance(model, nn.Module) or place.type == "cpu" or not is_out_of_memory(error):
                raise
            _tell(f"the memory of the {_kind(place)} is full, so this model goes on on the CPU.")
        # Out here, as in `_outputs`.
        model.to(CPU)
        return method(self, *given, **named)

    return run
