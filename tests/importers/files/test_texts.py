from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aeviz.errors import DataError
from aeviz.importers.files import texts
from aeviz.importers.files.filetypes import FileType, type_of
from aeviz.importers.files.texts import head_of, read_text

WORDS = "größe,naïve\nŁódź?,ça va\n"
WESTERN = "größe,naïve\nça va,été\n"


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"),
     ("utf-16-be", "utf-16-be"), ("cp1252", "cp1252"), ("latin-1", "cp1252")],
)  # fmt: skip
def test_the_encoding_is_found(encoding: str, found: str, tmp_path: Path) -> None:
    words = WESTERN if encoding in {"cp1252", "latin-1"} else WORDS
    path = written(tmp_path / "a.csv", words.encode(encoding))
    text = read_text(path)
    assert (text.text, text.encoding) == (words, found)
    assert head_of(path) == words
    assert type_of(path) is FileType.TEXT
    assert bool(text.notes) is (found == "cp1252")


def test_a_stated_encoding_wins_and_must_fit(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "Łódź\n".encode("cp1250"))
    assert read_text(path, "cp1250").text == "Łódź\n"
    assert read_text(path).text != "Łódź\n"
    written(path, b"sound\n\xff\n")
    with pytest.raises(DataError, match=r"a\.csv is not in utf-8 throughout: line 2 is damaged"):
        read_text(path, "utf-8")


def test_lines_in_another_encoding_are_kept_and_named(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "größe\n".encode() + "größe\n".encode("cp1252") + "été\n".encode())
    text = read_text(path)
    assert text.text == "größe\ngröße\nété\n"
    assert text.notes == ("1 line is not UTF-8 as the others, and read as Windows-1252; the first: line 2.",)


def test_every_byte_can_be_read(tmp_path: Path) -> None:
    text = read_text(written(tmp_path / "a.csv", b"a\x81b\n"))
    assert text.encoding == "latin-1"
    assert text.text == "ab\n"  # a control character of Latin-1


def test_line_ends_are_made_alike(tmp_path: Path) -> None:
    assert read_text(written(tmp_path / "a", b"a\r\nb\rc\n")).text == "a\nb\nc\n"


def test_control_characters_are_left_out_and_told(tmp_path: Path) -> None:
    text = read_text(written(tmp_path / "a", b"name,x\nan\0na,1\nb\x07o\x1b,2\tx\n" * 4))
    assert text.text == "name,x\nanna,1\nbo,2\tx\n" * 4
    assert text.notes == ("12 control characters were left out, the first of them in line 2.",)


@pytest.mark.parametrize("data", [b"", b"\n \n", b"\xef\xbb\xbf", b"\0\0"])
def test_nothing_is_told(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a is empty"):
        read_text(written(tmp_path / "a", data))


def test_a_text_too_large_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "a", b"x" * 101)
    with pytest.raises(DataError, match="101 bytes; at most 100 are read"):
        read_text(path, max_bytes=100)
    monkeypatch.setattr(texts, "MAX_TEXT_BYTES", 50)
    with pytest.raises(DataError, match="at most 50"):
        read_text(path)


def test_the_head_holds_whole_lines(tmp_path: Path) -> None:
    lines = "".join(f"{row},größe\n" for row in range(20_000))
    for encoding in ("utf-8", "utf-16", "cp1252"):
        head = head_of(written(tmp_path / "a", lines.encode(encoding)))
        assert len(head) > 10_000
        assert lines.startswith(head.rstrip("\n"))
        assert head.rstrip("\n").endswith("größe")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff"), min_size=1),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_text_comes_back(words: str, encoding: str, tmp_path: Path) -> None:
    path = written(tmp_path / "a", f"{words}.\n".encode(encoding))
    assert read_text(path).text == f"{words}.\n"
