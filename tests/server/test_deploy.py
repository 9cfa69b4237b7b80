"""`deploy/`: several replicas behind nginx, one of which dies; and files that agree with the app's settings."""

import re
import sys
import tomllib
import urllib.request
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from servers import free_port
from waiting import TIMEOUT_S

import nginx
from aeviz.parts.hosts.streamlit import module_of

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SESSIONS = 30


def configured(folder: Path, port: int, replicas: list[int]) -> Path:
    """The shipped nginx.conf for replicas on this machine."""
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    servers = re.findall(r"^ *server app\d:8501 (.*);\n", text, re.MULTILINE)
    assert len(servers) == 3
    text = re.sub(r"(^ *server app\d:8501 .*;\n)+", "@", text, flags=re.MULTILINE)
    text = text.replace("@", "".join(f"server 127.0.0.1:{replica} {servers[0]};\n" for replica in replicas))
    for found, wanted in (("listen 8080", f"listen 127.0.0.1:{port}"), ("/tmp/nginx.pid", str(folder / "nginx.pid"))):
        assert text.count(found) == 1
        text = text.replace(found, wanted)
    # Tells the test which replica answered.
    text = text.replace(
        "proxy_pass http://aeviz;", "proxy_pass http://aeviz; add_header X-Replica $upstream_addr always;"
    )
    path = folder / "nginx.conf"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.long
def test_thirty_sessions_on_two_replicas_and_one_dies(
    start: Callable[..., Any], visit: Callable[..., Any], tmp_path: Path
) -> None:
    program = nginx.find()
    if program is None:
        pytest.skip("needs nginx: apt install nginx-light, or python tools/nginx.py as root")
    ports = [free_port(), free_port()]
    secret = {"STREAMLIT_SERVER_COOKIE_SECRET": "the same for all", "OMP_NUM_THREADS": "1"}
    replicas = {
        port: start(
            sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port),
            "--server.address", "127.0.0.1", **secret,
        )
        for port in ports
    }  # fmt: skip
    front = free_port()
    url = f"http://127.0.0.1:{front}"
    for port, replica in replicas.items():
        replica.wait(f"http://127.0.0.1:{port}")
    gate = start(program, "-c", str(configured(tmp_path, front, ports)), "-p", str(tmp_path), "-g", "daemon off;")
    gate.wait(url)

    def arrive(number: int) -> Any:
        visitor = visit(url)
        assert "aeviz_replica=" in visitor.cookies
        seen = str(visitor.look("about"))
        assert "Fashion-MNIST" in seen
        return visitor

    with ThreadPoolExecutor(6) as crowd:
        visitors = list(crowd.map(arrive, range(SESSIONS)))
    places = [where(visitor) for visitor in visitors]
    spread = Counter(places)
    assert set(spread) == set(ports)
    assert min(spread.values()) >= 4, spread

    headers = {"Accept-Encoding": "gzip", "Cookie": visitors[0].cookies}
    script = urllib.request.Request(f"{url}/static/js/{module_of('PlotlyChart')}", headers=headers)
    with urllib.request.urlopen(script, timeout=TIMEOUT_S) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(answer.read()) < 2_000_000

    dead = ports[1]
    replicas[dead].kill()
    for visitor, place in zip(visitors, places, strict=True):
        if place != dead:
            assert "Fashion-MNIST" in str(visitor.look("about")), "the same connection goes on"
            assert where(visitor) == place
    for visitor, place in zip(visitors, places, strict=True):
        if place == dead:
            with pytest.raises(Exception, match=r"close|receive|reset|EOF"):
                visitor.look("about")
            visitor.connect()  # as a browser does by itself
            assert "Fashion-MNIST" in str(visitor.look("about"))


def where(visitor: Any) -> int:
    """The replica that a visitor's cookie leads to."""
    asked = urllib.request.Request(f"{visitor.url}/_stcore/health", headers={"Cookie": visitor.cookies})
    with urllib.request.urlopen(asked, timeout=TIMEOUT_S) as answer:
        assert not [cookie for cookie in answer.headers.get_all("Set-Cookie") or [] if "aeviz_replica" in cookie]
        return int(answer.headers["X-Replica"].split(",")[-1].rpartition(":")[2])


def test_nginx_lets_through_what_the_app_takes() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    limit = re.search(r"client_max_body_size (\d+)m;", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
    assert limit is not None
    assert int(limit[1]) == settings["server"]["maxUploadSize"] + 1


def test_compose_and_nginx_name_the_same_replicas() -> None:
    services = re.findall(r"^  (app\d):$", (DEPLOY / "compose.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    servers = re.findall(r"server (app\d):8501", (DEPLOY / "nginx.conf").read_text(encoding="utf-8"))
    assert services == servers
    assert len(services) > 1


def test_the_image_runs_as_an_ordinary_user_and_copies_what_exists() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert lines.index("USER aeviz") < next(i for i, line in enumerate(lines) if line.startswith("CMD"))
    copied = [name for line in lines if line.startswith("COPY ") for name in line.split()[1:-1]]
    assert {"app.py", "aeviz", "models", "constraints.txt"} <= set(copied)
    for name in copied:
        assert (ROOT / name).exists(), name
    kept = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8")
    for name in copied:
        assert f"!{name}" in kept, name
