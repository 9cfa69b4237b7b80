"""A model as the browser gets it: `aeviz/parts/js/engine` encodes and decodes with it as torch does."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Literal

import torch
from safetensors.torch import save
from torch import Tensor

from aeviz.model.autoencoder import Autoencoder


@dataclass(frozen=True)
class Portable:
    """A model's config as JSON takes it, its weights as a safetensors file, and the SHA-256 of both."""

    config: dict[str, Any]
    weights: bytes
    digest: str


Half = Literal["", "encoder", "decoder"]
ENCODER, DECODER = ("encoder.", "head."), ("decoder.",)  # beginnings of the weights' names; engine.js has the same


def portable(model: object, half: Half = "") -> Portable:
    """A model for the browser. Raises ValueError for one that cannot run there, such as callables of a person's own.

    Weights are written in half precision where that loses nothing, as in the shipped checkpoints.

    half: the encoder alone, or the decoder; "" for both.
    """
    if not isinstance(model, Autoencoder):
        raise ValueError(f"{type(model).__name__} is no network that could be sent to a browser.")
    config, tensors = model.portable()
    if half:
        absent = DECODER if half == "encoder" else ENCODER
        config = {**config, "half": half}
        tensors = {name: value for name, value in tensors.items() if not name.startswith(absent)}
    weights = save({name: _compact(value.detach().cpu().float()) for name, value in tensors.items()})
    text = json.dumps(config, sort_keys=True).encode()
    return Portable(config, weights, hashlib.sha256(text + b"\0" + weights).hexdigest())


def _compact(value: Tensor) -> Tensor:
    half = value.half()
    return half.contiguous() if torch.equal(half.float(), value) else value.contiguous()
