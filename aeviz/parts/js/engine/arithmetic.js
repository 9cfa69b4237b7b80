// The arithmetic of all layers: products of matrices in blocks, runs of numbers that are copied, single functions.

/**
 * Weights (outputs, inputs), in the order that `multiply` reads them in: of each four rows one number in turn; rows that
 * are left over stand as they are.
 * @param {Float32Array} weights
 * @param {number} outputs
 * @param {number} inputs
 */
export function packed(weights, outputs, inputs) {
  const values = new Float32Array(weights.length);
  const whole = outputs - (outputs % 4);
  for (let row = 0; row < outputs; row++) {
    const block = row < whole ? row - (row % 4) : row;
    const [start, step] = row < whole ? [block * inputs + (row % 4), 4] : [row * inputs, 1];
    for (let k = 0; k < inputs; k++) values[start + k * step] = weights[row * inputs + k];
  }
  return values;
}

// How many products of two numbers `multiply` has made: what a model costs, however busy the machine is.
export const work = { products: 0 };

/**
 * out (rows, outputs) = x (rows, inputs) · weightsᵀ + bias; weights as `packed` gives them. Two rows and four outputs at
 * a time, so that each number that is loaded is used more than once: plain loops take twice as long.
 * @param {Float32Array} out
 * @param {Float32Array} x
 * @param {Float32Array} weights
 * @param {Float32Array} bias
 * @param {number} rows
 */
export function multiply(out, x, weights, bias, rows, inputs = weights.length / bias.length) {
  const outputs = bias.length;
  const whole = outputs - (outputs % 4);
  work.products += rows * inputs * outputs;
  let row = 0;
  for (; row + 2 <= rows; row += 2) twoRows(out, x, weights, bias, row, inputs, outputs, whole);
  if (row < rows) oneRow(out, x, weights, bias, row, inputs, outputs, whole);
}

/**
 * @param {Float32Array} out
 * @param {Float32Array} x
 * @param {Float32Array} weights
 * @param {Float32Array} bias
 * @param {number} row
 * @param {number} inputs
 * @param {number} outputs
 * @param {number} whole
 */
function twoRows(out, x, weights, bias, row, inputs, outputs, whole) {
  const x0 = row * inputs;
  const x1 = x0 + inputs;
  const o0 = row * outputs;
  const o1 = o0 + outputs;
  let w = 0;
  for (let m = 0; m < whole; m += 4) {
    let a0 = 0,
      a1 = 0,
      a2 = 0,
      a3 = 0;
    let b0 = 0,
      b1 = 0,
      b2 = 0,
      b3 = 0;
    for (let k = 0; k < inputs; k++, w += 4) {
      const a = x[x0 + k];
      const b = x[x1 + k];
      const w0 = weights[w],
        w1 = weights[w + 1],
        w2 = weights[w + 2],
        w3 = weights[w + 3];
      a0 += w0 * a;
      a1 += w1 * a;
      a2 += w2 * a;
      a3 += w3 * a;
      b0 += w0 * b;
      b1 += w1 * b;
      b2 += w2 * b;
      b3 += w3 * b;
    }
    out[o0 + m] = a0 + bias[m];
    out[o0 + m + 1] = a1 + bias[m + 1];
    out[o0 + m + 2] = a2 + bias[m + 2];
    out[o0 + m + 3] = a3 + bias[m + 3];
    out[o1 + m] = b0 + bias[m];
    out[o1 + m + 1] = b1 + bias[m + 1];
    out[o1 + m + 2] = b2 + bias[m + 2];
    out[o1 + m + 3] = b3 + bias[m + 3];
  }
  for (let m = whole; m < outputs; m++) {
    let a = 0,
      b = 0;
    for (let k = 0; k < inputs; k++, w++) {
      a += weights[w] * x[x0 + k];
      b += weights[w] * x[x1 + k];
    }
    out[o0 + m] = a + bias[m];
    out[o1 + m] = b + bias[m];
  }
}

/**
 * @param {Float32Array} out
 * @param {Float32Array} x
 * @param {Float32Array} weights
 * @param {Float32Array} bias
 * @param {number} row
 * @param {number} inputs
 * @param {number} outputs
 * @param {number} whole
 */
function oneRow(out, x, weights, bias, row, inputs, outputs, whole) {
  const x0 = row * inputs;
  const o0 = row * outputs;
  let w = 0;
  for (let m = 0; m < whole; m += 4) {
    let a0 = 0,
      a1 = 0,
      a2 = 0,
      a3 = 0;
    for (let k = 0; k < inputs; k++, w += 4) {
      const a = x[x0 + k];
      a0 += weights[w] * a;
      a1 += weights[w + 1] * a;
      a2 += weights[w + 2] * a;
      a3 += weights[w + 3] * a;
    }
    out[o0 + m] = a0 + bias[m];
    out[o0 + m + 1] = a1 + bias[m + 1];
    out[o0 + m + 2] = a2 + bias[m + 2];
    out[o0 + m + 3] = a3 + bias[m + 3];
  }
  for (let m = whole; m < outputs; m++) {
    let a = 0;
    for (let k = 0; k < inputs; k++, w++) a += weights[w] * x[x0 + k];
    out[o0 + m] = a + bias[m];
  }
}

/**
 * Copy runs of neighbouring numbers: `runs` holds (to, from, length) one after another.
 * @param {Float32Array} out
 * @param {Float32Array} x
 * @param {Int32Array} runs
 */
export function copyRuns(out, x, runs) {
  for (let r = 0; r < runs.length; r += 3) {
    const to = runs[r];
    const from = runs[r + 1];
    const length = runs[r + 2];
    for (let i = 0; i < length; i++) out[to + i] = x[from + i];
  }
}

/**
 * Add runs of neighbouring numbers the other way round: x at `to` is added to out at `from`.
 * @param {Float32Array} out
 * @param {Float32Array} x
 * @param {Int32Array} runs
 */
export function addRuns(out, x, runs) {
  for (let r = 0; r < runs.length; r += 3) {
    const to = runs[r];
    const from = runs[r + 1];
    const length = runs[r + 2];
    for (let i = 0; i < length; i++) out[from + i] += x[to + i];
  }
}

/**
 * Rows (rows, columns) as columns: out (columns, rows).
 * @param {Float32Array} out
 * @param {Float32Array} x
 * @param {number} rows
 * @param {number} columns
 */
export function transpose(out, x, rows, columns) {
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = x[r * columns + c];
}

/** @param {number} x */
export const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/**
 * The error function to 1.5e-7 (Abramowitz and Stegun 1964, 7.1.26).
 * @param {number} x
 */
function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - series * Math.exp(-x * x));
}

const [SELU_SCALE, SELU_ALPHA] = [1.0507009873554805, 1.6732632423543772]; // Klambauer et al. 2017

/** @param {number} x */
const softplus = (x) => (x > 20 ? x : Math.log1p(Math.exp(x)));

// What stands between layers, in place, as torch computes it.
/** @type {Record<string, (x: Float32Array) => void>} */
export const ACTIVATIONS = {
  silu: (x) => {
    for (let i = 0; i < x.length; i++) x[i] /= 1 + Math.exp(-x[i]);
  },
  relu: (x) => {
    for (let i = 0; i < x.length; i++) if (x[i] < 0) x[i] = 0;
  },
  leaky_relu: (x) => {
    for (let i = 0; i < x.length; i++) if (x[i] < 0) x[i] *= 0.01;
  },
  elu: (x) => {
    for (let i = 0; i < x.length; i++) if (x[i] < 0) x[i] = Math.expm1(x[i]);
  },
  selu: (x) => {
    for (let i = 0; i < x.length; i++) x[i] = SELU_SCALE * (x[i] < 0 ? SELU_ALPHA * Math.expm1(x[i]) : x[i]);
  },
  mish: (x) => {
    for (let i = 0; i < x.length; i++) x[i] *= Math.tanh(softplus(x[i]));
  },
  softplus: (x) => {
    for (let i = 0; i < x.length; i++) x[i] = softplus(x[i]);
  },
  identity: () => {},
  gelu: (x) => {
    for (let i = 0; i < x.length; i++) x[i] *= 0.5 * (1 + erf(x[i] * Math.SQRT1_2));
  },
  tanh: (x) => {
    for (let i = 0; i < x.length; i++) x[i] = Math.tanh(x[i]);
  },
  sigmoid: (x) => {
    for (let i = 0; i < x.length; i++) x[i] = sigmoid(x[i]);
  },
};

/**
 * exp(x) / Σ exp(x) of x[start], x[start + 1], …, x[start + count - 1], in place.
 * @param {Float32Array} x
 * @param {number} start
 * @param {number} count
 */
export function softmax(x, start, count) {
  let most = -Infinity;
  for (let i = start; i < start + count; i++) if (x[i] > most) most = x[i];
  let total = 0;
  for (let i = start; i < start + count; i++) total += x[i] = Math.exp(x[i] - most);
  for (let i = start; i < start + count; i++) x[i] /= total;
}
