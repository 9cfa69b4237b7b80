// Strokes: plain data, lengths in thousandths of the pad's width.

/**
 * @typedef {{ tool: "brush" | "eraser" | "clear", size: number, colour: string, points: number[] }} Stroke
 */

export const UNIT = 1000;
const MIN_STEP = 4; // between two points of a stroke

/**
 * Append a point unless it is too close to the last one; tells whether it was.
 * @param {number[]} points
 * @param {number} x
 * @param {number} y
 * @param {number} [least]
 */
export function addPoint(points, x, y, least = MIN_STEP) {
  const [px, py] = points.slice(-2);
  if (points.length && Math.hypot(x - px, y - py) < least) return false;
  points.push(Math.round(x), Math.round(y));
  return true;
}

/**
 * A smooth way through the points: ["M", x, y], ["Q", cx, cy, x, y] … each bend ends halfway to the next point.
 * @param {number[]} points
 */
export function curve(points) {
  const count = points.length / 2;
  /** @type {[step: "M" | "L" | "Q", ...at: number[]][]} */
  const path = [["M", points[0], points[1]]];
  for (let i = 1; i < count - 1; i++) {
    const [x, y, nx, ny] = points.slice(2 * i, 2 * i + 4);
    path.push(["Q", x, y, (x + nx) / 2, (y + ny) / 2]);
  }
  if (count > 1) path.push(["L", ...points.slice(-2)]);
  return path;
}

/**
 * What is still to be seen: the strokes since the pad was last cleared.
 * @param {Stroke[]} strokes
 */
export function visible(strokes) {
  return strokes.slice(strokes.findLastIndex((stroke) => stroke.tool === "clear") + 1);
}

/**
 * Clearing is a stroke too, so that it can be undone; what an earlier clearing hid is forgotten.
 * @param {Stroke[]} strokes
 * @returns {Stroke[]}
 */
export function cleared(strokes) {
  return visible(strokes).length ? [...visible(strokes), { tool: "clear", size: 0, colour: "", points: [] }] : strokes;
}

/** @param {Stroke[]} strokes */
export function undone(strokes) {
  return strokes.slice(0, -1);
}

/**
 * Where an arrow key takes the pen; null for another key.
 * @param {number[]} place
 * @param {string} key
 * @param {boolean} far
 * @param {number} height
 */
export function stepped([x, y], key, far, height) {
  const step = far ? 100 : 20;
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] ?? [];
  if (dx === undefined) return null;
  return [Math.min(UNIT, Math.max(0, x + dx * step)), Math.min(height, Math.max(0, y + dy * step))];
}

/**
 * The first of the channels, or three of them, from RGBA bytes, as base64.
 * @param {Uint8ClampedArray} rgba
 * @param {number} channels
 */
export function encode(rgba, channels) {
  const bytes = new Uint8Array((rgba.length / 4) * channels);
  for (let i = 0, at = 0; i < rgba.length; i += 4) {
    for (let c = 0; c < channels; c++) bytes[at++] = rgba[i + c];
  }
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
