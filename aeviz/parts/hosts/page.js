// A page of one HTML file as the host of a part: the part stands in a shadow tree, and no Python is there.

import { themeOf } from "../js/theme.js";

/**
 * @typedef {(host: import("../js/common.js").Host<any, any>) => import("../js/common.js").Mounted<any>} Mount
 * @typedef {{ data: any, update: (data: any) => void, destroy: () => void }} Placed A part that stands on the page, with
 *   the data that it shows.
 */

/**
 * Mount a part in a slot. Its styles need no exception of the page's policy: they are not read from markup.
 * @param {Mount} mount
 * @param {HTMLElement} slot
 * @param {{ markup: string, styles: string }} texts of the part, from aeviz itself
 * @param {any} data
 * @param {(name: string, value: any) => void} send
 * @param {import("../js/common.js").Link} [link]
 * @returns {Placed}
 */
export function place(mount, slot, { markup, styles }, data, send, link) {
  const shadow = slot.shadowRoot ?? slot.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  shadow.adoptedStyleSheets = [sheet];
  shadow.innerHTML = markup;
  const root = /** @type {HTMLElement} */ (shadow.querySelector("[data-part]"));
  const part = mount({ root, data, send, theme: () => themeOf(root), busy: () => false, link });
  const placed = {
    data,
    update(/** @type {any} */ next) {
      placed.data = next;
      part.update(next);
    },
    destroy: () => part.destroy(),
  };
  return placed;
}

/**
 * A link for parts to keep texts in, which is not the address of the page: it begins with what the page was saved with.
 * @param {Record<string, string>} texts
 * @returns {import("../js/common.js").Link}
 */
export function remembering(texts) {
  const kept = new Map(Object.entries(texts));
  return { read: (name) => kept.get(name) || null, write: (name, text) => kept.set(name, text), watch: () => {} };
}

// The rest of a host, for a part that shows and sends nothing.
export const unseen = () => ({
  root: document.documentElement,
  send: () => {},
  theme: () => themeOf(document.documentElement),
  busy: () => false,
});
