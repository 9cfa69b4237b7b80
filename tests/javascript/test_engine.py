"""The engine of the browser beside torch: the same codes and the same items, on every checkpoint that is shipped."""

import base64
import json
import struct
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

import aeviz
from aeviz.evaluation.definitions import PROBE_ITEMS
from aeviz.importers.models.foreign import ACTIVATIONS, ConvNetwork, ForeignModel
from aeviz.importers.models.layouts import identify
from aeviz.importers.models.statement import Statement
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.chain import layers as one_by_one
from aeviz.model.config import Config
from aeviz.model.portable import portable
from aeviz.parts import files
from aeviz.store.checkpoints import CONFIG, WEIGHTS, Card, models
from tests.importers.conftest import loaded_from
from tests.importers.models.test_pythae_networks import NETWORKS, Theirs, folder_of

ITEMS = 200
ROUNDING = 1 / 255  # of a value from 0 to 1 that is shown
CARDS = models()
SHORT = ("mnist-vae", "names-vae", "power-ae", "wage-vae")
EACH = pytest.mark.parametrize(
    "card",
    [pytest.param(card, id=card.name, marks=() if card.name in SHORT else pytest.mark.long) for card in CARDS],
)
# Mean and spread of the codes of items, the items decoded from these means, and other codes decoded.
RUN = """async (engine, folder, items, codes, labels) => {
    const { readFileSync } = await import("node:fs");
    const read = (name) => new Uint8Array(readFileSync(`${folder}/${name}`));
    const model = engine.open(JSON.parse(new TextDecoder().decode(read("config.json"))), read("model.safetensors"));
    const { latent_dim: d, shape, gaussian } = model.config;
    const size = shape.reduce((a, b) => a * b, 1);
    const [count, drawn] = [items.length / size, codes.length / d];
    const [mean, std] = [new Float32Array(count * d), gaussian ? new Float32Array(count * d) : null];
    const [rebuilt, decoded] = [new Float32Array(items.length), new Float32Array(drawn * size)];
    for (let i = 0; i < count; i++) {
        const code = model.encode(items.subarray(i * size, (i + 1) * size), labels?.[i]);
        mean.set(code.mean, i * d);
        std?.set(code.std, i * d);
        rebuilt.set(model.decode(code.mean, labels?.[i]), i * size);
    }
    for (let i = 0; i < drawn; i++) {
        decoded.set(model.decode(codes.subarray(i * d, (i + 1) * d), labels?.[i]), i * size);
    }
    return [mean, std, rebuilt, decoded].map((array) => array && Buffer.from(array.buffer).toString("base64"));
}"""
OPEN = """async (engine, folder) => {
    const { readFileSync } = await import("node:fs");
    const bytes = new Uint8Array(readFileSync(`${folder}/model.safetensors`));
    globalThis.opened = engine.open(JSON.parse(readFileSync(`${folder}/config.json`)), bytes);
}"""
REFUSED = """(engine, config, bytes) => {
    try {
        engine.open(JSON.parse(config), bytes);
        return null;
    } catch (error) {
        return error.message;
    }
}"""


def run(
    engine: Any, folder: Path, items: NDArray[np.float32], codes: NDArray[np.float32], labels: NDArray[np.int64] | None
) -> list[NDArray[np.float32] | None]:
    sent = engine.evaluate(RUN, str(folder), items, codes, None if labels is None else labels.tolist())
    return [
        None if text is None else np.frombuffer(base64.b64decode(text), np.float32).reshape(-1, *shape)
        for text, shape in zip(sent, [codes.shape[1:]] * 2 + [items.shape[1:]] * 2, strict=True)
    ]


def tensor(array: NDArray[Any] | None) -> Tensor | None:
    return None if array is None else torch.from_numpy(array.copy())


def compare(
    engine: Any, network: Autoencoder, folder: Path, items: NDArray[np.float32], labels: NDArray[np.int64] | None = None
) -> None:
    """The engine beside torch, on items and on as many codes drawn from N(0, I)."""
    codes = np.random.default_rng(0).standard_normal((len(items), network.config.latent_dim)).astype(np.float32)
    mean, std, rebuilt, decoded = run(engine, folder, items, codes, labels)
    posterior = network.encode(torch.from_numpy(items.copy()), tensor(labels))
    np.testing.assert_allclose(mean, posterior.mean, rtol=1e-3, atol=1e-3)
    assert (std is None) == (posterior.std is None)
    if std is not None:
        np.testing.assert_allclose(std, posterior.std, rtol=1e-3)
    for found, z in ((rebuilt, posterior.mean), (decoded, tensor(codes))):
        difference = np.abs(found - network.decode(z, tensor(labels)).numpy())
        assert difference.max() <= 2 * ROUNDING
        assert (difference <= ROUNDING).mean() >= 0.999
        assert np.median(difference) < 1e-5


@EACH
def test_it_encodes_and_decodes_as_torch_does(engine: Any, card: Card) -> None:
    network, data = aeviz.load(card.name, device="cpu"), aeviz.load_dataset(card.dataset)
    compare(engine, network, card.folder, data.items[:ITEMS], data.labels[:ITEMS] if network.config.classes else None)


@EACH
def test_it_measures_the_error_that_the_card_states(engine: Any, card: Card) -> None:
    data = aeviz.load_dataset(card.dataset)
    items, labels = data.items[:PROBE_ITEMS], data.labels[:PROBE_ITEMS]
    none = np.zeros((0, card.latent_dim), np.float32)
    rebuilt = run(engine, card.folder, items, none, labels if card.config.get("classes") else None)[2]
    error = float(data.distance(rebuilt, items).mean())
    assert error == pytest.approx(card.metrics[f"{data.modality.error.key}_probe"], rel=1e-4)


PICTURE = {"family": "ae", "latent_dim": 3, "modality": "image"}
SERIES = {"family": "vae", "latent_dim": 3, "code": "gaussian", "modality": "series"}
TEXT = {"family": "vae", "latent_dim": 3, "code": "gaussian", "modality": "text", "shape": (9, 7)}
OTHERS = {
    "odd sides, colour": {**PICTURE, "shape": (3, 13, 18), "channels": (5, 6), "hidden": (7,)},
    "no dense layers": {**PICTURE, "shape": (3, 10, 9), "channels": (5, 6), "hidden": (), "classes": 3},
    "tanh": {**PICTURE, "shape": (1, 8, 8), "channels": (5,), "hidden": (7, 9), "output": "tanh", "likelihood": "l1"},
    "linear, cut": {**PICTURE, "shape": (3, 6, 5), "body": "dense", "output": "linear", "likelihood": "mse"},
    "dense, classes": {**PICTURE, "shape": (3, 6, 5), "body": "dense", "hidden": (5, 6, 7), "classes": 4},
    "no layers, relu": {**PICTURE, "shape": (3, 6, 5), "body": "dense", "hidden": (), "activation": "relu"},
    "two curves": {**SERIES, "shape": (2, 21), "channels": (5, 6), "hidden": (7,), "options": {"kernel": 5}},
    "curves, no dense layers": {**SERIES, "shape": (2, 21), "channels": (5, 6), "hidden": ()},
    "recurrent layers": {**SERIES, "shape": (2, 21), "body": "lstm", "options": {"width": 9, "layers": 2}},
    "attention": {**TEXT, "options": {"width": 12, "heads": 3}},
    "attention over series": {**SERIES, "shape": (2, 21), "body": "transformer", "options": {"width": 8, "heads": 2}},
    "writer": {**TEXT, "body": "lstm-writer", "options": {"width": 10, "symbol_width": 4}},
    "dense texts": {**TEXT, "body": "dense", "hidden": (11,)},
    "columns": {"family": "ae", "latent_dim": 3, "modality": "table", "shape": (8,), "columns": (1, 3, 1, 3)},
}


def saved(config: Config, folder: Path) -> Autoencoder:
    """A network with the weights that it starts from, in a folder."""
    torch.manual_seed(0)
    network = Autoencoder(config).requires_grad_(False).eval()
    (folder / CONFIG).write_text(json.dumps(asdict(config)))
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, folder / WEIGHTS)
    return network


@pytest.mark.parametrize("fields", OTHERS.values(), ids=OTHERS)
def test_it_runs_bodies_that_no_shipped_model_has(engine: Any, fields: dict[str, Any], tmp_path: Path) -> None:
    network = saved(Config(**fields), tmp_path)
    numbers = np.random.default_rng(1)
    items = numbers.random((20, *network.config.shape), np.float32)
    items[0].flat[0] = np.nan  # a value that is missing is seen as 0
    labels = numbers.integers(0, network.config.classes, 20) if network.config.classes else None
    compare(engine, network, tmp_path, items, labels)


def dense_layers(**widths: tuple[int, int]) -> dict[str, Tensor]:
    layers = {name: nn.Linear(*sides) for name, sides in widths.items()}
    return {f"{name}.{key}": value for name, layer in layers.items() for key, value in layer.state_dict().items()}


def convolutional_vae() -> dict[str, Tensor]:
    """Weights of the VanillaVAE of PyTorch-VAE, for colour pictures of 16 × 16, whose normalisation does something."""
    layout = identify(
        {
            **{
                f"encoder.{row}.0.weight": (width, before, 3, 3) for row, (before, width) in enumerate([(3, 4), (4, 6)])
            },
            **{"fc_mu.weight": (5, 6 * 16), "final_layer.3.weight": (3, 4, 3, 3)},
        }
    )
    network = ConvNetwork(layout, (3, 16, 16)).train()
    for _ in range(3):
        network.output(network.heads(3 + 2 * torch.randn(8, 3, 16, 16))[:, :5])
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight)
            nn.init.normal_(module.bias)
    return network.state_dict()


def dense_vae() -> dict[str, Tensor]:
    return dense_layers(fc1=(75, 9), fc21=(9, 4), fc22=(9, 4), fc3=(4, 8), fc4=(8, 75))


def plain_ae() -> dict[str, Tensor]:
    """Weights of sequences of dense layers, as people write them."""
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(75, 9), nn.ReLU(), nn.Linear(9, 4, bias=False))
    decoder = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 75), nn.Sigmoid())
    return nn.ModuleDict({"encoder": encoder, "decoder": decoder}).state_dict()


def plain_convolutions() -> dict[str, Tensor]:
    """The same of convolutions, normalised in the encoder."""
    norm = nn.BatchNorm2d(5)
    for tensor in (norm.weight, norm.bias, norm.running_mean):
        nn.init.normal_(tensor)
    encoder = nn.Sequential(
        nn.Conv2d(3, 5, 4, 2, 1), norm, nn.ReLU(), nn.Conv2d(5, 6, 4, 2, 1), nn.ReLU(), nn.Flatten(),
        nn.Linear(6 * 16, 4),
    )  # fmt: skip
    decoder = nn.Sequential(
        nn.Linear(4, 6 * 16), nn.Unflatten(1, (6, 4, 4)), nn.ConvTranspose2d(6, 5, 4, 2, 1), nn.ReLU(),
        nn.ConvTranspose2d(5, 3, 4, 2, 1),
    )  # fmt: skip
    return nn.ModuleDict({"encoder": encoder, "decoder": decoder}).state_dict()


def normalised(module: nn.Module) -> nn.Module:
    """A module whose normalisations do something."""
    for norm in module.modules():
        if isinstance(norm, nn.BatchNorm1d | nn.BatchNorm2d):
            for values in (norm.weight, norm.bias, norm.running_mean):
                nn.init.normal_(values)
    return module


def convolutional_heads(kernel: int, names: tuple[str, ...] = ("conv_mu", "conv_logvar")) -> dict[str, Tensor]:
    """Weights of a network whose code is a map, of 4 × 4 places."""
    encoder = nn.Sequential(nn.Conv2d(3, 5, 4, 2, 1), nn.ReLU(), nn.Conv2d(5, 6, 4, 2, 1), nn.ReLU())
    decoder = nn.Sequential(nn.ConvTranspose2d(2, 5, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(5, 3, 4, 2, 1))
    heads = {name: nn.Conv2d(6, 2, kernel, padding=kernel // 2) for name in names}
    return nn.ModuleDict({"encoder": encoder, **heads, "decoder": decoder}).state_dict()


def doubled_head() -> dict[str, Tensor]:
    """The same with one head for both, which is the encoder's last layer."""
    encoder = nn.Sequential(nn.Conv2d(3, 5, 4, 2, 1), nn.ReLU(), nn.Conv2d(5, 4, 4, 2, 1))
    decoder = nn.Sequential(nn.ConvTranspose2d(2, 5, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(5, 3, 4, 2, 1))
    return nn.ModuleDict({"encoder": encoder, "decoder": decoder}).state_dict()


def map_as_code() -> dict[str, Tensor]:
    """The same with a code that passes the activation, of a 1 × 1 convolution."""
    encoder = nn.Sequential(nn.Conv2d(3, 5, 3, 2, 1), nn.ReLU(), nn.Conv2d(5, 2, 1, 2), nn.ReLU())
    decoder = nn.Sequential(nn.ConvTranspose2d(2, 5, 2, 2), nn.ReLU(), nn.ConvTranspose2d(5, 3, 2, 2))
    return nn.ModuleDict({"encoder": encoder, "decoder": decoder}).state_dict()


def slopes_learned() -> dict[str, Tensor]:
    """Layers with a slope for each channel, and normalised behind it."""
    encoder = nn.Sequential(
        nn.Conv2d(3, 5, 4, 2, 1), nn.PReLU(5, 0.3), nn.BatchNorm2d(5), nn.Conv2d(5, 6, 4, 2, 1), nn.PReLU(6, 0.1),
        nn.Flatten(), nn.Linear(6 * 16, 4),
    )  # fmt: skip
    decoder = nn.Sequential(
        nn.Linear(4, 6 * 16), nn.PReLU(1, 0.2), nn.Unflatten(1, (6, 4, 4)), nn.ConvTranspose2d(6, 5, 4, 2, 1),
        nn.PReLU(5, -0.4), nn.BatchNorm2d(5), nn.ConvTranspose2d(5, 3, 4, 2, 1),
    )  # fmt: skip
    return normalised(nn.ModuleDict({"encoder": encoder, "decoder": decoder})).state_dict()


def activated(name: str) -> tuple[Callable[[], dict[str, Tensor]], tuple[int, int, int], Statement]:
    return dense_vae, (3, 5, 5), Statement(activation=name, output="sigmoid")


RELU = Statement(activation="relu", output="sigmoid")
FOREIGN = {
    **{name: activated(name) for name in ("leaky_relu", "leaky_relu_0.2", "leaky_relu_0.35", "selu", "mish", "softplus",
                                          "identity")},
    "heads of 1 × 1 convolutions": (lambda: convolutional_heads(1), (3, 16, 16), RELU),
    "heads of 3 × 3 convolutions": (lambda: convolutional_heads(3), (3, 16, 16), RELU),
    "heads of convolutions, log σ": (
        lambda: convolutional_heads(3, ("conv_mu", "conv_log_std")), (3, 16, 16), replace(RELU, activation="mish")),
    "a head of convolutions for both": (doubled_head, (3, 16, 16), RELU),
    "a map as code": (map_as_code, (3, 16, 16), RELU),
    "slopes learned": (slopes_learned, (3, 16, 16), Statement(output="sigmoid")),
    "plain dense": (plain_ae, (3, 5, 5), Statement(activation="relu", output="sigmoid")),
    "plain convolutions": (plain_convolutions, (3, 16, 16), Statement(activation="relu", output="sigmoid")),
    "dense VAE": (dense_vae, (3, 5, 5), Statement(activation="relu", output="sigmoid")),
    "colours scaled": (dense_vae, (3, 5, 5), Statement(
        activation="gelu", output="linear", scaling="standard", mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.4))),
    "[−1, 1]": (dense_vae, (3, 5, 5), Statement(activation="elu", output="tanh", scaling="signed")),
    "convolutions": (convolutional_vae, (3, 16, 16), Statement(output="tanh", scaling="signed")),
}  # fmt: skip


@pytest.mark.parametrize("case", FOREIGN)
def test_it_runs_foreign_networks(engine: Any, case: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    make, shape, statement = FOREIGN[case]
    save_file({name: value.contiguous() for name, value in make().items()}, tmp_path / "foreign.safetensors")
    network = loaded_from(tmp_path / "foreign.safetensors", replace(statement, shape=shape)).model
    in_the_browser(network, tmp_path)
    compare(engine, network, tmp_path, np.random.default_rng(0).random((20, *shape), np.float32))


@pytest.mark.parametrize("case", NETWORKS)
def test_it_runs_the_networks_that_pythae_offers(engine: Any, case: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    theirs = Theirs(case, variational=True)
    normalised(theirs)
    network = loaded_from(folder_of(theirs, tmp_path)).model
    in_the_browser(network, tmp_path)
    compare(engine, network, tmp_path, np.random.default_rng(0).random((20, *theirs.shape), np.float32))


def test_a_residual_layer_within_another_is_refused(engine: Any, tmp_path: Path) -> None:
    network = loaded_from(folder_of(Theirs("mnist resnet", variational=True), tmp_path)).model
    found = portable(network)
    block = next(record for record in found.config["layers"]["encoder"] if record["kind"] == "residual")
    block["layers"].append({**block, "layers": []})
    (tmp_path / CONFIG).write_text(json.dumps(found.config))
    (tmp_path / WEIGHTS).write_bytes(found.weights)
    with pytest.raises(AssertionError, match="A residual layer has one within it"):
        engine.evaluate(OPEN, str(tmp_path))


def in_the_browser(network: Autoencoder, folder: Path) -> None:
    """Write a network into a folder as the browser gets it."""
    found = portable(network)
    (folder / CONFIG).write_text(json.dumps(found.config))
    (folder / WEIGHTS).write_bytes(found.weights)


RESIZED = pytest.mark.parametrize(("pool", "mode"), [(nn.MaxPool2d, "nearest"), (nn.AvgPool2d, "bilinear")])


def resized(pool: type[nn.Module], mode: str, folder: Path) -> Autoencoder:
    """A foreign network that pools, where a row is left over, and enlarges; in a folder, as the browser gets it."""
    torch.manual_seed(0)
    save_file(
        {name: value.contiguous() for name, value in plain_convolutions().items()}, folder / "foreign.safetensors"
    )
    statement = Statement(shape=(3, 16, 16), activation="relu", output="sigmoid")
    network = loaded_from(folder / "foreign.safetensors", statement).model
    assert isinstance(network, ForeignModel)
    network.config = replace(network.config, shape=(3, 18, 18))
    network.network.encoder = nn.Sequential(
        nn.Conv2d(3, 5, 3, padding=1), nn.ReLU(), pool(2), nn.Conv2d(5, 6, 3, padding=1), nn.ReLU(), pool(2),
        nn.Flatten(),
    )  # fmt: skip
    network.network.decoder = nn.Sequential(
        nn.Linear(4, 6 * 16), nn.Unflatten(1, (6, 4, 4)), nn.Upsample(scale_factor=2, mode=mode),
        nn.Conv2d(6, 5, 3, padding=1), nn.ReLU(), nn.Upsample(scale_factor=2, mode=mode), nn.ConvTranspose2d(5, 3, 3),
    )  # fmt: skip
    network.requires_grad_(False)
    in_the_browser(network, folder)
    return network


@RESIZED
def test_it_pools_and_enlarges(engine: Any, pool: type[nn.Module], mode: str, tmp_path: Path) -> None:
    network = resized(pool, mode, tmp_path)
    compare(engine, network, tmp_path, np.random.default_rng(0).random((20, 3, 18, 18), np.float32))


@pytest.mark.parametrize("pool", [nn.MaxPool2d, nn.AvgPool2d])
def test_heads_may_pool(engine: Any, pool: type[nn.Module], tmp_path: Path) -> None:
    torch.manual_seed(0)
    save_file(convolutional_heads(1), tmp_path / "foreign.safetensors")
    network = loaded_from(tmp_path / "foreign.safetensors", replace(RELU, shape=(3, 16, 16))).model
    assert isinstance(network, ForeignModel)
    network.config = replace(network.config, latent_dim=8, code_shape=(2, 2, 2))
    network.network.mean.append(pool(2))
    network.network.log_var.append(pool(2))
    mirror = [layer for layer in one_by_one([network.network.decoder]) if not isinstance(layer, nn.Unflatten)]
    network.network.decoder = nn.Sequential(nn.Unflatten(1, (2, 2, 2)), nn.Upsample(scale_factor=2), *mirror)
    in_the_browser(network, tmp_path)
    compare(engine, network, tmp_path, np.random.default_rng(0).random((20, 3, 16, 16), np.float32))


@pytest.mark.parametrize(
    "layer",
    [nn.MaxPool2d(3, 2), nn.MaxPool2d(2, padding=1), nn.MaxPool2d(2, ceil_mode=True), nn.AvgPool2d((2, 1)),
     nn.Upsample(size=8), nn.Upsample(scale_factor=1.5), nn.Upsample(scale_factor=2, mode="bicubic"),
     nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)],
    ids=str,
)  # fmt: skip
def test_other_ways_to_resize_are_refused(layer: nn.Module, tmp_path: Path) -> None:
    network = resized(nn.MaxPool2d, "nearest", tmp_path)
    network.network.encoder = nn.Sequential(layer)  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="The engine of the browser has no"):
        portable(network)


def test_other_heads_and_networks_without_layers_are_refused(tmp_path: Path) -> None:
    save_file(convolutional_heads(1), tmp_path / "foreign.safetensors")
    network = loaded_from(tmp_path / "foreign.safetensors", replace(RELU, shape=(3, 16, 16))).model
    assert isinstance(network, ForeignModel)
    network.network.mean.append(nn.ReLU())
    with pytest.raises(ValueError, match="no heads of this kind"):
        portable(network)
    network.network = nn.Identity()
    with pytest.raises(ValueError, match="no chain of layers"):
        portable(network)


def test_the_engine_has_each_activation_of_foreign_networks(js_module: Callable[[str], Any]) -> None:
    assert set(js_module("js/engine").evaluate("(engine) => Object.keys(engine.ACTIVATIONS)")) == ACTIVATIONS.keys()


def card_of(name: str) -> Card:
    return next(card for card in CARDS if card.name == name)


@pytest.mark.parametrize("name", SHORT)
@pytest.mark.long
def test_decoding_and_encoding_allocate_nothing(engine: Any, name: str) -> None:
    engine.evaluate(OPEN, str(card_of(name).folder))
    same, growth = engine.evaluate(
        """() => {
            const { config, decode, encode } = globalThis.opened;
            const [z, x] = [config.latent_dim, config.shape.reduce((a, b) => a * b, 1)].map((n) => new Float32Array(n));
            const turn = () => {
                const before = process.memoryUsage();
                for (let i = 0; i < 200; i++) {
                    z[0] = i / 200;
                    decode(z);
                    encode(x);
                }
                const after = process.memoryUsage();
                return Math.max(...["heapUsed", "arrayBuffers"].map((key) => (after[key] - before[key]) / 200));
            };
            let growth = Infinity; // until it is compiled, every number that is computed takes room
            for (let round = 0; round < 40 && Math.abs(growth) > 500; round++) growth = turn();
            return [decode(z) === decode(z) && encode(x).mean === encode(x).mean, growth];
        }"""
    )
    assert same, "each answer has an array of its own"
    assert abs(growth) < 500, f"bytes a decode and an encode: {growth}"


def test_what_is_damaged_is_named(engine: Any) -> None:
    folder = card_of("mnist-ae-2d").folder
    config, weights = (folder / CONFIG).read_text(), (folder / WEIGHTS).read_bytes()

    def refused(weights: bytes = weights, config: str = config, **changed: Any) -> str:
        fields = json.dumps({**json.loads(config), **changed})
        reason = engine.evaluate(REFUSED, fields, np.frombuffer(weights, np.uint8))
        assert reason, "it was opened"
        return str(reason)

    size = len(weights)
    for end in (0, 7, 8, 100, size // 2, size - 1):
        assert "cut off" in refused(weights[:end]), end
    assert "no safetensors file" in refused(b"\x80\x04" + weights)
    assert "no JSON object" in refused(struct.pack("<Q", 4) + b"[{]}")
    header = struct.unpack("<Q", weights[:8])[0]
    assert "head.bias" in refused(weights[:8] + weights[8:].replace(b'"head.bias"', b'"head.bios"', 1))
    assert "of type F16X" in refused(struct.pack("<Q", header + 1) + weights[8:].replace(b'"F16"', b'"F16X"', 1))
    assert "NaN" in refused(weights[:-200] + b"\xff" * 200)
    assert "(128, 2); the config asks for (128, 3)" in refused(latent_dim=3)
    assert "encoder.layers.5" in refused(channels=[16, 32])
    assert "perceiver" in refused(body="perceiver", network="perceiver")
    assert "poisson" in refused(likelihood="poisson")
    assert "softplus" in refused(output="softplus")
    assert "shape" in refused(shape=[1, 28, 1e9])
    assert "0 axes" in refused(shape=[])
    assert "16777216" in refused(shape=[1, 60_000, 60_000])
    assert "channels" in refused(channels=[1] * 1000)
    assert "kernel" in refused(body="conv1d", network="conv1d", shape=[1, 28], options={"kernel": "7"})
    assert "no object" in str(engine.evaluate(REFUSED, "[]", np.frombuffer(weights, np.uint8)))


def test_an_item_a_code_or_a_class_of_another_model_is_named(engine: Any) -> None:
    refusal = """(engine, name, ...values) => {
        try {
            return globalThis.opened[name](...values);
        } catch (error) {
            return error.message;
        }
    }"""
    engine.evaluate(OPEN, str(card_of("mnist-cvae").folder))
    assert "16 numbers, not 3" in engine.evaluate(refusal, "decode", np.zeros(3, np.float32), 1)
    assert "784 numbers, not 5" in engine.evaluate(refusal, "encode", np.zeros(5, np.float32), 1)
    for label in (None, 10, 0.5):
        assert "from 0 to 9" in engine.evaluate(refusal, "decode", np.zeros(16, np.float32), label)


JOBS = """async (module, folder, asked) => {
    const { readFileSync } = await import("node:fs");
    const heard = [];
    let client;
    const jobs = new module.Jobs((message) => {
        heard.push(message);
        client.receive(message);
    });
    client = new module.Client(() => (message) => void setTimeout(() => jobs.receive(message)));
    const config = JSON.parse(readFileSync(`${folder}/config.json`));
    client.open("model", config, new Uint8Array(readFileSync(`${folder}/model.safetensors`)));
    return asked(client, heard, config);
}"""


@pytest.fixture
def jobs(module_at: Callable[[Path], Any]) -> Any:
    return module_at(files.FOLDER / "js" / "engine" / "jobs.js")


def ask_jobs(jobs: Any, body: str) -> Any:
    source = JOBS.replace("asked(client, heard, config)", f"({body})(client, heard, config)").replace(", asked", "")
    return jobs.evaluate(source, str(card_of("mnist-vae").folder))


def test_a_long_job_comes_in_slices(jobs: Any) -> None:
    slices = ask_jobs(
        jobs,
        """(client) => new Promise((done, fail) => {
            const slices = [];
            client.run("film", { model: "model", kind: "decode", rows: new Float32Array(16 * 100) }, (slice) => {
                slices.push([slice.first, slice.count, slice.values.length]);
                if (slice.done) done(slices);
            }, fail);
        })""",
    )
    assert len(slices) > 1
    assert [first for first, _, _ in slices] == list(np.cumsum([0] + [count for _, count, _ in slices[:-1]]))
    assert sum(count for _, count, _ in slices) == 100
    assert all(numbers == 784 * count for _, count, numbers in slices)


def test_a_newer_job_of_a_lane_ends_the_older_one(jobs: Any) -> None:
    heard, other, stale, sent = ask_jobs(
        jobs,
        """async (client, heard) => {
            const [work, seen] = [{ model: "model", kind: "encode", rows: new Float32Array(784 * 2000) }, [0, 0, 0]];
            const done = (lane, row, rows) => new Promise((resolve) => client.run(
                lane, { ...work, rows: work.rows.subarray(0, 784 * rows) },
                (slice) => { seen[row] += slice.count; if (slice.done) resolve(); }, resolve,
            ));
            done("film", 0, 2000);
            const others = done("other", 1, 300);
            await new Promise((resume) => setTimeout(resume, 100));
            const stale = seen[0];
            await done("film", 2, 10);
            await others;
            await new Promise((resume) => setTimeout(resume, 200));
            const sent = heard.filter(({ job }) => job === 1).reduce((total, { count }) => total + count, 0);
            return [seen[2], seen[1], [stale, seen[0]], sent];
        }""",
    )
    assert heard == 10
    assert other == 300, "a job of another lane goes on"
    assert stale[0] == stale[1] < 2000, "nothing of a stale job is painted"
    assert sent < 2000, "a stale job is not worked to its end"


def test_a_job_that_cannot_be_done_says_why(jobs: Any) -> None:
    why = ask_jobs(
        jobs,
        """async (client, heard) => {
            const failed = (model) => new Promise((resolve) => client.run(
                "film", { model, kind: "decode", rows: new Float32Array(16) }, resolve, resolve,
            ));
            client.open("damaged", {}, new Uint8Array(3));
            return [await failed("nobody"), await failed("damaged"), heard.find(({ key }) => key === "damaged").error];
        }""",
    )
    assert why[:2] == ["The model is not open."] * 2
    assert "shape" in why[2]


def test_what_is_left_of_jobs_is_made_at_once_and_nothing_comes_twice(jobs: Any) -> None:
    heard, late, long = ask_jobs(
        jobs,
        """async (client, sent, config) => {
            const model = { config, decode: () => new Float32Array(784).fill(0.5) };
            const [rows, heard] = [new Float32Array(16 * 100), []];
            let long = 0;
            client.run("film", { model: "model", kind: "decode", rows }, (slice) =>
                heard.push([slice.first, slice.count, slice.done]));
            const many = new Float32Array(16 * 2001);
            client.run("long", { model: "model", kind: "decode", rows: many }, () => (long += 1));
            const items = new Float32Array(784 * 2001);
            client.run("items", { model: "model", kind: "encode", rows: items }, () => (long += 1));
            client.run("lost", { model: "gone", kind: "decode", rows }, () => heard.push("of a model that is gone"));
            client.finish((key) => (key === "model" ? model : undefined));
            const [at_once, first] = [heard.slice(), long];
            client.stop("long");
            client.stop("items");
            await new Promise((resume) => setTimeout(resume, 100));
            return [at_once, heard.length - at_once.length, first];
        }""",
    )
    assert heard == [[0, 100, True]]
    assert late == 0, "the worker was told to stop"
    assert long == 0, "a job of more rows than one waits for goes on as it was"
