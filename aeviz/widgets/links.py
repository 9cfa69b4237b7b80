"""Widgets that follow each other."""

from collections.abc import Mapping
from itertools import permutations
from typing import Any

from aeviz.parts.hosts.anywidget import Widget

SHARED = ("selected", "marked", "t")  # values that widgets have in common
CODE = "code"  # which those of one model have in common
DRAWN, ITEM = "drawn", "item"  # what one gives, and another takes

End = Widget | tuple[Widget, str]


def link(*ends: End) -> None:
    """Have widgets follow each other: in the browser, without a message to the kernel, and in the kernel too.

    The others take over what the first one has.

    ends: two or more widgets, each of which follows all others: a map, sliders and a plane of one model have one
    `code`, two maps of the same items one selection, and what is drawn on a pad is encoded by sliders and falls on a
    map. Or two pairs (widget, name of a value), of which the second follows the first.

    >>> widgets.link(pad, sliders, plane)
    >>> widgets.link((pad, "drawn"), (sliders, "item"))

    In a notebook that is saved as a page, links go on working. Raises ValueError where nothing can be linked.
    """
    if len(ends) < 2:
        raise ValueError("A link needs two widgets at least.")
    if all(isinstance(end, tuple) for end in ends):
        if len(ends) != 2:
            raise ValueError("A link between two values has two ends: the first is followed, the second follows.")
        pairs = [(*ends[0], *ends[1])]
    elif all(isinstance(end, Widget) for end in ends):
        pairs = [pair for source, target in permutations(ends, 2) for pair in _common(source, target)]
        tied = {id(end) for source, _, target, _ in pairs for end in (source, target)}
        if apart := [type(end).__name__ for end in ends if id(end) not in tied]:
            raise ValueError(f"{' and '.join(apart)} can follow none of the others, nor they it.")
    else:
        raise ValueError("Link widgets, or pairs of a widget and the name of a value: not both at once.")
    for pair in pairs:
        _follow(*pair)
    for source, name, target, to in pairs:
        if source is (ends[0][0] if isinstance(ends[0], tuple) else ends[0]) and getattr(source, name) is not None:
            setattr(target, to, getattr(source, name))


def _common(source: Any, target: Any) -> list[tuple[Any, str, Any, str]]:
    """What a widget can follow of another: (source, its value, target, its value)."""
    pairs = [(name, name) for name in SHARED] + [(DRAWN, ITEM)]
    if _one_model(source, target):
        pairs.append((CODE, CODE))
    return [(source, name, target, to) for name, to in pairs if source.has_trait(name) and target.has_trait(to)]


def _one_model(source: Any, target: Any) -> bool:
    """Whether a code means the same to two widgets. A map of codes alone says nothing of a model: another says it."""
    first, second = (getattr(widget, "shown", None) for widget in (source, target))
    if first is None or second is None:
        return first is not second
    return bool(first.is_of(second))


def _follow(source: Any, name: str, target: Any, to: str) -> None:
    """In the browser by what both have in their traits, in the kernel by an observer.

    What cannot be None keeps its value where the source has none.
    """
    for widget, trait in ((source, name), (target, to)):
        if not widget.has_trait(trait):
            raise ValueError(f"A {type(widget).__name__} has no value {trait!r}.")
    may_be_none = bool(target.traits()[to].allow_none)

    def take_over(change: Mapping[str, Any]) -> None:
        if change["new"] is not None or may_be_none:
            setattr(target, to, change["new"])

    source.told = sorted({*source.told, name})
    target.linked = [*target.linked, {"key": source.key, "name": name, "to": to, "none": may_be_none}]
    source.observe(take_over, name)
