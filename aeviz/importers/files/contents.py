"""What was brought, opened within limits: each file in it told what it is once."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aeviz.importers.files.archives import clean_name, unpack
from aeviz.importers.files.filetypes import FileType, Sniffed, sniff
from aeviz.importers.files.zips import Limits


@dataclass(frozen=True)
class Contents:
    """A folder and the files in it, links left out; or one file `alone`, with the folder it lies in."""

    folder: Path
    files: tuple[Sniffed, ...]
    alone: bool

    def named(self, name: str) -> Sniffed | None:
        """The file of a name, or None."""
        return next((file for file in self.files if file.name == name), None)


@contextmanager
def open_contents(source: Sniffed, limits: Limits, workspace: Path | None = None) -> Iterator[Contents]:
    """The files of a folder, of a zip or of a file alone.

    workspace: where a zip is unpacked, to stay; None unpacks into a temporary folder that goes. Raises ArchiveError
    for an unsound zip and for a file that can run code, OSError where a file cannot be read.
    """
    source.refuse_program()
    if source.type is FileType.FOLDER:
        yield contents_of(source.path)
    elif source.type is not FileType.ZIP:
        yield Contents(source.path.parent, (source,), alone=True)
    elif workspace is not None:
        yield contents_of(unpack(source.path, workspace / clean_name(source.stem), limits))
    else:
        with tempfile.TemporaryDirectory(prefix="aeviz-") as temporary:
            yield contents_of(unpack(source.path, Path(temporary) / clean_name(source.stem), limits))


def contents_of(folder: Path) -> Contents:
    """The files that lie in a folder itself."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
    return Contents(folder, tuple(map(sniff, files)), alone=False)
