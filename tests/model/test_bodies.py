"""Bodies of series and texts: shapes, gradients, options, and that no item sees another."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from aeviz.model.autoencoder import Autoencoder
from aeviz.model.bodies.conv1d import Conv1dDecoder, Conv1dEncoder, Upsample1d
from aeviz.model.bodies.lstm import sines
from aeviz.model.bodies.table import BODIES
from aeviz.model.bodies.writer import LstmWriter
from aeviz.model.config import Config
from aeviz.store.checkpoints import load, save

SMALL: dict[str, dict[str, Any]] = {
    "conv1d": {"kernel": 3},
    "lstm": {"width": 5, "layers": 2, "frequencies": 2},
    "transformer": {"width": 8, "heads": 2, "layers": 1},
    "lstm-writer": {"width": 6, "symbol_width": 3},
}
DENSE = [(body, {**SMALL[body], "encoder": "dense"}) for body in ("transformer", "lstm-writer")]
each_body = pytest.mark.parametrize(("body", "options"), [*SMALL.items(), *DENSE])


def make(body: str, options: dict[str, Any], shape: tuple[int, ...] = (4, 7), **changes: Any) -> Autoencoder:
    torch.manual_seed(0)
    given = {"latent_dim": 3, "channels": (4, 6), "hidden": (5,), "modality": "text", **changes}
    return Autoencoder(Config("ae", shape, body=body, options=options, **given))


def texts(count: int, symbols: int = 4, places: int = 7) -> torch.Tensor:
    drawn = torch.randint(symbols, (count, places), generator=torch.Generator().manual_seed(1))
    return torch.nn.functional.one_hot(drawn, symbols).transpose(1, 2).float()


@settings(max_examples=15)
@given(channels=st.integers(2, 4), places=st.integers(4, 13), count=st.integers(0, 3), classes=st.sampled_from([0, 2]))
@pytest.mark.parametrize(("body", "options"), [*SMALL.items(), *DENSE])
def test_items_of_any_length_go_through_and_back(
    body: str, options: dict[str, Any], channels: int, places: int, count: int, classes: int
) -> None:
    model = make(body, options, (channels, places), classes=classes)
    labels = torch.zeros(count, dtype=torch.int64) if classes else None
    x = torch.rand(count, channels, places)
    z = model.encode(x, labels).mean
    assert z.shape == (count, 3)
    assert model.decode_logits(z, labels).shape == x.shape
    assert model.logits_for(x, z, labels).shape == x.shape


@each_body
def test_gradients_reach_every_weight(body: str, options: dict[str, Any]) -> None:
    model = make(body, options, code="gaussian")
    posterior = model.encode(texts(6))
    loss = model.likelihood.error(model.logits_for(texts(6), posterior.sample()), texts(6)).sum()
    torch.autograd.backward(loss + posterior.kl().sum())
    silent = [name for name, weights in model.named_parameters() if weights.grad is None or not weights.grad.any()]
    assert silent == []


@each_body
def test_no_item_sees_another(body: str, options: dict[str, Any]) -> None:
    model, x = make(body, options).eval(), texts(5)
    alone = torch.cat([model(one[None]) for one in x])
    torch.testing.assert_close(model(x), alone)
    model.batch = 2
    torch.testing.assert_close(model(x), alone)
    torch.testing.assert_close(model.logits_for(x, model.encode(x).mean)[3:4], scored(model, x[3:4]))


def scored(model: Autoencoder, x: torch.Tensor) -> torch.Tensor:
    return model.logits_for(x, model.encode(x).mean)


@each_body
def test_half_precision_on_the_disc_changes_next_to_nothing(body: str, options: dict[str, Any], tmp_path: Path) -> None:
    model = make(body, options).eval()
    again = load(save(model, tmp_path / "model"), "cpu")
    assert again.config == model.config
    assert not any(weights.is_meta for weights in [*again.parameters(), *again.buffers()])
    torch.testing.assert_close(scored(again, texts(4)), scored(model, texts(4)), atol=5e-3, rtol=0)


@pytest.mark.parametrize("body", SMALL)
def test_shapes_of_another_rank_are_refused(body: str) -> None:
    assert BODIES[body].problem((1, 64)) is None
    for shape in ((9,), (1, 28, 28)):
        assert "(C, T)" in str(BODIES[body].problem(shape))


@pytest.mark.parametrize(
    ("body", "options", "said"),
    [
        ("conv1d", {"kernel": 4}, "must be odd, not 4"),
        ("conv1d", {"width": 4}, "has no option 'width': expected kernel"),
        ("lstm", {"width": 0}, "whole number from 1"),
        ("lstm", {"width": 2.5}, "whole number from 1"),
        ("lstm", {"layers": 1000}, "from 1 to 64"),
        ("lstm", {"width": math.inf}, "whole number from 1"),
        ("lstm", {"width": math.nan}, "whole number from 1"),
        ("lstm", {"width": True}, "must be a number"),
        ("lstm", {"width": "wide"}, "must be a number"),
        ("transformer", {"width": 10, "heads": 4}, "multiple of its heads"),
        ("transformer", {"encoder": "lstm"}, "one of transformer, dense"),
        ("lstm-writer", {"hidden_inputs": 1.5}, "from 0 to 1"),
        ("lstm-writer", {"encoder": 3}, "one of lstm, dense"),
    ],
)
def test_options_that_make_no_sense_are_refused(body: str, options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make(body, options)


def test_a_network_of_convolutions_needs_channels() -> None:
    with pytest.raises(ValueError, match="at least one number of channels"):
        make("conv1d", {}, channels=())


@pytest.mark.parametrize(
    ("body", "options", "layers", "said"),
    [
        ("conv1d", {}, 3, "conv1d network, channels 4–6, dense 5, kernel 7"),
        ("lstm", {"layers": 2}, 2, "lstm network, width 64, layers 2, frequencies 6"),
        ("transformer", {}, 2, "transformer network, encoder transformer, width 64, heads 4, layers 2"),
        ("transformer", {"encoder": "dense"}, 1, "encoder dense, width 64, heads 4, layers 2, dense 5"),
        ("lstm-writer", {}, 1, "hidden inputs 0.3, symbol width 32"),
        ("lstm-writer", {"encoder": "dense"}, 1, "symbol width 32, dense 5"),
    ],
)
def test_a_body_counts_and_describes_its_layers(body: str, options: dict[str, Any], layers: int, said: str) -> None:
    config = make(body, options).config
    assert BODIES[body].layers(config) == layers
    assert said in BODIES[body].describe(config)


def test_sub_pixel_convolution_interleaves_its_channels() -> None:
    up = Upsample1d(2, 3, 9, kernel=1)
    x = torch.rand(4, 2, 5)
    made, raw = up(x), up.convolution(x)
    assert made.shape == (4, 3, 9)
    for place in range(9):
        torch.testing.assert_close(made[:, :, place], raw[:, place % 2 :: 2, place // 2])


def test_the_decoder_mirrors_the_encoder() -> None:
    encoder, decoder = Conv1dEncoder((2, 11), (3, 4), (), 3), Conv1dDecoder((2, 11), 2, (3, 4), (), 3)
    assert encoder.features == 4 * 3
    assert decoder(torch.rand(5, 2)).shape == (5, 2, 11)


def test_the_time_is_told_by_sines_of_doubling_frequency() -> None:
    told = sines(5, 2)
    time = [0, 0.25, 0.5, 0.75, 1]
    expected = [
        [math.sin(math.pi * t), math.sin(2 * math.pi * t), math.cos(math.pi * t), math.cos(2 * math.pi * t)]
        for t in time
    ]
    torch.testing.assert_close(told, torch.tensor(expected), atol=1e-6, rtol=0)


def writer(hidden_inputs: float = 0.0) -> LstmWriter:
    torch.manual_seed(2)
    return LstmWriter((4, 7), 3, width=6, hidden_inputs=hidden_inputs, symbol_width=3)


def test_a_text_that_it_writes_itself_scores_what_it_wrote() -> None:
    """Fed its own likeliest letters as the truth, the writer gives the logits that led to them."""
    network, z = writer().eval(), torch.randn(8, 3)
    written = network(z)
    own = torch.nn.functional.one_hot(written.argmax(1), 4).transpose(1, 2).float()
    torch.testing.assert_close(network(z, own), written)


def test_a_letter_is_scored_without_a_look_at_itself_or_what_follows() -> None:
    network, z, x = writer().eval(), torch.randn(1, 3), texts(1)
    for place in range(7):
        other = x.clone()
        other[:, :, place:] = other[:, :, place:].flip(1)
        torch.testing.assert_close(network(z, other)[:, :, : place + 1], network(z, x)[:, :, : place + 1])
    assert not torch.allclose(network(z, texts(1).flip(1))[:, :, -1], network(z, x)[:, :, -1])


def test_letters_are_hidden_while_it_learns_and_only_then() -> None:
    z, x = torch.randn(5, 3), texts(5)
    shown, hidden = writer().eval()(z, x), writer(hidden_inputs=1.0)
    assert torch.equal(hidden.eval()(z, x), shown)
    torch.testing.assert_close(hidden.train()(z, x), writer().eval()(z, torch.zeros_like(x)))


def test_only_a_decoder_that_writes_step_by_step_looks_at_the_target() -> None:
    parallel, stepwise = make("transformer", SMALL["transformer"]).eval(), make("lstm-writer", SMALL["lstm-writer"])
    z = torch.randn(4, 3)
    assert not parallel.reads_target
    assert torch.equal(parallel.logits_for(texts(4), z), parallel.decode_logits(z))
    assert stepwise.reads_target
    assert not torch.allclose(stepwise.eval().logits_for(texts(4), z), stepwise.decode_logits(z))
