// The map in a notebook: the widget's `selected` and `marked` are what is chosen on it, `code` is that of the selected
// item, and an `item` that it is given falls on the map.

import { placing } from "../answers/map.js";
import { shared, unpack } from "../js/common.js";
import { sheetOf } from "../js/networks.js";
import { floatsOf } from "../js/traits.js";
import { encoded } from "../latent_sliders/notebook.js";
import { fromBits, toBits } from "./geometry.js";

/**
 * @typedef {import("./latent_map.js").Data} Data
 * @typedef {import("../js/common.js").Packed} Packed
 * @typedef {object} Facts
 * @property {number} count of the items
 * @property {string} group of the maps
 * @property {Packed | null} codes of the items, (n, d), where there is room for them
 * @property {any} place how a code is placed, as `answers/map.js` has it, or `amid` the codes; null where the kernel
 *   places it
 * @property {import("../js/networks.js").Tile | null} tile of an item
 */

/**
 * What each widget was given last, as points with a picture: `shown` is asked again and again.
 * @type {WeakMap<Facts, { item: any, extras: import("./latent_map.js").Extra[] }>}
 */
const kept = new WeakMap();

/**
 * The item that the widget was given, as a point with a picture.
 * @param {Data & { facts: Facts }} data
 * @param {import("../js/traits.js").Trait | null} item
 */
function extrasOf({ facts, ...data }, item) {
  const { place, tile } = facts;
  if (!item || !place || !tile || !encoded(item, place.digest)) return data.extras;
  const before = kept.get(facts);
  if (before?.item === item) return before.extras;
  const [x, y] = placing({ data }, place.amid ? { ...place, codes: facts.codes } : place)(floatsOf(item));
  const extras = [{ x, y, label: "your own", url: sheetOf(floatsOf(item), tile).url }];
  kept.set(facts, { item, extras });
  return extras;
}

/** @type {import("../hosts/anywidget.js").Face} */
export const face = {
  names: ["selected", "marked", "item"],
  shown(data, { selected, marked, item }) {
    const request = {
      selected,
      marked: toBits(marked, data.facts.count),
      stamp: JSON.stringify([selected, marked]),
      heard: Number.MAX_SAFE_INTEGER,
    };
    return { ...data, extras: extrasOf(data, item), request };
  },
  heard: (name, { selected, marked }) => (name === "choice" ? { selected, marked: fromBits(marked) } : null),
  follows: {
    selected(selected, { codes }) {
      if (selected === null || !codes) return null;
      const [d, values] = [codes.shape[1], unpack(codes)];
      return { code: Array.from(values.subarray(selected * d, (selected + 1) * d)) };
    },
  },
  // Maps of a group choose together, wherever on the page they stand.
  begin(facts, act, signal) {
    const hear = (/** @type {any} */ { detail: { group, what } }) => {
      if (what !== "choice" || group !== facts.group) return;
      const { selected, marked } = shared().mapGroups?.get(group) ?? { selected: -1, marked: [] };
      act({ selected: selected < 0 ? null : selected, marked: [...marked] });
    };
    shared().events.addEventListener("latent-map", hear, { signal });
  },
};
