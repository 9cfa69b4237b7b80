"""Our own models as ONNX: encoder.onnx and decoder.onnx, which any runtime of ONNX runs without aeviz or torch."""

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from aeviz.errors import CheckpointError
from aeviz.store.checkpoints import atomic_folder

if TYPE_CHECKING:
    from aeviz.model.autoencoder import Autoencoder

ENCODER, DECODER = "encoder.onnx", "decoder.onnx"
OPSET = 18


class _Encoder(nn.Module):
    """Items (N, *shape) -> mean and std (N, d) each, or the code alone."""

    def __init__(self, model: "Autoencoder") -> None:
        super().__init__()
        self.encoder, self.head, self.config = model.encoder, model.head, model.config

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Any:
        features = self.encoder(x)
        values = self.head(features if labels is None else torch.cat([features, labels], 1))
        if self.config.code == "deterministic":
            return values.relu() if self.config.activation == "relu" else values
        mean, log_std = values.chunk(2, dim=1)
        return mean, log_std.clamp(-15, 15).exp()


class _Decoder(nn.Module):
    """Codes (N, d) -> items (N, *shape), in the data's own range."""

    def __init__(self, model: "Autoencoder") -> None:
        super().__init__()
        self.decoder, self.likelihood = model.decoder, model.likelihood

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.likelihood.mean(self.decoder(z if labels is None else torch.cat([z, labels], 1)))


def export(model: "Autoencoder", folder: Path) -> Path:
    """Write encoder.onnx and decoder.onnx of a model into a folder, which appears whole or not at all.

    The encoder takes x, items (N, *shape) as the data set holds them, and gives "mean" and "std", (N, d) each, or
    "code" where that is a point. The decoder takes z, codes (N, d), and gives y, items. A conditional model takes
    `labels` beside, (N, classes), 1 in an item's own. N is free, or 1 where a layer (an LSTM) fixes it. Each file
    states the model's family, data set, modality and shape as its property "aeviz".
    Returns the folder. Raises CheckpointError where the packages for it are missing.
    """
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ModuleNotFoundError as error:
        raise CheckpointError(f"Writing ONNX needs {error.name}: pip install 'aeviz[onnx]'.") from error
    config = model.config
    outputs = ["mean", "std"] if config.code == "gaussian" else ["code"]
    items, codes = torch.rand(2, *config.shape), torch.randn(2, config.latent_dim)
    with atomic_folder(folder) as new:
        _write(_Encoder(model), "x", items, config.classes, outputs, _facts(model), new / ENCODER)
        _write(_Decoder(model), "z", codes, config.classes, ["y"], _facts(model), new / DECODER)
    return folder


def _facts(model: "Autoencoder") -> str:
    config = model.config
    facts = {"family": config.family, "dataset": config.dataset, "modality": config.modality, "shape": config.shape}
    return json.dumps(facts)


def _write(
    network: nn.Module, name: str, example: Tensor, classes: int, outputs: list[str], facts: str, path: Path
) -> None:
    arguments, names = [example], [name]
    if classes:
        arguments.append(torch.eye(classes)[: len(example)])
        names.append("labels")
    batch = torch.export.Dim("batch", min=1)
    program = _exported(network, arguments, names, outputs, tuple({0: batch} for _ in names))
    if isinstance(program.model.graph.inputs[0].shape[0], int):  # a layer took the example's count for good
        program = _exported(network, [argument[:1] for argument in arguments], names, outputs, None)
    program.model.metadata_props["aeviz"] = facts
    program.save(path, external_data=False)


def _exported(
    network: nn.Module, arguments: list[Tensor], names: list[str], outputs: list[str], free: tuple[Any, ...] | None
) -> Any:
    with _quiet():
        return torch.onnx.export(
            network.to("cpu").eval(), tuple(arguments), dynamo=True, verbose=False, opset_version=OPSET,
            input_names=names, output_names=outputs, dynamic_shapes=free,
        )  # fmt: skip


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what torch's exporter says of packages that are not there, and of itself."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
