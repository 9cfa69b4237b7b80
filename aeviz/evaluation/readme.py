"""The model card: `README.md` of a checkpoint, written from its other files."""

from pathlib import Path
from typing import Any

from aeviz.datasets.sources import SOURCES
from aeviz.errors import CheckpointError
from aeviz.evaluation.checkpoint import figures_of
from aeviz.evaluation.definitions import DEFINITIONS
from aeviz.modalities.registry import MODALITIES
from aeviz.model.bodies.table import BODIES
from aeviz.model.config import Config, renamed
from aeviz.model.families import FAMILIES
from aeviz.store.checkpoints import locate, read_json

COMMAND = "command.txt"


def write_card(name: str | Path) -> Path:
    """Write a checkpoint's `README.md` from its config, figures and training command. Returns the file.

    Raises CheckpointError for a family or data set that aeviz does not know.
    """
    folder = locate(name)
    config = renamed(read_json(folder / "config.json"))
    try:
        family, (title, credit) = FAMILIES[config["family"]], _origin(config)
    except KeyError as error:
        raise CheckpointError(f"{folder / 'config.json'}: the family or data set {error} is not known.") from error
    parts = [
        _front_matter(config),
        f"# {folder.name}",
        f"{family.title} of {config['latent_dim']} latent coordinates, trained on {title}. {family.idea}"
        + _repairs(config),
        _usage(folder.name),
        _training(folder, config),
        _figures(folder),
        _baselines(folder),
        f"Data: {credit}",
    ]
    path = folder / "README.md"
    path.write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")
    return path


def _repairs(config: dict[str, Any]) -> str:
    """What damage a model alone was trained for, in a sentence; "" where there is no such."""
    modality, names = MODALITIES[config.get("modality", "image")], Config.read(config).corruptions
    labels = [modality.corruption(name).label.lower() for name in names]
    return f" The damage that it learned to repair: {', '.join(labels)}." if labels else ""


def _origin(config: dict[str, Any]) -> tuple[str, str]:
    """What the data are called, and whose they are. Raises KeyError for data that aeviz does not know."""
    if file := config.get("data", {}).get("file"):
        return config["dataset"], f"{file}, a file of one's own, which does not come with the model."
    source = SOURCES[config["dataset"]]
    return source.title, f"{source.credit} Licence: {source.licence}."


def _front_matter(config: dict[str, Any]) -> str:
    return f"---\nlibrary_name: aeviz\nlicense: mit\ntags: [autoencoder, {config['family']}, latent-space]\n---"


def _usage(name: str) -> str:
    return f'```python\nimport aeviz\n\nmodel = aeviz.load("{name}")\n```'


def _training(folder: Path, config: dict[str, Any]) -> str:
    lines = ["## Training"]
    command = folder / COMMAND
    if command.exists():
        lines.append(f"```\n{command.read_text(encoding='utf-8').strip()}\n```")
    layers = BODIES[config["body"]].describe(Config.read(config))
    settings = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in config["training"].items() if value != "")
    lines.append(f"{layers}; likelihood {config['likelihood']}; {settings}; seed {config['seed']}.")
    return "\n\n".join(lines)


def _figures(folder: Path) -> str:
    report = figures_of(folder)
    if "metrics" not in report:
        return ""
    rows = [f"| `{key}` | {value:,} | {DEFINITIONS[key]} |" for key, value in report["metrics"].items()]
    return "\n".join(
        [
            "## Figures",
            "",
            f"Measured by `{report['command']}` on the {report['split']} split "
            f"({report['items']:,} items, seed {report['seed']}).",
            "",
            "| figure | value | what it is |",
            "| --- | ---: | --- |",
            *rows,
        ]
    )


def _baselines(folder: Path) -> str:
    """What classical methods reach by the same measures, where they were measured."""
    by_method = figures_of(folder).get("baselines", {})
    rows = [
        f"| {method} | `{key}` | {value:,} |" for method, figures in by_method.items() for key, value in figures.items()
    ]
    if not rows:
        return ""
    start = ["## Classical methods", "", "Measured by the same command.", "", "| method | figure | value |"]
    return "\n".join([*start, "| --- | --- | ---: |", *rows])
