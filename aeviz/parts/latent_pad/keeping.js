// What stays when parts are built anew: decoded sheets and clouds by id, the latest used last.

import { unpack } from "../js/common.js";
import { centres, gridIndex } from "../js/points.js";
import { loadSheet } from "../js/sheets.js";
import { middles } from "./plane.js";

/**
 * @typedef {import("../js/common.js").Packed} Packed
 * @typedef {import("../js/sheets.js").Sheet} Sheet
 * @typedef {import("./plane.js").Grid & { id: string, sheet?: Sheet, here?: boolean }} SentLevel
 *   `here`: it comes without a sheet, and this tab decodes it
 * @typedef {{ id: string, places?: Packed, labels?: Packed | null }} SentCloud
 * @typedef {{ image: CanvasImageSource, columns: number, rows: number }} Thinned every n-th tile, as a sheet
 *
 * @typedef {import("./plane.js").Grid & {
 *   id: string, tile: number[], thinned: Map<string, Thinned>, sheet: import("../js/sheets.js").LoadedSheet | null,
 *   ready: Promise<unknown>,
 * }} Level
 * @typedef {ReturnType<typeof makeCloud>} Cloud
 */

const MAX_KEPT = 16; // sheets and clouds remembered for parts that are built anew

/** @type {Map<string, any>} */
const kept = new Map();

/**
 * @template T
 * @param {string} id
 * @param {T} value
 */
function keep(id, value) {
  kept.delete(id);
  kept.set(id, value);
  for (const name of [...kept.keys()].slice(0, Math.max(0, kept.size - MAX_KEPT))) kept.delete(name);
  return value;
}

/**
 * What Python sent or, where it sent the name alone, what is kept under it; undefined when it is lost.
 * @template S, T
 * @param {string} id
 * @param {S | undefined} sent
 * @param {(sent: S) => T} make
 * @returns {T | undefined}
 */
function recall(id, sent, make) {
  if (kept.has(id)) return keep(id, kept.get(id));
  return sent === undefined ? undefined : keep(id, make(sent));
}

/**
 * @param {{ ask: (dirty: boolean) => void }} pad
 * @param {SentLevel} sent
 */
export function levelOf(pad, { id, region, columns, rows, sheet }) {
  const level = recall(id, sheet, (tiles) => {
    /** @type {Level} */
    const made = {
      ...{ id, region, columns, rows, tile: [tiles.width, tiles.height] },
      ...{ thinned: new Map(), sheet: null, ready: Promise.resolve() },
    };
    made.ready = loadSheet(tiles).then((loaded) => (made.sheet = loaded));
    return made;
  });
  if (level && !level.sheet) level.ready.then(() => pad.ask(true));
  return level;
}

/**
 * A level that this tab decodes; it is there at once, and its tiles come one after another.
 * @param {{ ask: (dirty: boolean) => void }} pad
 * @param {import("../js/networks.js").Decoder} decoder
 * @param {import("../js/view.js").Box} region
 * @param {number} columns
 */
export function ownLevel(pad, decoder, region, columns) {
  const [x0, x1, y0, y1] = region;
  const rows = Math.max(1, Math.round((columns * (y1 - y0)) / (x1 - x0)));
  const sheet = decoder.sheet(columns * rows, columns);
  /** @type {Level & { whole: boolean }} */
  const level = {
    ...{ id: "", region, columns, rows, tile: [sheet.width, sheet.height] },
    ...{ thinned: new Map(), sheet, ready: Promise.resolve(), whole: false },
  };
  decoder.film(sheet, middles(level), (_first, _count, whole) => {
    level.whole = whole;
    level.thinned.clear();
    pad.ask(true);
  });
  return level;
}

/** @param {SentCloud} sent */
export const cloudOf = ({ id, places, labels }) =>
  recall(id, places, (packed) => makeCloud(id, unpack(packed), labels ? unpack(labels) : null));

/**
 * @param {string} id
 * @param {import("../js/common.js").Typed} places x, y, x, y, …
 * @param {import("../js/common.js").Typed | null} labels
 */
function makeCloud(id, places, labels) {
  const axis = (/** @type {number} */ at) =>
    Float32Array.from({ length: places.length / 2 }, (_, i) => places[2 * i + at]);
  const [xs, ys] = [axis(0), axis(1)];
  return { id, places, labels, index: gridIndex(xs, ys), middles: labels ? centres(xs, ys, labels) : [] };
}
