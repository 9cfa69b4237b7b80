"""Checkpoints of untrained networks for the data sets that are no pictures: quick to make, and as good as any to test
what a page does with them."""

from pathlib import Path

import torch

from aeviz.datasets.sources import SOURCES, scale_of
from aeviz.modalities.registry import MODALITIES
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.store.checkpoints import save

DATASETS = ("ecg", "power", "shuttle", "wage", "names")
CODES = {"ae": "deterministic", "vae": "gaussian"}
PAIR = {"left": "small-ae", "right": "small-vae"}  # as the header and the URL name them


def save_all(folder: Path) -> Path:
    """Save an AE and a VAE of three numbers for each of `DATASETS`, and return the folder."""
    for dataset in DATASETS:
        for family in CODES:
            torch.manual_seed(len(family))
            save(Autoencoder(_config(dataset, family)), folder / f"{dataset}-small-{family}")
    return folder


def _config(dataset: str, family: str) -> Config:
    source = SOURCES[dataset]
    return Config(
        family=family,
        shape=source.shape,
        latent_dim=3,
        code=CODES[family],
        body="dense",
        hidden=(32,),
        dataset=dataset,
        modality=source.modality,
        likelihood=MODALITIES[source.modality].likelihoods[0],
        columns=scale_of(dataset, source.modality).widths,
    )
