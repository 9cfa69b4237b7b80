"""Codes as bars, in HTML and in SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from numpy.typing import NDArray

from aeviz.figures import palette

SVG_SIZE = 480, 200  # px, width and height
MAX_TOLD = 64  # numbers of a code that are told in words


@dataclass(frozen=True)
class ItemCode:
    """One item's code by one model: mean (d,), and spread (d,) or None."""

    label: str
    colour: str
    mean: NDArray
    spread: NDArray | None


def code_bars(codes: Sequence[ItemCode], beside: Sequence[ItemCode] = ()) -> str:
    """Codes as bars in HTML, a panel for each; a thin line spans ±1 spread where there is one.

    A bar tells its number under the pointer, at a click or a touch; all of them unfold under the scale.
    All panels have one scale, written beside them, so that a bar as high is a number as large. beside: codes that are
    shown elsewhere on the same scale.
    """
    reach = max((_reach(code) for code in (*codes, *beside)), default=0.0)
    return "".join(_panel(code, max(1e-6, reach)) for code in codes)


def _reach(code: ItemCode) -> float:
    return float((abs(code.mean) + (0 if code.spread is None else code.spread)).max())


def _panel(code: ItemCode, reach: float) -> str:
    spreads = [None] * len(code.mean) if code.spread is None else [float(spread) for spread in code.spread]
    coordinates = list(zip(map(float, code.mean), spreads, strict=True))
    bars = "".join(_bar(number, value, spread, reach) for number, (value, spread) in enumerate(coordinates))
    sentences = [_told(number, value, spread) for number, (value, spread) in enumerate(coordinates[:MAX_TOLD])]
    if len(coordinates) > MAX_TOLD:
        sentences.append(f"and {len(coordinates) - MAX_TOLD:,} more")
    return (
        f'<div class="aeviz-bars-head"><span>{escape(code.label)}</span>{unfolding(f"±{reach:,.1f}", sentences)}</div>'
        f'<div class="aeviz-bars" style="--accent: {code.colour}" role="group" '
        f'aria-label="{escape(code.label)}: the code as bars">'
        f"{bars}</div>"
    )


def unfolding(scale: str, sentences: Sequence[str]) -> str:
    """The scale of bars as HTML; a click, a touch or a key opens below it what each of them is, in words."""
    return (
        f'<details class="aeviz-defined" name="aeviz-defined"><summary>{escape(scale)}</summary>'
        f'<span class="aeviz-told">{"".join(f"<span>{escape(text)}</span>" for text in sentences)}</span></details>'
    )


def _told(number: int, value: float, spread: float | None) -> str:
    text = f"{value:z.2f}".replace("-", "−")
    return f"z{number} = {text}" + ("" if spread is None else f" ± {spread:.2f}")


def _bar(number: int, value: float, spread: float | None, reach: float) -> str:
    """A bar from the zero line in the middle; heights in per cent of the panel."""
    top, height = 50 - 50 * max(value, 0) / reach, 50 * abs(value) / reach
    tip = _told(number, value, spread)
    whisker = ""
    if spread is not None:
        whisker = f'<s style="top: {50 - 50 * (value + spread) / reach:.1f}%; height: {100 * spread / reach:.1f}%"></s>'
    return f'<i data-tip="{tip}" tabindex="-1"><b style="top: {top:.1f}%; height: {height:.1f}%"></b>{whisker}</i>'


def code_svg(code: ItemCode) -> str:
    """A code as a drawing in SVG: a bar for each number about a zero line, the ends of the scale beside it."""
    width, height = SVG_SIZE
    reach = max(1e-6, float(abs(code.mean).max()))
    middle, half, step = height / 2 + 10, height / 2 - 24, (width - 60) / len(code.mean)
    bars = "".join(
        f'<rect x="{50 + step * (number + 0.15):.1f}" y="{middle - half * max(value, 0) / reach:.1f}" '
        f'width="{0.7 * step:.1f}" height="{half * abs(value) / reach:.1f}" fill="{code.colour}">'
        f"<title>z{number} = {value:.3f}</title></rect>"
        for number, value in enumerate(code.mean.tolist())
    )
    marks = "".join(
        f'<text x="44" y="{middle - half * sign + 4:.1f}" text-anchor="end">{sign * reach:.1f}</text>'
        for sign in (1, -1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
        f'font-size="13"><text x="50" y="14" font-weight="bold">{escape(code.label)}</text>{marks}'
        f'<path d="M50 {middle:.1f}H{width - 10}" stroke="{palette.INK}"/>{bars}</svg>'
    )
