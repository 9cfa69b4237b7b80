"""A model made of a layout, weights and what is stated of it; what nobody states is inferred."""

from collections.abc import Mapping
from dataclasses import asdict

import torch
from torch import Tensor

from aeviz.device import BATCH, choose
from aeviz.errors import CheckpointError
from aeviz.importers.models.answers import Loaded, Request
from aeviz.importers.models.conventions import centre_and_spread, infer_conventions
from aeviz.importers.models.foreign import ForeignModel, build, dense_weights
from aeviz.importers.models.layouts import Layout
from aeviz.importers.models.limits import InParts, rows_at_once
from aeviz.importers.models.statement import Statement
from aeviz.model.config import Config
from aeviz.store.checkpoints import Card, compare_shapes
from aeviz.types import Shape

Weights = Mapping[str, Tensor]


def shapes_of(weights: Weights) -> dict[str, tuple[int, ...]]:
    """The shapes of tensors by name."""
    return {key: tuple(value.shape) for key, value in weights.items()}


def assemble(
    request: Request, title: str, origin: str, layout: Layout, weights: Weights, statement: Statement
) -> Loaded:
    """The model of a layout with these weights; the statement must say the shape of an item.

    Raises NotStated where something must be stated, CheckpointError where weights do not fit or are too wide to run.
    """
    shape = statement.shape
    if shape is None:
        raise ValueError("The shape must be known by now.")
    weights = {key: value for key, value in weights.items() if key not in layout.aside}
    config = _config(layout, shape, statement.likelihood, origin)
    rows = rows_at_once(config, layout.decoder_widths if layout.body == "dense" else ())

    def make(full: Statement) -> ForeignModel:
        return _with_weights(config, layout, weights, full, request.device, rows)

    conventions = infer_conventions(make, layout, shape, statement, request.items(shape))
    card = Card(
        request.name, request.contents.folder, config.family, "", config.latent_dim, config.code, asdict(config),
        title=title,
    )  # fmt: skip
    full = conventions.statement
    return Loaded(make(full), card, title, origin, full, conventions.notes)


def _config(layout: Layout, shape: Shape, likelihood: str, origin: str) -> Config:
    return Config(
        family=layout.family,
        shape=shape,
        latent_dim=layout.latent_dim,
        code="deterministic" if layout.log_var is None else "gaussian",
        body=layout.body,
        channels=layout.widths if layout.body == "conv" else (),
        hidden=() if layout.body == "conv" else layout.widths,
        likelihood=likelihood,
        training={"origin": origin},
    )


def _with_weights(
    config: Config, layout: Layout, weights: Weights, statement: Statement, device: str, rows: int
) -> ForeignModel:
    with torch.device("meta"):
        network = build(layout, config.shape, statement.activation or "relu")
    expected = {
        key: tuple(value.shape)
        for key, value in network.state_dict().items()
        if not key.endswith("num_batches_tracked")
    }
    own = dict(weights) if layout.body == "conv" else dense_weights(layout, weights)
    compare_shapes("The file of weights", expected, shapes_of(own))
    counters = {key: torch.zeros((), dtype=torch.int64) for key in network.state_dict().keys() - own.keys()}
    network.load_state_dict({**own, **counters}, assign=True)
    mean, std = centre_and_spread(statement)
    for values in (mean, std):
        if len(values) not in {1, config.shape[0]}:
            raise CheckpointError(f"mean and std must be one number or {config.shape[0]}, not {len(values)}.")
    few = network if rows == BATCH else InParts(network, rows)
    model = ForeignModel(config, few, mean, std, statement.output or "sigmoid")
    return model.to(choose(device)).requires_grad_(False).eval()
