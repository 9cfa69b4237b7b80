"""A package of somebody else's adds a family, a body and a modality, and nothing in aeviz is touched."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FAMILY = """
from dataclasses import dataclass

from aeviz.figures.palette import Mark
from aeviz.model.families import Family


@dataclass
class Small:
    weight: float = 0.1

    def loss(self, model, x, labels):
        z = model.encode(x).mean
        error = model.likelihood.error(model.decode_logits(z), x).mean()
        size = z.square().sum(1).mean()
        return {"loss": error + self.weight * size, "reconstruction": error, "size": size}


FAMILY = Family(
    name="small",
    label="Small AE",
    title="Autoencoder of small codes",
    idea="Pays for the length of its codes.",
    objective=lambda config: Small(**config.objective),
    mark=Mark("#123456", "bowtie", "⧓"),
    config={"latent_dim": 2, "body": "straight", "channels": (), "hidden": ()},
)
"""
BODY = """
from math import prod

from torch import nn

from aeviz.model.bodies.base import Body


class Flat(nn.Flatten):
    features = 784


def build(config):
    out = nn.Linear(config.decoder_inputs, prod(config.shape))
    return Flat(), nn.Sequential(out, nn.Unflatten(1, config.shape))


BODY = Body(
    name="straight",
    title="No hidden layer",
    problem=lambda shape: None if prod(shape) == 784 else "It takes 784 values.",
    build=build,
    layers=lambda config: 0,
    describe=lambda config: "no hidden layer",
)
"""
MODALITY = """
from dataclasses import replace

from aeviz.modalities.image.record import IMAGE

MODALITY = replace(IMAGE, name="thermogram", words=replace(IMAGE.words, noun="thermogram", plural="thermograms"))
"""
POINTS = """[aeviz.families]
small = stranger.family:FAMILY

[aeviz.bodies]
straight = stranger.body:BODY

[aeviz.modalities]
thermogram = stranger.modality:MODALITY
broken = stranger.nothing:AT_ALL
"""
FEW = """
from dataclasses import replace
from aeviz.datasets import sources
from aeviz.evaluation import checkpoint
from aeviz.training import fitting

def few(name, split="test"):
    data = sources.load_dataset(name)
    return replace(data, items=data.items[:200], labels=data.labels[:200], split=split)

fitting.load_dataset = checkpoint.load_dataset = few
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package and its metadata, as pip leaves them; and an empty one for models."""
    site = tmp_path_factory.mktemp("site")
    package, metadata = site / "stranger", site / "stranger-1.0.dist-info"
    for folder in (package, metadata, site / "models"):
        folder.mkdir()
    for name, text in (("__init__", ""), ("family", FAMILY), ("body", BODY), ("modality", MODALITY)):
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text(POINTS, encoding="utf-8")
    return site


def run(site: Path, code: str, *words: str) -> str:
    path = os.pathsep.join([str(site), str(ROOT), str(ROOT / "tests")])
    environment = {**os.environ, "PYTHONPATH": path, "AEVIZ_MODELS": str(site / "models")}
    done = subprocess.run(
        [sys.executable, "-c", code, *words], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_a_family_is_about_twenty_lines() -> None:
    assert len([line for line in FAMILY.splitlines() if line.strip()]) <= 25


def test_the_tables_list_what_it_brings_and_leave_out_what_is_broken(installed: Path) -> None:
    said = run(
        installed,
        "from aeviz.modalities.registry import MODALITIES\n"
        "from aeviz.model.bodies.table import BODIES\n"
        "from aeviz.model.families import FAMILIES, mark_of\n"
        "print([*MODALITIES], [*BODIES], [*FAMILIES][-1], mark_of('small').sign)",
    )
    assert "'thermogram'] ['dense', 'conv'" in said
    assert "'straight'] small ⧓" in said
    assert "'broken' of stranger.nothing:AT_ALL is left out" in said


@pytest.mark.long
def test_its_family_is_trained_measured_listed_and_shown(installed: Path) -> None:
    name, models = "mnist-small", installed / "models"
    command = "import sys; from aeviz.cli import main; sys.exit(main(sys.argv[1:]))"
    run(installed, FEW + command, "train", "small", "mnist", "--epochs", "1", "--out", str(models))
    assert "no hidden layer" in (models / name / "README.md").read_text(encoding="utf-8")
    said = run(installed, FEW + command, "evaluate", str(models / name), "--device", "cpu")
    assert "mse " in said
    listed = run(installed, command, "models")
    assert f"{name:<20} small   mnist" in listed
    page = run(
        installed,
        "from aeviz.app import startup\n"
        "startup.WARMUP_DELAY_S = 3600\n"  # a process that ends while torch computes in another thread is aborted
        "from apptest import html, opened\n"
        "app = opened('compare', left='small', model='small')\n"
        "print(html(app), app.dataframe[0].value.to_csv())",
    )
    assert "⧓" in page
    assert "Pays for the length of its codes." in page
