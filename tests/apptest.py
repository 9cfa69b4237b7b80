"""Pages in Streamlit's own harness, without a browser: what the tests of the views share."""

from pathlib import Path

import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

ROOT = Path(__file__).parents[1]


def go(app: AppTest, page: str) -> AppTest:
    """Send a visitor to the page with an address; the next run draws it."""
    app._page_hash = calc_hash(page)  # switch_page() knows files alone
    return app


def opened(page: str, **parameters: object) -> AppTest:
    """A page of the app, opened by a link with these parameters."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
    go(app, page)
    for name, value in parameters.items():
        app.query_params[name] = str(value)
    return sound(app.run())


def sound(app: AppTest) -> AppTest:
    """The same, which shows no exception and no error."""
    assert not app.exception, [error.message for error in app.exception]
    assert not app.error, [error.value for error in app.error]
    return app


def html(app: AppTest) -> str:
    """All that a page says in HTML of its own."""
    return "".join(element.proto.body for element in app.html)


def parts(app: AppTest) -> int:
    """How many live parts a page shows, not counting `ahead`, which is on every page and shows nothing."""
    return sum(element.proto.component_name != "aeviz_ahead" for element in app.get("bidi_component"))


def shown_parts(app: AppTest) -> str:
    """What a page sends to its live parts, as JSON."""
    return "".join(element.proto.json for element in app.get("bidi_component"))


def forget() -> None:
    """Let the app forget all that it keeps: other models lie on the disc now."""
    st.cache_resource.clear()
    st.cache_data.clear()
