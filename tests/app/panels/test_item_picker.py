"""The choice of an item, the same on every page."""

import numpy as np
from apptest import html, opened

from aeviz.app import models


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


def test_an_item_is_chosen_by_number_beside_the_maps() -> None:
    app = opened("map")
    app.number_input(key="inspected-number").set_value(1234).run()
    assert app.query_params["item"] == "1234"
