"""Train, measure and map every shipped model again, by the commands in its folder: `make zoo`.

The results go to a folder of their own, build/zoo, to be compared with models/ before they replace it. A run that
was stopped goes on where it was: checkpoints that stand there already are left as they are.
"""

import argparse
import json
import shlex
import subprocess
import sys
from pathlib import Path

MODELS = Path(__file__).parent.parent / "models"


def main(arguments: list[str] | None = None) -> int:
    """Run the commands of all models, or of those named; stops at the first that fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", help="models to train (all)")
    parser.add_argument("--out", type=Path, default=Path("build/zoo"), help="where they are written (build/zoo)")
    parser.add_argument("--dry-run", action="store_true", help="print the commands alone")
    options = parser.parse_args(arguments)
    known = checkpoints()
    unknown = set(options.names) - {folder.name for folder in known}
    if unknown:
        parser.error(f"no such model in {MODELS.name}/: {', '.join(sorted(unknown))}")
    for folder in known:
        if options.names and folder.name not in options.names:
            continue
        for words in steps(folder, options.out):
            print("aeviz", shlex.join(words), flush=True)
            if options.dry_run:
                continue
            if status := subprocess.call([sys.executable, "-m", "aeviz.cli", *words]):
                return status
    return 0


def checkpoints() -> list[Path]:
    """The folders of the shipped models that say how they were trained."""
    return [folder for folder in sorted(MODELS.iterdir()) if (folder / "command.txt").is_file()]


def steps(folder: Path, out: Path) -> list[list[str]]:
    """The words after `aeviz` that make a checkpoint again in `out`, without those whose result is there."""
    made = out / folder.name
    commands = []
    if not (made / "config.json").exists():
        commands.append([*_words(folder / "command.txt"), "--out", str(out)])
    if not (made / "metrics.json").exists() and (folder / "metrics.json").exists():
        command = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["command"]
        commands.append(["evaluate", str(made), *shlex.split(command)[3:]])
    if not (made / "maps.npz").exists() and (folder / "maps.npz").exists():
        commands.append(["maps", str(made)])
    return commands


def _words(file: Path) -> list[str]:
    return shlex.split(file.read_text(encoding="utf-8"))[1:]


if __name__ == "__main__":
    sys.exit(main())
