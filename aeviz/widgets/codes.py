"""Sliders and planes: widgets of one code."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from aeviz.latent import axes
from aeviz.latent.planes import Plane, flat
from aeviz.lessons.decode import Turned, plane_of, sliders_of
from aeviz.parts.hosts.anywidget import Array, Numbers, Widget, binary, module
from aeviz.parts.latent_pad import Pad
from aeviz.parts.latent_sliders import Fine, stamp_of
from aeviz.parts.sheets import count_for, strip
from aeviz.widgets.subjects import Subject, subject

Codes = NDArray[np.float32]
MAX_SLIDERS = 8  # at first
FINE_TILES = 97  # of the strip under the pointer, where the kernel makes it
ROUNDING = 1e-3  # of a number of a code, by which browser and kernel may differ


def sliders(
    model: Any,
    data: Any = None,
    labels: Any = None,
    *,
    start: Any = None,
    most: int = MAX_SLIDERS,
    basis: str = "coordinates",
    title: str = "",
    colour: str = "",
    **stated: Any,
) -> "Sliders":
    """A code as sliders, each track a film of what lies along it, with the decoded item beside them.

    model, data, labels, title, colour, stated: as `aeviz.widgets.subjects.subject` takes them. start: the item that the
    code is of at first, its row or the item itself. most: how many sliders there are, for the axes that matter most.
    basis: "coordinates", or "directions" for the principal directions of the codes.

    `code` (d,) is where the handles stand, once they are let go; set it, and they go there. Set `item` (*shape), and it
    is encoded.

    Raises ValueError for what does not fit, and as `subject` does.
    """
    shown = subject(model, data, labels, title=title, colour=colour, **stated).needs_no_class()
    return Sliders(shown, _latent_axes(shown, basis), _start(shown, start), most)


def pad(
    model: Any,
    data: Any = None,
    labels: Any = None,
    *,
    across: int = 0,
    up: int = 1,
    start: Any = None,
    basis: str = "coordinates",
    title: str = "",
    colour: str = "",
    **stated: Any,
) -> "PlanePad":
    """A plane of codes on which every place is an item: hover decodes, a click fixes a place.

    across, up: which axes span it, from 0 for the one that matters most; a code of two numbers is a plane by itself.
    start: an item through whose code the plane goes. The rest is as for `sliders`.

    `code` (d,) is the place that is fixed. Raises ValueError as `sliders` does.
    """
    shown = subject(model, data, labels, title=title, colour=colour, **stated).needs_no_class()
    latent_axes = _latent_axes(shown, basis)
    count = len(latent_axes.names)
    if across == up or not {across, up} <= set(range(count)):
        raise ValueError(f"A plane needs two different axes of 0 to {count - 1}, not {across} and {up}.")
    plane = flat(latent_axes) if count == 2 else Plane(latent_axes, (across, up))
    return PlanePad(shown, plane, _start(shown, start))


class CodeWidget(Widget):
    """A widget of one code of a model.

    code: (d,), a tuple of numbers. item: the item (*shape) that was encoded last, or None.
    """

    code = Numbers().tag(sync=True)
    item = Array()

    def __init__(self, shown: Subject, z: Codes) -> None:
        self.shown, self.tab, self.begun = shown, shown.tab, z
        super().__init__(
            code=z,
            networks=shown.networks,
            facts={"digest": self.tab.digest if self.tab else ""},
            told=["code", "item"],
        )
        self.data = self._data()
        self.observe(self._on_code, "code")
        self.observe(self._on_item, "item")

    @property
    def picture(self) -> Codes:
        """What the code decodes to, an item (*shape)."""
        return self.shown.model.explorer.decode(self._z[None])[0]

    @property
    def _z(self) -> Codes:
        return np.asarray(self.code, np.float32)

    @traitlets.validate("code")
    def _fitting(self, proposal: Mapping[str, Any]) -> tuple[float, ...]:
        code: tuple[float, ...] = proposal["value"]
        if len(code) != len(self.begun):
            raise traitlets.TraitError(f"The code has {len(self.begun)} numbers, not {len(code)}.")
        return code

    def _on_item(self, change: Mapping[str, Any]) -> None:
        """Encode an item. The browser may have done so already: what differs by rounding is left."""
        if change["new"] is None:
            return
        code = self.shown.encode(self.shown.item(change["new"]))
        if not np.allclose(code, self._z, atol=ROUNDING):
            self.code = code

    def _on_code(self, change: Mapping[str, Any]) -> None:
        if self.tab is None:
            self.data = self._data()

    def _data(self) -> dict[str, Any]:
        raise NotImplementedError

    def answer(self, name: str, value: Any) -> None:
        """A browser that cannot run the model gets pictures of the kernel."""
        if name == "refused":
            self.tab, self.networks = None, {}
            self.data = self._data()


class Sliders(CodeWidget):
    """The widget that `sliders` makes."""

    _esm = module("latent_sliders")

    def __init__(self, shown: Subject, latent_axes: axes.LatentAxes, z: Codes, most: int) -> None:
        if most < 1:
            raise ValueError(f"There must be a slider at least, not {most}.")
        self.latent_axes, self.count = latent_axes, min(most, len(latent_axes.names))
        self.wanted: int | None = None  # the axis whose finer strip the browser asked for
        self.values: list[float] | None = None  # that it sent last
        super().__init__(shown, z)

    def answer(self, name: str, value: Any) -> None:
        """As above; films follow the handles."""
        super().answer(name, value)
        if name == "values" and len(value) == self.count:
            self.values = [float(number) for number in value]
            values = self.latent_axes.read(self._z)
            values[: self.count] = value
            self.code = self.latent_axes.turned(self._z, values)
        elif name == "focus" and value in range(self.count):
            self.wanted = value
            self.data = self._data()

    def _data(self) -> dict[str, Any]:
        turned = Turned(self._z, self.begun, self.latent_axes)
        shown, fine = self.shown, None if self.tab else self._fine()
        return dict(
            binary(sliders_of(shown.data, shown.model, turned, self.tab, self.count, fine=fine, seen=self.values))
        )

    def _fine(self) -> Fine | None:
        """The finer strip of the axis in focus."""
        if self.wanted is None:
            return None
        data, axis = self.shown.data, self.wanted
        ends = self.latent_axes.ends(axis, float(self.latent_axes.read(self._z)[axis]))
        count = count_for(data.tiles(data.items[:1])[0], FINE_TILES)
        decoded = self.shown.model.explorer.decode(self.latent_axes.along(self._z, axis, count, *ends))
        sheet = strip(data.tiles(decoded), smooth=data.modality.smooth)
        return Fine(
            axis, *ends, sheet, stamp_of([float(value) for value in self.latent_axes.read(self._z)[: self.count]])
        )


class PlanePad(CodeWidget):
    """The widget that `pad` makes."""

    _esm = module("latent_pad")

    def __init__(self, shown: Subject, plane: Plane, z: Codes) -> None:
        self.plane, self.looked = plane, Pad()
        super().__init__(shown, z)

    def answer(self, name: str, value: Any) -> None:
        """As above; tiles follow what is looked at."""
        super().answer(name, value)
        if name != "pad":
            return
        self.looked = Pad(None, tuple(value["view"]) if value.get("view") else None)
        before = self.code
        if value.get("position"):
            self.code = self.plane.codes(self._z, np.array([value["position"]], np.float32))[0]
        if self.code == before:
            self.data = self._data()

    def _data(self) -> dict[str, Any]:
        turned = Turned(self._z, self.begun, self.plane.latent_axes, self.plane)
        return dict(binary(plane_of(self.shown.data, self.shown.model, turned, self.plane, self.tab, self.looked)))


def _latent_axes(shown: Subject, basis: str) -> axes.LatentAxes:
    if basis not in {"coordinates", "directions"}:
        raise ValueError(f"Unknown basis {basis!r}: expected 'coordinates' or 'directions'.")
    return axes.axes_of(shown.model.codes, basis)


def _start(shown: Subject, start: Any) -> Codes:
    """The code that a widget begins with: of an item, of the first one that its data are shown by."""
    return shown.encode(shown.item(shown.data.walk[0] if start is None else start))
