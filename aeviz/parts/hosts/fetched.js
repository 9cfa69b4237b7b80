// A part in Streamlit whose code the tab fetches once: Streamlit sends the text that is registered with every change, and
// this is all of it.

/** @typedef {import("./streamlit.js").Component} Component */

/**
 * A part as Streamlit calls it.
 * @param {string} path of the module with it, from that of Streamlit's own page: behind a proxy both have one prefix
 */
export function fetched(path) {
  const part = load(path);
  /** @param {Component} component */
  return async (component) => (await part)(component);
}

/**
 * @param {string} path
 * @returns {Promise<(component: Component) => unknown>}
 */
async function load(path) {
  try {
    const page = /** @type {HTMLScriptElement} */ (document.querySelector("script[type=module][src]"));
    return (await import(new URL(path, page.src).href)).default;
  } catch {
    // Python then sends the text itself: `streamlit.py`.
    return ({ setStateValue }) => setStateValue("unreached", Date.now());
  }
}
