"""Models for the browser: the decoder and the encoder of a page, run where the hand is.

    from aeviz.model.portable import portable
    from aeviz.parts.networks import Tab
    from aeviz.parts.networks.streamlit import network

    model = portable(aeviz.load("mnist-vae"))
    network(model.digest, model.config, model.weights)
    tab = Tab(model.digest, shape=(1, 28, 28), low=0, high=1)
    latent_sliders(rows, None, None, None, tab=tab.plane(code, axes), key="knobs")

A model stays in the browser when the page changes; the `MAX_KEPT` used last are kept. Parts find it by its digest, and
fall back on pictures of the server where the browser cannot run it.
"""

import json
import struct
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aeviz.parts import files
from aeviz.parts.sheets import pack

MAX_KEPT = 4  # models ready in a tab; networks.js keeps as many
MAX_BYTES = 8_000_000  # of weights that are sent to a tab
MAX_PRODUCTS = 12_000_000  # of a decode that follows a hand; networks.js refuses more
BODIES = ("dense", "layers", "conv", "conv1d", "lstm", "transformer", "lstm-writer")  # that bodies.js knows


@dataclass(frozen=True)
class Tab:
    """A model of pictures that a tab runs, as the parts are told of it.

    digest: by which they find it. shape: (1 or 3, h, w) of what it decodes. low, high: the values of black and white.
    smooth: whether a picture is smoothed where it is shown larger.
    """

    digest: str
    shape: tuple[int, ...]
    low: float
    high: float
    smooth: bool = False

    def plane(self, code: NDArray[np.float32], axes: NDArray[np.float32]) -> dict[str, Any]:
        """What a part needs to decode all codes code + offsets @ axes: code (d,), axes (k, d). Raises ValueError."""
        if axes.ndim != 2 or code.shape != axes.shape[1:]:
            raise ValueError(f"axes {axes.shape} do not move a code {code.shape}")
        numbers = {"code": pack(code.astype(np.float32)), "axes": pack(axes.astype(np.float32))}
        return {"digest": self.digest, "tile": self.tile, **numbers}

    @property
    def tile(self) -> dict[str, Any]:
        """The pictures that it decodes, for the parts."""
        channels, height, width = self.shape
        sizes = {"channels": channels, "height": height, "width": width}
        return {**sizes, "low": self.low, "high": self.high, "smooth": self.smooth}


def payload(digest: str, config: dict[str, Any], weights: bytes | None) -> bytes:
    """A model as one text of bytes.

    Args:
        digest: what the parts call it.
        config: as `aeviz.model.portable` has it.
        weights: a safetensors file; None where the browser has the model already.

    Returns:
        The length of the JSON as a little-endian 32-bit number, {"digest", "config", "worker"} as JSON, the weights.
        Streamlit passes bytes on untouched only where they are all.

    """
    facts = {"digest": digest} if weights is None else {"digest": digest, "config": config, "worker": worker()}
    header = json.dumps(facts).encode()
    return struct.pack("<I", len(header)) + header + (weights or b"")


@cache
def worker() -> str:
    """The text of the worker that runs long work, which the browser starts from a Blob."""
    return files.link(files.FOLDER / "js" / "engine" / "worker.js")
