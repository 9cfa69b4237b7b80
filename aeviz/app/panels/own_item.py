"""A visitor's own item, made by hand or brought: kept from page to page, and placed on maps."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from aeviz.app import models, url, widgets
from aeviz.app.choice import Shown, chosen, selected_item
from aeviz.app.panels import item_input, item_picker, map_choice
from aeviz.app.panels.item_input import Input
from aeviz.figures import files
from aeviz.parts.latent_map import Extra
from aeviz.projection import Projection

SHOWN = url.Choice("shown", "what the inspector shows", item_input.ORIGINS, "item")
OWN = url.Values("own", "the item that was drawn, filled in, typed or uploaded")
PARAMETERS = (SHOWN, OWN)


def origin() -> str:
    """What the inspector shows: "item" of the data set, "draw" (made by hand) or "upload" (brought)."""
    return url.value(SHOWN)


def shown() -> Input | None:
    """The visitor's own item, if the inspector shows one and the present data set's are of its modality and shape."""
    if origin() == "item":
        return None
    item = item_input.kept(item_input.fitted(OWN, origin()))
    return None if item is None else Input(item, item_input.made(origin()))


def picker(key: str) -> str:
    """Widgets to choose what a page is about: where it comes from, which is returned, and which item of the data set.

    One's own is made or brought in the editor that `subject` shows, wherever a page has the room.
    """
    at = widgets.segments(SHOWN, "What goes in", item_input.origins("Item"))
    if at == "item":
        item_picker.item(key)
    return at


def subject(seen_by: Sequence[Shown] | None = None) -> Input:
    """What `picker` has chosen: an item of the data set, or one's own with its editor; until there is one, the item.

    seen_by: the models that a drawing is shown to, in the tab that was sent them; the pair when left out.
    """
    row = selected_item()
    if origin() != "item":
        own = item_input.given(OWN, origin(), "own", row, seen_by)
        if own is not None:
            return own
    return of_row(row)


def of_row(row: int) -> Input:
    """The item of a row of the data set."""
    data = models.data(chosen().dataset)
    return Input(data.items[row], f"item {row:,}, {data.label_of(row)}", row)


def keep(source: Input) -> bool:
    """Keep an item as the visitor's own; whether it is another than before."""
    before = shown()
    if before is not None and np.array_equal(before.item, source.item, equal_nan=True):
        return False
    item_input.remember(item_input.fitted(OWN, origin()), source.item)
    return True


def forget() -> None:
    """Let go of the visitor's own item."""
    if origin() != "item":
        item_input.remember(item_input.fitted(OWN, origin()), None)


def coordinates(
    name: str, model_map: map_choice.Map, view: map_choice.View, codes: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Where codes (m, d) of a model lie on one of its maps, (m, dims)."""
    if view.settings is None:
        return codes
    return Projection(model_map.coordinates, view.settings, models.codes(name).mean[model_map.rows]).place(codes)


def coordinates_of(source: Input, name: str, model_map: map_choice.Map, view: map_choice.View) -> NDArray[np.float32]:
    """Where an item lies on a model's map, (1, dims)."""
    return coordinates(name, model_map, view, models.explorer(name).encode(source.item[None])[0])


def extras(sources: Sequence[tuple[str, Input]], positions: NDArray[np.float32]) -> list[Extra]:
    """Named items at places (m, 2) as new points of a map."""
    tiles = models.data(chosen().dataset).tiles(np.stack([source.item for _, source in sources]))
    return [
        {"x": float(x), "y": float(y), "label": label, "url": files.data_url(tile)}
        for (label, _), tile, (x, y) in zip(sources, tiles, positions, strict=True)
    ]
