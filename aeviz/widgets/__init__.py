"""The parts in a notebook: maps, sliders, planes and pads as widgets, linked with each other and with Python.

    from aeviz import widgets

    pad, sliders = widgets.drawing_pad(), widgets.sliders("mnist-vae")
    widgets.link(pad, sliders)                       # what is drawn is encoded, and the handles go there
    sliders.observe(lambda change: print(change.new), "code")

They take anywidget: `pip install "aeviz[notebook]"`. Networks run in the browser where that knows them; for others the
kernel makes the pictures.
"""

try:
    from aeviz.parts.hosts.anywidget import Widget
except ModuleNotFoundError as error:
    if error.name not in {"anywidget", "traitlets"}:
        raise
    raise ModuleNotFoundError(
        'Widgets need anywidget, which is not installed: pip install "aeviz[notebook]"', name=error.name
    ) from None

from aeviz.widgets.codes import pad, sliders
from aeviz.widgets.drawing import drawing_pad
from aeviz.widgets.links import link
from aeviz.widgets.maps import latent_map
from aeviz.widgets.ways import scrubber

__all__ = ["Widget", "drawing_pad", "latent_map", "link", "pad", "scrubber", "sliders"]
