// A handle that is dragged along a band: pressed on, it is held where it was taken; pressed beside, it jumps there.

import { Following } from "./following.js";

const GRIP_PX = 14; // px around the handle's middle that take hold of it where it is

/**
 * @typedef {object} Taken
 * @property {HTMLElement} root has the classes `dragged` and `held` meanwhile
 * @property {HTMLElement} band along which the handle goes
 * @property {HTMLElement} handle
 * @property {(width: number) => number} place the handle's px on a band so wide
 *
 * @typedef {object} Dragged What a part says of a drag.
 * @property {(event: PointerEvent) => Taken | null} take what is dragged; null for a press that is not meant
 * @property {(x: number, width: number) => void} follow the handle is to stand at px x of the band
 * @property {() => void} end it was let go
 * @property {() => void} cancel the drag was broken off
 *
 * @typedef {{ root: HTMLElement, band: HTMLElement, pointer: number, off: number, x: number }} Held
 */

export class Drag {
  /**
   * @param {HTMLElement} element hears the pointer
   * @param {Dragged} part
   * @param {AbortSignal} [signal]
   */
  constructor(element, part, signal) {
    this.part = part;
    /** @type {Held | null} */
    this.held = null;
    this.following = new Following(() => this.held && this.follow(this.held));
    /**
     * @param {string} type
     * @param {(event: PointerEvent, held: Held) => void} act
     */
    const on = (type, act) => {
      const listener = (/** @type {any} */ event) =>
        this.held && this.held.pointer === event.pointerId && act(event, this.held);
      element.addEventListener(type, listener, { signal });
    };
    element.addEventListener("pointerdown", (event) => this.grab(event), { signal });
    on("pointerrawupdate", (event, held) => this.move(held, event.clientX) && this.following.ahead(event));
    on("pointermove", (event, held) => this.move(held, event.clientX) && this.following.ask());
    on("pointerup", ({ clientX }, held) => this.release(held, clientX));
    // The release happened where we could not see it: what the last move showed holds.
    on("lostpointercapture", (_, held) => this.release(held, held.x));
    on("pointercancel", () => this.cancel());
  }

  /** @param {PointerEvent} event */
  grab(event) {
    const taken = !this.held && event.button === 0 ? this.part.take(event) : null;
    if (!taken) return;
    const { root, band, handle, place } = taken;
    const box = band.getBoundingClientRect();
    const off = event.clientX - box.left - place(box.width);
    const gripped = Math.abs(off) <= GRIP_PX;
    const held = { root, band, pointer: event.pointerId, off: gripped ? off : 0, x: event.clientX };
    this.held = held;
    band.setPointerCapture(event.pointerId);
    handle.focus({ preventScroll: true });
    root.classList.add("dragged", "held"); // held until a key is pressed: a ring of focus would hide what is held
    event.preventDefault();
    if (!gripped) this.follow(held);
  }

  /**
   * Whether x is another than before.
   * @param {Held} held
   * @param {number} x
   */
  move(held, x) {
    const news = x !== held.x;
    held.x = x;
    return news;
  }

  /** @param {Held} held */
  follow(held) {
    const { left, width } = held.band.getBoundingClientRect();
    this.part.follow(held.x - held.off - left, width);
  }

  /**
   * @param {Held} held
   * @param {number} x
   */
  release(held, x) {
    if (this.move(held, x) || this.following.frame !== null) this.follow(held);
    this.drop();
    this.part.end();
  }

  cancel() {
    if (!this.held) return;
    this.drop();
    this.part.cancel();
  }

  // Let go without a word.
  drop() {
    if (!this.held) return;
    this.following.stop();
    this.held.root.classList.remove("dragged");
    this.held = null;
  }
}
