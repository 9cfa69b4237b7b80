"""Variables say what they hold."""

import ast
from pathlib import Path

import pytest

import aeviz.paths

PACKAGE = Path(aeviz.paths.__file__).parent
ANYTHING = {"found", "one", "said", "told", "wanted", "thing", "things"}  # words that any value could be called


def names(node: ast.AST) -> set[str]:
    """What a function, a parameter or a local variable is called."""
    if isinstance(node, ast.FunctionDef):
        return {node.name}
    if isinstance(node, ast.arg):
        return {node.arg}
    return {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else set()


@pytest.mark.parametrize("folder", sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()))
def test_no_variable_has_a_name_that_any_value_could_have(folder: str) -> None:
    places = [
        f"{path.relative_to(PACKAGE)}:{inner.lineno}"
        for path in sorted((PACKAGE / folder).rglob("*.py"))
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for inner in ast.walk(function)
        if names(inner) & ANYTHING
    ]
    assert sorted(set(places)) == []
