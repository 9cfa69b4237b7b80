from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from aeviz.importers import health
from aeviz.importers.health import examine
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from tests.importers.conftest import blobs

ITEMS = blobs(200)


def model(code: str = "gaussian", d: int = 3, **more: int) -> Autoencoder:
    torch.manual_seed(0)
    config = Config(family="vae", shape=(1, 8, 8), latent_dim=d, code=code, body="dense", hidden=(16,), **more)
    return Autoencoder(config).requires_grad_(False).eval()


def levels(found: Autoencoder, items: np.ndarray = ITEMS) -> dict[str, str]:
    report = examine(found, items)
    assert all(finding.value and finding.meaning.endswith(".") for finding in report)
    return {finding.title: finding.level for finding in report}


def trained(steps: int = 600, d: int = 3) -> Autoencoder:
    """A VAE with little weight on the KL, so that all its coordinates are in use."""
    found = model(d=d).requires_grad_(True)
    optimiser = torch.optim.Adam(found.parameters(), 1e-2)
    x = torch.tensor(ITEMS)
    for _ in range(steps):
        optimiser.zero_grad()
        posterior = found.encode(x)
        error = (found.decode(posterior.sample()) - x).square().sum((1, 2, 3))
        (error + 0.02 * posterior.kl().sum(1)).mean().backward()
        optimiser.step()
    return found.requires_grad_(False)


def test_a_model_in_good_health() -> None:
    assert set(levels(trained(d=2)).values()) == {"ok"}


def silent(found: Autoencoder) -> Tensor:
    """A decoder without weights."""
    for values in found.decoder.parameters():
        values.zero_()
    return found.head.weight


def change(found: Autoencoder, do: Callable[[Autoencoder], Tensor]) -> Autoencoder:
    do(found)
    return found


SICK: dict[str, tuple[Callable[[Autoencoder], Tensor], str, str]] = {
    "NaN": (lambda m: m.head.weight.fill_(float("nan")), "NaN or infinite values", "warning"),
    "infinite": (lambda m: m.head.bias.fill_(float("inf")), "NaN or infinite values", "warning"),
    "constant": (lambda m: silent(m), "Constant output", "warning"),
    "blind": (lambda m: m.head.weight.zero_(), "Dead units", "warning"),
    "one dead": (lambda m: m.head.weight[0].zero_(), "Dead units", "note"),
    "collapsed": (lambda m: m.head.weight.zero_() + m.head.bias.zero_()[0], "Posterior collapse", "warning"),
    "far": (lambda m: m.head.bias[:3].add_(9), "Distance to N(0, I)", "warning"),
    "untrained": (lambda m: m.head.weight, "Reconstruction", "warning"),
}


@pytest.mark.parametrize("case", SICK)
def test_what_ails_a_model_is_named(case: str) -> None:
    spoil, title, level = SICK[case]
    assert levels(change(model(), spoil))[title] == level


def test_a_point_code_far_from_the_prior_is_only_noted() -> None:
    found = change(model("deterministic"), lambda m: m.head.bias.add_(9))
    assert levels(found)["Distance to N(0, I)"] == "note"
    assert "Posterior collapse" not in levels(found)


def test_items_of_another_shape_and_missing_labels_are_findings() -> None:
    assert levels(model(), np.zeros((3, 1, 9, 9), np.float32)) == {"Does not run": "warning"}
    conditional = model(classes=4)
    assert levels(conditional) == {"Does not run": "warning"}
    labels = np.arange(len(ITEMS)) % 4
    assert "Reconstruction" in {finding.title for finding in examine(conditional, ITEMS, labels=labels)}


def test_a_slow_model_is_looked_at_as_long_as_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Slow" not in levels(model())
    monkeypatch.setattr(health, "MAX_S", 0.0)
    *others, slow = examine(model(), ITEMS)
    assert (slow.title, slow.level) == ("Slow", "note")
    assert slow.value.startswith("2 of 200 pictures were looked at; one takes ")
    assert {"Reconstruction", "Dead units"} <= {finding.title for finding in others}
    assert "Slow" not in levels(model(), ITEMS[:2])


def test_what_is_looked_at_in_parts_is_looked_at_whole() -> None:
    found = trained(d=2)
    x = torch.tensor(ITEMS)
    with torch.inference_mode():
        error = float((found.decode(found.encode(x).mean) - x).square().mean())
    assert f"squared error {error:.4f}" in examine(found, ITEMS)[0].value


def test_one_item_and_none() -> None:
    assert levels(model(), ITEMS[:1])["Reconstruction"] == "note"
    with pytest.raises(ValueError, match="at least one item"):
        examine(model(), ITEMS[:0])
