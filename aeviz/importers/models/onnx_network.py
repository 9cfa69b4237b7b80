"""An encoder and a decoder as ONNX with the face of an `Autoencoder`, run by onnxruntime on the CPU."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from aeviz.errors import CallableError
from aeviz.importers.models.foreign import ForeignModel
from aeviz.importers.models.limits import MAX_VALUES
from aeviz.importers.models.onnx_heads import Heads
from aeviz.importers.models.onnx_items import ItemForm
from aeviz.importers.models.onnx_parts import Half
from aeviz.importers.models.onnx_session import Session
from aeviz.modalities.registry import MODALITIES
from aeviz.model.autoencoder import Posterior
from aeviz.model.config import Config
from aeviz.model.likelihoods import likelihood_of

MAX_ROWS = 256
STEP = 1e-2  # of a code's or an item's value, for slopes
Array = NDArray[Any]


class Runner:
    """One half under onnxruntime: rows in, outputs by name. Where a batch does not fit the memory it is halved."""

    def __init__(self, half: Half, outputs: Sequence[str], rows: int) -> None:
        self.half, self.outputs = half, tuple(outputs)
        self.rows = half.batch or rows
        self._session = Session(half.data, half.title)

    def __call__(self, values: Array) -> dict[str, Array]:
        parts = [self._run(values[start : start + self.rows]) for start in range(0, max(len(values), 1), self.rows)]
        return {name: np.concatenate([part[row] for part in parts]) for row, name in enumerate(self.outputs)}

    def _run(self, values: Array) -> list[Array]:
        try:
            outputs = self._session.run({self.half.input: self.half.batched(values)}, self.outputs)
        except CallableError:
            if len(values) <= 1 or self.half.batch is not None:
                raise
            halves = [self._run(part) for part in np.array_split(values, 2)]
            return [np.concatenate(pair) for pair in zip(*halves, strict=True)]
        for value in outputs:
            if len(value.shape) == 0 or len(value) < len(values):
                raise CallableError(f"{self.half.title} gave {value.shape} for {len(values)} rows.")
        return [value[: len(values)].astype(np.float32) for value in outputs]


class OnnxNetwork(nn.Module):
    """What `ForeignModel` asks of a network, done by two of ONNX."""

    def __init__(self, encoder: Runner, decoder: Runner, heads: Heads, view: ItemForm) -> None:
        super().__init__()
        self.runners, self.heads_found, self.view = (encoder, decoder), heads, view

    def heads(self, x: Tensor) -> Tensor:
        """x (N, *shape) -> means, and log-variances behind them where there are any: (N, d) or (N, 2d)."""
        return differentiable(self._heads, x)

    def output(self, z: Tensor) -> Tensor:
        """z (N, d) -> (N, *shape) before the last step."""
        return differentiable(self._output, z)

    def _heads(self, x: Tensor) -> Tensor:
        mean, log_var = self.heads_found.parts(self.runners[0](self.view.into(_array(x))))
        return torch.from_numpy(mean if log_var is None else np.concatenate([mean, log_var], 1))

    def _output(self, z: Tensor) -> Tensor:
        decoder = self.runners[1]
        raw = decoder(_array(z).reshape(len(z), *self.heads_found.dims))[decoder.outputs[0]]
        return torch.from_numpy(np.ascontiguousarray(self.view.back(raw)))


def differentiable(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """function(x), rows by rows; where a gradient is wanted of it, one by central differences."""
    if not (torch.is_grad_enabled() and x.requires_grad):
        return function(x)
    result: Tensor = _Differences.apply(x, function)  # type: ignore[no-untyped-call]
    return result


class _Differences(torch.autograd.Function):
    """onnxruntime computes no gradients: each coordinate of a row is moved both ways."""

    @staticmethod
    def forward(context: Any, x: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
        context.save_for_backward(x)
        context.function = function
        return function(x.detach())

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (x,) = context.saved_tensors
        flat, slopes = x.detach().flatten(1), torch.zeros_like(x).flatten(1)
        for column in range(flat.shape[1]):
            step = torch.zeros_like(flat)
            step[:, column] = STEP
            ahead, back = (context.function((flat + sign * step).reshape(x.shape)) for sign in (1, -1))
            slopes[:, column] = ((ahead - back) * gradients[0]).flatten(1).sum(1) / (2 * STEP)
        return slopes.reshape(x.shape), None


class OnnxModel(ForeignModel):
    """An ONNX network as an `Autoencoder`. weights: how many numbers it has.

    mean, std, output: as of `ForeignModel`, for pictures; items of other modalities go in and come out as they are.
    """

    network: OnnxNetwork
    has_gradients = False

    def __init__(
        self,
        config: Config,
        network: OnnxNetwork,
        mean: Sequence[float],
        std: Sequence[float],
        output: str,
        weights: int,
    ) -> None:
        super().__init__(config, network, mean, std, output)
        self.weights = weights
        for name in ("mean", "std"):
            values = getattr(self, name)
            setattr(self, name, values.reshape(-1, *[1] * (len(config.shape) - 1)))

    @property
    def device(self) -> torch.device:
        return torch.device("cpu")

    def encode(self, x: Tensor, labels: Tensor | None = None) -> Posterior:
        return super().encode(x.nan_to_num(0.0), labels)

    def decode(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        modality = MODALITIES[self.config.modality]
        if modality.pixels:
            return super().decode(z, labels)
        raw = self._raw(z, labels)
        items = raw.softmax(1) if self.last == "softmax" else raw
        return items.clamp(*modality.bounds) if modality.bounds else items

    def decode_logits(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        if MODALITIES[self.config.modality].pixels:
            return super().decode_logits(z, labels)
        return likelihood_of(self.config).logits(self.decode(z, labels))

    def _raw(self, z: Tensor, labels: Tensor | None) -> Tensor:
        raw = super()._raw(z, labels)
        if not torch.isfinite(raw).all():
            raise CallableError("The decoder gave NaN or infinite values.")
        return raw

    def on(self, dataset: str) -> "OnnxModel":
        """The same model, its networks shared, for the data set of that name."""
        same = copy(self)
        same.config = replace(self.config, dataset=dataset)
        return same


def rows_at_once(view: ItemForm, d: int) -> int:
    """How many items go through at once."""
    return max(1, min(MAX_ROWS, MAX_VALUES // (64 * max(int(np.prod(view.shape)), d))))


def _array(values: Tensor) -> Array:
    return values.detach().cpu().to(torch.float32).numpy()
