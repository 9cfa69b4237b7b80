"""Which module a callable belongs to, and on which device it may want its tensors."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn


def devices_for(
    modules: Sequence[nn.Module | None], stated: str | torch.device | None
) -> Iterator[tuple[torch.device, torch.device]]:
    """Where tensors may have to be put, for encode and for decode: as stated, or where weights are, or anywhere."""
    if stated is not None:
        yield torch.device(stated), torch.device(stated)
        return
    known = [_device(module) for module in modules]
    either = next((place for place in known if place is not None), torch.device("cpu"))
    first = (known[0] or either, known[1] or either)
    yield first
    if None in known:
        for place in accelerators():
            if (place, place) != first:
                yield place, place


def accelerators() -> list[torch.device]:
    """The devices beside the CPU that work here."""
    devices = []
    if torch.cuda.is_available():
        devices.append(torch.device("cuda"))
    if torch.backends.mps.is_available():
        devices.append(torch.device("mps"))
    return devices


def module_of(function: Callable[..., Any]) -> nn.Module | None:
    """The module that a callable is, belongs to, or refers to: as its owner, in its closure, or by a global name."""
    return next(_modules(function, depth=2), None)


def _modules(value: Any, depth: int) -> Iterator[nn.Module]:
    if isinstance(value, nn.Module):
        yield value
    elif isinstance(value, partial):
        for inner in (value.func, *value.args, *value.keywords.values()):
            yield from _modules(inner, depth)
    elif (owner := getattr(value, "__self__", None)) is not None and isinstance(owner, nn.Module):
        yield owner
    elif depth and (code := getattr(value, "__code__", None)) is not None:
        known = getattr(value, "__globals__", {})
        cells = [cell.cell_contents for cell in value.__closure__ or () if _filled(cell)]
        for inner in (*cells, *(known[name] for name in code.co_names if name in known)):
            yield from _modules(inner, depth - 1)
    elif depth and value is not None and hasattr(value, "__dict__") and not isinstance(value, type | type(np)):
        for inner in list(vars(value).values())[:50]:
            if isinstance(inner, nn.Module):
                yield inner


def _filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _device(module: nn.Module | None) -> torch.device | None:
    weights = next(module.parameters(), None) if module is not None else None
    return None if weights is None else weights.device
