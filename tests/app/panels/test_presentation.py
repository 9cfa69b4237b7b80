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
    app.session_state[presentation.LIST] = "map?data=fashion&colour=error\nmap?left=vae-2d\nabout"
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


def making() -> AppTest:
    """Where a list is made, on a page of its own."""

    def page() -> None:
        from aeviz.app.panels import presentation

        presentation.offer("http://localhost:8501/map?item=7")

    return AppTest.from_function(page).run()


def listed(app: AppTest) -> str:
    return str(app.text_area(key=presentation.TEXT).value)


def test_a_list_is_made_of_the_views_that_one_sees() -> None:
    app = making()
    assert not app.get("download_button")
    app.button(key="presentation-add").click().run()
    app.text_area(key=presentation.TEXT).set_value(f"# first\n{listed(app)}").run()
    app.button(key="presentation-add").click().run()
    assert listed(app) == "# first\n" + 2 * "http://localhost:8501/map?item=7\n"
    assert app.button(key="presentation-begin").label == "Present 2 views"
    assert len(app.get("download_button")) == 1


def test_a_list_is_opened_as_a_file_and_a_file_that_is_none_leaves_it() -> None:
    app = making()
    app.file_uploader(key=presentation.FILE).upload(
        "lecture.txt", "\ufeffmap\r\ndecode\r\n".encode(), "text/plain"
    ).run()
    assert listed(app) == "map\ndecode\n"
    app.file_uploader(key=presentation.FILE).upload("lecture.txt", b"\xff\xd8\xff\xe0", "text/plain").run()
    assert "lecture.txt is no plain text" in app.error[0].value
    assert listed(app) == "map\ndecode\n"
    app.file_uploader(key=presentation.FILE).upload("lecture.txt", b"map\nnowhere\n", "text/plain").run()
    assert "Line 2: nowhere names no page" in app.error[0].value
    assert listed(app) == "map\nnowhere\n", "to be mended in place"
    assert app.button(key="presentation-begin").disabled, "the present page alone is not what was asked for"
    app.file_uploader(key=presentation.FILE).upload("lecture.txt", b"map\n" * 30_000, "text/plain").run()
    assert "120,000 letters" in app.error[0].value


def test_the_key_that_presents_keeps_the_list_and_the_place_in_it() -> None:
    app = opened("about")
    app.session_state[presentation.LIST], app.session_state[presentation.AT] = "map\nabout\ndecode", 1
    app.run()
    app.button(key="presentation-key").click().run()
    assert not app.button(key="presentation-back").disabled
    assert not app.button(key="presentation-next").disabled


@pytest.mark.parametrize("told", ["", "1", "x\nmap", "-1\nmap", "²\nmap", "1\n" + "a" * 100_001])
def test_what_a_tab_tells_that_is_no_list_is_left_out(told: str) -> None:
    app = opened("about", present="")
    presentation_of(app, told)
    assert [button.key for button in app.button] == ["presentation-leave"]


def test_a_list_comes_back_with_the_place_in_it_and_a_place_behind_its_end_is_its_end() -> None:
    for told, labels in (("1\nmap\nabout\ndecode", "2 of 3"), ("99999\nmap\nabout\ndecode", "3 of 3")):
        app = opened("about", present="")
        presentation_of(app, told)
        assert labels in html(app)


def presentation_of(app: AppTest, told: str) -> None:
    """A presented view whose tab tells what it had kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(presentation.st, "session_state", app.session_state)
        presentation.take_back(told)
    app.run()
