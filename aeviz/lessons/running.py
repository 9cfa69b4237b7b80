"""Whether a browser can run a model, told before a file is made of it."""

from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from aeviz.latent.explorer import Explorer
from aeviz.model.autoencoder import Autoencoder
from aeviz.parts.networks import BODIES, MAX_BYTES, MAX_PRODUCTS

TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d)
COUNTED = (nn.Linear, nn.Conv1d, nn.Conv2d, *TRANSPOSED)


def why_not(explorer: Explorer) -> str:
    """Why a browser cannot run a model, as a sentence; "" where it can."""
    model, words = explorer.model, explorer.modality.words
    if not explorer.modality.pixels:
        return f"A browser draws no {words.plural} by itself."
    if explorer.classes:
        return "It is conditional: it asks for a class with each code."
    if not isinstance(model, Autoencoder):
        return "It is no network that could be put into a file."
    try:
        config, tensors = model.portable()
    except ValueError as error:
        return str(error)
    if config.get("body") not in BODIES:
        return f"The browser knows no body {config.get('body')}."
    if 2 * sum(value.numel() for value in tensors.values()) > MAX_BYTES:
        return "It is too large for a file."
    if products(model) > MAX_PRODUCTS:
        return "It is too large to follow a hand in a browser."
    return ""


def products(model: Autoencoder) -> int:
    """How many products a decode takes in the layers that have weights: each weight, as often as it is used.

    Counted while the model decodes; torch's own counter loads its compiler first, which takes seconds.
    """
    counts: list[int] = []

    def count(layer: Any, given: tuple[Tensor, ...], output: Tensor) -> None:
        places = given[0].shape[2:] if isinstance(layer, TRANSPOSED) else output.shape[2:]
        if isinstance(layer, nn.Linear):
            places = output.shape[1:-1]
        counts.append(layer.weight.numel() * prod(places))

    handles = [layer.register_forward_hook(count) for layer in model.modules() if isinstance(layer, COUNTED)]
    try:
        with torch.inference_mode():
            model.decode(torch.zeros(1, model.config.latent_dim))
    finally:
        for handle in handles:
            handle.remove()
    return sum(counts)
