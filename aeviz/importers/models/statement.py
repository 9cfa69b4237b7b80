"""What has to be known of a bare state dict beside its weights, as its owner states it or as it is found out."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, isqrt

from aeviz.errors import CheckpointError
from aeviz.importers.models.activations import ACTIVATIONS, slope_of
from aeviz.types import Shape

SCALINGS = {"unit": "[0, 1]", "signed": "[−1, 1]", "standard": "standardised"}
OUTPUTS = {
    "sigmoid": "sigmoid",
    "tanh": "tanh, in the input's scaling",
    "linear": "none: values in the input's scaling",
    "unit": "none: values in [0, 1]",
}
BARE_OUTPUTS = ("sigmoid", "tanh", "linear")  # of weights alone, whose last step is not among them
SPREADS = {"log_var": "log σ²", "log_std": "log σ", "std": "σ", "var": "σ²", "none": "no spread"}
LAYOUTS = {"first": "channels first: (C, H, W)", "last": "channels last: (H, W, C)"}
LIKELIHOODS = ("bce", "mse", "l1")
OPTIONS: Mapping[str, Mapping[str, str]] = {
    "scaling": SCALINGS,
    "output": OUTPUTS,
    "activation": ACTIVATIONS,
    "spread": SPREADS,
    "layout": LAYOUTS,
    "decoder_activation": ACTIVATIONS,
}
MAX_SIDE = 4096


@dataclass(frozen=True)
class Statement:
    """What is said of a model; None means: find it out, or take what its layout usually has.

    shape: (C, H, W) of an item. scaling: of the pictures that the encoder was fed, a key of `SCALINGS`; with
    "standard", mean and std, one number or one a channel, of pictures in [0, 1]. output: the decoder's last step, a
    key of `OUTPUTS`. activation: between layers, a key of `ACTIVATIONS` or "leaky_relu_0.15" for any slope below 1;
    decoder_activation: between the decoder's, where that is another. likelihood: "bce", "mse" or "l1", by
    which an ELBO is read. Raises ValueError for values outside these.

    Of an ONNX model alone: spread, what the encoder's second output is, a key of `SPREADS`; layout, where the channels
    are, a key of `LAYOUTS`; encoder, the name of the encoder's file.
    """

    shape: Shape | None = None
    scaling: str | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    output: str | None = None
    activation: str | None = None
    likelihood: str = "mse"
    spread: str | None = None
    layout: str | None = None
    encoder: str | None = None
    decoder_activation: str | None = None

    def __post_init__(self) -> None:
        for name, known in OPTIONS.items():
            value = getattr(self, name)
            named = known is ACTIVATIONS and value is not None and slope_of(value) is not None
            if value is not None and value not in known and not named:
                raise ValueError(f"Unknown {name} {value!r}: expected one of {', '.join(known)}.")
        if self.likelihood not in LIKELIHOODS:
            raise ValueError(f"Unknown likelihood {self.likelihood!r}: expected one of {', '.join(LIKELIHOODS)}.")
        if self.shape is not None and not _is_shape(self.shape):
            raise ValueError(f"shape must be (C, H, W), sides from 1 to {MAX_SIDE}, not {self.shape}.")
        if (self.mean is None) != (self.std is None):
            raise ValueError("mean and std are stated together or not at all.")
        for name in ("mean", "std"):
            values = getattr(self, name)
            if values is not None and not (1 <= len(values) <= MAX_SIDE and all(map(isfinite, values))):
                raise ValueError(f"{name} must be one number, or one for each channel, not {values}.")
        if self.std is not None and min(self.std) <= 0:
            raise ValueError(f"std must be positive, not {self.std}.")


class NotStated(CheckpointError):
    """The weights are sound, but something must be stated: `needs` names fields of `Statement`.

    A reader raises it; `aeviz.importers.reading.read_model` answers with `Unclear`.
    """

    def __init__(self, message: str, needs: tuple[str, ...]) -> None:
        super().__init__(message)
        self.needs = needs


def square(count: int) -> Shape:
    """The square picture, grey or in colour, of so many numbers. Raises NotStated where there is none."""
    for channels in (1, 3):
        side = isqrt(count // channels)
        if side > 1 and channels * side * side == count:
            return channels, side, side
    raise NotStated(
        f"An item has {count} numbers, which are no square picture, grey or in colour: state its shape (C, H, W).",
        ("shape",),
    )


def _is_shape(shape: tuple[int, ...]) -> bool:
    return len(shape) == 3 and all(isinstance(side, int) and 1 <= side <= MAX_SIDE for side in shape)
