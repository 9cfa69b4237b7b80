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
