"""Pages in Streamlit's own harness, without a browser: what the tests of the views share."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from aeviz.app import shell

ROOT = Path(__file__).parents[1]


def page_path(page: str) -> str:
    """The file of a page that is known by its address."""
    return str(shell.page_path(page).relative_to(ROOT))


def opened(page: str, **parameters: object) -> AppTest:
    """A page of the app, opened by a link with these parameters."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
    app.switch_page(page_path(page))
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
