// ---- Arithmetic of tracks, tiles and steps: pure, tested on its own.

import { KEYS_DELAY_MS, answer, sameList } from "../js/commits.js";
import { clamp, contextOf, finder, later, mounting } from "../js/common.js";
import { Drag } from "../js/drag.js";
import { Decoder, whenNetwork } from "../js/networks.js";
import { Sheets, fitTile, paintFilm, paintTile, readableWidth, shownIn } from "../js/sheets.js";

/**
 * @typedef {import("../js/sheets.js").Sheet} Sheet
 * @typedef {{ name: string, note: string, index: number, value: number, low: number, high: number, home: number }} Row
 *   A coordinate: its number, a remark on it, where its handle stands, the ends of its track, where it returns to.
 *
 * @typedef {object} Data
 * @property {Row[]} rows
 * @property {Sheet | null} films as many tiles for each row, from `low` to `high` at the present code; null where the tab
 *   makes them
 * @property {{ row: number, low: number, high: number, sheet: Sheet, stamp: string } | null} fine the finer strip of the
 *   row with the index `row`, at the code that `stamp` names
 * @property {Sheet | null} picture the exact decode of the present code
 * @property {string} accent colour of the model
 * @property {string} title
 * @property {string} stamp names the present code
 * @property {number[] | null} seen the values that Python heard last
 * @property {import("../js/networks.js").Tab | null} tab the model in this tab, the present code and the rows' axes
 * @property {number} tiles of a row, where the tab makes them
 * @property {{ row: number, from: number } | null} along in a page where nobody decodes: the place of the row along whose
 *   film the code was moved, and its value before; the film's tile is then the picture of the code
 * @property {boolean} live whether what holds the part hears of each step of the hand: where no server is between them
 *
 * @typedef {object} Events
 * @property {number[]} values one for each row, when a handle was let go, or the keys rest
 * @property {number[]} turning the same, at each step of the hand; only where it is `live`
 * @property {number} focus the index of the row whose finer strip is wanted
 * @property {string} refused the digest of a model that this tab cannot run
 */

const STEPS = 128; // fine steps along a track whose fine strip is not there yet
const HOVER_DELAY_MS = 60; // ms on a row before its fine strip is asked for
const MIN_TILE = 28; // px a tile of the film needs to be read

/**
 * Half a tile at each end lies beyond the range, so that every tile stands under its own value.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @param {number} width
 * @param {number} tiles
 */
export function toPixel(value, low, high, width, tiles) {
  const share = clamp((value - low) / (high - low), 0, 1);
  return width / tiles / 2 + share * (width - width / tiles);
}

/**
 * @param {number} x
 * @param {number} low
 * @param {number} high
 * @param {number} width
 * @param {number} tiles
 */
export function toValue(x, low, high, width, tiles) {
  const share = clamp((x - width / tiles / 2) / (width - width / tiles), 0, 1);
  return share === 1 ? high : low + share * (high - low);
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
export function nearestTile(value, low, high, count) {
  return clamp(Math.round(((value - low) / (high - low)) * (count - 1)), 0, count - 1);
}

/**
 * Every how many tiles a film of `count` shows one, so that the first and the last are there and all are legible.
 * @param {number} count
 * @param {number} width
 * @param {number} [least]
 */
export function filmStride(count, width, least = MIN_TILE) {
  for (let stride = 1; stride < count - 1; stride++) {
    if ((count - 1) % stride === 0 && width / ((count - 1) / stride + 1) >= least) return stride;
  }
  return count - 1;
}

/**
 * @param {number} low
 * @param {number} high
 * @param {number} [count]
 */
export function fineStep(low, high, count = STEPS + 1) {
  return (high - low) / (count - 1);
}

/**
 * Where a key takes a value; null for a key that is not ours.
 * @param {string} key
 * @param {number} value
 * @param {Pick<Row, "low" | "high" | "home">} row
 * @param {number} step
 */
export function keyTarget(key, value, row, step) {
  /** @type {Record<string, number>} */
  const moves = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
  /** @type {Record<string, number>} */
  const places = { Home: row.low, End: row.high, Delete: row.home, Backspace: row.home };
  if (key in moves) return clamp(value + moves[key] * step, row.low, row.high);
  return key in places ? places[key] : null;
}

/**
 * A notch of a mouse wheel is one step; a touch pad's many small turns add up to one each 40 px.
 * @param {number} carry
 * @param {number} delta
 */
export function wheelSteps(carry, delta) {
  if (Math.abs(delta) >= 40) return { steps: -Math.sign(delta), carry: 0 };
  const total = carry + delta;
  const steps = Math.trunc(total / 40);
  return { steps: steps ? -steps : 0, carry: total - steps * 40 };
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function formatValue(value, low, high) {
  const places = Math.max(0, Math.min(6, 2 - Math.min(0, Math.floor(Math.log10(high - low)))));
  const text = Math.abs(value).toFixed(places);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/**
 * The places of all films: how far each of `count` tiles of each row is from where the handles stand.
 * @param {Pick<Row, "value" | "low" | "high">[]} rows
 * @param {number} count
 */
function filmPlaces(rows, count) {
  return rows.flatMap(({ value, low, high }, i) =>
    Array.from({ length: count }, (_, tile) => {
      const place = new Float64Array(rows.length);
      place[i] = low + ((high - low) * tile) / (count - 1) - value;
      return place;
    }),
  );
}

/** @param {Event} event */
const onTrack = (event) => event.target instanceof Element && event.target.closest(".track");

// ---- One mounted part.

class Sliders {
  /** @param {Omit<import("../js/common.js").Host<Data, Events>, "data">} host */
  constructor({ root, send }) {
    const find = finder(root);
    this.find = find;
    this.root = root;
    this.send = send;
    /** @type {Data} */
    this.data = later;
    /** @type {import("../js/sheets.js").GroundedSheet} */
    this.films = later;
    /** @type {import("../js/sheets.js").GroundedSheet | null} */
    this.picture = null;
    /** @type {import("../js/sheets.js").GroundedSheet | null} */
    this.fine = null;
    this.tiles = 2; // of a row
    /** @type {Drag} */
    this.drag = later;
    /** @type {number | undefined} */
    this.nextFocus = undefined; // the row whose finer strip is wanted
    this.asked = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.keysTimer = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.hoverTimer = undefined;
    this.rowsBox = find(".rows");
    this.canvas = find(".picture canvas");
    /** @type {Record<"element" | "name" | "note" | "track" | "film" | "home" | "handle" | "value", any>[]} */
    this.rows = []; // elements of each row
    this.shown = 2; // tiles seen in each film
    /** @type {number[]} */
    this.values = []; // where the handles stand
    /** @type {(number[] | null)[]} */
    this.sent = []; // commits that no data has answered yet
    /** @type {Set<number>} */
    this.keyed = new Set(); // rows moved by keys or wheel and not yet committed
    this.sheetsReady = new Sheets();
    /** @type {{ row: number, before: number, moved: boolean } | null} */
    this.grip = null; // the row that is dragged, its value before, and whether it has moved
    this.updates = 0;
    this.carry = 0;
    /** @type {Decoder | null} */
    this.decoder = null; // what makes the pictures in this tab
    /** @type {import("../js/networks.js").OwnSheet | null} */
    this.ownFilms = null;
    /** @type {import("../js/networks.js").OwnSheet | null} */
    this.ownPicture = null;
    this.filmed = ""; // what the films are of
    /** @type {Data | null} */
    this.waiting = null; // data whose model is on its way
    this.abort = new AbortController();
    whenNetwork((digest) => this.waiting?.tab?.digest === digest && this.update(this.waiting), this.abort.signal);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(root);
    this.listen();
  }

  listen() {
    /**
     * @param {string} type
     * @param {(event: any, i: number) => void} act
     * @param {AddEventListenerOptions} [options]
     */
    const on = (type, act, options) =>
      this.rowsBox.addEventListener(
        type,
        (/** @type {Event} */ event) => {
          const i = this.rowOf(event);
          if (i >= 0) act.call(this, event, i);
        },
        options,
      );
    this.drag = new Drag(this.rowsBox, {
      take: (event) => this.take(event),
      follow: (x, width) => this.follow(x, width),
      end: () => this.release(),
      cancel: () => this.cancel(),
    });
    on("dblclick", this.doubleClick);
    on("keydown", this.key);
    on("wheel", this.wheel, { passive: false });
    on("pointerover", (_, i) => this.want(i));
    on("focusin", (_, i) => this.want(i));
    on("focusout", this.leave);
    this.rowsBox.addEventListener("pointerleave", () => this.want(this.focused()));
  }

  /**
   * The row under an event; -1 for none.
   * @param {Event} event
   */
  rowOf(event) {
    const element = event.target instanceof Element && event.target.closest(".row");
    return this.rows.findIndex((row) => row.element === element);
  }

  // -- Data from the server: taken over whole, when all its pictures are ready to paint.

  /** @param {Data} data */
  async update(data) {
    const update = ++this.updates;
    this.waiting = null;
    if (data.tab) return this.updateInTab(data, data.tab);
    const { films, picture, fine } = data;
    const sheets = await Promise.all(
      [films, picture, fine?.sheet].map((sheet) => sheet && this.sheetsReady.load(sheet)),
    );
    if (update !== this.updates) return;
    Object.assign(this, { decoder: null, ownFilms: null, ownPicture: null, filmed: "" });
    this.adopt(data, sheets);
  }

  /**
   * The server has sent no pictures: this tab makes them, as soon as the model is there.
   * @param {Data} data
   * @param {import("../js/networks.js").Tab} tab
   */
  updateInTab(data, tab) {
    const decoder = new Decoder(tab);
    if (decoder.error) return this.send("refused", tab.digest);
    if (!decoder.ready) {
      this.waiting = data;
      return;
    }
    decoder.lane = this.decoder?.lane ?? decoder.lane;
    const [count, old] = [data.rows.length * data.tiles, this.ownFilms];
    const { width, height, smooth } = tab.tile;
    const same = old?.count === count && old.width === width && old.height === height && old.smooth === smooth;
    const films = old && same ? old : decoder.sheet(count, data.tiles); // the old ones stay until the new ones have come
    const picture = decoder.picture(new Float64Array(data.rows.length));
    Object.assign(this, { decoder, ownFilms: films, ownPicture: picture });
    this.adopt(data, [films, picture, null]);
    const asked = JSON.stringify([tab, data.rows.map(({ value, low, high }) => [value, low, high])]);
    if (same && asked === this.filmed) return;
    this.filmed = asked;
    this.root.dataset.films = "coming";
    decoder.film(films, filmPlaces(data.rows, data.tiles), (first, some, whole) => {
      const last = Math.floor((first + some - 1) / this.tiles);
      for (let i = Math.floor(first / this.tiles); i <= last; i++) this.paintTrack(i);
      if (whole) this.root.dataset.films = "whole";
    });
  }

  /**
   * @param {Data} data
   * @param {(import("../js/sheets.js").GroundedSheet | null | undefined)[]} sheets
   */
  adopt(data, [films, picture, fine]) {
    const reordered = !sameList(
      data.rows.map((row) => row.index),
      this.data?.rows.map((row) => row.index),
    );
    const { sent } = answer(this.sent, this.data?.seen, data.seen, sameList);
    this.sent = reordered ? [] : sent;
    Object.assign(this, { data, films, picture, fine, tiles: (films?.count ?? 0) / data.rows.length });
    this.sheetsReady.keep([films, picture, fine]);
    if (reordered) this.build();
    if (!this.sent.length) {
      this.values = data.rows.map((row, i) => (this.touched(i) ? this.values[i] : row.value));
    }
    this.updateLabels();
    this.resize();
    const active = this.grip?.moved ? this.grip.row : ([...this.keyed].at(-1) ?? data.along?.row);
    if (active !== undefined) this.showTile(active);
    else if (!this.sent.length) this.showExact();
    this.askFine();
  }

  /** @param {number} i */
  touched(i) {
    return this.keyed.has(i) || this.grip?.row === i;
  }

  build() {
    this.drag.drop();
    this.grip = null;
    this.keyed.clear();
    clearTimeout(this.keysTimer);
    this.rows = this.data.rows.map(() => {
      const element = document.createElement("div");
      element.className = "row";
      element.innerHTML = `<div class="name"><span></span><span class="note"></span></div>
        <div class="track"><canvas class="film" aria-hidden="true"></canvas><div class="home"></div>
        <div class="handle" role="slider" tabindex="0" aria-orientation="horizontal"></div></div>
        <div class="value" aria-hidden="true"></div>`;
      const find = finder(element);
      return {
        element,
        name: find(".name span"),
        note: find(".note"),
        track: find(".track"),
        film: find(".film"),
        home: find(".home"),
        handle: find(".handle"),
        value: find(".value"),
      };
    });
    this.rowsBox.replaceChildren(...this.rows.map((row) => row.element));
  }

  // Everything that data decides and dragging does not: names, ends, colours.
  updateLabels() {
    const { title, accent, rows } = this.data;
    this.root.hidden = false;
    this.root.classList.toggle("plain", !this.picture);
    this.find(".picture").hidden = !this.picture;
    this.find(".title").hidden = !title;
    this.find(".title-text").textContent = title;
    this.root.setAttribute("aria-label", title || "Latent coordinates");
    this.root.style.setProperty("--accent", accent);
    this.root.style.setProperty("--names", rows.some((row) => row.note) ? "5.5em" : "2.4em");
    this.canvas.setAttribute("aria-label", `Decoded${title ? `, ${title}` : ""}`);
    rows.forEach((row, i) => {
      const { name, note, handle } = this.rows[i];
      name.textContent = row.name;
      note.textContent = row.note;
      note.title = row.note;
      handle.setAttribute("aria-label", title ? `${row.name}, ${title}` : row.name);
      handle.setAttribute("aria-valuemin", String(row.low));
      handle.setAttribute("aria-valuemax", String(row.high));
    });
  }

  resize() {
    if (!this.data) return;
    if (this.picture) {
      const { width, height } = this.picture;
      this.root.classList.toggle("wide", width > 1.5 * height);
      const room = this.canvas.parentElement.clientWidth * Math.min(1, width / height);
      const size = shownIn(room, this.picture, globalThis.devicePixelRatio || 1);
      this.canvas.style.width = `${size}px`;
      this.canvas.style.height = `${(size * height) / width}px`;
    }
    this.rows.forEach(({ track, home }, i) => {
      const { low, high, home: value } = this.data.rows[i];
      if (!track.clientWidth) return;
      this.paintTrack(i);
      home.style.transform = `translateX(${toPixel(value, low, high, track.clientWidth, this.shown)}px)`;
      this.place(i);
    });
  }

  /** @param {number} i */
  paintTrack(i) {
    const { track, film } = this.rows[i];
    if (!track.clientWidth) return;
    const stride = filmStride(this.tiles, track.clientWidth, readableWidth(MIN_TILE, track.clientHeight, this.films));
    this.shown = (this.tiles - 1) / stride + 1;
    const tiles = Array.from({ length: this.shown }, (_, at) => i * this.tiles + at * stride);
    paintFilm(film, track.clientWidth, track.clientHeight, this.films, tiles);
    film.dataset.tile = String(Math.round(track.clientWidth / tiles.length));
  }

  // -- What follows the hand.

  /** @param {number} i */
  place(i) {
    const { low, high, note } = this.data.rows[i];
    const { track, handle, value } = this.rows[i];
    const text = formatValue(this.values[i], low, high);
    handle.style.transform = `translateX(${toPixel(this.values[i], low, high, track.clientWidth, this.shown)}px)`;
    handle.setAttribute("aria-valuenow", String(this.values[i]));
    handle.setAttribute("aria-valuetext", note ? `${text}, ${note}` : text);
    value.textContent = text;
  }

  /** @param {number} i */
  showTile(i) {
    if (this.decoder) return this.showExact();
    const value = this.values[i];
    const row = this.data.rows[i];
    const fine = this.fineOf(i);
    if (fine && this.fine) this.paint(this.fine, nearestTile(value, fine.low, fine.high, this.fine.count), "fine");
    else this.paint(this.films, i * this.tiles + nearestTile(value, row.low, row.high, this.tiles), "film");
  }

  showExact() {
    if (this.decoder && this.ownPicture) {
      const place = this.values.map((value, i) => value - this.data.rows[i].value);
      this.decoder.picture(place, this.ownPicture);
    }
    if (this.picture) this.paint(this.picture, 0, "exact");
  }

  /**
   * @param {import("../js/sheets.js").GroundedSheet} sheet
   * @param {number} index
   * @param {string} source
   */
  paint(sheet, index, source) {
    fitTile(this.canvas, sheet);
    paintTile(contextOf(this.canvas), sheet, index, 0, 0, sheet.width, sheet.height);
    this.canvas.dataset.source = source;
  }

  /**
   * @param {number} i
   * @param {number} value
   */
  set(i, value) {
    if (value === this.values[i]) return false;
    this.values[i] = value;
    this.place(i);
    this.showTile(i);
    if (this.data.live) this.send("turning", [...this.values]);
    return true;
  }

  commit() {
    clearTimeout(this.keysTimer);
    this.keyed.clear();
    const before = this.sent.at(-1) ?? this.data.rows.map((row) => row.value);
    if (sameList(before, this.values)) return;
    this.sent.push([...this.values]);
    this.send("values", [...this.values]);
  }

  /** @param {number} i */
  commitWhenRested(i) {
    this.keyed.add(i);
    clearTimeout(this.keysTimer);
    this.keysTimer = setTimeout(() => !this.drag.held && this.commit(), KEYS_DELAY_MS);
  }

  // -- Pointer.

  /** @param {PointerEvent} event */
  take(event) {
    const i = this.rowOf(event);
    if (i < 0 || !onTrack(event)) return null;
    const { track: band, handle, element: root } = this.rows[i];
    const { low, high } = this.data.rows[i];
    clearTimeout(this.hoverTimer);
    this.grip = { row: i, before: this.values[i], moved: false };
    return {
      root,
      band,
      handle,
      place: (/** @type {number} */ width) => toPixel(this.values[i], low, high, width, this.shown),
    };
  }

  /**
   * @param {number} x
   * @param {number} width
   */
  follow(x, width) {
    if (!this.grip) return;
    const { row } = this.grip;
    const { low, high } = this.data.rows[row];
    if (this.set(row, toValue(x, low, high, width, this.shown))) this.grip.moved = true;
  }

  release() {
    this.grip = null;
    this.commit();
    this.askFine();
  }

  cancel() {
    if (!this.grip) return;
    const { row, before } = this.grip;
    this.grip = null;
    this.set(row, before);
    if (!this.sent.length && !this.keyed.size) {
      if (this.data.along) this.showTile(this.data.along.row);
      else this.showExact();
    }
    if (this.keyed.size) this.commit();
  }

  /**
   * @param {MouseEvent} event
   * @param {number} i
   */
  doubleClick(event, i) {
    if (!onTrack(event)) return;
    this.set(i, this.data.rows[i].home);
    this.commit();
  }

  // -- Keys and wheel.

  /**
   * @param {Event} _
   * @param {number} i
   */
  leave(_, i) {
    this.rows[i].element.classList.remove("held");
    if (this.keyed.size && !this.drag.held) this.commit();
  }

  focused() {
    const root = this.root.getRootNode();
    const active = root instanceof ShadowRoot || root instanceof Document ? root.activeElement : null;
    const i = this.rows.findIndex((row) => row.handle === active);
    return i < 0 ? undefined : i;
  }

  /** @param {number} i */
  stepOf(i) {
    const fine = this.fineOf(i);
    const { low, high } = this.data.rows[i];
    return fine && this.fine ? fineStep(fine.low, fine.high, this.fine.count) : fineStep(low, high);
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} i
   */
  key(event, i) {
    if (event.key === "Escape" && this.drag.held) return this.drag.cancel();
    if (this.drag.held || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = keyTarget(event.key, this.values[i], this.data.rows[i], this.stepOf(i));
    if (target === null) return;
    event.preventDefault();
    this.rows[i].element.classList.remove("held");
    if (this.set(i, target)) this.commitWhenRested(i);
  }

  /**
   * @param {WheelEvent} event
   * @param {number} i
   */
  wheel(event, i) {
    if (this.drag.held || event.ctrlKey || this.focused() !== i) return;
    event.preventDefault();
    const delta = Math.abs(event.deltaY) >= Math.abs(event.deltaX) ? event.deltaY : -event.deltaX;
    const { steps, carry } = wheelSteps(this.carry, delta * (event.deltaMode ? 40 : 1));
    this.carry = carry;
    const { low, high } = this.data.rows[i];
    if (steps && this.set(i, clamp(this.values[i] + steps * this.stepOf(i), low, high))) this.commitWhenRested(i);
  }

  // -- The fine strip of the row that is about to be moved.

  /** @param {number} i */
  fineOf(i) {
    const fine = this.data.fine;
    return fine && this.fine && fine.stamp === this.data.stamp && fine.row === this.data.rows[i].index ? fine : null;
  }

  /** @param {number | undefined} i */
  want(i) {
    this.nextFocus = i;
    this.askFine();
  }

  askFine() {
    clearTimeout(this.hoverTimer);
    if (this.decoder) return;
    this.hoverTimer = setTimeout(() => {
      const i = this.nextFocus ?? -1;
      if (!this.data || this.drag.held || this.sent.length || this.keyed.size || !this.data.rows[i]) return;
      const question = `${this.data.stamp} ${this.data.rows[i].index}`;
      if (this.fineOf(i) || question === this.asked) return;
      this.asked = question;
      this.send("focus", this.data.rows[i].index);
    }, HOVER_DELAY_MS);
  }

  destroy() {
    this.updates++;
    this.abort.abort();
    this.decoder?.stop();
    this.observer.disconnect();
    clearTimeout(this.keysTimer);
    clearTimeout(this.hoverTimer);
    this.drag.drop();
  }
}

export const mount = mounting(Sliders);
