// A notebook that was saved as a page: its widgets live on without a kernel, from the state that the notebook holds.

import { bytesOf } from "../js/common.js";

/**
 * @typedef {{ encoding: string, path: (string | number)[], data: string }} Buffer
 * @typedef {{ model_module: string, model_name: string, state: Record<string, any>, buffers?: Buffer[] }} Saved
 * @typedef {Record<string, Saved>} States of all widgets, by their ids
 */

const VIEW = "application/vnd.jupyter.widget-view+json";
const STATE = "application/vnd.jupyter.widget-state+json";
const BOXES = ["HBoxModel", "VBoxModel", "BoxModel", "GridBoxModel"];
const DEAD = "This widget is not one of aeviz: it shows nothing without a kernel.";

/**
 * A widget's state with its arrays where they belong.
 * @param {Saved} saved
 */
export function restored({ state, buffers = [] }) {
  for (const { path, data } of buffers) {
    /** @type {any} */
    let at = state;
    for (const name of path.slice(0, -1)) at = at[name];
    at[path[path.length - 1]] = new DataView(bytesOf(data).buffer);
  }
  return state;
}

// The traits of a widget, which nobody but the page changes.
export class Traits {
  /** @param {Record<string, any>} state */
  constructor(state) {
    this.state = state;
    this.changes = new EventTarget();
  }

  /** @param {string} name */
  get(name) {
    return this.state[name];
  }

  /**
   * @param {string} name
   * @param {any} value
   */
  set(name, value) {
    this.state[name] = value;
    this.changes.dispatchEvent(new Event(`change:${name}`));
  }

  /**
   * @param {string} event
   * @param {() => void} act
   */
  on(event, act) {
    this.changes.addEventListener(event, act);
  }

  /**
   * @param {string} event
   * @param {() => void} act
   */
  off(event, act) {
    this.changes.removeEventListener(event, act);
  }

  save_changes() {} // there is no kernel that would hear of them
}

/**
 * @param {string} type
 * @param {ParentNode} [within]
 */
const carried = (type, within = document) => [
  .../** @type {NodeListOf<HTMLScriptElement>} */ (within.querySelectorAll(`script[type="${type}"]`)),
];

/**
 * The code of a widget, from its text.
 * @param {string} text
 */
async function moduleOf(text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  return widget;
}

/**
 * @param {States} states
 */
function widgetsOf(states) {
  /** @type {Map<string, Promise<any>>} */
  const modules = new Map();
  /** @type {Map<string, Promise<{ widget: any, model: Traits }>>} */
  const begun = new Map();
  /** @param {string} id */
  const begin = async (id) => {
    const model = new Traits(restored(states[id]));
    const text = model.get("_esm");
    if (!modules.has(text)) modules.set(text, moduleOf(text));
    const widget = await modules.get(text);
    widget.initialize?.({ model });
    return { widget, model };
  };
  /** @param {string} id */
  return (id) => {
    const known = begun.get(id) ?? begin(id);
    begun.set(id, known);
    return known;
  };
}

/**
 * Show a widget, or a box of them.
 * @param {States} states
 * @param {ReturnType<typeof widgetsOf>} widget
 * @param {string} id
 * @param {HTMLElement} el
 */
async function show(states, widget, id, el) {
  const { model_module: module, model_name: name, state } = states[id] ?? {};
  if (module === "anywidget") {
    const known = await widget(id);
    await known.widget.render({ model: known.model, el });
  } else if (BOXES.includes(name)) {
    el.style.cssText = `display: flex; gap: 12px; flex-direction: ${name === "HBoxModel" ? "row" : "column"};`;
    for (const child of state.children) {
      const inner = document.createElement("div");
      inner.style.cssText = "flex: 1; min-width: 0;";
      el.append(inner);
      await show(states, widget, child.replace("IPY_MODEL_", ""), inner);
    }
  } else el.textContent = DEAD;
}

/** Bring all widgets of the page to life. */
export async function wake() {
  /** @type {States} */
  const states = Object.assign({}, ...carried(STATE).map((script) => JSON.parse(script.textContent ?? "").state));
  const widget = widgetsOf(states);
  // All that is linked is there before the first is shown.
  const ours = Object.keys(states).filter((id) => states[id].model_module === "anywidget");
  await Promise.all(ours.map(widget));
  for (const view of carried(VIEW)) {
    const el = document.createElement("div");
    view.after(el);
    await show(states, widget, JSON.parse(view.textContent ?? "").model_id, el);
  }
  document.documentElement.dataset.widgets = "shown";
}
