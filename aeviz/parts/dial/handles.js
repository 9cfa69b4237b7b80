// Arithmetic of the handles: one number stands for the stops of all of them, as in an array in C order.

import { clamp } from "../js/common.js";
import { WIDE } from "../js/sheets.js";

/**
 * A number and the sizes of all axes -> the stop of each.
 * @param {number} number
 * @param {number[]} sizes
 */
export function stopsAt(number, sizes) {
  const stops = [];
  for (const size of [...sizes].reverse()) {
    stops.unshift(number % size);
    number = Math.floor(number / size);
  }
  return stops;
}

/**
 * @param {number[]} stops
 * @param {number[]} sizes
 */
export function numberOf(stops, sizes) {
  return stops.reduce((number, stop, axis) => number * sizes[axis] + stop, 0);
}

/**
 * The [row, column] of a grid to which a point of a picture leads; x and y are shares of its width and height.
 * @param {number} x
 * @param {number} y
 * @param {number} rows
 * @param {number} columns
 */
export function gridPlace(x, y, rows, columns) {
  return [Math.round(clamp(y, 0, 1) * (rows - 1)), Math.round(clamp(x, 0, 1) * (columns - 1))];
}

/**
 * Where an arrow key takes a [row, column]; null for another key.
 * @param {number[]} place
 * @param {string} key
 * @param {number} rows
 * @param {number} columns
 */
export function steppedPlace([row, column], key, rows, columns) {
  const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key] ?? [];
  if (down === undefined) return null;
  return [clamp(row + down, 0, rows - 1), clamp(column + right, 0, columns - 1)];
}

const LEAST_PX = 28; // px that a picture of a grid is wide at least
const LEAST_SHARE = 0.8; // of its own width, what one that is read from left to right is shown in at least

/**
 * @typedef {object} Layout How pictures of a grid stand: `columns` of `from`, each `cell` × `tall` pixels with a gap.
 * @property {number} count
 * @property {number} from columns that they have in their tile
 * @property {number} columns
 * @property {number} cell
 * @property {number} tall
 * @property {number} gap
 * @property {number} width of all together
 * @property {number} height
 */

/**
 * Whether two panels of `room` px leave a grid whose columns mean something too little to be read.
 * @param {{ columns: number, fixed: boolean }} grid
 * @param {number} room
 */
export const tooNarrow = ({ columns, fixed }, room) => fixed && room < columns * (LEAST_PX + 1) - 1;

/**
 * The layout of a grid in `room` px: as in its tile, or with fewer columns where the pictures would be too small. Of
 * pictures that are wider than high there are then fewer, too: as many rows as before hold them.
 * @param {{ count: number, columns: number, gap: number, fixed: boolean }} grid
 * @param {{ width: number, height: number }} tile
 * @param {number} room
 * @returns {Layout}
 */
export function gridLayout({ count, columns: from, gap, fixed }, tile, room) {
  const cell = (tile.width + gap) / from - gap;
  const tall = (tile.height + gap) / Math.ceil(count / from) - gap;
  const least = Math.max(LEAST_PX, cell > WIDE * tall ? LEAST_SHARE * cell : 0);
  const most = Math.max(1, Math.min(from, Math.floor(room / (least + 1))));
  const columns = fixed ? from : fullRows(count, most);
  const shown = columns < from && cell > WIDE * tall ? Math.min(count, columns * Math.ceil(count / from)) : count;
  const rows = Math.ceil(shown / columns);
  const [width, height] = [columns * (cell + gap) - gap, rows * (tall + gap) - gap];
  return { count: shown, from, columns, cell, tall, gap, width, height };
}

/**
 * As many columns as there may be, or fewer where that leaves no gap in the last row and no row more.
 * @param {number} count
 * @param {number} most
 */
function fullRows(count, most) {
  const rows = Math.ceil(count / most);
  return count % rows === 0 ? count / rows : most;
}

/**
 * The picture at the pixel (x, y) of a layout; -1 for none.
 * @param {number} x
 * @param {number} y
 * @param {Layout} layout
 */
export function cellAt(x, y, { count, columns, cell, tall, gap }) {
  const [column, row] = [Math.floor(x / (cell + gap)), Math.floor(y / (tall + gap))];
  const item = row * columns + column;
  return column >= 0 && column < columns && row >= 0 && item < count ? item : -1;
}

/**
 * The picture that an arrow key goes to from another; null for another key.
 * @param {number} item
 * @param {string} key
 * @param {Layout} layout
 */
export function besideIn(item, key, { count, columns }) {
  /** @type {Record<string, number>} */
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
  if (!(key in steps)) return null;
  const next = Math.max(0, item) + (item < 0 ? 0 : steps[key]);
  return next >= 0 && next < count ? next : item;
}

const LENIENT = 0.88; // of its least width that a panel may have where all then stand in one row
const FITTED_GAP = 14; // px between panels that are fitted into a row, as in dial.css

/**
 * How many panels stand side by side: two at least, all where there is nearly room, else as many in each row.
 * @param {number} count of panels
 * @param {number} room px
 * @param {number} smallest px that a panel should be wide at least
 * @param {number} [lenient] share of it that is enough where one row less is needed then
 */
export function abreast(count, room, smallest, lenient = LENIENT) {
  const most = Math.max(2, Math.floor((room + FITTED_GAP) / (lenient * smallest + FITTED_GAP)));
  return Math.ceil(count / Math.ceil(count / most));
}
