"""A checkpoint of aeviz, from a stranger."""

from contextlib import suppress
from dataclasses import replace

from aeviz.errors import CheckpointError
from aeviz.importers.models.answers import Loaded, Request
from aeviz.importers.models.libraries import fields_of, library_of
from aeviz.importers.models.limits import check_count, check_depth, rows_at_once
from aeviz.importers.models.statement import Statement
from aeviz.model.families import FAMILIES
from aeviz.store import checkpoints
from aeviz.store.checkpoints import read_card, read_json


def recognises(request: Request) -> bool:
    """Whether a folder is a checkpoint of aeviz, or its `config.json` is too damaged to be told from one."""
    if request.contents.alone or request.contents.named(checkpoints.CONFIG) is None:
        return False
    fields = fields_of(request.contents)
    return fields is None or not library_of(fields)


def read(request: Request) -> Loaded:
    """The model of a folder of aeviz. Raises as `aeviz.importers.reading.read_model` says."""
    folder = request.contents.folder
    for file in request.contents.files:
        file.refuse_program()
    try:
        check_depth(read_json(folder / checkpoints.CONFIG))
        check_count(folder / checkpoints.WEIGHTS, request.max_bytes)
        model = checkpoints.load(folder.resolve(), request.device)
    except CheckpointError as error:
        raise CheckpointError(str(error).replace(f"{folder.resolve()}/", "").replace(f"{folder}/", "")) from error
    model.batch = rows_at_once(model.config)
    if model.config.family not in FAMILIES:
        raise CheckpointError(f"Unknown family {model.config.family!r}: expected one of {', '.join(FAMILIES)}.")
    card = replace(read_card(folder), name=request.name)
    if card.problem is not None:
        raise CheckpointError(card.problem)
    config = model.config
    full = Statement()
    with suppress(ValueError):  # of other items than pictures there is nothing to state
        full = Statement(shape=config.shape, scaling="unit", output=config.output, likelihood=config.likelihood)
    return Loaded(model, card, f"{config.family.upper()} of aeviz", "aeviz", full)
