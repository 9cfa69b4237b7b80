"""What people's encoders and decoders give back, told apart: codes alone, pairs, triples, dicts, records."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from aeviz.errors import CallableError

# How a spread may be given, and the standard deviation that it stands for.
SPREADS = {
    "std": lambda spread: spread,
    "logvar": lambda spread: (spread / 2).exp(),
    "variance": lambda spread: spread.sqrt(),
    "logstd": lambda spread: spread.exp(),
}
SPREAD_WORDS = {"std": "σ", "logvar": "log σ²", "variance": "σ²", "logstd": "log σ"}
MEANS = ("mean", "mu", "z_mean", "loc", "latent_mean", "embedding")
NAMED_SPREADS = {
    "std": ("std", "stddev", "sigma", "z_std"),
    "logvar": ("logvar", "log_var", "log_variance", "z_log_var", "log_covariance", "log_sigma2"),
    "logstd": ("log_std", "logstd", "log_sigma", "log_scale"),
    "variance": ("var", "variance"),
}
CODES = ("z", "code", "codes", "latent", "latents", "latent_code", "encoded")
ITEMS = ("reconstruction", "recon_x", "recon", "x_recon", "x_hat", "decoded", "sample", "output", "logits")


@dataclass(frozen=True)
class Parts:
    """Mean (N, …) and spread, if any, as they were given; how the spread was given, "" where nothing names it.

    order: of three values, the places of mean, spread and sample.
    """

    mean: Any
    spread: Any = None
    kind: str = ""
    order: tuple[int, ...] = ()


def is_array(value: Any) -> bool:
    """Whether this is a tensor or something that becomes an array."""
    # Asked of the type: some records answer for any attribute.
    return isinstance(value, Tensor) or (hasattr(type(value), "__array__") and not isinstance(value, Mapping))


def tensor_of(value: Any, name: str) -> Tensor:
    """A finite float32 tensor. Raises CallableError, saying of which callable it came."""
    try:
        tensor = value.detach() if isinstance(value, Tensor) else torch.from_numpy(np.array(value, np.float32))
    except (TypeError, ValueError) as error:
        raise CallableError(f"{name} gave something that is no array of numbers: {error}") from error
    if not torch.isfinite(tensor).all():
        raise CallableError(f"{name} gave NaN or infinite values.")
    return tensor.to(torch.float32)


def parts_of(value: Any, count: int, order: tuple[int, ...] = ()) -> Parts:
    """What encode gave for `count` items. order: of three values, as it was found. Raises CallableError."""
    if is_array(value):
        return Parts(value)
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return _of_several(list(value), count, order)
    fields = _Fields(value)
    if (inner := fields.first(("latent_dist", "posterior", "dist"))) is not None:
        return parts_of(inner, count, order)
    mean = fields.first(MEANS)
    if mean is None:
        code = fields.first(CODES)
        if code is None:
            named = f" with {', '.join(fields.names[:6])}" if fields.names else ""
            raise CallableError(
                f"encode gave {type(value).__name__}{named}: expected codes (N, d), or a pair (mean, std)."
            )
        return Parts(code)
    for kind, names in NAMED_SPREADS.items():
        if (spread := fields.first(names)) is not None:
            return Parts(mean, spread, kind)
    return Parts(mean)


def _of_several(values: list[Any], count: int, order: tuple[int, ...]) -> Parts:
    if len(values) > 2:  # losses and other numbers of the whole batch are none of the code
        shapes = [_shape(value) for value in values]
        values = [value for value, shape in zip(values, shapes, strict=True) if shape is None or shape[:1] == (count,)]
    match len(values):
        case 1:
            return parts_of(values[0], count)
        case 2:
            return Parts(values[0], values[1])
        case 3:
            mean, spread, _ = order or (0, 1, 2)
            return Parts(values[mean], values[spread], order=order or (0, 1, 2))
    raise CallableError(f"encode gave {len(values)} values: expected codes, or a pair (mean, std).")


def order_of(once: Any, again: Any, count: int) -> tuple[int, ...]:
    """Of three values that encode gave twice for the same items, the places of mean, spread and sample.

    The sample is the one that changes; where none does, the one equal to another, which then is the mean; () for other
    things than three values.
    """
    if not (isinstance(once, list | tuple) and len(once) == 3 and not hasattr(once, "_fields")):
        return ()
    if any(_shape(value) is None or (_shape(value) or ())[:1] != (count,) for value in once):
        return ()
    first = [tensor_of(value, "encode").cpu() for value in once]
    second = [tensor_of(value, "encode").cpu() for value in again]
    changed = [row for row in range(3) if not torch.equal(first[row], second[row])]
    if len(changed) == 1:
        rest = [row for row in range(3) if row not in changed]
        return (*rest, changed[0])
    for place, other in ((0, 2), (0, 1), (1, 2)):
        if first[place].shape == first[other].shape and torch.allclose(first[place], first[other]):
            spread = 3 - place - other
            return (place, spread, other) if spread > place else (other, spread, place)
    return 0, 1, 2


def item_of(value: Any, size: int) -> Any:
    """What decode gave, or, of several things, the one of `size` numbers. Raises CallableError."""
    if is_array(value):
        return value
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        arrays = [part for part in value if is_array(part)]
        if len(arrays) != len(value) and not arrays:
            return value  # a list of numbers
    else:
        fields = _Fields(value)
        named = [fields.first((name,)) for name in (*ITEMS, *fields.names)]
        arrays = [part for part in named if part is not None and is_array(part)]
        if not arrays and (inner := fields.first(("mean",))) is not None:
            arrays = [inner]
        if not arrays:
            return value
    fitting = [array for array in arrays if int(np.prod(_shape(array) or (0,))) == size]
    return (fitting or arrays)[0]


def _shape(value: Any) -> tuple[int, ...] | None:
    return tuple(value.shape) if is_array(value) and hasattr(value, "shape") else None


class _Fields:
    """The values of a dict, a named tuple or a record, by their names."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.has_items = _has_items(value)
        names = value.keys() if self.has_items else getattr(value, "_fields", ()) or vars_of(value)
        self.names = [str(name) for name in names]

    def first(self, names: tuple[str, ...]) -> Any:
        """The first that is there and is something, or None."""
        for name in names:
            if self.has_items:
                value = self.value[name] if name in self.names else None
            else:
                value = getattr(self.value, name, None)
            if value is not None and (is_array(value) or not callable(value)):
                return value
        return None


def _has_items(value: Any) -> bool:
    """Whether this is a mapping, or has names and items as one has."""
    return isinstance(value, Mapping) or all(hasattr(type(value), name) for name in ("keys", "__getitem__"))


def vars_of(value: Any) -> list[str]:
    """Names of the plain attributes of a record."""
    return [name for name in getattr(value, "__dict__", {}) if not name.startswith("_")]
