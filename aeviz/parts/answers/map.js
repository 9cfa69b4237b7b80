// What Python answers on Map, where none is there: a drawn or chosen picture is encoded and falls on both maps.

import { bytesOf, contextOf, unpack } from "../js/common.js";
import { networkOf, sheetOf } from "../js/networks.js";
import { pixelsOf, readsBack } from "../js/readback.js";
import { restore } from "../latent_map/latent_map.js";
import { button } from "./controls.js";
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
const EMPTY = "Nothing is seen on this picture: it has one colour.";

/**
 * @param {Pick<Placed, "data">} placed the map
 * @param {Side} side
 */
export function placing({ data }, { digest, matrix, shift, codes }) {
  const mapped = codes && unpack(codes);
  const linear = matrix && shift && { matrix: unpack(matrix), shift };
  const columns = mapped ? Object.values(data.places).map(restore) : [];
  return (/** @type {Float32Array} */ item) => {
    const network = networkOf(digest);
    if (!network?.encode) throw new Error(network?.error ?? "The network has not come.");
    const code = network.encode(item).mean;
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
  context.drawImage(picture, (width - w) / 2, (height - h) / 2, w, h);
  const bare = pixelsOf(context, width, height);
  if (!bare) throw new Error(HIDDEN);
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = lightUnder(bare, w * h, ground > 0) ? "#ffffff" : "#000000";
  context.fillRect(0, 0, width, height);
  return pixelsOf(context, width, height) ?? bare;
}

/**
 * Whether what stands under a picture is light: under one that can be seen through, so that it is seen, and as usual
 * under any other.
 * @param {ArrayLike<number>} pixels RGBA, of the picture and what is left beside it
 * @param {number} area pixels that the picture takes
 * @param {boolean} usual
 */
export function lightUnder(pixels, area, usual) {
  let [opaque, light] = [0, 0];
  for (let i = 0; i < pixels.length; i += 4) {
    const share = pixels[i + 3] / 255;
    opaque += share;
    light += (share * greyAt(pixels, i)) / 255;
  }
  return opaque > 0.98 * area || !opaque ? usual : light / opaque < 0.5;
}

/**
 * How light the pixel is that begins at a place, from 0 to 255.
 * @param {ArrayLike<number>} pixels RGBA
 * @param {number} i
 */
const greyAt = (pixels, i) => 0.299 * pixels[i] + 0.587 * pixels[i + 1] + 0.114 * pixels[i + 2];

/**
 * RGBA → bytes of (h, w) or (h, w, 3); grey ones with ink that is light on a dark ground, as drawings have it.
 * @param {ArrayLike<number>} pixels
 * @param {number} channels
 * @param {boolean} turn whether dark and light change places where the edge is light
 */
export function inkOf(pixels, channels, turn) {
  const count = pixels.length / 4;
  if (channels === 3) return Uint8Array.from({ length: 3 * count }, (_, i) => pixels[4 * Math.floor(i / 3) + (i % 3)]);
  const grey = Uint8Array.from({ length: count }, (_, i) => Math.round(greyAt(pixels, 4 * i)));
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
    const picture = await createImageBitmap(file).catch(() => null);
    if (!picture) return NO_PICTURE;
    const pixels = inkOf(asDrawn(picture, sent, drawing.ground), drawing.shape[0], drawing.convention === "mnist");
    const item = prepare(pixels, sent, drawing);
    see(item);
    return item ? "" : EMPTY;
  }

  // Show an item that no stroke made, or none.
  function see(/** @type {Float32Array | null} */ item) {
    const preview = show(item);
    const pad = parts.get("drawing");
    pad?.update({ ...pad.data, preview });
  }

  if (Object.keys(facts.sides).length)
    element
      .querySelector(".parts")
      ?.after(chooser(chosen, () => see(null), drawing.convention === "mnist" ? CHOSEN : ""));

  const problem = Object.assign(document.createElement("p"), { className: "note" });
  problem.setAttribute("role", "status");
  element.querySelector(".parts")?.after(problem);

  /** @type {import("../hosts/lesson.js").Answer} */
  return (key, name, value) => {
    const pad = parts.get(key);
    if (name !== "drawing" || !pad) return;
    try {
      const preview = show(prepare(bytesOf(value.pixels), sent, drawing));
      pad.update({ ...pad.data, preview, number: value.number, strokes: value.strokes });
    } catch (error) {
      problem.textContent = `The drawing falls on no map. ${/** @type {Error} */ (error).message}`;
    }
  };
}

/**
 * A line that takes a picture from the disc, and takes it away again.
 * @param {(file: File) => Promise<string>} act gives what is to be said
 * @param {() => void} clear
 * @param {string} note what becomes of it
 */
function chooser(act, clear, note) {
  const [line, label, said] = ["div", "label", "span"].map((name) => document.createElement(name));
  const input = Object.assign(document.createElement("input"), { type: "file", accept: "image/*" });
  line.className = "note choose";
  line.dataset.name = "drawing";
  const away = button("Take it away", () => {
    clear();
    [input.value, said.textContent, away.hidden] = ["", "", true];
  });
  away.hidden = true;
  input.onchange = async () => {
    const file = input.files?.[0];
    if (!file) return;
    const told = await act(file).catch((error) => error.message); // such as why a network places nothing
    [said.textContent, away.hidden] = [` ${told}`, Boolean(told)];
  };
  label.append("Or choose a picture: ", input);
  line.append(...(readsBack() ? [label, away, ` ${note}`, said] : [HIDDEN]));
  return line;
}
