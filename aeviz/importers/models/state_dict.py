"""A file of weights alone: its names and shapes tell the network."""

import re
from collections.abc import Sequence
from dataclasses import replace
from math import prod

from aeviz.errors import CheckpointError
from aeviz.importers.files.contents import Contents
from aeviz.importers.files.filetypes import FileType, Sniffed
from aeviz.importers.models.answers import Loaded, Request
from aeviz.importers.models.assembly import assemble, assemble_plan, shapes_of
from aeviz.importers.models.chains import Plan, plan_of, role
from aeviz.importers.models.foreign import ForeignModel
from aeviz.importers.models.layouts import Shapes, UnknownLayout, aside_notes, identify, model_and_others, unknown
from aeviz.importers.models.libraries import fields_of, library_sentence
from aeviz.importers.models.loading import loading_lines
from aeviz.importers.models.selection import role_of
from aeviz.importers.models.statement import NotStated, square
from aeviz.importers.models.trying import shape_for
from aeviz.importers.models.weights import Weights, read_weights
from aeviz.types import Shape

WEIGHTS = frozenset({FileType.SAFETENSORS, FileType.TORCH, FileType.TORCH_LEGACY})
KNOWN = "config.json and model.safetensors (aeviz), model_config.json and model.pt (pythae), or one file of weights"


def recognises(request: Request) -> bool:
    """Always: what no other reader knows is searched for one file of weights."""
    return True


def read(request: Request) -> Loaded:
    """The model of a state dict. Raises as `aeviz.importers.reading.read_model` says."""
    weights = _weights(_files(request.contents), request.max_bytes)
    shapes = shapes_of(weights)
    if layout := identify(shapes):
        stated = replace(request.statement, shape=_shape(layout.features, layout.shape, request))
        loaded = assemble(request, layout.title, "state dict", layout, weights, stated)
        aside = layout.aside
    else:
        loaded, aside = _planned(request, weights)
    if isinstance(loaded.model, ForeignModel):
        loaded.model.loading = loading_lines(loaded.model, weights)
    return replace(loaded, notes=loaded.notes + aside_notes(aside) + weights.notes)


def _planned(request: Request, weights: Weights) -> tuple[Loaded, tuple[str, ...]]:
    """The model whose layers follow one another by their shapes, and what was left aside of the weights."""
    shapes = shapes_of(weights)
    for names, aside in model_and_others(shapes):
        if plan := plan_of({new: shapes[old] for new, old in names.items()}):
            own = {new: weights[old] for new, old in names.items()}
            kind = "Dense" if plan.is_dense else "Convolutional"
            title = f"{kind} {'VAE' if plan.has_spread else 'autoencoder'}"
            stated = replace(request.statement, shape=_shape_of_plan(plan, request))
            return assemble_plan(request, title, "state dict", plan, own, stated), aside
    file = next((file.name for file in request.contents.files if file.type in WEIGHTS), request.name)
    raise UnknownLayout(f"{library_sentence(fields_of(request.contents))}{unknown(shapes)} {in_python(file, shapes)}")


def in_python(file: str, shapes: Shapes) -> str:
    """The lines that open a model from Python, with the names of its own parts filled in."""
    parts = list(dict.fromkeys(name.split(".")[0] for name in shapes))
    encoder = next((part for part in parts if role(part) == 0), None)
    decoder = next((part for part in parts if role(part) == 2), None)
    mean = next((part for part in parts if HEAD_OF_MEAN.search(part.casefold())), None)
    encode = f"model.{encoder}(x)" if encoder else "model.encode(x)"
    if encoder and mean and mean != encoder:
        encode = f"model.{mean}({encode}.flatten(1))"
    decode = f"model.{decoder}(z)" if decoder else "model.decode(z)"
    return (
        "It opens from Python, with the class that you trained: "
        f"model.load_state_dict(torch.load({file!r})); model.eval(); "
        f"aeviz.explore(encode=lambda x: {encode}, decode=lambda z: {decode}, items=your_items)"
    )


HEAD_OF_MEAN = re.compile(r"(^|_)(mu|mean|loc)($|_)")
SIDES = (28, 32, 64, 96, 128, 224, 256)  # of pictures, where no items are there and none is stated


def _shape_of_plan(plan: Plan, request: Request) -> Shape:
    """What is stated, else the shape of the first items at hand that pass, else a usual one. Raises NotStated."""
    if plan.is_dense:
        return _shape(plan.decoder[-1].after, None, request)
    channels = plan.convolutions[0][0].before
    stated = request.statement.shape
    at_hand = [candidate.shape for candidate in request.candidates if len(candidate.shape) == 3]
    usual: list[Shape] = [(channels, side, side) for side in SIDES]
    shape = shape_for(plan, [stated] if stated else [*at_hand, *usual])
    if shape is not None:
        return shape
    if stated is not None:
        raise CheckpointError(f"These weights take no items of shape {stated}, as stated, to their like.")
    raise NotStated(
        f"These convolutions take {channels} channels; the size of the pictures that they were trained on is not told "
        "by their weights: state the shape (C, H, W).",
        ("shape",),
    )


def _weights(files: Sequence[Sniffed], max_bytes: int) -> Weights:
    """The weights of one file, or of an encoder's and a decoder's under names that say so."""
    if len(files) == 1:
        return read_weights(files[0], max_bytes)
    both = Weights()
    for file in files:
        part = read_weights(file, max_bytes)
        max_bytes -= sum(4 * tensor.numel() for tensor in part.values())
        role = role_of(file.stem)
        own = all(role_of(name) == role for name in part)
        both.update({name if own else f"{role}.{name}": tensor for name, tensor in part.items()})
        both.notes += part.notes
    return both


def _files(contents: Contents) -> Sequence[Sniffed]:
    """The one file of weights, or the two of an encoder and a decoder."""
    if contents.alone:
        return contents.files
    weights = [file for file in contents.files if file.type in WEIGHTS]
    if len(weights) == 1 or sorted(role_of(file.stem) or "" for file in weights) == ["decoder", "encoder"]:
        return weights
    for file in contents.files:
        file.refuse_program()
    names = ", ".join(file.name for file in contents.files[:6]) + (" …" if len(contents.files) > 6 else "")
    sentence = library_sentence(fields_of(contents))
    raise CheckpointError(f"{sentence}{contents.folder.name} holds {names or 'no files'}: expected {KNOWN}.")


def _shape(features: int, told_shape: Shape | None, request: Request) -> Shape:
    """What the layout tells, else what is stated, else the shape of items at hand with as many numbers, else square."""
    stated = request.statement.shape
    if told_shape is not None:
        if stated not in {None, told_shape}:
            raise CheckpointError(f"These weights are for items of shape {told_shape}, not {stated} as stated.")
        return told_shape
    if stated is None:
        at_hand = (item.shape for item in request.candidates if prod(item.shape) == features)
        return next(at_hand, None) or square(features)
    if prod(stated) != features:
        raise CheckpointError(
            f"The shape {stated} has {prod(stated):,} numbers, but these weights are for {features:,}."
        )
    return stated
