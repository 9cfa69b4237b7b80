// What of a damaged picture is known of the clean one, put back into what a network makes, as
// `aeviz.evaluation.repair.keep_known` does. Pictures are values (C, H, W).

import { clamp } from "../js/common.js";

const BRIGHTNESS = [0.299, 0.587, 0.114];

/**
 * The mean of each square of `side` by `side` pixels in all of them.
 * @param {ArrayLike<number>} x
 * @param {number[]} shape
 * @param {number} side
 */
function squares(x, [channels, height, width], side) {
  const out = new Float32Array(channels * height * width);
  const corner = (/** @type {number} */ i) => i - (i % side);
  for (let at = 0; at < out.length; at++) {
    const [row, column] = [Math.floor(at / width) % height, at % width];
    const start = at - (row - corner(row)) * width - (column - corner(column));
    let sum = 0;
    for (let y = 0; y < side; y++) for (let i = 0; i < side; i++) sum += x[start + y * width + i];
    out[at] = sum / (side * side);
  }
  return out;
}

/**
 * The brightness of each pixel in all three channels.
 * @param {ArrayLike<number>} x
 */
function brightness(x) {
  const area = x.length / 3;
  return Float32Array.from({ length: x.length }, (_, i) =>
    BRIGHTNESS.reduce((sum, share, c) => sum + share * x[c * area + (i % area)], 0),
  );
}

// Kinds of damage that take no chances: once more of what is damaged they change nothing.
/** @type {Record<string, (x: ArrayLike<number>, shape: number[], level: number) => ArrayLike<number>>} */
const AGAIN = { "low-resolution": squares, grey: brightness };

/**
 * Whether what is known can be put back.
 * @param {string} kind
 * @param {boolean} holes
 */
export const restores = (kind, holes) => holes || kind in AGAIN;

/**
 * A repaired picture with what is known put back.
 * @param {ArrayLike<number>} made
 * @param {ArrayLike<number>} damaged
 * @param {{ name: string, shape: number[], level: number, hidden: ArrayLike<number> | null }} damage
 */
export function restored(made, damaged, { name, shape, level, hidden }) {
  if (hidden) return Float32Array.from(made, (value, i) => (hidden[i] ? value : damaged[i]));
  if (!level) return Float32Array.from(damaged);
  const again = AGAIN[name](made, shape, level);
  return Float32Array.from(made, (value, i) => clamp(value + damaged[i] - again[i], 0, 1));
}
