"""Compare as a section: the table and the plane of all figures, and what two models make, side by side."""

from collections.abc import Sequence

from aeviz.lessons.record import Part, Section, Words
from aeviz.parts import comparison
from aeviz.parts.comparison import Figure, Group, Model


def section(
    models: Sequence[Model],
    figures: Sequence[Figure],
    groups: Sequence[Group],
    words: Words,
    *,
    shown: tuple[int, int],
    group: int,
    axes: tuple[str, str],
    csv: tuple[str, str],
    credits: Sequence[str],
) -> Section:
    """All figures of all models; arguments as those of the part's `payload`."""
    data = comparison.payload(models, figures, groups, shown=shown, group=group, axes=axes, csv=csv)
    return Section(
        "compare",
        words=words,
        parts=(Part("comparison", "comparison", data, wide=True),),
        credits=tuple(credits),
    )
