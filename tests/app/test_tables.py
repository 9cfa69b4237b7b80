"""The app, and what it shows, asks the tables of modalities, bodies, families and likelihoods, never its own row."""

import ast
import re
from pathlib import Path

import pytest

import aeviz.paths
from aeviz.datasets.sources import SOURCES
from aeviz.modalities.registry import MODALITIES
from aeviz.model.bodies.table import BODIES
from aeviz.model.families import FAMILIES
from aeviz.model.likelihoods import LIKELIHOODS
from aeviz.projection.settings import METHODS

PACKAGE = Path(aeviz.paths.__file__).parent
PATHS = [
    path
    for name in ("app", "figures", "latent", "parts", "store", "training")
    for path in sorted((PACKAGE / name).rglob("*.py"))
]
ROWS = {*MODALITIES, *BODIES, *FAMILIES, *LIKELIHOODS, *SOURCES, *METHODS}


SHAPE = re.compile(
    r"(\b(data|dataset|source|card|config)\.|(?<!\.)\b)shape\[-?\d\] (==|!=) \d|len\(([\w.]+\.)?shape\) "
)


def asked(source: str) -> list[str]:
    """Comparisons with the name of a row or with a size of an item's shape, and rows taken out of a table by name."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            parts: list[ast.AST] = [node.left, *node.comparators]
        elif isinstance(node, ast.Subscript):
            parts = [node.slice]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "mark_of":
            parts = list(node.args)
        else:
            continue
        leaves = [leaf for part in parts for leaf in ast.walk(part)]
        names = {leaf.value for leaf in leaves if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)}
        if ROWS & names or SHAPE.search(ast.unparse(node)):
            found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(PACKAGE))) for path in PATHS])
def test_nobody_asks_which_row_it_has(path: Path) -> None:
    assert asked(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "line",
    [
        "card.family == 'vae'",
        "name in ('ae', 'vae')",
        "mark_of('vae')",
        "FAMILIES['vae']",
        "data.shape[0] == 3",
        "len(shape) == 3",
    ],
)
def test_who_asks_is_found(line: str) -> None:
    assert line in asked(line)
