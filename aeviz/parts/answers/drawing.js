// From a drawing to the picture that a network was trained on, as `aeviz.modalities.image.drawing` makes it.

import { clamp } from "../js/common.js";

/**
 * @typedef {{ values: Float64Array, height: number, width: number }} Plane
 * @typedef {{ shape: number[], convention: string, ground: number }} Convention shape: (C, H, W) of the picture; ground:
 *   value of an empty pixel
 */

const BOX = 20 / 28; // the share of MNIST's side that the digit itself may take
const MIN_INK = 0.1; // less ink than this is the edge of a stroke, not the stroke

/**
 * Means over `count` stretches of `step` pixels, from `start` on, of each line of `length` pixels of a plane: along its
 * rows, so that these become its columns.
 * @param {Plane} plane
 * @param {number} count
 * @param {number} start
 * @param {number} step
 * @returns {Plane}
 */
function averaged({ values, height, width }, count, start, step) {
  const out = new Float64Array(count * height);
  for (let i = 0; i < count; i++) {
    const [from, to] = [start + i * step, start + (i + 1) * step];
    for (let x = Math.max(0, Math.floor(from)); x < Math.min(width, Math.ceil(to)); x++) {
      const share = (Math.min(to, x + 1) - Math.max(from, x)) / step;
      if (share > 0) for (let y = 0; y < height; y++) out[i * height + y] += share * values[y * width + x];
    }
  }
  return { values: out, height: count, width: height };
}

/**
 * @param {Plane} plane
 * @param {number} rows
 * @param {number} columns
 * @param {[number, number]} starts
 * @param {[number, number]} steps
 */
const shrunk = (plane, rows, columns, starts, steps) =>
  averaged(averaged(plane, columns, starts[1], steps[1]), rows, starts[0], steps[0]);

/**
 * Where a run of ink starts on a side so that its centre of mass is the middle and nothing is cut off.
 * @param {number[]} ink
 * @param {number} side
 */
function offset(ink, side) {
  const total = ink.reduce((a, b) => a + b, 0);
  const centre = ink.reduce((sum, value, i) => sum + i * value, 0) / total;
  return clamp(Math.floor(side / 2 - centre + 0.5 + 1e-6), 0, side - ink.length);
}

/**
 * Planes of ink, scaled and centred as MNIST was: the ink in a box, its centre of mass in the middle of the field.
 * @param {Plane[]} planes
 * @param {number} rows
 * @param {number} columns
 */
function centred(planes, rows, columns) {
  const { height, width } = planes[0];
  const [ys, xs] = [
    [height, -1],
    [width, -1],
  ];
  for (const { values } of planes) {
    values.forEach((value, i) => {
      if (Math.abs(value) <= MIN_INK) return;
      const [y, x] = [Math.floor(i / width), i % width];
      [ys[0], ys[1]] = [Math.min(ys[0], y), Math.max(ys[1], y)];
      [xs[0], xs[1]] = [Math.min(xs[0], x), Math.max(xs[1], x)];
    });
  }
  const [tall, wide] = [ys[1] - ys[0] + 1, xs[1] - xs[0] + 1];
  const step = Math.max(tall / Math.round(rows * BOX), wide / Math.round(columns * BOX));
  const [down, across] = [tall, wide].map((length) => Math.ceil(length / step - 1e-9));
  /** @type {[number, number]} */
  const starts = [(tall - down * step) / 2, (wide - across * step) / 2];
  const small = planes.map((plane) =>
    shrunk(cropped(plane, ys[0], xs[0], tall, wide), down, across, starts, [step, step]),
  );
  const mass = (/** @type {number} */ i) => small.reduce((sum, { values }) => sum + Math.abs(values[i]), 0);
  const line = (/** @type {number} */ count, /** @type {(i: number) => number} */ sum) =>
    Array.from({ length: count }, (_, i) => sum(i));
  const top = offset(
    line(down, (y) => line(across, (x) => mass(y * across + x)).reduce((a, b) => a + b, 0)),
    rows,
  );
  const left = offset(
    line(across, (x) => line(down, (y) => mass(y * across + x)).reduce((a, b) => a + b, 0)),
    columns,
  );
  return small.map(({ values }) => {
    const field = new Float64Array(rows * columns);
    values.forEach((value, i) => {
      field[(top + Math.floor(i / across)) * columns + left + (i % across)] = value;
    });
    return field;
  });
}

/**
 * @param {Plane} plane
 * @param {number} top
 * @param {number} left
 * @param {number} height
 * @param {number} width
 * @returns {Plane}
 */
function cropped({ values, width: pitch }, top, left, height, width) {
  const out = new Float64Array(height * width);
  for (let y = 0; y < height; y++) {
    const start = (top + y) * pitch + left;
    out.set(values.subarray(start, start + width), y * width);
  }
  return { values: out, height, width };
}

/**
 * The picture (C, H, W) in [0, 1] that a drawing stands for, or null when nothing is drawn.
 * @param {ArrayLike<number>} pixels bytes (h, w) or (h, w, C), as `sent` says
 * @param {number[]} sent
 * @param {Convention} convention
 */
export function prepare(pixels, sent, { shape: [channels, rows, columns], convention, ground }) {
  const [height, width] = sent;
  const planes = Array.from({ length: channels }, (_, c) => {
    const values = Float64Array.from({ length: height * width }, (_, i) => (pixels[i * channels + c] - ground) / 255);
    return { values, height, width };
  });
  if (!planes.some(({ values }) => values.some((value) => Math.abs(value) > MIN_INK))) return null;
  const drawn =
    convention === "mnist"
      ? centred(planes, rows, columns)
      : planes.map((plane) => shrunk(plane, rows, columns, [0, 0], [height / rows, width / columns]).values);
  const picture = new Float32Array(channels * rows * columns);
  drawn.forEach((field, c) => {
    field.forEach((value, i) => {
      picture[c * rows * columns + i] = clamp(value + ground / 255, 0, 1);
    });
  });
  return picture;
}
