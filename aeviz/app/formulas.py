"""Formulas in Markdown, so that Streamlit sets what their author meant.

Streamlit reads `$…$` and `$$…$$` by remark-math, to which `$$` is a fence, as three backticks are one: only a `$$`
alone on its line opens or closes a displayed formula. `$$x = y$$` on one line is set in the run of the text. Of a `$$x`
that is closed on a later line, the first line is lost and all that follows is taken for one formula, text included.
"""

import re
import textwrap

# In this order: what stays as it is, displayed formulas, those in the run of the text, and signs that belong to none.
_PARTS = re.compile(
    r"""(?P<ticks>(?<!`)`+)(?!`).+?(?<!`)(?P=ticks)(?!`)
    | \\\$
    | (?P<before>[ \t]*)(?<!\$)\$\$(?P<displayed>[^$]*)\$\$(?!\$)(?P<stop>[.,;:]?)[ \t]*(?P<end>\n|\Z)?
    | (?<!\$)\$(?P<inline>[^\s$](?:[^$]*[^\s$])?)\$(?![\d$])
    | (?P<stray>\$)""",
    re.DOTALL | re.VERBOSE,
)
_MARGIN = re.compile(r"\s*(?:(?:[-*+]|\d+[.)])\s+)?")  # of a line: its indentation and the marker of a list's entry


def markdown(text: str) -> str:
    r"""The same Markdown with each `$$` alone on its line, wherever its author has put it.

    A full stop, comma, colon or semicolon after a displayed formula moves into it. Code and `\$` stay as they are.

    Raises:
        ValueError: A `$` that opens or closes no formula, or a formula that is empty or has an empty line in it, which
            mostly means the same.
    """
    return _PARTS.sub(_set, text)


def _set(part: re.Match[str]) -> str:
    formula = part["displayed"] if part["displayed"] is not None else part["inline"]
    if part["stray"] or (formula is not None and re.search(r"\n\s*\n|\A\s*\Z", formula.strip())):
        raise ValueError(f"A dollar sign here opens or closes no formula: {part.string[part.start() :].strip()[:80]!r}")
    return part[0] if part["displayed"] is None else _displayed(part)


def _displayed(part: re.Match[str]) -> str:
    """A displayed formula between its fences, as far in as the text or the list's entry that it belongs to."""
    before = part.string[part.string.rfind("\n", 0, part.start()) + 1 : part.end("before")]
    margin = _MARGIN.match(before)
    indent = " " * (margin.end() if margin else 0)
    lines = [line.strip() for line in part["displayed"].strip().split("\n")]
    fenced = textwrap.indent("\n".join(("$$", *lines)) + part["stop"] + "\n$$\n", indent)
    opened = part["before"] + fenced.lstrip() if len(indent) == len(before) else "\n" + fenced
    return opened if part["end"] is not None else opened + indent
