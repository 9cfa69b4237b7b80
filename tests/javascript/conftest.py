"""The arithmetic of the live parts in Node: all of it takes a second, where a page for each case took minutes."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright._impl._driver import compute_driver_executable

from aeviz.parts import files
from aeviz.parts.sheets import pack

RUNNER = Path(__file__).with_name("runner.mjs")


class Node:
    """A Node process that calls functions of ES modules. Playwright brings the program along."""

    def __init__(self) -> None:
        program, _ = compute_driver_executable()
        self._process = subprocess.Popen(
            [program, str(RUNNER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )

    def ask(self, **question: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(question, allow_nan=False) + "\n")
        self._process.stdin.flush()
        reply = json.loads(self._process.stdout.readline(), object_hook=_number)
        assert "error" not in reply, reply["error"]
        return reply["value"]

    def stop(self) -> None:
        with self._process:  # closes its input, at whose end it ends
            pass


class Module:
    """An ES module in Node."""

    def __init__(self, node: Node, path: Path) -> None:
        self._node, self._url = node, path.as_uri()

    def call(self, name: str, *arguments: Any) -> Any:
        """Result of the exported function; numpy arrays go in as typed arrays, typed arrays come out as lists."""
        return self._node.ask(module=self._url, name=name, values=_sendable(arguments))

    def evaluate(self, function: str, *arguments: Any) -> Any:
        """Result of `(module, ...arguments) => …`, for several calls at once."""
        return self._node.ask(module=self._url, source=function, values=_sendable(arguments))


def _number(found: dict[str, Any]) -> Any:
    return float(found["__number__"]) if "__number__" in found else found


def _sendable(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {"__array__": pack(value)}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {key: _sendable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_sendable(item) for item in value]
    return value


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    running = Node()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def module_at(node: Node) -> Callable[[Path], Module]:
    """The ES module of a file."""
    return lambda path: Module(node, path)


@pytest.fixture(scope="session")
def js_module(node: Node, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Module]:
    """`js_module("latent_map").call("nearest", …)`: what the modules of a folder of aeviz/parts export, in Node."""
    folder = tmp_path_factory.mktemp("modules")

    def load(name: str) -> Module:
        path = folder / f"{name.replace('/', '-')}.mjs"
        if not path.exists():
            modules = sorted((files.FOLDER / name).glob("*.js"))
            path.write_text("".join(f'export * from "{module.as_uri()}";\n' for module in modules), encoding="utf-8")
        return Module(node, path)

    return load


@pytest.fixture(scope="session")
def engine(module_at: Callable[[Path], Module]) -> Module:
    """The engine that runs models in the browser."""
    return module_at(files.FOLDER / "js" / "engine" / "engine.js")
