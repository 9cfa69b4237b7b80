// The continuous scale of colours, and the values it spans.

import { mix } from "../js/colours.js";

/** @typedef {import("../js/common.js").Numbers} Numbers */

// Viridis (van der Walt and Smith, 2015) at nine even steps.
const VIRIDIS = [
  [68, 1, 84],
  [71, 45, 123],
  [59, 82, 139],
  [44, 114, 142],
  [33, 145, 140],
  [40, 174, 128],
  [94, 201, 98],
  [173, 220, 48],
  [253, 231, 37],
];

/**
 * The scale at t in [0, 1]. Its end that would melt into the ground is left out.
 * @param {number} t
 * @param {boolean} [dark]
 */
export function ramp(t, dark = false) {
  const [from, to] = dark ? [0.16, 1] : [0, 0.9];
  const at = (from + Math.min(1, Math.max(0, t)) * (to - from)) * (VIRIDIS.length - 1);
  const step = Math.min(VIRIDIS.length - 2, Math.floor(at));
  return mix(VIRIDIS[step], VIRIDIS[step + 1], at - step);
}

/**
 * The values between which most lie: a few outliers must not flatten the scale.
 * @param {Numbers} values
 * @param {number} [share]
 */
export function span(values, share = 0.01) {
  const sorted = Float32Array.from(values).filter(Number.isFinite).sort();
  if (!sorted.length) return [0, 1];
  const lo = sorted[Math.floor(share * (sorted.length - 1))];
  const hi = sorted[Math.ceil((1 - share) * (sorted.length - 1))];
  return hi > lo ? [lo, hi] : [lo, lo + 1];
}
