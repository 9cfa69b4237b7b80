"""The walls of the house that import-linter's layers do not see."""

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest

import floors


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """All imports, lazy ones and those for type checkers too."""
    return grimp.build_graph("aeviz", include_external_packages=True, cache_dir=None)


def test_no_imports_go_round(graph: grimp.ImportGraph) -> None:
    below = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    try:
        TopologicalSorter(below).prepare()
    except CycleError as error:
        pytest.fail(f"Imports go round: {' -> '.join(reversed(error.args[1]))}")


def test_nothing_inside_uses_the_front_door(graph: grimp.ImportGraph) -> None:
    assert graph.find_modules_that_directly_import("aeviz") == set()


def test_an_arrow_that_goes_up_is_found() -> None:
    with pytest.raises(ValueError, match="circle"):
        floors.reduced({"store": {"app"}, "app": {"store"}})
