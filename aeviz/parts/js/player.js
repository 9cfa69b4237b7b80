// A handle on a way from t = 0 to t = 1: drag, keys, play and pause. What the parts that play have in common.

import { Commits, KEYS_DELAY_MS, keep } from "./commits.js";
import { shared } from "./common.js";
import { Drag } from "./drag.js";

/**
 * @typedef {object} Way What a part that extends `Player` says.
 * @property {(t: number, width: number) => number} toPixel where t stands on a band so wide, in px
 * @property {(x: number, width: number) => number} toT and back
 * @property {(key: string) => number | null} target where a key takes t; null for a key that is not ours
 * @property {() => number} phase ms into the play at which t stands
 * @property {(phase: number) => number} tAt and back
 * @property {(phase: number) => boolean} over whether the play ends there
 * @property {() => void} moved shows what there is to show when t has changed
 * @property {() => number} value what Python hears, and may ask for, when the hand rests
 */

export class Player {
  /**
   * @param {Pick<import("./common.js").Host<any, any>, "root" | "send" | "theme">} host
   * @param {string} name of the value that is sent
   * @param {{ band: HTMLElement, handle: HTMLElement, button: HTMLElement }} elements
   */
  constructor({ root, send, theme }, name, { band, handle, button }) {
    this.root = root;
    this.send = send;
    this.theme = theme;
    this.name = name;
    this.band = band;
    this.handle = handle;
    this.button = button;
    this.way = /** @type {Way} */ (/** @type {unknown} */ (this));
    this.t = NaN; // until there is data
    this.before = NaN; // t when it was taken hold of
    this.hasData = false; // whether there is data
    this.byPerson = false; // whether what plays was started by the person
    /** @type {number | null} */
    this.playing = null;
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.keysTimer = null;
    /** @type {Commits<number>} */
    this.commits = new Commits();
    /** @type {import("./commits.js").Told} */
    this.told = null;
    this.updates = 0;
    this.drag = new Drag(band, {
      take: () => this.take(),
      follow: (x, width) => this.set(this.way.toT(x, width)),
      end: () => this.commit(),
      cancel: () => {
        this.set(this.before);
        this.commit();
      },
    });
    this.listen();
  }

  // Where t comes to rest, before it is sent.
  settle() {}

  /**
   * Keep a value that is about to be sent where a link has it.
   * @param {number} _
   */
  written(_) {}

  /** @param {number} _ */
  over(_) {
    return false;
  }

  listen() {
    /**
     * @param {HTMLElement} element
     * @param {string} type
     * @param {(event: any) => void} act
     */
    const on = (element, type, act) => element.addEventListener(type, (event) => this.hasData && act(event));
    on(this.handle, "keydown", (event) => this.key(event));
    on(this.handle, "blur", () => {
      this.root.classList.remove("held");
      if (this.keysTimer) this.commit();
    });
    on(this.button, "click", () => this.toggle());
  }

  // Whether the person has the handle just now: the server's request must wait.
  get busy() {
    return Boolean(this.drag.held || this.playing || this.keysTimer);
  }

  /** @param {number} t */
  set(t) {
    if (t === this.t) return;
    this.t = t;
    this.way.moved();
  }

  commit() {
    clearTimeout(this.keysTimer ?? undefined);
    this.keysTimer = null;
    this.settle();
    const value = this.way.value();
    if (!this.commits.add(value)) return;
    keep(this.told, this.commits.known, value);
    this.written(value);
    this.send(this.name, value);
  }

  // -- Play and pause.

  toggle() {
    if (this.playing) {
      this.pause();
      this.commit();
    } else {
      this.byPerson = true; // by the person, unlike what plays by itself
      this.play();
    }
  }

  play() {
    if (this.playing) return;
    let phase = this.way.phase();
    /** @type {number | null} */
    let before = null;
    /** @param {number} now */
    const frame = (now) => {
      // A tab that was hidden goes on where it stood.
      phase += Math.min(100, now - (before ?? now));
      before = now;
      if (this.byPerson) shared().watched = now;
      this.set(this.way.tAt(phase));
      if (this.way.over(phase)) return this.toggle();
      this.playing = requestAnimationFrame(frame);
    };
    this.playing = requestAnimationFrame(frame);
    this.showPlaying(true);
  }

  pause() {
    if (this.playing) cancelAnimationFrame(this.playing);
    this.playing = null;
    this.byPerson = false;
    this.showPlaying(false);
  }

  /** @param {boolean} on */
  showPlaying(on) {
    this.root.classList.toggle("playing", on);
    this.button.setAttribute("aria-label", on ? "Pause" : "Play");
  }

  // -- Pointer.

  take() {
    if (!this.hasData) return null;
    this.pause();
    clearTimeout(this.keysTimer ?? undefined);
    this.before = this.t;
    const { root, band, handle } = this;
    return { root, band, handle, place: (/** @type {number} */ width) => this.way.toPixel(this.t, width) };
  }

  // -- Keys.

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Escape" && this.drag.held) return this.drag.cancel();
    if (this.drag.held || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.key === " " ? "toggle" : this.way.target(event.key);
    if (target === null) return;
    event.preventDefault();
    this.root.classList.remove("held");
    if (target === "toggle") return event.repeat || this.toggle();
    this.pause();
    this.set(target);
    clearTimeout(this.keysTimer ?? undefined);
    this.keysTimer = setTimeout(() => this.commit(), KEYS_DELAY_MS);
  }

  destroy() {
    this.updates++;
    if (this.playing) cancelAnimationFrame(this.playing);
    clearTimeout(this.keysTimer ?? undefined);
    this.drag.drop();
  }
}
