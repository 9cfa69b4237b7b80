// The latent plane: codes as points.

import { fontOf } from "../js/common.js";
import { short, ticks } from "../js/ticks.js";
import { boxOf } from "../js/view.js";

/**
 * @typedef {import("../js/common.js").Numbers} Numbers
 *
 * @typedef {object} Scene
 * @property {number} width
 * @property {number} height
 * @property {import("../js/view.js").View} view
 * @property {Numbers} xs
 * @property {Numbers} ys
 * @property {Numbers} labels
 * @property {string[]} colours of the classes
 * @property {Map<number, number[]>} middles of the classes
 * @property {string[]} names of the classes
 * @property {number} ring radius of a circle round the origin
 * @property {string} ink
 * @property {string} ground
 * @property {string} quiet
 * @property {string} line
 * @property {string} font
 */

const RADIUS = 2.3; // px of a point
const TAIL = 0.005; // share of the codes on each side that may lie beyond the plane's edges

/**
 * [left, right, bottom, top] of nearly all of a frame's codes.
 * @param {Numbers} xs
 * @param {Numbers} ys
 * @returns {import("../js/view.js").Box}
 */
export function coreBox(xs, ys) {
  const core = (/** @type {Numbers} */ values) => {
    const sorted = Float32Array.from(values).sort();
    const cut = Math.floor(TAIL * sorted.length);
    return [sorted[cut], sorted[sorted.length - 1 - cut]];
  };
  const [[left, right], [bottom, top]] = [core(xs), core(ys)];
  return [left, right, bottom, top];
}

/**
 * The smallest box round all.
 * @param {import("../js/view.js").Box[]} boxes
 * @returns {import("../js/view.js").Box}
 */
export function around(boxes) {
  /**
   * @param {number} i
   * @param {(...values: number[]) => number} pick
   */
  const side = (i, pick) => pick(...boxes.map((box) => box[i]));
  return [side(0, Math.min), side(1, Math.max), side(2, Math.min), side(3, Math.max)];
}

/**
 * Of names wanted at places [x, y] in px, first come first served, those that do not cover one another.
 * @template {{ x: number, y: number, width: number }} N
 * @param {N[]} names
 * @param {number} [height]
 */
export function apart(names, height = 18) {
  /** @type {N[]} */
  const kept = [];
  for (const name of names) {
    const covers = (/** @type {N} */ { x, y, width }) =>
      Math.abs(x - name.x) < (width + name.width) / 2 && Math.abs(y - name.y) < height;
    if (!kept.some(covers)) kept.push(name);
  }
  return kept;
}

/**
 * What to paint: {width, height, view, xs, ys, labels, colours, middles, names, ring, ink, ground, font}.
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 */
export function paintPlane(context, scene) {
  const { width, height, view, ink, ground } = scene;
  /** @param {number} x */
  const px = (x) => x * view.k + view.tx;
  /** @param {number} y */
  const py = (y) => view.ty - y * view.k;
  context.clearRect(0, 0, width, height);
  paintGrid(context, scene, px, py);
  paintRing(context, scene, px, py);
  paintPoints(context, scene, px, py);
  context.font = fontOf(16, scene.font, 650);
  Object.assign(context, { textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 4 });
  const names = [...scene.middles].map(([label, [x, y]]) => {
    const text = scene.names[label];
    return { text, x: px(x), y: py(y), width: context.measureText(text).width + 4 };
  });
  for (const { text, x, y } of apart(names)) {
    context.strokeStyle = ground;
    context.strokeText(text, x, y);
    context.fillStyle = ink;
    context.fillText(text, x, y);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {(x: number) => number} px
 * @param {(y: number) => number} py
 */
function paintGrid(context, { width, height, view, quiet, line, font }, px, py) {
  const [left, right, bottom, top] = boxOf(view, width, height);
  const count = Math.max(5, Math.round(width / 90));
  Object.assign(context, {
    strokeStyle: line,
    fillStyle: quiet,
    lineWidth: 1,
    font: fontOf(13, font),
    textBaseline: "alphabetic",
  });
  context.beginPath();
  const columns = ticks(left, right, count);
  const unit = columns.length > 1 ? columns[1] - columns[0] : (right - left) / 2;
  for (const x of columns) {
    context.moveTo(Math.round(px(x)) + 0.5, 0);
    context.lineTo(Math.round(px(x)) + 0.5, height);
  }
  const rows = [];
  for (let y = Math.ceil(bottom / unit) * unit; y < top; y += unit) rows.push(y);
  for (const y of rows) {
    context.moveTo(0, Math.round(py(y)) + 0.5);
    context.lineTo(width, Math.round(py(y)) + 0.5);
  }
  context.stroke();
  context.textAlign = "center";
  for (const x of columns) if (px(x) > 40 && px(x) < width - 20) context.fillText(short(x), px(x), height - 6);
  context.textAlign = "left";
  for (const y of rows)
    if (py(y) > 16 && py(y) < height - 24) context.fillText(short(Math.abs(y) < unit / 1e6 ? 0 : y), 6, py(y) - 4);
}

/**
 * Where the prior puts most of its draws.
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {(x: number) => number} px
 * @param {(y: number) => number} py
 */
function paintRing(context, { view, ring, quiet }, px, py) {
  context.beginPath();
  context.arc(px(0), py(0), ring * view.k, 0, 2 * Math.PI);
  context.setLineDash([6, 5]);
  Object.assign(context, { strokeStyle: quiet, lineWidth: 1.5 });
  context.stroke();
  context.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scene} scene
 * @param {(x: number) => number} px
 * @param {(y: number) => number} py
 */
function paintPoints(context, { xs, ys, labels, colours }, px, py) {
  const paths = colours.map(() => new Path2D());
  labels.forEach((label, i) => {
    const [x, y] = [px(xs[i]), py(ys[i])];
    paths[label].moveTo(x + RADIUS, y);
    paths[label].arc(x, y, RADIUS, 0, 2 * Math.PI);
  });
  context.globalAlpha = 0.8;
  paths.forEach((path, label) => {
    context.fillStyle = colours[label];
    context.fill(path);
  });
  context.globalAlpha = 1;
}
