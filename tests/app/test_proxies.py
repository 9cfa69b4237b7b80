"""Where a notebook's browser reaches the app: what each host leaves in the environment, and what is made of it."""

import json
import os
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from aeviz.app import proxies
from aeviz.app.proxies import Proxy

HOSTS = ("CODESPACE", "COLAB_", "GITHUB_CODESPACES", "JPY_", "JUPYTER", "SSH_", "VSCODE_")


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine on which none of the hosts has left anything."""
    for name in [name for name in os.environ if name.startswith(HOSTS)]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(proxies, "METADATA", tmp_path / "metadata.json")
    monkeypatch.setattr(proxies, "has_package", lambda: True)
    for module in ("google.colab", "ipykernel"):
        monkeypatch.delitem(sys.modules, module, raising=False)


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook's process."""
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))


def colab(monkeypatch: pytest.MonkeyPatch, answer: object) -> list[str]:
    asked: list[str] = []

    def eval_js(script: str, timeout_sec: float) -> object:
        asked.append(script)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    monkeypatch.setitem(sys.modules, "google.colab.output", SimpleNamespace(eval_js=eval_js))
    return asked


def jupyter(monkeypatch: pytest.MonkeyPatch, folder: Path, **server: str) -> None:
    """A Jupyter server of this user that started this process."""
    paths = SimpleNamespace(jupyter_runtime_dir=lambda: str(folder))
    monkeypatch.setitem(sys.modules, "jupyter_core.paths", paths)
    monkeypatch.setenv("JPY_PARENT_PID", "4711")
    (folder / "jpserver-4711.json").write_text(json.dumps(server))


def test_nothing_stands_between_a_script_and_a_browser() -> None:
    assert proxies.find(8501) is None
    assert proxies.tunnel(8501) == ""


def test_the_page_of_colab_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = colab(monkeypatch, "https://8501-m-s-abc.colab.googleusercontent.com")
    found = proxies.find(8501)
    assert found == Proxy("https://8501-m-s-abc.colab.googleusercontent.com/", framed_elsewhere=True)
    assert asked == ["google.colab.kernel.proxyPort(8501)"]
    assert found.settings == {
        "server.corsAllowedOrigins": ["https://8501-m-s-abc.colab.googleusercontent.com"],
        "server.xsrfCookieSameSite": "none",
    }
    colab(monkeypatch, TimeoutError("no page"))
    assert proxies.find(8501) is None


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        (
            {"CODESPACE_NAME": "fuzzy-owl", "GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN": "app.github.dev"},
            "https://fuzzy-owl-8502.app.github.dev/",
        ),
        ({"CODESPACE_NAME": "fuzzy-owl"}, None),
        ({"VSCODE_PROXY_URI": "https://code.example.com/proxy/{{port}}"}, "https://code.example.com/proxy/8502/"),
        ({"VSCODE_PROXY_URI": "https://{{port}}.example.com"}, "https://8502.example.com/"),
        ({"VSCODE_PROXY_URI": "https://{{port}}-{{host}}"}, None),
        ({"VSCODE_PROXY_URI": "./proxy/{{port}}"}, None),
        ({"JUPYTERHUB_SERVICE_PREFIX": "/user/anna/"}, "/user/anna/proxy/8502/"),
        (
            {"JUPYTERHUB_SERVICE_PREFIX": "/user/anna/", "JUPYTERHUB_PUBLIC_URL": "https://hub.example.org/user/anna/"},
            "https://hub.example.org/user/anna/proxy/8502/",
        ),
    ],
)
def test_what_a_host_says_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str | None
) -> None:
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    found = proxies.find(8502)
    assert (found and found.url) == url
    if found and url and url.startswith("/"):
        assert found.settings == {}
        assert found.answers()


def test_a_hub_without_the_proxy_is_told_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proxies, "has_package", lambda: False)
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/anna/")
    found = proxies.find(8501)
    assert found is not None
    assert "jupyter-server-proxy" in found.doubt


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("JupyterLab", "/jupyterlab/default/proxy/8501/"),
        ("JupyterServer", "/jupyter/default/proxy/8501/"),
        ("KernelGateway", None),
    ],
)
def test_sagemaker_says_which_app_this_is(kind: str, url: str | None) -> None:
    proxies.METADATA.write_text(json.dumps({"AppType": kind, "DomainId": "d-abc"}))
    found = proxies.find(8501)
    assert (found and found.url) == url
    proxies.METADATA.write_text("no JSON")
    assert proxies.find(8501) is None


class Notebook(BaseHTTPRequestHandler):
    """A Jupyter server with the proxy in it, without, or with a password: by its token."""

    def do_GET(self) -> None:
        token = (self.headers["Authorization"] or "").removeprefix("token ")
        found = self.path == "/base/proxy/8501/_stcore/health" and token == "with"
        self.send_response(200 if found else 404 if token == "without" else 403)
        self.end_headers()
        self.wfile.write(b"ok" if found else b"")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Notebook) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}/base/"
        serving.shutdown()


@pytest.mark.usefixtures("kernel")
def test_a_jupyter_server_is_asked_whether_it_leads_to_the_app(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: str
) -> None:
    for token, package, answers in (
        ("with", False, True),
        ("without", True, False),
        ("", True, True),
        ("", False, False),
    ):
        monkeypatch.setattr(proxies, "has_package", lambda package=package: package)
        jupyter(monkeypatch, tmp_path, url=server, base_url="/base/", token=token)
        found = proxies.find(8501)
        assert found is not None
        assert found.url == "/base/proxy/8501/"
        assert found.answers() == answers, (token, package)
    jupyter(monkeypatch, tmp_path, url="http://127.0.0.1:1/base/", base_url="/base/", token="")
    gone = proxies.find(8501)
    assert gone is not None
    assert not gone.answers()


@pytest.mark.parametrize("variable", ["JPY_PARENT_PID", "JUPYTER_SERVER_URL"])
def test_a_command_in_a_cell_or_a_terminal_of_jupyter_finds_its_server(
    variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = "http://127.0.0.1:8888/base/"
    jupyter(monkeypatch, tmp_path, url=url, base_url="/base/", token="")
    if variable == "JUPYTER_SERVER_URL":
        monkeypatch.delenv("JPY_PARENT_PID")
        (tmp_path / "jpserver-1.json").write_text(json.dumps({"url": "http://127.0.0.1:9/", "base_url": "/"}))
        monkeypatch.setenv(variable, url)
    found = proxies.find(8501)
    assert found is not None
    said = proxies.sentence("http://localhost:8501", 8501, found, " (Ctrl+C ends it)")
    assert said == "aeviz: /base/proxy/8501/ on the host of this notebook (Ctrl+C ends it)"


def test_a_command_in_colab_is_told_what_has_the_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(proxies.COLAB, "release-colab_20260101")
    assert "aeviz.explore has the link" in proxies.sentence("http://localhost:8501", 8501, proxies.find(8501))


@pytest.mark.usefixtures("kernel")
def test_a_file_of_jupyter_that_says_nothing_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    jupyter(monkeypatch, tmp_path, url="http://127.0.0.1:1/")
    assert proxies.find(8501) is None
    (tmp_path / "jpserver-4711.json").write_text("[]")
    assert proxies.find(8501) is None


def test_a_tunnel_is_offered_where_a_browser_may_be_elsewhere(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(proxies.getpass, "getuser", lambda: "anna")
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.7 50412 192.0.2.1 22")
    assert "`ssh -L 8501:localhost:8501 anna@192.0.2.1`" in proxies.tunnel(8501)
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.7 50412 192.0.2.1 2222")
    assert "`ssh -p 2222 -L 8501:localhost:8501 anna@192.0.2.1`" in proxies.tunnel(8501)
    monkeypatch.setenv("VSCODE_IPC_HOOK_CLI", "/run/vscode.sock")
    assert proxies.tunnel(8501) == "", "VS Code forwards the port by itself"
    monkeypatch.delenv("VSCODE_IPC_HOOK_CLI")
    monkeypatch.delenv("SSH_CONNECTION")
    request.getfixturevalue("kernel")
    told = proxies.tunnel(8501)
    assert "anna@HOST" in told
    assert "jupyter-server-proxy" in told
