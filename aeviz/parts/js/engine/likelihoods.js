// How logits become an item, as the `mean` of aeviz.model.likelihoods: in place, channels-last (places, channels).

import { ACTIVATIONS, softmax } from "./arithmetic.js";

/**
 * @typedef {import("./bodies.js").Config} Config
 * @typedef {(x: Float32Array) => void} Mean
 */

/** @type {Record<string, number[]>} */
const BOUNDS = { image: [0, 1], text: [0, 1] }; // of values, by modality; others have none
/** @type {Record<string, (bounds?: number[]) => Mean>} */
const LINKS = {
  sigmoid: () => ACTIVATIONS.sigmoid,
  tanh: () => (x) => {
    for (let i = 0; i < x.length; i++) x[i] = (Math.tanh(x[i]) + 1) / 2;
  },
  linear: (bounds) => (bounds ? within(bounds[0], bounds[1]) : () => {}),
};

/** @type {(low: number, high: number) => Mean} */
const within = (low, high) => (x) => {
  for (let i = 0; i < x.length; i++) x[i] = Math.min(high, Math.max(low, x[i]));
};

/** @type {(bounds?: number[]) => (config: Config) => Mean} */
const values = (bounds) => (config) => {
  if (!Object.hasOwn(LINKS, config.output)) throw new Error(`The output ${config.output} is not known.`);
  return LINKS[config.output](bounds ?? BOUNDS[config.modality]);
};

/** @type {(config: Config) => Mean} */
function categorical(config) {
  const symbols = config.shape[0];
  return (x) => {
    for (let start = 0; start < x.length; start += symbols) softmax(x, start, symbols);
  };
}

/**
 * The columns of a table: a number as it is, the features of a category as shares of 1.
 * @type {(config: Config) => Mean}
 */
function mixed(config) {
  if (config.shape.length !== 1 || config.columns.reduce((a, b) => a + b, 0) !== config.shape[0]) {
    throw new Error(`The columns of the config do not make ${config.shape.join(" × ")} features.`);
  }
  return (x) => {
    let start = 0;
    for (const width of config.columns) {
      if (width > 1) softmax(x, start, width);
      start += width;
    }
  };
}

/** @type {Record<string, (config: Config) => Mean>} */
export const LIKELIHOODS = { bce: values([0, 1]), mse: values(), l1: values(), categorical, mixed };

const EDGE = 1e-7; // how near to 0 and 1 a probability is scored: as near as half of a float32 comes
const CLAMP = 1e-4; // the same where no sigmoid keeps it between them, as in Python

/** @typedef {(mean: ArrayLike<number>, item: ArrayLike<number>) => number} Score */

/** @type {(of: (y: number, x: number) => number) => Score} */
const summed = (of) => (mean, item) => {
  let nats = 0;
  for (let i = 0; i < mean.length; i++) if (!Number.isNaN(item[i])) nats += of(mean[i], item[i]);
  return nats;
};

/** @type {Record<string, (config: Config) => Score>} */
const SCORES = {
  bce({ output }) {
    const edge = output === "linear" ? CLAMP : EDGE;
    return summed((y, x) => {
      const p = Math.min(1 - edge, Math.max(edge, y));
      return -x * Math.log(p) - (1 - x) * Math.log(1 - p);
    });
  },
  mse({ spread }) {
    const variance = (spread || Math.SQRT1_2) ** 2;
    return summed((y, x) => (y - x) ** 2 / (2 * variance));
  },
  l1: ({ spread }) => summed((y, x) => Math.abs(y - x) / (spread || 1)),
};

/**
 * -log p(x | z) in nats of an item under what its code is decoded to, as the `error` of aeviz.model.likelihoods, up to
 * the same constants. Throws an Error for a likelihood whose values are no single numbers.
 * @param {Config} config
 */
export function scoreOf(config) {
  if (!Object.hasOwn(SCORES, config.likelihood)) throw new Error(`No value is scored by ${config.likelihood} here.`);
  return SCORES[config.likelihood](config);
}
