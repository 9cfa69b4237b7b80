"""A person's own callables: what they may take and give, and what is said where they do not fit."""

import warnings
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from aeviz import Dataset
from aeviz.datasets.arrays import dataset_of
from aeviz.errors import CallableError
from aeviz.importers.callables import MAX_BATCH, wrap
from aeviz.latent.explorer import Explorer

RNG = np.random.default_rng(0)
DATA = dataset_of(RNG.random((20, 1, 4, 5), np.float32), title="Random")
TABLE = dataset_of(
    pd.DataFrame({"age": RNG.normal(50, 9, 20), "size": RNG.normal(-3, 0.1, 20), "kind": list("ab") * 10}), title="Rows"
)
SIGNALS = dataset_of(RNG.normal(size=(20, 2, 16)), title="Signals")
TEXTS = dataset_of(["anna", "bo", "cy", "dora"] * 5, title="Texts")
MATRIX = torch.tensor(np.linalg.qr(RNG.normal(size=(20, 3)))[0], dtype=torch.float32)


def encode(x: torch.Tensor) -> torch.Tensor:
    return x.flatten(1) @ MATRIX


def decode(z: torch.Tensor) -> torch.Tensor:
    return (z @ MATRIX.T).sigmoid().reshape(-1, 1, 4, 5)


def codes_of(x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), -1) @ MATRIX.numpy()


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(20, 3)

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x.flatten(1))


def mean_of(given: Any, data: Dataset = DATA) -> np.ndarray:
    return Explorer(wrap(given, decode, data, title="mine")).encode(data.items)[0]


@pytest.mark.parametrize(
    "given_",
    [
        encode,
        lambda x: (encode(x), torch.ones(len(x), 3)),
        lambda x: [encode(x), torch.ones(len(x), 3)],
        lambda x: torch.distributions.Normal(encode(x), 1.0),
        lambda x: SimpleNamespace(mean=encode(x), std=None),
        lambda x: codes_of(x.astype(np.float64)),  # tensors have no astype
        lambda x: codes_of(x.copy()).tolist() and codes_of(x),
        lambda x: encode(x).double().requires_grad_(),
    ],
)
def test_codes_come_in_many_forms(given_: Any) -> None:
    np.testing.assert_allclose(mean_of(given_), codes_of(DATA.items), rtol=1e-5, atol=1e-6)


def test_a_pair_is_gaussian_and_a_lone_code_is_a_point() -> None:
    point = Explorer(wrap(encode, decode, DATA, title="mine"))
    cloud = Explorer(wrap(lambda x: (encode(x), 0.5 + 0 * encode(x)), decode, DATA, title="mine"))
    assert not point.gaussian
    assert cloud.gaussian
    assert cloud.codes(DATA.items).kl is not None
    np.testing.assert_array_equal(cloud.encode(DATA.items)[1], np.full((20, 3), 0.5))


def test_modules_work_as_they_are() -> None:
    net, decoder = Net().eval(), nn.Sequential(nn.Linear(3, 20), nn.Sigmoid()).eval()
    model = wrap(net.encode, decoder, DATA, title="mine")
    z = model.encode(torch.tensor(DATA.items)).mean
    assert not z.requires_grad
    torch.testing.assert_close(model.decode(z), decoder(z).detach().reshape(20, 1, 4, 5))


def test_a_module_still_training_is_told_of() -> None:
    with pytest.warns(UserWarning, match="mine is in training mode"):
        wrap(Net().encode, decode, DATA, title="mine")


@given(low=st.floats(-5, 4), span=st.floats(0.1, 10))
def test_another_range_comes_back_to_ours(low: float, span: float) -> None:
    seen: list[tuple[float, float]] = []

    def taking(x: torch.Tensor) -> torch.Tensor:
        seen.append((float(x.min()), float(x.max())))
        return encode(x)

    def giving(z: torch.Tensor) -> torch.Tensor:
        return decode(z) * span + low

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = wrap(taking, giving, DATA, title="mine", values=(low, low + span))
    assert seen[0][0] >= low - 1e-4
    assert seen[0][1] <= low + span + 1e-4
    z = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(model.decode(z), decode(z), rtol=0, atol=1e-3)


def test_logits_are_told_of_and_clipped() -> None:
    with pytest.warns(UserWarning, match=r"outside \(0.0, 1.0\).*sigmoid"):
        model = wrap(encode, lambda z: 10 * z @ MATRIX.T, DATA, title="mine")
    y = model.decode(torch.randn(9, 3))
    assert (y.min(), y.max()) == (0, 1)


def test_batches_are_small_and_joined_in_order() -> None:
    sizes: list[int] = []

    def counted(x: torch.Tensor) -> torch.Tensor:
        sizes.append(len(x))
        return encode(x)

    model = wrap(counted, decode, DATA, title="mine")
    x = torch.rand(MAX_BATCH + 3, 1, 4, 5)
    torch.testing.assert_close(model.encode(x).mean, encode(x))
    assert sizes[-2:] == [MAX_BATCH, 3]


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        (lambda x: encode(x)[0], r"encode gave \(3,\) for 4 pictures"),
        (lambda x: encode(x)[:, :1], "at least two"),
        (lambda x: (encode(x), encode(x), encode(x)), "encode gave 3 values"),
        (lambda x: (encode(x), -torch.ones(len(x), 3)), r"not positive.*log_var / 2"),
        (lambda x: (encode(x), torch.ones(len(x), 2)), r"mean \(4, 3\) and a std \(4, 2\)"),
        (lambda x: encode(x) * float("nan"), "encode gave NaN"),
        (lambda x: "code", "encode gave str"),
        (lambda x: ("a", "b"), "no array of numbers"),
        (lambda x: {"z": 1}, "encode gave dict"),
        (lambda x: 1 / 0, "ZeroDivisionError"),
        (3, "must be callables"),
    ],
)
def test_what_is_no_code_is_told(given_: Any, said: str) -> None:
    with pytest.raises(CallableError, match=said):
        wrap(given_, decode, DATA, title="mine")


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        (lambda z: z, r"decode gave \(4, 3\) for 4 codes: expected pictures \(4, 1, 4, 5\)"),
        (lambda z: decode(z) / 0, "decode gave NaN or infinite"),
        (lambda z: None, "no array of numbers|NaN"),
    ],
)
def test_what_is_no_picture_is_told(given_: Any, said: str) -> None:
    with pytest.raises(CallableError, match=said):
        wrap(encode, given_, DATA, title="mine")


def test_both_trials_are_told_of() -> None:
    with pytest.raises(CallableError, match=r"float32 tensor.*With numpy arrays instead.*float32 numpy array"):
        wrap(lambda x: x.nothing, decode, DATA, title="mine")


def test_a_range_must_be_one() -> None:
    with pytest.raises(CallableError, match="values must be a range"):
        wrap(encode, decode, DATA, title="mine", values=(1, 1))


def first_two(x: torch.Tensor) -> torch.Tensor:
    return x.flatten(1)[:, :2]


def same_shape(data: Dataset) -> Any:
    return lambda z: z.sum(1).reshape(-1, *[1] * len(data.shape)).expand(-1, *data.shape)


def test_rows_are_given_and_taken_in_their_own_units() -> None:
    seen: list[torch.Tensor] = []

    def taking(x: torch.Tensor) -> torch.Tensor:
        seen.append(x)
        return first_two(x)

    def giving(z: torch.Tensor) -> torch.Tensor:
        return torch.cat([z, torch.zeros(len(z), 2)], 1)

    model = wrap(taking, giving, TABLE, title="mine", own_units=True)
    x = torch.tensor(TABLE.items)
    z = model.encode(x).mean
    offset, factor = TABLE.scale.own_units
    torch.testing.assert_close(seen[-1], torch.tensor(offset + factor * TABLE.items), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(model.decode(z)[:, :2], x[:, :2], rtol=1e-3, atol=1e-3)
    wrap(taking, giving, TABLE, title="mine")
    torch.testing.assert_close(seen[-1], x[:4])


def test_a_missing_value_is_seen_as_the_mean() -> None:
    seen: list[torch.Tensor] = []

    def taking(x: torch.Tensor) -> torch.Tensor:
        seen.append(x)
        return first_two(x)

    model = wrap(taking, same_shape(TABLE), TABLE, title="mine", own_units=True)
    x = torch.tensor(TABLE.items[:1].copy())
    x[0, 0] = float("nan")
    model.encode(x)
    assert float(seen[-1][0, 0]) == pytest.approx(TABLE.scale.own_units[0][0])


@pytest.mark.parametrize("data", [SIGNALS, TABLE], ids=lambda data: data.title)
def test_values_without_bounds_are_not_cut(data: Dataset) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = wrap(first_two, same_shape(data), data, title="mine")
    z = torch.tensor([[40.0, 2.0]])
    assert float(model.decode(z).min()) == 42
    torch.testing.assert_close(model.decode_logits(z), model.decode(z))
    assert (model.config.modality, model.config.columns) == (data.modality.name, data.scale.widths)


def test_letters_come_back_as_probabilities() -> None:
    def giving(z: torch.Tensor) -> torch.Tensor:
        return torch.tensor(TEXTS.items[:1]).expand(len(z), -1, -1)

    model = wrap(first_two, giving, TEXTS, title="mine")
    z = torch.zeros(3, 2)
    assert TEXTS.modality.texts
    assert TEXTS.modality.texts(model.decode(z).numpy(), TEXTS.scale) == ["anna"] * 3
    items = TEXTS.items[[0, 1, 2]]
    nats = Explorer(model, scale=TEXTS.scale).reconstruction_error(z.numpy(), items[:1])
    np.testing.assert_allclose(nats, 0, atol=1e-3)
    with pytest.warns(UserWarning, match="Logits need a softmax"):
        wrap(first_two, lambda z: 9 * giving(z), TEXTS, title="mine")


@pytest.mark.parametrize(
    ("given_", "back", "data", "said"),
    [
        (lambda x: x, same_shape(SIGNALS), SIGNALS, r"\(4, 2, 16\) for 4 series"),
        (first_two, lambda z: z, SIGNALS, r"\(4, 2\) for 4 codes: expected series \(4, 2, 16\)"),
        (first_two, lambda z: z, TABLE, r"expected rows \(4, 4\)"),
    ],
)
def test_what_does_not_fit_is_told_in_the_words_of_the_data(given_: Any, back: Any, data: Dataset, said: str) -> None:
    with pytest.raises(CallableError, match=said):
        wrap(given_, back, data, title="mine")


def test_a_range_is_for_pictures() -> None:
    with pytest.raises(CallableError, match="rows have no range of values to state"):
        wrap(first_two, same_shape(TABLE), TABLE, title="mine", values=(-1, 1))
