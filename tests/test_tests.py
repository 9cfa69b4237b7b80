"""How the tests themselves are written: they wait for conditions, and look for what is the app's own."""

import re
from pathlib import Path

TESTS = Path(__file__).parent
SLEEPS = {"waiting.py"}  # between two looks at another thread or process
PAGEWIDE = {"browsing.py"}  # where what is looked for on a whole page is given a place
PRIVATE = {  # names of a module or object that begin with "_" and are used all the same, with the reason
    "os._exit": "ends a process whose threads would keep it",
    "notebook._repr_html_": "IPython's public protocol",
    "chart._fullLayout.scene._scene": "plotly tells the place of a camera nowhere else while it turns",
    'policies, "_shown_default_value_warning': "Streamlit warns once in a process, and shows nobody a way to forget it",
}


def lines(pattern: str, folder: str, exempt: set[str]) -> list[str]:
    """Where a pattern occurs in the files of a folder, save in the files that may."""
    return [
        f"{path.relative_to(TESTS)}:{number}: {line.strip()}"
        for path in sorted((TESTS / folder).rglob("*.py"))
        if path.name not in {*exempt, Path(__file__).name}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_no_test_waits_for_a_time() -> None:
    """A time is too short on a busy machine and too long on an idle one: browsing.py and waiting.py have conditions."""
    assert lines(r"wait_for_timeout\(|\bsleep\(", ".", SLEEPS) == []


def test_no_test_looks_for_a_role_or_a_text_on_the_whole_page() -> None:
    """Streamlit's own header comes and goes with a button Stop: `browsing.content` is what the app itself shows."""
    assert lines(r"\bpage\.get_by_(role|text|label|alt_text|title|placeholder)\(", "browser", PAGEWIDE) == []


def test_the_tests_of_a_package_lie_in_a_folder_of_its_name() -> None:
    """`browser`, `javascript` and `server` drive what belongs to many packages."""
    folders = {path.parent.relative_to(TESTS) for path in TESTS.rglob("test_*.py")}
    of_many = {"browser", "javascript", "server"}
    mirrored = [folder for folder in folders if not of_many.intersection(folder.parts[:1])]
    assert [folder for folder in mirrored if not (TESTS.parent / "aeviz" / folder / "__init__.py").exists()] == []


def test_tests_of_the_app_speak_to_public_names() -> None:
    """A private name may change with every line of its module; one that a test needs is a seam, and has a name."""
    used = r"(?<![\w.])(?!self\.|cls\.)[\w.]+\._[a-z]\w*"
    replaced = r'(?<=setattr\()[\w.]+, "_[a-z]\w*'
    imported = r"^ *from aeviz.* import .*\b_[a-z]\w*"
    pattern = re.compile("|".join((used, replaced, imported)))
    found = {
        match
        for folder in ("app", "browser")
        for path in (TESTS / folder).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        for match in pattern.findall(line)
    }
    assert found == set(PRIVATE)
