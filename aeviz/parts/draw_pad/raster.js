// Strokes as pixels without a canvas, for browsers that hide what a canvas shows.

import { rgb } from "../js/colours.js";
import { clamp } from "../js/common.js";
import { UNIT, curve, visible } from "./strokes.js";

/** @typedef {import("./strokes.js").Stroke} Stroke */

const PARTS = 6; // straight pieces of a bend

/**
 * A stroke as points along straight pieces, [x, y] each.
 * @param {number[]} points
 * @returns {number[][]}
 */
function straightened(points) {
  /** @type {number[][]} */
  const along = [];
  for (const [step, ...at] of curve(points)) {
    const [x, y] = along.at(-1) ?? at;
    if (step !== "Q") along.push(at);
    for (let part = 1; step === "Q" && part <= PARTS; part++) {
      const t = part / PARTS;
      const mixed = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ c) =>
        (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t * t * c;
      along.push([mixed(x, at[0], at[2]), mixed(y, at[1], at[3])]);
    }
  }
  return along;
}

/**
 * How far a place is from the straight piece between two points.
 * @param {number} x
 * @param {number} y
 * @param {number[]} a
 * @param {number[]} b
 */
function distance(x, y, [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const t = length ? clamp(((x - ax) * dx + (y - ay) * dy) / length, 0, 1) : 0;
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

/**
 * How much of each pixel (height, width) a stroke covers, from 0 to 1.
 * @param {Stroke} stroke
 * @param {number} width
 * @param {number} height
 */
function covered({ points, size }, width, height) {
  const scale = width / UNIT;
  const radius = (size * scale) / 2;
  const along = straightened(points).map(([x, y]) => [x * scale, y * scale]);
  const cover = new Float32Array(width * height);
  along.forEach((b, i) => {
    const a = along[Math.max(0, i - 1)];
    const reach = radius + 1;
    const [left, right] = [Math.min(a[0], b[0]) - reach, Math.max(a[0], b[0]) + reach].map((x) => clamp(x, 0, width));
    const [top, foot] = [Math.min(a[1], b[1]) - reach, Math.max(a[1], b[1]) + reach].map((y) => clamp(y, 0, height));
    for (let y = Math.floor(top); y < foot; y++) {
      for (let x = Math.floor(left); x < right; x++) {
        const share = clamp(radius + 0.5 - distance(x + 0.5, y + 0.5, a, b), 0, 1);
        cover[y * width + x] = Math.max(cover[y * width + x], share);
      }
    }
  });
  return cover;
}

/**
 * All strokes over the pad's ground, RGBA.
 * @param {Stroke[]} strokes
 * @param {string} ground
 * @param {number} width px
 * @param {number} height px
 */
export function rasterOf(strokes, ground, width, height) {
  const pixels = new Uint8ClampedArray(4 * width * height);
  const [r, g, b] = rgb(ground);
  for (let i = 0; i < pixels.length; i += 4) pixels.set([r, g, b, 255], i);
  for (const stroke of visible(strokes)) {
    const ink = stroke.tool === "eraser" ? [r, g, b] : rgb(stroke.colour);
    covered(stroke, width, height).forEach((share, i) => {
      for (let c = 0; share && c < 3; c++) pixels[4 * i + c] += share * (ink[c] - pixels[4 * i + c]);
    });
  }
  return pixels;
}
