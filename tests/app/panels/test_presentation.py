"""Views in front of a class, one after another."""

import pytest
from apptest import html, opened
from streamlit.testing.v1 import AppTest

from aeviz.app.panels import presentation
from aeviz.app.panels.presentation import Link

LECTURE = """
# what a code is
http://localhost:8501/map?data=fashion&colour=error
decode?left=vae-2d

https://aeviz.example.org/class/denoise?level=0.3
http://localhost:8501/
"""


def test_a_list_is_read_as_it_is_pasted() -> None:
    assert presentation.read(LECTURE) == [
        Link("map", {"data": "fashion", "colour": "error"}),
        Link("decode", {"left": "vae-2d"}),
        Link("repair", {"level": "0.3"}),
        Link("home", {}),
    ]


def test_a_line_that_names_no_page_is_told_by_its_number() -> None:
    with pytest.raises(ValueError, match=r"Line 2: http://localhost:8501/nowhere\?x=1 names no page"):
        presentation.read("map\nhttp://localhost:8501/nowhere?x=1")
    with pytest.raises(ValueError, match="more than the 200"):
        presentation.read("map\n" * 201)


def larger_type(app: AppTest) -> bool:
    return any("font-size: 20px" in element.proto.body for element in app.html)


def test_steps_show_each_link_as_a_new_visitor_would_see_it() -> None:
    app = opened("about", present="")
    assert larger_type(app)
    app.session_state[presentation.LINKS] = presentation.read("map?data=fashion&colour=error\nmap?left=vae-2d\nabout")
    app.session_state[presentation.GO] = 0
    app.run()
    assert app.query_params["present"] == "true"
    assert app.session_state["choice"].dataset == "fashion"
    assert app.session_state["colour"] == "error"
    assert app.button(key="presentation-back").disabled
    app.button(key="presentation-next").click().run()
    assert app.session_state["choice"].left.name == "mnist-vae-2d"
    assert app.session_state["colour"] == "class", "what the view before was coloured by is forgotten"
    app.button(key="presentation-next").click().run()
    assert app.button(key="presentation-next").disabled
    assert "<h1>About aeviz</h1>" in html(app)
    app.button(key="presentation-leave").click().run()
    assert not larger_type(app)
