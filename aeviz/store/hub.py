"""A model from the Hugging Face Hub, brought into a folder of the caller's own."""

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from aeviz.errors import CheckpointError

if TYPE_CHECKING:
    from huggingface_hub import HfApi

PATTERNS = ("config.json", "model.safetensors", "metrics.json", "maps.npz", "model_config.json", "model.pt",
            "diffusion_pytorch_model.safetensors")  # fmt: skip
WEIGHTS = frozenset({"model.safetensors", "model.pt", "diffusion_pytorch_model.safetensors"})
ENDINGS = (".safetensors", ".pt", ".pth", ".ckpt", ".bin")  # of files of weights, those to be preferred first
PIPELINE = ("vae/config.json", "vae/diffusion_pytorch_model.safetensors")  # of one of diffusers: its autoencoder
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
MAX_NETWORKS = 3  # ONNX files of one model
MAX_BYTES = 4_000_000_000  # of a model for who sits at the machine
TIMEOUT_S = 10.0  # for the Hub to say what it has


def is_name(text: str) -> bool:
    """Whether a text has the form of a Hub id, "owner/name"."""
    return NAME.fullmatch(text) is not None and ".." not in text and "--" not in text


def _wanted(name: str, sizes: Mapping[str, int], library: str, max_bytes: int) -> list[str]:
    """The files of a model's repository that are brought, its weights last. Raises CheckpointError where unclear.

    Of several files of weights without a name that is known, those of more than max_bytes are passed over.
    """
    named = [file for file in sizes if file in PATTERNS]
    if WEIGHTS & set(named):
        return sorted(named, key=lambda file: file in WEIGHTS)
    if set(PIPELINE) <= sizes.keys():
        return list(PIPELINE)
    networks = [file for file in sizes if file.endswith(".onnx")]
    if 0 < len(networks) <= MAX_NETWORKS and len({PurePosixPath(file).parent for file in networks}) == 1:
        return networks  # an encoder and a decoder, or both in one
    for ending in ENDINGS:
        weights = [file for file in sizes if file.endswith(ending)]
        weights = [file for file in weights if sizes[file] <= max_bytes] or weights
        if len(weights) == 1:
            beside = str(PurePosixPath(weights[0]).with_name("config.json"))
            return [*([beside] if beside in sizes else []), *weights]
        if weights:
            first = ", ".join(weights[:4]) + (" …" if len(weights) > 4 else "")
            raise CheckpointError(
                f"{name} on the Hugging Face Hub holds {len(weights):,} files of weights ({first}), and none is "
                f"called {', '.join(sorted(WEIGHTS))}: download the one that is meant, and bring it.{library}"
            )
    raise CheckpointError(
        f"{name} on the Hugging Face Hub holds no weights that are read here ({', '.join(ENDINGS)}).{library}"
    )


def fetch(name: str, folder: Path, max_bytes: int) -> Path:
    """Bring a model of the Hub into a folder; returns the folder that its files lie in. Looks at no local path.

    Taken are the files of an aeviz, pythae or diffusers model; of a pipeline of diffusers, its autoencoder; else the
    one file of weights that there is, whatever its name.

    An anonymous request: the server owner's token is never used, for what the owner may see is not every visitor's.

    max_bytes: that it may have. Raises CheckpointError where the name is none, there is no network or no such
    model, it is larger, or it holds no such file, or several.
    """
    if not is_name(name):
        raise CheckpointError(f"{name!r} is no id of the Hugging Face Hub: expected owner/name.")
    from huggingface_hub import HfApi, snapshot_download

    try:
        names, revision = _chosen(HfApi(token=False), name, max_bytes)
        root = snapshot_download(name, revision=revision, allow_patterns=names, local_dir=folder, token=False)
        return Path(root, *PurePosixPath(names[-1]).parent.parts)
    except CheckpointError:
        raise
    except Exception as error:  # of the network, the Hub or the disk: its client raises what its parts raise
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise CheckpointError(
            f"The Hugging Face Hub did not give {name}: there is no network here, or no such model ({reason}). "
            "Download its files where there is one, and upload them."
        ) from error


def fetch_for_owner(name: str) -> Path:
    """The folder of a model of the Hub among the Hub's own files on this machine, for who sits at it.

    The same files as `fetch` takes, of any size, with what the owner of the machine may see; without a network those
    that were brought before. Raises CheckpointError where they are unclear, and what the Hub's client raises.
    """
    from huggingface_hub import HfApi, snapshot_download

    try:
        names, revision = _chosen(HfApi(), name, MAX_BYTES)
    except CheckpointError:
        raise
    except Exception:
        return _weights_folder(Path(snapshot_download(name, local_files_only=True)))
    root = snapshot_download(name, revision=revision, allow_patterns=names)
    return Path(root, *PurePosixPath(names[-1]).parent.parts)


def _weights_folder(root: Path) -> Path:
    """Where the weights lie that a folder of the Hub's holds; itself where there are none, or in several places."""
    endings = (*ENDINGS, ".onnx")
    places = {file.parent for file in root.rglob("*") if file.name.endswith(endings)}
    return places.pop() if len(places) == 1 else root


def _chosen(hub: "HfApi", name: str, max_bytes: int) -> tuple[list[str], str | None]:
    """The files of a model that are brought, and their revision. Raises CheckpointError where they have no room."""
    info = hub.model_info(name, files_metadata=True, timeout=TIMEOUT_S)
    sizes = {file.rfilename: file.size or 0 for file in info.siblings or []}
    library = getattr(info, "library_name", None)
    sentence = f" It is a model of {str(library)[:40]}." if library else ""
    names = _wanted(name, sizes, sentence, max_bytes)
    size = sum(sizes[file] for file in names)
    if size > max_bytes:
        raise CheckpointError(f"{name} has {size:,} bytes; there is room for {max(max_bytes, 0):,}.{sentence}")
    return names, info.sha
