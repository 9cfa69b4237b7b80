"""A visitor's data: bringing them, loading them, and what was loaded."""

import logging
from html import escape
from math import prod

import streamlit as st

from aeviz.app import html, models, navigation
from aeviz.app.jobs import Job
from aeviz.app.panels import training_command
from aeviz.app.uploads import data_preview, files, matching
from aeviz.app.uploads.data_preview import Pending, Wish
from aeviz.app.uploads.quota import QuotaError, megabytes
from aeviz.app.uploads.session import OwnSet, Uploads, session_uploads
from aeviz.datasets.arrays import MIN_ITEMS
from aeviz.datasets.record import Dataset
from aeviz.figures.files import WIDE
from aeviz.importers import REFUSALS
from aeviz.importers.data.answers import MAX_ITEMS, OwnData
from aeviz.importers.files.filetypes import FileType

MAX_MB = 200  # of one file
TYPES = [
    "zip", "tar", "gz", "tgz", "csv", "tsv", "txt", "npz", "npy", "mat", "parquet", "png", "jpg", "jpeg",
    "webp", "gif", "bmp", "tif", "tiff", "ppm", "pgm", "avif", "heic", "heif",
]  # fmt: skip
PENDING, JOB, COMMAND = "own-pending-data", "own-load", "own-command"
SHOWN, SHOWN_WIDE = 16, 8  # items of a set on its card, and those whose tiles are wide
CODE_BYTES = 100  # about, of an item's code and figures

_log = logging.getLogger(__name__)


def show(own: Uploads) -> None:
    """Draw the pane."""
    left, right = st.columns([4, 7], gap="medium")
    with left, st.container(key="card-bring"):
        _bring(own)
    job: Job[OwnData] | None = st.session_state.get(JOB)
    pending: Pending | None = st.session_state.get(PENDING)
    with right:
        if pending is not None:
            with st.container(key="card-preview"):
                if job is not None:
                    _watch()
                else:
                    _preview(own, pending)
        for data in reversed(list(own.data.values())):
            with st.container(key=f"card-data-{data.name}"):
                _data(own, data)
        if not own.data and pending is None:
            st.html(
                '<p class="aeviz-empty">Nothing here yet. Bring pictures, a table, series or short texts: you will see '
                "what a model sees of them before they are loaded.</p>"
            )


# --- Bringing some ---


def _bring(own: Uploads) -> None:
    uploaded = files.uploaded(
        "own-data",
        "Data: pictures, a table, series or texts",
        TYPES,
        MAX_MB,
        "A zip of pictures (sub-folders are labels) or several of them; a CSV or TSV with a header; one of series, a "
        "row each; a text file with one short text a line; arrays of items and labels.",
    )
    if uploaded:
        title = uploaded[0].name.rsplit(".", 1)[0][:60] if len(uploaded) == 1 else "My pictures"
        if accepted := files.accepted(own, "data", uploaded, MAX_MB, title):
            _wait_for(own, Pending(*accepted, title or "My data", uploaded=True))
        st.rerun()
    if files.may_name_paths():
        _by_path(own)


def _by_path(own: Uploads) -> None:
    with st.form("own-data-path", border=False, clear_on_submit=True):
        text = st.text_input("Or a path on this machine", max_chars=1000, key="own-data-text").strip()
        sent = st.form_submit_button("Look")
    if not (sent and text):
        return
    source = files.named(text)
    if source is not None:
        _wait_for(own, Pending(own.new_key("data"), source, source.stem[:60] or "My data", uploaded=False))
    else:
        files.flash("error", f"{text}: there is no such file or folder.")
    st.rerun()


def _refuse(own: Uploads, key: str, message: str) -> None:
    own.drop(key)
    files.flash("error", message)


def _wait_for(own: Uploads, pending: Pending) -> None:
    """Show a preview, in place of one that waits; what cannot be read at all is refused at once."""
    try:
        with st.spinner("Inspecting the file…"), files.READING.wait():
            pending = data_preview.inspected(own, pending)
    except REFUSALS as error:
        _refuse(own, pending.key, str(error))
    except Exception:
        _refuse(own, pending.key, files.unforeseen(pending.title))
    else:
        _discard(own)
        data_preview.begin(pending)
        st.session_state[PENDING] = pending


def _discard(own: Uploads) -> None:
    job: Job[OwnData] | None = st.session_state.pop(JOB, None)
    if job is not None:
        job.stop()
    pending: Pending | None = st.session_state.pop(PENDING, None)
    if pending is not None:
        own.drop(pending.key)
    data_preview.discard()


# --- Loading them ---


def _preview(own: Uploads, pending: Pending) -> None:
    """What a model will see, and the ways to load it and to leave it."""
    shown = data_preview.show(own, pending)
    most = 0 if shown is None else _most(own, pending, shown[1])
    with st.container(horizontal=True):
        if shown is not None and most >= MIN_ITEMS:
            wish, preview = shown
            size = min(most, preview.brought) * _bytes(preview.dataset)
            st.button(
                "Load", type="primary", on_click=_start, args=(own, pending, wish, most, size),
                key="own-data-load",
            )  # fmt: skip
        st.button("Never mind", on_click=_discard, args=(own,), key="own-data-discard")


def _bytes(data: Dataset) -> int:
    """Of an item and its label."""
    return 4 * prod(data.shape) + 8


def _most(own: Uploads, pending: Pending, preview: OwnData) -> int:
    """How many items there is room for; says so where they are not all."""
    looked_at = 2 * (prod(preview.dataset.shape) + CODE_BYTES)  # what two models make of an item, for the pages
    rest = own.room(pending.key)  # in place of the file, which goes
    most = min(MAX_ITEMS, rest // (_bytes(preview.dataset) + looked_at))
    if most < MIN_ITEMS:
        st.error(f"There is no room for {MIN_ITEMS} items of this size: {megabytes(rest)} are left.")
    elif most < min(MAX_ITEMS, preview.brought):
        sentence = f"There is room for {most:,} items of this size, and for what the pages compute of them."
        st.html(f'<p class="aeviz-own-note">{sentence}</p>')
    return most


def _start(own: Uploads, pending: Pending, wish: Wish, most: int, size: int) -> None:
    """Begin to load what may take so many bytes: counted now, for what is read stays until somebody looks."""
    try:
        own.charge(pending.key, max(size, _held(own, pending)))
    except QuotaError as error:
        files.flash("error", str(error))
        return
    most_bytes = own.left

    def work(job: Job[OwnData]) -> OwnData:
        with files.READING.wait(lambda: job.report(0.0, "Waiting for the data of other visitors")):
            job.report(0.0, "Opening")
            return wish.read(most, most_bytes, job.report)

    job = Job(work, _explain, stage="Waiting for its turn")
    own.at_end(job.stop)
    several = pending.uploaded and pending.source.type is FileType.FOLDER
    st.session_state[COMMAND] = "" if several else data_preview.command(pending, wish)
    st.session_state[JOB] = job.start("aeviz-data")


def _explain(error: Exception) -> str:
    if isinstance(error, REFUSALS):
        return str(error)
    if isinstance(error, MemoryError):
        return "It does not fit the memory of this machine."
    _log.error("A visitor's data could not be read.", exc_info=error)
    return f"It cannot be read ({type(error).__name__})."


def _held(own: Uploads, pending: Pending) -> int:
    """Bytes of the file that was brought."""
    return files.size_of(own.folder(pending.key)) if pending.uploaded else 0


@st.fragment(run_every=0.5)
def _watch() -> None:
    job: Job[OwnData] | None = st.session_state.get(JOB)
    if job is None:
        return
    if job.done:
        _finish(session_uploads(), job)
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(job.share, 1.0), text=job.stage)
        st.button("Stop", icon=":material/stop:", key="own-data-stop", on_click=job.stop)


def _finish(own: Uploads, job: Job[OwnData]) -> None:
    """Keep what was read, or say why there is nothing; the preview stays where it was stopped or failed."""
    st.session_state.pop(JOB, None)
    pending: Pending | None = st.session_state.get(PENDING)
    if job.error:
        files.flash("error", job.error)
    if pending is None:
        return
    try:
        if job.result is None or len(job.result.dataset) < MIN_ITEMS:
            own.charge(pending.key, _held(own, pending))  # what was kept free for it is given back
            if job.result is not None:
                sentence = f"{len(job.result.dataset)} items are too few: at least {MIN_ITEMS} are needed."
                files.flash("error", sentence)
            return
        data = job.result.dataset
        size = data.items.nbytes + data.labels.nbytes + sum(column.values.nbytes for column in data.columns)
        own.charge(pending.key, size)  # in place of the file, which goes
    except QuotaError as error:
        files.flash("error", str(error))
        return
    own.empty(pending.key)
    st.session_state.pop(PENDING)
    data_preview.discard()
    kept = matching.add_data(own, pending.key, data, size, job.result.notes, st.session_state.pop(COMMAND, ""))
    matching.put_in_header(kept.name)
    count = sum(card.dataset == kept.name for card in own.registry.cards())
    models = f"{count} model{'s' if count != 1 else ''} can look at them: every page shows them now." if count else ""
    files.flash("done", f"{kept.title}: {kept.count:,} items are loaded. {models}")


# --- What is there ---


def _data(own: Uploads, data: OwnSet) -> None:
    set_ = models.data(data.name)
    size = matching.dimensions(data.shape, set_.modality.name)
    st.html(
        f'<h2 class="aeviz-own-title">{escape(data.title)}</h2><p class="aeviz-own-facts">{data.count:,} '
        f"{set_.words.plural} · {size} · {megabytes(data.size)}</p>"
    )
    if data.notes:
        st.html("".join(f'<p class="aeviz-own-note">{escape(note)}</p>' for note in data.notes))
    offered = [card for card in own.registry.cards() if card.dataset == data.name]
    misfits = [
        model.title
        for model in own.models.values()
        if data.name not in model.reports and model.loaded.model.config.modality == set_.modality.name
    ]
    if misfits:
        st.html(
            f'<p class="aeviz-own-note">Not offered for it, because {"it takes" if len(misfits) == 1 else "they take"} '
            f"another shape: {escape(', '.join(misfits))}.</p>"
        )
    _label_column(own, data, set_)
    height, width = set_.tiles(set_.items[:1]).shape[1:3]
    shown = SHOWN if width <= WIDE * height else SHOWN_WIDE
    rows = range(0, data.count, max(1, data.count // shown))[:shown]
    st.html(html.thumbnails(set_, rows, columns=shown))
    if not offered and "fit" in set_.modality.asked:
        st.warning(
            f"No model here takes {size}: bring one, or bring the data again and fit them to a model.",
            icon=":material/crop:",
        )
    elif not offered:
        _train(data, set_)
    with st.container(horizontal=True, gap="small"):
        if offered and st.button("See the map", type="primary", key=f"map-{data.name}"):
            matching.put_in_header(data.name)
            navigation.switch("map")
        st.button(
            "Remove", icon=":material/delete:", key=f"remove-{data.name}",
            on_click=matching.remove_data, args=(own, data.name),
        )  # fmt: skip


def _label_column(own: Uploads, data: OwnSet, set_: Dataset) -> None:
    """The column that gives the labels, where several came with the items."""
    titles = [column.title for column in set_.columns]
    learned = any(models.classes(card) for card in own.registry.cards() if card.dataset == data.name)
    if len(titles) < 2 or learned:  # a conditional model learned these classes
        return
    key = f"label-{data.name}"
    st.selectbox(
        "Labels", titles, titles.index(set_.label_column) if set_.label_column in titles else None, key=key,
        on_change=_relabel, args=(own, data.name, key), placeholder="None of the columns", width=280,
        help="What colours the items everywhere and gives their classes. The Map can be coloured by any column.",
    )  # fmt: skip


def _relabel(own: Uploads, name: str, key: str) -> None:
    if (column := st.session_state[key]) is not None:
        matching.relabel(own, name, column)


def _train(data: OwnSet, set_: Dataset) -> None:
    """Say what to do where no model takes the items of a set: the next step of most who bring some."""
    size = matching.dimensions(data.shape, set_.modality.name)
    st.info(
        f"No model here takes {set_.words.plural} of {size}. Train one where aeviz is installed, zip the folder "
        "that it writes and bring it here as **A model**: every page then shows both.",
        icon=":material/model_training:",
    )
    if data.command:
        st.code(data.command, language="bash", wrap_lines=True)
    else:  # of several files that were brought together, which have no name
        training_command.show("aeviz train vae [[data]] --latent-dim 2", data.name, data.key)
