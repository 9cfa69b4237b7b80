"""The one way in for a stranger's file: told what it is once, opened within limits, read by whoever knows its form.

Pages, the command line and `aeviz.load` can all come this way and get the same answer; README.md has the protocol.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from aeviz.errors import CheckpointError, DataError
from aeviz.importers.data import arrays, foreign, pictures, pixel_rows, series, tables, texts
from aeviz.importers.data.answers import DataReader, DataStatement, OwnData, Progress
from aeviz.importers.data.parquet import as_text
from aeviz.importers.files.arrays import MAX_ARRAY_BYTES
from aeviz.importers.files.contents import open_contents
from aeviz.importers.files.filetypes import HOW_TO_CONVERT_HEIC, FileType, Sniffed, sniff
from aeviz.importers.files.packed import unpacked
from aeviz.importers.files.zips import Limits

if TYPE_CHECKING:
    from aeviz.importers.models.answers import Candidate, Loaded, Unclear
    from aeviz.importers.models.statement import Statement

MAX_FILES, MAX_MODEL_BYTES = 1_000, 1_000_000_000  # of a zip, unpacked
DATA_READERS: tuple[DataReader, ...] = (pixel_rows, series, tables, texts, arrays, foreign, pictures)


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
    """The model in a folder of aeviz, pythae or diffusers, ONNX files, a zip of those, or weights; runs no code.

    path: of a file or folder, the name of a shipped model, or an id of the Hub. candidates: items on which may be
    tried what nobody states. statement: what is known of a foreign model. name: of the model; its file's by default.
    workspace: where a zip is unpacked, to stay; None unpacks into a temporary folder that goes. max_bytes: that its
    files and its weights may take, each.

    Answers Unclear where something must be stated. Raises CheckpointError for a damaged or unknown model and for one
    too wide to run, ArchiveError for an unsound zip or a file that can run code, and ValueError for a device that is
    not there.
    """
    from aeviz.device import choose, is_out_of_memory
    from aeviz.importers.models import aeviz_folder, diffusers, onnx_files, pythae, state_dict
    from aeviz.importers.models.answers import ModelReader, Request, Unclear
    from aeviz.importers.models.statement import NotStated, Statement

    # The first that recognises what was brought reads it.
    readers: tuple[ModelReader, ...] = (pythae, diffusers, aeviz_folder, onnx_files, state_dict)
    choose(device)
    try:
        source = path if isinstance(path, Sniffed) else _located(path)
        with open_contents(source, Limits(MAX_FILES, min(max_bytes, MAX_MODEL_BYTES)), workspace) as contents:
            request = Request(contents, name or source.stem, statement or Statement(), candidates, device, max_bytes)
            reader = next(reader for reader in readers if reader.recognises(request))
            return reader.read(request)
    except NotStated as error:
        return Unclear.of(error, onnx_files.ORIGIN if reader is onnx_files else "")
    except OSError as error:
        raise CheckpointError(f"{_name_of(path)} cannot be read: {error.strerror or error}.") from error
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
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

    Pictures: a folder, zip or tar of them (sub-folders are labels), or one. Arrays: an `.npz`, `.npy`, idx, `.mat` or
    Parquet file, of pictures unless stated otherwise; packed with gzip, or alone in a zip or a folder, too. A text: a
    CSV or TSV with a header is a table, one of numbers alone is series, lines are texts.

    statement: how it is to be read. name, title: of the data set; the file's by default. most_bytes: that an `.npz`
    may unpack to. progress: what it raises goes through. Raises DataError (for no usable items, pictures of more than
    `aeviz.importers.data.pictures.MAX_PIXELS` together, …) and ArchiveError (for an unsound zip, or a file that can
    run code).
    """
    tell = progress or (lambda share, stage: None)
    try:
        source = (path if isinstance(path, Sniffed) else sniff(path)).refuse_program()
        stem = source.path.stem
        stated = statement or DataStatement()
        with unpacked(source) as inner, as_text(inner.refuse_program(), stated) as (plain, notes):
            made = _read(plain, stated, name or stem, title or stem, most_bytes, tell)
        if plain.type is inner.type:
            return made
        return replace(made, notes=(*made.notes, *notes), encoding="", delimiter="")
    except OSError as error:
        raise DataError(f"{_name_of(path)} cannot be read: {error.strerror or error}.") from error


def _read(source: Sniffed, stated: DataStatement, name: str, title: str, most_bytes: int, tell: Progress) -> OwnData:
    reader = next((reader for reader in DATA_READERS if reader.recognises(source, stated)), None)
    if source.type is FileType.EMPTY:
        raise DataError(f"{source.name} is empty: there is nothing in it to read.")
    if source.type is FileType.HEIC:
        raise DataError(f"{source.name} is a {source.type}. {HOW_TO_CONVERT_HEIC}")
    if reader is None and stated.modality:
        raise DataError(f"{source.name} is a {source.type}: it cannot be read as {stated.modality}, as stated.")
    if reader is None:
        raise DataError(
            f"{source.name} is a {source.type}: expected a CSV or other text, a folder, zip or tar of pictures, "
            ".npz, .npy, idx, .mat, .parquet or a picture."
        )
    return reader.read(source, stated, name, title, most_bytes, tell)


def _located(path: str | Path) -> Sniffed:
    from aeviz.store.checkpoints import locate

    file = Path(path).expanduser()
    return sniff(file if file.is_file() else locate(path))


def _name_of(path: str | Path | Sniffed) -> str:
    return path.name if isinstance(path, Sniffed) else Path(path).name
