"""A model of one's own, of whichever kind, made ready for the explorer."""

import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from math import prod
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aeviz.device import BATCH, choose
from aeviz.errors import CheckpointError
from aeviz.importers.files.archives import clean_name, unpack
from aeviz.importers.files.filetypes import Kind, refuse_program, sniff
from aeviz.importers.files.zips import ArchiveError, Limits
from aeviz.importers.models import pythae
from aeviz.importers.models.conventions import centre_and_spread, settle
from aeviz.importers.models.foreign import ForeignModel, build, dense_weights
from aeviz.importers.models.layouts import Layout, Unclear, identify
from aeviz.importers.models.sizes import InParts, at_once, check_count, check_depth
from aeviz.importers.models.statement import ACTIVATIONS, OUTPUTS, SCALINGS, Statement
from aeviz.importers.models.weights import read_weights
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.model.families import FAMILIES
from aeviz.store import checkpoints
from aeviz.store.checkpoints import Card, compare_shapes, read_card, read_json
from aeviz.types import Shape

__all__ = ["ACTIVATIONS", "OUTPUTS", "SCALINGS", "Loaded", "Statement", "Unclear", "load_model", "wants"]

Array = NDArray[np.float32]
Items = Array | Callable[[Shape], Array | None]
WEIGHTS = frozenset({Kind.SAFETENSORS, Kind.TORCH})
MOST_FILES, MOST_BYTES = 1_000, 1_000_000_000  # of a zip, unpacked
KNOWN = "config.json and model.safetensors (aeviz), model_config.json and model.pt (pythae), or one file of weights"


@dataclass(frozen=True)
class Loaded:
    """A model, frozen and in evaluation mode, and what is known of it.

    title: for a person. origin: "aeviz", "pythae" or "state dict". statement: all that was stated or found out.
    notes: sentences to show, on how it was found out.
    """

    model: Autoencoder
    card: Card
    title: str
    origin: str
    statement: Statement
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The model's name, from its file or folder."""
        return self.card.name


def load_model(
    path: str | Path,
    statement: Statement | None = None,
    *,
    items: Items | None = None,
    name: str = "",
    device: str = "auto",
    workspace: Path | None = None,
    most: int = MOST_BYTES,
) -> Loaded:
    """Load an aeviz or pythae folder, a zip of one, a state dict, or a shipped model or one of the Hub; run no code.

    statement: what is known of a foreign model. items: (N, C, H, W) in [0, 1], on which the rest is found out, or what
    gives them for the shape of the model's items. workspace: where a zip is unpacked, to stay; None unpacks into a
    temporary folder that goes. most: bytes that its files and its weights may take, each. Raises Unclear where
    something must be stated, CheckpointError for a damaged or unknown model and for one too wide to run, ArchiveError
    for an unsound zip or a file that can run code, and ValueError for a device that is not there.
    """
    choose(device)
    statement = statement or Statement()
    with ExitStack() as opened:
        try:
            place, given = _located(path, workspace, opened, most)
            name = name or given
            if place.is_file():
                return _bare(place, name, statement, items, device, most)
            if pythae.is_pythae(place):
                return _pythae(place, name, statement, items, device, most)
            if (place / checkpoints.CONFIG).is_file():
                return _aeviz(place, name, device, most)
            return _bare(_only_weights(place), name, statement, items, device, most)
        except OSError as error:
            raise CheckpointError(f"{path} cannot be read: {error.strerror or error}.") from error
        except (MemoryError, torch.OutOfMemoryError) as error:
            raise CheckpointError(f"{path} does not fit the memory of this machine.") from error


def wants(path: str | Path) -> Shape | None:
    """The (C, H, W) of a model's items, where its config or the shapes of its weights tell; else None."""
    try:
        with ExitStack() as opened:
            place, _ = _located(path, None, opened)
            if place.is_dir() and pythae.is_pythae(place):
                return pythae.read_config(place).shape
            if place.is_dir() and (place / checkpoints.CONFIG).is_file():
                shape = read_json(place / checkpoints.CONFIG).get("shape")
                return Statement(shape=tuple(shape)).shape if isinstance(shape, list) else None
            file = place if place.is_file() else _only_weights(place)
            return _shape(identify(_shapes(read_weights(file))), Statement())
    except (CheckpointError, ArchiveError, OSError, ValueError):
        return None


def _located(path: str | Path, workspace: Path | None, opened: ExitStack, most: int = MOST_BYTES) -> tuple[Path, str]:
    """The folder or file of weights that a path leads to, and a name for it."""
    found = Path(path).expanduser()
    if not found.is_file():
        folder = checkpoints.find(path)
        return folder, folder.name
    kind = refuse_program(found, found.name)
    if kind is not Kind.ZIP:
        return found, found.stem
    root = workspace or Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="aeviz-")))
    limits = Limits(MOST_FILES, min(most, MOST_BYTES))
    return unpack(found, root / clean_name(found.stem), limits), found.stem


def _only_weights(folder: Path) -> Path:
    files = sorted(file for file in folder.iterdir() if file.is_file() and not file.is_symlink())
    weights = [file for file in files if sniff(file) in WEIGHTS]
    if len(weights) == 1:
        return weights[0]
    for file in files:
        refuse_program(file, file.name)
    names = ", ".join(file.name for file in files[:6]) + (" …" if len(files) > 6 else "") if files else "no files"
    raise CheckpointError(f"{folder.name} holds {names}: expected {KNOWN}.")


def _aeviz(folder: Path, name: str, device: str, most: int) -> Loaded:
    for file in folder.iterdir():
        if file.is_file() and not file.is_symlink():
            refuse_program(file, file.name)
    try:
        check_depth(read_json(folder / checkpoints.CONFIG))
        check_count(folder / checkpoints.WEIGHTS, most)
        model = checkpoints.load(folder.resolve(), device)
    except CheckpointError as error:
        raise CheckpointError(str(error).replace(f"{folder.resolve()}/", "").replace(f"{folder}/", "")) from error
    model.batch = at_once(model.config)
    if model.config.family not in FAMILIES:
        raise CheckpointError(f"Unknown family {model.config.family!r}: expected one of {', '.join(FAMILIES)}.")
    card = replace(read_card(folder), name=name)
    if card.problem is not None:
        raise CheckpointError(card.problem)
    config = model.config
    full = Statement(shape=config.shape, scaling="unit", output=config.output, likelihood=config.likelihood)
    return Loaded(model, card, f"{config.family.upper()} of aeviz", "aeviz", full)


def _pythae(folder: Path, name: str, statement: Statement, items: Items | None, device: str, most: int) -> Loaded:
    config = pythae.read_config(folder, statement.shape)
    weights = read_weights(folder / pythae.WEIGHTS, most)
    try:
        layout = identify(_shapes(weights))
    except Unclear as error:
        raise CheckpointError(
            f"{config.model} of pythae has other networks than pythae's default ones, or parts that only pythae knows. "
            f"{error}"
        ) from error
    if (layout.features, layout.latent_dim) != (prod(config.shape), config.latent_dim):
        raise CheckpointError(
            f"{pythae.WEIGHTS} does not fit {pythae.CONFIG}: it takes {layout.features} numbers to a code of "
            f"{layout.latent_dim}, expected {prod(config.shape)} and {config.latent_dim}."
        )
    stated = replace(statement, shape=config.shape, likelihood=config.likelihood)
    return _made(folder, name, f"{config.model} of pythae", "pythae", layout, weights, stated, items, device)


def _bare(file: Path, name: str, statement: Statement, items: Items | None, device: str, most: int) -> Loaded:
    weights = read_weights(file, most)
    layout = identify(_shapes(weights))
    stated = replace(statement, shape=_shape(layout, statement, None if callable(items) else items))
    return _made(file.parent, name, layout.title, "state dict", layout, weights, stated, items, device)


def _shape(layout: Layout, statement: Statement, items: Array | None = None) -> Shape:
    wanted = statement.shape
    if layout.shape is not None:
        if wanted not in {None, layout.shape}:
            raise CheckpointError(f"These weights are for items of shape {layout.shape}, not {wanted} as stated.")
        return layout.shape
    if wanted is None and items is not None and items.ndim == 4 and prod(items.shape[1:]) == layout.features:
        wanted = (items.shape[1], items.shape[2], items.shape[3])
    if wanted is None:
        return pythae.square(layout.features)
    if prod(wanted) != layout.features:
        raise CheckpointError(
            f"The shape {wanted} has {prod(wanted):,} numbers, but these weights are for {layout.features:,}."
        )
    return wanted


def _made(
    folder: Path,
    name: str,
    title: str,
    origin: str,
    layout: Layout,
    weights: Mapping[str, Tensor],
    statement: Statement,
    items: Items | None,
    device: str,
) -> Loaded:
    shape = statement.shape
    if shape is None:
        raise ValueError("The shape must be known by now.")
    weights = {key: value for key, value in weights.items() if key not in layout.aside}
    config = _config(layout, shape, statement.likelihood, origin)
    rows = at_once(config, layout.decoder_widths if layout.kind == "dense" else ())

    def make(full: Statement) -> ForeignModel:
        return _with_weights(config, layout, weights, full, device, rows)

    frame = settle(make, layout, shape, statement, items(shape) if callable(items) else items)
    card = Card(name, folder, config.family, "", config.latent_dim, config.code, asdict(config), title=title)
    return Loaded(make(frame.statement), card, title, origin, frame.statement, frame.notes)


def _config(layout: Layout, shape: Shape, likelihood: str, origin: str) -> Config:
    return Config(
        family=layout.family,
        shape=shape,
        latent_dim=layout.latent_dim,
        code="deterministic" if layout.log_var is None else "gaussian",
        network=layout.kind,
        channels=layout.widths if layout.kind == "conv" else (),
        hidden=() if layout.kind == "conv" else layout.widths,
        likelihood=likelihood,
        training={"origin": origin},
    )


def _with_weights(
    config: Config, layout: Layout, weights: Mapping[str, Tensor], statement: Statement, device: str, rows: int
) -> ForeignModel:
    with torch.device("meta"):
        network = build(layout, config.shape, statement.activation or "relu")
    expected = {
        key: tuple(value.shape)
        for key, value in network.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    own = dict(weights) if layout.kind == "conv" else dense_weights(layout, weights)
    compare_shapes("The file of weights", expected, _shapes(own))
    counters = {key: torch.zeros((), dtype=torch.int64) for key in network.state_dict().keys() - own.keys()}
    network.load_state_dict({**own, **counters}, assign=True)
    mean, std = centre_and_spread(statement)
    for values in (mean, std):
        if len(values) not in {1, config.shape[0]}:
            raise CheckpointError(f"mean and std must be one number or {config.shape[0]}, not {len(values)}.")
    few = network if rows == BATCH else InParts(network, rows)
    model = ForeignModel(config, few, mean, std, statement.output or "sigmoid")
    return model.to(choose(device)).requires_grad_(False).eval()


def _shapes(weights: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {key: tuple(value.shape) for key, value in weights.items()}
