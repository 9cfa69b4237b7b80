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
const CUT = "This page is cut off, or changed: the state of its widgets cannot be read. Save the notebook once more.";
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
  const { model_name: name, state } = states[id] ?? {};
  if (isOurs(states[id])) {
    try {
      const known = await widget(id);
      await known.widget.render({ model: known.model, el });
    } catch (error) {
      el.textContent = `This widget cannot be shown: ${/** @type {Error} */ (error).message}`;
    }
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

/**
 * Whether a widget is one of aeviz: no other's code is run.
 * @param {Saved | undefined} saved
 */
export const isOurs = (saved) =>
  saved?.model_module === "anywidget" && String(saved.state?._anywidget_id ?? "").startsWith("aeviz.");

/**
 * The states of all widgets; null where a page does not hold them whole.
 * @param {string[]} texts
 * @returns {States | null}
 */
export function statesIn(texts) {
  try {
    return texts.length ? Object.assign({}, ...texts.map((text) => JSON.parse(text).state)) : null;
  } catch {
    return null;
  }
}

/** Bring all widgets of the page to life. */
export async function wake() {
  const states = statesIn(carried(STATE).map((script) => script.textContent ?? ""));
  const widget = widgetsOf(states ?? {});
  // All that is linked is there before the first is shown.
  const ours = Object.keys(states ?? {}).filter((id) => isOurs(states?.[id]));
  await Promise.allSettled(ours.map(widget));
  for (const view of carried(VIEW)) {
    const el = document.createElement("div");
    view.after(el);
    if (states) await show(states, widget, JSON.parse(view.textContent ?? "").model_id, el);
    else el.textContent = CUT;
  }
  document.documentElement.dataset.widgets = "shown";
}
