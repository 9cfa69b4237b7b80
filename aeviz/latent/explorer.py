"""The numpy face of a model and of what one does with it: for views, notebooks and scripts without torch code.

Items are float32 arrays (N, *shape), codes float32 arrays (N, d).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aeviz.device import describe, or_on_cpu
from aeviz.latent import paths
from aeviz.latent.grids import CodeGrid, grid_of
from aeviz.modalities.base import Scale, Tiles
from aeviz.modalities.registry import MODALITIES
from aeviz.model.autoencoder import Posterior
from aeviz.model.config import Config
from aeviz.model.likelihoods import likelihood_of

Array = NDArray[np.float32]
Labels = NDArray[np.int64]
PathShape = Literal["line", "slerp"]
MAX_PART_ITEMS = 10_000  # items encoded and decoded at a time
MAX_PART_SCORED = 2000  # items whose logits are held at a time
MAX_PART_VALUES = 1 << 26  # of a dense layer or the codes, for the items of a part
ALWAYS_PRESENT = ("mean", "error", "tiles")


@dataclass(frozen=True)
class Codes:
    """Posteriors and reconstructions of N items, as arrays.

    mean: (N, d). std: (N, d), or None for a point code. error: (N,), the modality's error of the decoded mean.
    kl: (N, d) in nats, or None. tiles: (N, h, w, 1 or 3) uint8, the decoded means as pictures.
    """

    mean: Array
    std: Array | None
    error: Array
    kl: Array | None
    tiles: Tiles

    @cached_property  # pages ask in each run, and of 10,000 codes it takes a millisecond
    def mean_kl(self) -> Array | None:
        """The KL (d,) of each coordinate, the mean over the items, in nats; None for a point code."""
        return None if self.kl is None else self.kl.mean(0)

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """Coordinates (d,) from the one that matters most: by mean KL for a Gaussian code, else by variance."""
        kl = None if self.mean_kl is None else _tensor(self.mean_kl)
        order: NDArray[np.int64] = paths.importance(_tensor(self.mean), kl).cpu().numpy()
        order.setflags(write=False)
        return order


class Model(Protocol):
    """What an `Explorer` asks of a model: the face of `aeviz.Autoencoder`, whose docstrings say more."""

    @property
    def config(self) -> Config: ...

    @property
    def device(self) -> torch.device: ...

    def encode(self, x: Tensor, labels: Tensor | None = None) -> Posterior: ...

    def decode(self, z: Tensor, labels: Tensor | None = None) -> Tensor: ...

    def decode_logits(self, z: Tensor, labels: Tensor | None = None) -> Tensor: ...

    def logits_for(self, x: Tensor, z: Tensor, labels: Tensor | None = None) -> Tensor: ...


class Explorer:
    """A model that takes and gives numpy arrays. Safe to share between threads: it holds no state of a caller.

    scale: what the numbers of its items mean, that of its data set; None takes the usual one of its modality.
    """

    def __init__(self, model: Model, name: str = "", scale: Scale | None = None) -> None:
        self.model, self.name = model, name
        self.modality = MODALITIES[model.config.modality]
        self.scale = scale or self.modality.scale

    @property
    def config(self) -> Config:
        """The model's configuration."""
        return self.model.config

    @property
    def latent_dim(self) -> int:
        """The number of latent coordinates, d."""
        return self.model.config.latent_dim

    @property
    def grid(self) -> CodeGrid | None:
        """How a code lies as maps; None for one that is a plain vector."""
        return grid_of(self.model.config)

    @property
    def gaussian(self) -> bool:
        """Whether a code has a spread beside its mean."""
        return self.model.config.code == "gaussian"

    @property
    def classes(self) -> int:
        """How many classes a conditional model wants to be told, in `labels` (N,) of each call; 0 for others."""
        return self.model.config.classes

    @property
    def device(self) -> str:
        """Where the model runs, in words."""
        return describe(self.model.device)

    @or_on_cpu
    @torch.inference_mode()
    def encode(self, x: Array, labels: Labels | None = None) -> tuple[Array, Array | None]:
        """Mean and spread of the codes of items: (N, d) each; no spread for a point code."""
        posterior = self.model.encode(_tensor(x), self._classes(labels))
        return _array(posterior.mean), None if posterior.std is None else _array(posterior.std)

    @or_on_cpu
    @torch.inference_mode()
    def decode(self, z: Array, labels: Labels | None = None) -> Array:
        """Items (N, *shape) of codes (N, d)."""
        return _array(self.model.decode(_tensor(z), self._classes(labels)))

    def codes(self, x: Array, labels: Labels | None = None) -> Codes:
        """Posterior, reconstruction and figures of each item of x (N, *shape)."""
        # By parts: a large set would otherwise lie in memory several times over.
        step = max(1, min(MAX_PART_ITEMS, MAX_PART_VALUES // max(self.latent_dim, *self.config.hidden, 1)))
        starts = range(0, max(len(x), 1), step)
        parts = [self._codes(x[a : a + step], None if labels is None else labels[a : a + step]) for a in starts]
        mean, error, tiles = (np.concatenate([getattr(part, name) for part in parts]) for name in ALWAYS_PRESENT)
        stds = [part.std for part in parts if part.std is not None]
        kls = [part.kl for part in parts if part.kl is not None]
        return Codes(
            mean=mean,
            std=np.concatenate(stds) if stds else None,
            error=error,
            kl=np.concatenate(kls) if kls else None,
            tiles=tiles,
        )

    @or_on_cpu
    @torch.inference_mode()
    def _codes(self, x: Array, labels: Labels | None) -> Codes:
        x_, classes = _tensor(x).to(self.model.device), self._classes(labels)
        posterior = self.model.encode(x_, classes)
        y = self.model.decode(posterior.mean, classes)
        return Codes(
            mean=_array(posterior.mean),
            std=None if posterior.std is None else _array(posterior.std),
            error=_array(self.modality.error.measure(y, x_, self.scale)),
            kl=_array(posterior.kl()) if self.gaussian else None,
            tiles=self.modality.tiles(_array(y), self.scale),
        )

    @or_on_cpu
    @torch.inference_mode()
    def reconstruction_error(self, z: Array, x: Array, labels: Labels | None = None) -> Array:
        """-log p(x | z) in nats, up to a constant, of one item x (1, *shape) from codes z (N, d), (N,)."""
        target = _tensor(x).to(self.model.device).expand(len(z), *x.shape[1:])
        logits = self.model.logits_for(target, _tensor(z), self._classes(labels))
        return _array(likelihood_of(self.config).error(logits, target))

    @or_on_cpu
    @torch.inference_mode()
    def nats(self, x: Array) -> Array:
        """-log p(x | z) in nats at the mean code of each item of x (N, *shape), up to a constant, (N,)."""
        return np.concatenate([_array(self._error(part, self.model.encode(part).mean)) for part in self._parts(x)])

    @or_on_cpu
    @torch.inference_mode()
    def neg_elbo(self, x: Array, draws: int, seed: int) -> Array:
        """-ELBO in nats of each item of x (N, *shape), mean over draws from its posterior, up to a constant, (N,).

        Raises ValueError for a model of point codes.
        """
        if not self.gaussian:
            raise ValueError(f"{self.name} has point codes: they have no posterior to draw from.")
        generator = torch.Generator(self.model.device).manual_seed(seed)
        bounds = []
        for part in self._parts(x):
            posterior = self.model.encode(part)
            errors = [self._error(part, posterior.sample(generator)) for _ in range(draws)]
            bounds.append(_array(torch.stack(errors).mean(0) + posterior.kl().sum(1)))
        return np.concatenate(bounds)

    def _error(self, x: Tensor, z: Tensor) -> Tensor:
        return likelihood_of(self.config).error(self.model.logits_for(x, z), x)

    def _parts(self, x: Array) -> tuple[Tensor, ...]:
        return torch.split(_tensor(x).to(self.model.device), MAX_PART_SCORED)

    def prior(self, n: int, seed: int) -> Array:
        """n codes (n, d) drawn from N(0, I)."""
        return _array(paths.prior(n, self.latent_dim, seed))

    def _classes(self, labels: Labels | None) -> Tensor | None:
        """Labels for a model that wants them; others are not told, so that callers need not ask."""
        return torch.tensor(labels) if labels is not None and self.classes else None


def path(a: Array, b: Array, steps: int, shape: PathShape = "line") -> Array:
    """`steps` codes (steps, d) from a (d,) to b (d,), ends included: straight, or along the sphere."""
    between = paths.slerp if shape == "slerp" else paths.line
    return _array(between(_tensor(a), _tensor(b), steps))


def cross_fade(x0: Array, x1: Array, steps: int) -> Array:
    """`steps` items (steps, *shape) that mix the values of x0 and x1, (*shape) each."""
    return _array(paths.cross_fade(_tensor(x0), _tensor(x1), steps))


def principal_directions(codes: Array) -> tuple[Array, Array, Array]:
    """Mean (d,), directions (k, d) as rows by falling spread, and spread (k,) of codes (N, d).

    All d directions, but those that `aeviz.latent.paths.principal_directions` finds of codes of many numbers.
    """
    principal = paths.principal_directions(_tensor(codes))
    return _array(principal.mean), _array(principal.directions), _array(principal.std)


def _tensor(array: Array) -> Tensor:
    # Shared arrays are read-only; torch warns of arrays that cannot be written to.
    return torch.tensor(array, dtype=torch.float32)


def _array(values: Tensor) -> Array:
    array: Array = values.detach().cpu().numpy()
    return array
