"""A visitor's models: bringing one, saying what its weights do not tell, and how it is."""

import shutil
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from aeviz.app import models, navigation
from aeviz.app.choice import dataset_name
from aeviz.app.uploads import files, matching
from aeviz.app.uploads.quota import QuotaError, megabytes
from aeviz.app.uploads.session import OwnModel, Uploads
from aeviz.importers import REFUSALS, CheckpointError
from aeviz.importers.files.filetypes import Sniffed, sniff
from aeviz.importers.health import LEVELS, Finding
from aeviz.importers.models.activations import ACTIVATIONS, activation_words
from aeviz.importers.models.answers import Loaded, Unclear
from aeviz.importers.models.statement import (
    BARE_OUTPUTS,
    LAYOUTS,
    MAX_SIDE,
    OUTPUTS,
    SCALINGS,
    SPREADS,
    Statement,
)
from aeviz.importers.reading import read_model
from aeviz.modalities.registry import MODALITIES
from aeviz.model.config import Config
from aeviz.store.hub import fetch, is_name
from aeviz.types import Shape

MAX_MB = 200  # of one file
TYPES = ["zip", "safetensors", "onnx", "pt", "pth", "ckpt", "bin", "json"]
PENDING = "own-pending-model"
INFER = "infer"
STATED_NOTHING = Statement()
ONNX = "ONNX"  # as `Loaded.origin` says it
CHANNELS = {1: "1, grey", 3: "3, colour"}
VIEWS = (("map", "See its map"), ("decode", "Turn its knobs"))


@dataclass(frozen=True)
class Pending:
    """A model that waits for its owner to say more.

    message: what is missing; needs: the fields of `Statement`. replaces: the one stated anew. origin: as of `Loaded`.
    """

    key: str
    source: Sniffed
    title: str
    statement: Statement = STATED_NOTHING
    message: str = ""
    replaces: str = ""
    needs: tuple[str, ...] = ()
    origin: str = ""


def show(own: Uploads) -> None:
    """Draw the pane."""
    left, right = st.columns([4, 7], gap="medium")
    with left, st.container(key="card-bring"):
        _bring(own)
    with right:
        pending: Pending | None = st.session_state.get(PENDING)
        if pending is not None:
            with st.container(key="card-statement"):
                _ask(own, pending)
        for model in reversed(list(own.models.values())):
            if pending is None or pending.replaces != model.key:
                with st.container(key=f"card-{model.key}"):
                    _model(own, model)
        if not own.models and pending is None:
            st.html(
                '<p class="aeviz-empty">Nothing here yet. A model that you bring shows up here with what was found out '
                "about it, and in the choice at the top of every page.</p>"
            )


# --- Bringing one ---


def _bring(own: Uploads) -> None:
    uploaded = files.uploaded(
        "own-model",
        "A model: zip, safetensors, .pt, ONNX",
        TYPES,
        MAX_MB,
        "A folder of aeviz, pythae or diffusers as a zip, its files together, weights alone (a checkpoint as it is), "
        "or encoder and decoder as ONNX, from any framework.",
    )
    if uploaded:
        title = (uploaded[0].name if len(uploaded) == 1 else "uploaded files").rsplit(".", 1)[0]
        if accepted := files.accepted(own, "model", uploaded, MAX_MB, title):
            _load(own, Pending(*accepted, title))
        st.rerun()
    _by_name(own)


def _by_name(own: Uploads) -> None:
    local = files.may_name_paths()
    label = "Or a Hugging Face id, or a path on this machine" if local else "Or a Hugging Face id"
    with st.form("own-model-name", border=False, clear_on_submit=True):
        text = st.text_input(label, placeholder="owner/name", max_chars=1000, key="own-model-text").strip()
        sent = st.form_submit_button("Load")
    if not (sent and text):
        return
    key = own.new_key("model")
    source = files.named(text) if local else None
    try:
        if source is not None:
            pass
        elif is_name(text):
            with st.spinner("Asking the Hugging Face Hub …"):
                source = sniff(fetch(text, own.folder(key), own.left))
        else:
            what = "no file or folder of that path here, and " if local else ""
            raise CheckpointError(f"{text!r}: {what}no Hugging Face id (owner/name).")
    except (*REFUSALS, QuotaError) as error:
        own.drop(key)
        files.flash("error", str(error))
    else:
        _load(own, Pending(key, source, Path(text).stem))
    st.rerun()


def _load(own: Uploads, request: Pending) -> None:
    """Load a model as far as it is known; ask for the rest, or say why not. What was there before stays."""
    try:
        with st.spinner("Loading …"), files.READING.wait():
            answer = _read(own, request)
            if isinstance(answer, Unclear):
                _keep(own, request, answer)
                return
            size = files.size_of(own.folder(request.key)) + 4 * answer.weights
            own.charge(request.key, size)
            if request.replaces and request.replaces in own.models:
                _forget_names(own, own.models.pop(request.replaces))
            model = matching.add_model(own, request.key, answer, request.source, request.title, size)
    except (*REFUSALS, QuotaError, ValueError) as error:
        _refuse(own, request, str(error))
    except Exception:
        _refuse(own, request, files.unforeseen(request.title))
    else:
        _wait(own, None)
        for dataset, name in model.names.items():
            matching.put_in_header(dataset, name)
            break
        files.flash("done", f"{model.title} is loaded." + (_where(model) if model.names else ""))


def _keep(own: Uploads, request: Pending, answer: Unclear) -> None:
    """Let a model wait for what is missing, its files counted."""
    try:
        if request.key not in own.models:
            own.charge(request.key, files.size_of(own.folder(request.key)))
    except QuotaError as full:
        own.drop(request.key)
        _wait(own, None)
        files.flash("error", str(full))
    else:
        origin = answer.origin or request.origin
        _wait(own, replace(request, message=answer.message, needs=tuple(answer.needs), origin=origin))


def _wait(own: Uploads, pending: Pending | None) -> None:
    """Let a model wait, or none, in place of the one that waited, which goes."""
    before: Pending | None = st.session_state.pop(PENDING, None)
    if before is not None and before.key not in {*own.models, pending.key if pending else ""}:
        own.drop(before.key)
    if pending is not None:
        st.session_state[PENDING] = pending


def _read(own: Uploads, request: Pending) -> Loaded | Unclear:
    workspace = own.folder(request.key) / "unpacked"
    shutil.rmtree(workspace, ignore_errors=True)  # of an earlier try
    workspace.mkdir(mode=0o700)
    answer = read_model(
        request.source, matching.candidates(own), request.statement, name=request.title, workspace=workspace,
        max_bytes=max(0, own.room(request.key) - files.size_of(own.folder(request.key))),
    )  # fmt: skip
    if isinstance(answer, Loaded) and answer.model.config.latent_dim < matching.MIN_CODE:
        raise CheckpointError(f"{request.title} has a code of one number; the pages need two at least.")
    return answer


def _refuse(own: Uploads, request: Pending, message: str) -> None:
    pending: Pending | None = st.session_state.get(PENDING)
    if pending is not None and pending.key == request.key:  # what was stated is wrong: it may be stated anew
        st.session_state[PENDING] = replace(request, message=message)
        return
    own.drop(request.key)
    files.flash("error", message)


def _forget_names(own: Uploads, model: OwnModel) -> None:
    for name in model.names.values():
        own.forget(name)


def _where(model: OwnModel) -> str:
    titles = " and ".join(models.data(name).title for name in model.names)
    if model.loaded.model.config.classes:
        return f" It is told a class: Generate and Network show it, where a conditional model is chosen, for {titles}."
    return f" It stands on the left of every page now, for {titles}."


# --- Saying what the weights do not tell ---


def _ask(own: Uploads, pending: Pending) -> None:
    st.html(f'<h2 class="aeviz-own-title">About {escape(pending.title)}</h2>')
    if pending.message:
        st.warning(pending.message, icon=":material/help:")
    statement = pending.statement
    bare_weights = pending.origin != ONNX
    with st.form(f"statement-{pending.key}", border=False):
        stated: dict[str, Any] = {"likelihood": statement.likelihood}
        if bare_weights or statement.shape is not None or "shape" in pending.needs:
            stated["shape"] = _ask_shape(statement.shape or (1, 28, 28))
        first, second, third = st.columns(3)
        with first:
            stated["scaling"] = _one_of("Input scaling", SCALINGS, statement.scaling)
        with second:
            outputs = OUTPUTS if not bare_weights else {key: OUTPUTS[key] for key in BARE_OUTPUTS}
            stated["output"] = _one_of("Last step of the decoder", outputs, statement.output)
        with third:
            if bare_weights:
                stated["activation"] = _one_of("Activation", _activations(statement.activation), statement.activation)
            else:
                stated["spread"] = _one_of("Second output of the encoder", SPREADS, statement.spread)
        first, second, third = st.columns(3)
        if bare_weights:
            with third:
                other = statement.decoder_activation
                other = _one_of("Activation of the decoder", _activations(other), other)
                stated["decoder_activation"] = other
        with first:
            mean = st.text_input(
                "Mean, if standardised", _numbers_text(statement.mean), help="One number, or one a channel"
            )
        with second:
            std = st.text_input("Standard deviation", _numbers_text(statement.std))
        with third:
            if not bare_weights:
                stated["layout"] = _one_of("Order of its axes", LAYOUTS, statement.layout)
        if not bare_weights and (names := _onnx_names(own, pending)):
            stated["encoder"] = _one_of("Encoder", dict(zip(names, names, strict=True)), statement.encoder)
        with st.container(horizontal=True):
            sent = st.form_submit_button("Load with these settings", type="primary")
            dropped = st.form_submit_button("Never mind")
    if dropped:
        _wait(own, None)
        st.rerun()
    if sent:
        try:
            statement = Statement(mean=_numbers(mean), std=_numbers(std), **stated)
        except ValueError as error:
            st.error(str(error), icon=":material/error:")
        else:
            _load(own, replace(pending, statement=statement, message=""))
            st.rerun()


def _ask_shape(shape: Shape) -> Shape:
    channels, height, width = shape
    first, second, third = st.columns(3)
    with first:
        index = list(CHANNELS).index(channels) if channels in CHANNELS else 0
        channels = st.selectbox("Channels", list(CHANNELS), index, format_func=CHANNELS.__getitem__)
    with second:
        height = st.number_input("Height", 1, MAX_SIDE, height)
    with third:
        width = st.number_input("Width", 1, MAX_SIDE, width)
    return channels, height, width


def _onnx_names(own: Uploads, pending: Pending) -> list[str]:
    """The names of a model's two ONNX files, either of which may be the encoder; none for a single file."""
    path = pending.source.path
    folder = path if path.is_dir() else own.folder(pending.key) / "unpacked"
    names = sorted({file.name for file in folder.rglob("*") if file.suffix == ".onnx" and file.is_file()})
    return names if len(names) == 2 else []


def _one_of(label: str, options: dict[str, str], chosen: str | None) -> str | None:
    names = [INFER, *options]
    name: str = st.selectbox(
        label, names, names.index(chosen) if chosen in options else 0, format_func=lambda name: options.get(name, name)
    )
    return None if name == INFER else name


def _activations(inferred: str | None) -> dict[str, str]:
    """The activations that may be stated, and the slope that was found, where it is none of theirs."""
    return ACTIVATIONS | ({inferred: activation_words(inferred)} if inferred and inferred not in ACTIVATIONS else {})


def _numbers(text: str) -> tuple[float, ...] | None:
    words = text.replace(",", " ").split()
    try:
        return tuple(map(float, words)) or None
    except ValueError:
        raise ValueError(f"{text!r} is no list of numbers: expected for instance 0.1307.") from None


def _numbers_text(numbers: tuple[float, ...] | None) -> str:
    return "" if numbers is None else ", ".join(f"{number:.6g}" for number in numbers)


# --- One that is there ---


def _model(own: Uploads, model: OwnModel) -> None:
    config = model.loaded.model.config
    takes = f"takes {matching.dimensions(config.shape, config.modality)}"
    facts = f"code of {config.latent_dim} numbers · {takes} · {megabytes(model.size)}"
    st.html(
        f'<h2 class="aeviz-own-title">{escape(model.title)}</h2>'
        f'<p class="aeviz-own-facts">{escape(model.loaded.title)} · {facts}</p>'
    )
    for note in model.loaded.notes:
        st.html(f'<p class="aeviz-own-note">{escape(note)}</p>')
    _elsewhere(own, model)
    with st.container(horizontal=True, gap="small"):
        if model.names:
            _views(model)
        if model.loaded.origin != "aeviz":
            st.button("Change the settings", key=f"state-{model.key}", on_click=_again, args=(own, model))
        st.button(
            "Remove", icon=":material/delete:", key=f"remove-{model.key}",
            on_click=matching.remove_model, args=(own, model.key),
        )  # fmt: skip
    if model.reports:
        _health(model)


def _elsewhere(own: Uploads, model: OwnModel) -> None:
    """Say for which data the model is not offered."""
    config = model.loaded.model.config
    modality = MODALITIES[config.modality]
    if not model.names and not model.reports:
        st.warning(f"It is not offered on any page yet: {_missing(config)}", icon=":material/crop:")
        return
    alike = [name for name in matching.in_order(own) if models.modality(name).name == modality.name]
    unlike = [name for name in alike if not matching.taken_by(config, name)]
    others = [models.title(name) for name in unlike]
    if unlike and any(matching.of_the_shape(config, name) for name in unlike):
        st.html(
            f'<p class="aeviz-own-note">Not offered for {escape(", ".join(others))}: their {modality.words.value}s '
            "mean something else.</p>"
        )
    elif unlike:
        st.html(
            f'<p class="aeviz-own-note">Not offered for {escape(", ".join(others))}: their items have '
            "another shape.</p>"
        )
    for name in model.reports.keys() - model.names.keys():
        st.warning(f"It is not offered for {models.data(name).title}: the report says why.", icon=":material/block:")


def _missing(config: Config) -> str:
    """What data a model waits for."""
    if file := str(config.data.get("file", "")):
        return f"bring the file it was trained on, {Path(file).name}, as Data."
    size = matching.dimensions(config.shape, config.modality)
    return f"no {MODALITIES[config.modality].words.plural} here have {size}. Bring data of your own that fit."


def _views(model: OwnModel) -> None:
    for number, (page, label) in enumerate(VIEWS):
        if st.button(label, key=f"{page}-{model.key}", type="primary" if number == 0 else "secondary"):
            here = dataset_name()
            dataset = here if here in model.names else next(iter(model.names))
            matching.put_in_header(dataset, model.names[dataset])
            navigation.switch(page)


def _again(own: Uploads, model: OwnModel) -> None:
    stated, origin = model.loaded.statement, model.loaded.origin
    _wait(own, Pending(model.key, model.source, model.title, stated, replaces=model.key, origin=origin))


def _health(model: OwnModel) -> None:
    names = list(model.reports)
    dataset = names[0]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.html('<h3 class="aeviz-own-title">Health</h3>', width="content")
        if len(names) > 1:
            dataset = st.selectbox(
                "on", names, format_func=lambda name: models.data(name).title, key=f"health-{model.key}",
                label_visibility="collapsed", width=200,
            )  # fmt: skip
        else:
            st.html(f'<span class="aeviz-own-facts">on {escape(models.data(dataset).title)}</span>', width="content")
    st.html(f'<ul class="aeviz-health">{"".join(map(_finding, model.reports[dataset]))}</ul>')


def _finding(finding: Finding) -> str:
    sign, word = LEVELS[finding.level]
    return (
        f'<li class="{finding.level}"><i aria-hidden="true">{sign}</i><div><b>{escape(finding.title)}</b> '
        f"<em>{word}</em><span>{escape(finding.value)}</span><p>{escape(finding.meaning)}</p></div></li>"
    )
