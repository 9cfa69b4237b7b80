"""Which autoencoder a state dict is of, told by the names and shapes of its tensors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import isqrt

from aeviz.errors import CheckpointError
from aeviz.types import Shape

Shapes = Mapping[str, tuple[int, ...]]

COUNTERS = "num_batches_tracked"  # of batch normalisation; no weights
# Of training alone: discriminators, learnt priors, steps of a Hamiltonian flow.
ASIDE = ("discriminator.", "pseudo_inputs.", "idle_input")
ASIDE_NAMES = frozenset({"eps_lf", "beta_zero_sqrt"})
MAX_LAYERS = 64
SPREAD = re.compile(r"var|std|sigma")
LOG_STD = re.compile(r"log_?(std|sigma)")
HEAD = re.compile(
    r"(^|[._])(fc|linear|lin|to|z|q)?_?(mu|mean|log_?var|var|log_?sigma|log_?std|embedding)(_layer|_head)?$"
)


class UnknownLayout(CheckpointError):
    """The weights are sound, but of no network that is known here; the message says what was found and expected."""


@dataclass(frozen=True)
class Layout:
    """An autoencoder's layers by name: the encoder's, the heads, the decoder's, in order.

    title: for a person. body: "dense" or "conv" (see `aeviz.importers.models.foreign`). features: numbers in an
    item. widths, decoder_widths: of the hidden layers. shape, activation, output: None where the weights do not tell.
    aside: tensors that belong to training alone.
    """

    title: str
    body: str
    encoder: tuple[str, ...]
    mean: str
    log_var: str | None
    decoder: tuple[str, ...]
    features: int
    latent_dim: int
    widths: tuple[int, ...]
    decoder_widths: tuple[int, ...]
    shape: Shape | None = None
    activation: str | None = None
    output: str | None = None
    aside: tuple[str, ...] = ()

    @property
    def log_std(self) -> bool:
        """Whether the second head is called log σ; it gives log σ² otherwise, as most do whatever their name."""
        return self.log_var is not None and LOG_STD.search(self.log_var.casefold()) is not None

    @property
    def family(self) -> str:
        """The family: "vae" where codes have a spread, else "ae"."""
        return "ae" if self.log_var is None else "vae"


@dataclass(frozen=True)
class _Dense:
    name: str
    before: int
    after: int


def identify(shapes: Shapes) -> Layout:
    """The layout of the state dict with tensors of these names and shapes.

    Known are the VAE of the PyTorch examples (fc1, fc21, fc22, fc3, fc4), pythae's default networks, the VanillaVAE
    of PyTorch-VAE (encoder, fc_mu, fc_var, decoder_input, decoder, final_layer), and chains of dense layers
    named encoder.… and decoder.…, with or without two heads between. Raises UnknownLayout with what was found for
    others.
    """
    aside = tuple(name for name in shapes if _is_aside(name))
    shapes = {name: shape for name, shape in shapes.items() if name not in aside}
    for recognise in (_example, _pythae, _convolutional, _chain):
        layout = recognise(shapes, aside)
        if layout is not None:
            return layout
    raise UnknownLayout(_unknown(shapes))


def _is_aside(name: str) -> bool:
    return name.endswith(COUNTERS) or name.startswith(ASIDE) or name in ASIDE_NAMES


def _dense(shapes: Shapes) -> dict[str, _Dense] | None:
    """Dense layers by name; None where the tensors are not all of dense layers with a bias."""
    layers = {}
    for name, shape in shapes.items():
        stem, _, tensor = name.rpartition(".")
        if tensor == "weight" and len(shape) == 2 and shapes.get(f"{stem}.bias") == (shape[0],) and min(shape) > 0:
            layers[stem] = _Dense(stem, shape[1], shape[0])
    return layers if 2 * len(layers) == len(shapes) else None


def _example(shapes: Shapes, aside: tuple[str, ...]) -> Layout | None:
    names = ("fc1", "fc21", "fc22", "fc3", "fc4")
    layers = _dense(shapes)
    if layers is None or set(layers) != set(names):
        return None
    return _layout(
        [layers[name] for name in names],
        1,
        2,
        "VAE of the PyTorch examples",
        aside,
        activation="relu",
        output="sigmoid",
    )


def _pythae(shapes: Shapes, aside: tuple[str, ...]) -> Layout | None:
    names = ["encoder.layers.0.0", "encoder.embedding", "encoder.log_var", "decoder.layers.0.0", "decoder.layers.1.0"]
    layers = _dense(shapes)
    if layers is None or set(layers) not in (set(names), set(names) - {"encoder.log_var"}):
        return None
    heads = 2 if "encoder.log_var" in layers else 1
    order = [layers[name] for name in names if name in layers]
    title = "VAE of pythae" if heads == 2 else "Autoencoder of pythae"
    return _layout(order, 1, heads, title, aside, activation="relu", output="sigmoid")


def _chain(shapes: Shapes, aside: tuple[str, ...]) -> Layout | None:
    """Dense layers in the order of their names: encoder, heads, decoder."""
    layers = _dense(shapes)
    if layers is None or not 2 <= len(layers) <= MAX_LAYERS:
        return None
    order = sorted(layers.values(), key=lambda layer: (_part(layer.name), _natural(layer.name)))
    first_decoder = next((row for row, layer in enumerate(order) if _part(layer.name) == 2), None)
    if first_decoder is None:
        return None
    fits = []
    for heads in (2, 1):
        for row in range(first_decoder - heads + 1):
            try:
                fits.append(_layout(order, row, heads, "", aside))
            except CheckpointError:
                continue
    spread = [fit for fit in fits if fit.log_var and SPREAD.search(fit.log_var.casefold())]
    point = [fit for fit in fits if not fit.log_var and fit.decoder[0] == order[first_decoder].name]
    fits = spread or point
    return fits[0] if len(fits) == 1 else None


def _part(name: str) -> int:
    """0 for the encoder, 1 for what lies between, 2 for the decoder."""
    plain = name.casefold()
    if HEAD.search(plain):
        return 1
    if "dec" in plain:
        return 2
    return 0 if "enc" in plain else 1


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Sorts encoder.2 before encoder.10, and a mean before its spread."""
    spread = int(bool(SPREAD.search(name.casefold())))
    parts = [part for part in re.split(r"(\d+)", name) if part]
    return [(spread, 0, ""), *((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)]


def _layout(
    order: list[_Dense],
    hidden: int,
    heads: int,
    title: str,
    aside: tuple[str, ...],
    activation: str | None = None,
    output: str | None = None,
) -> Layout:
    """`hidden` encoder layers, one or two heads, then the decoder. Raises CheckpointError where they do not join."""
    encoder, middle, decoder = order[:hidden], order[hidden : hidden + heads], order[hidden + heads :]
    if not middle or not decoder:
        raise CheckpointError("The encoder or the decoder has no layers.")
    mean = middle[0]
    chain = [*encoder, mean, *decoder]
    for a, b in pairwise(chain):
        if a.after != b.before:
            raise CheckpointError(f"{a.name} gives {a.after} numbers, but {b.name} takes {b.before}.")
    if chain[0].before != chain[-1].after:
        raise CheckpointError(
            f"{chain[0].name} takes {chain[0].before} numbers, but {chain[-1].name} gives {chain[-1].after}."
        )
    if heads == 2 and (middle[1].before, middle[1].after) != (mean.before, mean.after):
        raise CheckpointError(f"{mean.name} and {middle[1].name} differ in shape: expected a mean and a log-variance.")
    if not title:
        title = "Dense VAE" if heads == 2 else "Dense autoencoder"
    return Layout(
        title=title,
        body="dense",
        encoder=tuple(layer.name for layer in encoder),
        mean=mean.name,
        log_var=middle[1].name if heads == 2 else None,
        decoder=tuple(layer.name for layer in decoder),
        features=chain[0].before,
        latent_dim=mean.after,
        widths=tuple(layer.after for layer in encoder),
        decoder_widths=tuple(layer.after for layer in decoder[:-1]),
        activation=activation,
        output=output,
        aside=aside,
    )


def _convolutional(shapes: Shapes, aside: tuple[str, ...]) -> Layout | None:
    """The VanillaVAE of github.com/AntixK/PyTorch-VAE: strided convolutions with batch normalisation."""
    depth = 0
    while f"encoder.{depth}.0.weight" in shapes:
        depth += 1
    if not 0 < depth <= 12 or "final_layer.3.weight" not in shapes or "fc_mu.weight" not in shapes:
        return None
    layers, mean = [shapes[f"encoder.{row}.0.weight"] for row in range(depth)], shapes["fc_mu.weight"]
    if any(len(layer) != 4 for layer in layers) or len(mean) != 2 or not layers[-1][0]:
        return None
    first, widths = layers[0], tuple(layer[0] for layer in layers)
    smallest = isqrt(mean[1] // widths[-1])
    if smallest < 1 or widths[-1] * smallest * smallest != mean[1]:
        raise UnknownLayout(
            f"fc_mu takes {mean[1]:,} numbers, which are no square of {widths[-1]} channels: this network was not "
            "made for square pictures, and only those of PyTorch-VAE are read."
        )
    side = smallest << depth
    return Layout(
        title="VAE of PyTorch-VAE",
        body="conv",
        encoder=tuple(f"encoder.{row}" for row in range(depth)),
        mean="fc_mu",
        log_var="fc_var",
        decoder=("decoder_input", *(f"decoder.{row}" for row in range(depth - 1)), "final_layer"),
        features=first[1] * side * side,
        latent_dim=mean[0],
        widths=widths,
        decoder_widths=widths[::-1],
        shape=(first[1], side, side),
        activation="leaky_relu",
        output="tanh",
        aside=aside,
    )


def _unknown(shapes: Shapes) -> str:
    known = ", ".join(f"{name} {tuple(shape)}" for name, shape in list(shapes.items())[:6])
    more = f" and {len(shapes) - 6} more" if len(shapes) > 6 else ""
    return (
        f"No layout that is known here has these weights: {known or 'none'}{more}. Expected fc1, fc21, fc22, fc3, fc4 "
        "(PyTorch examples); encoder.layers…, encoder.embedding, decoder.layers… (pythae); encoder, fc_mu, fc_var, "
        "decoder_input, decoder, final_layer (PyTorch-VAE); or dense layers named encoder.… and decoder.…. Other "
        "models open from Python, with callables of your own for encode and decode."
    )
