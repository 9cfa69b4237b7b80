import json
from typing import Any

import pytest

from aeviz.datasets.sources import SOURCES, load_dataset
from aeviz.modalities.base import Scale
from aeviz.modalities.columns import Column, TableScale
from aeviz.modalities.series import SeriesScale
from aeviz.modalities.text import TextScale


@pytest.mark.parametrize("name", [name for name, source in SOURCES.items() if source.modality != "image"])
def test_a_scale_survives_json(name: str) -> None:
    scale = load_dataset(name).scale
    again = type(scale).of(json.loads(json.dumps(scale.stated())))
    known = {"known": ()} if isinstance(scale, TextScale) else {}
    assert again == type(scale)(**{**vars(scale), **known})


PLAIN = TableScale(columns=(Column("a", 0), Column("b", 1, categories=("x", "y")))).stated()


@pytest.mark.parametrize(
    ("kind", "stated"),
    [
        (Scale, {"low": 1.0, "high": 0.0}),
        (Scale, {"low": "0"}),
        (Scale, {"colour": "red"}),
        (SeriesScale, {"unit": ["mV"]}),
        (TableScale, {"columns": [{**PLAIN["columns"][0], "start": 1}]}),
        (TableScale, {"columns": [{**PLAIN["columns"][0], "std": 0.0}]}),
        (TableScale, {"columns": [{**PLAIN["columns"][0], "usual": 3}]}),
        (TextScale, {"alphabet": ["a", "", "b"]}),
        (TextScale, {"alphabet": ["a", "a", ""]}),
        (TextScale, {"alphabet": ["a", "b"]}),
    ],
)
def test_a_scale_that_cannot_be_is_refused(kind: type[Scale], stated: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        kind.of(stated)
