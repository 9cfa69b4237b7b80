import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from aeviz.model.bodies import ConvDecoder, ConvEncoder, DenseDecoder, DenseEncoder, Upsample, build, mlp

shapes = st.tuples(st.integers(1, 3), st.integers(1, 13), st.integers(1, 13))
widths = st.lists(st.integers(1, 5), max_size=2)


@settings(max_examples=40)
@given(shape=shapes, latent_dim=st.integers(1, 4), hidden=widths, count=st.integers(0, 3))
def test_dense_bodies_of_any_shape(shape: tuple[int, int, int], latent_dim: int, hidden: list[int], count: int) -> None:
    encoder, decoder = build("dense", shape, latent_dim, (), hidden)
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
    encoder, decoder = build("conv", shape, latent_dim, channels, hidden)
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


def test_unknown_networks_are_refused() -> None:
    with pytest.raises(ValueError, match=r"'transformer'.*'dense' or 'conv'"):
        build("transformer", (1, 4, 4), 2, (4,), ())
    with pytest.raises(ValueError, match="at least one number of channels"):
        build("conv", (1, 4, 4), 2, (), (8,))


def test_signals_reach_the_end_of_a_deep_stack() -> None:
    """With PyTorch's own start the spread after six layers was 0.0002 and 0.0003."""
    torch.manual_seed(0)
    x, z = torch.rand(64, 1, 28, 28), torch.randn(64, 16)
    for hidden in ((60, 60), (49,) * 6):
        encoder, decoder = build("dense", (1, 28, 28), 16, (), hidden)
        assert 0.02 < encoder(x).std(0).mean() < 5
        assert 0.02 < decoder(z).std(0).mean() < 5
