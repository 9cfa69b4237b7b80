import logging
import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from aeviz import plugins
from aeviz.plugins import Table


def table(monkeypatch: pytest.MonkeyPatch, *points: EntryPoint) -> Table[str]:
    asked = []

    def entry_points(*, group: str) -> tuple[EntryPoint, ...]:
        asked.append(group)
        assert len(asked) == 1, "looked for twice"
        return points

    monkeypatch.setattr(plugins, "entry_points", entry_points)
    return Table("sign", "aeviz.signs", str, {"plus": "+"})


def test_a_row_of_an_installed_package_follows_the_built_in_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = table(monkeypatch, EntryPoint("digits", "string:digits", "aeviz.signs"))
    assert dict(rows) == {"plus": "+", "digits": "0123456789"}
    assert "digits" in rows
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("name", "value"), [("gone", "no.such.module:row"), ("odd", "math:pi"), ("plus", "string:digits")]
)
def test_a_broken_one_is_logged_and_left_out(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    good = EntryPoint("digits", "string:digits", "aeviz.signs")
    rows = table(monkeypatch, EntryPoint(name, value, "aeviz.signs"), good)
    with caplog.at_level(logging.WARNING):
        assert dict(rows) == {"plus": "+", "digits": "0123456789"}
    assert name in caplog.text
    assert value in caplog.text


def test_an_unknown_name_is_refused_with_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="Unknown sign 'minus': expected one of plus"):
        table(monkeypatch).check("minus")


@pytest.mark.parametrize("module", ["modalities.registry", "datasets.sources", "datasets.arrays", "model.families"])
def test_the_tables_are_read_without_torch(module: str) -> None:
    code = f"import sys, aeviz.{module} as found; assert 'torch' not in sys.modules; assert 'PIL' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
