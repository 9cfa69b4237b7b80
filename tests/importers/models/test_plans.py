"""Networks told by shapes alone, and what shapes do not tell found out by trying."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save as save_safetensors
from torch import Tensor, nn

from aeviz.errors import CheckpointError
from aeviz.importers.models import trying
from aeviz.importers.models.answers import Loaded, Unclear
from aeviz.importers.models.chains import plan_of
from aeviz.importers.models.plans import forms
from aeviz.importers.models.statement import Statement
from aeviz.latent.grids import CodeGrid, grid_of
from tests.importers.conftest import answer_of, blobs, check_lines, loaded_from, saved

SHAPE = (1, 8, 8)


@pytest.fixture(autouse=True)
def _as_long_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine tries no fewer ways."""
    monkeypatch.setattr(trying, "MAX_TRYING_S", 3600.0)


def shapes_of(weights: dict[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in weights.items() if "num_batches" not in name}


def named(*layers: tuple[str, nn.Module]) -> dict[str, Tensor]:
    return dict(nn.Sequential(OrderedDict(layers)).state_dict())


def linear(*widths: tuple[str, int, int]) -> dict[str, tuple[int, ...]]:
    return {
        f"{name}.{tensor}": (after, before) if tensor == "weight" else (after,)
        for name, before, after in widths
        for tensor in ("weight", "bias")
    }


# --- The order of dense layers ---

MNIST = [
    ("a", 784, 512),
    ("b", 512, 256),
    ("c", 256, 2),
    ("d", 256, 2),
    ("e", 2, 256),
    ("f", 256, 512),
    ("g", 512, 784),
]
WORDS: dict[str, str] = {
    "the usual": "fc1 fc2 fc_mu fc_logvar fc3 fc4 fc5",
    "numbers": "layer1 layer2 layer31 layer32 layer4 layer5 layer6",
    "in parts": "q.0 q.2 q_mean q_std p.0 p.2 p.4",
    "of another language": "eins zwei drei vier fuenf sechs sieben",
    "misleading": "z y x w v u t",
}


@pytest.mark.parametrize("case", WORDS)
@pytest.mark.parametrize("by_alphabet", [False, True])
def test_dense_layers_are_put_in_order_whatever_their_names(case: str, by_alphabet: bool) -> None:
    words = WORDS[case].split()
    shapes = linear(*((word, before, after) for word, (_, before, after) in zip(words, MNIST, strict=True)))
    plan = plan_of(dict(sorted(shapes.items())) if by_alphabet else shapes)
    assert plan is not None
    assert [layer.name for layer in plan.encoder] == words[:2]
    assert plan.log_var is not None
    assert {plan.mean.name, plan.log_var.name} == set(words[2:4])
    if plan.sure:
        assert plan.mean.name == words[2]
    assert [layer.name for layer in plan.decoder] == words[4:]


def test_a_head_of_twice_the_code_and_layers_of_one_width() -> None:
    plan = plan_of(linear(("l1", 64, 16), ("l2", 16, 16), ("l3", 16, 6), ("l4", 3, 16), ("l5", 16, 16), ("l6", 16, 64)))
    assert plan is not None
    assert plan.double
    assert [layer.name for layer in plan.layers] == ["l1", "l2", "l3", "l4", "l5", "l6"]
    plan = plan_of(linear(("l1", 64, 16), ("l2", 16, 16), ("l3", 16, 3), ("l4", 3, 16), ("l5", 16, 16), ("l6", 16, 64)))
    assert plan is not None
    assert not plan.has_spread
    assert [layer.name for layer in plan.layers] == ["l1", "l2", "l3", "l4", "l5", "l6"]
    assert plan.mean.name == "l3"


@pytest.mark.parametrize(
    "layers",
    [
        [("a", 4, 3), ("b", 3, 5)],
        [("a", 4, 3), ("b", 2, 4)],
        [("a", 4, 4)],
        [("a", 4, 2), ("b", 2, 4), ("c", 9, 9)],
        [],
    ],
)
def test_what_is_no_autoencoder_is_none(layers: list[tuple[str, int, int]]) -> None:
    assert plan_of(linear(*layers)) is None


def test_many_layers_of_one_width_take_no_time() -> None:
    layers = [(f"l{row}", 8, 8) for row in range(40)]
    plan = plan_of(linear(*layers))
    assert plan is None or len(plan.layers) == 40


# --- Reading ---


def trained(
    model: nn.Module, items: np.ndarray, inward: Callable[[Tensor], Tensor] = lambda x: x, steps: int = 150
) -> nn.Module:
    torch.manual_seed(0)
    for parameter in model.parameters():
        if parameter.ndim > 1:
            nn.init.xavier_uniform_(parameter)
    x = inward(torch.tensor(items))
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(steps):
        optimiser.zero_grad()
        (model(x) - x).square().mean().backward()
        optimiser.step()
    with torch.no_grad():
        for _ in range(40):  # running averages follow the weights
            model(x)
    return model.eval()


class Halves(nn.Module):
    """An encoder and a decoder, of which the state dict tells no more than tensors."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x)).reshape(x.shape)  # type: ignore[no-any-return]


def dense(activation: Callable[[], nn.Module], other: Callable[[], nn.Module] | None = None) -> Halves:
    other = other or activation
    encoder = nn.Sequential(
        nn.Flatten(), nn.Linear(64, 24), activation(), nn.Linear(24, 12), activation(), nn.Linear(12, 2)
    )
    decoder = nn.Sequential(nn.Linear(2, 12), other(), nn.Linear(12, 24), other(), nn.Linear(24, 64), nn.Sigmoid())
    return Halves(encoder, decoder)


@pytest.fixture(autouse=True)
def _beside_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines that are copied load their file from where they are run."""
    monkeypatch.chdir(tmp_path)


def read(model: nn.Module, folder: Path, items: np.ndarray | None = None, **stated: Any) -> Loaded:
    path = folder / "mine.pt"
    path.write_bytes(saved(model.state_dict()))
    return loaded_from(path, Statement(**stated), items=items)


def agree(loaded: Loaded, model: nn.Module, items: np.ndarray, tolerance: float = 1e-4) -> None:
    x = torch.tensor(items[:20])
    with torch.inference_mode():
        torch.testing.assert_close(loaded.model(x), model(x), atol=tolerance, rtol=0)
    check_lines(loaded.model, x)


ACTIVATIONS: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "slope 0.2": (lambda: nn.LeakyReLU(0.2), "leaky_relu_0.2"),
    "softplus": (nn.Softplus, "softplus"),
    "selu": (nn.SELU, "selu"),
    "mish": (nn.Mish, "mish"),
    "slope 0.1": (lambda: nn.LeakyReLU(0.1), "leaky_relu_0.1"),
    "slope 0.05": (lambda: nn.LeakyReLU(0.05), "leaky_relu_0.05"),
    "slope 0.3": (lambda: nn.LeakyReLU(0.3), "leaky_relu_0.3"),
    "slope 0.45": (lambda: nn.LeakyReLU(0.45), "leaky_relu_0.45"),
    "none": (nn.Identity, "identity"),
}


@pytest.mark.long
@pytest.mark.parametrize("case", ACTIVATIONS)
def test_the_activation_is_found(case: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    make, name = ACTIVATIONS[case]
    items = blobs(128)
    model = trained(dense(make), items)
    loaded = read(model, tmp_path, items)
    assert (loaded.statement.activation, loaded.statement.decoder_activation) == (name, name)
    agree(loaded, model, items)
    assert "squared error" in loaded.notes[0]
    assert "best other way" in loaded.notes[0]


def test_a_slope_that_nobody_lists_is_found_and_its_neighbours_are_told(tmp_path: Path) -> None:
    torch.manual_seed(0)
    items = blobs(128)
    model = trained(dense(lambda: nn.LeakyReLU(0.15)), items)
    loaded = read(model, tmp_path, items)
    assert (loaded.statement.activation, loaded.statement.decoder_activation) == ("leaky_relu_0.15", "leaky_relu_0.15")
    agree(loaded, model, items)
    assert "activation leaky ReLU (slope 0.15)" in loaded.notes[0]
    told = [note for note in loaded.notes if note.startswith("Slopes from")]
    assert not told or "0.2 " not in told[0]


def test_where_many_slopes_fit_alike_they_are_told_with_the_figures(tmp_path: Path) -> None:
    """Nothing trained: no slope rebuilds the items, and none is better than its neighbours."""
    torch.manual_seed(0)
    loaded = read(dense(lambda: nn.LeakyReLU(0.15)), tmp_path, blobs(64), scaling="unit", output="sigmoid")
    told = " ".join(loaded.notes)
    assert "in doubt" in told or "Slopes from" in told
    assert "None of these ways rebuilds the items better than their average picture" in told


@pytest.mark.parametrize("text", ["leaky_relu_0", "leaky_relu_1", "leaky_relu_0.0", "leaky_relu_.2", "leaky_relu_x"])
def test_a_slope_is_named_in_one_way(text: str) -> None:
    with pytest.raises(ValueError, match="Unknown activation"):
        Statement(activation=text)
    assert Statement(activation="leaky_relu_0.07").activation == "leaky_relu_0.07"


@pytest.mark.long
def test_encoder_and_decoder_may_have_different_ones(tmp_path: Path) -> None:
    torch.manual_seed(0)  # whatever ran before: the first biases are drawn as the network is made
    items = blobs(128)
    model = trained(dense(nn.Tanh, lambda: nn.LeakyReLU(0.2)), items)
    loaded = read(model, tmp_path, items)
    assert (loaded.statement.activation, loaded.statement.decoder_activation) == ("tanh", "leaky_relu_0.2")
    agree(loaded, model, items)


@pytest.mark.long
def test_slopes_that_were_learnt_are_read(tmp_path: Path) -> None:
    items = blobs(128)
    model = trained(dense(nn.PReLU), items, steps=100)
    loaded = read(model, tmp_path, output="sigmoid")
    agree(loaded, model, items)
    assert "trying" not in " ".join(loaded.notes)


def test_a_doubt_is_voiced_where_two_fit_alike(tmp_path: Path) -> None:
    """A network whose units never fall below nought is the same with any slope."""
    items = blobs(64)
    model = dense(nn.ReLU)
    with torch.no_grad():
        for parameter in model.encoder.parameters():
            parameter.abs_()
    loaded = read(model, tmp_path, items, output="sigmoid", scaling="unit", decoder_activation="relu")
    assert "in doubt" in loaded.notes[0]
    assert any("would fit nearly as well" in note for note in loaded.notes)


class Normal(nn.Module):
    """Layers without bias, normalised, between others."""

    def __init__(self, last: bool) -> None:
        super().__init__()
        middle = (nn.ReLU(), nn.BatchNorm1d(16)) if last else (nn.BatchNorm1d(16), nn.ReLU())
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(64, 16, bias=False), *middle)
        self.fc_mu, self.fc_logvar = nn.Linear(16, 2, bias=False), nn.Linear(16, 2)
        self.decoder = nn.Sequential(nn.Linear(2, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 64), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.fc_mu(self.encoder(x))).reshape(x.shape)  # type: ignore[no-any-return]


@pytest.mark.parametrize("last", [False, True])
def test_normalisations_and_layers_without_bias(last: bool, tmp_path: Path) -> None:
    items = blobs(64)
    model = Normal(last).train()
    for _ in range(3):
        model(torch.tensor(items))
    loaded = read(model.eval(), tmp_path, activation="relu", output="sigmoid")
    agree(loaded, model, items, 1e-6)
    x = torch.tensor(items[:3])
    torch.testing.assert_close(loaded.model.encode(x).std, (model.fc_logvar(model.encoder(x)) / 2).exp())


def test_normalisations_of_a_number_are_those_of_its_layer(tmp_path: Path) -> None:
    torch.manual_seed(0)
    parts = {"fc1": nn.Linear(64, 12), "bn1": nn.BatchNorm1d(12), "fc2": nn.Linear(12, 2), "fc3": nn.Linear(2, 12),
             "bn3": nn.BatchNorm1d(12), "fc4": nn.Linear(12, 64)}  # fmt: skip
    both = nn.ModuleDict(parts)
    for norm in (parts["bn1"], parts["bn3"]):
        norm(torch.randn(50, 12) * 3 + 1)
    both.eval()
    path = tmp_path / "a.safetensors"
    path.write_bytes(save_safetensors(dict(both.state_dict())))
    model = loaded_from(path, Statement(activation="relu", output="sigmoid")).model
    x = torch.rand(4, *SHAPE)
    code = parts["fc2"](parts["bn1"](parts["fc1"](x.flatten(1))).relu())
    torch.testing.assert_close(model.encode(x).mean, code)
    torch.testing.assert_close(
        model.decode(code).flatten(1), parts["fc4"](parts["bn3"](parts["fc3"](code)).relu()).sigmoid()
    )


@pytest.mark.long
def test_heads_that_no_name_tells_apart_are_tried(tmp_path: Path) -> None:
    items = blobs(128)

    class Nameless(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.c = nn.Linear(64, 16), nn.Linear(16, 2), nn.Linear(16, 2)
            self.d, self.e = nn.Linear(2, 16), nn.Linear(16, 64)

        def forward(self, x: Tensor) -> Tensor:
            code = self.c(self.a(x.flatten(1)).relu())  # the second is the mean
            return self.e(self.d(code).relu()).sigmoid().reshape(x.shape)

    model = trained(Nameless(), items)
    loaded = read(model, tmp_path, items)
    agree(loaded, model, items)
    assert any("c is taken for the mean and b for the log-variance" in note for note in loaded.notes)


# --- Convolutions ---


def conv(*layers: nn.Module) -> nn.Sequential:
    return nn.Sequential(*layers)


def strided() -> Halves:
    return Halves(
        conv(nn.Conv2d(1, 6, 3, 2, 1), nn.ReLU(), nn.Conv2d(6, 8, 3, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(32, 3)),
        conv(nn.Linear(3, 32), nn.ReLU(), nn.Unflatten(1, (8, 2, 2)), nn.ConvTranspose2d(8, 6, 3, 2, 1, 1), nn.ReLU(),
             nn.ConvTranspose2d(6, 1, 3, 2, 1, 1), nn.Sigmoid()),
    )  # fmt: skip


def pooled() -> Halves:
    return Halves(
        conv(
            nn.Conv2d(1, 6, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 4, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
        ),
        conv(nn.ConvTranspose2d(4, 6, 2, 2), nn.ReLU(), nn.ConvTranspose2d(6, 1, 2, 2), nn.Sigmoid()),
    )


def enlarged() -> Halves:
    return Halves(
        conv(nn.Conv2d(1, 6, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(6, 8, 4, 2, 1), nn.LeakyReLU(0.2), nn.Flatten(),
             nn.Linear(32, 3)),
        conv(nn.Linear(3, 32), nn.Unflatten(1, (8, 2, 2)), nn.Upsample(scale_factor=2), nn.Conv2d(8, 6, 3, padding=1),
             nn.LeakyReLU(0.2), nn.Upsample(scale_factor=2), nn.Conv2d(6, 1, 3, padding=1), nn.Sigmoid()),
    )  # fmt: skip


def narrowed() -> Halves:
    return Halves(
        conv(nn.Conv2d(1, 6, 3, 2, 1), nn.ReLU(), nn.Conv2d(6, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 5, 2)),
        conv(nn.ConvTranspose2d(5, 8, 2), nn.ReLU(), nn.ConvTranspose2d(8, 6, 3, 2, 1, 1), nn.ReLU(),
             nn.ConvTranspose2d(6, 1, 3, 2, 1, 1), nn.Sigmoid()),
    )  # fmt: skip


def normal() -> Halves:
    return Halves(
        conv(nn.Conv2d(1, 6, 4, 2, 1, bias=False), nn.BatchNorm2d(6), nn.ReLU(), nn.Conv2d(6, 8, 4, 2, 1, bias=False),
             nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 3)),
        conv(nn.Linear(3, 32), nn.ReLU(), nn.Unflatten(1, (8, 2, 2)), nn.ConvTranspose2d(8, 6, 4, 2, 1, bias=False),
             nn.BatchNorm2d(6), nn.ReLU(), nn.ConvTranspose2d(6, 1, 4, 2, 1), nn.Sigmoid()),
    )  # fmt: skip


NETWORKS = {"strided": strided, "pooled": pooled, "enlarged": enlarged, "narrowed": narrowed, "normalised": normal}


@pytest.mark.long
@pytest.mark.parametrize("case", NETWORKS)
def test_convolutions_are_found_by_sizes_and_by_trying(case: str, tmp_path: Path) -> None:
    items = blobs(128)
    model = trained(NETWORKS[case](), items, steps=500)
    loaded = read(model, tmp_path, items)
    agree(loaded, model, items)
    assert any(note.startswith("Convolutions encoder.0 stride") for note in loaded.notes)
    assert loaded.title == "Convolutional autoencoder"
    d = model.encoder(torch.tensor(items[:1])).numel()
    assert loaded.card.latent_dim == loaded.model.config.latent_dim == d


@pytest.mark.long
def test_of_a_barely_trained_network_the_doubt_is_voiced(tmp_path: Path) -> None:
    """What it rebuilds does not tell one form from another: whichever is taken, the report says how unsure it is."""
    torch.manual_seed(0)
    items = blobs(128)
    model = trained(strided(), items, steps=10)
    told = " ".join(read(model, tmp_path, items).notes)
    assert "That is in doubt" in told
    assert "would fit nearly as well" in told or "better than their average picture" in told
    sound = " ".join(read(trained(strided(), items, steps=500), tmp_path, items).notes)
    assert "average picture" not in sound


def test_a_convolutional_vae_with_a_head_and_no_items(tmp_path: Path) -> None:
    """Colour, 32 pixels, all stated: its sizes tell the rest, or the most usual is taken and told."""
    torch.manual_seed(0)
    parts = nn.ModuleDict(
        {"enc_conv1": nn.Conv2d(3, 4, 4, 2, 1), "enc_conv2": nn.Conv2d(4, 6, 4, 2, 1), "fc_mu": nn.Linear(384, 3),
         "fc_var": nn.Linear(384, 3), "fc_dec": nn.Linear(3, 384), "dec_conv1": nn.ConvTranspose2d(6, 4, 4, 2, 1),
         "dec_conv2": nn.ConvTranspose2d(4, 3, 4, 2, 1)}
    )  # fmt: skip
    loaded = read(parts, tmp_path, shape=(3, 32, 32), activation="relu", output="sigmoid")
    x = torch.rand(2, 3, 32, 32)
    hidden = parts["enc_conv2"](parts["enc_conv1"](x).relu()).relu().flatten(1)
    torch.testing.assert_close(loaded.model.encode(x).mean, parts["fc_mu"](hidden))
    torch.testing.assert_close(loaded.model.encode(x).std, (parts["fc_var"](hidden) / 2).exp())
    z = torch.randn(2, 3)
    maps = parts["fc_dec"](z).relu().unflatten(1, (6, 8, 8))
    wanted = parts["dec_conv2"](parts["dec_conv1"](maps).relu()).sigmoid()
    torch.testing.assert_close(loaded.model.decode(z), wanted)
    assert any("Convolutions enc_conv1 stride 2, padding 1" in note for note in loaded.notes)


def test_a_code_that_is_a_map_keeps_its_shape(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Halves(
        nn.Sequential(nn.Conv2d(1, 6, 3, 2, 1), nn.ReLU(), nn.Conv2d(6, 5, 3, 2, 1)),
        nn.Sequential(nn.ConvTranspose2d(5, 6, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(6, 1, 4, 2, 1)),
    )
    config = read(model, tmp_path, shape=(1, 8, 8), activation="relu", output="linear", scaling="unit").model.config
    assert (config.latent_dim, config.code_shape) == (20, (5, 2, 2))
    assert grid_of(config) == CodeGrid((5, 2, 2))


def test_what_convolutions_do_not_tell_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    path.write_bytes(saved(strided().state_dict()))
    answer = answer_of(path)
    assert isinstance(answer, Unclear)
    answer = answer_of(path, Statement(shape=(1, 8, 8)))
    assert isinstance(answer, Unclear)
    assert answer.needs.keys() == {"activation", "output"}
    with pytest.raises(CheckpointError, match="take no items of shape"):
        answer_of(path, Statement(shape=(1, 64, 8)))


KINDS = ("dense", "conv", "up", "norm", "slope", "odd")


@pytest.mark.parametrize("seed", range(40))
def test_made_up_layers_are_put_in_order_or_not(seed: int) -> None:
    """Nothing fails, and nothing takes long, whatever layers stand beside one another."""
    dice = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {}
    for row in range(dice.integers(1, 14)):
        name = f"{dice.choice(['encoder', 'decoder', 'x', 'fc_mu'])}.{row}"
        a, b = (int(value) for value in dice.choice([1, 2, 4, 16, 64], 2))
        kernel = int(dice.integers(1, 8))
        match dice.choice(KINDS):
            case "dense":
                shapes |= {f"{name}.weight": (a, b), f"{name}.bias": (a,)}
            case "conv":
                shapes |= {f"{name}.weight": (a, b, kernel, kernel), f"{name}.bias": (a,)}
            case "up":
                shapes |= {f"{name}.weight": (a, b, kernel, kernel), f"{name}.bias": (b,)}
            case "norm":
                shapes |= {f"{name}.{part}": (a,) for part in ("weight", "bias", "running_mean", "running_var")}
            case "slope":
                shapes[f"{name}.weight"] = (a,)
            case _:
                shapes[f"{name}.weight"] = tuple(int(size) for size in dice.integers(0, 4, dice.integers(0, 5)))
    plan = plan_of(shapes)
    if plan is not None:
        assert len({layer.name for layer in plan.layers}) == len(plan.layers)
        assert len(forms(plan, (1, 8, 8))) < 2_000


# --- Surplus and unknown ---


def test_tensors_of_losses_and_metrics_are_left_aside_and_named(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = dense(nn.ReLU)
    more = {"loss_fn.vgg.0.weight": torch.zeros(2, 3, 3, 3), "train_metric.total": torch.zeros(())}
    for prefix in ("", "model.", "wrapped."):
        weights = {f"{prefix}{name}": value for name, value in model.state_dict().items()}
        path = tmp_path / "a.pt"
        path.write_bytes(saved({**weights, **more}))
        loaded = loaded_from(path, Statement(activation="relu", output="sigmoid"))
        assert any("loss_fn.vgg.0.weight, train_metric.total" in note for note in loaded.notes)
        agree(loaded, model, blobs(4))


def test_where_nothing_fits_the_lines_for_python_are_given(tmp_path: Path) -> None:
    weights = {
        "encoder.rnn.weight_ih_l0": torch.zeros(4, 2),
        "fc_mu.weight": torch.zeros(2, 4),
        "decoder.out.weight": torch.zeros(3, 3),
    }
    path = tmp_path / "mine.pt"
    path.write_bytes(saved(weights))
    with pytest.raises(CheckpointError) as raised:
        loaded_from(path)
    assert "torch.load('mine.pt')" in str(raised.value)
    assert (
        "aeviz.explore(encode=lambda x: model.fc_mu(model.encoder(x).flatten(1)), decode=lambda z: model.decoder(z)"
        in str(raised.value)
    )
