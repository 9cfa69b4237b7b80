// From a drawing to the picture that a network was trained on, as `aeviz.modalities.image.drawing` makes it.

const BOX = 20 / 28; // the share of MNIST's side that the digit itself may take
const MIN_INK = 0.1; // less ink than this is the edge of a stroke, not the stroke

/**
 * (count, length) weights: row i averages what lies in [start + i·step, start + (i + 1)·step).
 * @param {number} count
 * @param {number} start
 * @param {number} step
 * @param {number} length
 */
function averages(count, start, step, length) {
  const weights = new Float64Array(count * length);
  for (let i = 0; i < count; i++) {
    const [from, to] = [start + step * i, start + step * (i + 1)];
    for (let pixel = Math.max(0, Math.floor(from)); pixel < Math.min(length, Math.ceil(to)); pixel++) {
      weights[i * length + pixel] = Math.max(0, Math.min(to, pixel + 1) - Math.max(from, pixel)) / step;
    }
  }
  return weights;
}

/**
 * down (rows, height) · plane (height, width) · acrossᵀ (columns, width), into `out` from `at` on.
 * @param {Float64Array} down
 * @param {Float64Array} plane
 * @param {Float64Array} across
 * @param {number} height
 * @param {number} width
 */
function reduced(down, plane, across, height, width) {
  const [rows, columns] = [down.length / height, across.length / width];
  const half = new Float64Array(rows * width);
  for (let r = 0; r < rows; r++) {
    for (let y = 0; y < height; y++) {
      const share = down[r * height + y];
      if (share) for (let x = 0; x < width; x++) half[r * width + x] += share * plane[y * width + x];
    }
  }
  const out = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      for (let x = 0; x < width; x++) sum += half[r * width + x] * across[c * width + x];
      out[r * columns + c] = sum;
    }
  }
  return out;
}

/**
 * Where a run of ink starts on a side so that its centre of mass is the middle and nothing is cut off.
 * @param {Float64Array} ink
 * @param {number} side
 */
function offset(ink, side) {
  let [mass, moment] = [0, 0];
  ink.forEach((value, i) => {
    mass += value;
    moment += i * value;
  });
  const nearest = Math.floor(side / 2 - moment / mass + 0.5 + 1e-6);
  return Math.min(side - ink.length, Math.max(0, nearest));
}

/**
 * The first and the last place at which a mark is, and one more.
 * @param {Uint8Array} marks
 */
const extent = (marks) => [marks.indexOf(1), marks.lastIndexOf(1) + 1];

/**
 * The picture (C, H, W) in [0, 1] that a drawing stands for, or null where nothing is drawn. "mnist" scales the ink into
 * a box and centres its mass (LeCun et al. 1998, section III.A); "fill" takes the drawing edge to edge.
 * @param {ArrayLike<number>} pixels bytes (height, width, step), of which the first `channels` are taken
 * @param {{ height: number, width: number, step: number, channels: number, ground: number }} drawn ground: value of an
 *   empty pixel, 0 or 255
 * @param {number[]} shape (H, W) of the picture
 * @param {string} convention
 */
export function prepare(pixels, { height, width, step, channels, ground }, [rows, columns], convention) {
  const planes = Array.from({ length: channels }, (_, c) =>
    Float64Array.from({ length: height * width }, (_, i) => (pixels[i * step + c] - ground) / 255),
  );
  const [marked, ys, xs] = [new Uint8Array(1), new Uint8Array(height), new Uint8Array(width)];
  for (const plane of planes) {
    for (let i = 0; i < plane.length; i++) {
      if (Math.abs(plane[i]) > MIN_INK) marked[0] = ys[Math.floor(i / width)] = xs[i % width] = 1;
    }
  }
  if (!marked[0]) return null;
  const fields =
    convention === "fill"
      ? planes.map((plane) =>
          reduced(
            averages(rows, 0, height / rows, height),
            plane,
            averages(columns, 0, width / columns, width),
            height,
            width,
          ),
        )
      : centred(planes, width, extent(ys), extent(xs), [rows, columns]);
  const picture = new Float32Array(channels * rows * columns);
  fields.forEach((field, c) => {
    for (let i = 0; i < field.length; i++) {
      picture[c * field.length + i] = Math.min(1, Math.max(0, field[i] + ground / 255));
    }
  });
  return picture;
}

/**
 * @param {Float64Array[]} planes
 * @param {number} width
 * @param {number[]} vertical
 * @param {number[]} horizontal
 * @param {number[]} shape
 */
function centred(planes, width, [top, bottom], [left, right], shape) {
  const [height, across] = [bottom - top, right - left];
  const box = shape.map((side) => Math.round(side * BOX));
  const step = Math.max(height / box[0], across / box[1]);
  const [rows, columns] = [height, across].map((length) => Math.ceil(length / step - 1e-9));
  const vertically = averages(rows, (height - rows * step) / 2, step, height);
  const horizontally = averages(columns, (across - columns * step) / 2, step, across);
  const small = planes.map((plane) => {
    const crop = new Float64Array(height * across);
    for (let y = 0; y < height; y++) {
      crop.set(plane.subarray((top + y) * width + left, (top + y) * width + right), y * across);
    }
    return reduced(vertically, crop, horizontally, height, across);
  });
  const [down, along] = [new Float64Array(rows), new Float64Array(columns)];
  for (const plane of small) {
    for (let i = 0; i < plane.length; i++) {
      down[Math.floor(i / columns)] += Math.abs(plane[i]);
      along[i % columns] += Math.abs(plane[i]);
    }
  }
  const [y, x] = [offset(down, shape[0]), offset(along, shape[1])];
  return small.map((plane) => {
    const field = new Float64Array(shape[0] * shape[1]);
    for (let row = 0; row < rows; row++) {
      field.set(plane.subarray(row * columns, (row + 1) * columns), (y + row) * shape[1] + x);
    }
    return field;
  });
}
