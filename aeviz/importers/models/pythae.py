"""A folder of a model saved by pythae (github.com/clementchadebec/benchmark_VAE), read without pythae."""

from dataclasses import asdict, dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

from aeviz.device import BATCH, choose, moved
from aeviz.errors import CheckpointError
from aeviz.importers.models.answers import Loaded, Request
from aeviz.importers.models.assembly import assemble, shapes_of
from aeviz.importers.models.conventions import centre_and_spread, completed
from aeviz.importers.models.foreign import ForeignModel
from aeviz.importers.models.layouts import identify, unknown
from aeviz.importers.models.limits import InParts, check_widths, rows_at_once_of
from aeviz.importers.models.loading import loading_lines
from aeviz.importers.models.pythae_networks import BenchmarkNetwork, benchmark
from aeviz.importers.models.statement import square
from aeviz.importers.models.weights import Weights, read_weights
from aeviz.model.config import Config
from aeviz.store.checkpoints import Card, read_json
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
    config = read_config(request.contents.folder, request.statement.shape)
    file = request.contents.named(WEIGHTS)
    if file is None:
        raise CheckpointError(f"{WEIGHTS} is missing.")
    weights = read_weights(file, request.max_bytes)
    network = benchmark(weights, config.shape)
    loaded = _offered(request, config, network) if network else _assembled(request, config, weights)
    if isinstance(loaded.model, ForeignModel):
        loaded.model.loading = loading_lines(loaded.model, weights)
    return loaded


def _assembled(request: Request, config: PythaeConfig, weights: Weights) -> Loaded:
    """The model of pythae's default networks."""
    folder = request.contents.folder
    _refuse_networks(folder, read_json(folder / CONFIG))
    layout = identify(shapes_of(weights))
    if layout is None:
        raise CheckpointError(
            f"{config.model} of pythae has other networks than pythae's default ones, or parts that only pythae knows. "
            f"{unknown(shapes_of(weights))}"
        )
    if (layout.features, layout.latent_dim) != (prod(config.shape), config.latent_dim):
        raise CheckpointError(
            f"{WEIGHTS} does not fit {CONFIG}: it takes {layout.features} numbers to a code of "
            f"{layout.latent_dim}, expected {prod(config.shape)} and {config.latent_dim}."
        )
    stated = replace(request.statement, shape=config.shape, likelihood=config.likelihood)
    return assemble(request, f"{config.model} of pythae", "pythae", layout, weights, stated)


def _offered(request: Request, config: PythaeConfig, network: BenchmarkNetwork) -> Loaded:
    """The model of one of pythae's own convolutional or residual networks."""
    heads = 2 if "log_var" in network.encoder else 1
    if network.codes != heads * config.latent_dim:
        raise CheckpointError(
            f"{WEIGHTS} does not fit {CONFIG}: its code has {network.codes // heads} numbers, expected "
            f"{config.latent_dim}."
        )
    full = Config(
        family="ae" if heads == 1 else "vae",
        shape=config.shape,
        latent_dim=config.latent_dim,
        code="deterministic" if heads == 1 else "gaussian",
        body="conv",
        channels=(),
        hidden=(),
        likelihood=config.likelihood,
        training={"origin": "pythae"},
    )
    title = f"{config.model} of pythae"
    note = (
        "Its networks are convolutional ones that pythae itself offers; the pickles beside the weights were not opened."
    )
    statement = replace(
        request.statement, shape=config.shape, scaling=request.statement.scaling or "unit", output="sigmoid",
        activation="relu", likelihood=config.likelihood,
    )  # fmt: skip
    conventions = completed(statement, {}, request.items(config.shape))
    mean, std = centre_and_spread(conventions)
    check_widths(1, network.largest)
    rows = rows_at_once_of(network.largest, config.latent_dim)
    model = ForeignModel(full, network if rows == BATCH else InParts(network, rows), mean, std, "sigmoid")
    card = Card(
        request.name, request.contents.folder, full.family, "", full.latent_dim, full.code, asdict(full), title=title
    )
    model = moved(model, choose(request.device)).requires_grad_(False).eval()
    return Loaded(model, card, title, "pythae", conventions, (note,))


def read_config(folder: Path, shape: Shape | None = None) -> PythaeConfig:
    """The config of a pythae folder; `shape` (C, H, W) is for items that it knows as rows of numbers.

    Raises CheckpointError for models whose codes are no plain vectors, and an unsound config.
    """
    fields = read_json(folder / CONFIG)
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
                "it is not opened. Models with pythae's default networks, or those that "
                "it offers for MNIST, CIFAR and CelebA, load as they are. For this one, either save "
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
