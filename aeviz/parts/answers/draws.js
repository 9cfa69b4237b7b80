// Random codes decoded in this tab, for each stop of a handle that widens them.

import { networkOf, toPixels } from "../js/networks.js";
import { numpyNormals, torchNormals } from "../js/random.js";

/**
 * @typedef {"torch" | "numpy" | "directions"} Source as Python draws: normal numbers of torch or numpy, or numpy's made
 *   √k long
 * @typedef {{ middle: ArrayLike<number>, axes: ArrayLike<number>, noise: ArrayLike<number>, values: number[] }} Drawn
 *   middle (d), axes (k, d), noise (n, k), and by how much it is widened at each stop
 */

const GAP = 1; // px between tiles
let lanes = 0;

/** @type {Record<Source, (count: number, k: number, seed: number) => Float32Array>} */
const SOURCES = {
  torch: (count, k, seed) => torchNormals(count * k, seed),
  numpy: (count, k, seed) => numpyNormals(count * k, [seed]),
  directions(count, k, seed) {
    const noise = numpyNormals(count * k, [seed]);
    for (let i = 0; i < count; i++) {
      const row = noise.subarray(i * k, (i + 1) * k);
      const scale = Math.sqrt(k) / Math.hypot(...row);
      row.forEach((value, j) => (row[j] = value * scale));
    }
    return noise;
  },
};

/**
 * What a seed draws: `count` rows of k numbers.
 * @param {Source} source
 * @param {number} count
 * @param {number} k
 * @param {number} seed
 */
export const noiseOf = (source, count, k, seed) => SOURCES[source](count, k, seed);

/**
 * The codes of some stops, one stop after another: middle + value · noise · axes.
 * @param {Drawn} drawn
 * @param {number[]} stops
 */
export function codesOf({ middle, axes, noise, values }, stops) {
  const d = middle.length;
  const k = axes.length / d;
  const count = noise.length / k;
  const steps = new Float32Array(count * d);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < k; j++) {
      const share = noise[i * k + j];
      for (let c = 0; c < d; c++) steps[i * d + c] += share * axes[j * d + c];
    }
  }
  const codes = new Float32Array(stops.length * steps.length);
  stops.forEach((stop, at) => {
    steps.forEach((step, i) => (codes[at * steps.length + i] = middle[i % d] + values[stop] * step));
  });
  return codes;
}

/**
 * Stops by how near they are to the one shown: those are wanted first.
 * @param {number} count
 * @param {number} shown
 */
export function nearestFirst(count, shown) {
  return Array.from({ length: count }, (_, stop) => stop).sort((a, b) => Math.abs(a - shown) - Math.abs(b - shown));
}

/**
 * A sheet with a tile for each stop, which holds the pictures of all its draws; `draw` fills it.
 * @param {string} digest of the model
 * @param {import("../js/networks.js").Tile} tile
 * @param {{ stops: number, count: number, columns: number, ground: number }} grid ground: grey between the pictures
 */
export function pictures(digest, tile, { stops, count, columns, ground: grey }) {
  const [width, height] = [tile.width + GAP, tile.height + GAP];
  const stop = { width: columns * width - GAP, height: Math.ceil(count / columns) * height - GAP };
  const canvas = new OffscreenCanvas(stop.width, stops * stop.height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const ground = `rgb(${grey} ${grey} ${grey})`;
  context.fillStyle = ground; // between all pictures, also while older ones of a stop are kept
  context.fillRect(0, 0, canvas.width, canvas.height);
  const pixels = new ImageData(tile.width, tile.height);
  const lane = `draws ${lanes++}`;
  /** @type {import("../js/networks.js").OwnSheet} */
  const sheet = { url: "", image: canvas, count: stops, columns: 1, ...stop, smooth: tile.smooth, ground };

  /**
   * Decode codes, one stop after another in an order; act hears of each slice how many have come. Ends an older work.
   * @param {Float32Array} codes
   * @param {number[]} order
   * @param {(come: number) => void} act
   */
  function draw(codes, order, act) {
    for (const later of order.slice(1)) context.fillRect(0, later * stop.height, stop.width, stop.height);
    const model = networkOf(digest);
    model.run(lane, { kind: "decode", rows: codes }, (/** @type {any} */ { first, count: some, values }) => {
      const size = values.length / some;
      for (let i = 0; i < some; i++) {
        const [at, number] = [Math.floor((first + i) / count), (first + i) % count];
        toPixels(pixels.data, values.subarray(i * size, (i + 1) * size), tile);
        const [x, y] = [(number % columns) * width, Math.floor(number / columns) * height];
        context.putImageData(pixels, x, order[at] * stop.height + y);
      }
      act(first + some);
    });
  }
  return { sheet, draw };
}
