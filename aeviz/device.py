"""Where to run: CUDA, Apple's MPS or the CPU, and batches that fit there."""

import os
from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor

VARIABLE = "AEVIZ_DEVICE"
BATCH = 1024  # rows at once


def choose(device: str | torch.device = "auto") -> torch.device:
    """The device to run on.

    "auto" takes the value of AEVIZ_DEVICE if it is set, then CUDA, then MPS, then the CPU. Any other
    value is a torch device ("cpu", "cuda", "cuda:1", "mps"). Raises ValueError when the name is not
    one or the device is not there.
    """
    name = str(device)
    if name == "auto":
        name = os.environ.get(VARIABLE, "auto").strip() or "auto"
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        chosen = torch.device(name)
    except RuntimeError as error:
        raise ValueError(f"Unknown device {name!r}: expected 'auto', 'cpu', 'cuda', 'cuda:N' or 'mps'.") from error
    _require(chosen)
    return chosen


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
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return {"mps": "Apple GPU", "cpu": "CPU"}[device.type]


def in_batches(function: Callable[[Tensor], Tensor], inputs: Tensor, batch: int = BATCH) -> Tensor:
    """`function` over the rows of `inputs`, at most `batch` at a time, results joined along axis 0.

    A batch that does not fit the device's memory is halved until it does; a single row that does not
    fit raises torch.OutOfMemoryError.
    """
    if len(inputs) <= 1:
        return function(inputs)
    return torch.cat(list(_outputs(function, torch.split(inputs, batch))))


def _outputs(function: Callable[[Tensor], Tensor], batches: Iterable[Tensor]) -> Iterator[Tensor]:
    for rows in batches:
        try:
            yield function(rows)
            continue
        except torch.OutOfMemoryError:
            if len(rows) == 1:
                raise
        # Out here, because the exception holds the frames that failed, and with them the memory they took.
        yield from _outputs(function, torch.split(rows, -(-len(rows) // 2)))
