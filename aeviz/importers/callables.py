"""A person's own encode and decode, from any framework, with the face of an `Autoencoder`.

>>> model = wrap(encode, decode, data, title="mine")   # tries both on a few items, says what does not fit
>>> model.encode(x).mean                               # x: items (N, *shape) as in the data set
"""

import threading
import warnings
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Literal, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from aeviz.datasets.record import Dataset
from aeviz.device import in_batches
from aeviz.errors import CallableError
from aeviz.modalities.base import Modality
from aeviz.modalities.registry import MODALITIES
from aeviz.model.autoencoder import Posterior
from aeviz.model.config import Config
from aeviz.model.likelihoods import likelihood_of

Function = Callable[[Any], Any]
Arrays = Literal["torch", "numpy"]
Result = TypeVar("Result")
MAX_BATCH = 256  # items or codes that a callable gets at once, at most
TRIAL_ITEMS = 4  # items it is tried on
RANGE_TOLERANCE = 0.05  # how far an item may leave its range before somebody is told
UNIT = (0.0, 1.0)
SQUARED = "mse"  # the likelihood that says least of a stranger: the squared error


class CallableModel:
    """`encode` and `decode` callables as a model. One call at a time: what a person brings may keep state.

    arrays: what encode and decode are given, tensors or numpy arrays, float32. offset, factor: numbers, or arrays of an
    item's shape: the callables take and give offset + factor · item.
    """

    def __init__(
        self,
        encode: Function,
        decode: Function,
        config: Config,
        *,
        arrays: tuple[Arrays, Arrays] = ("torch", "torch"),
        device: str | torch.device = "cpu",
        offset: Any = 0.0,
        factor: Any = 1.0,
    ) -> None:
        self.config, self.device = config, torch.device(device)
        self._modality, self._likelihood = MODALITIES[config.modality], likelihood_of(config)
        self._encode, self._decode = (encode, arrays[0]), (decode, arrays[1])
        self._lock = threading.Lock()
        self._offset = torch.tensor(offset, dtype=torch.float32, device=self.device)
        self._factor = torch.tensor(factor, dtype=torch.float32, device=self.device)

    def on(self, dataset: str) -> "CallableModel":
        """The same model, for the data set of that name."""
        same = copy(self)
        same.config = replace(self.config, dataset=dataset)
        return same

    def encode(self, x: Tensor, labels: Tensor | None = None) -> Posterior:
        """The posterior of items x (N, *shape); a value that is missing (NaN) is seen as 0. Raises CallableError."""
        gaussian, d = self.config.code == "gaussian", self.config.latent_dim

        def heads(rows: Tensor) -> Tensor:
            posterior = self.posterior(rows)
            if posterior.mean.shape[1] != d or (posterior.std is not None) != gaussian:
                raise CallableError("encode gives codes of another kind now than when it was first tried.")
            return posterior.mean if posterior.std is None else torch.cat([posterior.mean, posterior.std], 1)

        values = in_batches(heads, x, MAX_BATCH)
        return Posterior(values[:, :d], values[:, d:] if gaussian else None)

    def decode(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """Items (N, *shape) of codes z (N, d), cut to the bounds of the modality, if any. Raises CallableError."""
        items, bounds = in_batches(self.decoded, z, MAX_BATCH), self._modality.bounds
        return items.clamp(*bounds) if bounds else items

    def decode_logits(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """Logits (N, *shape) that stand for the items, for the likelihood to be computed from."""
        return self._likelihood.logits(self.decode(z))

    def logits_for(self, x: Tensor, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """The same: nothing is known of how a callable writes."""
        return self.decode_logits(z, labels)

    def posterior(self, x: Tensor) -> Posterior:
        """What encode makes of one batch x (N, *shape), checked."""
        seen = x.to(self.device, torch.float32).nan_to_num(0.0)
        value = self._call(self._encode, "encode", self._offset + self._factor * seen)
        mean, std = _parts(value)
        parts = [_tensor(part, "encode").to(self.device) for part in (mean, std) if part is not None]
        for part in parts:
            if part.ndim != 2 or len(part) != len(x):
                raise CallableError(
                    f"encode gave {tuple(part.shape)} for {len(x)} {self._modality.words.plural}: expected codes of "
                    f"shape ({len(x)}, d), or a pair (mean, std) of two such arrays."
                )
        if len(parts) == 2:
            _check_spread(*parts)
        return Posterior(parts[0], parts[1] if len(parts) == 2 else None)

    def decoded(self, z: Tensor) -> Tensor:
        """What decode makes of one batch z (N, d), in the items' own units but not cut to their bounds."""
        y = _tensor(self._call(self._decode, "decode", z), "decode").to(self.device)
        shape = (len(z), *self.config.shape)
        if y.numel() != int(np.prod(shape)):
            plural = self._modality.words.plural
            raise CallableError(f"decode gave {tuple(y.shape)} for {len(z)} codes: expected {plural} {shape}.")
        return (y.reshape(shape) - self._offset) / self._factor

    def _call(self, called: tuple[Function, Arrays], name: str, values: Tensor) -> Any:
        function, arrays = called
        argument = values.to(self.device, torch.float32)
        try:
            with self._lock, torch.no_grad():
                return function(argument if arrays == "torch" else argument.cpu().numpy())
        except CallableError:
            raise
        except Exception as error:
            array_type = "tensor" if arrays == "torch" else "numpy array"
            raise CallableError(
                f"{name} failed on a float32 {array_type} {tuple(values.shape)}: {type(error).__name__}: {error}"
            ) from error


def wrap(
    encode: Function,
    decode: Function,
    data: Dataset,
    *,
    title: str,
    arrays: Literal["auto", "torch", "numpy"] = "auto",
    device: str | torch.device | None = None,
    values: tuple[float, float] = UNIT,
    own_units: bool = False,
) -> CallableModel:
    """A model from two callables, after a trial on the first items of its data set.

    encode takes items (N, *shape) and gives codes (N, d) or a pair (mean, std) of them, d at least 2; decode takes
    codes (N, d) and gives items. arrays "auto" tries tensors, then numpy arrays. device: where tensors are put; where
    the callable is a module, or a method of one, its own by default. values: the range of pictures that they take and
    give, (0, 1) or (-1, 1) for instance. own_units: whether they take and give items in the data's own units rather
    than as the data set holds them, which differ for the numbers of a table. Raises CallableError with what was found
    and expected; warns about items outside their range and modules that are still training.
    """
    if not (callable(encode) and callable(decode)):
        raise CallableError(f"{title}: encode and decode must be callables.")
    if not values[0] < values[1]:
        raise CallableError(f"{title}: values must be a range (low, high), not {values}.")
    if tuple(values) != UNIT and data.modality.bounds is None:
        raise CallableError(f"{title}: {data.words.plural} have no range of values to state: leave values out.")
    offset, factor = (values[0], values[1] - values[0]) if data.modality.bounds else (0.0, 1.0)
    if own_units and not data.modality.bounds:
        offset, factor = data.scale.own_units
    module = _module(encode) or _module(decode)
    if module is not None and module.training:
        warnings.warn(f"{title} is in training mode: call eval() on it, or dropout stays on.", stacklevel=3)
    array_types: tuple[Arrays, ...] = ("torch", "numpy") if arrays == "auto" else (arrays,)
    where = device if device is not None else _device(module)

    def model(d: int, code: str, *types: Arrays) -> CallableModel:
        family = "vae" if code == "gaussian" else "ae"
        config = Config(
            family=family, shape=data.shape, latent_dim=d, code=code, dataset=data.name,
            likelihood=SQUARED if SQUARED in data.modality.likelihoods else "", modality=data.modality.name,
            columns=data.scale.widths, training={"origin": "callables"},
        )  # fmt: skip
        return CallableModel(
            encode, decode, config, arrays=(types[0], types[-1]), device=where, offset=offset, factor=factor
        )

    try:
        x = torch.from_numpy(data.items[:TRIAL_ITEMS].copy())
        first, posterior = _first(array_types, lambda array_type: model(1, "deterministic", array_type).posterior(x))
        d = posterior.mean.shape[1]
        if d < 2:
            raise CallableError(f"encode gave codes of {d} number: a code needs at least two.")
        code = "deterministic" if posterior.std is None else "gaussian"
        second, y = _first(array_types, lambda array_type: model(d, code, first, array_type).decoded(posterior.mean))
    except CallableError as error:
        raise CallableError(f"{title}: {error}") from error
    if data.modality.bounds:
        _warn_outside(title, y, values, data.modality)
    return model(d, code, first, second)


def _first(array_types: Sequence[Arrays], trial: Callable[[Arrays], Result]) -> tuple[Arrays, Result]:
    """The first kind of arrays with which a trial succeeds, and what it gives."""
    failures: list[str] = []
    for array_type in array_types:
        try:
            return array_type, trial(array_type)
        except CallableError as error:
            failures.append(str(error))
    raise CallableError(" With numpy arrays instead: ".join(dict.fromkeys(failures)))


def _warn_outside(title: str, y: Tensor, values: tuple[float, float], modality: Modality) -> None:
    if float(y.min()) < -RANGE_TOLERANCE or float(y.max()) > 1 + RANGE_TOLERANCE:
        low, high = (values[0] + float(edge) * (values[1] - values[0]) for edge in (y.min(), y.max()))
        warnings.warn(
            f"{title}: decode gave values from {low:.3g} to {high:.3g}, outside {values}: they are clipped. Logits "
            f"need a {modality.output}; values=(low, high) states another range.",
            stacklevel=4,
        )


def _module(function: Function) -> nn.Module | None:
    owner = function if isinstance(function, nn.Module) else getattr(function, "__self__", None)
    return owner if isinstance(owner, nn.Module) else None


def _device(module: nn.Module | None) -> torch.device:
    weights = next(module.parameters(), None) if module is not None else None
    return torch.device("cpu") if weights is None else weights.device


def _parts(value: Any) -> tuple[Any, Any]:
    """Mean and spread of what encode gave: an array, a pair, or a distribution."""
    if isinstance(value, Tensor) or hasattr(value, "__array__"):
        return value, None
    if isinstance(value, tuple | list):
        if len(value) != 2:
            raise CallableError(f"encode gave {len(value)} values: expected codes, or a pair (mean, std).")
        return value[0], value[1]
    for spread in ("std", "stddev"):  # ours, and those of torch.distributions
        if hasattr(value, "mean") and hasattr(value, spread):
            return value.mean, getattr(value, spread)
    raise CallableError(f"encode gave {type(value).__name__}: expected codes (N, d), or a pair (mean, std).")


def _tensor(value: Any, name: str) -> Tensor:
    try:
        tensor = value.detach() if isinstance(value, Tensor) else torch.from_numpy(np.array(value, np.float32))
    except (TypeError, ValueError) as error:
        raise CallableError(f"{name} gave something that is no array of numbers: {error}") from error
    if not torch.isfinite(tensor).all():
        raise CallableError(f"{name} gave NaN or infinite values.")
    return tensor.to(torch.float32)


def _check_spread(mean: Tensor, std: Tensor) -> None:
    if mean.shape != std.shape:
        raise CallableError(f"encode gave a mean {tuple(mean.shape)} and a std {tuple(std.shape)}: they must be alike.")
    if float(std.min()) <= 0:
        raise CallableError(
            "encode gave a std that is not positive. Where your encoder gives log σ², "
            "return (mean, (log_var / 2).exp())."
        )
