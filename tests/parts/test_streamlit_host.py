"""What Streamlit is given of a part: a few lines that fetch its code, or all of it where a tab does not reach that."""

import shutil
from pathlib import Path

import pytest
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.testing.v1 import AppTest
from waiting import TIMEOUT_S

from aeviz.parts import files
from aeviz.parts.hosts import streamlit as host


def page() -> None:
    from aeviz.parts.hosts import streamlit as host

    host.mount("pictures", key="rows", data={}, picked=None)


def shown(app: AppTest) -> BidiComponent:
    assert not app.exception
    (element,) = app.get("bidi_component")
    proto: BidiComponent = element.proto
    return proto


def test_streamlit_sends_a_few_lines_and_serves_the_code() -> None:
    part = shown(AppTest.from_function(page, default_timeout=TIMEOUT_S).run())
    assert len(part.js_content) < 1000
    assert not part.html_content
    assert not part.css_content
    folder = Path(host._folder().name)
    (file,) = folder.glob("pictures-*.js")
    assert file.read_text(encoding="utf-8") == files.javascript("pictures", "streamlit")
    assert f"{host.__name__}.{host.ROUTE}/{file.name}" in part.js_content
    shutil.rmtree(folder)  # as systems do that clear their temporary files
    shown(AppTest.from_function(page, default_timeout=TIMEOUT_S).run())
    assert file.exists()


def test_a_tab_that_does_not_reach_the_code_gets_it_by_text() -> None:
    app = AppTest.from_function(page, default_timeout=TIMEOUT_S).run()
    app.session_state[host.BY_TEXT] = True  # as its message does
    assert shown(app.run()).js_content == files.javascript("pictures", "streamlit")


def test_where_there_is_no_room_for_a_file_the_code_goes_by_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(name: str) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(host, "_put", full)
    full_code = files.javascript("pictures", "streamlit")
    assert shown(AppTest.from_function(page, default_timeout=TIMEOUT_S).run()).js_content == full_code


def test_what_a_hand_set_is_not_told_back_and_a_value_that_stays_is_a_start(monkeypatch: pytest.MonkeyPatch) -> None:
    held: dict[str, object] = {}
    monkeypatch.setattr(host, "memory", lambda: held)

    def told(value: float, committed: float | None, of: str = "a") -> tuple[float, int]:
        found, naming = host.named(
            value, committed, key="path", of=of, start=True, same=lambda a, b: abs(a - b) <= 0.001
        )
        return found, naming["turn"]

    assert told(0.5, None) == (0.5, 0)
    assert told(0.5, 0.4) == (0.5, 0), "the caller heeds no hand"
    assert told(0.812, 0.8123) == (0.5, 0), "the caller follows the hand, rounded"
    assert told(0.812, 0.8123, of="b") == (0.8123, 0), "other pictures come with where the hand is"
    assert told(0.2, 0.2, of="b") == (0.8123, 0)
    assert told(0.5, 0.2, of="b") == (0.5, 1), "back, to a value that was told before"
    assert told(0.5, 0.2, of="b") == (0.5, 1)
    assert told(0.2, 0.2, of="b") == (0.2, 2), "forward, to what the hand set last"
    assert told(0.7, None, of="b") == (0.7, 3), "the page was left and met again"
