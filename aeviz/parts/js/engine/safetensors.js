// The file format of weights (github.com/huggingface/safetensors): the length of a header in 8 bytes, the header as
// JSON, {name: {dtype, shape, data_offsets: [from, to]}}, and the numbers, little-endian, one tensor after another.

/** @typedef {Map<string, { shape: number[], values: Float32Array }>} Tensors */

const MAX_HEADER = 1_000_000; // bytes
const MAX_WEIGHTS = 100_000_000; // numbers in a file
/** @type {Record<string, { bytes: number, read: (bytes: Uint8Array) => Float32Array }>} */
const READERS = {
  F16: { bytes: 2, read: float16 },
  BF16: { bytes: 2, read: bfloat16 },
  F32: { bytes: 4, read: (bytes) => new Float32Array(aligned(bytes)) },
  F64: { bytes: 8, read: (bytes) => Float32Array.from(new Float64Array(aligned(bytes))) },
};

/**
 * The tensors of a file, by name, as float32. Throws an Error that says what is wrong with the file.
 * @param {Uint8Array} bytes
 * @returns {Map<string, {shape: number[], values: Float32Array}>}
 */
export function readSafetensors(bytes) {
  const { header, start } = headerOf(bytes);
  const tensors = new Map();
  let total = 0;
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const { reader, count, from, to } = checked(name, entry);
    total += count;
    if (total > MAX_WEIGHTS) throw new Error(`The weights hold more than ${MAX_WEIGHTS} numbers.`);
    if (start + to > bytes.length) {
      throw new Error(`The weights are cut off: ${name} ends at byte ${start + to} of a file of ${bytes.length}.`);
    }
    const values = reader.read(bytes.subarray(start + from, start + to));
    for (let i = 0; i < count; i++) {
      if (!Number.isFinite(values[i])) throw new Error(`The weights of ${name} hold NaN or infinite values.`);
    }
    tensors.set(name, { shape: entry.shape, values });
  }
  return tensors;
}

/** @param {Uint8Array} bytes */
function headerOf(bytes) {
  const length = bytes.length < 8 ? 0n : new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length < 2n || length > BigInt(MAX_HEADER)) {
    throw new Error("The weights are no safetensors file: it is cut off, or of another format.");
  }
  const start = 8 + Number(length);
  if (start > bytes.length)
    throw new Error(`The weights are cut off: the header ends at byte ${start} of ${bytes.length}.`);
  try {
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
    if (header && typeof header === "object" && !Array.isArray(header)) return { header, start };
  } catch {
    // Told below, as for a header that is no object.
  }
  throw new Error("The weights are no safetensors file: its header is no JSON object.");
}

/**
 * @param {string} name
 * @param {any} given
 */
function checked(name, { dtype, shape, data_offsets: offsets } = {}) {
  const reader = Object.hasOwn(READERS, dtype) ? READERS[dtype] : null;
  if (!reader)
    throw new Error(`The weights of ${name} are of type ${dtype}: expected ${Object.keys(READERS).join(", ")}.`);
  const sizes = [shape, offsets].every(
    (list) => Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= 0),
  );
  if (!sizes || offsets.length !== 2) throw new Error(`The header of the weights is damaged at ${name}.`);
  const count = shape.reduce((/** @type {number} */ product, /** @type {number} */ side) => product * side, 1);
  const [from, to] = offsets;
  if (to - from !== count * reader.bytes) {
    throw new Error(
      `The weights of ${name} take ${to - from} bytes, but its shape (${shape.join(", ")}) takes ${count * reader.bytes}.`,
    );
  }
  return { reader, count, from, to };
}

/**
 * A copy of the bytes that starts where a number may start.
 * @param {Uint8Array} bytes
 */
function aligned(bytes) {
  return bytes.slice().buffer;
}

/** @param {Uint8Array} bytes */
function bfloat16(bytes) {
  const halves = new Uint16Array(aligned(bytes));
  const words = Uint32Array.from(halves, (half) => half * 65536);
  return new Float32Array(words.buffer);
}

/**
 * Half precision: sign, 5 bits of exponent, 10 of fraction; exponent 0 has no leading one, 31 is infinite or NaN.
 * @param {Uint8Array} bytes
 */
function float16(bytes) {
  const halves = new Uint16Array(aligned(bytes));
  const values = new Float32Array(halves.length);
  const words = new Uint32Array(values.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i];
    const exponent = (half >> 10) & 31;
    if (exponent === 0) values[i] = (half & 0x8000 ? -1 : 1) * 2 ** -24 * (half & 1023);
    else words[i] = ((half & 0x8000) << 16) | ((exponent === 31 ? 255 : exponent + 112) << 23) | ((half & 1023) << 13);
  }
  return values;
}
