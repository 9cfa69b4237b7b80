// A threshold on a score. What is flagged follows the hand; Python hears how many items that are when the hand rests.

import { legibleText } from "../js/colours.js";
import { Commits, KEYS_DELAY_MS, keep, kept, sameList } from "../js/commits.js";
import {
  clamp,
  contextOf,
  download,
  finder,
  fitCanvas,
  fontOf,
  grouped,
  later,
  leastType,
  mounting,
  shared,
  unpack,
} from "../js/common.js";
import { Drag } from "../js/drag.js";
import { fitTile, paintTile } from "../js/sheets.js";
import {
  cheapestOf,
  countsAt,
  endsOf,
  flaggedAt,
  foundOf,
  histogramOf,
  placeIn,
  scoreText,
  thresholdOf,
  ticksOf,
  tilesBeside,
  toScore,
  toShare,
} from "./counting.js";

/**
 * @typedef {import("../js/common.js").Packed} Packed
 * @typedef {import("../js/common.js").Numbers} Numbers
 * @typedef {number[] & { ranks?: Uint32Array, flags?: boolean }} Marks items that a group of maps marks
 * @typedef {{ button: HTMLButtonElement, canvas: HTMLCanvasElement, rank: number }} TileButton
 * @typedef {{ element: HTMLElement, buttons: TileButton[], key: string, sheet?: unknown }} Strip
 *
 * @typedef {object} Data
 * @property {Packed} scores of all items, the highest first
 * @property {Packed} items the number of each, in that order
 * @property {Packed} tiles the number of each one's tile in the atlas, -1 for none
 * @property {Packed | null} positive which are unusual; null where nobody knows
 * @property {import("./counting.js").Axis} axis of the scores
 * @property {number[][] | null} roc share of false alarms and share found
 * @property {number[][] | null} precisionRecall recall and precision
 * @property {number[] | null} areas under both curves
 * @property {string} atlas name of the atlas with the tiles
 * @property {string} group of the maps that mark what is flagged
 * @property {import("../js/commits.js").Told} told the threshold's name on the page, and how often Python has set it
 * @property {number | null} flagged how many items are; null for where it is cheapest
 * @property {number} cost of a miss, in false alarms
 * @property {number[]} costs to choose from
 * @property {string[]} names of the two kinds
 * @property {string} plural what items are called
 * @property {string} title what the score is
 * @property {string[]} captions a few words on each tile
 * @property {string[]} colours of the two kinds
 *
 * @typedef {object} Events
 * @property {{ flagged: number | null, cost: number }} threshold when the handle or the cost rests
 * @property {{ number: number, item: number }} item a tile was clicked: how often one was, and the item's number
 */

const [PLOT, AXIS] = [184, 28]; // px of the histogram, and of the axis below it
const [LEFT, TOP, RIGHT] = [34, 8, 10]; // px round a curve
const TILE = 54; // px of a tile's height
const MAX_TILES = 14; // tiles of a strip
const BINS = 90;
/** @type {("scores" | "items" | "tiles" | "positive")[]} */
const PACKED = ["scores", "items", "tiles", "positive"]; // when one differs, the items are others

class Threshold {
  /** @param {Omit<import("../js/common.js").Host<Data, Events>, "data">} host */
  constructor({ root, send, theme }) {
    const find = finder(root);
    this.find = find;
    this.root = root;
    this.send = send;
    this.theme = theme;
    /** @type {Data} */
    this.data = later;
    /** @type {Drag} */
    this.drag = later;
    /** @type {Numbers} */
    this.scores = later;
    /** @type {Numbers} */
    this.items = later;
    /** @type {Numbers} */
    this.tiles = later;
    /** @type {Numbers | null} */
    this.positive = null;
    /** @type {Uint32Array} */
    this.ends = later;
    /** @type {Uint32Array | null} */
    this.found = null;
    /** @type {Uint32Array} */
    this.ranks = later;
    /** @type {Float64Array[]} */
    this.histogram = later;
    /** @type {string[]} */
    this.colours = [];
    /** @type {number | null} */
    this.chosen = null; // how many items the person or Python wants flagged
    this.before = this.chosen; // the same when the handle was taken hold of
    this.cost = 0;
    this.flagged = -1;
    this.threshold = NaN;
    /** @type {{ cost: number, found: Uint32Array, flagged: number } | null} */
    this.least = null;
    /** @type {Marks | null} */
    this.marks = null;
    this.x = 0; // px of the handle
    this.width = 0;
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.timer = null;
    /** @type {number | null} */
    this.frame = null;
    this.plot = find(".plot");
    this.bars = find(".bars");
    this.handle = find(".handle");
    this.slider = find("input");
    this.button = find(".cheapest");
    this.counts = find(".counts tbody");
    this.bill = find("output");
    /** @type {Strip[]} */
    this.strips = [];
    this.roc = find(".roc");
    this.precision = find(".precision");
    this.price = find(".price");
    this.clicks = 0;
    /** @type {Commits<(number | null)[]>} */
    this.commits = new Commits(sameList); // of [flagged, cost]
    this.abort = new AbortController();
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(root);
    this.listen();
  }

  listen() {
    const { signal } = this.abort;
    /**
     * @param {EventTarget} element
     * @param {string} type
     * @param {(event: any) => void} act
     */
    const on = (element, type, act) => element.addEventListener(type, (event) => this.data && act(event), { signal });
    this.drag = new Drag(
      this.plot,
      {
        take: () => this.take(),
        follow: (x, width) => this.follow(x, width),
        end: () => this.commit(),
        cancel: () => this.cancel(),
      },
      signal,
    );
    on(this.handle, "keydown", (event) => this.key(event));
    on(this.handle, "blur", () => {
      this.root.classList.remove("held");
      if (this.timer) this.commit();
    });
    on(this.slider, "input", () => this.setCost(this.data.costs[this.slider.value]));
    on(this.slider, "change", () => this.commit());
    on(this.button, "click", () => {
      this.setFlagged(null);
      this.commit();
    });
    on(this.find(".save"), "click", () => this.save());
    const { events } = shared();
    on(events, "atlas", ({ detail }) => detail === this.data.atlas && this.ask());
    on(events, "latent-map", ({ detail: { group, what, source } }) => {
      if (this.data.group === group && what === "choice" && source !== this) this.mark();
    });
  }

  // -- Data from the server.

  /** @param {Data} data */
  update(data) {
    const before = this.data;
    const other = !before || PACKED.some((name) => before[name]?.bytes !== data[name]?.bytes);
    const set = before?.told?.turn !== data.told?.turn;
    if (set) this.commits.forget();
    const named = [data.flagged, data.cost];
    const moved = this.commits.hear(named) || other || set;
    const own = before ? undefined : kept(data.told, `${named}`);
    this.data = data;
    if (other) this.unpack();
    if (own) this.commits.add(own);
    const [chosen, cost] = own ?? named;
    if (moved && !this.busy) Object.assign(this, { chosen, cost });
    this.place();
    this.build();
    this.resize();
  }

  unpack() {
    const { data } = this;
    [this.scores, this.items, this.tiles] = [data.scores, data.items, data.tiles].map(unpack);
    this.positive = data.positive && unpack(data.positive);
    this.ends = endsOf(this.scores);
    this.found = this.positive && foundOf(this.positive);
    this.ranks = Uint32Array.from([...this.tiles.keys()].filter((rank) => this.tiles[rank] >= 0));
    this.histogram = histogramOf(this.scores, this.positive, data.axis, BINS);
    this.commits.forget();
  }

  get busy() {
    return Boolean(this.drag.held || this.timer);
  }

  // -- Where the threshold stands: chosen by the person, or the cheapest, or a twentieth of the items.

  place() {
    const wanted = this.chosen ?? (this.found ? this.cheapest(this.found) : Math.round(this.scores.length / 20));
    const flagged = this.ends[placeIn(this.ends, wanted)];
    if (flagged !== this.flagged || !this.drag.held) {
      this.threshold = thresholdOf(this.scores, flagged, this.data.axis);
    }
    this.flagged = flagged;
  }

  /** @param {Uint32Array} found */
  cheapest(found) {
    if (this.least?.cost !== this.cost || this.least.found !== found) {
      const { cost, ends } = this;
      this.least = { cost, found, flagged: cheapestOf(ends, found, cost) };
    }
    return this.least.flagged;
  }

  /** @param {number | null} flagged */
  setFlagged(flagged) {
    this.chosen = flagged;
    this.place();
    this.ask();
  }

  /** @param {number} cost */
  setCost(cost) {
    this.cost = cost;
    this.setFlagged(null);
  }

  /** @param {number} threshold */
  setThreshold(threshold) {
    this.threshold = threshold;
    this.flagged = this.chosen = flaggedAt(this.scores, threshold);
    this.paint(); // asked for by the drag, once a frame
  }

  commit() {
    clearTimeout(this.timer ?? undefined);
    this.timer = null;
    const { chosen: flagged, cost } = this;
    if (!this.commits.add([flagged, cost])) return;
    keep(this.data.told, `${this.commits.known}`, [flagged, cost]);
    this.send("threshold", { flagged, cost });
  }

  /** @param {number} rank */
  choose(rank) {
    this.send("item", { number: ++this.clicks, item: this.items[rank] });
  }

  // -- Pointer and keys.

  take() {
    if (!this.data) return null;
    clearTimeout(this.timer ?? undefined);
    this.timer = null;
    this.before = this.chosen;
    return { root: this.root, band: this.plot, handle: this.handle, place: () => this.x };
  }

  /**
   * @param {number} x
   * @param {number} width
   */
  follow(x, width) {
    this.setThreshold(toScore(clamp(x / width, 0, 1), this.data.axis));
  }

  cancel() {
    this.chosen = this.before;
    this.place();
    this.ask();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Escape" && this.drag.held) return this.drag.cancel();
    if (this.drag.held || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.round(this.scores.length / 50));
    /** @type {Record<string, number>} */
    const steps = { ArrowRight: -1, ArrowUp: -1, ArrowLeft: 1, ArrowDown: 1, PageUp: -page, PageDown: page };
    const target =
      { Home: this.scores.length, End: 0 }[event.key] ?? (event.key in steps ? this.stepped(steps[event.key]) : null);
    if (target === null) return;
    event.preventDefault();
    this.root.classList.remove("held");
    this.setFlagged(target);
    clearTimeout(this.timer ?? undefined);
    this.timer = setTimeout(() => this.commit(), KEYS_DELAY_MS);
  }

  /** @param {number} step */
  stepped(step) {
    const at = placeIn(this.ends, this.flagged);
    if (Math.abs(step) === 1) return this.ends[clamp(at + step, 0, this.ends.length - 1)];
    return this.ends[placeIn(this.ends, clamp(this.flagged + step, 0, this.scores.length))];
  }

  // -- What is built once for the data.

  build() {
    const { data } = this;
    this.root.hidden = false;
    this.root.setAttribute("aria-label", `Threshold on ${data.title}`);
    this.find(".charts").classList.toggle("alone", !data.roc);
    for (const element of [this.roc, this.precision, this.find(".costs")]) element.hidden = !data.positive;
    const ground = this.theme().ground || "#ffffff";
    this.colours = data.colours.map((colour) => legibleText(colour, ground, 3));
    const kinds = data.positive ? data.names : [`all ${data.plural}`];
    const legend = kinds.map((name, kind) => this.dotted("span", name, kind));
    const scale = Object.assign(document.createElement("small"), {
      textContent: "height: square root of the share of each kind",
    });
    this.find(".legend").replaceChildren(...legend, scale);
    [this.roc, this.precision].forEach((figure, i) => {
      const area = data.areas ? `, area ${data.areas[i].toFixed(4)}` : "";
      figure.querySelector("figcaption").textContent = `${["ROC", "Precision–recall"][i]}${area}`;
    });
    const rows = (data.positive ? [1, 0] : [0]).map((kind) => {
      const row = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      head.append(this.dotted("span", kinds[kind], kind));
      row.append(
        head,
        ...[0, 1].map(() => {
          const cell = document.createElement("td");
          cell.append(document.createElement("b"), document.createElement("small"));
          return cell;
        }),
      );
      return row;
    });
    this.counts.replaceChildren(...rows);
    this.slider.max = data.costs.length - 1;
    /** @type {NodeListOf<HTMLElement>} */
    const boxes = this.root.querySelectorAll(".tiles");
    this.strips = [...boxes].map((element) => ({ element, buttons: [], key: "" }));
    for (const { element } of this.strips) element.replaceChildren();
  }

  /**
   * @param {string} tag
   * @param {string} text
   * @param {number} kind
   */
  dotted(tag, text, kind) {
    const element = Object.assign(document.createElement(tag), { textContent: text });
    element.style.setProperty("--dot", this.colours[kind]);
    return element;
  }

  resize() {
    if (!this.data || !this.root.clientWidth) return;
    this.width = this.plot.clientWidth;
    this.paintBars();
    const { positive, roc, precisionRecall } = this.data;
    if (positive && roc) this.paintCurve(this.roc, roc, "false alarms", "found");
    if (positive && precisionRecall) this.paintCurve(this.precision, precisionRecall, "recall", "precision");
    this.paint();
  }

  ask() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.paint();
    });
  }

  // -- Painting. The bars stand still; what depends on the threshold is painted in each frame.

  paintBars() {
    const { width, data, histogram } = this;
    const context = fitCanvas(this.bars, width, PLOT + AXIS);
    context.clearRect(0, 0, width, PLOT + AXIS);
    const most = Math.max(...histogram.flatMap((kind) => [...kind]));
    const step = width / BINS;
    histogram.forEach((kind, k) => {
      context.fillStyle = this.colours[k];
      context.globalAlpha = k ? 0.62 : 0.7;
      // By the root: what is rare is still seen.
      kind.forEach((share, bin) => {
        const height = Math.sqrt(share / most) * (PLOT - 22);
        context.fillRect(bin * step, PLOT - height, Math.max(1, step - 0.5), height);
      });
    });
    context.globalAlpha = 1;
    this.writing(context);
    context.fillRect(0, PLOT, width, 1);
    context.textBaseline = "top";
    for (const value of ticksOf(data.axis, Math.max(2, Math.floor(width / (leastType() ? 150 : 110))))) {
      const [x, text] = [toShare(value, data.axis) * width, scoreText(value)];
      const half = context.measureText(text).width / 2;
      context.fillRect(x, PLOT, 1, 4);
      context.fillText(text, clamp(x, half, width - half) - half, PLOT + 8);
    }
    const title = data.title;
    const room = context.measureText(title).width;
    if (room < width / 3) context.fillText(title, width - room, 2);
  }

  /** @param {CanvasRenderingContext2D} context */
  writing(context) {
    context.font = fontOf(13, this.theme().font || "sans-serif");
    context.fillStyle = this.theme().text || "#000";
  }

  paint() {
    if (!this.width) return;
    const { flagged, data } = this;
    this.x = toShare(this.threshold, data.axis) * this.width;
    this.handle.style.transform = `translateX(${this.x}px)`;
    const counts = this.found ? countsAt(this.found, flagged) : null;
    this.tell(counts);
    if (counts) {
      const { hits, alarms, misses, passed } = counts;
      this.movePoint(this.roc, alarms / (alarms + passed), hits / (hits + misses), "false alarms", "found");
      this.movePoint(this.precision, hits / (hits + misses), flagged ? hits / flagged : 1, "recall", "precision");
    }
    this.paintStrips();
    this.mark();
  }

  /** @param {ReturnType<typeof countsAt> | null} counts */
  tell(counts) {
    const { scores, flagged, data, cost } = this;
    /**
     * @param {HTMLElement} cell
     * @param {number} value
     * @param {number} of
     */
    const write = (cell, value, of) => {
      const [number, share] = cell.children;
      number.textContent = grouped(value);
      share.textContent = `${of ? ((100 * value) / of).toFixed(1) : "0"} %`;
    };
    const rows = counts
      ? [
          [counts.hits, counts.misses],
          [counts.alarms, counts.passed],
        ]
      : [[flagged, scores.length - flagged]];
    rows.forEach(([above, below], row) => {
      const [, first, second] = this.counts.rows[row].cells;
      write(first, above, above + below);
      write(second, below, above + below);
    });
    const now = `${flagged} of ${scores.length} flagged${counts ? `, ${counts.misses} missed, ${counts.alarms} false alarms` : ""}`;
    const range = {
      valuemin: 0,
      valuemax: scores.length,
      valuenow: flagged,
      valuetext: `${scoreText(this.threshold)}: ${now}`,
    };
    for (const [name, value] of Object.entries(range)) this.handle.setAttribute(`aria-${name}`, String(value));
    this.root.dataset.flagged = String(flagged);
    if (!counts || !this.found) return;
    this.slider.value = Math.max(0, data.costs.indexOf(cost));
    const priceText = cost === 1 ? "A miss costs 1 false alarm" : `A miss costs ${cost} false alarms`;
    this.price.textContent = priceText;
    this.slider.setAttribute("aria-valuetext", priceText);
    const best = this.cheapest(this.found);
    const least = countsAt(this.found, best);
    const [bill, lowest] = [counts, least].map(({ misses, alarms }) => cost * misses + alarms);
    /** @param {number} value */
    const digits = (value) => grouped(Number(value.toFixed(1)));
    const all = { 0: ", to flag none", [this.scores.length]: ", to flag all" }[flagged] ?? ""; // then no score is asked
    this.bill.textContent =
      bill <= lowest
        ? `Cost ${digits(bill)}: the cheapest${all}`
        : `Cost ${digits(bill)}; at the cheapest ${digits(lowest)}`;
    this.button.disabled = this.chosen === null || flagged === best;
  }

  /**
   * The place of (a, b) within a curve's canvas, in px.
   * @param {HTMLCanvasElement} canvas
   * @param {number[]} place
   * @returns {[x: number, y: number]}
   */
  placeOn(canvas, [a, b]) {
    return [LEFT + a * (canvas.clientWidth - LEFT - RIGHT), TOP + (1 - b) * (PLOT - TOP)];
  }

  /**
   * @param {HTMLElement} figure
   * @param {number[][]} curve
   * @param {string} across
   * @param {string} up
   */
  paintCurve(figure, curve, across, up) {
    const canvas = finder(figure)("canvas");
    const width = canvas.clientWidth;
    const [side, tall] = [width - LEFT - RIGHT, PLOT - TOP];
    const context = fitCanvas(canvas, width, PLOT + AXIS);
    context.clearRect(0, 0, width, PLOT + AXIS);
    this.writing(context);
    context.globalAlpha = 0.25;
    context.strokeStyle = context.fillStyle;
    context.lineWidth = 1;
    context.strokeRect(LEFT + 0.5, TOP + 0.5, side - 1, tall - 1);
    context.globalAlpha = 0.8;
    context.textBaseline = "top";
    context.fillText(across, LEFT + side / 2 - context.measureText(across).width / 2, PLOT + 8);
    context.fillText("0", LEFT - 4, PLOT + 8);
    context.fillText("1", LEFT + side - 5, PLOT + 8);
    context.save();
    context.translate(LEFT - 20, TOP + tall / 2 + context.measureText(up).width / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(up, 0, 0);
    context.restore();
    context.globalAlpha = 1;
    context.beginPath();
    for (const place of curve) context.lineTo(...this.placeOn(canvas, place));
    context.strokeStyle = this.colours[1];
    context.lineWidth = 2.5;
    context.stroke();
  }

  /**
   * @param {HTMLElement} figure
   * @param {number} x
   * @param {number} y
   * @param {string} across
   * @param {string} up
   */
  movePoint(figure, x, y, across, up) {
    const [canvas, dot] = ["canvas", ".dot"].map(finder(figure));
    const [left, top] = this.placeOn(canvas, [x, y]);
    dot.style.transform = `translate(${left}px, ${top}px)`;
    canvas.setAttribute("aria-label", `${across} ${x.toFixed(3)}, ${up} ${y.toFixed(3)}`);
  }

  paintStrips() {
    const sheet = shared().atlases.get(this.data.atlas);
    if (!sheet?.image) return;
    const wide = Math.round(Math.min(150, (TILE * sheet.width) / sheet.height));
    const tall = Math.round((wide * sheet.height) / sheet.width);
    const room = Math.floor((this.strips[0].element.clientWidth + 6) / (wide + 6));
    const { above, below } = tilesBeside(this.ranks, this.flagged, Math.min(MAX_TILES, Math.max(1, room)));
    [above, below].forEach((ranks, number) => this.fill(this.strips[number], ranks, sheet, wide, tall));
  }

  /**
   * @param {Strip} strip
   * @param {Uint32Array} ranks
   * @param {any} sheet
   * @param {number} wide
   * @param {number} tall
   */
  fill(strip, ranks, sheet, wide, tall) {
    const key = ranks.join();
    if (strip.key === key && strip.sheet === sheet) return;
    Object.assign(strip, { key, sheet });
    while (strip.buttons.length < ranks.length) strip.buttons.push(this.tileButton(strip));
    strip.buttons.forEach((one, i) => {
      one.button.hidden = i >= ranks.length;
      if (i >= ranks.length) return;
      one.rank = ranks[i];
      const kind = this.positive ? this.positive[one.rank] : 0;
      const tile = this.tiles[one.rank];
      fitTile(one.canvas, sheet);
      Object.assign(one.canvas.style, { width: `${wide}px`, height: `${tall}px` });
      one.button.style.setProperty("--dot", this.colours[kind]);
      paintTile(contextOf(one.canvas), sheet, tile, 0, 0, sheet.width, sheet.height);
      const name = this.positive ? `${this.data.names[kind]}, ` : "";
      one.button.title = `${name}${this.data.captions[tile] ? `${this.data.captions[tile]}, ` : ""}${scoreText(this.scores[one.rank])}`;
      one.button.setAttribute("aria-label", one.button.title);
    });
  }

  /** @param {Strip} strip */
  tileButton(strip) {
    const button = document.createElement("button");
    const canvas = document.createElement("canvas");
    const one = { button, canvas, rank: -1 };
    button.type = "button";
    button.append(canvas);
    button.addEventListener("click", () => this.choose(one.rank));
    strip.element.append(button);
    return one;
  }

  // The charts side by side, as they stand, on the page's own ground.
  save() {
    const charts = [
      this.bars,
      ...(this.data.positive ? [this.roc, this.precision] : []).map((figure) => figure.querySelector("canvas")),
    ];
    const gap = 20 * (globalThis.devicePixelRatio || 1);
    const width = charts.reduce((sum, chart) => sum + chart.width + gap, gap);
    const canvas = Object.assign(document.createElement("canvas"), { width, height: this.bars.height + 2 * gap });
    const context = contextOf(canvas);
    context.fillStyle = this.theme().ground || "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    let left = gap;
    const ratio = this.bars.width / this.width;
    for (const chart of charts) {
      context.drawImage(chart, left, gap);
      const dot = chart.parentElement.querySelector(".dot");
      if (dot) {
        const { e, f } = new DOMMatrix(dot.style.transform);
        context.beginPath();
        context.arc(left + e * ratio, gap + f * ratio, 7 * ratio, 0, 2 * Math.PI);
        context.fillStyle = this.theme().text || "#000";
        context.fill();
      }
      left += chart.width + gap;
    }
    context.fillStyle = this.theme().text || "#000";
    context.fillRect(gap + this.x * ratio - 1.5 * ratio, gap, 3 * ratio, PLOT * ratio);
    canvas.toBlob((blob) => download(blob, `threshold on ${this.data.title}.png`), "image/png");
  }

  // Maps of the group mark the flagged items that they show.
  mark() {
    const group = this.data.group && shared().mapGroups?.get(this.data.group);
    if (!group) return;
    const { marked } = tilesBeside(this.ranks, this.flagged, 0);
    const already = group.marked.length === marked && this.marks === group.marked && this.marks?.ranks === this.ranks;
    if (already) return;
    const items = Array.from(this.ranks.subarray(0, marked), (rank) => this.tiles[rank]);
    this.marks = Object.assign(items, { ranks: this.ranks, flags: true });
    group.marked = this.marks;
    shared().events.dispatchEvent(
      new CustomEvent("latent-map", { detail: { group: group.name, what: "choice", source: this } }),
    );
  }

  destroy() {
    this.abort.abort();
    this.observer.disconnect();
    cancelAnimationFrame(this.frame ?? 0);
    clearTimeout(this.timer ?? undefined);
  }
}

export const mount = mounting(Threshold);
