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
 */
export const place = (mount, slot, texts, data, send) => stand(mount, slot, texts, data, { send, busy: () => false });

// The rest of a host, for a part that shows and sends nothing.
export const unseen = () => ({
  root: document.documentElement,
  send: () => {},
  theme: () => themeOf(document.documentElement),
  busy: () => false,
});
