// ---- Arithmetic of the path: pure, tested on its own.

import { calm, clamp, contextOf, finder, later, mounting, shared } from "../js/common.js";
import { Decoder, whenNetwork } from "../js/networks.js";
import { kept } from "../js/commits.js";
import { Player } from "../js/player.js";
import { Sheets, fitTile, paintFilm, paintTile, readableWidth, shownIn } from "../js/sheets.js";

/**
 * @typedef {import("../js/sheets.js").Sheet} Sheet
 *
 * @typedef {object} Data
 * @property {{ label: string, accent: string, sheet: Sheet, shown: number, between: Between | null }[]} strips as many
 *   tiles in each, of which the film shows `shown`
 * @property {number} t where the handle stands, from 0 to 1
 * @property {boolean} autoplay whether it runs to and fro from the start
 * @property {string} label of the handle
 * @property {import("../js/commits.js").Told} told the scrubber's name on the page, and how often Python has set `t`
 * @property {string} walk the name under which maps of the page follow the handle; "" for none
 * @property {{ name: string, usual: number } | null} link the name under which a link keeps where the handle rests, and
 *   where that is in a link that says nothing
 * @property {number} opens of how many of the first strips the picture at the handle can be opened
 *
 * @typedef {{ tab?: import("../js/networks.js").Tab, blend?: boolean }} Between what a strip's picture is between two
 *   tiles: what the tab decodes, the axes being the tiles' codes, or a mixture of both; the nearer one where it is null
 *
 * @typedef {object} Events
 * @property {number} t where the handle rests, from 0 to 1
 * @property {{ strip: number, tile: number, number: number }} opened the picture that is opened, and how many were so far
 */

const PASS_MS = 3000; // ms from one end to the other
const DWELL_MS = 350; // ms of rest at each end, so that both ends are seen
const MIN_TILE = 32; // px a tile of the film needs to be read
const MAX_SHARE = 0.3; // of the whole width, of the picture at the handle
const MAX_FILM = 84; // px of a film's height
const DIGITS = 3; // after the point of a t in a link

/**
 * @param {number} t
 * @param {number} count
 */
function stepAt(t, count) {
  return clamp(Math.round(t * (count - 1)), 0, count - 1);
}

/**
 * Where t stands among `count` tiles: so far, from 0 to 1, from a tile to the next one.
 * @param {number} t
 * @param {number} count
 */
export function between(t, count) {
  const tile = Math.min(count - 2, Math.floor(t * (count - 1)));
  return { tile, share: t * (count - 1) - tile };
}

/**
 * The tiles a film shows: evenly spaced, the first and the last among them, as many as can be read.
 * @param {number} count
 * @param {number} shown
 * @param {number} width
 * @param {number} [least]
 */
export function filmTiles(count, shown, width, least = MIN_TILE) {
  const number = clamp(Math.min(shown, Math.floor(width / least)), 2, count);
  return Array.from({ length: number }, (_, i) => Math.round((i * (count - 1)) / (number - 1)));
}

/**
 * Half a tile at each end lies beyond the path, so that the first and the last tile stand under its ends.
 * @param {number} t
 * @param {number} width
 * @param {number} tiles
 */
export function toPixel(t, width, tiles) {
  return width / tiles / 2 + t * (width - width / tiles);
}

/**
 * @param {number} x
 * @param {number} width
 * @param {number} tiles
 */
export function toT(x, width, tiles) {
  return clamp((x - width / tiles / 2) / (width - width / tiles), 0, 1);
}

/**
 * Playing runs through a cycle: there, rest, back, rest. Where a phase (ms) of it stands…
 * @param {number} phase
 */
export function positionAt(phase) {
  const part = phase % (2 * (PASS_MS + DWELL_MS));
  const back = part - PASS_MS - DWELL_MS;
  return back < 0 ? Math.min(1, part / PASS_MS) : Math.max(0, 1 - back / PASS_MS);
}

/**
 * … and the phase at which a position is passed, on the way there or back.
 * @param {number} t
 * @param {boolean} back
 */
export function phaseAt(t, back) {
  return back ? PASS_MS + DWELL_MS + (1 - t) * PASS_MS : t * PASS_MS;
}

/**
 * Where a key takes t; null for a key that is not ours.
 * @param {string} key
 * @param {number} t
 * @param {number} count
 */
export function keyTarget(key, t, count) {
  /** @type {Record<string, number>} */
  const moves = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5 };
  if (key in moves) return clamp((stepAt(t, count) + moves[key]) / (count - 1), 0, 1);
  return { Home: 0, End: 1 }[key] ?? null;
}

// ---- One mounted part.

class Scrubber extends Player {
  /** @param {Omit<import("../js/common.js").Host<Data, Events>, "data">} host */
  constructor(host) {
    const { root } = host;
    const find = finder(root);
    super(host, "t", { band: find(".band"), handle: find(".handle"), button: find(".play") });
    this.find = find;
    this.link = host.link;
    /** @type {Data} */
    this.data = later;
    /** @type {import("../js/sheets.js").GroundedSheet[]} */
    this.sheets = later;
    this.count = 0; // tiles of a strip
    this.asked = 0; // how many pictures were opened
    this.shown = 2; // tiles seen of each film
    this.back = false; // whether it plays back to the start
    /** @type {number | null} */
    this.painted = null;
    /** @type {(Decoder | null)[]} */
    this.decoders = [];
    this.places = new Float32Array(0); // how much of each tile's code a code has
    this.abort = new AbortController();
    whenNetwork(() => this.data && this.paint(true), this.abort.signal);
    this.box = find(".rows");
    /** @type {{ cell: HTMLElement, picture: HTMLCanvasElement, label: any, film: any, canvas: any, bar: any }[]} */
    this.rows = [];
    this.sheetsReady = new Sheets();
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(root);
  }

  // -- Data from the server: taken over whole, when all its pictures are ready to paint.

  /** @param {Data} data */
  async update(data) {
    const update = ++this.updates;
    const sheets = await Promise.all(data.strips.map((strip) => this.sheetsReady.load(strip.sheet)));
    if (update === this.updates) this.adopt(data, sheets);
  }

  /**
   * @param {Data} data
   * @param {import("../js/sheets.js").GroundedSheet[]} sheets
   */
  adopt(data, sheets) {
    const first = !this.data;
    const set = !first && this.told?.turn !== data.told?.turn;
    if (set) this.commits.forget();
    const moved = this.commits.hear(data.t) || set;
    const own = first ? kept(data.told, data.t) : undefined;
    Object.assign(this, { data, sheets, count: sheets[0].count, hasData: true, told: data.told });
    this.decoders = data.strips.map(({ between: how }) => (how?.tab ? new Decoder(how.tab) : null));
    this.places = new Float32Array(this.count);
    this.sheetsReady.keep(sheets);
    if (this.rows.length !== sheets.length) this.build();
    this.updateLabels();
    if (moved && !this.busy) this.t = own ?? data.t;
    if (own !== undefined) this.commits.add(own);
    this.resize();
    if (first && data.autoplay && !calm()) this.play();
  }

  build() {
    for (const { cell, picture } of this.rows) [cell, picture].forEach((element) => element.remove());
    this.rows = this.data.strips.map((_, i) => {
      const cell = document.createElement("div");
      cell.className = "cell";
      cell.innerHTML = `<div class="name"><span class="dot"></span><span class="label"></span></div>
        <div class="film"><canvas aria-hidden="true"></canvas><div class="bar"></div></div>`;
      const picture = document.createElement("canvas");
      picture.className = "picture";
      picture.onclick = () => this.open(i);
      picture.onkeydown = (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        this.open(i);
      };
      cell.style.gridRow = picture.style.gridRow = String(i + 1);
      this.box.append(cell, picture);
      const find = finder(cell);
      return { cell, picture, label: find(".label"), film: find(".film"), canvas: find("canvas"), bar: find(".bar") };
    });
    this.band.style.gridRow = `1 / span ${this.rows.length}`;
  }

  updateLabels() {
    this.root.hidden = false;
    this.root.setAttribute("aria-label", this.data.label);
    this.handle.setAttribute("aria-label", this.data.label);
    this.handle.setAttribute("aria-valuemin", String(0));
    this.handle.setAttribute("aria-valuemax", String(1));
    this.data.strips.forEach(({ label, accent }, i) => {
      this.rows[i].label.textContent = label;
      this.rows[i].cell.style.setProperty("--accent", accent);
      const [{ picture }, opens] = [this.rows[i], i < this.data.opens];
      picture.classList.toggle("opens", opens);
      picture.tabIndex = opens ? 0 : -1;
      picture.setAttribute("role", opens ? "button" : "img");
      picture.setAttribute("aria-label", `${opens ? "Open " : ""}${label}, at the handle`);
      picture.title = opens ? "Open it: its code, and what is nearest to it" : "";
    });
  }

  /** @param {number} strip */
  open(strip) {
    if (strip >= this.data.opens) return;
    this.send("opened", { strip, tile: stepAt(this.t, this.count), number: ++this.asked });
  }

  resize() {
    if (!this.data || !this.root.clientWidth) return;
    const ratio = globalThis.devicePixelRatio || 1;
    const room = clamp(this.root.clientWidth * 0.11, 84, 140);
    const wide = (/** @type {Pick<Sheet, "width" | "height">} */ { width, height }) =>
      Math.min(2.2, Math.max(1, width / height)); // a wide tile has more room
    const most = Math.max(room, this.root.clientWidth * MAX_SHARE);
    const sizes = this.sheets.map((sheet) => shownIn(Math.min(room * wide(sheet), most), sheet, ratio));
    this.box.style.setProperty("--picture", `${Math.max(...sizes)}px`);
    const width = this.band.clientWidth;
    const least = Math.max(...this.sheets.map((sheet) => readableWidth(MIN_TILE, MAX_FILM / 2, sheet)));
    this.shown = Math.min(...this.data.strips.map(({ shown }) => filmTiles(this.count, shown, width, least).length));
    this.root.dataset.tile = String(Math.round(width / this.shown)); // px; a test reads it, as in other parts
    this.rows.forEach(({ picture, canvas }, i) => {
      const sheet = this.sheets[i];
      const tall = (width / this.shown) * (sheet.height / sheet.width);
      paintFilm(
        canvas,
        width,
        Math.round(Math.min(MAX_FILM, tall)),
        sheet,
        filmTiles(this.count, this.shown, width, least),
      );
      const size = sizes[i];
      Object.assign(picture.style, { width: `${size}px`, height: `${(size * sheet.height) / sheet.width}px` });
    });
    this.place();
    this.paint(true);
    this.tell();
  }

  // -- What follows the hand.

  place() {
    const step = `step ${stepAt(this.t, this.count) + 1} of ${this.count}`;
    const shift = `translateX(${toPixel(this.t, this.band.clientWidth, this.shown)}px)`;
    this.handle.style.transform = shift;
    for (const { bar } of this.rows) bar.style.transform = shift;
    this.handle.setAttribute("aria-valuenow", String(this.t));
    this.handle.setAttribute("aria-valuetext", step);
    this.find(".step").textContent = step;
  }

  /** @param {boolean} [always] */
  paint(always) {
    const step = stepAt(this.t, this.count);
    const stepwise = !this.data.strips.some((strip) => strip.between);
    if (stepwise && step === this.painted && !always) return;
    this.painted = step;
    this.rows.forEach(({ picture }, i) => {
      const { width, height } = this.sheets[i];
      fitTile(picture, this.sheets[i]);
      const context = contextOf(picture);
      /** @type {(sheet: import("../js/sheets.js").LoadedSheet, index: number) => void} */
      const put = (sheet, index) => paintTile(context, sheet, index, 0, 0, width, height);
      const decoder = this.decoders[i]?.ready ? this.decoders[i] : null;
      if (decoder) put(this.decode(decoder), 0);
      else if (this.data.strips[i].between?.blend) this.blend(context, put, this.sheets[i]);
      else put(this.sheets[i], step);
      picture.dataset.source = decoder ? "exact" : "tile";
    });
  }

  /**
   * What this tab decodes at t, on the straight way from one tile's code to the next one's.
   * @param {Decoder} decoder
   */
  decode(decoder) {
    const { tile, share } = between(this.t, this.count);
    this.places.fill(0);
    this.places[tile] = 1 - share;
    this.places[tile + 1] = share;
    decoder.own = decoder.picture(this.places, decoder.own);
    return decoder.own;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {(sheet: import("../js/sheets.js").LoadedSheet, index: number) => void} put
   * @param {import("../js/sheets.js").LoadedSheet} sheet
   */
  blend(context, put, sheet) {
    const { tile, share } = between(this.t, this.count);
    put(sheet, tile);
    context.globalAlpha = share;
    put(sheet, tile + 1);
    context.globalAlpha = 1;
  }

  moved() {
    this.place();
    this.paint();
    this.tell();
  }

  // Maps that show the path mark the place.
  tell() {
    const { walk } = this.data;
    if (!walk) return;
    const page = shared();
    page.walks ??= new Map();
    page.walks.set(walk, { t: this.t, pictures: this.rows.map(({ picture }) => picture) });
    page.events.dispatchEvent(new CustomEvent("walk", { detail: walk }));
  }

  // -- What the player asks.

  /**
   * @param {number} t
   * @param {number} width
   */
  toPixel = (t, width) => toPixel(t, width, this.shown);
  /**
   * @param {number} x
   * @param {number} width
   */
  toT = (x, width) => toT(x, width, this.shown);
  /** @param {string} key */
  target = (key) => keyTarget(key, this.t, this.count);
  phase = () => phaseAt(this.t, this.back);
  value = () => (this.data.link ? Number(this.t.toFixed(DIGITS)) : this.t);

  // The link has each place, also one that Python never hears of because the next one overtakes it.
  /** @param {number} t */
  written(t) {
    const { link } = this.data;
    if (link) this.link?.write(link.name, t === link.usual ? "" : String(t));
  }

  /** @param {number} phase */
  tAt(phase) {
    const t = positionAt(phase);
    if (t !== this.t) this.back = t < this.t;
    return t;
  }

  destroy() {
    super.destroy();
    this.abort.abort();
    this.observer.disconnect();
  }
}

export const mount = mounting(Scrubber);
