"""A file of weights alone: its names and shapes tell the network."""

from dataclasses import replace
from math import prod

from aeviz.errors import CheckpointError
from aeviz.importers.files.contents import Contents
from aeviz.importers.files.filetypes import FileType, Sniffed
from aeviz.importers.models.answers import Loaded, Request
from aeviz.importers.models.assembly import assemble, shapes_of
from aeviz.importers.models.layouts import Layout, identify
from aeviz.importers.models.statement import square
from aeviz.importers.models.weights import read_weights
from aeviz.types import Shape

WEIGHTS = frozenset({FileType.SAFETENSORS, FileType.TORCH})
KNOWN = "config.json and model.safetensors (aeviz), model_config.json and model.pt (pythae), or one file of weights"


def recognises(request: Request) -> bool:
    """Always: what no other reader knows is searched for one file of weights."""
    return True


def read(request: Request) -> Loaded:
    """The model of a state dict. Raises as `aeviz.importers.reading.read_model` says."""
    weights = read_weights(_only_weights(request.contents), request.max_bytes)
    layout = identify(shapes_of(weights))
    stated = replace(request.statement, shape=_shape(layout, request))
    return assemble(request, layout.title, "state dict", layout, weights, stated)


def _only_weights(contents: Contents) -> Sniffed:
    if contents.alone:
        return contents.files[0]
    weights = [file for file in contents.files if file.type in WEIGHTS]
    if len(weights) == 1:
        return weights[0]
    for file in contents.files:
        file.refuse_program()
    names = ", ".join(file.name for file in contents.files[:6]) + (" …" if len(contents.files) > 6 else "")
    raise CheckpointError(f"{contents.folder.name} holds {names or 'no files'}: expected {KNOWN}.")


def _shape(layout: Layout, request: Request) -> Shape:
    """What the layout tells, else what is stated, else the shape of items at hand with as many numbers, else square."""
    stated = request.statement.shape
    if layout.shape is not None:
        if stated not in {None, layout.shape}:
            raise CheckpointError(f"These weights are for items of shape {layout.shape}, not {stated} as stated.")
        return layout.shape
    if stated is None:
        at_hand = (item.shape for item in request.candidates if prod(item.shape) == layout.features)
        return next(at_hand, None) or square(layout.features)
    if prod(stated) != layout.features:
        raise CheckpointError(
            f"The shape {stated} has {prod(stated):,} numbers, but these weights are for {layout.features:,}."
        )
    return stated
