"""What the app uses of Streamlit beside its documented interface: each use a function, so that one file has to follow.

`tests/app/test_streamlit_internals.py` has a test of each, which says in a sentence what no longer holds. CSS that
leans on Streamlit's own elements is a block of `style.css`. The parts' host, below the app, has its own:
`aeviz.parts.hosts.streamlit.module_of`.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from streamlit import net_util, runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.typing import UploadedFile


def session_id() -> str | None:
    """The visitor whose run this thread is; None in a thread without one."""
    context = get_script_run_ctx(suppress_warning=True)
    return None if context is None else context.session_id


def in_history() -> bool:
    """Whether this run was asked for by going back or forward in the browser."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and context.is_history_navigation


def is_serving() -> bool:
    """Whether a Streamlit server runs in this process."""
    return runtime.exists()


def is_connected(session: str) -> bool:
    """Whether a visitor's browser is connected. Raises RuntimeError where no server runs."""
    return runtime.get_instance().is_active_session(session)


def release_uploads(files: Iterable[UploadedFile]) -> None:
    """Let go of what uploaded files hold in memory, which Streamlit keeps until their visitor has gone."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None:
        manager: Any = context.uploaded_file_mgr
        for file in files:
            manager.remove_file(context.session_id, file.file_id)


def expect_no_visitor() -> None:
    """Silence the warning that a cached function is called from a thread without a visitor: some are, for the next."""
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)


def configure(options: Mapping[str, Any]) -> None:
    """Settings of a server in this process, over those of the file beside the script, as `streamlit run` has them.

    Called once there is a `st.App`, which says where the script lies.
    """
    from streamlit.web import bootstrap

    bootstrap.load_config_options(dict(options))


def stay_offline() -> None:
    """Have Streamlit ask nobody on the internet for this machine's address when a page of another origin connects."""
    net_util.get_external_ip = lambda: None


def forget_server() -> None:
    """After a server has ended: let another one start in this process."""
    runtime.Runtime._instance = None
