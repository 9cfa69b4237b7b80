// A posterior that a hand turns: its draw, its KL, and what the parts are told of both.

import { pack } from "../js/common.js";

/**
 * @typedef {Float32Array | number[]} Numbers
 * @typedef {{ mean: Numbers, std: Numbers, noise: Numbers }} Posterior (d) each
 * @typedef {import("../latent_sliders/latent_sliders.js").Data} Sliders
 * @typedef {import("../latent_pad/latent_pad.js").Data} Pad
 */

/**
 * z = μ + σ · ε
 * @param {Posterior} posterior
 */
export function drawnCode({ mean, std, noise }) {
  return Float32Array.from(mean, (value, i) => value + std[i] * noise[i]);
}

/**
 * KL(q(z | x) ‖ N(0, I)) of each coordinate, in nats.
 * @param {Pick<Posterior, "mean" | "std">} posterior
 */
export function klOf({ mean, std }) {
  return Float64Array.from(mean, (value, i) => 0.5 * (value ** 2 + std[i] ** 2 - 1 - Math.log(std[i] ** 2)));
}

/**
 * Sliders of μ, or of σ. Along the former z moves as they do, along the latter by ε as much.
 * @param {Sliders} data
 * @param {Posterior} posterior
 * @param {number[]} order the coordinate of each row
 * @param {{ spread: boolean, home: Numbers, seen: number[] | null }} given home: where the encoder has put them; seen:
 *   what the hand has set just now
 * @returns {Sliders}
 */
export function slidersOf(data, posterior, order, { spread, home, seen }) {
  const values = order.map((coordinate) => (spread ? posterior.std : posterior.mean)[coordinate]);
  const rows = data.rows.map((row, i) => ({
    ...row,
    value: values[i],
    low: Math.min(row.low, values[i]),
    high: Math.max(row.high, values[i]),
    home: home[order[i]],
  }));
  if (!data.tab) return data;
  const [z, d] = [drawnCode(posterior), posterior.mean.length];
  const axes = new Float32Array(order.length * d);
  order.forEach((coordinate, i) => (axes[i * d + coordinate] = spread ? posterior.noise[coordinate] : 1));
  const tab = { ...data.tab, code: pack(z), axes: { ...pack(axes), shape: [order.length, d] } };
  return { ...data, rows, tab, seen: seen ?? data.seen, stamp: `${[...z]} ${values}` };
}

/**
 * The plane through z, with the posterior's outline and the way from μ to z.
 * @param {Pad} data
 * @param {Posterior} posterior
 * @param {number[]} pair the coordinates of its axes
 * @returns {Pad}
 */
export function padOf(data, posterior, pair) {
  const [z, { mean, std }] = [drawnCode(posterior), posterior];
  const at = (/** @type {Numbers} */ code) => /** @type {[number, number]} */ (pair.map((i) => code[i]));
  const foot = z.map((value, i) => (pair.includes(i) ? 0 : value));
  const levels = data.levels.map((level) => ({ ...level, id: `${level.id.split(" ")[0]} ${[...foot]}` }));
  return {
    ...data,
    levels,
    position: at(z),
    ellipse: { mean: at(mean), std: at(std), angle: 0 },
    path: [at(mean), at(z)],
    tab: data.tab && { ...data.tab, code: pack(foot) },
  };
}

/**
 * The plane about another cloud, shaped as before.
 * @param {Pad} data
 * @param {Pick<Posterior, "mean" | "std">} posterior
 * @param {number[]} pair the coordinates of its axes
 * @param {number} near spreads that it shows to either side
 * @returns {Pad}
 */
export function around(data, { mean, std }, pair, near) {
  const [x0, x1, y0, y1] = data.home;
  const half = near * Math.max(...pair.map((i) => std[i]));
  const wide = (half * (x1 - x0)) / (y1 - y0);
  const [x, y] = pair.map((i) => mean[i]);
  const home = /** @type {Pad["home"]} */ ([x - wide, x + wide, y - half, y + half]);
  return { ...data, home, levels: data.levels.map((level) => ({ ...level, id: home.join(), region: home })) };
}

/**
 * The noise that puts z at a place of the plane.
 * @param {Posterior} posterior
 * @param {number[]} pair
 * @param {ArrayLike<number>} place
 */
export function noiseFor({ mean, std, noise }, pair, place) {
  const moved = Float32Array.from(noise);
  pair.forEach((coordinate, i) => (moved[coordinate] = (place[i] - mean[coordinate]) / std[coordinate]));
  return moved;
}

const signed = (/** @type {number} */ value) => value.toFixed(2).replace("-", "−");
const subscript = (/** @type {number} */ i) => String(i).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]);

/**
 * z = μ + σ · ε in numbers, of the coordinates that carry most of the KL.
 * @param {Posterior} posterior
 * @param {number} most
 */
export function equations(posterior, most) {
  const { mean, std, noise } = posterior;
  const [z, kl] = [drawnCode(posterior), klOf(posterior)];
  const order = Array.from(kl, (_, i) => i);
  if (order.length > most) order.sort((a, b) => kl[b] - kl[a]);
  return order.slice(0, most).map((i) => {
    const name = subscript(i);
    const drawn = noise[i] < 0 ? `(${signed(noise[i])})` : signed(noise[i]);
    return `z${name} = μ${name} + σ${name} · ε${name} = ${signed(mean[i])} + ${std[i].toFixed(3)} · ${drawn} = ${signed(z[i])}`;
  });
}
