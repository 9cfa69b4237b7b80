"""The `models/` folder: list, load, validate and save checkpoints.

A checkpoint is a folder in the Hugging Face layout: `config.json`, `model.safetensors`,
`metrics.json`, `maps.npz`, `history.json` and `README.md`; the first two make a model.
"""

import hashlib
import json
import os
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aeviz.datasets.sources import SOURCES
from aeviz.errors import CheckpointError
from aeviz.model.bodies.table import BODIES
from aeviz.model.config import Config, renamed
from aeviz.paths import models_folder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from aeviz.model.autoencoder import Autoencoder

CONFIG, WEIGHTS, METRICS, MAPS, HISTORY = (
    "config.json",
    "model.safetensors",
    "metrics.json",
    "maps.npz",
    "history.json",
)
MAX_JSON_BYTES = 1_000_000  # bytes
MAX_MAPS_BYTES = 50_000_000  # bytes, packed or not
MAX_WEIGHTS = 100_000_000  # weights
MAX_LAYERS = 64  # in each of channels and hidden
MAP_FIGURES = ("trustworthiness", "knn_accuracy")
VARIABLE = "AEVIZ_MODELS"  # further folders of checkpoints, as in PATH


@dataclass(frozen=True)
class Card:
    """What is known of a checkpoint without loading its weights.

    name: the folder's name. metrics: figures measured on the test split, by name (see
    `aeviz.evaluation.checkpoint`); baselines: those of classical methods, by the method's name. problem: why it
    cannot be loaded, or None. title: what people call it, where that is not its family.
    """

    name: str
    folder: Path
    family: str = ""
    dataset: str = ""
    latent_dim: int = 0
    code: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    baselines: dict[str, dict[str, float]] = field(default_factory=dict)
    problem: str | None = None
    title: str = ""

    @cached_property  # pages ask for the names of all models in each run
    def corruptions(self) -> tuple[str, ...]:
        """The corruptions that it alone was trained to repair, by their names; () for none, and for the usual ones."""
        return Config.read(self.config).corruptions

    @cached_property
    def built(self) -> Config:
        """How it was built and trained. Raises CheckpointError where the file states what cannot be."""
        return config_of(self.config, self.folder / CONFIG)

    @property
    def layers(self) -> int:
        """How many layers its encoder has."""
        return BODIES[self.config["body"]].layers(Config.read(self.config))


def models(folder: str | Path | None = None) -> list[Card]:
    """Cards of the sound checkpoints in a folder, sorted by data set and name; of all in `folders()` by default.

    A missing folder holds none. Damaged checkpoints are left out: `survey` lists them with what is wrong.
    """
    return [card for card in survey(folder) if card.problem is None]


def survey(folder: str | Path | None = None) -> list[Card]:
    """Cards of every checkpoint in a folder, sound or not; of all in `folders()` by default.

    What AEVIZ_MODELS names and cannot be read is a card with a problem. Of two checkpoints of one name the first
    counts; the other has a problem.
    """
    if folder is not None:
        return _sorted(map(read_card, _within(Path(folder))))
    cards = {path.name: read_card(path) for path in _within(models_folder())}
    spare: list[Card] = []
    if not models_folder().is_dir():
        spare.append(Card("models", models_folder(), problem=f"{models_folder()} is missing: it came with aeviz."))
    for root in further_folders():
        try:
            paths = [root] if (root / CONFIG).is_file() else [path for path in _within(root) if _looks_like_one(path)]
        except OSError as error:
            spare.append(Card(root.name, root, problem=f"{root} cannot be read: {error.strerror}."))
            continue
        if not root.exists():
            spare.append(Card(root.name, root, problem=f"{root} is not there. {VARIABLE} or --models named it."))
        for path in paths:
            first = cards.setdefault(path.name, read_card(path))
            if first.folder.resolve() != path.resolve():
                problem = f"{first.folder} has the same name: rename {path}."
                spare.append(Card(path.name, path, problem=problem))
    return _sorted([*cards.values(), *spare])


def folders() -> list[Path]:
    """Where checkpoints are looked for: the shipped ones' folder, then those that AEVIZ_MODELS names."""
    return [models_folder(), *further_folders()]


def further_folders() -> list[Path]:
    """The paths that AEVIZ_MODELS names: folders of checkpoints, single ones, and models in other forms."""
    named = os.environ.get(VARIABLE, "").split(os.pathsep)
    return list(dict.fromkeys(Path(name).expanduser() for name in named if name.strip()))


def _within(root: Path) -> list[Path]:
    if not root.is_dir():
        return []
    return [path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")]


def _looks_like_one(path: Path) -> bool:
    # A folder of somebody's may hold much else.
    return (path / CONFIG).exists() or (path / WEIGHTS).exists()


def _sorted(cards: Iterable[Card]) -> list[Card]:
    order = [*SOURCES]
    return sorted(
        cards,
        key=lambda card: (order.index(card.dataset) if card.dataset in order else len(order), card.dataset, card.name),
    )


def read_card(folder: Path) -> Card:
    """The card of a checkpoint folder; its `problem` says what is wrong, if anything is."""
    try:
        config = renamed(read_json(folder / CONFIG))
        check_safetensors(folder / WEIGHTS)
        metrics = read_json(folder / METRICS) if (folder / METRICS).exists() else {}
        figures = metrics.get("metrics", {})
        if not isinstance(figures, dict):
            raise CheckpointError(f"{folder / METRICS}: metrics must be an object, not {type(figures).__name__}.")
        return Card(
            name=folder.name,
            folder=folder,
            family=str(config["family"]),
            dataset=str(config.get("dataset", "")),
            latent_dim=int(config["latent_dim"]),
            code=str(config.get("code", "deterministic")),
            config=config,
            metrics=figures,
            baselines=_baselines(metrics.get("baselines")),
        )
    except (CheckpointError, KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        problem = f"{CONFIG} lacks {error}." if isinstance(error, KeyError) else str(error)
        return Card(name=folder.name, folder=folder, problem=problem)


def _baselines(stored: Any) -> dict[str, dict[str, float]]:
    """The numbers among what a file says of classical methods; they are not worth leaving a checkpoint out."""
    methods = stored.items() if isinstance(stored, dict) else ()
    return {
        str(name): {key: float(value) for key, value in figures.items() if isinstance(value, int | float)}
        for name, figures in methods
        if isinstance(figures, dict)
    }


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file. Raises CheckpointError when it is missing, too large or not an object."""
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise CheckpointError(
                f"{path} is larger than {MAX_JSON_BYTES:,} bytes, too large for a file of a checkpoint."
            )
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(f"{path} is missing.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} cannot be read as JSON: {error}.") from error
    if not isinstance(value, dict):
        raise CheckpointError(f"{path} holds {type(value).__name__}, not an object.")
    return value


def locate(name: str | Path) -> Path:
    """The folder of a checkpoint: a name in one of `folders()`, a path, or a Hugging Face Hub id "owner/name".

    Raises CheckpointError when there is none, naming those there are.
    """
    if "/" not in str(name):
        for root in folders():
            for path in (root / str(name), *([root] if root.name == str(name) else [])):
                if (path / CONFIG).is_file():
                    return path
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    if str(name).count("/") == 1 and not path.is_absolute() and not str(name).startswith("."):
        return _from_hub(str(name))
    known = ", ".join(card.name for card in models()) or "none is installed"
    raise CheckpointError(f"No checkpoint {str(name)!r}: expected a folder or one of the shipped models ({known}).")


def _from_hub(name: str) -> Path:
    from aeviz.store.hub import fetch_for_owner

    try:
        return fetch_for_owner(name)
    except CheckpointError:
        raise
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        raise CheckpointError(
            f"{name!r} is no folder here, and the Hugging Face Hub did not give a model of that name: {reason} "
            "Without a network, bring the model as a folder or a zip."
        ) from error


def load(name: str | Path, device: str = "auto") -> "Autoencoder":
    """A trained model, frozen and in evaluation mode, on a device (see `aeviz.device.choose`).

    name: as for `locate`. Nothing in the folder is executed. Raises CheckpointError for a missing,
    damaged or unsound checkpoint and ValueError for a device that is not there.
    """
    import torch

    from aeviz.device import choose, moved
    from aeviz.model.autoencoder import Autoencoder

    where = choose(device)
    folder = locate(name)
    config = config_of(read_json(folder / CONFIG), folder / CONFIG)
    weights = _weights(folder / WEIGHTS)
    try:
        with torch.device("meta"):
            model = Autoencoder(config)
    except (ValueError, TypeError, RuntimeError) as error:
        raise CheckpointError(f"{folder / CONFIG} does not describe a valid model: {error}") from error
    blank = model.state_dict()
    expected = {key: tuple(value.shape) for key, value in blank.items()}
    compare_shapes(folder / WEIGHTS, expected, {key: tuple(value.shape) for key, value in weights.items()})
    for key, value in weights.items():
        if not torch.isfinite(value).all():
            raise CheckpointError(f"{folder / WEIGHTS}: {key} holds NaN or infinite values.")
    # Assigned, not copied into an emptied model: torch would import sympy for that.
    model.load_state_dict({key: value.to(blank[key].dtype) for key, value in weights.items()}, assign=True)
    return moved(model, where).requires_grad_(False).eval()


def digests(folder: Path) -> dict[str, str]:
    """What `metrics.json` states of the model it was measured on: SHA-256 of the weights' bytes and of the config.

    The config counts by its content, not its bytes. Raises CheckpointError where either cannot be read.
    """
    try:
        weights = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
    except OSError as error:
        raise CheckpointError(f"{folder / WEIGHTS} cannot be read: {error}.") from error
    config = json.dumps(read_json(folder / CONFIG), sort_keys=True)
    return {"weights_sha256": weights, "config_sha256": hashlib.sha256(config.encode()).hexdigest()}


def is_as_measured(folder: Path) -> bool:
    """Whether a checkpoint is, to the last bit, what `metrics.json` was measured on: it loaded then."""
    try:
        return digests(folder).items() <= read_json(folder / METRICS).items()
    except CheckpointError:
        return False


def map_figures(folder: Path) -> dict[str, dict[str, float]]:
    """Figures of the maps that came with a checkpoint, by "umap-2", …: those of `MAP_FIGURES`, all there and sound.

    A map whose figures are missing, no numbers or not finite is left out. Raises CheckpointError where
    `metrics.json` cannot be read.
    """
    stated = read_json(folder / METRICS).get("maps") if (folder / METRICS).exists() else None
    by_map = {}
    for name, figures in stated.items() if isinstance(stated, dict) else ():
        sound = {
            key: float(value)
            for key, value in (figures.items() if isinstance(figures, dict) else ())
            if key in MAP_FIGURES and isinstance(value, int | float) and 0 <= value <= 1
        }
        if len(sound) == len(MAP_FIGURES):
            by_map[name] = sound
    return by_map


def shipped_maps(folder: Path, points: int) -> dict[str, "NDArray[np.float32]"]:
    """The maps that came with a checkpoint, by "pca-2", "umap-3", …; none where it has no file of them.

    points: items of the test split. Raises CheckpointError for a damaged file and another number of points.
    """
    from aeviz.projection import load_maps

    path = folder / MAPS
    if not path.exists():
        return {}
    try:
        _check_maps(path)
        maps = load_maps(path)
    except (ValueError, OSError, MemoryError, RuntimeError, struct.error, zlib.error, zipfile.BadZipFile) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error
    for name, coordinates in maps.items():
        if len(coordinates) != points:
            raise CheckpointError(f"{path}: {name!r} has {len(coordinates):,} points, but there are {points:,} items.")
    return maps


def _check_maps(path: Path) -> None:
    """A small file may unpack to one that fills the memory."""
    if path.stat().st_size > MAX_MAPS_BYTES:
        raise CheckpointError(f"{path} is larger than {MAX_MAPS_BYTES:,} bytes.")
    with zipfile.ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > MAX_MAPS_BYTES:
        raise CheckpointError(f"{path} unpacks to {size:,} bytes; at most {MAX_MAPS_BYTES:,} are read.")


def config_of(fields: Mapping[str, Any], path: Path) -> Config:
    """The configuration that the object in a file `config.json` at a path states; what it does not know it leaves out.

    Raises CheckpointError, naming the file, where it states what cannot be.
    """
    try:
        config = Config.read(fields)
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"{path}: {error}") from error
    for name, cls, words in (
        ("family", str, "text"),
        ("dataset", str, "text"),
        ("training", dict, "an object"),
        ("options", dict, "an object"),
    ):
        if not isinstance(getattr(config, name), cls):
            raise CheckpointError(f"{path}: {name} must be {words}.")
    if max(len(config.channels), len(config.hidden)) > MAX_LAYERS:
        raise CheckpointError(f"{path}: channels and hidden may hold {MAX_LAYERS} numbers at most.")
    widths = [*config.shape, *config.channels, *config.hidden, config.latent_dim]
    if not all(isinstance(width, int) and 0 < width <= 65_536 for width in widths):
        raise CheckpointError(f"{path}: shape, channels, hidden and latent_dim must be sizes from 1 to 65536.")
    return config


def check_safetensors(path: Path) -> None:
    """Look at the header of a safetensors file, which must fit the file's size. Reads no weights.

    Raises CheckpointError for a missing file, one of another format or truncated, a header of more than
    `MAX_JSON_BYTES` bytes, and one that the library refuses.
    """
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise CheckpointError(f"{path} is missing.")
    try:
        with path.open("rb") as file:
            start = file.read(8)
        header = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 0 < header < min(MAX_JSON_BYTES, path.stat().st_size):
            raise CheckpointError(f"{path} is no safetensors file: it is truncated, or of another format.")
        if path.stat().st_size > 4 * MAX_WEIGHTS:
            raise CheckpointError(f"{path} is larger than {4 * MAX_WEIGHTS:,} bytes.")
        with safe_open(path, framework="np"):
            pass
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(f"{path} is damaged: {error}.") from error


def _weights(path: Path) -> dict[str, Any]:
    """Tensors of a safetensors file as float32, after a look at its header."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    check_safetensors(path)
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(f"{path} is damaged: {error}.") from error
    for key, value in tensors.items():
        if not value.is_floating_point():
            raise CheckpointError(f"{path}: {key} is of type {value.dtype}, not floating point.")
    try:
        return {key: value.float() for key, value in tensors.items()}
    except RuntimeError as error:  # a type that torch can hold and not convert
        raise CheckpointError(f"{path} holds numbers of a type that cannot be read: {error}.") from error


def compare_shapes(
    path: str | Path, expected: Mapping[str, tuple[int, ...]], actual: Mapping[str, tuple[int, ...]]
) -> None:
    """Raise CheckpointError, naming the file, where tensors are missing, surplus or of another shape than expected."""
    missing, surplus = sorted(expected.keys() - actual.keys()), sorted(actual.keys() - expected.keys())
    if missing or surplus:
        raise CheckpointError(
            f"{path} does not fit its config: missing {_first_names(missing)}; not expected {_first_names(surplus)}."
        )
    for key, shape in expected.items():
        if actual[key] != shape:
            raise CheckpointError(f"{path}: {key} has shape {actual[key]}, but its config needs {shape}.")


def _first_names(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "") or "nothing"


def save(model: "Autoencoder", folder: str | Path, files: dict[str, str] | None = None) -> Path:
    """Write a checkpoint: config, weights in float16, and further text files by name.

    The folder appears whole or not at all; one that stood there is replaced, its other files
    (metrics, maps) are of the old weights and go. Returns the folder.
    """
    import torch
    from safetensors.torch import save_file

    folder = Path(folder)
    with atomic_folder(folder) as new:
        weights = {
            key: value.detach().to("cpu", torch.float16).contiguous() for key, value in model.state_dict().items()
        }
        save_file(weights, new / WEIGHTS, metadata={"format": "pt"})
        (new / WEIGHTS).chmod(0o644)  # safetensors writes for the owner alone
        write_json(new / CONFIG, asdict(model.config))
        for name, text in (files or {}).items():
            (new / name).write_text(text, encoding="utf-8")
    return folder


@contextmanager
def atomic_folder(folder: Path) -> Iterator[Path]:
    """A fresh folder to fill, which then takes the place of `folder`; dropped if anything fails."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield new
        new.chmod(0o755)
        old = new.with_name(new.name + ".old")
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write JSON so that the file is the old one or the new one, never half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    draft.replace(path)
