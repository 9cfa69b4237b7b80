// The pad as the person sees it, and what the network sees of it.

import { contextOf, fitCanvas } from "../js/common.js";
import { prepare } from "../js/drawing.js";
import { pixelsOf } from "../js/readback.js";
import { loadSheet, paintTile } from "../js/sheets.js";
import { rasterOf } from "./raster.js";
import { UNIT, curve, visible } from "./strokes.js";

/**
 * @typedef {import("./draw_pad.js").Pad} Pad
 * @typedef {import("./strokes.js").Stroke} Stroke
 * @typedef {import("../js/sheets.js").Sheet} Sheet
 * @typedef {{ shape: number[], colour: boolean, convention: string }} Draws What a drawing becomes: a picture of `shape`,
 *   (H, W), by a convention of `aeviz.modalities.image.drawing`; whether in colour, on white.
 */

const SENT = { grey: 112, colour: 64 }; // pixels along the longer side that a picture is made of, as in __init__.py
const SEEN_THROUGH = 0.85; // opacity of strokes over a picture

/**
 * Over a picture (`through`) the eraser takes strokes away; elsewhere it paints the pad's ground.
 * @param {CanvasRenderingContext2D} context
 * @param {Stroke} stroke
 * @param {number} scale
 * @param {string} ground
 * @param {boolean} [through]
 */
function paintStroke(context, stroke, scale, ground, through = false) {
  const { points, size, tool, colour } = stroke;
  context.globalCompositeOperation = through && tool === "eraser" ? "destination-out" : "source-over";
  context.lineWidth = size * scale;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = context.fillStyle = tool === "eraser" ? ground : colour;
  context.beginPath();
  if (points.length === 2) {
    context.arc(points[0] * scale, points[1] * scale, (size * scale) / 2, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  for (const [step, ...at] of curve(points)) {
    const [a, b, c, d] = at.map((value) => value * scale);
    if (step === "M") context.moveTo(a, b);
    else if (step === "L") context.lineTo(a, b);
    else context.quadraticCurveTo(a, b, c, d);
  }
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Pick<Pad, "height" | "ground">} pad
 * @param {Stroke[]} strokes
 * @param {number} width
 * @param {boolean} [through]
 */
export function paintStrokes(context, pad, strokes, width, through = false) {
  const height = (width * pad.height) / UNIT;
  context.globalCompositeOperation = "source-over";
  context.clearRect(0, 0, width, height);
  context.fillStyle = pad.ground;
  if (!through) context.fillRect(0, 0, width, height);
  for (const stroke of visible(strokes)) paintStroke(context, stroke, width / UNIT, pad.ground, through);
}

/**
 * Strokes over the pad's ground as pixels (height, width), RGBA.
 * @param {HTMLCanvasElement} canvas to paint on
 * @param {Pick<Pad, "height" | "ground">} pad
 * @param {Stroke[]} strokes
 * @param {number} width
 * @param {number} height
 */
export function pixelsOfStrokes(canvas, pad, strokes, width, height) {
  Object.assign(canvas, { width, height });
  const context = contextOf(canvas, { willReadFrequently: true });
  paintStrokes(context, pad, strokes, width);
  return pixelsOf(context, width, height) ?? rasterOf(strokes, pad.ground, width, height);
}

/**
 * The picture that a network sees of strokes, (C, H, W); null where nothing is drawn.
 * @param {HTMLCanvasElement} layer to paint on
 * @param {Pick<Pad, "height" | "ground">} pad
 * @param {Stroke[]} strokes
 * @param {Draws} draws
 */
export function pictureOf(layer, pad, strokes, { shape, colour, convention }) {
  if (!visible(strokes).length) return null;
  const times = Math.max(1, Math.floor((colour ? SENT.colour : SENT.grey) / Math.max(...shape)));
  const [height, width] = shape.map((side) => side * times);
  const pixels = pixelsOfStrokes(layer, pad, strokes, width, height);
  const drawn = { height, width, step: 4, channels: colour ? 3 : 1, ground: colour ? 255 : 0 };
  return prepare(pixels, drawn, shape, convention);
}

/** @param {Pad} pad */
function paint(pad) {
  pad.frame = 0;
  const [width, height] = [pad.size, (pad.size * pad.height) / UNIT];
  // Finished strokes are kept as a picture, so that a frame costs one stroke however much is drawn.
  const context = fitCanvas(pad.ink, width, height);
  const { picture } = pad;
  const stamp = `${pad.ink.width}·${pad.version}·${Boolean(picture)}`;
  if (pad.stamp !== stamp || (picture && pad.stroke)) {
    const strokes = picture && pad.stroke ? [...pad.strokes, pad.stroke] : pad.strokes;
    paintStrokes(fitCanvas(pad.layer, width, height), pad, strokes, width, Boolean(picture));
    pad.stamp = picture && pad.stroke ? "" : stamp;
  }
  if (picture) paintTile(context, picture, 0, 0, 0, width, height);
  context.globalAlpha = picture ? SEEN_THROUGH : 1;
  context.drawImage(pad.layer, 0, 0, width, height);
  context.globalAlpha = 1;
  if (pad.stroke && !picture) paintStroke(context, pad.stroke, width / UNIT, pad.ground);
  if (pad.pen && (pad.hovered || pad.keyed)) paintPen(context, pad, width / UNIT);
  paintMade(pad);
}

/**
 * What models make of the drawing, where it has changed.
 * @param {Pad} pad
 */
function paintMade(pad) {
  const { stroke, strokes, version, shape, convention, reduced, kept } = pad;
  const drawn = stroke ? [...strokes, stroke] : strokes;
  const colour = pad.sent.length > 2;
  pad.rebuilt.paint(`${version} ${stroke?.points.length ?? ""}`, () =>
    kept && !drawn.length ? kept : pictureOf(reduced, pad, drawn, { shape, colour, convention }),
  );
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Pad} pad
 * @param {number} scale
 */
function paintPen(context, pad, scale) {
  if (!pad.pen) return;
  const [x, y] = pad.pen;
  const radius = Math.max(2, (pad.width * scale) / 2);
  const circle = (/** @type {string} */ colour, /** @type {number} */ lineWidth) => {
    context.strokeStyle = colour;
    context.lineWidth = lineWidth;
    context.beginPath();
    context.arc(x * scale, y * scale, radius, 0, 2 * Math.PI);
    context.stroke();
  };
  circle("#000", 3);
  circle("#fff", 1.25);
}

/** @param {Pad} pad */
export function repaint(pad) {
  pad.frame ||= requestAnimationFrame(() => paint(pad));
}

/**
 * The picture that is painted on.
 * @param {Pad} pad
 * @param {Sheet | null} sheet
 */
export async function showGround(pad, sheet) {
  pad.root.classList.toggle("over", Boolean(sheet));
  const url = (pad.groundUrl = sheet?.url ?? "");
  const loaded = sheet && (await loadSheet(sheet));
  if (pad.groundUrl !== url) return;
  pad.picture = loaded ?? null;
  repaint(pad);
}

/**
 * @param {Pad} pad
 * @param {Sheet | null} sheet
 * @param {number[]} shape
 */
export async function showPreview(pad, sheet, shape) {
  const label = sheet ? `What the network sees: ${shape.join(" by ")} pixels` : "Nothing is drawn yet";
  pad.seen.setAttribute("aria-label", label);
  const url = (pad.previewUrl = sheet?.url ?? "");
  const times = Math.max(1, Math.round(112 / shape[1]));
  pad.seen.style.width = `${times * shape[1]}px`;
  pad.seen.style.height = `${times * shape[0]}px`;
  const loaded = sheet && (await loadSheet(sheet));
  if (pad.previewUrl !== url) return;
  [pad.seen.height, pad.seen.width] = shape;
  const context = contextOf(pad.seen);
  context.fillStyle = pad.ground;
  context.fillRect(0, 0, shape[1], shape[0]);
  if (loaded) paintTile(context, loaded, 0, 0, 0, shape[1], shape[0]);
}
