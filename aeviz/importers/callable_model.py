"""Two callables with the face of an `Autoencoder`, in a form that is known: `aeviz.importers.callables` finds it."""

import threading
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from math import prod
from typing import Any, Literal

import torch
from torch import Tensor

from aeviz.device import in_batches
from aeviz.errors import CallableError
from aeviz.importers.outputs import SPREAD_WORDS, SPREADS, Parts, item_of, parts_of, tensor_of
from aeviz.modalities.registry import MODALITIES
from aeviz.model.autoencoder import Posterior
from aeviz.model.config import Config
from aeviz.model.likelihoods import likelihood_of

Function = Callable[[Any], Any]
ArrayKind = Literal["torch", "numpy"]
MAX_BATCH = 256  # items or codes that a callable gets at once, at most
LAYOUTS = {
    "first": "(N, C, H, W)",
    "last": "(N, H, W, C)",
    "plain": "(N, H, W)",
    "flat": "rows of (C, H, W)",
    "flat-last": "rows of (H, W, C)",
}


@dataclass(frozen=True)
class CallableForm:
    """What is known of two callables: how they take and give items and codes.

    arrays, layouts, devices: of encode and of decode; layouts are keys of `LAYOUTS`. spread: a key of
    `aeviz.importers.outputs.SPREADS`, "" while it is not known. order: of three values that encode gives, the places of
    mean, spread and sample. code: the shape of a code as they know it, None while it is not known. offset, factor:
    numbers, or arrays of an item's shape: the callables take and give offset + factor · item.
    """

    arrays: tuple[ArrayKind, ArrayKind] = ("torch", "torch")
    layouts: tuple[str, str] = ("first", "first")
    devices: tuple[torch.device, torch.device] = (torch.device("cpu"), torch.device("cpu"))
    spread: str = ""
    order: tuple[int, ...] = ()
    code: tuple[int, ...] | None = None
    offset: Any = 0.0
    factor: Any = 1.0


class CallableModel:
    """`encode` and `decode` callables as a model. One call at a time: what a person brings may keep state.

    notes: what was assumed of them, in sentences. A code of one number has a second one beside it, always 0, for the
    pages draw planes; decode never sees it.
    """

    def __init__(self, encode: Function, decode: Function, config: Config, form: CallableForm) -> None:
        self.config, self.form, self.device = config, form, form.devices[0]
        self.notes: tuple[str, ...] = ()
        self._modality, self._likelihood = MODALITIES[config.modality], likelihood_of(config)
        self._functions = encode, decode
        self._lock = threading.Lock()
        self._offset = torch.tensor(form.offset, dtype=torch.float32)
        self._factor = torch.tensor(form.factor, dtype=torch.float32)

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
        """What encode makes of one batch x (N, *shape), checked; codes of any rank as rows (N, d)."""
        parts = self.parts(x)
        mean = self._code(parts.mean, len(x))
        if parts.spread is None:
            return Posterior(_widened(mean, 0.0), None)
        std = SPREADS[self.form.spread or "std"](self._code(parts.spread, len(x)))
        _check_spread(mean, std, self.form.spread)
        return Posterior(_widened(mean, 0.0), _widened(std, 1.0))

    def parts(self, x: Tensor) -> Parts:
        """What encode gives of one batch x (N, *shape), as it gives it."""
        return parts_of(self.raw(x), len(x), self.form.order)

    def raw(self, x: Tensor) -> Any:
        """What encode gives of one batch x (N, *shape), whatever that is."""
        seen = x.to(self._offset.device, torch.float32).nan_to_num(0.0)
        return self._call(0, "encode", laid_out(self._offset + self._factor * seen, self.form.layouts[0]))

    def _code(self, part: Any, count: int) -> Tensor:
        code = tensor_of(part, "encode").cpu()
        if code.ndim == 0 or len(code) != count or code.numel() == 0:
            raise CallableError(
                f"encode gave {tuple(code.shape)} for {count} {self._modality.words.plural}: expected codes of "
                f"shape ({count}, d), or a pair (mean, std) of two such arrays."
            )
        return code.reshape(count, -1)

    def decoded(self, z: Tensor) -> Tensor:
        """What decode makes of one batch z (N, d), in the items' own units but not cut to their bounds."""
        y = self.items_as_given(z)
        shape = (len(z), *self.config.shape)
        return (restored(y, shape, self.form.layouts[1]) - self._offset) / self._factor

    def items_as_given(self, z: Tensor) -> Tensor:
        """What decode makes of one batch z (N, d), in its own shape and units. Raises CallableError."""
        code = self.form.code
        if code is not None:
            z = z[:, : prod(code)].reshape(len(z), *code)
        shape = (len(z), *self.config.shape)
        given = item_of(self._call(1, "decode", z), prod(shape))
        y = tensor_of(given, "decode").cpu()
        if y.numel() != prod(shape):
            plural = self._modality.words.plural
            raise CallableError(f"decode gave {tuple(y.shape)} for {len(z)} codes: expected {plural} {shape}.")
        return y

    def _call(self, which: int, name: str, values: Tensor) -> Any:
        arrays = self.form.arrays[which]
        argument = values.to(self.form.devices[which], torch.float32)
        try:
            with self._lock, torch.no_grad():
                return self._functions[which](argument if arrays == "torch" else argument.cpu().numpy())
        except CallableError:
            raise
        except Exception as error:
            array_type = "tensor" if arrays == "torch" else "numpy array"
            raise CallableError(
                f"{name} failed on a float32 {array_type} {tuple(values.shape)}: {type(error).__name__}: {error}"
            ) from error


def laid_out(items: Tensor, layout: str) -> Tensor:
    """Pictures (N, C, H, W) in another layout, a key of `LAYOUTS`; others as they are for "first"."""
    match layout:
        case "last":
            return items.permute(0, 2, 3, 1)
        case "plain":
            return items[:, 0]
        case "flat":
            return items.flatten(1)
        case "flat-last":
            return items.permute(0, 2, 3, 1).flatten(1)
    return items


def restored(items: Tensor, shape: tuple[int, ...], layout: str) -> Tensor:
    """Pictures in some layout as `shape`, (N, C, H, W); other items reshaped."""
    if layout in {"last", "flat-last"}:
        count, channels, height, width = shape
        return items.reshape(count, height, width, channels).permute(0, 3, 1, 2)
    return items.reshape(shape)


def _widened(code: Tensor, value: float) -> Tensor:
    """Codes (N, d); of one number, with a second beside it."""
    if code.shape[1] != 1:
        return code
    return torch.cat([code, torch.full_like(code, value)], 1)


def _check_spread(mean: Tensor, std: Tensor, kind: str) -> None:
    if mean.shape != std.shape:
        raise CallableError(f"encode gave a mean {tuple(mean.shape)} and a std {tuple(std.shape)}: they must be alike.")
    if not torch.isfinite(std).all() or float(std.min()) <= 0:
        raise CallableError(
            f"encode gave a spread, taken for {SPREAD_WORDS[kind or 'std']}, that leaves no positive σ. Where your "
            'encoder gives log σ², state spread="logvar", or return (mean, (log_var / 2).exp()).'
        )
