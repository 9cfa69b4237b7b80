// An item on its way through a VAE: its posterior, which a hand turns, the draw, and what is decoded of both. The page of
// the app and the file that is saved from it run the same.

import { scoreOf } from "../js/engine/likelihoods.js";
import { numpyNormals } from "../js/random.js";
import { drawnCode, klOf, noiseFor, padOf, slidersOf } from "./posterior.js";

/**
 * @typedef {import("./posterior.js").Posterior} Posterior
 * @typedef {import("./posterior.js").Numbers} Numbers
 * @typedef {{ draw: number, expected: number, kl: number }} Terms in nats; expected is NaN until all draws are decoded
 */

export const SAMPLES = 128; // draws that the mean and the expected error are taken over
let lanes = 0;

export class Passing {
  /**
   * @param {any} model that runs in this tab
   * @param {{ order: number[], pair: number[] }} facts the coordinate of each slider, and those of the plane
   */
  constructor(model, { order, pair }) {
    this.model = model;
    this.order = order;
    this.pair = pair;
    this.score = scoreOf(model.config);
    this.lane = `passing ${lanes++}`;
    this.item = Float32Array.of();
    /** @type {{ mean: Numbers, std: Numbers }} */
    this.encoded = { mean: [], std: [] };
    /** @type {Posterior} */
    this.posterior = { mean: [], std: [], noise: [] };
    this.number = 0; // the item's own, which seeds its draws
    this.seed = 0;
    this.placed = false; // whether a hand has put z where it is
    this.decoding = false; // whether the other draws are on their way
    this.draws = Float32Array.of(); // the noise of the draws that belong to the item
    /** @type {{ key: string, item: Float32Array, error: number } | null} */
    this.known = null; // the mean error of the other draws, which are shown, and what it was found for
  }

  /**
   * Another item, with its posterior as it is encoded; ε stays as it is.
   * @param {ArrayLike<number>} item
   * @param {number} number
   * @param {{ mean: Numbers, std: Numbers }} [encoded] by the model of this tab where it is left out
   */
  take(item, number, encoded) {
    this.item = Float32Array.from(item);
    const { mean, std } = encoded ?? this.model.encode(this.item);
    this.encoded = { mean: mean.slice(), std: std.slice() };
    if (number !== this.number || !this.draws.length) this.draws = numpyNormals(SAMPLES * mean.length, [number]);
    this.number = number;
    this.back();
  }

  // μ and σ as the encoder has them.
  back() {
    const { mean, std } = this.encoded;
    this.posterior = { mean: mean.slice(), std: std.slice(), noise: this.posterior.noise };
  }

  /**
   * The draw of a seed.
   * @param {number} seed
   */
  draw(seed) {
    this.seed = seed;
    this.placed = false;
    this.posterior.noise = numpyNormals(this.posterior.mean.length, [seed, this.number]);
  }

  /**
   * Turn μ, or σ, at the coordinates of the sliders.
   * @param {boolean} spread
   * @param {ArrayLike<number>} values
   */
  turn(spread, values) {
    const turned = spread ? this.posterior.std : this.posterior.mean;
    this.order.forEach((coordinate, i) => (turned[coordinate] = values[i]));
  }

  /**
   * Put z at a place of the plane; whether it was elsewhere.
   * @param {ArrayLike<number>} place
   */
  put(place) {
    const z = drawnCode(this.posterior);
    if (this.pair.every((coordinate, i) => z[coordinate] === Math.fround(place[i]))) return false;
    this.placed = true;
    this.posterior.noise = noiseFor(this.posterior, this.pair, place);
    return true;
  }

  // μ, or σ, at the coordinates of the sliders.
  /** @param {boolean} spread */
  values(spread) {
    const { mean, std } = this.posterior;
    return this.order.map((coordinate) => (spread ? std : mean)[coordinate]);
  }

  // Whether the hand has moved μ or σ away from the encoder's.
  get turned() {
    const { mean, std } = this.posterior;
    return this.encoded.mean.some((x, i) => x !== mean[i]) || this.encoded.std.some((x, i) => x !== std[i]);
  }

  /**
   * @param {any} data of the sliders of μ, or of σ
   * @param {boolean} spread
   * @param {number[] | null} seen what the hand has set just now
   */
  sliders(data, spread, seen = null) {
    const home = spread ? this.encoded.std : this.encoded.mean;
    return slidersOf(data, this.posterior, this.order, { spread, home, seen });
  }

  /**
   * @param {any} data of the plane
   * @param {boolean} held whether a hand is turning: its tiles stay as they are until it rests
   */
  pad(data, held) {
    const told = padOf(data, this.posterior, this.pair);
    return held ? { ...told, levels: data.levels } : told;
  }

  /**
   * What is decoded: tell hears at once of the terms of this draw, show of the pictures of μ and z; both again of the
   * other draws, when they have come.
   * @param {import("./telling.js").Telling} telling
   * @param {boolean} [held] whether a hand is turning: other draws then come as fast as they are decoded, not each frame
   */
  show(telling, held = false) {
    const { model, item, posterior } = this;
    telling.item.show(item);
    telling.ofMean.show(model.decode(Float32Array.from(posterior.mean)));
    const decoded = model.decode(drawnCode(posterior));
    telling.ofZ.show(decoded);
    telling.equations(posterior, this.placed ? null : this.seed);
    const kl = klOf(posterior).reduce((a, b) => a + b, 0);
    this.expect(telling, { draw: this.score(decoded, item), expected: Number.NaN, kl }, held);
  }

  /**
   * @param {import("./telling.js").Telling} telling
   * @param {Terms} terms
   * @param {boolean} held
   */
  expect(telling, terms, held) {
    const { item, score, known } = this;
    const [mean, std] = [this.posterior.mean.slice(), this.posterior.std.slice()];
    const key = [this.number, ...mean, ...std].join(" ");
    if (known?.key === key && known.item.every((value, i) => value === item[i]))
      return telling.terms({ ...terms, expected: known.error }, this.placed);
    telling.terms(terms, this.placed);
    if (held && this.decoding) return;
    this.decoding = true;
    this.known = null; // from here on others are shown
    const [d, size] = [mean.length, item.length];
    const rows = Float32Array.from(this.draws, (value, i) => mean[i % d] + std[i % d] * value);
    const sum = new Float32Array(size);
    let error = 0;
    this.model.run(this.lane, { kind: "decode", rows }, (/** @type {any} */ { first, count, values, done }) => {
      for (let i = 0; i < count; i++) {
        const picture = values.subarray(i * size, (i + 1) * size);
        error += score(picture, item) / SAMPLES;
        for (let j = 0; j < size; j++) sum[j] += picture[j] / SAMPLES;
        telling.further[first + i]?.show(picture);
      }
      if (!done) return;
      this.decoding = false;
      telling.average.show(sum);
      this.known = { key, item, error };
      if (
        this.posterior.mean.every((value, i) => value === mean[i]) &&
        this.posterior.std.every((value, i) => value === std[i])
      )
        telling.terms({ ...terms, expected: error }, this.placed);
    });
  }

  stop() {
    this.model.stop(this.lane);
  }
}
