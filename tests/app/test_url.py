"""The URL is the state: what parameters read and write, and that links from before open the same view."""

from urllib.parse import parse_qsl

import numpy as np
import pytest
from apptest import ROOT, opened, own
from cases import every
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest
from waiting import TIMEOUT_S

import links
from aeviz.app import choice, streamlit_internals, url
from aeviz.app.panels import marked_items, presentation

LEVEL = url.Number("level", "how much", 0.0, 2.0, 0.5)
STEPS = url.Whole("steps", "how many", 3, 65, 33)
PAIR = url.Code("place", "where", size=2, limit=100, digits=4)

# ---- Reading and writing.


@given(st.floats(0, 2))
def test_a_number_is_read_as_it_was_written(value: float) -> None:
    assert LEVEL.parse(LEVEL.write(value)) == value


@given(st.integers(3, 65))
def test_a_whole_number_is_read_as_it_was_written(value: int) -> None:
    assert STEPS.parse(STEPS.write(value)) == value


@given(st.lists(st.floats(-99, 99, width=32), min_size=2, max_size=2))
def test_a_code_is_read_as_it_was_written_but_for_rounding(code: list[float]) -> None:
    np.testing.assert_allclose(PAIR.parse(PAIR.write(np.array(code, np.float32))), code, atol=1e-4)


@given(st.dictionaries(st.integers(0, 63), st.floats(-99, 99), min_size=1))
def test_turned_axes_are_read_as_they_were_written_but_for_rounding(values: dict[int, float]) -> None:
    turned = url.Turned("turned", "what was turned", size=64)
    assert turned.parse(turned.write(values)) == pytest.approx(values, abs=1e-3)
    assert turned.fit({64: 0.5}) is None


@given(st.tuples(st.integers(0, 32), st.integers(0, 32)).map(sorted))
def test_a_span_is_read_as_it_was_written(edges: list[int]) -> None:
    span = url.Span("cells", "which", high=32)
    assert span.parse(span.write((edges[0], edges[1]))) == tuple(edges)
    assert url.Span("cells", "which", high=8).fit((9, 33)) == (2, 6)


@given(st.booleans())
def test_a_flag_is_read_as_it_was_written(value: bool) -> None:
    flag = url.Flag("all", "all of them")
    assert flag.parse(flag.write(value)) == value


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1), min_size=1))))
def test_marks_are_read_as_they_were_written(case: tuple[int, set[int]]) -> None:
    count, rows = case
    marks = marked_items.Marks("marked", "marked", count=count)
    assert marks.parse(marks.write(np.array(sorted(rows)))).tolist() == sorted(rows)


SHAPE = (1, 4, 5)
ITEM_VALUES = st.lists(st.floats(-1, 1, width=16), min_size=20, max_size=20)


@given(ITEM_VALUES)
@pytest.mark.parametrize(("span", "off"), [((-1.0, 1.0), 1.01 / 255), (None, 0.0)])
def test_an_item_is_read_as_it_was_written(span: tuple[float, float] | None, off: float, values: list[float]) -> None:
    item = np.array(values, np.float32).reshape(SHAPE)
    own = url.Values("own", "", shape=SHAPE, span=span)
    np.testing.assert_allclose(own.parse(own.write(item)), item, atol=off)


def test_an_item_that_is_too_long_for_an_address_is_not_written() -> None:
    noise = np.random.default_rng(0).random((3, 64, 64), np.float32)
    assert url.Values("own", "", shape=noise.shape, span=(0, 1)).write(noise) == ""
    assert url.Values("own", "", shape=noise.shape, span=(0, 1)).write(np.zeros_like(noise))


@given(st.text())
@pytest.mark.parametrize(
    "parameter",
    [
        LEVEL,
        STEPS,
        PAIR,
        url.Flag("all", ""),
        url.Turned("turned", "", size=4),
        url.Span("cells", "", high=4),
        url.Choice("x", "", ("a", "b"), "a"),
        marked_items.Marks("m", "", count=9),
        url.Mask("m", "", shape=(3, 5)),
        url.Values("own", "", shape=(1, 3, 5)),
        url.Number("n", "", high=4, only=(0.0, 2.0, 4.0)),
    ],
    ids=lambda parameter: type(parameter).__name__,
)
def test_any_text_is_read_or_refused_with_a_value_error(parameter: url.Parameter, text: str) -> None:
    try:
        value = parameter.parse(text)
    except ValueError:
        return
    np.testing.assert_equal(parameter.fit(value), value)


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        (STEPS, "9", 9),
        (STEPS, "9.0", 9),  # as Streamlit's own binding read whole numbers
        (LEVEL, "1", 1.0),
        (LEVEL, "1.0", 1.0),
        (LEVEL, "0.35", 0.35),
        (url.Flag("all", ""), "True", True),
        (url.Flag("all", ""), "false", False),
    ],
)
def test_texts_of_before_are_read(parameter: url.Parameter, text: str, value: object) -> None:
    assert parameter.parse(text) == value


@pytest.mark.parametrize(("value", "text"), [(1.0, "1"), (0.3, "0.3"), (0.35, "0.35"), (2.0, "2")])
def test_numbers_are_written_as_a_person_would(value: float, text: str) -> None:
    assert LEVEL.write(value) == text


def test_a_value_that_another_data_set_cannot_have_gives_way() -> None:
    assert STEPS.fit(99) == 65
    assert url.Choice("x", "", ("a", "b"), "a").fit("c") == "a"
    assert PAIR.fit(np.zeros(3, np.float32)) is None
    assert url.Names("models", "", ("a", "b")).fit(["b", "c"]) == ["b"]
    assert url.Names("models", "", ("a", "b")).fit(["c"]) == ["a", "b"]
    assert url.Whole("step", "", 0, 100, 100, only=(0, 50, 100)).fit(51) == 100


# ---- A visitor's run.


def _text(app: AppTest, name: str) -> str:
    """What the address says: a list of texts, or one."""
    found = app.query_params[name]
    return found if isinstance(found, str) else found[-1]


def _script() -> None:
    import streamlit as st

    from aeviz.app import url

    other = url.Whole("other", "", default=1)
    url.start()
    st.text(str(url.value(url.Whole("seed", "", default=3))))
    if st.toggle("other"):
        url.value(other)
    st.button("more", key="more", on_click=url.remember, args=(url.Whole("seed", "", default=3), 8))
    url.tidy([other])


def test_a_value_goes_into_the_url_and_its_default_does_not() -> None:
    app = AppTest.from_function(_script, default_timeout=TIMEOUT_S).run()
    assert (app.text[0].value, dict(app.query_params)) == ("3", {})
    app.button(key="more").click().run()
    assert (app.text[0].value, _text(app, "seed")) == ("8", "8")
    app.query_params["seed"] = "4"  # a visitor edits the address
    app.run()
    assert app.text[0].value == "4"
    app.query_params["seed"] = "3"
    app.run()
    assert (app.text[0].value, dict(app.query_params)) == ("3", {})


def test_what_a_page_does_not_show_leaves_the_url_and_is_still_there_afterwards() -> None:
    app = AppTest.from_function(_script, default_timeout=TIMEOUT_S)
    app.query_params["other"] = "7"
    app.run()
    assert "other" not in app.query_params
    app.query_params["other"] = "7"
    app.toggle[0].set_value(True).run()
    assert _text(app, "other") == "7"
    app.toggle[0].set_value(False).run()
    assert "other" not in app.query_params
    app.toggle[0].set_value(True).run()
    assert _text(app, "other") == "7"


@pytest.mark.parametrize("back", [True, False])
def test_going_back_shows_what_the_address_says_and_a_link_what_was_chosen(
    back: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("map", method="pca", colour="error")
    app.button_group(key="colour").set_value("kl").run()
    for name in ("method", "colour"):
        del app.query_params[name]  # the entry before names neither; neither does a link to the page
    monkeypatch.setattr(streamlit_internals, "in_history", lambda: back)
    app.run()
    assert (app.session_state["method"], app.session_state["colour"]) == (("umap", "class") if back else ("pca", "kl"))
    assert set(app.query_params) == (set() if back else {"method", "colour"})


def test_turned_knobs_go_when_another_item_is_chosen_and_come_back_with_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turned = {"left": "ae-2d", "right": "vae-2d", "z_left": "0.500_-1.250", "item": "7"}
    app = opened("decode", **turned)
    app.query_params["item"] = "9"
    app.run()
    assert "z_left" not in app.query_params, "they belong to the item that they started from"
    for name, text in turned.items():
        app.query_params[name] = text
    monkeypatch.setattr(streamlit_internals, "in_history", lambda: True)
    app.run()
    assert (_text(app, "z_left"), _text(app, "item")) == ("0.500_-1.250", "7")


# ---- Links from before.

MASKED = "eNpjYCARsP__wFD_H43CBwCWBwpd"  # rows 14 to 19, columns 5 to 19
OLD = (
    "home?data=fashion&left=ae&right=dae",
    "map?method=tsne&perplexity=45&points=1500&map_seed=2&colour=kl&marked=3_17_200&sorted=error-left&item=77",
    "map?method=umap&dims=3&n_neighbors=30&min_dist=0.35&shown=upload",
    "map?left=ae-2d&right=vae-2d&method=code",
    "network?which=right&side=right&layer=encoder.layers.0&unit=3&item=4",
    "decode?knobs=directions&start=random&draw=12&random_seed=4&all=true&grid_left=true",
    "decode?left=ae-2d&right=vae-2d&z_left=0.500_-1.250&z_right=1.000_0.000&start=mean",
    "decode?way=plane&x_left=3&y_right=2",
    "thinks?network=vae-2d&look=wide&epsilon=12&item=5",
    "thinks?network=vae-2d&place=0.5000_-1.2500",
    "thinks?network=vae-2d&mean=0:0.500&spread=1:0.250",
    "replay?step=100",
    "interpolate?a-from=draw&b-from=upload&path_kind=slerp&steps=9&t=0.25&path_map=umap&opened_step=step-left-3",
    "interpolate?a-item=5&b-item=6&t=1.0",
    "denoise?corruption=block&level=0.3&seed=11&noise-item=42&curve=many",
    "denoise?noise-from=upload&level=1&corruption=gaussian",
    "repair?corruption=half&spot=1.000_0.500&keep=true",
    f"repair?corruption=brush&mask={MASKED}",
    "compress?pictures=noise",
    "features?near-from=upload&near-item=12",
    "compress?data=wage&count=bare&measure=absolute&bytes=16&first=4&decoder=true&stored=1000",
    "generate?seed=7&temperature=1.4&item=12&around_seed=3&radius=1.0&class=4&style=2&opened=prior-left-3&opened_around=around-right-5&opened_class=grid-2-7",
    "compare?figures=generation&models=ae,vae,dae&model=dae&x=frechet&y=mse&part=codes&opened_card=drawn-3",
    "sweeps?item=9&data=fashion",
    "detect?data=power&task=class&unusual=winter&score=distance&scorer=power-vae&flagged=20&cost=50&case=7&by_scores=true",
    "own?bring=data",
)
# What those links said when they were written.
SAID = {
    **{"1.0": 1.0, "1": 1.0, "45": 45.0, "true": True, "3_17_200": [3, 17, 200], "0.500_-1.250": [0.5, -1.25]},
    **{"1.000_0.500": [1, 0.5], MASKED: [[14 <= y < 20 and 5 <= x < 20 for x in range(28)] for y in range(28)]},
    **{"0:0.500": {0: 0.5}, "1:0.250": {1: 0.25}},
    **{"1.000_0.000": [1, 0], "0.5000_-1.2500": [0.5, -1.25], "ae,vae,dae": ["ae", "vae", "dae"]},
}


def _plain(value: object) -> object:
    return value.tolist() if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize("link", every(12, OLD))
def test_a_link_from_before_opens_the_same_view(link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page, query = link.split("?")
    parameters = dict(parse_qsl(query))
    declared: list[url.Parameter] = [*choice.PARAMETERS, presentation.PRESENT]
    tidy, undeclared = url.tidy, []

    def watched(table: tuple[url.Parameter, ...]) -> None:
        import streamlit as st

        declared.extend(table)
        undeclared.extend(st.session_state[url.READ] - {one.name for one in declared})
        tidy(table)

    monkeypatch.setattr(url, "tidy", watched)
    app = opened(page, **parameters)
    assert not undeclared, "every parameter that a page reads is in its table"
    keys = {one.name: one.key for one in declared}
    steps = "replay" in link  # the nearest recorded step is not the link's where this one was not recorded
    for name, text in parameters.items():
        if not steps:
            wanted = SAID.get(text, text)
            held = _plain(app.session_state[keys[name]])
            assert held == wanted or str(held) == text, name
        if name in app.query_params:
            assert _text(app, name) in {text, text.removesuffix(".0")}


def test_every_parameter_is_in_a_link_from_before() -> None:
    known = {name for link in OLD for name, _ in parse_qsl(link.split("?")[1])}
    told = {line.split("`")[1] for line in links.text().splitlines() if line.startswith("| `")}
    optional = {
        "present",
        "conditional",
        "x_right",
        "y_left",
        "grid_right",
        "numbers_left",
        "numbers_right",
        "turned_left",
        "turned_right",
        "cell_rows",
        "cell_columns",
        *(name for name in told if name == "own" or name.endswith("-own")),  # tried below
        # written and read by the browser
        *("view", "view_left", "view_right", "hidden", "turn_left", "turn_right", "hidden_left", "hidden_right"),
        "same_scale",
    }  # the other side's, and those that need a second model or codes that are maps
    assert told - optional == known


DRAWN = (
    ("map", "shown", "own"),
    ("decode", "shown", "own"),
    ("how-a-vae-thinks", "shown", "own"),
    ("repair", "noise-from", "noise-own"),
    ("interpolate", "a-from", "a-own"),
)


@pytest.mark.parametrize(("page", "origin", "name"), every(7, DRAWN))
def test_a_link_holds_a_drawing(page: str, origin: str, name: str) -> None:
    stroke = np.zeros((1, 28, 28), np.float32)
    stroke[0, 4:24, 13:16] = 1
    text = url.Values(name, "", shape=stroke.shape, span=(0, 1)).write(stroke)
    app = opened(page, left="ae-2d", right="vae-2d", **{origin: "draw", name: text})
    np.testing.assert_array_equal(own(app), stroke)
    assert _text(app, name) == text
    assert len(text) < 200
    assert any("drawn before" in caption.value for caption in app.caption)


def test_the_list_of_links_is_up_to_date() -> None:
    assert (ROOT / "docs" / "links.md").read_text(encoding="utf-8") == links.text(), "run: python tools/links.py"
