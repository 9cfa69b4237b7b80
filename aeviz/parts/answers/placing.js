// Where a new code lies on a map, as `aeviz.projection.placing` places it.

const NEIGHBOURS = 5;
const ITERATIONS = 30; // of the geometric median

/**
 * On a linear map: centre · matrix + middle.
 * @param {ArrayLike<number>} code
 * @param {{ matrix: ArrayLike<number>, shift: ArrayLike<number> }} map matrix (d, 2), row by row
 * @returns {[number, number]}
 */
export function placedLinearly(code, { matrix, shift }) {
  const place = [shift[0], shift[1]];
  for (let i = 0; i < code.length; i++) {
    place[0] += code[i] * matrix[2 * i];
    place[1] += code[i] * matrix[2 * i + 1];
  }
  return [place[0], place[1]];
}

/**
 * On a map of neighbours: the geometric median of the five nearest codes' points, each weighted by its inverse distance.
 * @param {ArrayLike<number>} code (d)
 * @param {ArrayLike<number>} codes (n, d), those that were mapped
 * @param {ArrayLike<number>} xs (n), where they lie
 * @param {ArrayLike<number>} ys
 * @returns {[number, number]}
 */
export function placedAmid(code, codes, xs, ys) {
  const near = nearestOf(code, codes, Math.min(NEIGHBOURS, xs.length));
  const far = Math.max(...near.map(({ distance }) => distance));
  const weights = near.map(({ distance }) => 1 / Math.max(distance, 1e-9 * Math.max(far, 1e-9)));
  return median(
    near.map(({ item }) => [xs[item], ys[item]]),
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
 * @returns {[number, number]}
 */
function median(points, weights) {
  /** @type {(pull: number[]) => [number, number]} */
  const mean = (pull) => {
    const total = pull.reduce((a, b) => a + b, 0);
    const along = (/** @type {number} */ axis) =>
      points.reduce((sum, point, i) => sum + (pull[i] / total) * point[axis], 0);
    return [along(0), along(1)];
  };
  const reach = (/** @type {number} */ axis) => {
    const values = points.map((point) => point[axis]);
    return Math.max(...values) - Math.min(...values);
  };
  const floor = 1e-3 * Math.max(reach(0), reach(1)) + 1e-12; // keeps a point that the median falls on from dividing by zero
  let place = mean(weights);
  for (let i = 0; i < ITERATIONS; i++) {
    const [x, y] = place;
    place = mean(points.map((point, k) => weights[k] / Math.max(Math.hypot(point[0] - x, point[1] - y), floor)));
  }
  return place;
}
