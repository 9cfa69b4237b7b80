"""Pages in Streamlit's own harness, without a browser: what the tests of the views share."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from aeviz.modalities.registry import MODALITIES

ROOT = Path(__file__).parents[1]


def go(app: AppTest, page: str) -> AppTest:
    """Send a visitor to the page with an address; the next run draws it."""
    app._page_hash = calc_hash(page)  # switch_page() knows files alone
    return app


def opened(page: str, **parameters: object) -> AppTest:
    """A page of the app, opened by a link with these parameters, which shows no exception and no error."""
    return sound(visited(page, **parameters))


def visited(page: str, **parameters: object) -> AppTest:
    """A page of the app, opened by a link with these parameters."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
    go(app, page)
    for name, value in parameters.items():
        app.query_params[name] = str(value)
    return app.run()


def sound(app: AppTest) -> AppTest:
    """The same, which shows no exception and no error."""
    assert not app.exception, [error.message for error in app.exception]
    assert not app.error, [error.value for error in app.error]
    return app


def html(app: AppTest) -> str:
    """All that a page says in HTML of its own, without styles and scripts."""
    text = "".join(element.proto.body for element in app.html)
    return re.sub(r"<(style|script)\b.*?</\1>", "", text, flags=re.DOTALL)


def parts(app: AppTest) -> int:
    """How many live parts a page shows, not counting those on every page, which show nothing."""
    everywhere = {"aeviz_ahead", "aeviz_tab"}
    return sum(element.proto.component_name not in everywhere for element in app.get("bidi_component"))


def shown_parts(app: AppTest) -> str:
    """What a page sends to its live parts, as JSON."""
    return "".join(element.proto.json for element in app.get("bidi_component"))


def own(app: AppTest) -> NDArray[np.float32] | None:
    """The visitor's own item that the session holds last; None for none."""
    prefixes = ("", "a-", "b-", "noise-", "near-")
    names = [f"remembered-{modality}-{origin}-{prefix}own" for modality in MODALITIES
             for origin in ("draw", "upload") for prefix in prefixes]  # fmt: skip
    held = [app.session_state[name] for name in names if name in app.session_state]
    return next((item for item in held if item is not None), None)


def sent(app: AppTest, key: str) -> list[Any]:
    """What the parts of a page that know a key get of it."""
    texts = [json.loads(element.proto.json) for element in app.get("bidi_component") if element.proto.json]
    received = [text[0] if isinstance(text, list) else text for text in texts]
    return [part[key] for part in received if isinstance(part, dict) and key in part]


def forget() -> None:
    """Let the app forget all that it keeps: other models lie on the disc now."""
    st.cache_resource.clear()
    st.cache_data.clear()
