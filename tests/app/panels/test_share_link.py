"""The link to what is on the screen."""

import pytest
from apptest import opened

from aeviz.app import sharing
from aeviz.app.panels import share_link

HERE = "http://localhost:8501/map"
VIEW = {"data": "fashion", "left": "vae-2d", "marked": "3_5"}
QUERY = "data=fashion&left=vae-2d&marked=3_5"


def test_a_link_to_this_machine_is_told_to_be_one() -> None:
    assert share_link.link(HERE, VIEW, shared=False) == (
        f"{HERE}?{QUERY}",
        False,
    )


def test_where_others_may_come_in_it_names_the_machine_in_its_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "addresses", lambda: ["192.168.7.9", "10.0.0.3"])
    assert share_link.link(HERE, VIEW, shared=True) == (
        f"http://192.168.7.9:8501/map?{QUERY}",
        True,
    )
    monkeypatch.setattr(sharing, "addresses", list)
    assert share_link.link(HERE, {}, shared=True) == (HERE, False)


def test_an_address_in_a_network_stays_with_its_path() -> None:
    shown = "https://aeviz.example.org/class/map"
    assert share_link.link(shown, VIEW, shared=False) == (f"{shown}?{QUERY}", True)


def test_what_the_browser_wrote_by_itself_is_in_it_as_the_tab_tells() -> None:
    before = {"data": "fashion", "view_left": "a_2_0_0", "hidden": "b_3"}
    seen = {"view_left": "a_4_1_0", "turn_left": "1_2_3_0_0_0_0_0_1", "view_of_elsewhere": "c"}
    names = ["view_left", "hidden", "turn_left"]
    told = share_link.as_seen(before, names, seen)
    assert told == {"data": "fashion", "view_left": "a_4_1_0", "turn_left": "1_2_3_0_0_0_0_0_1"}


def test_every_page_has_the_button_and_makes_nothing_before_it_is_opened() -> None:
    app = opened("about")
    assert not app.code
