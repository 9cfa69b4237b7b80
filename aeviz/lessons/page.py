"""Sections as one HTML file, or as files in a folder.

The page's policy (Content-Security-Policy) lets nothing in but its own script and styles, told by their hashes: no
request leaves it, and no name of other people's data becomes markup or script. Names go in as text: escaped where they
stand in HTML, and compressed, in base 85, where the script reads them.
"""

import base64
import gzip
import hashlib
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from aeviz.lessons.record import Part, Section, Words
from aeviz.parts import files
from aeviz.parts.hosts.theme import FONT, light_and_dark
from aeviz.parts.networks import worker
from aeviz.version import __version__

STYLES = Path(__file__).parent / "page.css"
TROUBLE = "This page needs its script. If this sentence stays, the file is cut off, or the browser runs no script."
Store = Callable[[str, bytes], str]  # (name, content) -> the address of a file beside the page


def html(
    sections: Sequence[Section],
    *,
    title: str = "",
    store: Store | None = None,
    beside: Sequence[tuple[str, str]] = (),
) -> str:
    """A page of sections, with links between them where there are several.

    title: of the page; that of the section where there is one alone. store: puts what is large into files beside the
    page, which a server must bring then; without, all stands in the page. beside: further links, (address, text) of
    each.

    Raises ValueError where there is no section.
    """
    if not sections:
        raise ValueError("A page needs a view at least.")
    single = len(sections) == 1
    title = title or (sections[0].words.title if single else "Latent spaces")
    names = _ids(sections)
    script = files.lesson((part.part for section in sections for part in section.parts), (s.view for s in sections))
    style = _style()
    body = [
        _head(title, sections, names, beside),
        f'<p id="trouble" role="status">{TROUBLE}</p>',
        "<main>",
        *(_section(name, section, single) for name, section in zip(names, sections, strict=True)),
        "</main>",
        _foot([sentence for section in sections for sentence in section.credits]),
        f'<script type="module">{_checked(script)}</script>',
        f'<script type="text/plain" id="lesson">{_carried(_data(names, sections, store))}</script>',
    ]
    return _document(title, policy(script, style, store is not None), style, body)


def _document(title: str, rules: str, style: str, body: Sequence[str]) -> str:
    """A whole page in HTML; rules: its policy."""
    head = [
        "<!doctype html>",
        '<html lang="en">',
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{rules}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        '<link rel="icon" href="data:,">',
        f"<title>{escape(title)} · aeviz</title>",
        f"<style>{style}</style>",
    ]
    text = "\n".join([*head, "<body>", *body, "</body>", "</html>", ""])
    return text.encode("utf-8", "replace").decode("utf-8")  # half of a surrogate pair in a name is no text


def index(title: str, links: Sequence[tuple[str, str, str]], sentence: str = "", credits: Sequence[str] = ()) -> str:
    """A page that leads to others: (address, title, what to look at) of each.

    sentence: on what they show. credits: sentences on whose models and data these are.
    """
    style = _style()
    listed = "".join(
        f'<div class="slot"><h2><a href="{escape(address)}">{escape(name)}</a></h2><p>{escape(what)}</p></div>'
        for address, name, what in links
    )
    subtitle = f"<p>{escape(sentence)}</p>" if sentence else ""
    body = [
        f"<header><h1>{escape(title)}</h1>{subtitle}</header>",
        f'<main><div class="parts links">{listed}</div></main>',
        _foot(credits),
    ]
    return _document(title, policy("", style, served=False), style, body)


def sentence(text: str) -> str:
    """A page that says one thing, for what a file could not be made of."""
    return f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>aeviz</title>\n<p>{escape(text)}</p>\n'


def policy(script: str, style: str, served: bool) -> str:
    """The page's policy: served: whether it reads files beside it, from its own server alone."""
    rules = {
        "default-src": "'none'",
        "script-src": _hash(script),
        "style-src": _hash(style),
        "img-src": "data: blob:",
        "worker-src": "blob:",
        "connect-src": "'self'" if served else "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _hash(text: str) -> str:
    return f"'sha256-{_base64(hashlib.sha256(text.encode()).digest())}'"


def _checked(script: str) -> str:
    """A script of ours; one that would end its element early is a fault of ours."""
    assert "</script" not in script.lower()
    assert "<!--" not in script
    return script


def _carried(value: Any) -> str:
    """JSON and arrays for `hosts/lesson.js`, compressed, as text."""
    arrays = bytearray()
    text = json.dumps(_apart(value, arrays), separators=(",", ":"), allow_nan=False).encode()
    return base85(_gzip(struct.pack("<I", len(text)) + text + arrays))


def _apart(value: Any, arrays: bytearray) -> Any:
    """A value whose arrays and other bytes stand in `arrays`, each named by its place there: they shrink better so."""
    if isinstance(value, Mapping):
        if "bytes" in value and value.keys() <= {"dtype", "shape", "bytes", "planes"}:
            start = len(arrays)
            arrays += base64.b64decode(value["bytes"])
            return {**{key: item for key, item in value.items() if key != "bytes"}, "at": [start, len(arrays)]}
        return {key: _apart(item, arrays) for key, item in value.items()}
    return [_apart(item, arrays) for item in value] if isinstance(value, list | tuple) else value


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)


def base85(content: bytes) -> str:
    """Bytes as text, of which nothing ends an HTML element or begins one: a sixteenth less than base64.

    As in RFC 1924, with a comma, a colon and a dot for `<`, `>` and `&`.
    """
    return base64.b85encode(content).translate(bytes.maketrans(b"<>&", b",:.")).decode("ascii")


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _style() -> str:
    return f"{_theme()}\n{STYLES.read_text(encoding='utf-8')}"


def _theme() -> str:
    """The colours of the app's theme, light and dark."""
    light, dark = light_and_dark()
    return f":root {{ {light} --font: {FONT}; }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"


def _ids(sections: Sequence[Section]) -> list[str]:
    """A name for each section, which `#name` leads to: its view's, with a number where it comes again."""
    names: list[str] = []
    for section in sections:
        count = sum(name.split("-")[0] == section.view for name in names)
        names.append(f"{section.view}-{count + 1}" if count else section.view)
    return names


def _head(title: str, sections: Sequence[Section], names: Sequence[str], beside: Sequence[tuple[str, str]]) -> str:
    """The page's title with what to look at, where that is one thing; links to all sections where there are more."""
    sentence, links = "", list(beside)
    if len(sections) == 1:
        sentence = f"<p>{escape(sections[0].words.sentence)}</p>"
    else:
        links += [(f"#{name}", section.words.title) for name, section in zip(names, sections, strict=True)]
    listed = "".join(f'<a href="{escape(address)}">{escape(text)}</a>' for address, text in links)
    nav = f'<nav data-name="contents" aria-label="Contents">{listed}</nav>' if links else ""
    return f'<header><div data-name="title"><h1>{escape(title)}</h1>{sentence}</div>{nav}</header>'


def _section(name: str, section: Section, single: bool) -> str:
    heading = (
        f'<div data-name="title"><h2>{escape(section.words.title)}</h2><p>{escape(section.words.sentence)}</p></div>'
    )
    notes = "".join(f'<p class="note" data-name="notes">{escape(note)}</p>' for note in section.notes)
    state = f'<div data-name="state"><p class="note">{escape(section.words.state)}</p>{_way_back(section.words)}</div>'
    slots = "".join(map(_slot, section.parts))
    return f'<section id="{name}">{"" if single else heading}<div class="parts">{slots}</div>{notes}{state}</section>'


def _way_back(words: Words) -> str:
    """How to open the same models in aeviz, which knows what a person brought once it is brought again."""
    address = f"http://localhost:8501{words.link}"
    if not words.brought:
        return (
            '<p class="note">To go on with these models, start <code>aeviz</code> and open '
            f"<code>{escape(address)}</code></p>"
        )
    page = address.partition("?")[0]
    return (
        f'<p class="note">To go on, start <code>aeviz</code>, bring {escape(" and ".join(words.brought))} on its page '
        f"Your own, which whoever saved this page has as a file, and choose what stands here on <code>{escape(page)}"
        "</code></p>"
    )


def _slot(part: Part) -> str:
    kind = " wide" if part.wide else " aside" if part.aside else ""
    return f'<div class="slot{kind}" data-key="{escape(part.key)}" data-name="{escape(part.name)}"></div>'


def _foot(credits: Sequence[str]) -> str:
    notes = "".join(f'<p class="note">{escape(sentence)}</p>' for sentence in dict.fromkeys(credits))
    made = f'<p class="note">Made with aeviz {__version__} (MIT licence). Nothing leaves this page.</p>'
    return f'<footer data-name="credits">{notes}{made}</footer>'


def _data(names: Sequence[str], sections: Sequence[Section], store: Store | None) -> dict[str, Any]:
    """What the script reads, as `hosts/lesson.js` says."""
    networks = {network.portable.digest: network for section in sections for network in section.networks}
    atlases = {hashlib.sha256(atlas).hexdigest(): atlas for section in sections for atlas in section.atlases}
    parts = sorted({part.part for section in sections for part in section.parts})
    return {
        "texts": {part: {"markup": files.markup(part), "styles": files.styles(part, "page")} for part in parts},
        "worker": worker() if networks else "",
        "networks": [
            {
                "digest": digest,
                "config": network.portable.config,
                "title": network.title,
                "weights": _weights(network.portable.weights, f"models/{digest[:16]}.safetensors", store),
            }
            for digest, network in networks.items()
        ],
        "atlases": [_bytes(atlas, f"data/{digest[:16]}.bin", store) for digest, atlas in atlases.items()],
        "sections": [
            {
                "id": name,
                "view": section.view,
                "facts": section.facts,
                "seen": section.seen,
                "networks": [network.portable.digest for network in section.networks],
                "parts": [{"key": part.key, "part": part.part, "data": part.data} for part in section.parts],
            }
            for name, section in zip(names, sections, strict=True)
        ],
    }


def _weights(content: bytes, name: str, store: Store | None) -> dict[str, Any]:
    """Weights for the script; in a page as gzip of all bytes at even places, then those at odd ones, a tenth less."""
    if store:
        return {"file": store(name, content)}
    return {"bytes": _base64(_gzip(content[::2] + content[1::2])), "planes": True}


def _bytes(content: bytes, name: str, store: Store | None) -> dict[str, Any]:
    return {"file": store(name, content)} if store else {"bytes": _base64(content)}
