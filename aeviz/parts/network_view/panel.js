// Beside the networks: the lines of PyTorch that are one of them, or the layer that is open, unit by unit.

import { grouped } from "../js/common.js";
import { paintFilm, Sheets } from "../js/sheets.js";
import { short } from "../js/ticks.js";
import { reachOf, stepped } from "./arranging.js";
import { nameOf } from "./code_column.js";
import { filterOf, ofUnit, strongest, workAt } from "./filters.js";
import { sentenceOf, shapeTold } from "./network_row.js";
import { paintUnits } from "./painting.js";

/**
 * @typedef {import("./network_view.js").Data} Data
 * @typedef {import("./network_view.js").LayerData} LayerData
 * @typedef {import("./network_view.js").Opened} Opened
 * @typedef {import("./network_row.js").NetworkRow} NetworkRow
 * @typedef {import("./network_row.js").Look} Look
 * @typedef {import("./filters.js").Place} Place
 * @typedef {object} Owner What the panel tells.
 * @property {(opened: Opened | null) => void} open another layer or unit; null to close
 * @property {(text: string) => void} say
 */

const MOSAIC = 132; // px of the height of a layer's units, at most
const FIGURE = 150; // px of a side of what a unit multiplies, at most
const WIDE = 700; // px of the panel's width
const LARGE = 112; // px of a side of a unit's own picture
const STRIP = 46; // px of the height of items that move a unit, at most
const WHOLE =
  "These lines are this network. Run beside the folder of its checkpoint (those that came with aeviz lie in its folder models), they load its weights and rebuild the same item.";
const MAX_FILTER = 16_384; // numbers of a filter that are painted

export class Panel {
  /**
   * @param {HTMLElement} root
   * @param {Owner} owner
   */
  constructor(root, owner) {
    this.root = root;
    this.owner = owner;
    /** @type {"layer" | "lines"} */
    this.tab = "lines";
    /** @type {Data} */
    this.data = /** @type {any} */ (null);
    /** @type {NetworkRow[]} */
    this.rows = [];
    /** @type {Look} */
    this.look = /** @type {any} */ (null);
    /** @type {Opened | null} */
    this.opened = null;
    /** @type {Place | null} */
    this.place = null; // that a person has chosen
    /** @type {Float32Array} */
    this.item = new Float32Array(0);
    this.lines = "left"; // whose lines are shown
    this.built = "";
    this.sheets = new Sheets();
    root.onclick = (event) => this.click(event);
    root.onkeydown = (event) => this.key(event);
  }

  /**
   * @param {Data} data
   * @param {NetworkRow[]} rows
   * @param {Look} look
   */
  update(data, rows, look) {
    Object.assign(this, { data, rows, look });
    if (!rows.some((row) => row.data.side === this.lines)) this.lines = rows[0].data.side;
    this.built = "";
    this.show(this.opened);
  }

  /** @param {Opened | null} opened */
  show(opened) {
    const [before, other] = [this.opened, JSON.stringify(opened)];
    if (JSON.stringify(before) !== other) this.place = null;
    if (opened && (before?.layer !== opened.layer || before?.side !== opened.side)) this.tab = "layer";
    if (!opened) this.tab = "lines";
    if (opened) this.lines = opened.side;
    this.opened = opened;
    this.build();
    this.paint();
  }

  /** @returns {{ row: NetworkRow, layer: LayerData } | null} */
  get here() {
    const row = this.rows.find(({ data }) => data.side === this.opened?.side);
    const layer = row?.data.layers.find(({ name }) => name === this.opened?.layer);
    return row && layer ? { row, layer } : null;
  }

  // -- What stands there.

  build() {
    if (!this.data) return;
    const built = JSON.stringify([this.opened, this.tab, this.lines, this.data.unit?.of, this.data.unit?.highest]);
    if (built === this.built) return;
    this.built = built;
    const focused = this.root.contains(this.active()) ? this.active()?.getAttribute("data-focus") : null;
    const { here } = this;
    const tabs = here
      ? `<div class="tabs" role="group" aria-label="What is shown">
          <button type="button" data-tab="layer" data-focus="tab-layer" aria-pressed="${this.tab === "layer"}">Layer</button>
          <button type="button" data-tab="lines" data-focus="tab-lines" aria-pressed="${this.tab === "lines"}">PyTorch</button>
        </div><button type="button" class="close" data-focus="close" aria-label="Close the layer" title="Close (Escape)">×</button>`
      : `<h3>In PyTorch</h3>`;
    const copy = this.tab === "lines" ? '<button type="button" class="copy" data-focus="copy">Copy</button>' : "";
    const body = here && this.tab === "layer" ? this.layerMarkup(here) : this.linesMarkup();
    this.root.innerHTML = `<div class="bar">${tabs}${copy}</div>${body}`;
    if (focused) this.element(`[data-focus="${focused}"]`)?.focus({ preventScroll: true });
  }

  active() {
    const root = this.root.getRootNode();
    return root instanceof ShadowRoot || root instanceof Document ? root.activeElement : null;
  }

  /** @param {string} selector */
  element(selector) {
    return /** @type {HTMLElement | null} */ (this.root.querySelector(selector));
  }

  /** @param {string} selector */
  canvas(selector) {
    return /** @type {HTMLCanvasElement | null} */ (this.root.querySelector(`canvas${selector}`));
  }

  linesMarkup() {
    const row = this.rows.find(({ data }) => data.side === this.lines) ?? this.rows[0];
    const { lines, reason, digest } = row.data;
    const several = this.rows.length > 1;
    const choice = several
      ? `<div class="tabs whose" role="group" aria-label="Whose lines">${this.rows
          .map(
            ({ data: { side, title } }) =>
              `<button type="button" data-lines="${side}" data-focus="lines-${side}" aria-pressed="${side === row.data.side}">${escaped(title)}</button>`,
          )
          .join("")}</div>`
      : "";
    const found = lines.map(({ text, layer }) => {
      const here = this.opened && layer && layer === this.opened.layer ? ' class="here"' : "";
      const at = text.lastIndexOf("  #");
      const code = at < 0 ? escaped(text) : `${escaped(text.slice(0, at))}<i>${escaped(text.slice(at))}</i>`;
      return `<span${here}>${code || " "}</span>`;
    });
    const where = digest ? "" : `<p class="quiet">${escaped(row.data.told)}</p>`;
    if (!lines.length) return `${choice}<p class="quiet">${escaped(reason)}</p>${where}`;
    return `${choice}<p class="quiet">${escaped(reason || WHOLE)}</p>
      <pre tabindex="0" aria-label="The network in PyTorch"><code>${found.join("\n")}</code></pre>${where}`;
  }

  /** @param {{ row: NetworkRow, layer: LayerData }} here */
  layerMarkup({ row, layer }) {
    const units = layer.shape[0];
    const unit = this.opened?.unit ?? null;
    const parts = { encoder: "encoder", code: "code", decoder: "decoder" };
    const head = `<h3>${escaped(sentenceOf(layer))}</h3><p class="facts">${escaped(row.data.title)}, ${parts[layer.part]}.
      ${shapeTold(layer)}, ${grouped(layer.weights)} weights.</p>`;
    const named = unitNames(layer);
    const buttons = Array.from({ length: units }, (_, i) => {
      const first = i === (unit ?? 0) ? 0 : -1;
      return `<button type="button" data-unit="${i}" data-focus="unit-${i}" tabindex="${first}" aria-pressed="${i === unit}" aria-label="${named.one} ${i}"></button>`;
    }).join("");
    const mosaic = `<div class="mosaic" role="group" aria-label="${named.many} of the layer"><canvas class="units" aria-hidden="true"></canvas>${buttons}</div>`;
    const whole = `<div class="whole">${head}${mosaic}`;
    if (unit === null || unit >= units)
      return `<div class="open">${whole}<p class="quiet hint">Choose one of the ${units > 1 ? named.many.toLowerCase() : "units"}: what it multiplies, and which ${escaped(this.data.words.plural)} move it.</p></div></div>`;
    return `<div class="open">${whole}</div>${this.unitMarkup(layer, unit, named.one)}</div>`;
  }

  /**
   * @param {LayerData} layer
   * @param {number} unit
   * @param {string} one
   */
  unitMarkup(layer, unit, one) {
    const { names } = this.data.looks;
    const bar = layer === this.here?.row.data.layers.at(-1) && layer.shape.length === 1 && escaped(names[unit] ?? "");
    const further = layer.part === "code" ? nameOf(unit) : bar;
    const name = `${one} ${unit}${further ? `, ${further}` : ""}`;
    const placed = layer.shape.length > 1;
    const own = `<figure class="own"><div class="spot"><canvas class="unit" ${placed ? 'tabindex="0" data-focus="own" role="application"' : 'role="img"'} aria-label="${name}${placed ? ": arrow keys choose a place" : ""}"></canvas></div></figure>`;
    const work = `<div class="work" hidden>
        <figure><canvas class="read" role="img" aria-label="What it reads"></canvas><figcaption>it reads</figcaption></figure><b>×</b>
        <figure><canvas class="filter" role="img" aria-label="Its filter"></canvas><figcaption>its filter</figcaption></figure><b>=</b>
        <figure><canvas class="products" role="img" aria-label="The products"></canvas><figcaption>products</figcaption></figure>
      </div>`;
    const { unit: told, words } = this.data;
    const mine =
      told && told.side === this.opened?.side && told.layer === layer.name && told.unit === unit ? told : null;
    const extremes = mine
      ? `<div class="extremes"><p>Of ${grouped(mine.of)} test ${escaped(words.plural)}, these <b>raise</b> it most, to ${short(mine.highest[0])}${placed ? " in the mean over its places" : ""} …</p>
         <canvas class="high" role="img" aria-label="The ${escaped(words.plural)} that raise it most: items ${mine.highestRows.join(", ")}"></canvas>
         <p>… and ${alike(mine.lowest) ? "many <b>lower</b> it alike" : "these <b>lower</b> it most"}, to ${short(mine.lowest[0])}</p>
         <canvas class="low" role="img" aria-label="The ${escaped(words.plural)} that lower it most: items ${mine.lowestRows.join(", ")}"></canvas></div>`
      : `<p class="quiet">Looking for the ${escaped(words.plural)} that move it …</p>`;
    return `<div class="one"><h4>${name}<span class="value"></span></h4><div class="doing">${placed ? own : ""}${work}</div>
      <p class="sum"></p></div>${extremes}`;
  }

  // -- What follows the hand.

  // Whether a layer, its unit and the items that move that stand beside one another: there is less height then.
  get beside() {
    return this.root.clientWidth > WIDE;
  }

  get large() {
    return this.beside ? 84 : LARGE;
  }

  /** @param {Float32Array} [item] */
  paint(item = this.item) {
    this.item = item;
    const { here, look } = this;
    if (!here || !look || this.tab !== "layer" || !this.root.clientWidth) return;
    const { row, layer } = here;
    const values = row.activations(layer.name);
    const units = this.canvas(".units");
    if (!values || !units) return;
    const width = this.element(".whole")?.clientWidth ?? 0;
    const mosaic = paintUnits(units, look.scale, values, layer.shape, reachOf(values), {
      width,
      height: this.beside ? 92 : MOSAIC,
      cell: 22,
    });
    this.lay(mosaic);
    const unit = this.opened?.unit ?? null;
    if (unit !== null && unit < layer.shape[0]) this.paintUnit(row, layer, unit, values);
  }

  /** @param {import("./arranging.js").Mosaic} mosaic */
  lay({ columns, width, height, gap }) {
    this.mosaicColumns = columns;
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (this.root.querySelectorAll("[data-unit]"))) {
      const unit = Number(button.dataset.unit);
      Object.assign(button.style, {
        left: `${(unit % columns) * (width + gap)}px`,
        top: `${Math.floor(unit / columns) * (height + gap)}px`,
        width: `${width}px`,
        height: `${height}px`,
      });
    }
  }

  /**
   * @param {NetworkRow} row
   * @param {LayerData} layer
   * @param {number} unit
   * @param {Float32Array} values
   */
  paintUnit(row, layer, unit, values) {
    const own = ofUnit(values, layer.shape, unit);
    const place = this.place ?? strongest(own, layer.shape);
    const width = layer.shape[2] ?? layer.shape[1] ?? 1;
    const value = own[place.y * width + place.x] ?? own[0];
    const canvas = this.canvas(".unit");
    const single = layer.shape.length > 1;
    const { scale } = this.look;
    if (canvas && single) {
      const shape = [1, ...layer.shape.slice(1)];
      const { large } = this;
      const across = this.element(".one")?.clientWidth ?? 0;
      const room = layer.shape.length > 2 ? { width: large, height: large } : { width: across, height: 24 };
      paintUnits(canvas, scale, own, shape, reachOf(values), room);
      this.mark(canvas, layer, place);
    }
    const where = single ? ` at ${layer.shape.length > 2 ? `(${place.x}, ${place.y})` : place.x}` : "";
    const told = this.element(".value");
    if (told) told.textContent = `${where}: ${short(value)}`;
    this.paintWork(row, layer, unit, place, value);
    this.paintExtremes();
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {LayerData} layer
   * @param {Place} place
   */
  mark(canvas, layer, place) {
    const spot = /** @type {HTMLElement | null} */ (canvas.parentElement);
    if (!spot) return;
    const [height, width] = layer.shape.length > 2 ? layer.shape.slice(1) : [1, layer.shape[1]];
    spot.style.setProperty("--x", `${(100 * place.x) / width}%`);
    spot.style.setProperty("--y", `${(100 * place.y) / height}%`);
    spot.style.setProperty("--w", `${100 / width}%`);
    spot.style.setProperty("--h", `${100 / height}%`);
  }

  /**
   * The filter of a unit: of the model in this tab, or as Python sent it.
   * @param {NetworkRow} row
   * @param {LayerData} layer
   * @param {number} unit
   * @returns {import("./filters.js").Filter | null}
   */
  filter(row, layer, unit) {
    if (row.model) return filterOf(layer, unit, row.model.tensors);
    const { unit: sent } = this.data;
    return sent?.layer === layer.name && sent.side === row.data.side && sent.unit === unit
      ? row.sentFilter(sent)
      : null;
  }

  /**
   * @param {NetworkRow} row
   * @param {LayerData} layer
   * @param {number} unit
   * @param {Place} place
   * @param {number} value
   */
  paintWork(row, layer, unit, place, value) {
    const [box, sum] = [this.element(".work"), this.element(".sum")];
    const filter = this.filter(row, layer, unit);
    if (!box || !sum) return;
    box.hidden = !filter || filter.weights.length > MAX_FILTER;
    if (!filter) {
      sum.textContent = WITHOUT[layer.kind] ?? "It has no filter of its own: it reads more than the layer before it.";
      return;
    }
    const work = workAt(layer, filter, row.before(layer.name, this.item), place);
    const side = Math.min(
      FIGURE,
      ((this.element(".one")?.clientWidth ?? 0) - (layer.shape.length > 2 ? this.large + 16 : 0) - 60) / 3,
    );
    const room = { width: Math.max(40, side), height: Math.max(40, side) };
    const { scale } = this.look;
    /** @type {[string, Float32Array, number][]} */
    const figures = [
      [".read", work.read, reachOf(work.read)],
      [".filter", work.weights, reachOf(work.weights)],
      [".products", work.products, reachOf(work.products)],
    ];
    for (const [selector, values, reach] of figures) {
      const canvas = this.canvas(selector);
      if (canvas) paintUnits(canvas, scale, values, work.shape, reach, room);
    }
    const added = `${short(work.sum - work.bias)} added up, ${short(work.bias)} of bias: ${short(work.sum)}`;
    const after = layer.followed.length ? `; ${layer.followed.join(" and ")} makes it ${short(value)}` : "";
    const turned = layer.part === "code" && row.turned ? `; turned by hand to ${short(value)}` : after;
    sum.textContent = `${grouped(work.products.length)} products: ${added}${turned}.`;
  }

  paintExtremes() {
    const { unit } = this.data;
    if (!unit) return;
    for (const which of /** @type {const} */ (["high", "low"])) {
      const canvas = this.canvas(`.${which}`);
      if (!canvas) continue;
      const sheet = unit[which];
      this.sheets.load(sheet).then((ready) => {
        const width = canvas.parentElement?.clientWidth ?? 0;
        const count = Math.max(
          2,
          Math.min(sheet.count, Math.floor(width / Math.max(40, (STRIP * sheet.width) / sheet.height))),
        );
        const height = Math.min(STRIP, (width / count) * (sheet.height / sheet.width));
        canvas.style.width = `${width}px`;
        const shown = Array.from({ length: count }, (_, i) => i);
        if (canvas.isConnected) paintFilm(canvas, width, height, ready, shown);
      });
    }
    this.sheets.keep([unit.high, unit.low]);
  }

  // -- Hand and keys.

  /** @param {MouseEvent} event */
  click(event) {
    const target = /** @type {HTMLElement | null} */ (
      event.target instanceof Element ? event.target.closest("button, canvas.unit") : null
    );
    if (!target) return;
    if (target instanceof HTMLCanvasElement) return this.point(event, target);
    const { tab, lines, unit } = target.dataset;
    if (target.classList.contains("close")) this.owner.open(null);
    if (target.classList.contains("copy")) this.copy(target);
    if (tab === "layer" || tab === "lines") this.tab = tab;
    if (lines) this.lines = lines;
    if (tab || lines) {
      this.build();
      this.paint();
    }
    if (unit !== undefined && this.opened) this.owner.open({ ...this.opened, unit: Number(unit) });
  }

  /**
   * @param {MouseEvent} event
   * @param {HTMLCanvasElement} canvas
   */
  point(event, canvas) {
    const layer = this.here?.layer;
    if (!layer) return;
    const box = canvas.getBoundingClientRect();
    const [height, width] = layer.shape.length > 2 ? layer.shape.slice(1) : [1, layer.shape[1]];
    const at = (/** @type {number} */ share, /** @type {number} */ side) =>
      Math.min(side - 1, Math.max(0, Math.floor(share * side)));
    this.place = {
      y: at((event.clientY - box.top) / box.height, height),
      x: at((event.clientX - box.left) / box.width, width),
    };
    this.paint();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key === "Escape" && this.opened) {
      this.owner.open(this.opened.unit === null ? null : { ...this.opened, unit: null });
    } else if (target.dataset.unit !== undefined && this.here) {
      const units = this.here.layer.shape[0];
      const next = stepped(event.key, Number(target.dataset.unit), units, this.mosaicColumns ?? 1);
      if (next === null) return;
      const other = this.element(`[data-unit="${next}"]`);
      target.tabIndex = -1;
      if (other) other.tabIndex = 0;
      other?.focus();
    } else if (target.classList.contains("unit") && this.here) {
      const { layer, row } = this.here;
      const [height, width] = layer.shape.length > 2 ? layer.shape.slice(1) : [1, layer.shape[1]];
      const values = row.activations(layer.name);
      const { y, x } =
        this.place ??
        strongest(ofUnit(values ?? new Float32Array(1), layer.shape, this.opened?.unit ?? 0), layer.shape);
      const next = stepped(event.key, y * width + x, height * width, width);
      if (next === null) return;
      this.place = { y: Math.floor(next / width), x: next % width };
      this.paint();
      this.owner.say(`${this.element(".value")?.textContent ?? ""}. ${this.element(".sum")?.textContent ?? ""}`);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {HTMLElement} button */
  async copy(button) {
    const row = this.rows.find(({ data }) => data.side === this.lines) ?? this.rows[0];
    const text = row.data.lines.map((line) => line.text).join("\n");
    const done = await written(text);
    button.textContent = done ? "Copied" : "Select it and press Ctrl+C";
    this.owner.say(done ? "Copied." : "The browser does not let this page copy.");
  }
}

// Why a unit of a kind shows no filter.
/** @type {Record<string, string>} */
const WITHOUT = {
  recurrent: "At each place it weighs what it reads and its own state of the place before, by four gates.",
  attention: "How much each place (a row) attends to each other (a column); each row adds up to 1.",
  transformer: "Two dense layers at each place; what they make is added to what attention has gathered.",
  residual: "What a few convolutions make of what it reads is added to what it reads.",
};

/**
 * What the units of a layer are called.
 * @param {LayerData} layer
 */
function unitNames({ part, kind, shape }) {
  if (part === "code") return { one: "Number", many: "Numbers" };
  if (kind === "attention") return { one: "Head", many: "Heads" };
  if (shape.length > 2) return { one: "Map", many: "Maps" };
  return { one: "Unit", many: "Units" };
}

/**
 * Whether activations are the same to the eye, as where an activation function goes no lower.
 * @param {number[]} values
 */
export const alike = (values) => Math.abs(values[values.length - 1] - values[0]) <= 2e-3 * Math.abs(values[0]);

/** @param {string} text */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/**
 * Whether a text could be put on the clipboard; a page that is not served by https may only ask the old way.
 * @param {string} text
 */
async function written(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
