// Arrays as the traits of a notebook's widget hold them: {dtype, shape, bytes}, the bytes as a DataView.

/** @typedef {{ dtype: "float32", shape: number[], bytes: DataView }} Trait */

/** @param {Trait} array */
export function floatsOf({ bytes: { buffer, byteOffset, byteLength } }) {
  return new Float32Array(/** @type {ArrayBuffer} */ (buffer).slice(byteOffset, byteOffset + byteLength));
}

/**
 * @param {Float32Array} values
 * @param {number[]} shape
 * @returns {Trait}
 */
export const traitOf = (values, shape) => ({ dtype: "float32", shape, bytes: new DataView(values.buffer) });
