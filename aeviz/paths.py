"""Where the app, its settings and the pretrained checkpoints lie: in a checkout or inside an installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_BUNDLE = _PACKAGE / "_bundle"


def _root() -> Path:
    # Only a wheel has a bundle; a checkout, installed editable or not at all, has the same files beside the package.
    return _BUNDLE if _BUNDLE.is_dir() else _PACKAGE.parent


def models_folder() -> Path:
    """Folder of the pretrained checkpoints, one sub-folder each."""
    return _root() / "models"


def app_file() -> Path:
    """The script that `streamlit run` takes. Streamlit reads the settings in `.streamlit` beside it."""
    return _root() / "app.py"
