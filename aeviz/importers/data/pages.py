"""TIFFs of several pages, each of them a picture: microscopes, scanners and instruments save stacks that way."""

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import IO

from PIL import Image

from aeviz.errors import DataError
from aeviz.modalities.image.files import MAX_PAGES, MAX_PICTURE_PIXELS

SUBFILE, OLD_SUBFILE = 254, 255  # the tags that say what a page is
REDUCED_OR_MASK = 1 | 4  # bits of SUBFILE: a smaller copy of another page, or where another is transparent
OLD_REDUCED = 2  # of OLD_SUBFILE

Page = Callable[[], bytes]  # gives a page as a TIFF of its own


@dataclass
class Stacks:
    """The TIFFs of several pages that a set holds. The last of them that was read stays open, for the page after."""

    counts: dict[str, int] = field(default_factory=dict)  # pages that are pictures, by the file's path
    damaged: dict[str, int] = field(default_factory=dict)  # pages before the damage, by the file's path
    left_out: int = 0  # pages that are smaller copies or masks of others
    _open: tuple[str, Image.Image, IO[bytes]] | None = None

    def pages(self, path: str, opened: Callable[[], IO[bytes]]) -> list[Page]:
        """The pages of a TIFF that are pictures, in order; [] where it has one page, or is damaged."""
        numbers: list[int] = []
        count, sound = 0, False
        try:
            with warnings.catch_warnings(), opened() as file, Image.open(file, formats=("TIFF",)) as picture:
                warnings.simplefilter("ignore")
                while count < MAX_PAGES:
                    picture.seek(count)
                    count += 1
                    tags = picture.tag_v2  # type: ignore[attr-defined]
                    if not (int(tags.get(SUBFILE, 0)) & REDUCED_OR_MASK or tags.get(OLD_SUBFILE) == OLD_REDUCED):
                        numbers.append(count - 1)
            sound = True
        except EOFError:
            sound = True
        except Exception:  # in as many ways as files can be damaged; of a first page, whoever reads it will tell
            pass
        if not sound and count:
            self.damaged[path] = count
        if not numbers or count < 2:
            return []
        self.left_out += count - len(numbers)
        if len(numbers) > 1:
            self.counts[path] = len(numbers)
        return [partial(self._page, path, opened, number) for number in numbers]

    def notes(self) -> list[str]:
        """What was made of files with several pages, in sentences."""
        notes = []
        if self.counts:
            (first, pages), total = next(iter(self.counts.items())), sum(self.counts.values())
            more = f"{len(self.counts):,} files have several pages, {total:,} together"
            notes.append(f"{f'{first} has {pages:,} pages' if len(self.counts) == 1 else more}: each is an item.")
        if any(pages == MAX_PAGES for pages in self.counts.values()):
            notes.append(f"Of a file, the first {MAX_PAGES:,} pages are read.")
        if self.left_out:
            plain = "page was" if self.left_out == 1 else "pages were"
            notes.append(f"{self.left_out:,} {plain} left out as a smaller copy or mask of another.")
        if self.damaged:
            path, count = next(iter(self.damaged.items()))
            others = f", and {len(self.damaged) - 1:,} other files alike" if len(self.damaged) > 1 else ""
            notes.append(f"{path} is damaged after page {count:,}{others}: what follows is lost.")
        return notes

    def _page(self, path: str, opened: Callable[[], IO[bytes]], number: int) -> bytes:
        """A page as a file of its own. Raises DataError where it is damaged or too large."""
        file = io.BytesIO()
        try:
            picture = self._opened(path, opened)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                picture.seek(number)
                if picture.width * picture.height > MAX_PICTURE_PIXELS:
                    raise DataError(f"page {number + 1} is {picture.width:,} × {picture.height:,} pixels: too many.")
                picture.copy().save(file, "TIFF")
        except DataError:
            raise
        except Exception as error:  # decoders fail in as many ways as files can be damaged
            self.close()
            raise DataError(f"page {number + 1} cannot be read: it is damaged.") from error
        return file.getvalue()

    def _opened(self, path: str, opened: Callable[[], IO[bytes]]) -> Image.Image:
        if self._open is None or self._open[0] != path:
            self.close()
            source = opened()
            self._open = path, Image.open(source, formats=("TIFF",)), source
        return self._open[1]

    def close(self) -> None:
        """Close the file that was read last."""
        if self._open is not None:
            self._open[1].close()
            self._open[2].close()
            self._open = None
