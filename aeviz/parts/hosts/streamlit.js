// Streamlit as the host of parts: its calls, which may come twice or out of order, as the one life of a part.

import { themeOf } from "../js/theme.js";
import { read, watch, write } from "./address.js";
import { onPaper } from "./paper.js";

/**
 * @typedef {object} Component What Streamlit calls a component with.
 * @property {HTMLElement} parentElement
 * @property {any} data
 * @property {(name: string, value: unknown) => void} setStateValue
 */

/**
 * A part as Streamlit calls it. `mount` is what a part's module exports; its root is marked `data-part` in its markup.
 * @param {(host: import("../js/common.js").Host<any, any>) => import("../js/common.js").Mounted<any>} mount
 * @param {{ markup: string, styles: string }} texts of the part, which stand in its place as long as Streamlit has it
 */
export function connect(mount, texts) {
  /** @type {WeakMap<HTMLElement, any>} */
  const mounted = new WeakMap(); // the part of each parent element
  return inOrder((component) => {
    const { parentElement, data } = component;
    const root = rootIn(parentElement) ?? fill(parentElement, texts);
    const before = mounted.get(parentElement);
    const known = before?.root === root ? before : { root, component, over: new AbortController() };
    known.component = component;
    if (known === before) known.part.update(data);
    else {
      if (before) end(before);
      /**
       * @param {string} name
       * @param {number} value
       */
      /** @type {Component["setStateValue"]} */
      const send = (name, value) => known.component.setStateValue(name, value);
      known.part = mount({ root, data, send, theme: () => themeOf(root), busy, link: { read, write, watch } });
      mounted.set(parentElement, known);
      if (!("unseen" in root.dataset))
        onPaper(parentElement, () => known.part.update(known.component.data), known.over.signal);
    }
    if ("unseen" in root.dataset) hide(parentElement);
    // A run that is overtaken by the next has its clean-up called too: only a part that has left the page ends.
    return () =>
      setTimeout(() => {
        if (parentElement.isConnected || mounted.get(parentElement) !== known) return;
        mounted.delete(parentElement);
        end(known);
      });
  });
}

/**
 * @param {HTMLElement} parentElement
 * @returns {HTMLElement | null}
 */
const rootIn = (parentElement) => parentElement.querySelector("[data-part]");

/**
 * @param {HTMLElement} parentElement
 * @param {{ markup: string, styles: string }} texts
 */
function fill(parentElement, { markup, styles }) {
  const style = document.createElement("style");
  style.textContent = styles;
  parentElement.append(style, document.createRange().createContextualFragment(markup));
  return /** @type {HTMLElement} */ (rootIn(parentElement));
}

/** @param {{ part: { destroy: () => void }, over: AbortController }} known */
function end({ part, over }) {
  over.abort();
  part.destroy();
}

/**
 * Calls may come out of order where a part is called again while its module loads: Streamlit then cleans up after the
 * older one, which came last, at once, and the call that it had overtaken is made again. JSON comes in a list of one
 * (`streamlit.py` says why).
 * @param {(component: Component) => void | (() => void)} call
 */
export function inOrder(call) {
  const standing = new WeakMap(); // the call whose data a parent element shows
  /** @param {Component} sent */
  return (sent) => {
    const component = { ...sent, data: Array.isArray(sent.data) ? sent.data[0] : sent.data };
    const { parentElement } = component;
    const before = standing.get(parentElement);
    standing.set(parentElement, component);
    const cleanUp = call(component);
    return () => {
      if (before && parentElement.isConnected && standing.get(parentElement) === component) {
        standing.set(parentElement, before);
        call(before);
      }
      cleanUp?.();
    };
  };
}

// Whether the script works on the page: Streamlit says so on its app, and where it says nothing, it does not.
function busy() {
  const state = document.querySelector("[data-test-script-state]")?.getAttribute("data-test-script-state");
  return Boolean(state) && state !== "notRunning";
}

/**
 * A part that shows nothing would still take a gap in Streamlit's column of elements.
 * @param {HTMLElement | ShadowRoot} parentElement
 */
function hide(parentElement) {
  /** @type {HTMLElement | null} */
  const slot = (parentElement instanceof ShadowRoot ? parentElement.host : parentElement).closest(
    "[data-testid='stElementContainer']",
  );
  if (slot) slot.style.display = "none";
}
