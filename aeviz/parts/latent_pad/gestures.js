// Pointers and keys: a mouse hovers, drags and clicks; a finger hovers and taps; two fingers pinch.

import { panned, pinched, wheelFactor, wheelIsFor } from "../js/view.js";
import { GUTTER } from "./painting.js";

/**
 * @typedef {import("./latent_pad.js").LatentPad} LatentPad
 * @typedef {import("../js/view.js").Pixel} Pixel
 */

const CLICK_TOLERANCE_PX = 4; // px a hand may tremble during a click

/** @param {LatentPad} pad */
export function listen(pad) {
  const { stage, pointers } = pad;
  /**
   * @param {EventTarget} target
   * @param {string} event
   * @param {(event: any) => void} act
   * @param {AddEventListenerOptions} [more]
   */
  const on = (target, event, act, more) => target.addEventListener(event, act, { signal: pad.abort.signal, ...more });
  /** @type {(event: { clientX: number, clientY: number }) => Pixel} */
  const place = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left - GUTTER.left, event.clientY - box.top - GUTTER.top];
  };
  on(stage, "pointerdown", (event) => press(pad, event, place(event)));
  on(stage, "pointerrawupdate", (event) => !pointers.size && pad.ahead(event, place(event)));
  on(stage, "pointermove", (event) => move(pad, event, place(event)));
  for (const name of ["pointerup", "pointercancel"]) on(stage, name, (event) => release(pad, event, place(event)));
  on(stage, "pointerleave", (event) => !pointers.size && event.pointerType !== "touch" && pad.leave());
  on(
    stage,
    "wheel",
    (event) => {
      if (!pad.holds(place(event)) || !wheelIsFor(stage, event)) return;
      event.preventDefault();
      pad.zoom(...place(event), wheelFactor(event, 0.002));
      pad.point(...place(event));
    },
    { passive: false },
  );
  on(stage, "dblclick", (event) => pad.holds(place(event)) && pad.look(pad.home));
  on(stage, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !pad.key(event)) return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has shortcuts of its own
  });
  on(stage, "blur", () => pad.byKey && pad.leave());
  on(pad.find("header"), "click", (event) => {
    const { mode, tool } = event.target.closest("button")?.dataset ?? {};
    if (mode) pad.mode(mode);
    if (tool) pad.tool(tool);
  });
}

/**
 * @param {LatentPad} pad
 * @param {PointerEvent} event
 * @param {Pixel} at
 */
function press(pad, event, at) {
  if (event.button !== 0 || !pad.holds(at)) return;
  pad.stage.setPointerCapture(event.pointerId);
  pad.pointers.set(event.pointerId, at);
  // A second finger makes it a pinch: then neither is a tap any more.
  pad.start = pad.pointers.size > 1 ? null : { at, view: pad.view, tap: true };
  if (event.pointerType === "touch") pad.point(...at);
}

/**
 * @param {LatentPad} pad
 * @param {PointerEvent} event
 * @param {Pixel} at
 */
function move(pad, event, at) {
  const before = pad.pointers.get(event.pointerId);
  if (!before) return pad.point(...at);
  if (pad.pointers.size > 1) pinch(pad, event.pointerId, before, at);
  pad.pointers.set(event.pointerId, at);
  if (pad.pointers.size > 1 || !pad.start) return;
  const [dx, dy] = [at[0] - pad.start.at[0], at[1] - pad.start.at[1]];
  if (Math.hypot(dx, dy) > CLICK_TOLERANCE_PX) pad.start.tap = false;
  if (!pad.start.tap && event.pointerType !== "touch") {
    pad.dragging = true;
    pad.stage.setAttribute("data-dragging", "");
    pad.look(panned(pad.start.view, dx, dy));
  }
  pad.point(...at);
}

/**
 * @param {LatentPad} pad
 * @param {number} id
 * @param {Pixel} before
 * @param {Pixel} at
 */
function pinch(pad, id, before, at) {
  const other = [...pad.pointers].find(([pointer]) => pointer !== id)?.[1] ?? before;
  pad.probe = null;
  pad.look(pinched(pad.view, [before, other], [at, other], ...pad.limits()));
}

/**
 * @param {LatentPad} pad
 * @param {PointerEvent} event
 * @param {Pixel} at
 */
function release(pad, event, at) {
  if (!pad.pointers.delete(event.pointerId)) return;
  pad.dragging = false;
  pad.stage.removeAttribute("data-dragging");
  const { start } = pad;
  if (!pad.pointers.size) pad.start = null;
  // The second click of a double one resets the view and fixes nothing.
  const { lastTap } = pad;
  const near = lastTap && Math.hypot(at[0] - lastTap.at[0], at[1] - lastTap.at[1]) < 10;
  const again = near && event.timeStamp - lastTap.time < 350;
  if (event.type !== "pointerup" || !start?.tap || again) return;
  pad.lastTap = { time: event.timeStamp, at };
  pad.point(...start.at);
  pad.fix(pad.plane(...start.at));
}
