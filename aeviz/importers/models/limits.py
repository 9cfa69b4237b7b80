"""How much a model of unknown origin may take: its weights, its layers, and the items that pass through at once."""

from collections.abc import Iterable, Sequence
from math import prod
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from aeviz.device import BATCH, in_batches
from aeviz.errors import CheckpointError
from aeviz.importers.models.foreign import Network
from aeviz.importers.models.portable import Layers, layers_of
from aeviz.model.bodies.table import BODIES
from aeviz.model.chain import Chain, Chained
from aeviz.model.config import Config
from aeviz.store.checkpoints import CONFIG, check_safetensors

MAX_DEPTH = 32  # objects within objects of a config
MAX_CODE, MAX_WIDTH = 4_096, 65_536  # numbers in a code, units of a dense layer
MAX_VALUES = 1 << 24  # in one layer, for all items that are computed at once: 67 MB


def check_depth(config: object) -> None:
    """Raise CheckpointError for a config nested too deep: it is copied level by level, some hundreds at most."""
    level = [config]
    for _ in range(MAX_DEPTH):
        level = [value for container in level if isinstance(container, dict | list) for value in _within(container)]
    if level:
        raise CheckpointError(f"{CONFIG} has objects within objects more than {MAX_DEPTH} deep.")


def _within(container: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return container.values() if isinstance(container, dict) else container


def check_count(path: Path, max_bytes: int) -> None:
    """Raise CheckpointError for a safetensors file of more than `max_bytes` as float32, from its header alone."""
    from safetensors import SafetensorError, safe_open

    check_safetensors(path)
    try:
        with safe_open(path, framework="np") as file:
            count = sum(prod(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(f"{path} is damaged: {error}.") from error
    if 4 * count > max_bytes:
        raise CheckpointError(f"{path.name} holds {count:,} weights; there is room for {max_bytes // 4:,}.")


def rows_at_once(config: Config, widths: Sequence[int] = ()) -> int:
    """How many items a network takes at once. Raises CheckpointError for one that is too wide for any.

    widths: of dense layers that the config does not tell.
    """
    if config.latent_dim > MAX_CODE:
        raise CheckpointError(f"Its code has {config.latent_dim:,} numbers; at most {MAX_CODE:,} are shown here.")
    units = max([*config.hidden, *widths], default=1)
    values = BODIES[config.body].largest(config)
    check_widths(units, values)
    return rows_at_once_of(max(values, units), config.latent_dim)


def check_widths(units: int, values: int) -> None:
    """Raise CheckpointError for a dense layer of so many units, or a layer of so many numbers for one item."""
    if units > MAX_WIDTH:
        raise CheckpointError(f"Its widest layer has {units:,} units; at most {MAX_WIDTH:,} are run here.")
    if values > MAX_VALUES:
        raise CheckpointError(
            f"One of its layers holds {values:,} numbers for a single item; at most {MAX_VALUES:,} are run here."
        )


def rows_at_once_of(values: int, latent_dim: int) -> int:
    """How many items pass at once, if the largest layer holds so many numbers for one.

    Raises CheckpointError for a code of more than `MAX_CODE` numbers.
    """
    if latent_dim > MAX_CODE:
        raise CheckpointError(f"Its code has {latent_dim:,} numbers; at most {MAX_CODE:,} are shown here.")
    return max(1, min(BATCH, MAX_VALUES // max(values, latent_dim)))


class InParts(nn.Module):
    """A wide network, which takes so many rows at once: its layers would fill the memory otherwise."""

    def __init__(self, network: Network, rows: int) -> None:
        super().__init__()
        self.network, self.rows = network, rows

    def heads(self, x: Tensor) -> Tensor:
        return in_batches(self.network.heads, x, self.rows)

    def output(self, z: Tensor) -> Tensor:
        return in_batches(self.network.output, z, self.rows)

    def in_layers(self) -> Layers:
        return layers_of(self.network)

    def chain(self) -> Chain:
        if not isinstance(self.network, Chained):
            raise ValueError("Its lines are not known: this network is no chain of PyTorch's own layers.")
        return self.network.chain()
