"""A visitor's data: a preview of what a model will see, loading, and what was loaded."""

from dataclasses import dataclass, replace
from html import escape
from math import prod
from pathlib import Path

import streamlit as st

from aeviz.app import html, models, navigation
from aeviz.app.choice import dataset_name
from aeviz.app.uploads import matching, receiving
from aeviz.app.uploads.belongings import Belongings, OwnSet, QuotaError, megabytes
from aeviz.app.uploads.loading import Load, Wanted, turn
from aeviz.datasets.arrays import MIN_ITEMS
from aeviz.importers import REFUSALS
from aeviz.importers.data.loading import MOST_ITEMS, VALUES, OwnData
from aeviz.importers.files.filetypes import Kind, sniff
from aeviz.types import Shape

LARGEST = 200  # MB of one file
TYPES = ["zip", "npz", "npy", "png", "jpg", "jpeg", "webp", "gif", "bmp"]
ARRAYS = frozenset({Kind.NPY, Kind.NPZ})
PENDING, JOB = "own-pending-data", "own-load"
PREVIEWED, COLUMNS = 16, 8
AS_THEY_ARE, DETECT = "as they are", "detect"
SWAPS: dict[str, bool | None] = {"as needed": None, "swap": True, "leave": False}


@dataclass(frozen=True)
class Pending:
    """Data that were brought and are not loaded yet."""

    key: str
    path: Path
    title: str
    uploaded: bool


def show(own: Belongings) -> None:
    """Draw the pane."""
    left, right = st.columns([4, 7], gap="medium")
    with left, st.container(key="card-bring"):
        _bring(own)
    job: Load | None = st.session_state.get(JOB)
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


def _bring(own: Belongings) -> None:
    files = receiving.uploaded(
        "own-data",
        "Data: zip, npz, npy, pictures",
        TYPES,
        LARGEST,
        "A zip of pictures (sub-folders are labels), arrays of items and labels, or several pictures.",
    )
    if files:
        title = files[0].name.rsplit(".", 1)[0][:60] if len(files) == 1 else "My pictures"
        if accepted := receiving.accepted(own, "data", files, LARGEST, title):
            _wait_for(own, Pending(*accepted, title or "My data", uploaded=True))
        st.rerun()
    if receiving.may_name_paths():
        _by_path(own)


def _by_path(own: Belongings) -> None:
    with st.form("own-data-path", border=False, clear_on_submit=True):
        text = st.text_input("Or a path on this machine", max_chars=1000, key="own-data-text").strip()
        sent = st.form_submit_button("Look")
    if not (sent and text):
        return
    path = receiving.named(text)
    if path is not None:
        _wait_for(own, Pending(own.key("data"), path, path.stem[:60] or "My data", uploaded=False))
    else:
        receiving.say("error", f"{text}: there is no such file or folder.")
    st.rerun()


def _refuse(own: Belongings, key: str, message: str) -> None:
    own.drop(key)
    receiving.say("error", message)


def _wait_for(own: Belongings, pending: Pending) -> None:
    """Show a preview, in place of one that waits; what cannot be read at all is refused at once."""
    try:
        with st.spinner("Looking into it …"), turn():
            Wanted(pending.path, pending.title, None, most=1, unpacked=own.left).load()
    except REFUSALS as error:
        _refuse(own, pending.key, str(error))
    except Exception:
        _refuse(own, pending.key, receiving.unforeseen(pending.title))
    else:
        _discard(own)
        st.session_state[PENDING] = pending


def _discard(own: Belongings) -> None:
    job: Load | None = st.session_state.pop(JOB, None)
    if job is not None:
        job.stopped.set()
    pending: Pending | None = st.session_state.pop(PENDING, None)
    if pending is not None:
        own.drop(pending.key)
    st.session_state.pop("own-preview", None)


# --- What a model will see ---


def _preview(own: Belongings, pending: Pending) -> None:
    st.html(f'<h2 class="aeviz-own-title">What a model will see of {escape(pending.title)}</h2>')
    wanted = _wishes(own, pending)
    found = _previewed(wanted)
    if found is None:
        return
    names, labels = found.dataset.label_names, found.dataset.labels
    several = len(names) > 1
    tiles = found.dataset.tiles()
    figures = [html.figure(tile, names[labels[row]] if several else "") for row, tile in enumerate(tiles)]
    st.html(html.row(figures, columns=COLUMNS, style="small"))
    notes = [f"Values are taken for {found.values}."] if _is_arrays(pending.path) else []
    notes += ["Light and dark are swapped: the pictures lie on a light ground."] * found.inverted
    for note in notes:
        st.html(f'<p class="aeviz-own-note">{escape(note)}</p>')
    item = 4 * prod(found.dataset.shape) + 8  # and its label
    rest = own.room(pending.key)  # in place of the file, which goes
    most = min(MOST_ITEMS, rest // item)
    if most < MIN_ITEMS:
        st.error(f"There is no room for {MIN_ITEMS} items of this size: {megabytes(rest)} are left.")
    elif most < MOST_ITEMS:
        st.html(f'<p class="aeviz-own-note">There is room for {most:,} items of this size.</p>')
    with st.container(horizontal=True):
        if most >= MIN_ITEMS:
            size = min(most, found.brought) * item
            st.button(
                "Load", type="primary", on_click=_start, args=(own, pending, replace(wanted, most=most), size),
                key="own-data-load",
            )  # fmt: skip
        st.button("Never mind", on_click=_discard, args=(own,), key="own-data-discard")


def _wishes(own: Belongings, pending: Pending) -> Wanted:
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
        if _is_arrays(pending.path):
            values = st.selectbox(
                "Values", [DETECT, *VALUES], format_func=lambda name: VALUES.get(name, name),
                key=f"values-{pending.key}",
            )  # fmt: skip
    return Wanted(
        pending.path, title or pending.title, shapes[fit], SWAPS[swap], None if values == DETECT else values,
        unpacked=own.left,
    )  # fmt: skip


def _is_arrays(path: Path) -> bool:
    return path.is_file() and sniff(path) in ARRAYS


def _shapes(own: Belongings) -> dict[str, Shape | None]:
    """What the pictures may be fitted to: what the visitor's models take, what ours take, nothing."""
    found: dict[str, Shape | None] = {}
    name = dataset_name()
    here = models.data(name).shape if name else None
    known = [model.loaded.model.config.shape for model in own.models.values()]
    ours = [tuple(card.config["shape"]) for card in models.on_disc() if "shape" in card.config]
    for shape in (*known, *([here] if here else []), *ours):
        channels, height, width = shape
        count = sum(one == shape for one in (*known, *ours))
        text = f"{matching.dimensions((channels, height, width))}"
        found.setdefault(f"{text} ({count} model{'s' if count != 1 else ''})", (channels, height, width))
    return {**found, AS_THEY_ARE: None}


def _previewed(wanted: Wanted) -> OwnData | None:
    """The first look, kept until the wishes change; says why where there is none."""
    kept = st.session_state.get("own-preview")
    if kept is None or kept[0] != wanted:
        try:
            with st.spinner("Looking into it …"), turn():
                kept = (wanted, wanted.load(PREVIEWED))
        except REFUSALS as error:
            st.error(str(error), icon=":material/error:")
            return None
        except Exception:
            st.error(receiving.unforeseen(wanted.title), icon=":material/error:")
            return None
        st.session_state["own-preview"] = kept
    found: OwnData = kept[1]
    return found


def _start(own: Belongings, pending: Pending, wanted: Wanted, size: int) -> None:
    """Begin to load what may take so many bytes: counted now, for what is read stays until somebody looks."""
    try:
        own.charge(pending.key, max(size, _held(own, pending)))
    except QuotaError as error:
        receiving.say("error", str(error))
        return
    job = Load(wanted)
    own.at_end(job.stopped.set)
    st.session_state[JOB] = job.start()


def _held(own: Belongings, pending: Pending) -> int:
    """Bytes of the file that was brought."""
    return receiving.size_of(own.folder(pending.key)) if pending.uploaded else 0


@st.fragment(run_every=0.5)
def _watch() -> None:
    job: Load | None = st.session_state.get(JOB)
    if job is None:
        return
    if job.done:
        _finish(matching.things(), job)
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(job.share, 1.0), text=job.stage)
        st.button("Stop", icon=":material/stop:", key="own-data-stop", on_click=job.stopped.set)


def _finish(own: Belongings, job: Load) -> None:
    """Keep what was read, or say why there is nothing; the preview stays where it was stopped or failed."""
    st.session_state.pop(JOB, None)
    pending: Pending | None = st.session_state.get(PENDING)
    if job.error:
        receiving.say("error", job.error)
    if pending is None:
        return
    try:
        if job.found is None or len(job.found.dataset) < MIN_ITEMS:
            own.charge(pending.key, _held(own, pending))  # what was kept free for it is given back
            if job.found is not None:
                said = f"{len(job.found.dataset)} items are too few: at least {MIN_ITEMS} are needed."
                receiving.say("error", said)
            return
        data = job.found.dataset
        size = data.items.nbytes + data.labels.nbytes
        own.charge(pending.key, size)  # in place of the file, which goes
    except QuotaError as error:
        receiving.say("error", str(error))
        return
    own.empty(pending.key)
    st.session_state.pop(PENDING)
    st.session_state.pop("own-preview", None)
    kept = matching.add_data(own, pending.key, data, size, job.found.notes)
    matching.show(kept.name)
    count = sum(card.dataset == kept.name for card in own.registry.cards())
    models = f"{count} model{'s' if count != 1 else ''} can look at them: every page shows them now." if count else ""
    receiving.say("done", f"{kept.title}: {kept.count:,} items are loaded. {models}")


# --- What is there ---


def _data(own: Belongings, data: OwnSet) -> None:
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
            matching.show(data.name)
            navigation.switch("map")
        st.button(
            "Remove", icon=":material/delete:", key=f"remove-{data.name}",
            on_click=matching.remove_data, args=(own, data.name),
        )  # fmt: skip
