"""Commands that train on the data set that a page shows; a visitor's own are handed over as a file."""

import shlex
from collections.abc import Sequence

import numpy as np
import streamlit as st

from aeviz.app import models, widgets
from aeviz.app.choice import choose
from aeviz.datasets.sources import SOURCES
from aeviz.modalities.handing import Handed


def show(commands: str, dataset: str, key: str) -> None:
    """Commands whose blank `[[data]]` is the data set: its name, or a file, which is handed over, and how it is read.

    key: of the button that saves the file.
    """
    if dataset in SOURCES:
        st.code(commands.replace("[[data]]", dataset), language="bash", wrap_lines=True)
        return
    handed = _handed(dataset)
    name = f"{dataset}.{handed.ending}"
    st.code(commands.replace("[[data]]", shlex.join([name, *handed.options])), language="bash", wrap_lines=True)
    widgets.save(f"Save {name}", handed.content, name, "application/octet-stream", key=f"save-data-{key}",
                 icon=":material/download:")  # fmt: skip
    st.caption("Save the file, and run the command in the folder where it lies.")


def fold(commands: str, dataset: str, key: str) -> None:
    """The same, folded: what a page lacks is not a wall of commands."""
    with st.expander("How to train them", icon=":material/terminal:"):
        show(commands, dataset, key)


def elsewhere(datasets: Sequence[str], key: str) -> None:
    """Data sets that have what this one lacks, a click away."""
    with st.container(horizontal=True, gap="small"):
        for name in datasets:
            st.button(f"See {models.title_within(name)}", key=f"{key}-{name}", on_click=choose, args=(name,))


def _handed(dataset: str) -> Handed:
    whole = models.data(dataset)
    names = np.array(whole.label_names)[whole.labels]
    return whole.modality.handed(whole.items, names, whole.scale)
