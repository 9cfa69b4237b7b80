"""About: what this is, what is loaded, whose data it stands on."""

from typing import Any

import streamlit as st

from aeviz.app import models, navigation, shell, url
from aeviz.app.choice import chosen
from aeviz.datasets.sources import SOURCES
from aeviz.model.families import FAMILIES
from aeviz.version import __version__

PARAMETERS: tuple[url.Parameter[Any], ...] = ()


def page() -> None:
    """Draw the page."""
    choice = chosen()
    shell.header("About aeviz", "See the latent spaces of autoencoders and variational autoencoders, side by side.")
    st.markdown(
        f"Version {__version__}, MIT licence. The models run on the **{models.explorer(choice.left.name).device}** of "
        "the machine that serves this page. Nothing you draw or upload leaves it; nothing is fetched from the network."
    )
    st.subheader("Models", anchor=False)
    zoo = models.zoo()
    counts = [f"{len(cards)} of {models.title(dataset)}" for dataset, cards in zoo.items()]
    st.markdown(f"{', '.join(counts)}. Each has a card with every figure, its definition and the command that made it.")
    navigation.link("compare", "Compare the models", ":material/table_chart:")
    for card in models.problems():
        st.warning(f"**{card.name}** is left out. {card.problem}", icon=":material/warning:")
    st.subheader("Data", anchor=False)
    for source in SOURCES.values():
        st.markdown(f"**{source.title}.** {source.credit} Licence: {source.licence}.")
    shell.explain(
        "The families",
        "\n".join(f"- **{family.title}** ({family.label}): {family.idea}" for family in FAMILIES.values()),
    )
