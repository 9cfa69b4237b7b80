// Places, views and hits: plain arithmetic on arrays, no DOM.

// The smallest box round all points; extra points ([x, y] pairs) count too.
export function bounds(xs, ys, more = []) {
  const box = { x0: Infinity, x1: -Infinity, y0: Infinity, y1: -Infinity };
  const take = (x, y) => {
    if (x < box.x0) box.x0 = x;
    if (x > box.x1) box.x1 = x;
    if (y < box.y0) box.y0 = y;
    if (y > box.y1) box.y1 = y;
  };
  for (let i = 0; i < xs.length; i++) take(xs[i], ys[i]);
  for (const [x, y] of more) take(x, y);
  return box.x0 <= box.x1 ? box : { x0: 0, x1: 1, y0: 0, y1: 1 };
}

// The view {k, tx, ty} that shows the box centred, one scale for both axes, y upwards.
export function scale(box, width, height, padding = 0) {
  const [w, h] = [box.x1 - box.x0, box.y1 - box.y0];
  const room = { w: Math.max(1, width - 2 * padding), h: Math.max(1, height - 2 * padding) };
  const k = Math.min(w > 0 ? room.w / w : Infinity, h > 0 ? room.h / h : Infinity);
  const safe = Number.isFinite(k) ? k : 1;
  return {
    k: safe,
    tx: width / 2 - (safe * (box.x0 + box.x1)) / 2,
    ty: height / 2 + (safe * (box.y0 + box.y1)) / 2,
  };
}

export const toScreen = (view, x, y) => [x * view.k + view.tx, view.ty - y * view.k];
export const toData = (view, px, py) => [(px - view.tx) / view.k, (view.ty - py) / view.k];

// The view zoomed by `factor` about the pixel (px, py), its scale kept within [least, most].
export function zoomAt(view, px, py, factor, least = 0, most = Infinity) {
  const k = Math.min(most, Math.max(least, view.k * factor));
  const f = k / view.k;
  return { k, tx: px - (px - view.tx) * f, ty: py - (py - view.ty) * f };
}

// Points sorted into square cells, so that a look round the pointer touches a handful of them.
export function gridIndex(xs, ys) {
  const box = bounds(xs, ys);
  const size = Math.max((box.x1 - box.x0), (box.y1 - box.y0)) / Math.max(1, Math.sqrt(xs.length / 2)) || 1;
  const columns = Math.floor((box.x1 - box.x0) / size) + 1;
  const rows = Math.floor((box.y1 - box.y0) / size) + 1;
  const cells = new Int32Array(xs.length);
  const starts = new Int32Array(columns * rows + 1);
  for (let i = 0; i < xs.length; i++) {
    cells[i] = Math.floor((ys[i] - box.y0) / size) * columns + Math.floor((xs[i] - box.x0) / size);
    starts[cells[i] + 1]++;
  }
  for (let c = 0; c < columns * rows; c++) starts[c + 1] += starts[c];
  const next = starts.slice();
  const order = new Int32Array(xs.length);
  for (let i = 0; i < xs.length; i++) order[next[cells[i]]++] = i;
  return { xs, ys, box, size, columns, rows, starts, order };
}

// The point closest to (x, y) within `radius`, among those with shown[i] truthy; -1 when there is none.
export function nearest(index, x, y, radius, shown = null) {
  const { xs, ys, box, size, columns, rows, starts, order } = index;
  const column = (value) => Math.floor((value - box.x0) / size);
  const row = (value) => Math.floor((value - box.y0) / size);
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

// Even-odd rule; `polygon` is a list of [x, y].
export function insidePolygon(polygon, x, y) {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [[xi, yi], [xj, yj]] = [polygon[i], polygon[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

// Indices of the shown points inside the polygon, ascending.
export function lassoHits(xs, ys, polygon, shown = null) {
  if (polygon.length < 3) return [];
  const box = bounds([], [], polygon);
  const hits = [];
  for (let i = 0; i < xs.length; i++) {
    if (shown && !shown[i]) continue;
    if (xs[i] < box.x0 || xs[i] > box.x1 || ys[i] < box.y0 || ys[i] > box.y1) continue;
    if (insidePolygon(polygon, xs[i], ys[i])) hits.push(i);
  }
  return hits;
}

// The best next point when moving from (x, y) towards (dx, dy): near, and little to the side. -1 when none.
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

function median(values) {
  values.sort();
  const half = values.length >> 1;
  return values.length % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// For each class {label, count, x, y}: the median of its points, biggest class first; classes without points left out.
export function centres(xs, ys, labels, classes) {
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label]++;
  const columns = Array.from(counts, (count) => [new Float32Array(count), new Float32Array(count)]);
  const filled = new Int32Array(classes);
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

// Centres for boxes {x, y, w, h}, each nudged to the nearest free place; earlier boxes keep theirs.
export function labelPlaces(boxes, tries = [0, -0.5, 0.5, -1, 1, -1.5, 1.5, -2, 2, -2.5, 2.5]) {
  const placed = [];
  const clear = (a) => placed.every((b) => Math.abs(a.x - b.x) * 2 >= a.w + b.w || Math.abs(a.y - b.y) * 2 >= a.h + b.h);
  for (const box of boxes) {
    const options = tries.map((step) => ({ ...box, y: box.y + step * box.h }));
    placed.push(options.find(clear) ?? { ...box });
  }
  return placed;
}

// Which of the points (pixels) can carry a picture of `size` without hiding one another: indices into px, py.
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

// Round numbers from lo to hi, about `count` of them.
export function ticks(lo, hi, count = 3) {
  if (!(hi > lo)) return [lo];
  const rough = (hi - lo) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((times) => times * power >= rough * 0.7);
  const ticks = [];
  for (let t = Math.ceil(lo / step); t * step <= hi + step * 1e-9; t++) ticks.push(Number((t * step).toPrecision(12)));
  return ticks;
}

// A figure as a person reads it: three digits that matter, a true minus sign.
export function figureText(value, whole = false) {
  if (!Number.isFinite(value)) return "–";
  const text = whole ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
  return text.replace("-", "−");
}

// A set of indices below `count` as base64 of one bit per item, lowest bit first.
export function toBits(indices, count) {
  if (!indices.length) return "";
  const bytes = new Uint8Array(Math.ceil(count / 8));
  for (const i of indices) bytes[i >> 3] |= 1 << (i & 7);
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

export function fromBits(text) {
  const items = [];
  const bytes = atob(text);
  for (let at = 0; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) if ((bytes.charCodeAt(at) >> bit) & 1) items.push(at * 8 + bit);
  }
  return items;
}
