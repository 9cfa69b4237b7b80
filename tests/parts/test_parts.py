"""What all parts have in common."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import aeviz.parts
from aeviz.app.shell import PREFETCHED
from aeviz.parts import files
from aeviz.parts.hosts.streamlit import module_of

PARTS = sorted(path.parent.name for path in files.FOLDER.glob("*/__init__.py") if path.parent.name != "hosts")


@pytest.mark.parametrize("name", PARTS)
def test_a_part_has_a_payload_a_root_and_a_line_in_the_readme(name: str) -> None:
    assert importlib.import_module(f"aeviz.parts.{name}").payload.__doc__
    assert f'data-part="{name}"' in files.markup(name).split(">")[0]
    assert f"| `{name}` |" in Path(aeviz.parts.__path__[0], "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("element", PREFETCHED)
def test_this_streamlit_has_a_module_of_what_the_app_loads_ahead(element: str) -> None:
    assert module_of(element), f"Streamlit has no static/static/js/{element}.*.js: its pages are no longer made ready"
    assert module_of("NoSuchElement") is None


def test_payloads_are_made_without_streamlit() -> None:
    imports = ", ".join(f"aeviz.parts.{name}" for name in PARTS)
    program = (
        f"import sys, {imports}; print([name for name in ('streamlit', 'torch', 'plotly') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"
