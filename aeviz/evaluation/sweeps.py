"""Which models a sweep is made of, and what its numbers say in a sentence."""

from collections.abc import Callable, Mapping, Sequence

from aeviz.model.families import FAMILIES
from aeviz.store.checkpoints import Card

LOSSES = {"dense": "Cross-entropy", "dense-mse": "Squared error", "dense-l1": "Absolute error"}


def measured(found: Mapping[str, Card], *keys: str, of: Callable[[Card], bool]) -> list[Card]:
    """Cards of a kind that hold all these figures."""
    return [card for card in found.values() if of(card) and all(key in card.metrics for key in keys)]


def bottleneck(found: Mapping[str, Card], family: str) -> list[Card]:
    """Models of a family by code size, alike in all else."""
    plain = measured(found, "mse", of=lambda card: card.family == family and _plain(card))
    return sorted(plain, key=lambda card: card.latent_dim)


def _plain(card: Card) -> bool:
    """Whether a model has its family's usual likelihood and number of hidden layers."""
    usual = FAMILIES[card.family].config
    return layers(card) == len(usual["hidden"]) and card.config["likelihood"] == usual.get("likelihood", "bce")


def bottleneck_sentence(pca: Sequence[Card], dense: Sequence[Card]) -> str:
    """Where the autoencoder gains most over PCA, and where nothing."""
    errors = [{card.latent_dim: card.metrics["mse"] for card in cards} for cards in (pca, dense)]
    both = sorted(errors[0].keys() & errors[1].keys())
    if not both:
        return "Error against the size of the code."
    ratio = {size: errors[0][size] / errors[1][size] for size in both}
    most = max(both, key=lambda size: ratio[size])
    lost = [size for size in both if ratio[size] <= 1]
    if ratio[most] <= 1:
        return "At no size does the autoencoder beat PCA here."
    sentence = f"With {most} numbers the autoencoder's error is {1 - 1 / ratio[most]:.0%} smaller than PCA's"
    if lost:
        return f"{sentence}; with {' or '.join(map(str, lost))} it is no better."
    return sentence + (f", and it wins at every size from {both[0]} to {both[-1]}." if len(both) > 1 else ".")


def depth(found: Mapping[str, Card]) -> list[Card]:
    """Dense and deep models of one code size and likelihood, by the number of their hidden layers."""

    def alike(card: Card) -> bool:
        return "depth" in FAMILIES[card.family].sweeps and card.latent_dim == 16 and card.config["likelihood"] == "bce"

    return sorted(measured(found, "mse", "parameters", of=alike), key=layers)


def layers(card: Card) -> int:
    """Hidden layers on each side of the code."""
    return len(card.config["hidden"])


def depth_sentence(cards: Sequence[Card]) -> str:
    """Whether the deepest gain over the shallowest, with about as many weights."""
    weights = sorted(card.metrics["parameters"] for card in cards)
    alike = " All have about as many weights." if weights[-1] < 1.1 * weights[0] else ""
    shallow, best = cards[0], min(cards, key=lambda card: card.metrics["mse"])
    if best is shallow:
        return f"Here the shallowest network is the best.{alike}"
    gain = 1 - best.metrics["mse"] / shallow.metrics["mse"]
    deeper = [card for card in cards if layers(card) > layers(best) and card.metrics["mse"] > best.metrics["mse"]]
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
    told = ", ".join(f"{card.name} {count}" for card, count in zip(cards, epochs, strict=True) if count)
    return f"Not trained equally long; epochs: {told}."


def rate(found: Mapping[str, Card]) -> list[Card]:
    """VAEs that differ in β alone, by β: of grey pictures, with 16 numbers."""

    def alike(card: Card) -> bool:
        grey = not card.config.get("training", {}).get("binarize")
        same = card.latent_dim == 16 and card.config["likelihood"] == "bce"
        return "rate" in FAMILIES[card.family].sweeps and grey and same and beta(card) is not None

    return sorted(measured(found, "kl", "reconstruction", "active_units", of=alike), key=lambda card: beta(card) or 0.0)


def beta(card: Card) -> float | None:
    """The weight of the KL term that a VAE was trained with, 1 where none is written.

    None where aeviz did not train the model: what did is its `origin`.
    """
    if "origin" in card.config.get("training", {}):
        return None
    return float((card.config.get("objective") or {}).get("beta", 1.0))


def rate_sentence(cards: Sequence[Card]) -> str:
    """What the largest β costs and saves beside the smallest."""
    low, high = cards[0], cards[-1]
    kept, units = ([card.metrics[key] for card in (high, low)] for key in ("kl", "active_units"))
    worse = high.metrics["reconstruction"] - low.metrics["reconstruction"]
    return (
        f"From β = {beta(low):g} to {beta(high):g}, a code keeps {' nats instead of '.join(map(_amount, kept))}, "
        f"{units[0]} of {high.latent_dim} coordinates stay active instead of {units[1]}, "
        f"and the picture costs {abs(worse):.0f} nats {'more' if worse > 0 else 'less'}."
    )


def _amount(nats: float) -> str:
    return f"{nats:.0f}" if nats >= 10 else f"{nats:.1f}"


def losses(found: Mapping[str, Card]) -> dict[str, Card]:
    """The same network under three losses, by the names in `LOSSES`."""
    return {name: found[name] for name in LOSSES if name in found and {"mse", "ssim"} <= found[name].metrics.keys()}


def losses_sentence(cards: Mapping[str, Card]) -> str:
    """Which loss wins by which figure."""
    least = min(cards, key=lambda name: cards[name].metrics["mse"])
    likest = max(cards, key=lambda name: cards[name].metrics["ssim"])
    sentence = f"{LOSSES[least]} as the loss gives the smallest squared error"
    return sentence + (" and the best SSIM." if least == likest else f", {LOSSES[likest].lower()} the best SSIM.")
