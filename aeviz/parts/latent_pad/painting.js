// The two canvases: the ground (tiles, points, rings), painted when the view changes, and what moves with the pointer.

import { contextOf, fitCanvas, fontOf, forHand, wipe } from "../js/common.js";
import { divide, paintTile } from "../js/sheets.js";
import { ticks, withMinus } from "../js/ticks.js";
import { boxOf } from "../js/view.js";
import { paintDots } from "./dots.js";
import { GAP, WORDS, besides, cellWidth, mosaicLevels, overlap, strides } from "./plane.js";

/**
 * @typedef {import("./latent_pad.js").LatentPad} LatentPad
 * @typedef {import("./latent_pad.js").Data} Data
 * @typedef {import("./keeping.js").Level} Level
 * @typedef {{ sheet: import("../js/sheets.js").LoadedSheet, index: number }} Source a tile
 * @typedef {Source & { w: number, h: number, box: [x: number, y: number, w: number, h: number] }} Card
 */

export const GUTTER = { left: 44, bottom: 26, top: 2, right: 2 };
const [RIM, FOOT] = [5, 24]; // px round a card's picture and for the words below

/** @param {LatentPad} pad */
export function themeOf(pad) {
  const { text, ground, edge, font, primary } = pad.readTheme();
  return { text, paper: ground, line: edge, font, accent: pad.data.accent || primary };
}

/**
 * Every n-th tile as a sheet of its own, so that a frame costs one drawImage however many tiles it shows.
 * @param {Level} level
 * @param {import("../js/sheets.js").LoadedSheet} sheet of the level
 * @param {number[]} strides
 */
function thinned(level, sheet, strides) {
  const { columns, rows } = level;
  if (Math.max(...strides) === 1) return { image: sheet.image, columns, rows };
  const key = strides.join();
  const known = level.thinned.get(key);
  if (known) return known;
  const [across, down] = [Math.ceil(columns / strides[0]), Math.ceil(rows / strides[1])];
  const size = { width: across * sheet.width, height: down * sheet.height };
  const image = Object.assign(document.createElement("canvas"), size);
  const context = contextOf(image);
  /**
   * @param {number} at
   * @param {number} count
   * @param {number} stride
   */
  const middle = (at, count, stride) => Math.min(count - 1, at * stride + ((stride - 1) >> 1));
  for (let row = 0; row < down; row++) {
    for (let column = 0; column < across; column++) {
      const index = middle(row, rows, strides[1]) * columns + middle(column, columns, strides[0]);
      paintTile(context, sheet, index, column * sheet.width, row * sheet.height, sheet.width, sheet.height);
    }
  }
  const made = { image, columns: across, rows: down };
  level.thinned.set(key, made);
  return made;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {LatentPad} pad
 */
function paintMosaic(context, pad) {
  const { view } = pad;
  const levels = [...pad.levels, ...pad.own];
  for (const i of mosaicLevels(levels, view.k)) {
    const level = levels[i];
    if (!level.sheet) continue;
    context.imageSmoothingEnabled = level.sheet.smooth;
    const [x0, x1, y0, y1] = level.region;
    const every = strides(cellWidth(level) * view.k, level.tile);
    const { image, columns, rows } = thinned(level, level.sheet, every);
    const [left, top] = pad.screen(x0, y1);
    const [right, bottom] = pad.screen(x1, y0);
    const cell = [((right - left) / level.columns) * every[0], ((bottom - top) / level.rows) * every[1]];
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
    const box = { x: left, y: top, width: cell[0] * columns, height: cell[1] * rows };
    context.drawImage(image, left, top, box.width, box.height);
    divide(context, level.sheet, box, columns, rows);
    context.restore();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 * @param {string} ink
 * @param {string} halo
 * @param {number} [width]
 */
function haloed(context, text, x, y, ink, halo, width = 4) {
  context.lineJoin = "round";
  context.lineWidth = width;
  context.strokeStyle = halo;
  context.strokeText(text, x, y);
  context.fillStyle = ink;
  context.fillText(text, x, y);
}

/**
 * A thin line that stands out from any ground: a wider one of the other lightness lies under it.
 * @param {CanvasRenderingContext2D} context
 * @param {string} ink
 * @param {string} casing
 * @param {number} width
 * @param {(context: CanvasRenderingContext2D) => void} trace
 */
function cased(context, ink, casing, width, trace) {
  for (const [colour, lineWidth] of [
    [casing, width + 2],
    [ink, width],
  ]) {
    Object.assign(context, { strokeStyle: colour, lineWidth });
    context.beginPath();
    trace(context);
    context.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {LatentPad} pad
 * @param {[number, number]} rings
 * @param {string} ink
 * @param {string} casing
 */
function paintRings(context, pad, rings, ink, casing) {
  const [x, y] = pad.screen(...rings);
  context.font = fontOf(13, pad.theme.font, 600);
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

/**
 * @param {CanvasRenderingContext2D} context
 * @param {LatentPad} pad
 * @param {NonNullable<Data["ellipse"]>} ellipse
 */
function paintEllipse(context, pad, { mean, std, angle }) {
  const [x, y] = pad.screen(...mean);
  const { k } = pad.view;
  for (const sigma of [2, 1]) {
    const trace = () => context.ellipse(x, y, sigma * std[0] * k, sigma * std[1] * k, -angle, 0, 2 * Math.PI);
    context.beginPath();
    trace();
    context.globalAlpha = 0.22;
    context.fillStyle = pad.theme.accent;
    context.fill();
    context.globalAlpha = 1;
    cased(context, pad.theme.accent, pad.theme.paper, 2, trace);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {LatentPad} pad
 * @param {number[][]} path
 */
function paintPath(context, pad, path) {
  const { accent, paper } = pad.theme;
  const places = path.map(([x, y]) => pad.screen(x, y));
  Object.assign(context, { lineJoin: "round", lineCap: "round" });
  /** @param {CanvasRenderingContext2D} context */
  cased(context, accent, paper, 2.5, () => places.forEach(([x, y]) => context.lineTo(x, y)));
  const last = places.length - 1;
  places.forEach(([x, y], i) => {
    const end = i === 0 || i === last;
    if (!end && places.length > 64) return;
    context.beginPath();
    context.arc(x, y, end ? 5.5 : 3, 0, 2 * Math.PI);
    const [fillStyle, strokeStyle] = i === 0 ? [paper, accent] : [accent, paper];
    Object.assign(context, { fillStyle, strokeStyle, lineWidth: end ? 2 : 1 });
    context.fill();
    context.stroke();
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {LatentPad} pad
 */
function paintAxes(context, pad) {
  const { width, height, theme, data } = pad;
  const [x0, x1, y0, y1] = boxOf(pad.view, width, height);
  context.font = fontOf(13, theme.font);
  context.globalAlpha = 0.72;
  context.fillStyle = context.strokeStyle = theme.text;
  context.lineWidth = 1;
  context.beginPath();
  Object.assign(context, { textAlign: "center", textBaseline: "top" });
  for (const value of ticks(x0, x1, width / 90)) {
    const x = pad.screen(value, 0)[0];
    context.moveTo(x, height + 1);
    context.lineTo(x, height + 5);
    if (x > 12 && x < width - 34) context.fillText(withMinus(String(value)), x, height + 9);
  }
  Object.assign(context, { textAlign: "right", textBaseline: "middle" });
  for (const value of ticks(y0, y1, height / 70)) {
    const y = pad.screen(0, value)[1];
    context.moveTo(-1, y);
    context.lineTo(-5, y);
    if (y > 26 && y < height - 6) context.fillText(withMinus(String(value)), -9, y, GUTTER.left - 9);
  }
  context.stroke();
  context.globalAlpha = 1;
  context.font = fontOf(14, theme.font, 600);
  context.fillText(data.axes[1], -9, 10);
  Object.assign(context, { textAlign: "right", textBaseline: "top" });
  context.fillText(data.axes[0], width - 2, height + 8);
}

/** @param {LatentPad} pad */
export function paintGround(pad) {
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
  const points = cloud && pad.show !== "pictures";
  if (points && pictures) paintDots(context, pad, cloud, "#000", "rgba(0, 0, 0, 0.6)");
  else if (points) paintDots(context, pad, cloud, theme.paper, "");
  if (data.rings) paintRings(context, pad, data.rings, ink, casing);
  if (data.path?.length) paintPath(context, pad, data.path);
  if (data.ellipse) paintEllipse(context, pad, data.ellipse);
  if (points) paintNames(context, pad, cloud, ink, casing);
  context.restore();
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(-0.5, -0.5, width + 1, height + 1, 6);
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {LatentPad} pad
 * @param {import("./keeping.js").Cloud} cloud
 * @param {string} ink
 * @param {string} casing
 */
function paintNames(context, pad, cloud, ink, casing) {
  context.font = fontOf(16, pad.theme.font, 650);
  Object.assign(context, { textAlign: "center", textBaseline: "middle" });
  for (const { label, x, y } of cloud.middles) {
    const name = pad.data.names[label];
    if (name !== undefined) haloed(context, name, ...pad.screen(x, y), ink, casing, 5);
  }
}

/**
 * A picture on a card that stands beside the pixel, its words below: {sheet, index, w, h, box: of the card}.
 * @param {LatentPad} pad
 * @param {Source} source
 * @param {number} px
 * @param {number} py
 * @param {number} side
 * @param {{ right: boolean, up: boolean }} way
 * @returns {Card}
 */
function cardAt(pad, source, px, py, side, way) {
  const times = Math.max(1, Math.round(side / Math.max(source.sheet.width, source.sheet.height)));
  const [w, h] = [source.sheet.width * times, source.sheet.height * times];
  const [across, down] = [w + 2 * RIM, h + 2 * RIM + FOOT];
  return { ...source, w, h, box: [...besides(px, py, across, down, pad.width, pad.height, way), across, down] };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {LatentPad} pad
 * @param {Card} card
 * @param {string} words
 * @param {string} [accent]
 */
function paintCard(context, pad, { sheet, index, w, h, box }, words, accent) {
  const { theme } = pad;
  Object.assign(context, { fillStyle: theme.paper, strokeStyle: accent ?? theme.line, lineWidth: accent ? 2 : 1 });
  context.beginPath();
  context.roundRect(...box, 8);
  context.fill();
  context.stroke();
  const [x, y] = [box[0] + RIM, box[1] + RIM];
  paintTile(context, sheet, index, x, y, w, h);
  context.font = fontOf(14, theme.font);
  Object.assign(context, { textAlign: "center", textBaseline: "middle", fillStyle: theme.text });
  context.fillText(words, x + w / 2, y + h + FOOT / 2 + 2, w + 2 * RIM - 4);
}

/**
 * The fixed place's card takes the corner where it hides the least of the other.
 * @param {CanvasRenderingContext2D} context
 * @param {LatentPad} pad
 * @param {Source | null} probed
 * @param {Source | null} fixed
 */
function paintCards(context, pad, probed, fixed) {
  const { probe, position, theme } = pad;
  const side = Math.min(140, 0.28 * Math.min(pad.width, pad.height));
  const lens = probed && probe && cardAt(pad, probed, ...pad.screen(...probe), side, { right: true, up: true });
  if (fixed && position) {
    const ways = [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ];
    const cards = ways.map(([right, up]) => cardAt(pad, fixed, ...pad.screen(...position), 0.8 * side, { right, up }));
    /** @param {Card} card */
    const hidden = (card) => (lens ? overlap(card.box, lens.box) : 0);
    const card = cards.reduce((best, other) => (hidden(other) < hidden(best) ? other : best));
    paintCard(context, pad, card, pad.words(position), theme.accent);
  }
  if (lens && probe) paintCard(context, pad, lens, pad.words(probe));
}

/**
 * One of the two large pictures: its title above, where it is decoded below; without a picture, a hint in its place.
 * @param {CanvasRenderingContext2D} context
 * @param {LatentPad} pad
 * @param {Source | null} source
 * @param {number[] | null} place
 * @param {number} x
 * @param {number} y
 * @param {{ title: string, hint: string, accent?: string }} words
 */
function paintLarge(context, pad, source, place, x, y, { title, hint, accent }) {
  const { theme } = pad;
  const [w, h] = pad.levels[0].tile.map((length) => length * pad.layout.times);
  Object.assign(context, { textAlign: "left", textBaseline: "middle", fillStyle: theme.text });
  context.font = fontOf(15, theme.font, 600);
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
  if (source && place) {
    context.font = fontOf(15, theme.font);
    context.fillText(pad.words(place, true), x, y + 26 + h + 16, w);
    return;
  }
  Object.assign(context, { font: fontOf(14, theme.font), textAlign: "center", globalAlpha: 0.7 });
  context.fillText(hint, x + w / 2, y + 26 + h / 2, w - 8);
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {LatentPad} pad
 * @param {Source | null} probed
 * @param {Source | null} fixed
 */
function paintPanel(context, pad, probed, fixed) {
  if (!pad.levels.length) return;
  const { mode, times } = pad.layout;
  const [w, h] = pad.levels[0].tile.map((length) => length * times);
  const x = pad.width + GAP;
  paintLarge(context, pad, probed, pad.probe, x, 0, { title: "Under the pointer", hint: "hover to decode" });
  const [right, down] = mode === "row" ? [w + GAP, 0] : [0, h + WORDS + GAP];
  const fixedWords = { title: "Fixed place", hint: forHand("click to fix a place"), accent: pad.theme.accent };
  paintLarge(context, pad, fixed, pad.position, x + right, down, fixedWords);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {LatentPad} pad
 * @param {import("../js/view.js").Pixel} place
 */
function paintCross(context, pad, place) {
  const [x, y] = pad.screen(...place);
  cased(context, pad.theme.accent, pad.theme.paper, 2, () => {
    context.moveTo(x + 7, y);
    context.arc(x, y, 7, 0, 2 * Math.PI);
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]) {
      context.moveTo(x + 4 * dx, y + 4 * dy);
      context.lineTo(x + 13 * dx, y + 13 * dy);
    }
  });
}

/** @param {LatentPad} pad */
export function paintOver(pad) {
  const { width, height, probe, position, theme } = pad;
  const context = fitCanvas(pad.over, pad.stage.clientWidth, pad.stage.clientHeight);
  wipe(context);
  context.translate(GUTTER.left, GUTTER.top);
  const probed = probe && pad.decoded(...probe);
  const floats = pad.layout.mode === "float";
  const fixed = position && (pad.exact ?? pad.decoded(...position));
  context.save();
  context.beginPath();
  context.rect(0, 0, width, height);
  context.clip();
  if (position) paintCross(context, pad, position);
  if (probe && (pad.byKey || !floats)) {
    const [x, y] = pad.screen(...probe);
    cased(context, theme.text, theme.paper, 1.5, () => context.arc(x, y, 6, 0, 2 * Math.PI));
  }
  if (floats) paintCards(context, pad, probed, position && pad.holds(pad.screen(...position)) ? fixed : null);
  context.restore();
  if (!floats) paintPanel(context, pad, probed, fixed);
}
