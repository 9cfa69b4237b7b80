// A page of one HTML file as the host of a part: the part stands in a shadow tree, and no Python is there.

import { themeOf } from "../js/theme.js";
import { stand } from "../js/within.js";

/**
 * @typedef {import("../js/within.js").Mount} Mount
 * @typedef {import("../js/within.js").Placed} Placed
 */

/**
 * Mount a part in a slot.
 * @param {Mount} mount
 * @param {HTMLElement} slot
 * @param {{ markup: string, styles: string }} texts of the part, from aeviz itself
 * @param {any} data
 * @param {(name: string, value: any) => void} send
 * @param {import("../js/common.js").Link} [link]
 */
export const place = (mount, slot, texts, data, send, link) =>
  stand(mount, slot, texts, data, { send, busy: () => false, link });

/**
 * What a link said when the file was saved; a file keeps what is seen from then on for as long as it is open, for it has
 * no address that could.
 * @param {Record<string, string>} seen texts by their names
 * @returns {import("../js/common.js").Link}
 */
export function remembered(seen) {
  const texts = new Map(Object.entries(seen));
  return {
    read: (name) => texts.get(name) ?? null,
    write: (name, text) => void texts.set(name, text),
    watch: () => {},
  };
}

// The rest of a host, for a part that shows and sends nothing.
export const unseen = () => ({
  root: document.documentElement,
  send: () => {},
  theme: () => themeOf(document.documentElement),
  busy: () => false,
});
