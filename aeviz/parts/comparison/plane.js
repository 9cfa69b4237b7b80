// Arithmetic of the plane of two figures: its axes, and where the names of points find room. After `aeviz.figures.points`.

/** @typedef {{ x: number, y: number, label: string }} Spot in px */

const LOG_RATIO = 40; // an axis whose values differ by more than this factor is logarithmic
const LETTER = 7.2; // px that a letter is wide, about
const LINE = 16; // px that a name is tall
const AROUND = 9; // px from a point's middle to its name
const EDGE = 0.06; // of the span, that is left free at both ends
/** @type {[across: number, up: number][]} */
const SIDES = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
];

/**
 * An axis over values: its ends, and whether it is logarithmic.
 * @param {number[]} values
 */
export function axisOf(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const log = low > 0 && high > LOG_RATIO * low;
  if (log) {
    const wide = (high / low) ** EDGE;
    return { low: low / wide, high: high * wide, log };
  }
  const room = high > low ? EDGE * (high - low) : Math.max(Math.abs(high) * EDGE, 0.5);
  return { low: low - room, high: high + room, log };
}

/**
 * Where each name goes so that none covers another or a point: [x, y] of its middle; null where it finds no place.
 * @param {Spot[]} spots
 * @param {[left: number, right: number]} room ends of the plane
 * @returns {([x: number, y: number] | null)[]}
 */
export function placedNames(spots, [left, right]) {
  const taken = spots.map(({ x, y }) => ({ x, y, across: 7, up: 7 }));
  return spots.map(({ x, y, label }, own) => {
    const [across, up] = [(LETTER * label.length) / 2, LINE / 2];
    for (const [sideways, above] of SIDES) {
      const box = { x: x + sideways * (across + AROUND), y: y - above * (up + AROUND - 2), across, up };
      if (box.x - across < left || box.x + across > right) continue;
      if (taken.some((other, i) => i !== own && overlap(box, other))) continue;
      taken.push(box);
      return [box.x, box.y];
    }
    return null;
  });
}

/** @typedef {{ x: number, y: number, across: number, up: number }} Box middle and halves of its sides */

/**
 * @param {Box} a
 * @param {Box} b
 */
const overlap = (a, b) => Math.abs(a.x - b.x) < a.across + b.across && Math.abs(a.y - b.y) < a.up + b.up;

/**
 * Rows in the order of their numbers; those without one come last, those that are alike stay as they were.
 * @param {number[]} numbers
 * @param {boolean} falling
 */
export function orderOf(numbers, falling) {
  const rows = numbers.map((_, i) => i);
  return rows.sort((a, b) => {
    const [first, second] = [numbers[a], numbers[b]];
    if (Number.isNaN(first) || Number.isNaN(second)) return Number(Number.isNaN(first)) - Number(Number.isNaN(second));
    return falling ? second - first : first - second;
  });
}

/**
 * The best of a figure's numbers; NaN where no end is better, or fewer than two models have it.
 * @param {number[]} numbers
 * @param {string} better
 */
export function bestOf(numbers, better) {
  const known = numbers.filter((number) => !Number.isNaN(number));
  if (!better || known.length < 2) return NaN;
  return better === "low" ? Math.min(...known) : Math.max(...known);
}
