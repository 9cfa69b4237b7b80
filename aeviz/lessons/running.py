"""Whether a browser can run a model, told before a file is made of it."""

import torch
from torch.utils.flop_counter import FlopCounterMode

from aeviz.latent.explorer import Explorer
from aeviz.model.autoencoder import Autoencoder
from aeviz.parts.networks import BODIES, MAX_BYTES, MAX_PRODUCTS


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
    if _products(explorer) > MAX_PRODUCTS:
        return "It is too large to follow a hand in a browser."
    return ""


def _products(explorer: Explorer) -> int:
    """How many products a decode takes."""
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        explorer.model.decode(torch.zeros(1, explorer.latent_dim))
    return int(counter.get_total_flops() // 2)
