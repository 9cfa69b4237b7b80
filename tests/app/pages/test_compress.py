"""The page Compress: what is said is what is shown, and what was brought stays with the visitor."""

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from apptest import html, opened, parts, sent, sound
from PIL import Image
from streamlit.testing.v1 import AppTest

import aeviz
from aeviz.app import models
from aeviz.app.pages import compress
from aeviz.evaluation import compression, rates

FEW = 12


@pytest.fixture(autouse=True)
def fewer_items(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files of a few items, none measured ahead, and never an AVIF of a sheet: that takes seconds."""
    monkeypatch.setattr(rates, "FOLDER", tmp_path)
    monkeypatch.setattr(compression, "MEASURED", FEW)
    monkeypatch.setattr(compress, "TRIED", FEW)


def said(app: AppTest) -> str:
    return " ".join(e.value for kind in (app.info, app.markdown, app.caption) for e in kind) + html(app)


def codecs(app: AppTest) -> dict[str, dict[str, Any]]:
    """The table of codecs at the budget, by name."""
    return {row["codec"]: row for row in app.dataframe[0].value.to_dict("records")}


@pytest.fixture
def page(fresh_caches: None) -> AppTest:
    return opened("compress", count="bare", bytes=16)


def test_within_sixteen_bytes_the_network_beats_pca_and_pictures_codecs_cannot(page: AppTest) -> None:
    table = codecs(page)
    assert parts(page) == 2
    assert table["AE"]["within the budget"] == "16 numbers of 8 bits"
    assert table["AE"]["bytes"] == "16.0 bytes"
    assert table["WebP"]["within the budget"] == "cannot"
    decibels = {
        name: float(row["PSNR, mean of all"].split()[0]) for name, row in table.items() if row["PSNR, mean of all"]
    }
    assert max(decibels, key=lambda name: decibels[name]) == "AE"
    assert f"**AE** keeps most: PSNR {decibels['AE']:.1f} dB" in said(page)
    data, network = aeviz.load_dataset("mnist"), models.explorer("mnist-ae")
    items, others = compression.parted(data.items)
    codec = compression.model_codec("", "", network, network.encode(others)[0])
    back = codec.pack(items[:FEW], data.scale, (8,), "bare").items
    assert decibels["AE"] == pytest.approx(float(data.distance(back, items[:FEW], "psnr").mean()), abs=0.06)
    kinds = page.dataframe[1].value.set_index("codec")
    assert {"MNIST", "Fashion-MNIST", "Emoji", "noise"} == set(kinds.columns)
    assert "pays from" in said(page)
    assert "AVIF takes" in said(page), "its smallest is better than the network at its best: not its equal"
    assert "at its smallest and is better then (PSNR" in said(page)


@pytest.mark.long
def test_a_run_in_which_nothing_changes_judges_and_draws_none(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    before, made = sent(page, "panels"), []
    monkeypatch.setattr(compress, "figures_of", lambda *given: made.append("figures"))
    monkeypatch.setattr(compress, "sheet_of", lambda *given: made.append("sheet"))
    page.run()
    sound(page)
    assert (made, sent(page, "panels")) == ([], before)


def test_ones_own_picture_is_compressed_and_stays_in_the_session(fresh_caches: None) -> None:
    app = opened("compress", pictures="photo", bytes=400)
    assert "Until a file is there" in said(app)
    ramp = np.tile(np.arange(84, dtype=np.uint8) * 3, (56, 1))
    buffer = io.BytesIO()
    Image.fromarray(ramp).save(buffer, "PNG")
    app.file_uploader(key="compress-file").upload("ramp.png", buffer.getvalue(), "image/png").run()
    assert codecs(sound(app))["JPEG"]["measured on"] == "6 pictures"
    kept = app.session_state["compress-brought"][1]
    assert len(kept) == 6 + 3, "a curve for each codec, and the column of the three in the table of other pictures"
    others = app.dataframe[1].value.set_index("codec")["your picture"]
    assert all(" dB, " in told for told in others)
    (jpeg,) = (told for codec, told in others.items() if codec.startswith("JPEG"))
    ((_, quality),) = (value for (_, name, at, _), value in kept.items() if name == "jpeg" and not isinstance(at, str))
    assert jpeg.startswith(f"{quality:.1f} dB, ")
    app.file_uploader(key="compress-file").upload("not.png", b"no picture", "image/png").run()
    assert re.search("cannot be read as a picture", app.error[0].value)


@pytest.mark.parametrize("dataset", ["ecg", "names"])
@pytest.mark.long
def test_other_items_are_set_beside_what_suits_them(dataset: str) -> None:
    app = opened("compress", data=dataset, decoder="true")
    assert not {"JPEG", "WebP", "AVIF"} & set(codecs(app))
    assert "JPEG, WebP and AVIF write pictures" in said(app)
    assert len(app.dataframe) == 1, "no other pictures to try"


def test_what_was_measured_ahead_over_all_items_is_drawn(fresh_caches: None) -> None:
    data = models.data("ecg")
    list(rates.write(data, [(name, {}, fit) for name, fit in rates.fits(data).items()]))
    table = codecs(opened("compress", data="ecg", bytes=16, count="bare"))
    assert table["Cosine transform"]["measured on"] == "100 beats"
    assert table["PCA"]["measured on"] == "100 beats"
    assert table["AE"]["measured on"] == f"{FEW} beats", "no figures of this model lie there"
