"""What the layers of a network give for items: the numpy face of `aeviz.model.layers`."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from aeviz.latent.explorer import Array, Explorer, Labels
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.layers import Layer, filter_of, watch
from aeviz.model.source import source

AT_ONCE = 100  # items whose activations are held at a time

__all__ = ["Extremes", "Layer", "Watched", "extremes", "lines", "unit_filter", "watched"]


@dataclass(frozen=True)
class Watched:
    """A network at work on one item. layers: in order. values: activations (units, *places) of each, by its name.

    made: the reconstruction (*shape). weights: how many numbers it has learned in all.
    """

    layers: tuple[Layer, ...]
    values: Mapping[str, Array]
    made: Array
    weights: int


def watched(explorer: Explorer, item: Array, label: int | None = None, code: Array | None = None) -> Watched:
    """The layers of a model and what they give for an item (*shape), whose mean code is decoded, or `code` (d,).

    label: for a conditional model. Raises ValueError for one that is no network, or tells no layers.
    """
    model = _network(explorer)
    labels = None if label is None else np.array([label])
    given = None if code is None else _rows(code[None])
    layers, values = watch(model, _rows(item[None]), _classes(explorer, labels), given)
    arrays = {name: value[0].cpu().numpy() for name, value in values.items()}
    z = next(arrays[layer.name] for layer in layers if layer.part == "code")
    made = explorer.decode(z[None], labels)[0]
    return Watched(layers, arrays, made, sum(weight.numel() for weight in model.parameters()))


@dataclass(frozen=True)
class Extremes:
    """The activation of each unit for each of N items, in the mean over its places: (N, units).

    The mean, since what a blank part of a picture gives is the largest of many units, and for all items the same.
    """

    mean: Array

    def rows(self, unit: int, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The items that raise a unit most, and those that lower it most, the furthest first."""
        order = np.argsort(self.mean[:, unit], kind="stable")
        return order[::-1][:count], order[:count]


def extremes(explorer: Explorer, items: Array, labels: Labels | None = None) -> dict[str, Extremes]:
    """What items (N, *shape) move each unit to, by the names of the layers. Raises as `watched` does."""
    model = _network(explorer)
    parts: dict[str, list[Array]] = {}
    step = min(model.batch, AT_ONCE)
    for first in range(0, len(items), step):
        rows = slice(first, first + step)
        values = watch(model, _rows(items[rows]), _classes(explorer, None if labels is None else labels[rows]))[1]
        for name, value in values.items():
            flat = value.flatten(2) if value.ndim > 2 else value[:, :, None]
            parts.setdefault(name, []).append(flat.mean(2).cpu().numpy())
    return {name: Extremes(np.concatenate(of_name)) for name, of_name in parts.items()}


def unit_filter(explorer: Explorer, layer: Layer, unit: int) -> tuple[Array, Array] | None:
    """Weights and bias of a unit, as `aeviz.model.layers.Filter` has them; None for one that has none of its own."""
    weights = filter_of(_network(explorer), layer, unit)
    if weights is None:
        return None
    return weights.weights.detach().cpu().float().numpy(), weights.bias.detach().cpu().float().numpy().reshape(-1)


def lines(explorer: Explorer, file: str) -> tuple[tuple[str, str], ...]:
    """The lines of PyTorch that are a model and load its weights from a file, each with the layer that it makes.

    Raises ValueError for a model whose lines nobody knows.
    """
    return tuple((line.text, line.layer) for line in source(_network(explorer), file))


def _network(explorer: Explorer) -> Autoencoder:
    if not isinstance(explorer.model, Autoencoder):
        raise ValueError(f"{explorer.name or 'This model'} is no network that tells its layers.")
    return explorer.model


def _rows(items: Array) -> torch.Tensor:
    return torch.tensor(items, dtype=torch.float32)


def _classes(explorer: Explorer, labels: Labels | None) -> torch.Tensor | None:
    return torch.tensor(labels) if labels is not None and explorer.classes else None
