"""The file of a view: its policy, what it carries, and that no name of others becomes markup or script in it."""

import base64
import hashlib
from dataclasses import replace
from html import escape

import pytest
from lessons_made import (
    HOSTILE,
    Read,
    compare_section,
    decode_section,
    generate_section,
    interpolate_section,
    map_section,
    pair,
    repair_section,
    training_section,
    walkthrough_section,
)

from aeviz.lessons import page
from aeviz.lessons.record import Section
from aeviz.store.checkpoints import WEIGHTS, locate

ELEMENTS = {
    "a", "body", "code", "div", "footer", "h1", "h2", "head", "header", "html", "link", "main", "meta", "nav", "p",
    "script", "section", "style", "title",
}  # fmt: skip


@pytest.fixture(scope="module")
def hostile() -> Section:
    return decode_section(pair(name=HOSTILE), plane=(0, 1), name=HOSTILE)


@pytest.fixture(scope="module")
def others() -> list[Section]:
    """Further views of the same hostile names."""
    shown = pair(name=HOSTILE)
    return [
        map_section(shown, "umap", HOSTILE), interpolate_section(shown, HOSTILE), training_section(HOSTILE),
        generate_section(shown, HOSTILE), walkthrough_section(shown, HOSTILE),
        repair_section(shown, "block", HOSTILE), compare_section(HOSTILE),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def plain() -> Section:
    return decode_section(pair())


def test_the_policy_lets_in_the_script_and_the_styles_of_the_file_alone(hostile: Section) -> None:
    file = Read(page.html([hostile]))

    def hash_of(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    (style,), (script, _) = file.raw["style"], file.raw["script"]
    assert file.policy == {
        "default-src": "'none'", "script-src": hash_of(script), "style-src": hash_of(style), "img-src": "data: blob:",
        "worker-src": "blob:", "connect-src": "'none'", "base-uri": "'none'", "form-action": "'none'",
    }  # fmt: skip
    assert "connect-src 'self'" in page.policy(script, style, served=True)


def test_no_name_becomes_markup_or_script(hostile: Section, others: list[Section]) -> None:
    text = page.html([hostile, *others], title=HOSTILE)
    file = Read(text)
    assert {tag for tag, _ in file.elements} <= ELEMENTS
    assert not [name for _, given in file.elements for name in given if name.startswith("on") or name == "style"]
    assert [given.get("type") for tag, given in file.elements if tag == "script"] == ["module", "text/plain"]
    assert HOSTILE not in text
    assert text.count(escape(HOSTILE)) >= 10  # it is told all the same, where people read
    assert HOSTILE in file.carried()[0]["sections"][0]["parts"][0]["data"]["names"][0]


def test_control_characters_and_half_a_surrogate_pair_in_names_are_written(plain: Section) -> None:
    odd = "\x00\x1b\u2028\u202e\ud800-->"
    words = replace(plain.words, title=f"Odd{odd}")
    part = replace(plain.parts[0], data={"name": odd})
    text = page.html([replace(plain, words=words, parts=(part,))], title=odd)
    assert text.encode("utf-8")
    assert Read(text).carried()[0]["sections"][0]["parts"][0]["data"] == {"name": odd}


def test_a_file_tells_what_to_look_at_its_state_whose_it_is_and_how_to_go_on(plain: Section) -> None:
    said, words = Read(page.html([plain])).said, plain.words
    assert len(plain.credits) == 3
    for text in (words.title, words.sentence, words.state, f"http://localhost:8501{words.link}", *plain.credits):
        assert text in said


def test_several_views_are_sections_with_links_between_them(plain: Section) -> None:
    file = Read(page.html([plain, plain], title="A lecture"))
    assert [given["id"] for tag, given in file.elements if tag == "section"] == ["decode", "decode-2"]
    assert [given["href"] for tag, given in file.elements if tag == "a"] == ["#decode", "#decode-2"]
    assert len(file.carried()[0]["networks"]) == 2  # once each, though two sections run them
    with pytest.raises(ValueError, match="a view at least"):
        page.html([])


def test_a_file_carries_the_decoders_alone_and_arrays_as_they_were(plain: Section) -> None:
    lesson, arrays = Read(page.html([plain])).carried()
    for network, name in zip(lesson["networks"], ("mnist-ae", "mnist-vae"), strict=True):
        assert network["config"]["half"] == "decoder"
        start, end = network["weights"]["at"]
        assert 0 < end - start < 0.57 * (locate(name) / WEIGHTS).stat().st_size
    start, end = lesson["sections"][0]["parts"][0]["data"]["tab"]["code"]["at"]
    assert arrays[start:end] == base64.b64decode(plain.parts[0].data["tab"]["code"]["bytes"])


def test_what_is_large_may_stand_beside_the_page(plain: Section) -> None:
    kept: dict[str, bytes] = {}

    def store(name: str, content: bytes) -> str:
        kept[name] = content
        return name

    lesson, _ = Read(page.html([plain], store=store)).carried()
    assert {network["weights"]["file"] for network in lesson["networks"]} == kept.keys()
    assert all(content[8:9] == b"{" for content in kept.values())  # safetensors as they are


def test_of_a_model_that_no_browser_runs_there_are_films_and_a_word_on_it() -> None:
    section = decode_section(pair("ecg-ae", "ecg-vae", items=20))
    assert section.networks == ()
    assert "Films that were made when this page was saved" in section.notes[0]
    assert [part.data["tab"] for part in section.parts] == [None, None]
    assert all(part.data["films"]["url"].startswith("data:image/png") for part in section.parts)
