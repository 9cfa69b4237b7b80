// Places, views and tiles: plain arithmetic, no DOM. A view is {x, y, k}: the plane's point in the
// middle and the pixels per unit, the same for both axes so that a circle is a circle. A region is [x0, x1, y0, y1].

const MIN_TILE = 28; // px a tile of the mosaic takes at the least
const COARSE = 48; // px from which on a mosaic's tiles are large enough to be replaced by finer ones
const GAP = 28; // px between the plane and the large pictures
const WORDS = 56; // px a large picture's words take
const MIN_PICTURE = 132; // px below which a large picture is better shown beside the pointer

export function fitView([x0, x1, y0, y1], width, height) {
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, k: Math.min(width / (x1 - x0), height / (y1 - y0)) };
}

export function regionOf({ x, y, k }, width, height) {
  return [x - width / 2 / k, x + width / 2 / k, y - height / 2 / k, y + height / 2 / k];
}

export function toScreen(view, width, height, x, y) {
  return [width / 2 + (x - view.x) * view.k, height / 2 - (y - view.y) * view.k];
}

export function toPlane(view, width, height, px, py) {
  return [view.x + (px - width / 2) / view.k, view.y - (py - height / 2) / view.k];
}

// The view scaled by `factor` within [least, most] pixels per unit; what is under the pixel stays under it.
export function zoomAt(view, width, height, px, py, factor, least, most) {
  const k = Math.min(most, Math.max(least, view.k * factor));
  const [x, y] = toPlane(view, width, height, px, py);
  return { k, x: x - (px - width / 2) / k, y: y + (py - height / 2) / k };
}

// Index of the tile whose cell holds the place, rows counted from the top; -1 outside.
export function tileAt({ region: [x0, x1, y0, y1], columns, rows }, x, y) {
  if (!(x >= x0 && x <= x1 && y >= y0 && y <= y1)) return -1;
  const column = Math.min(columns - 1, Math.floor(((x - x0) / (x1 - x0)) * columns));
  const row = Math.min(rows - 1, Math.floor(((y1 - y) / (y1 - y0)) * rows));
  return row * columns + column;
}

export const cellWidth = ({ region: [x0, x1], columns }) => (x1 - x0) / columns;

// Which level has the smallest cells of those that hold the place; -1 when none does.
export function finestAt(levels, x, y) {
  let best = -1;
  levels.forEach((level, i) => {
    if (tileAt(level, x, y) >= 0 && (best < 0 || cellWidth(level) < cellWidth(levels[best]))) best = i;
  });
  return best;
}

// Every how many tiles the mosaic shows one.
// Every how many tiles across and down it does where cells are as wide as they are high and tiles may not be.
export function strides(pixels, [width, height]) {
  const aspect = width / height;
  if (aspect <= 1.25) return [strideOf(pixels), strideOf(pixels)];
  const down = strideOf(pixels, readableWidth(MIN_TILE, MIN_TILE, { width, height }) / aspect);
  return [Math.max(1, Math.round(down * aspect)), down];
}

export const strideOf = (pixels, least = MIN_TILE) => Math.max(1, Math.ceil(least / pixels - 1e-9));

// Which levels make up the mosaic, coarse ones first: finer ones only where the coarser would be large on the screen.
export function mosaicLevels(levels, k) {
  const order = [...levels.keys()].sort((a, b) => cellWidth(levels[b]) - cellWidth(levels[a]));
  const last = order.findIndex((i) => cellWidth(levels[i]) * k <= COARSE);
  return last < 0 ? order : order.slice(0, last + 1);
}

export function ticks(lo, hi, count) {
  const rough = (hi - lo) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((times) => times * power >= rough * 0.999);
  const [first, last] = [Math.ceil(lo / step - 1e-9), Math.floor(hi / step + 1e-9)];
  // Adding zero makes a plain one of a negative zero.
  return Array.from({ length: last - first + 1 }, (_, t) => Number(((first + t) * step).toPrecision(12)) + 0);
}

// As many decimals as a pixel is worth, but at least two; a true minus sign.
export function figure(value, k, least = 2) {
  const text = Math.abs(value).toFixed(Math.min(8, Math.max(least, Math.ceil(Math.log10(k)))));
  return value < 0 && Number(text) ? `−${text}` : text;
}

// Where a card stands beside the pixel: up and to the right by default, elsewhere at an edge.
export function besides(px, py, w, h, width, height, { right = true, up = true, gap = 18 } = {}) {
  const put = (at, size, room, after) => {
    const tries = after ? [at + gap, at - gap - size] : [at - gap - size, at + gap];
    const free = tries.find((start) => start >= 0 && start + size <= room);
    return free ?? Math.min(Math.max(0, tries[0]), Math.max(0, room - size));
  };
  return [put(px, w, width, right), put(py, h, height, !up)];
}

// How a plane with `home` in it and two large pictures share the room: {mode, width of the plane, times}. The modes
// "row" and "column" put the pictures to the right of the plane, each tile pixel `times` as large; "float" puts them
// beside the pointer.
export function layoutOf([x0, x1, y0, y1], width, height, tile) {
  const plane = Math.min(width, Math.floor((height * (x1 - x0)) / (y1 - y0)));
  const rest = width - plane - GAP;
  const fit = (w, h) => Math.floor(Math.min(w / tile[0], h / tile[1]));
  const [row, column] = [fit((rest - GAP) / 2, height - WORDS), fit(rest, (height - GAP) / 2 - WORDS)];
  const times = Math.max(row, column);
  if (times * Math.max(...tile) < MIN_PICTURE) return { mode: "float", width, times: 0 };
  return { mode: row >= column ? "row" : "column", width: plane, times };
}

export function overlap([ax, ay, aw, ah], [bx, by, bw, bh]) {
  const shared = (a, b, c, d) => Math.max(0, Math.min(b, d) - Math.max(a, c));
  return shared(ax, ax + aw, bx, bx + bw) * shared(ay, ay + ah, by, by + bh);
}

export function same(a, b) {
  return a === b || (a != null && b != null && a.length === b.length && a.every((value, i) => value === b[i]));
}

// Whether the place Python names is news. `sent` are our own not yet answered, `known` what it named before.
export function reconcile(sent, known, named) {
  const answered = sent.findLastIndex((place) => same(place, named));
  if (answered >= 0) return { sent: sent.slice(answered + 1), take: false };
  return same(known, named) ? { sent, take: false } : { sent: [], take: true };
}

export function nearestPoint(places, x, y, radius) {
  let [best, least] = [-1, radius * radius];
  for (let i = 0; 2 * i < places.length; i++) {
    const far = (places[2 * i] - x) ** 2 + (places[2 * i + 1] - y) ** 2;
    if (far <= least) [best, least] = [i, far];
  }
  return best;
}

// The middle of each class that has points: {label, x, y}, the medians.
export function middles(places, labels) {
  const groups = new Map();
  labels.forEach((label, i) => groups.set(label, [...(groups.get(label) ?? []), i]));
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  return [...groups].map(([label, items]) => ({
    label, x: median(items.map((i) => places[2 * i])), y: median(items.map((i) => places[2 * i + 1])),
  }));
}

const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

// Where an arrow key leads: 4 pixels on, or 40; null for another key.
export function stepped([x, y], key, far, k) {
  const way = DIRECTIONS[key];
  return way ? [x + (way[0] * (far ? 40 : 4)) / k, y + (way[1] * (far ? 40 : 4)) / k] : null;
}
