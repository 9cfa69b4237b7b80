"""Where a notebook's browser reaches a port of this machine: Colab, JupyterHub, SageMaker, code-server and their like.

Each finder of `FINDERS` looks at what its host leaves in the environment, and asks nobody outside this machine.
"""

import getpass
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

PACKAGE = "jupyter-server-proxy"
TIMEOUT_S = 10  # that a notebook's page, or its server on this machine, has to answer
METADATA = Path("/opt/ml/metadata/resource-metadata.json")  # of SageMaker
# Where the notebook's server stands, by the type of app that SageMaker names.
SAGEMAKER = {"JupyterLab": "/jupyterlab/default/", "JupyterServer": "/jupyter/default/"}
HEALTH = "_stcore/health"
COLAB = "COLAB_RELEASE_TAG"  # set on its machines, for commands too


@dataclass(frozen=True)
class Proxy:
    """A proxy that leads to the app.

    url: what a browser opens, ending in "/"; a path where it lies on the notebook's own host, whose name is not known
    here. framed_elsewhere: whether its pages stand in a frame of another site's page. doubt: a sentence where it is
    not known to be there. server, token: of the notebook's server on this machine, which can be asked.
    """

    url: str
    framed_elsewhere: bool = False
    doubt: str = ""
    server: str = ""
    token: str = ""

    @property
    def origin(self) -> str:
        """Scheme and host; "" where they are the notebook's own."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of Streamlit that let pages from there in, and files that are uploaded on them."""
        if not self.origin:
            return {}  # such proxies hand on the host that the browser asked, which is then the page's own
        framed = {"server.xsrfCookieSameSite": "none"} if self.framed_elsewhere else {}
        return {"server.corsAllowedOrigins": [self.origin], **framed}

    def answers(self) -> bool:
        """Whether the app, which runs, is reached through the notebook's server; True where that cannot be asked."""
        if not self.server:
            return True
        asked = urllib.request.Request(urljoin(self.server, HEALTH), headers={"Authorization": f"token {self.token}"})
        try:
            with urllib.request.urlopen(asked, timeout=TIMEOUT_S) as answer:
                if answer.read(3) == b"ok":
                    return True
        except urllib.error.HTTPError as error:
            with error:  # it holds a socket
                if error.code == 404:
                    return False
        except OSError:
            pass
        return has_package()  # a password is asked for, or its certificate is its own


def find(port: int) -> Proxy | None:
    """The proxy between a browser and a port of this machine; None where the browser is not known to need one."""
    return next((proxy for finder in FINDERS if (proxy := finder(port)) is not None), None)


def _colab(port: int) -> Proxy | None:
    """Google's Colab: its page says by which address it leads to a port."""
    if "google.colab" not in sys.modules:
        return None
    script = f"google.colab.kernel.proxyPort({port})"
    try:
        url = import_module("google.colab.output").eval_js(script, timeout_sec=TIMEOUT_S)
    except Exception:  # no page listens, for one
        return None
    return Proxy(f"{str(url).rstrip('/')}/", framed_elsewhere=True)


def _codespaces(port: int) -> Proxy | None:
    """GitHub's Codespaces: each port has a host of its own."""
    name, domain = os.environ.get("CODESPACE_NAME"), os.environ.get("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN")
    return Proxy(f"https://{name}-{port}.{domain}/", framed_elsewhere=True) if name and domain else None


def _code_server(port: int) -> Proxy | None:
    """code-server and what is built on it name the way to a port in VSCODE_PROXY_URI."""
    pattern = os.environ.get("VSCODE_PROXY_URI", "")
    url = pattern.replace("{{port}}", str(port))
    # "{{host}}" and a path from where the editor stands can be filled in by its page alone.
    known = "{{port}}" in pattern and "{{" not in url and url.startswith(("http://", "https://", "/"))
    return Proxy(f"{url.rstrip('/')}/") if known else None


def _hub(port: int) -> Proxy | None:
    """JupyterHub and Binder: a server for each user, with jupyter-server-proxy in it."""
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX")
    if not prefix:
        return None
    base = os.environ.get("JUPYTERHUB_PUBLIC_URL") or prefix
    return Proxy(_below(base, port), doubt=_doubt())


def _sagemaker(port: int) -> Proxy | None:
    """Amazon's SageMaker Studio, where jupyter-server-proxy is installed."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        base = SAGEMAKER.get(json.loads(METADATA.read_text(encoding="utf-8"))["AppType"])
        return Proxy(_below(base, port)) if base else None
    return None


def _jupyter(port: int) -> Proxy | None:
    """A Jupyter server that started this kernel or terminal: it leaves its address in a file of the user's."""
    server = _jupyter_server()
    if server is None:
        return None
    token = str(server.get("token") or "")
    return Proxy(_below(str(server["base_url"]), port), server=_below(str(server["url"]), port), token=token)


FINDERS: tuple[Callable[[int], Proxy | None], ...] = (_colab, _codespaces, _code_server, _hub, _sagemaker, _jupyter)


def _below(base: str, port: int) -> str:
    """Where jupyter-server-proxy leads to a port, below a server's base."""
    return f"{base.rstrip('/')}/proxy/{port}/"


def _jupyter_server() -> Mapping[str, Any] | None:
    """What a Jupyter server tells of itself: a kernel and what it starts know its process, a terminal its URL."""
    parent, url = os.environ.get("JPY_PARENT_PID"), os.environ.get("JUPYTER_SERVER_URL")
    if not parent and not url:
        return None
    with suppress(ImportError):
        folder = Path(import_module("jupyter_core.paths").jupyter_runtime_dir())
        for file in [folder / f"jpserver-{parent}.json"] if parent else sorted(folder.glob("jpserver-*.json")):
            with suppress(OSError, ValueError, TypeError, KeyError):
                server: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
                if server["base_url"] and server["url"] and (parent or server["url"] == url):
                    return server
    return None


def has_package() -> bool:
    """Whether jupyter-server-proxy is installed beside aeviz, as it is where kernel and server share an environment."""
    return find_spec("jupyter_server_proxy") is not None


def _doubt() -> str:
    return "" if has_package() else f"It leads there if the notebook's server has {PACKAGE}."


def sentence(url: str, port: int, proxy: Proxy | None, ending: str = "") -> str:
    """Where the app is, and what else somebody may have to do to get there.

    url: on this machine. proxy: that leads there, if any. ending: of the sentence, in brackets.
    """
    address = proxy.url if proxy else url
    place = "" if "://" in address else " on the host of this notebook"
    return f"aeviz: {address}{place}{ending} {remark(port, proxy)}".rstrip()


def remark(port: int, proxy: Proxy | None) -> str:
    """What somebody may have to do to get to the app, in a sentence; "" for nothing."""
    if proxy is None and COLAB in os.environ and "google.colab" not in sys.modules:
        return "In Colab, a cell that calls aeviz.explore has the link: its page alone knows how to get here."
    return proxy.doubt if proxy else tunnel(port)


def tunnel(port: int) -> str:
    """How a browser on another machine gets to a port here, in a sentence; "" where nothing says that it has to.

    VS Code forwards ports by itself.
    """
    remote = os.environ.get("SSH_CONNECTION", "").split()
    in_notebook = "ipykernel" in sys.modules
    if (not remote and not in_notebook) or any(name.startswith("VSCODE_") for name in os.environ):
        return ""
    host, through = (remote[2], remote[3]) if len(remote) == 4 else ("HOST", "22")
    option = "" if through == "22" else f"-p {through} "
    way = f"`ssh {option}-L {port}:localhost:{port} {_user()}{host}` there first"
    return f"If the browser is on another machine: {way}" + (
        f", or install {PACKAGE} beside the notebook's server." if in_notebook else "."
    )


def _user() -> str:
    try:
        return f"{getpass.getuser()}@"
    except (OSError, KeyError, ImportError):  # a number without a name, as in some containers
        return ""
