"""The benchmarks can be run: what they import of aeviz is there, in the scripts that they serve too."""

import re
from importlib import import_module
from pathlib import Path

import pytest

BENCHMARKS = sorted((Path(__file__).parents[1] / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda path: path.stem)
def test_what_it_imports_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for module, names in re.findall(r"^\s*(?:from|import) (aeviz[\w.]*)(?: import ([\w, ]+))?$", text, re.MULTILINE):
        for name in filter(None, names.split(", ")):
            assert hasattr(import_module(module), name), f"{module} has no {name}"
        import_module(module)
