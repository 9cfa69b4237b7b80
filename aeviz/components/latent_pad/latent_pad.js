// ---- Places, views, tiles: plain arithmetic, tested on its own. A view is {x, y, k}: the plane's point in the
// middle and the pixels per unit, the same for both axes so that a circle is a circle. A region is [x0, x1, y0, y1].

const LEAST = 28; // px a tile of the mosaic takes at the least
const COARSE = 48; // px from which on a mosaic's tiles are large enough to be replaced by finer ones
const REST = 150; // ms without a zoom or a pan before finer tiles are asked for
const CLICK = 4; // px a hand may tremble during a click
const SPEAK = 600; // ms between two announcements
const GUTTER = { left: 44, bottom: 26, top: 2, right: 2 };
const GAP = 28; // px between the plane and the large pictures
const WORDS = 56; // px a large picture's words take
const SMALLEST = 96; // px below which a large picture is better shown beside the pointer
const [RIM, FOOT] = [5, 24]; // px round a card's picture and for the words below
const KEPT = 16; // sheets and clouds remembered for parts that are built anew

export function fitView([x0, x1, y0, y1], width, height) {
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, k: Math.min(width / (x1 - x0), height / (y1 - y0)) };
}

export function regionOf({ x, y, k }, width, height) {
  return [x - width / 2 / k, x + width / 2 / k, y - height / 2 / k, y + height / 2 / k];
}

export const toScreen = (view, width, height, x, y) => [width / 2 + (x - view.x) * view.k, height / 2 - (y - view.y) * view.k];
export const toPlane = (view, width, height, px, py) => [view.x + (px - width / 2) / view.k, view.y - (py - height / 2) / view.k];

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
export const strideOf = (pixels, least = LEAST) => Math.max(1, Math.ceil(least / pixels - 1e-9));

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
  const found = [];
  for (let t = Math.ceil(lo / step - 1e-9); t * step <= hi + step * 1e-9; t++) found.push(Number((t * step).toPrecision(12)) + 0);
  return found;
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
    return tries.find((start) => start >= 0 && start + size <= room) ?? Math.min(Math.max(0, tries[0]), Math.max(0, room - size));
  };
  return [put(px, w, width, right), put(py, h, height, !up)];
}

// How a plane with `home` in it and two large pictures share the room: "row" and "column" put the pictures to the
// right of the plane, "float" beside the pointer. A tile's pixels stay equally large: {mode, width of the plane, times}.
export function layoutOf([x0, x1, y0, y1], width, height, tile) {
  const plane = Math.min(width, Math.floor((height * (x1 - x0)) / (y1 - y0)));
  const rest = width - plane - GAP;
  const fit = (w, h) => Math.floor(Math.min(w / tile[0], h / tile[1]));
  const [row, column] = [fit((rest - GAP) / 2, height - WORDS), fit(rest, (height - GAP) / 2 - WORDS)];
  const times = Math.max(row, column);
  if (times * Math.max(...tile) < SMALLEST) return { mode: "float", width, times: 0 };
  return { mode: row >= column ? "row" : "column", width: plane, times };
}

export function overlap([ax, ay, aw, ah], [bx, by, bw, bh]) {
  return Math.max(0, Math.min(ax + aw, bx + bw) - Math.max(ax, bx)) * Math.max(0, Math.min(ay + ah, by + bh) - Math.max(ay, by));
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

// ---- Colours.

function rgbOf(text) {
  if (text.startsWith("#")) {
    const digits = text.length < 6 ? [...text.slice(1, 4)].map((d) => d + d).join("") : text.slice(1, 7);
    return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
  }
  return text.match(/[\d.]+/g).slice(0, 3).map(Number);
}

function luminance(text) {
  const [r, g, b] = rgbOf(text).map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// The colour moved towards white or black just as far as it takes to stand out from the ground (WCAG contrast).
export function legible(colour, ground, ratio = 3) {
  const under = luminance(ground);
  const ink = under < 0.2 ? 255 : 0;
  for (let t = 0; t < 1; t += 0.05) {
    const tried = `rgb(${rgbOf(colour).map((v) => Math.round(v + (ink - v) * t)).join(", ")})`;
    const [high, low] = [luminance(tried), under].sort((a, b) => b - a);
    if ((high + 0.05) / (low + 0.05) >= ratio) return tried;
  }
  return `rgb(${ink}, ${ink}, ${ink})`;
}

function themeOf(pad) {
  const value = (name) => themeValue(pad.parent, name);
  return {
    text: value("--st-text-color"), paper: value("--st-background-color"), line: value("--st-border-color"),
    font: value("--st-font"), accent: pad.data.accent || value("--st-primary-color"),
  };
}

// ---- What stays when parts are built anew: decoded sheets and clouds by id, the latest used last.

const kept = new Map();

function keep(id, value) {
  kept.delete(id);
  kept.set(id, value);
  for (const name of [...kept.keys()].slice(0, Math.max(0, kept.size - KEPT))) kept.delete(name);
  return value;
}

// What Python sent or, where it sent the name alone, what is kept under it; undefined when it is lost.
function recall(id, sent, make) {
  return kept.has(id) || sent ? keep(id, kept.get(id) ?? make(sent)) : undefined;
}

function makeLevel(pad, { id, region, columns, rows, sheet }) {
  const level = recall(id, sheet, () => {
    const made = { id, region, columns, rows, tile: [sheet.width, sheet.height], thinned: new Map() };
    made.ready = loadSheet(sheet).then((loaded) => (made.sheet = loaded));
    return made;
  });
  if (level && !level.sheet) level.ready.then(() => pad.ask(true));
  return level;
}

function makeCloud(packed) {
  const labels = packed.labels && Array.from(unpack(packed.labels));
  const places = unpack(packed.places);
  return { id: packed.id, places, labels, middles: labels ? middles(places, labels) : [] };
}

// ---- Painting.

// Every n-th tile as a sheet of its own, so that a frame costs one drawImage however many tiles it shows.
function thinned(level, stride) {
  const { sheet, columns, rows } = level;
  if (stride === 1) return { image: sheet.image, columns, rows };
  if (!level.thinned.has(stride)) {
    const [across, down] = [Math.ceil(columns / stride), Math.ceil(rows / stride)];
    const image = Object.assign(document.createElement("canvas"), { width: across * sheet.width, height: down * sheet.height });
    const context = image.getContext("2d");
    const middle = (at, count) => Math.min(count - 1, at * stride + ((stride - 1) >> 1));
    for (let row = 0; row < down; row++) {
      for (let column = 0; column < across; column++) {
        const index = middle(row, rows) * columns + middle(column, columns);
        paintTile(context, sheet, index, column * sheet.width, row * sheet.height, sheet.width, sheet.height);
      }
    }
    level.thinned.set(stride, { image, columns: across, rows: down });
  }
  return level.thinned.get(stride);
}

function paintMosaic(context, pad) {
  const { view, levels } = pad;
  context.imageSmoothingEnabled = false;
  for (const i of mosaicLevels(levels, view.k)) {
    const level = levels[i];
    if (!level.sheet) continue;
    const [x0, x1, y0, y1] = level.region;
    const stride = strideOf(cellWidth(level) * view.k);
    const { image, columns, rows } = thinned(level, stride);
    const [left, top] = pad.screen(x0, y1);
    const [right, bottom] = pad.screen(x1, y0);
    const cell = [((right - left) / level.columns) * stride, ((bottom - top) / level.rows) * stride];
    context.save();
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.clip();
    if (pad.show === "both") {
      // Dimmed, so that the points stand out.
      context.fillStyle = "#000";
      context.fillRect(left, top, right - left, bottom - top);
      context.globalAlpha = 0.5;
    }
    context.drawImage(image, left, top, cell[0] * columns, cell[1] * rows);
    context.restore();
  }
}

function dot(colour, rim, radius, ratio) {
  const side = Math.ceil((radius + 1) * 2 * ratio);
  const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
  const context = canvas.getContext("2d");
  const disc = (r, fill) => {
    context.fillStyle = fill;
    context.beginPath();
    context.arc(side / 2, side / 2, r * ratio, 0, 2 * Math.PI);
    context.fill();
  };
  if (rim) disc(radius + 0.8, rim);
  disc(radius, colour);
  return canvas;
}

function paintPoints(context, pad, ground, rim) {
  const { cloud, data, ratio } = pad;
  const radius = Math.min(4.5, (cloud.places.length > 8000 ? 1.6 : 2.1) * Math.max(1, pad.view.k / pad.home.k) ** 0.3);
  const palette = data.colours.length ? data.colours : [pad.theme.accent];
  const dots = palette.map((colour) => dot(legible(colour, ground, 2), rim, radius, ratio));
  const half = dots[0].width / 2;
  context.setTransform(1, 0, 0, 1, 0, 0);
  const [ox, oy] = pad.screen(0, 0).map((at, axis) => (at + [GUTTER.left, GUTTER.top][axis]) * ratio - half);
  const k = pad.view.k * ratio;
  const [right, bottom] = [pad.width * ratio + GUTTER.left * ratio, pad.height * ratio];
  for (let i = 0; 2 * i < cloud.places.length; i++) {
    const x = ox + cloud.places[2 * i] * k;
    const y = oy - cloud.places[2 * i + 1] * k;
    if (x < -half || y < -2 * half || x > right || y > bottom) continue;
    context.drawImage(dots[cloud.labels ? cloud.labels[i] % dots.length : 0], x, y);
  }
  context.setTransform(ratio, 0, 0, ratio, GUTTER.left * ratio, GUTTER.top * ratio);
}

function haloed(context, text, x, y, ink, halo, width = 4) {
  context.lineJoin = "round";
  context.lineWidth = width;
  context.strokeStyle = halo;
  context.strokeText(text, x, y);
  context.fillStyle = ink;
  context.fillText(text, x, y);
}

// A thin line that stands out from any ground: a wider one of the other lightness lies under it.
function cased(context, ink, casing, width, trace) {
  for (const [colour, lineWidth] of [[casing, width + 2], [ink, width]]) {
    Object.assign(context, { strokeStyle: colour, lineWidth });
    context.beginPath();
    trace(context);
    context.stroke();
  }
}

function paintRings(context, pad, ink, casing) {
  const [x, y] = pad.screen(0, 0);
  context.font = `600 13px ${pad.theme.font}`;
  Object.assign(context, { textAlign: "center", textBaseline: "middle" });
  for (const sigma of [1, 2, 3]) {
    const radius = sigma * pad.view.k;
    context.globalAlpha = pad.show === "points" ? 0.6 : 1;
    cased(context, ink, casing, 1, () => context.arc(x, y, radius, 0, 2 * Math.PI));
    context.globalAlpha = 1;
    const slant = radius * Math.SQRT1_2;
    haloed(context, `${sigma}σ`, x + slant, y - slant, ink, casing, 5);
  }
}

function paintEllipse(context, pad, { mean, std }) {
  const [x, y] = pad.screen(...mean);
  const { k } = pad.view;
  for (const sigma of [2, 1]) {
    const trace = () => context.ellipse(x, y, sigma * std[0] * k, sigma * std[1] * k, 0, 0, 2 * Math.PI);
    context.beginPath();
    trace();
    context.globalAlpha = 0.22;
    context.fillStyle = pad.theme.accent;
    context.fill();
    context.globalAlpha = 1;
    cased(context, pad.theme.accent, pad.theme.paper, 2, trace);
  }
}

function paintPath(context, pad, path) {
  const { accent, paper } = pad.theme;
  const places = path.map(([x, y]) => pad.screen(x, y));
  Object.assign(context, { lineJoin: "round", lineCap: "round" });
  cased(context, accent, paper, 2.5, () => places.forEach(([x, y]) => context.lineTo(x, y)));
  const last = places.length - 1;
  places.forEach(([x, y], i) => {
    const end = i === 0 || i === last;
    if (!end && places.length > 64) return;
    context.beginPath();
    context.arc(x, y, end ? 5.5 : 3, 0, 2 * Math.PI);
    Object.assign(context, { fillStyle: i === 0 ? paper : accent, strokeStyle: i === 0 ? accent : paper, lineWidth: end ? 2 : 1 });
    context.fill();
    context.stroke();
  });
}

function paintAxes(context, pad) {
  const { width, height, theme, data } = pad;
  const [x0, x1, y0, y1] = regionOf(pad.view, width, height);
  context.font = `13px ${theme.font}`;
  context.globalAlpha = 0.72;
  context.fillStyle = context.strokeStyle = theme.text;
  context.lineWidth = 1;
  context.beginPath();
  Object.assign(context, { textAlign: "center", textBaseline: "top" });
  const short = (value) => String(value).replace("-", "−");
  for (const value of ticks(x0, x1, width / 90)) {
    const x = pad.screen(value, 0)[0];
    context.moveTo(x, height + 1);
    context.lineTo(x, height + 5);
    if (x > 12 && x < width - 34) context.fillText(short(value), x, height + 9);
  }
  Object.assign(context, { textAlign: "right", textBaseline: "middle" });
  for (const value of ticks(y0, y1, height / 70)) {
    const y = pad.screen(0, value)[1];
    context.moveTo(-1, y);
    context.lineTo(-5, y);
    if (y > 26 && y < height - 6) context.fillText(short(value), -9, y);
  }
  context.stroke();
  context.globalAlpha = 1;
  context.font = `600 14px ${theme.font}`;
  context.fillText(data.axes[1], -9, 10);
  Object.assign(context, { textAlign: "right", textBaseline: "top" });
  context.fillText(data.axes[0], width - 2, height + 8);
}

function paintGround(pad) {
  const { width, height, data, theme, cloud } = pad;
  const context = fitCanvas(pad.ground, pad.stage.clientWidth, pad.stage.clientHeight);
  context.clearRect(0, 0, pad.ground.width, pad.ground.height);
  pad.ratio = context.getTransform().a;
  context.translate(GUTTER.left, GUTTER.top);
  paintAxes(context, pad);
  context.save();
  context.beginPath();
  context.roundRect(0, 0, width, height, 6);
  context.clip();
  const pictures = pad.show !== "points";
  if (pictures) paintMosaic(context, pad);
  const [ink, casing] = pictures ? ["#fff", "rgba(0, 0, 0, 0.65)"] : [theme.text, theme.paper];
  if (cloud && pad.show !== "pictures") paintPoints(context, pad, pictures ? "#000" : theme.paper, pictures ? "rgba(0, 0, 0, 0.6)" : "");
  if (data.rings) paintRings(context, pad, ink, casing);
  if (data.path?.length) paintPath(context, pad, data.path);
  if (data.ellipse) paintEllipse(context, pad, data.ellipse);
  if (cloud && pad.show !== "pictures") paintNames(context, pad, ink, casing);
  context.restore();
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(-0.5, -0.5, width + 1, height + 1, 6);
  context.stroke();
}

function paintNames(context, pad, ink, casing) {
  context.font = `650 16px ${pad.theme.font}`;
  Object.assign(context, { textAlign: "center", textBaseline: "middle" });
  for (const { label, x, y } of pad.cloud.middles) {
    const name = pad.data.names[label];
    if (name !== undefined) haloed(context, name, ...pad.screen(x, y), ink, casing, 5);
  }
}

// A picture that stands beside the pixel on a card, its words below: {sheet, index, w, h, box: [x, y, w, h] of the card}.
function cardAt(pad, source, px, py, side, way) {
  const times = Math.max(1, Math.round(side / Math.max(source.sheet.width, source.sheet.height)));
  const [w, h] = [source.sheet.width * times, source.sheet.height * times];
  const [across, down] = [w + 2 * RIM, h + 2 * RIM + FOOT];
  return { ...source, w, h, box: [...besides(px, py, across, down, pad.width, pad.height, way), across, down] };
}

function paintCard(context, pad, { sheet, index, w, h, box }, words, accent) {
  const { theme } = pad;
  Object.assign(context, { fillStyle: theme.paper, strokeStyle: accent ?? theme.line, lineWidth: accent ? 2 : 1 });
  context.beginPath();
  context.roundRect(...box, 8);
  context.fill();
  context.stroke();
  const [x, y] = [box[0] + RIM, box[1] + RIM];
  paintTile(context, sheet, index, x, y, w, h);
  context.font = `14px ${theme.font}`;
  Object.assign(context, { textAlign: "center", textBaseline: "middle", fillStyle: theme.text });
  context.fillText(words, x + w / 2, y + h + FOOT / 2 + 2, w + 2 * RIM - 4);
}

// The fixed place's card takes the corner where it hides the least of the other.
function paintCards(context, pad, probed, fixed) {
  const { probe, position, theme } = pad;
  const side = Math.min(140, 0.28 * Math.min(pad.width, pad.height));
  const lens = probed && cardAt(pad, probed, ...pad.screen(...probe), side, { right: true, up: true });
  if (fixed) {
    const ways = [[false, false], [true, false], [false, true], [true, true]];
    const cards = ways.map(([right, up]) => cardAt(pad, fixed, ...pad.screen(...position), 0.8 * side, { right, up }));
    const hidden = (card) => (lens ? overlap(card.box, lens.box) : 0);
    paintCard(context, pad, cards.reduce((best, card) => (hidden(card) < hidden(best) ? card : best)), pad.words(position), theme.accent);
  }
  if (lens) paintCard(context, pad, lens, pad.words(probe));
}

// One of the two large pictures: its title above, where it is decoded below.
function paintLarge(context, pad, source, place, x, y, title, accent) {
  const { theme } = pad;
  const [w, h] = pad.levels[0].tile.map((length) => length * pad.layout.times);
  Object.assign(context, { textAlign: "left", textBaseline: "middle", fillStyle: theme.text, font: `600 15px ${theme.font}` });
  context.fillText(title, x, y + 10);
  context.save();
  context.beginPath();
  context.roundRect(x, y + 26, w, h, 8);
  if (source) {
    context.clip();
    paintTile(context, source.sheet, source.index, x, y + 26, w, h);
  }
  context.restore();
  Object.assign(context, { strokeStyle: source && accent ? accent : theme.line, lineWidth: source && accent ? 2 : 1 });
  context.stroke();
  if (source) context.font = `15px ${theme.font}`;
  if (source) context.fillText(pad.words(place, true), x, y + 26 + h + 16, w);
}

function paintPanel(context, pad, probed, fixed) {
  if (!pad.levels.length) return;
  const { mode, times } = pad.layout;
  const [w, h] = pad.levels[0].tile.map((length) => length * times);
  const x = pad.width + GAP;
  paintLarge(context, pad, probed, pad.probe, x, 0, probed ? "Under the pointer" : "Hover over the plane");
  const [right, down] = mode === "row" ? [w + GAP, 0] : [0, h + WORDS + GAP];
  paintLarge(context, pad, fixed, pad.position, x + right, down, fixed ? "Fixed here" : "Click to fix a place", pad.theme.accent);
}

function paintCross(context, pad) {
  const [x, y] = pad.screen(...pad.position);
  cased(context, pad.theme.accent, pad.theme.paper, 2, () => {
    context.moveTo(x + 7, y);
    context.arc(x, y, 7, 0, 2 * Math.PI);
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + 4 * dx, y + 4 * dy);
      context.lineTo(x + 13 * dx, y + 13 * dy);
    }
  });
}

function paintItem(context, pad, item, radius) {
  const { places } = pad.cloud ?? { places: [] };
  if (!(item >= 0 && 2 * item < places.length)) return;
  const [x, y] = pad.screen(places[2 * item], places[2 * item + 1]);
  cased(context, pad.theme.text, pad.theme.paper, 2, () => context.arc(x, y, radius, 0, 2 * Math.PI));
}

function paintOver(pad) {
  const { width, height, probe, position, theme } = pad;
  const context = fitCanvas(pad.over, pad.stage.clientWidth, pad.stage.clientHeight);
  context.clearRect(0, 0, pad.over.width, pad.over.height);
  context.translate(GUTTER.left, GUTTER.top);
  const probed = probe && pad.decoded(...probe);
  const floats = pad.layout.mode === "float";
  const fixed = position && (pad.exact ?? pad.decoded(...position));
  context.save();
  context.beginPath();
  context.rect(0, 0, width, height);
  context.clip();
  const mates = pad.mates();
  if (mates) paintItem(context, pad, mates.selected, 8);
  if (mates) paintItem(context, pad, mates.hovered, 6);
  if (position) paintCross(context, pad);
  if (probe && (pad.byKey || !floats)) {
    const [x, y] = pad.screen(...probe);
    cased(context, theme.text, theme.paper, 1.5, () => context.arc(x, y, 6, 0, 2 * Math.PI));
  }
  if (floats) paintCards(context, pad, probed, position && pad.holds(pad.screen(...position)) ? fixed : null);
  context.restore();
  if (!floats) paintPanel(context, pad, probed, fixed);
}

// ---- The part itself.

class LatentPad {
  constructor(parent) {
    const root = parent.querySelector(".pad");
    const find = (selector) => root.querySelector(selector);
    Object.assign(this, { parent, root, stage: find(".stage"), ground: find(".ground"), over: find(".over"), said: find(".said") });
    Object.assign(this, { levels: [], cloud: null, view: null, layout: null, home: null, width: 0, height: 0, ratio: 1, show: null, data: null });
    Object.assign(this, { position: null, exact: null, sent: [], probe: null, byKey: false, pointers: new Map(), told: null });
    this.abort = new AbortController();
    listen(this);
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.stage);
    const heed = ({ detail }) => detail.group === this.data.group && this.ask();
    shared().events.addEventListener("latent-map", heed, { signal: this.abort.signal });
  }

  destroy() {
    this.abort.abort();
    this.sizes.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.settling);
    clearTimeout(this.speaking);
  }

  update(data, setState) {
    const before = this.data;
    Object.assign(this, { data, setState });
    const levels = data.levels.map((level) => makeLevel(this, level));
    const cloud = data.cloud && recall(data.cloud.id, data.cloud.places, () => makeCloud(data.cloud));
    const lost = levels.includes(undefined) || cloud === undefined;
    Object.assign(this, { levels: levels.filter(Boolean), cloud: cloud ?? null });
    this.show ??= data.cloud ? data.show : "pictures";
    if (!before) this.position = data.position;
    else this.heedPosition(before.position, data.position);
    this.heedPicture(data);
    this.root.style.height = `${data.height}px`;
    if (before && !same(before.home, data.home)) this.home = null; // a new home is gone to
    this.resize();
    this.dress();
    this.ask(true);
    // Python left out what it believes us to have: without a list of what we have, it sends everything.
    if (lost) this.commit([]);
  }

  heedPosition(known, named) {
    const { sent, take } = reconcile(this.sent, known, named);
    this.sent = sent;
    if (take) this.position = named;
  }

  async heedPicture({ picture, position }) {
    const url = picture?.url;
    if (!same(position, this.position) || !url) {
      this.exact = this.exact && same(this.exact.position, this.position) ? this.exact : null;
      return;
    }
    if (this.exact?.sheet.url === url && same(this.exact.position, position)) return;
    const sheet = await loadSheet(picture);
    if (!same(position, this.position) || this.data.picture?.url !== url) return;
    this.exact = { sheet, index: 0, position };
    this.ask();
  }

  // ---- the view

  resize() {
    const room = this.stage.clientWidth - GUTTER.left - GUTTER.right;
    const height = this.stage.clientHeight - GUTTER.top - GUTTER.bottom;
    if (room < 20 || height < 20 || !this.data) return;
    this.layout = layoutOf(this.data.home, room, height, this.levels[0]?.tile ?? [28, 28]);
    const { width } = this.layout;
    if (this.home && width === this.width && height === this.height) return;
    const zoom = this.home ? this.view.k / this.home.k : 0;
    const first = !this.view;
    Object.assign(this, { width, height });
    this.home = fitView(this.data.home, width, height);
    if (first && this.data.view) this.view = fitView(this.data.view, width, height);
    else this.view = zoom && zoom !== 1 ? { ...this.view, k: this.home.k * zoom } : { ...this.home };
    this.told ??= regionOf(this.view, width, height);
    this.ask(true);
  }

  screen = (x, y) => toScreen(this.view, this.width, this.height, x, y);
  plane = (px, py) => toPlane(this.view, this.width, this.height, px, py);
  holds = ([px, py]) => px >= 0 && py >= 0 && px <= this.width && py <= this.height;
  limits = () => [this.home.k / 2, this.home.k * 200];

  look(view) {
    this.view = view;
    this.ask(true);
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.settle(), REST);
  }

  zoom(px, py, factor) {
    this.look(zoomAt(this.view, this.width, this.height, px, py, factor, ...this.limits()));
  }

  // Python hears of a view once hand and wheel are at rest.
  settle() {
    if (this.dragging || this.pointers.size > 1) return this.look(this.view);
    const region = regionOf(this.view, this.width, this.height);
    const hair = 0.5 / this.view.k;
    if (this.told && region.every((edge, i) => Math.abs(edge - this.told[i]) < hair)) return;
    this.commit();
  }

  // ---- what the person does

  point(px, py, byKey = false) {
    this.probe = this.holds([px, py]) ? this.plane(px, py) : null;
    this.stage.toggleAttribute("data-aside", !this.probe);
    this.byKey = byKey;
    this.hoverItem(px, py);
    this.ask();
  }

  leave() {
    this.probe = null;
    this.hoverItem();
    this.ask();
  }

  fix(place) {
    if (same(place, this.position)) return;
    this.position = place;
    this.exact = null;
    this.sent.push(place);
    this.say(`Fixed at ${this.words(place, true)}${this.near(place)}`);
    this.ask();
    this.commit();
  }

  // One message, whatever changed.
  commit(have) {
    clearTimeout(this.settling);
    this.told = regionOf(this.view, this.width, this.height);
    have ??= [...this.levels, this.cloud].flatMap((part) => part?.id ?? []);
    this.setState("pad", { position: this.position, view: this.told, have });
  }

  key(event) {
    const { key } = event;
    const probe = this.probe ?? this.position ?? [this.view.x, this.view.y];
    const next = stepped(probe, key, event.shiftKey, this.view.k);
    const at = this.screen(...probe);
    if (next) this.walk(next);
    else if (key === "+" || key === "=") this.zoom(...at, 1.5);
    else if (key === "-" || key === "_") this.zoom(...at, 1 / 1.5);
    else if (key === "0" || key === "Home") this.look({ ...this.home });
    else if (key === "Enter" || key === " ") this.fix(probe);
    else if (key === "Escape") this.leave();
    else return false;
    return true;
  }

  // The view follows a probe that walks out of it.
  walk([x, y]) {
    const { k } = this.view;
    const [w, h] = [this.width / 2 / k - 12 / k, this.height / 2 / k - 12 / k];
    const within = (at, middle, reach) => Math.min(at + reach, Math.max(at - reach, middle));
    const moved = { k, x: within(x, this.view.x, w), y: within(y, this.view.y, h) };
    if (moved.x !== this.view.x || moved.y !== this.view.y) this.look(moved);
    this.probe = [x, y];
    this.byKey = true;
    this.say(this.words(this.probe, true) + this.near(this.probe));
    this.ask();
  }

  tool(name) {
    if (name === "reset") this.look({ ...this.home });
    else this.zoom(this.width / 2, this.height / 2, name === "in" ? 1.5 : 1 / 1.5);
  }

  mode(name) {
    this.show = name;
    this.dress();
    this.ask(true);
  }

  // ---- words

  words([x, y], full = false) {
    const { k } = this.view;
    const [nameX, nameY] = this.data.axes;
    return full ? `${nameX} ${figure(x, k)}   ${nameY} ${figure(y, k)}` : `${figure(x, k)}, ${figure(y, k)}`;
  }

  // The class of the item nearest to the place, for those who cannot see the picture.
  near([x, y]) {
    const item = this.cloud?.labels ? nearestPoint(this.cloud.places, x, y, 40 / this.view.k) : -1;
    const name = item >= 0 ? this.data.names[this.cloud.labels[item]] : undefined;
    return name === undefined ? "" : `, near ${name}`;
  }

  say(text) {
    this.speech = text;
    this.speaking ??= setTimeout(() => {
      this.speaking = null;
      this.said.textContent = this.speech;
    }, SPEAK);
  }

  // ---- looks

  dress() {
    const { data, root } = this;
    const title = root.querySelector(".title");
    if (title.textContent !== data.title) title.textContent = data.title;
    root.classList.toggle("untitled", !data.title);
    root.querySelector(".modes").hidden = !this.cloud;
    this.stage.setAttribute("aria-label", `${data.title || "Latent plane"}: ${data.axes.join(" and ")}`);
    for (const button of root.querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === this.show));
    }
  }

  decoded(x, y) {
    const ready = this.levels.filter((level) => level.sheet);
    const at = finestAt(ready, x, y);
    return at < 0 ? null : { sheet: ready[at].sheet, index: tileAt(ready[at], x, y) };
  }

  // What the latent maps of the group have hovered and selected.
  mates() {
    return this.data.group ? shared().mapGroups?.get(this.data.group) : undefined;
  }

  hoverItem(px, py) {
    const mates = this.mates();
    if (!mates || !this.cloud) return;
    const near = px !== undefined && this.probe && this.show !== "pictures";
    const item = near ? nearestPoint(this.cloud.places, ...this.probe, 5 / this.view.k) : -1;
    if (item === mates.hovered) return;
    mates.hovered = item;
    const detail = { group: this.data.group, what: "hover", source: this };
    shared().events.dispatchEvent(new CustomEvent("latent-map", { detail }));
  }

  // At most one painting a frame, in the frame of the event that asked for it.
  ask(dirty = false) {
    this.dirty ||= dirty;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (!this.view) return;
      if (this.dirty) {
        this.theme = themeOf(this);
        this.root.style.setProperty("--accent", this.theme.accent);
        paintGround(this);
      }
      this.dirty = false;
      paintOver(this);
    });
  }
}

// ---- Pointers and keys.

function listen(pad) {
  const { stage, root, pointers } = pad;
  const on = (target, event, act, more) => target.addEventListener(event, act, { signal: pad.abort.signal, ...more });
  const place = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left - GUTTER.left, event.clientY - box.top - GUTTER.top];
  };
  on(stage, "pointerdown", (event) => press(pad, event, place(event)));
  on(stage, "pointermove", (event) => move(pad, event, place(event)));
  for (const name of ["pointerup", "pointercancel"]) on(stage, name, (event) => release(pad, event, place(event)));
  on(stage, "pointerleave", (event) => !pointers.size && event.pointerType !== "touch" && pad.leave());
  on(stage, "wheel", (event) => {
    if (!pad.holds(place(event))) return;
    event.preventDefault();
    const unit = [1, 16, 400][event.deltaMode];
    pad.zoom(...place(event), Math.exp(-Math.max(-240, Math.min(240, event.deltaY * unit)) * 0.002));
    pad.point(...place(event));
  }, { passive: false });
  on(stage, "dblclick", (event) => pad.holds(place(event)) && pad.look({ ...pad.home }));
  on(stage, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !pad.key(event)) return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has shortcuts of its own
  });
  on(stage, "blur", () => pad.byKey && pad.leave());
  on(root.querySelector("header"), "click", (event) => {
    const { mode, tool } = event.target.closest("button")?.dataset ?? {};
    if (mode) pad.mode(mode);
    if (tool) pad.tool(tool);
  });
}

function press(pad, event, at) {
  if (event.button !== 0 || !pad.holds(at)) return;
  pad.stage.setPointerCapture(event.pointerId);
  pad.pointers.set(event.pointerId, at);
  // A second finger makes it a pinch: then neither is a tap any more.
  pad.start = pad.pointers.size > 1 ? null : { at, view: pad.view, tap: true };
  if (event.pointerType === "touch") pad.point(...at);
}

function move(pad, event, at) {
  const before = pad.pointers.get(event.pointerId);
  if (!before) return pad.point(...at);
  if (pad.pointers.size > 1) pinch(pad, event.pointerId, before, at);
  pad.pointers.set(event.pointerId, at);
  if (pad.pointers.size > 1 || !pad.start) return;
  const [dx, dy] = [at[0] - pad.start.at[0], at[1] - pad.start.at[1]];
  if (Math.hypot(dx, dy) > CLICK) pad.start.tap = false;
  if (!pad.start.tap && event.pointerType !== "touch") {
    pad.dragging = true;
    pad.stage.setAttribute("data-dragging", "");
    const { view } = pad.start;
    pad.look({ k: view.k, x: view.x - dx / view.k, y: view.y + dy / view.k });
  }
  pad.point(...at);
}

function pinch(pad, id, before, at) {
  const other = [...pad.pointers].find(([pointer]) => pointer !== id)[1];
  const apart = (place) => Math.max(1, Math.hypot(place[0] - other[0], place[1] - other[1]));
  const middle = (place) => [(place[0] + other[0]) / 2, (place[1] + other[1]) / 2];
  const [from, to] = [middle(before), middle(at)];
  const { k, x, y } = pad.view;
  pad.view = { k, x: x - (to[0] - from[0]) / k, y: y + (to[1] - from[1]) / k };
  pad.probe = null;
  pad.zoom(...to, apart(at) / apart(before));
}

function release(pad, event, at) {
  if (!pad.pointers.delete(event.pointerId)) return;
  pad.dragging = false;
  pad.stage.removeAttribute("data-dragging");
  const { start } = pad;
  if (!pad.pointers.size) pad.start = null;
  // The second click of a double one resets the view and fixes nothing.
  const { lastTap } = pad;
  const again = lastTap && event.timeStamp - lastTap.time < 350 && Math.hypot(at[0] - lastTap.at[0], at[1] - lastTap.at[1]) < 10;
  if (event.type !== "pointerup" || !start?.tap || again) return;
  pad.lastTap = { time: event.timeStamp, at };
  pad.point(...start.at);
  pad.fix(pad.plane(...start.at));
}

const pads = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  const known = pads.get(parentElement);
  if (known && !known.root.isConnected) known.destroy();
  const pad = known?.root.isConnected ? known : new LatentPad(parentElement);
  pads.set(parentElement, pad);
  const call = (pad.calls = (pad.calls ?? 0) + 1);
  pad.update(data, setStateValue);
  return () => {
    // Streamlit also cleans up after a call that a later one has overtaken: the pad is then still in use.
    if (pad.calls !== call) return;
    pad.destroy();
    pads.delete(parentElement);
  };
}
