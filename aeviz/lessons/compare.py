"""Compare as a section: the table and the plane of all figures, and what two models make, side by side."""

from collections.abc import Sequence

from aeviz.lessons.record import Part, Section, Words
from aeviz.parts import comparison
from aeviz.parts.comparison import Figure, Group, Model

NOTE = "Curves of training and histograms of codes are on the page in aeviz."


def section(
    models: Sequence[Model],
    figures: Sequence[Figure],
    groups: Sequence[Group],
    words: Words,
    *,
    shown: tuple[int, int],
    group: int,
    axes: tuple[str, str],
    credits: Sequence[str],
) -> Section:
    """All figures of all models; arguments as those of the part's `payload`."""
    data = comparison.payload(models, figures, groups, shown=shown, group=group, axes=axes)
    return Section(
        "compare",
        words=words,
        parts=(Part("comparison", "comparison", data, wide=True),),
        notes=(NOTE,),
        credits=tuple(credits),
    )
