"""The latent map: items as points, by their codes."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from aeviz.datasets.record import Dataset
from aeviz.errors import CheckpointError
from aeviz.figures import files
from aeviz.importers import in_memory
from aeviz.lessons.maps import placing
from aeviz.parts.hosts.anywidget import Array, Numbers, Widget, binary, module
from aeviz.parts.latent_map import MapChoice, payload, requested
from aeviz.parts.picture_atlas import payload as atlas_of
from aeviz.parts.sheets import pack
from aeviz.projection import Projection, Settings, project, shipped_settings
from aeviz.store import checkpoints
from aeviz.widgets.subjects import Subject, subject

Floats = NDArray[np.float32]
HEIGHT_PX = 520
MAX_CODES = 1 << 20  # numbers of codes that the browser is sent; of more, the kernel says which code an item has
COMPRESSION = 6  # of the pictures: widgets travel, and are kept in notebooks
METHODS = ("auto", "code", "pca", "tsne", "umap")


def latent_map(
    model: Any,
    data: Any = None,
    labels: Any = None,
    *,
    method: str = "auto",
    values: Any = None,
    value_label: str = "",
    group: str = "",
    title: str = "",
    colour: str = "",
    height: int = HEIGHT_PX,
    **stated: Any,
) -> "LatentMap":
    """Items as points where their codes lie; hover shows them, a click selects one, a lasso marks some.

    model: as `sliders` takes it, or codes (N, d) of the items. data, labels, title, colour, stated: as for `sliders`.
    method: "pca", "tsne" or "umap", "code" for codes of two numbers; "auto" takes these as they are, of others the UMAP
    that came with a model, or else PCA. values: (N,) numbers that colour the points in place of classes, named by
    value_label. group: maps of one group share pointer, selection and hidden classes; those of the same items do when
    left out. height: in px.

    `selected` is the row of the selected item, or None; `marked` those of marked ones; `code` (d,) that of the selected
    item. Set `item` (*shape), and it falls on the map. Raises ValueError for what does not fit, and as `sliders` does.
    """
    if method not in METHODS:
        raise ValueError(f"Unknown method {method!r}: expected one of {', '.join(METHODS)}.")
    codes = _codes(model)
    shown = None if codes is not None else subject(model, data, labels, title=title, colour=colour, **stated)
    items = shown.data if shown else in_memory.given(data, labels, **stated).dataset
    if shown is not None:
        codes = shown.model.codes.mean
        items = items.of_rows(np.arange(len(codes)))
    assert codes is not None
    if len(codes) != len(items):
        raise ValueError(f"There are {len(codes):,} codes, but {len(items):,} {items.words.plural}.")
    coordinates, settings = _coordinates(codes, method, model if isinstance(model, str | Path) else "")
    figures = {}
    if shown is not None:
        figures = {"error": shown.model.codes.error}
    looks = {"values": values, "value_label": value_label, "height": height, "title": title, "accent": colour or None}
    if shown is not None:
        looks |= {"title": shown.model.title, "accent": shown.model.colour}
    return LatentMap(items, codes, coordinates, settings, shown, group, figures=figures, **looks)


class LatentMap(Widget):
    """The widget that `latent_map` makes.

    selected: row of the selected item, or None. marked: rows. code: (d,) of the selected item, or None. item: one that
    was given, or None. coordinates: (N, 2) of all items.
    """

    _esm = module("latent_map")
    selected = traitlets.Int(None, allow_none=True).tag(sync=True)
    marked = traitlets.List(traitlets.Int()).tag(sync=True)
    code = Numbers(None, allow_none=True).tag(sync=True)
    item = Array()

    def __init__(
        self,
        items: Dataset,
        codes: Floats,
        coordinates: Floats,
        settings: Settings | None,
        shown: Subject | None,
        group: str,
        **looks: Any,
    ) -> None:
        tiles = items.tiles()
        name = hashlib.sha256(tiles.tobytes()).hexdigest()[:16]
        self.codes, self.coordinates, self.shown, self._settings = codes, coordinates, shown, settings
        self._payload = {
            **looks, "labels": items.labels, "label_names": items.label_names, "atlas": name, "group": group or name,
        }  # fmt: skip
        self.extras: list[Any] = []
        super().__init__(
            data=self._data(),
            facts=binary(self._facts(group or name)),
            networks=shown.networks if shown else {},
            atlas=atlas_of(name, tiles, smooth=items.modality.smooth, compression=COMPRESSION),
            told=["selected", "marked", "code"],
        )
        self.observe(self._on_selected, "selected")
        self.observe(self._on_item, "item")

    @traitlets.validate("selected", "marked")
    def _there(self, proposal: Mapping[str, Any]) -> Any:
        rows = proposal["value"] if isinstance(proposal["value"], list) else [proposal["value"]]
        if outside := [row for row in rows if row is not None and not 0 <= row < len(self.codes)]:
            raise traitlets.TraitError(f"There is no item {outside[0]}: the map shows {len(self.codes):,}.")
        return proposal["value"]

    def _on_selected(self, change: Mapping[str, Any]) -> None:
        if change["new"] is not None:
            self.code = self.codes[change["new"]]

    def _on_item(self, change: Mapping[str, Any]) -> None:
        """Place an item where the browser does not."""
        if self.shown is None or self.facts["place"]:
            return
        self.extras = [] if change["new"] is None else [self._placed(self.shown.item(change["new"]))]
        self.data = self._data()

    def _placed(self, item: Floats) -> dict[str, Any]:
        assert self.shown is not None
        code, data = self.shown.encode(item), self.shown.data
        x, y = code[:2]
        if self._settings is not None:
            x, y = Projection(self.coordinates, self._settings, self.codes).place(code[None])[0]
        return {"x": float(x), "y": float(y), "label": "your own", "url": files.data_url(data.tiles(item[None])[0])}

    def _data(self) -> dict[str, Any]:
        request = requested(MapChoice(), len(self.codes), stamp="", heard=0)
        return dict(binary(payload(self.coordinates, request=request, extras=self.extras, **self._payload)))

    def _facts(self, group: str) -> dict[str, Any]:
        """What the tab needs to choose and to place by itself."""
        facts = {
            "count": len(self.codes), "group": group, "place": None, "tile": None,
            "codes": pack(self.codes) if self.codes.size <= MAX_CODES else None,
        }  # fmt: skip
        tab = self.shown.tab if self.shown else None
        if tab is None:
            return facts
        known = {"digest": tab.digest, **placing(self.coordinates, self.codes, self._settings)}
        amid = "codes" in known  # which the browser has already, where there is room
        place = known if not amid else {"digest": tab.digest, "amid": True} if facts["codes"] else None
        return {**facts, "place": place, "tile": tab.tile}


def _codes(model: Any) -> Floats | None:
    """Codes (N, d) that were given in place of a model; None where it is one. Raises ValueError for other arrays."""
    if isinstance(model, str | Path) or not (hasattr(model, "__array__") or isinstance(model, Sequence)):
        return None
    if isinstance(model, tuple) and any(map(callable, model)):
        return None
    codes = np.asarray(model.detach().cpu() if hasattr(model, "detach") else model, np.float32)
    if codes.ndim != 2 or codes.shape[1] < 2 or not np.isfinite(codes).all():
        raise ValueError(f"Codes are finite numbers (N, d) of two or more, not {codes.shape}.")
    return codes


def _coordinates(codes: Floats, method: str, name: str | Path) -> tuple[Floats, Settings | None]:
    """Where the items lie, and the settings of the map; None where the codes are the map."""
    if method == "code" or (method == "auto" and codes.shape[1] == 2):
        if codes.shape[1] != 2:
            raise ValueError(f"Codes of {codes.shape[1]} numbers are no map: choose 'pca', 'tsne' or 'umap'.")
        return codes, None
    shipped = _shipped(name, len(codes)) if name else {}
    if method == "auto":
        method = "umap" if "umap-2" in shipped else "pca"
    settings = shipped_settings(method, 2, len(codes))
    known = shipped.get(f"{method}-2")
    return (project(codes, settings).coordinates if known is None else known), settings


def _shipped(name: str | Path, count: int) -> dict[str, Floats]:
    """The maps that came with a checkpoint, by "umap-2" and the like; none where it has none of as many items."""
    try:
        return checkpoints.shipped_maps(checkpoints.locate(name), count)
    except CheckpointError:
        return {}
