"""Repair: a damaged item, and what each model and the classical repairs make of it."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, html, models, networks, shell, url, widgets
from aeviz.app.choice import Shown, chosen
from aeviz.app.panels import item_input, notions, repair_brush, repair_search, repair_strip
from aeviz.app.panels.repair_strip import Strip, judges, labels, repaired, repairers
from aeviz.datasets.record import Dataset
from aeviz.evaluation import repair as figures
from aeviz.figures import files, palette
from aeviz.modalities.base import Corruption, Distance, Place, Words
from aeviz.modalities.registry import MODALITIES
from aeviz.parts import dial as part
from aeviz.parts.dial.streamlit import dial
from aeviz.parts.sheets import strip as sheet_of

IDEA = r"""
A classical repair leaves alone what is not lost, a network draws all anew. With *Put back what is known* its result
keeps what the damage has left: the [[values]] that are seen[[means]].

The best has the star. What was lost can have been many things, and their mean has the least squared error[[blur]].
"""
HEADING = (
    "Who repairs it best?",
    "Choose the damage and how much of it: every repair follows. Which is nearest to the clean [[noun]]?",
)
CURVE_LEVELS = 21
CURVE_ITEMS = 100  # items of the averaged curve
COLOUR_ITEMS = 300  # items over which guessed colours are pooled
CEILING_DB = 30.0  # of the curves: what is left almost whole lies far above and would flatten the rest
PANEL = 130  # px that a picture is wide at least
INPUT = item_input.InputParameters("noise", 0)
CORRUPTION = url.Choice(
    "corruption",
    "how the item is corrupted",
    among="; ".join(
        f"of {modality.words.plural} {', '.join(f'`{row.name}`' for row in modality.corruptions)}"
        for modality in MODALITIES.values()
    )
    + f"; `{repair_brush.NAME}` where one can draw",
)
LEVEL = url.Number("level", "how much of it", default=0.5, above="the corruption's maximum")
PLACE = url.Code("spot", "where the damage is, (y, x) in [0, 1]; by the seed when left out", size=2, limit=1.001)
SEED = url.Whole("seed", "seed of the noise", scope="denoise-")
KEEP = url.Flag("keep", "whether what is known is put back into what the networks make")
SCOPE = url.Choice("curve", "whose curve is drawn: this item's, or that of many together", ("this", "many"), "this")
PARAMETERS = (*INPUT.parameters, CORRUPTION, LEVEL, PLACE, SEED, KEEP, SCOPE, repair_brush.MASK)


def page() -> None:
    """Draw the page."""
    shell.header(*HEADING)
    if url.value(INPUT.origin) == "draw":
        networks.send(model.name for model in chosen().pair)
    source = item_input.pick(INPUT)
    data = models.data(chosen().dataset)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        corruption = _corruption(data)
        seed = 0
        if corruption != repair_brush.NAME and _by_chance(data.modality.corruption(corruption)):
            with st.container(horizontal=True, gap="small", vertical_alignment="center", width="content"):
                widgets.label("seed")
                seed = widgets.whole(SEED, "Seed of the damage", show_label=False)
        if corruption == repair_brush.NAME or known(data.modality.corruption(corruption)):
            widgets.toggle(KEEP, "Put back what is known")
        notions.ask(notions.SEARCH)
    if corruption == repair_brush.NAME:
        _painted(data, source)
    else:
        _under_the_hand(data, source, data.modality.corruption(corruption), seed)
    shell.explain("What is put back, and who is judged the best?", idea(data, corruption))


def _corruption(data: Dataset) -> str:
    names = {row.name: row.label for row in data.corruptions}
    if repair_brush.offered(data):
        names[repair_brush.NAME] = "Paint it away"
    return widgets.segments(CORRUPTION, "Corruption", names, next(iter(names)))


def _by_chance(row: Corruption) -> bool:
    """Whether a seed changes anything."""
    return not row.levels or row.placed


def known(row: Corruption) -> bool:
    """Whether something of the clean item is known for sure: what lies outside a hole, the means, the brightness."""
    return row.holes or bool(row.levels)


def idea(data: Dataset, corruption: str) -> str:
    """What a network does about damage, what the classical repairs do, and by what all are judged."""
    name = repair_brush.hole_of(data) if corruption == repair_brush.NAME else corruption
    ideas = [row.idea for row in data.repairs(name) if row.idea]
    if repair_strip.without_bottleneck(data, name):
        ideas.append(repair_strip.open_idea(data))
    coarse = any(row.levels for row in data.corruptions)  # low resolution and lost colour, of pictures
    text = IDEA.replace("[[means]]", ", the mean of each square or the brightness" if coarse else "")
    text = text.replace("[[blur]]", ": a blur wins in PSNR, and a mean colour is grey" if coarse else "")
    return f"{text.rstrip()}\n\n" + "\n\n".join([*ideas, *(row.idea or _definition(row) for row in judges(data))])


def _definition(row: Distance) -> str:
    return f"**{row.label}.** {row.definition}"


# ---- Damage by level and place, under the hand.


def _under_the_hand(data: Dataset, source: item_input.Input, row: Corruption, seed: int) -> None:
    level = _level(row)
    stops = repair_strip.level_stops(row, level)
    where = repair_strip.places(data, source.item[None], row, seed)
    at = stops.index(level) * len(where) + cell(where, url.value(PLACE))
    compared = repairers(chosen(), row.name)
    names = tuple(model.name for model in compared)
    keep = known(row) and url.value(KEEP)
    strips = repair_strip.strips(data.name, names, row.name, seed, stops, where, source.item, source.row, keep)
    heads = [(spoilt(data, row), palette.INK), *labels(data, compared, row.name)]
    scope = url.value(SCOPE)
    lines = _mean_lines(data, compared, row, seed, keep) if scope == "many" else _lines(data, heads, strips)
    place = where[at % len(where)]
    clean = source.item[None]
    noisy = data.corrupt(clean, row.name, level, seed, place)
    hidden = data.hidden(clean, row.name, level, seed, place)
    if len(stops) * len(where) > 1:
        with st.container(key="card-dial"):
            dial(
                _panels(data, source, heads, strips),
                [f"{stop:g}" for stop in stops],
                at=at,
                label=f"Level ({row.unit})" if row.unit else "Level",
                key="repair-dial",
                place=part.Place(f"Drag the damage on the {data.words.noun}", repair_strip.GRID, repair_strip.GRID)
                if row.placed
                else None,
                chart=None if len(row.levels) == 1 else _chart(data, lines, stops, row),
                smallest=_room(data, strips[0]),
                on_stop=partial(_stopped, stops, where),
            )
    else:
        rows = None if source.row is None else [source.row]
        made = repaired(data, names, row.name, noisy, [level], hidden, rows, keep)
        _figures(data, source, heads, noisy, hidden, made)
    shell.tile_legend()
    _verdict(data, heads, strips, at)
    _learned(data, row.name, source)
    _large(data, source, compared, row, level, noisy, hidden, keep)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        if len(row.levels) != 1:
            scopes = {"this": f"this {data.words.noun}", "many": f"{CURVE_ITEMS} test {data.words.plural} together"}
            widgets.segments(SCOPE, "Curve of", scopes, show_label=True)
        _save(data, source, [found_.tiles[at] for found_ in strips])
        points = _levels_of(row) if scope == "many" else np.array(stops)
        curve = [(line.label, np.asarray([np.nan if v is None else v for v in line.values])) for line in lines]
        if scope != "many":
            curve = [(label, values.reshape(len(stops), -1)[:, at % len(where)]) for label, values in curve]
        widgets.save(
            "Figures as CSV" if len(row.levels) == 1 else "Curve as CSV",
            lambda: _as_csv(points, curve),
            f"aeviz-{judges(data)[0].key}.csv",
            "text/csv",
            icon=":material/table:",
        )
    repair_search.show(data, source, noisy, hidden, row, level)
    if figures.is_colour(row, data):
        _colours(data, compared, row, keep)


def _level(row: Corruption) -> float:
    if row.levels:
        first = row.levels[0]
        stops = repair_strip.level_stops(row, first)
        return float(url.value(replace(LEVEL, high=row.maximum, default=first, only=stops)))
    return float(url.value(replace(LEVEL, high=row.maximum)))


def cell(where: tuple[Place | None, ...], asked: NDArray[np.float32] | None) -> int:
    """The number of the place that a link asks for: the nearest that there is, the seed's own where it names none."""
    if asked is None or len(where) == 1:
        return where.index(None) if None in where else 0
    y, x = np.rint(np.clip(asked, 0, 1) * (repair_strip.GRID - 1)).astype(int)
    return int(y * repair_strip.GRID + x)


def _stopped(stops: tuple[float, ...], where: tuple[Place | None, ...]) -> None:
    number = int(st.session_state["repair-dial"]["stop"])
    url.remember(LEVEL, stops[number // len(where)])
    if len(where) > 1:
        place = where[number % len(where)]
        url.remember(PLACE, None if place is None else np.array(place, np.float32))


def _panels(
    data: Dataset, source: item_input.Input, heads: list[tuple[str, str]], strips: list[Strip]
) -> list[part.Panel]:
    smooth = data.modality.smooth
    notes = _notes(data, strips)
    (first, *rest) = [
        part.Panel(label, colour, sheet_of(strip.tiles, smooth=smooth), words)
        for (label, colour), strip, words in zip(heads, strips, notes, strict=True)
    ]
    tile = sheet_of(data.tiles(source.item[None]), smooth=smooth)
    return [first, part.Panel(data.words.clean, palette.INK, tile, [source.name]), *rest]


def _notes(data: Dataset, strips: list[Strip]) -> list[list[str]]:
    """What stands below each picture at each stop: figures with their names, the best starred."""
    count = len(strips[0].whole)
    table: list[list[str]] = [[""] * count for _ in strips]
    for number in range(count):
        for words, strip, stars in zip(table, strips, _stars(data, strips, number), strict=True):
            words[number] = _note(data, strip, number, stars)
    return table


def _stars(data: Dataset, strips: list[Strip], number: int) -> list[str]:
    """The judge's key for each row that is best at a stop; nothing for the others."""
    judge = judges(data)[0]
    scores = [float(strip.scores[judge.key][number]) for strip in strips]
    winners = _equal(scores, judge.best(scores))
    return [judge.key if at in winners else "" for at in range(len(strips))]


def _note(data: Dataset, strip: Strip, number: int, star: str) -> str:
    if strip.whole[number]:
        return "nothing changed"
    parts = []
    for judge in judges(data):
        score = float(strip.scores[judge.key][number])
        if np.isnan(score):
            return f"{data.words.value}s are missing"
        parts.append(("★ " if judge.key == star else "") + f"{judge.name} {judge.text(score, data.scale)}")
    if strip.holes is not None and np.isfinite(strip.holes[number]):
        parts.append(f"in the hole {strip.holes[number]:.1f} dB".replace("-", "−"))
    return "\n".join(parts)


def _room(data: Dataset, strip: Strip) -> int:
    """px that a panel needs: more for a tile that is wide, or it could not be read."""
    height, width = strip.tiles.shape[1:3]
    return PANEL if width <= files.WIDE * height else max(PANEL, round(html.WIDE_TILE_SCALE * width))


def _lines(data: Dataset, heads: list[tuple[str, str]], strips: list[Strip]) -> list[part.Line]:
    key = judges(data)[0].key
    return [
        part.Line(label, colour, [_finite(value) for value in strip.scores[key]], dashed=_is_classical(colour))
        for (label, colour), strip in zip(heads, strips, strict=True)
    ]


def _is_classical(colour: str) -> bool:
    return colour in (palette.INK, *repair_strip.CLASSICAL)


def spoilt(data: Dataset, row: Corruption) -> str:
    """What the damaged item is called: noise adds something, other damage takes it away."""
    return "Damaged" if known(row) and data.words.corrupted == Words.corrupted else data.words.corrupted


def _mean_lines(data: Dataset, compared: list[Shown], row: Corruption, seed: int, keep: bool) -> list[part.Line]:
    at = _levels_of(row).tolist()
    return [
        part.Line(label, colour, [_finite(value) for value in values], dashed=_is_classical(colour), x=at)
        for label, colour, values in mean_curves(data, compared, row.name, seed, keep)
    ]


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _chart(data: Dataset, lines: list[part.Line], stops: Sequence[float], row: Corruption) -> part.Chart:
    judge = judges(data)[0]
    title = f"{row.label}: {row.unit}" if row.unit else row.label
    unit = judge.unit_in(data.scale)
    return part.Chart(
        lines, judge.label, unit, list(stops), title, judge.digits, ceiling=CEILING_DB if unit == "dB" else None
    )


def _verdict(data: Dataset, heads: list[tuple[str, str]], strips: list[Strip], at: int) -> None:
    """Who wins by each figure, in words; the figures may disagree."""
    wins: dict[tuple[int, ...], list[str]] = {}  # by what each winner, or several that are equal, is nearest
    for judge in judges(data):
        scores = [float(strip.scores[judge.key][at]) for strip in strips]
        best = judge.best(scores)
        if not np.isfinite(best):
            return
        wins.setdefault(_equal(scores, best), []).append(f"by {judge.name} ({judge.text(best, data.scale)})")
    holes = [float(strip.holes[at]) for strip in strips if strip.holes is not None]
    if len(holes) == len(strips) and np.isfinite(holes).any():
        best = float(np.nanmax(holes))
        wins.setdefault(_equal(holes, best), []).append(f"in the hole alone ({best:.1f} dB)".replace("-", "−"))
    clauses = []
    for winners, reasons in wins.items():
        names = [f"**{heads[number][0]}**" for number in winners]
        who = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        clauses.append(f"{who} {'is' if len(names) == 1 else 'are'} nearest {' and '.join(reasons)}")
    text = ", ".join(clauses) + "."
    if any(0 in winners for winners in wins):
        text += f" Where nothing is nearer than the damaged {data.words.noun} itself, no repair helps."
    if len(wins) > 1 and any("neighbours" in heads[number][0] for number in next(iter(wins))):
        text += " A mean of neighbours is blurred, which keeps the squared error small."
    st.markdown(text)


def _equal(scores: Sequence[float], best: float) -> tuple[int, ...]:
    """The numbers of the rows that are best."""
    return tuple(number for number, score in enumerate(scores) if score == best)


def _learned(data: Dataset, corruption: str, source: item_input.Input) -> None:
    """What the classical repairs that learn learned from: not what the networks did."""
    labels_ = [row.label for row in data.repairs(corruption) if row.learns]
    if labels_:
        words = data.words
        whole = "all" if source.row is None else "half of"
        other = "" if source.row is None else f", the half that this {words.noun} is not in"
        st.caption(
            f"Learned from {whole} the test {words.plural}{other}: {', '.join(labels_)}. The networks learned from the "
            "training split."
        )


def _large(
    data: Dataset, source: item_input.Input, compared: list[Shown], row: Corruption, level: float,
    noisy: NDArray, hidden: NDArray | None, keep: bool,
) -> None:  # fmt: skip
    """The items at rest with their axes and labels, where a tile does not say all."""
    if not data.html(source.item):
        return
    rows = None if source.row is None else [source.row]
    made = repaired(data, [model.name for model in compared], row.name, noisy, [level], hidden, rows, keep)
    heads = [(spoilt(data, row), ""), *labels(data, compared, row.name)]
    st.subheader("In full, where the handle rests", anchor=False)
    _figures(data, source, heads, noisy, hidden, made)


def _figures(
    data: Dataset, source: item_input.Input, heads: list[tuple[str, str]], noisy: NDArray, hidden: NDArray | None,
    made: list[NDArray],
) -> list[Strip]:  # fmt: skip
    """Clean, damaged and repaired side by side, each with its figures."""
    damaged = repair_strip.Damaged(source.item[None], noisy, hidden)
    strips = [repair_strip.judged(data, damaged, items) for items in (noisy, *made)]
    first, large = data.tiles(source.item[None])[0], data.html(source.item)
    bare = "" if large else palette.INK  # underlines a tile; the bars of a row keep their own colour
    shown = [html.figure(first, data.words.clean, note=source.name, accent=bare, large=large)]
    for (label, colour), strip, (note,), items in zip(heads, strips, _notes(data, strips), (noisy, *made), strict=True):
        text = note.replace("\n", "<br>")
        shown.append(html.figure(strip.tiles[0], label, note=text, accent=colour or bare, large=data.html(items[0])))
    with st.container(key="card-results"):
        st.html(html.row(shown, smallest=PANEL))
        if np.isnan(noisy).any():
            st.caption(f"Judged by the missing {data.words.value}s alone: what is there needs no repair.")
    return strips


def _save(data: Dataset, source: item_input.Input, tiles: list[NDArray[np.uint8]]) -> None:
    first = data.tiles(source.item[None])[0]
    widgets.save(
        "Save as PNG",
        lambda: files.png(files.sheet(np.stack([first, *tiles]), 1 + len(tiles)), 8),
        f"repair-{source.name.replace(' ', '-')}.png",
        "image/png",
        icon=":material/download:",
    )


# ---- Damage that a hand painted.


def _painted(data: Dataset, source: item_input.Input) -> None:
    mask = repair_brush.show(data, source.item)
    if mask is None:
        st.caption(
            f"Paint over a part of the {data.words.noun}: what is painted is lost, and every repair must guess it."
        )
        return
    name = repair_brush.hole_of(data)
    hidden = np.broadcast_to(mask, source.item.shape)[None].copy()
    noisy = np.where(hidden, np.float32(0), source.item[None]).astype(np.float32)
    compared = repairers(chosen(), repair_brush.hole_of(data))
    rows = None if source.row is None else [source.row]
    made = repaired(data, [model.name for model in compared], name, noisy, [0.5], hidden, rows, url.value(KEEP))
    heads = [("Damaged", ""), *labels(data, compared, name)]
    strips = _figures(data, source, heads, noisy, hidden, made)
    _verdict(data, heads, strips, 0)
    _learned(data, name, source)
    _save(data, source, [strip.tiles[0] for strip in strips])
    repair_search.show(data, source, noisy, hidden, data.modality.corruption(name), 0.0)


# ---- Many items together.


def _levels_of(row: Corruption) -> NDArray[np.float64]:
    """The levels at which the curve is measured; at 0 the item is clean and a PSNR of doing nothing infinite."""
    return np.array(row.levels) if row.levels else np.linspace(0, row.maximum, CURVE_LEVELS)[1:]


def _as_csv(levels_: NDArray, lines: list[tuple[str, NDArray]]) -> str:
    """A line for each level: the level, and how good each repair is."""
    rows = np.column_stack([levels_, *(values for _, values in lines)])
    return files.csv(["level", *(label for label, _ in lines)], ([f"{value:.6g}" for value in row] for row in rows))


def mean_curves(
    data: Dataset, compared: list[Shown], corruption: str, seed: int, keep: bool = False
) -> list[tuple[str, str, NDArray]]:
    """How good repairs of the first test items together are at each level: (label, colour, (levels,))."""
    heads = [(data.words.corrupted, palette.INK), *labels(data, compared, corruption)]
    curves = _curves_of_many(data.name, tuple(model.name for model in compared), corruption, seed, keep)
    return [(label, colour, values) for (label, colour), values in zip(heads, curves, strict=True)]


@caches.kept(max_entries=64, show_spinner="Measuring the curve …")
def _curves_of_many(dataset: str, names: tuple[str, ...], corruption: str, seed: int, keep: bool) -> list[NDArray]:
    """How far items are from what is made of them, (levels,): left as they are, and after each repair.

    NaN where none was changed, and for items that lack values and are left so. Without labels and colours: those are
    the page's, and may change.
    """
    data = models.data(dataset)
    x, at = data.items[:CURVE_ITEMS], _levels_of(data.modality.corruption(corruption)).tolist()
    noisy = np.concatenate([data.corrupt(x, corruption, level, seed) for level in at])
    holes = [data.hidden(x, corruption, level, seed) for level in at]
    hidden = None if holes[0] is None else np.concatenate([hole for hole in holes if hole is not None])
    clean, each = np.concatenate([x] * len(at)), [level for level in at for _ in x]
    reference, judge = repair_strip.references(clean, noisy), judges(data)[0]
    made = [noisy, *repaired(data, names, corruption, noisy, each, hidden, [*range(len(x))] * len(at), keep)]
    curves = [judge.together(data.distance(items, reference, judge.key).reshape(len(at), -1)) for items in made]
    curves[0][np.isnan(noisy).reshape(len(at), -1).any(1)] = np.nan
    return curves


# ---- Colour from grey.


def _colours(data: Dataset, compared: list[Shown], row: Corruption, keep: bool) -> None:
    """Why colour is hard: the figures of many items together, and what they say."""
    heads = [label for label, _ in labels(data, compared, row.name)]
    whole, *repairs = _colour_figures(data.name, tuple(model.name for model in compared), row.name, keep)
    lines = [
        f"| {label} | {psnr:.1f} | {colour:.0f} | {share:.0%} |"
        for label, (psnr, colour, share) in zip(heads, repairs, strict=True)
    ]
    st.markdown(
        f"**{COLOUR_ITEMS} {data.words.plural} together**\n\n| repair | PSNR of the pooled error, dB | colourfulness "
        "| better than grey |\n|---|---|---|---|\n" + "\n".join(lines)
    )
    best = int(np.argmax([pooled for pooled, _, _ in repairs]))
    psnr, colour, share = repairs[best]
    st.markdown(
        f"Colour from grey is a convention, not a consequence: nothing in a grey {data.words.noun} says that a heart "
        f"is red. Nearest is **{heads[best]}** with {psnr:.1f} dB; {share:.0%} of its {data.words.plural} are nearer "
        f"than grey, and its colourfulness is {colour:.0f} where that of the clean ones is {whole[1]:.0f}"
        + (": a mean of many possible colours is greyer than any of them." if colour < whole[1] else ".")
    )


@caches.kept(max_entries=8, show_spinner="Colouring many …")
def _colour_figures(
    dataset: str, names: tuple[str, ...], corruption: str, keep: bool
) -> list[tuple[float, float, float]]:
    """PSNR of the pooled error, mean colourfulness, share nearer than grey: of the clean items, then of each repair."""
    data = models.data(dataset)
    clean = data.items[:COLOUR_ITEMS]
    grey = data.corrupt(clean, corruption, 1.0, 0)
    made = repaired(data, names, corruption, grey, [1.0] * len(clean), None, range(len(clean)), keep)
    return [
        (
            figures.pooled_psnr(clean, items),
            float(figures.colourfulness(items).mean()),
            figures.improved(clean, grey, items),
        )
        for items in (clean, *made)
    ]
