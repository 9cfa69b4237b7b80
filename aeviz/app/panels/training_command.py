"""Commands that train on the data set that a page shows; a visitor's own are handed over as a file."""

import shlex

import numpy as np
import streamlit as st

from aeviz.app import models, widgets
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


def _handed(dataset: str) -> Handed:
    whole = models.data(dataset)
    names = np.array(whole.label_names)[whole.labels]
    return whole.modality.handed(whole.items, names, whole.scale)
