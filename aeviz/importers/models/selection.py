"""Which tensors of a checkpoint are the model's: an optimiser, averages and much else may lie beside them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aeviz.importers.models.pickles import Inert, Odd, StoredTensor, entries_of, walk

MAX_DEPTH = 12  # dicts in dicts, of a module's tree
CONTAINERS = (
    "model_state_dict", "state_dict", "model", "net", "network", "module", "autoencoder", "vae", "ae", "weights",
    "params", "net_state_dict",
)  # fmt: skip
TRAINING = re.compile(r"optim|sched|scaler|rng|random|callback|loops?$|hyper_?param|^state$|^opt$|grad", re.IGNORECASE)
ADVERSARIES = re.compile(r"discrim|critic|adversar|^disc_|^d_", re.IGNORECASE)


@dataclass(frozen=True)
class Selected:
    """Tensors by name. others: what lies beside them and was left aside, by its key."""

    tensors: Mapping[Any, StoredTensor]
    others: tuple[str, ...] = field(default=())


def select(content: object, depth: int = MAX_DEPTH) -> Selected | None:
    """The tensors of the model in what a checkpoint holds, or None where there are none.

    They may lie in the mapping itself, in one of its entries, or in two of which one is the encoder and one the
    decoder; a pickled `nn.Module` is taken for its parameters and buffers.
    """
    entries = entries_of(content) or {}
    own = {key: value for key, value in entries.items() if isinstance(value, StoredTensor)}
    parts = {
        key: dict(walk(value, depth)) for key, value in entries.items() if key not in own and _may_hold(key, value)
    }
    parts = {key: tensors for key, tensors in parts.items() if _are_weights(tensors)}
    if own and (not parts or _are_weights({str(key): value for key, value in own.items()})):
        is_module = isinstance(content, Inert) and bool(parts)
        if not is_module:
            return Selected(own, _words([key for key in entries if key not in own]))
    if not parts:
        return None
    if isinstance(content, Inert):
        return Selected(dict(walk(content, depth)))
    chosen = _chosen(parts)
    beside = _words([key for key in entries if key not in chosen])
    if len(chosen) > 1:
        joined = {f"{_prefix(key)}.{name}": tensor for key in chosen for name, tensor in parts[key].items()}
        return Selected(joined, beside)
    (key,) = chosen
    inner = select(entries[key], depth - 1) if depth > 1 else None
    inner = inner or Selected(parts[key])
    return Selected(inner.tensors, beside + tuple(f"{_prefix(key)}.{name}" for name in inner.others))


def _may_hold(key: object, value: object) -> bool:
    entries = entries_of(value)
    return isinstance(key, str) and bool(entries) and not TRAINING.search(key) and not _is_numbered(entries or {})


def _is_numbered(entries: Mapping[object, object]) -> bool:
    """Whether keys are numbers, as in the state of an optimiser."""
    return any(isinstance(key, Odd) for key in entries)


def _are_weights(tensors: Mapping[str, StoredTensor]) -> bool:
    return any(len(tensor.shape) > 1 or name.endswith(("weight", "bias")) for name, tensor in tensors.items())


def _chosen(parts: Mapping[object, Mapping[str, StoredTensor]]) -> list[object]:
    """The entries that make up the model: one, or an encoder and a decoder with what goes between them."""
    keys = list(parts)
    plain = [key for key in keys if not ADVERSARIES.search(str(key))] or keys
    roles = [role_of(str(key)) for key in plain]
    if roles.count("encoder") == 1 and roles.count("decoder") == 1:
        return plain
    known: list[object] = [name for name in CONTAINERS if name in plain]
    if known:
        return known[:1]
    forms = {tuple(sorted((name, tensor.shape) for name, tensor in parts[key].items())) for key in plain}
    return plain[:1] if len(forms) == 1 else plain


def role_of(name: str) -> str | None:
    """What a name says that it is of: "encoder", "decoder" or nothing."""
    plain = name.casefold()
    if "enc" in plain and "dec" not in plain:
        return "encoder"
    return "decoder" if "dec" in plain and "enc" not in plain else None


def _prefix(key: object) -> str:
    return role_of(str(key)) or str(key)


def _words(keys: list[object]) -> tuple[str, ...]:
    return tuple((key.words if isinstance(key, Odd) else str(key))[:60] for key in keys)
