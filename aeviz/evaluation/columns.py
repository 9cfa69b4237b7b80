"""The columns in which models are compared: what each shows, how it is written, and which end is better."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from aeviz.evaluation.definitions import DEFINITIONS
from aeviz.evaluation.sweeps import modality_of
from aeviz.figures import files
from aeviz.modalities.base import OWN, Distance, Modality, Scale
from aeviz.modalities.registry import MODALITIES
from aeviz.model.families import FAMILIES
from aeviz.store.checkpoints import Card

MANY_TIMES = 9.0  # from which a gap is told as a factor
OWN_UNIT = ("rmse_all", "denoised_rmse", "compressed_rmse")  # figures in the unit of the data
Better = Literal["low", "high"]


@dataclass(frozen=True)
class MetricColumn:
    """A figure of models.

    key: in `metrics.json`, or one of this module's own. label: its heading, with the unit. form: how a number is
    written. definition: in a sentence or two. better: which end is better, None where neither is or where it cannot be
    compared. value: reads it from a card; None where it was not measured.
    """

    key: str
    label: str
    form: str
    definition: str
    better: Better | None
    value: Callable[[Card], float | None]

    @property
    def width(self) -> int:
        """Pixels that the heading and a starred number need."""
        return max(74, round(6.6 * len(self.label)) + 20)

    def text(self, value: float | None) -> str:
        """The number as it is written; nothing for a missing one."""
        if value is None:
            return ""
        if self.key == "gap" and value > MANY_TIMES:
            return f"× {1 + value:,.0f}"
        return self.form.format(value).replace("-", "−")

    def with_unit(self, modality: Modality, scale: Scale) -> "MetricColumn":
        """The same with the unit that its numbers have in a data set, where the heading does not say it."""
        unit = scale.unit if self.key in OWN_UNIT else ""
        unit = unit or next((row.unit_in(scale) for row in modality.distances if row.key == self.key), "")
        return self if unit in ("", "share") or unit in self.label else replace(self, label=f"{self.label}, {unit}")


def _of_metric(key: str, label: str, form: str, better: Better | None, note: str = "") -> MetricColumn:
    return MetricColumn(key, label, form, DEFINITIONS[key] + note, better, lambda card: card.metrics.get(key))


def _gap(card: Card) -> float | None:
    key = modality_of(card).error.key
    if card.config.get("training", {}).get("without"):  # its training split lacks a class that the test split has
        return None
    test, train = card.metrics.get(key), card.metrics.get(f"{key}_train")
    return None if not test or not train else test / train - 1


def _errors() -> list[MetricColumn]:
    """The errors of all modalities; a page shows those that some model has."""
    return [_distance(modality.error) for modality in MODALITIES.values()]


def _further_distances() -> list[MetricColumn]:
    """Their other distances but for one that repairs alone are judged by, and what is left after a repair."""
    columns = []
    for modality in MODALITIES.values():
        judge = modality.distance(modality.repair.judge)
        columns += [_distance(row) for row in modality.distances[1:] if row is not judge]
        unit = judge.unit if judge.unit not in ("", OWN) else judge.name
        label = f"denoised ({unit})" if unit is judge.unit else f"denoised, {unit}"
        columns.append(_of_metric(f"denoised_{judge.key}", label, _form(judge), _better(judge)))
    return columns


def _compressed() -> list[MetricColumn]:
    """What is left of an item after its code is rounded, by the distance that repairs are judged by."""
    judges = [modality.distance(modality.repair.judge) for modality in MODALITIES.values()]
    return [
        _of_metric(f"compressed_{judge.key}", f"compressed, {judge.name}", _form(judge), _better(judge))
        for judge in judges
    ]


def _distance(row: Distance) -> MetricColumn:
    return _of_metric(row.key, row.name, _form(row), _better(row))


def _better(row: Distance) -> Better:
    return "high" if row.better == "higher" else "low"


def _form(row: Distance) -> str:
    """How a mean over a split is written: likeness, of which all have nearly as much, with a digit more."""
    return f"{{:.{row.digits + (row.better == 'higher' and not row.unit)}f}}"


TERMS = " Compare it only between models of one likelihood and input (grey pictures and binary ones differ)."
CONDITIONAL_NOTE = " A conditional model is told the classes of the test split's items."
DAMAGE = " Each model meets the damage that it was trained for: compare it only between models of one corruption."
GROUPS: dict[str, tuple[str, tuple[MetricColumn, ...]]] = {
    "reconstruction": (
        "Reconstruction",
        (
            *_errors(),
            _of_metric("rmse_all", "error of all values (RMSE)", "{:.4f}", "low"),
            _of_metric("exact", "letter for letter", "{:.1%}", "high"),
            MetricColumn(
                "gap",
                "train–test gap",
                "{:+.1%}",
                "How much larger the error is on the test split than on the first 10,000 items at most of the training "
                "split. Far above 0, items were learned by heart; the splits differ by a per cent or two themselves. "
                "Not defined for a model that learned without one of the classes.",
                None,
                _gap,
            ),
            *_further_distances(),
            _of_metric("neg_elbo", "−ELBO (nats)", "{:.1f}", None, TERMS),
            _of_metric("nll", "NLL (nats)", "{:.2f}", "low"),
        ),
    ),
    "latent": (
        "Latent space",
        (
            _of_metric("active_units", "active units", "{:,.0f}", None),
            _of_metric("active_share", "active share", "{:.0%}", None),
            _of_metric("knn_accuracy", "kNN accuracy", "{:.1%}", "high"),
            _of_metric("linear_probe", "linear probe", "{:.1%}", "high"),
            _of_metric("mmd", "MMD² to N(0, I)", "{:.4f}", "low"),
            _of_metric("mmd_whitened", "MMD², whitened", "{:.4f}", "low"),
            _of_metric("kl", "KL (nats)", "{:.1f}", None),
            _of_metric("contraction", "code's motion", "{:.2f}", "low"),
        ),
    ),
    "generation": (
        "Generation",
        (
            _of_metric("frechet", "Fréchet, prior", "{:.1f}", "low", CONDITIONAL_NOTE),
            _of_metric("frechet_fitted", "Fréchet, fitted", "{:.1f}", "low", CONDITIONAL_NOTE),
            _of_metric("frechet_mixture", "Fréchet, mixture", "{:.1f}", "low", CONDITIONAL_NOTE),
            _of_metric("density", "density", "{:.2f}", "high", CONDITIONAL_NOTE),
            _of_metric("coverage", "coverage", "{:.1%}", "high", CONDITIONAL_NOTE),
            _of_metric("class_read", "read as told", "{:.1%}", "high"),
            _of_metric("class_read_worst", "worst class", "{:.1%}", "high"),
            _of_metric("longest_step", "longest step", "{:.2f}", None),
            _of_metric("new_plausible", "new and plausible", "{:.1%}", "high"),
            _of_metric("plausible", "plausible", "{:.1%}", "high"),
            _of_metric("new", "new", "{:.1%}", None),
            _of_metric("distinct", "distinct", "{:.1%}", None),
        ),
    ),
    "tasks": (
        "Tasks",
        (
            _of_metric("auroc", "AUROC", "{:.4f}", "high"),
            _of_metric("average_precision", "average precision", "{:.3f}", "high"),
            _of_metric("auroc_foreign", "AUROC, foreign", "{:.4f}", "high"),
            _of_metric("missing_error", "hidden values (RMSE)", "{:.3f}", "low"),
            _of_metric("missing_absolute", "hidden values, absolute", "{:.3f}", "low"),
            _of_metric("missing_right", "hidden categories right", "{:.1%}", "high"),
            _of_metric("repaired_psnr", "repaired (dB)", "{:.1f}", None, DAMAGE),
            _of_metric("repaired_ssim", "repaired, SSIM", "{:.3f}", None, DAMAGE),
            _of_metric("hole_psnr", "in the hole (dB)", "{:.1f}", None, DAMAGE),
            _of_metric("pooled_psnr", "colours (dB)", "{:.1f}", "high"),
            _of_metric("improved", "better than grey", "{:.0%}", "high"),
            _of_metric("probe_1", "1 label a class", "{:.1%}", "high"),
            _of_metric("probe_10", "10 labels a class", "{:.1%}", "high"),
            _of_metric("probe_100", "100 labels a class", "{:.1%}", "high"),
            _of_metric("same_class", "neighbours of its class", "{:.1%}", "high"),
            *_compressed(),
            _of_metric("compressed_bytes", "compressed, bytes", "{:.1f}", "low"),
        ),
    ),
    "size": (
        "Size",
        (
            MetricColumn(
                "layers",
                "layers",
                "{:,.0f}",
                "Layers of the encoder between the item and its code: convolutions and dense ones.",
                None,
                lambda card: card.layers,
            ),
            _of_metric("parameters", "weights", "{:,.0f}", "low"),
            MetricColumn(
                "megabytes",
                "file (MB)",
                "{:.2f}",
                DEFINITIONS["bytes"],
                "low",
                lambda card: None if "bytes" not in card.metrics else card.metrics["bytes"] / 1e6,
            ),
            MetricColumn(
                "epochs",
                "epochs",
                "{:,.0f}",
                "Passes over the training split.",
                None,
                lambda card: card.config.get("training", {}).get("epochs"),
            ),
        ),
    ),
}
CODE_SIZE = MetricColumn(
    "latent_dim", "code size", "{:,.0f}", "How many numbers a code holds.", None, lambda card: card.latent_dim
)
ALL = {column.key: column for column in (CODE_SIZE, *(column for _, columns in GROUPS.values() for column in columns))}


def best(column: MetricColumn, cards: Sequence[Card]) -> float | None:
    """The best value of a column; None where no end is better, or fewer than two models have it."""
    values = [value for value in map(column.value, cards) if value is not None]
    if column.better is None or len(values) < 2:
        return None
    return min(values) if column.better == "low" else max(values)


def csv(cards: Iterable[Card]) -> str:
    """Every figure that any of the models has, in full precision, a line for each."""
    lines = [(card, {key: column.value(card) for key, column in ALL.items()}) for card in cards]
    keys = [key for key in ALL if any(values[key] is not None for _, values in lines)]
    rows = ([card.name, card.family, *(values[key] for key in keys)] for card, values in lines)
    return files.csv(["model", "family", *keys], rows)


def by_family(cards: Mapping[str, Card]) -> dict[str, Card]:
    """Cards by name in the order of the table of families, then by code size; what is not measured comes last."""
    families = list(FAMILIES)

    def sort_key(name: str) -> tuple[bool, int, int, str]:
        card = cards[name]
        position = families.index(card.family) if card.family in families else len(families)
        return not card.metrics, position, card.latent_dim, name

    return {name: cards[name] for name in sorted(cards, key=sort_key)}
