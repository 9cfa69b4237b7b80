"""Your own: models and data that a visitor brings, looked at beside ours."""

import re

import streamlit as st

from aeviz.app import shell, url, widgets
from aeviz.app.uploads import data_panel, files, model_panel
from aeviz.app.uploads.quota import megabytes
from aeviz.app.uploads.session import Uploads, session_uploads
from aeviz.importers.data.answers import MAX_ITEMS
from aeviz.importers.data.series import MAX_STEPS
from aeviz.importers.data.texts import MAX_PLACES
from aeviz.modalities.table import MAX_FEATURES

SIDES = {"model": "A model", "data": "Data"}
BRING = url.Choice("bring", "what is brought", tuple(SIDES), "model")
PARAMETERS = (BRING,)
LIMITS = {"features": MAX_FEATURES, "steps": MAX_STEPS, "places": MAX_PLACES, "items": MAX_ITEMS}
IDEA = """
**Models.**
- *Of any framework*: encoder and decoder as ONNX, in two files, a zip of them, or one file with both outputs.
- *Weights of PyTorch*: a training checkpoint as it is, `torch.save(model.state_dict(), "model.pt")`, or a safetensors
  file; encoder and decoder may be two files in a zip. Of a dense or convolutional autoencoder the shapes tell the
  network; what they cannot tell (input scaling, last step of the decoder, activation, strides) is inferred by trying
  on items, or asked.
- *Of libraries*: an aeviz checkpoint (a zip of its folder), a pythae model (a zip, or its files together), an
  `AutoencoderKL` or `AutoencoderTiny` of diffusers (its folder).

At most 4,096 numbers in a code (its *latent dimension*) and 65,536 units in a layer.

**Data.** What a file holds is told by its content, shown before it is loaded, and can be corrected. A zip, a tar or a
gzip of it will do.
- *Pictures*: a zip of them, its folders as classes or a table of labels beside them, or some files. At most four
  billion pixels together before they are fitted.
- *A table*: a CSV, TSV or Parquet file whose columns have names. Each is found to be a number, a category, the class to
  colour by, a name of the rows, or left out. At most [[features]] features in a row: a number takes one, a category
  one for each of its values. Dates become numbers; empty cells stay missing.
- *Series*: a CSV of numbers without a header, one series a row, or an array (N, T) or (N, C, T). Of more than
  [[steps]] values, neighbours become their mean. You can state the rate and the unit.
- *Texts*: a file with one short text a line, at most [[places]] letters long.
- *Arrays*: `.npz` or `.npy`, MATLAB's `.mat`, or idx files as MNIST has them: pictures, series or the rows of a table,
  with labels.

At most [[items]] items. Maps of them are computed on the Map page: PCA at once, t-SNE and UMAP in the background.

**A model for your data.** Where aeviz is installed, `aeviz train vae mine.csv --latent-dim 2` trains one and writes a
folder. Zip it and bring it here: with the file it was trained on, every page shows both.

**Safety.** Files are told apart by content, and nothing in them is executed: of a checkpoint of PyTorch only tensors
are read, and other pickles, TorchScript, exported programs and Keras models are refused. What you bring is seen in this
tab alone. A reload of the tab keeps it; two minutes after the tab is closed it is removed.

**Room.** Your files, weights and data count, and so does what the pages compute of them: codes, maps and films. Where
there is no more room, the computed values that were not looked at for longest go; they are computed again when you come
back.

**From Python**, `aeviz.explore(encode, decode, items)` opens this app on any model of yours, whatever it is made of.
"""


def page() -> None:
    """Draw the page."""
    shell.header(
        "Bring your own", "A model or data of yours, beside ours in every view. Only you see them, in this tab."
    )
    own = session_uploads()
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        side = widgets.segments(BRING, "Bring", SIDES)
        _room(own)
    for outcome, text in files.flashed():
        _message(outcome, text)
    (model_panel if side == "model" else data_panel).show(own)
    text = re.sub(r"\[\[(\w+)\]\]", lambda blank: f"{LIMITS[blank[1]]:,}", IDEA)
    shell.explain("What can be brought, and what happens to it?", text)


def _room(own: Uploads) -> None:
    limit = own.account.quotas[0]
    if not own.account.bounded:
        st.html(
            f'<div class="aeviz-room" data-testid="own-room"><span>{megabytes(own.used)} in use</span></div>',
            width="content",
        )
        return
    share = min(own.used / limit, 1.0)
    st.html(
        f'<div class="aeviz-room" data-testid="own-room"><span>{megabytes(own.used)} of {megabytes(limit)} in use'
        f'</span><i><b style="width: {share:.1%}"></b></i></div>',
        width="content",
    )


def _message(outcome: str, text: str) -> None:
    if outcome == "error":
        st.error(text, icon=":material/error:")
    else:
        st.success(text, icon=":material/check_circle:")
