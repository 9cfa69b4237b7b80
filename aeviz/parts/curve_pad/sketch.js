// The values of a curve under a hand, NaN where there is none. A place on it counts steps from the first value.

import { clamp } from "../js/common.js";
import { short, ticks } from "../js/ticks.js";

/**
 * @typedef {object} Axes
 * @property {number} low end of the axis, which no hand leaves
 * @property {number} high
 * @property {string} unit of the values
 * @property {number} start time of the first value
 * @property {number} step time from one value to the next
 * @property {string} timeUnit
 *
 * @typedef {{ at: number, value: number }} Hand
 */

/**
 * The values after a hand went from one {at, value} to another: only what it passed is changed. A value that it comes
 * near to without passing it follows it too, so that a hand that stays in place can still move the value under it.
 * @param {number[]} values
 * @param {Hand} from
 * @param {Hand} to
 */
export function pulled(values, from, to) {
  const result = values.slice();
  const [left, right] = from.at <= to.at ? [from, to] : [to, from];
  const [first, last] = [Math.max(0, Math.ceil(left.at)), Math.min(values.length - 1, Math.floor(right.at))];
  for (let i = first; i <= last; i++) {
    const share = right.at > left.at ? (i - left.at) / (right.at - left.at) : 1;
    result[i] = left.value + share * (right.value - left.value);
  }
  const near = clamp(Math.round(to.at), 0, values.length - 1);
  const passed = first <= near && near <= last && left.at < right.at;
  if (!passed && Math.abs(near - to.at) <= Math.abs(near - from.at)) result[near] = to.value;
  return result;
}

/**
 * What a key makes of {cursor, values}: another cursor, or another value under it; null for a key that means nothing.
 * A value that is missing begins where its left neighbour lies, or else at zero.
 * @param {{ cursor: number, values: number[] }} curve
 * @param {string} key
 * @param {boolean} far
 * @param {Axes} axes
 */
export function keyed({ cursor, values }, key, far, { low, high }) {
  const last = values.length - 1;
  const step = far ? 10 : 1;
  const move = { ArrowLeft: cursor - step, ArrowRight: cursor + step, Home: 0, End: last }[key];
  if (move !== undefined) return { cursor: clamp(move, 0, last), values };
  const sign = { ArrowUp: 1, ArrowDown: -1 }[key];
  if (!sign) return null;
  const begun = [values[cursor], values[cursor - 1]].find(Number.isFinite) ?? 0;
  const changed = values.slice();
  changed[cursor] = clamp(begun + (sign * step * (high - low)) / 100, low, high);
  return { cursor, values: changed };
}

const HOURS = [1, 2, 3, 6, 12, 24, 48, 120, 240]; // between two ticks

/**
 * Round numbers from low to high, `most` of them or fewer; hours go by parts of a day.
 * @param {number} low
 * @param {number} high
 * @param {number} most
 * @param {string} [unit]
 */
export function axisTicks(low, high, most, unit = "") {
  return ticks(low, high, most, unit === "h" && (high - low) / most > 0.5 ? { steps: HOURS } : {});
}

/**
 * @param {number} value
 * @param {string} unit
 */
const measured = (value, unit) => (unit ? `${short(value)} ${unit}` : short(value));

/**
 * One value of a curve in words: "0.12 s: 0.4 mV".
 * @param {number[]} values
 * @param {number} index
 * @param {Axes} axes
 */
export function spoken(values, index, axes) {
  const time = measured(axes.start + index * axes.step, axes.timeUnit);
  return `${time}: ${Number.isFinite(values[index]) ? measured(values[index], axes.unit) : "missing"}`;
}

/**
 * Stretches of a curve that are there: [[first, last], …].
 * @param {number[]} values
 */
export function stretches(values) {
  /** @type {[first: number, last: number][]} */
  const runs = [];
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    const run = runs.at(-1);
    if (run?.[1] === i - 1) run[1] = i;
    else runs.push([i, i]);
  });
  return runs;
}

/**
 * Curves as they travel, with null for a value that is missing; null where all are.
 * @param {number[][]} curves
 */
export function packed(curves) {
  const empty = curves.every((values) => !stretches(values).length);
  return empty
    ? null
    : curves.map((values) => values.map((v) => (Number.isFinite(v) ? Number(v.toPrecision(6)) : null)));
}

/** @param {(number | null)[][]} curves */
export const unpacked = (curves) => curves.map((values) => values.map((value) => value ?? NaN));

/**
 * A curve in words, for those who do not see it.
 * @param {number[][]} curves
 * @param {Axes} axes
 */
export function summary(curves, axes) {
  const known = curves.flat().filter(Number.isFinite);
  if (!known.length) return "Nothing is sketched yet.";
  const lacking = curves.flat().length - known.length;
  const range = `Curve from ${short(Math.min(...known))} to ${measured(Math.max(...known), axes.unit)}`;
  return lacking ? `${range}, ${lacking} ${lacking > 1 ? "values" : "value"} missing.` : `${range}.`;
}
