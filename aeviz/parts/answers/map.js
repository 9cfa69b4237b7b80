// What Python answers on Map, where none is there: a drawn or chosen picture is encoded and falls on both maps.

import { bytesOf, contextOf, unpack } from "../js/common.js";
import { networkOf, sheetOf } from "../js/networks.js";
import { pixelsOf, readsBack } from "../js/readback.js";
import { restore } from "../latent_map/latent_map.js";
import { prepare } from "./drawing.js";
import { placedAmid, placedLinearly } from "./placing.js";

/**
 * @typedef {import("../hosts/page.js").Placed} Placed
 * @typedef {{ digest: string, matrix?: any, shift?: number[], codes?: any }} Side how a code is placed on a side's map:
 *   linearly, or amid the codes that were mapped; on its own two numbers where neither is given
 * @typedef {{ tile: import("../js/networks.js").Tile, drawing: import("./drawing.js").Convention, sent: number[],
 *   sides: Record<string, Side> }} Facts `sides` is empty where no picture can be encoded
 */

const HIDDEN =
  "This browser hides the pixels of pictures from pages: what is drawn falls on the maps, what is chosen does not.";
const CHOSEN = "It is scaled as a drawing is; handwriting is found in a photograph by aeviz alone.";
const NO_PICTURE = "This file is no picture that the browser reads.";

/**
 * @param {Pick<Placed, "data">} placed the map
 * @param {Side} side
 */
export function placing({ data }, { digest, matrix, shift, codes }) {
  const mapped = codes && unpack(codes);
  const linear = matrix && shift && { matrix: unpack(matrix), shift };
  const columns = mapped ? Object.values(data.places).map(restore) : [];
  return (/** @type {Float32Array} */ item) => {
    const code = networkOf(digest).encode(item).mean;
    if (linear) return placedLinearly(code, linear);
    return mapped ? placedAmid(code, mapped, columns) : [code[0], code[1]];
  };
}

/**
 * A picture's pixels as a drawing pad would send them: on the pad's own ground, as large as fits, in the middle.
 * @param {CanvasImageSource & { width: number, height: number }} picture
 * @param {number[]} sent
 * @param {number} ground
 */
function asDrawn(picture, [height, width], ground) {
  const context = contextOf(Object.assign(document.createElement("canvas"), { width, height }));
  const scale = Math.min(width / picture.width, height / picture.height);
  const [w, h] = [picture.width * scale, picture.height * scale];
  context.fillStyle = ground ? "#ffffff" : "#000000";
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, (width - w) / 2, (height - h) / 2, w, h);
  const pixels = pixelsOf(context, width, height);
  if (!pixels) throw new Error(HIDDEN);
  return pixels;
}

/**
 * RGBA → bytes of (h, w) or (h, w, 3); grey ones with ink that is light on a dark ground, as drawings have it.
 * @param {ArrayLike<number>} pixels
 * @param {number} channels
 * @param {boolean} turn whether dark and light change places where the edge is light
 */
export function inkOf(pixels, channels, turn) {
  const count = pixels.length / 4;
  if (channels === 3) return Uint8Array.from({ length: 3 * count }, (_, i) => pixels[4 * Math.floor(i / 3) + (i % 3)]);
  const grey = Uint8Array.from({ length: count }, (_, i) =>
    Math.round(0.299 * pixels[4 * i] + 0.587 * pixels[4 * i + 1] + 0.114 * pixels[4 * i + 2]),
  );
  const sorted = grey.toSorted();
  return turn && sorted[count >> 1] > 127 ? grey.map((value) => 255 - value) : grey;
}

/** @param {{ parts: Map<string, Placed>, facts: Facts, element: HTMLElement }} section */
export function map({ parts, facts, element }) {
  const { tile, drawing, sent } = facts;
  /** @type {Map<string, (item: Float32Array) => number[]>} */
  const places = new Map();

  /** @param {Float32Array | null} item */
  function show(item) {
    const sheet = item && sheetOf(item, tile);
    for (const [side, known] of Object.entries(facts.sides)) {
      const placed = parts.get(`map-${side}`);
      if (!placed) continue;
      if (!places.has(side)) places.set(side, placing(placed, known));
      const [x, y, z] = item ? (places.get(side)?.(item) ?? []) : [];
      const extras = sheet ? [{ x, y, z, label: "your own", url: sheet.url }] : [];
      placed.update({ ...placed.data, extras });
    }
    return sheet;
  }

  async function chosen(/** @type {File} */ file) {
    const picture = await createImageBitmap(file);
    const pixels = inkOf(asDrawn(picture, sent, drawing.ground), drawing.shape[0], drawing.convention === "mnist");
    show(prepare(pixels, sent, drawing));
  }

  if (Object.keys(facts.sides).length)
    element.querySelector(".parts")?.after(chooser(chosen, drawing.convention === "mnist" ? CHOSEN : ""));

  /** @type {import("../hosts/lesson.js").Answer} */
  return (key, name, value) => {
    const pad = parts.get(key);
    if (name !== "drawing" || !pad) return;
    const preview = show(prepare(bytesOf(value.pixels), sent, drawing));
    pad.update({ ...pad.data, preview, number: value.number, strokes: value.strokes });
  };
}

/**
 * A line that takes a picture from the disc.
 * @param {(file: File) => Promise<void>} act
 * @param {string} note what becomes of it
 */
function chooser(act, note) {
  const [line, input, said] = ["label", "input", "span"].map((name) => document.createElement(name));
  line.className = "note choose";
  line.dataset.name = "drawing";
  Object.assign(input, { type: "file", accept: "image/*" });
  input.onchange = () => {
    const file = /** @type {HTMLInputElement} */ (input).files?.[0];
    said.textContent = "";
    if (file) act(file).catch(() => (said.textContent = ` ${NO_PICTURE}`));
  };
  input.hidden = !readsBack();
  line.append(...(readsBack() ? ["Or choose a picture: ", input, ` ${note}`, said] : [HIDDEN]));
  return line;
}
