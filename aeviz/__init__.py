"""aeviz: see the latent spaces of autoencoders and variational autoencoders.

>>> import aeviz, torch
>>> cards = aeviz.models()                   # of the shipped checkpoints
>>> model = aeviz.load("mnist-vae")         # or a model of your own in any form that is read: "mine.zip"
>>> data = aeviz.load_dataset("mnist")      # or a file of your own: "mine.csv"
>>> posterior = model.encode(torch.from_numpy(data.items[:8].copy()))
>>> items = model.decode(posterior.sample())
>>> items.shape == (8, *data.shape)
True
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aeviz import widgets as widgets
    from aeviz.app.saving.export import export
    from aeviz.app.serving import explore
    from aeviz.datasets.record import Dataset
    from aeviz.errors import CallableError, CheckpointError, DataError
    from aeviz.importers.own_data import load_dataset
    from aeviz.importers.own_models import load
    from aeviz.model.autoencoder import Autoencoder, Posterior
    from aeviz.model.config import Config
    from aeviz.store.checkpoints import Card, models
    from aeviz.version import __version__

__all__ = [
    "Autoencoder",
    "CallableError",
    "Card",
    "CheckpointError",
    "Config",
    "DataError",
    "Dataset",
    "Posterior",
    "__version__",
    "explore",
    "export",
    "load",
    "load_dataset",
    "models",
]

_HOMES = {
    "Autoencoder": "model.autoencoder",
    "Posterior": "model.autoencoder",
    "Card": "store.checkpoints",
    "load": "importers.own_models",
    "models": "store.checkpoints",
    "Dataset": "datasets.record",
    "load_dataset": "importers.own_data",
    "Config": "model.config",
    "CallableError": "errors",
    "CheckpointError": "errors",
    "DataError": "errors",
    "explore": "app.serving",
    "export": "app.saving.export",
    "__version__": "version",
}


def __getattr__(name: str) -> Any:
    """Public names load their module when first used, and torch where that needs it."""
    if name == "widgets":  # a package, which takes aeviz[notebook]
        return import_module("aeviz.widgets")
    if name not in _HOMES:
        raise AttributeError(f"module 'aeviz' has no attribute {name!r}")
    return getattr(import_module(f"aeviz.{_HOMES[name]}"), name)
