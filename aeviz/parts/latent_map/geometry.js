// Outlines, neighbours, room for names and pictures: plain arithmetic on arrays, no DOM.

import { bounds } from "../js/points.js";
import { short, withMinus } from "../js/ticks.js";

/** @typedef {import("../js/common.js").Numbers} Numbers */

/**
 * Even-odd rule; `polygon` is a list of [x, y].
 * @param {number[][]} polygon
 * @param {number} x
 * @param {number} y
 */
function insidePolygon(polygon, x, y) {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [[xi, yi], [xj, yj]] = [polygon[i], polygon[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/**
 * Indices of the shown points inside the polygon, ascending.
 * @param {Numbers} xs
 * @param {Numbers} ys
 * @param {number[][]} polygon
 * @param {Numbers | null} [shown]
 */
export function lassoHits(xs, ys, polygon, shown = null) {
  if (polygon.length < 3) return [];
  const [x0, x1, y0, y1] = bounds([], [], polygon);
  const hits = [];
  for (let i = 0; i < xs.length; i++) {
    if (shown && !shown[i]) continue;
    if (xs[i] < x0 || xs[i] > x1 || ys[i] < y0 || ys[i] > y1) continue;
    if (insidePolygon(polygon, xs[i], ys[i])) hits.push(i);
  }
  return hits;
}

/**
 * The best next point when moving from (x, y) towards (dx, dy): near, and little to the side. -1 when none.
 * @param {Numbers} xs
 * @param {Numbers} ys
 * @param {number} x
 * @param {number} y
 * @param {number} dx
 * @param {number} dy
 * @param {Numbers | null} [shown]
 * @param {number} [except]
 */
export function towards(xs, ys, x, y, dx, dy, shown = null, except = -1) {
  let [best, least] = [-1, Infinity];
  for (let i = 0; i < xs.length; i++) {
    if (i === except || (shown && !shown[i])) continue;
    const [ex, ey] = [xs[i] - x, ys[i] - y];
    const ahead = ex * dx + ey * dy;
    const aside = Math.abs(ex * dy - ey * dx);
    if (ahead <= 0 || aside > ahead) continue;
    const cost = ahead + 2 * aside;
    if (cost < least) [best, least] = [i, cost];
  }
  return best;
}

/**
 * The place a share t, from 0 to 1, of the steps along a path: between two of its places on the straight way.
 * @param {number[][]} path
 * @param {number} t
 * @returns {[x: number, y: number]}
 */
export function along(path, t) {
  const at = t * (path.length - 1);
  const step = Math.max(0, Math.min(path.length - 2, Math.floor(at)));
  const [[x0, y0], [x1, y1]] = [path[step], path[Math.min(step + 1, path.length - 1)]];
  return [x0 + (x1 - x0) * (at - step), y0 + (y1 - y0) * (at - step)];
}

/**
 * Which of the places [x, y] is nearest to (x, y) within `reach`; -1 for none.
 * @param {number[][]} places
 * @param {number} x
 * @param {number} y
 * @param {number} reach
 */
export function nearestPlace(places, x, y, reach) {
  const far = places.map((place) => Math.hypot(place[0] - x, place[1] - y));
  const least = Math.min(...far);
  return least <= reach ? far.indexOf(least) : -1;
}

/**
 * A text as it is, or cut off with an ellipsis so that it is no wider than `most`.
 * @param {string} text
 * @param {number} most
 * @param {(text: string) => number} measure
 */
export function shortened(text, most, measure) {
  const letters = [...text];
  let short = text;
  while (letters.length > 1 && measure(short) > most) {
    letters.pop();
    short = `${letters.join("").trimEnd()}…`;
  }
  return short;
}

/**
 * The nearest to `value` at which something of `size` lies between 0 and `room`; its middle where there is no room.
 * @param {number} value
 * @param {number} size
 * @param {number} room
 */
export const within = (value, size, room) =>
  size >= room ? room / 2 : Math.min(room - size / 2, Math.max(size / 2, value));

/**
 * Centres for boxes {x, y, w, h}, each nudged to the nearest free place; earlier boxes keep theirs, and one that finds
 * none is left out. None lies above 0 or below `height`.
 * @template {{ x: number, y: number, w: number, h: number }} B
 * @param {B[]} boxes
 * @param {number} [height]
 * @param {number[]} [tries]
 */
export function labelPlaces(boxes, height = Infinity, tries = [0, -0.5, 0.5, -1, 1, -1.5, 1.5, -2, 2, -2.5, 2.5]) {
  /** @type {B[]} */
  const placed = [];
  const clear = (/** @type {B} */ a) =>
    placed.every((b) => Math.abs(a.x - b.x) * 2 >= a.w + b.w || Math.abs(a.y - b.y) * 2 >= a.h + b.h);
  for (const box of boxes) {
    const middle = within(box.y, box.h, height);
    const options = tries.map((step) => ({ ...box, y: within(middle + step * box.h, box.h, height) }));
    const free = options.find(clear);
    if (free) placed.push(free);
  }
  return placed;
}

/**
 * Which of the points (pixels) can carry a picture of `size` without hiding one another: indices into px, py.
 * @param {Numbers} px
 * @param {Numbers} py
 * @param {number} size
 */
export function pictureSpots(px, py, size) {
  const taken = new Map();
  const spots = [];
  for (let i = 0; i < px.length; i++) {
    const [c, r] = [Math.floor(px[i] / size), Math.floor(py[i] / size)];
    let free = true;
    for (let row = r - 1; free && row <= r + 1; row++) {
      for (let column = c - 1; free && column <= c + 1; column++) {
        const other = taken.get(row * 65536 + column);
        free = other === undefined || Math.abs(px[other] - px[i]) >= size || Math.abs(py[other] - py[i]) >= size;
      }
    }
    if (!free) continue;
    taken.set(r * 65536 + c, i);
    spots.push(i);
  }
  return spots;
}

/**
 * A figure as a person reads it: three digits that matter, a true minus sign.
 * @param {number} value
 * @param {boolean} [whole]
 */
export function figureText(value, whole = false) {
  if (!Number.isFinite(value)) return "–";
  return whole ? withMinus(String(Math.round(value))) : short(value);
}

/**
 * A set of indices below `count` as base64 of one bit per item, lowest bit first.
 * @param {ArrayLike<number> & Iterable<number>} indices
 * @param {number} count
 */
export function toBits(indices, count) {
  if (!indices.length) return "";
  const bytes = new Uint8Array(Math.ceil(count / 8));
  for (const i of indices) bytes[i >> 3] |= 1 << (i & 7);
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/** @param {string} text */
export function fromBits(text) {
  const items = [];
  const bytes = atob(text);
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) if ((bytes.charCodeAt(at) >> bit) & 1) items.push(at * 8 + bit);
  }
  return items;
}
