// Arithmetic of a threshold: pure, tested on its own. Scores run from the highest to the lowest; the first `flagged` of
// them are flagged. Items of one score cannot be parted: `ends` are the numbers of items that a threshold can flag.

import { clamp } from "../js/common.js";
import { ticks, withMinus } from "../js/ticks.js";

/**
 * @typedef {import("../js/common.js").Numbers} Numbers
 * @typedef {{ low: number, high: number, log: boolean }} Axis
 */

/** @param {Numbers} scores */
export function endsOf(scores) {
  const ends = [0];
  for (let i = 1; i <= scores.length; i++) if (i === scores.length || scores[i] !== scores[i - 1]) ends.push(i);
  return Uint32Array.from(ends);
}

/**
 * How many of the first i items are unusual, for i from 0 to all of them.
 * @param {Numbers} positive
 */
export function foundOf(positive) {
  const found = new Uint32Array(positive.length + 1);
  for (let i = 0; i < positive.length; i++) found[i + 1] = found[i] + positive[i];
  return found;
}

/**
 * The place in `rising` of the last number that is no more than `value`.
 * @param {Numbers} rising
 * @param {number} value
 */
export function placeIn(rising, value) {
  let [low, high] = [0, rising.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (rising[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * How many items have a score of at least `threshold`.
 * @param {Numbers} scores
 * @param {number} threshold
 */
export function flaggedAt(scores, threshold) {
  let [low, high] = [0, scores.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (scores[middle] >= threshold) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * {hits, alarms, misses, passed} where the first `flagged` items are flagged.
 * @param {Uint32Array} found
 * @param {number} flagged
 */
export function countsAt(found, flagged) {
  const items = found.length - 1;
  const unusual = found[items];
  const hits = found[flagged];
  return { hits, alarms: flagged - hits, misses: unusual - hits, passed: items - unusual - (flagged - hits) };
}

/**
 * The fewest items to flag where a miss costs `miss` false alarms and nothing costs less.
 * @param {Numbers} ends
 * @param {Uint32Array} found
 * @param {number} miss
 */
export function cheapestOf(ends, found, miss) {
  let [best, least] = [0, Infinity];
  for (const flagged of ends) {
    const { misses, alarms } = countsAt(found, flagged);
    const cost = miss * misses + alarms;
    if (cost < least) [best, least] = [flagged, cost];
  }
  return best;
}

/**
 * A threshold that flags so many items: between the last of them and the next, on the axis.
 * @param {Numbers} scores
 * @param {number} flagged
 * @param {Axis} axis
 */
export function thresholdOf(scores, flagged, axis) {
  const last = flagged ? scores[flagged - 1] : null;
  const next = flagged < scores.length ? scores[flagged] : null;
  if (last === null) return Math.max(axis.high, (next ?? 0) * (1 + 1e-6) + 1e-12);
  if (next === null) return Math.min(axis.low, last);
  const middle = toScore((toShare(last, axis) + toShare(next, axis)) / 2, axis);
  return middle > next && middle <= last ? middle : last;
}

/**
 * Where a score stands on the axis, from 0 to 1; beyond its ends at them; and back.
 * @param {number} score
 * @param {Axis} axis
 */
export function toShare(score, { low, high, log }) {
  const share = log ? Math.log(Math.max(score, 1e-30) / low) / Math.log(high / low) : (score - low) / (high - low);
  return clamp(share, 0, 1);
}

/**
 * @param {number} share
 * @param {Axis} axis
 */
export function toScore(share, { low, high, log }) {
  return log ? low * (high / low) ** share : low + (high - low) * share;
}

/**
 * Shares of each kind in `bins` bins of the axis: [usual, unusual], of one kind alone where none is known.
 * @param {Numbers} scores
 * @param {Numbers | null} positive
 * @param {Axis} axis
 * @param {number} bins
 */
export function histogramOf(scores, positive, axis, bins) {
  const kinds = positive ? [new Float64Array(bins), new Float64Array(bins)] : [new Float64Array(bins)];
  const totals = [0, 0];
  for (let i = 0; i < scores.length; i++) {
    const kind = positive ? positive[i] : 0;
    kinds[kind][Math.min(bins - 1, Math.floor(toShare(scores[i], axis) * bins))] += 1;
    totals[kind] += 1;
  }
  return kinds.map((kind, k) => kind.map((count) => count / totals[k]));
}

/**
 * Round numbers within the axis for its ticks.
 * @param {Axis} axis
 * @param {number} most
 */
export function ticksOf({ low, high, log }, most) {
  if (log) {
    const powers = [];
    for (let power = Math.ceil(Math.log10(low)); power <= Math.floor(Math.log10(high)); power++)
      powers.push(10 ** power);
    if (powers.length >= 2) return powers.filter((_, i) => i % Math.ceil(powers.length / most) === 0);
    const few = [1, 2, 5].flatMap((digit) => [-1, 0].map((up) => digit * 10 ** (Math.floor(Math.log10(high)) + up)));
    return few.filter((value) => value >= low && value <= high).sort((a, b) => a - b);
  }
  return ticks(low, high, most);
}

/** @param {number} value */
export function scoreText(value) {
  const size = Math.abs(value);
  const text = size && (size < 1e-4 || size >= 1e5) ? value.toExponential(1) : String(Number(value.toPrecision(3)));
  return withMinus(text);
}

/**
 * The tiles nearest to the threshold: `count` ranks above it and `count` below, of those that have one (rising ranks).
 * @param {Uint32Array} ranks
 * @param {number} flagged
 * @param {number} count
 */
export function tilesBeside(ranks, flagged, count) {
  let next = 0;
  let high = ranks.length;
  while (next < high) {
    const middle = (next + high) >> 1;
    if (ranks[middle] < flagged) next = middle + 1;
    else high = middle;
  }
  return {
    marked: next,
    above: ranks.slice(Math.max(0, next - count), next).reverse(),
    below: ranks.slice(next, next + count),
  };
}
