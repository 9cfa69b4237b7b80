"""Answers where a page's questions arise."""

import pytest
from apptest import opened
from streamlit.testing.v1 import AppTest

from aeviz.app.panels import notions


def answers(page: AppTest) -> str:
    return "\n".join(text.value for text in page.markdown)


@pytest.mark.parametrize(
    ("address", "parameters", "asked"),
    [
        ("map", {"method": "tsne"}, [notions.METHODS["tsne"], notions.PRIOR]),
        pytest.param("how-a-vae-thinks", {}, [notions.NOISE, notions.ELBO, notions.BLUR], marks=pytest.mark.long),
        ("sweeps", {}, list(notions.SWEEPS.values())),
    ],
)
def test_a_question_opens_where_it_arises(address: str, parameters: dict, asked: list[notions.Notion]) -> None:
    page = opened(address, **parameters)
    questions = [popover.proto.popover.label for popover in page.get("popover")]
    assert {notion.question for notion in asked} <= set(questions)
    for notion in asked:
        assert notion.answer.strip().split("[[")[0][:60] in answers(page)


def test_a_map_is_explained_by_the_method_that_made_it() -> None:
    questions = [popover.proto.popover.label for popover in opened("map", method="pca").get("popover")]
    assert notions.METHODS["pca"].question in questions
    assert notions.METHODS["tsne"].question not in questions
