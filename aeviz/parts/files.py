"""What a part is in the browser: its JavaScript, its styles and its markup, read from their files."""

from pathlib import Path

FOLDER = Path(__file__).parent
SHARED = {  # modules of `js/` that some parts have in common beyond common.js, by part
    "draw_pad": ("live.js",),
    "curve_pad": ("live.js",),
    "scrubber": ("player.js",),
    "threshold": ("tints.js",),
    "latent_pad": ("tints.js",),
    "replay_film": ("player.js", "tints.js", "charts.js"),
    "dial": ("tints.js", "charts.js"),
}


def javascript(name: str) -> str:
    """The ES module of a part: `common.js`, what it has in `SHARED`, its other `.js` files by name, `<name>.js`."""
    main = FOLDER / name / f"{name}.js"
    others = sorted(path for path in main.parent.glob("*.js") if path != main)
    shared = [FOLDER / "js" / path for path in ("common.js", *SHARED.get(name, ()))]
    return "\n".join(path.read_text(encoding="utf-8") for path in (*shared, *others, main))


def styles(name: str) -> str:
    """The styles that all parts share, then a part's own."""
    return _text(FOLDER / "js" / "common.css") + "\n" + _text(FOLDER / name / f"{name}.css")


def markup(name: str) -> str:
    """What a part finds in its root element when it is mounted; one empty element where it has no file."""
    return _text(FOLDER / name / f"{name}.html") or "\n<div></div>\n"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
