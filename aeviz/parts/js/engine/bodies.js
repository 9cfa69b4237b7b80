// The networks of aeviz.model.bodies, made of a config and the weights under the names of torch's state dict. A body is
// {encode, decode}: items, channels-last, → features, and codes → logits, channels-last.

import { multiply, packed } from "./arithmetic.js";
import {
  activation,
  attention,
  chain,
  convolution,
  enlarging,
  layerNorm,
  leaking,
  linear,
  lstm,
  channelsLast,
  permuted,
  pooling,
  residual,
  room,
  scaled,
  transposed,
  transposedConvolution,
  turn,
  upsampling,
} from "./layers.js";

/**
 * @typedef {import("./layers.js").Layer} Layer
 * @typedef {import("./layers.js").GridMap} GridMap
 * @typedef {Record<string, any>} Stated what a `config.json` states
 * @typedef {Stated & {
 *   body: string, shape: number[], channels: number[], hidden: number[], columns: number[], latent_dim: number,
 *   classes: number, inputs: number, gaussian: boolean, likelihood: string, output: string, activation: string,
 *   modality: string, options: any, half: string,
 * }} Config the same, checked, with what is usual; `inputs` are those of the decoder
 * @typedef {{
 *   take: (name: string, shape: number[]) => Float32Array,
 *   layer: (name: string, shape: number[]) => { weight: Float32Array, bias: Float32Array },
 *   watch: { on: boolean, note: (name: string, units: number) => Layer,
 *     keep: (name: string, units: number, x: Float32Array) => void },
 * }} Weights tensors by name, each with the shape that is asked for; a layer that `watch.note` makes keeps what it is
 *   given, (places, units), while somebody watches
 * @typedef {{ layer: Layer | null, features: number, order?: number[], head?: Layer, decode: Layer }} Body
 *   `layer` makes features of an item, channels-last as `order` says; `head` means and log σ of them, where that is no
 *   dense layer; `decode` logits of a code.
 */

/**
 * Dense layers of the given widths from `name.first` on; an activation stands after each, but for the last if `bare`.
 * @param {Weights} weights
 * @param {string} name
 * @param {number} first
 * @param {number[]} widths
 * @param {any} given
 * @returns {Layer}
 */
function mlp(weights, name, first, widths, { bare = false, from = null, to = null } = {}) {
  const layers = [];
  for (let i = 0; i + 1 < widths.length; i++) {
    const last = i + 2 === widths.length;
    let { weight, bias } = weights.layer(`${name}.${first + 2 * i}`, [widths[i + 1], widths[i]]);
    if (i === 0 && from) weight = permuted(weight, [widths[1], ...from], [0, ...channelsLast(from, 1)]);
    if (last && to) {
      weight = permuted(weight, [...to, widths[i]], [...channelsLast(to), to.length]);
      bias = permuted(bias, to, channelsLast(to));
    }
    layers.push(linear(weight, bias));
    if (!(last && bare)) layers.push(activation("silu"));
    layers.push(weights.watch.note(`${name}.${first + 2 * i}`, last && to ? to[0] : widths[i + 1]));
  }
  return chain(...layers);
}

// The shape of an item with its channels first: (C, places…), a row (F,) as F channels of one place.
/** @param {Config} config */
const shapeOf = (config) => (config.shape.length === 1 ? [config.shape[0], 1] : config.shape);
/** @param {number[]} sides */
const product = (sides) => sides.reduce((a, b) => a * b, 1);

/**
 * @param {Config} config
 * @param {Weights} weights
 */
function denseEncoder(config, weights) {
  const widths = [product(config.shape), ...config.hidden];
  return {
    layer: mlp(weights, "encoder.layers", 0, widths, { from: shapeOf(config) }),
    features: widths[widths.length - 1],
  };
}

/**
 * @param {Config} config
 * @param {Weights} weights
 * @returns {Body}
 */
function dense(config, weights) {
  const widths = [config.inputs, ...config.hidden.toReversed(), product(config.shape)];
  const encoder = config.hidden.length ? denseEncoder(config, weights) : untouched(config);
  return { ...encoder, decode: mlp(weights, "decoder.layers", 0, widths, { bare: true, to: shapeOf(config) }) };
}

/**
 * Without any layer the features are the item itself, channels-first as the weights of the head expect it.
 * @param {Config} config
 */
function untouched(config) {
  return { layer: null, features: product(config.shape) };
}

/**
 * Side lengths before and after each halving: 28 → 28, 14, 7, 4.
 * @param {number} side
 * @param {number} times
 */
function halvings(side, times) {
  const sides = [side];
  for (let i = 0; i < times; i++) sides.push(Math.ceil(sides[i] / 2));
  return sides;
}

/**
 * Strided convolutions and their mirror, over pictures (C, H, W) and series (C, T), which are maps of height 1.
 * @param {Config} config
 * @param {Weights} weights
 * @param {number[]} kernel
 * @returns {Body}
 */
function convolutional(config, weights, kernel) {
  const flat = config.shape.length === 2;
  const [channels, height, width] = flat ? [config.shape[0], 1, config.shape[1]] : config.shape;
  const depth = config.channels.length;
  if (!depth) throw new Error(`The config of a ${config.body} network states no channels.`);
  const stride = [flat ? 1 : 2, 2];
  const heights = flat ? Array(depth + 1).fill(1) : halvings(height, depth);
  const widths = halvings(width, depth);
  const maps = [channels, ...config.channels];
  const sides = (/** @type {number} */ outputs, /** @type {number} */ inputs) => [
    outputs,
    inputs,
    ...(flat ? kernel.slice(1) : kernel),
  ];
  const down = maps.slice(1).map((outputs, i) => {
    const { weight, bias } = weights.layer(`encoder.layers.${2 * i}`, sides(outputs, maps[i]));
    const map = { height: heights[i], width: widths[i], channels: maps[i] };
    const layer = convolution(map, weight, bias, kernel, stride);
    return chain(layer, activation("silu"), weights.watch.note(`encoder.layers.${2 * i}`, outputs));
  });
  const smallest = [maps[depth], heights[depth], widths[depth]];
  const read = [product(smallest), ...config.hidden];
  const encoder = config.hidden.length
    ? { layer: chain(...down, mlp(weights, "encoder.layers", 2 * depth + 1, read, { from: smallest })) }
    : { layer: chain(...down), order: smallest };
  const write = [config.inputs, ...config.hidden.toReversed(), product(smallest)];
  const first = 2 * (write.length - 1) + 1; // behind the dense layers and the one that unflattens
  const up = maps.slice(0, -1).map((_, i) => {
    const stage = depth - 1 - i;
    const name = `decoder.layers.${first + 2 * i}`;
    const { weight, bias } = weights.layer(
      `${name}.convolution`,
      sides(stride[0] * stride[1] * maps[stage], maps[stage + 1]),
    );
    const map = { height: heights[stage + 1], width: widths[stage + 1], channels: maps[stage + 1] };
    const out = { height: heights[stage], width: widths[stage], channels: maps[stage] };
    const layer = upsampling(map, out, weight, bias, kernel, stride);
    const note = weights.watch.note(name, maps[stage]);
    return stage ? chain(layer, activation("silu"), note) : chain(layer, note);
  });
  const decode = chain(mlp(weights, "decoder.layers", 0, write, { to: smallest }), ...up);
  return { ...encoder, features: read[read.length - 1], decode };
}

/**
 * `layers` recurrent layers over the places of an item, one way or both; rows of the last one's states come out.
 * @param {Weights} weights
 * @param {string} name
 * @param {number} inputs
 * @param {number} steps
 * @param {number} width
 * @param {number} layers
 * @param {boolean} both
 * @returns {Layer}
 */
function recurrent(weights, name, inputs, steps, width, layers, both) {
  const ways = both ? ["", "_reverse"] : [""];
  const pitch = width * ways.length;
  const stack = [];
  for (let layer = 0; layer < layers; layer++) {
    const out = room(steps * pitch, "A recurrent layer");
    const passes = ways.map((way, i) => {
      const suffix = `l${layer}${way}`;
      const bias = weights.take(`${name}.bias_ih_${suffix}`, [4 * width]);
      const other = weights.take(`${name}.bias_hh_${suffix}`, [4 * width]);
      const parts = {
        inputs: weights.take(`${name}.weight_ih_${suffix}`, [4 * width, layer ? pitch : inputs]),
        hidden: weights.take(`${name}.weight_hh_${suffix}`, [4 * width, width]),
        bias: bias.map((value, k) => value + other[k]),
      };
      return lstm(parts, steps, width, out, pitch, i * width, i === 1);
    });
    stack.push((/** @type {Float32Array} */ x) => {
      for (const pass of passes) pass(x);
      return out;
    });
  }
  return chain(...stack, weights.watch.note(name, pitch));
}

/**
 * @param {Config} config
 * @param {Weights} weights
 * @param {number} width
 * @param {number} layers
 */
function lstmEncoder(config, weights, width, layers) {
  const half = Math.max(1, Math.floor(width / 2));
  const [channels, steps] = config.shape;
  return { layer: recurrent(weights, "encoder.lstm", channels, steps, half, layers, true), features: steps * 2 * half };
}

/**
 * @param {Config} config
 * @param {Weights} weights
 * @param {any} given
 * @returns {Body}
 */
function lstmBody(config, weights, { width, layers, frequencies }) {
  const [channels, steps] = config.shape;
  const count = config.inputs + 2 * frequencies;
  const rows = room(steps * count, "A recurrent layer");
  for (let step = 0; step < steps; step++) {
    for (let k = 0; k < frequencies; k++) {
      const angle = (steps > 1 ? step / (steps - 1) : 0) * Math.PI * 2 ** k;
      rows[step * count + config.inputs + k] = Math.sin(angle);
      rows[step * count + config.inputs + frequencies + k] = Math.cos(angle);
    }
  }
  const out = weights.layer("decoder.out", [channels, width]);
  const states = recurrent(weights, "decoder.lstm", count, steps, width, layers, false);
  const write = chain(states, linear(out.weight, out.bias, steps), weights.watch.note("decoder.out", channels));
  return {
    ...lstmEncoder(config, weights, width, layers),
    decode: (z) => {
      for (let step = 0; step < steps; step++) rows.set(z, step * count);
      return write(rows);
    },
  };
}

/**
 * Layers of self-attention, normalised first, over `places` rows of `width` numbers.
 * @param {Weights} weights
 * @param {string} name
 * @param {number} places
 * @param {number} width
 * @param {number} heads
 * @param {number} layers
 * @returns {Layer}
 */
function attending(weights, name, places, width, heads, layers) {
  const norm = (/** @type {string} */ stem) => {
    const { weight, bias } = weights.layer(stem, [width]);
    return layerNorm(weight, bias, places);
  };
  /** @type {(stem: string, outputs: number, inputs: number) => Layer} */
  const dense = (stem, outputs, inputs) => {
    const { weight, bias } = weights.layer(stem, [outputs, inputs]);
    return linear(weight, bias, places);
  };
  const stack = [];
  for (let row = 0; row < layers; row++) {
    const stem = `${name}.layers.${row}`;
    const inputs = weights.take(`${stem}.self_attn.in_proj_weight`, [3 * width, width]);
    const project = linear(inputs, weights.take(`${stem}.self_attn.in_proj_bias`, [3 * width]), places);
    const merge = dense(`${stem}.self_attn.out_proj`, width, width);
    const { watch } = weights;
    const heed = (/** @type {Float32Array} */ shares) => watch.on && watch.keep(`${stem}.self_attn`, 1, shares);
    stack.push(
      residual(norm(`${stem}.norm1`), attention(project, merge, places, width, heads, heed)),
      residual(
        norm(`${stem}.norm2`),
        dense(`${stem}.linear1`, 4 * width, width),
        activation("silu"),
        dense(`${stem}.linear2`, width, 4 * width),
      ),
    );
    if (row === layers - 1) stack.push(norm(`${name}.norm`)); // which belongs to the last layer
    stack.push(weights.watch.note(stem, width));
  }
  return chain(...stack);
}

// x + values, in place.
/** @type {(values: Float32Array) => Layer} */
const plus = (values) => (x) => {
  for (let i = 0; i < x.length; i++) x[i] += values[i];
  return x;
};

/**
 * @param {Config} config
 * @param {Weights} weights
 * @param {any} given
 * @returns {Body}
 */
function transformer(config, weights, { encoder, width, heads, layers }) {
  if (width % heads)
    throw new Error(`The width of a transformer must be a multiple of its heads, not ${width} for ${heads}.`);
  const [channels, places] = config.shape;
  const code = weights.layer("decoder.code", [places * width, config.inputs]);
  const out = weights.layer("decoder.out", [channels, width]);
  const decode = chain(
    linear(code.weight, code.bias),
    weights.watch.note("decoder.code", places * width),
    plus(weights.take("decoder.queries", [places, width])),
    attending(weights, "decoder.layers", places, width, heads, layers),
    linear(out.weight, out.bias, places),
    weights.watch.note("decoder.out", channels),
  );
  if (encoder === "dense") return { ...readingDensely(config, weights), decode };
  const inputs = weights.layer("encoder.inputs", [width, channels]);
  const layer = chain(
    linear(inputs.weight, inputs.bias, places),
    weights.watch.note("encoder.inputs", width),
    plus(weights.take("encoder.places", [places, width])),
    attending(weights, "encoder.layers", places, width, heads, layers),
  );
  return { layer, features: places * width, decode };
}

/** @type {(config: Config, weights: Weights) => { layer: Layer | null, features: number }} */
const readingDensely = (config, weights) => (config.hidden.length ? denseEncoder(config, weights) : untouched(config));

/**
 * A text written symbol by symbol, each with the code and the likeliest symbol before it in view.
 * @param {Config} config
 * @param {Weights} weights
 * @param {any} given
 * @returns {Body}
 */
function writer(config, weights, { encoder, width, symbol_width: symbolWidth }) {
  const [symbols, places] = config.shape;
  const embedding = weights.take("decoder.symbols.weight", [symbolWidth, symbols]);
  const start = weights.layer("decoder.start", [width, config.inputs]);
  const out = weights.layer("decoder.out", [symbols, width]);
  const count = symbolWidth + config.inputs;
  const inputs = packed(weights.take("decoder.lstm.weight_ih_l0", [4 * width, count]), 4 * width, count);
  const hidden = packed(weights.take("decoder.lstm.weight_hh_l0", [4 * width, width]), 4 * width, width);
  const bias = [
    weights.take("decoder.lstm.bias_ih_l0", [4 * width]),
    weights.take("decoder.lstm.bias_hh_l0", [4 * width]),
  ];
  const begin = chain(linear(start.weight, start.bias), weights.watch.note("decoder.start", width), activation("tanh"));
  const score = linear(out.weight, out.bias);
  const [fed, gates, h, c] = [4 * width, 4 * width, width, width].map((size) => room(size, "A recurrent layer"));
  const x = room(count, "A recurrent layer");
  const logits = room(places * symbols, "A text");
  const [states, read] = [width, symbolWidth].map((size) => room(places * size, "A text"));
  const { watch } = weights;
  const decode = (/** @type {Float32Array} */ z) => {
    x.fill(0, 0, symbolWidth);
    x.set(z, symbolWidth);
    h.set(begin(z));
    c.fill(0);
    for (let place = 0; place < places; place++) {
      multiply(fed, x, inputs, bias[0], 1, count);
      multiply(gates, h, hidden, bias[1], 1, width);
      turn(gates, fed, 0, h, c);
      if (watch.on) {
        states.set(h, place * width);
        read.set(x.subarray(0, symbolWidth), place * symbolWidth);
      }
      const scores = score(h);
      logits.set(scores, place * symbols);
      const likeliest = largest(scores);
      for (let i = 0; i < symbolWidth; i++) x[i] = embedding[i * symbols + likeliest];
    }
    if (watch.on) {
      watch.keep("decoder.symbols", symbolWidth, read);
      watch.keep("decoder.lstm", width, states);
      watch.keep("decoder.out", symbols, logits);
    }
    return logits;
  };
  return {
    ...(encoder === "dense" ? readingDensely(config, weights) : lstmEncoder(config, weights, width, 1)),
    decode,
  };
}

/** @param {Float32Array} values */
function largest(values) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/**
 * A foreign network, as the layers that its config lists for the encoder and the decoder, one after another; see
 * aeviz.importers.models.portable, which writes such configs.
 * @param {Config} config
 * @param {Weights} weights
 * @returns {Body}
 */
function listed(config, weights) {
  const start = shapeOf(config);
  const item = { channels: start[0], height: start.length > 2 ? start[1] : 1, width: start[start.length - 1] };
  const { encoder, decoder, head } = config.layers ?? {};
  const read = sequence(encoder, weights, item, "encoder");
  const write = sequence(decoder, weights, { channels: config.inputs, height: 1, width: 1 }, "decoder");
  const { channels, height, width } = write.map;
  if (channels * height * width !== product(start)) throw new Error("The layers of the decoder do not make an item.");
  // Dense layers at the end give an item channels-first.
  const decode =
    height * width === 1 ? chain(write.layer, transposed(start[0], product(start) / start[0])) : write.layer;
  return {
    ...(head && { head: headOf(head, weights, read.map, (config.gaussian ? 2 : 1) * config.latent_dim) }),
    layer: read.layer,
    order: [read.map.channels, read.map.height, read.map.width],
    features: size(read.map),
    decode,
  };
}

/**
 * Layers between the features and so many means and log σ, which come channels-first.
 * @param {any[]} records
 * @param {Weights} weights
 * @param {GridMap} map of the features
 * @param {number} count
 * @returns {Layer}
 */
function headOf(records, weights, map, count) {
  const made = sequence(records, weights, map, "head");
  if (size(made.map) !== count) throw new Error("The layers of the head do not make a code.");
  return chain(made.layer, transposed(made.map.height * made.map.width, made.map.channels));
}

/** @param {GridMap} map */
const size = ({ channels, height, width }) => channels * height * width;

/**
 * @param {any[]} records
 * @param {Weights} weights
 * @param {GridMap} map
 * @param {string} what
 */
function sequence(records, weights, map, what) {
  if (!Array.isArray(records) || records.length > 256) throw new Error(`The config states no layers of the ${what}.`);
  const layers = [];
  const ends = ["head", RESIDUAL].includes(what) ? new Map() : endsOf(records, what === "decoder");
  for (const [i, record] of records.entries()) {
    if (!Object.hasOwn(LISTED, record?.kind))
      throw new Error(`The layer ${record?.kind} of the ${what} is not known here.`);
    const step = LISTED[record.kind](record, map, weights);
    layers.push(step.layer);
    map = step.map ?? map;
    const noted = ends.get(i);
    if (noted) layers.push(weights.watch.note(noted, map.channels));
  }
  return { layer: chain(...layers), map };
}

/**
 * Behind which record a layer of weights has given what it gives, and its name: activations and the like belong to the
 * layer before them, but for what makes an item of what the last layer gives.
 * @param {any[]} records
 * @param {boolean} decodes
 */
function endsOf(records, decodes) {
  const ends = new Map();
  const rows = records.flatMap((record, i) => (hasWeights(record) ? [i] : []));
  for (const [k, row] of rows.entries()) {
    const last = decodes && k === rows.length - 1;
    const behind = last ? -1 : records.slice(row, rows[k + 1]).findLastIndex(({ kind }) => FOLLOWING.includes(kind));
    ends.set(row + Math.max(0, behind), records[row].name);
  }
  return ends;
}

/** @param {any} record */
const hasWeights = (record) => ["linear", "convolution", "transposed", "residual"].includes(record?.kind);
const RESIDUAL = "residual layer";
const FOLLOWING = ["activation", "scale", "pooling", "enlarging"];

// What a listed layer does: (record, map before it, weights) → {layer, map behind it, if that is another}.
/** @type {Record<string, (record: any, map: GridMap, weights: Weights) => { layer: Layer, map?: GridMap }>} */
const LISTED = {
  activation: ({ name, slope }, map) => ({ layer: slope ? leaking(channelwise(slope, map)) : activation(name) }),
  scale: ({ factor, shift }, map) => ({
    layer: scaled(channelwise(factor, map), channelwise(shift, map), map.height * map.width),
  }),
  linear({ name, outputs }, map, weights) {
    const { weight, bias } = weights.layer(name, [outputs, size(map)]);
    const order = [map.channels, map.height, map.width];
    const turned = permuted(weight, [outputs, ...order], [0, 2, 3, 1]);
    return { layer: linear(turned, bias), map: { channels: outputs, height: 1, width: 1 } };
  },
  unflatten({ shape: [channels, height, width] }, map) {
    if (channels * height * width !== size(map))
      throw new Error(`${size(map)} numbers do not make a map of ${channels} × ${height} × ${width}.`);
    return { layer: transposed(channels, height * width), map: { channels, height, width } };
  },
  convolution({ name, outputs, kernel, stride, padding }, map, weights) {
    const { weight, bias } = weights.layer(name, [outputs, map.channels, ...kernel]);
    const sides = [map.height, map.width].map(
      (side, i) => Math.floor((side + 2 * padding[i] - kernel[i]) / stride[i]) + 1,
    );
    return {
      layer: convolution(map, weight, bias, kernel, stride, padding),
      map: { channels: outputs, height: sides[0], width: sides[1] },
    };
  },
  transposed({ name, outputs, kernel, stride, padding, extra }, map, weights) {
    const weight = weights.take(`${name}.weight`, [map.channels, outputs, ...kernel]);
    const bias = weights.take(`${name}.bias`, [outputs]);
    const [height, width] = [map.height, map.width].map(
      (side, i) => (side - 1) * stride[i] - 2 * padding[i] + kernel[i] + extra[i],
    );
    const out = { channels: outputs, height, width };
    return { layer: transposedConvolution(map, out, weight, bias, kernel, stride, padding), map: out };
  },
  residual({ layers }, map, weights) {
    if (Array.isArray(layers) && layers.some((record) => record?.kind === "residual"))
      throw new Error("A residual layer has one within it.");
    const inner = sequence(layers, weights, map, RESIDUAL);
    if (inner.map.channels !== map.channels || inner.map.height !== map.height || inner.map.width !== map.width)
      throw new Error("A residual layer does not make what could be added to what it reads.");
    const read = room(size(map), "A residual layer"); // what changes numbers in place would change x
    const copied = (/** @type {Float32Array} */ x) => {
      read.set(x);
      return read;
    };
    return { layer: residual(copied, inner.layer) };
  },
  pooling({ side, mode }, map) {
    const [height, width] = [map.height, map.width].map((length) => Math.floor(length / whole(side)));
    return { layer: pooling(map, side, mode), map: { channels: map.channels, height, width } };
  },
  enlarging({ factor, mode }, map) {
    const [height, width] = [map.height, map.width].map((length) => length * whole(factor));
    return { layer: enlarging(map, factor, mode), map: { channels: map.channels, height, width } };
  },
};

/** @param {any} value */
function whole(value) {
  if (!Number.isInteger(value) || value < 1 || value > 64)
    throw new Error(`A map is made ${value} times as small or large: expected a whole number up to 64.`);
  return value;
}

/**
 * @param {number[]} values
 * @param {any} given
 */
function channelwise(values, { channels }) {
  if (![1, channels].includes(values?.length))
    throw new Error(`A layer scales ${values?.length} channels of ${channels}.`);
  return Float32Array.from({ length: channels }, (_, i) => values[values.length === 1 ? 0 : i]);
}

// What each body is built by, how many axes its items have, and the usual settings of its options.
/** @type {Record<string, { axes: number[], build: (config: Config, weights: Weights, options: any) => Body, options: Record<string, any> }>} */
export const BODIES = {
  dense: { axes: [1, 2, 3], build: dense, options: {} },
  layers: { axes: [1, 2, 3], build: listed, options: {} },
  conv: { axes: [3], build: (config, weights) => convolutional(config, weights, [3, 3]), options: {} },
  conv1d: {
    axes: [2],
    build: (config, weights, { kernel }) => convolutional(config, weights, [1, kernel]),
    options: { kernel: 7 },
  },
  lstm: { axes: [2], build: lstmBody, options: { width: 64, layers: 1, frequencies: 6 } },
  transformer: { axes: [2], build: transformer, options: { encoder: "transformer", width: 64, heads: 4, layers: 2 } },
  "lstm-writer": {
    axes: [2],
    build: writer,
    options: { encoder: "lstm", width: 128, hidden_inputs: 0.3, symbol_width: 32 },
  },
};
