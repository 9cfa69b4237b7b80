// Networks as pictures: layer by layer from left to right, what runs through them, and what each unit does.

import { isDark, rgb } from "../js/colours.js";
import { Commits } from "../js/commits.js";
import { finder, later, mounting, pack, unpack } from "../js/common.js";
import { networkOf, whenNetwork } from "../js/networks.js";
import { NetworkRow } from "./network_row.js";
import { Pad } from "./pad.js";
import { fitted, paintItem, scaleOf } from "./painting.js";
import { Panel } from "./panel.js";

/**
 * @typedef {import("../js/sheets.js").Sheet} Sheet
 * @typedef {import("../js/common.js").Packed} Packed
 * @typedef {import("./network_row.js").Look} Look
 *
 * @typedef {object} Data
 * @property {ItemData} item what runs through the networks
 * @property {Looks} looks how an item is drawn
 * @property {NetworkData[]} networks one, or two to compare
 * @property {Opened | null} opened the layer that is open
 * @property {UnitData | null} unit what is known of the unit that is open
 * @property {Draws | null} draws where the item is to be drawn by hand, in this tab: what a drawing becomes
 * @property {{ noun: string, plural: string }} words what an item is called
 *
 * @typedef {object} ItemData
 * @property {Packed} values (*shape)
 * @property {number[]} shape
 * @property {string} name
 * @property {number | null} label its class, for conditional models
 *
 * @typedef {object} Looks How an item is drawn from its values.
 * @property {string} kind "pixels", "curves", "bars" or "symbols"
 * @property {import("../js/networks.js").Tile | null} tile of pixels
 * @property {number} low end of the axis of other kinds
 * @property {number} high
 * @property {string[]} names of symbols or bars
 *
 * @typedef {object} NetworkData
 * @property {"left" | "right"} side
 * @property {string} title
 * @property {string} accent colour of the model
 * @property {string} digest by which this tab finds it; "" where the server runs it
 * @property {LayerData[]} layers in order, the code among them
 * @property {number} weights how many numbers it has learned
 * @property {CodeData} code
 * @property {Record<string, Packed> | null} seen activations of each layer by its name, where the server runs it
 * @property {Packed | null} made the reconstruction, where the server runs it
 * @property {{ text: string, layer: string }[]} lines of PyTorch that are the network, each with the layer it makes
 * @property {string} reason why there are none, or what they lack
 * @property {string} told why the server runs it
 *
 * @typedef {object} LayerData
 * @property {string} name of its weights
 * @property {"encoder" | "code" | "decoder"} part
 * @property {string} kind as in `aeviz.model.layers`
 * @property {string} title
 * @property {string[]} followed by what, up to the next layer
 * @property {number[]} shape of its activations, (units, *places)
 * @property {number[]} inputs shape of what it multiplies; [] where that is more than the layer before it
 * @property {number} weights how many numbers it has learned
 * @property {import("../js/engine/bodies.js").Stated} settings of a kernel and the like
 *
 * @typedef {object} CodeData
 * @property {Packed} mean (d,), as the server has it
 * @property {Packed | null} std
 * @property {number[] | null} turned the code that is decoded in its place
 *
 * @typedef {object} Opened A layer that is open, and the unit, if one is.
 * @property {string} side
 * @property {string} layer
 * @property {number | null} unit
 *
 * @typedef {object} UnitData
 * @property {string} side
 * @property {string} layer
 * @property {number} unit
 * @property {Sheet} high items that raise it most
 * @property {Sheet} low items that lower it most
 * @property {number[]} highest its activations for them, in the mean over its places
 * @property {number[]} lowest
 * @property {number[]} highestRows their numbers
 * @property {number[]} lowestRows
 * @property {number} of how many items were looked at
 * @property {Packed | null} filter its weights, where the server runs the model
 * @property {Packed | null} bias
 *
 * @typedef {import("./pad.js").Draws} Draws
 *
 * @typedef {object} Events
 * @property {Opened | null} opened after a click or a key: the layer and the unit that are open now
 * @property {{ side: string, values: number[] | null, number: number }} code when the hand rests: the code that is decoded
 *   in place of the item's own, null for its own; how often one was
 * @property {{ number: number, values: Packed | null }} drawing when the hand rests: how often it did, and what is drawn
 *   as a picture (*shape), null for nothing
 * @property {string} refused the digest of a model that this tab cannot run
 */

const NARROW = 760; // px of the width, below which layers stand from top to bottom, as in the styles
const BAND = 46; // px of the height of a layer there
const WORDS = 64; // px below a layer for its name, its shape and its weights
const HEAD = 34; // px above the layers of a network
/** @type {Record<string, number>} */
const FLAT = { symbols: 0.3, curves: 0.6 }; // the height of an item of a kind, as a share of its width
const LEAST = 96; // px that layers are high at least
const MADE = 86; // px that reconstructions are wide at least
const BAR = 12.5; // px of the height of a bar that has its name beside it, and some
const UNDER = 64; // px below an item for its name

class NetworkView {
  /** @param {Omit<import("../js/common.js").Host<Data, Events>, "data">} host */
  constructor({ root, send, theme }) {
    this.root = root;
    this.send = send;
    this.theme = theme;
    this.find = finder(root);
    /** @type {Data} */
    this.data = later;
    /** @type {NetworkRow[]} */
    this.rows = [];
    /** @type {Commits<string>} */
    this.commits = new Commits();
    /** @type {Opened | null} */
    this.opened = null;
    this.turns = 0;
    this.drawings = 0;
    /** @type {Commits<string>} */
    this.kept = new Commits(); // bytes of the drawing, "" for none
    this.scale = { reach: 1 }; // of the codes
    this.pair = "";
    /** @type {Float32Array | null} */
    this.drawn = null;
    /** @type {Float32Array} */
    this.given = new Float32Array(0);
    this.stamp = "";
    /** @type {Look} */
    this.look = later;
    this.pad = new Pad(this.find(".ink"), (item, resting) => this.draw(item, resting));
    this.panel = new Panel(this.find(".panel"), {
      open: (opened) => this.open(opened),
      say: (text) => this.say(text),
    });
    this.find(".tools").onclick = (/** @type {MouseEvent} */ event) => {
      const { act } = event.target instanceof HTMLElement ? event.target.dataset : { act: "" };
      if (act === "undo" || act === "clear") this.pad.act(act);
    };
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.opened) this.open(null);
    });
    this.abort = new AbortController();
    const { signal } = this.abort;
    whenNetwork(() => this.data && this.update(this.data), signal);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.resize(), { signal });
    window.addEventListener("resize", () => this.resize(), { signal });
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(root);
  }

  // -- Data from the server.

  /** @param {Data} data */
  update(data) {
    this.data = data;
    const models = data.networks.map(({ digest }) => networkOf(digest));
    const refused = data.networks.find((network, i) => network.digest && models[i]?.error);
    if (refused) return this.send("refused", refused.digest);
    if (data.networks.some(({ digest }, i) => digest && !models[i])) return; // on its way
    this.root.hidden = false;
    const pair = JSON.stringify(data.networks.map(({ title, digest }) => [title, digest]));
    if (pair !== this.pair) this.scale.reach = 1;
    this.pair = pair;
    this.build();
    this.given = /** @type {Float32Array} */ (unpack(data.item.values));
    const fresh = data.draws && this.kept.hear(data.draws.kept ? data.item.values.bytes : "");
    this.pad.update(data.draws, Boolean(fresh));
    this.drawn = this.pad.picture();
    const stamp = this.stampOf();
    if (this.stamp && stamp !== this.stamp) for (const row of this.rows) row.forget();
    this.stamp = stamp;
    this.rows.forEach((row, i) => row.update(data.networks[i], models[i] ?? null, data));
    if (this.commits.hear(JSON.stringify(data.opened))) this.opened = data.opened;
    this.words();
    this.run();
    this.resize();
    this.panel.update(data, this.rows, this.look);
    this.show();
  }

  build() {
    const box = this.find(".rows");
    while (this.rows.length > this.data.networks.length) {
      const row = this.rows.pop();
      row?.destroy();
      row?.root.remove();
    }
    while (this.rows.length < this.data.networks.length) {
      const element = document.createElement("section");
      element.className = "network";
      box.append(element);
      this.rows.push(
        new NetworkRow(element, {
          open: (row, layer) => this.toggle(row, layer),
          rest: (row, values) => this.send("code", { side: row.data.side, values, number: ++this.turns }),
          changed: () => this.panel.paint(this.item),
          key: (row, event) => this.key(row, event),
          scale: this.scale,
        }),
      );
    }
  }

  words() {
    const { item, draws, words } = this.data;
    const drawing = Boolean(draws);
    this.find(".ink").hidden = this.find(".tools").hidden = !drawing;
    this.find("canvas.item").hidden = drawing;
    this.find(".name").textContent = drawing ? `your ${words.noun}` : item.name;
    this.find("canvas.item").setAttribute("aria-label", `The ${words.noun} that goes in: ${item.name}`);
    this.root.classList.toggle("drawing", drawing);
    this.root.classList.toggle("empty", drawing && this.pad.blank);
  }

  // What tells one item from another: a code that was turned belongs to its item. A drawing forgets it by itself.
  stampOf() {
    const { draws, item } = this.data;
    return JSON.stringify([draws && !this.pad.empty ? "" : item.values.bytes, Boolean(draws)]);
  }

  // -- What runs through.

  get item() {
    return this.drawn ?? this.given;
  }

  run() {
    const { reach } = this.scale;
    for (const row of this.rows) row.run(this.item, this.data.item.label);
    if (this.scale.reach > reach) for (const row of this.rows) row.paint("code"); // the first has the smaller scale yet
  }

  /**
   * @param {Float32Array | null} picture
   * @param {boolean} resting whether the hand has come to rest
   */
  draw(picture, resting) {
    this.drawn = picture;
    this.root.classList.toggle("empty", this.pad.blank);
    for (const row of this.rows) row.forget();
    this.stamp = this.stampOf();
    this.run();
    const values = picture && pack(picture);
    if (resting && this.kept.add(values?.bytes ?? "")) this.send("drawing", { number: ++this.drawings, values });
  }

  // -- The room.

  resize() {
    if (!this.data || !this.root.clientWidth) return;
    const theme = this.theme();
    const dark = isDark(rgb(theme.ground));
    const across = this.root.clientWidth >= NARROW;
    this.root.classList.toggle("upright", !across);
    // Reconstructions are as wide in one network as in the other, whatever their layers leave.
    const made = Math.max(MADE, Math.floor(Math.min(...this.rows.map((row) => row.roomForMade))));
    this.look = { scale: scaleOf(dark), theme, across, tall: across ? this.tall() : BAND, made };
    const { below, zero, above } = this.look.scale;
    for (const [name, colour] of Object.entries({ below, zero, above }))
      this.root.style.setProperty(`--${name}`, colour);
    const frame = this.find(".frame");
    const side = Math.min(frame.clientWidth, across ? 168 : 132);
    this.pad.resize(side);
    const { item, looks } = this.data;
    if (this.data.draws) this.pad.lay(looks, this.data.draws.kept ? this.given : null, theme);
    else {
      const free = across ? this.find(".stage").clientHeight - UNDER : 0;
      const bars = looks.kind === "bars" ? Math.min(free, BAR * item.shape[0]) : 0;
      const height = Math.max(bars, side * (FLAT[looks.kind] ?? 1));
      paintItem(this.find("canvas.item"), looks, this.given, item.shape, { width: side, height }, theme);
    }
    for (const row of this.rows) row.resize(this.look);
    this.join();
    this.panel.look = this.look;
    this.panel.paint(this.item);
  }

  // What joins item and layers, behind them.
  join() {
    const [stage, canvas] = [this.find(".stage"), this.find(".ribbons")];
    const context = fitted(canvas, stage.clientWidth, stage.clientHeight);
    context.clearRect(0, 0, stage.clientWidth, stage.clientHeight);
    const item = this.find(this.data.draws ? ".ink" : "canvas.item");
    for (const row of this.rows) {
      if (row.isShown) row.join(context, stage.getBoundingClientRect(), item);
    }
  }

  // px that the layers of a network may be high, so that all networks stand on the screen.
  tall() {
    const shown = this.rows.filter(({ isShown }) => isShown).length || 1;
    const names = this.rows.length - shown; // of networks that stand behind an open layer
    const room = (this.find(".rows").clientHeight - names * HEAD) / shown - HEAD - WORDS - 14;
    return Math.max(LEAST, Math.floor(room));
  }

  // -- What is open.

  /**
   * @param {NetworkRow} row
   * @param {string} layer
   */
  toggle(row, layer) {
    const same = this.opened?.side === row.data.side && this.opened.layer === layer;
    this.open(same ? null : { side: row.data.side, layer, unit: null });
    if (!same) this.find(".panel").scrollIntoView({ block: "nearest" });
  }

  /** @param {Opened | null} opened */
  open(opened) {
    const before = this.opened;
    this.opened = opened;
    this.show();
    if (!opened && before) {
      const row = this.rows.find(({ data }) => data.side === before.side);
      const stop = row?.stages.find(({ layer }) => layer.name === before.layer)?.stop;
      if (stop) row?.focus(stop);
    }
    if (this.commits.add(JSON.stringify(opened))) this.send("opened", opened);
  }

  show() {
    this.root.classList.toggle("opened", Boolean(this.opened));
    for (const row of this.rows) {
      const mine = row.data.side === this.opened?.side;
      row.root.classList.toggle("other", Boolean(this.opened) && !mine);
      row.mark(mine ? (this.opened?.layer ?? null) : null);
    }
    this.resize();
    this.panel.show(this.opened);
  }

  /**
   * @param {NetworkRow} row
   * @param {KeyboardEvent} event
   */
  key(row, event) {
    const stop = /** @type {HTMLElement} */ (event.target);
    if (stop.dataset.layer === undefined) return;
    const [back, on, up, down] = this.look.across
      ? ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]
      : ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];
    const step = { [back]: -1, [on]: 1 }[event.key];
    const turn = { [up]: -1, [down]: 1 }[event.key];
    if (step !== undefined) {
      const next = row.beside(stop, step);
      if (next) row.focus(next);
    } else if (turn !== undefined) {
      const other = this.rows[this.rows.indexOf(row) + turn];
      const at = row.stages.findIndex((stage) => stage.stop === stop);
      const next = other?.stages[Math.min(at, other.stages.length - 1)];
      if (next) other.focus(next.stop);
    } else return;
    event.preventDefault();
  }

  /** @param {string} text */
  say(text) {
    this.find(".said").textContent = text;
  }

  destroy() {
    this.abort.abort();
    this.observer.disconnect();
    this.pad.destroy();
    for (const row of this.rows) row.destroy();
  }
}

export const mount = mounting(NetworkView);
