"""Formulas in Markdown: each displayed one stands between fences of its own, and what is malformed is refused."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import aeviz
from aeviz.app.formulas import markdown

FENCED = "Before\n$$\nx = y\n$$\nafter"


@pytest.mark.parametrize(
    "text",
    [
        FENCED,
        "Before\n$$x = y$$\nafter",
        "Before\n$$x = y\n$$\nafter",
        "Before\n$$\nx = y$$\nafter",
        "Before\n$$ x = y $$\nafter",
        "Before $$x = y$$ after",
        "Before $$x = y$$\nafter",
    ],
)
def test_a_displayed_formula_stands_between_fences(text: str) -> None:
    assert markdown(text) == FENCED


def test_a_formula_of_several_lines_keeps_them_and_takes_the_full_stop() -> None:
    assert markdown("$$a\n + b$$.\n\nNext") == "$$\na\n+ b.\n$$\n\nNext"
    assert markdown("$$a$$") == "$$\na\n$$\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- one\n  $$x$$\n- two", "- one\n  $$\n  x\n  $$\n- two"),
        ("- one $$x$$ more", "- one\n  $$\n  x\n  $$\n  more"),
        ("1. $$x$$\n2. two", "1. $$\n   x\n   $$\n2. two"),
    ],
)
def test_a_formula_in_a_list_stays_in_its_entry(text: str, expected: str) -> None:
    assert markdown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "$x$ and $y_i$, $|z_A|$ to $|z_B|$: $\\mathcal N(0, I)$.",
        "rate $+\\;\\beta\ncdot$ over a line's end",
        "`echo $HOME` costs \\$5",
        "```\nfor d in 2 4; do echo $d; done\n$$\n```",
        "``a ` $ b`` and **bold**",
    ],
)
def test_what_is_sound_stays_as_it_is(text: str) -> None:
    assert markdown(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("It costs $5", "$x", "x$", "$ x $", "$x $", "$$x", "x$$", "$$x$", "$x$$", "$$$x$$$", "$$ $$", "$$$$"),
        *("$a$5", "$$a$b$$", "$$x\n\n+ y$$", "$x\n\ny$", "Open $$x\n\nA paragraph.\n\n$$y$$"),
    ],
)
def test_what_is_malformed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="opens or closes no formula"):
        markdown(text)


def explained() -> Iterator[tuple[str, str]]:
    """Each text with a formula in the package, and each that is given to `explain`, and where it stands."""
    for path in sorted(Path(aeviz.__file__).parent.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if not (".explain(" in source or ("$" in source and "\\" in source)):
            continue
        tree = ast.parse(source)
        constants = {
            target.id: node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "explain":
                yield f"{path.name}:{node.lineno}", literal(node.args[1], constants)
            elif isinstance(node, ast.Constant | ast.JoinedStr) and re.search(
                r"\$[^`]*\\[a-zA-Z]{2}", literal(node, {})
            ):
                yield f"{path.name}:{node.lineno}", literal(node, {})


def literal(node: ast.AST, constants: dict[str, ast.expr]) -> str:
    """The text that is written in an expression and in what it names; 0 stands for what is filled in."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(literal(value, constants) for value in values)
        case ast.FormattedValue():
            return "0"
        case ast.BinOp(left=left, right=right):
            return literal(left, constants) + literal(right, constants)
        case ast.Name(id=name) if name in constants:
            return literal(constants[name], constants)
        case ast.Call(args=args):  # a text in which something is filled in
            return "".join(literal(argument, constants) for argument in args)
    return ""


TEXTS = dict(explained())


def test_the_walk_finds_the_explanations() -> None:
    assert len(TEXTS) > 12
    put_together = {where.split(":")[0] for where, text in TEXTS.items() if not text}
    assert put_together == {"about.py", "compress.py", "detect.py", "repair.py"}, "from sentences of tables"
    assert any("$$" in text for text in TEXTS.values())


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_every_explanation_is_sound(text: str) -> None:
    fences = [line.strip() for line in markdown(text).split("\n") if "$$" in line]
    assert set(fences) <= {"$$"}
    assert len(fences) % 2 == 0
