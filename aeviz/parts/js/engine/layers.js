// The layers of networks. Each is made once, with the room for what it gives, and is then a function of one item:
// Float32Array in, its own Float32Array out, the same one at every call; nothing is allocated while it runs.
//
// Maps are channels-last, (height, width, channels); a series is a map of height 1. `made` puts weights in that order
// when a layer is made, so that a patch under a kernel is a few runs of neighbouring numbers.

import { ACTIVATIONS, addRuns, copyRuns, multiply, packed, sigmoid, softmax, transpose } from "./arithmetic.js";

/**
 * @typedef {(x: Float32Array) => Float32Array} Layer
 * @typedef {{ height: number, width: number, channels: number }} GridMap
 */

const MAX_VALUES = 1 << 24; // numbers of a layer, as in aeviz.importers.models.limits

/**
 * Room for numbers; refuses what would fill the memory of a tab.
 * @param {number} count
 * @param {string} what
 */
export function room(count, what) {
  if (!(count > 0 && count <= MAX_VALUES))
    throw new Error(`${what} needs ${count} numbers at once; at most ${MAX_VALUES} fit.`);
  return new Float32Array(count);
}

/**
 * @param {...Layer} layers
 * @returns {Layer}
 */
export function chain(...layers) {
  return (x) => {
    for (const layer of layers) x = layer(x);
    return x;
  };
}

/**
 * An activation by its name, in place.
 * @param {string} name
 * @returns {Layer}
 */
export function activation(name) {
  const act = ACTIVATIONS[name];
  if (!act) throw new Error(`The activation ${name} is not known: expected ${Object.keys(ACTIVATIONS).join(", ")}.`);
  return (x) => {
    act(x);
    return x;
  };
}

/**
 * A leaky ReLU, in place: what is below 0 times a slope, one for each channel.
 * @param {Float32Array} slopes
 * @returns {Layer}
 */
export function leaking(slopes) {
  const channels = slopes.length;
  return (x) => {
    for (let i = 0; i < x.length; i++) if (x[i] < 0) x[i] *= slopes[i % channels];
    return x;
  };
}

/**
 * (rows, inputs) → (rows, outputs). weights: (outputs, inputs).
 * @param {Float32Array} weights
 * @param {Float32Array} bias
 * @param {number} [rows]
 * @returns {Layer}
 */
export function linear(weights, bias, rows = 1) {
  const inputs = weights.length / bias.length;
  const out = room(rows * bias.length, "A dense layer");
  const ordered = packed(weights, bias.length, inputs);
  return (x) => {
    multiply(out, x, ordered, bias, rows, inputs);
    return out;
  };
}

/**
 * Channels-last (places, channels) → channels-first, and back with the two exchanged.
 * @param {number} rows
 * @param {number} columns
 * @returns {Layer}
 */
export function transposed(rows, columns) {
  if (rows === 1 || columns === 1) return (x) => x;
  const out = room(rows * columns, "An item");
  return (x) => {
    transpose(out, x, rows, columns);
    return out;
  };
}

/**
 * The numbers of a tensor with some axes exchanged: order[i] says which axis comes i-th.
 * @param {Float32Array} values
 * @param {number[]} shape
 * @param {number[]} order
 */
export function permuted(values, shape, order) {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const [sides, steps] = [order.map((axis) => shape[axis]), order.map((axis) => strides[axis])];
  const out = new Float32Array(values.length);
  const place = sides.map(() => 0);
  let from = 0;
  for (let to = 0; to < out.length; to++) {
    out[to] = values[from];
    for (let axis = sides.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++place[axis] < sides[axis]) break;
      from -= steps[axis] * sides[axis];
      place[axis] = 0;
    }
  }
  return out;
}

/**
 * The order of axes that puts the first one, the channels, last: (C, H, W) → (H, W, C). offset: of the axes themselves.
 * @param {number[]} shape
 * @param {number} [offset]
 */
export function channelsLast(shape, offset = 0) {
  return [...shape.slice(1).map((_, axis) => axis + 1 + offset), offset];
}

/**
 * Which numbers of a map lie under the kernel at each place: runs from the map to the patches (places, kernel, channels).
 * @param {GridMap} map
 * @param {number[]} kernel
 * @param {number[]} stride
 * @param {number[]} padding
 * @param {{ height: number, width: number }} out
 */
function patchRuns(map, kernel, stride, padding, out) {
  const runs = [];
  const patch = kernel[0] * kernel[1] * map.channels;
  for (let y = 0; y < out.height; y++) {
    for (let x = 0; x < out.width; x++) {
      const left = x * stride[1] - padding[1];
      const [first, last] = [Math.max(0, left), Math.min(map.width, left + kernel[1])];
      for (let ky = 0; ky < kernel[0]; ky++) {
        const row = y * stride[0] - padding[0] + ky;
        if (row < 0 || row >= map.height || first >= last) continue;
        const to = (y * out.width + x) * patch + (ky * kernel[1] + first - left) * map.channels;
        runs.push(to, (row * map.width + first) * map.channels, (last - first) * map.channels);
      }
    }
  }
  return Int32Array.from(runs);
}

/**
 * A convolution, (height, width, channels) → (height / stride, width / stride, outputs), rounded up where it is padded
 * by half an odd kernel. weights: (outputs, channels, kernel height, kernel width), as torch has them.
 * @param {GridMap} map
 * @param {Float32Array} weights
 * @param {Float32Array} bias
 * @param {number[]} kernel
 * @param {number[]} stride
 * @param {number[]} [padding]
 * @returns {Layer}
 */
export function convolution(map, weights, bias, kernel, stride, padding = kernel.map((side) => side >> 1)) {
  const [height, width] = [map.height, map.width].map(
    (side, i) => Math.floor((side + 2 * padding[i] - kernel[i]) / stride[i]) + 1,
  );
  const out = { height, width };
  const places = out.height * out.width;
  const inputs = kernel[0] * kernel[1] * map.channels;
  const patches = room(places * inputs, "A convolution"); // cells beyond the edge stay 0
  const maps = room(places * bias.length, "A convolution");
  const runs = patchRuns(map, kernel, stride, padding, out);
  const ordered = packed(permuted(weights, [bias.length, map.channels, ...kernel], [0, 2, 3, 1]), bias.length, inputs);
  return (x) => {
    copyRuns(patches, x, runs);
    multiply(maps, patches, ordered, bias, places, inputs);
    return maps;
  };
}

/**
 * A convolution of which neighbouring places become neighbouring channels (sub-pixel convolution, Shi et al. 2016):
 * (height, width, channels) → `out`, {height, width, channels}, cropped. factors: of height and width.
 * @param {GridMap} map
 * @param {GridMap} out
 * @param {Float32Array} weights
 * @param {Float32Array} bias
 * @param {number[]} kernel
 * @param {number[]} factors
 * @returns {Layer}
 */
export function upsampling(map, out, weights, bias, kernel, factors) {
  const [down, across] = factors;
  const inputs = map.channels * kernel[0] * kernel[1];
  // Channel (c, i, j) of the convolution becomes (i, j, c): what goes to one place then stands together.
  const order = [out.channels, down, across, inputs];
  const convolve = convolution(
    map,
    permuted(weights, order, [1, 2, 0, 3]),
    permuted(bias, [out.channels, down, across, 1], [1, 2, 0, 3]),
    kernel,
    [1, 1],
  );
  const values = room(out.height * out.width * out.channels, "A map");
  const runs = [];
  for (let y = 0; y < out.height; y++) {
    for (let x = 0; x < out.width; x += across) {
      const place = Math.floor(y / down) * map.width + x / across;
      const from = (place * down + (y % down)) * across * out.channels;
      runs.push((y * out.width + x) * out.channels, from, Math.min(across, out.width - x) * out.channels);
    }
  }
  const kept = Int32Array.from(runs);
  return (x) => {
    copyRuns(values, convolve(x), kept);
    return values;
  };
}

/**
 * A transposed convolution, which lays a kernel down at each place: (height, width, channels) → `out`, {height, width,
 * channels}. weights: (channels, outputs, kernel height, kernel width), as torch has them.
 * @param {GridMap} map
 * @param {GridMap} out
 * @param {Float32Array} weights
 * @param {Float32Array} bias
 * @param {number[]} kernel
 * @param {number[]} stride
 * @param {number[]} padding
 * @returns {Layer}
 */
export function transposedConvolution(map, out, weights, bias, kernel, stride, padding) {
  const places = map.height * map.width;
  const laid = kernel[0] * kernel[1] * out.channels;
  const kernels = room(places * laid, "A transposed convolution");
  const values = room(out.height * out.width * out.channels, "A transposed convolution");
  const ordered = packed(permuted(weights, [map.channels, out.channels, ...kernel], [2, 3, 1, 0]), laid, map.channels);
  const none = new Float32Array(laid);
  // The place under a kernel's corner is that of a convolution the other way round.
  const runs = patchRuns(out, kernel, stride, padding, map);
  return (x) => {
    multiply(kernels, x, ordered, none, places, map.channels);
    for (let start = 0; start < values.length; start += bias.length) values.set(bias, start);
    addRuns(values, kernels, runs);
    return values;
  };
}

/**
 * Squares of `side` × `side` places as their largest value, or their mean; what is left over at the edges is left out.
 * @param {GridMap} map
 * @param {number} side
 * @param {"max" | "average"} mode
 * @returns {Layer}
 */
export function pooling({ height, width, channels }, side, mode) {
  const [rows, columns] = [Math.floor(height / side), Math.floor(width / side)];
  const out = room(rows * columns * channels, "A pooling layer");
  const [average, count] = [mode === "average", side * side];
  return (x) => {
    out.fill(average ? 0 : -Infinity);
    for (let y = 0; y < rows * side; y++) {
      for (let column = 0; column < columns * side; column++) {
        const from = (y * width + column) * channels;
        const to = (Math.floor(y / side) * columns + Math.floor(column / side)) * channels;
        for (let c = 0; c < channels; c++) {
          const value = x[from + c];
          if (average) out[to + c] += value / count;
          else if (value > out[to + c]) out[to + c] = value;
        }
      }
    }
    return out;
  };
}

/**
 * A map `factor` times as high and wide: each place as the nearest one, or between the four round it.
 * @param {GridMap} map
 * @param {number} factor
 * @param {"nearest" | "bilinear"} mode
 * @returns {Layer}
 */
export function enlarging({ height, width, channels }, factor, mode) {
  const [rows, columns] = [height, width].map((side) => between(side, factor, mode));
  const out = room(rows.length * columns.length * channels, "An enlarging layer");
  return (x) => {
    let to = 0;
    for (const y of rows) {
      for (const column of columns) {
        const a = (y.first * width + column.first) * channels;
        const b = (y.second * width + column.first) * channels;
        const across = (column.second - column.first) * channels;
        for (let c = 0; c < channels; c++) {
          const above = x[a + c] + column.share * (x[a + across + c] - x[a + c]);
          const below = x[b + c] + column.share * (x[b + across + c] - x[b + c]);
          out[to++] = above + y.share * (below - above);
        }
      }
    }
    return out;
  };
}

/**
 * Of which two places each place of a longer side is made, and how much of it of the second.
 * @param {number} side
 * @param {number} factor
 * @param {string} mode
 */
function between(side, factor, mode) {
  return Array.from({ length: side * factor }, (_, i) => {
    if (mode === "nearest") return { first: Math.floor(i / factor), second: Math.floor(i / factor), share: 0 };
    const at = Math.max(0, (i + 0.5) / factor - 0.5);
    const first = Math.floor(at);
    return { first, second: Math.min(first + 1, side - 1), share: at - first };
  });
}

/**
 * Each channel times a factor, plus a shift.
 * @param {Float32Array} factor
 * @param {Float32Array} shift
 * @param {number} places
 * @returns {Layer}
 */
export function scaled(factor, shift, places) {
  const channels = factor.length;
  const out = room(places * channels, "An item");
  return (x) => {
    for (let i = 0; i < out.length; i++) out[i] = x[i] * factor[i % channels] + shift[i % channels];
    return out;
  };
}

/**
 * One way through a recurrent layer (Hochreiter and Schmidhuber 1997) over `steps` rows of inputs, into columns of `out`
 * (steps, pitch) from `at` on. parts: {inputs, hidden, bias}, weights (4 · width, …) of the gates i, f, g, o.
 * @param {{ inputs: Float32Array, hidden: Float32Array, bias: Float32Array }} parts
 * @param {number} steps
 * @param {number} width
 * @param {Float32Array} out
 * @param {number} pitch
 * @param {number} at
 * @param {boolean} backward
 * @returns {(x: Float32Array) => Float32Array}
 */
export function lstm(parts, steps, width, out, pitch, at, backward) {
  const count = parts.inputs.length / (4 * width);
  const inputs = packed(parts.inputs, 4 * width, count);
  const hidden = packed(parts.hidden, 4 * width, width);
  const none = new Float32Array(4 * width);
  const fed = room(steps * 4 * width, "A recurrent layer");
  const gates = new Float32Array(4 * width);
  const h = new Float32Array(width);
  const c = new Float32Array(width);
  return (x) => {
    multiply(fed, x, inputs, parts.bias, steps, count);
    h.fill(0);
    c.fill(0);
    for (let i = 0; i < steps; i++) {
      const step = backward ? steps - 1 - i : i;
      multiply(gates, h, hidden, none, 1, width);
      turn(gates, fed, step * 4 * width, h, c);
      for (let unit = 0; unit < width; unit++) out[step * pitch + at + unit] = h[unit];
    }
    return out;
  };
}

/**
 * One step of a recurrent layer: gates from the state and from the input (`fed`, from `start` on) → new h and c.
 * @param {Float32Array} gates
 * @param {Float32Array} fed
 * @param {number} start
 * @param {Float32Array} h
 * @param {Float32Array} c
 */
export function turn(gates, fed, start, h, c) {
  const width = h.length;
  for (let unit = 0; unit < width; unit++) {
    const i = sigmoid(gates[unit] + fed[start + unit]);
    const f = sigmoid(gates[width + unit] + fed[start + width + unit]);
    const g = Math.tanh(gates[2 * width + unit] + fed[start + 2 * width + unit]);
    const o = sigmoid(gates[3 * width + unit] + fed[start + 3 * width + unit]);
    c[unit] = f * c[unit] + i * g;
    h[unit] = o * Math.tanh(c[unit]);
  }
}

/**
 * Each row (rows, width) with mean 0 and variance 1, scaled and shifted (Ba et al. 2016).
 * @param {Float32Array} weight
 * @param {Float32Array} bias
 * @param {number} rows
 * @returns {Layer}
 */
export function layerNorm(weight, bias, rows) {
  const width = bias.length;
  const out = room(rows * width, "A normalised layer");
  return (x) => {
    for (let row = 0; row < rows; row++) {
      const start = row * width;
      let mean = 0;
      for (let i = 0; i < width; i++) mean += x[start + i];
      mean /= width;
      let variance = 0;
      for (let i = 0; i < width; i++) variance += (x[start + i] - mean) ** 2;
      const scale = 1 / Math.sqrt(variance / width + 1e-5);
      for (let i = 0; i < width; i++) out[start + i] = (x[start + i] - mean) * scale * weight[i] + bias[i];
    }
    return out;
  };
}

/**
 * Self-attention of `rows` places (Vaswani et al. 2017). project: (rows, width) → (rows, 3 · width); merge: back. heed
 * hears how much each place heeds each other, (heads, rows, rows), in what is its own again afterwards.
 * @param {Layer} project
 * @param {Layer} merge
 * @param {number} rows
 * @param {number} width
 * @param {number} heads
 * @param {(shares: Float32Array) => unknown} [heed]
 * @returns {Layer}
 */
export function attention(project, merge, rows, width, heads, heed = () => {}) {
  const size = width / heads;
  const scale = 1 / Math.sqrt(size);
  const scores = room(rows, "Attention");
  const shares = room(heads * rows * rows, "Attention");
  const mixed = room(rows * width, "Attention");
  return (x) => {
    const qkv = project(x);
    mixed.fill(0);
    for (let head = 0; head < heads; head++) {
      for (let row = 0; row < rows; row++) {
        const query = row * 3 * width + head * size;
        for (let other = 0; other < rows; other++) {
          const key = other * 3 * width + width + head * size;
          let sum = 0;
          for (let i = 0; i < size; i++) sum += qkv[query + i] * qkv[key + i];
          scores[other] = sum * scale;
        }
        softmax(scores, 0, rows);
        shares.set(scores, (head * rows + row) * rows);
        for (let other = 0; other < rows; other++) {
          const value = other * 3 * width + 2 * width + head * size;
          for (let i = 0; i < size; i++) mixed[row * width + head * size + i] += scores[other] * qkv[value + i];
        }
      }
    }
    heed(shares);
    return merge(mixed);
  };
}

/**
 * x + layers(x), in place.
 * @param {...Layer} layers
 * @returns {Layer}
 */
export function residual(...layers) {
  const inner = chain(...layers);
  return (x) => {
    const change = inner(x);
    for (let i = 0; i < change.length; i++) x[i] += change[i];
    return x;
  };
}
