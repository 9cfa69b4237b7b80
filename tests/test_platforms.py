"""The code runs where the system is not POSIX: what only that has stands behind a branch, and file names are plain."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from aeviz.app.uploads import folder
from aeviz.importers.models import onnx_child

ROOT = Path(__file__).parents[1]
SOURCES = [ROOT / "app.py", *(ROOT / "aeviz").rglob("*.py"), *(ROOT / "tools").glob("*.py")]
MODULES = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
# Attributes of modules that Windows has not, or has as something that fails.
NAMES = {
    "os": {
        "chown", "chroot", "fchmod", "fchown", "fork", "forkpty", "getegid", "geteuid", "getgid", "getloadavg",
        "getpgid", "getpriority", "getsid", "getuid", "killpg", "lchown", "mkfifo", "mknod", "nice", "openpty",
        "sched_getaffinity", "setgid", "setpgid", "setpriority", "setsid", "setuid", "statvfs", "sysconf", "uname",
        "wait3", "wait4", "WNOHANG",
    },
    "shutil": {"chown"},
    "signal": {"SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGUSR1", "SIGUSR2", "alarm", "pause", "setitimer"},
    "socket": {"AF_UNIX", "SO_REUSEPORT"},
    "time": {"tzset"},
}  # fmt: skip
ARGUMENTS = {"preexec_fn", "start_new_session", "pass_fds", "process_group"}
BRANCHES = ("hasattr", "os.name", "sys.platform", "find_spec", "fcntl is None")


Node = tuple[ast.AST, tuple[ast.AST, ...]]  # with those that it stands in, the outermost first


def walk(path: Path) -> list[Node]:
    """The calls, imports, attributes and texts of a file."""
    found: list[Node] = []

    def go(node: ast.AST, above: tuple[ast.AST, ...]) -> None:
        if isinstance(node, ast.Call | ast.Import | ast.ImportFrom | ast.Attribute | ast.Constant):
            found.append((node, above))
        branches = isinstance(node, ast.If | ast.IfExp | ast.BoolOp | ast.FunctionDef | ast.Try | ast.stmt)
        within = (*above, node) if branches else above
        for child in ast.iter_child_nodes(node):
            go(child, within)

    go(ast.parse(path.read_text(encoding="utf-8")), ())
    return found


@pytest.fixture(scope="module")
def nodes() -> dict[Path, list[Node]]:
    words = [*MODULES, *ARGUMENTS, *(f"{module}.{name}" for module, names in NAMES.items() for name in names)]
    told = re.compile("|".join(map(re.escape, [*words, '"/proc/', '"/dev/', "open(", "_text("])))
    return {path: walk(path) for path in SOURCES if told.search(path.read_text(encoding="utf-8"))}


def posix_only(node: ast.AST) -> str:
    """What of POSIX alone a node uses; "" for nothing."""
    match node:
        case ast.Import(names=names):
            return next((alias.name for alias in names if alias.name in MODULES), "")
        case ast.ImportFrom(module=str(module)) if module in MODULES:
            return module
        case ast.Attribute(value=ast.Name(id=module), attr=name) if name in NAMES.get(module, ()):
            return f"{module}.{name}"
        case ast.Call(args=[ast.Constant(value=str(name)), *_]) if name in MODULES and "import" in ast.unparse(
            node.func
        ):
            return name
        case ast.Call(keywords=words):
            return next((word.arg for word in words if word.arg in ARGUMENTS), "")
        case ast.Constant(value=str(text)) if text.startswith(("/proc/", "/dev/")):
            return text
    return ""


def has_branch(above: tuple[ast.AST, ...]) -> bool:
    """Whether the code asks what the system has before it comes to what stands in these."""
    for place, outer in enumerate(above):
        if isinstance(outer, ast.If | ast.IfExp | ast.BoolOp) and asks(getattr(outer, "test", outer)):
            return True
        if isinstance(outer, ast.Try) and any("ImportError" in ast.unparse(way) for way in outer.handlers):
            return True
        if isinstance(outer, ast.FunctionDef) and place + 1 < len(above) and leaves_before(outer, above[place + 1]):
            return True
    return False


def leaves_before(function: ast.FunctionDef, line: ast.AST) -> bool:
    """Whether an earlier line of a function leaves it where the system has not what is asked for."""
    earlier = [other for other in function.body if other.lineno < line.lineno]
    return any(
        isinstance(other, ast.If) and asks(other.test) and isinstance(other.body[-1], ast.Return) for other in earlier
    )


def asks(test: ast.AST) -> bool:
    return any(word in ast.unparse(test) for word in BRANCHES)


def test_what_only_posix_has_is_used_behind_a_branch(nodes: dict[Path, list[Node]]) -> None:
    used = [(path, node, above) for path, found in nodes.items() for node, above in found if posix_only(node)]
    assert len(used) >= 4, "the walk sees none of those that there are"
    bare = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {posix_only(node)}"
        for path, node, above in used
        if not has_branch(above)
    ]
    assert bare == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import os\nos.fork()", True),
        ("import os\nif hasattr(os, 'fork'):\n    os.fork()", False),
        ("import os\ndef f():\n    if os.name == 'nt':\n        return\n    os.fork()", False),
        ("import os\ndef f():\n    os.fork()\n    if os.name == 'nt':\n        return", True),
        ("import os\nroot = hasattr(os, 'geteuid') and os.geteuid() == 0", False),
        ("import resource", True),
        ("try:\n    import resource\nexcept ImportError:\n    resource = None", False),
        ("open('/proc/1/stat')", True),
        ("run(a, preexec_fn=b)", True),
    ],
)
def test_the_walk_tells_a_branch(tmp_path: Path, text: str, found: bool) -> None:
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    bare = [node for node, above in walk(tmp_path / "a.py") if posix_only(node) and not has_branch(above)]
    assert bool(bare) == found


def test_text_files_are_opened_with_an_encoding(nodes: dict[Path, list[Node]]) -> None:
    """The usual one is another on Windows."""
    calls = [(path, node) for path, found in nodes.items() for node, _ in found if isinstance(node, ast.Call)]
    assert [f"{path.relative_to(ROOT)}:{node.lineno}" for path, node in calls if opens_text(node)] == []


def opens_text(call: ast.Call) -> bool:
    """Whether a call opens a text file and leaves its encoding to the system."""
    is_method = isinstance(call.func, ast.Attribute)
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    given = [*call.args, *(word.value for word in call.keywords if word.arg == "mode")]
    modes = [
        part.value for part in given if isinstance(part, ast.Constant) and part.value in {"r", "w", "a", "x", "r+"}
    ]
    is_text = (is_method and name in {"read_text", "write_text"}) or (name in {"open", "fdopen"} and modes != [])
    return is_text and all(word.arg != "encoding" for word in call.keywords)


def test_names_of_files_are_names_everywhere() -> None:
    """No letter that Windows refuses, none of its devices, and no two that differ by case alone."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    names = [name for name in tracked.split("\0") if name]
    assert names
    devices = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
    for name in names:
        assert not set(name) & set('<>:"\\|?*'), name
        assert not {part.split(".")[0].lower() for part in name.split("/")} & devices, name
        assert not any(part.endswith((".", " ")) for part in name.split("/")), name
    assert len({name.lower() for name in names}) == len(names)


def test_uploads_have_a_folder_where_there_are_no_locks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(folder, "fcntl", None)
    monkeypatch.setattr(folder.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(folder.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(folder.os, "getpid", lambda: -1)
    made = folder.process_folder()
    assert made.parent == tmp_path
    assert made.is_dir()
    assert folder.sweep(tmp_path) == 0, "what is in use cannot be told from what is left, so all stays"


def test_networks_are_tried_where_the_system_knows_no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    with pytest.raises(ImportError):
        importlib.import_module("resource")
    onnx_child.limit()
