"""The choice of an item, the same on every page."""

from typing import Self

import numpy as np
import pytest
from apptest import html, opened, sent, sound

from aeviz.app import models
from aeviz.app.panels.item_places import NEIGHBOURS


def test_an_item_is_chosen_by_class_and_drawn_from_it() -> None:
    labels = models.data("mnist").labels
    app = opened("interpolate")
    app.selectbox(key="b-of-mnist").select(8).run()
    first = int(np.flatnonzero(labels == 8)[0])
    assert app.session_state["b-item"] == first
    assert app.query_params["b-item"] == str(first)
    app.button(key="b-another").click().run()
    another = app.session_state["b-item"]
    assert another != first
    assert labels[another] == 8
    assert "<span>8</span>" in html(app)
    app.selectbox(key="b-of-mnist").select(-1).run()
    assert app.session_state["b-item"] == another, "any class holds the item that is shown"


def test_the_worst_rebuilt_come_one_after_another() -> None:
    labels = models.data("mnist").labels
    error = models.codes("mnist-ae").error + models.codes("mnist-vae").error
    sevens = np.flatnonzero(labels == 7)
    worst = sevens[np.argsort(-error[sevens])][:2].tolist()
    app = opened("decode", item=0)
    assert labels[0] == 7
    app.selectbox(key="inspected-of-mnist").select(7).run()
    app.button(key="inspected-worst").click().run()
    assert app.query_params["item"] == str(worst[0])
    app.button(key="inspected-worst").click().run()
    assert app.query_params["item"] == str(worst[1])
    assert f"Item {worst[1]:,}" in html(app)


def test_an_item_is_chosen_by_number_beside_the_maps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aeviz.app.panels.item_picker.unfolding", lambda key: Unfolded())
    app = opened("map")
    app.number_input(key="inspected-number").set_value(1234).run()
    assert app.query_params["item"] == "1234"


def test_what_takes_a_while_is_drawn_where_it_is_unfolded(monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("network", item=7)
    assert not [key for key in sent(app, "label") if key.startswith("Nearest codes")]
    monkeypatch.setattr("aeviz.app.panels.item_picker.unfolding", lambda key: Unfolded())
    sound(app.run())
    near = [names for names in sent(app, "names") if len(names) == NEIGHBOURS]
    assert len(near) == 2, "by the codes of either model"
    assert "choose-" not in str(app.query_params)
    groups = [group for group in sent(app, "group") if str(group).startswith("network-")]
    assert len(groups) == 1, "a map to click on"


class Unfolded:
    """In place of a popover that a person has opened."""

    open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None: ...
