"""The curve pad in Streamlit."""

from typing import Any

from aeviz.parts.curve_pad import Axes, Sketch, payload, received
from aeviz.parts.hosts import streamlit as host


def committed(shape: tuple[int, int], *, key: str) -> Sketch:
    """What is sketched on the pad of a key, known before it is shown. shape: (C, T) of the curves."""
    return received(host.sent(key, "sketch"), shape)


def curve_pad(shape: tuple[int, int], axes: Axes, *, key: str, **looks: Any) -> Sketch:
    """Show a pad and return what is sketched on it; the script reruns when the hand rests.

    shape, axes, looks: as `payload` has them.
    """
    sketch = committed(shape, key=key)
    host.mount("curve_pad", key=key, data=payload(shape, axes, sketch, **looks), sketch=None)
    return sketch
