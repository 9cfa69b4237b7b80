"""Small models and files, sound and harmful, that the tests of `aeviz.importers` share."""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from aeviz.importers.data.answers import DataStatement, OwnData
from aeviz.importers.models.answers import Candidate, Loaded, Unclear
from aeviz.importers.models.statement import Statement
from aeviz.importers.reading import read_data, read_model
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.chain import Chained, layers
from aeviz.model.layers import watch
from aeviz.model.source import source

Files = dict[str, bytes]


class Harmful:
    """Runs a command when it is unpickled."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self.witness}",)


def saved(value: object) -> bytes:
    file = io.BytesIO()
    torch.save(value, file)
    return file.getvalue()


def zipped(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """A PNG of so many pixels in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def answer_of(path: Path, statement: Statement | None = None, *, items: Any = None, **more: Any) -> Loaded | Unclear:
    return read_model(path, [] if items is None else [Candidate.of(items)], statement, device="cpu", **more)


def loaded_from(path: Path, statement: Statement | None = None, **more: Any) -> Loaded:
    answer = answer_of(path, statement, **more)
    assert isinstance(answer, Loaded), answer
    return answer


def data_from(path: Path, shape: tuple[int, int, int] | None = None, progress: Any = None, **stated: Any) -> OwnData:
    return read_data(path, DataStatement(shape, **stated), progress=progress)


class Example(nn.Module):
    """The VAE of the PyTorch examples."""

    def __init__(self, features: int = 64, hidden: int = 12, d: int = 3) -> None:
        super().__init__()
        self.fc1, self.fc21, self.fc22 = nn.Linear(features, hidden), nn.Linear(hidden, d), nn.Linear(hidden, d)
        self.fc3, self.fc4 = nn.Linear(d, hidden), nn.Linear(hidden, features)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        hidden = torch.relu(self.fc1(x.flatten(1)))
        return self.fc21(hidden), self.fc22(hidden)

    def decode(self, z: Tensor) -> Tensor:
        return torch.sigmoid(self.fc4(torch.relu(self.fc3(z))))


@pytest.fixture
def example() -> Example:
    torch.manual_seed(0)
    return Example()


def blobs(count: int = 64, side: int = 8, seed: int = 0) -> np.ndarray:
    """Pictures (count, 1, side, side) in [0, 1] of one soft spot each: two numbers tell all of a picture."""
    place = np.random.default_rng(seed).uniform(1, side - 2, (count, 2))
    rows, columns = np.indices((side, side))
    far = (rows - place[:, 0, None, None]) ** 2 + (columns - place[:, 1, None, None]) ** 2
    return np.exp(-far / 3).astype(np.float32)[:, None]


def check_lines(model: Autoencoder, x: Tensor) -> None:
    """That the lines of a foreign model, executed and given its weights, do with items x what the model does."""
    written, names = source(model), dict[str, Any]()
    exec("\n".join(line.text for line in written), names)  # what a person copies
    assert isinstance(model, Chained)
    chain = model.chain()
    made = [layer for half in (chain.encoder, chain.heads, chain.decoder) for layer in layers(half)]
    weights = [value for layer in made for value in layer.state_dict().values()]
    own = names["model"].state_dict()
    names["model"].load_state_dict(dict(zip(own, weights, strict=True)))
    with torch.inference_mode():
        code, posterior = names["model"].encode(x), model.encode(x)
        mean, std = code if isinstance(code, tuple) else (code, None)
        torch.testing.assert_close(mean, posterior.mean)
        assert (std is None) == (posterior.std is None)
        if std is not None and posterior.std is not None:
            torch.testing.assert_close(std, posterior.std)
        torch.testing.assert_close(names["model"].decode(mean), model.decode(posterior.mean))
    told = {line.layer for line in written if line.layer}
    assert told
    assert told <= {layer.name for layer in watch(model, x[:1])[0]}
