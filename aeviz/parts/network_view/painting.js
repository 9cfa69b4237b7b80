// Activations as colours, units as mosaics, and what joins one layer to the next.

import { mix, pixel, rgb } from "../js/colours.js";
import { contextOf, fitCanvas } from "../js/common.js";
import { toPixels } from "../js/networks.js";
import { arrange, placeOf, sidesOf, sizeOf } from "./arranging.js";

/**
 * @typedef {import("./network_view.js").Looks} Looks
 * @typedef {import("../js/theme.js").Theme} Theme
 * @typedef {{ below: string, zero: string, above: string, steps: Uint32Array }} Scale colours of −1, 0 and 1, and 255
 *   pixels from the one to the other
 * @typedef {(context: CanvasRenderingContext2D, looks: Looks, values: ArrayLike<number>, shape: number[],
 *   room: { width: number, height: number }, theme: Theme) => void} Sketch
 */

// Violet and green, both told apart by those who do not see red and green as two (ColorBrewer's PRGn).
const ENDS = { light: ["#762a83", "#f4f4f1", "#1b7837"], dark: ["#d29be0", "#23282d", "#7fd695"] };

/**
 * The colours of activations on a page.
 * @param {boolean} dark
 * @returns {Scale}
 */
export function scaleOf(dark) {
  const [below, zero, above] = dark ? ENDS.dark : ENDS.light;
  const [low, middle, high] = [below, zero, above].map(rgb);
  const steps = Uint32Array.from({ length: 255 }, (_, i) =>
    pixel(i < 127 ? mix(middle, low, (127 - i) / 127) : mix(middle, high, (i - 127) / 127)),
  );
  return { below, zero, above, steps };
}

const LETTER = 7; // px of the width of a letter, at least, where letters stand beside one another
const NAMED = 11.5; // px of the height of a bar that has its name beside it
const NAMES = 0.66; // of the width, for the names of bars
const POWER = 0.6; // of a value, by which its colour grows: small ones can be seen

/** @type {OffscreenCanvas | undefined} */
let sketchbook; // where a unit is painted, a pixel a value

/**
 * Values of a unit, (height, width), as a picture of as many pixels.
 * @param {Scale} scale
 * @param {ArrayLike<number>} values
 * @param {number} from
 * @param {number} height
 * @param {number} width
 * @param {number} reach the absolute value at the ends of the scale
 */
function picture(scale, values, from, height, width, reach) {
  sketchbook ??= new OffscreenCanvas(1, 1);
  if (sketchbook.width !== width || sketchbook.height !== height) Object.assign(sketchbook, { width, height });
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = scale.steps[stepOf(values[from + i], reach)];
  sketchbook.getContext("2d")?.putImageData(image, 0, 0);
  return sketchbook;
}

/**
 * Which of the colours of a scale a value has.
 * @param {number} value
 * @param {number} reach
 */
export function stepOf(value, reach) {
  const share = reach ? Math.min(1, Math.abs(value) / reach) : 0;
  return Math.round(127 + 127 * Math.sign(value) * share ** POWER);
}

/**
 * Paint the units of a layer on a canvas, as large as the room allows; how they lie.
 * @param {HTMLCanvasElement} canvas
 * @param {Scale} scale
 * @param {ArrayLike<number>} values (units, *places)
 * @param {number[]} shape
 * @param {number} reach
 * @param {{ width: number, height: number, cell?: number }} room in px, and how large a unit of one number may be
 */
export function paintUnits(canvas, scale, values, shape, reach, room) {
  const mosaic = arrange(shape, room.width, room.height, room.cell);
  const { width, height } = sizeOf(mosaic);
  const context = fitted(canvas, width, height);
  const [down, across] = sidesOf(shape);
  context.clearRect(0, 0, width, height);
  context.imageSmoothingEnabled = false;
  for (let unit = 0; unit < shape[0]; unit++) {
    const { x, y } = placeOf(mosaic, unit);
    const image = picture(scale, values, unit * down * across, down, across, reach);
    context.drawImage(image, x, y, mosaic.width, mosaic.height);
  }
  return mosaic;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function fitted(canvas, width, height) {
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  return fitCanvas(canvas, width, height);
}

/** @type {Sketch} */
const curves = (context, { low, high }, values, [channels, steps], { width, height }, { text }) => {
  const lane = height / channels;
  Object.assign(context, { strokeStyle: text, lineWidth: 1.5, lineJoin: "round" });
  for (let c = 0; c < channels; c++) {
    context.beginPath();
    for (let i = 0; i < steps; i++) {
      const value = values[c * steps + i];
      if (!Number.isFinite(value)) continue;
      const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
      context.lineTo((i / Math.max(1, steps - 1)) * width, c * lane + 2 + (1 - share) * (lane - 4));
    }
    context.stroke();
  }
};

/** @type {Sketch} */
const bars = (context, { low, high, names }, values, _, { width, height }, { text, edge, font }) => {
  const [pitch, reach] = [height / values.length, Math.max(Math.abs(low), Math.abs(high)) || 1];
  const from = names.length === values.length && pitch >= NAMED ? Math.round(width * NAMES) : 0;
  const zero = (from + width) / 2;
  context.fillStyle = edge;
  context.fillRect(zero - 0.5, 0, 1, height);
  Object.assign(context, { fillStyle: text, font: `11px ${font}`, textAlign: "left", textBaseline: "middle" });
  for (let i = 0; i < values.length; i++) {
    const length = (Math.min(1, Math.max(-1, (values[i] || 0) / reach)) * (width - from)) / 2;
    context.fillRect(zero + Math.min(0, length), i * pitch + pitch * 0.15, Math.abs(length), pitch * 0.7);
    if (from) context.fillText(cut(context, names[i].split(": ").at(-1) ?? "", from - 8), 5, (i + 0.5) * pitch);
  }
};

/**
 * The beginning of a text that fits into so much room.
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} room in px
 */
function cut(context, text, room) {
  if (context.measureText(text).width <= room) return text;
  let length = text.length - 1;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > room) length--;
  return `${text.slice(0, length)}…`;
}

/** @type {Sketch} */
const symbols = (context, { names }, values, [count, places], { width, height }, { text, font }) => {
  const upright = width / places < LETTER;
  const [across, down] = upright ? [width, height / places] : [width / places, height];
  const size = Math.min(22, 1.5 * Math.min(across, down));
  Object.assign(context, {
    fillStyle: text,
    font: `600 ${size}px ${font}`,
    textAlign: "center",
    textBaseline: "middle",
  });
  for (let place = 0; place < places; place++) {
    let best = 0;
    for (let i = 1; i < count; i++) if (values[i * places + place] > values[best * places + place]) best = i;
    context.globalAlpha = Math.min(1, Math.max(0.15, values[best * places + place]));
    const [x, y] = upright ? [width / 2, (place + 0.5) * down] : [(place + 0.5) * across, height / 2];
    context.fillText((names[best] ?? "").toUpperCase(), x, y);
  }
  context.globalAlpha = 1;
};

/** @type {Record<string, Sketch>} */
const SKETCHES = { curves, bars, symbols };

/**
 * Paint an item, given or made, in the way of its kind, as large as the room allows.
 * @param {HTMLCanvasElement} canvas
 * @param {Looks} looks
 * @param {ArrayLike<number>} values (*shape)
 * @param {number[]} shape
 * @param {{ width: number, height: number }} room in px
 * @param {Theme} theme
 */
export function paintItem(canvas, looks, values, shape, room, theme) {
  if (looks.tile) {
    const { width, height, smooth } = looks.tile;
    const side = Math.min(room.width / width, room.height / height);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const size = { width: `${side * width}px`, height: `${side * height}px`, imageRendering: smooth ? "auto" : "" };
    Object.assign(canvas.style, size);
    const image = new ImageData(width, height);
    toPixels(image.data, values, looks.tile);
    return contextOf(canvas).putImageData(image, 0, 0);
  }
  const { width, height } = room;
  const context = fitted(canvas, width, height);
  context.clearRect(0, 0, width, height);
  (SKETCHES[looks.kind] ?? bars)(context, looks, values, shape, room, theme);
}

/**
 * Paint what joins each box to the next, as wide as they are: encoder, bottleneck and decoder as one shape.
 * @param {CanvasRenderingContext2D} context
 * @param {{ left: number, top: number, width: number, height: number }[]} boxes in px of the canvas
 * @param {string} accent
 * @param {boolean} across whether the layers stand from left to right
 */
export function paintRibbons(context, boxes, accent, across) {
  context.fillStyle = accent;
  context.globalAlpha = 0.14;
  for (let i = 0; i + 1 < boxes.length; i++) {
    const [a, b] = [boxes[i], boxes[i + 1]];
    const from = across ? a.left + a.width : a.top + a.height;
    const to = across ? b.left : b.top;
    const edges = across
      ? [a.top, a.top + a.height, b.top, b.top + b.height]
      : [a.left, a.left + a.width, b.left, b.left + b.width];
    const middle = (from + to) / 2;
    const at = (/** @type {number} */ along, /** @type {number} */ beside) =>
      across ? [along, beside] : [beside, along];
    const bend = (/** @type {number} */ end, /** @type {number} */ first, /** @type {number} */ last) => {
      const points = [...at(middle, first), ...at(middle, last), ...at(end, last)];
      context.bezierCurveTo(points[0], points[1], points[2], points[3], points[4], points[5]);
    };
    context.beginPath();
    const [x, y] = at(from, edges[0]);
    context.moveTo(x, y);
    bend(to, edges[0], edges[2]);
    const [u, v] = at(to, edges[3]);
    context.lineTo(u, v);
    bend(from, edges[3], edges[1]);
    context.fill();
  }
  context.globalAlpha = 1;
}
