// Where things lie: the units of a layer in the room that it has, and what stands under a pointer. Pure.

/**
 * @typedef {{ columns: number, rows: number, width: number, height: number, gap: number }} Mosaic Units side by side, row
 *   by row, each `width` × `height` px with `gap` px between two.
 */

const CELL = 13; // px of a unit of one number, at most
const BAND = 14; // px of the height of a unit of a line of numbers, at most
const APART = 12; // px of a map, from which two have a gap of 2 px between them

/**
 * Height and width of a unit's own picture, in values: (1, 1) of a number, (1, T) of a line, (h, w) of a map.
 * @param {number[]} shape of a layer, (units, *places)
 */
export function sidesOf(shape) {
  return shape.length > 2 ? [shape[1], shape[2]] : [1, shape[1] ?? 1];
}

/**
 * The units of a layer as large as they fit into so much room.
 * @param {number[]} shape of a layer, (units, *places)
 * @param {number} width of the room, in px
 * @param {number} height
 * @param {number} [cell] px of a unit of one number, at most
 * @returns {Mosaic}
 */
export function arrange(shape, width, height, cell = CELL) {
  const units = shape[0];
  const [down, across] = sidesOf(shape);
  if (shape.length === 2 && across > 1) {
    const gap = height / units > 5 ? 1 : 0;
    return { columns: 1, rows: units, width, height: Math.min(BAND, height / units - gap), gap };
  }
  let best = { columns: 1, rows: units, width: 0, height: 0, gap: 0 };
  for (let columns = 1; columns <= units; columns++) {
    const rows = Math.ceil(units / columns);
    const roomy = Math.min(width / columns, height / rows);
    const gap = shape.length > 2 ? (roomy > APART ? 2 : 1) : roomy > 4 ? 1 : 0;
    const scale = Math.min((width / columns - gap) / across, (height / rows - gap) / down);
    const side = shape.length > 2 ? scale : Math.min(cell, scale);
    if (side * across > best.width - 0.01) best = { columns, rows, width: side * across, height: side * down, gap };
  }
  return best;
}

/**
 * How large a mosaic is, in px.
 * @param {Mosaic} mosaic
 */
export function sizeOf({ columns, rows, width, height, gap }) {
  return { width: columns * (width + gap) - gap, height: rows * (height + gap) - gap };
}

/**
 * Where a unit lies, in px from the left and from the top.
 * @param {Mosaic} mosaic
 * @param {number} unit
 */
export function placeOf({ columns, width, height, gap }, unit) {
  return { x: (unit % columns) * (width + gap), y: Math.floor(unit / columns) * (height + gap) };
}

/**
 * Where an arrow key leads from a unit; null for a key that is not ours.
 * @param {string} key
 * @param {number} unit
 * @param {number} units
 * @param {number} columns
 */
export function stepped(key, unit, units, columns) {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
  if (step !== undefined) return unit + step >= 0 && unit + step < units ? unit + step : unit;
  return { Home: 0, End: units - 1 }[key] ?? null;
}

/**
 * A number that a scale may end at, one or two digits, and at least `value`.
 * @param {number} value
 */
export function roundUp(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return (
    /** @type {number} */ ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((times) => times * power >= value * (1 - 1e-9))) * power
  );
}

const SPREAD = 1.5; // σ that the axis of a code makes room for, at most: the prior's is 1
const LEAST = 2; // of the axis of a code
const BEYOND = 2; // times the posterior's room, that a decoded code may ask for

/**
 * Where the axis of a code ends: at its mean and two spreads about it, and what is decoded. An item like none that the
 * model has learned has spreads of thousands, and samples as far: they end where the axis does, so that bars are seen.
 * @param {{ mean: ArrayLike<number>, std: ArrayLike<number> | null, z: ArrayLike<number> }} code
 */
export function axisOf({ mean, std, z }) {
  let room = LEAST;
  for (let i = 0; i < mean.length; i++) room = Math.max(room, Math.abs(mean[i]) + 2 * Math.min(SPREAD, std?.[i] ?? 0));
  return roundUp(1.05 * Math.max(room, Math.min(BEYOND * room, reachOf(z))));
}

/**
 * How much of the room's height a layer takes, from 0.5 to 1, by the number of its values: so that the whole narrows
 * towards the code.
 * @param {number} count of its values
 * @param {number} code how many numbers the code has
 * @param {number} most of the values of a layer
 */
export function shareOf(count, code, most) {
  const [from, to, at] = [code, most, count].map((value) => Math.log(Math.max(1, value)));
  return to > from ? 0.5 + 0.5 * Math.min(1, Math.max(0, (at - from) / (to - from))) : 1;
}

/**
 * The largest absolute value.
 * @param {ArrayLike<number>} values
 */
export function reachOf(values) {
  let reach = 0;
  for (let i = 0; i < values.length; i++) reach = Math.max(reach, Math.abs(values[i]));
  return reach;
}
