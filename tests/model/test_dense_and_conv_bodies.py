from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from aeviz.model.autoencoder import Autoencoder
from aeviz.model.bodies.conv import ConvDecoder, ConvEncoder, Upsample
from aeviz.model.bodies.dense import DenseDecoder, DenseEncoder, mlp
from aeviz.model.bodies.table import BODIES
from aeviz.model.config import Config

shapes = st.tuples(st.integers(1, 3), st.integers(1, 13), st.integers(1, 13))
widths = st.lists(st.integers(1, 5), max_size=2)


@settings(max_examples=40)
@given(shape=shapes, latent_dim=st.integers(1, 4), hidden=widths, count=st.integers(0, 3))
def test_dense_bodies_of_any_shape(shape: tuple[int, int, int], latent_dim: int, hidden: list[int], count: int) -> None:
    encoder, decoder = DenseEncoder(shape, hidden), DenseDecoder(shape, latent_dim, hidden)
    assert encoder(torch.rand(count, *shape)).shape == (count, encoder.features)
    assert decoder(torch.randn(count, latent_dim)).shape == (count, *shape)


@settings(max_examples=40)
@given(
    shape=shapes,
    latent_dim=st.integers(1, 4),
    channels=st.lists(st.integers(1, 4), min_size=1, max_size=5),
    hidden=widths,
)
def test_conv_bodies_of_any_shape(
    shape: tuple[int, int, int], latent_dim: int, channels: list[int], hidden: list[int]
) -> None:
    encoder, decoder = ConvEncoder(shape, channels, hidden), ConvDecoder(shape, latent_dim, channels, hidden)
    assert encoder(torch.rand(2, *shape)).shape == (2, encoder.features)
    assert decoder(torch.randn(2, latent_dim)).shape == (2, *shape)


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32), (1, 27, 31), (3, 5, 1)])
def test_the_decoder_mirrors_the_encoder(shape: tuple[int, int, int]) -> None:
    """The features before the dense layers have the size the decoder starts its convolutions from."""
    encoder, decoder = ConvEncoder(shape, (4, 6), ()), ConvDecoder(shape, 3, (4, 6), ())
    smallest = decoder.layers[: [type(layer).__name__ for layer in decoder.layers].index("Upsample")]
    assert smallest(torch.randn(1, 3)).numel() == encoder.features


def test_features_without_hidden_layers_are_the_picture() -> None:
    x = torch.rand(2, 2, 3, 4)
    encoder = DenseEncoder((2, 3, 4), ())
    assert torch.equal(encoder(x), x.flatten(1))
    assert encoder.features == 24


def test_logits_take_both_signs_and_are_unbounded() -> None:
    """A SiLU after the last layer would forbid logits below −0.28, and so dark pixels."""
    torch.manual_seed(0)
    for decoder in (DenseDecoder((1, 6, 6), 3, (16,)), ConvDecoder((1, 6, 6), 3, (8, 8), (16,))):
        logits = decoder(100 * torch.randn(64, 3))
        assert logits.min() < -1
        assert logits.max() > 1


def test_upsampling_is_a_sub_pixel_convolution_cut_to_size() -> None:
    layer = Upsample(2, 3, 5, 4)
    x = torch.randn(1, 2, 3, 2)
    subpixels = layer.convolution(x)
    y = layer(x)
    assert y.shape == (1, 3, 5, 4)
    for row in range(5):
        for column in range(4):
            corner = 2 * (row % 2) + column % 2
            assert torch.equal(y[0, :, row, column], subpixels[0, corner::4, row // 2, column // 2])


def test_mlp_without_layers_changes_nothing() -> None:
    x = torch.randn(2, 3)
    assert torch.equal(mlp([3])(x), x)


def made(**changes: Any) -> Autoencoder:
    return Autoencoder(Config(**{"family": "ae", "shape": (1, 4, 4), "latent_dim": 2, **changes}))


def test_unknown_bodies_and_options_are_refused() -> None:
    with pytest.raises(ValueError, match=r"'perceiver'.*dense, conv"):
        made(body="perceiver")
    with pytest.raises(ValueError, match="at least one number of channels"):
        made(body="conv", channels=())
    with pytest.raises(ValueError, match="'dense' has no option 'heads'"):
        made(body="dense", options={"heads": 4})


def test_a_body_says_which_shapes_it_takes() -> None:
    assert all(BODIES[name].problem((1, 28, 28)) is None for name in ("dense", "conv"))
    assert BODIES["dense"].problem((7,)) is None
    assert "(C, H, W)" in str(BODIES["conv"].problem((1, 64)))


def test_the_old_name_of_a_field_is_read() -> None:
    found = {"family": "ae", "shape": [1, 4, 4], "latent_dim": 2, "network": "dense", "unheard": 1}
    assert Config.read(found) == Config("ae", (1, 4, 4), 2, body="dense")
    assert Config("ae", (1, 4, 4), 2).body == "conv"


@pytest.mark.parametrize(("body", "layers"), [("dense", 1), ("conv", 3)])
def test_a_body_counts_and_describes_its_layers(body: str, layers: int) -> None:
    config = Config("ae", (1, 4, 4), 2, body=body, channels=(4, 8), hidden=(6,))
    assert BODIES[body].layers(config) == layers
    assert BODIES[body].describe(config) == f"{body} network, channels 4–8, dense 6"


def test_signals_reach_the_end_of_a_deep_stack() -> None:
    """With PyTorch's own start the spread after six layers was 0.0002 and 0.0003."""
    torch.manual_seed(0)
    x, z = torch.rand(64, 1, 28, 28), torch.randn(64, 16)
    for hidden in ((60, 60), (49,) * 6):
        encoder, decoder = DenseEncoder((1, 28, 28), hidden), DenseDecoder((1, 28, 28), 16, hidden)
        assert 0.02 < encoder(x).std(0).mean() < 5
        assert 0.02 < decoder(z).std(0).mean() < 5


@settings(max_examples=40)
@given(shape=shapes, count=st.integers(0, 5), strength=st.floats(0, 2))
def test_varied_items_keep_their_shape_and_let_gradients_through(
    shape: tuple[int, int, int], count: int, strength: float
) -> None:
    for body in ("conv", "dense"):
        x = torch.rand(count, *shape, requires_grad=True)
        varied = BODIES[body].varied(x, strength)
        assert varied.shape == x.shape
        assert varied.isfinite().all()
        varied.sum().backward()
        assert x.grad is not None


def test_a_strength_of_nothing_varies_nothing() -> None:
    x = torch.rand(5, 3, 8, 6)
    for body in ("conv", "dense"):
        torch.testing.assert_close(BODIES[body].varied(x, 0), x)


def test_varied_pictures_are_moved_shaded_and_partly_hidden_each_by_itself() -> None:
    torch.manual_seed(0)
    x = torch.full((400, 1, 20, 20), 0.8)
    x[:, :, 10, 10] = 100.0
    varied = BODIES["conv"].varied(x, 1.0)
    hidden = varied == 0.5
    squares = hidden.flatten(1).sum(1)
    assert squares.max() == 8 * 8
    assert len({tuple(torch.nonzero(one).min(0).values.tolist()) for one in hidden}) > 100, "in many places"
    spots = torch.stack([torch.nonzero(one[0])[0] for one in varied > 50 if one.any()])
    assert len(spots) < 400, "some are hidden"
    assert (spots - 10).abs().max() == 2
    assert len(set(map(tuple, spots.tolist()))) == 25, "as many ways to be moved"
    usual = torch.stack([one[(one != 0.5) & (one < 50)].mean() for one in varied])
    assert 0.63 < usual.min() < 0.7
    assert 0.9 < usual.max() < 0.97


def test_numbers_of_a_row_are_varied_by_noise() -> None:
    torch.manual_seed(0)
    x = torch.zeros(1000, 1, 4, 5)
    assert BODIES["dense"].varied(x, 2.0).std().item() == pytest.approx(0.2, abs=0.01)
