"""Thousands of damaged files of every kind: each is opened or refused in words, and nothing else ever happens.

REFUSALS are the only exceptions that may come out; a hang fails by the suite's time limit.
"""

import gzip
import io
import json
import random
import struct
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from safetensors.torch import save as save_safetensors
from scipy.io import savemat
from waiting import computed_s

from aeviz.importers import REFUSALS
from aeviz.importers.files.archives import unpack, write_upload
from aeviz.importers.files.filetypes import type_of
from aeviz.importers.health import examine
from aeviz.importers.models.answers import Loaded
from aeviz.importers.models.diffusers import TinyNetwork
from aeviz.modalities.image.files import read_picture
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.projection.maps import save_maps
from aeviz.store.checkpoints import MAPS, METRICS, map_figures, read_card, save, shipped_maps
from tests.importers.conftest import Example, answer_of, blobs, data_from, npz, png, saved, zipped
from tests.importers.models.onnx_made import decoder, encoder
from tests.importers.models.test_models import FIXTURES, Vanilla
from tests.importers.models.test_onnx import lstm, whole

ITEMS = blobs(4)
FEW, MANY = 27, 170  # damaged files of each kind; the few are the first of the many
FEW_TEXTS, MANY_TEXTS = 24, 300
FEW_ONNX, MANY_ONNX = (9, 8, 8), (170, 165, 165)  # of each kind
FOLDERS = (30, 200)  # damaged folders


def picture(kind: str) -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 255, (12, 12, 3), np.uint8)
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def legacy(value: object) -> bytes:
    file = io.BytesIO()
    torch.save(value, file, _use_new_zipfile_serialization=False)
    return file.getvalue()


def npy() -> bytes:
    file = io.BytesIO()
    np.save(file, (ITEMS * 255).astype(np.uint8))
    return file.getvalue()


def idx() -> bytes:
    return b"\0\0\x08\x03" + struct.pack(">3I", len(ITEMS), 8, 8) + (ITEMS * 255).astype(np.uint8).tobytes()


def mat() -> bytes:
    file = io.BytesIO()
    savemat(file, {"x": ITEMS[:, 0], "y": np.arange(len(ITEMS))}, do_compression=True)
    return file.getvalue()


def parquet() -> bytes:
    file = io.BytesIO()
    pictures = [png((item[0] * 255).astype(np.uint8)) for item in ITEMS]
    pq.write_table(pa.table({"image": pictures, "label": list(range(len(ITEMS)))}), file)
    return file.getvalue()


def tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for row, item in enumerate(ITEMS):
            data = png((item[0] * 255).astype(np.uint8))
            entry = tarfile.TarInfo(f"{row % 2}/{row}.png")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return file.getvalue()


def aeviz_zip(folder: Path) -> bytes:
    root = save(Autoencoder(Config(family="vae", shape=(1, 8, 8), latent_dim=2, code="gaussian", body="dense",
                                   hidden=(8,))), folder)  # fmt: skip
    (root / METRICS).write_text(json.dumps({"metrics": {"mse": 0.1}, "maps": {"pca-2": {"trustworthiness": 0.9}}}))
    save_maps(root / MAPS, {"pca-2": np.random.default_rng(0).random((4, 2))})
    return zipped({f"m/{file.name}": file.read_bytes() for file in root.iterdir()}, zipfile.ZIP_STORED)


def diffusers_zip() -> bytes:
    stages = {f"{half}_block_out_channels": [3, 3] for half in ("encoder", "decoder")}
    blocks = {f"num_{half}_blocks": [1, 1] for half in ("encoder", "decoder")}
    fields = {"_class_name": "AutoencoderTiny", **stages, **blocks, "in_channels": 1, "out_channels": 1}
    weights = {name: value.contiguous() for name, value in TinyNetwork(fields).state_dict().items()}
    files = {
        "config.json": json.dumps(fields).encode(),
        "diffusion_pytorch_model.safetensors": save_safetensors(weights),
    }
    return zipped({f"vae/{name}": data for name, data in files.items()}, zipfile.ZIP_STORED)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    torch.manual_seed(0)
    example = Example().state_dict()
    return {
        "torch": saved(example),
        "torch checkpoint": saved({"state_dict": Vanilla(1, 2, [2, 3], 2).state_dict(), "epoch": 3}),
        "torch before 1.6": legacy({"model": example, "args": {1}}),
        "safetensors": save_safetensors(example),
        "aeviz": aeviz_zip(tmp_path_factory.mktemp("aeviz") / "m"),
        "pythae": (FIXTURES / "pythae-vae.zip").read_bytes(),
        "diffusers": diffusers_zip(),
        "npz": npz(x=ITEMS, y=np.arange(4)),
        "npy": npy(),
        "pictures": zipped({f"{n % 2}/{n}.png": png((item[0] * 255).astype(np.uint8)) for n, item in enumerate(ITEMS)}),
        "png": picture("PNG"),
        "jpeg": picture("JPEG"),
        "gif": picture("GIF"),
        "webp": picture("WEBP"),
        "bmp": picture("BMP"),
        "tiff": picture("TIFF"),
        "ppm": picture("PPM"),
        "idx": idx(),
        "gzip": gzip.compress(idx()),
        "mat": mat(),
        "parquet": parquet(),
        "tar": tar(),
    }


def table() -> bytes:
    """A CSV with numbers, decimal commas, dates, words, gaps and classes, not in UTF-8."""
    dice, words = random.Random(0), ("größer", "=1+1", '"a; b"', "")
    rows = [
        f"{row};{dice.gauss(0, 1):.3f};{dice.randrange(99)},5;{1 + row % 28:02d}.{1 + row % 12:02d}.2020;"
        f"{dice.choice(words)};{'yes' if row % 3 else 'no'}"
        for row in range(40)
    ]
    return "\r\n".join(["id;x;y;day;word;class", *rows, ""]).encode("cp1252")


def series() -> bytes:
    rows = np.sin(np.arange(16) / 3 + np.arange(30)[:, None])
    return "\n".join(
        f"{row % 3}," + ",".join(f"{value:.4f}" for value in values) for row, values in enumerate(rows)
    ).encode()


def lines() -> bytes:
    return "\n".join(
        f"{one} {other}" for one in ("Rose", "Ivy", "Ümlaut") for other in ("café", "tree", "x", "yz")
    ).encode()


TEXTS = {"table": table(), "series": series(), "lines": lines()}


def cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data))]


def flip(data: bytes, dice: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 4, 30))):
        changed[dice.randrange(len(changed))] = dice.choice((0, 0xFF, dice.randrange(256)))
    return bytes(changed)


def flip_ends(data: bytes, dice: random.Random) -> bytes:
    """Headers and directories are at the ends: most of what can go wrong is there."""
    changed = bytearray(data)
    reach = min(len(data), 200)
    for _ in range(dice.choice((1, 2, 6))):
        where = dice.randrange(reach)
        changed[where if dice.random() < 0.5 else -1 - where] = dice.randrange(256)
    return bytes(changed)


def number(data: bytes, dice: random.Random) -> bytes:
    """A length or an offset of another size."""
    where = dice.randrange(max(1, len(data) - 8))
    value = dice.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)).to_bytes(8, "little")
    width = dice.choice((2, 4, 8))
    return data[:where] + value[:width] + data[where + width :]


def splice(data: bytes, dice: random.Random) -> bytes:
    a, b, c = sorted(dice.randrange(len(data)) for _ in range(3))
    left_out, twice = data[:a] + data[b:], data[:b] + data[a:b] + data[b:]
    return dice.choice((left_out, twice, data[:a] + data[b:c] + data[a:b] + data[c:]))


def digits(data: bytes, dice: random.Random) -> bytes:
    """A number in text, as in JSON and array headers, of another size or kind."""
    places = [where for where, byte in enumerate(data[:4000]) if 48 <= byte <= 57]
    if not places:
        return flip(data, dice)
    where = dice.choice(places)
    return data[:where] + dice.choice((b"-1", b"0", b"99999999999", b"1e400", b"null", b'"', b"]")) + data[where + 1 :]


def repacked(data: bytes, dice: random.Random) -> bytes:
    """Damage inside one file of a zip that is itself sound; of other files, damage to the file."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # it was damaged before
        return number(data, dice)
    name = dice.choice([name for name, part in files.items() if part])
    files[name] = dice.choice((cut, flip, flip_ends, number, digits))(files[name], dice)
    return zipped(files, zipfile.ZIP_STORED)


def unlike(data: bytes, dice: random.Random) -> bytes:
    """A sign that parts, quotes, ends or is no text at all, put in or instead of another."""
    where = dice.randrange(len(data) or 1)
    sign = dice.choice(
        (b'"', b",", b";", b"\t", b"\n", b"\r", b"\0", b"\xe9", b"\xc3\xa9", b"=", b"NaN", b"1e999", b"'")
    )
    return data[:where] + sign * dice.choice((1, 1, 1, 50)) + data[where + dice.choice((0, 1)) :]


def reordered(data: bytes, dice: random.Random) -> bytes:
    """Lines left out, twice, joined or cut."""
    parts = data.split(b"\n")
    where = dice.randrange(len(parts))
    parts[where : where + 1] = dice.choice(
        (
            [],
            [parts[where]] * 3,
            [parts[where] + parts[-1]],
            [parts[where][: len(parts[where]) // 2]],
            [parts[where] * 400],
        )
    )
    return b"\n".join(parts)


def encoded(data: bytes, dice: random.Random) -> bytes:
    """Another encoding, whole or half."""
    text = data.decode("cp1252", "replace")
    half = len(text) // 2
    whole = text.encode(dice.choice(("utf-16", "utf-16-le", "utf-8-sig", "utf-32")), "replace")
    return dice.choice((whole, text[:half].encode() + text[half:].encode("utf-16", "replace")))


TEXT_DAMAGES = (unlike, unlike, reordered, encoded, cut, flip, digits, splice)
DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    cut, flip, flip_ends, number, splice, digits, repacked, repacked, repacked,
)  # fmt: skip
KINDS = ("torch", "torch checkpoint", "torch before 1.6", "safetensors", "aeviz", "pythae", "diffusers", "npz", "npy",
         "pictures", "png", "jpeg", "gif", "webp", "bmp", "tiff", "ppm", "idx", "gzip", "mat", "parquet",
         "tar")  # fmt: skip


def attempt(action: Callable[[], object]) -> str:
    try:
        action()
    except REFUSALS as error:
        kind, said = type(error).__name__, str(error).strip()
    else:
        return "opened"
    assert said, "a refusal must say why"
    assert "Traceback" not in said
    return kind


def open_all(data: bytes, name: str, folder: Path) -> Counter[str]:
    """Everything that the app does with an upload."""
    type_of(data)
    seen = Counter([attempt(lambda: write_upload(data, name, folder / "placed"))])
    path = folder / name
    path.write_bytes(data)

    def as_model() -> None:
        loaded = answer_of(path, items=ITEMS, workspace=folder / "work")
        if not isinstance(loaded, Loaded):
            assert loaded.message
            assert loaded.needs
            return
        assert all(
            finding.meaning for finding in examine(loaded.model, np.zeros((3, *loaded.model.config.shape), np.float32))
        )

    def as_data() -> None:
        own = data_from(path, (1, 8, 8))
        found = own.dataset
        assert not np.isinf(found.items).any()
        if not found.modality.missing:
            assert 0 <= found.items.min() <= found.items.max() <= 1
        assert len(found.labels) == len(found.items)
        assert 0 <= found.labels.min() <= found.labels.max() < len(found.label_names)
        assert found.modality.problem(found.shape) is None
        assert found.tiles(found.items[:3]).dtype == np.uint8
        assert all(found.describe(row) for row in range(3 if len(found) > 2 else 1))
        assert all(note.endswith((".", "…")) for note in own.notes), own.notes

    for action in (as_model, as_data, lambda: read_picture(data, (1, 8, 8))):
        seen[attempt(action)] += 1
    return seen


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_opened_or_refused(count: int, kind: str, sound: dict[str, bytes], tmp_path: Path) -> None:
    dice = random.Random(f"aeviz {kind}")
    before = attempt(lambda: open_all(sound[kind], "sound", tmp_path))
    assert before == "opened"
    seen: Counter[str] = Counter()
    for row in range(count):
        data = DAMAGES[row % len(DAMAGES)](sound[kind], dice)
        if row % 3 == 2:
            data = dice.choice(DAMAGES)(data or b"\0", dice)
        start = computed_s()
        seen += open_all(data, "damaged", tmp_path)
        assert computed_s() - start < 10
    assert sum(seen.values()) == 4 * count
    assert seen.keys() > {"opened"}, "damage that does no damage tests nothing"
    outside = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")}
    assert outside <= {"sound", "damaged", "placed", "work"}


def onnx_zip() -> bytes:
    return zipped({"encoder.onnx": encoder(), "decoder.onnx": decoder()}, zipfile.ZIP_STORED)


def lstm_zip() -> bytes:
    return zipped(dict(zip(("encoder.onnx", "decoder.onnx"), lstm()[:2], strict=True)), zipfile.ZIP_STORED)


ONNX = {"one file": whole, "two files": onnx_zip, "an LSTM": lstm_zip}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("counts", [FEW_ONNX, pytest.param(MANY_ONNX, marks=pytest.mark.long)], ids=["few", "many"])
@pytest.mark.parametrize("kind", ONNX)
def test_damaged_onnx_files_are_opened_or_refused(kind: str, counts: tuple[int, ...], tmp_path: Path) -> None:
    dice, count = random.Random(f"aeviz ONNX {kind}"), counts[list(ONNX).index(kind)]
    sound = ONNX[kind]()
    assert open_all(sound, "sound", tmp_path)["opened"] >= 2  # it is written, and read as a model
    seen: Counter[str] = Counter()
    for row in range(count):
        data = DAMAGES[row % len(DAMAGES)](sound, dice)
        if row % 3 == 2:
            data = dice.choice(DAMAGES)(data or b"\0", dice)
        start = computed_s()
        seen += open_all(data, "damaged", tmp_path)
        assert computed_s() - start < 30
    assert sum(seen.values()) == 4 * count
    assert seen["opened"] > count / 2
    assert seen["CheckpointError"] + seen["ArchiveError"] > count / 2, "damage that does no damage tests nothing"


@pytest.mark.parametrize("count", [FEW_TEXTS, pytest.param(MANY_TEXTS, marks=pytest.mark.long)])
@pytest.mark.parametrize("kind", TEXTS)
def test_damaged_texts_are_opened_or_refused(count: int, kind: str, tmp_path: Path) -> None:
    dice = random.Random(f"aeviz {kind}")
    assert open_all(TEXTS[kind], "sound", tmp_path)["opened"] >= 2  # it is written, and read as data
    seen: Counter[str] = Counter()
    for row in range(count):
        data = TEXT_DAMAGES[row % len(TEXT_DAMAGES)](TEXTS[kind], dice)
        for _ in range(row % 3):
            data = dice.choice(TEXT_DAMAGES)(data or b"\0", dice)
        start = computed_s()
        seen += open_all(data, "damaged", tmp_path)
        assert computed_s() - start < 10
    assert sum(seen.values()) == 4 * count
    assert seen["opened"] > 1.2 * count, "most damage to a text leaves a text"
    assert seen["DataError"] > 1.1 * count, "damage that does no damage tests nothing"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("count", [FOLDERS[0], pytest.param(FOLDERS[1], marks=pytest.mark.long)])
def test_damaged_folders_have_cards_and_maps_or_problems(count: int, sound: dict[str, bytes], tmp_path: Path) -> None:
    dice = random.Random("folders")
    (tmp_path / "a.zip").write_bytes(sound["aeviz"])
    folder = unpack(tmp_path / "a.zip", tmp_path / "m")
    whole = {path: path.read_bytes() for path in folder.iterdir()}
    problems = 0
    for row in range(count):
        path = dice.choice([path for path in whole if path.suffix in {".json", ".npz", ".safetensors"}])
        path.write_bytes(DAMAGES[row % 6](whole[path], dice))
        problems += read_card(folder).problem is not None
        for action in (lambda: map_figures(folder), lambda: shipped_maps(folder, 4)):
            attempt(action)
        path.write_bytes(whole[path])
    assert 0 < problems < count


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.sampled_from(
        [b"", b"PK\3\4", b"PK\5\6", b"\x80\x02", b"\x93NUMPY\x01\x00", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"RIFF"]
    ),
    rest=st.binary(max_size=300),
    end=st.sampled_from([b"", b".", b"PK\5\6" + bytes(18), b"{}"]),
)
def test_made_up_files_are_opened_or_refused(start: bytes, rest: bytes, end: bytes, tmp_path: Path) -> None:
    open_all(start + rest + end, "made-up", tmp_path)


KEYS = ["fc1", "fc21", "fc22", "fc3", "fc4", "encoder.0", "encoder.2", "decoder.0", "decoder.2", "fc_mu", "fc_var",
        "encoder.embedding", "encoder.layers.0.0", "decoder.layers.0.0", "decoder.layers.1.0", "encoder.0.0",
        "decoder_input", "final_layer.3", "final_layer.0", "encoder.0.1", "model"]  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    layers=st.dictionaries(
        st.sampled_from(KEYS), st.tuples(st.lists(st.integers(0, 4), max_size=4), st.integers(0, 4)), max_size=8
    )
)
def test_made_up_weights_are_opened_or_refused(layers: dict[str, tuple[list[int], int]], tmp_path: Path) -> None:
    weights = {}
    for name, (shape, bias) in layers.items():
        weights[f"{name}.weight"], weights[f"{name}.bias"] = torch.zeros(shape), torch.zeros(bias)
    path = tmp_path / "a.safetensors"
    path.write_bytes(save_safetensors(weights))
    attempt(lambda: answer_of(path, items=ITEMS))
