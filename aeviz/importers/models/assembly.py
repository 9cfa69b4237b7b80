"""A model made of a layout, weights and what is stated of it; what nobody states is inferred."""

from collections.abc import Sequence
from dataclasses import asdict, replace

import torch

from aeviz.device import BATCH, choose, moved
from aeviz.errors import CheckpointError
from aeviz.importers.models.answers import Loaded, Request
from aeviz.importers.models.chains import Plan
from aeviz.importers.models.conventions import centre_and_spread, infer_conventions
from aeviz.importers.models.foreign import ForeignModel, build, dense_weights
from aeviz.importers.models.layouts import Layout
from aeviz.importers.models.limits import InParts, check_widths, rows_at_once, rows_at_once_of
from aeviz.importers.models.plans import forms, largest
from aeviz.importers.models.statement import Statement
from aeviz.importers.models.trying import best_way, network_of
from aeviz.importers.models.weights import Tensors
from aeviz.model.config import Config
from aeviz.store.checkpoints import Card, compare_shapes
from aeviz.types import Shape


def shapes_of(weights: Tensors) -> dict[str, tuple[int, ...]]:
    """The shapes of tensors by name."""
    return {key: tuple(value.shape) for key, value in weights.items()}


def assemble(
    request: Request, title: str, origin: str, layout: Layout, weights: Tensors, statement: Statement
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
    card = _card(request, config, title)
    full = conventions.statement
    return Loaded(make(full), card, title, origin, full, conventions.notes)


def assemble_plan(
    request: Request, title: str, origin: str, plan: Plan, weights: Tensors, statement: Statement
) -> Loaded:
    """The model of a plan with these weights, read as stated or as it is found by trying. Raises as `assemble` does."""
    shape = statement.shape
    if shape is None:
        raise ValueError("The shape must be known by now.")
    config = Config(
        family="vae" if plan.has_spread else "ae",
        shape=shape,
        latent_dim=1,
        code="gaussian" if plan.has_spread else "deterministic",
        body="dense" if plan.is_dense else "conv",
        channels=() if plan.is_dense else tuple(layer.after for layer in plan.convolutions[0]),
        hidden=tuple(layer.after for layer in plan.encoder if layer.kind == "dense"),
        likelihood=statement.likelihood,
        training={"origin": origin},
    )
    widths = [layer.after for layer in plan.layers if layer.kind == "dense"]
    check_widths(max(widths, default=1), max((largest(plan, form, shape) for form in forms(plan, shape)), default=1))
    best = best_way(plan, title, weights, statement, request.items(shape))
    network = network_of(plan, best.way, weights, shape)
    with torch.inference_mode():
        heads, code = network.heads(torch.zeros(1, *shape)).shape[1], network.code_shape(shape)
    latent_dim = heads // 2 if plan.has_spread else heads
    config = replace(config, latent_dim=latent_dim, code_shape=code if len(code) > 1 else ())
    rows = rows_at_once_of(max(largest(plan, best.way.form, shape), *widths, heads), config.latent_dim)
    mean, std = centre_and_spread(best.statement)
    _check_channels(mean, std, shape)
    few = network if rows == BATCH else InParts(network, rows)
    model = moved(ForeignModel(config, few, mean, std, best.way.output), choose(request.device))
    card = _card(request, config, title)
    return Loaded(model.requires_grad_(False).eval(), card, title, origin, best.statement, best.notes)


def _card(request: Request, config: Config, title: str) -> Card:
    return Card(
        request.name, request.contents.folder, config.family, "", config.latent_dim, config.code, asdict(config),
        title=title,
    )  # fmt: skip


def _check_channels(mean: Sequence[float], std: Sequence[float], shape: Shape) -> None:
    for values in (mean, std):
        if len(values) not in {1, shape[0]}:
            raise CheckpointError(f"mean and std must be one number or {shape[0]}, not {len(values)}.")


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
    config: Config, layout: Layout, weights: Tensors, statement: Statement, device: str, rows: int
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
    _check_channels(mean, std, config.shape)
    few = network if rows == BATCH else InParts(network, rows)
    model = ForeignModel(config, few, mean, std, statement.output or "sigmoid")
    return moved(model, choose(device)).requires_grad_(False).eval()
