"""Networks in which every place attends to every other (Vaswani et al. 2017), for texts and series."""

import torch
from torch import Tensor, nn

from aeviz.model.bodies.dense import DenseEncoder
from aeviz.model.config import Config
from aeviz.types import Shape


def attention(width: int, heads: int, layers: int) -> nn.TransformerEncoder:
    """Layers of self-attention over places, normalised first, without dropout."""
    layer = nn.TransformerEncoderLayer(
        width, heads, 4 * width, dropout=0.0, activation=nn.functional.silu, batch_first=True, norm_first=True
    )
    return nn.TransformerEncoder(layer, layers, nn.LayerNorm(width), enable_nested_tensor=False)


class TransformerEncoder(nn.Module):
    """(N, C, T) -> (N, T · width): every place, with a vector of its own added, attends to all others."""

    def __init__(self, shape: Shape, width: int, heads: int, layers: int) -> None:
        super().__init__()
        self.features = shape[1] * width
        self.inputs = nn.Linear(shape[0], width)
        self.places = nn.Parameter(0.1 * torch.randn(shape[1], width))
        self.layers = attention(width, heads, layers)

    def forward(self, x: Tensor) -> Tensor:
        states: Tensor = self.layers(self.inputs(x.transpose(1, 2)) + self.places)
        return states.flatten(1)


class TransformerDecoder(nn.Module):
    """(N, d) -> logits (N, C, T), all places at once: each has a query, to which the code adds its own vector.

    One code is one matrix of logits, so nothing is written step by step and a walk costs one pass a frame.
    """

    def __init__(self, shape: Shape, latent_dim: int, width: int, heads: int, layers: int) -> None:
        super().__init__()
        self.queries = nn.Parameter(0.1 * torch.randn(shape[1], width))
        self.code = nn.Linear(latent_dim, shape[1] * width)
        self.layers = attention(width, heads, layers)
        self.out = nn.Linear(width, shape[0])

    def forward(self, z: Tensor) -> Tensor:
        states = self.layers(self.code(z).unflatten(1, self.queries.shape) + self.queries)
        logits: Tensor = self.out(states)
        return logits.transpose(1, 2)


def build(
    config: Config, encoder: str, width: int, heads: int, layers: int
) -> tuple[TransformerEncoder | DenseEncoder, TransformerDecoder]:
    """encoder: "transformer", or "dense" for one of the widths `hidden`.

    Raises ValueError for a width that the heads cannot share.
    """
    if width % heads:
        raise ValueError(f"The width of a transformer must be a multiple of its heads, not {width} for {heads}.")
    reader = (
        DenseEncoder(config.shape, config.hidden)
        if encoder == "dense"
        else TransformerEncoder(config.shape, width, heads, layers)
    )
    return reader, TransformerDecoder(config.shape, config.decoder_inputs, width, heads, layers)
