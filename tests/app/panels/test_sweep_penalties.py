import numpy as np
import pytest
from apptest import html, opened

from aeviz.app import models
from aeviz.app.model_names import looks
from aeviz.app.panels import sweep_penalties
from aeviz.figures.charts import Series
from aeviz.model.families import mark_of


@pytest.mark.parametrize("dataset", ["mnist", "fashion"])
def test_the_motion_is_that_of_the_codes(dataset: str) -> None:
    cards = sweep_penalties.compared(models.zoo()[dataset], "motion")
    (name, mark, levels, motion, _), *_ = sweep_penalties.motions(cards)
    usual = mark_of("contractive")
    assert (name, mark.symbol, mark.sign, levels[0], motion[0]) == ("CAE", usual.symbol, usual.sign, 0, 0)
    assert [curve.mark.colour for curve in sweep_penalties.motions(cards)] == [looks(card).colour for card in cards]
    assert np.all(np.diff(motion) > 0)
    model, data = models.explorer(f"{dataset}-contractive"), models.data(dataset)
    x = data.items[:256]
    still, moved = model.encode(x)[0], model.encode(data.corrupt(x, "gaussian", levels[-1], 0))[0]
    spread = np.sqrt(np.trace(np.cov(still.T, bias=True)))
    assert motion[-1] == pytest.approx(np.linalg.norm(moved - still, axis=1).mean() / spread, rel=1e-4)


def test_the_sentences_name_who_moves_least_and_what_sparseness_costs() -> None:
    levels, blank = list(sweep_penalties.LEVELS), [""] * len(sweep_penalties.LEVELS)
    slopes = {"AE": 8.0, "CAE": 2.0, "DAE": 3.0}
    mark = mark_of("ae")
    curves = [Series(name, mark, levels, [slope * s for s in levels], blank) for name, slope in slopes.items()]
    assert sweep_penalties.motion_sentence(curves) == (
        "With noise of σ = 0.04 the CAE's code moves least; the DAE's 1.5 times as far and the AE's 4.0 times as far."
    )
    sparse, plain = sweep_penalties.compared(models.zoo()["mnist"], "firing")
    figures = sparse.metrics
    said = sweep_penalties.firing_sentence([sparse, plain])
    assert f"{figures['active_share']:.0%} of the Sparse AE's 64 units fire, against 99% of the AE's 16" in said
    assert f"{figures['mse'] / plain.metrics['mse'] - 1:.0%} more" in said


def test_the_page_counts_the_units_that_fire_for_the_item() -> None:
    app = opened("sweeps", item=5)
    code = models.explorer("mnist-sparse").encode(models.data("mnist").items[[5]])[0][0]
    share = models.explorer("mnist-sparse").encode(models.data("mnist").items[:256])[0]
    fires = int((code > 0.01 * np.sqrt(np.square(np.concatenate([code[None], share])).mean())).sum())
    assert 0 < fires < 64
    assert f"Sparse AE: {fires} of 64 units fire" in html(app)
    assert len(app.get("plotly_chart")) == 4
    app.button(key="firing-another").click().run()
    assert not app.exception
    assert app.session_state["firing-number"] != 5


def test_a_family_that_is_not_there_is_not_shown() -> None:
    found = models.zoo()["mnist"]
    assert sweep_penalties.compared({"ae": found["ae"]}, "firing") == []
