"""Write docs/reference.md: what the tables hold, figures, commands, variables. `python tools/reference.py`."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from aeviz.cli import parser
from aeviz.datasets.sources import SOURCES
from aeviz.evaluation.definitions import DEFINITIONS
from aeviz.modalities.registry import MODALITIES
from aeviz.model.bodies.table import BODIES
from aeviz.model.families import FAMILIES
from aeviz.model.likelihoods import LIKELIHOODS

FILE = Path(__file__).parents[1] / "docs" / "reference.md"
HEAD = """# Reference

`python tools/reference.py` writes this file from the tables in the code; a test compares them.
"""
# Environment variables, and what each is for.
VARIABLES = {
    "AEVIZ_CHROMIUM": "The Chromium of the browser tests and benchmarks, where none is on the path.",
    "AEVIZ_COOKIE_SECRET": "Signs the cookies of all replicas of `deploy/compose.yaml`; one long secret for all.",
    "AEVIZ_DATA_DIR": "A folder of full training sets, with sub-folders as in `aeviz/datasets/sources.py`.",
    "AEVIZ_DEVICE": "Where to run: auto, cpu, cuda, cuda:N or mps.",
    "AEVIZ_MODELS": "Further folders of checkpoints, parted as in PATH.",
    "AEVIZ_PASSWORD": "What the app asks its visitors for.",
    "AEVIZ_SHARED": "`yes` where other machines may come in: links to share then name this machine in its network.",
    "AEVIZ_PATHS": "1: visitors may name paths on the server; 0: they may not. Unset: only on this machine's address.",
    "AEVIZ_PORT": "The port on which nginx of `deploy/compose.yaml` listens.",
    "AEVIZ_QUOTA": "Megabytes that one visitor's uploads may take.",
    "AEVIZ_SCREENSHOTS": "A folder where the browser tests leave pictures of the pages.",
}


def text() -> str:
    """The file's text."""
    # Those that come with aeviz: packages that happen to be installed may bring more.
    families = [family for family in FAMILIES.values() if FAMILIES.built_in.get(family.name) is family]
    tables = [
        table("Modalities", ("name", "an item is", "shape", "corruptions", "distances"), (
            (f"`{row.name}`", f"a {row.words.noun}", row.words.axes, ", ".join(c.label for c in row.corruptions),
             ", ".join(d.label for d in row.distances)) for row in MODALITIES.built_in.values())),
        table("Bodies", ("name", "what it is", "options"), (
            (f"`{row.name}`", row.title, ", ".join(f"`{key}={value}`" for key, value in row.options.items()))
            for row in BODIES.built_in.values())),
        table("Families", ("name", "what it is", "in a sentence"), (
            (f"`{row.name}`", row.title, row.idea) for row in families)),
        table("Likelihoods", ("name", "distribution", "outputs", "left out of the nats"), (
            (f"`{row.name}`", row.title, ", ".join(row.outputs), row.constant) for row in LIKELIHOODS.values())),
        table("Data sets", ("name", "title", "modality", "shape", "licence"), (
            (f"`{name}`", row.title, row.modality, str(row.shape), row.licence) for name, row in SOURCES.items())),
        table("Figures", ("name in `metrics.json`", "what it is"), (
            (f"`{name}`", definition) for name, definition in DEFINITIONS.items())),
        table("Commands", ("command", "what it does"), commands()),
        table("Environment variables", ("name", "what it is for"), (
            (f"`{name}`", purpose) for name, purpose in VARIABLES.items())),
    ]  # fmt: skip
    return "\n".join([HEAD, *tables])


def table(title: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A heading and a table, as Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    cells = ["| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines]
    return "\n".join([f"## {title}", "", *cells, ""])


def commands() -> list[tuple[str, str]]:
    """Each command with its options, and what it does."""
    top = parser()
    (choices,) = [action for action in top._actions if isinstance(action, argparse._SubParsersAction)]
    helps = {choice.dest: choice.help or "" for choice in choices._choices_actions}
    rows = [("`aeviz` " + options(top), "open the app")]
    return [*rows, *((f"`aeviz {name}` " + options(sub), helps[name]) for name, sub in choices.choices.items())]


def options(sub: argparse.ArgumentParser) -> str:
    """The arguments and options of a command."""
    return " ".join(
        f"`{action.option_strings[0] if action.option_strings else action.dest.upper()}`"
        for action in sub._actions
        if not isinstance(action, argparse._HelpAction | argparse._SubParsersAction)
    )


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
