// What parts decode by themselves, with the models that run in this tab; the part `networks` puts these there.

import { bitmapUrl } from "./bitmap.js";
import { shared, unpack } from "./common.js";

/**
 * @typedef {{ channels: number, height: number, width: number, low: number, high: number, smooth: boolean }} Tile
 *   The pictures that a model decodes: values from `low` (black) to `high` (white).
 * @typedef {{ digest: string, tile: Tile, code: import("./common.js").Packed, axes: import("./common.js").Packed }} Tab
 *   A model in this tab, and codes about a code: `Tab.plane` of `aeviz.parts.networks`.
 * @typedef {import("./sheets.js").GroundedSheet & { image: OffscreenCanvas }} OwnSheet
 * @typedef {ArrayLike<number>} Place how far a code is moved along each axis
 */

let lanes = 0;

/**
 * The model of a digest: {config, decode, encode, run}, or {error} where it cannot run here; undefined until it is here.
 * @param {string} digest
 */
export function networkOf(digest) {
  return shared().networks?.byDigest.get(digest);
}

/**
 * Call `act` when a model has come.
 * @param {(digest: string) => void} act
 * @param {AbortSignal} signal
 */
export function whenNetwork(act, signal) {
  shared().events.addEventListener("network", (event) => event instanceof CustomEvent && act(event.detail), { signal });
}

/** Have all that models are making in this tab made at once: a page is about to be printed. */
export function finishWork() {
  shared().networks?.client?.finish(networkOf);
}

/**
 * A code moved along axes: z + Σ by[i] · axes[i], into `out`.
 * @param {Float32Array} out
 * @param {ArrayLike<number>} z
 * @param {ArrayLike<number>} axes (rows, d), one row after another
 * @param {Place} by
 */
export function moved(out, z, axes, by) {
  const d = z.length;
  for (let k = 0; k < d; k++) {
    let value = z[k];
    for (let i = 0; i < by.length; i++) value += by[i] * axes[i * d + k];
    out[k] = value;
  }
  return out;
}

/**
 * A picture as bytes for a canvas: values (channels, height, width) → RGBA, as `aeviz.modalities.image.record.tiles`
 * rounds them; clamped bytes round halves to the even number by themselves.
 * @param {Uint8ClampedArray} pixels
 * @param {ArrayLike<number>} values
 * @param {Tile} tile
 */
export function toPixels(pixels, values, { channels, width, height, low, high }) {
  const [area, scale] = [width * height, 255 / (high - low)];
  for (let i = 0, at = 0; i < area; i++, at += 4) {
    for (let c = 0; c < 3; c++) pixels[at + c] = (values[channels === 3 ? c * area + i : i] - low) * scale;
    pixels[at + 3] = 255;
  }
  return pixels;
}

/**
 * A picture of an item, for maps and pads.
 * @param {ArrayLike<number>} item
 * @param {Tile} tile
 */
export function sheetOf(item, tile) {
  const { width, height, smooth } = tile;
  const pixels = toPixels(new Uint8ClampedArray(4 * width * height), item, tile);
  return { url: bitmapUrl(pixels, width, height), count: 1, columns: 1, width, height, smooth };
}

// Sheets of tiles that are painted from values, as `sheets.js` paints them.
export class Tiles {
  /** @param {Tile} tile */
  constructor(tile) {
    this.tile = tile;
    this.pixels = new ImageData(tile.width, tile.height);
  }

  /**
   * Room for `count` tiles.
   * @param {number} count
   * @param {number} [columns]
   * @returns {OwnSheet}
   */
  sheet(count, columns = count) {
    const { width, height, smooth } = this.tile;
    const image = new OffscreenCanvas(columns * width, Math.ceil(count / columns) * height);
    return { url: "", image, count, columns, width, height, smooth, ground: "transparent" };
  }

  /**
   * @param {OwnSheet} sheet
   * @param {number} index
   * @param {ArrayLike<number>} values
   */
  put(sheet, index, values) {
    const { width, height } = this.tile;
    toPixels(this.pixels.data, values, this.tile);
    const context = sheet.image.getContext("2d");
    context?.putImageData(this.pixels, (index % sheet.columns) * width, Math.floor(index / sheet.columns) * height);
    sheet.ground = `rgb(${this.pixels.data.slice(0, 3).join(" ")})`; // of the corner
  }
}

// Decodes the codes about one code, as `Tab.plane` of Python gives them. A place is how far the code is moved along each
// axis. What it makes are sheets of tiles, as `sheets.js` paints them.
export class Decoder extends Tiles {
  /** @param {Tab} tab */
  constructor({ digest, tile, code, axes }) {
    super(tile);
    this.digest = digest;
    this.code = unpack(code);
    this.axes = unpack(axes);
    this.lane = `decoder ${lanes++}`;
    /** @type {OwnSheet | undefined} */
    this.own = undefined; // a sheet that a part keeps for its picture
    this.moved = new Float32Array(this.code.length);
  }

  // undefined until the model is here.
  get ready() {
    const network = networkOf(this.digest);
    return Boolean(network) && !network.error;
  }

  get error() {
    return networkOf(this.digest)?.error;
  }

  // End a film that is being made.
  stop() {
    networkOf(this.digest)?.stop?.(this.lane);
  }

  /**
   * The picture of a place on a sheet of its own, or on the one given, at once.
   * @param {Place} by
   * @param {OwnSheet} [sheet]
   */
  picture(by, sheet = this.sheet(1)) {
    this.put(sheet, 0, networkOf(this.digest).decode(moved(this.moved, this.code, this.axes, by)));
    return sheet;
  }

  /**
   * The pictures of many places on a sheet, as they come: act(first, count, whole) says which ones have, and whether all
   * have. Ends an older film.
   * @param {OwnSheet} sheet
   * @param {Place[]} places
   * @param {(first: number, count: number, whole: boolean) => void} act
   */
  film(sheet, places, act) {
    const d = this.code.length;
    const rows = new Float32Array(places.length * d);
    places.forEach((by, i) => moved(rows.subarray(i * d, (i + 1) * d), this.code, this.axes, by));
    networkOf(this.digest).run(
      this.lane,
      { kind: "decode", rows },
      (/** @type {any} */ { first, count, values, done }) => {
        const size = values.length / count;
        for (let i = 0; i < count; i++) this.put(sheet, first + i, values.subarray(i * size, (i + 1) * size));
        act(first, count, done);
      },
    );
  }
}
