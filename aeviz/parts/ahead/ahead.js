import { shared } from "../js/common.js";

/**
 * @typedef {object} Data
 * @property {string[]} modules files beside the page's own module, to be loaded one after the other
 *
 * @typedef {{}} Events It sends nothing.
 */

const IDLE_MS = 2000; // ms without a hand on mouse or keys
const SPREAD_MS = 60_000; // ms over which the browsers of a class load a module: they share one server and one network
const POLL_MS = 250; // ms between two looks whether the page stands

/**
 * ms to wait for a moment `rest` ms after the last touch; 0 where that is over and the page stands.
 * @param {number} now
 * @param {number} touched
 * @param {number} rest
 * @param {boolean} stands
 */
export function delay(now, touched, rest, stands) {
  const left = touched + rest - now;
  return left > 0 ? left : stands ? 0 : POLL_MS;
}

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const idle = () => new Promise((resolve) => (globalThis.requestIdleCallback ?? setTimeout)(resolve));

/**
 * @param {string[]} modules
 * @param {() => boolean} busy
 */
async function load(modules, busy) {
  const script = document.querySelector("script[type=module][src]");
  const page = script instanceof HTMLScriptElement && script.src;
  if (!page || /** @type {any} */ (navigator).connection?.saveData) return;
  const over = new AbortController();
  let touched = performance.now();
  for (const event of ["pointerdown", "pointermove", "keydown", "wheel", "touchmove"]) {
    const options = { capture: true, passive: true, signal: over.signal };
    addEventListener(event, () => (touched = performance.now()), options);
  }
  const rest = async () => {
    const last = () => Math.max(touched, shared().watched ?? 0);
    let wait;
    while ((wait = delay(performance.now(), last(), IDLE_MS, !document.hidden && !busy()))) await sleep(wait);
    await idle();
  };
  const alone = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  try {
    for (const name of modules) {
      const url = new URL(name, page).href;
      if (!alone) await sleep(Math.random() * SPREAD_MS);
      // Some browsers keep a failed import for as long as the page lives, so the file is there first.
      await rest();
      const answer = await fetch(url, { priority: "low" });
      if (!answer.ok) break;
      await answer.arrayBuffer();
      await rest();
      await import(url);
    }
  } catch {
    // The page says what is wrong when it wants the module itself.
  }
  over.abort();
}

/** @param {import("../js/common.js").Host<Data, Events>} host */
export function mount({ data, busy }) {
  const state = shared();
  /** @param {Data} asked */
  const update = (asked) => {
    if (!asked?.modules || state.ahead) return;
    state.ahead = true;
    load(asked.modules, busy);
  };
  update(data);
  return { update, destroy() {} }; // what is under way is of use to whatever page comes next
}
