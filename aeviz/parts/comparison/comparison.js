import { legibleText } from "../js/colours.js";
import { contextOf, download, finder, later, mounting, unpack } from "../js/common.js";
import { loadSheet } from "../js/sheets.js";
import { withMinus } from "../js/ticks.js";
import { across, axisNumbers } from "../dial/lines.js";
import { curvesOf, histogramsOf, scaleOf } from "./curves.js";
import { drawn, made } from "./elements.js";
import { axisOf, bestOf, orderOf, placedNames } from "./plane.js";

/**
 * @typedef {{ label: string, sheet: import("../js/sheets.js").Sheet }} Pictures
 * @typedef {Record<number, string>} Texts of figures, by their number
 *
 * @typedef {{ label: string, accent: string, dashed: boolean, values: (number | null)[] }} Line
 *
 * @typedef {object} Curves
 * @property {number[]} steps the epochs
 * @property {Line[]} lines
 * @property {string} label of the values
 * @property {number[]} range lowest and highest value that has room
 *
 * @typedef {object} Histograms
 * @property {string[]} names of the coordinates
 * @property {number} reach half of what each histogram spans, round 0
 * @property {import("../js/common.js").Packed} densities (coordinates, bins)
 * @property {string} note
 *
 * @typedef {object} Model
 * @property {string} name
 * @property {string} label
 * @property {string} sign that marks it, in its colour
 * @property {string} colour
 * @property {string} family
 * @property {string} about a sentence
 * @property {Texts} texts
 * @property {Pictures[]} pictures
 * @property {{ label: string, texts: Texts }[]} classical what other methods reach
 * @property {string[][]} settings names and values
 * @property {Curves | null} curves of its training
 * @property {Histograms | null} histograms of its codes
 *
 * @typedef {{ label: string, definition: string, better: string }} Figure better: "low", "high" or ""
 * @typedef {{ label: string, figures: number[], notes: string[] }} Group
 *
 * @typedef {object} Data
 * @property {Model[]} models
 * @property {Figure[]} figures
 * @property {Group[]} groups of figures
 * @property {import("../js/common.js").Packed} numbers (models, figures); NaN for none
 * @property {number[]} shown the two models whose pictures stand side by side at first
 * @property {number} group that is shown at first
 * @property {number[]} axes the figures across and up the plane
 * @property {{ name: string, text: string }} csv all figures as a file
 *
 * @typedef {{}} Events It sends nothing.
 */

const [LEFT, RIGHT, TOP, FOOT, HEIGHT] = [56, 14, 14, 44, 430]; // px of the plane
const [MAX_CARD_PX, BETWEEN_PX, ONE_COLUMN_PX] = [560, 36, 620]; // as the styles have them
const GAP = 0.08; // of a tile's width, between tiles

class Comparison {
  /** @param {Omit<import("../js/common.js").Host<Data, Events>, "data">} host */
  constructor({ root, theme }) {
    this.theme = theme;
    this.find = finder(root);
    /** @type {Data} */
    this.data = later;
    /** @type {number[]} */
    this.shown = [];
    this.group = 0;
    /** @type {number[]} */
    this.axes = [];
    /** @type {{ figure: number, falling: boolean } | null} */
    this.sorted = null;
    this.cardsWidth = 0; // px, for which the cards were made
    this.observer = new ResizeObserver(() => {
      if (!this.data) return;
      this.plane();
      if (this.find(".cards").clientWidth !== this.cardsWidth) this.cards();
    });
    this.observer.observe(this.find(".chart"));
    this.find(".csv").onclick = () => {
      const { name, text } = this.data.csv;
      download(new Blob([text], { type: "text/csv" }), name);
    };
    for (const [axis, name] of [".x", ".y"].entries()) {
      this.find(name).onchange = () => {
        this.axes[axis] = Number(this.find(name).value);
        this.plane();
      };
    }
  }

  /** @param {Data} data */
  update(data) {
    if (data !== this.data) {
      Object.assign(this, { data, shown: [...data.shown], group: data.group, axes: [...data.axes], sorted: null });
      this.numbers = unpack(data.numbers);
      this.choices();
    }
    this.table();
    this.plane();
    this.cards();
  }

  /** @param {number} figure */
  column(figure) {
    const { models, figures } = this.data;
    return models.map((_, row) => Number(this.numbers?.[row * figures.length + figure]));
  }

  /** @param {Model} model */
  sign({ sign, colour }) {
    const element = made("span", { className: "sign", textContent: sign });
    element.style.setProperty("--accent", legibleText(colour, this.theme().ground));
    element.setAttribute("aria-hidden", "true");
    return element;
  }

  choices() {
    const { figures, groups } = this.data;
    const buttons = groups.map(({ label }, number) =>
      made("button", { type: "button", textContent: label, onclick: () => this.open(number) }),
    );
    this.find(".groups").replaceChildren(...buttons);
    for (const [axis, name] of [".x", ".y"].entries()) {
      const known = figures.flatMap(({ label }, i) => (this.column(i).every(Number.isNaN) ? [] : [{ label, i }]));
      this.find(name).replaceChildren(...known.map(({ label, i }) => made("option", { value: i, textContent: label })));
      this.find(name).value = String(this.axes[axis]);
    }
  }

  /** @param {number} group */
  open(group) {
    Object.assign(this, { group, sorted: null });
    this.define(null);
    this.table();
  }

  // The table of a group of figures.
  table() {
    const { models, figures, groups } = this.data;
    const { figures: columns, notes } = groups[this.group];
    [...this.find(".groups").children].forEach((button, number) => {
      button.setAttribute("aria-pressed", String(number === this.group));
    });
    const known = columns.filter((figure) => !this.column(figure).every(Number.isNaN));
    const head = made("tr", {}, made("th", { scope: "col", textContent: "model" }));
    for (const figure of known) head.append(this.heading(figure));
    const order = this.sorted ? orderOf(this.column(this.sorted.figure), this.sorted.falling) : models.map((_, i) => i);
    const best = known.map((figure) => bestOf(this.column(figure), figures[figure].better));
    const rows = order.map((number) => this.row(number, known, best));
    this.find("table").replaceChildren(made("thead", {}, head), made("tbody", {}, ...rows));
    this.find(".notes").replaceChildren(...notes.map((note) => made("p", { textContent: note })));
  }

  /** @param {number} figure */
  heading(figure) {
    const { label } = this.data.figures[figure];
    const sort = made("button", { type: "button", textContent: label, onclick: () => this.sort(figure) });
    const ask = made("button", {
      type: "button",
      className: "ask",
      textContent: "?",
      onclick: () => this.define(figure),
    });
    ask.setAttribute("aria-label", `What is ${label}?`);
    const cell = made("th", { scope: "col" }, sort, ask);
    if (this.sorted?.figure === figure)
      cell.setAttribute("aria-sort", this.sorted.falling ? "descending" : "ascending");
    return cell;
  }

  /**
   * @param {number} number
   * @param {number[]} figures
   * @param {number[]} best
   */
  row(number, figures, best) {
    const model = this.data.models[number];
    const name = made("button", { type: "button", textContent: model.label });
    const row = made(
      "tr",
      { onclick: () => this.choose(number) },
      made("th", { scope: "row" }, this.sign(model), name),
    );
    row.setAttribute("aria-selected", String(this.shown.includes(number)));
    figures.forEach((figure, i) => {
      const star = this.column(figure)[number] === best[i] ? "★ " : "";
      row.append(made("td", { textContent: star + (model.texts[figure] ?? "") }));
    });
    return row;
  }

  /** @param {number} figure */
  sort(figure) {
    const first = this.data.figures[figure].better === "high"; // the best come first
    const again = this.sorted?.figure === figure;
    this.sorted = { figure, falling: again ? !this.sorted?.falling : first };
    this.table();
  }

  /** @param {number | null} figure */
  define(figure) {
    const said = this.find(".definition");
    const text = figure === null ? "" : `${this.data.figures[figure].label}: ${this.data.figures[figure].definition}`;
    said.hidden = !text || said.textContent === text;
    said.textContent = said.hidden ? "" : text;
  }

  /**
   * Put a model beside the one that was chosen before.
   * @param {number} number
   */
  choose(number) {
    if (!this.shown.includes(number)) this.shown = [this.shown[1], number];
    this.table();
    this.plane();
    this.cards();
  }

  // The plane of two figures.
  plane() {
    const { figures, models } = this.data;
    const box = this.find(".chart");
    const width = box.clientWidth;
    if (!width) return;
    const [xs, ys] = this.axes.map((figure) => this.column(figure));
    const known = models.flatMap((_, i) => (Number.isNaN(xs[i] + ys[i]) ? [] : [i]));
    const words = this.axes.map((figure) => {
      const { label, better } = figures[figure];
      return better ? [`${label}: ${better === "low" ? "lower" : "higher"} is better`] : [];
    });
    this.find(".direction").textContent = known.length
      ? words
          .flat()
          .map((word) => `${word}.`)
          .join(" ")
      : "No model has both figures.";
    if (!known.length) return box.replaceChildren();
    const [horizontal, vertical] = [xs, ys].map((values) => axisOf(known.map((i) => values[i])));
    const place = (/** @type {number} */ i) => ({
      x: LEFT + across(xs[i], [horizontal.low, horizontal.high], horizontal.log) * (width - LEFT - RIGHT),
      y: HEIGHT - FOOT - across(ys[i], [vertical.low, vertical.high], vertical.log) * (HEIGHT - TOP - FOOT),
      label: models[i].label,
    });
    const spots = known.map(place);
    const names = placedNames(spots, [LEFT, width]);
    const svg = drawn("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "group" });
    svg.setAttribute("aria-label", `${figures[this.axes[1]].label} against ${figures[this.axes[0]].label}`);
    svg.append(...this.ruled(width, horizontal, vertical));
    const points = known.map((i, at) => this.point(i, spots[at], names[at]));
    svg.append(...points);
    box.replaceChildren(svg);
  }

  /**
   * @param {number} width
   * @param {{ low: number, high: number, log: boolean }} horizontal
   * @param {{ low: number, high: number, log: boolean }} vertical
   */
  ruled(width, horizontal, vertical) {
    const [right, foot] = [width - RIGHT, HEIGHT - FOOT];
    /** @type {Element[]} */
    const marks = [];
    const written = (/** @type {number} */ value) => withMinus(String(Number(value.toPrecision(4))));
    for (const value of axisNumbers(vertical.low, vertical.high, vertical.log, 5)) {
      const y = foot - across(value, [vertical.low, vertical.high], vertical.log) * (foot - TOP);
      marks.push(drawn("line", { class: "rule", x1: LEFT, x2: right, y1: y, y2: y }));
      marks.push(drawn("text", { x: LEFT - 8, y: y + 4, "text-anchor": "end" }, written(value)));
    }
    for (const value of axisNumbers(horizontal.low, horizontal.high, horizontal.log, Math.max(3, width / 110))) {
      const x = LEFT + across(value, [horizontal.low, horizontal.high], horizontal.log) * (right - LEFT);
      marks.push(drawn("line", { class: "rule", x1: x, x2: x, y1: TOP, y2: foot }));
      marks.push(drawn("text", { x, y: foot + 16, "text-anchor": "middle" }, written(value)));
    }
    const [x, y] = this.axes.map((figure) => this.data.figures[figure].label);
    marks.push(drawn("text", { x: (LEFT + right) / 2, y: foot + 36, "text-anchor": "middle" }, x));
    marks.push(drawn("text", { x: 0, y: 4, "text-anchor": "start" }, y));
    return marks;
  }

  /**
   * @param {number} number
   * @param {{ x: number, y: number }} spot
   * @param {[x: number, y: number] | null} name
   */
  point(number, { x, y }, name) {
    const model = this.data.models[number];
    const shown = this.shown.includes(number) ? " shown" : "";
    const point = drawn("g", { class: `point${shown}`, tabindex: 0, role: "button" });
    const told = this.axes.map((figure) => `${this.data.figures[figure].label} ${model.texts[figure]}`);
    point.setAttribute("aria-label", `${model.name}, ${told.join(", ")}`);
    point.style.setProperty("--accent", legibleText(model.colour, this.theme().ground));
    point.append(drawn("title", {}, `${model.name}\n${told.join("\n")}`));
    point.append(drawn("circle", { class: "ring", cx: x, cy: y, r: 11, "pointer-events": "all" }));
    point.append(drawn("text", { x, y: y + 6, "text-anchor": "middle", "font-size": 18 }, model.sign));
    if (name)
      point.append(drawn("text", { class: "name", x: name[0], y: name[1] + 4, "text-anchor": "middle" }, model.label));
    point.onclick = () => this.choose(number);
    point.onkeydown = (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.choose(number);
    };
    return point;
  }

  // The two models whose pictures stand side by side.
  cards() {
    this.cardsWidth = this.find(".cards").clientWidth;
    this.find(".cards").replaceChildren(
      ...[...new Set(this.shown)].map((number) => this.card(this.data.models[number])),
    );
  }

  /** @param {Model} model */
  card(model) {
    const heading = made("h3", {}, this.sign(model), model.label, made("small", { textContent: model.name }));
    const card = made("div", { className: "card" }, heading, made("p", { textContent: model.about }));
    for (const { label, sheet } of model.pictures) {
      card.append(made("p", { className: "label", textContent: label }), this.pictures(label, sheet));
    }
    const { ground } = this.theme();
    const narrow = this.cardsWidth <= ONE_COLUMN_PX;
    const width = Math.min(MAX_CARD_PX, narrow ? this.cardsWidth : (this.cardsWidth - BETWEEN_PX) / 2);
    if (model.curves && width > 0)
      card.append(details("Curves of the training", curvesOf(model.curves, width, ground), true));
    if (model.histograms) {
      const beside = this.shown.flatMap((number) => this.data.models[number].histograms ?? []);
      const shown = histogramsOf(model.histograms, legibleText(model.colour, ground), scaleOf(beside));
      card.append(details("Codes against N(0, 1)", shown, true));
    }
    if (model.classical.length) card.append(this.classical(model));
    if (model.settings.length) card.append(details("Settings", tableOf(model.settings)));
    return card;
  }

  /**
   * @param {string} label
   * @param {import("../js/sheets.js").Sheet} sheet
   */
  pictures(label, sheet) {
    const canvas = /** @type {HTMLCanvasElement} */ (made("canvas"));
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", label);
    const { width, height, columns, count, smooth } = sheet;
    const gap = Math.max(1, Math.round(GAP * width));
    const rows = Math.ceil(count / columns);
    Object.assign(canvas, { width: columns * (width + gap) - gap, height: rows * (height + gap) - gap });
    canvas.style.background = "transparent";
    canvas.style.imageRendering = smooth ? "auto" : "";
    loadSheet(sheet).then(({ image }) => {
      const context = contextOf(canvas);
      for (let i = 0; i < count; i++) {
        const [column, row] = [i % columns, Math.floor(i / columns)];
        const at = [column * (width + gap), row * (height + gap)];
        context.drawImage(image, column * width, row * height, width, height, at[0], at[1], width, height);
      }
    });
    return canvas;
  }

  /** @param {Model} model */
  classical({ classical }) {
    const { figures } = this.data;
    const known = figures.flatMap((_, i) => (classical.some(({ texts }) => i in texts) ? [i] : []));
    const rows = known.map((figure) => [figures[figure].label, ...classical.map(({ texts }) => texts[figure] ?? "")]);
    const table = tableOf([["", ...classical.map(({ label }) => label)], ...rows]);
    return details("Classical methods by the same measures", table);
  }

  destroy() {
    this.observer.disconnect();
  }
}

/**
 * Something that opens.
 * @param {string} label
 * @param {Node} inside
 * @param {boolean} [open] from the first
 */
const details = (label, inside, open = false) =>
  made("details", { open }, made("summary", { textContent: label }), inside);

/** @param {string[][]} rows */
function tableOf(rows) {
  const cells = rows.map((row) => made("tr", {}, ...row.map((text) => made("td", { textContent: text }))));
  return made("table", {}, made("tbody", {}, ...cells));
}

export const mount = mounting(Comparison);
