"""A person's own callables: what they may take and give, and what is said where they do not fit."""

import warnings
from functools import partial
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
from aeviz.importers.callable_model import MAX_BATCH
from aeviz.importers.callable_modules import module_of
from aeviz.importers.callables import CallableTrial, _notes, wrap
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
@pytest.mark.long
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
        (lambda x: encode(x)[:, :0], r"encode gave \(4, 0\) for 4 pictures"),
        (lambda x: (encode(x), encode(x), encode(x), encode(x)), "encode gave 4 values"),
        (lambda x: (encode(x), torch.ones(len(x), 2)), r"mean \(4, 3\) and a std \(4, 2\)"),
        (lambda x: encode(x) * float("nan"), "encode gave NaN"),
        (lambda x: "code", "encode gave str"),
        (lambda x: ("a", "b"), "no array of numbers"),
        (lambda x: {"loss": 1}, "encode gave dict with loss"),
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
        (lambda x: x[0], same_shape(SIGNALS), SIGNALS, r"\(2, 16\) for 4 series"),
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


# --- As people write them ---


class Attributes(dict[str, Any]):
    """A dict whose items are its attributes too; it raises KeyError for others."""

    __getattr__ = dict.__getitem__


class Answers:
    """No mapping, but with names and items, and an answer for whatever attribute."""

    def __init__(self, **values: Any) -> None:
        self._values = values

    def __getattr__(self, name: str) -> Any:
        return self.__dict__["_values"].get(name)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def keys(self) -> list[str]:
        return list(self._values)

    def mean(self) -> float:
        """What has the name of a code, and is none."""
        return 0.0


def log_var(x: torch.Tensor) -> torch.Tensor:
    return encode(x) - 3


def spreads(given: Any, **stated: Any) -> np.ndarray:
    return Explorer(wrap(given, decode, DATA, title="mine", **stated)).encode(DATA.items)[1]


def sampled(x: torch.Tensor) -> torch.Tensor:
    return encode(x) + (log_var(x) / 2).exp() * torch.randn(len(x), 3)


@pytest.mark.parametrize(
    "given_",
    [
        lambda x: (encode(x), log_var(x)),
        lambda x: (encode(x), log_var(x), sampled(x)),
        lambda x: (sampled(x), encode(x), log_var(x)),
        lambda x: (encode(x), log_var(x), encode(x)),  # a sample where nothing is drawn: the mean
        lambda x: (encode(x), encode(x), log_var(x)),
        lambda x: (encode(x), log_var(x), torch.tensor(0.3)),  # with a loss
        lambda x: {"mu": encode(x), "log_var": log_var(x), "z": sampled(x)},
        lambda x: {"embedding": encode(x), "log_covariance": log_var(x)},
        lambda x: SimpleNamespace(z_mean=encode(x), z_log_var=log_var(x)),
        lambda x: SimpleNamespace(latent_dist=torch.distributions.Normal(encode(x), (log_var(x) / 2).exp())),
        lambda x: {"mean": encode(x), "variance": log_var(x).exp()},
        lambda x: Attributes(mu=encode(x), logvar=log_var(x)),
        lambda x: Answers(mean=encode(x), logvar=log_var(x)),
        lambda x: Attributes(posterior=Answers(loc=encode(x), sigma=(log_var(x) / 2).exp())),
    ],
)
def test_mean_and_spread_are_found_in_what_encode_gives(given_: Any) -> None:
    np.testing.assert_allclose(mean_of(given_), codes_of(DATA.items), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(spreads(given_), np.exp((codes_of(DATA.items) - 3) / 2), rtol=1e-5)


def test_what_the_spread_is_can_be_stated_and_is_told() -> None:
    model = wrap(lambda x: (encode(x), log_var(x)), decode, DATA, title="mine")
    assert "log σ² (spread=)" in " ".join(model.notes)
    positive = lambda x: (encode(x), torch.full((len(x), 3), 0.5))  # noqa: E731
    np.testing.assert_allclose(spreads(positive), 0.5)
    np.testing.assert_allclose(spreads(positive, spread="logvar"), np.exp(0.25), rtol=1e-6)
    np.testing.assert_allclose(spreads(positive, spread="variance"), 0.5**0.5, rtol=1e-6)
    with pytest.raises(CallableError, match=r'no positive σ.*spread="logvar".*log_var / 2'):
        spreads(lambda x: (encode(x), -torch.ones(len(x), 3)), spread="std")
    with pytest.raises(CallableError, match="unknown spread 'sigma'"):
        spreads(positive, spread="sigma")


def test_a_spread_is_told_by_many_items_not_by_the_first_four() -> None:
    def giving(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return encode(x), torch.where(torch.arange(len(x))[:, None] > 10, -1.0, 1.0).expand(-1, 3)

    np.testing.assert_allclose(spreads(giving)[[0, 15]], [[np.exp(0.5)] * 3, [np.exp(-0.5)] * 3], rtol=1e-6)


@pytest.mark.parametrize("code", [(3,), (1, 3), (3, 1, 1), (1, 1, 3, 1)])
def test_a_code_of_any_rank_is_a_row_here_and_itself_there(code: tuple[int, ...]) -> None:
    seen: list[tuple[int, ...]] = []

    def giving(z: torch.Tensor) -> torch.Tensor:
        seen.append(tuple(z.shape[1:]))
        return decode(z.flatten(1))

    model = wrap(lambda x: encode(x).reshape(-1, *code), giving, DATA, title="mine")
    z = model.encode(torch.tensor(DATA.items)).mean
    assert z.shape == (20, 3)
    torch.testing.assert_close(model.decode(z), decode(z))
    assert set(seen) == {code}


@pytest.mark.parametrize("gaussian", [False, True])
@pytest.mark.parametrize("column", [False, True])
def test_a_code_of_one_number_has_an_idle_one_beside_it(column: bool, gaussian: bool) -> None:
    def first(x: torch.Tensor) -> Any:
        z = encode(x)[:, :1] if column else encode(x)[:, 0]
        return (z, 0 * z + 0.5) if gaussian else z

    seen: list[tuple[int, ...]] = []

    def giving(z: torch.Tensor) -> torch.Tensor:
        seen.append(tuple(z.shape))
        return z.reshape(-1, 1, 1, 1).sigmoid().expand(-1, 1, 4, 5)

    model = wrap(first, giving, DATA, title="mine")
    posterior = model.encode(torch.tensor(DATA.items))
    assert posterior.mean.shape == (20, 2)
    assert posterior.mean[:, 1].abs().max() == 0
    assert posterior.std is None or posterior.std[0].tolist() == [0.5, 1.0]
    y = model.decode(torch.tensor([[0.0, 5.0], [2.0, -9.0]]))
    assert y[:, 0, 0, 0].tolist() == pytest.approx([0.5, 1 / (1 + np.exp(-2))])
    assert seen[-1] == ((2, 1) if column else (2,))
    assert any("one number" in note for note in model.notes)


@pytest.mark.parametrize(
    "form",
    [
        lambda y, z: (y, z),
        lambda y, z: (z, y),
        lambda y, z: [y],
        lambda y, z: {"z": z, "recon_x": y},
        lambda y, z: SimpleNamespace(sample=y),
        lambda y, z: torch.distributions.Normal(y, 1.0),
        lambda y, z: y.flatten(1),
        lambda y, z: y.numpy().tolist(),
    ],
)
def test_decode_gives_items_among_other_things(form: Any) -> None:
    model = wrap(encode, lambda z: form(decode(z), z), DATA, title="mine")
    z = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(model.decode(z), decode(z))


ROUGH = np.random.default_rng(3).random((12, 3, 4, 5), np.float32)
COLOUR = dataset_of(ROUGH, title="Colour")


@pytest.mark.parametrize(
    ("enters", "leaves"),
    [
        ((3, 4, 5), (3, 4, 5)), ((4, 5, 3), (4, 5, 3)), ((4, 5, 3), (60,)), ((60,), (60,)), ((60,), (4, 5, 3)),
        ((3, 4, 5), (4, 5, 3)),
    ],
)  # fmt: skip
def test_colour_is_taken_and_given_in_the_layout_of_the_callables(
    enters: tuple[int, ...], leaves: tuple[int, ...]
) -> None:
    """A perfect autoencoder is perfect here, whatever order of axes it was written for."""

    def taking(x: np.ndarray) -> np.ndarray:
        if x.shape[1:] != enters:
            raise ValueError(f"expected {enters}")
        return x.reshape(len(x), 60)

    def giving(z: np.ndarray) -> np.ndarray:
        if enters == (3, 4, 5) and leaves == (4, 5, 3):
            return z.reshape(-1, 3, 4, 5).transpose(0, 2, 3, 1)
        return z.reshape(-1, *leaves)

    model = wrap(taking, giving, COLOUR, title="mine")
    x = torch.from_numpy(ROUGH.copy())
    torch.testing.assert_close(model.decode(model.encode(x).mean), x)


def test_a_layout_shows_where_a_callable_takes_any() -> None:
    """Rows in one order and pictures in another: only what is reconstructed tells."""
    mixing = np.linalg.qr(np.random.default_rng(0).normal(size=(60, 60)))[0].astype(np.float32)
    codes: list[np.ndarray] = []

    def taking(x: np.ndarray) -> np.ndarray:
        codes.append(x)
        return x.reshape(len(x), 60) @ mixing

    def giving(z: np.ndarray) -> np.ndarray:
        return (z @ mixing.T).reshape(-1, 4, 5, 3)

    model = wrap(taking, giving, COLOUR, title="mine", arrays="numpy")
    x = torch.from_numpy(ROUGH.copy())
    torch.testing.assert_close(model.decode(model.encode(x).mean), x, atol=1e-5, rtol=0)
    assert "(N, H, W, C)" in " ".join(model.notes)
    stated = wrap(taking, giving, COLOUR, title="mine", arrays="numpy", layout="channels last")
    torch.testing.assert_close(stated.decode(stated.encode(x).mean), x, atol=1e-5, rtol=0)
    assert not stated.notes
    with pytest.raises(CallableError, match="unknown layout 'NHCW'"):
        wrap(taking, giving, COLOUR, title="mine", layout="NHCW")


@pytest.mark.parametrize("enters", [(4, 5), (4, 5, 1), (20,)])
def test_grey_pictures_come_as_a_callable_takes_them(enters: tuple[int, ...]) -> None:
    def taking(x: torch.Tensor) -> torch.Tensor:
        if tuple(x.shape[1:]) != enters:
            raise ValueError
        return encode(x)

    model = wrap(taking, lambda z: decode(z).reshape(-1, *enters), DATA, title="mine")
    x = torch.tensor(DATA.items)
    torch.testing.assert_close(model.encode(x).mean, encode(x))


def test_a_range_is_found_where_it_alone_reconstructs() -> None:
    def giving(z: torch.Tensor) -> torch.Tensor:
        return (z.reshape(-1, 1, 4, 5) - 0.0).clamp(-1, 1)

    model = wrap(lambda x: 2 * x.flatten(1) - x.flatten(1), giving, DATA, title="mine")
    assert not model.notes  # 0 to 1 does as well, and is what is usual

    def centred(x: torch.Tensor) -> torch.Tensor:
        return torch.where(x < -0.2, x, x.abs()).flatten(1) if x.min() < 0 else 0 * x.flatten(1)

    found = wrap(centred, giving, DATA, title="mine")
    assert "from -1 to 1 (values=)" in " ".join(found.notes)


class Elsewhere(nn.Module):
    """A network whose weights lie on a device of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(3, device="meta"))


@pytest.mark.parametrize("how", ["module", "method", "lambda", "global", "partial", "nested"])
def test_weights_are_found_behind_a_function(how: str) -> None:
    net = Elsewhere()
    inner = lambda x: net(x)  # noqa: E731
    functions = {
        "module": net, "method": net.forward, "lambda": lambda x: net(x).mean(), "global": of_the_module,
        "partial": partial(lambda model, x: model(x), net), "nested": lambda x: inner(x),
    }  # fmt: skip
    found = module_of(functions[how])
    assert isinstance(found, Elsewhere)
    assert str(next(found.parameters()).device) == "meta"


ELSEWHERE = Elsewhere()


def of_the_module(x: torch.Tensor) -> Any:
    return ELSEWHERE(x)


def test_other_devices_are_tried_where_weights_are_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine without one, "meta" stands for the accelerator: what is put there says where it is."""
    monkeypatch.setattr("aeviz.importers.callable_modules.accelerators", lambda: [torch.device("meta")])

    def taking(x: torch.Tensor) -> torch.Tensor:
        if x.device.type != "meta":
            raise RuntimeError("Expected all tensors to be on the same device")
        return torch.ones(len(x), 3)

    assert wrap(taking, decode, DATA, title="mine").form.devices == (torch.device("meta"), torch.device("cpu"))


def test_a_slow_callable_is_tried_on_few_items_and_for_a_limited_time() -> None:
    data = dataset_of(np.random.default_rng(0).random((12, 3, 8, 8), np.float32))
    now, calls = [0.0], {"encode": 0, "decode": 0}

    def encode(x: torch.Tensor) -> torch.Tensor:
        now[0] += 3 * len(x)
        calls["encode"] += 1
        return x.flatten(1)[:, :4]

    def decode(z: torch.Tensor) -> torch.Tensor:
        now[0] += 3 * len(z)
        calls["decode"] += 1
        return torch.zeros(len(z), 3, 8, 8) + z[:, :1, None, None]

    trial = CallableTrial(encode, decode, data, "", clock=lambda: now[0])
    cpu = torch.device("cpu")
    model = trial.best(("torch", "numpy"), [(cpu, cpu)], ["first", "last", "flat"], [(0.0, 1.0), (-1.0, 2.0)], False)
    assert model.form.layouts == ("first", "first")
    assert trial.untried > 0
    assert now[0] <= 40
    assert calls["encode"] == calls["decode"] <= 3
    notes = _notes(model, trial, "auto", "auto", None)
    assert any("It takes 3.0 s for one of the pictures here" in note for note in notes)


def test_a_callable_is_not_called_twice_with_the_same_items_in_a_trial() -> None:
    data = dataset_of(np.random.default_rng(0).random((12, 1, 8, 8), np.float32))
    seen: list[bytes] = []

    def encode(x: torch.Tensor) -> torch.Tensor:
        seen.append(x.numpy().tobytes() + str(x.shape).encode())
        return x.flatten(1)

    wrap(encode, lambda z: z.reshape(-1, 1, 8, 8), data, title="mine")
    assert len(seen) == len(set(seen))
