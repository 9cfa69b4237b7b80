// Where a new code lies on a map, as `aeviz.projection.placing` places it.

const NEIGHBOURS = 5;
const ITERATIONS = 30; // of the geometric median

/**
 * On a linear map: centre · matrix + middle.
 * @param {ArrayLike<number>} code
 * @param {{ matrix: ArrayLike<number>, shift: ArrayLike<number> }} map matrix (d, dimensions), row by row
 * @returns {number[]} one number for each of the map's dimensions
 */
export function placedLinearly(code, { matrix, shift }) {
  const dims = shift.length;
  return Array.from(shift, (start, axis) => {
    let at = start;
    for (let i = 0; i < code.length; i++) at += code[i] * matrix[dims * i + axis];
    return at;
  });
}

/**
 * On a map of neighbours: the geometric median of the five nearest codes' points, each weighted by its inverse distance.
 * @param {ArrayLike<number>} code (d)
 * @param {ArrayLike<number>} codes (n, d), those that were mapped
 * @param {ArrayLike<number>[]} columns where they lie: (n) for each of the map's dimensions
 * @returns {number[]}
 */
export function placedAmid(code, codes, columns) {
  const near = nearestOf(code, codes, Math.min(NEIGHBOURS, columns[0].length));
  const far = Math.max(...near.map(({ distance }) => distance));
  const weights = near.map(({ distance }) => 1 / Math.max(distance, 1e-9 * Math.max(far, 1e-9)));
  return median(
    near.map(({ item }) => columns.map((values) => values[item])),
    weights,
  );
}

/**
 * @param {ArrayLike<number>} code
 * @param {ArrayLike<number>} codes
 * @param {number} k
 */
function nearestOf(code, codes, k) {
  const d = code.length;
  /** @type {{ item: number, distance: number }[]} */
  const near = [];
  for (let item = 0; item * d < codes.length; item++) {
    let square = 0;
    for (let i = 0; i < d; i++) square += (codes[item * d + i] - code[i]) ** 2;
    const last = near[k - 1];
    if (last && last.distance <= square) continue;
    const at = near.findIndex(({ distance }) => distance > square);
    near.splice(at < 0 ? near.length : at, 0, { item, distance: square });
    near.length = Math.min(near.length, k);
  }
  return near.map(({ item, distance }) => ({ item, distance: Math.sqrt(distance) }));
}

/**
 * The place whose weighted distances to the points sum to least (Weiszfeld 1937).
 * @param {number[][]} points
 * @param {number[]} weights
 */
function median(points, weights) {
  const axes = points[0].map((_, axis) => axis);
  const mean = (/** @type {number[]} */ pull) => {
    const total = pull.reduce((a, b) => a + b, 0);
    return axes.map((axis) => points.reduce((sum, point, i) => sum + (pull[i] / total) * point[axis], 0));
  };
  const reach = (/** @type {number} */ axis) => {
    const values = points.map((point) => point[axis]);
    return Math.max(...values) - Math.min(...values);
  };
  const floor = 1e-3 * Math.max(...axes.map(reach)) + 1e-12; // keeps a point that the median falls on from dividing by zero
  let place = mean(weights);
  for (let i = 0; i < ITERATIONS; i++) {
    const from = place;
    const far = (/** @type {number[]} */ point) => Math.hypot(...axes.map((axis) => point[axis] - from[axis]));
    place = mean(points.map((point, k) => weights[k] / Math.max(far(point), floor)));
  }
  return place;
}
