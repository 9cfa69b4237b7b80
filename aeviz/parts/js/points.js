// Points on a plane, as arrays of their coordinates: what lies near a place, and the middle of each class.

/**
 * @typedef {import("./common.js").Numbers} Numbers
 * @typedef {ReturnType<typeof gridIndex>} Grid
 */

/**
 * The smallest box [x0, x1, y0, y1] round all points; more places ([x, y] pairs) count too.
 * @param {Numbers} xs
 * @param {Numbers} ys
 * @param {number[][]} [more]
 * @returns {import("./view.js").Box}
 */
export function bounds(xs, ys, more = []) {
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  /**
   * @param {number} x
   * @param {number} y
   */
  const take = (/** @type {number} */ x, /** @type {number} */ y) => {
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
    if (y < y0) y0 = y;
    if (y > y1) y1 = y;
  };
  for (let i = 0; i < xs.length; i++) take(xs[i], ys[i]);
  for (const [x, y] of more) take(x, y);
  return x0 <= x1 ? [x0, x1, y0, y1] : [0, 1, 0, 1];
}

/**
 * Points sorted into square cells, so that a look round the pointer touches a handful of them.
 * @param {Numbers} xs
 * @param {Numbers} ys
 */
export function gridIndex(xs, ys) {
  const [x0, x1, y0, y1] = bounds(xs, ys);
  const size = Math.max(x1 - x0, y1 - y0) / Math.max(1, Math.sqrt(xs.length / 2)) || 1;
  const columns = Math.floor((x1 - x0) / size) + 1;
  const rows = Math.floor((y1 - y0) / size) + 1;
  const cells = new Int32Array(xs.length);
  const starts = new Int32Array(columns * rows + 1);
  for (let i = 0; i < xs.length; i++) {
    cells[i] = Math.floor((ys[i] - y0) / size) * columns + Math.floor((xs[i] - x0) / size);
    starts[cells[i] + 1]++;
  }
  for (let c = 0; c < columns * rows; c++) starts[c + 1] += starts[c];
  const next = starts.slice();
  const order = new Int32Array(xs.length);
  for (let i = 0; i < xs.length; i++) order[next[cells[i]]++] = i;
  return { xs, ys, x0, y0, size, columns, rows, starts, order };
}

/**
 * The point closest to (x, y) within `radius`, among those with shown[i] truthy; -1 when there is none.
 * @param {Grid} index
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {Numbers | null} [shown]
 */
export function nearest(index, x, y, radius, shown = null) {
  const { xs, ys, x0, y0, size, columns, rows, starts, order } = index;
  /** @param {number} value */
  const column = (value) => Math.floor((value - x0) / size);
  /** @param {number} value */
  const row = (value) => Math.floor((value - y0) / size);
  let [best, least] = [-1, radius * radius];
  for (let r = Math.max(0, row(y - radius)); r <= Math.min(rows - 1, row(y + radius)); r++) {
    for (let c = Math.max(0, column(x - radius)); c <= Math.min(columns - 1, column(x + radius)); c++) {
      for (let at = starts[r * columns + c]; at < starts[r * columns + c + 1]; at++) {
        const i = order[at];
        const [dx, dy] = [xs[i] - x, ys[i] - y];
        const far = dx * dx + dy * dy;
        if (far <= least && (!shown || shown[i])) [best, least] = [i, far];
      }
    }
  }
  return best;
}

/**
 * The middle of each class {label, count, x, y}, biggest class first: the medians of its points, which a few strays do
 * not move. Labels are whole numbers from 0; classes without points are left out. Linear in the number of points.
 * @param {Numbers} xs
 * @param {Numbers} ys
 * @param {Numbers} labels
 */
export function centres(xs, ys, labels) {
  /** @type {number[]} */
  const counts = [];
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  const columns = Array.from(counts, (count = 0) => [new Float32Array(count), new Float32Array(count)]);
  const filled = new Int32Array(columns.length);
  for (let i = 0; i < labels.length; i++) {
    const at = filled[labels[i]]++;
    columns[labels[i]][0][at] = xs[i];
    columns[labels[i]][1][at] = ys[i];
  }
  return columns
    .map(([x, y], label) => ({ label, count: x.length, x: median(x), y: median(y) }))
    .filter((centre) => centre.count > 0)
    .sort((a, b) => b.count - a.count);
}

/**
 * The median of numbers, whose order it changes; NaN where there are none.
 * @param {Float32Array} values
 */
function median(values) {
  const half = values.length >> 1;
  if (!values.length) return NaN;
  const upper = select(values, half);
  if (values.length % 2) return upper;
  let lower = values[0];
  for (let i = 1; i < half; i++) if (values[i] > lower) lower = values[i];
  return (lower + upper) / 2;
}

/**
 * The number that would stand at place `k` were all in order; smaller ones then stand before it (Hoare's quickselect).
 * @param {Float32Array} values
 * @param {number} k
 */
function select(values, k) {
  let [left, right] = [0, values.length - 1];
  while (left < right) {
    const pivot = values[(left + right) >> 1];
    let [i, j] = [left, right];
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) {
        [values[i], values[j]] = [values[j], values[i]];
        i++;
        j--;
      }
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else break;
  }
  return values[k];
}
