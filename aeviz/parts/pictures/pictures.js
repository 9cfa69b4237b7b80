// Pictures in rows, each a button: a person chooses one of them.

import { contextOf, mounting } from "../js/common.js";
import { Sheets, fitTile, paintTile } from "../js/sheets.js";

/**
 * @typedef {object} Data
 * @property {import("../js/sheets.js").Sheet} sheet
 * @property {string[]} names of the pictures
 * @property {string} label what they are together
 * @property {number} columns side by side, where there is room
 * @property {string[]} heads of the columns, which then stay as many; [] for none
 * @property {number | null} marked the column that is set off
 *
 * @typedef {object} Events
 * @property {{ number: number, item: number }} picked how often one was chosen, and which
 */

const LEAST = 28; // px that a picture is wide at least
const WIDE = 1.25; // width over height, from which a picture needs its own pixels to be read

/**
 * How wide a picture must be to be read.
 * @param {Pick<import("../js/sheets.js").Sheet, "width" | "height">} sheet
 */
export const leastWidth = ({ width, height }) => (width > WIDE * height ? Math.max(LEAST, 0.9 * width) : LEAST);

class Pictures {
  /** @param {Omit<import("../js/common.js").Host<Data, Events>, "data">} host */
  constructor({ root, send }) {
    this.root = root;
    this.send = send;
    this.sheets = new Sheets();
    this.updates = 0;
    this.picked = 0; // how often
    this.heads = /** @type {HTMLElement[]} */ ([]);
    this.buttons = /** @type {HTMLButtonElement[]} */ ([]);
    this.sizes = new ResizeObserver(() => this.turnHeads());
    this.sizes.observe(root);
  }

  /** @param {Data} data */
  async update(data) {
    const update = ++this.updates;
    const sheet = await this.sheets.load(data.sheet);
    if (update !== this.updates) return;
    this.sheets.keep([sheet]);
    this.root.setAttribute("aria-label", data.label);
    this.root.style.setProperty("--columns", String(data.columns));
    this.root.style.setProperty("--least", `${leastWidth(sheet)}px`);
    this.root.classList.toggle("headed", data.heads.length > 0);
    this.headWith(data);
    const { buttons } = this;
    while (buttons.length > data.names.length) buttons.pop()?.remove();
    while (buttons.length < data.names.length) buttons.push(this.button(buttons.length));
    buttons.forEach((button, i) => {
      Object.assign(button, { title: data.names[i] });
      button.classList.toggle("marked", data.heads.length > 0 && i % data.columns === data.marked);
      button.setAttribute("aria-label", data.names[i]);
      const canvas = /** @type {HTMLCanvasElement} */ (button.firstChild);
      fitTile(canvas, sheet);
      paintTile(contextOf(canvas), sheet, i, 0, 0, sheet.width, sheet.height);
    });
  }

  /** @param {Data} data */
  headWith({ heads, marked }) {
    for (const head of this.heads) head.remove();
    this.heads = heads.map((text, column) => {
      const head = Object.assign(document.createElement("span"), { textContent: text });
      head.classList.toggle("marked", column === marked);
      return head;
    });
    this.root.prepend(...this.heads);
    this.turnHeads();
  }

  // Names with a word that is wider than its column stand upright.
  turnHeads() {
    this.root.classList.remove("upright");
    const isCut = this.heads.some(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth);
    this.root.classList.toggle("upright", isCut);
  }

  /** @param {number} item */
  button(item) {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.append(document.createElement("canvas"));
    button.addEventListener("click", () => this.send("picked", { number: ++this.picked, item }));
    this.root.append(button);
    return button;
  }

  destroy() {
    this.updates++;
    this.sizes.disconnect();
  }
}

export const mount = mounting(Pictures);
