"""Parts of a shipped model that decode in the tab; what they show can be computed beside them.

`?pad` shows the pad, `?path` the scrubber, `?draw` a pad to draw on, else there are sliders. `?damaged` sends weights
that are cut off; `?forget` lets the server believe that the tab has them.
"""

import json
from functools import cache
from typing import Any

import numpy as np
import streamlit as st

import aeviz
from aeviz.latent.explorer import Explorer
from aeviz.model.portable import Portable, portable
from aeviz.parts.draw_pad import Rebuilder
from aeviz.parts.draw_pad.streamlit import draw_pad
from aeviz.parts.latent_pad import Level
from aeviz.parts.latent_pad.streamlit import committed, latent_pad
from aeviz.parts.latent_sliders import Row
from aeviz.parts.latent_sliders.streamlit import latent_sliders
from aeviz.parts.networks import Tab
from aeviz.parts.networks.streamlit import SENT, network
from aeviz.parts.scrubber import BLEND, Strip, decoded
from aeviz.parts.scrubber.streamlit import scrubber
from aeviz.parts.sheets import strip

NAMES = ("mnist-vae", "emoji-vae")
REACH, TILES = 3.0, 5
st.set_page_config(layout="wide")
asked, state = st.query_params, st.session_state
name = asked.get("model", NAMES[0])


@cache
def explorer(name: str) -> tuple[Explorer, Portable]:
    model = aeviz.load(name, device="cpu")
    return Explorer(model, name), portable(model)


def keep() -> None:
    state.places = list(state["knobs"]["values"])
    state.commits.append(state.places)


def refused() -> None:
    state.refused = True


model, sent = explorer(name)
shown = np.arange(3)
axes = np.eye(model.latent_dim, dtype=np.float32)[shown]
for key, value in (("places", [0.5, -1.0, 0.25]), ("commits", []), ("runs", 0), ("refused", False)):
    state.setdefault(key, value)
state.runs += 1
rest = np.linspace(-0.5, 0.5, model.latent_dim, dtype=np.float32)
rest[shown] = 0
code = rest + np.asarray(state.places, np.float32) @ axes
if "forget" in asked and state.runs == 1:
    state[SENT] = [sent.digest]
network(sent.digest, sent.config, sent.weights[: len(sent.weights) // 2] if "damaged" in asked else sent.weights)

HOME = (-4.0, 4.0, -4.0, 4.0)


def sliders() -> None:
    pictures: dict[str, Any] = {"films": None, "picture": None}
    tab = Tab(sent.digest, model.config.shape, 0.0, 1.0).plane(code, axes)
    if state.refused:
        places = np.linspace(-REACH, REACH, TILES, dtype=np.float32)
        codes = np.concatenate(
            [code + (places - value)[:, None] * axis for value, axis in zip(state.places, axes, strict=True)]
        )
        tiles = model.modality.tiles(model.decode(codes), model.scale)
        tab = None
        pictures = {
            "films": strip(tiles, columns=TILES),
            "picture": model.modality.tiles(model.decode(code[None]), model.scale)[0],
        }
    latent_sliders(
        [Row(f"z{i}", value, -REACH, REACH, index=i) for i, value in enumerate(state.places)],
        pictures["films"], None, pictures["picture"], accent="#0072B2", title=name, key="knobs", reset=[0.0] * 3,
        on_values=keep, tab=tab, on_refused=refused,
    )  # fmt: skip


def pad() -> None:
    """The plane of the first two numbers, black until the tab decodes it."""
    black = np.zeros((16, *model.config.shape[1:], 1), np.uint8)
    tab = Tab(sent.digest, model.config.shape, 0.0, 1.0).plane(rest, axes[:2])
    levels = [Level.of(black, HOME, columns=4)]
    with st.container(width=1000):
        latent_pad(levels, view=HOME, height=600, key="pad", tab=None if state.refused else tab, on_refused=refused)


def path() -> None:
    """A way of three codes, black until the tab decodes it, and a mixture of three greys."""
    codes = rest + np.array([[-2, 0, 0], [0, 2, 0], [2, 0, 2]], np.float32) @ axes
    black = np.zeros((3, *model.config.shape[1:], 1), np.uint8)
    tab = Tab(sent.digest, model.config.shape, 0.0, 1.0)
    strips = [
        Strip("decoded", "#0072B2", strip(black), between=decoded(tab, codes)),
        Strip("mixed", "#000000", strip(black + np.array([0, 100, 200], np.uint8)[:, None, None, None]), between=BLEND),
    ]
    scrubber(strips, t=0.5, key="path")


def drawing() -> None:
    """A pad whose drawing the model rebuilds."""
    tab = Tab(sent.digest, model.config.shape, 0.0, 1.0)
    models = [] if state.refused else [Rebuilder("VAE", "#0072B2", tab)]
    draw_pad((28, 28), key="drawing", convention="mnist", models=models, live=True, on_refused=refused)


if "pad" in asked:
    pad()
elif "draw" in asked:
    drawing()
elif "path" in asked:
    path()
else:
    sliders()
with st.container(key="log"):
    place = committed("pad").position
    st.text(json.dumps({"place": place, "runs": state.runs, "commits": state.commits, "refused": state.refused}))
