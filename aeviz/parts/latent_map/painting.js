// What a map looks like: its cloud of points (slow, cached by the caller) and what floats above it (quick).

import { css, isDark, legible, mix, pixel, rgb, unpacked } from "../js/colours.js";
import { contextOf, fitCanvas, fontOf } from "../js/common.js";
import { pixelsOf } from "../js/readback.js";
import { paintTile } from "../js/sheets.js";
import { toScreen } from "../js/view.js";
import { ramp } from "./colours.js";
import { labelPlaces, shortened, within } from "./geometry.js";
import { blit, discMasks, dotRadius, fillSquare, pictureSize, splat } from "./points.js";
import { FADES, fadeOf } from "./turning.js";

/**
 * @typedef {import("./latent_map.js").LatentMap} LatentMap
 * @typedef {import("../js/colours.js").Colour} Colour
 * @typedef {ReturnType<typeof readTheme>} MapTheme
 */

export const SHOWN = 2;
export const DIMMED = 1;
const FADED = 0.55; // of its colour, what lies at the very back leaves to the ground
const EDGE = 6; // pixels between a name and the edge of the map
const NAME_HEIGHT = 20; // pixels

/**
 * Radius of the ring round an item: wide enough for its picture where points show as pictures.
 * @param {LatentMap} map
 */
const ringOf = (map) => Math.max(9, 0.72 * (map.painted?.size ?? 0));

/**
 * The colours and the font that the theme gives at this moment.
 * @param {HTMLElement} root
 * @param {string | null} accent
 */
export function readTheme(root, accent) {
  const style = getComputedStyle(root);
  /** @param {string} name */
  const value = (name) => style.getPropertyValue(name).trim();
  const ground = rgb(style.backgroundColor);
  const text = rgb(style.color);
  const primary = rgb(accent || value("--primary") || "#0072B2");
  const own = legible(primary, ground, 2.5, text);
  const signature = JSON.stringify([ground, text, own, style.fontFamily]);
  return { ground, text, dark: isDark(ground), font: style.fontFamily, accent: own, signature };
}

/**
 * Packed pixels of the 256 steps of the scale, and one for "no value".
 * @param {Pick<MapTheme, "text" | "ground" | "dark">} theme
 */
export function valueShades(theme) {
  const steps = Array.from({ length: 256 }, (_, step) => ramp(step / 255, theme.dark));
  return Uint32Array.from([...steps, mix(theme.text, theme.ground, 0.6)], pixel);
}

/**
 * Paint the cloud on `canvas`, `margin` pixels larger than the stage on each side. Returns what was drawn.
 * @param {HTMLCanvasElement} canvas
 * @param {LatentMap} map
 * @param {number} margin
 */
export function paintCloud(canvas, map, margin) {
  const ratio = globalThis.devicePixelRatio || 1;
  const { theme, view, width, height, cloud } = map;
  const context = fitCanvas(canvas, width + 2 * margin, height + 2 * margin);
  const image =
    map.buffer?.width === canvas.width && map.buffer.height === canvas.height
      ? map.buffer
      : context.createImageData(canvas.width, canvas.height);
  map.buffer = image;
  const target = { pixels: new Uint32Array(image.data.buffer), width: canvas.width, height: canvas.height };
  target.pixels.fill(pixel(theme.ground));
  const device = { k: view.k * ratio, tx: (view.tx + margin) * ratio, ty: (view.ty + margin) * ratio };
  const radius = dotRadius(cloud.xs.length, map.zoom) * ratio;
  const disc = discMasks(radius, cloud.xs.length > 30000 && map.zoom < 3 ? 0.75 : 1);
  const grey = pixel(mix(theme.text, theme.ground, theme.dark ? 0.76 : 0.84));
  const greyDisc = discMasks(radius * 0.85);
  splat(target, cloud, DIMMED, new Uint32Array(257).fill(grey), device, greyDisc);
  const edge =
    radius >= 2.6 * ratio ? { disc: discMasks(radius + 0.9 * ratio, 0.9), colour: pixel(theme.ground) } : null;
  splat(target, inDepth(map), SHOWN, fadedShades(map), device, disc, edge);
  /** @type {Unread[]} */
  const unread = [];
  const pictures = paintPictures(target, map, margin, ratio, unread);
  context.putImageData(image, 0, 0);
  paintUnread(context, map, unread);
  return { ...pictures, view: { ...view }, margin };
}

/**
 * The cloud with the shades of what is far, where it has a depth.
 * @param {LatentMap} map
 */
function inDepth({ cloud, solid, shades }) {
  if (!solid) return cloud;
  const shade = Uint16Array.from(cloud.shade, (value, i) => value + shades.length * fadeOf(solid.band[i]));
  return { ...cloud, shade };
}

/**
 * The map's shades, behind which the same stand again, further back each time, where there is a depth.
 * @param {LatentMap} map
 */
function fadedShades({ solid, shades, theme }) {
  if (!solid) return shades;
  const steps = Array.from({ length: FADES }, (_, fade) =>
    Array.from(shades, (value) => pixel(mix(unpacked(value), theme.ground, (FADED * fade) / (FADES - 1)))),
  );
  return Uint32Array.from(steps.flat());
}

/**
 * Points turn into their pictures where these fit. Returns how many did, and their size in CSS pixels.
 * @param {import("./points.js").Target} target
 * @param {LatentMap} map
 * @param {number} margin
 * @param {number} ratio
 * @param {Unread[]} unread gets those whose pixels the browser hides
 */
function paintPictures(target, map, margin, ratio, unread) {
  const { sheet, cloud, view, width, height } = map;
  const none = { pictures: 0, size: 0 };
  if (!sheet?.image) return none;
  /** @type {number[][]} */
  const [px, py, items] = [[], [], []];
  /** @param {number} i */
  const take = (i) => {
    if (!cloud.state[i] || i >= sheet.count) return;
    const [x, y] = toScreen(view, cloud.xs[i], cloud.ys[i]);
    if (x < -margin || y < -margin || x > width + margin || y > height + margin) return;
    px.push(x);
    py.push(y);
    items.push(i);
  };
  const { selected } = map.group;
  take(selected); // first come, first shown: the selected item has its picture for certain
  for (let i = 0; i < cloud.xs.length; i++) {
    if (i !== selected) take(i);
    if (items.length > 1600) return none;
  }
  const stretch = stretchOf(sheet);
  const plan = pictureSize(
    px.map((x) => x / stretch),
    py.map((y) => y * stretch),
  );
  if (!plan) return none;
  const [side, tall] = [plan.size * stretch, plan.size / stretch].map((length) => Math.round(length * ratio));
  const frame = Math.round((plan.size < 32 ? 1.5 : 2.5) * ratio);
  const ground = pixel(map.theme.ground);
  for (const dimmed of [true, false]) {
    for (const spot of plan.spots) {
      const item = items[spot];
      if ((cloud.state[item] === DIMMED) !== dimmed) continue;
      const left = Math.round((px[spot] + margin) * ratio - side / 2);
      const top = Math.round((py[spot] + margin) * ratio - tall / 2);
      const colour = map.shades[cloud.shade[item]];
      const edge = dimmed ? pixel(mix(unpacked(colour), map.theme.ground, 0.75)) : colour;
      fillSquare(target, left - frame, top - frame, side + 2 * frame, edge, tall + 2 * frame);
      const tile = tileOf(sheet, item);
      if (tile) blit(target, tile, left, top, side, dimmed ? 0.75 : 0, ground, tall);
      else unread.push({ item, place: [left, top, side, tall], dimmed });
    }
  }
  return { pictures: plan.spots.length, size: plan.size };
}

/** @typedef {{ item: number, place: [x: number, y: number, w: number, h: number], dimmed: boolean }} Unread in pixels */

/**
 * Pictures straight on the canvas, where the browser hides their pixels.
 * @param {CanvasRenderingContext2D} context
 * @param {LatentMap} map
 * @param {Unread[]} unread
 */
function paintUnread(context, { sheet, theme }, unread) {
  context.save();
  context.resetTransform();
  context.fillStyle = css(theme.ground);
  for (const { item, place, dimmed } of unread) {
    context.fillRect(...place);
    context.globalAlpha = dimmed ? 0.25 : 1;
    paintTile(context, sheet, item, ...place);
    context.globalAlpha = 1;
  }
  context.restore();
}

/**
 * By how much a picture is wider, and less high, than a square of its size, so that it covers as much as that.
 * @param {{ width: number, height: number }} sheet
 */
const stretchOf = ({ width, height }) => Math.sqrt(width / height);

/**
 * The pixels of one tile, read from the sheet when first asked for and kept with it.
 * @param {any} sheet
 * @param {number} item
 */
function tileOf(sheet, item) {
  sheet.tiles ??= new Map();
  let tile = sheet.tiles.get(item);
  if (tile) return tile;
  const { width, height } = sheet;
  if (!sheet.reader) {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    sheet.reader = canvas.getContext("2d", { willReadFrequently: true });
  }
  paintTile(sheet.reader, sheet, item, 0, 0, width, height);
  const pixels = pixelsOf(sheet.reader, width, height);
  tile = pixels && { pixels: new Uint32Array(pixels.buffer), width, height };
  sheet.tiles.set(item, tile);
  return tile;
}

/**
 * One picture centred at (x, y) within a thin frame.
 * @param {CanvasRenderingContext2D} context
 * @param {any} sheet
 * @param {number} item
 * @param {number} x
 * @param {number} y
 * @param {number[]} place
 * @param {Colour} colour
 * @param {number} frame
 */
function paintPicture(context, sheet, item, x, y, [w, h], colour, frame) {
  const [left, top] = [Math.round(x - w / 2), Math.round(y - h / 2)];
  context.fillStyle = css(colour);
  context.fillRect(left - frame, top - frame, w + 2 * frame, h + 2 * frame);
  paintTile(context, sheet, item, left, top, w, h);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {MapTheme} theme
 * @param {number} width
 */
function halo(context, theme, width) {
  context.strokeStyle = css(theme.ground, 0.9);
  context.lineWidth = width;
  context.lineJoin = "round";
  context.lineCap = "round";
}

/**
 * Where the names of the classes in view stand, as much of each as the map is wide.
 * @param {CanvasRenderingContext2D} context
 * @param {LatentMap} map
 */
export function namePlaces(context, map) {
  const { theme, view, group, data, width, height } = map;
  context.font = fontOf(17, theme.font, 700);
  const measure = (/** @type {string} */ text) => context.measureText(text).width;
  const boxes = [];
  for (const { label, x, y } of map.centres) {
    const [px, py] = toScreen(view, x, y);
    if (group.off.has(label) || px < 0 || py < 0 || px > width || py > height) continue;
    const text = shortened(data.names[label] ?? String(label), width - 2 * EDGE, measure);
    const w = measure(text);
    boxes.push({ label, text, x: within(px, w + 2 * EDGE, width), y: py, w: w + 8, h: NAME_HEIGHT });
  }
  return labelPlaces(boxes, height);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {LatentMap} map
 */
function paintNames(context, map) {
  const { theme, group, colours } = map;
  const places = namePlaces(context, map);
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const { label, text, x, y } of places) {
    const aside = group.spotlight >= 0 && group.spotlight !== label;
    context.globalAlpha = aside ? 0.25 : map.painted?.pictures ? 0.75 : 1;
    halo(context, theme, 6);
    context.strokeText(text, x, y);
    const own = map.data.values ? theme.text : mix(colours[label % colours.length], theme.text, 0.6);
    context.fillStyle = css(own);
    context.fillText(text, x, y);
  }
  context.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {LatentMap} map
 */
function paintPath(context, map) {
  const ends = map.extras.filter(({ handle }) => handle);
  // While an end is on its way, the path is not known yet: a straight line says between what it will be.
  const straight = map.group.aim && ends.length === 2;
  const way = straight ? ends.map(({ x, y }) => [x, y]) : (map.data.path ?? []);
  const places = way.map(([x, y]) => toScreen(map.view, x, y));
  if (places.length < 2) return;
  context.setLineDash(straight ? [8, 8] : []);
  context.beginPath();
  for (const [x, y] of places) context.lineTo(x, y);
  halo(context, map.theme, 7);
  context.stroke();
  context.strokeStyle = css(map.theme.accent);
  context.lineWidth = 3;
  context.stroke();
  context.setLineDash([]);
  for (const [x, y] of [places[0], places[places.length - 1]]) dot(context, map.theme, x, y, 6);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {MapTheme} theme
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
function dot(context, theme, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = css(theme.accent);
  context.fill();
  context.strokeStyle = css(theme.ground);
  context.lineWidth = 2;
  context.stroke();
}

/**
 * New items: each a ringed picture with its name beneath.
 * @param {CanvasRenderingContext2D} context
 * @param {LatentMap} map
 */
function paintExtras(context, map) {
  const { theme, view } = map;
  context.font = fontOf(13, theme.font, 600);
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const extra of map.extras) {
    const [x, y] = toScreen(view, extra.x, extra.y);
    const image = extra.item !== undefined ? pictureOf(map, extra.item) : map.images.get(extra.url ?? "");
    if (image) paintRound(context, theme, image, x, y, theme.accent);
    else dot(context, theme, x, y, 8);
    if (!extra.label) continue;
    const left = within(x, context.measureText(extra.label).width + 2 * EDGE, map.width);
    const top = Math.min(y + (image ? 28 : 13), map.height - NAME_HEIGHT);
    halo(context, theme, 4);
    context.strokeText(extra.label, left, top);
    context.fillStyle = css(theme.text);
    context.fillText(extra.label, left, top);
  }
}

/**
 * A picture in a ring; one wider than high keeps its corners.
 * @param {CanvasRenderingContext2D} context
 * @param {MapTheme} theme
 * @param {HTMLImageElement | HTMLCanvasElement} image
 * @param {number} x
 * @param {number} y
 * @param {Colour} colour
 */
function paintRound(context, theme, image, x, y, colour) {
  if (image.width > 1.25 * image.height) return paintWideExtra(context, theme, image, x, y, colour);
  ring(context, theme, x, y, 23, colour);
  context.save();
  context.beginPath();
  context.arc(x, y, 20, 0, 2 * Math.PI);
  context.clip();
  context.imageSmoothingEnabled = false;
  context.drawImage(image, x - 20, y - 20, 40, 40);
  context.restore();
}

/**
 * The picture of an item, on a canvas of its own; null where the atlas has none.
 * @param {LatentMap} map
 * @param {number} item
 */
function pictureOf({ sheet }, item) {
  if (!sheet?.image || item >= sheet.count) return null;
  const canvas = Object.assign(document.createElement("canvas"), { width: sheet.width, height: sheet.height });
  paintTile(contextOf(canvas), sheet, item, 0, 0, sheet.width, sheet.height);
  return canvas;
}

/**
 * The mark that a scrubber moves along the path, with what the model decodes there.
 * @param {CanvasRenderingContext2D} context
 * @param {LatentMap} map
 */
function paintWalker(context, map) {
  const { walker, theme } = map;
  if (!walker) return;
  const [x, y] = toScreen(map.view, ...walker.place);
  if (walker.picture) paintRound(context, theme, walker.picture, x, y, theme.text);
  else dot(context, theme, x, y, 8);
}

/**
 * A picture wider than high would lose its ends in a ring: it keeps its corners.
 * @param {CanvasRenderingContext2D} context
 * @param {MapTheme} theme
 * @param {HTMLImageElement | HTMLCanvasElement} image
 * @param {number} x
 * @param {number} y
 * @param {Colour} colour
 */
function paintWideExtra(context, theme, image, x, y, colour) {
  const [w, h] = [image.width, image.height].map((side) => side * Math.min(1, 110 / image.width));
  const framed = (/** @type {Colour} */ edge, /** @type {number} */ frame) => {
    context.fillStyle = css(edge);
    context.fillRect(x - w / 2 - frame, y - h / 2 - frame, w + 2 * frame, h + 2 * frame);
  };
  framed(theme.ground, 5);
  framed(colour, 3);
  context.imageSmoothingEnabled = true;
  context.drawImage(image, x - w / 2, y - h / 2, w, h);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {MapTheme} theme
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {Colour} colour
 */
function ring(context, theme, x, y, radius, colour) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.strokeStyle = css(theme.ground, 0.9);
  context.lineWidth = 5;
  context.stroke();
  context.strokeStyle = css(colour);
  context.lineWidth = 2.5;
  context.stroke();
}

/**
 * Where a picture of w × h px stands beside a ring of radius `reach` about (x, y): to the right, else to the left, else
 * above or below it; never beyond the edges of the map.
 * @param {number} x
 * @param {number} y
 * @param {number} reach
 * @param {number} w
 * @param {number} h
 * @param {number} width
 * @param {number} height
 */
export function besideOf(x, y, reach, w, h, width, height) {
  /**
   * @param {number} place
   * @param {number} size
   * @param {number} whole
   */
  const within = (place, size, whole) => Math.min(whole - size - 6, Math.max(6, place));
  const top = within(y - h / 2, h, height);
  if (x + reach + 14 + w < width) return [x + reach + 8, top];
  if (x - reach - 14 - w >= 0) return [x - reach - 8 - w, top];
  const above = y - reach - 14 - h;
  return [within(x - w / 2, w, width), above >= 0 ? above + 6 : within(y + reach + 8, h, height)];
}

/**
 * The selected item keeps its ring, and its picture pinned beside it.
 * @param {CanvasRenderingContext2D} context
 * @param {LatentMap} map
 */
function paintSelected(context, map) {
  const { theme, sheet, group, cloud } = map;
  if (!cloud.state?.[group.selected]) return;
  const [x, y] = map.placeOf(group.selected);
  const reach = ringOf(map);
  ring(context, theme, x, y, reach, theme.text);
  if (!sheet?.image || group.selected >= sheet.count || group.hovered === group.selected) return;
  const wide = sheet.width > 1.25 * sheet.height; // it says enough as large as it is
  const times = wide ? Math.max(1, Math.round(100 / sheet.width)) : map.width < 220 ? 1 : 2;
  const size = [times * sheet.width, times * sheet.height];
  const [w, h] = size;
  const [left, top] = besideOf(x, y, reach, w, h, map.width, map.height);
  paintPicture(context, sheet, group.selected, left + w / 2, top + h / 2, size, theme.text, 4);
  paintPicture(context, sheet, group.selected, left + w / 2, top + h / 2, size, theme.ground, 2);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {LatentMap} map
 */
function paintGesture(context, map) {
  const outline = map.gesture?.outline;
  if (!outline || outline.length < 2) return;
  context.beginPath();
  for (const [x, y] of outline) context.lineTo(...toScreen(map.view, x, y));
  context.closePath();
  context.fillStyle = css(map.theme.accent, 0.12);
  context.fill();
  context.strokeStyle = css(map.theme.accent);
  context.lineWidth = 1.5;
  context.setLineDash([5, 4]);
  context.stroke();
  context.setLineDash([]);
}

/**
 * All that floats above the cloud.
 * @param {CanvasRenderingContext2D} context
 * @param {LatentMap} map
 */
export function paintOver(context, map) {
  paintPath(context, map);
  paintNames(context, map);
  paintExtras(context, map);
  paintWalker(context, map);
  paintSelected(context, map);
  if (map.cloud.state?.[map.group.hovered]) {
    ring(context, map.theme, ...map.placeOf(map.group.hovered), ringOf(map), map.theme.text);
  }
  paintGesture(context, map);
}
