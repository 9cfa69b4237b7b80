// A part on paper: painted in light colours, whatever the theme, and with all its pictures, before the browser takes the
// page.

import { shared } from "../js/common.js";
import { finishWork } from "../js/networks.js";

const MAX_FRAMES = 50; // that a part paints at once: what plays goes on in frames of the screen

/**
 * Have a part painted anew as the page is printed, and again when that is over. `streamlit.css` has the colours.
 * @param {HTMLElement | ShadowRoot} parent
 * @param {() => void} repaint
 * @param {AbortSignal} signal ends it
 */
export function onPaper(parent, repaint, signal) {
  const element = /** @type {HTMLElement} */ ("host" in parent ? parent.host : parent);
  const begin = () => {
    element.toggleAttribute("data-paper", true);
    paintAtOnce();
    repaint();
    finishWork(); // which painting anew may have asked for
  };
  const over = () => {
    const state = shared();
    if (state.frames) globalThis.requestAnimationFrame = state.frames;
    state.frames = undefined;
    element.removeAttribute("data-paper");
    repaint();
  };
  addEventListener("beforeprint", begin, { signal });
  addEventListener("afterprint", over, { signal });
}

// A browser shows no frame between the event and the print: what wants to paint in the next one does so at once.
function paintAtOnce() {
  const state = shared();
  state.frames ??= globalThis.requestAnimationFrame;
  const { frames } = state;
  let count = 0;
  globalThis.requestAnimationFrame = (paint) => {
    if (++count > MAX_FRAMES) return frames.call(globalThis, paint);
    queueMicrotask(() => paint(performance.now()));
    return -1;
  };
}
