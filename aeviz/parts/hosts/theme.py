"""The colours of the app's theme, by the names that parts know, for hosts that have none of their own."""

import tomllib

from aeviz.paths import app_file

NAMES = {
    "text": "textColor",
    "ground": "backgroundColor",
    "panel": "secondaryBackgroundColor",
    "edge": "borderColor",
    "primary": "primaryColor",
    "link": "linkColor",
    "code": "codeBackgroundColor",
}
FONT = '"Source Sans 3", "Source Sans Pro", system-ui, sans-serif'


def light_and_dark() -> tuple[str, str]:
    """Both as custom properties in CSS, `--text: #1A1D21; …`."""
    theme = tomllib.loads((app_file().parent / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    light, dark = (
        " ".join(f"--{name}: {theme[kind][key]};" for name, key in NAMES.items()) for kind in ("light", "dark")
    )
    return light, dark
