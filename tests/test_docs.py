"""The documents keep up with the code."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import torch

import floors
import reference
from aeviz.modalities.registry import MODALITIES
from aeviz.model.autoencoder import Autoencoder
from aeviz.model.bodies.table import BODIES
from aeviz.model.config import Config
from aeviz.model.families import Family

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def test_the_reference_is_what_the_tables_say() -> None:
    assert (DOCS / "reference.md").read_text(encoding="utf-8") == reference.text(), "python tools/reference.py"


def test_every_variable_that_the_code_reads_is_in_the_reference() -> None:
    folders = ("aeviz", "deploy", "tools", "tests", "benchmarks")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*")
             if path.suffix in {".py", ".yaml", ".conf", ".js"} or path.name == "Dockerfile"]  # fmt: skip
    read = {name for path in files for name in re.findall(r"\bAEVIZ_[A-Z_]+\b", path.read_text(encoding="utf-8"))}
    assert read <= reference.VARIABLES.keys(), "name it in tools/reference.py"


def test_the_drawing_of_the_floors_is_that_of_the_imports() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert floors.mermaid() in page, "python tools/floors.py"


def test_the_architecture_has_a_word_on_every_package() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    told = set(re.findall(r"\*\*([a-z, ]+)\*\*:", page))
    named = {name for group in told for name in group.split(", ")}
    assert named == floors.imports().keys()


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")) + [ROOT / name for name in ("README.md", "CONTRIBUTING.md")])
def test_links_between_files_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", ["README.md", "docs/architecture.md", "CONTRIBUTING.md"])
def test_files_that_are_named_are_there(page: str) -> None:
    named = re.findall(r"`((?:aeviz|docs|deploy|tools|tests|benchmarks)/[\w./]+\.(?:py|md|yaml|css|js))`",
                       (ROOT / page).read_text(encoding="utf-8"))  # fmt: skip
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_imports_that_go_round_are_told() -> None:
    with pytest.raises(ValueError, match="a -> b -> a"):
        floors.reduced({"a": {"b"}, "b": {"a"}})
    assert floors.reduced({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == {"a": {"b"}, "b": {"c"}, "c": set()}


def test_contributing_names_what_its_examples_use() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert all(table.group in text for table in (MODALITIES, BODIES))


def test_the_family_of_contributing_is_trained() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    file, program = re.findall(r"```python\n# (\w+)\.py\n(.*?)```", text, re.DOTALL)[0]
    points = tomllib.loads(text.split("```toml\n")[1].split("```")[0])["project"]["entry-points"]
    ((name, place),) = points["aeviz.families"].items()
    module: dict[str, Any] = {}
    exec(program, module)
    family = module[place.removeprefix(f"{file}:")]
    assert isinstance(family, Family)
    assert family.name == name
    assert f"`aeviz train {name} " in text

    torch.manual_seed(0)
    small = {"shape": (1, 6, 5), "body": "dense", "channels": (), "hidden": (8,)}
    model = Autoencoder(Config(family=name, code=family.code, **{**family.config, **small}))
    objective, x = family.objective(model.config), torch.rand(32, 1, 6, 5)
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    losses = []
    for _ in range(20):
        loss = objective.loss(model, x, torch.zeros(32, dtype=torch.long))["loss"]
        losses.append(float(loss.detach()))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[-1] < losses[0]
