// One network from left to right (on a phone from top to bottom): its layers, what runs through them, its code.

import { css, legibleText, mix, rgb } from "../js/colours.js";
import { grouped, unpack } from "../js/common.js";
import { Commits, sameList } from "../js/commits.js";
import { reachOf, shareOf } from "./arranging.js";
import { CodeColumn, nameOf, told } from "./code_column.js";
import { paintItem, paintRibbons, paintUnits } from "./painting.js";

/**
 * @typedef {import("./network_view.js").NetworkData} NetworkData
 * @typedef {import("./network_view.js").LayerData} LayerData
 * @typedef {import("./network_view.js").Data} Data
 * @typedef {import("./painting.js").Scale} Scale
 * @typedef {import("../js/theme.js").Theme} Theme
 * @typedef {{ scale: Scale, theme: Theme, across: boolean, tall: number, made: number }} Look across: whether layers stand
 *   from left to right; tall: px that they may be high, or as bands on a phone; made: px of the width of reconstructions
 * @typedef {object} Owner What a row tells.
 * @property {(row: NetworkRow, layer: string) => void} open
 * @property {(row: NetworkRow, values: number[] | null) => void} rest of a code that the hand has let go of
 * @property {(row: NetworkRow) => void} changed what runs through it
 * @property {(row: NetworkRow, event: KeyboardEvent) => void} key
 * @property {{ reach: number }} scale of the codes, which all rows share
 */

/** @type {Record<string, string>} */
const BRIEF = { dense: "Dense", recurrent: "LSTM", attention: "Attention", transformer: "Dense +", residual: "Conv +" };
const EDGE = 6; // px beside a mosaic within its column
const ROOMY = 92; // px of a column in which "131,328 weights" stands whole
const CODE = 1.7; // times the width of a layer
const MADE = 1.6;

/**
 * A layer in a word or two.
 * @param {LayerData} layer
 */
export function briefOf({ kind, settings, title }) {
  const kernel = settings.kernel?.join("×");
  if (kind === "convolution") return `Conv ${kernel}`;
  if (kind === "doubling" || kind === "transposed") return `Conv ${kernel} ↑`;
  return BRIEF[kind] ?? title;
}

/** @param {number[]} shape */
export const times = (shape) => shape.join("×");

/**
 * What a layer gives in words: "16 maps of 14 × 14", "256 numbers".
 * @param {Pick<LayerData, "shape" | "kind">} layer
 */
export function shapeTold({ shape, kind }) {
  const [units, ...places] = shape;
  if (kind === "attention") return `${units} heads over ${places[0]} places`;
  if (!places.length) return units === 1 ? "1 number" : `${grouped(units)} numbers`;
  const what = places.length > 1 ? "map" : "line";
  return `${grouped(units)} ${what}${units > 1 ? "s" : ""} of ${places.join(" × ")}`;
}

/**
 * A layer in a sentence.
 * @param {LayerData} layer
 */
export const sentenceOf = ({ title, followed }) => [title, ...followed].join(", then ");

export class NetworkRow {
  /**
   * @param {HTMLElement} root
   * @param {Owner} owner
   */
  constructor(root, owner) {
    this.root = root;
    this.owner = owner;
    /** @type {NetworkData} */
    this.data = /** @type {any} */ (null);
    /** @type {import("../js/engine/engine.js").Model | null} */
    this.model = null; // in this tab
    /** @type {Map<string, Float32Array>} */
    this.seen = new Map(); // activations by layer
    /** @type {Float32Array | null} */
    this.made = null; // the reconstruction
    /** @type {import("./code_column.js").Code} */
    this.code = { mean: new Float32Array(0), std: null, z: new Float32Array(0) };
    this.turned = false;
    /** @type {Commits<number[] | null>} */
    this.commits = new Commits(sameList);
    this.stamp = "";
    /** @type {Look} */
    this.look = /** @type {any} */ (null);
    /** @type {{ layer: LayerData, stop: HTMLElement, canvas: HTMLCanvasElement, label: (count: string) => string }[]} */
    this.stages = [];
    root.innerHTML = `<header><h3><span class="dot"></span><span class="title"></span><small></small></h3>
      <span class="now"></span><span class="acts"><button type="button" data-act="sample">New draw</button>
      <button type="button" data-act="back">Back to the item’s code</button></span></header>
      <div class="flow" role="group"></div>`;
    this.flow = /** @type {HTMLElement} */ (root.querySelector(".flow"));
    this.codeBox = document.createElement("div");
    this.codeBox.className = "numbers";
    this.column = new CodeColumn(this.codeBox, { turn: () => this.turn(), rest: () => this.rest() }, owner.scale);
    this.find(".acts").onclick = (event) => {
      const act = event.target instanceof HTMLElement ? event.target.dataset.act : "";
      if (act === "sample") this.sample();
      if (act === "back") this.back();
    };
    this.flow.onclick = (event) => {
      const stop = event.target instanceof Element && event.target.closest("[data-layer]");
      if (stop instanceof HTMLElement) this.owner.open(this, stop.dataset.layer ?? "");
    };
    this.flow.onkeydown = (event) => this.owner.key(this, event);
  }

  /**
   * @param {string} selector
   * @returns {HTMLElement}
   */
  find(selector) {
    return /** @type {HTMLElement} */ (this.root.querySelector(selector));
  }

  // Whether its layers are seen: on a narrow screen they make room for a layer of another network.
  get isShown() {
    return this.flow.offsetParent !== null;
  }

  // -- What Python says.

  /**
   * @param {NetworkData} data
   * @param {import("../js/engine/engine.js").Model | null} model
   * @param {Data} all
   */
  update(data, model, all) {
    this.data = data;
    this.model = model;
    this.looks = all.looks;
    this.shape = all.item.shape;
    const { title, accent, weights, side } = data;
    this.root.dataset.side = side;
    this.root.setAttribute("aria-label", title);
    this.root.style.setProperty("--accent", accent);
    this.find(".title").textContent = title;
    this.find("h3 small").textContent = `${grouped(weights)} weights`;
    this.find("[data-act=sample]").hidden = !data.code.std;
    const stamp = JSON.stringify([data.digest, data.layers.map(({ name, shape }) => [name, shape])]);
    if (stamp !== this.stamp) this.build();
    this.stamp = stamp;
    const news = this.commits.hear(data.code.turned);
    if (news) {
      this.turned = data.code.turned !== null;
      if (data.code.turned) this.code.z = Float32Array.from(data.code.turned);
    }
  }

  build() {
    const { layers } = this.data;
    for (const { stop } of this.stages) (stop.closest(".layer") ?? stop).remove();
    this.codeBox.remove();
    this.stages = layers.map((layer, i) => {
      const canvas = document.createElement("canvas");
      const last = i === layers.length - 1;
      const element = document.createElement(layer.part === "code" ? "div" : "button");
      element.className = `layer ${layer.part}${last ? " made" : ""}`;
      const name = last ? "Recon\u00ADstruction" : layer.part === "code" ? "Code" : briefOf(layer);
      const words = `<span class="words"><b>${name}</b> <span>${times(layer.shape)}</span> <span class="count"></span></span>`;
      const picture = document.createElement("span");
      picture.className = "picture";
      element.append(picture);
      let stop = element;
      if (layer.part === "code") {
        picture.append(this.codeBox);
        stop = document.createElement("button");
        stop.innerHTML = words;
        element.append(stop);
      } else {
        picture.append(canvas);
        element.insertAdjacentHTML("beforeend", words);
      }
      stop.setAttribute("type", "button");
      stop.dataset.layer = layer.name;
      stop.tabIndex = i === 0 ? 0 : -1;
      const half = { encoder: "Encoder", code: "Code", decoder: "Decoder" }[layer.part];
      const all = `${half}: ${sentenceOf(layer)}. ${shapeTold(layer)}, ${grouped(layer.weights)} weights.`;
      /** @param {string} count as it is read below the layer: what is heard begins with all that is seen */
      const label = (count) => `${name} ${times(layer.shape)} ${count}. ${all}`;
      stop.title = `${sentenceOf(layer)}\n${shapeTold(layer)}\n${grouped(layer.weights)} weights`;
      this.flow.append(element);
      return { layer, stop, canvas, label };
    });
    this.column.handles = [];
  }

  // px of the width that its layers leave for the reconstruction.
  get roomForMade() {
    return (this.flow.clientWidth * MADE) / (this.data.layers.length - 2 + CODE + MADE);
  }

  // -- What runs through.

  /**
   * @param {Float32Array} item (*shape)
   * @param {number | null} label of its class
   */
  run(item, label) {
    this.label = label;
    const { model, data } = this;
    if (model) {
      this.seen = model.watch(() => {
        const { mean, std } = model.encode(item, label);
        this.code.mean = mean.slice();
        this.code.std = std?.slice() ?? null;
        if (!this.turned) this.code.z = mean.slice();
        this.made = model.decode(this.code.z, label);
      });
    } else if (data.seen) {
      this.seen = new Map(
        Object.entries(data.seen).map(([name, packed]) => [name, /** @type {Float32Array} */ (unpack(packed))]),
      );
      this.code.mean = /** @type {Float32Array} */ (unpack(data.code.mean));
      this.code.std = data.code.std && /** @type {Float32Array} */ (unpack(data.code.std));
      if (!this.turned) this.code.z = this.code.mean.slice();
      this.made = data.made && /** @type {Float32Array} */ (unpack(data.made));
    }
    this.paint("encoder");
  }

  // A number of the code was turned: the decoder's half alone is another.
  turn() {
    const { model } = this;
    this.turned = !sameList([...this.code.z], [...this.code.mean]);
    if (model) model.watch(() => (this.made = model.decode(this.code.z, this.label)));
    this.paint("code");
  }

  rest() {
    const values = this.turned ? [...this.code.z].map((value) => Number(value.toFixed(3))) : null;
    if (this.commits.add(values)) this.owner.rest(this, values);
  }

  sample() {
    const { mean, std } = this.code;
    if (!std) return;
    this.code.z = mean.map((value, i) => value + std[i] * gaussian());
    this.turn();
    this.rest();
  }

  back() {
    this.code.z = this.code.mean.slice();
    this.turn();
    this.rest();
  }

  // Another item: its code is its own again.
  forget() {
    this.turned = false;
    this.commits.forget();
  }

  // -- The picture.

  /** @param {Look} look */
  resize(look) {
    this.look = look;
    const columns = this.data.layers.map(({ part }, i) => {
      if (part === "code") return `minmax(84px, ${CODE}fr)`;
      return i === this.data.layers.length - 1 ? `${look.made}px` : "minmax(0, 1fr)";
    });
    this.flow.style.gridTemplateColumns = look.across ? columns.join(" ") : "";
    this.flow.style.setProperty("--tall", `${look.tall}px`);
    this.paint("encoder");
  }

  /**
   * @param {{ layer: LayerData, stop: HTMLElement }} stage
   * @param {number} i
   */
  room({ stop }, i) {
    const picture = (stop.closest(".layer") ?? stop).querySelector(".picture");
    const width = picture ? picture.clientWidth - (this.look.across ? EDGE : 0) : 0;
    return { width: Math.max(8, width), height: this.tall(i) };
  }

  /** @param {number} i */
  tall(i) {
    const { layer } = this.stages[i];
    if (this.look.across) {
      if (i === this.stages.length - 1) return this.look.tall;
      const sizes = this.data.layers.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
      const share = shareOf(sizes[i], this.code.z.length, Math.max(...sizes));
      return this.look.tall * (layer.part === "code" ? Math.max(share, Math.min(1, layer.shape[0] / 20)) : share);
    }
    if (layer.part === "code") return Math.max(96, Math.min(240, layer.shape[0] * 15));
    return i === this.stages.length - 1 ? 132 : this.look.tall;
  }

  /**
   * Paint from a half on: what a turn of the code does not touch stays as it is.
   * @param {"encoder" | "code"} from
   */
  paint(from) {
    if (!this.look || !this.stages.length) return;
    const { scale, theme } = this.look;
    this.stages.forEach((stage, i) => {
      const { layer, stop, canvas, label } = stage;
      if (layer.part === "encoder" && from === "code") return;
      const room = this.room(stage, i);
      const count = /** @type {HTMLElement} */ (stop.querySelector(".count"));
      const weights = `${grouped(layer.weights)} ${room.width < ROOMY ? "w" : layer.weights === 1 ? "weight" : "weights"}`;
      if (count.textContent !== weights) {
        count.textContent = weights;
        stop.setAttribute("aria-label", label(weights));
      }
      if (layer.part === "code") {
        const accent = legibleText(this.data.accent, theme.panel);
        const line = css(mix(rgb(theme.panel), rgb(theme.text), 0.22));
        const look = { accent, ink: theme.text, line, font: theme.font };
        this.column.size.width = 0;
        this.column.show(this.code, this.turned, this.data.title);
        this.column.resize(room.width, Math.min(room.height, Math.max(48, 26 * layer.shape[0])), look);
      } else if (i === this.stages.length - 1) {
        if (this.made && this.looks && this.shape) paintItem(canvas, this.looks, this.made, this.shape, room, theme);
      } else {
        const values = this.seen.get(layer.name);
        if (values) paintUnits(canvas, scale, values, layer.shape, reachOf(values), room);
      }
    });
    this.say();
    this.owner.changed(this);
  }

  // What the code is at this moment, in a few words.
  say() {
    const { active } = this.column;
    const value = this.code.z[active];
    this.find("[data-act=back]").hidden = !this.turned;
    this.find(".now").textContent = value === undefined ? "" : `${nameOf(active)} = ${told(value)}`;
    this.root.classList.toggle("turned", this.turned);
  }

  /**
   * What joins the layers, from the item on, on a canvas behind all networks.
   * @param {CanvasRenderingContext2D} context
   * @param {DOMRect} origin of the canvas
   * @param {Element} item
   */
  join(context, origin, item) {
    const elements = this.stages.map(({ layer, canvas }) => (layer.part === "code" ? this.codeBox : canvas));
    const boxes = [item, ...elements].map((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return { left: left - origin.left, top: top - origin.top, width, height };
    });
    paintRibbons(context, boxes, legibleText(this.data.accent, this.look.theme.panel), this.look.across);
  }

  /**
   * The stop beside one, for the keys.
   * @param {HTMLElement} stop
   * @param {number} step
   */
  beside(stop, step) {
    const at = this.stages.findIndex((stage) => stage.stop === stop);
    return at < 0 ? null : (this.stages[at + step]?.stop ?? null);
  }

  /** @param {HTMLElement} stop */
  focus(stop) {
    for (const stage of this.stages) stage.stop.tabIndex = stage.stop === stop ? 0 : -1;
    stop.focus();
  }

  /**
   * Mark the layer that is open.
   * @param {string | null} name
   */
  mark(name) {
    for (const { layer, stop } of this.stages) stop.setAttribute("aria-expanded", String(layer.name === name));
  }

  /**
   * What a layer reads: what the one before gives.
   * @param {string} name
   * @param {Float32Array} item
   * @returns {ArrayLike<number>}
   */
  before(name, item) {
    const at = this.stages.findIndex(({ layer }) => layer.name === name);
    const { part } = this.stages[at].layer;
    if (at === 0) return item.map((value) => (Number.isNaN(value) ? 0 : value));
    const previous = this.stages[at - 1].layer;
    if (part === "decoder" && previous.part === "code") return this.code.z;
    return this.seen.get(previous.name) ?? [];
  }

  /**
   * @param {string} name
   * @returns {Float32Array | undefined}
   */
  activations(name) {
    const layer = this.data.layers.find((other) => other.name === name);
    return layer?.part === "code" ? this.code.z : this.seen.get(name);
  }

  /**
   * The filter that Python sent of a unit.
   * @param {import("./network_view.js").UnitData} unit
   * @returns {import("./filters.js").Filter | null}
   */
  sentFilter({ filter, bias }) {
    if (!filter || !bias) return null;
    const weights = /** @type {Float32Array} */ (unpack(filter));
    return { weights, shape: filter.shape, bias: unpack(bias) };
  }

  destroy() {
    this.column.destroy();
  }
}

// A draw from N(0, 1) (Box and Muller 1958).
function gaussian() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}
