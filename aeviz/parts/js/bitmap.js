// Pixels as a file, without a canvas.

import { base64Of } from "./common.js";

const HEAD = 54; // bytes before the pixels

/**
 * A picture as the URL of a bitmap file of 24 bits: blue, green and red, rows from below, each filled to four bytes.
 * @param {ArrayLike<number>} rgba
 * @param {number} width
 * @param {number} height
 */
export function bitmapUrl(rgba, width, height) {
  const pitch = Math.ceil((3 * width) / 4) * 4;
  const bytes = new Uint8Array(HEAD + pitch * height);
  const head = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  head.setUint32(2, bytes.length, true);
  head.setUint32(10, HEAD, true);
  head.setUint32(14, 40, true);
  head.setInt32(18, width, true);
  head.setInt32(22, height, true);
  head.setUint16(26, 1, true);
  head.setUint16(28, 24, true);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [from, to] = [4 * (y * width + x), HEAD + (height - 1 - y) * pitch + 3 * x];
      bytes.set([rgba[from + 2], rgba[from + 1], rgba[from]], to);
    }
  }
  return `data:image/bmp;base64,${base64Of(bytes)}`;
}
