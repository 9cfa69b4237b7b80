"""What a user installs: the wheel with app, checkpoints and data inside, and an `import aeviz` that stays cheap."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

from aeviz import paths

ROOT = Path(__file__).parents[1]
HEAVY = ["anywidget", "lightning", "numba", "openTSNE", "plotly", "scipy", "sklearn", "streamlit", "torch", "umap"]


def run(*command: str | Path, cwd: Path, path: Path | None = None) -> str:
    settings = {**os.environ, "PYTHONPATH": str(path)} if path else None
    done = subprocess.run([sys.executable, *command], cwd=cwd, env=settings, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run("-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the wheel alone; its dependencies come from the environment of the tests."""
    folder = tmp_path_factory.mktemp("site")
    run("-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", folder, wheel, cwd=folder)
    return folder


def test_wheel_is_the_package_with_everything_it_shows(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "aeviz").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    bundle = {f"aeviz/_bundle/{name}" for name in ("app.py", ".streamlit/config.toml")}
    models = {
        f"aeviz/_bundle/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "models").rglob("*") if path.is_file()
    }
    assert models
    own = {name for name in inside if ".dist-info/" not in name}
    assert own == package | bundle | models
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in inside)


def test_wheel_works_away_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    program = """
import json, aeviz, aeviz.paths as paths
data = aeviz.load_dataset("mnist")
print(json.dumps({
    "package": aeviz.__file__,
    "models": [card.name for card in aeviz.models()],
    "files": [str(path) for path in
              (paths.app_file(), paths.app_file().parent / ".streamlit" / "config.toml", paths.models_folder())],
    "items": len(data.items),
}))
"""
    found = json.loads(run("-c", program, cwd=tmp_path, path=installed))
    assert Path(found["package"]).is_relative_to(installed)
    assert sorted(found["models"]) == sorted(path.parent.name for path in (ROOT / "models").glob("*/config.json"))
    for file in found["files"]:
        assert Path(file).is_relative_to(installed)
        assert Path(file).exists()
    assert found["items"] > 0


def test_wheel_brings_the_command(installed: Path, tmp_path: Path) -> None:
    program = """
from importlib.metadata import distribution
(command,) = distribution("aeviz").entry_points.select(group="console_scripts")
print(command.name, command.load().__code__.co_filename)
"""
    name, file = run("-c", program, cwd=tmp_path, path=installed).split(maxsplit=1)
    assert name == "aeviz"
    assert Path(file.strip()).is_relative_to(installed)


def test_import_is_cheap() -> None:
    loaded = json.loads(run("-c", "import aeviz, json, sys; print(json.dumps(list(sys.modules)))", cwd=ROOT, path=ROOT))
    assert "aeviz" in loaded
    assert not set(HEAVY) & set(loaded)


def test_checkout_is_found() -> None:
    assert paths.app_file() == ROOT / "app.py"
    assert paths.models_folder() == ROOT / "models"
    settings = (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert tomllib.loads(settings)["server"]["address"] == "127.0.0.1"


def test_versions_agree() -> None:
    import aeviz

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert aeviz.__version__ == project["version"]


def test_every_dependency_is_pinned_by_name_and_version_only() -> None:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {pin.name: pin for pin in map(Requirement, (line for line in lines if line and not line.startswith("#")))}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    names = {canonicalize_name(Requirement(line).name) for line in wanted} - {"aeviz"}
    assert names <= pins.keys()
    for name, pin in pins.items():
        assert len(pin.specifier) == 1, name
        assert str(pin.specifier).startswith("=="), name
        assert "+" not in str(pin.specifier), name
        assert not name.startswith(("nvidia-", "triton")), name


def imported(file: Path) -> set[str]:
    """The top-level packages that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
    return {name.split(".")[0] for name in names}


def test_all_that_is_imported_is_declared_and_all_that_is_declared_is_imported() -> None:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["train"], *extras["onnx"], *extras["notebook"]]
    declared = {canonicalize_name(Requirement(line).name) for line in wanted}
    packages = set().union(*map(imported, (ROOT / "aeviz").rglob("*.py"))) - sys.stdlib_module_names - {"aeviz"}
    found = packages_distributions()
    needed = {canonicalize_name(name) for package in packages for name in found[package]}
    assert needed == declared


def test_makefile_readme_and_package_name_the_same_versions_of_python() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    low, high = (int(minor) for minor in re.fullmatch(r">=3\.(\d+),<3\.(\d+)", project["requires-python"]).groups())
    prefix = "Programming Language :: Python :: 3."
    named = [int(line.removeprefix(prefix)) for line in project["classifiers"] if line.startswith(prefix)]
    assert named == list(range(low, high))
    makefile, readme = ((ROOT / name).read_text(encoding="utf-8") for name in ("Makefile", "README.md"))
    assert f"(3, {low}) <= sys.version_info < (3, {high})" in makefile
    for text in (makefile, readme):
        assert f"Python 3.{low} to 3.{high - 1}" in text


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize(("system", "folder", "other"), [("Windows_NT", "Scripts", "bin"), ("", "bin", "Scripts")])
def test_make_finds_programs_where_the_system_has_them(system: str, folder: str, other: str) -> None:
    """Only what make would do: a Windows to do it on is not at hand."""
    command = ["make", "--dry-run", "--always-make", f"OS={system}", "app", "lint"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert f".venv/{folder}/python -m streamlit run app.py" in told
    assert f".venv/{folder}/ruff check" in told
    assert f".venv/{other}/" not in told
