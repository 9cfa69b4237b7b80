"""A folder of a model saved by pythae (github.com/clementchadebec/benchmark_VAE), read without pythae."""

from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

from aeviz.errors import CheckpointError
from aeviz.importers.models.answers import Loaded, Request
from aeviz.importers.models.assembly import assemble, shapes_of
from aeviz.importers.models.layouts import UnknownLayout, identify
from aeviz.importers.models.statement import square
from aeviz.importers.models.weights import read_weights
from aeviz.store.checkpoints import read_json
from aeviz.types import Shape

CONFIG, WEIGHTS = "model_config.json", "model.pt"
NETWORKS = {"uses_default_encoder": "encoder.pkl", "uses_default_decoder": "decoder.pkl"}
LOSSES = {"bce": "bce", "mse": "mse"}
# Their decoders read something else than what their encoders give.
REFUSED = {
    "VQVAEConfig": "its codes pass through a codebook",
    "HRQVAEConfig": "its codes pass through codebooks",
    "RHVAEConfig": "its codes lie in a curved space",
    "SVAEConfig": "its codes lie on a sphere",
    "PoincareVAEConfig": "its codes lie in hyperbolic space",
    "VAE_IAF_Config": "its codes pass through a flow before they are decoded",
    "VAE_LinNF_Config": "its codes pass through a flow before they are decoded",
}


@dataclass(frozen=True)
class PythaeConfig:
    """What model_config.json says. shape: of an item. likelihood: of its reconstruction loss."""

    name: str
    shape: Shape
    latent_dim: int
    likelihood: str

    @property
    def model(self) -> str:
        """The model's name in pythae, "BetaVAE"."""
        return self.name.removesuffix("Config").rstrip("_")


def recognises(request: Request) -> bool:
    """Whether a folder is one of pythae's."""
    return not request.contents.alone and request.contents.named(CONFIG) is not None


def read(request: Request) -> Loaded:
    """The model of a folder of pythae. Raises as `aeviz.importers.reading.read_model` says."""
    folder = request.contents.folder
    config = read_config(folder, request.statement.shape)
    file = request.contents.named(WEIGHTS)
    if file is None:
        raise CheckpointError(f"{WEIGHTS} is missing.")
    weights = read_weights(file, request.max_bytes)
    try:
        layout = identify(shapes_of(weights))
    except UnknownLayout as error:
        raise CheckpointError(
            f"{config.model} of pythae has other networks than pythae's default ones, or parts that only pythae knows. "
            f"{error}"
        ) from error
    if (layout.features, layout.latent_dim) != (prod(config.shape), config.latent_dim):
        raise CheckpointError(
            f"{WEIGHTS} does not fit {CONFIG}: it takes {layout.features} numbers to a code of "
            f"{layout.latent_dim}, expected {prod(config.shape)} and {config.latent_dim}."
        )
    stated = replace(request.statement, shape=config.shape, likelihood=config.likelihood)
    return assemble(request, f"{config.model} of pythae", "pythae", layout, weights, stated)


def read_config(folder: Path, shape: Shape | None = None) -> PythaeConfig:
    """The config of a pythae folder; `shape` (C, H, W) is for items that it knows as rows of numbers.

    Raises CheckpointError for pickled networks, models whose codes are no plain vectors, and an unsound config.
    """
    fields = read_json(folder / CONFIG)
    _refuse_networks(folder, fields)
    name = fields.get("name", "AEConfig")
    if not isinstance(name, str) or len(name) > 100:
        raise CheckpointError(f"{CONFIG}: name must be a word such as 'VAEConfig', not {name!r:.60}.")
    if name in REFUSED:
        raise CheckpointError(f"{name.removesuffix('Config').rstrip('_')} of pythae cannot be shown: {REFUSED[name]}.")
    latent_dim = fields.get("latent_dim")
    if not isinstance(latent_dim, int) or not _is_size(latent_dim):
        raise CheckpointError(f"{CONFIG}: latent_dim must be a size from 1 to 65536, not {latent_dim!r:.60}.")
    likelihood = LOSSES.get(str(fields.get("reconstruction_loss")), "mse")
    return PythaeConfig(name, _shape(fields.get("input_dim"), shape), latent_dim, likelihood)


def _refuse_networks(folder: Path, fields: dict[str, Any]) -> None:
    for flag, file in NETWORKS.items():
        if (folder / file).exists() or fields.get(flag, True) is not True:
            raise CheckpointError(
                f"This pythae model has a network of its own in {file}, a pickle: opening it could run any program, so "
                "it is not opened. Models with pythae's default networks load as they are. For this one, either save "
                "its weights with torch.save(model.state_dict(), 'model.pt') if its layers are dense, or open it from "
                "Python with your own encode and decode: "
                "encode=lambda x: model.encoder(x).embedding, decode=lambda z: model.decoder(z).reconstruction."
            )


def _shape(input_dim: Any, stated: Shape | None) -> Shape:
    if not isinstance(input_dim, list) or not 1 <= len(input_dim) <= 3 or not all(map(_is_size, input_dim)):
        raise CheckpointError(
            f"{CONFIG}: input_dim must be one to three sizes, such as [1, 28, 28], not {input_dim!r:.60}."
        )
    count = prod(input_dim)
    if stated is not None:
        if prod(stated) != count:
            raise CheckpointError(
                f"The shape {stated} has {prod(stated)} numbers, but input_dim {input_dim} has {count}."
            )
        return stated
    if len(input_dim) == 3:
        return input_dim[0], input_dim[1], input_dim[2]
    if len(input_dim) == 2:
        return 1, input_dim[0], input_dim[1]
    return square(count)


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 65_536
