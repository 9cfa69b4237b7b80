"""What we use of Streamlit beside its documented interface. A failure here says what a newer Streamlit has changed."""

import inspect
import logging
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from waiting import TIMEOUT_S

from aeviz.app import streamlit_internals as internals
from aeviz.paths import app_file

APP = Path(internals.__file__).parent


def test_a_run_knows_its_visitor() -> None:
    def script() -> None:
        import streamlit as st

        from aeviz.app import streamlit_internals as internals

        st.text(internals.session_id() or "nobody")

    shown = AppTest.from_function(script, default_timeout=TIMEOUT_S).run().text[0].value
    assert shown != "nobody", "get_script_run_ctx() gives no session_id in a visitor's run"
    assert internals.session_id() is None, "a thread without a visitor has a session_id"


def test_a_run_knows_whether_it_comes_of_back_or_forward() -> None:
    from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext

    assert "is_history_navigation" in inspect.signature(ScriptRunContext.reset).parameters, (
        "a run is not told of the browser's history: Back would change the address alone"
    )
    assert internals.in_history() is False


def test_whether_a_server_runs_and_a_visitor_is_connected() -> None:
    from streamlit.runtime import Runtime

    assert internals.is_serving() is False, "runtime.exists() is true in a process without a server"
    with pytest.raises(RuntimeError):
        internals.is_connected("nobody")
    assert list(inspect.signature(Runtime.is_active_session).parameters) == ["self", "session_id"], (
        "Runtime.is_active_session() asks for something else than a session's id"
    )


def test_uploads_can_be_let_go_of_by_their_visitor_and_id() -> None:
    from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
    from streamlit.runtime.uploaded_file_manager import UploadedFileRec

    manager = MemoryUploadedFileManager("/upload")
    manager.add_file("visitor", UploadedFileRec(file_id="one", name="a.png", type="image/png", data=b"abc"))
    assert len(manager.get_files("visitor", ["one"])) == 1
    manager.remove_file("visitor", "one")
    assert not manager.get_files("visitor", ["one"]), "remove_file(session_id, file_id) leaves the file in memory"


def test_the_warning_of_a_thread_without_a_visitor_is_silent(caplog: pytest.LogCaptureFixture) -> None:
    @st.cache_data
    def cached() -> int:
        st.text("drawn")
        return 1

    logger = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")
    level = logger.level
    try:
        logger.setLevel(logging.WARNING)
        st.session_state.get("x")
        assert "ScriptRunContext" in caplog.text, f"the warning is not logged under {logger.name} any more"
        caplog.clear()
        internals.expect_no_visitor()
        cached()
        assert "missing ScriptRunContext" not in caplog.text
    finally:
        logger.setLevel(level)


def test_a_server_can_be_configured_and_forgotten() -> None:
    from streamlit.runtime import Runtime

    assert hasattr(Runtime, "_instance"), "Runtime has no _instance: a second server in a process cannot start"
    port = st.get_option("server.port")
    try:
        internals.configure({"server.port": 8642})
        assert st.get_option("server.port") == 8642, "load_config_options() does not set an option"
    finally:
        internals.configure({"server.port": port})


def test_nobody_is_asked_for_this_machines_address(monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit import net_util
    from streamlit.web.server import server_util

    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)  # given back in the end
    asked: list[object] = []
    monkeypatch.setattr("requests.get", lambda *given, **named: asked.append(given))
    internals.stay_offline()
    assert not server_util.is_url_from_allowed_origins("https://other.example")
    assert asked == [], "Streamlit asks the internet who it is when a page of another origin connects"


def test_the_app_object_says_where_the_scripts_settings_lie() -> None:
    program = (
        "import os, sys, streamlit as st\n"
        "from aeviz.app import streamlit_internals as internals\n"
        "from aeviz.paths import app_file\n"
        "os.chdir(sys.argv[1])\n"
        "st.App(app_file())\n"
        "internals.configure({'server.port': 8642})\n"
        "print(st.get_option('server.port'), st.get_option('server.address'))\n"
    )
    command = [sys.executable, "-c", program, tempfile.gettempdir()]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    settings = tomllib.loads((app_file().parent / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert shown == ["8642", settings["server"]["address"]], "st.App() does not point at the settings of its script"


def test_styles_that_lean_on_streamlits_own_elements_stand_in_one_block() -> None:
    """What looks odd under a newer Streamlit is looked for there."""
    private = re.compile(r"data-(testid|variant|selected)|\.st[A-Z]")
    for path in sorted(APP.glob("*.css")):
        ours = path.read_text(encoding="utf-8").split("/* ---- Streamlit's own elements")[0]
        assert [line for line in ours.splitlines() if private.search(line)] == [], path.name


def test_nothing_else_of_the_app_imports_what_streamlit_does_not_document() -> None:
    """Documented: streamlit itself, its errors, its types, components and testing."""
    documented = {"streamlit.errors", "streamlit.typing", "streamlit.components", "streamlit.testing"}
    found = []
    for path in APP.rglob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            words = line.split()
            if words[:1] in (["import"], ["from"]) and words[1].startswith("streamlit"):
                module = words[1].split(" ")[0]
                name = f"{module}.{words[3]}" if module == "streamlit" and words[0] == "from" else module
                if name != "streamlit" and not any(name.startswith(one) for one in documented):
                    found.append(f"{path.relative_to(APP)}: {line.strip()}")
    assert {line.split(":")[0] for line in found} <= {"streamlit_internals.py"}, found
