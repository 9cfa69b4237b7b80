"""The page Detect in Streamlit's own harness, and what it says of figures."""

import pytest
from apptest import html, opened, parts, sound
from sklearn.metrics import average_precision_score, roc_auc_score

from aeviz.app.pages.detect import findings, table
from aeviz.app.panels import detection as panel
from aeviz.datasets.sources import load_dataset
from aeviz.evaluation.anomaly_scores import DETECTORS, SCORES

MEAN = DETECTORS["mean"].label


def row(auroc: float, label: str = "", spread: float = 0.01) -> panel.Row:
    return panel.Row(label, "what it is", auroc, auroc - spread, auroc + spread, 0.5)


def test_every_figure_is_that_of_scikit_learn_on_the_same_scores() -> None:
    app = opened("detect", data="ecg", by_scores="true")
    of = ("ecg", "wide", "")
    trial = panel.trial(*of)
    found = html(app)
    scored = [panel.scores(name, "error", *of) for name in ("ecg-ae-narrow", "ecg-ae", "ecg-vae")]
    scored += [panel.scores("ecg-ae-narrow", score, *of) for score in SCORES if not SCORES[score].gaussian]
    scored += [panel.classical(method, 8, *of) for method in DETECTORS]
    assert trial.positive is not None
    for values in scored:
        assert f"{roc_auc_score(trial.positive, values):.4f}" in found
        assert f"{average_precision_score(trial.positive, values):.4f}" in found
    assert parts(app) == 3
    assert "The mean beat alone" in " ".join(text.value for text in app.markdown)
    assert {"task", "score", "scorer"}.isdisjoint(app.query_params), "what nobody changed is not in the URL"


@pytest.mark.long
def test_a_link_shows_the_same_and_what_does_not_fit_is_dropped() -> None:
    app = opened("detect", data="power", task="class", unusual="summer", score="elbo", scorer="power-vae", cost="50")
    assert app.query_params["score"] == "elbo"
    assert (app.selectbox(key="task").value, app.selectbox(key="unusual").value) == ("class", "summer")
    app.segmented_control(key="scorer").set_value("power-ae")
    sound(app.run())
    assert app.segmented_control(key="score").value == "error", "point codes have no ELBO"
    assert "unusual" not in opened("detect", data="power", unusual="summer").query_params


def test_another_task_begins_anew() -> None:
    app = opened("detect", data="power", flagged="20", case="7")
    assert (app.query_params["flagged"], app.query_params["case"]) == ("20", "7")
    app.selectbox(key="task").set_value("class")
    sound(app.run())
    assert {"flagged", "case"}.isdisjoint(app.query_params)


def test_where_nobody_knows_there_is_a_ranking_and_no_curve() -> None:
    app = opened("detect", data="names", task="rank", case=3)
    assert "AUROC" not in html(app)
    assert parts(app) == 3
    assert "the ranking alone" in " ".join(caption.value for caption in app.caption)


def test_what_is_said_follows_from_the_figures() -> None:
    def said(ours: float, share: float, *classical: panel.Row) -> str:
        return " ".join(findings("AE", row(ours), row(share), [*classical], "picture"))

    assert "than a coin" in said(0.3, 0.6, row(0.4, MEAN))
    assert "plain" in said(0.3, 0.6, row(0.4, MEAN))
    assert "plain" not in said(0.3, 0.2, row(0.4, MEAN))
    assert "The mean picture alone" in said(0.998, 0.9, row(0.997, MEAN))
    both = said(0.68, 0.7, row(0.89, MEAN), row(0.96, "5 nearest neighbours"))
    assert "The mean picture alone" in both
    assert "5 nearest neighbours** does better" in both, "the mean is not the last word where another finds more"
    assert "Too close" not in said(0.998, 0.9, row(0.997, MEAN))
    assert "The mean" not in said(0.4, 0.9, row(0.6, MEAN))
    assert "PCA** does better" in said(0.8, 0.8, row(0.9, "PCA"), row(0.7, MEAN))
    assert "than every classical" in said(0.9, 0.8, row(0.8, "PCA"), row(0.7, MEAN))
    assert "Too close" in said(0.9, 0.8, row(0.905, "PCA"), row(0.7, MEAN))


def test_what_no_method_finds_is_told_so() -> None:
    told = " ".join(findings("AE", row(0.42), row(0.43), [row(0.47, "Forest"), row(0.24, MEAN)], "picture"))
    assert "No classical method beats a coin either" in told
    assert "does better" not in told


def test_the_best_of_a_table_is_bold() -> None:
    found = table([(row(0.7, "one"), "#123456"), (row(0.9, "two & three"), "")])
    assert "<b>0.9000</b>" in found
    assert "<b>0.7000</b>" not in found
    assert "two &amp; three" in found


@pytest.mark.parametrize("dataset", ["mnist", "ecg", "wage", "names"])
def test_each_modality_shows_where_an_item_differs(dataset: str) -> None:
    data = load_dataset(dataset)
    item, other = data.items[0], data.items[1]
    same, differing = (data.modality.errors(item, made, data.scale) for made in (item, other))
    assert same != differing
    assert differing.startswith(("<img", "<div", "<dl"))
    assert data.modality.error_legend
