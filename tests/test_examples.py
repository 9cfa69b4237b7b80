"""The notebooks of examples/ run from their first cell to their last."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("anywidget", reason='the examples take anywidget: pip install "aeviz[notebook]"')
NOTEBOOKS = sorted((Path(__file__).parents[1] / "examples").glob("*.ipynb"))


@pytest.mark.long
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_an_example_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    shown = [value for value in names.values() if hasattr(value, "data") and hasattr(value, "told")]
    assert shown
    assert all(widget.data for widget in shown)
    assert all(not cell.get("outputs") for cell in cells)
