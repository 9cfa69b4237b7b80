"""The app behind a proxy that gives it a path of its own, as notebooks' hosts and many servers do."""

import io
import re
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from browsing import content, rest
from playwright.sync_api import FilePayload, Page, Response, expect
from servers import Process, free_port

import nginx
from aeviz.app.navigation import DEFAULT, ENTRIES

pytestmark = pytest.mark.long
TESTS = Path(__file__).parents[1]
DOCS = TESTS.parent / "docs" / "proxies.md"


def behind_nginx(app: int, port: int, folder: Path) -> tuple[list[str], str]:
    """nginx with the lines of the docs."""
    program = nginx.find()
    if program is None:
        pytest.skip("needs nginx: apt install nginx-light, or python tools/nginx.py as root")
    lines = re.findall(r"```nginx\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)[0]
    assert lines.count("127.0.0.1:8501") == 1
    (folder / "nginx.conf").write_text(
        f"pid {folder}/nginx.pid; error_log /dev/stderr warn; events {{}} http {{ access_log off; "
        f"client_body_temp_path {folder}/body; server {{ listen 127.0.0.1:{port};\n"
        f"{lines.replace('127.0.0.1:8501', f'127.0.0.1:{app}')} }} }}"
    )
    return [program, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-g", "daemon off;"], "/aeviz"


def behind_a_proxy_that_strips(app: int, port: int, folder: Path) -> tuple[list[str], str]:
    prefix = f"/user/anna/proxy/{app}"
    return [sys.executable, str(TESTS / "stripping_proxy.py"), str(port), prefix, str(app)], prefix


def behind_jupyter(app: int, port: int, folder: Path) -> tuple[list[str], str]:
    """The real one."""
    if find_spec("jupyter_server_proxy") is None:
        pytest.skip('needs jupyter-server-proxy: pip install -e ".[notebooks]"')
    options = ("--allow-root", "--no-browser", f"--ServerApp.port={port}", "--ServerApp.base_url=/user/anna/")
    own = (f"--ServerApp.root_dir={folder}", "--IdentityProvider.token=", "--ServerApp.ip=127.0.0.1")
    return [sys.executable, "-m", "jupyter_server", *options, *own], f"/user/anna/proxy/{app}"


def arrays() -> FilePayload:
    """Forty pictures with labels, as a file to upload."""
    buffer = io.BytesIO()
    np.savez(buffer, x=np.random.default_rng(0).random((40, 28, 28)), y=np.arange(40) % 2)
    return {"name": "mine.npz", "mimeType": "application/octet-stream", "buffer": buffer.getvalue()}


@pytest.fixture(params=[behind_nginx, behind_a_proxy_that_strips, behind_jupyter])
def front(request: pytest.FixtureRequest, app_url: str, tmp_path: Path) -> Iterator[str]:
    """The app's address behind a proxy, without a slash at its end.

    A test takes it before `page`, which is closed first then: a page that lives on asks a proxy that is gone.
    """
    port = free_port()
    app = urlsplit(app_url).port
    command, prefix = request.param(app, port, tmp_path)
    proxy = Process(command, tmp_path / "proxy.log")
    proxy.wait(f"http://127.0.0.1:{port}{prefix}")
    yield f"http://127.0.0.1:{port}{prefix}"
    proxy.kill()


def test_every_page_opens_by_its_link_and_files_go_both_ways(
    front: str, page: Page, screenshot: Callable[..., None]
) -> None:
    failed: list[str] = []

    def note(answer: Response) -> None:
        # Streamlit asks at the page's own path first where its server is, and then one step above.
        if answer.status >= 400 and not answer.url.endswith(("_stcore/health", "_stcore/host-config")):
            failed.append(answer.url)

    page.on("response", note)
    for address, entry in ENTRIES.items():
        path = "" if address == DEFAULT else address
        page.goto(f"{front}/{path}?left=mnist-ae")
        expect(page.locator(".aeviz-title")).to_be_visible()
        expect(page).to_have_title(f"{entry.title} · aeviz")
        assert urlsplit(page.url).path == f"{urlsplit(front).path}/{path}"
    assert failed == []

    # What is kept on the way from page to page, and a link of before.
    page.goto(f"{front}/thinks")
    page.wait_for_url(f"{front}/how-a-vae-thinks*")
    rest(page)
    content(page).get_by_role("link", name="Map", exact=True).first.click()
    page.wait_for_url(f"{front}/map*")
    page.go_back()
    page.wait_for_url(f"{front}/how-a-vae-thinks*")
    page.reload()
    rest(page)
    expect(page).to_have_title("How a VAE thinks · aeviz")
    content(page).get_by_role("button", name="Share").click()
    expect(page.get_by_test_id("stPopoverBody").get_by_test_id("stCode")).to_contain_text(f"{front}/how-a-vae-thinks")

    page.goto(f"{front}/interpolate")
    rest(page)
    with page.expect_download() as download:
        content(page).get_by_role("button", name="NPZ").first.click()
    with np.load(download.value.path()) as file:
        assert file.files

    page.goto(f"{front}/your-own")
    rest(page)
    content(page).get_by_role("radio", name="Data", exact=True).click()
    rest(page)
    page.locator("input[type=file]").first.set_input_files(arrays())
    content(page).get_by_role("button", name="Load", exact=True).click()
    expect(content(page).get_by_text("items are loaded")).to_be_visible()
    screenshot("prefix")


@pytest.mark.parametrize("front", [behind_a_proxy_that_strips], indirect=True)
def test_in_a_frame_of_a_notebook_files_are_uploaded_too(
    front: str, page: Page, screenshot: Callable[..., None]
) -> None:
    page.goto(front.partition("/user/")[0])
    expect(page.frame_locator("iframe").locator(".aeviz-title")).to_be_visible()
    frame = page.frames[-1]
    frame.goto(f"{front}/your-own")
    rest(frame)
    content(frame).get_by_role("radio", name="Data", exact=True).click()
    rest(frame)
    frame.locator("input[type=file]").first.set_input_files(arrays())
    content(frame).get_by_role("button", name="Load", exact=True).click()
    expect(content(frame).get_by_text("items are loaded")).to_be_visible()
    screenshot("frame")
