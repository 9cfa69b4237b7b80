"""Strides and paddings of convolutions, which weights do not tell: those by which the sizes of all maps come out."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from aeviz.importers.models.chains import Layer

Size = tuple[int, int]
MAX_WAYS, MAX_TRIED = 12, 20_000
MAX_SIDE = 2_048


@dataclass(frozen=True)
class Step:
    """How a convolution is applied. more: output padding of a transposed one. pool: by how much maps shrink behind it.

    grow: by how much they are enlarged before it.
    """

    stride: int
    padding: int
    more: int = 0
    pool: int = 1
    grow: int = 1

    @property
    def words(self) -> str:
        """For a person."""
        text = f"stride {self.stride}, padding {self.padding}"
        text += f", output padding {self.more}" if self.more else ""
        return text + (", then pooling" if self.pool > 1 else "") + (", after upsampling" if self.grow > 1 else "")


@dataclass(frozen=True)
class Passage:
    """Steps for each convolution of one half, and the size of the maps at its end."""

    steps: tuple[Step, ...]
    size: Size
    cost: int


def ways(layers: Sequence[Layer], size: Size, is_decoder: bool) -> list[Passage]:
    """How maps of a size may pass through convolutions, the most usual first. Ends of any size are among them."""
    heap: list[tuple[int, int, Size, tuple[Step, ...]]] = [(0, 0, size, ())]
    counter, done = 0, []
    per_end: dict[Size, int] = {}
    while heap and counter < MAX_TRIED:
        cost, _, here, steps = heapq.heappop(heap)
        if len(steps) == len(layers):
            per_end[here] = per_end.get(here, 0) + 1
            if per_end[here] <= MAX_WAYS:
                done.append(Passage(steps, here, cost))
            continue
        layer = layers[len(steps)]
        for rank, step in enumerate(_options(layer, is_decoder)):
            after = tuple(
                side_after(side, kernel, step, layer.kind) for side, kernel in zip(here, layer.kernel, strict=True)
            )
            if min(after) < 1 or max(after) > MAX_SIDE or _is_moot(step, here, after, layer):
                continue
            alike = [other for other, earlier in zip(steps, layers, strict=False) if earlier.kernel == layer.kernel]
            counter += 1
            dearer = cost + rank + (3 if alike and step != alike[-1] else 0)
            heapq.heappush(heap, (dearer, counter, (after[0], after[1]), (*steps, step)))
    return done


def _is_moot(step: Step, here: Size, after: tuple[int, ...], layer: Layer) -> bool:
    """Whether a stride has nothing to step over: the same as one of 1, which is tried as well."""
    if step.stride == 1 or step.more or step.pool > 1:
        return False
    if layer.kind == "transposed":
        return here == (1, 1)
    plain = Step(1, step.padding, grow=step.grow)
    return after == tuple(
        side_after(side, kernel, plain, layer.kind) for side, kernel in zip(here, layer.kernel, strict=True)
    )


def side_after(side: int, kernel: int, step: Step, kind: str) -> int:
    """The side of the maps behind a convolution."""
    if kind == "transposed":
        return (side - 1) * step.stride - 2 * step.padding + kernel + step.more
    return ((side * step.grow + 2 * step.padding - kernel) // step.stride + 1) // step.pool


def _options(layer: Layer, is_decoder: bool) -> list[Step]:
    """What is usual for a kernel, the most usual first."""
    kernel = layer.kernel[0]
    half = (kernel - 1) // 2
    # A stride of 1 stands beside each of 2 with its padding: see `_is_moot`.
    same = kernel % 2 == 1
    if layer.kind == "transposed":
        options = [Step(2, half, 0 if kernel % 2 == 0 else 1), Step(2, half), Step(1, 0), Step(2, 0), Step(2, 0, 1)]
        options += [Step(1, half), Step(2, half, 1), Step(2, 1, 0), Step(2, 1, 1), Step(1, 1), Step(1, half + 1)]
        options += [Step(kernel, 0)] if kernel > 2 else []
    elif is_decoder:
        options = [Step(1, half, grow=2), Step(1, half), Step(1, 0), Step(1, 0, grow=2), Step(1, half + 1)]
    else:
        options = [Step(2, half), Step(1, half, pool=2), Step(1, half), Step(1, 0), Step(2, 0), Step(1, 0, pool=2)]
        options += [Step(2, 1), Step(1, 1), Step(2, half + 1)] + ([Step(kernel, 0)] if kernel > 2 else [])
        if kernel == 1:
            options = [Step(1, 0), Step(2, 0), Step(1, 0, pool=2)]
        if not same:
            options.sort(key=lambda step: step.pool)
    return list(dict.fromkeys(options))
