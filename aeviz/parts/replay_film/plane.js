// The latent plane: codes as points, seen through a view {cx, cy, k}: the code in the middle, and px for a unit.

const RADIUS = 2.3; // px of a point
const TAIL = 0.005; // share of the codes on each side that may lie beyond the plane's edges
const PADDING = 26; // px kept free round the codes

// [left, right, bottom, top] of nearly all of a frame's codes.
export function boxOf(xs, ys) {
  return [xs, ys].flatMap((values) => {
    const sorted = Float32Array.from(values).sort();
    const cut = Math.floor(TAIL * sorted.length);
    return [sorted[cut], sorted[sorted.length - 1 - cut]];
  });
}

export function around(boxes) {
  const side = (i, pick) => pick(...boxes.map((box) => box[i]));
  return [side(0, Math.min), side(1, Math.max), side(2, Math.min), side(3, Math.max)];
}

export function viewOf([left, right, bottom, top], width, height) {
  const k = Math.min((width - 2 * PADDING) / Math.max(right - left, 1e-6), (height - 2 * PADDING) / Math.max(top - bottom, 1e-6));
  return { cx: (left + right) / 2, cy: (bottom + top) / 2, k };
}

// From one view to another; the scale grows evenly to the eye, that is as a power.
export function viewBetween(a, b, share) {
  const mix = (from, to) => from + (to - from) * share;
  return { cx: mix(a.cx, b.cx), cy: mix(a.cy, b.cy), k: a.k * (b.k / a.k) ** share };
}

// The middle of each class: {label: [x, y]} by the medians, which a few strays do not move.
export function middles(xs, ys, labels) {
  const byClass = new Map();
  labels.forEach((label, i) => {
    if (!byClass.has(label)) byClass.set(label, [[], []]);
    byClass.get(label)[0].push(xs[i]);
    byClass.get(label)[1].push(ys[i]);
  });
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  return new Map([...byClass].sort(([a], [b]) => a - b).map(([label, axes]) => [label, axes.map(median)]));
}

// Of names wanted at places [x, y] in px, first come first served, those that do not cover one another.
export function apart(names, height = 18) {
  const kept = [];
  for (const name of names) {
    const covers = ({ x, y, width }) => Math.abs(x - name.x) < (width + name.width) / 2 && Math.abs(y - name.y) < height;
    if (!kept.some(covers)) kept.push(name);
  }
  return kept;
}

// What to paint: {width, height, view, xs, ys, labels, colours, middles, names, ring, ink, ground, font}.
export function paintPlane(context, scene) {
  const { width, height, view, ink, ground } = scene;
  const px = (x) => width / 2 + (x - view.cx) * view.k;
  const py = (y) => height / 2 - (y - view.cy) * view.k;
  context.clearRect(0, 0, width, height);
  paintGrid(context, scene, px, py);
  paintRing(context, scene, px, py);
  paintPoints(context, scene, px, py);
  context.font = `650 16px ${scene.font}`;
  Object.assign(context, { textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 4 });
  const names = [...scene.middles].map(([label, [x, y]]) => {
    const text = scene.names[label];
    return { text, x: px(x), y: py(y), width: context.measureText(text).width + 4 };
  });
  for (const { text, x, y } of apart(names)) {
    context.strokeStyle = ground;
    context.strokeText(text, x, y);
    context.fillStyle = ink;
    context.fillText(text, x, y);
  }
}

function paintGrid(context, { width, height, view, quiet, line, font }, px, py) {
  const [halfWidth, halfHeight] = [width / 2 / view.k, height / 2 / view.k];
  const count = Math.max(5, Math.round(width / 90));
  Object.assign(context, { strokeStyle: line, fillStyle: quiet, lineWidth: 1, font: `13px ${font}`, textBaseline: "alphabetic" });
  context.beginPath();
  const columns = roundNumbers(view.cx - halfWidth, view.cx + halfWidth, count);
  const unit = columns.length > 1 ? columns[1] - columns[0] : halfWidth;
  for (const x of columns) {
    context.moveTo(Math.round(px(x)) + 0.5, 0);
    context.lineTo(Math.round(px(x)) + 0.5, height);
  }
  const rows = [];
  for (let y = Math.ceil((view.cy - halfHeight) / unit) * unit; y < view.cy + halfHeight; y += unit) rows.push(y);
  for (const y of rows) {
    context.moveTo(0, Math.round(py(y)) + 0.5);
    context.lineTo(width, Math.round(py(y)) + 0.5);
  }
  context.stroke();
  context.textAlign = "center";
  const written = (value) => String(Number(value.toPrecision(3))).replace("-", "−");
  for (const x of columns) if (px(x) > 40 && px(x) < width - 20) context.fillText(written(x), px(x), height - 6);
  context.textAlign = "left";
  for (const y of rows) if (py(y) > 16 && py(y) < height - 24) context.fillText(written(Math.abs(y) < unit / 1e6 ? 0 : y), 6, py(y) - 4);
}

// Where the prior puts most of its draws.
function paintRing(context, { view, ring, quiet }, px, py) {
  context.beginPath();
  context.arc(px(0), py(0), ring * view.k, 0, 2 * Math.PI);
  context.setLineDash([6, 5]);
  Object.assign(context, { strokeStyle: quiet, lineWidth: 1.5 });
  context.stroke();
  context.setLineDash([]);
}

function paintPoints(context, { xs, ys, labels, colours }, px, py) {
  const paths = colours.map(() => new Path2D());
  labels.forEach((label, i) => {
    const [x, y] = [px(xs[i]), py(ys[i])];
    paths[label].moveTo(x + RADIUS, y);
    paths[label].arc(x, y, RADIUS, 0, 2 * Math.PI);
  });
  context.globalAlpha = 0.8;
  paths.forEach((path, label) => {
    context.fillStyle = colours[label];
    context.fill(path);
  });
  context.globalAlpha = 1;
}
