"""A recurrent network that writes a text letter by letter, each with the letters before it in view."""

import torch
from torch import Tensor, nn

from aeviz.model.bodies.dense import DenseEncoder
from aeviz.model.bodies.lstm import LstmEncoder
from aeviz.model.config import Config
from aeviz.types import Shape


class LstmWriter(nn.Module):
    """(N, d) -> logits (N, V, L): writes a text symbol by symbol, each with the code and the symbol before it in view.

    A text that is to be scored is given as `target` (N, V, L), one-hot: each step then reads the true symbol before
    it, of which the share `hidden_inputs` is hidden while the network learns, so that the code must be used (Bowman et
    al. 2016). Without a target each step reads the likeliest symbol of the step before.
    """

    reads_target = True

    def __init__(self, shape: Shape, latent_dim: int, width: int, hidden_inputs: float, symbol_width: int) -> None:
        super().__init__()
        self.shape, self.hidden_inputs = shape, hidden_inputs
        self.symbols = nn.Linear(shape[0], symbol_width, bias=False)
        self.start = nn.Linear(latent_dim, width)
        self.lstm = nn.LSTM(symbol_width + latent_dim, width, batch_first=True)
        self.out = nn.Linear(width, shape[0])

    def forward(self, z: Tensor, target: Tensor | None = None) -> Tensor:
        logits = self.written(z) if target is None else self.forced(z, target)
        return logits.transpose(1, 2)

    def forced(self, z: Tensor, target: Tensor) -> Tensor:
        """Logits (N, L, V) of each symbol after the true ones before it, (N, V, L)."""
        before = nn.functional.pad(target.transpose(1, 2)[:, :-1], (0, 0, 1, 0))  # nothing stands before the first
        if self.training:
            before = before * (torch.rand(*before.shape[:2], 1, device=z.device) >= self.hidden_inputs)
        code = z[:, None].expand(-1, before.shape[1], -1)
        states, _ = self.lstm(torch.cat([self.symbols(before), code], 2), self._state(z))
        logits: Tensor = self.out(states)
        return logits

    def written(self, z: Tensor) -> Tensor:
        """Logits (N, L, V) of each symbol after the likeliest ones before it."""
        symbol, state, logits = z.new_zeros(len(z), self.shape[0]), self._state(z), []
        for _ in range(self.shape[1]):
            states, state = self.lstm(torch.cat([self.symbols(symbol), z], 1)[:, None], state)
            logits.append(self.out(states[:, 0]))
            symbol = nn.functional.one_hot(logits[-1].argmax(1), self.shape[0]).to(z.dtype)
        return torch.stack(logits, 1)

    def _state(self, z: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.start(z).tanh()[None]
        return hidden, torch.zeros_like(hidden)


def build(
    config: Config, encoder: str, width: int, hidden_inputs: float, symbol_width: int
) -> tuple[LstmEncoder | DenseEncoder, LstmWriter]:
    """encoder: "lstm", of half of `width` units each way, or "dense", of the widths `hidden`.

    Raises ValueError for a share of hidden inputs that is none.
    """
    if not 0 <= hidden_inputs <= 1:
        raise ValueError(f"hidden_inputs is a share, from 0 to 1, not {hidden_inputs}.")
    reader = (
        DenseEncoder(config.shape, config.hidden)
        if encoder == "dense"
        else LstmEncoder(config.shape, max(1, width // 2))
    )
    return reader, LstmWriter(config.shape, config.decoder_inputs, width, hidden_inputs, symbol_width)
