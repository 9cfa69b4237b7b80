// The latent map: thousands of items as dots, their pictures under the pointer, one selection for a group of maps.

import { classColours, css, pixel, unpacked } from "../js/colours.js";
import {
  calm,
  clamp,
  contextOf,
  download,
  finder,
  fitCanvas,
  grouped,
  later,
  mounting,
  shared,
  unpack,
  wipe,
} from "../js/common.js";
import { bounds, centres, gridIndex, nearest } from "../js/points.js";
import { fitTile, paintTile } from "../js/sheets.js";
import { ticks } from "../js/ticks.js";
import {
  between,
  centred,
  fit,
  panned,
  resized,
  seenFrom,
  seenText,
  stampOf,
  toPlane,
  toScreen,
  zoomAt,
} from "../js/view.js";
import { ramp, span } from "./colours.js";
import { svgOf } from "./drawing.js";
import { along, figureText, fromBits, nearestPlace, toBits, towards } from "./geometry.js";
import { listen } from "./gestures.js";
import { DIMMED, SHOWN, paintCloud, paintOver, readTheme, valueShades } from "./painting.js";
import { Solid, USUAL, pushed, seenOf } from "./turning.js";

/**
 * @typedef {import("../js/common.js").Packed} Packed
 * @typedef {import("../js/common.js").Typed} Typed
 * @typedef {import("../js/view.js").View} View
 * @typedef {{ start: number, duration: number, step: (t: number) => void }} Motion
 *
 * @typedef {object} Group What the maps of one group share.
 * @property {string} name
 * @property {number} hovered -1 for none, as below
 * @property {Set<number>} off hidden classes
 * @property {number} pressed class that was shown or hidden last
 * @property {number} spotlight class that stands out
 * @property {string} names of the classes
 * @property {number} selected
 * @property {number[] & { flags?: boolean }} marked where `flags` is set, marks may be on nothing
 * @property {string | null} request stamp of the last that was taken over
 * @property {number} sent number of the last message
 * @property {number} sentAt
 * @property {{ handle: string, item: number } | null} aim where a handle is taken to: an item
 * @property {number} puts how often one was put somewhere
 *
 * @typedef {{ lo: number, hi: number, whole: boolean, steps: Packed }} Quantised Numbers as sixteen-bit steps from `lo` to
 *   `hi`; the last step stands for none. `whole` where they are whole numbers.
 * @typedef {{ x: number, y: number, z?: number, label?: string, url?: string, handle?: string }} Extra `z`: on a map of three
 *   dimensions. `handle`: a letter; it is dragged to an item, or put by that key on the one in focus
 *
 * @typedef {object} Data
 * @property {string} title above the map
 * @property {string | null} accent the model's colour; the page's where it is null
 * @property {string} group maps of one group share pointer, selection and hidden classes
 * @property {number} height of the whole part, in px
 * @property {string | null} atlas name of the atlas whose tile i is the picture of item i
 * @property {{ x: Quantised, y: Quantised, z?: Quantised }} places of the items; with `z` the map turns
 * @property {Packed | null} labels class of each item, from 0
 * @property {string[]} names of the classes
 * @property {string[]} colours of the classes, taken in turn
 * @property {Quantised | null} values that colour the points in place of the classes
 * @property {string} valueLabel what the values measure, with the unit
 * @property {number[] | null} valueSpan the values at both ends of the colours; the map's own where it is null
 * @property {{ label: string, numbers: Quantised }[]} figures of each item, for the card under the pointer
 * @property {Extra[]} extras new items: a place, a name, the URL of a picture
 * @property {number[][] | null} path places joined by a line
 * @property {{ name: string, way: number, t: number } | null} walk the scrubber that moves a mark along the path, which of
 *   its ways the mark shows, and where it stands before it is heard of
 * @property {Request} request the choice to take over, once per stamp
 * @property {{ view: string, hidden: string } | null} link names under which a link keeps what the map shows
 * @property {string | null} below key of the page's element that shows the marked items, where there is one
 *
 * @typedef {{ selected: number | null, marked: string, stamp: string, heard: number }} Request `marked`: one bit for each
 *   item, in base64; `heard`: number of the last message that Python had then.
 *
 * @typedef {object} Events
 * @property {{ number: number, selected: number | null, marked: string }} choice after a click, a lasso or a key: the
 *   number of the message, and all that is chosen now
 * @property {{ number: number, handle: string, item: number }} placed how often a handle was put on an item, which and where
 */

const PADDING = 26; // px kept free round the cloud
const MAX_ZOOM = 64;
const HANDLE_PX = 28; // px round the middle of a handle that take hold of it
const SAME_PX = 0.02; // px between two places that are one
const KEEP_DELAY_MS = 300; // ms without a zoom or a pan before the link has the view
const MAX_PAINT_MS = 9; // ms: a cloud that takes longer is moved as a picture and painted anew when the hand rests
const MESSAGE_TIMEOUT_MS = 5000; // ms: a message to Python that old has been heard, or never will be
/** @param {number} t */
const ease = (t) => 1 - (1 - t) ** 3;

/**
 * What the maps of one group share in the browser; it outlives them, so that a map built anew finds it again.
 * @param {string} name
 */
function groupOf(name) {
  const groups = (shared().mapGroups ??= new Map());
  if (!groups.has(name)) {
    const look = { hovered: -1, off: new Set(), pressed: -1, spotlight: -1, names: "", aim: null, puts: 0 };
    groups.set(name, { name, ...look, selected: -1, marked: [], request: null, sent: 0, sentAt: 0 });
  }
  return groups.get(name);
}

/**
 * {lo, hi, steps: packed uint16} as quantised by Python -> Float32Array; the last step stands for "no value".
 * @param {Quantised} quantised
 */
export function restore({ lo, hi, steps }) {
  const unit = (hi - lo) / 65534;
  return Float32Array.from(unpack(steps), (step) => (step === 65535 ? NaN : lo + step * unit));
}

export class LatentMap {
  /** @param {Omit<import("../js/common.js").Host<Data, Events>, "data">} host */
  constructor({ root, send, link }) {
    const find = finder(root);
    this.find = find;
    this.root = root;
    this.send = send;
    this.link = link;
    this.stage = find(".stage");
    this.canvas = find(".cloud");
    this.over = find(".over");
    this.card = find(".card");
    this.marksButton = find(".marks");
    this.belowButton = find(".below");
    this.aloneButton = find(".alone");
    this.spoken = find(".spoken");
    this.classes = find(".classes");
    this.mode = "pan";
    /** @type {View} */
    this.view = { k: 1, tx: 0, ty: 0 };
    /** @type {View} */
    this.home = { k: 1, tx: 0, ty: 0 };
    this.atHome = true;
    this.width = 0;
    this.height = 0;
    this.count = 0;
    /** @type {ReturnType<typeof centres>} */
    this.centres = [];
    /** @type {import("./points.js").Cloud} */
    this.cloud = { xs: [], ys: [], state: [], shade: [] };
    /** @type {Map<string, HTMLImageElement | null>} */
    this.images = new Map();
    /** @type {Map<string, Motion>} */
    this.motions = new Map();
    this.cost = 0;
    this.dirty = true;
    this.byKey = false;
    /** @type {import("./gestures.js").Gesture | null} */
    this.gesture = null;
    /** @type {Data} */
    this.data = later;
    /** @type {Group} */
    this.group = later;
    /** @type {Float32Array} */
    this.xs = new Float32Array();
    this.ys = this.xs;
    /** @type {Solid | null} */
    this.solid = null; // of three dimensions, of which xs and ys are what is seen now
    /** @type {(ReturnType<typeof centres>[number] & { z: number })[]} */
    this.middles = []; // of its classes
    /** @type {ReturnType<typeof gridIndex>} */
    this.index = later;
    /** @type {Typed | null} */
    this.labels = null;
    /** @type {Float32Array | null} */
    this.values = null;
    this.range = [0, 1];
    /** @type {{ label: string, numbers: Quantised, values: Float32Array | null }[]} */
    this.figures = [];
    this.request = ""; // stamp of the last
    /** @type {ReturnType<typeof readTheme>} */
    this.theme = later;
    /** @type {import("../js/colours.js").Colour[]} */
    this.colours = [];
    /** @type {Uint32Array} */
    this.shades = new Uint32Array();
    /** @type {any} */
    this.sheet = undefined; // the atlas
    /** @type {ReturnType<typeof paintCloud> | null} */
    this.painted = null;
    /** @type {ImageData | null} */
    this.buffer = null;
    /** @type {number | null} */
    this.frame = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.settling = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.keeping = undefined;
    /** @type {ReturnType<typeof seenFrom>} */
    this.linked = null; // the view that the link names, until there is room to show it
    this.stamps = { view: "", hidden: "" }; // of the places, and of the classes
    this.abort = new AbortController();
    listen(this);
    for (const button of root.querySelectorAll("[data-tool]")) {
      const name = button.getAttribute("data-tool") ?? "";
      button.addEventListener("click", () => this.tool(name), { signal: this.abort.signal });
    }
    this.marksButton.addEventListener("click", () => this.mark([]), { signal: this.abort.signal });
    this.aloneButton.addEventListener("click", () => this.oneOrAll(), { signal: this.abort.signal });
    const lead = () => document.querySelector(`.st-key-${this.data.below}`)?.scrollIntoView({ block: "start" });
    this.belowButton.addEventListener("click", lead, { signal: this.abort.signal });
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.stage);
    /** @type {(event: string, act: (event: any) => unknown) => void} */
    const on = (event, act) => shared().events.addEventListener(event, act, { signal: this.abort.signal });
    on("atlas", (event) => event.detail === this.data.atlas && this.ask(true));
    on("latent-map", (event) => event.detail.group === this.group.name && this.onEvent(event.detail));
    on("walk", (event) => event.detail === this.data.walk?.name && this.ask());
    link?.watch(() => this.recall(), this.abort.signal);
    this.tool("pan");
  }

  destroy() {
    this.abort.abort();
    this.sizes.disconnect();
    clearTimeout(this.settling);
    clearTimeout(this.keeping);
    cancelAnimationFrame(this.frame ?? 0);
  }

  // ---- data from Python: only what differs from the last call is unpacked

  /** @param {Data} data */
  update(data) {
    const before = this.data;
    /** @param {keyof Data} name */
    const differs = (name) => JSON.stringify(data[name]) !== JSON.stringify(before?.[name]);
    this.data = data;
    this.group = groupOf(data.group);
    this.root.style.height = `${data.height}px`;
    Object.assign(this.find(".title"), { textContent: data.title, title: data.title });
    this.root.classList.toggle("untitled", !data.title);
    const moved = differs("places");
    const relabelled = differs("labels");
    if (relabelled) this.labels = data.labels && unpack(data.labels);
    if (differs("values") || differs("valueSpan")) {
      this.values = data.values && restore(data.values);
      this.range = data.valueSpan ?? span(this.values ?? []);
    }
    if (differs("figures")) this.figures = data.figures.map((figure) => ({ ...figure, values: null }));
    if (moved) this.place(data.places);
    if (moved || relabelled) this.findCentres();
    if (differs("names")) this.rename();
    if (moved || differs("names")) this.stamp();
    if (differs("extras")) {
      this.group.aim = null;
      this.loadExtras();
    }
    if (moved || differs("extras") || differs("path")) this.fit();
    if (moved || differs("names")) this.recall(moved && Boolean(before));
    this.applyRequest(data.request);
    this.describe();
    this.theme = later; // a change of theme calls us, too
    this.restyle();
  }

  /** @param {Data["places"]} places */
  place(places) {
    const [before, oldXs, oldYs] = [this.view, this.cloud.xs, this.cloud.ys];
    [this.xs, this.ys] = [restore(places.x), restore(places.y)];
    this.count = this.xs.length;
    this.solid = places.z ? new Solid(this.xs, this.ys, restore(places.z)) : null;
    if (this.solid) [this.xs, this.ys] = [this.solid.xs, this.solid.ys];
    this.atHome = true;
    this.cloud = { ...this.cloud, xs: this.xs, ys: this.ys, order: this.solid?.order };
    if (this.solid) this.face(USUAL);
    else this.index = gridIndex(this.xs, this.ys);
    this.find(".empty").hidden = this.count > 0;
    for (const motion of ["points", "view"]) this.motions.delete(motion); // they led to the places before
    if (this.solid || oldXs.length !== this.count || !this.width || calm()) return;
    this.fit();
    // The old places in the new units, so that every point sets out from where it was on the screen.
    const grown = before.k / this.home.k;
    const [aside, above] = [(before.tx - this.home.tx) / this.home.k, (this.home.ty - before.ty) / this.home.k];
    const [fromXs, fromYs] = [oldXs.map((x) => x * grown + aside), oldYs.map((y) => y * grown + above)];
    const [xs, ys] = [new Float32Array(this.count), new Float32Array(this.count)];
    this.move("points", 600, (t) => {
      for (let i = 0; i < this.count; i++) {
        xs[i] = fromXs[i] + (this.xs[i] - fromXs[i]) * t;
        ys[i] = fromYs[i] + (this.ys[i] - fromYs[i]) * t;
      }
      Object.assign(this.cloud, t < 1 ? { xs, ys } : { xs: this.xs, ys: this.ys });
      this.dirty = true;
    });
  }

  findCentres() {
    const { solid, labels, xs, ys } = this;
    if (!solid || !labels) {
      this.centres = labels ? centres(xs, ys, labels) : [];
      return;
    }
    const [x, y, z] = solid.columns;
    const depths = new Map(centres(z, z, labels).map(({ label, x: depth }) => [label, depth]));
    this.middles = centres(x, y, labels).map((centre) => ({ ...centre, z: depths.get(centre.label) ?? 0 }));
    this.turnCentres();
  }

  turnCentres() {
    this.centres = this.middles.map(({ label, count, x, y, z }) => {
      const [across, up] = /** @type {Solid} */ (this.solid).seen([x, y, z]);
      return { label, count, x: across, y: up };
    });
  }

  /**
   * Turn a map of three dimensions.
   * @param {import("./turning.js").Pose} pose
   */
  face(pose) {
    if (!this.solid) return;
    this.solid.turn(pose);
    this.index = gridIndex(this.xs, this.ys);
    this.turnCentres();
    this.ask(true);
  }

  /**
   * Turn it by what a hand has moved, in px to the right and down, from a pose on.
   * @param {import("./turning.js").Pose} pose
   * @param {number} dx
   * @param {number} dy
   */
  push(pose, dx, dy) {
    const radius = Math.max(1, Math.min(this.width, this.height) / 2);
    this.face(pushed(pose, dx / radius, -dy / radius));
  }

  /**
   * A selection asked for from outside (a link, another page), once per request and group.
   * @param {Request} request
   */
  applyRequest(request) {
    if (this.request === request.stamp) return;
    this.request = request.stamp;
    if (this.group.request === request.stamp) return;
    // A click that Python has not heard of yet is newer than the request.
    if (this.group.sent > request.heard && performance.now() - this.group.sentAt < MESSAGE_TIMEOUT_MS) return;
    const marked = fromBits(request.marked).filter((i) => i < this.count);
    Object.assign(this.group, { request: request.stamp, selected: request.selected ?? -1, marked });
    this.tell("choice");
  }

  loadExtras() {
    const urls = new Set(this.data.extras.flatMap(({ url }) => (url ? [url] : [])));
    for (const url of this.images.keys()) if (!urls.has(url)) this.images.delete(url);
    for (const url of urls) {
      if (this.images.has(url)) continue;
      const image = new Image();
      this.images.set(url, null);
      image.onload = () => {
        this.images.set(url, image);
        this.ask();
      };
      image.src = url;
    }
  }

  // ---- the view

  resize() {
    const [width, height] = [this.stage.clientWidth, this.stage.clientHeight];
    if (!width || !height || (width === this.width && height === this.height)) return;
    const { width: wide, height: tall, view, zoom } = this;
    [this.width, this.height] = [width, height];
    this.fit();
    if (wide && !this.atHome) this.view = resized(view, wide, tall, width, height, this.home.k * zoom);
    this.ask(true);
  }

  fit() {
    if (!this.width || !this.count) return;
    const { path, extras } = this.data;
    const more = [...(path ?? []), ...extras.map(({ x, y }) => [x, y])];
    const { reach } = this.solid ?? {};
    const box = reach ? /** @type {const} */ ([-reach, reach, -reach, reach]) : bounds(this.xs, this.ys, more);
    this.home = fit(box, this.width, this.height, PADDING);
    if (this.linked) this.show(this.linked);
    if (this.atHome) this.view = { ...this.home };
  }

  // ---- what a link keeps: the view of these places, and which of these classes are hidden

  stamp() {
    const { places, names } = this.data;
    const ends = [places.x.lo, places.x.hi, places.y.lo, places.y.hi, this.count];
    this.stamps = { view: stampOf(ends.join()), hidden: stampOf(names.join()) };
  }

  /**
   * Show what the link says of this map. What it says of another, which was here before, leaves it.
   * @param {boolean} [clear]
   */
  recall(clear = false) {
    const { link, data } = this;
    if (!link || !data?.link) return;
    clearTimeout(this.keeping);
    const { view, hidden } = data.link;
    const text = link.read(view);
    const turned = this.solid && seenOf(text, this.solid.edge);
    if (turned) this.face(turned.pose);
    const seen = turned
      ? { zoom: turned.zoom, x: turned.aside[0], y: turned.aside[1] }
      : seenFrom(text, this.stamps.view);
    if (seen) this.show(seen);
    else if (clear) link.write(view, "");
    else if (text === null && !this.atHome) this.reset(); // another text is of places that are on their way
    const [stamp, ...classes] = (link.read(hidden) ?? "").split("_");
    const off =
      stamp === this.stamps.hidden
        ? classes.map(Number).filter((/** @type {number} */ label) => label < data.names.length)
        : [];
    if (!off.length && clear) link.write(hidden, "");
    if (String(off) === String([...this.group.off].sort((a, b) => a - b))) return;
    this.group.off = new Set(off);
    this.tell("classes");
  }

  /** @param {{ zoom: number, x: number, y: number }} seen */
  show(seen) {
    this.linked = this.width ? null : seen;
    if (!this.width) return;
    this.motions.delete("view");
    this.view = centred(seen.x, seen.y, this.home.k * clamp(seen.zoom, 0.5, MAX_ZOOM), this.width, this.height);
    this.atHome = false;
    this.ask();
  }

  // When the hand rests, the link has what is seen.
  keep() {
    const { link, data } = this;
    clearTimeout(this.keeping);
    if (!link || !data.link) return;
    const { view, hidden } = data.link;
    this.keeping = setTimeout(() => {
      const middle = toPlane(this.view, this.width / 2, this.height / 2);
      if (!this.solid) link.write(view, this.atHome ? "" : seenText(this.stamps.view, this.zoom, middle));
      const off = [...this.group.off].sort((a, b) => a - b);
      link.write(hidden, off.length ? [this.stamps.hidden, ...off].join("_") : "");
    }, KEEP_DELAY_MS);
  }

  get zoom() {
    return this.view.k / this.home.k;
  }

  /** @type {() => [least: number, most: number]} */
  limits = () => [this.home.k / 2, this.home.k * MAX_ZOOM];
  /** @param {number} item */
  placeOf = (item) => toScreen(this.view, this.cloud.xs[item], this.cloud.ys[item]);

  /**
   * The item within `reach` pixels of the pixel (x, y), or whose picture is there; -1 when there is none.
   * @param {number} x
   * @param {number} y
   * @param {number} least
   */
  under(x, y, least) {
    const reach = Math.max(least, (this.painted?.size ?? 0) / 2);
    return nearest(this.index, ...toPlane(this.view, x, y), reach / this.view.k, this.cloud.state);
  }

  /** @param {View} view */
  look(view) {
    this.motions.delete("view");
    this.view = view;
    this.atHome = false;
    this.ask();
    this.keep();
  }

  /** @param {View | null} view  null for home, wherever that is by then: the frame may grow on the way */
  glide(view) {
    const from = { ...this.view };
    this.move("view", calm() ? 0 : 220, (t) => {
      const to = view ?? this.home;
      this.view = t === 1 ? { ...to } : between(from, to, t);
      this.atHome = !view && t === 1;
      if (t === 1) this.keep();
    });
  }

  /** @param {number} factor */
  zoomBy(factor) {
    this.glide(zoomAt(this.view, this.width / 2, this.height / 2, factor, ...this.limits()));
  }

  reset() {
    this.face(USUAL);
    this.glide(null);
  }

  /**
   * @param {string} name
   * @param {number} duration
   * @param {(t: number) => void} step
   */
  move(name, duration, step) {
    this.motions.set(name, { start: performance.now(), duration, step });
    this.ask();
  }

  // ---- handles: new items that a hand takes to an item of the map

  /**
   * The new items where they stand now: one that is held stands at its item.
   * @returns {(Extra & { item?: number })[]}
   */
  get extras() {
    const { aim } = this.group;
    return this.data.extras.map((extra) => {
      if (aim && extra.handle === aim.handle) return { ...extra, ...this.asItem(aim.item, extra.label) };
      const [x, y] = this.solid?.seen([extra.x, extra.y, extra.z ?? 0]) ?? [extra.x, extra.y];
      return { ...extra, x, y };
    });
  }

  /**
   * What a new item is while it stands for an item of the map.
   * @param {number} item
   * @param {string} [label]
   */
  asItem(item, label) {
    const name = this.labels ? `: ${this.data.names[this.labels[item]]}` : "";
    return { x: this.xs[item], y: this.ys[item], label: `${label}${name}`, item };
  }

  /**
   * The handle within reach of the pixel (x, y); null for none.
   * @param {number} x
   * @param {number} y
   */
  handleAt(x, y) {
    const places = this.data.extras
      .filter(({ handle }) => handle)
      .map((extra) => toScreen(this.view, extra.x, extra.y));
    const near = nearestPlace(places, x, y, HANDLE_PX);
    return near < 0 ? null : (this.data.extras.filter(({ handle }) => handle)[near].handle ?? null);
  }

  /**
   * The handle goes with the hand: it stands at the item nearest to the pixel.
   * @param {string} handle
   * @param {import("../js/view.js").Pixel} at
   */
  aim(handle, at) {
    const reach = Math.hypot(this.width, this.height) / this.view.k;
    const item = nearest(this.index, ...toPlane(this.view, ...at), reach, this.cloud.state);
    if (item < 0) return;
    Object.assign(this.group, { aim: { handle, item }, hovered: -1 });
    this.tell("hover");
  }

  /**
   * Put a handle on an item.
   * @param {string} handle
   * @param {number} item
   */
  put(handle, item) {
    const { group } = this;
    const before = this.data.extras.find((extra) => extra.handle === handle);
    const [x, y] = [this.xs[item], this.ys[item]];
    const there = before && Math.hypot(before.x - x, before.y - y) * this.view.k < SAME_PX;
    Object.assign(group, { aim: there ? null : { handle, item }, hovered: -1 });
    this.tell("hover");
    if (there) return;
    this.spoken.textContent = `${handle}: ${this.words(item)}`;
    this.send("placed", { number: ++group.puts, handle, item });
  }

  // Where the mark stands that a scrubber moves along the path, and what it shows; null for none.
  get walker() {
    const { walk, path } = this.data;
    if (!walk || !path || this.group.aim) return null;
    const heard = shared().walks?.get(walk.name);
    return { place: along(path, heard?.t ?? walk.t), picture: heard?.pictures[walk.way] };
  }

  // ---- what the person does

  /** @param {string} name */
  tool(name) {
    if (name === "in") this.zoomBy(1.6);
    else if (name === "out") this.zoomBy(1 / 1.6);
    else if (name === "reset") this.reset();
    else if (name === "save") this.save();
    else if (name === "draw") this.saveDrawing();
    else {
      this.mode = this.stage.dataset.mode = name;
      for (const mode of ["pan", "lasso", "box"]) {
        this.find(`[data-tool=${mode}]`).setAttribute("aria-pressed", String(mode === name));
      }
    }
  }

  /**
   * @param {number} item
   * @param {boolean} [byKey]
   */
  hover(item, byKey = false) {
    this.byKey = byKey && item >= 0;
    if (item === this.group.hovered) return;
    this.group.hovered = item;
    this.tell("hover");
    if (byKey && item >= 0) this.spoken.textContent = this.words(item);
  }

  /** @param {number} item */
  choose(item) {
    if (item === this.group.selected) return;
    this.group.selected = item;
    this.commit();
  }

  /**
   * @param {number[]} items
   * @param {boolean} [add]
   */
  mark(items, add = false) {
    const marked = add ? [...new Set([...this.group.marked, ...items])].sort((a, b) => a - b) : items;
    if (!marked.length && !this.group.marked.length) return;
    this.group.marked = marked;
    this.commit();
    this.spoken.textContent = `${grouped(marked.length)} ${marked.length === 1 ? "item" : "items"} marked`;
  }

  /**
   * Mark an item beside those that are, or no longer.
   * @param {number} item
   */
  toggleMark(item) {
    const { marked } = this.group;
    if (item >= 0) this.mark(marked.includes(item) ? marked.filter((i) => i !== item) : [item], !marked.includes(item));
  }

  clear() {
    if (this.group.selected < 0 && !this.group.marked.length) return;
    Object.assign(this.group, { selected: -1, marked: [] });
    this.commit();
  }

  drop() {
    if (this.gesture?.kind === "handle") this.group.aim = null;
    this.gesture = null;
    this.stage.removeAttribute("data-dragging");
    this.ask();
  }

  // One message to Python, whatever changed.
  commit() {
    const { selected, marked } = this.group;
    this.tell("choice");
    this.group.sentAt = performance.now();
    const number = ++this.group.sent;
    this.send("choice", { number, selected: selected < 0 ? null : selected, marked: toBits(marked, this.count) });
  }

  /**
   * From the item in focus to its neighbour that way; where there is none, the view moves.
   * @param {number} dx
   * @param {number} dy
   */
  step(dx, dy) {
    const from = this.group.hovered >= 0 ? this.group.hovered : this.group.selected;
    const shown = this.cloud.state;
    if (!shown[from]) {
      const middle = toPlane(this.view, this.width / 2, this.height / 2);
      return this.hover(nearest(this.index, ...middle, Math.hypot(this.width, this.height) / this.view.k, shown), true);
    }
    const next = towards(this.xs, this.ys, this.xs[from], this.ys[from], dx, dy, shown, from);
    if (next < 0) return this.look(panned(this.view, -60 * dx, 60 * dy));
    const [x, y] = toScreen(this.view, this.xs[next], this.ys[next]);
    /**
     * @param {number} at
     * @param {number} size
     */
    const nudge = (at, size) => Math.max(0, 30 - at) - Math.max(0, at - size + 30);
    const [ax, ay] = [nudge(x, this.width), nudge(y, this.height)];
    if (ax || ay) this.look(panned(this.view, ax, ay));
    this.hover(next, true);
  }

  save() {
    const { margin } = this.paintExactly();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [this.over.width, this.over.height];
    const context = contextOf(canvas);
    const ratio = canvas.width / this.width;
    context.drawImage(this.canvas, -margin * ratio, -margin * ratio);
    context.drawImage(this.over, 0, 0);
    canvas.toBlob((blob) => download(blob, `${this.data.title || "latent map"}.png`), "image/png");
  }

  saveDrawing() {
    const drawing = svgOf(this);
    download(new Blob([drawing], { type: "image/svg+xml" }), `${this.data.title || "latent map"}.svg`);
  }

  // ---- the group

  /** @param {string} what */
  tell(what) {
    const detail = { group: this.group.name, what, source: this };
    shared().events.dispatchEvent(new CustomEvent("latent-map", { detail }));
  }

  /** @param {{ what: string }} event */
  onEvent({ what }) {
    if (what === "hover") this.ask();
    else this.restyle();
  }

  /**
   * @param {number} label
   * @param {boolean} alone
   */
  toggle(label, alone) {
    const { off } = this.group;
    const labels = this.data.names.keys();
    this.group.pressed = label;
    if (!alone) off.has(label) ? off.delete(label) : off.add(label);
    else if (off.size === this.data.names.length - 1 && !off.has(label)) off.clear();
    else for (const other of labels) other === label ? off.delete(other) : off.add(other);
    this.tell("classes");
    this.keep();
  }

  // What a button over the map does once a class is hidden: show that class alone, or all again where one is alone. A
  // double-click on a class is quicker, but neither a touch screen nor the keys tell of it.
  get offersAll() {
    const { off, pressed } = this.group;
    return pressed < 0 || off.size === this.data.names.length - 1;
  }

  oneOrAll() {
    if (!this.offersAll) return this.toggle(this.group.pressed, true);
    this.group.off.clear();
    this.tell("classes");
    this.keep();
    this.classes.querySelector("button")?.focus(); // this button is gone
  }

  /** @param {number} label */
  spotlight(label) {
    if (this.group.spotlight === label) return;
    this.group.spotlight = label;
    this.tell("classes");
  }

  // ---- looks

  rename() {
    const signature = JSON.stringify(this.data.names);
    if (this.group.names !== signature)
      Object.assign(this.group, { names: signature, off: new Set(), pressed: -1, spotlight: -1 });
    this.classes.replaceChildren(
      ...this.data.names.map((name, label) => {
        const button = document.createElement("button");
        button.type = "button";
        button.title = "Show or hide; double-click: this one alone";
        button.append(Object.assign(document.createElement("span"), { className: "dot" }), name);
        button.addEventListener("click", (event) => this.toggle(label, event.shiftKey));
        button.addEventListener("dblclick", () => this.toggle(label, true));
        button.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && this.spotlight(label));
        button.addEventListener("pointerleave", () => this.spotlight(-1));
        return button;
      }),
    );
  }

  describe() {
    const { data, count } = this;
    const classes = data.names.length ? ` in ${data.names.length} classes` : "";
    const handles = data.extras.flatMap(({ handle }) => handle ?? []);
    this.stage.setAttribute(
      "aria-label",
      `${data.title || "Latent map"}: ${grouped(count)} items${classes}. ` +
        (this.solid
          ? "Arrow keys turn it, with Shift they go from item to item, plus and minus zoom, Enter selects, "
          : "Arrow keys go from item to item, with Shift they move the map, plus and minus zoom, Enter selects, ") +
        "M marks an item, with Shift all in view, Escape clears." +
        (handles.length ? ` ${handles.join(" or ")} puts that end on the item in focus.` : ""),
    );
    const hand = this.solid ? "Turn and point" : "Move and point";
    const told = this.solid ? "drag to turn, with Shift to move, hover to see" : "drag to move, hover to see";
    Object.assign(this.find("[data-tool=pan]"), { title: `${hand}: ${told}`, ariaLabel: hand });
    this.find("footer").hidden = !(data.names.length || data.values);
    this.find(".tools").hidden = !count;
    this.find(".scale").hidden = !data.values;
    this.classes.classList.toggle("plain", Boolean(data.values));
  }

  // Which points show, which stand back, and the shade of each.
  restyle() {
    const { group, labels, values, count } = this;
    const [state, shade] = [new Uint8Array(count), new Uint16Array(count)];
    const chosen = group.marked.length || group.marked.flags ? new Uint8Array(count) : null; // flags may be on nothing
    if (chosen) for (const i of group.marked) if (i < count) chosen[i] = 1;
    const hidden = new Uint8Array(65536);
    for (const label of group.off) hidden[label] = 1;
    const [lo, hi] = this.range;
    for (let i = 0; i < count; i++) {
      const label = labels ? labels[i] : 0;
      const aside = (chosen && !chosen[i]) || (labels && group.spotlight >= 0 && label !== group.spotlight);
      state[i] = labels && hidden[label] ? 0 : aside ? DIMMED : SHOWN;
      if (values)
        shade[i] = Number.isNaN(values[i]) ? 256 : 255 * Math.min(1, Math.max(0, (values[i] - lo) / (hi - lo)));
      else if (labels) shade[i] = label % this.data.colours.length;
    }
    Object.assign(this.cloud, { state, shade });
    if (group.hovered >= 0 && !state[group.hovered]) group.hovered = -1;
    for (const [label, button] of [...this.classes.children].entries()) {
      button.setAttribute("aria-pressed", String(!group.off.has(label)));
    }
    this.aloneButton.hidden = !group.off.size;
    this.aloneButton.textContent = this.offersAll ? "all classes" : `${this.data.names[this.group.pressed]} alone`;
    this.marksButton.hidden = !group.marked.length;
    this.belowButton.hidden = !(group.marked.length && this.data.below);
    this.marksButton.textContent = `${grouped(group.marked.length)} marked  ×`;
    this.marksButton.setAttribute("aria-label", `${grouped(group.marked.length)} marked: clear the marks`);
    this.ask(true);
  }

  // Colours as the theme has them now, on the canvas and in the legend.
  recolour() {
    const theme = readTheme(this.root, this.data.accent);
    if (this.theme?.signature === theme.signature) return;
    this.theme = theme;
    this.dirty = true;
    this.colours = classColours(this.data.colours, theme.ground);
    this.shades = this.values
      ? valueShades(theme)
      : Uint32Array.from(this.labels ? this.colours : [theme.accent], pixel);
    this.root.style.setProperty("--accent", css(theme.accent));
    for (const [label, button] of [...this.classes.children].entries()) {
      button.style.setProperty("--dot", css(this.colours[label % this.colours.length]));
    }
    if (!this.values) return;
    const gradient = this.find(".gradient");
    gradient.hidden = this.values.every(Number.isNaN); // no number, no colour
    const stops = Array.from({ length: 9 }, (_, step) => css(ramp(step / 8, theme.dark)));
    gradient.style.setProperty("--ramp", `linear-gradient(90deg, ${stops.join(", ")})`);
    this.find(".measure").textContent = this.data.valueLabel;
    const [lo, hi] = this.range;
    const large = parseFloat(getComputedStyle(gradient).getPropertyValue("--least-type")) > 0; // in front of a class
    gradient.replaceChildren(
      ...ticks(lo, hi, large ? 2 : 4, { room: 0.7 }).map((value) => {
        const mark = Object.assign(document.createElement("span"), { textContent: figureText(value) });
        mark.style.left = `${(100 * (value - lo)) / (hi - lo)}%`;
        return mark;
      }),
    );
  }

  /** @param {number} item */
  words(item) {
    const name = this.labels ? `, ${this.data.names[this.labels[item]]}` : "";
    return (
      `Item ${item}${name}` +
      this.facts(item)
        .map(([label, text]) => `, ${label} ${text}`)
        .join("")
    );
  }

  /** @param {number} item */
  facts(item) {
    return this.figures.map((figure) => {
      figure.values ??= restore(figure.numbers);
      return [figure.label, figureText(figure.values[item], figure.numbers.whole)];
    });
  }

  // ---- painting: at most once a frame

  ask(dirty = false) {
    this.dirty ||= dirty;
    this.frame ??= requestAnimationFrame((now) => {
      this.frame = null;
      this.paint(now);
    });
  }

  /** @param {number} now */
  paint(now) {
    if (!this.width || !this.data.request) return;
    for (const [name, { start, duration, step }] of this.motions) {
      const t = duration ? Math.min(1, Math.max(0, (now - start) / duration)) : 1;
      if (t === 1) this.motions.delete(name);
      step(t === 1 ? 1 : ease(t));
    }
    this.recolour();
    this.sheet = shared().atlases.get(this.data.atlas ?? "");
    this.paintCloud();
    const context = fitCanvas(this.over, this.width, this.height);
    wipe(context);
    this.over.style.width = `${this.width}px`;
    this.over.style.height = `${this.height}px`;
    paintOver(context, this);
    this.paintCard();
    this.expose();
    if (this.motions.size) this.ask();
  }

  paintCloud() {
    const { view, painted } = this;
    const still = painted && painted.view.k === view.k && painted.view.tx === view.tx && painted.view.ty === view.ty;
    if (still && !this.dirty) return;
    if (!this.dirty && this.cost > MAX_PAINT_MS && painted && this.covered(painted)) {
      this.shift(painted);
      clearTimeout(this.settling);
      this.settling = setTimeout(() => this.ask(true), 120);
      return;
    }
    this.paintExactly();
  }

  paintExactly() {
    const began = performance.now();
    const margin = this.cost > MAX_PAINT_MS ? Math.round(this.width / 5) : 0;
    this.painted = paintCloud(this.canvas, this, margin);
    this.cost = performance.now() - began;
    this.dirty = false;
    Object.assign(this.canvas.style, { left: `${-margin}px`, top: `${-margin}px`, transform: "none" });
    this.canvas.style.width = `${this.width + 2 * margin}px`;
    this.canvas.style.height = `${this.height + 2 * margin}px`;
    return this.painted;
  }

  /**
   * Whether the painted cloud, moved to the present view, still covers the stage well enough.
   * @param {ReturnType<typeof paintCloud>} painted
   */
  covered(painted) {
    const { view, width, height } = this;
    const f = view.k / painted.view.k;
    if (f < 0.6 || f > 2.2) return false;
    const [x, y] = [view.tx - painted.view.tx * f, view.ty - painted.view.ty * f];
    const slack = f < 1 ? Math.max(width, height) : 0;
    const edge = painted.margin * f + slack;
    return x <= edge && y <= edge && x + width * f >= width - edge && y + height * f >= height - edge;
  }

  /** @param {ReturnType<typeof paintCloud>} painted */
  shift(painted) {
    const { view } = this;
    const f = view.k / painted.view.k;
    /**
     * @param {number} now
     * @param {number} then
     */
    const at = (now, then) => now - (painted.margin + then) * f + painted.margin;
    this.canvas.style.transform = `translate(${at(view.tx, painted.view.tx)}px, ${at(view.ty, painted.view.ty)}px) scale(${f})`;
  }

  paintCard() {
    const { card, group, sheet, theme } = this;
    const item = group.hovered;
    card.hidden = !this.cloud.state?.[item];
    if (card.hidden) return;
    if (
      card.dataset.item !== String(item) ||
      card.sheet !== sheet?.image ||
      card.theme !== theme ||
      card.data !== this.data
    ) {
      Object.assign(card, { sheet: sheet?.image, theme, data: this.data });
      card.dataset.item = item;
      this.fillCard(item);
    }
    const [x, y] = this.placeOf(item);
    const [w, h] = [card.offsetWidth, card.offsetHeight];
    const left = x + 18 + w <= this.width ? x + 18 : x - 18 - w >= 0 ? x - 18 - w : Math.max(0, this.width - w);
    const top = Math.min(Math.max(0, this.height - h), Math.max(0, y - h / 2));
    card.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  /** @param {number} item */
  fillCard(item) {
    const { card, sheet } = this;
    const canvas = card.querySelector(".picture");
    canvas.hidden = !sheet?.image || item >= sheet.count;
    if (!canvas.hidden) {
      const wide = sheet.width > 1.25 * sheet.height;
      const times = Math.ceil((wide ? 144 : 84) / sheet.width);
      fitTile(canvas, sheet);
      canvas.style.width = `${sheet.width * times}px`;
      canvas.style.height = `${sheet.height * times}px`;
      paintTile(contextOf(canvas), sheet, item, 0, 0, sheet.width, sheet.height);
    }
    const name = card.querySelector(".name");
    name.hidden = !this.labels;
    if (this.labels) {
      card.querySelector(".dot").style.background = css(unpacked(this.shades[this.cloud.shade[item]]));
      card.querySelector("b").textContent = this.data.names[this.labels[item]];
    }
    card.querySelector(".item").textContent = `item ${grouped(item)}`;
    /**
     * @param {string} tag
     * @param {string} text
     */
    const entry = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
    card.querySelector("dl").replaceChildren(...this.facts(item).flatMap(([l, t]) => [entry("dt", l), entry("dd", t)]));
  }

  // What a test or a screen reader's user may want to know, as attributes; nothing reads them here.
  expose() {
    const { group, view } = this;
    /** @param {number} item */
    const has = (item) => (item >= 0 && item < this.count ? item : "");
    this.stage.toggleAttribute("data-over", has(group.hovered) !== "");
    Object.assign(this.root.dataset, {
      count: this.count,
      hovered: has(group.hovered),
      selected: has(group.selected),
      marked: group.marked.length,
      extras: this.data.extras.length,
      ends: this.extras
        .flatMap(({ handle, x, y }) => (handle ? [toScreen(view, x, y).map(Math.round).join()] : []))
        .join(" "),
      walker: this.walker?.place.map((value) => value.toFixed(3)).join() ?? "",
      off: [...group.off].sort((a, b) => a - b).join(" "),
      atlas: this.sheet?.image ? "ready" : "",
      pictures: this.painted?.pictures ?? 0,
      zoom: this.zoom.toFixed(3),
      view: [view.k, view.tx, view.ty].join(" "),
      pose: this.solid?.pose.towards.map((value) => value.toFixed(3)).join(" ") ?? "",
      busy: this.motions.size > 0,
    });
  }
}

export const mount = mounting(LatentMap);
