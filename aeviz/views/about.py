"""About: what this is, what is loaded, whose data it stands on."""

import streamlit as st

from aeviz import Card, __version__
from aeviz.datasets import SOURCES
from aeviz.objectives import FAMILIES
from aeviz.views import shell, state


def page() -> None:
    """Draw the page."""
    choice = state.choice()
    shell.header("About aeviz", "See the latent spaces of autoencoders and variational autoencoders, side by side.")
    st.markdown(
        f"Version {__version__}, MIT licence. The models run on the **{state.explorer(choice.left.name).device}** of "
        "the machine that serves this page. Nothing you draw or upload leaves it; nothing is fetched from the network."
    )
    st.subheader("Models", anchor=False)
    st.dataframe(
        [_row(card) for cards in state.zoo().values() for card in cards.values()],
        hide_index=True,
        column_config=COLUMNS,
    )
    st.caption(
        "Measured by `aeviz evaluate` on the whole test split. Each model's folder holds a card with every figure, its "
        "definition and the command that trained it."
    )
    for card in state.problems():
        st.warning(f"**{card.name}** is left out. {card.problem}", icon=":material/warning:")
    st.subheader("Data", anchor=False)
    for source in SOURCES.values():
        st.markdown(f"**{source.title}.** {source.credit} Licence: {source.licence}.")
    shell.explain(
        "The families",
        "\n".join(f"- **{family.title}** ({family.label}): {family.idea}" for family in FAMILIES.values()),
    )


COLUMNS = {
    "error": st.column_config.NumberColumn(
        "error", help="Squared error per pixel of the reconstruction", format="%.4f"
    ),
    "−ELBO": st.column_config.NumberColumn(
        "−ELBO (nats)", help="Reconstruction + KL; only a VAE has one", format="%.1f"
    ),
    "denoised": st.column_config.NumberColumn(
        "denoised (dB)", help="PSNR after Gaussian noise of σ = 0.5", format="%.1f"
    ),
    "kNN": st.column_config.NumberColumn(
        "kNN accuracy", help="Share of items whose class the 10 nearest codes name", format="percent"
    ),
    "weights": st.column_config.NumberColumn("weights", format="localized"),
}


def _row(card: Card) -> dict[str, object]:
    figures = card.metrics
    return {
        "model": card.title or card.name,
        "family": FAMILIES[card.family].title,
        "numbers in a code": card.latent_dim,
        "error": figures.get("mse"),
        "−ELBO": figures.get("neg_elbo"),
        "denoised": figures.get("denoised_psnr"),
        "kNN": figures.get("knn_accuracy"),
        "weights": figures.get("parameters"),
    }


page()
