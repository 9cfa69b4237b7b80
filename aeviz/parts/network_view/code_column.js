// The code in the middle: each number a bar about zero, with its spread, and a mark that the hand moves.

import { KEYS_DELAY_MS } from "../js/commits.js";
import { clamp, fitCanvas, fontOf } from "../js/common.js";
import { withMinus } from "../js/ticks.js";
import { axisOf } from "./arranging.js";

/**
 * @typedef {{ mean: Float32Array, std: Float32Array | null, z: Float32Array }} Code
 * @typedef {object} Turns What becomes of a hand.
 * @property {(number: number) => void} turn while it moves, and after each key
 * @property {() => void} rest when it was let go, or the keys rest
 */

const STEPS = 100; // of a key, from one end to the other
const NAMED = 15; // px of a bar's height, from which its name stands beside it
const LINED = 5; // px of a bar's height, from which it has a line
const NAMES = 26; // px of the names

/** @param {number} number */
export const nameOf = (number) => `z${[...String(number)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[Number(digit)]).join("")}`;
/** @param {number} value */
export const told = (value) => withMinus(value.toFixed(2).replace(/^-(0\.0*)$/, "$1"));

export class CodeColumn {
  /**
   * @param {HTMLElement} root
   * @param {Turns} turns
   * @param {{ reach: number }} scale of all networks that are shown: the end of their axes
   */
  constructor(root, turns, scale) {
    this.root = root;
    this.turns = turns;
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    root.append(this.canvas);
    /** @type {HTMLElement[]} */
    this.handles = [];
    /** @type {Code | null} */
    this.code = null;
    this.scale = scale;
    this.active = 0;
    this.turned = false;
    this.size = { width: 0, height: 0 };
    this.look = { accent: "", ink: "", line: "", font: "" };
    /** @type {number | null} */
    this.pointer = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    root.onpointerdown = (event) => this.take(event);
    root.onpointermove = (event) => this.pointer === event.pointerId && this.follow(event);
    root.onpointerup = root.onpointercancel = root.onlostpointercapture = (event) => this.release(event);
    root.onkeydown = (event) => this.key(event);
    root.addEventListener("focusin", (event) => {
      const number = this.handles.indexOf(/** @type {HTMLElement} */ (event.target));
      if (number >= 0) this.activate(number);
    });
  }

  /**
   * Another code, or another item's; the scale, which the networks share, grows with it and does not shrink, so that
   * bars can be compared.
   * @param {Code} code
   * @param {boolean} turned
   * @param {string} title
   */
  show(code, turned, title) {
    this.code = code;
    this.turned = turned;
    this.scale.reach = Math.max(this.reach, axisOf(code));
    if (this.handles.length !== code.z.length) this.build(title);
    this.paint();
  }

  /** @param {string} title */
  build(title) {
    const count = this.code?.z.length ?? 0;
    for (const handle of this.handles) handle.remove();
    this.handles = Array.from({ length: count }, (_, i) => {
      const handle = document.createElement("div");
      handle.setAttribute("role", "slider");
      handle.setAttribute("aria-label", `Number ${i} of the code, ${title}`);
      handle.tabIndex = i === this.active ? 0 : -1;
      Object.assign(handle.style, { top: `${(100 * i) / count}%`, height: `${100 / count}%` });
      return handle;
    });
    this.root.append(...this.handles);
  }

  /**
   * @param {number} width
   * @param {number} height
   * @param {{ accent: string, ink: string, line: string, font: string }} look
   */
  resize(width, height, look) {
    Object.assign(this, { size: { width, height }, look });
    Object.assign(this.root.style, { width: `${width}px`, height: `${height}px` });
    this.paint();
  }

  get reach() {
    return this.scale.reach;
  }

  get names() {
    const { width, height } = this.size;
    return this.code && height / this.code.z.length >= NAMED && width > 90 ? NAMES : 0;
  }

  paint() {
    const { width, height } = this.size;
    if (!this.code || !width) return;
    const { accent, ink, line, font } = this.look;
    const { mean, std, z } = this.code;
    const context = fitCanvas(this.canvas, width, height);
    const [pitch, left] = [height / z.length, this.names];
    const at = (/** @type {number} */ value) => left + this.pixel(value, width - left);
    context.clearRect(0, 0, width, height);
    Object.assign(context, { textBaseline: "middle", font: fontOf(13, font) });
    for (let i = 0; i < z.length; i++) {
      const middle = (i + 0.5) * pitch;
      if (left) {
        context.fillStyle = ink;
        context.globalAlpha = i === this.active ? 1 : 0.65;
        context.fillText(nameOf(i), 0, middle);
      }
      context.globalAlpha = 1;
      context.fillStyle = line;
      if (pitch >= LINED) context.fillRect(left, middle - 0.5, width - left, 1);
      context.fillStyle = accent;
      context.globalAlpha = this.turned ? 0.35 : 0.85;
      const [from, to] = [at(Math.min(0, mean[i])), at(Math.max(0, mean[i]))];
      context.fillRect(from, middle - pitch * 0.32, to - from, pitch * 0.64);
      context.globalAlpha = 1;
      if (std) {
        context.fillStyle = ink;
        const [low, high] = [at(mean[i] - std[i]), at(mean[i] + std[i])];
        context.globalAlpha = 0.7;
        context.fillRect(low, middle - 0.75, high - low, Math.min(1.5, pitch * 0.5));
        context.globalAlpha = 1;
      }
      const thick = Math.min(5, Math.max(2, pitch * 0.4));
      context.fillStyle = ink;
      context.fillRect(at(z[i]) - thick / 2, middle - pitch * 0.44, thick, pitch * 0.88);
    }
    context.fillStyle = line;
    context.fillRect(at(0) - 0.5, 0, 1, height);
    this.handles.forEach((handle, i) => {
      handle.setAttribute("aria-valuemin", String(-this.reach));
      handle.setAttribute("aria-valuemax", String(this.reach));
      handle.setAttribute("aria-valuenow", z[i].toFixed(3));
      handle.setAttribute(
        "aria-valuetext",
        std ? `${told(z[i])}, posterior ${told(mean[i])} ± ${told(std[i])}` : told(z[i]),
      );
    });
  }

  /**
   * @param {number} value
   * @param {number} width
   */
  pixel(value, width) {
    return ((clamp(value, -this.reach, this.reach) / this.reach + 1) / 2) * width;
  }

  /** @param {number} number */
  activate(number) {
    if (number === this.active) return;
    if (this.handles[this.active]) this.handles[this.active].tabIndex = -1;
    this.active = number;
    this.handles[number].tabIndex = 0;
    this.turns.turn(number);
  }

  /**
   * @param {number} number
   * @param {number} value
   */
  set(number, value) {
    if (!this.code || this.code.z[number] === value) return;
    this.code.z[number] = clamp(value, -this.reach, this.reach);
    this.turned = true;
    this.turns.turn(number);
  }

  /** @param {PointerEvent} event */
  take(event) {
    if (event.button !== 0 || !this.code) return;
    const box = this.root.getBoundingClientRect();
    const number = clamp(
      Math.floor(((event.clientY - box.top) / box.height) * this.code.z.length),
      0,
      this.code.z.length - 1,
    );
    this.root.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.handles[number].focus({ preventScroll: true });
    this.activate(number);
    this.follow(event);
  }

  /** @param {PointerEvent} event */
  follow(event) {
    const box = this.root.getBoundingClientRect();
    const share = (event.clientX - box.left - this.names) / (box.width - this.names);
    this.set(this.active, (2 * clamp(share, 0, 1) - 1) * this.reach);
  }

  /** @param {PointerEvent} event */
  release(event) {
    if (this.pointer !== event.pointerId) return;
    this.pointer = null;
    this.turns.rest();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!this.code || event.ctrlKey || event.metaKey || event.altKey) return;
    const [step, now] = [(2 * this.reach) / STEPS, this.code.z[this.active]];
    /** @type {Record<string, number>} */
    const values = {
      ArrowRight: now + step,
      ArrowLeft: now - step,
      PageUp: now + 10 * step,
      PageDown: now - 10 * step,
      Home: -this.reach,
      End: this.reach,
      Delete: this.code.mean[this.active],
      Backspace: this.code.mean[this.active],
    };
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move !== undefined) this.handles[clamp(this.active + move, 0, this.handles.length - 1)].focus();
    else if (event.key in values) {
      this.set(this.active, values[event.key]);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.turns.rest(), KEYS_DELAY_MS);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  destroy() {
    clearTimeout(this.timer);
  }
}
