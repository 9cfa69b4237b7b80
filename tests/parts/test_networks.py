"""What the part `networks` sends, and what other parts are told of a model in the tab."""

import json
import re
import struct

import numpy as np
import pytest

from aeviz.parts.networks import Tab, payload, worker
from aeviz.parts.sheets import pack


def read(sent: bytes) -> tuple[dict, bytes]:
    length = struct.unpack("<I", sent[:4])[0]
    return json.loads(sent[4 : 4 + length]), sent[4 + length :]


def test_a_model_is_sent_whole_or_by_its_digest_alone() -> None:
    facts, weights = read(payload("ab12", {"family": "vae"}, b"\0\1"))
    assert (facts["digest"], facts["config"], weights) == ("ab12", {"family": "vae"}, b"\0\1")
    assert facts["worker"] == worker()
    assert read(payload("ab12", {"family": "vae"}, None)) == ({"digest": "ab12"}, b"")


def test_the_workers_text_stands_alone() -> None:
    assert "onmessage" in worker()
    assert not re.search(r"^\s*(import|export)\b", worker(), re.MULTILINE)


def test_a_part_is_told_of_the_codes_about_a_code() -> None:
    code, axes = np.arange(3, dtype=np.float32), np.eye(3, dtype=np.float32)[:2]
    told = Tab("ab12", (3, 8, 9), 0.0, 1.0, smooth=True).plane(code, axes)
    assert told["tile"] == {"channels": 3, "height": 8, "width": 9, "low": 0.0, "high": 1.0, "smooth": True}
    assert (told["digest"], told["code"], told["axes"]) == ("ab12", pack(code), pack(axes))
    with pytest.raises(ValueError, match="do not move a code"):
        Tab("ab12", (1, 8, 9), 0.0, 1.0).plane(code, axes[:, :2])
