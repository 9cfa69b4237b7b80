"""Models in the tab: a visitor's own is sent to that visitor's tab alone, whatever another asks for."""

from pathlib import Path

import apptest
import pytest
import torch
from cases import every
from own_page import Own, folder_zip
from streamlit.testing.v1 import AppTest

from aeviz import load
from aeviz.app import models, networks
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.config import Config
from aeviz.model.portable import portable
from aeviz.store import checkpoints


@pytest.fixture
def brought(tmp_path: Path) -> tuple[Own, str]:
    """A visitor with a model of their own, and its digest."""
    torch.manual_seed(0)
    config = Config(family="vae", shape=(1, 28, 28), latent_dim=3, code="gaussian", body="dense", hidden=(8,),
                    dataset="mnist")  # fmt: skip
    folder = checkpoints.save(Autoencoder(config), tmp_path / "brought")
    return Own().upload(("brought.zip", folder_zip(folder))), portable(load(folder)).digest


def sent(app: AppTest) -> bytes:
    """All that the tab was given of models."""
    return b"".join(element.proto.bytes for element in app.get("bidi_component"))


def address(own: Own, page: str) -> dict[str, str]:
    """What the address bar says of a page that shows the visitor's own model."""
    own.visit(page)
    return {name: value[0] if isinstance(value, list) else value for name, value in own.app.query_params.items()}


@pytest.mark.parametrize("page", every(2, ["network", "decode"]))
def test_an_address_of_ones_own_model_brings_its_weights_to_nobody_else(brought: tuple[Own, str], page: str) -> None:
    mine, digest = brought
    texts = address(mine, page)
    assert digest.encode() in sent(apptest.sound(mine.app)), "its own visitor gets it"
    other = Own(**texts)
    other.visit(page)
    assert digest.encode() not in sent(other.app)


def test_a_name_of_anothers_model_sends_nothing(brought: tuple[Own, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where a page would ask for it by its name in the registry, which no address is."""
    mine, digest = brought
    cards = mine.things.registry.cards()
    name = next(card.name for card in cards if portable(models.explorer(card.name).model).digest == digest)
    send = networks.send
    monkeypatch.setattr(networks, "send", lambda names, known=None: send([*names, name], known))
    other = Own()
    other.visit("decode")
    assert digest.encode() not in sent(other.app)
    with monkeypatch.context() as unchecked:
        unchecked.setattr(models, "is_visible", lambda name: True)
        careless = Own()
        careless.visit("decode")
        assert digest.encode() in sent(careless.app), "without the check it would be sent"
