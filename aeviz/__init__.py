"""aeviz: see the latent spaces of autoencoders and variational autoencoders.

>>> import aeviz
>>> aeviz.models()                           # cards of the shipped checkpoints
>>> model = aeviz.load("mnist-vae")
>>> data = aeviz.load_dataset("mnist")
>>> posterior = model.encode(torch.from_numpy(data.items[:8].copy()))
>>> pictures = model.decode(posterior.sample())
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aeviz.autoencoder import Autoencoder, Posterior
    from aeviz.checkpoints import Card, load, models
    from aeviz.config import Config
    from aeviz.datasets import Dataset, load_dataset
    from aeviz.errors import CallableError, CheckpointError, DataError
    from aeviz.serving import explore

__version__ = "0.1.0"
__all__ = [
    "Autoencoder",
    "CallableError",
    "Card",
    "CheckpointError",
    "Config",
    "DataError",
    "Dataset",
    "Posterior",
    "explore",
    "load",
    "load_dataset",
    "models",
]

_HOMES = {
    "Autoencoder": "autoencoder",
    "Posterior": "autoencoder",
    "Card": "checkpoints",
    "load": "checkpoints",
    "models": "checkpoints",
    "Dataset": "datasets",
    "load_dataset": "datasets",
    "Config": "config",
    "CallableError": "errors",
    "CheckpointError": "errors",
    "DataError": "errors",
    "explore": "serving",
}


def __getattr__(name: str) -> Any:
    """Public names load their module when first used, and torch where that needs it."""
    if name not in _HOMES:
        raise AttributeError(f"module 'aeviz' has no attribute {name!r}")
    return getattr(import_module(f"aeviz.{_HOMES[name]}"), name)
