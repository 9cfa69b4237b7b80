"""Which autoencoder a state dict is of, told by the names and shapes of its tensors."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isqrt, prod

from aeviz.errors import CheckpointError
from aeviz.importers.models.chains import role
from aeviz.types import Shape

Shapes = Mapping[str, tuple[int, ...]]

COUNTERS = "num_batches_tracked"  # of batch normalisation; no weights
# Of training alone: discriminators, learnt priors, steps of a Hamiltonian flow.
ASIDE = ("discriminator.", "pseudo_inputs.", "idle_input")
LOSSES = re.compile(
    r"(^|[._])(\w*loss\w*|criterion|lpips|perceptual\w*|vgg\d*|\w*metric\w*|fid|ssim|psnr)\.", re.IGNORECASE
)
MIN_GROUP = 4  # tensors
ASIDE_NAMES = frozenset({"eps_lf", "beta_zero_sqrt"})
LOG_STD = re.compile(r"log_?(std|sigma)")


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


def identify(shapes: Shapes) -> Layout | None:
    """The layout of the state dict with tensors of these names and shapes, or None for one that is not known by name.

    Known are the VAE of the PyTorch examples (fc1, fc21, fc22, fc3, fc4), pythae's default networks, and the VanillaVAE
    of PyTorch-VAE (encoder, fc_mu, fc_var, decoder_input, decoder, final_layer). Raises UnknownLayout for one of these
    that is not as it should be.
    """
    aside = tuple(name for name in shapes if is_aside(name))
    shapes = {name: shape for name, shape in shapes.items() if name not in aside}
    for recognise in (_example, _pythae, _convolutional):
        layout = recognise(shapes, aside)
        if layout is not None:
            return layout
    return None


def model_and_others(shapes: Shapes) -> Iterator[tuple[dict[str, str], tuple[str, ...]]]:
    """Tensors that may be the model's, by the names that it has for them, and those then left aside; likely ones first.

    All that are not of training alone; else all but parts of single numbers, as metrics count; else the parts that are
    called encoder or decoder; else those that share a first word, without it, the most first.
    """
    aside = tuple(name for name in shapes if is_aside(name) or LOSSES.search(name))
    own = [name for name in shapes if name not in aside]
    yield {name: name for name in own}, aside
    groups: dict[str, list[str]] = {}
    for name in own:
        groups.setdefault(name.split(".")[0], []).append(name)
    counted = {first for first, names in groups.items() if all(prod(shapes[name]) == 1 for name in names)}
    unnamed = {first for first in groups if role(first) == 1}
    for left_out in (counted, unnamed):
        kept = [name for name in own if name.split(".")[0] not in left_out]
        if len(own) > len(kept) >= MIN_GROUP:
            yield {name: name for name in kept}, tuple(name for name in shapes if name not in kept)
    for first, names in sorted(groups.items(), key=lambda pair: -len(pair[1])):
        if len(names) >= MIN_GROUP:
            others = tuple(name for name in shapes if name not in names)
            yield {name.removeprefix(f"{first}."): name for name in names}, others


def aside_notes(aside: Sequence[str]) -> tuple[str, ...]:
    """A sentence on tensors that were left aside; none for what every training counts."""
    names = [name for name in aside if not name.endswith(COUNTERS)]
    if not names:
        return ()
    more = f" and {len(names) - 6:,} more" if len(names) > 6 else ""
    return (f"Left aside, as of losses, metrics or training: {', '.join(names[:6])}{more}.",)


def is_aside(name: str) -> bool:
    """Whether a tensor is of training alone."""
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


def unknown(shapes: Shapes) -> str:
    """What was found and what was expected, in a sentence."""
    known = ", ".join(f"{name} {tuple(shape)}" for name, shape in list(shapes.items())[:6])
    more = f" and {len(shapes) - 6} more" if len(shapes) > 6 else ""
    return (
        f"No layout that is known here has these weights: {known or 'none'}{more}. Expected fc1, fc21, fc22, fc3, fc4 "
        "(PyTorch examples); encoder.layers…, encoder.embedding, decoder.layers… (pythae); encoder, fc_mu, fc_var, "
        "decoder_input, decoder, final_layer (PyTorch-VAE); or dense layers and convolutions in a row, each of which "
        "takes what the one before gives."
    )
