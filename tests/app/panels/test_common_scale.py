"""One scale for the codes of the pair."""

import json
from types import SimpleNamespace
from typing import Any

import apptest
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from aeviz.app.panels import common_scale
from aeviz.figures import points

PAIR: Any = (SimpleNamespace(label="AE"), SimpleNamespace(label="VAE"))


@pytest.mark.parametrize(
    ("reaches", "shared", "said"),
    [((28.0, 3.2), False, "The codes of AE spread 8.8 times as far as those of VAE"),
     ((1.0, 3.0), False, "The codes of VAE spread 3.0 times as far as those of AE"),
     ((28.0, 3.2), True, "Both planes have one scale")],
)  # fmt: skip
def test_the_scales_are_said(reaches: tuple[float, float], shared: bool, said: str) -> None:
    assert said in common_scale.sentence(PAIR, reaches, "planes", shared)


def homes(app: AppTest) -> list[float]:
    """The widths of the planes of a page."""
    protos = [part.proto for part in app.get("bidi_component") if part.proto.component_name == "aeviz_latent_pad"]
    boxes = [json.loads(proto.json)[0]["home"] for proto in protos]
    return [box[1] - box[0] for box in boxes]


def test_two_planes_have_one_scale_where_it_is_asked_for() -> None:
    app = apptest.opened("decode", left="ae-2d", right="vae-2d")
    wide, narrow = homes(app)
    assert wide > 5 * narrow
    app.toggle(key="same_scale").set_value(True)
    assert homes(apptest.sound(app.run())) == pytest.approx([wide, wide])
    assert app.query_params["same_scale"] == "true"


def test_hidden_classes_come_back_from_a_link() -> None:
    from aeviz.parts.camera import Classes

    classes = Classes("hidden_left", ("a", "b", "c"))
    assert classes.hidden(f"{classes.stamp}_0_2_9_x") == {0, 2}
    assert classes.hidden("other_0") == set()
    places = np.eye(3, dtype=np.float32)
    drawn = points.map_3d(places, np.arange(3), classes.names, None, "", None, None, hidden={2})
    assert [trace.visible for trace in drawn.data] == [True, True, "legendonly"]
