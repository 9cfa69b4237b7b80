// The drawing pad in a notebook: the widget's `drawn` is the item that the drawing stands for.

import { prepare } from "../answers/drawing.js";
import { bytesOf } from "../js/common.js";
import { sheetOf } from "../js/networks.js";
import { floatsOf, traitOf } from "../js/traits.js";

/** @type {import("../hosts/anywidget.js").Face} */
export const face = {
  names: ["drawn", "strokes", "number"],
  shown(data, { drawn, strokes, number }) {
    return { ...data, preview: drawn && sheetOf(floatsOf(drawn), data.facts.tile), strokes, number };
  },
  heard(name, { pixels, strokes, number }, { sent, facts }) {
    if (name !== "drawing") return null;
    const drawn = prepare(bytesOf(pixels), sent, facts.drawing);
    return { drawn: drawn && traitOf(drawn, facts.drawing.shape), strokes, number };
  },
};
