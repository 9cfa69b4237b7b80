"""The table of families: how each kind of autoencoder is called, trained and configured.

To add a family: write its objective in `aeviz.model.objectives` (a class with `loss`) and give it a row in `FAMILIES`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

from aeviz.datasets.sources import scale_of
from aeviz.modalities.registry import MODALITIES
from aeviz.model.config import Config

if TYPE_CHECKING:
    from aeviz.model.objectives import Objective


@dataclass(frozen=True)
class Family:
    """A row of the table: how a kind of autoencoder is called, trained and configured.

    name: as in checkpoints. label: short, for a heading. title: in full. idea: one sentence for a
    first-year student. objective: its loss, for a config. code: of its posterior. config: other fields of `Config`.
    """

    name: str
    label: str
    title: str
    idea: str
    objective: "Callable[[Config], Objective]"
    code: str = "deterministic"
    config: dict[str, Any] = field(default_factory=dict)


def _losses() -> ModuleType:
    """The module of the losses, imported when one is built: to read the table takes no torch."""
    from aeviz.model import objectives

    return objectives


DENSE = {"latent_dim": 16, "body": "dense", "channels": ()}

FAMILIES = {
    family.name: family
    for family in (
        Family(
            name="ae",
            label="AE",
            title="Autoencoder",
            idea="Squeezes a picture into a few numbers and rebuilds it: nothing tells it how to arrange the codes.",
            objective=lambda config: _losses().Reconstruction(),
            config={"latent_dim": 16},
        ),
        Family(
            name="vae",
            label="VAE",
            title="Variational autoencoder",
            idea="Encodes a picture as a cloud of codes and keeps all clouds close to one round bell, N(0, I).",
            objective=lambda config: _losses().Variational(**config.objective),
            code="gaussian",
            config={"latent_dim": 16},
        ),
        Family(
            name="dae",
            label="DAE",
            title="Denoising autoencoder",
            idea="Sees a damaged picture and must rebuild the clean one.",
            objective=lambda config: _losses().Denoising(
                MODALITIES[config.modality], scale_of(config.dataset, config.modality)
            ),
            config={"latent_dim": 32},
        ),
        Family(
            name="pca",
            label="PCA",
            title="Principal components",
            idea="The best that straight lines can do: the directions along which the pictures differ most.",
            objective=lambda config: _losses().Principal(),
            config={**DENSE, "hidden": (), "likelihood": "mse", "output": "linear"},
        ),
        Family(
            name="dense",
            label="Dense AE",
            title="Dense autoencoder",
            idea="The simplest network: one fully connected layer down to the code and one back up.",
            objective=lambda config: _losses().Reconstruction(),
            config={**DENSE, "hidden": (64,)},
        ),
        Family(
            name="deep",
            label="Deep AE",
            title="Deep autoencoder",
            idea="Many thin layers instead of a wide one, with as many weights in all.",
            objective=lambda config: _losses().Reconstruction(),
            config={**DENSE, "hidden": (53, 53, 53, 53)},
        ),
        Family(
            name="sparse",
            label="Sparse AE",
            title="Sparse autoencoder",
            idea="Has many units and pays for each that fires, so that only a few speak for any one picture.",
            objective=lambda config: _losses().Sparse(**config.objective),
            config={"latent_dim": 64, "activation": "relu"},
        ),
        Family(
            name="contractive",
            label="CAE",
            title="Contractive autoencoder",
            idea="Keeps its code still when the picture changes a little.",
            objective=lambda config: _losses().Contractive(**config.objective),
            config={"latent_dim": 16},
        ),
        Family(
            name="beta-vae",
            label="β-VAE",
            title="β-variational autoencoder",
            idea="A VAE that weighs closeness to the bell, N(0, I), more or less than the picture.",
            objective=lambda config: _losses().Variational(**config.objective),
            code="gaussian",
            config={"latent_dim": 16, "objective": {"beta": 4.0}},
        ),
        Family(
            name="cvae",
            label="CVAE",
            title="Conditional variational autoencoder",
            idea="Is told the class, so that its code only needs to hold the style.",
            objective=lambda config: _losses().Variational(**config.objective),
            code="gaussian",
            config={"latent_dim": 16, "classes": 10},
        ),
        Family(
            name="aae",
            label="AAE",
            title="Adversarial autoencoder",
            idea="A second network tries to tell codes from draws of N(0, I); the encoder learns to fool it.",
            objective=lambda config: _losses().Adversarial(config.latent_dim, **config.objective),
            config={"latent_dim": 16},
        ),
    )
}
