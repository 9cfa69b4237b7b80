"""The text that a host gets of each part."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aeviz.parts import files

PARTS = sorted(path.parent.name for path in files.FOLDER.glob("*/*.js") if path.stem == path.parent.name)


@pytest.mark.parametrize("name", PARTS)
def test_the_text_of_a_part_is_a_module_that_streamlit_can_call(
    name: str, module_at: Callable[[Path], Any], tmp_path: Path
) -> None:
    path = tmp_path / f"{name}.mjs"
    path.write_text(files.javascript(name, "streamlit"), encoding="utf-8")
    assert module_at(path).evaluate("(module) => typeof module.default") == "function"
