"""`aeviz.export`: views as files, from a script or the command line."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from aeviz.app.saving import views
from aeviz.app.saving.site import write
from aeviz.datasets.record import Dataset
from aeviz.importers import own_models
from aeviz.store import registry

if TYPE_CHECKING:
    from aeviz.model.autoencoder import Autoencoder

FILE = "lesson.html"


def export(
    *links: str,
    to: str | Path = FILE,
    site: str | Path | None = None,
    title: str = "",
    models: "Mapping[str, Autoencoder | str | Path] | None" = None,
    data: Dataset | str | None = None,
) -> Path:
    """Write views as a page of one HTML file, which opens by a double click, without network, server or GPU.

    >>> aeviz.export("decode?data=fashion&right=vae-2d", "map", to="lesson.html")
    >>> aeviz.export("decode", models={"mine": "mine.zip", "theirs": model}, data="mnist")

    links: as copied from the address bar of the app, or a page's name with what is set on it; several become sections
    with links between them. to: the file. site: a folder, which takes its place: a page for each view, for any static
    server, with one copy of models and pictures; of one link, all pages of its pair. title: of the page.

    models: your own by name, as `aeviz.load` gives or reads them; they are shown first, beside those of the same data.
    data: what they encode, a `Dataset` or the name of one that came with aeviz; without, the one that a model was
    trained on.

    Returns the path of the file, or of the folder. Raises ValueError for what means nothing, and CheckpointError and
    DataError for what cannot be read.
    """
    path = Path(to)
    with _quietly(), _registered(models or {}, data):
        if site is not None:
            return write(links, Path(site), title)
        path.write_text(views.lesson(links, title), encoding="utf-8")
    return path


@contextmanager
def _quietly() -> Iterator[None]:
    """Without what Streamlit says of a process that serves nobody."""
    log = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")
    before = log.level
    log.setLevel(logging.ERROR)
    yield
    log.setLevel(before)


@contextmanager
def _registered(models: "Mapping[str, Autoencoder | str | Path]", data: Dataset | str | None) -> Iterator[None]:
    """With models and data of one's own among those that views find."""
    names: list[str] = []
    process = registry.PROCESS
    try:
        own = process.add_dataset(data) if isinstance(data, Dataset) else None
        names += [own.name] if own else []
        for title, given in models.items():
            model = own_models.read(given).model if isinstance(given, str | Path) else given
            name = own.name if own else _dataset_of(title, model, data)
            names.append(process.add_model(own_models.on_dataset(model, name), title).name)
        yield
    finally:
        for name in reversed(names):
            process.remove(name)


def _dataset_of(title: str, model: "Autoencoder", data: Dataset | str | None) -> str:
    fitting: Sequence[str] = [str(data)] if data else own_models.fitting(model.config)
    if not fitting:
        raise ValueError(f"{title}: no data set that came with aeviz has items of {model.config.shape}; name data.")
    return fitting[0]
