"""The scrubber: the way from one item to another, by several models at once."""

from collections.abc import Mapping, Sequence
from typing import Any

import traitlets

from aeviz.latent.explorer import PathShape
from aeviz.lessons.interpolate import Way, strips_of
from aeviz.parts.hosts.anywidget import Widget, binary, module
from aeviz.parts.scrubber import payload
from aeviz.widgets.subjects import Subject, subject

STEPS = 33


def scrubber(
    models: Any,
    first: Any = None,
    last: Any = None,
    data: Any = None,
    labels: Any = None,
    *,
    steps: int = STEPS,
    path: PathShape = "line",
    t: float = 0.5,
    autoplay: bool = False,
    **stated: Any,
) -> "Scrubber":
    """One handle along the way from an item to another: what each model makes of it, and the items cross-faded.

    models: a model as `sliders` takes it, a list of them, or a dict by title. first, last: items, by row or as they
    are; two that the data are shown by when left out. steps: codes of the way that have a tile. path: "line", or
    "slerp"
    along the sphere. t: where the handle stands, from 0 to 1; autoplay: whether it runs to and fro from the start.

    `t` is where the handle rests. Raises ValueError for what does not fit, and as `sliders` does.
    """
    if steps < 2:
        raise ValueError(f"A way has two steps at least, not {steps}.")
    shown = [subject(model, data, labels, title=title, **stated).needs_no_class() for title, model in _named(models)]
    if not shown:
        raise ValueError("Name a model at least.")
    return Scrubber(shown, first, last, steps, path, t, autoplay)


class Scrubber(Widget):
    """The widget that `scrubber` makes. t: where the handle rests, from 0 to 1."""

    _esm = module("scrubber")
    t = traitlets.Float(0.5, min=0, max=1).tag(sync=True)

    def __init__(
        self, shown: Sequence[Subject], first: Any, last: Any, steps: int, path: PathShape, t: float, autoplay: bool
    ) -> None:
        data, ends = shown[0].data, shown[0].data.ends
        items = [shown[0].item(end if item is None else item) for item, end in zip((first, last), ends, strict=True)]
        way = Way(items[0], items[1], steps, path, t)
        networks = [each.network for each in shown]
        given = payload(strips_of(data, [each.model for each in shown], networks, way), t=t, autoplay=autoplay)
        sent = {digest: network for each in shown for digest, network in each.networks.items()}
        super().__init__(t=t, data=binary(given), networks=sent, told=["t"])


def _named(models: Any) -> list[tuple[str, Any]]:
    """Models with their titles; a pair of functions is one model."""
    if isinstance(models, Mapping):
        return list(models.items())
    pair = isinstance(models, tuple) and len(models) == 2 and all(map(callable, models))
    listed = list(models) if isinstance(models, list | tuple) and not pair else [models]
    return [("", model) for model in listed]
