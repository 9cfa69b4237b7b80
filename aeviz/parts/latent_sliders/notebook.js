// The sliders in a notebook: the widget's `code` is where the handles stand; an `item` is encoded to one.

import { turned } from "../answers/decode.js";
import { pack, unpack } from "../js/common.js";
import { moved, networkOf } from "../js/networks.js";
import { floatsOf } from "../js/traits.js";

/** @typedef {import("./latent_sliders.js").Data} Data */

/**
 * The sliders at another code. The handles follow it along their axes, the picture is of all of it.
 * @param {Data} data
 * @param {number[]} code
 * @returns {Data}
 */
export function standing(data, code) {
  const { rows, tab } = data;
  if (!tab) return data;
  const [before, axes, d] = [unpack(tab.code), unpack(tab.axes), code.length];
  const values = rows.map(({ value }, i) => {
    let along = value;
    for (let k = 0; k < d; k++) along += axes[i * d + k] * (code[k] - before[k]);
    return along;
  });
  return { ...turned(data, values), tab: { ...tab, code: pack(Float32Array.from(code)) }, stamp: `${code}` };
}

/**
 * The code of an item by a model that this tab runs; null for none.
 * @param {import("../js/traits.js").Trait | null} item
 * @param {string} digest
 */
export function encoded(item, digest) {
  const network = networkOf(digest);
  if (!item || !network?.encode || network.error) return null;
  return Array.from(/** @type {Float32Array} */ (network.encode(floatsOf(item)).mean));
}

/**
 * What an item changes that a widget is given: its code.
 * @param {any} item
 * @param {{ digest: string }} facts
 */
export function followed(item, { digest }) {
  const code = encoded(item, digest);
  return code && { code };
}

/** @type {import("../hosts/anywidget.js").Face} */
export const face = {
  names: ["code"],
  shown: (data, { code }) => standing(data, code),
  heard(name, values, { rows, tab }, { code }) {
    if (name !== "values" || !tab) return null;
    const by = rows.map((/** @type {Data["rows"][number]} */ { value }, /** @type {number} */ i) => values[i] - value);
    return { code: Array.from(moved(new Float32Array(code.length), code, unpack(tab.axes), by)) };
  },
  follows: { item: followed },
};
