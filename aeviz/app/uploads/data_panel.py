"""A visitor's data: a preview of what a model will see, loading, and what was loaded."""

import logging
from dataclasses import dataclass, replace
from html import escape
from math import prod

import streamlit as st

from aeviz.app import html, models, navigation
from aeviz.app.choice import dataset_name
from aeviz.app.jobs import Job
from aeviz.app.uploads import files, matching
from aeviz.app.uploads.quota import QuotaError, megabytes
from aeviz.app.uploads.session import OwnSet, Uploads, session_uploads
from aeviz.datasets.arrays import MIN_ITEMS
from aeviz.importers import REFUSALS
from aeviz.importers.data.answers import MAX_ITEMS, VALUES, DataStatement, OwnData, Progress
from aeviz.importers.files.filetypes import FileType, Sniffed
from aeviz.importers.reading import read_data
from aeviz.modalities.image.record import IMAGE
from aeviz.types import Shape

MAX_MB = 200  # of one file
TYPES = ["zip", "npz", "npy", "png", "jpg", "jpeg", "webp", "gif", "bmp"]
ARRAYS = frozenset({FileType.NPY, FileType.NPZ})
PENDING, JOB = "own-pending-data", "own-load"
PREVIEWED, COLUMNS = 16, 8
CODE_BYTES = 100  # about, of an item's code and figures

_log = logging.getLogger(__name__)
AS_THEY_ARE, DETECT = "as they are", "detect"
SWAPS: dict[str, bool | None] = {"as needed": None, "swap": True, "leave": False}


@dataclass(frozen=True)
class Pending:
    """Data that were brought and are not loaded yet."""

    key: str
    source: Sniffed
    title: str
    uploaded: bool


@dataclass(frozen=True)
class Wish:
    """How a data set that was brought is to be read, under which title."""

    source: Sniffed
    title: str
    statement: DataStatement

    def read(self, most: int, most_bytes: int, progress: Progress | None = None) -> OwnData:
        """Read so many items of it; most_bytes: that arrays may unpack to."""
        statement = replace(self.statement, most=most)
        return read_data(self.source, statement, title=self.title, most_bytes=most_bytes, progress=progress)


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
                '<p class="aeviz-empty">Nothing here yet. You will see what a model sees of your pictures before they '
                "are loaded.</p>"
            )


# --- Bringing some ---


def _bring(own: Uploads) -> None:
    uploaded = files.uploaded(
        "own-data",
        "Data: zip, npz, npy, pictures",
        TYPES,
        MAX_MB,
        "A zip of pictures (sub-folders are labels), arrays of items and labels, or several pictures.",
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
            Wish(pending.source, pending.title, DataStatement()).read(1, own.left)
    except REFUSALS as error:
        _refuse(own, pending.key, str(error))
    except Exception:
        _refuse(own, pending.key, files.unforeseen(pending.title))
    else:
        _discard(own)
        st.session_state[PENDING] = pending


def _discard(own: Uploads) -> None:
    job: Job[OwnData] | None = st.session_state.pop(JOB, None)
    if job is not None:
        job.stop()
    pending: Pending | None = st.session_state.pop(PENDING, None)
    if pending is not None:
        own.drop(pending.key)
    st.session_state.pop("own-preview", None)


# --- What a model will see ---


def _preview(own: Uploads, pending: Pending) -> None:
    st.html(f'<h2 class="aeviz-own-title">What a model will see of {escape(pending.title)}</h2>')
    wish = _wish(own, pending)
    found = _previewed(own, wish)
    if found is None:
        return
    names, labels = found.dataset.label_names, found.dataset.labels
    several = len(names) > 1
    tiles = found.dataset.tiles()
    figures = [html.figure(tile, names[labels[row]] if several else "") for row, tile in enumerate(tiles)]
    st.html(html.row(figures, columns=COLUMNS, style="small"))
    notes = [f"Values are taken for {found.values}."] if pending.source.type in ARRAYS else []
    notes += ["Light and dark are swapped: the pictures lie on a light ground."] * found.inverted
    for note in notes:
        st.html(f'<p class="aeviz-own-note">{escape(note)}</p>')
    item = 4 * prod(found.dataset.shape) + 8  # and its label
    looked_at = 2 * (prod(found.dataset.shape) + CODE_BYTES)  # what two models make of it, for the pages
    rest = own.room(pending.key)  # in place of the file, which goes
    most = min(MAX_ITEMS, rest // (item + looked_at))
    if most < MIN_ITEMS:
        st.error(f"There is no room for {MIN_ITEMS} items of this size: {megabytes(rest)} are left.")
    elif most < MAX_ITEMS:
        said = f"There is room for {most:,} items of this size, and for what the pages compute of them."
        st.html(f'<p class="aeviz-own-note">{said}</p>')
    with st.container(horizontal=True):
        if most >= MIN_ITEMS:
            size = min(most, found.brought) * item
            st.button(
                "Load", type="primary", on_click=_start, args=(own, pending, wish, most, size),
                key="own-data-load",
            )  # fmt: skip
        st.button("Never mind", on_click=_discard, args=(own,), key="own-data-discard")


def _wish(own: Uploads, pending: Pending) -> Wish:
    shapes = _shapes(own)
    first, second, third, fourth = st.columns([3, 4, 3, 3])
    with first:
        title = st.text_input("Name", pending.title, max_chars=60, key=f"title-{pending.key}").strip()
    with second:
        fit = st.selectbox(
            "Fit to", list(shapes), key=f"fit-{pending.key}",
            help="Pictures are fitted whole and centred; a model takes pictures of one shape alone.",
        )  # fmt: skip
    with third:
        swap = st.selectbox(
            "Light and dark", list(SWAPS), key=f"swap-{pending.key}",
            help="As needed swaps grey pictures on a light ground: most models know light shapes on black.",
        )  # fmt: skip
    values = DETECT
    with fourth:
        if pending.source.type in ARRAYS:
            values = st.selectbox(
                "Values", [DETECT, *VALUES], format_func=lambda name: VALUES.get(name, name),
                key=f"values-{pending.key}",
            )  # fmt: skip
    statement = DataStatement(shapes[fit], SWAPS[swap], None if values == DETECT else values)
    return Wish(pending.source, title or pending.title, statement)


def _shapes(own: Uploads) -> dict[str, Shape | None]:
    """What the pictures may be fitted to: what the visitor's models take, what ours take, nothing."""
    found: dict[str, Shape | None] = {}
    name = dataset_name()
    here = models.data(name).shape if name else None
    known = [model.loaded.model.config.shape for model in own.models.values()]
    ours = [tuple(card.config["shape"]) for card in models.on_disc() if "shape" in card.config]
    for shape in (*known, *([here] if here else []), *ours):
        if IMAGE.problem(shape):
            continue
        channels, height, width = shape
        count = sum(one == shape for one in (*known, *ours))
        text = f"{matching.dimensions((channels, height, width))}"
        found.setdefault(f"{text} ({count} model{'s' if count != 1 else ''})", (channels, height, width))
    return {**found, AS_THEY_ARE: None}


def _previewed(own: Uploads, wish: Wish) -> OwnData | None:
    """The first look, kept until the wishes change; says why where there is none."""
    kept = st.session_state.get("own-preview")
    if kept is None or kept[0] != wish:
        try:
            with st.spinner("Inspecting the file…"), files.READING.wait():
                kept = (wish, wish.read(PREVIEWED, own.left))
        except REFUSALS as error:
            st.error(str(error), icon=":material/error:")
            return None
        except Exception:
            st.error(files.unforeseen(wish.title), icon=":material/error:")
            return None
        st.session_state["own-preview"] = kept
    found: OwnData = kept[1]
    return found


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
                said = f"{len(job.result.dataset)} items are too few: at least {MIN_ITEMS} are needed."
                files.flash("error", said)
            return
        data = job.result.dataset
        size = data.items.nbytes + data.labels.nbytes
        own.charge(pending.key, size)  # in place of the file, which goes
    except QuotaError as error:
        files.flash("error", str(error))
        return
    own.empty(pending.key)
    st.session_state.pop(PENDING)
    st.session_state.pop("own-preview", None)
    kept = matching.add_data(own, pending.key, data, size, job.result.notes)
    matching.put_in_header(kept.name)
    count = sum(card.dataset == kept.name for card in own.registry.cards())
    models = f"{count} model{'s' if count != 1 else ''} can look at them: every page shows them now." if count else ""
    files.flash("done", f"{kept.title}: {kept.count:,} items are loaded. {models}")


# --- What is there ---


def _data(own: Uploads, data: OwnSet) -> None:
    st.html(
        f'<h2 class="aeviz-own-title">{escape(data.title)}</h2><p class="aeviz-own-facts">{data.count:,} items · '
        f"{matching.dimensions(data.shape)} · {megabytes(data.size)}</p>"
    )
    for note in data.notes:
        st.html(f'<p class="aeviz-own-note">{escape(note)}</p>')
    offered = [card for card in own.registry.cards() if card.dataset == data.name]
    misfits = [model.title for model in own.models.values() if data.name not in model.reports]
    if misfits:
        st.html(
            f'<p class="aeviz-own-note">Not offered for it, because {"it takes" if len(misfits) == 1 else "they take"} '
            f"another shape: {escape(', '.join(misfits))}.</p>"
        )
    if not offered:
        st.warning(
            f"No model here takes {matching.dimensions(data.shape)}: bring one, or bring the data again and fit them "
            "to a model.",
            icon=":material/crop:",
        )
    set_ = models.data(data.name)
    step = max(1, data.count // PREVIEWED)
    st.html(html.thumbnails(set_, range(0, data.count, step)[:PREVIEWED], columns=PREVIEWED))
    with st.container(horizontal=True, gap="small"):
        if offered and st.button("See the map", type="primary", key=f"map-{data.name}"):
            matching.put_in_header(data.name)
            navigation.switch("map")
        st.button(
            "Remove", icon=":material/delete:", key=f"remove-{data.name}",
            on_click=matching.remove_data, args=(own, data.name),
        )  # fmt: skip
