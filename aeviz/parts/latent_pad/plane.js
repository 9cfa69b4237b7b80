// Places, tiles and the room for pictures: plain arithmetic, no DOM. A region is [x0, x1, y0, y1].

import { readableWidth } from "../js/sheets.js";

/**
 * @typedef {import("../js/view.js").Box} Box
 * @typedef {{ region: Box, columns: number, rows: number }} Grid decoded tiles over a region
 */

const MIN_TILE = 28; // px a tile of the mosaic takes at the least
export const COARSE = 48; // px from which on a mosaic's tiles are large enough to be replaced by finer ones
export const GAP = 28; // px between the plane and the large pictures
export const WORDS = 56; // px a large picture's words take
const MIN_PICTURE = 132; // px below which a large picture is better shown beside the pointer

/**
 * Index of the tile whose cell holds the place, rows counted from the top; -1 outside.
 * @param {Grid} grid
 * @param {number} x
 * @param {number} y
 */
export function tileAt({ region: [x0, x1, y0, y1], columns, rows }, x, y) {
  if (!(x >= x0 && x <= x1 && y >= y0 && y <= y1)) return -1;
  const column = Math.min(columns - 1, Math.floor(((x - x0) / (x1 - x0)) * columns));
  const row = Math.min(rows - 1, Math.floor(((y1 - y) / (y1 - y0)) * rows));
  return row * columns + column;
}

/** @param {Pick<Grid, "region" | "columns">} grid */
export const cellWidth = ({ region: [x0, x1], columns }) => (x1 - x0) / columns;

/**
 * The middles of a level's cells, row by row from the top.
 * @param {Grid} grid
 */
export function middles({ region: [x0, x1, y0, y1], columns, rows }) {
  const [w, h] = [(x1 - x0) / columns, (y1 - y0) / rows];
  return Array.from({ length: columns * rows }, (_, i) => [
    x0 + ((i % columns) + 0.5) * w,
    y1 - (Math.floor(i / columns) + 0.5) * h,
  ]);
}

/**
 * Which level has the smallest cells of those that hold the place; -1 when none does.
 * @param {Grid[]} levels
 * @param {number} x
 * @param {number} y
 */
export function finestAt(levels, x, y) {
  let best = -1;
  levels.forEach((level, i) => {
    if (tileAt(level, x, y) >= 0 && (best < 0 || cellWidth(level) < cellWidth(levels[best]))) best = i;
  });
  return best;
}

/**
 * Every how many tiles the mosaic shows one.
 * Every how many tiles across and down it does where cells are as wide as they are high and tiles may not be.
 * @param {number} pixels
 * @param {number[]} place
 */
export function strides(pixels, [width, height]) {
  const aspect = width / height;
  if (aspect <= 1.25) return [strideOf(pixels), strideOf(pixels)];
  const down = strideOf(pixels, readableWidth(MIN_TILE, MIN_TILE, { width, height }) / aspect);
  return [Math.max(1, Math.round(down * aspect)), down];
}

/**
 * @param {number} pixels
 * @param {number} [least]
 */
export const strideOf = (pixels, least = MIN_TILE) => Math.max(1, Math.ceil(least / pixels - 1e-9));

/**
 * Which levels make up the mosaic, coarse ones first: finer ones only where the coarser would be large on the screen.
 * @param {Grid[]} levels
 * @param {number} k
 */
export function mosaicLevels(levels, k) {
  const order = [...levels.keys()].sort((a, b) => cellWidth(levels[b]) - cellWidth(levels[a]));
  const last = order.findIndex((i) => cellWidth(levels[i]) * k <= COARSE);
  return last < 0 ? order : order.slice(0, last + 1);
}

/**
 * As many decimals as a pixel is worth, but at least two; a true minus sign.
 * @param {number} value
 * @param {number} k
 * @param {number} [least]
 */
export function figure(value, k, least = 2) {
  const text = Math.abs(value).toFixed(Math.min(8, Math.max(least, Math.ceil(Math.log10(k)))));
  return value < 0 && Number(text) ? `−${text}` : text;
}

/**
 * Where a card stands beside the pixel: up and to the right by default, elsewhere at an edge.
 * @param {number} px
 * @param {number} py
 * @param {number} w
 * @param {number} h
 * @param {number} width
 * @param {number} height
 * @param {{ right?: boolean, up?: boolean, gap?: number }} [way]
 * @returns {[left: number, top: number]}
 */
export function besides(px, py, w, h, width, height, { right = true, up = true, gap = 18 } = {}) {
  /**
   * @param {number} at
   * @param {number} size
   * @param {number} room
   * @param {boolean} after
   */
  const put = (at, size, room, after) => {
    const tries = after ? [at + gap, at - gap - size] : [at - gap - size, at + gap];
    const free = tries.find((start) => start >= 0 && start + size <= room);
    return free ?? Math.min(Math.max(0, tries[0]), Math.max(0, room - size));
  };
  return [put(px, w, width, right), put(py, h, height, !up)];
}

/**
 * How a plane with `home` in it and two large pictures share the room: {mode, width of the plane, times}. The modes
 * "row" and "column" put the pictures to the right of the plane, each tile pixel `times` as large; "float" puts them
 * beside the pointer.
 * @param {Box} box
 * @param {number} width
 * @param {number} height
 * @param {number[]} tile
 */
export function layoutOf([x0, x1, y0, y1], width, height, tile) {
  const plane = Math.min(width, Math.floor((height * (x1 - x0)) / (y1 - y0)));
  const rest = width - plane - GAP;
  /**
   * @param {number} w
   * @param {number} h
   */
  const fit = (w, h) => Math.floor(Math.min(w / tile[0], h / tile[1]));
  const [row, column] = [fit((rest - GAP) / 2, height - WORDS), fit(rest, (height - GAP) / 2 - WORDS)];
  const times = Math.max(row, column);
  if (times * Math.max(...tile) < MIN_PICTURE) return { mode: "float", width, times: 0 };
  return { mode: row >= column ? "row" : "column", width: plane, times };
}

/**
 * @param {Box} box
 * @param {Box} other
 */
export function overlap([ax, ay, aw, ah], [bx, by, bw, bh]) {
  /**
   * @param {number} a
   * @param {number} b
   * @param {number} c
   * @param {number} d
   */
  const shared = (a, b, c, d) => Math.max(0, Math.min(b, d) - Math.max(a, c));
  return shared(ax, ax + aw, bx, bx + bw) * shared(ay, ay + ah, by, by + bh);
}

/** @type {Record<string, number[]>} */
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * Where an arrow key leads: 4 pixels on, or 40; null for another key.
 * @param {number[]} place
 * @param {string} key
 * @param {boolean} far
 * @param {number} k
 * @returns {[x: number, y: number] | null}
 */
export function stepped([x, y], key, far, k) {
  const way = DIRECTIONS[key];
  return way ? [x + (way[0] * (far ? 40 : 4)) / k, y + (way[1] * (far ? 40 : 4)) / k] : null;
}
