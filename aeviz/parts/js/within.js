// A part within something else: in a shadow tree of its own, whatever holds it.

import { themeOf } from "./theme.js";

/**
 * @typedef {(host: import("./common.js").Host<any, any>) => import("./common.js").Mounted<any>} Mount
 * @typedef {{ data: any, update: (data: any) => void, destroy: () => void }} Placed A part that stands there, with the
 *   data that it shows.
 */

/**
 * Mount a part in a slot. Its styles need no exception of a page's policy: they are not read from markup.
 * @param {Mount} mount
 * @param {HTMLElement} slot
 * @param {{ markup: string, styles: string }} texts of the part, from aeviz itself
 * @param {any} data
 * @param {Pick<import("./common.js").Host<any, any>, "send" | "busy" | "link">} host
 * @returns {Placed}
 */
export function stand(mount, slot, { markup, styles }, data, host) {
  const shadow = slot.shadowRoot ?? slot.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  shadow.adoptedStyleSheets = [sheet];
  shadow.innerHTML = markup;
  const root = /** @type {HTMLElement} */ (shadow.querySelector("[data-part]"));
  const part = mount({ ...host, root, data, theme: () => themeOf(root) });
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
