"""Which models a sweep is made of, and what its numbers say in a sentence."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from aeviz.modalities.base import Distance, Modality
from aeviz.modalities.registry import MODALITIES
from aeviz.model.config import Config
from aeviz.model.families import FAMILIES, Family
from aeviz.model.likelihoods import LIKELIHOODS
from aeviz.store.checkpoints import Card


def modality_of(card: Card) -> Modality:
    """What the items of a model are."""
    return MODALITIES[card.config.get("modality") or "image"]


def error(card: Card) -> float:
    """The error of a model that was measured: the first distance of its modality."""
    value: float = card.metrics[modality_of(card).error.key]
    return value


BUILD = ("latent_dim", "body", "channels", "hidden", "options", "output")  # what makes a network, in its config
COLLAPSED_NATS = 0.05  # KL of a whole code below which it carries nothing


def collapsed(cards: Mapping[str, Card]) -> dict[str, Card]:
    """Models whose codes carry nothing: the KL term is all but 0, and no unit is active (posterior collapse)."""
    return {
        name: card
        for name, card in cards.items()
        if card.metrics.get("kl", 1.0) < COLLAPSED_NATS and card.metrics.get("active_units") == 0
    }


def collapse_sentence(card: Card, noun: str) -> str:
    """What a collapsed model shows; Markdown, to follow its name."""
    return (
        f"shows **posterior collapse**: KL {card.metrics['kl']:.1f} nats, no active unit. Its decoder learned to do "
        f"without the code, so every code decodes to the same {noun}: choose it above and turn its knobs on Decode."
    )


def families(sweep: str) -> list[Family]:
    """The families that belong to a sweep, in the order of their table."""
    return [family for family in FAMILIES.values() if sweep in family.sweeps]


def with_figures(cards: Mapping[str, Card], *keys: str, of: Callable[[Card], bool] = lambda card: True) -> list[Card]:
    """Cards that hold their error and all these figures, of those for which `of` is true."""
    return [
        card
        for card in cards.values()
        if of(card) and all(key in card.metrics for key in (modality_of(card).error.key, *keys))
    ]


def _alike(cards: Sequence[Card]) -> list[Card]:
    """Those of the code size that most of them have."""
    sizes = Counter(card.latent_dim for card in cards)
    return [card for card in cards if card.latent_dim == sizes.most_common(1)[0][0]]


def bottleneck(cards: Mapping[str, Card], family: str) -> list[Card]:
    """Models of a family by code size, alike in all else."""
    plain = with_figures(cards, of=lambda card: card.family == family and _plain(card))
    return sorted(plain, key=lambda card: card.latent_dim)


def _plain(card: Card) -> bool:
    """Whether a model has its family's usual likelihood and number of hidden layers."""
    usual = FAMILIES[card.family].config
    likelihood = usual.get("likelihood", modality_of(card).likelihoods[0])
    return layers(card) == len(usual["hidden"]) and card.config["likelihood"] == likelihood


def bottleneck_sentence(pca: Sequence[Card], dense: Sequence[Card]) -> str:
    """Where the autoencoder gains most over PCA, and where nothing."""
    errors = [{card.latent_dim: error(card) for card in cards} for cards in (pca, dense)]
    sizes = sorted(errors[0].keys() & errors[1].keys())
    if not sizes:
        return "Error against the size of the code."
    ratio = {size: errors[0][size] / errors[1][size] for size in sizes}
    best = max(sizes, key=lambda size: ratio[size])
    lost = [size for size in sizes if ratio[size] <= 1]
    if ratio[best] <= 1:
        return "At no size does the autoencoder beat PCA here."
    sentence = f"With {best} numbers the autoencoder's error is {1 - 1 / ratio[best]:.0%} smaller than PCA's"
    if lost:
        return f"{sentence}; with {' or '.join(map(str, lost))} it is no better."
    return sentence + (f", and it wins at every size from {sizes[0]} to {sizes[-1]}." if len(sizes) > 1 else ".")


def depth(cards: Mapping[str, Card]) -> list[Card]:
    """Dense and deep models of one code size and likelihood, by the number of their hidden layers."""

    def alike(card: Card) -> bool:
        return "depth" in FAMILIES[card.family].sweeps and _usual_loss(card)

    return sorted(_alike(with_figures(cards, "parameters", of=alike)), key=layers)


def _usual_loss(card: Card) -> bool:
    return bool(card.config["likelihood"] == modality_of(card).likelihoods[0])


def layers(card: Card) -> int:
    """Hidden layers on each side of the code."""
    return len(card.config["hidden"])


def depth_sentence(cards: Sequence[Card]) -> str:
    """Whether the deepest gain over the shallowest, with about as many weights."""
    weights = sorted(card.metrics["parameters"] for card in cards)
    alike = " All have about as many weights." if weights[-1] < 1.1 * weights[0] else ""
    shallow, best = cards[0], min(cards, key=error)
    if best is shallow:
        return f"Here the shallowest network is the best.{alike}"
    gain = 1 - error(best) / error(shallow)
    deeper = [card for card in cards if layers(card) > layers(best) and error(card) > error(best)]
    more = f"; more layers than {layers(best)} do not help" if deeper else ""
    counted = f"{layers(best)} hidden layer{'s' * (layers(best) != 1)}"
    if layers(best) == layers(shallow):
        return f"{counted} do{'es' * (layers(best) == 1)} best{more}.{alike}"
    return f"With {counted} the error is {gain:.0%} less than with {layers(shallow)}{more}.{alike}"


def epochs_sentence(cards: Sequence[Card]) -> str:
    """How long models were trained where that differs; nothing where it does not."""
    epochs = [card.config.get("training", {}).get("epochs") for card in cards]
    if len(set(epochs)) < 2:
        return ""
    counts = ", ".join(f"{card.name} {count}" for card, count in zip(cards, epochs, strict=True) if count)
    return f"Not trained equally long; epochs: {counts}."


def rate(cards: Mapping[str, Card]) -> list[Card]:
    """VAEs that differ in β alone, by β: those of the usual loss, not of binary pictures, of one network.

    Where there are several such networks, the one that was trained with most weights.
    """

    def alike(card: Card) -> bool:
        grey = not card.config.get("training", {}).get("binarize")
        return "rate" in FAMILIES[card.family].sweeps and grey and _usual_loss(card) and beta(card) is not None

    groups: dict[str, list[Card]] = {}
    for card in with_figures(cards, "kl", "reconstruction", "active_units", of=alike):
        groups.setdefault(_network(card), []).append(card)
    largest = max(groups.values(), key=lambda cards: len(cards), default=[])
    return sorted(largest, key=lambda card: beta(card) or 0.0)


def _network(card: Card) -> str:
    """What a network is but for its weights, as text: options hold lists and tables, which no key may be."""
    config = Config.read(card.config)
    return json.dumps({name: getattr(config, name) for name in BUILD}, sort_keys=True)


def beta(card: Card) -> float | None:
    """The weight of the KL term that a VAE was trained with, 1 where none is written.

    None where aeviz did not train the model: what did is its `origin`.
    """
    if "origin" in card.config.get("training", {}):
        return None
    return float((card.config.get("objective") or {}).get("beta", 1.0))


def rate_sentence(cards: Sequence[Card], noun: str = "picture") -> str:
    """What the largest β costs and saves beside the smallest; noun: what an item is called."""
    low, high = cards[0], cards[-1]
    kl, units = ([card.metrics[key] for card in (high, low)] for key in ("kl", "active_units"))
    worse = high.metrics["reconstruction"] - low.metrics["reconstruction"]
    instead = f" instead of {units[1]}" if units[0] != units[1] else ""
    return (
        f"From β = {beta(low):g} to {beta(high):g}, a code keeps {' nats instead of '.join(map(_amount, kl))}, "
        f"{units[0]} of {high.latent_dim} coordinates stay active{instead}, "
        f"and the {noun} costs {abs(worse):.0f} nats {'more' if worse > 0 else 'less'}."
    )


def _amount(nats: float) -> str:
    return f"{nats:.0f}" if nats >= 10 else f"{nats:.1f}"


def losses(cards: Mapping[str, Card]) -> dict[str, Card]:
    """The same network under several losses, by name: its family's plain name, and that with a likelihood behind it."""
    names = [
        name
        for family in families("loss")
        for name in (family.name, *(f"{family.name}-{likelihood}" for likelihood in LIKELIHOODS))
    ]
    return {
        name: cards[name]
        for name in names
        if name in cards and with_figures({name: cards[name]}, *_judges(cards[name]))
    }


def _judges(card: Card) -> tuple[str, str]:
    """The figures by which losses are compared: the first and the last distance of the modality."""
    distances = modality_of(card).distances
    return distances[0].key, distances[-1].key


def loss_of(name: str, card: Card) -> str:
    """What the loss of one of `losses` is called."""
    return LIKELIHOODS[name.partition("-")[2] or modality_of(card).likelihoods[0]].loss


def losses_sentence(cards: Mapping[str, Card]) -> str:
    """Which loss wins by which figure."""
    first, *_, last = modality_of(next(iter(cards.values()))).distances
    least, likest = (
        next(
            loss_of(name, card)
            for name, card in cards.items()
            if card.metrics[row.key] == row.best([rival.metrics[row.key] for rival in cards.values()])
        )
        for row in (first, last)
    )
    sentence = f"{least} as the loss gives the {_best(first)}"
    return sentence + (f" and the {_best(last)}." if least == likest else f", {likest.lower()} the {_best(last)}.")


def _best(row: Distance) -> str:
    name = row.label if row.label.isupper() else row.label[0].lower() + row.label[1:]
    return f"best {name}" if row.better == "higher" else f"smallest {row.brief.split(' per ')[0] or name}"
