// Sheets of tiles {url, count, columns, width, height, smooth}: loaded, painted, and how large their tiles are shown.

import { bytesOf, fitCanvas } from "./common.js";
import { pixelsOf } from "./readback.js";

/**
 * @typedef {{ url: string, count: number, columns: number, width: number, height: number, smooth: boolean }} Sheet
 * @typedef {Sheet & { image: CanvasImageSource }} LoadedSheet
 * @typedef {Sheet & { image: CanvasImageSource, ground: string, make?: (index: number) => void }} GroundedSheet Where its
 *   tiles are made as they are looked at, `make` sees to it that one is there.
 */

export const WIDE = 1.25; // how many times as wide as high a tile is that is read from left to right

/**
 * A sheet with its `image`, a bitmap ready to paint.
 * @param {Sheet} sheet
 */
export async function loadSheet(sheet) {
  // Not by fetch: a page may forbid that, and the picture is here already.
  const [head, body] = sheet.url.split(";base64,");
  const blob = new Blob([bytesOf(body)], { type: head.slice("data:".length) });
  return { ...sheet, image: await createImageBitmap(blob) };
}

// Sheets that are ready to paint, each loaded once with its `ground`, and let go of when it is no longer wanted. One that
// this tab has made is ready as it is.
export class Sheets {
  constructor() {
    /** @type {Map<string, Promise<GroundedSheet>>} */
    this.loaded = new Map(); // url -> promise of a sheet with its bitmap and ground
  }

  /** @param {Sheet | GroundedSheet} sheet */
  load(sheet) {
    if ("image" in sheet) return Promise.resolve(sheet); // made in this tab
    const known = this.loaded.get(sheet.url);
    if (known) return known;
    const ready = loadSheet(sheet).then((full) => ({ ...full, ground: groundOf(full.image) }));
    ready.catch(() => this.loaded.delete(sheet.url));
    this.loaded.set(sheet.url, ready);
    return ready;
  }

  /**
   * Keep these sheets alone.
   * @param {(Sheet | null | undefined)[]} sheets
   */
  keep(sheets) {
    for (const url of this.loaded.keys()) if (!sheets.some((sheet) => sheet?.url === url)) this.loaded.delete(url);
  }
}

/**
 * The pictures' own background, read from a corner: a black ground stays black, a white one white.
 * @param {ImageBitmap} image
 */
function groundOf(image) {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  if (!context) return "transparent";
  context.drawImage(image, 0, 0, 1, 1, 0, 0, 1, 1);
  const pixels = pixelsOf(context, 1, 1);
  return pixels ? `rgb(${pixels.slice(0, 3).join(" ")})` : "transparent";
}

/**
 * Paint tile `index` of a loaded sheet over the rectangle (x, y, w, h), pixels kept sharp unless the sheet is smooth.
 * @param {CanvasRenderingContext2D} context
 * @param {LoadedSheet} sheet
 * @param {number} index
 * @param {number} x
 * @param {number} y
 * @param {number} w
 * @param {number} h
 */
export function paintTile(context, sheet, index, x, y, w, h) {
  const column = index % sheet.columns;
  const row = Math.floor(index / sheet.columns);
  context.imageSmoothingEnabled = Boolean(sheet.smooth);
  context.drawImage(sheet.image, column * sheet.width, row * sheet.height, sheet.width, sheet.height, x, y, w, h);
}

/**
 * Give a canvas the size of one tile of a sheet; the page enlarges it, sharp or smooth as the sheet is.
 * @param {HTMLCanvasElement} canvas
 * @param {Pick<Sheet, "width" | "height" | "smooth">} sheet
 */
export function fitTile(canvas, { width, height, smooth }) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.style.imageRendering = smooth ? "auto" : "";
}

/**
 * The largest size up to `available` at which a tile's pixels are all equally large on the screen.
 * @param {number} available
 * @param {number} tile
 * @param {number} ratio
 */
export function wholePixels(available, tile, ratio) {
  const times = Math.floor((available * ratio) / tile);
  return times >= 1 ? (times * tile) / ratio : available;
}

/**
 * How wide a tile is shown in `room` CSS pixels: a smooth one fills it, of others all pixels are equally large.
 * @param {number} room
 * @param {Pick<Sheet, "width" | "smooth">} sheet
 * @param {number} ratio
 */
export function shownIn(room, { width, smooth }, ratio) {
  return smooth ? room : wholePixels(room, width, ratio);
}

/**
 * How wide a tile must be to be read in a film `height` px tall: `least` px, but more where it is wider than high.
 * @param {number} least
 * @param {number} height
 * @param {Pick<Sheet, "width" | "height">} sheet
 */
export function readableWidth(least, height, sheet) {
  const aspect = sheet.width / sheet.height;
  return aspect <= WIDE ? least : Math.max(least, Math.min(0.9 * sheet.width, height * aspect));
}

/**
 * Lines between tiles that are wider than high: of signals, rows and texts, one seems to go on in the next.
 * @param {CanvasRenderingContext2D} context
 * @param {{ width: number, height: number }} tile
 * @param {{ x: number, y: number, width: number, height: number }} box that the tiles fill
 * @param {number} columns
 * @param {number} [rows]
 */
export function divide(context, tile, box, columns, rows = 1) {
  if (tile.width <= WIDE * tile.height) return;
  context.fillStyle = "#808080";
  for (let column = 1; column < columns; column++)
    context.fillRect(Math.round(box.x + (column * box.width) / columns), box.y, 1, box.height);
  for (let row = 1; row < rows; row++)
    context.fillRect(box.x, Math.round(box.y + (row * box.height) / rows), box.width, 1);
}

/**
 * Paint tiles of a loaded sheet (with its `ground`) side by side, `height` CSS pixels tall. Tiles shrunk below their
 * own size are smoothed: dropping pixels would break thin strokes.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @param {GroundedSheet} sheet
 * @param {number[]} tiles
 */
export function paintFilm(canvas, width, height, sheet, tiles) {
  canvas.style.height = `${height}px`;
  const context = fitCanvas(canvas, width, height);
  const cell = width / tiles.length;
  const scale = Math.min(cell / sheet.width, height / sheet.height);
  const [w, h] = [sheet.width * scale, sheet.height * scale];
  context.fillStyle = sheet.ground;
  context.fillRect(0, 0, width, height);
  context.imageSmoothingEnabled = sheet.smooth || scale * (globalThis.devicePixelRatio || 1) < 1;
  context.imageSmoothingQuality = "high";
  tiles.forEach((tile, i) => {
    const sx = (tile % sheet.columns) * sheet.width;
    const sy = Math.floor(tile / sheet.columns) * sheet.height;
    const x = (i + 0.5) * cell - w / 2;
    context.drawImage(sheet.image, sx, sy, sheet.width, sheet.height, x, (height - h) / 2, w, h);
  });
  divide(context, sheet, { x: 0, y: 0, width, height }, tiles.length);
}
