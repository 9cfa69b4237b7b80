"""The modality of short texts: letters as tiles, spelling, misspelling, edits, and typed lines."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from aeviz.errors import DataError
from aeviz.modalities.registry import MODALITIES
from aeviz.modalities.text import CELL, LOST, TEXT, TextScale, alphabet_of, edits, spelt, texts

SCALE = TextScale(known=("anna", "hanna", "otto"))
SHAPE = (27, 12)
KINDS = sorted(row.name for row in TEXT.corruptions)
seeds = st.integers(0, 2**31)
words = st.text("abcdefghijklmnopqrstuvwxyz", max_size=12)


def items(*names: str) -> torch.Tensor:
    return torch.from_numpy(spelt(names, SCALE, SHAPE))


def read(x: torch.Tensor) -> list[str]:
    return texts(x.numpy(), SCALE)


def corrupt(kind: str, level: float, seed: int, *names: str) -> list[str]:
    return read(TEXT.corruption(kind).corrupt(items(*names), level, seed, SCALE))


def test_it_is_in_the_table() -> None:
    assert MODALITIES["text"] is TEXT
    assert TEXT.texts is texts
    assert alphabet_of(TextScale(), 4) == ("a", "b", "c", "")


@pytest.mark.parametrize("shape", [(27,), (1, 12), (27, 0), (27, 300), (1, 28, 28)])
def test_other_shapes_are_none_of_its_own(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="A text is"):
        TEXT.check(shape)
    assert TEXT.size(SHAPE) == "12 places, 27 symbols"


@given(st.lists(words, max_size=4))
def test_what_is_spelt_is_read_again(names: list[str]) -> None:
    x = spelt(names, SCALE, SHAPE)
    assert x.shape == (len(names), *SHAPE)
    assert (x.sum(1) == 1).all()
    assert texts(x, SCALE) == names


def test_capitals_are_small_letters() -> None:
    assert read(items("Anna")) == ["anna"]
    assert TEXT.describe(items("otto")[0].numpy(), SCALE) == "otto"


@pytest.mark.parametrize(("word", "said"), [("zoë", "'ë'"), ("a b", "' '"), ("abcdefghijklm", "more than 12 letters")])
def test_words_that_cannot_be_spelt_are_refused(word: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        spelt([word], SCALE, SHAPE)


# ---- Tiles


@given(count=st.integers(0, 3), places=st.integers(1, 20))
def test_tiles_have_a_cell_for_each_place(count: int, places: int) -> None:
    tiles = TEXT.tiles(np.zeros((count, 27, places), np.float32), SCALE)
    assert (tiles.shape, tiles.dtype) == ((count, CELL[0], places * CELL[1], 1), np.uint8)


def test_a_letter_is_as_bright_as_it_is_likely_and_the_end_is_dark() -> None:
    sure = items("m").numpy()
    half = 0.5 * sure
    bright, dim = (TEXT.tiles(x, SCALE)[0, :, : CELL[1], 0].astype(int) for x in (sure, half))
    assert bright.max() > 150
    assert np.abs(dim - bright / 2).max() <= 1
    assert not TEXT.tiles(sure, SCALE)[0, :, CELL[1] :].any()


def test_a_wide_letter_keeps_to_its_place() -> None:
    wide, plain = (TEXT.tiles(spelt([word], SCALE, SHAPE), SCALE)[0, ..., 0].astype(int) for word in ("w", "o"))
    edges = wide[:, [0, CELL[1] - 1]]
    assert edges.max() < 128, "the edge of its place cuts nothing off"
    assert wide[:, : CELL[1]].max() > 150
    assert plain[:, : CELL[1]].max() > 150


def test_all_letters_look_different() -> None:
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    tiles = TEXT.tiles(spelt([*alphabet], SCALE, SHAPE), SCALE)
    assert len({tile.tobytes() for tile in tiles}) == 26


@pytest.mark.parametrize(
    "array", [np.zeros((5, 12)), np.full((5, 3, 4), 2.0), np.full((5, 3, 4), 0.9), np.full((5, 3, 4), np.nan)]
)
def test_arrays_that_are_no_texts_are_refused(array: np.ndarray) -> None:
    with pytest.raises(DataError):
        TEXT.prepare(array)
    assert TEXT.prepare(np.full((5, 3, 4), 0.3)).dtype == np.float32


# ---- Corruptions and repair


@pytest.mark.parametrize("kind", KINDS)
@given(name=words, level=st.floats(0, 1), seed=seeds)
def test_one_seed_gives_one_text_of_the_same_length(kind: str, name: str, level: float, seed: int) -> None:
    (made,) = corrupt(kind, level, seed, name)
    assert [made] == corrupt(kind, level, seed, name)
    assert len(made) == len(name)
    assert corrupt(kind, 0.0, seed, name) == [name]


@pytest.mark.parametrize("kind", KINDS)
@given(name=words, levels=st.tuples(st.floats(0, 1), st.floats(0, 1)), seed=seeds)
def test_a_stronger_corruption_contains_the_weaker(
    kind: str, name: str, levels: tuple[float, float], seed: int
) -> None:
    (weak,), (strong,) = (corrupt(kind, level, seed, name) for level in sorted(levels))
    for clean, less, more in zip(name, weak, strong, strict=True):
        assert clean == less or less == more


@given(name=words, level=st.floats(0, 1), seed=seeds)
def test_the_share_of_lost_letters_is_exact(name: str, level: float, seed: int) -> None:
    (made,) = corrupt("missing", level, seed, name)
    assert made.count(LOST) == int(torch.tensor(level * len(name), dtype=torch.float32).round())


@given(name=words, level=st.floats(0, 1), seed=seeds)
def test_exchanged_letters_are_the_same_letters_beside_their_places(name: str, level: float, seed: int) -> None:
    (made,) = corrupt("exchanged", level, seed, name)
    assert sorted(made) == sorted(name)
    place = 0
    while place < len(name):
        if made[place] != name[place]:
            assert made[place : place + 2] == name[place : place + 2][::-1]
            place += 1
        place += 1


def test_letters_are_exchanged_where_there_are_two() -> None:
    assert corrupt("exchanged", 1.0, 0, "ab", "a", "") == ["ba", "a", ""]
    found = {corrupt("exchanged", 0.2, seed, "abcdef")[0] for seed in range(60)}
    assert found == {"bacdef", "acbdef", "abdcef", "abcedf", "abcdfe"}


def test_wrong_letters_come_from_all_the_alphabet() -> None:
    made = "".join(corrupt("wrong", 1.0, 0, *["aaaaaaaaaaaa"] * 300))
    assert set(made) == set("abcdefghijklmnopqrstuvwxyz")


def test_the_nearest_known_text_is_the_repair() -> None:
    assert read(TEXT.repair.apply(items("anta", "xtto", "hannx"), SCALE)) == ["anna", "otto", "hanna"]
    unknown = items("anta")
    assert torch.equal(TEXT.repair.apply(unknown, TextScale()), unknown)


# ---- Distances


def levenshtein(a: str, b: str) -> int:
    """The textbook recursion, a row at a time."""
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (letter != other))
    return row[-1]


@given(st.lists(st.tuples(st.text("abc", max_size=12), st.text("abc", max_size=12)), min_size=1, max_size=5))
def test_edits_are_those_of_levenshtein(pairs: list[tuple[str, str]]) -> None:
    x, y = items(*[a for a, _ in pairs]), items(*[b for _, b in pairs])
    assert edits(x, y, SCALE).tolist() == [levenshtein(a, b) for a, b in pairs]
    assert TEXT.distance("differing").measure(x, y, SCALE).tolist() == [float(a != b) for a, b in pairs]


def test_a_lost_letter_is_like_no_other() -> None:
    x = items("anna")
    gone = x.clone()
    gone[0, :, 0] = 0
    for key in ("edits", "differing"):
        assert TEXT.distance(key).measure(gone, x, SCALE).tolist() == [1]
        assert TEXT.distance(key).measure(x, gone, SCALE).tolist() == [1]


def test_probabilities_count_by_their_likeliest_letter() -> None:
    x = items("anna")
    y = 0.6 * x + 0.4 * items("otto")
    assert edits(x, y, SCALE).item() == 0


# ---- Typed lines


def test_a_line_is_read_and_what_is_left_is_said() -> None:
    found = TEXT.read("\ufeff\n  Anna \nOtto\n".encode(), SHAPE, SCALE)
    assert texts(found.item[None], SCALE) == ["anna"]
    assert "first of 2 lines" in found.notes[0]
    assert TEXT.read(b"otto", SHAPE, SCALE).notes == ()


@pytest.mark.parametrize(("data", "said"), [(b"", "no text here"), (b" \n ", "no text here"), (b"\xff\xfe", "UTF-8")])
def test_files_without_a_text_are_refused(data: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        TEXT.read(data, SHAPE, SCALE)


@given(st.binary(max_size=30) | st.text(max_size=20).map(lambda text: text.encode("utf-8", "ignore")))
def test_any_bytes_are_a_text_or_a_sentence(data: bytes) -> None:
    said = "."
    try:
        assert TEXT.read(data, SHAPE, SCALE).item.shape == SHAPE
    except DataError as error:
        said = str(error)
    assert said.endswith(".")
