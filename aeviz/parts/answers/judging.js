// How near a repaired picture is to the clean one, as `aeviz.modalities.image.distances` has it. Pictures are values (C, H,
// W) in [0, 1].

import { withMinus } from "../js/ticks.js";

/**
 * @typedef {{ key: string, name: string, unit: string, digits: number, higher: boolean, counts: boolean }} Judge
 * @typedef {number[]} Shape (C, H, W)
 */

const WINDOW = 7; // px of a side, in which structures are compared
const [C1, C2] = [0.01 ** 2, 0.03 ** 2];

/**
 * Mean squared error; over those values alone that `among` marks, where it is given. NaN where there are none.
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} y
 * @param {ArrayLike<number>} [among]
 */
export function squaredError(x, y, among) {
  let [sum, count] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    if (among && !among[i]) continue;
    sum += (x[i] - y[i]) ** 2;
    count++;
  }
  return sum / count;
}

/**
 * Peak signal-to-noise ratio in dB for a peak of 1; infinite for no error.
 * @param {number} error
 */
export const decibels = (error) => -10 * Math.log10(error);

/**
 * Structural similarity (Wang et al. 2004): the mean over all windows.
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} y
 * @param {Shape} shape
 */
export function ssim(x, y, [channels, height, width]) {
  const least = Math.min(WINDOW, height, width);
  const side = least % 2 ? least : least - 1;
  let [sum, count] = [0, 0];
  for (let c = 0; c < channels; c++) {
    for (let top = 0; top + side <= height; top++) {
      for (let left = 0; left + side <= width; left++) {
        sum += similarity(x, y, c * height * width + top * width + left, side, width);
        count++;
      }
    }
  }
  return sum / count;
}

/**
 * Of one window, whose first value stands at `start`.
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} y
 * @param {number} start
 * @param {number} side
 * @param {number} pitch
 */
function similarity(x, y, start, side, pitch) {
  let [sumX, sumY, squareX, squareY, product] = [0, 0, 0, 0, 0];
  for (let row = 0; row < side; row++) {
    for (let i = start + row * pitch; i < start + row * pitch + side; i++) {
      sumX += x[i];
      sumY += y[i];
      squareX += x[i] * x[i];
      squareY += y[i] * y[i];
      product += x[i] * y[i];
    }
  }
  const count = side * side;
  const [meanX, meanY] = [sumX / count, sumY / count];
  const unbiased = count / (count - 1);
  const spread = unbiased * (squareX / count - meanX * meanX + (squareY / count - meanY * meanY));
  const together = unbiased * (product / count - meanX * meanY);
  const means = meanX * meanX + meanY * meanY;
  return ((2 * meanX * meanY + C1) * (2 * together + C2)) / ((means + C1) * (spread + C2));
}

/** @type {Record<string, (x: ArrayLike<number>, y: ArrayLike<number>, shape: Shape) => number>} */
export const JUDGED = {
  mse: (x, y) => squaredError(x, y),
  psnr: (x, y) => decibels(squaredError(x, y)),
  ssim,
};

/**
 * A figure with its unit, as `Distance.text` writes it.
 * @param {Judge} judge
 * @param {number} value
 */
export function told({ unit, digits, counts }, value) {
  const number = Number.isFinite(value) ? value.toFixed(counts && Number.isInteger(value) ? 0 : digits) : "inf";
  const named = counts && value === 1 ? unit.replace(/s$/, "") : unit;
  return withMinus(`${number} ${named}`.trim());
}

/**
 * The rows whose score is best; none where there is no score.
 * @param {Judge} judge
 * @param {number[]} scores
 */
export function bestOf({ higher }, scores) {
  const known = scores.filter((score) => !Number.isNaN(score));
  const best = known.length ? Math[higher ? "max" : "min"](...known) : NaN;
  return scores.flatMap((score, row) => (score === best ? [row] : []));
}

/**
 * Whether a score says that nothing is changed.
 * @param {Judge} judge
 * @param {number} score
 */
export const isWhole = ({ higher }, score) => (higher ? score === Infinity : score === 0);
