"""Compress: the same items within a budget of bytes, as each codec makes them."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from aeviz.app import caches, models, shell, url, widgets
from aeviz.app.choice import Choice, chosen
from aeviz.app.panels import data_table, notions, presentation
from aeviz.datasets.record import Dataset
from aeviz.datasets.sources import SOURCES
from aeviz.errors import DataError
from aeviz.evaluation import compression as measuring
from aeviz.evaluation import rates
from aeviz.evaluation.compression import Point
from aeviz.figures import files, palette
from aeviz.modalities.base import Distance
from aeviz.modalities.codecs.base import BARE, FILE, SHEET, SHEET_ITEMS, WAYS, Codec, Items, Setting
from aeviz.parts.dial import Chart, Line, Panel
from aeviz.parts.dial.streamlit import dial
from aeviz.parts.sheets import strip
from aeviz.store import checkpoints, registry

IDEA = r"""
A codec of $R$ bytes for each [[noun]] and of the distortion $D$ is a point; its settings make a curve, and a codec is
better where its curve is (Shannon 1959). An arithmetic coder writes a code in $\sum_i H(q_i) / 8$ bytes, where $H$ is
the entropy of a number over all [[plural]] (Ballé et al. 2017 train a network for just that).

The quality is the mean of each [[noun]]'s own. Ranges and PCA are taken from other [[plural]] than those that
are measured. What `aeviz rates` measured ahead is over all items of the test split, each half with the ranges and
components of the other half; the rest is measured on opening the page, over as many as the table says. A network is
**data-specific**: good at items like those it was trained on, and no others; a general program takes them all alike.
"""
OWN, PHOTO, NOISE = "own", "photo", "noise"
COUNTED_IN_FULL = {
    FILE: "Each codec writes a file for each [[noun]], header and all",
    BARE: "Headers are left out: what is the same in all files is not counted",
    SHEET: f"One file holds many [[plural]], {SHEET_ITEMS} at most, with one header",
}
COUNTED = {FILE: "a file each", BARE: "without headers", SHEET: "one file for all"}
COLOURS = ("#009E73", "#E69F00", "#56B4E9")  # of classical codecs
FORMAT = """A .code file holds, in this order, little-endian:
1 byte: b, the bits of a number; 2 bytes: d, how many numbers a code has;
d times 2 bytes: the lower end of each number's range, in half precision; d times 2 bytes: the upper ends;
for each item d times b bits, the highest bit first, filled up with zeros to whole bytes: q from 0 to 2^b - 1.
The number is low + q * (high - low) / (2^b - 1). The decoder of the model, or PCA's components, make an item of it.
"""
TILES, COLUMNS, ROOM = 8, 4, 200  # items of a panel at most, side by side at most, and the px that they have there
SHARE = 0.55  # of its width, what a panel is high at most
ROUND_NUMBERS = (1, 1.2, 1.4, 1.6, 2, 2.4, 2.8, 3.4, 4, 4.6, 5.4, 6.4, 7.4, 8.6)  # budgets within a decade
MOST_STORED = 7  # decimal places of N
STORED_STOPS = [round(10 ** (power / 4)) for power in range(4 * MOST_STORED + 1)]
TRIED = 200  # items of each kind of pictures in the table of others

PICTURES = url.Choice(
    "pictures",
    "what is compressed",
    default=OWN,
    among="`own`, another data set of the same kind by its name, `photo` (brought by each visitor anew), `noise`",
)
COUNT = url.Choice("count", "what counts as bytes: a file each, the same without headers, one file for all", WAYS, FILE)
JUDGE = url.Choice("measure", "by what quality is measured", among="the key of a distance, as `psnr`, `ssim`, `rmse`")
BUDGET = url.Whole("bytes", "the budget: bytes for each item", 1, 99_999_999, 100, handle=True)
WEIGHTS = url.Flag("decoder", "whether the decoder's weights are counted")
STORED = url.Whole("stored", "how many items the decoder is spread over", 1, 10**MOST_STORED, 100_000, handle=True)
FIRST = url.Whole("first", "the first item shown", 0, 40, 0)
PARAMETERS = (PICTURES, COUNT, JUDGE, BUDGET, WEIGHTS, STORED, FIRST)


@dataclass(frozen=True)
class Row:
    """A codec on the page: its name, its colour, its points, and whether its decoder is counted.

    learned: whether it needs a decoder of its own, and is no program that everybody has. kept: by what its points are
    kept, as `_points` is asked for them; None for those of a visitor's own items.
    """

    label: str
    colour: str
    points: tuple[Point, ...]
    counted: bool
    learned: bool
    kept: tuple[str, str, str, str, str] | None

    @property
    def weights(self) -> int:
        """Bytes of the largest decoder that it needs; 0 for a program, and where nobody can tell from outside."""
        return max(point.weights for point in self.points)


def page() -> None:
    """Draw the page."""
    choice = chosen()
    data = models.data(choice.dataset)
    shell.header(
        "How few bytes are enough?",
        "Drag the budget: each codec shows the same [[plural]] within so many bytes. Which can you still recognise?",
    )
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        pictures = _pictures(data)
        way = widgets.segments(COUNT, "Count", COUNTED, show_label=True)
        judge = _judge(data)
    items = _brought(data) if pictures == PHOTO else _items(data.name, pictures)
    if items is None:
        pictures, items = OWN, _items(data.name, OWN)
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        counting = widgets.toggle(WEIGHTS, "Count the decoder too")
        with st.container(horizontal=True, gap="small", vertical_alignment="center", width="content"):
            widgets.label("first shown")
            first = widgets.whole(FIRST, "First shown", show_label=False)
        notions.ask(notions.ROUNDING)
    rows = _rows(choice, data, pictures, items, way, judge, counting)
    shown = items[first:] if first < len(items) else items
    shown = shown[: _tiles(data)]
    first = first if first < len(items) else 0
    budget = _budget(data, rows, shown, first, judge)
    _said(data, rows, budget, judge)
    _saves(data, rows, budget, judge)
    _table(data, rows, budget, judge, way)
    _pays(data, choice, rows, shown, first, budget, judge)
    _others(data, choice, judge, items if pictures == PHOTO else None)
    shell.explain("What is counted, and how does a network compress?", _idea(data))


# --- What is compressed, and by what it is judged ---


def _pictures(data: Dataset) -> str:
    """Which items are compressed."""
    compression, own = data.modality.compression, {OWN: data.title}
    if compression.fitted:
        own |= {name: models.title(name) for name in _alike(data)}
    if compression.cut:
        own[PHOTO] = compression.cut_words
    if compression.noise:
        own[NOISE] = "noise"
    if len(own) == 1:
        return OWN
    return widgets.select(PICTURES, "What is compressed", own, width=230, show_label=True)


def _alike(data: Dataset) -> list[str]:
    """Bundled data sets, other than this, whose items are of the same kind."""
    return [name for name, row in SOURCES.items() if row.modality == data.modality.name and name != data.name]


def _judge(data: Dataset) -> Distance:
    """The distance that the page measures by: the one of repairs, or the last other one."""
    rows = {row.key: row for row in rates.judges(data)}
    usual = next(iter(rows))
    if len(rows) == 1:
        return rows[usual]
    names = {key: row.name for key, row in rows.items()}
    return rows[widgets.segments(JUDGE, "Quality", names, usual, show_label=True)]


@caches.kept(max_entries=8)
def _items(dataset: str, pictures: str) -> Items:
    data = models.data(dataset)
    compression = data.modality.compression
    if pictures == NOISE and compression.noise:
        return compression.noise(SHEET_ITEMS, data.shape, data.scale, 0)
    if pictures in SOURCES and compression.fitted and pictures != dataset:
        return compression.fitted(models.data(pictures).items[:SHEET_ITEMS], data.shape)
    return measuring.parted(data.items)[0]


def _brought(data: Dataset) -> Items | None:
    """A visitor's file cut into items; None, after a sentence, where there is none."""
    cut = data.modality.compression.cut
    file = st.file_uploader(
        "A photograph, or any picture",
        type=[ending.removeprefix(".") for ending in data.modality.endings],
        key="compress-file",
        max_upload_size=20,
    )
    if file is None or cut is None:
        st.caption(f"Until a file is there, {data.words.plural} of the data set are shown.")
        return None
    try:
        items, notes = cut(file.getvalue(), data.shape)
    except DataError as error:
        st.error(str(error), icon=":material/broken_image:")
        return None
    for note in notes:
        st.caption(note)
    return items


# --- Codecs and their curves ---


@caches.kept(max_entries=32)
def _network(name: str) -> Codec:
    """A model as a codec; ranges are from other items than those that are measured."""
    network = models.explorer(name)
    known = measuring.parted(models.data(network.config.dataset).items)[1]
    weights = measuring.decoder_bytes(network.model)
    return measuring.model_codec(name, name, network, network.encode(known)[0], weights)


@caches.kept(max_entries=8)
def _pca(dataset: str) -> Codec:
    return measuring.pca_codec(measuring.parted(models.data(dataset).items)[1])


def _codec(dataset: str, name: str) -> Codec:
    """A codec by its name: the modality's, PCA, or a model."""
    for codec in models.data(dataset).modality.compression.codecs:
        if codec.name == name:
            return codec
    return _pca(dataset) if name == measuring.PRINCIPAL else _network(name)


@caches.kept(max_entries=96, show_spinner="Compressing and reading back …")
def _points(dataset: str, name: str, pictures: str, way: str, judge: str) -> tuple[Point, ...]:
    items = _items(dataset, pictures)
    if pictures != OWN or not rates.known(dataset, name, _measured_of(dataset, name)):
        return _measured(dataset, name, items, way, judge)
    few = items if way == SHEET else items[: measuring.SHOWN]
    return rates.over_all(dataset, name, way, judge, _measured(dataset, name, few, way, judge))


def _measured_of(dataset: str, name: str) -> Mapping[str, str] | None:
    """What must be stated beside figures measured ahead: of a model which weights it has. None: nothing can be."""
    if registry.find_dataset(dataset):
        return None
    if name == measuring.PRINCIPAL or name in {codec.name for codec in models.modality(dataset).compression.codecs}:
        return {}
    return None if registry.find_model(name) else checkpoints.digests(models.folder_of(name))


def _measured(dataset: str, name: str, items: Items, way: str, judge: str) -> tuple[Point, ...]:
    data = models.data(dataset)
    return measuring.curve(_codec(dataset, name), data, items, way, data.modality.distance(judge))


def _of_brought(items: Items, key: tuple[object, ...], measure: Callable[[], Any]) -> Any:
    """What was measured on a visitor's own items: kept in the visitor's session alone, until others are brought."""
    digest = hashlib.blake2b(items.tobytes(), digest_size=9).hexdigest()
    before, kept = st.session_state.get("compress-brought", ("", {}))
    kept = kept if before == digest else {}
    if key not in kept:
        kept[key] = measure()
    st.session_state["compress-brought"] = (digest, kept)
    return kept[key]


def _rows(
    choice: Choice, data: Dataset, pictures: str, items: Items, way: str, judge: Distance, counting: bool
) -> list[Row]:
    """The codecs of the page: the pair, PCA, and those of the modality."""
    pair = {model.name: (model.label, model.colour) for model in choice.pair}
    names = pair | {measuring.PRINCIPAL: ("PCA", palette.INK)}
    for number, codec in enumerate(data.modality.compression.codecs):
        names[codec.name] = (codec.label, COLOURS[number % len(COLOURS)])
        if reason := codec.lacking():
            st.caption(reason)
    rows = []
    for name, (label, colour) in names.items():
        kept = None if pictures == PHOTO else (data.name, name, pictures, way, judge.key)
        if kept is None:
            measure = partial(_measured, data.name, name, items, way, judge.key)
            points = _of_brought(items, (data.name, name, way, judge.key), measure)
        else:
            points = _points(*kept)
        if points:
            learned = name in pair or name == measuring.PRINCIPAL
            rows.append(Row(label, colour, points, counting, learned, kept))
    return rows


# --- The dials ---


def _budget(data: Dataset, rows: list[Row], shown: Items, first: int, judge: Distance) -> int:
    """The dial of the budget, and the budget at which it rests."""
    stored = url.value(STORED)
    stops, usual = budgets(rows, stored), url.value(BUDGET)
    at = int(np.abs(np.log(stops) - np.log(usual)).argmin())
    views = [[_view(row, stop, stored, judge) for stop in stops] for row in rows]
    lines = [
        Line(row.label, row.colour, [_quality(point) for point in points], dashed=not row.learned)
        for row, points in zip(rows, views, strict=True)
    ]
    chart = Chart(
        lines,
        f"{judge.label}, mean of all",
        judge.unit_in(data.scale),
        x=stops,
        x_label=f"bytes for each {data.words.noun}",
        digits=judge.digits,
        logarithmic=True,
    )
    with st.container(key="card-budget"):
        dial(
            _panels(data, rows, views, shown, first, stored),
            [f"{stop:,} bytes" for stop in stops],
            at=at,
            label=f"Budget for each {data.words.noun}",
            key="compress-budget",
            on_stop=lambda: _on_stop(BUDGET, stops, "compress-budget"),
            chart=chart,
            smallest=_smallest(data, shown),
        )
    return stops[at]


def budgets(rows: Sequence[Row], stored: int) -> list[int]:
    """Round budgets from the fewest bytes that any codec needs to as many as any can use."""
    totals = [_bytes(row, point, stored) for row in rows for point in row.points]
    low, high = max(1, int(min(totals))), int(max(totals)) + 1
    decades = range(len(str(high)) + 1)
    stops = sorted({round(digits * 10**decade) for decade in decades for digits in ROUND_NUMBERS})
    within = [stop for stop in stops if low <= stop <= high and stop == int(stop)]
    return sorted({*within, low, high})


def _bytes(row: Row, point: Point, stored: int) -> float:
    return measuring.total(point, stored if row.counted else np.inf)


def _view(row: Row, budget: float, stored: int, judge: Distance) -> Point | None:
    return measuring.within(row.points, budget, judge, stored if row.counted else np.inf)


def _tiles(data: Dataset) -> int:
    """How many items a panel shows: as many as leave it no higher than it may be."""
    return files.fitting(data.tiles(data.items[:1])[0], TILES, COLUMNS, ROOM, SHARE)


def _smallest(data: Dataset, shown: Items) -> int:
    """Pixels that a panel is wide at least: items wider than high need more."""
    height, width = data.tiles(shown[:1]).shape[1:3]
    return 240 if width > files.WIDE * height else 150


def _stored(
    data: Dataset, rows: list[Row], shown: Items, first: int, budget: int, judge: Distance, chart: Chart
) -> None:
    """The dial of how many items are stored: as it grows, decoders fit into the budget."""
    stops, paid = STORED_STOPS, [replace(row, counted=True) for row in rows if row.weights]
    if not paid:
        return
    at = int(np.abs(np.log(stops) - np.log(url.value(STORED))).argmin())
    views = [[_view(row, budget, stop, judge) for stop in stops] for row in paid]
    with st.container(key="card-stored"):
        st.html(
            f'<p class="aeviz-label">within {budget:,} bytes for each {data.words.noun}, its share of the decoder '
            "among them</p>"
        )
        dial(
            _panels(data, paid, views, shown, first, stops),
            [f"{stop:,} {data.words.plural}" for stop in stops],
            at=at,
            label="Stored with one decoder",
            key="compress-stored",
            on_stop=lambda: _on_stop(STORED, stops, "compress-stored"),
            chart=chart,
            smallest=_smallest(data, shown),
        )


def _on_stop(parameter: url.Whole, stops: list[int], key: str) -> None:
    stop = st.session_state[key].get("stop")
    if stop is not None:
        url.remember(parameter, stops[int(stop)])


def _panels(
    data: Dataset,
    rows: list[Row],
    views: list[list[Point | None]],
    shown: Items,
    first: int,
    stored: int | list[int],
) -> list[Panel]:
    """The items themselves, and what each codec makes of them at each stop."""
    smooth, stops = data.modality.smooth, len(views[0])
    counts = stored if isinstance(stored, list) else [stored] * stops
    original = _together(data.tiles(shown))
    panels = [Panel("As they are", palette.INK, strip(original[None], smooth=smooth))]
    for row, points in zip(rows, views, strict=True):
        notes, settings = [], tuple(None if point is None else point.setting for point in points)
        if row.kept is None:
            drawn = _drawn_of(data, row.points, shown, first)
            sheet = sheet_of(data, drawn, original, settings)
        else:
            drawn, sheet = _drawn(*row.kept, first), _sheet(*row.kept, first, settings)
        for point, count in zip(points, counts, strict=True):
            if point is None:
                smallest = min(_bytes(row, known, count) for known in row.points)
                notes.append(f"cannot: its smallest is {_amount(smallest)}")
                continue
            _, figures = drawn[point.setting]
            amount = _amount(_bytes(row, point, count))
            # In front of a class, in large type, there is room for no more; the table below has all.
            notes.append(f"{amount} · {figures}" if presentation.on() else f"{amount}, {point.told} · {figures}")
        panels.append(Panel(row.label, row.colour, sheet, notes))
    return panels


Drawn = dict[Setting, tuple[NDArray[np.uint8], str]]  # by setting: what is made of the items shown, and its figures


@caches.kept(max_entries=96)
def _drawn(dataset: str, name: str, pictures: str, way: str, judge: str, first: int) -> Drawn:
    """As `_drawn_of`, of items that the page has by a name."""
    shown = _items(dataset, pictures)[first : first + _tiles(models.data(dataset))]
    return _drawn_of(models.data(dataset), _points(dataset, name, pictures, way, judge), shown, first)


def _drawn_of(data: Dataset, points: Sequence[Point], shown: Items, first: int) -> Drawn:
    """What a codec makes of the items shown, the first of which has a number, at each of its settings."""
    made = {point.setting: point.made[first : first + len(shown)] for point in points}
    return {setting: (_together(data.tiles(items)), figures_of(data, items, shown)) for setting, items in made.items()}


@caches.kept(max_entries=96)
def _sheet(
    dataset: str, name: str, pictures: str, way: str, judge: str, first: int, settings: tuple[Setting | None, ...]
) -> dict[str, Any]:
    """As `sheet_of`, of items that the page has by a name."""
    data = models.data(dataset)
    shown = _items(dataset, pictures)[first : first + _tiles(data)]
    return sheet_of(data, _drawn(dataset, name, pictures, way, judge, first), _together(data.tiles(shown)), settings)


def sheet_of(
    data: Dataset, drawn: Drawn, original: NDArray[np.uint8], settings: Sequence[Setting | None]
) -> dict[str, Any]:
    """What the browser gets of a codec: its tile at each setting in turn, an empty one like `original` for None."""
    empty = np.full_like(original, files.between(original[None]))
    tiles = [empty if setting is None else drawn[setting][0] for setting in settings]
    return strip(np.stack(tiles), smooth=data.modality.smooth)


def _together(tiles: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Items side by side as one tile."""
    return files.sheet(tiles, files.abreast(tiles, min(COLUMNS, len(tiles)), ROOM))


def figures_of(data: Dataset, made: Items, shown: Items) -> str:
    """How good what is shown is, by the distance of repairs and the last other one: means over what is shown."""
    figures = []
    for row in rates.judges(data):
        value = measuring.mean_quality(data.distance(made, shown, row.key), row)
        figures.append(f"{row.name}{'' if row.label.isupper() else ':'} {row.text(value, data.scale)}")
    whose = "this one" if len(shown) == 1 else f"these {len(shown)}"
    return f"{whose}: {', '.join(figures)}"


def _amount(number: float) -> str:
    return f"{number:,.0f} bytes" if number >= 20 else f"{number:.1f} bytes"


# --- What it comes to ---


def _said(data: Dataset, rows: list[Row], budget: int, judge: Distance) -> None:
    """Who is best within the budget, over all that is measured."""
    stored = url.value(STORED)
    able = [(row, point) for row in rows if (point := _view(row, budget, stored, judge))]
    if not able:
        st.info(f"No codec writes a {data.words.noun} in {budget:,} bytes.", icon=":material/trophy:")
        return
    best = judge.best([point.quality for _, point in able])
    winners = " and ".join(row.label for row, point in able if point.quality == best)
    unable = [row.label for row in rows if row.label not in {row.label for row, _ in able}]
    cannot = (
        f" {', '.join(unable[:-1])}{' and ' * (len(unable) > 1)}{unable[-1]} cannot write one in so few."
        if unable
        else ""
    )
    verb = "keeps" if " and " not in winners else "keep"
    st.info(
        f"Within **{budget:,} bytes** for each {data.words.noun}, **{winners}** {verb} most: {judge.name} "
        f"{judge.text(best, data.scale)}, the mean over all that are measured.{cannot}",
        icon=":material/trophy:",
    )


def _saves(data: Dataset, rows: list[Row], budget: int, judge: Distance) -> None:
    stored = url.value(STORED)
    with st.container(horizontal=True):
        widgets.save(
            "Curves as CSV", lambda: as_csv(rows, judge, stored), "aeviz-compress.csv", "text/csv",
            icon=":material/table:",
        )  # fmt: skip
        widgets.save(
            f"{data.words.plural.capitalize()} as PNG", lambda: _png(data, rows, budget, judge), "aeviz-compress.png",
            "image/png",
            icon=":material/download:",
        )  # fmt: skip
        widgets.save(
            "Compressed files as zip", lambda: _zip(data, rows, budget, judge), "aeviz-compress.zip",
            "application/zip", icon=":material/folder_zip:",
        )  # fmt: skip


def _quality(point: Point | None) -> float:
    return np.nan if point is None else point.quality


def as_csv(rows: Sequence[Row], judge: Distance, stored: int) -> str:
    """A line for each codec at each setting."""
    head = ["codec", "setting", "items", "bytes", "entropy_bytes", "decoder_bytes", judge.key]
    return files.csv(
        head,
        (
            [
                row.label, point.told, point.items, f"{_bytes(row, point, stored):.6g}",
                "" if point.entropy is None else f"{point.entropy:.6g}", point.weights, f"{point.quality:.6g}",
            ]
            for row in rows
            for point in row.points
        ),
    )  # fmt: skip


def _png(data: Dataset, rows: list[Row], budget: int, judge: Distance) -> bytes:
    """A row of items for each codec that keeps within the budget, in the order of the page."""
    first, stored = url.value(FIRST), url.value(STORED)
    made = [
        data.tiles(point.made[first : first + _tiles(data)])
        for row in rows
        if (point := _view(row, budget, stored, judge)) is not None
    ]
    return files.png(files.sheet(np.concatenate(made), len(made[0])), 4) if made else b""


def _zip(data: Dataset, rows: list[Row], budget: int, judge: Distance) -> bytes:
    """The files themselves within the budget, a folder for each codec."""
    buffer = io.BytesIO()
    endings = {codec.label: codec.ending for codec in data.modality.compression.codecs}
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("README.txt", FORMAT)
        for row in rows:
            point = _view(row, budget, url.value(STORED), judge)
            for number, file in enumerate(point.files if point else ()):
                archive.writestr(f"{row.label}/{number:03d}{endings.get(row.label, '.code')}", file)
    return buffer.getvalue()


def _table(data: Dataset, rows: list[Row], budget: int, judge: Distance, way: str) -> None:
    stored = url.value(STORED)
    lines = []
    for row in rows:
        point = _view(row, budget, stored, judge)
        smallest = min(row.points, key=lambda known: known.rate)
        lines.append(
            {
                "codec": row.label,
                "within the budget": point.told if point else "cannot",
                "bytes": _amount(_bytes(row, point or smallest, stored)) + ("" if point else " at least"),
                "entropy-coded": "" if not point or point.entropy is None else _amount(point.entropy),
                f"{judge.label}, mean of all": judge.text(point.quality, data.scale) if point else "",
                "decoder": _decoder(row, point or smallest),
                "measured on": f"{row.points[0].items:,} {data.words.plural}",
            }
        )
    data_table.show(lines)
    counts = sorted({point.items for row in rows for point in row.points})
    few = f"{counts[0]:,} to {counts[-1]:,}" if len(counts) > 1 else f"{counts[0]:,}"
    st.caption(
        f"{shell.filled(COUNTED_IN_FULL[way])}. Measured on {few} {data.words.plural}; ranges and PCA are "
        f"taken from others. {data.modality.compression.note}".rstrip()
    )


def _decoder(row: Row, point: Point) -> str:
    if not row.learned:
        return "a program"
    return f"{point.weights / 1000:,.0f} KB" if row.weights else "not known"


# --- Where a network begins to pay ---


def _pays(
    data: Dataset, choice: Choice, rows: list[Row], shown: Items, first: int, budget: int, judge: Distance
) -> None:
    """From how many items on a network is cheaper than each other codec at the same quality."""
    st.subheader("Where does a network begin to pay?", anchor=False)
    labels = {model.label for model in choice.pair}
    networks = [row for row in rows if row.label in labels]
    if not any(row.weights for row in networks):
        st.caption("How large these decoders are, nobody can tell from outside.")
        return
    offers = [_offer(row, rows, judge) for row in networks if row.weights]
    st.markdown("\n".join(f"- {_payment(data, offer, judge)}" for offer in offers))
    _stored(data, rows, shown, first, budget, judge, _chart_of_offers(data, offers, judge))


@dataclass(frozen=True)
class Offer:
    """A network at its best, and what each codec without weights asks for the same quality.

    asked: (codec, bytes for each item or None where it never reaches that).
    """

    row: Row
    point: Point
    asked: tuple[tuple[Row, float | None], ...]


def _offer(row: Row, rows: list[Row], judge: Distance) -> Offer:
    best = judge.best([point.quality for point in row.points])
    point = min((point for point in row.points if point.quality == best), key=lambda known: known.rate)
    asked = tuple((other, measuring.rate_at(other.points, best, judge)) for other in rows if not other.learned)
    return Offer(row, point, asked)


def _payment(data: Dataset, offer: Offer, judge: Distance) -> str:
    """From how many items on the network pays, in a sentence."""
    row, point = offer.row, offer.point
    parts = []
    for other, rate in offer.asked:
        count = measuring.pays_from(point.rate, point.weights, rate)
        if rate is None:
            parts.append(f"{other.label} never comes so near")
        elif not np.isfinite(count):
            parts.append(f"{other.label} needs {_amount(rate)}: against it the network never pays")
        elif coarsest := _better_at_its_coarsest(other, point, judge):
            parts.append(
                f"{other.label} takes {_amount(rate)} at its smallest and is better then ({judge.name} "
                f"{judge.text(coarsest.quality, data.scale)}): for fewer bytes alone the network pays from "
                f"**{count:,.0f} {data.words.plural}** on"
            )
        else:
            parts.append(
                f"{other.label} needs {_amount(rate)}: the network pays from **{count:,.0f} {data.words.plural}** on"
            )
    return (
        f"**{row.label}** needs {_amount(point.rate)} for {judge.name} {judge.text(point.quality, data.scale)}, and "
        f"{point.weights / 1000:,.0f} KB of decoder once. {'; '.join(parts)}."
    )


def _better_at_its_coarsest(row: Row, point: Point, judge: Distance) -> Point | None:
    """A codec's setting of fewest bytes where that is better than a point: there is no equal one to compare."""
    coarsest = min(row.points, key=lambda known: known.rate)
    return coarsest if measuring.better(coarsest.quality, point.quality, judge) else None


def _chart_of_offers(data: Dataset, offers: list[Offer], judge: Distance) -> Chart:
    """Bytes for each item as more are stored: a network's fall to its rate, others ask what the first one's equal asks.

    What is off the chart is left out: a network that stores a single item is thousands of times above the rest.
    """
    others = {row.label: (row, rate) for row, rate in offers[0].asked if rate is not None}
    top = 3 * max([*(rate for _, rate in others.values()), *(offer.point.rate for offer in offers)])
    lines = []
    for offer in offers:
        totals = [measuring.total(offer.point, stop) for stop in STORED_STOPS]
        lines.append(Line(offer.row.label, offer.row.colour, [total if total <= top else None for total in totals]))
    for row, rate in others.values():
        equal = not _better_at_its_coarsest(row, offers[0].point, judge)
        label = f"{row.label}, as good as {offers[0].row.label}" if equal else f"{row.label} at its smallest"
        lines.append(Line(label, row.colour, [rate] * len(STORED_STOPS), dashed=True))
    return Chart(
        lines,
        f"Bytes for each {data.words.noun}",
        "",
        x=STORED_STOPS,
        x_label=f"{data.words.plural} stored with one decoder",
        digits=0,
        logarithmic=True,
    )


# --- Data-specific ---


def _others(data: Dataset, choice: Choice, judge: Distance, brought: Items | None) -> None:
    """Networks on pictures that they never saw, a visitor's own among them, beside a codec that knows none."""
    compression = data.modality.compression
    if not compression.fitted:
        return
    st.subheader("Made for one kind of pictures", anchor=False)
    kinds = {OWN: data.title, **{name: models.title(name) for name in _alike(data)}, NOISE: "noise"}
    classical = compression.codecs[0]
    setting = classical.settings[2]
    names: dict[str, tuple[str, Setting]] = {
        model.name: (f"{model.label}, 8 bits a number", (8,)) for model in choice.pair
    }
    names[classical.name] = (f"{classical.label}, {classical.told(setting)}", setting)
    table, changes, (own, foreign, *_) = [], [], kinds
    for name, (label, at) in names.items():
        values = {kind: _one(data.name, name, kind, at, judge.key) for kind in kinds}
        if brought is not None:
            measure = partial(_at, data.name, name, brought[:TRIED], at, judge.key)
            values[PHOTO] = _of_brought(brought, (data.name, name, at, judge.key), measure)
        cells = {
            kinds.get(kind, "your picture"): f"{judge.text(quality, data.scale)}, {_amount(rate)}"
            for kind, (rate, quality) in values.items()
        }
        table.append({"codec": label} | cells)
        change = values[foreign][1] - values[own][1]
        changes.append(f"{label.split(',')[0]} {'+' if change > 0 else ''}{judge.text(change, data.scale)}")
    data_table.show(table)
    more = "" if brought is not None else " Choose a photograph above, and it has a column too."
    st.caption(
        f"{judge.label} and bytes without headers, over the first {TRIED} pictures of each kind. From {kinds[own]} to "
        f"{kinds[foreign]}: {', '.join(changes)}.{more}"
    )


@caches.kept(max_entries=64, show_spinner="Trying other pictures …")
def _one(dataset: str, name: str, pictures: str, setting: Setting, judge: str) -> tuple[float, float]:
    """As `_at`, of items that the page has by a name."""
    return _at(dataset, name, _items(dataset, pictures)[:TRIED], setting, judge)


def _at(dataset: str, name: str, items: Items, setting: Setting, judge: str) -> tuple[float, float]:
    """Bytes for each item, and its quality, of a codec at one setting."""
    data = models.data(dataset)
    codec = replace(_codec(dataset, name), settings=(setting,))
    (point,) = measuring.curve(codec, data, items, BARE, data.modality.distance(judge))
    return point.rate, point.quality


def _idea(data: Dataset) -> str:
    return IDEA.rstrip() + "\n\n" + " ".join(codec.idea for codec in data.modality.compression.codecs if codec.idea)
