"""The layers of a network and their order, told by shapes: each takes as many numbers as the one before gives.

Names decide only between orders that fit alike, and which of two heads is the mean.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

Shapes = Mapping[str, tuple[int, ...]]

MAX_LAYERS, MAX_SIZES, MAX_STEPS, MAX_PATHS = 64, 5, 20_000, 200
SPREAD = re.compile(r"var|std|sigma|scale")
MEAN = re.compile(r"mu|mean|loc")
TRANSPOSED = re.compile(r"deconv|conv_?t|trans|up")
ENCODER = re.compile(r"enc|down|recogn|inference|^q_|q_net|phi")
DECODER = re.compile(r"dec|up|gener|^p_|p_net|theta|recon")


@dataclass(frozen=True)
class Layer:
    """A layer by the name of its tensors.

    kind: "dense", "conv" or "transposed". before, after: numbers, or channels, that it takes and gives. norm: of the
    batch normalisation that follows it, behind the activation where `norm_last`. slope: of a PReLU behind it.
    """

    name: str
    kind: str
    before: int
    after: int
    kernel: tuple[int, int] = (1, 1)
    norm: str = ""
    norm_last: bool = False
    slope: str = ""


@dataclass(frozen=True)
class Plan:
    """An autoencoder's layers in order. mean: the encoder's last, `log_var` beside it where there is one.

    double: whether the one head gives means and, behind them, log-variances. sure: whether names tell which head is
    which.
    """

    encoder: tuple[Layer, ...]
    mean: Layer
    log_var: Layer | None
    decoder: tuple[Layer, ...]
    double: bool = False
    sure: bool = True

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All of them."""
        return (*self.encoder, self.mean, *((self.log_var,) if self.log_var else ()), *self.decoder)

    @property
    def has_spread(self) -> bool:
        """Whether codes have a spread."""
        return self.double or self.log_var is not None

    @property
    def is_dense(self) -> bool:
        """Whether all layers are dense."""
        return all(layer.kind == "dense" for layer in self.layers)

    @property
    def convolutions(self) -> tuple[list[Layer], list[Layer]]:
        """The encoder's, with a head that is one, and the decoder's."""
        return (
            [layer for layer in (*self.encoder, self.mean) if layer.kind != "dense"],
            [layer for layer in self.decoder if layer.kind != "dense"],
        )


def plan_of(shapes: Shapes) -> Plan | None:
    """The plan of the one autoencoder that these tensors make up, or None where they do not."""
    layers = layers_of(shapes)
    if layers is None or not 2 <= len(layers) <= MAX_LAYERS:
        return None
    plans = _dense_plans(layers) if all(layer.kind == "dense" for layer in layers) else _convolutional_plans(layers)
    return min(plans, key=lambda plan: _oddity(plan, layers), default=None)


# --- Layers ---


def layers_of(shapes: Shapes) -> list[Layer] | None:
    """The layers in the order of the tensors, or None where some tensor is of no layer known here."""
    stems: dict[str, dict[str, tuple[int, ...]]] = {}
    for name, shape in shapes.items():
        stem, _, tensor = name.rpartition(".")
        stems.setdefault(stem, {})[tensor] = shape
    layers, norms, slopes = [], {}, {}
    for stem, tensors in stems.items():
        weight = tensors.get("weight")
        if "running_mean" in tensors and tensors.keys() <= {"weight", "bias", "running_mean", "running_var"}:
            if "running_var" not in tensors or len({*tensors.values()}) != 1:
                return None
            norms[stem] = tensors["running_mean"]
        elif weight is not None and len(weight) == 1 and len(tensors) == 1:
            slopes[stem] = weight
        elif (
            weight is None
            or not (layer := _layer(stem, weight, tensors.get("bias")))
            or tensors.keys() > {"weight", "bias"}
        ):
            return None
        else:
            layers.append(layer)
    sure = [layer for layer in layers if layer.kind == "transposed"]
    layers = [_settled(layer, sure) if layer.kind == "either" else layer for layer in layers]
    for widths, field in ((norms, "norm"), (slopes, "slope")):
        for stem, (width,) in widths.items():
            row = _carrier(stem, width, layers, list(stems), field)
            if row is None:
                return None
            more = {"norm_last": _is_last(stem, layers[row].name)} if field == "norm" else {}
            layers[row] = replace(layers[row], **{field: stem}, **more)  # type: ignore[arg-type]
    return layers


def _layer(stem: str, weight: tuple[int, ...], bias: tuple[int, ...] | None) -> Layer | None:
    if not all(weight):
        return None
    if len(weight) == 2 and bias in {None, weight[:1]}:
        return Layer(stem, "dense", weight[1], weight[0])
    if len(weight) != 4 or bias not in {None, weight[:1], weight[1:2]}:
        return None
    kernel = (weight[2], weight[3])
    if weight[0] == weight[1] or bias is None:
        return Layer(stem, "either", weight[1], weight[0], kernel)
    kind = "conv" if bias == weight[:1] else "transposed"
    before, after = (weight[1], weight[0]) if kind == "conv" else weight[:2]
    return Layer(stem, kind, before, after, kernel)


def _settled(layer: Layer, sure: Sequence[Layer]) -> Layer:
    """A convolution whose bias does not tell its direction: transposed as its neighbours are, or as its name says."""
    top = layer.name.split(".")[0]
    near = any(other.name.split(".")[0] == top and top != layer.name for other in sure)
    if (
        near
        or TRANSPOSED.search(layer.name.casefold())
        or (role(layer.name) == 2 and not sure and layer.kernel[0] % 2 == 0)
    ):
        return replace(layer, kind="transposed", before=layer.after, after=layer.before)
    return replace(layer, kind="conv")


def _carrier(stem: str, width: int, layers: Sequence[Layer], stems: Sequence[str], field: str) -> int | None:
    """The layer that a normalisation or a slope follows: the one before it in a row, or of its number, or its name."""
    free = [row for row, layer in enumerate(layers) if not getattr(layer, field) and width in {layer.after, 1}]
    parent, _, last = stem.rpartition(".")
    near = [row for row in free if layers[row].name.rpartition(".")[0] == parent]
    if last.isdecimal():
        numbers = {row: layers[row].name.rpartition(".")[2] for row in near}
        ahead = [row for row in near if numbers[row].isdecimal() and int(numbers[row]) < int(last)]
        if ahead:
            return max(ahead, key=lambda row: int(numbers[row]))
    digits = re.findall(r"\d+", last)
    alike = [row for row in near if digits and re.findall(r"\d+", layers[row].name.rpartition(".")[2]) == digits]
    place = list(stems).index(stem)
    for rows in ([row for row in alike if role(layers[row].name) == role(stem)], alike, free):
        ahead = [row for row in rows if list(stems).index(layers[row].name) < place]
        if ahead or len(rows) == 1:
            return max(ahead or rows, key=lambda row: list(stems).index(layers[row].name))
    return None


def _is_last(norm: str, layer: str) -> bool:
    """Whether an activation stands between a layer and its normalisation, as numbers in a row tell."""
    a, b = norm.rpartition("."), layer.rpartition(".")
    return a[0] == b[0] and a[2].isdecimal() and b[2].isdecimal() and int(a[2]) - int(b[2]) > 1


# --- Order ---


def role(name: str) -> int:
    """0 for a layer of the encoder, 2 for one of the decoder, 1 where the name does not tell."""
    plain = name.casefold()
    is_encoder, is_decoder = bool(ENCODER.search(plain)), bool(DECODER.search(plain))
    return 1 if is_encoder == is_decoder else 0 if is_encoder else 2


def natural(name: str) -> list[tuple[int, int, str]]:
    """Sorts encoder.2 before encoder.10."""
    parts = [part for part in re.split(r"(\d+)", name.casefold()) if part]
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def _oddity(plan: Plan, layers: Sequence[Layer]) -> tuple[int, bool, int, int]:
    """How far an order is from what names tell: parts that are elsewhere, and neighbours the other way round.

    Between the same, that of larger items: a ring of layers may begin anywhere.
    """
    wrong = sum(role(layer.name) == 2 for layer in (*plan.encoder, plan.mean))
    wrong += sum(role(layer.name) == 0 for layer in plan.decoder)
    sequence = [layer.name for layer in (*plan.encoder, plan.mean, *plan.decoder)]
    orders = ([layer.name for layer in layers], sorted((layer.name for layer in layers), key=natural))
    turned = min(sum(order.index(a) > order.index(b) for a, b in pairwise(sequence)) for order in orders)
    return wrong, turned > 0, -plan.layers[0].before, turned


@dataclass(frozen=True)
class _Path:
    """Dense layers in order; `head`: the place of the mean among them, with its partner, or of one twice the code."""

    layers: tuple[Layer, ...]
    head: int | None = None
    partner: Layer | None = None
    double: bool = False


def _paths(layers: Sequence[Layer], starts: Callable[[int], bool], ends: Callable[[int, int], bool]) -> Iterator[_Path]:
    """All ways to line dense layers up so that each takes what the one before gives; two of one form may be heads."""
    steps = 0
    order = sorted(layers, key=lambda layer: natural(layer.name))

    def follow(path: _Path, left: tuple[Layer, ...]) -> Iterator[_Path]:
        nonlocal steps
        steps += 1
        if steps > MAX_STEPS:
            return
        if not left:
            if ends(path.layers[0].before, path.layers[-1].after // (2 if _ends_double(path) else 1)):
                yield path
            return
        width = path.layers[-1].after if path.layers else None
        if path.layers and _ends_double(path):
            width = path.layers[-1].after // 2
        for layer in left:
            if layer.before != width and (width is not None or not starts(layer.before)):
                continue
            rest = tuple(other for other in left if other is not layer)
            here = replace(path, layers=(*path.layers, layer))
            yield from follow(here, rest)
            if path.head is not None:
                continue
            place = len(path.layers)
            for partner in rest:
                if (partner.before, partner.after) == (layer.before, layer.after):
                    others = tuple(other for other in rest if other is not partner)
                    yield from follow(replace(here, head=place, partner=partner), others)
            if layer.after % 2 == 0:
                yield from follow(replace(here, head=place, double=True), rest)

    yield from follow(_Path(()), tuple(order))


def _ends_double(path: _Path) -> bool:
    return path.double and path.head == len(path.layers) - 1


def _dense_plans(layers: Sequence[Layer]) -> list[Plan]:
    features = {layer.before for layer in layers} & {layer.after for layer in layers}
    plans: list[Plan] = []
    for size in sorted(features, reverse=True)[:MAX_SIZES]:
        paths = _paths(layers, size.__eq__, partial(_ends_alike, size))
        splits = [_split(path, at_end=False) for _, path in zip(range(MAX_PATHS), paths, strict=False)]
        plans += _plainest([plan for plan in splits if plan is not None and plan.decoder])
    return plans


def _ends_alike(size: int, first: int, last: int) -> bool:
    return last == size


def _plainest(plans: Sequence[Plan]) -> list[Plan]:
    """Two heads rather than one of twice the code; a code that is the narrowest place."""
    kept = [plan for plan in plans if not plan.double] or list(plans)
    narrow = [plan for plan in kept if _code(plan) <= min(layer.after for layer in (*plan.encoder, *plan.decoder))]
    return narrow or kept


def _code(plan: Plan) -> int:
    return plan.mean.after // (2 if plan.double else 1)


def _split(path: _Path, at_end: bool) -> Plan | None:
    """Encoder, heads and decoder of a path: parted at the heads, where names change, or where it is narrowest."""
    layers = path.layers
    place = path.head
    if place is None:
        roles = [role(layer.name) for layer in layers]
        if 2 in roles and 0 in roles and sorted(roles) == roles:
            place = roles.index(2) - 1
        else:
            inner = range(len(layers) if at_end else len(layers) - 1)
            middle = (len(layers) - 1) / 2
            place = min(inner, key=lambda row: (layers[row].after, abs(row + 0.5 - middle)), default=None)
    if place is None or place < 0:
        return None
    mean, other, sure = layers[place], path.partner, True
    if other is not None:
        mean, other, sure = _heads(mean, other)
    return Plan(layers[:place], mean, other, layers[place + 1 :], path.double, sure)


def _heads(a: Layer, b: Layer) -> tuple[Layer, Layer, bool]:
    """The mean, the spread, and whether their names tell."""
    spread = [bool(SPREAD.search(_last(layer.name))) for layer in (a, b)]
    mean = [bool(MEAN.search(_last(layer.name))) for layer in (a, b)]
    if spread[0] != spread[1]:
        return (b, a, True) if spread[0] else (a, b, True)
    if mean[0] != mean[1]:
        return (a, b, True) if mean[0] else (b, a, True)
    first, second = sorted((a, b), key=lambda layer: natural(layer.name))
    return first, second, False


def _is_head(layer: Layer) -> bool:
    last = _last(layer.name)
    return bool(SPREAD.search(last) or MEAN.search(last))


def _last(name: str) -> str:
    words = [word for word in name.casefold().split(".") if not word.isdecimal()]
    return words[-1] if words else ""


# --- Convolutions ---


def _convolutional_plans(layers: Sequence[Layer]) -> list[Plan]:
    dense = [layer for layer in layers if layer.kind == "dense"]
    down, up = _halves(layers)
    if not down or not up:
        return []
    downs = (down, _sorted(down), sorted(_sorted(down), key=_is_head))  # files that sort names have heads anywhere
    for first, second in ((first, second) for second in (up, _sorted(up)) for first in downs):
        plans = _spatial(first, second) if not dense else _with_dense(first, second, dense)
        if plans:
            return plans
    return []


def _sorted(layers: Sequence[Layer]) -> list[Layer]:
    return sorted(layers, key=lambda layer: natural(layer.name))


def _halves(layers: Sequence[Layer]) -> tuple[list[Layer], list[Layer]]:
    """The convolutions of encoder and decoder: by names, by dense layers between, or where the first transposed is."""
    convolutions = [layer for layer in layers if layer.kind != "dense"]
    roles = [role(layer.name) for layer in convolutions]
    if 0 in roles and 2 in roles:
        last = 0
        for row, value in enumerate(roles):
            last = roles[row] = value if value != 1 else last
        pairs = list(zip(convolutions, roles, strict=True))
        return [layer for layer, value in pairs if value == 0], [layer for layer, value in pairs if value == 2]
    rows = [row for row, layer in enumerate(layers) if layer.kind == "dense"]
    if rows:
        down = [layer for row, layer in enumerate(layers) if row < rows[0] and layer.kind != "dense"]
        up = [layer for row, layer in enumerate(layers) if row > rows[-1] and layer.kind != "dense"]
        if len(down) + len(up) == len(convolutions) and down and up:
            return down, up
    first = next((row for row, layer in enumerate(convolutions) if layer.kind == "transposed"), None)
    if first:
        if all(layer.kind == "transposed" for layer in convolutions[first:]):
            return convolutions[:first], convolutions[first:]
        up = [layer for layer in convolutions if layer.kind == "transposed"]
        return convolutions[:first], convolutions[first:] if up[0].before == convolutions[first - 1].after else up
    half = len(convolutions) // 2  # all of one direction, as with upsampling between
    return convolutions[:half], convolutions[half:]


def _join(layers: Sequence[Layer], channels: int) -> bool:
    return all(a.after == b.before for a, b in pairwise(layers)) and layers[-1].after == channels


def _spatial(down: Sequence[Layer], up: Sequence[Layer]) -> list[Plan]:
    """Convolutions alone: the code is a map."""
    if not _join(up, down[0].before):
        return []
    if len(down) > 1 and (down[-2].before, down[-2].after, down[-2].kernel) == (
        down[-1].before, down[-1].after, down[-1].kernel
    ) and up[0].before == down[-1].after and (len(down) < 3 or down[-3].after == down[-1].before):  # fmt: skip
        mean, other, sure = _heads(down[-2], down[-1])
        if sure or down[-1].before != down[-1].after:
            return [Plan(tuple(down[:-2]), mean, other, tuple(up), sure=sure)]
    if not _join(down, down[-1].after):
        return []
    if down[-1].after == up[0].before:
        return [Plan(tuple(down[:-1]), down[-1], None, tuple(up))]
    return (
        [Plan(tuple(down[:-1]), down[-1], None, tuple(up), double=True)] if down[-1].after == 2 * up[0].before else []
    )


def _with_dense(down: Sequence[Layer], up: Sequence[Layer], dense: Sequence[Layer]) -> list[Plan]:
    if not _join(down, down[-1].after) or not _join(up, down[0].before):
        return []
    channels = down[-1].after
    paths = _paths(dense, lambda before: before % channels == 0, lambda first, last: last % up[0].before == 0)
    plans = []
    for _, path in zip(range(MAX_PATHS), paths, strict=False):
        plan = _split(path, at_end=True)
        if plan is not None:
            plans.append(replace(plan, encoder=(*down, *plan.encoder), decoder=(*plan.decoder, *up)))
    kept = [plan for plan in plans if not plan.double] or plans
    narrow = min((_code(plan) for plan in kept), default=0)
    return [plan for plan in kept if _code(plan) == narrow]
