"""A model from the Hugging Face Hub, brought into a folder of the caller's own."""

import re
from fnmatch import fnmatch
from pathlib import Path

from aeviz.errors import CheckpointError

PATTERNS = ("config.json", "model.safetensors", "metrics.json", "maps.npz", "model_config.json", "model.pt")
NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
TIMEOUT_S = 10.0  # for the Hub to say what it has


def is_name(text: str) -> bool:
    """Whether a text has the form of a Hub id, "owner/name"."""
    return NAME.fullmatch(text) is not None and ".." not in text and "--" not in text


def fetch(name: str, folder: Path, max_bytes: int) -> Path:
    """Bring an aeviz or pythae model of the Hub into a folder; returns the folder. Looks at no local path.

    An anonymous request: the server owner's token is never used, for what the owner may see is not every visitor's.

    max_bytes: that it may have. Raises CheckpointError where the name is none, there is no network or no such
    model, it is larger, or it holds no file of `PATTERNS`.
    """
    if not is_name(name):
        raise CheckpointError(f"{name!r} is no id of the Hugging Face Hub: expected owner/name.")
    from huggingface_hub import HfApi, snapshot_download

    try:
        info = HfApi(token=False).model_info(name, files_metadata=True, timeout=TIMEOUT_S)
        files = [file for file in info.siblings or [] if any(fnmatch(file.rfilename, pattern) for pattern in PATTERNS)]
        size = sum(file.size or 0 for file in files)
        if not files:
            raise CheckpointError(f"{name} on the Hugging Face Hub holds none of {', '.join(PATTERNS)}.")
        if size > max_bytes:
            raise CheckpointError(f"{name} has {size:,} bytes; there is room for {max(max_bytes, 0):,}.")
        names = [file.rfilename for file in files]
        return Path(snapshot_download(name, revision=info.sha, allow_patterns=names, local_dir=folder, token=False))
    except CheckpointError:
        raise
    except Exception as error:  # of the network, the Hub or the disk: its client raises what its parts raise
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise CheckpointError(
            f"The Hugging Face Hub did not give {name}: there is no network here, or no such model ({reason}). "
            "Download its files where there is one, and upload them."
        ) from error
