"""A person's own models and data: told apart by content, checked before they are opened, never executed.

>>> from aeviz.importers.reading import read_data, read_model
>>> mine = read_data("pictures.zip", DataStatement(shape=(1, 28, 28)))
>>> loaded = read_model("model.pt", [Candidate.of(mine.dataset.items)])
>>> loaded.model.encode(x).mean
"""

from aeviz.errors import CheckpointError, DataError
from aeviz.importers.files.zips import ArchiveError

# All that is raised for what a person brings; the text of each is written for that person.
REFUSALS = (ArchiveError, CheckpointError, DataError)

__all__ = ["REFUSALS", "ArchiveError", "CheckpointError", "DataError"]
