"""The table of modalities: the built-in ones, and those that installed packages bring.

A package adds one by an entry point of the group `aeviz.modalities` that names a `Modality`.
"""

from aeviz.modalities.base import Modality
from aeviz.modalities.image.record import IMAGE
from aeviz.modalities.series import SERIES
from aeviz.modalities.table import TABLE
from aeviz.modalities.text import TEXT
from aeviz.plugins import Table

MODALITIES: Table[Modality] = Table(
    "modality", "aeviz.modalities", Modality, {row.name: row for row in (IMAGE, SERIES, TABLE, TEXT)}
)
