"""The table of families: how each kind of autoencoder is called, trained and configured.

To add a family: write its objective in `aeviz.model.objectives` (a class with `loss`) and give it a row in `FAMILIES`;
or write a package whose entry point of the group `aeviz.families` names a `Family`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

from aeviz.figures.palette import FOURTH, INK, Mark
from aeviz.modalities.registry import MODALITIES
from aeviz.model.config import Config
from aeviz.plugins import Table

if TYPE_CHECKING:
    from aeviz.model.objectives import Objective


UNKNOWN = Mark(FOURTH, "star", "★")  # of a family that states none, or is not in the table


@dataclass(frozen=True)
class Family:
    """A row of the table: how a kind of autoencoder is called, trained and configured.

    name: as in checkpoints. label: short, for a heading. title: in full. idea: one sentence for a
    first-year student. objective: its loss, for a config. mark: how it is drawn among others. code: of its posterior.
    config: other fields of `Config`. sweeps: the pages' sweeps it belongs to, of "size" (by numbers in a code;
    the first family that has it is the straight one), "depth" (by hidden layers), "loss" (by the likelihood), "rate"
    (by the weight β of the KL), "firing" and "motion" (by a penalty on the code: the last family that has it is
    penalised, the others stand beside it), "features" (how good its codes are
    for a classifier). corrupts: whether it learns from corrupted items.
    """

    name: str
    label: str
    title: str
    idea: str
    objective: "Callable[[Config], Objective]"
    mark: Mark = UNKNOWN
    code: str = "deterministic"
    config: dict[str, Any] = field(default_factory=dict)
    sweeps: frozenset[str] = frozenset()
    corrupts: bool = False


def _losses() -> ModuleType:
    """The module of the losses, imported when one is built: to read the table takes no torch."""
    from aeviz.model import objectives

    return objectives


DENSE = {"latent_dim": 16, "body": "dense", "channels": ()}

_BUILT_IN = (
    Family(
        name="ae",
        label="AE",
        title="Autoencoder",
        idea="Squeezes an item into a few numbers and rebuilds it: nothing tells it how to arrange the codes.",
        mark=Mark("#D55E00", "circle", "●"),
        objective=lambda config: _losses().Reconstruction(**config.objective),
        config={"latent_dim": 16},
        sweeps=frozenset({"firing", "motion", "features"}),
    ),
    Family(
        name="vae",
        label="VAE",
        title="Variational autoencoder",
        idea="Encodes an item as a cloud of codes and keeps all clouds close to one normal distribution, N(0, I).",
        mark=Mark("#0072B2", "square", "■"),
        objective=lambda config: _losses().Variational(**config.objective),
        code="gaussian",
        config={"latent_dim": 16},
        sweeps=frozenset({"rate", "features"}),
    ),
    Family(
        name="dae",
        label="DAE",
        title="Denoising autoencoder",
        idea="Sees a damaged item and must rebuild the clean one.",
        mark=Mark("#009E73", "diamond", "◆"),
        objective=lambda config: _losses().Denoising(MODALITIES[config.modality], config.scale, **config.objective),
        config={"latent_dim": 32},
        corrupts=True,
        sweeps=frozenset({"motion", "features"}),
    ),
    Family(
        name="pca",
        label="PCA",
        title="Principal components",
        idea="The best that straight lines can do: the directions along which the items differ most.",
        mark=Mark(INK, "x", "✖"),
        objective=lambda config: _losses().Principal(),
        config={**DENSE, "hidden": (), "likelihood": "mse", "output": "linear"},
        sweeps=frozenset({"size"}),
    ),
    Family(
        name="dense",
        label="Dense AE",
        title="Dense autoencoder",
        idea="The simplest network: one fully connected layer down to the code and one back up.",
        mark=Mark("#E69F00", "triangle-up", "▲"),
        objective=lambda config: _losses().Reconstruction(**config.objective),
        config={**DENSE, "hidden": (64,)},
        sweeps=frozenset({"size", "depth", "loss"}),
    ),
    Family(
        name="deep",
        label="Deep AE",
        title="Deep autoencoder",
        idea="Many thin layers instead of a wide one, with as many weights in all.",
        mark=Mark("#E69F00", "triangle-down", "▼"),
        objective=lambda config: _losses().Reconstruction(**config.objective),
        config={**DENSE, "hidden": (53, 53, 53, 53)},
        sweeps=frozenset({"depth"}),
    ),
    Family(
        name="sparse",
        label="Sparse AE",
        title="Sparse autoencoder",
        idea="Has many units and is penalised for each that is active, so that only a few are active for any one item.",
        mark=Mark("#CC79A7", "cross", "✚"),
        objective=lambda config: _losses().Sparse(**config.objective),
        config={"latent_dim": 64, "activation": "relu"},
        sweeps=frozenset({"firing", "features"}),
    ),
    Family(
        name="contractive",
        label="CAE",
        title="Contractive autoencoder",
        idea="Keeps its code still when the item changes a little.",
        mark=Mark("#CC79A7", "hexagon", "⬢"),
        objective=lambda config: _losses().Contractive(**config.objective),
        config={"latent_dim": 16},
        sweeps=frozenset({"motion", "features"}),
    ),
    Family(
        name="beta-vae",
        label="β-VAE",
        title="β-variational autoencoder",
        idea="A VAE in which closeness to N(0, I) counts more, or less, beside the error of the item.",
        mark=Mark("#56B4E9", "pentagon", "⬟"),
        objective=lambda config: _losses().Variational(**config.objective),
        code="gaussian",
        config={"latent_dim": 16, "objective": {"beta": 4.0}},
        sweeps=frozenset({"rate"}),
    ),
    Family(
        name="cvae",
        label="CVAE",
        title="Conditional variational autoencoder",
        idea="Is told the class, so that its code only needs to hold the style.",
        mark=Mark("#56B4E9", "triangle-right", "▶"),
        objective=lambda config: _losses().Conditional(config, **config.objective),
        code="gaussian",
        config={"latent_dim": 16, "classes": 10, "objective": {"reading": 10.0}},
    ),
    Family(
        name="aae",
        label="AAE",
        title="Adversarial autoencoder",
        idea="A second network tries to tell codes from draws of N(0, I); the encoder learns to fool it.",
        mark=Mark("#009E73", "triangle-left", "◀"),
        objective=lambda config: _losses().Adversarial(config.latent_dim, **config.objective),
        config={"latent_dim": 16},
    ),
)

FAMILIES: Table[Family] = Table("family", "aeviz.families", Family, {family.name: family for family in _BUILT_IN})


def mark_of(family: str) -> Mark:
    """How models of a family are drawn; `UNKNOWN` for one that is not in the table."""
    return FAMILIES[family].mark if family in FAMILIES else UNKNOWN
