"""A person's own encode and decode, from any framework, with the face of an `Autoencoder`.

>>> model = wrap(encode, decode, data, title="mine")   # tries both on a few items, says what does not fit
>>> model.encode(x).mean                               # x: items (N, *shape) as in the data set
>>> model.notes                                        # what was assumed of them, in sentences
"""

import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from aeviz.datasets.record import Dataset
from aeviz.errors import CallableError
from aeviz.importers.callable_model import (
    LAYOUTS,
    MAX_BATCH,
    ArrayKind,
    CallableForm,
    CallableModel,
    Function,
)
from aeviz.importers.callable_modules import devices_for, module_of
from aeviz.importers.outputs import SPREAD_WORDS, SPREADS, Parts, order_of, parts_of, tensor_of
from aeviz.latent.grids import Axis, channels_of, grid_of
from aeviz.modalities.base import Modality
from aeviz.model.config import Config

TRIAL_ITEMS = 4  # items it is tried on
SLOW_ITEMS, SLOW_S = 2, 0.5  # items that one is tried on that takes so many seconds for an item, or more
TRIAL_S = 20.0  # that the trials of a slow one may take, once a form has been found in which it works
RANGE_TOLERANCE = 0.05  # how far an item may leave its range before somebody is told
UNIT, SIGNED = (0.0, 1.0), (-1.0, 1.0)
SQUARED = "mse"  # the likelihood that says least of a stranger: the squared error
GOOD = 0.25  # share of the items' variance below which a trial reconstructs them
BETTER = 0.5  # share of the usual layout's error that another must stay below to be taken
LAYOUT_NAMES = {"channels first": "first", "channels last": "last"}


def wrap(
    encode: Function,
    decode: Function,
    data: Dataset,
    *,
    title: str,
    arrays: Literal["auto", "torch", "numpy"] = "auto",
    device: str | torch.device | None = None,
    values: tuple[float, float] | None = None,
    own_units: bool = False,
    layout: str = "auto",
    spread: str = "auto",
    given: Sequence[str] = (),
    ranges: Sequence[tuple[float, float]] = (),
) -> CallableModel:
    """A model from two callables, after a trial on the first items of its data set.

    encode takes items (N, *shape) and gives codes (N, …) of any rank, a pair (mean, spread) of them, three values with
    a sample, a dict, or a record such as a distribution or a ModelOutput; decode takes codes as encode gives them and
    gives items, alone or first of several things.

    arrays "auto" tries tensors, then numpy arrays. device: where tensors are put; by default where the weights of a
    module are that either callable is, belongs to or refers to, and then wherever there is a device. values: the range
    of pictures that they take and give, (0, 1) or (-1, 1) for instance; None tries. layout: of pictures, a key of
    `LAYOUTS`, "channels first" or "channels last"; "auto" tries, and takes what reconstructs the items best. spread:
    what the second of two values is, a key of `aeviz.importers.outputs.SPREADS`; "auto" takes it for σ where it is
    positive throughout, and for log σ² otherwise. given, ranges: the layouts and ranges in which the items came, tried
    first. own_units: whether they take and give items in the data's own units rather than as the data set holds them,
    which differ for the numbers of a table.

    What was assumed stands in `notes`. Raises CallableError with what was found and expected; warns about items outside
    their range and modules that are still training.
    """
    if not (callable(encode) and callable(decode)):
        raise CallableError(f"{title}: encode and decode must be callables.")
    if values is not None and not values[0] < values[1]:
        raise CallableError(f"{title}: values must be a range (low, high), not {values}.")
    if values is not None and tuple(values) != UNIT and data.modality.bounds is None:
        raise CallableError(f"{title}: {data.words.plural} have no range of values to state: leave values out.")
    layout = LAYOUT_NAMES.get(layout, layout)
    if layout not in {"auto", *LAYOUTS}:
        raise CallableError(f"{title}: unknown layout {layout!r}: expected auto or one of {', '.join(LAYOUTS)}.")
    if spread not in {"auto", *SPREADS}:
        raise CallableError(f"{title}: unknown spread {spread!r}: expected auto or one of {', '.join(SPREADS)}.")
    modules = [module_of(encode), module_of(decode)]
    if any(module is not None and module.training for module in modules):
        warnings.warn(f"{title} is in training mode: call eval() on it, or dropout stays on.", stacklevel=3)
    trial = CallableTrial(encode, decode, data, "" if spread == "auto" else spread)
    offset, factor = data.scale.own_units if own_units and not data.modality.bounds else (0.0, 1.0)
    try:
        model = trial.best(
            (("torch", "numpy") if arrays == "auto" else (arrays,)),
            [*devices_for(modules, device)],
            _layouts(data, layout, given),
            [(float(low), high - low) for low, high in _ranges(data, values, ranges)] or [(offset, factor)],
            stated=layout != "auto",
        )
    except CallableError as error:
        raise CallableError(f"{title}: {error}") from error
    if data.modality.bounds:
        _warn_outside(title, trial.items_of(model), model, data.modality)
    model = trial.untold(model)
    model.notes = tuple(_notes(model, trial, layout, spread, values))
    return model


class Recalled:
    """A callable that is not called twice with the same values, and the seconds that it took for a row, at least."""

    def __init__(self, function: Function, clock: Callable[[], float]) -> None:
        self._function, self._clock = function, clock
        self._known: dict[tuple[Any, ...], Any] = {}
        self._seconds = float("inf")

    @property
    def seconds(self) -> float:
        """For a row, as its quickest call took; 0 before any. The first of several may compile."""
        return self._seconds if self._known else 0.0

    def __call__(self, values: Any) -> Any:
        """What it gives."""
        if isinstance(values, Tensor) and values.is_meta:  # of shapes alone
            return self._function(values)
        array = np.ascontiguousarray(values.cpu().numpy() if isinstance(values, Tensor) else values)
        key = (type(values), str(getattr(values, "device", "")), array.shape, array.tobytes())
        if key not in self._known:
            started = self._clock()
            given = self._function(values)
            self._seconds = min(self._seconds, (self._clock() - started) / max(1, len(array)))
            self._known[key] = given
        return self._known[key]


@dataclass
class CallableTrial:
    """Two callables on a few items of a data set: in which form they work, and reconstruct best."""

    encode: Function
    decode: Function
    data: Dataset
    spread: str
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._given = self.encode, self.decode
        self._recalled = Recalled(self.encode, self.clock), Recalled(self.decode, self.clock)
        self.encode, self.decode = self._recalled
        self.x = torch.from_numpy(self.data.items[:SLOW_ITEMS].copy())
        self.named = False
        self.untried = 0

    @property
    def seconds(self) -> float:
        """That the slower of both takes for an item."""
        return max(function.seconds for function in self._recalled)

    def untold(self, model: CallableModel) -> CallableModel:
        """A model of the callables as they were given, in the form of one that was tried."""
        return CallableModel(*self._given, model.config, model.form)

    def best(
        self,
        arrays: Sequence[ArrayKind],
        devices: Sequence[tuple[torch.device, torch.device]],
        layouts: Sequence[str],
        ranges: Sequence[tuple[Any, Any]],
        stated: bool,
    ) -> CallableModel:
        """The model in the form that works; of several, another than the first only where it is clearly better.

        It is tried on `SLOW_ITEMS` first, and then on `TRIAL_ITEMS`, unless it takes `SLOW_S` for each.
        """
        started = self.clock()
        working: list[tuple[float, CallableModel]] = []
        failures: list[CallableError] = []
        forms = list(product(ranges, layouts))
        place = 0
        while place < len(forms):
            (offset, factor), layout = forms[place]
            if self.seconds >= SLOW_S and working and self.clock() - started > TRIAL_S:
                self.untried = len(forms) - place
                break
            place += 1
            try:
                form = CallableForm(layouts=(layout, layout), spread=self.spread, offset=offset, factor=factor)
                encoding = self._first(form, 0, arrays, devices, self._encoded)
                decoding = self._first(encoding.form, 1, arrays, devices, self._tried)
            except CallableError as error:
                failures.append(error)
                if not working and place == len(forms) and self._more_items():
                    failures, place = [], 0
                continue
            if self._more_items():
                working, failures, place = [], [], 0
                continue
            for other in self._read(decoding, stated):
                working.append((self.error(other), other))
            if working and min(error for error, _ in working) < GOOD * self.variance:
                break
        if not working:
            raise failures[0]
        first, least = working[0], min(working, key=lambda pair: pair[0])
        clearly = least[0] < BETTER * first[0] and least[0] < 2 * GOOD * self.variance
        model = (least if clearly else first)[1]
        return model

    def _more_items(self) -> bool:
        """Take more items where they take little time; whether there are more now."""
        count = len(self.x)
        if self.seconds < SLOW_S:
            self.x = torch.from_numpy(self.data.items[:TRIAL_ITEMS].copy())
        return len(self.x) > count

    @property
    def variance(self) -> float:
        """Of the values of the items, 0 where they are all alike."""
        return float(np.nanvar(self.x.numpy()))

    def error(self, model: CallableModel) -> float:
        """Mean squared error of the reconstructions of the items."""
        y = self.items_of(model)
        return float((y - self.x.nan_to_num(0.0)).square().mean())

    def items_of(self, model: CallableModel) -> Tensor:
        """What the model makes of the items, not cut to their bounds."""
        return model.decoded(model.posterior(self.x).mean).cpu()

    def _first(
        self,
        form: CallableForm,
        which: int,
        arrays: Sequence[ArrayKind],
        devices: Sequence[tuple[torch.device, torch.device]],
        trial: Callable[[CallableForm], CallableModel],
    ) -> CallableModel:
        """The model in the first type of arrays, and on the first device, with which a trial of a callable succeeds."""
        failures: list[str] = []
        for type_, place in product(arrays, devices):
            tried = replace(
                form, arrays=_put(form.arrays, which, type_), devices=_put(form.devices, which, place[which])
            )
            try:
                return trial(tried)
            except CallableError as error:
                failures.append(str(error))
        raise CallableError(" With numpy arrays instead: ".join(dict.fromkeys(failures)))

    def _encoded(self, form: CallableForm) -> CallableModel:
        """A model that encodes, with all that shows of its codes."""
        model = CallableModel(self.encode, self.decode, self._config(2, "deterministic"), form)
        raw = model.raw(self.x)
        count = len(self.x)
        if isinstance(raw, list | tuple) and len(raw) == 3:
            again = CallableModel(*self._given, model.config, form).raw(self.x)  # a sample is another one each time
            form = replace(form, order=order_of(raw, again, count))
        parts = parts_of(raw, count, form.order)
        spread, self.named = form.spread, bool(parts.kind)
        if parts.spread is not None and not spread:
            spread = parts.kind or self._told(replace(form, spread="std"), parts)
        model = CallableModel(self.encode, self.decode, model.config, replace(form, spread=spread))
        posterior = model.posterior(self.x)
        code = tuple(tensor_of(parts.mean, "encode").shape[1:])
        final = replace(model.form, code=code)
        kind = "deterministic" if posterior.std is None else "gaussian"
        config = self._config(posterior.mean.shape[1], kind)
        if len(code) > 1 and prod(code) > 1:
            likely: Axis = "last" if form.layouts[0] in {"last", "flat-last"} else "first"
            channels = channels_of(code, self.data.shape, likely)
            config = replace(config, code_shape=code, code_channels=channels)
        return CallableModel(self.encode, self.decode, config, final)

    def _told(self, form: CallableForm, parts: Parts) -> str:
        """Whether a second value of encode is σ or log σ²: by its sign, on as many items as come at once."""
        if float(tensor_of(parts.spread, "encode").min()) <= 0:
            return "logvar"
        count = MAX_BATCH if self.seconds < SLOW_S else len(self.x)
        more = torch.from_numpy(self.data.items[:count].copy())
        model = CallableModel(self.encode, self.decode, self._config(2, "gaussian"), form)
        return "std" if float(tensor_of(model.parts(more).spread, "encode").min()) > 0 else "logvar"

    def _tried(self, form: CallableForm) -> CallableModel:
        """A model that decodes as well. One-number codes may come as (N,) rather than (N, 1)."""
        encoded = self._encoded(form)
        encoded.items_as_given(encoded.posterior(self.x).mean)
        return encoded

    def _read(self, model: CallableModel, stated: bool) -> Iterator[CallableModel]:
        """The model with each layout that what it decodes may have, the likeliest first."""
        form = model.form
        given = tuple(model.items_as_given(model.posterior(self.x).mean).shape)[1:]
        for layout in _layouts_of(given, self.data, form.layouts[0], stated):
            yield CallableModel(
                self.encode, self.decode, model.config, replace(form, layouts=(form.layouts[0], layout))
            )

    def _config(self, d: int, code: str) -> Config:
        data = self.data
        return Config(
            family="vae" if code == "gaussian" else "ae", shape=data.shape, latent_dim=d, code=code, dataset=data.name,
            likelihood=SQUARED if SQUARED in data.modality.likelihoods else "", modality=data.modality.name,
            columns=data.scale.widths, training={"origin": "callables"},
        )  # fmt: skip


def _layouts_of(given: tuple[int, ...], data: Dataset, taken: str, stated: bool) -> list[str]:
    """The layouts that items given in some shape may have, the likeliest first."""
    shape = data.shape
    if not data.modality.pixels or shape[0] == 1:
        return ["first"]
    channels, height, width = shape
    last = given == (height, width, channels)
    if last and given != shape:
        return ["last"]
    if given == shape and not last:
        return ["first"]
    likely = "last" if taken in {"last", "flat-last"} else "first"
    return [likely] if stated else [likely, "first" if likely == "last" else "last"]


def _put(pair: tuple[Any, Any], which: int, value: Any) -> tuple[Any, Any]:
    return (value, pair[1]) if which == 0 else (pair[0], value)


def _layouts(data: Dataset, stated: str, given: Sequence[str]) -> list[str]:
    """The layouts to try. Grey pictures are the same in all, so that the others help only where the first fails."""
    if not data.modality.pixels:
        return ["first"]
    if stated != "auto":
        return [stated]
    others = ["first", "last", "flat", "flat-last"] if data.shape[0] > 1 else ["first", "last", "plain", "flat"]
    return [*dict.fromkeys([*given, *others])]


def _ranges(
    data: Dataset, stated: tuple[float, float] | None, given: Sequence[tuple[float, float]]
) -> list[tuple[float, float]]:
    """The ranges of values to try: what is stated, or what is usual; none where items have no bounds."""
    if data.modality.bounds is None:
        return []
    if stated is not None:
        return [stated]
    return [*dict.fromkeys([*given, UNIT, SIGNED])] if data.modality.pixels else [UNIT]


def _warn_outside(title: str, y: Tensor, model: CallableModel, modality: Modality) -> None:
    if float(y.min()) < -RANGE_TOLERANCE or float(y.max()) > 1 + RANGE_TOLERANCE:
        offset, factor = model.form.offset, model.form.factor
        low, high = (offset + float(edge) * factor for edge in (y.min(), y.max()))
        warnings.warn(
            f"{title}: decode gave values from {low:.3g} to {high:.3g}, outside {(offset, offset + factor)}: they are "
            f"clipped. Logits need a {modality.output}; values=(low, high) states another range.",
            stacklevel=4,
        )


def _notes(
    model: CallableModel, trial: CallableTrial, layout: str, spread: str, values: tuple[float, float] | None
) -> Iterable[str]:
    """What was assumed and can be stated otherwise, in sentences."""
    form, pixels = model.form, trial.data.modality.pixels
    if trial.seconds >= SLOW_S:
        others = f"; {trial.untried} other layouts or ranges were not tried" if trial.untried else ""
        yield (
            f"It takes {trial.seconds:.1f} s for one of the {trial.data.words.plural} here: it was tried on "
            f"{len(trial.x)} of them alone{others} (layout=, values=)."
        )
    if layout == "auto" and pixels and (form.layouts[0] != "first" or form.layouts[1] != "first"):
        taken, given = (LAYOUTS[name] for name in form.layouts)
        yield f"encode gets {taken}, and decode was taken to give {given} (layout=)."
    if values is None and pixels and (form.offset, form.factor) != (0.0, 1.0):
        high = form.offset + form.factor
        yield f"encode and decode were taken to work on values from {form.offset:g} to {high:g} (values=)."
    if spread == "auto" and model.config.code == "gaussian" and not trial.named:
        yield f"Beside the mean, encode was taken to give {SPREAD_WORDS[form.spread]} (spread=)."
    code = form.code or ()
    if len(code) > 1:
        grid, sizes = grid_of(model.config), " × ".join(map(str, code))
        yield f"A code of {sizes} is shown as {grid.words if grid else f'{prod(code)} numbers'}."
    if prod(code) == 1:
        yield "The code is one number: a second one, always 0, stands beside it on the pages."
