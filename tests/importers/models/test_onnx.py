"""Models as ONNX: encoder and decoder in any form are found, run, and give what their operators say."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from aeviz.errors import CheckpointError
from aeviz.importers.health import examine
from aeviz.importers.models.answers import Candidate, Loaded, Unclear
from aeviz.importers.models.statement import Statement
from aeviz.importers.reading import read_model
from aeviz.latent.explorer import Explorer
from tests.cases import every
from tests.importers.conftest import answer_of, blobs, loaded_from, zipped
from tests.importers.models.onnx_made import DECODE, ENCODE, SPREAD, Made, decoder, encoder, sigmoid, weights

ITEMS = blobs(8)
FLAT = ITEMS.reshape(8, 64)


def folder(path: Path, **files: bytes) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (path / f"{name}.onnx").write_bytes(data)
    return path


def expect(loaded: Loaded, log_var: np.ndarray | None = None, items: np.ndarray = ITEMS) -> None:
    posterior = loaded.model.encode(torch.tensor(items))
    mean = items.reshape(len(items), 64) @ ENCODE
    np.testing.assert_allclose(posterior.mean, mean, atol=1e-5)
    if log_var is None:
        assert posterior.std is None
    else:
        np.testing.assert_allclose(posterior.std, np.exp(log_var / 2), rtol=1e-4)
    pictures = loaded.model.decode(posterior.mean)
    np.testing.assert_allclose(pictures, sigmoid(mean @ DECODE).reshape(items.shape), atol=1e-5)


def merged() -> bytes:
    """Both in one file, with inputs of their own."""
    made = Made()
    flat = made.reshape("x", (-1, 64))
    made.dense(flat, ENCODE, to="mu")
    made.dense(flat, SPREAD, to="log_var")
    made.reshape(made.op("Sigmoid", made.dense("z", DECODE)), (-1, 1, 8, 8), to="y")
    return made.file({"x": ("n", 1, 8, 8), "z": ("m", 3)}, ("mu", "log_var", "y")).SerializeToString()


def whole(drawn: bool = True, sized: bool = False, heads: bool = True) -> bytes:
    """The `forward` of a VAE: the rebuilt item, and the heads beside it. sized: the decoder asks x for the batch."""
    made = Made()
    flat = made.reshape("x", (-1, 64))
    z = mean = made.dense(flat, ENCODE, to="mean")
    log_var = made.dense(flat, SPREAD, to="lv")
    if drawn:
        std = made.op("Exp", made.op("Mul", log_var, made.constant(0.5)))
        noise = made.op("RandomNormalLike", mean)
        z = made.op("Add", mean, made.op("Mul", noise, std))
    y = made.op("Sigmoid", made.dense(z, DECODE))
    if sized:
        batch = made.op("Gather", made.op("Shape", "x"), made.constant([0], np.int64))
        sizes = made.op("Concat", batch, made.constant([1, 8, 8], np.int64), axis=0)
        made.op("Reshape", y, sizes, to="rebuilt")
    else:
        made.reshape(y, (-1, 1, 8, 8), to="rebuilt")
    outputs = ("rebuilt", "mean", "lv") if heads else ("rebuilt",)
    return made.file({"x": ("n", 1, 8, 8)}, outputs).SerializeToString()


LOG_VAR = FLAT @ SPREAD


def two_files(path: Path) -> Path:
    return folder(path, encoder=encoder(), decoder=decoder())


def a_zip(path: Path) -> Path:
    path.write_bytes(zipped({"m/encoder.onnx": encoder(), "m/decoder.onnx": decoder(), "m/README.md": b"# Hello"}))
    return path


def alone(data: bytes) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        path.write_bytes(data)
        return path

    return write


FORMS: dict[str, tuple[Callable[[Path], Path], np.ndarray | None]] = {
    "a folder": (two_files, LOG_VAR),
    "a zip": (a_zip, LOG_VAR),
    "two inputs": (alone(merged()), LOG_VAR),
    "a forward that draws": (alone(whole()), LOG_VAR),
    "a forward of the mean": (alone(whole(drawn=False)), LOG_VAR),
    "a decoder that asks for sizes": (alone(whole(sized=True)), LOG_VAR),
    "no code among the outputs": (alone(whole(drawn=False, heads=False)), None),
}


@pytest.mark.parametrize("form", every(3, FORMS))
def test_encoder_and_decoder_open_in_every_form(form: str, tmp_path: Path) -> None:
    write, log_var = FORMS[form]
    expect(loaded_from(write(tmp_path / "mine.zip"), items=ITEMS), log_var)


def test_the_model_is_one_for_pages_and_reports(tmp_path: Path) -> None:
    loaded = loaded_from(two_files(tmp_path / "m"), items=ITEMS)
    config = loaded.model.config
    assert (loaded.origin, config.family, config.code, config.shape) == ("ONNX", "vae", "gaussian", (1, 8, 8))
    assert (config.latent_dim, loaded.card.latent_dim, loaded.name) == (3, 3, "m")
    assert loaded.statement.encoder == "encoder.onnx"
    report = examine(loaded.model, ITEMS)
    assert [finding.title for finding in report][:2] == ["Reconstruction", "Outputs"]
    codes = Explorer(loaded.model).codes(ITEMS)
    assert codes.mean.shape == (8, 3)
    assert codes.kl is not None
    with pytest.raises(ValueError, match="Expected pictures of shape"):
        loaded.model.encode(torch.zeros(1, 1, 4, 4))


@pytest.mark.long
def test_a_gradient_is_found_by_differences(tmp_path: Path) -> None:
    """The search for a code and the Jacobians of an evaluation ask for one, which onnxruntime does not give."""
    model = loaded_from(two_files(tmp_path / "m")).model
    z = torch.randn(4, 3, generator=torch.Generator().manual_seed(0), requires_grad=True)
    target = torch.tensor(ITEMS[:4])
    torch.autograd.backward((model.decode(z) - target).square().sum())
    assert z.grad is not None
    found, z.grad = z.grad.clone(), None
    decoded = (z @ torch.tensor(DECODE)).sigmoid().reshape(4, 1, 8, 8)
    torch.autograd.backward((decoded - target).square().sum())
    torch.testing.assert_close(found, z.grad, rtol=1e-2, atol=1e-2)
    x = target.clone().requires_grad_()
    torch.autograd.backward(model.encode(x).mean[:, 0].sum())
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.reshape(4, 64), np.tile(ENCODE[:, 0], (4, 1)), atol=1e-3)


# --- Which is which ---


@pytest.mark.parametrize(
    ("names", "basis"),
    [
        (("vae_dec", "vae_enc"), "the names of the files"),
        (("a", "b"), "the names of their inputs and outputs"),
        (("p", "q"), "their shapes"),
    ],
)
def test_encoder_and_decoder_are_told_apart(names: tuple[str, str], basis: str, tmp_path: Path) -> None:
    plain = basis == "their shapes"
    first = decoder(given="in1", to="out1") if plain else decoder()
    second = encoder(("o1", "o2"), given="in2") if plain else encoder()
    loaded = loaded_from(folder(tmp_path / "m", **dict(zip(names, (first, second), strict=True))), items=ITEMS)
    expect(loaded, LOG_VAR)
    assert loaded.notes[0] == f"{names[1]}.onnx is the encoder and {names[0]}.onnx the decoder, by {basis}."


@pytest.mark.long
def test_the_encoder_may_be_stated(tmp_path: Path) -> None:
    path = folder(tmp_path / "m", decoder=encoder(), encoder=decoder())  # named the wrong way round
    asked = loaded_from(path)
    assert asked.notes[1] == "By their shapes it would be the other way round: the code is larger than the item."
    assert asked.model.config.latent_dim == 64
    expect(loaded_from(path, Statement(encoder="decoder.onnx"), items=ITEMS), LOG_VAR)
    with pytest.raises(CheckpointError, match=r"stated to be other\.onnx: expected"):
        loaded_from(path, Statement(encoder="other.onnx"), items=ITEMS)


def test_other_files_beside_them_are_left_aside_by_name(tmp_path: Path) -> None:
    path = folder(tmp_path / "m", encoder=encoder(), decoder=decoder(), classifier=encoder(("p",)))
    expect(loaded_from(path, items=ITEMS), LOG_VAR)
    path = folder(tmp_path / "n", a=encoder(), b=decoder(), c=encoder(("p",)))
    with pytest.raises(CheckpointError, match=r"holds 3 ONNX files \(a.onnx, b.onnx, c.onnx\): expected an encoder"):
        loaded_from(path, items=ITEMS)


# --- The heads ---


@pytest.mark.parametrize(
    ("names", "kind"),
    every(
        2,
        [
            (("z_mean", "z_log_var"), "log_var"),
            (("mu", "logvar"), "log_var"),
            (("mu", "log_sigma"), "log_std"),
            (("loc", "scale"), "std"),
            (("mean", "std"), "std"),
            (("mean", "variance"), "var"),
        ],
    ),
)
def test_the_spread_is_told_by_its_name(names: tuple[str, str], kind: str, tmp_path: Path) -> None:
    loaded = loaded_from(folder(tmp_path / "m", encoder=encoder(names, kind=kind), decoder=decoder()), items=ITEMS)
    expect(loaded, LOG_VAR)
    assert loaded.statement.spread == kind
    assert any(f"and {names[1]} its" in note and note.endswith("by its name.") for note in loaded.notes)


@pytest.mark.parametrize("kind", ["log_var", "std"])
def test_a_spread_without_a_name_is_told_by_its_values(kind: str, tmp_path: Path) -> None:
    files = {"encoder": encoder(("o1", "o2"), kind=kind), "decoder": decoder()}
    path = folder(tmp_path / "m", **files)
    loaded = loaded_from(path, items=ITEMS)
    expect(loaded, LOG_VAR)
    assert any("o2 was taken for its" in note and "State it if not so" in note for note in loaded.notes)
    other = {"log_var": "log_std", "std": "var"}[kind]
    again = loaded_from(path, Statement(spread=other), items=ITEMS)
    expect(again, 2 * LOG_VAR if kind == "log_var" else LOG_VAR / 2)
    expect(loaded_from(path, Statement(spread="none"), items=ITEMS))


def test_log_std_is_told_from_log_var_by_the_codes_of_all_items(tmp_path: Path) -> None:
    # A VAE's codes of all items together have a spread of 1: log σ = −1.5 says so with means of spread √(1 − e⁻³).
    made = Made()
    flat = made.reshape("x", (-1, 64))
    centred = made.op("Sub", flat, made.constant(FLAT.mean(0)))
    scale = np.sqrt(1 - np.exp(-0.5)) / ((FLAT - FLAT.mean(0)) @ ENCODE).std(0, ddof=0)
    mean = made.op("Mul", made.dense(centred, ENCODE), made.constant(scale), to="o1")
    made.op("Sub", made.op("Mul", mean, made.constant(0.0)), made.constant(0.25), to="o2")
    data = made.file({"x": ("n", 1, 8, 8)}, ("o1", "o2")).SerializeToString()
    loaded = loaded_from(folder(tmp_path / "m", encoder=data, decoder=decoder()), items=ITEMS)
    assert loaded.statement.spread in {"log_std", "log_var"}
    posterior = loaded.model.encode(torch.tensor(ITEMS))
    assert posterior.std is not None


def test_one_output_of_twice_the_size_is_both(tmp_path: Path) -> None:
    made = Made()
    made.dense(made.reshape("x", (-1, 64)), np.hstack([ENCODE, SPREAD]), to="moments")
    data = made.file({"x": ("n", 1, 8, 8)}, ("moments",)).SerializeToString()
    loaded = loaded_from(folder(tmp_path / "m", encoder=data, decoder=decoder()), items=ITEMS)
    expect(loaded, LOG_VAR)
    assert any("first half of 'moments'" in note for note in loaded.notes)


def test_a_sample_beside_the_heads_is_set_aside(tmp_path: Path) -> None:
    made = Made()
    flat = made.reshape("x", (-1, 64))
    mean, log_var = made.dense(flat, ENCODE, to="output_0"), made.dense(flat, SPREAD, to="output_1")
    made.op("Add", made.op("RandomNormalLike", mean), log_var, to="output_2")  # Keras gives [mean, log_var, z]
    data = made.file({"x": ("n", 1, 8, 8)}, ("output_2", "output_0", "output_1")).SerializeToString()
    loaded = loaded_from(folder(tmp_path / "m", encoder=data, decoder=decoder()), items=ITEMS)
    expect(loaded, LOG_VAR)
    assert "Set aside, of what the encoder gives: output_2." in loaded.notes


# --- Items and codes of any rank ---


def test_channels_may_come_last(tmp_path: Path) -> None:
    items = np.random.default_rng(5).random((6, 3, 4, 4)).astype(np.float32)
    kernel = weights(48, 48, seed=8)
    there = Made()
    there.dense(there.reshape("x", (-1, 48)), kernel, to="code")
    back = Made()
    back.reshape(back.dense("z", np.linalg.inv(kernel)), (-1, 4, 4, 3), to="y")
    path = folder(
        tmp_path / "m",
        encoder=there.file({"x": ("n", 4, 4, 3)}, ("code",)).SerializeToString(),
        decoder=back.file({"z": ("n", 48)}, {"y": ("n", 4, 4, 3)}).SerializeToString(),
    )
    loaded = loaded_from(path, items=items)
    assert loaded.model.config.shape == (3, 4, 4)
    posterior = loaded.model.encode(torch.tensor(items))
    np.testing.assert_allclose(posterior.mean, np.moveaxis(items, 1, -1).reshape(6, 48) @ kernel, atol=1e-4)
    np.testing.assert_allclose(loaded.model.decode(posterior.mean), items, atol=1e-3)
    assert loaded.statement.layout == "last"


def test_rows_of_colours_are_laid_out_as_rebuilds_best(tmp_path: Path) -> None:
    """A flat network does not say where its channels are: one that knows grey pictures channels-last does."""
    grey = np.random.default_rng(5).random((6, 1, 4, 4)).astype(np.float32)
    items = np.repeat(grey, 3, 1) * np.float32([1, 0.5, 0.2])[:, None, None]
    colour = np.kron(np.eye(16), np.float32([[1], [0.5], [0.2]])).astype(np.float32)  # (48, 16), channels last
    there, back = Made(), Made()
    there.dense("x", np.linalg.pinv(colour).T, to="code")
    back.dense("z", colour.T, to="y")
    path = folder(
        tmp_path / "m",
        encoder=there.file({"x": ("n", 48)}, ("code",)).SerializeToString(),
        decoder=back.file({"z": ("n", 16)}, {"y": ("n", 48)}).SerializeToString(),
    )
    loaded = loaded_from(path, items=items)
    assert loaded.statement.layout == "last"
    x = torch.tensor(items)
    np.testing.assert_allclose(loaded.model(x), items, atol=1e-4)
    assert any("layout channels last" in note.lower() for note in loaded.notes)


def test_a_code_that_is_a_map_is_flattened_and_restored(tmp_path: Path) -> None:
    kernel = weights(2, 1, 2, 2, seed=4)
    there, back = Made(), Made()
    there.op("Conv", "x", there.constant(kernel), strides=[2, 2], to="mu")
    back.op("Sigmoid", back.op("ConvTranspose", "z", back.constant(kernel), strides=[2, 2]), to="y")
    path = folder(
        tmp_path / "m",
        encoder=there.file({"x": ("n", 1, 8, 8)}, ("mu",)).SerializeToString(),
        decoder=back.file({"z": ("n", 2, 4, 4)}, {"y": ("n", 1, 8, 8)}).SerializeToString(),
    )
    loaded = loaded_from(path, items=ITEMS)
    x = torch.tensor(ITEMS)
    code = torch.nn.functional.conv2d(x, torch.tensor(kernel), stride=2)
    torch.testing.assert_close(loaded.model.encode(x).mean, code.flatten(1), atol=1e-5, rtol=0)
    expected = torch.nn.functional.conv_transpose2d(code, torch.tensor(kernel), stride=2).sigmoid()
    torch.testing.assert_close(loaded.model.decode(code.flatten(1)), expected, atol=1e-5, rtol=0)
    assert "Its code is of 2 × 4 × 4: it is shown as 2 maps of 4 × 4 cells." in loaded.notes


def lstm(hidden: int = 4, features: int = 2, steps: int = 12) -> tuple[bytes, bytes, np.ndarray, np.ndarray]:
    """(N, T, F) -> the last state of an LSTM, as Keras and PyTorch write it, and a dense decoder; its weights."""
    w, r = weights(1, 4 * hidden, features, seed=1), weights(1, 4 * hidden, hidden, seed=2)
    there, back = Made(), Made()
    moved = there.op("Transpose", "x", perm=[1, 0, 2])
    there.op("LSTM", moved, there.constant(w), there.constant(r), to=("", "last"), hidden_size=hidden)
    there.op("Squeeze", "last", there.constant([0], np.int64), to="code")
    back.reshape(back.dense("z", weights(hidden, steps * features, seed=3)), (-1, steps, features), to="y")
    return (
        there.file({"x": ("n", steps, features)}, ("code",)).SerializeToString(),
        back.file({"z": ("n", hidden)}, {"y": ("n", steps, features)}).SerializeToString(),
        w,
        r,
    )


def test_sequences_go_through_an_lstm(tmp_path: Path) -> None:
    hidden, features, steps = 4, 2, 12
    there, back, w, r = lstm(hidden, features, steps)
    path = folder(tmp_path / "m", encoder=there, decoder=back)
    loaded = loaded_from(path)
    config = loaded.model.config
    assert (config.modality, config.shape, config.latent_dim) == ("series", (features, steps), hidden)
    signals = torch.randn(5, features, steps, generator=torch.Generator().manual_seed(0))
    network = torch.nn.LSTM(features, hidden, batch_first=True, bias=False)
    order = [0, 2, 3, 1]  # ONNX has input, output, forget, cell
    with torch.no_grad():
        for name, value in (("weight_ih_l0", w), ("weight_hh_l0", r)):
            gates = torch.tensor(value[0]).chunk(4)
            getattr(network, name).copy_(torch.cat([gates[row] for row in order]))
        expected = network(signals.transpose(1, 2))[1][0][0]
    torch.testing.assert_close(loaded.model.encode(signals).mean, expected, atol=1e-5, rtol=0)
    assert loaded.model.decode(expected).shape == (5, features, steps)


def test_volumes_are_shown_as_their_slices(tmp_path: Path) -> None:
    there, back = Made(), Made()
    there.dense(there.reshape("x", (-1, 64)), ENCODE, to="code")
    back.reshape(back.op("Sigmoid", back.dense("z", DECODE)), (-1, 1, 4, 4, 4), to="y")
    path = folder(
        tmp_path / "m",
        encoder=there.file({"x": ("n", 1, 4, 4, 4)}, ("code",)).SerializeToString(),
        decoder=back.file({"z": ("n", 3)}, {"y": ("n", 1, 4, 4, 4)}).SerializeToString(),
    )
    loaded = loaded_from(path)
    assert loaded.model.config.shape == (1, 16, 4)
    assert any("shown as their slices" in note for note in loaded.notes)
    np.testing.assert_allclose(
        loaded.model.encode(torch.tensor(ITEMS.reshape(8, 1, 16, 4))).mean, FLAT @ ENCODE, atol=1e-5
    )


def test_rows_of_a_table_keep_their_columns(tmp_path: Path) -> None:
    kernel = weights(5, 2)
    there, back = Made(), Made()
    there.dense("x", kernel, to="code")
    back.dense("z", kernel.T, to="y")
    path = folder(
        tmp_path / "m",
        encoder=there.file({"x": ("n", 5)}, ("code",)).SerializeToString(),
        decoder=back.file({"z": ("n", 2)}, {"y": ("n", 5)}).SerializeToString(),
    )
    rows = np.random.default_rng(0).standard_normal((9, 5)).astype(np.float32)
    answer = read_model(path, [Candidate((5,), lambda: rows, "table", (1, 1, 1, 2))], device="cpu")
    assert isinstance(answer, Loaded)
    config = answer.model.config
    assert (config.modality, config.shape, config.columns) == ("table", (5,), (1, 1, 1, 2))
    np.testing.assert_allclose(answer.model.encode(torch.tensor(rows)).mean, rows @ kernel, atol=1e-5)


@pytest.mark.parametrize("batch", [1, 4])
def test_a_fixed_batch_is_filled(batch: int, tmp_path: Path) -> None:
    path = folder(tmp_path / "m", encoder=encoder(batch=batch), decoder=decoder(batch=batch))
    expect(loaded_from(path, items=ITEMS[:7]), FLAT[:7] @ SPREAD, ITEMS[:7])


def test_items_that_know_of_each_other_go_through_one_by_one(tmp_path: Path) -> None:
    made = Made()
    flat = made.reshape("x", (-1, 64))
    mean = made.dense(flat, ENCODE)
    made.op("Mul", mean, made.op("ReduceMean", made.op("Abs", mean), made.constant([0], np.int64)), to="mu")
    data = made.file({"x": ("n", 1, 8, 8)}, ("mu",)).SerializeToString()
    loaded = loaded_from(folder(tmp_path / "m", encoder=data, decoder=decoder()), items=ITEMS)
    mean_of = FLAT @ ENCODE
    np.testing.assert_allclose(loaded.model.encode(torch.tensor(ITEMS)).mean, mean_of * np.abs(mean_of), atol=1e-5)
    assert "It takes one item at a time, so pages take longer." in loaded.notes


@pytest.mark.long
def test_free_sizes_are_taken_from_the_decoder_or_asked_for(tmp_path: Path) -> None:
    free = encoder(dims=("c", "h", "w"))
    expect(loaded_from(folder(tmp_path / "m", encoder=free, decoder=decoder())), LOG_VAR)
    made = Made()
    made.reshape(made.op("Sigmoid", made.dense("z", DECODE)), (-1, 64), to="y")
    flat = made.file({"z": ("n", 3)}, {"y": ("n", 64)}).SerializeToString()
    path = folder(tmp_path / "n", encoder=free, decoder=flat)
    answer = answer_of(path)
    assert isinstance(answer, Unclear)
    assert list(answer.needs) == ["shape"]
    expect(loaded_from(path, Statement(shape=(1, 8, 8))), LOG_VAR)


# --- Scaling and output ---


@pytest.mark.parametrize(("scaling", "last"), [("signed", "Tanh"), ("unit", ""), ("unit", "Sigmoid"), ("signed", "")])
def test_scaling_and_output_are_found_by_trying(scaling: str, last: str, tmp_path: Path) -> None:
    # The pictures have two numbers each: a linear code of three rebuilds those of a plane without loss.
    grid = np.random.default_rng(3).random((40, 2)).astype(np.float32)
    basis = np.random.default_rng(4).random((2, 64)).astype(np.float32) / 2
    items = (0.3 + 0.4 * grid @ basis).reshape(40, 1, 8, 8)
    fed = 2 * items - 1 if scaling == "signed" else items
    goal = {"Tanh": np.arctanh(np.clip(fed, -0.999, 0.999)), "": fed, "Sigmoid": fed}[last]
    if last == "Sigmoid":
        goal = np.log(np.clip(fed, 1e-3, 1 - 1e-3) / (1 - np.clip(fed, 1e-3, 1 - 1e-3)))
    inputs = np.hstack([fed.reshape(40, 64), np.ones((40, 1))])
    left, values, right = np.linalg.svd(goal.reshape(40, 64), full_matrices=False)
    codes = left[:, :8] * values[:8]
    kernel = np.linalg.lstsq(inputs, codes, rcond=None)[0].astype(np.float32)
    there, back = Made(), Made()
    there.op("Add", there.dense(there.reshape("x", (-1, 64)), kernel[:64]), there.constant(kernel[64]), to="code")
    y = back.dense("z", right[:8])
    back.reshape(back.op(last, y) if last else y, (-1, 1, 8, 8), to="y")
    path = folder(
        tmp_path / "m",
        encoder=there.file({"x": ("n", 1, 8, 8)}, ("code",)).SerializeToString(),
        decoder=back.file({"z": ("n", 8)}, {"y": ("n", 1, 8, 8)}).SerializeToString(),
    )
    loaded = loaded_from(path, items=items)
    assert loaded.statement.scaling == scaling
    assert loaded.statement.output in {"unit", "linear"}
    error = float((loaded.model(torch.tensor(items)) - torch.tensor(items)).square().mean())
    assert error < 0.3 * float(items.var(0).mean())
    stated = loaded_from(path, loaded.statement)
    torch.testing.assert_close(stated.model(torch.tensor(items)), loaded.model(torch.tensor(items)))


@pytest.mark.long
def test_logits_without_items_must_be_stated(tmp_path: Path) -> None:
    made = Made()
    made.reshape(made.dense("z", 50 * DECODE), (-1, 1, 8, 8), to="y")
    logits = made.file({"z": ("n", 3)}, {"y": ("n", 1, 8, 8)}).SerializeToString()
    path = folder(tmp_path / "m", encoder=encoder(), decoder=logits)
    answer = answer_of(path)
    assert isinstance(answer, Unclear)
    assert list(answer.needs["output"]) == ["sigmoid", "tanh", "linear", "unit"]
    loaded = loaded_from(path, Statement(output="sigmoid"))
    mean = FLAT @ ENCODE
    np.testing.assert_allclose(
        loaded.model.decode(torch.tensor(mean)), sigmoid(50 * mean @ DECODE).reshape(8, 1, 8, 8), atol=1e-4
    )


# --- What does not fit ---


def test_what_does_not_fit_is_said(tmp_path: Path) -> None:
    alone = tmp_path / "encoder.onnx"
    alone.write_bytes(encoder())
    with pytest.raises(CheckpointError, match="an encoder or a decoder alone"):
        loaded_from(alone)
    made = Made()
    made.op("Add", made.dense("x", DECODE), made.op("Mul", "y", made.constant(2.0)), to="out")
    two = made.file({"x": ("n", 3), "y": ("n", 64)}, ("out",)).SerializeToString()
    with pytest.raises(CheckpointError, match=r"takes 2 inputs \(x, y\): expected one"):
        loaded_from(folder(tmp_path / "m", encoder=encoder(), decoder=two))
    made = Made()
    made.dense("z", weights(5, 64), to="y")
    other = made.file({"z": ("n", 5)}, ("y",)).SerializeToString()
    with pytest.raises(CheckpointError, match=r"the encoder gives mu \(3,\).*takes a code of \(5,\)"):
        loaded_from(folder(tmp_path / "n", encoder=encoder(), decoder=other))


def test_a_zip_of_them_leaves_nothing_behind(tmp_path: Path) -> None:
    path = a_zip(tmp_path / "a.zip")
    assert zipfile.is_zipfile(path)
    loaded_from(path, items=ITEMS)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.zip"]
