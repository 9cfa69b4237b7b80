// Arithmetic of the time line: pure, tested on its own. Early steps change most, so a step stands at log(1 + step).

import { clamp } from "../js/common.js";

const MARGIN = 14; // px of the band beyond the first and the last step
const CROWDED = 0.07; // of the line: a mark nearer than that to the last step has no room for its number

/**
 * @param {number} step
 * @param {number} last
 */
export function placeOf(step, last) {
  return Math.log1p(step) / Math.log1p(last);
}

/**
 * @param {number} t
 * @param {number} width
 * @param {number} [margin]
 */
export function toPixel(t, width, margin = MARGIN) {
  return margin + t * (width - 2 * margin);
}

/**
 * @param {number} x
 * @param {number} width
 * @param {number} [margin]
 */
export function toT(x, width, margin = MARGIN) {
  return clamp((x - margin) / (width - 2 * margin), 0, 1);
}

/**
 * The last of ascending places at or before t, and the share of the way from there to the next.
 * @param {number[]} places
 * @param {number} t
 */
export function frameAt(places, t) {
  let frame = 0;
  while (frame + 1 < places.length && places[frame + 1] <= t + 1e-9) frame++;
  const way = places[frame + 1] - places[frame];
  return { frame, share: way > 0 ? clamp((t - places[frame]) / way, 0, 1) : 0 };
}

/**
 * All steps at which any film has a frame, ascending.
 * @param {{ steps: number[] }[]} films
 */
export function stopsOf(films) {
  return [...new Set(films.flatMap(({ steps }) => steps))].sort((a, b) => a - b);
}

const STILL = 0.25; // of the play is spread evenly over the line; the rest goes to where points move

/**
 * How far the points of a film have come at each of its frames, the film's own reach being 1.
 * @param {{ xs: Float32Array, ys: Float32Array }[]} frames
 * @param {number} reach in units of the codes
 */
export function pathOf(frames, reach) {
  const path = [0];
  for (let s = 1; s < frames.length; s++) {
    const [a, b] = [frames[s - 1], frames[s]];
    let sum = 0;
    for (let i = 0; i < a.xs.length; i++) sum += Math.hypot(b.xs[i] - a.xs[i], b.ys[i] - a.ys[i]);
    path.push(path[s - 1] + sum / Math.max(1, a.xs.length) / (reach || 1));
  }
  return path;
}

/**
 * What y is at x on the line through points (xs, ys) with growing xs; the ends hold beyond them.
 * @param {number[]} xs
 * @param {number[]} ys
 * @param {number} x
 */
export function along(xs, ys, x) {
  const { frame, share } = frameAt(xs, x);
  return ys[frame] + share * ((ys[frame + 1] ?? ys[frame]) - ys[frame]);
}

/**
 * When the play reaches each place of the line, as a share of its time: most of it passes where something moves.
 * @param {number[]} places growing, from 0 to 1
 * @param {{ places: number[], path: number[] }[]} films
 */
export function schedule(places, films) {
  const come = places.map((place) => films.reduce((sum, film) => sum + along(film.places, film.path, place), 0));
  const whole = come[come.length - 1];
  return places.map((place, i) => (whole ? STILL * place + ((1 - STILL) * come[i]) / whole : place));
}

/**
 * @param {number[]} stops
 * @param {number} t
 */
export function nearestStop(stops, t) {
  const last = stops[stops.length - 1];
  const away = stops.map((step) => Math.abs(placeOf(step, last) - t));
  return away.indexOf(Math.min(...away));
}

/**
 * The stop a key leads to; null for a key that is not ours.
 * @param {string} key
 * @param {number} stop
 * @param {number} count
 */
export function keyStop(key, stop, count) {
  /** @type {Record<string, number>} */
  const moves = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5 };
  if (key in moves) return clamp(stop + moves[key], 0, count - 1);
  return { Home: 0, End: count - 1 }[key] ?? null;
}

/**
 * Steps to write below the line: 0, the powers of ten, the last.
 * @param {number} last
 */
export function decades(last) {
  const powers = [];
  for (let step = 1; step < last; step *= 10) if (placeOf(step, last) < 1 - CROWDED) powers.push(step);
  return [0, ...powers, last];
}
