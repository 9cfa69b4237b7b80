"""Small untrained models of the data sets that are no pictures, as checkpoints: what pages make of them is tested."""

from pathlib import Path

import torch

from aeviz.datasets.sources import SOURCES
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.model.families import FAMILIES
from aeviz.store.checkpoints import save

BODIES = {"series": "conv1d", "table": "dense", "text": "dense"}
PAIRS = {"ecg": 4, "wage": 3, "names": 2}  # numbers in a code, by data set
UNTRAINED = ("small-ae", "small-vae")


def models(folder: Path, dataset: str) -> None:
    """An AE and a VAE of a data set, whose weights are random but always the same."""
    source = SOURCES[dataset]
    for variant in UNTRAINED:
        family = FAMILIES[variant.removeprefix("small-")]
        torch.manual_seed(0)
        config = Config(
            family=family.name,
            code=family.code,
            dataset=dataset,
            shape=source.shape,
            modality=source.modality,
            columns=source.scale(source).widths,
            latent_dim=PAIRS[dataset],
            body=BODIES[source.modality],
            hidden=(16,),
        )
        save(Autoencoder(config).eval(), folder / f"{dataset}-{variant}")
