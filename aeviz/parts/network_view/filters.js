// What a unit does: the numbers that it multiplies by (its filter), and the products that it adds up at one place. Pure.

/**
 * @typedef {import("./network_view.js").LayerData} LayerData
 * @typedef {{ weights: Float32Array, shape: number[], bias: ArrayLike<number> }} Filter as `aeviz.model.layers` has it
 * @typedef {{ y: number, x: number }} Place of a map; y is 0 in a line, and both are where a unit is one number
 * @typedef {{ shape: number[], read: Float32Array, weights: Float32Array, products: Float32Array, bias: number,
 *   sum: number }} Work What a unit read, its filter and their products, all of one shape; `sum` has the bias in it.
 */

/** @param {number[]} sides */
const product = (sides) => sides.reduce((a, b) => a * b, 1);

/**
 * The filter of a unit among the weights of a model; null where a unit has none of its own.
 * @param {LayerData} layer
 * @param {number} unit
 * @param {import("../js/engine/safetensors.js").Tensors} tensors
 * @returns {Filter | null}
 */
export function filterOf(layer, unit, tensors) {
  const name = layer.kind === "doubling" ? `${layer.name}.convolution` : layer.name;
  const weight = tensors.get(`${name}.weight`);
  const biases = tensors.get(`${name}.bias`)?.values;
  if (!weight || !layer.inputs.length || !(layer.kind in WORKS)) return null;
  if (layer.kind === "transposed") {
    const [channels, units, ...kernel] = weight.shape;
    const size = product(kernel);
    const weights = new Float32Array(channels * size);
    for (let c = 0; c < channels; c++) {
      const from = (c * units + unit) * size;
      weights.set(weight.values.subarray(from, from + size), c * size);
    }
    return { weights, shape: [channels, ...kernel], bias: [biases?.[unit] ?? 0] };
  }
  const size = product(weight.shape.slice(1));
  const rows = layer.kind === "doubling" ? weight.shape[0] / layer.shape[0] : 1;
  const weights = weight.values.subarray(unit * rows * size, (unit + 1) * rows * size);
  const bias = biases?.subarray(unit * rows, (unit + 1) * rows) ?? [0];
  if (layer.kind === "dense") return { ...ofDense(layer, weights), bias };
  return { weights, shape: [...(rows > 1 ? [rows] : []), ...weight.shape.slice(1)], bias };
}

/**
 * A row of a dense layer in the shape of what it reads: all of it, or the numbers of one place.
 * @param {LayerData} layer
 * @param {Float32Array} row
 */
function ofDense({ inputs, settings }, row) {
  const shape = product(inputs) <= row.length ? inputs : inputs.slice(0, 1);
  const weights = row.subarray(0, product(shape)); // those of a class stand behind them
  if (!settings.turned || shape.length < 2) return { weights, shape };
  const [units, places] = [shape[0], product(shape.slice(1))];
  return { weights: weights.map((_, i) => weights[(i % places) * units + Math.floor(i / places)]), shape };
}

/**
 * What a unit read, multiplied and added up at a place.
 * @param {LayerData} layer
 * @param {Filter} filter
 * @param {ArrayLike<number>} before what the layer before gives, in the shape of `layer.inputs`
 * @param {Place} place
 * @returns {Work}
 */
export function workAt(layer, filter, before, place) {
  const { shape, weights, bias, indices } = WORKS[layer.kind](layer, filter, place);
  const read = Float32Array.from(indices, (index) => (index < 0 ? 0 : before[index] || 0));
  const products = read.map((value, i) => value * weights[i]);
  return { shape, read, weights, products, bias, sum: products.reduce((a, b) => a + b, bias) };
}

/**
 * Height and width of the places of a layer, 1 for a side that it has not.
 * @param {number[]} shape
 */
const grid = (shape) => (shape.length > 2 ? [shape[1], shape[2]] : [1, shape[1] ?? 1]);

/**
 * The numbers under a kernel, channel by channel: where each stands in what the layer before gives, -1 beyond its edge.
 * @param {number[]} inputs
 * @param {number[]} kernel
 * @param {(k: number, axis: 0 | 1) => number} at where a number of the kernel reads, along an axis
 */
function under(inputs, kernel, at) {
  const [height, width] = grid(inputs);
  const [down, across] = kernel.length > 1 ? kernel : [1, kernel[0]];
  const indices = [];
  for (let c = 0; c < inputs[0]; c++) {
    for (let ky = 0; ky < down; ky++) {
      for (let kx = 0; kx < across; kx++) {
        const [y, x] = [kernel.length > 1 ? at(ky, 0) : 0, at(kx, 1)];
        const inside = y >= 0 && y < height && x >= 0 && x < width && Number.isInteger(y) && Number.isInteger(x);
        indices.push(inside ? (c * height + y) * width + x : -1);
      }
    }
  }
  return indices;
}

/**
 * A setting of a kernel along an axis of a map; a series has one axis.
 * @param {number[]} sides
 * @param {0 | 1} axis
 */
const along = (sides, axis) => sides[sides.length > 1 ? axis : 0];

/** @typedef {{ shape: number[], weights: Float32Array, bias: number, indices: number[] }} Reading */
/** @type {Record<string, (layer: LayerData, filter: Filter, place: Place) => Reading>} */
const WORKS = {
  dense({ inputs }, { weights, shape, bias }, { y, x }) {
    const [height, width] = grid(inputs);
    const local = shape.length < inputs.length;
    const indices = Array.from(weights, (_, i) => (local ? (i * height + y) * width + x : i));
    return { shape, weights, bias: bias[0], indices };
  },
  convolution({ inputs, settings: { kernel, stride, padding } }, { weights, shape, bias }, place) {
    const indices = under(inputs, kernel, (k, axis) => {
      return (axis ? place.x : place.y) * along(stride, axis) - along(padding, axis) + k;
    });
    return { shape, weights, bias: bias[0], indices };
  },
  transposed({ inputs, settings: { kernel, stride, padding } }, { weights, shape, bias }, place) {
    const indices = under(inputs, kernel, (k, axis) => {
      return ((axis ? place.x : place.y) + along(padding, axis) - k) / along(stride, axis);
    });
    return { shape, weights, bias: bias[0], indices };
  },
  // Each place becomes two (or two by two), of which each has weights of its own.
  doubling({ inputs, settings: { kernel, padding } }, { weights, shape, bias }, place) {
    const phase = kernel.length > 1 ? (place.y % 2) * 2 + (place.x % 2) : place.x % 2;
    const size = product(shape.slice(1));
    const indices = under(inputs, kernel, (k, axis) => {
      return Math.floor((axis ? place.x : place.y) / 2) - along(padding, axis) + k;
    });
    const own = weights.subarray(phase * size, (phase + 1) * size);
    return { shape: shape.slice(1), weights: own, bias: bias[phase], indices };
  },
};

/**
 * The place of a unit with the largest absolute activation.
 * @param {ArrayLike<number>} values of the unit, (*places)
 * @param {number[]} shape of the layer
 * @returns {Place}
 */
export function strongest(values, shape) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (Math.abs(values[i]) > Math.abs(values[best])) best = i;
  const width = grid(shape)[1];
  return { y: Math.floor(best / width), x: best % width };
}

/**
 * The activations of one unit.
 * @param {Float32Array} values of its layer
 * @param {number[]} shape
 * @param {number} unit
 */
export function ofUnit(values, shape, unit) {
  const size = product(shape.slice(1));
  return values.subarray(unit * size, (unit + 1) * size);
}
