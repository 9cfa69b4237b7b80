"""Pictures in rows, each a button: a person chooses one of them.

Usage, with tiles (6, h, w, 1 or 3) uint8:

    from aeviz.parts.pictures.streamlit import pictures

    pictures(tiles, ["a seven", …], label="Nearest codes", key="near", on_pick=lambda number: …)
"""

from collections.abc import Sequence
from typing import Any

from aeviz.parts.sheets import Tiles, strip


def payload(
    tiles: Tiles,
    names: Sequence[str],
    *,
    label: str,
    columns: int = 0,
    smooth: bool = False,
    heads: Sequence[str] = (),
    marked: int | None = None,
) -> dict[str, Any]:
    """What the browser gets: tiles (N, h, w, 1 or 3) uint8, each with its name, and what they are together.

    columns: side by side at most, all where it is 0; fewer where they would be too small to read. heads: of the
    columns, which then stay as many. marked: the column that is set off.

    Raises ValueError where tiles and names are not as many, or there are none.
    """
    if len(tiles) != len(names):
        raise ValueError(f"{len(tiles)} tiles have {len(names)} names")
    return {
        "sheet": strip(tiles, columns=min(len(tiles), columns or len(tiles)), smooth=smooth),
        "names": list(names),
        "label": label,
        "columns": len(heads) or columns or len(tiles),
        "heads": list(heads),
        "marked": marked,
    }
