// The plane in a notebook: the widget's `code` is the place that is fixed on it; an `item` is encoded to one.

import { pack, unpack } from "../js/common.js";
import { moved } from "../js/networks.js";
import { followed } from "../latent_sliders/notebook.js";

/**
 * @typedef {import("./latent_pad.js").Data} Data
 * @typedef {import("../js/view.js").Pixel} Pixel
 */

const round = (/** @type {number} */ value) => Math.round(value * 1e3) / 1e3; // as `Plane.foot` of Python

/**
 * The plane through another code: two of its numbers are a place on it, the others say which plane it is.
 * @param {Data} data
 * @param {number[]} code
 * @returns {Data}
 */
export function through(data, code) {
  const { tab } = data;
  if (!tab) return data;
  const [before, axes, d] = [unpack(tab.code), unpack(tab.axes), code.length];
  const along = (/** @type {number} */ i) => code.reduce((sum, z, k) => sum + axes[i * d + k] * (z - before[k]), 0);
  /** @type {Pixel} */
  const position = [along(0), along(1)];
  const foot = moved(new Float32Array(d), code, axes, [-position[0], -position[1]]).map(round);
  const levels = data.levels.map((level) => ({ ...level, id: `${level.id} ${foot}` }));
  return { ...data, position, levels, tab: { ...tab, code: pack(foot) } };
}

/** @type {import("../hosts/anywidget.js").Face} */
export const face = {
  names: ["code"],
  shown: (data, { code }) => through(data, code),
  heard(name, value, { tab }) {
    if (name !== "pad" || !tab) return null;
    if (!value.position) return {};
    const foot = unpack(tab.code);
    return { code: Array.from(moved(new Float32Array(foot.length), foot, unpack(tab.axes), value.position)) };
  },
  follows: { item: followed },
};
