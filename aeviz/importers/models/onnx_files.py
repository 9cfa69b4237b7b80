"""Models of any framework as ONNX: an encoder and a decoder, in two files or in one; nothing in them is executed code.

They are read and checked first (`onnx_graph`), run on a few items in a process of their own (`onnx_trial`), and only
then loaded here, on one thread and under bounds of memory and time (`onnx_session`).
"""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.errors import CallableError, CheckpointError
from aeviz.importers.files.filetypes import FileType, Sniffed
from aeviz.importers.models import onnx_conventions as conventions
from aeviz.importers.models.answers import Array, Candidate, Loaded, Request
from aeviz.importers.models.conventions import centre_and_spread
from aeviz.importers.models.limits import MAX_CODE
from aeviz.importers.models.onnx_graph import OnnxFile, read_onnx
from aeviz.importers.models.onnx_heads import Heads, find_heads
from aeviz.importers.models.onnx_items import ItemForm, views
from aeviz.importers.models.onnx_network import OnnxModel, OnnxNetwork, Runner, rows_at_once
from aeviz.importers.models.onnx_parts import DECODER, ENCODER, Half, Halves, of_one, of_two
from aeviz.importers.models.onnx_trial import Sizes, TrialProcess, trial
from aeviz.importers.models.statement import MAX_SIDE, Statement
from aeviz.latent.grids import channels_of, grid_of
from aeviz.modalities.registry import MODALITIES
from aeviz.model.config import Config
from aeviz.model.likelihoods import likelihood_of
from aeviz.store.checkpoints import Card
from aeviz.types import Shape

ORIGIN = "ONNX"
TRIED, MAX_TRIED_VALUES = 16, 4_000_000  # items of the first run
TOLERANCE = 1e-3  # between a row alone and among others, of what is given


def recognises(request: Request) -> bool:
    """Whether there is an ONNX file in what was brought."""
    return any(file.type is FileType.ONNX for file in request.contents.files)


def read(request: Request) -> Loaded:
    """The model of an encoder and a decoder. Raises as `aeviz.importers.reading.read_model` says."""
    files = [read_onnx(file.path, request.max_bytes) for file in _chosen(request)]
    try:
        with trial() as tried:
            halves = of_one(tried, files[0]) if len(files) == 1 else of_two(tried, files, request.statement.encoder)
            first_run = _FirstRun.of(tried, halves, request, [*_as_written(files), *request.candidates])
        return _loaded(request, halves, first_run)
    except CallableError as error:
        raise CheckpointError(str(error)) from error


def _as_written(files: Sequence[OnnxFile]) -> list[Candidate]:
    """What the items are, where aeviz wrote the files (`aeviz.store.onnx_export`) and says so."""
    for file in files:
        try:
            facts = json.loads(file.metadata.get("aeviz", "{}"))
            modality, shape = facts["modality"], tuple(facts["shape"])
            if modality in MODALITIES and all(isinstance(side, int) and 0 < side <= MAX_SIDE for side in shape):
                MODALITIES[modality].check(shape)
                return [Candidate(shape, partial(_no_items, shape), modality)]
        except (ValueError, TypeError, LookupError, RecursionError):
            continue
    return []


def _no_items(shape: Shape) -> Array:
    return np.empty((0, *shape), np.float32)


def _chosen(request: Request) -> list[Sniffed]:
    files = [file for file in request.contents.files if file.type is FileType.ONNX]
    if len(files) <= 2:
        return files
    encoders = [file for file in files if ENCODER.search(file.stem) and not DECODER.search(file.stem)]
    decoders = [file for file in files if DECODER.search(file.stem) and not ENCODER.search(file.stem)]
    if len(encoders) == len(decoders) == 1:
        return [*encoders, *decoders]
    names = ", ".join(file.name for file in files[:6])
    raise CheckpointError(
        f"{request.contents.folder.name} holds {len(files)} ONNX files ({names}): expected an encoder and a decoder, "
        "by these names, or one file with both."
    )


class _FirstRun:
    """What the first run told: how items lie, the heads, and the range of what the decoder gives."""

    def __init__(
        self, ways: list[ItemForm], heads: Heads, output: str, lowest: float, highest: float, alone: bool
    ) -> None:
        self.ways, self.heads, self.output = ways, heads, output
        self.lowest, self.highest, self.alone = lowest, highest, alone

    @classmethod
    def of(cls, tried: TrialProcess, halves: Halves, request: Request, known: Sequence[Candidate]) -> "_FirstRun":
        """Run encoder and decoder on a few items. known: what such items may be. Raises NotStated, CheckpointError."""
        encoder, decoder = halves.encoder, halves.decoder
        code = _whole(decoder.dims)
        given = _output_sizes(tried, decoder, code)
        stated = request.statement
        ways = views(encoder.dims, given, stated.shape, stated.layout, known)
        items, real = _items(request, ways[0])
        x = ways[0].into(items)
        outputs, alone = _runs(tried, encoder, x, list(encoder.outputs))
        again, _ = _runs(tried, encoder, x, list(encoder.outputs))
        _check_finite(encoder.title, outputs)
        heads = find_heads(outputs, again, code, stated.spread, real)
        d = prod(heads.dims)
        if d > MAX_CODE:
            raise CheckpointError(f"Its code has {d:,} numbers; at most {MAX_CODE:,} are shown here.")
        mean, _log_var = heads.parts(outputs)
        decoded, together = _runs(tried, decoder, mean.reshape(len(mean), *heads.dims), list(decoder.outputs))
        output = _rebuilt(decoder, decoded, prod(ways[0].shape))
        _check_finite(decoder.title, {output: decoded[output]})
        lowest, highest = float(decoded[output].min()), float(decoded[output].max())
        return cls(ways, heads, output, lowest, highest, alone or together)


def _whole(sizes: Sizes) -> tuple[int, ...] | None:
    known = tuple(side for side in sizes if side is not None)
    return known if len(known) == len(sizes) else None


def _output_sizes(tried: TrialProcess, decoder: Half, code: tuple[int, ...] | None) -> Sizes:
    """The sizes of what the decoder gives for one code: as it states them, or as it gives it."""
    stated = max(decoder.outputs.values(), key=len)
    if None not in stated or code is None:
        return stated
    outputs, _ = _runs(tried, decoder, np.zeros((1, *code), np.float32), list(decoder.outputs))
    return max((value.shape[1:] for value in outputs.values()), key=prod)


def _items(request: Request, view: ItemForm) -> tuple[Array, bool]:
    """Items to run on: of a data set of this shape, as it holds them; or else noise."""
    count = max(1, min(TRIED, MAX_TRIED_VALUES // prod(view.shape)))
    items = _at_hand(request, view)
    if items is not None and len(items):
        return np.nan_to_num(items[:count]), True
    return np.random.default_rng(0).random((count, *view.shape), np.float32), False


def _at_hand(request: Request, view: ItemForm) -> Array | None:
    form = (view.modality, view.shape)
    candidates = (other.items for other in request.candidates if (other.modality, other.shape) == form)
    items = next(candidates, None)
    return items() if items else None


def _runs(tried: TrialProcess, half: Half, values: NDArray[Any], names: list[str]) -> tuple[dict[str, Array], bool]:
    """The outputs for all rows, and whether they must be computed one by one: rows must not know of each other."""

    def run(rows: NDArray[Any]) -> dict[str, Array]:
        outputs = tried.run(half.key, {half.input: half.batched(rows)}, names)
        for name, value in zip(names, outputs, strict=True):
            if value.ndim == 0 or len(value) < len(rows):
                raise CheckpointError(
                    f"{half.title} gives {name} of shape {value.shape} for {len(rows)} rows: expected one for each."
                )
        return {name: value[: len(rows)].astype(np.float32) for name, value in zip(names, outputs, strict=True)}

    if half.batch is not None:
        parts = [run(values[start : start + half.batch]) for start in range(0, len(values), half.batch)]
        return _joined(parts, names), half.batch == 1
    first = run(values[:1])
    if len(values) == 1:
        return first, False
    with suppress(CheckpointError):
        together = run(values)
        if all(_alike(first[name], together[name][:1]) for name in names):
            return together, False
    parts = [first, *(run(values[row : row + 1]) for row in range(1, len(values)))]
    return _joined(parts, names), True


def _joined(parts: list[dict[str, Array]], names: list[str]) -> dict[str, Array]:
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def _alike(first: Array, second: Array) -> bool:
    scale = TOLERANCE * max(float(np.abs(first).max(initial=0)), TOLERANCE)
    return first.shape == second.shape and bool(np.allclose(first, second, rtol=TOLERANCE, atol=scale))


def _check_finite(title: str, outputs: dict[str, Array]) -> None:
    for name, value in outputs.items():
        if not np.isfinite(value).all():
            raise CheckpointError(f"{title} gives NaN or infinite values as {name}.")


def _rebuilt(decoder: Half, outputs: dict[str, Array], count: int) -> str:
    """The decoder's output that is an item."""
    fitting = [name for name, value in outputs.items() if prod(value.shape[1:]) == count]
    if not fitting:
        listing = ", ".join(f"{name} {value.shape[1:]}" for name, value in list(outputs.items())[:6])
        raise CheckpointError(
            f"Encoder and decoder do not fit: {decoder.title} gives {listing} for a code, and an item has {count:,} "
            "numbers."
        )
    return fitting[0]


# --- The model of what was found ---


def _loaded(request: Request, halves: Halves, first_run: _FirstRun) -> Loaded:
    view, heads = first_run.ways[0], first_run.heads
    config = _config(request, view, heads)
    outputs = [name for name in (heads.mean, heads.spread) if name is not None]
    rows = 1 if first_run.alone else rows_at_once(view, config.latent_dim)
    runners = Runner(halves.encoder, outputs, rows), Runner(halves.decoder, [first_run.output], rows)
    weights = halves.encoder.weights + halves.decoder.weights
    make = _maker(config, runners, heads, weights)
    stated = replace(
        request.statement, encoder=halves.encoder.title if halves.encoder.title != halves.decoder.title else None,
        spread=heads.kind if heads.spread or heads.axis else request.statement.spread,
    )  # fmt: skip
    if MODALITIES[view.modality].pixels:
        items = _at_hand(request, view)
        full, view, notes = conventions.infer(make, first_run.ways, stated, items, first_run.lowest, first_run.highest)
        model = make(full, view)
    else:
        full, notes = replace(stated, shape=None, layout="last" if view.last else "first"), _other_notes(view)
        model = make(replace(full, output=_plain_output(view, first_run)), view)
    notes = (*halves.notes, *heads.notes, *_code_notes(heads, config), *([view.note] if view.note else []), *notes)
    if first_run.alone:
        notes = (*notes, "It takes one item at a time, so pages take longer.")
    card = Card(
        request.name, request.contents.folder, config.family, "", config.latent_dim, config.code, asdict(config),
        title="ONNX model",
    )  # fmt: skip
    return Loaded(model, card, "ONNX model", ORIGIN, full, tuple(dict.fromkeys(notes)))


def _config(request: Request, view: ItemForm, heads: Heads) -> Config:
    gaussian = heads.kind != "none"
    modality = MODALITIES[view.modality]
    likelihood = request.statement.likelihood if request.statement.likelihood in modality.likelihoods else ""
    config = Config(
        family="vae" if gaussian else "ae", shape=view.shape, latent_dim=prod(heads.dims),
        code="gaussian" if gaussian else "deterministic", likelihood=likelihood, modality=view.modality,
        columns=view.columns, training={"origin": ORIGIN}, code_shape=heads.dims if len(heads.dims) > 1 else (),
        code_channels=channels_of(heads.dims, view.shape, "last" if view.last else "first"),
    )  # fmt: skip
    likelihood_of(config)  # refuses what does not go together
    return config


def _maker(
    config: Config, runners: tuple[Runner, Runner], heads: Heads, weights: int
) -> Callable[[Statement, ItemForm], OnnxModel]:
    def make(full: Statement, view: ItemForm) -> OnnxModel:
        mean, std = centre_and_spread(full)
        for values in (mean, std):
            if len(values) not in {1, config.shape[0]}:
                raise CheckpointError(f"mean and std must be one number or {config.shape[0]}, not {len(values)}.")
        network = OnnxNetwork(*runners, heads, view)
        model = OnnxModel(config, network, mean, std, full.output or "unit", weights)
        return model.requires_grad_(False).eval()

    return make


def _plain_output(view: ItemForm, first_run: _FirstRun) -> str | None:
    """For items that are no pictures: probabilities are taken as they are, other numbers of texts as logits."""
    return "softmax" if MODALITIES[view.modality].output == "softmax" and first_run.lowest < 0 else "unit"


def _other_notes(view: ItemForm) -> tuple[str, ...]:
    words = MODALITIES[view.modality].words
    return (f"Its items are taken for {words.plural}, and go in and come out as the data set holds them.",)


def _code_notes(heads: Heads, config: Config) -> tuple[str, ...]:
    if len(heads.dims) == 1:
        return ()
    sizes = " × ".join(map(str, heads.dims))
    grid = grid_of(config)
    shown = grid.words if grid else f"a row of {prod(heads.dims):,} numbers"
    return (f"Its code is of {sizes}: it is shown as {shown}.",)
