import itertools
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save as save_safetensors
from torch import Tensor, nn

from aeviz.device import BATCH
from aeviz.errors import CheckpointError
from aeviz.importers.files.archives import ArchiveError, unpack
from aeviz.importers.models.answers import Candidate, Loaded, Unclear
from aeviz.importers.models.statement import OUTPUTS, Statement
from aeviz.importers.reading import read_model
from aeviz.latent.explorer import Explorer
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.store.checkpoints import save
from tests.importers.conftest import Example, answer_of, blobs, check_lines, loaded_from, saved, zipped

FIXTURES = Path(__file__).parents[1] / "fixtures"
SHAPE = (1, 8, 8)


@pytest.fixture(autouse=True)
def _beside_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines that are copied load their file from where they are run."""
    monkeypatch.chdir(tmp_path)


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def tensor(items: np.ndarray) -> Tensor:
    return torch.tensor(items)


# --- pythae ---


@pytest.fixture(params=["AE", "VAE"])
def saved_by_pythae(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """A model that pythae 0.1.2 saved, and what its own networks gave for five pictures."""
    expected = json.loads((FIXTURES / "pythae.json").read_text())[request.param]
    return unpack(FIXTURES / f"pythae-{request.param.lower()}.zip", tmp_path / "model"), expected


def test_the_means_are_those_of_pythae(saved_by_pythae: tuple[Path, dict[str, Any]]) -> None:
    folder, expected = saved_by_pythae
    x = torch.arange(5 * 16).reshape(5, 1, 4, 4).mul(37).remainder(101) / 100.0
    loaded = loaded_from(folder)
    posterior = loaded.model.encode(x)
    torch.testing.assert_close(posterior.mean, torch.tensor(expected["embedding"]), atol=1e-5, rtol=0)
    if expected["log_covariance"] is None:
        assert posterior.std is None
    else:
        spread = (torch.tensor(expected["log_covariance"]) / 2).exp()
        torch.testing.assert_close(posterior.std, spread, atol=1e-5, rtol=1e-5)
    pictures = loaded.model.decode(posterior.mean)[:2].flatten(1)
    torch.testing.assert_close(pictures, torch.tensor(expected["reconstruction"]), atol=1e-5, rtol=0)
    assert (loaded.origin, loaded.card.latent_dim, loaded.statement.shape) == ("pythae", 2, (1, 4, 4))


def pythae(tmp_path: Path) -> Path:
    return unpack(FIXTURES / "pythae-vae.zip", tmp_path / "model")


def edit(folder: Path, **changes: Any) -> None:
    path = folder / "model_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


PYTHAE: dict[str, tuple[Callable[[Path], object], str]] = {
    "pickled encoder": (
        lambda folder: (folder / "encoder.pkl").write_bytes(b"\x80\x04."),
        "own in encoder.pkl, a pickle.*Python",
    ),
    "pickled decoder": (
        lambda folder: edit(folder, uses_default_decoder=False),
        "own in decoder.pkl.*could run any program",
    ),
    "a codebook": (lambda folder: edit(folder, name="VQVAEConfig"), "VQVAE of pythae cannot be shown.*codebook"),
    "another code": (lambda folder: edit(folder, latent_dim=3), r"a code of 2, expected 16 and 3"),
    "another shape": (lambda folder: edit(folder, input_dim=[1, 5, 5]), "takes 16 numbers.*expected 25"),
    "no shape": (lambda folder: edit(folder, input_dim=None), "input_dim must be one to three sizes"),
    "no code": (lambda folder: edit(folder, latent_dim="two"), "latent_dim must be a size"),
    "true code": (lambda folder: edit(folder, latent_dim=True), "latent_dim must be a size"),
    "no name": (lambda folder: edit(folder, name=["VAE"]), "name must be a word"),
    "no weights": (lambda folder: (folder / "model.pt").unlink(), "model.pt is missing"),
}


@pytest.mark.parametrize("case", PYTHAE)
def test_what_is_wrong_with_a_pythae_folder_is_said(case: str, tmp_path: Path) -> None:
    damage, said = PYTHAE[case]
    folder = pythae(tmp_path)
    damage(folder)
    with pytest.raises(CheckpointError, match=said):
        loaded_from(folder)


def test_a_pythae_folder_of_odd_rows_asks_for_their_shape(tmp_path: Path) -> None:
    folder = pythae(tmp_path)
    edit(folder, input_dim=[17])
    answer = answer_of(folder)
    assert isinstance(answer, Unclear)
    assert "state its shape" in answer.message


def test_parts_of_training_alone_do_not_disturb(tmp_path: Path) -> None:
    folder = pythae(tmp_path)
    edit(folder, name="FactorVAEConfig")
    weights = torch.load(folder / "model.pt", weights_only=True)["model_state_dict"]
    more = {**weights, "discriminator.layers.0.0.weight": torch.zeros(3, 2)}
    write(folder / "model.pt", saved({"model_state_dict": more}))
    assert loaded_from(folder).title == "FactorVAE of pythae"
    write(folder / "model.pt", saved({"model_state_dict": {**weights, "quantizer.weight": torch.zeros(3, 2)}}))
    with pytest.raises(CheckpointError, match="other networks than pythae's default ones"):
        loaded_from(folder)


# --- State dicts ---


@pytest.mark.parametrize("kind", ["torch", "safetensors"])
def test_the_pytorch_example_gives_what_it_gives_there(kind: str, example: Example, tmp_path: Path) -> None:
    weights = example.state_dict()
    path = write(tmp_path / "mine.pt", saved(weights) if kind == "torch" else save_safetensors(weights))
    loaded = loaded_from(path)
    x = tensor(blobs(5))
    mean, log_var = example.encode(x)
    posterior = loaded.model.encode(x)
    torch.testing.assert_close(posterior.mean, mean)
    torch.testing.assert_close(posterior.std, (log_var / 2).exp())
    torch.testing.assert_close(loaded.model.decode(mean).flatten(1), example.decode(mean))
    torch.testing.assert_close(loaded.model.decode_logits(mean).sigmoid().flatten(1), example.decode(mean))
    assert (loaded.name, loaded.card.family, loaded.model.config.shape) == ("mine", "vae", SHAPE)
    check_lines(loaded.model, x)
    assert "taken for granted" in loaded.notes[0]


class Vanilla(nn.Module):
    """The VanillaVAE of PyTorch-VAE, written here once more: github.com/AntixK/PyTorch-VAE."""

    def __init__(self, channels: int, d: int, widths: list[int], smallest: int) -> None:
        super().__init__()
        self.smallest = (widths[-1], smallest, smallest)
        down, up, before = [], [], channels
        for width in widths:
            layers = nn.Conv2d(before, width, 3, 2, 1), nn.BatchNorm2d(width), nn.LeakyReLU()
            down.append(nn.Sequential(*layers))
            before = width
        flat = widths[-1] * smallest**2
        self.encoder = nn.Sequential(*down)
        self.fc_mu, self.fc_var, self.decoder_input = nn.Linear(flat, d), nn.Linear(flat, d), nn.Linear(d, flat)
        widths = widths[::-1]
        for a, b in itertools.pairwise(widths):
            layers = nn.ConvTranspose2d(a, b, 3, 2, 1, 1), nn.BatchNorm2d(b), nn.LeakyReLU()
            up.append(nn.Sequential(*layers))
        self.decoder = nn.Sequential(*up)
        last = widths[-1]
        self.final_layer = nn.Sequential(
            nn.ConvTranspose2d(last, last, 3, 2, 1, 1), nn.BatchNorm2d(last), nn.LeakyReLU(),
            nn.Conv2d(last, channels, 3, padding=1), nn.Tanh(),
        )  # fmt: skip

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.encoder(x).flatten(1)
        return self.fc_mu(features), self.fc_var(features)

    def decode(self, z: Tensor) -> Tensor:
        return self.final_layer(self.decoder(self.decoder_input(z).view(-1, *self.smallest)))


@pytest.mark.parametrize("channels", [1, 3])
def test_the_vae_of_pytorch_vae_gives_what_it_gives_there(channels: int, tmp_path: Path) -> None:
    torch.manual_seed(1)
    theirs = Vanilla(channels, 4, [4, 6, 8], 2)
    theirs.decode(theirs.encode(torch.rand(8, channels, 16, 16))[0])  # moves the running averages
    theirs.eval()
    weights = {f"model.{key}": value for key, value in theirs.state_dict().items()}
    loaded = loaded_from(write(tmp_path / "last.ckpt", saved({"state_dict": weights})))
    x = torch.rand(3, channels, 16, 16)
    mean, log_var = theirs.encode(2 * x - 1)
    posterior = loaded.model.encode(x)
    torch.testing.assert_close(posterior.mean, mean)
    torch.testing.assert_close(posterior.std, (log_var / 2).exp())
    torch.testing.assert_close(loaded.model.decode(mean), (theirs.decode(mean) + 1) / 2)
    torch.testing.assert_close(loaded.model.decode_logits(mean).sigmoid(), (theirs.decode(mean) + 1) / 2)
    assert loaded.model.config.shape == (channels, 16, 16)
    check_lines(loaded.model, x)


def chain(widths: list[int], activation: type[nn.Module], last: type[nn.Module] | None = None) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise(widths):
        layers += [nn.Linear(before, after), activation()]
    return nn.Sequential(*layers[:-1], *([last()] if last else []))


class Chain(nn.Module):
    def __init__(self, activation: type[nn.Module], last: type[nn.Module] | None) -> None:
        super().__init__()
        self.encoder = chain([64, 24, 12, 2], activation)
        self.decoder = chain([2, 12, 24, 64], activation, last)

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x.flatten(1))).unflatten(1, SHAPE)


WAYS = {
    "unit": (nn.ReLU, nn.Sigmoid, lambda x: x, lambda y: y),
    "signed": (nn.ELU, nn.Tanh, lambda x: 2 * x - 1, lambda y: (y + 1) / 2),
    "standard": (nn.Tanh, None, lambda x: (x - x.mean()) / x.std(), None),
}


@pytest.mark.long
@pytest.mark.parametrize("scaling", WAYS)
def test_what_the_weights_do_not_tell_is_found_out_by_trying(scaling: str, tmp_path: Path) -> None:
    activation, last, inward, _ = WAYS[scaling]
    torch.manual_seed(0)
    items = blobs(256)
    x = inward(tensor(items))
    theirs = Chain(activation, last)
    optimiser = torch.optim.Adam(theirs.parameters(), 5e-3)
    for _ in range(400):
        optimiser.zero_grad()
        (theirs(x) - x).square().mean().backward()
        optimiser.step()
    path = write(tmp_path / "a.pt", saved(theirs.state_dict()))
    answer = answer_of(path)
    assert isinstance(answer, Unclear)
    assert "State them" in answer.message
    assert answer.needs.keys() == {"activation", "output"}
    assert answer.needs["output"] == OUTPUTS
    loaded = loaded_from(path, items=items)
    kinds = {nn.ReLU: "relu", nn.ELU: "elu", nn.Tanh: "tanh", nn.Sigmoid: "sigmoid", None: "linear"}
    found = loaded.statement
    assert (found.scaling, found.activation, found.output) == (scaling, kinds[activation], kinds[last])
    torch.testing.assert_close(
        loaded.model.encode(tensor(items)).mean, theirs.encoder(x.flatten(1)), atol=1e-4, rtol=1e-3
    )
    assert "found by trying on 256 items" in loaded.notes[0]
    stated = loaded_from(path, replace(found))
    torch.testing.assert_close(stated.model(tensor(items)), loaded.model(tensor(items)))


@pytest.mark.parametrize(
    ("name", "times"), [("fc_logvar", 0.5), ("fc_var", 0.5), ("fc_log_std", 1), ("fc_logsigma", 1)]
)
def test_heads_are_found_whatever_the_order_of_the_tensors(name: str, times: float, tmp_path: Path) -> None:
    torch.manual_seed(0)
    heads = {name: nn.Linear(12, 2), "fc_mu": nn.Linear(12, 2)}
    both = nn.ModuleDict({"decoder": chain([2, 12, 64], nn.ReLU), **heads, "encoder": chain([64, 24, 12], nn.ReLU)})
    path = write(tmp_path / "a.pt", saved(both.state_dict()))
    loaded = loaded_from(path, Statement(activation="relu", output="sigmoid"))
    x = torch.rand(3, *SHAPE)
    hidden = torch.relu(both["encoder"](x.flatten(1)))
    torch.testing.assert_close(loaded.model.encode(x).mean, heads["fc_mu"](hidden))
    torch.testing.assert_close(loaded.model.encode(x).std, (heads[name](hidden) * times).exp())


def test_tanh_is_in_the_scaling_of_the_input(tmp_path: Path) -> None:
    """Many feed plain [0, 1] pictures to a decoder that ends in tanh: what is below 0 is black then."""
    torch.manual_seed(0)
    theirs = Chain(nn.ReLU, nn.Tanh)
    path = write(tmp_path / "a.pt", saved(theirs.state_dict()))
    x = torch.rand(3, *SHAPE)
    for scaling, wanted in (("unit", theirs(x).clamp(0, 1)), ("signed", (theirs(2 * x - 1) + 1) / 2)):
        model = loaded_from(path, Statement(scaling=scaling, activation="relu", output="tanh")).model
        torch.testing.assert_close(model(x).flatten(1), wanted.flatten(1))
        logits = model.decode_logits(model.encode(x).mean)
        torch.testing.assert_close(logits.sigmoid().flatten(1), wanted.flatten(1), atol=2e-6, rtol=1e-5)


def test_a_shape_that_is_no_square_must_be_stated(tmp_path: Path) -> None:
    path = write(tmp_path / "a.pt", saved(Example(6 * 9).state_dict()))
    answer = answer_of(path)
    assert isinstance(answer, Unclear)
    assert "54 numbers" in answer.message
    assert "state its shape" in answer.message
    assert answer.needs == {"shape": {}}
    assert loaded_from(path, Statement(shape=(1, 6, 9))).model.config.shape == (1, 6, 9)
    assert loaded_from(path, items=np.zeros((2, 1, 9, 6), np.float32)).model.config.shape == (1, 9, 6)
    with pytest.raises(CheckpointError, match="has 10 numbers, but these weights are for 54"):
        loaded_from(path, Statement(shape=(1, 2, 5)))


def without(example: Example, name: str) -> dict[str, Tensor]:
    return {key: value for key, value in example.state_dict().items() if key != name}


VANILLA_NAMES = ("encoder.0.0.weight", "fc_mu.weight", "final_layer.3.weight")
CASES: dict[str, tuple[Callable[[Example], dict[str, Tensor]], str]] = {
    "missing": (lambda example: without(example, "fc3.weight"), "No layout that is known here"),
    "surplus": (lambda example: {**example.state_dict(), "fc5.weight": torch.zeros(2, 2)}, "No layout"),
    "another shape": (
        lambda example: {**example.state_dict(), "fc3.weight": torch.zeros(12, 4)},
        "fc21 gives 3 numbers, but fc3 takes 4",
    ),
    "heads differ": (
        lambda example: {**example.state_dict(), "fc22.weight": torch.zeros(4, 12), "fc22.bias": torch.zeros(4)},
        "differ in shape",
    ),
    "a single number": (
        lambda example: {name: torch.zeros(()) for name in VANILLA_NAMES},
        "No layout that is known here",
    ),
    "strangers": (lambda example: {"a": torch.zeros(2)}, r"a \(2,\).*Expected fc1"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_with_weights_is_said(case: str, example: Example, tmp_path: Path) -> None:
    change, said = CASES[case]
    with pytest.raises(CheckpointError, match=said):
        loaded_from(write(tmp_path / "a.pt", saved(change(example))))


@pytest.mark.parametrize(
    "wrong",
    [{"shape": (1, 2)}, {"shape": (1, 2, 0)}, {"scaling": "odd"}, {"output": "relu"}, {"activation": "maxout"},
     {"likelihood": "x"}, {"mean": (0.5,)}, {"mean": (0.5,), "std": (0.0,)}, {"mean": (float("nan"),), "std": (1.0,)}],
)  # fmt: skip
def test_statements_are_checked(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be|Unknown|together"):
        Statement(**wrong)


# --- aeviz, zips, folders ---


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    return save(Autoencoder(Config(family="ae", shape=SHAPE, latent_dim=2, body="dense")), tmp_path / "ours")


def whole(folder: Path) -> bytes:
    return zipped({f"{folder.name}/{file.name}": file.read_bytes() for file in folder.iterdir()})


def test_an_aeviz_folder_and_a_zip_of_it(ours: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "my zip.zip", whole(ours))
    workspace = tmp_path / "work"
    x = torch.rand(2, *SHAPE)
    one, other = loaded_from(ours), loaded_from(path, workspace=workspace)
    torch.testing.assert_close(one.model(x), other.model(x))
    assert (other.origin, other.name, other.statement.shape) == ("aeviz", "my zip", SHAPE)
    assert other.card.folder == workspace / "my_zip" / "ours"
    assert other.card.folder.is_dir()


def test_a_folder_with_a_program_in_it_is_refused(ours: Path) -> None:
    (ours / "notes.txt").write_bytes(b"\x80\x04\x95.")
    with pytest.raises(ArchiveError, match=r"notes\.txt is a pickle"):
        loaded_from(ours)


def test_an_unknown_family_is_told(ours: Path) -> None:
    config = json.loads((ours / "config.json").read_text())
    (ours / "config.json").write_text(json.dumps({**config, "family": "gan"}))
    with pytest.raises(CheckpointError, match="Unknown family 'gan': expected one of ae"):
        loaded_from(ours)


def test_a_folder_of_something_else_is_told(tmp_path: Path, example: Example) -> None:
    (tmp_path / "a").mkdir()
    write(tmp_path / "a" / "readme.txt", b"text")
    with pytest.raises(CheckpointError, match=r"holds readme\.txt: expected config\.json"):
        loaded_from(tmp_path / "a")
    write(tmp_path / "a" / "weights", saved(example.state_dict()))
    assert loaded_from(tmp_path / "a").origin == "state dict"


def test_a_zip_that_leads_out_writes_nothing(tmp_path: Path, ours: Path) -> None:
    path = write(tmp_path / "a.zip", zipped({"../evil.txt": b"x", "config.json": b"{}"}))
    shutil.rmtree(ours)
    with pytest.raises(ArchiveError, match="leads out"):
        loaded_from(path, workspace=tmp_path / "work")
    assert list(tmp_path.rglob("*.txt")) == []


def test_the_explorer_takes_a_foreign_model_as_it_is(example: Example, tmp_path: Path) -> None:
    loaded: Loaded = loaded_from(write(tmp_path / "a.pt", saved(example.state_dict())))
    explorer = Explorer(loaded.model, loaded.name)
    items = blobs(6)
    codes = explorer.codes(items)
    assert codes.mean.shape == (6, 3)
    assert codes.kl is not None
    assert codes.tiles.dtype == np.uint8
    assert np.isfinite(explorer.reconstruction_error(explorer.prior(3, seed=0), items[:1])).all()
    assert explorer.decode(explorer.prior(4, 0)).shape == (4, *SHAPE)
    with pytest.raises(ValueError, match="Expected pictures"):
        loaded.model.encode(torch.zeros(1, 1, 9, 9))
    with pytest.raises(ValueError, match="Expected codes"):
        loaded.model.decode(torch.zeros(1, 9))


# --- Too large ---


def stack(features: int, hidden: int, d: int) -> dict[str, Tensor]:
    return {key: torch.zeros(value.shape) for key, value in Example(features, hidden, d).state_dict().items()}


def vanilla(widths: list[int], smallest: int) -> dict[str, Tensor]:
    return dict(Vanilla(1, 2, widths, smallest).state_dict())


LARGE: dict[str, tuple[Callable[[], dict[str, Tensor]], str]] = {
    "wide": (lambda: stack(4, 70_000, 2), "widest layer has 70,000 units; at most 65,536"),
    "a wide decoder": (
        lambda: {f"{name}.{kind}": torch.zeros(size if kind == "weight" else size[:1])
                 for name, size in {"encoder.0": (2, 4), "decoder.0": (70_000, 2), "decoder.2": (4, 70_000)}.items()
                 for kind in ("weight", "bias")},
        "widest layer has 70,000 units",
    ),
    "a large code": (lambda: stack(4, 3, 5_000), "code has 5,000 numbers; at most 4,096"),
    "large maps": (lambda: vanilla([300, 2, 2, 2, 2, 2, 2, 2], 1), "holds 19,660,800 numbers for a single item"),
}  # fmt: skip


@pytest.mark.parametrize("case", LARGE)
def test_what_is_too_wide_to_run_is_refused(case: str, tmp_path: Path) -> None:
    make, said = LARGE[case]
    with pytest.raises(CheckpointError, match=said):
        loaded_from(write(tmp_path / "a.safetensors", save_safetensors(make())))


OURS: dict[str, tuple[dict[str, Any], str]] = {
    "a large code": ({"body": "dense", "hidden": (2,), "latent_dim": 5_000}, "code has 5,000 numbers"),
    "large maps": ({"shape": (1, 512, 512), "channels": (80, *[1] * 8), "hidden": ()}, "holds 20,971,520 numbers"),
}


@pytest.mark.parametrize("case", OURS)
def test_an_aeviz_folder_that_is_too_wide_is_refused(case: str, tmp_path: Path) -> None:
    changes, said = OURS[case]
    config = Config(**{"family": "ae", "shape": SHAPE, "latent_dim": 2, **changes})
    with pytest.raises(CheckpointError, match=said):
        loaded_from(save(Autoencoder(config), tmp_path / "a"))


def test_a_wide_network_takes_few_items_at_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.safetensors", save_safetensors(stack(4, 65_536, 2)))
    model = loaded_from(path).model
    rows: list[int] = []
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            layer.register_forward_hook(lambda layer, inputs, output: rows.append(output.numel()))
    posterior = model.encode(torch.zeros(600, 1, 2, 2))
    assert model.decode(posterior.mean).shape == (600, 1, 2, 2)
    assert max(rows) <= 1 << 24


@pytest.mark.long
def test_an_aeviz_model_of_large_maps_takes_few_items_at_once(tmp_path: Path) -> None:
    config = Config(family="ae", shape=(1, 256, 256), latent_dim=2, channels=(16, *[1] * 7), hidden=())
    model = loaded_from(save(Autoencoder(config), tmp_path / "a")).model
    sizes: list[int] = []
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            layer.register_forward_hook(lambda layer, inputs, output: sizes.append(output.numel()))
    posterior = model.encode(torch.zeros(70, 1, 256, 256))
    assert model.decode(posterior.mean).shape == (70, 1, 256, 256)
    assert max(sizes) <= 1 << 24


OTHERS: dict[str, dict[str, Any]] = {
    "rows": {"modality": "table", "shape": (9,), "columns": (1,) * 9},
    "series": {"modality": "series", "shape": (2, 40)},
    "series, lstm": {"modality": "series", "shape": (1, 40), "body": "lstm"},
    "texts": {"modality": "text", "shape": (5, 12)},
    "texts, writer": {"modality": "text", "shape": (5, 12), "body": "lstm-writer"},
    "texts, dense": {"modality": "text", "shape": (5, 12), "body": "dense"},
}


@pytest.mark.parametrize("case", OTHERS)
def test_an_aeviz_folder_of_other_items_loads(case: str, tmp_path: Path) -> None:
    config = Config(**{"family": "ae", "latent_dim": 2, "hidden": (8,), "channels": (4,), **OTHERS[case]})
    model = loaded_from(save(Autoencoder(config), tmp_path / "a")).model
    assert model(torch.zeros(3, *config.shape)).shape == (3, *config.shape)
    assert model.batch == BATCH


def test_a_transformer_of_many_places_takes_few_items_at_once(tmp_path: Path) -> None:
    options = {"width": 256, "heads": 8, "layers": 1}
    config = Config(
        family="ae", modality="text", shape=(3, 256), latent_dim=2, body="transformer", options=options, hidden=()
    )
    assert loaded_from(save(Autoencoder(config), tmp_path / "a")).model.batch == (1 << 24) // (8 * 256**2)


def test_codes_of_a_wide_model_are_made_in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Autoencoder(Config(family="ae", shape=SHAPE, latent_dim=2, body="dense", hidden=(64,)))
    monkeypatch.setattr("aeviz.latent.explorer.MAX_PART_VALUES", 320)
    sizes: list[int] = []
    model.head.register_forward_hook(lambda layer, inputs, output: sizes.append(len(output)))
    assert Explorer(model).codes(blobs(12)).mean.shape == (12, 2)
    assert sizes == [5, 5, 2]


def test_weights_and_unpacked_files_take_no_more_than_there_is_room_for(ours: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", whole(ours))
    size = (ours / "model.safetensors").stat().st_size
    with pytest.raises(ArchiveError, match="unpacks to"):
        loaded_from(path, max_bytes=size - 1_000)
    with pytest.raises(CheckpointError, match="there is room for"):  # it is kept in half precision
        loaded_from(path, max_bytes=size + 10_000)
    assert loaded_from(path, max_bytes=3 * size).origin == "aeviz"


def test_a_config_nested_deep_is_refused(ours: Path) -> None:
    config = json.loads((ours / "config.json").read_text())
    deep: Any = {}
    for _ in range(900):
        deep = {"a": deep}
    (ours / "config.json").write_text(json.dumps({**config, "training": deep}))
    with pytest.raises(CheckpointError, match="objects within objects"):
        loaded_from(ours)


def test_numbers_of_four_bits_are_refused(ours: Path) -> None:
    header = json.dumps({"a": {"dtype": "F4", "shape": [4], "data_offsets": [0, 2]}}).encode()
    (ours / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(2))
    with pytest.raises(CheckpointError, match=r"model\.safetensors"):
        loaded_from(ours)


def test_only_items_of_the_models_shape_are_asked_for_and_the_first_that_fit(example: Example, tmp_path: Path) -> None:
    asked: list[str] = []

    def candidate(name: str, shape: tuple[int, int, int], count: int) -> Candidate:
        def items() -> np.ndarray:
            asked.append(name)
            return blobs(count)

        return Candidate(shape, items)

    path = write(tmp_path / "a.pt", saved(example.state_dict()))
    candidates = [candidate("other", (1, 9, 9), 5), candidate("mine", SHAPE, 16), candidate("theirs", SHAPE, 20)]
    answer = read_model(path, candidates, device="cpu")
    assert isinstance(answer, Loaded)
    assert "found by trying on 16 items" in answer.notes[0]
    assert asked == ["mine"]
