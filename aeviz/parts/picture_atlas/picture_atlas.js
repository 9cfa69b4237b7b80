import { shared } from "../js/common.js";

/**
 * @typedef {Uint8Array | null} Data One PNG with all tiles, row by row, and before it what is to be known of it: the length
 *   of the JSON as a little-endian 32-bit number, and an `Atlas` as JSON.
 *
 * @typedef {object} Atlas
 * @property {string} name what other parts call it
 * @property {number} count of the tiles
 * @property {number} columns tiles in a row
 * @property {number} width of a tile
 * @property {number} height of a tile
 * @property {boolean} smooth whether tiles are smoothed where they are shown larger
 * @property {number} checksum of the PNG
 * @property {ImageBitmap} [image] once it is ready to paint
 *
 * @typedef {{}} Events It sends nothing.
 */

const MAX_KEPT = 4; // decoded sheets take tens of megabytes each

/**
 * Bytes from Python -> {name, count, columns, width, height, checksum, png}: length, JSON, PNG.
 * @param {Uint8Array} bytes
 */
export function splitAtlas(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const facts = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return { ...facts, png: bytes.subarray(4 + length) };
}

/**
 * The names to let go so that at most `kept` remain, oldest first and never `current`.
 * @param {string[]} names
 * @param {string} current
 * @param {number} [kept]
 */
export function superfluous(names, current, kept = MAX_KEPT) {
  return names.filter((name) => name !== current).slice(0, Math.max(0, names.length - kept));
}

/** @param {Atlas & { png: Uint8Array<ArrayBuffer> }} sheet */
async function publish(sheet) {
  const { atlases, events, keepsAll } = shared();
  if (atlases.get(sheet.name)?.checksum === sheet.checksum) return;
  const { png, ...facts } = sheet;
  // Claimed before decoding, so that a second call with the same bytes does not decode again.
  atlases.delete(sheet.name);
  atlases.set(sheet.name, facts);
  const image = await createImageBitmap(new Blob([png], { type: "image/png" }));
  if (atlases.get(sheet.name) !== facts) return image.close();
  facts.image = image;
  for (const name of keepsAll ? [] : superfluous([...atlases.keys()], sheet.name)) {
    atlases.get(name).image?.close();
    atlases.delete(name);
  }
  events.dispatchEvent(new CustomEvent("atlas", { detail: sheet.name }));
}

/** @param {import("../js/common.js").Host<Data, Events>} host */
export function mount({ data }) {
  /** @param {Uint8Array | null} bytes */
  const update = (bytes) => bytes && publish(splitAtlas(bytes));
  update(data);
  return { update, destroy() {} }; // the atlas stays for the parts that come after it
}
