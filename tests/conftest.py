"""What all tests share: reproducible Hypothesis in CI, browser tests last, `gpu` tests only where there is one."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
import servers
from hypothesis import settings

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

BROWSER_TESTS = Path(__file__).parent / "browser"
# Servers that live as long as the tests, all their processes included: the first that needs one starts it, and the
# process that has started the others ends it.
SERVERS = pytest.StashKey[Path]()
FORGET = {"fresh_caches", "small_models", "fewer_models"}  # fixtures after which others must compute anew


def pytest_configure(config: pytest.Config) -> None:
    given = getattr(config, "workerinput", None)
    config.stash[SERVERS] = Path(given["servers"] if given else tempfile.mkdtemp(prefix="aeviz-servers-"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["servers"] = str(node.config.stash[SERVERS])


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        servers.end(config.stash[SERVERS])
        shutil.rmtree(config.stash[SERVERS])


@pytest.fixture(scope="session")
def servers_folder(request: pytest.FixtureRequest) -> Path:
    """Where the servers that live as long as the tests keep their outputs and their numbers."""
    return request.config.stash[SERVERS]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(BROWSER_TESTS):
            item.add_marker(pytest.mark.browser)
    # What forgets all that is kept comes after those who need it. What drives a browser comes last: it is slow, and
    # Playwright keeps an event loop running in the main thread.
    items.sort(key=lambda item: (item.get_closest_marker("browser") is not None, forgets(item)))


def forgets(item: pytest.Item) -> bool:
    return not FORGET.isdisjoint(getattr(item, "fixturenames", ()))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("gpu"):
        import torch

        if not torch.cuda.is_available():
            pytest.skip("needs a CUDA device")
