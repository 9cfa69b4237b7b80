import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aeviz.datasets.sources import load_dataset
from aeviz.datasets.splits import SHARE, by_chance
from aeviz.errors import DataError
from aeviz.importers.data import texts
from aeviz.importers.data.answers import DataStatement, OwnData
from aeviz.importers.reading import read_data
from aeviz.modalities.text import TextScale
from aeviz.modalities.text import texts as said_by

PLANTS = ["rose", "ivy", "fern", "moss", "oak tree", "elm", "ash", "yew", "iris", "reed"]


def from_text(folder: Path, text: str, **stated: Any) -> OwnData:
    path = folder / "plants.txt"
    path.write_text(text, encoding="utf-8")
    return read_data(path, DataStatement(**stated))


def said(own: OwnData, words: str) -> bool:
    return any(re.search(words, note) for note in own.notes)


def test_lines_are_texts(tmp_path: Path) -> None:
    own = from_text(tmp_path, "\n".join(PLANTS) + "\n\n")
    data = own.dataset
    letters = (*sorted(set("".join(PLANTS))), "")
    assert isinstance(data.scale, TextScale)
    assert (data.name, data.modality.name, data.shape, len(data)) == ("plants", "text", (len(letters), 8), 10)
    assert data.scale.alphabet == letters
    assert said_by(data.items, data.scale) == PLANTS
    assert set(data.scale.known) == {PLANTS[row] for row in by_chance(10, SHARE)[0]}
    assert [data.label_names[label] for label in data.labels] == [plant[0] for plant in PLANTS]
    assert (data.items.sum(1) == 1).all()
    assert (own.brought, own.encoding, own.columns) == (10, "utf-8", ())


def test_capitals_spaces_and_control_characters(tmp_path: Path) -> None:
    own = from_text(tmp_path, "\n".join(["  Rosa\tcanina ", "I\x07vy", *PLANTS]))
    assert said_by(own.dataset.items, own.dataset.scale)[:2] == ["rosa canina", "ivy"]
    assert said(own, "Capitals became small letters")
    assert said(own, "A control character was left out, the first of them in line 2")


def test_texts_too_long_are_cut_and_told(tmp_path: Path) -> None:
    own = from_text(tmp_path, "\n".join([*PLANTS, "x" * 41, "y" * 100_000]))
    assert own.dataset.shape[1] == 40
    assert said_by(own.dataset.items, own.dataset.scale)[-1] == "y" * 40
    assert said(own, "2 texts were cut to 40 letters; the first: line 11 has 41")


def test_writing_of_many_signs_keeps_the_commonest(tmp_path: Path) -> None:
    signs = [chr(0x4E00 + number) for number in range(200)]
    own = from_text(tmp_path, "\n".join([*(sign * 3 for sign in signs[:62] * 3), *signs]))
    assert own.dataset.shape[0] == texts.MAX_SYMBOLS
    written = said_by(own.dataset.items, own.dataset.scale)
    assert written[0] == signs[0] * 3
    assert written[-1] == texts.OTHER
    assert said(own, "200 different symbols: the 62 commonest are kept, and □ stands for the others")


def test_a_preview_is_spread_and_speaks_the_alphabet_of_all(tmp_path: Path) -> None:
    text = "\n".join(f"plant {number}" for number in range(101))
    own = from_text(tmp_path, text, most=5)
    assert said_by(own.dataset.items, own.dataset.scale) == [f"plant {number}" for number in (0, 25, 50, 75, 100)]
    assert own.dataset.shape == from_text(tmp_path, text).dataset.shape


def test_a_list_of_numbers_or_words_with_commas_can_be_stated_as_texts(tmp_path: Path) -> None:
    rows = [f"{number * number},{number % 3}" for number in range(20)]
    assert from_text(tmp_path, "\n".join(rows)).dataset.modality.name == "table"
    own = from_text(tmp_path, "\n".join(rows), modality="text")
    assert said_by(own.dataset.items, own.dataset.scale) == rows


REFUSED = {
    "one line": ("only this", "1 line is too few: at least 8 are needed, one text a line"),
    "few": ("\n".join(PLANTS[:7]), "7 lines are too few"),
    "prose": ("\n".join(["word " * 40] * 20), "20 of 20 lines are longer than 40 letters; line 1 has 199"),
    "a line of 100,000 letters": ("x" * 100_000, "1 line is too few"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_said(case: str, tmp_path: Path) -> None:
    text, words = REFUSED[case]
    with pytest.raises(DataError, match=words):
        from_text(tmp_path, text)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(st.text("abcxyzäßé 'я", max_size=40).map(lambda word: " ".join(word.split()) or "x"), min_size=8),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)  # fmt: skip
def test_texts_written_in_lines_come_back(words: list[str], encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\n".join(words).encode(encoding))
    data = read_data(path).dataset
    assert said_by(data.items, data.scale) == words


def test_the_bundled_names_come_back(tmp_path: Path) -> None:
    names = load_dataset("names")
    words = said_by(names.items, names.scale)
    data = from_text(tmp_path, "\n".join(words)).dataset
    assert said_by(data.items, data.scale) == words
    assert np.array_equal(data.items, names.items[:, :, : data.shape[1]])
