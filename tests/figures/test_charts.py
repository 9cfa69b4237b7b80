"""Charts as plotly has them: titles that fit a phone, and type for a room."""

import subprocess
import sys

import pytest

from aeviz.figures import charts, palette

MARK = palette.Mark("#0072B2", "circle", "●")
SERIES = [charts.Series("VAE", MARK, [1, 2, 4], [3.0, 2.0, 1.0], ["a", "b", "c"])]


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("epoch", ["epoch"]),
        ("numbers in a code (latent dimension), log scale", ["numbers in a code (latent dimension),", "log scale"]),
    ],
)
def test_a_long_title_of_an_axis_takes_two_lines(title: str, lines: list[str]) -> None:
    assert charts.axis(title)["title"]["text"].split("<br>") == lines


def test_in_front_of_a_class_all_type_of_a_chart_is_large() -> None:
    layout = charts.enlarge(figure := charts.lines(SERIES, "size", "error")).layout
    sizes = [layout.font.size, layout.legend.font.size, figure.data[0].textfont.size]
    for axis in (layout.xaxis, layout.yaxis):
        sizes += [axis.tickfont.size, axis.title.font.size]
    assert min(sizes) >= charts.LARGE


def test_pandas_is_whole_before_plotly_looks_at_it() -> None:
    """A figure that is drawn while another thread imports pandas would be handed half of it."""
    script = (
        "import sys; from aeviz.figures import charts; before = 'pandas' in sys.modules;"
        "charts.lines([], 'size', 'error'); print(before, hasattr(sys.modules.get('pandas'), 'Series'))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "True"]
