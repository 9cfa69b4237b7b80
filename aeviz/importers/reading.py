"""The one way in for a stranger's file: told what it is once, opened within limits, read by whoever knows its form.

Pages, the command line and `aeviz.load` can all come this way and get the same answer; README.md has the protocol.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aeviz.errors import CheckpointError, DataError
from aeviz.importers.data import arrays, pictures, series, tables, texts
from aeviz.importers.data.answers import DataReader, DataStatement, OwnData, Progress
from aeviz.importers.files.arrays import MAX_ARRAY_BYTES
from aeviz.importers.files.contents import open_contents
from aeviz.importers.files.filetypes import FileType, Sniffed, sniff
from aeviz.importers.files.zips import Limits

if TYPE_CHECKING:
    from aeviz.importers.models.answers import Candidate, Loaded, Unclear
    from aeviz.importers.models.statement import Statement

MAX_FILES, MAX_MODEL_BYTES = 1_000, 1_000_000_000  # of a zip, unpacked
DATA_READERS: tuple[DataReader, ...] = (series, tables, texts, arrays, pictures)


def read_model(
    path: str | Path | Sniffed,
    candidates: Sequence["Candidate"] = (),
    statement: "Statement | None" = None,
    *,
    name: str = "",
    device: str = "auto",
    workspace: Path | None = None,
    max_bytes: int = MAX_MODEL_BYTES,
) -> "Loaded | Unclear":
    """The model in an aeviz or pythae folder, a zip of one, a file of weights, or one of the Hub; runs no code.

    path: of a file or folder, the name of a shipped model, or an id of the Hub. candidates: items on which may be
    tried what nobody states. statement: what is known of a foreign model. name: of the model; its file's by default.
    workspace: where a zip is unpacked, to stay; None unpacks into a temporary folder that goes. max_bytes: that its
    files and its weights may take, each.

    Answers Unclear where something must be stated. Raises CheckpointError for a damaged or unknown model and for one
    too wide to run, ArchiveError for an unsound zip or a file that can run code, and ValueError for a device that is
    not there.
    """
    import torch

    from aeviz.device import choose
    from aeviz.importers.models import aeviz_folder, pythae, state_dict
    from aeviz.importers.models.answers import ModelReader, Request, Unclear
    from aeviz.importers.models.statement import NotStated, Statement

    # The first that recognises what was brought reads it.
    readers: tuple[ModelReader, ...] = (pythae, aeviz_folder, state_dict)
    choose(device)
    try:
        source = path if isinstance(path, Sniffed) else _located(path)
        with open_contents(source, Limits(MAX_FILES, min(max_bytes, MAX_MODEL_BYTES)), workspace) as contents:
            request = Request(contents, name or source.stem, statement or Statement(), candidates, device, max_bytes)
            return next(reader for reader in readers if reader.recognises(request)).read(request)
    except NotStated as error:
        return Unclear.of(error)
    except OSError as error:
        raise CheckpointError(f"{_name_of(path)} cannot be read: {error.strerror or error}.") from error
    except (MemoryError, torch.OutOfMemoryError) as error:
        raise CheckpointError(f"{_name_of(path)} does not fit the memory of this machine.") from error


def read_data(
    path: str | Path | Sniffed,
    statement: DataStatement | None = None,
    *,
    name: str = "",
    title: str = "",
    most_bytes: int = MAX_ARRAY_BYTES,
    progress: Progress | None = None,
) -> OwnData:
    """The data set in a file: pictures, arrays, a table, series or texts, told by its content and what is stated.

    Pictures: a folder or zip of them (sub-folders are labels), or one. Arrays: an `.npz` or `.npy`, of pictures unless
    stated otherwise. A text: a CSV or TSV with a header is a table, one of numbers alone is series, lines are texts.

    statement: how it is to be read. name, title: of the data set; the file's by default. most_bytes: that an `.npz`
    may unpack to. progress: what it raises goes through. Raises DataError (for no usable items, pictures of more than
    `aeviz.importers.data.pictures.MAX_PIXELS` together, …) and ArchiveError (for an unsound zip, or a file that can
    run code).
    """
    tell = progress or (lambda share, stage: None)
    try:
        source = (path if isinstance(path, Sniffed) else sniff(path)).refuse_program()
        stated = statement or DataStatement()
        reader = next((one for one in DATA_READERS if one.recognises(source, stated)), None)
        if source.type is FileType.EMPTY:
            raise DataError(f"{source.name} is empty: there is nothing in it to read.")
        if reader is None and stated.modality:
            raise DataError(f"{source.name} is a {source.type}: it cannot be read as {stated.modality}, as stated.")
        if reader is None:
            raise DataError(
                f"{source.name} is a {source.type}: expected a CSV or other text, a folder or zip of pictures, "
                ".npz, .npy or a picture."
            )
        stem = source.path.stem
        return reader.read(source, stated, name or stem, title or stem, most_bytes, tell)
    except OSError as error:
        raise DataError(f"{_name_of(path)} cannot be read: {error.strerror or error}.") from error


def _located(path: str | Path) -> Sniffed:
    from aeviz.store.checkpoints import locate

    file = Path(path).expanduser()
    return sniff(file if file.is_file() else locate(path))


def _name_of(path: str | Path | Sniffed) -> str:
    return path.name if isinstance(path, Sniffed) else Path(path).name
