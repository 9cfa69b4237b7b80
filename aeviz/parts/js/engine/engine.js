// Encoder and decoder of our own models in plain JavaScript, made of `config.json` and `model.safetensors`.
//
//   const model = open(config, bytes);                  // an Error says what is wrong
//   const { mean, std } = model.encode(item);           // std is null where a code is a point
//   const item = model.decode(code);                    // what torch decodes, to 1e-4
//   const seen = model.watch(() => model.encode(item)); // what the layers gave meanwhile, by name
//
// Items are Float32Array (*shape), channels first as in Python, codes Float32Array (d). What a model gives back is its
// own, the same array at every call: copy what is to be kept.

import { BODIES } from "./bodies.js";
import { transpose } from "./arithmetic.js";
import { chain, channelsLast, linear, permuted, room, transposed } from "./layers.js";
import { LIKELIHOODS } from "./likelihoods.js";
import { readSafetensors } from "./safetensors.js";

/**
 * @typedef {import("./bodies.js").Stated} Stated
 * @typedef {import("./bodies.js").Config} Config
 * @typedef {import("./bodies.js").Body} Body
 * @typedef {{
 *   config: Config,
 *   encode: (item: Float32Array, label?: number | null) => { mean: Float32Array, std: Float32Array | null },
 *   decode: (code: Float32Array, label?: number | null) => Float32Array,
 *   watch: (work: () => unknown) => Map<string, Float32Array>,
 *   tensors: import("./safetensors.js").Tensors,
 * }} Model `watch` runs some work and gives what each layer made in it, (units, *places), by the name of its weights, as
 *   `aeviz.model.layers` has it; the arrays are the model's own. `tensors` are the weights as torch has them.
 */

const MAX_SIDE = 65_536; // of shape, channels, hidden and code, as in aeviz.store.checkpoints
const MAX_OPTION = 4096;
const MAX_LAYERS = 64;
// Names of the weights that are not there where a config says that it is of one half of a model.
/** @type {Record<string, string[]>} */
const HALVES = { encoder: ["decoder."], decoder: ["encoder.", "head."] };
const LISTS = ["shape", "channels", "hidden", "columns"];
// What a config says that leaves a field out: those of before had pictures only.
/** @type {Stated} */
const USUAL = {
  code: "deterministic",
  body: "conv",
  channels: [16, 32, 32],
  hidden: [256],
  likelihood: "bce",
  output: "sigmoid",
  activation: "identity",
  classes: 0,
  modality: "image",
  options: {},
  columns: [],
  half: "",
};

/**
 * A config with what is usual in it, checked. Throws an Error that names what is wrong.
 * @param {Stated} stated
 * @returns {Config}
 */
function settings(stated) {
  if (!stated || typeof stated !== "object" || Array.isArray(stated)) throw new Error("The config is no object.");
  const { network, ...fields } = stated; // `network` was the name of `body`
  const given = Object.entries({ body: network, ...fields }).filter(([, value]) => value !== "" && value !== undefined);
  const config = /** @type {Config} */ ({ ...USUAL, ...Object.fromEntries(given) });
  for (const name of LISTS) {
    const list = config[name];
    const sound =
      Array.isArray(list) && list.length <= (name === "columns" ? MAX_SIDE : MAX_LAYERS) && list.every(isSide);
    if (!sound)
      throw new Error(
        `The config states ${name} ${JSON.stringify(list)?.slice(0, 60)}: expected sizes from 1 to ${MAX_SIDE}.`,
      );
  }
  if (!isSide(config.latent_dim)) throw new Error(`The config states a code of ${config.latent_dim} numbers.`);
  if (config.classes !== 0 && !isSide(config.classes)) throw new Error(`The config states ${config.classes} classes.`);
  for (const [name, known] of Object.entries({ body: BODIES, likelihood: LIKELIHOODS })) {
    if (!Object.hasOwn(known, config[name])) {
      throw new Error(`The ${name} ${config[name]} is not known here: expected ${Object.keys(known).join(", ")}.`);
    }
  }
  if (config.half !== "" && !Object.hasOwn(HALVES, config.half)) {
    throw new Error(`The config is of the half ${config.half}: expected encoder or decoder.`);
  }
  const body = BODIES[config.body];
  if (!body.axes.includes(config.shape.length)) {
    throw new Error(`A ${config.body} network does not take items of ${config.shape.length} axes.`);
  }
  const options = { ...body.options, ...config.options };
  for (const [name, usual] of Object.entries(body.options)) {
    const value = options[name];
    const sound =
      typeof usual === "string"
        ? [usual, "dense"].includes(value)
        : Number.isFinite(value) && value >= 0 && value <= MAX_OPTION;
    const whole = !Number.isInteger(usual) || (Number.isInteger(value) && value > 0);
    if (!sound || !whole) throw new Error(`The config states the option ${name} as ${value}.`);
  }
  if ("layers" in options && options.layers > MAX_LAYERS)
    throw new Error(`The config states ${options.layers} layers.`);
  return { ...config, options, inputs: config.latent_dim + config.classes, gaussian: config.code === "gaussian" };
}

/** @param {unknown} value */
const isSide = (value) => typeof value === "number" && Number.isInteger(value) && value > 0 && value <= MAX_SIDE;

// What layers give while somebody watches; at other times a layer passes its numbers on, and that is all.
class Watch {
  constructor() {
    this.on = false;
    /** @type {Map<string, Float32Array>} */
    this.seen = new Map();
  }

  /**
   * A layer that gives what it is given, and keeps it where somebody watches.
   * @param {string} name
   * @param {number} units of which it is given so many for each place, (places, units)
   * @returns {import("./layers.js").Layer}
   */
  note(name, units) {
    return (x) => {
      if (this.on) this.keep(name, units, x);
      return x;
    };
  }

  /**
   * @param {string} name
   * @param {number} units
   * @param {Float32Array} x (places, units)
   */
  keep(name, units, x) {
    if (this.seen.get(name)?.length !== x.length) this.seen.set(name, new Float32Array(x.length));
    transpose(/** @type {Float32Array} */ (this.seen.get(name)), x, x.length / units, units);
  }

  /** @param {() => unknown} work */
  during(work) {
    this.on = true;
    try {
      work();
    } finally {
      this.on = false;
    }
    return this.seen;
  }
}

// Tensors by name, each with the shape that the config asks for. Throws an Error that names the one that is not so.
class Weights {
  /**
   * @param {import("./safetensors.js").Tensors} tensors
   * @param {string} half "encoder" or "decoder" where the weights hold that alone
   */
  constructor(tensors, half) {
    this.tensors = tensors;
    this.taken = new Set();
    this.watch = new Watch();
    /** @type {string[]} */
    this.absent = half ? HALVES[half] : []; // beginnings of names
  }

  /**
   * @param {string} name
   * @param {number[]} shape
   */
  take(name, shape) {
    const found = this.tensors.get(name);
    if (!found && this.absent.some((start) => name.startsWith(start))) return new Float32Array(product(shape));
    if (!found) throw new Error(`The weights have no ${name}, which the config asks for.`);
    if (found.shape.length !== shape.length || found.shape.some((side, i) => side !== shape[i])) {
      throw new Error(
        `The weights of ${name} have the shape (${found.shape.join(", ")}); the config asks for (${shape.join(", ")}).`,
      );
    }
    this.taken.add(name);
    return found.values;
  }

  /**
   * @param {string} name
   * @param {number[]} shape
   */
  layer(name, shape) {
    return { weight: this.take(`${name}.weight`, shape), bias: this.take(`${name}.bias`, shape.slice(0, 1)) };
  }

  checkAllTaken() {
    const spare = [...this.tensors.keys()].find((name) => !this.taken.has(name));
    if (spare) throw new Error(`The weights hold ${spare}, which the config does not ask for.`);
  }
}

/**
 * A model, ready to run. Throws an Error that says what is wrong with the config or the weights.
 * @param {object} stated the object in `config.json`
 * @param {Uint8Array} bytes of `model.safetensors`
 * @returns {Model}
 */
export function open(stated, bytes) {
  const config = settings(stated);
  const weights = new Weights(readSafetensors(bytes), config.half);
  const body = BODIES[config.body].build(config, weights, config.options);
  const model = { config, ...encoderOf(config, weights, body), ...decoderOf(config, body) };
  weights.checkAllTaken();
  const { watch, tensors } = weights;
  return { ...model, tensors, watch: (/** @type {() => unknown} */ work) => watch.during(work) };
}

/** @param {number[]} sides */
const product = (sides) => sides.reduce((a, b) => a * b, 1);

/**
 * A class as numbers behind others: 1 in its own place.
 * @param {Float32Array} values
 * @param {Config} config
 * @param {number | null} label
 */
function setClass(values, config, label) {
  if (!config.classes) return;
  if (!(label !== null && Number.isInteger(label) && label >= 0 && label < config.classes)) {
    throw new Error(`This model is conditional: it needs a class from 0 to ${config.classes - 1}, not ${label}.`);
  }
  values.fill(0, values.length - config.classes);
  values[values.length - config.classes + label] = 1;
}

/**
 * @param {Config} config
 * @param {Weights} weights
 * @param {Body} body
 */
function encoderOf(config, weights, body) {
  const count = product(config.shape);
  const seen = room(count, "An item");
  const { latent_dim: d, gaussian, classes } = config;
  const head = body.head ?? denseHead(weights, (gaussian ? 2 : 1) * d, body, classes);
  const read = body.layer
    ? chain(transposed(config.shape[0], count / config.shape[0]), body.layer)
    : (/** @type {Float32Array} */ x) => x;
  const inputs = room(body.features + classes, "The features");
  const [mean, std] = [room(d, "A code"), gaussian ? room(d, "A code") : null];
  const answer = { mean, std };
  const relu = config.activation === "relu" && !gaussian;

  /**
   * @param {Float32Array} item
   * @param {number | null} [label]
   * @returns {{ mean: Float32Array, std: Float32Array | null }}
   */
  function encode(item, label = null) {
    if (config.half === "decoder") throw new Error("This is the decoder alone: it encodes nothing.");
    if (item.length !== count) throw new Error(`Expected an item of ${count} numbers, not ${item.length}.`);
    for (let i = 0; i < count; i++) seen[i] = Number.isNaN(item[i]) ? 0 : item[i];
    inputs.set(read(seen));
    setClass(inputs, config, label);
    const values = head(inputs);
    for (let i = 0; i < d; i++) {
      mean[i] = relu ? Math.max(0, values[i]) : values[i];
      if (std) std[i] = Math.exp(Math.min(15, Math.max(-15, values[d + i])));
    }
    return answer;
  }
  return { encode };
}

/**
 * @param {Weights} weights
 * @param {number} outputs
 * @param {Body} body
 * @param {number} classes
 */
function denseHead(weights, outputs, body, classes) {
  const { weight, bias } = weights.layer("head", [outputs, body.features + classes]);
  return linear(body.order ? headFor(weight, outputs, body, classes) : weight, bias);
}

/**
 * The head's weights for features that come channels-last, with those of the class left behind them.
 * @param {Float32Array} weight
 * @param {number} outputs
 * @param {any} given
 * @param {number} classes
 */
function headFor(weight, outputs, { order, features }, classes) {
  const pitch = features + classes;
  const own = new Float32Array(outputs * features);
  for (let row = 0; row < outputs; row++) own.set(weight.subarray(row * pitch, row * pitch + features), row * features);
  const turned = permuted(own, [outputs, ...order], [0, ...channelsLast(order, 1)]);
  const all = weight.slice();
  for (let row = 0; row < outputs; row++) all.set(turned.subarray(row * features, (row + 1) * features), row * pitch);
  return all;
}

/**
 * @param {Config} config
 * @param {Body} body
 */
function decoderOf(config, body) {
  const places = product(config.shape) / config.shape[0];
  const inputs = room(config.inputs, "A code");
  const mean = LIKELIHOODS[config.likelihood](config);
  const channelsFirst = transposed(places, config.shape[0]);

  /**
   * @param {Float32Array} code
   * @param {number | null} [label]
   */
  function decode(code, label = null) {
    if (config.half === "encoder") throw new Error("This is the encoder alone: it decodes nothing.");
    if (code.length !== config.latent_dim)
      throw new Error(`Expected a code of ${config.latent_dim} numbers, not ${code.length}.`);
    inputs.set(code);
    setClass(inputs, config, label);
    const values = body.decode(inputs);
    mean(values);
    return channelsFirst(values);
  }
  return { decode };
}
