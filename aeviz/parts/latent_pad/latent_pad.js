// The latent pad: a plane of codes, decoded under the pointer.

import { Commits, sameList } from "../js/commits.js";
import { clamp, contextOf, download, finder, later, mounting } from "../js/common.js";
import { Following } from "../js/following.js";
import { Decoder, whenNetwork } from "../js/networks.js";
import { nearest } from "../js/points.js";
import { loadSheet } from "../js/sheets.js";
import { boxOf, centred, fit, resized, seenFrom, seenText, stampOf, toPlane, toScreen, zoomAt } from "../js/view.js";
import { listen } from "./gestures.js";
import { cloudOf, levelOf, ownLevel } from "./keeping.js";
import { GUTTER, paintGround, paintOver, themeOf } from "./painting.js";
import { COARSE, cellWidth, figure, finestAt, layoutOf, stepped, tileAt } from "./plane.js";

/**
 * @typedef {import("../js/sheets.js").Sheet} Sheet
 * @typedef {import("../js/view.js").Box} Box
 * @typedef {import("../js/view.js").Pixel} Pixel
 * @typedef {import("../js/view.js").View} View
 *
 * @typedef {object} Data
 * @property {import("./keeping.js").SentLevel[]} levels grids of decoded tiles over regions of the plane; one that the
 *   browser has already comes without its sheet
 * @property {Box} home region that is shown at first
 * @property {import("./keeping.js").SentCloud | null} cloud items as points, with their classes
 * @property {string[]} names of the classes
 * @property {string[]} colours of the classes, taken in turn
 * @property {Pixel | null} position the fixed place
 * @property {Box | null} view region that a pad mounted anew shows
 * @property {Sheet | null} picture the exact decode at the fixed place; with a `tab`, only of a code that lies beside its
 *   plane
 * @property {[number, number] | null} rings middle of circles at 1, 2 and 3 standard deviations
 * @property {{ mean: [number, number], std: number[], angle: number } | null} ellipse a Gaussian to outline
 * @property {number[][] | null} path places joined by a line
 * @property {string[]} axes names of the two coordinates
 * @property {string | null} accent colour of the model; the page's where it is null
 * @property {string} title above the plane
 * @property {number} height of the whole part, in px
 * @property {string} plural what the tiles show
 * @property {string | null} link the name under which a link keeps what is looked at
 * @property {import("../js/networks.js").Tab | null} tab the model in this tab, the code at the plane's origin, its axes
 *
 * @typedef {object} Events
 * @property {{ position: Pixel | null, view: Box | null, have: string[] }} pad when a place was fixed, or a zoom or a
 *   pan has come to rest: the fixed place, what is looked at, and the ids of the levels and clouds that need not be sent
 * @property {string} refused the digest of a model that this tab cannot run
 */

const ZOOM_DELAY_MS = 150; // ms without a zoom or a pan before finer tiles are asked for
const OWN_COLUMNS = 24; // tiles across the part looked at, where this tab decodes them
const ANNOUNCE_INTERVAL_MS = 600; // ms between two announcements

export class LatentPad {
  /** @param {Omit<import("../js/common.js").Host<Data, Events>, "data">} host */
  constructor({ root, send, theme, link }) {
    const find = finder(root);
    this.find = find;
    this.root = root;
    this.send = send;
    this.readTheme = theme;
    this.link = link;
    this.stage = find(".stage");
    this.said = find(".said");
    this.ground = find(".ground");
    this.over = find(".over");
    this.ratio = 1;
    /** @type {Data} */
    this.data = later;
    this.show = "pictures";
    /** @type {import("./keeping.js").Level[]} */
    this.levels = [];
    /** @type {import("./keeping.js").Cloud | null} */
    this.cloud = null;
    /** @type {Pixel | null} */
    this.position = null;
    /** @type {{ sheet: import("../js/sheets.js").LoadedSheet, index: number, position: Pixel | null } | null} */
    this.exact = null; // the picture of the fixed place
    /** @type {Decoder | null} */
    this.decoder = null; // what decodes in this tab
    this.planned = ""; // what it decodes
    /** @type {ReturnType<typeof ownLevel>[]} */
    this.own = []; // levels that it has made
    /** @type {{ id: string, maker: Decoder, level: ReturnType<typeof ownLevel> } | null} */
    this.made = null; // the one in place of Python's
    /** @type {{ sheet: import("../js/networks.js").OwnSheet, index: number, position: Pixel } | null} */
    this.probed = null; // the picture under the pointer
    this.following = new Following(() => this.decoder && this.probe && this.decoded(...this.probe));
    /** @type {Commits<Pixel | null>} */
    this.commits = new Commits(sameList); // places that were fixed
    /** @type {ReturnType<typeof layoutOf>} */
    this.layout = later;
    /** @type {View} */
    this.home = later;
    /** @type {View} */
    this.view = later;
    /** @type {Box | null} */
    this.sentView = null;
    /** @type {ReturnType<typeof themeOf>} */
    this.theme = later;
    /** @type {HTMLCanvasElement | null} */
    this.dots = null;
    this.dirty = true;
    this.speech = "";
    /** @type {number | null} */
    this.frame = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.settling = undefined;
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.speaking = null;
    this.width = 0;
    this.height = 0;
    /** @type {Pixel | null} */
    this.probe = null;
    this.byKey = false;
    /** @type {Map<number, Pixel>} */
    this.pointers = new Map();
    this.dragging = false;
    /** @type {{ at: Pixel, view: View, tap: boolean } | null} */
    this.start = null; // where a press began
    /** @type {{ time: number, at: Pixel } | null} */
    this.lastTap = null;
    this.abort = new AbortController();
    whenNetwork((digest) => digest === this.data?.tab?.digest && this.update(this.data), this.abort.signal);
    link?.watch(() => this.recall(), this.abort.signal);
    listen(this);
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.stage);
  }

  destroy() {
    this.abort.abort();
    this.sizes.disconnect();
    cancelAnimationFrame(this.frame ?? 0);
    this.following.stop();
    clearTimeout(this.settling);
    clearTimeout(this.speaking ?? undefined);
    this.decoder?.stop();
    this.made?.maker.stop();
  }

  /** @param {Data} data */
  update(data) {
    const before = this.data;
    this.data = data;
    this.onTab(data.tab);
    const levels = data.levels.flatMap((level) => (level.here ? this.coarse(level) : levelOf(this, level)));
    const cloud = data.cloud && cloudOf(data.cloud);
    const lost = levels.includes(undefined) || cloud === undefined;
    Object.assign(this, { levels: levels.filter(Boolean), cloud: cloud ?? null });
    if (this.commits.hear(data.position)) this.position = data.position;
    this.onPicture(data);
    this.root.style.height = `${data.height}px`;
    if (before && !sameList(before.home, data.home)) this.home = later; // a new home is gone to
    this.resize();
    this.refine();
    this.updateLabels();
    this.ask(true);
    // Python left out what it believes us to have: without a list of what we have, it sends everything.
    if (lost) this.commit([]);
  }

  /**
   * Where the model is in this tab, it decodes whatever is pointed at, and what is looked at closely.
   * @param {import("../js/networks.js").Tab | null} tab
   */
  onTab(tab) {
    const planned = JSON.stringify(tab);
    if (planned !== this.planned) {
      this.decoder?.stop();
      Object.assign(this, { planned, decoder: null, own: [], probed: null, exact: null });
    }
    const decoder = this.decoder ?? (tab && new Decoder(tab));
    if (tab && decoder?.error) this.send("refused", tab.digest);
    this.decoder = decoder?.ready ? decoder : null;
    this.stage.toggleAttribute("data-exact", Boolean(this.decoder));
  }

  /**
   * A level that this tab decodes in place of Python; none where it has no model.
   * @param {import("./keeping.js").SentLevel} level
   */
  coarse({ id, region, columns }) {
    const { tab } = this.data;
    if (!this.decoder || !tab) return [];
    if (this.made?.id !== id) {
      this.made?.maker.stop();
      const maker = new Decoder(tab); // of a lane of its own: finer tiles do not end it
      this.made = { id, maker, level: ownLevel(this, maker, region, columns) };
    }
    return [this.made.level];
  }

  // Finer tiles of what is looked at, made here; the ones before stay until these are whole.
  refine() {
    const coarse = this.levels[0];
    if (!this.decoder || !this.view || !coarse || cellWidth(coarse) * this.view.k <= COARSE) return;
    const region = boxOf(this.view, this.width, this.height);
    if (sameList(region, this.own.at(-1)?.region)) return;
    const whole = this.own.filter((level) => level.whole).slice(-1);
    this.own = [...whole, ownLevel(this, this.decoder, region, OWN_COLUMNS)];
  }

  /** @param {Data} data */
  async onPicture({ picture, position }) {
    if (this.decoder && !picture) {
      if (!sameList(this.exact?.position, this.position)) this.exact = this.exactly(this.position);
      return;
    }
    const url = picture?.url;
    if (!sameList(position, this.position) || !picture || !url) {
      this.exact = this.exact && sameList(this.exact.position, this.position) ? this.exact : null;
      return;
    }
    if (this.exact?.sheet.url === url && sameList(this.exact.position, position)) return;
    const sheet = await loadSheet(picture);
    if (!sameList(position, this.position) || this.data.picture?.url !== url) return;
    this.exact = { sheet, index: 0, position };
    this.ask();
  }

  // ---- the view

  resize() {
    const room = this.stage.clientWidth - GUTTER.left - GUTTER.right;
    const height = this.stage.clientHeight - GUTTER.top - GUTTER.bottom;
    if (room < 20 || height < 20 || !this.data) return;
    this.layout = layoutOf(this.data.home, room, height, this.levels[0]?.tile ?? [28, 28]);
    const { width } = this.layout;
    if (this.home && width === this.width && height === this.height) return;
    const zoom = this.home ? this.view.k / this.home.k : 0;
    const { view, width: wide, height: tall, home } = this;
    Object.assign(this, { width, height });
    this.home = fit(this.data.home, width, height);
    const linked = home ? null : this.linked();
    if (linked) this.sentView ??= boxOf(this.home, width, height);
    else if (!home && view && this.data.link) this.link?.write(this.data.link, ""); // it was of another plane
    if (linked) this.look(linked);
    else if (!view && this.data.view) this.view = fit(this.data.view, width, height);
    else if (zoom && zoom !== 1) this.view = resized(view, wide, tall, width, height, this.home.k * zoom);
    else this.view = this.home;
    this.sentView ??= boxOf(this.view, width, height);
    this.ask(true);
  }

  // ---- what a link keeps: what is looked at of this plane

  get stamp() {
    return stampOf([...this.data.home, ...this.data.axes].join());
  }

  /** The view that the link names; null for none. */
  linked() {
    const seen = this.data.link ? seenFrom(this.link?.read(this.data.link) ?? null, this.stamp) : null;
    return seen && centred(seen.x, seen.y, clamp(seen.zoom * this.home.k, ...this.limits()), this.width, this.height);
  }

  recall() {
    if (!this.view || !this.data.link) return;
    const linked = this.linked();
    if (!linked && this.link?.read(this.data.link)) return; // of a plane that is on its way
    const view = linked ?? this.home;
    if (!sameList(Object.values(view), Object.values(this.view))) this.look(view);
  }

  keep() {
    if (!this.data.link) return;
    const zoom = this.view.k / this.home.k;
    const there = sameList(Object.values(this.view), Object.values(this.home));
    this.link?.write(
      this.data.link,
      there ? "" : seenText(this.stamp, zoom, this.plane(this.width / 2, this.height / 2)),
    );
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  screen = (x, y) => toScreen(this.view, x, y);
  /**
   * @param {number} px
   * @param {number} py
   */
  plane = (px, py) => toPlane(this.view, px, py);
  /** @param {number[]} place */
  holds = ([px, py]) => px >= 0 && py >= 0 && px <= this.width && py <= this.height;
  /** @type {() => [least: number, most: number]} */
  limits = () => [this.home.k / 2, this.home.k * 200];

  /** @param {View} view */
  look(view) {
    this.view = view;
    this.ask(true);
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.settle(), ZOOM_DELAY_MS);
  }

  /**
   * @param {number} px
   * @param {number} py
   * @param {number} factor
   */
  zoom(px, py, factor) {
    this.look(zoomAt(this.view, px, py, factor, ...this.limits()));
  }

  // Python hears of a view once hand and wheel are at rest.
  settle() {
    if (this.dragging || this.pointers.size > 1) return this.look(this.view);
    this.keep();
    const region = boxOf(this.view, this.width, this.height);
    const hair = 0.5 / this.view.k;
    const { sentView } = this;
    if (sentView && region.every((edge, i) => Math.abs(edge - sentView[i]) < hair)) return;
    if (!this.decoder) return this.commit();
    this.refine();
  }

  // ---- what the person does

  /**
   * @param {number} px
   * @param {number} py
   * @param {boolean} [byKey]
   */
  point(px, py, byKey = false) {
    this.probe = this.holds([px, py]) ? this.plane(px, py) : null;
    this.stage.toggleAttribute("data-aside", !this.probe);
    this.byKey = byKey;
    this.ask();
  }

  /**
   * A mouse hovers on: what it points at is decoded while the browser waits for its frame.
   * @param {PointerEvent} event
   * @param {Pixel} at
   */
  ahead(event, at) {
    if (!this.decoder) return;
    this.point(...at);
    this.following.ahead(event);
  }

  leave() {
    this.probe = null;
    this.ask();
  }

  /** @param {Pixel} place */
  fix(place) {
    if (sameList(place, this.position)) return;
    this.position = place;
    this.exact = this.exactly(place);
    this.commits.add(place);
    this.say(`Fixed at ${this.words(place, true)}${this.near(place)}`);
    this.ask();
    this.commit();
  }

  /**
   * One message, whatever changed.
   * @param {string[]} [have]
   */
  commit(have = [...this.levels, this.cloud].flatMap((part) => part?.id ?? [])) {
    clearTimeout(this.settling);
    this.sentView = boxOf(this.view, this.width, this.height);
    this.send("pad", { position: this.position, view: this.sentView, have });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const { key } = event;
    const probe = this.probe ?? this.position ?? this.plane(this.width / 2, this.height / 2);
    const next = stepped(probe, key, event.shiftKey, this.view.k);
    const at = this.screen(...probe);
    if (next) this.walk(next);
    else if (key === "+" || key === "=") this.zoom(...at, 1.5);
    else if (key === "-" || key === "_") this.zoom(...at, 1 / 1.5);
    else if (key === "0" || key === "Home") this.look(this.home);
    else if (key === "Enter" || key === " ") this.fix(probe);
    else if (key === "Escape") this.leave();
    else return false;
    return true;
  }

  /**
   * The view follows a probe that walks out of it.
   * @param {number[]} place
   */
  walk([x, y]) {
    const { k } = this.view;
    const [w, h] = [this.width / 2 / k - 12 / k, this.height / 2 / k - 12 / k];
    const middle = this.plane(this.width / 2, this.height / 2);
    /** @type {Pixel} */
    const moved = [clamp(middle[0], x - w, x + w), clamp(middle[1], y - h, y + h)];
    if (!sameList(moved, middle)) this.look(centred(...moved, k, this.width, this.height));
    this.probe = [x, y];
    this.byKey = true;
    this.say(this.words(this.probe, true) + this.near(this.probe));
    this.ask();
  }

  /** @param {string} name */
  tool(name) {
    if (name === "reset") this.look(this.home);
    else if (name === "save") this.save();
    else this.zoom(this.width / 2, this.height / 2, name === "in" ? 1.5 : 1 / 1.5);
  }

  save() {
    const { ground, over } = this;
    const canvas = Object.assign(document.createElement("canvas"), { width: ground.width, height: ground.height });
    const context = contextOf(canvas);
    context.fillStyle = this.theme.paper;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(ground, 0, 0);
    context.drawImage(over, 0, 0);
    canvas.toBlob((blob) => download(blob, `${this.data.title || "latent plane"}.png`), "image/png");
  }

  /** @param {string} name */
  mode(name) {
    this.show = name;
    this.updateLabels();
    this.ask(true);
  }

  // ---- words

  /**
   * @param {number[]} place
   * @param {boolean} [full]
   */
  words([x, y], full = false) {
    const { k } = this.view;
    const [nameX, nameY] = this.data.axes;
    return full ? `${nameX} ${figure(x, k)}   ${nameY} ${figure(y, k)}` : `${figure(x, k)}, ${figure(y, k)}`;
  }

  /**
   * The class of the item nearest to the place, for those who cannot see the picture.
   * @param {number[]} place
   */
  near([x, y]) {
    const { labels, index } = this.cloud ?? {};
    const item = labels && index ? nearest(index, x, y, 40 / this.view.k) : -1;
    const name = labels && item >= 0 ? this.data.names[labels[item]] : undefined;
    return name === undefined ? "" : `, near ${name}`;
  }

  /** @param {string} text */
  say(text) {
    this.speech = text;
    this.speaking ??= setTimeout(() => {
      this.speaking = null;
      this.said.textContent = this.speech;
    }, ANNOUNCE_INTERVAL_MS);
  }

  // ---- looks

  updateLabels() {
    const { data, root } = this;
    const title = this.find(".title");
    if (title.textContent !== data.title) title.textContent = data.title;
    root.classList.toggle("untitled", !data.title);
    this.find(".modes").hidden = !this.cloud;
    this.stage.setAttribute("aria-label", `${data.title || "Latent plane"}: ${data.axes.join(" and ")}`);
    for (const button of root.querySelectorAll("[data-mode]")) {
      const mode = button.getAttribute("data-mode");
      button.setAttribute("aria-pressed", String(mode === this.show));
      if (mode === "pictures") button.textContent = this.data?.plural ?? "pictures";
    }
  }

  /**
   * The picture of a place as this tab decodes it; null where it does not.
   * @param {Pixel | null} place
   * @param {import("../js/networks.js").OwnSheet} [sheet]
   */
  exactly(place, sheet) {
    if (!this.decoder || !place) return null;
    return { sheet: this.decoder.picture(place, sheet), index: 0, position: place };
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  decoded(x, y) {
    if (this.decoder) {
      if (!sameList(this.probed?.position, [x, y])) this.probed = this.exactly([x, y], this.probed?.sheet);
      return this.probed;
    }
    const ready = this.levels.filter((level) => level.sheet);
    const level = ready[finestAt(ready, x, y)];
    return level?.sheet ? { sheet: level.sheet, index: tileAt(level, x, y) } : null;
  }

  // At most one painting a frame, in the frame of the event that asked for it.
  ask(dirty = false) {
    this.dirty ||= dirty;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (!this.view) return;
      if (this.dirty) {
        this.theme = themeOf(this);
        this.root.style.setProperty("--accent", this.theme.accent);
        paintGround(this);
      }
      this.dirty = false;
      paintOver(this);
      // As an attribute, what a test may want to know; nothing reads it here.
      this.root.dataset.zoom = (this.view.k / this.home.k).toFixed(3);
      this.root.dataset.view = boxOf(this.view, this.width, this.height).join();
    });
  }
}

export const mount = mounting(LatentPad);
