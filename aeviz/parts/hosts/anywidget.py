"""Notebooks as the host of parts, through anywidget: a part with its traits is a widget."""

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import uuid4

import anywidget
import numpy as np
import traitlets
from numpy.typing import NDArray

from aeviz.parts import files
from aeviz.parts.hosts.theme import FONT, light_and_dark

HOST = "anywidget"


class Numbers(traitlets.TraitType[tuple[float, ...], Any]):
    """A row of numbers, (d,): any array that holds one, kept as a tuple, so that what is equal changes nothing."""

    info_text = "a row of numbers"

    def validate(self, obj: Any, value: Any) -> tuple[float, ...]:
        """The numbers as a tuple. Raises TraitError for another shape, and for what is no finite number."""
        try:
            numbers = np.asarray(_plain(value), np.float64)
        except (TypeError, ValueError):
            self.error(obj, value)
        if numbers.ndim != 1 or not np.isfinite(numbers).all():
            raise traitlets.TraitError(f"{self.name} must be a row of finite numbers (d,), not {numbers.shape}.")
        return tuple(numbers.tolist())


class Array(traitlets.TraitType[NDArray[np.float32] | None, Any]):
    """An array of float32 of any shape, or None; it travels as bytes."""

    info_text = "an array of numbers"

    def __init__(self) -> None:
        super().__init__(default_value=None, allow_none=True)
        self.tag(sync=True, to_json=_to_bytes, from_json=_from_bytes)

    def validate(self, obj: Any, value: Any) -> NDArray[np.float32]:
        """The array. Raises TraitError for what is none."""
        try:
            array = np.ascontiguousarray(_plain(value), np.float32)
        except (TypeError, ValueError):
            self.error(obj, value)
        array.setflags(write=False)
        return array

    def set(self, obj: Any, value: Any) -> None:
        """Take an array over where it differs from the one before."""
        before = obj._trait_values.get(self.name)
        if value is not None and before is not None and np.array_equal(before, np.asarray(_plain(value), np.float32)):
            return
        super().set(obj, value)


class Widget(anywidget.AnyWidget):
    """A part in a notebook. A subclass names it by `_esm = module(name)`, and has a trait for each value of its own.

    data: what its `payload` makes. facts: what the tab needs to answer by itself. networks: models that the tab runs,
    as the part `networks` takes them, by digest. atlas: pictures, as `picture_atlas` takes them. asked: the part's last
    message that the kernel has to answer, {"name", "value", "number"}. key: the widget's name among those that are
    linked; told: names of the values that it tells others; linked: what it hears of them, {"key", "name", "to"} each.
    """

    data = traitlets.Dict().tag(sync=True)
    facts = traitlets.Dict().tag(sync=True)
    networks = traitlets.Dict().tag(sync=True)
    atlas = traitlets.Bytes().tag(sync=True)
    asked = traitlets.Dict().tag(sync=True)
    key = traitlets.Unicode().tag(sync=True)
    told = traitlets.List(traitlets.Unicode()).tag(sync=True)
    linked = traitlets.List(traitlets.Dict()).tag(sync=True)

    def __init__(self, **values: Any) -> None:
        super().__init__(key=uuid4().hex, **values)
        self.observe(self._answer, "asked")

    def answer(self, name: str, value: Any) -> None:
        """Answer a message of the part."""

    def _answer(self, change: Mapping[str, Any]) -> None:
        self.answer(change["new"]["name"], change["new"]["value"])


@cache
def module(name: str) -> str:
    """A part as the text of the ES module that anywidget takes."""
    light, dark = light_and_dark()
    theme = f":host {{ {light} --font: {FONT}; }}\n:host([data-dark]) {{ {dark} color-scheme: dark; }}\n"
    texts = {"markup": files.markup(name), "styles": theme + files.styles(name, HOST)}
    entry = files.FOLDER / "hosts" / f"{name} in {HOST}.js"
    return files.link(
        entry,
        f'import {{ widget }} from "./{HOST}.js";\n'
        f'import {{ mount }} from "../{name}/{name}.js";\n'
        f'import {{ face }} from "../{name}/notebook.js";\n'
        f"export default widget(mount, {json.dumps(texts)}, face);",
    )


def binary(value: Any) -> Any:
    """What a `payload` makes, its arrays as bytes in place of base64: widgets send these as they are."""
    if isinstance(value, Mapping):
        if value.keys() == {"dtype", "shape", "bytes"}:
            return {**value, "bytes": base64.b64decode(value["bytes"])}
        return {key: binary(inner) for key, inner in value.items()}
    return [binary(inner) for inner in value] if isinstance(value, list | tuple) else value


def _plain(value: Any) -> Any:
    """A tensor, wherever it is, as an array; what is none as it is."""
    return value.detach().cpu().numpy() if hasattr(value, "detach") else value


def _to_bytes(value: NDArray[np.float32] | None, widget: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    return {"dtype": "float32", "shape": list(value.shape), "bytes": memoryview(value.tobytes())}


def _from_bytes(value: Mapping[str, Any] | None, widget: Any) -> NDArray[np.float32] | None:
    if value is None:
        return None
    return np.frombuffer(value["bytes"], np.float32).reshape(value["shape"])
