"""A person's own models and data: told apart by content, checked before they are opened, never executed.

>>> from aeviz.importers import REFUSALS
>>> from aeviz.importers.data.loading import load_data
>>> from aeviz.importers.models.loading import load_model
>>> mine = load_data("pictures.zip", shape=(1, 28, 28))
>>> loaded = load_model("model.pt", items=mine.dataset.items)
>>> loaded.model.encode(x).mean
"""

from aeviz.errors import CheckpointError, DataError
from aeviz.importers.files.zips import ArchiveError

# All that is raised for what a person brings; the text of each is written for that person.
REFUSALS = (ArchiveError, CheckpointError, DataError)

__all__ = ["REFUSALS", "ArchiveError", "CheckpointError", "DataError"]
