"""A foreign network with the face of an `Autoencoder`: pictures in [0, 1] go in and come out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from aeviz.device import in_batches
from aeviz.importers.models.activations import slope_of
from aeviz.importers.models.layouts import Layout
from aeviz.importers.models.portable import Layers, layer_names, layers_of, portable
from aeviz.model.autoencoder import Autoencoder, Posterior
from aeviz.model.chain import Chain, Chained
from aeviz.model.config import Config
from aeviz.types import Shape

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
    "mish": nn.Mish,
    "softplus": nn.Softplus,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "identity": nn.Identity,
}


def activation_of(name: str) -> nn.Module:
    """An activation by its name, as `aeviz.importers.models.statement.Statement` has it."""
    slope = slope_of(name)
    return ACTIVATIONS[name]() if slope is None else nn.LeakyReLU(slope)


class Network(Protocol):
    """What a foreign network does, in its own scaling."""

    def heads(self, x: Tensor) -> Tensor:
        """x (N, C, H, W) -> means, and log-variances behind them where there are any: (N, d) or (N, 2d)."""
        ...

    def output(self, z: Tensor) -> Tensor:
        """z (N, d) -> (N, C, H, W) before the last non-linearity."""
        ...


class DenseNetwork(nn.Module):
    """Dense layers with one activation between them; the heads and the last layer have none."""

    def __init__(self, layout: Layout, shape: Shape, activation: str) -> None:
        super().__init__()
        self.shape, self.latent_dim = shape, layout.latent_dim
        hidden = layout.widths
        self.encode = nn.Sequential()
        for before, after in pairwise([layout.features, *hidden]):
            self.encode.extend([nn.Linear(before, after), activation_of(activation)])
        heads = 1 if layout.log_var is None else 2
        self.head = nn.Linear([layout.features, *hidden][-1], heads * layout.latent_dim)
        self.decode = nn.Sequential()
        for before, after in pairwise([layout.latent_dim, *layout.decoder_widths]):
            self.decode.extend([nn.Linear(before, after), activation_of(activation)])
        self.decode.append(nn.Linear([layout.latent_dim, *layout.decoder_widths][-1], layout.features))

    def heads(self, x: Tensor) -> Tensor:
        values: Tensor = self.head(self.encode(x.flatten(1)))
        return values

    def output(self, z: Tensor) -> Tensor:
        values: Tensor = self.decode(z).unflatten(1, self.shape)
        return values

    def in_layers(self) -> Layers:
        return Layers([self.encode], [self.head], [self.decode])

    def chain(self) -> Chain:
        doubled = self.head.out_features == 2 * self.latent_dim
        return Chain([nn.Flatten(), self.encode], [self.head], [self.decode, nn.Unflatten(1, self.shape)], doubled)


def dense_weights(layout: Layout, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights of a layout under the names of a `DenseNetwork`."""
    named: dict[str, Tensor] = {}
    for tensor in ("weight", "bias"):
        for body, layers in (("encode", layout.encoder), ("decode", layout.decoder)):
            for row, layer in enumerate(layers):
                named[f"{body}.{2 * row}.{tensor}"] = weights[f"{layer}.{tensor}"]
        heads = [weights[f"{layout.mean}.{tensor}"]]
        if layout.log_var is not None:  # log σ² = 2 log σ
            heads.append(weights[f"{layout.log_var}.{tensor}"] * (2 if layout.log_std else 1))
        named[f"head.{tensor}"] = torch.cat(heads)
    return named


class ConvNetwork(nn.Module):
    """The VanillaVAE of github.com/AntixK/PyTorch-VAE, with its own names, so that its state dict fits."""

    def __init__(self, layout: Layout, shape: Shape) -> None:
        super().__init__()
        widths, flat = layout.widths, layout.widths[-1] * (shape[1] >> len(layout.widths)) ** 2
        self.smallest = (widths[-1], shape[1] >> len(widths), shape[2] >> len(widths))
        self.encoder = nn.Sequential(*(_down(a, b) for a, b in pairwise([shape[0], *widths])))
        self.fc_mu, self.fc_var = nn.Linear(flat, layout.latent_dim), nn.Linear(flat, layout.latent_dim)
        self.decoder_input = nn.Linear(layout.latent_dim, flat)
        self.decoder = nn.Sequential(*(_up(a, b) for a, b in pairwise(reversed(widths))))
        self.final_layer = nn.Sequential(*_up(widths[0], widths[0]), nn.Conv2d(widths[0], shape[0], 3, padding=1))

    def heads(self, x: Tensor) -> Tensor:
        features = self.encoder(x).flatten(1)
        return torch.cat([self.fc_mu(features), self.fc_var(features)], 1)

    def output(self, z: Tensor) -> Tensor:
        values: Tensor = self.final_layer(self.decoder(self.decoder_input(z).unflatten(1, self.smallest)))
        return values

    def in_layers(self) -> Layers:
        decoder = [self.decoder_input, nn.Unflatten(1, self.smallest), self.decoder, self.final_layer]
        return Layers([self.encoder], [self.fc_mu, self.fc_var], decoder)

    def chain(self) -> Chain:
        decoder = [self.decoder_input, nn.Unflatten(1, self.smallest), self.decoder, self.final_layer]
        return Chain([self.encoder, nn.Flatten()], [self.fc_mu, self.fc_var], decoder)


def _down(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(before, after, 3, stride=2, padding=1), nn.BatchNorm2d(after), nn.LeakyReLU())


def _up(before: int, after: int) -> nn.Sequential:
    convolution = nn.ConvTranspose2d(before, after, 3, stride=2, padding=1, output_padding=1)
    return nn.Sequential(convolution, nn.BatchNorm2d(after), nn.LeakyReLU())


class ForeignModel(Autoencoder):
    """A foreign network as an `Autoencoder`.

    mean, std: of each channel, (1,) or (C,): the network is fed (x - mean) / std; [−1, 1] is mean = std = 1/2.
    output: "sigmoid", or "tanh" or "linear" for pictures in the scaling of the input, or "unit" for pictures in [0, 1].
    The logits are those of the pictures in [0, 1], whatever the network ends in, so that config.output is "sigmoid" for
    all.
    """

    def __init__(
        self, config: Config, network: Network, mean: Sequence[float], std: Sequence[float], output: str
    ) -> None:
        nn.Module.__init__(self)
        self.config, self.network, self.last = config, network, output
        self.loading: tuple[str, ...] = ()  # lines that load the file which it was read from, as `chain.Loading` says
        self.register_buffer("mean", torch.tensor(mean).reshape(-1, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).reshape(-1, 1, 1), persistent=False)
        self.mean: Tensor
        self.std: Tensor

    @property
    def device(self) -> torch.device:
        return self.mean.device

    def encode(self, x: Tensor, labels: Tensor | None = None) -> Posterior:
        if tuple(x.shape[1:]) != self.config.shape:
            raise ValueError(f"Expected pictures of shape (N, *{self.config.shape}), not {tuple(x.shape)}.")
        self._refuse(labels)
        values = in_batches(lambda rows: self.network.heads((rows - self.mean) / self.std), self._here(x))
        if self.config.code == "deterministic":
            return Posterior(values)
        mean, log_var = values.chunk(2, dim=1)
        return Posterior(mean, (log_var / 2).clamp(-15, 15).exp())  # exp overflows past here

    def decode(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        raw = self._raw(z, labels)
        match self.last:
            case "sigmoid":
                return raw.sigmoid()
            case "tanh":
                return (raw.tanh() * self.std + self.mean).clamp(0, 1)
            case "unit":
                return raw.clamp(0, 1)
            case _:
                return (raw * self.std + self.mean).clamp(0, 1)

    def decode_logits(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        raw = self._raw(z, labels)
        match self.last:
            case "sigmoid":
                return raw
            case "tanh" if bool((self.mean == 0.5).all() and (self.std == 0.5).all()):
                return 2 * raw  # (tanh(a) + 1) / 2 = sigmoid(2a)
            case "tanh":
                return (raw.tanh() * self.std + self.mean).logit(eps=1e-6)
            case "unit":
                return raw.logit(eps=1e-6)
            case _:
                return (raw * self.std + self.mean).logit(eps=1e-6)

    def layer_names(self) -> dict[str, nn.Module]:
        try:
            return layer_names(layers_of(self.network))
        except ValueError:  # one that the engine of the browser does not read names its modules as torch does
            return super().layer_names()

    def portable(self) -> tuple[dict[str, Any], dict[str, Tensor]]:
        return portable(self.config, layers_of(self.network), self.mean, self.std, self.last, ACTIVATIONS)

    def chain(self) -> Chain:
        """Its layers one after another. Raises ValueError for a network that is no chain of layers."""
        if not isinstance(self.network, Chained):
            raise ValueError("Its lines are not known: this network is no chain of PyTorch's own layers.")
        centre, spread = self.mean.flatten().tolist(), self.std.flatten().tolist()
        return replace(self.network.chain(), centre=centre, spread=spread, last=self.last)

    def _raw(self, z: Tensor, labels: Tensor | None) -> Tensor:
        if z.ndim != 2 or z.shape[1] != self.config.latent_dim:
            raise ValueError(f"Expected codes of shape (N, {self.config.latent_dim}), not {tuple(z.shape)}.")
        self._refuse(labels)
        return in_batches(self.network.output, self._here(z))

    def _here(self, values: Tensor) -> Tensor:
        return values.to(self.device, torch.float32)

    def _refuse(self, labels: Tensor | None) -> None:
        if labels is not None:
            raise ValueError("This model knows no classes: leave labels out.")


def build(layout: Layout, shape: Shape, activation: str) -> DenseNetwork | ConvNetwork:
    """The network of a layout, without weights."""
    return ConvNetwork(layout, shape) if layout.body == "conv" else DenseNetwork(layout, shape, activation)
