// A notebook as the host of parts, through anywidget: what Python has as traits, a part shows, and what a hand does
// becomes traits. Where the tab can run the model, it answers by itself; else the kernel is asked.

import { base64Of, clamp, shared } from "../js/common.js";
import { readsBack } from "../js/readback.js";
import { mount as mountNetwork, withdraw } from "../networks/networks.js";
import { mount as mountAtlas, splitAtlas } from "../picture_atlas/picture_atlas.js";
import { place, unseen } from "./page.js";

/**
 * @typedef {object} Model A widget's traits in the browser, as anywidget gives them.
 * @property {(name: string) => any} get
 * @property {(name: string, value: any) => void} set
 * @property {() => void} save_changes tells the kernel
 * @property {(event: string, act: () => void) => void} on
 * @property {(event: string, act: () => void) => void} off
 *
 * @typedef {Record<string, any>} Values of the traits that a person may set
 *
 * @typedef {object} Face How a part and the traits of its widget belong together.
 * @property {string[]} names of the traits that it shows
 * @property {(data: any, values: Values) => any} shown the part's data, as it stands with these values
 * @property {(name: string, value: any, data: any, values: Values) => Values | null} heard what a message of the part
 *   changes; null where the kernel has to say
 * @property {Record<string, (value: any, facts: any) => Values | null>} [follows] what else a change of a trait changes
 * @property {(facts: any, act: (values: Values) => void, signal: AbortSignal) => void} [begin] listens for what is done
 *   elsewhere on the page
 */

const WORDS = { old: "This browser cannot show what belongs here; a newer Chrome, Edge, Firefox or Safari can." };

/**
 * Whether two values of a trait are the same: numbers, lists, and arrays as bytes.
 * @param {any} a
 * @param {any} b
 */
export const same = (a, b) => a === b || JSON.stringify(plain(a)) === JSON.stringify(plain(b));

/**
 * What travelled as binary, as parts take it: bytes in base64.
 * @param {any} value
 * @returns {any}
 */
export function plain(value) {
  if (value instanceof DataView) return base64Of(bytesIn(value));
  if (Array.isArray(value)) return value.map(plain);
  if (!value || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

/**
 * What Python has sent under a name, as parts take it; unpacked once.
 * @param {Model} model
 * @param {string} name
 */
function received(model, name) {
  const sent = model.get(name) ?? {};
  if (!unpacked.has(sent)) unpacked.set(sent, plain(sent));
  return unpacked.get(sent);
}

/** @type {WeakMap<object, any>} */
const unpacked = new WeakMap();

/** @param {DataView} view */
const bytesIn = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

// ---- What widgets on a page share: models and pictures, kept as long as a widget needs them, and values that are linked.

/**
 * How many widgets use a model or the pictures of a name.
 * @type {Map<string, number>}
 */
const users = (shared().users ??= new Map());

/**
 * @param {string} name
 * @param {AbortSignal} signal
 * @param {() => void} act when nobody uses it any more
 */
function use(name, signal, act) {
  users.set(name, (users.get(name) ?? 0) + 1);
  signal.addEventListener("abort", () => {
    users.set(name, (users.get(name) ?? 1) - 1);
    if (!users.get(name)) act();
  });
}

/**
 * @param {Model} model
 * @param {AbortSignal} signal
 */
function publish(model, signal) {
  const { atlases } = shared();
  shared().keepsAll = true; // none is let go of while a widget uses it
  for (const [digest, bytes] of Object.entries(model.get("networks") ?? {})) {
    mountNetwork({ ...unseen(), data: bytesIn(bytes) });
    use(digest, signal, () => withdraw(digest));
  }
  const atlas = model.get("atlas");
  if (!atlas?.byteLength) return;
  mountAtlas({ ...unseen(), data: bytesIn(atlas) });
  const { name } = splitAtlas(bytesIn(atlas));
  use(name, signal, () => {
    atlases.get(name)?.image?.close();
    atlases.delete(name);
  });
}

/**
 * Set traits, and tell those that are linked before the kernel, so that what it sends on is known here already.
 * @param {Model} model
 * @param {Values} values
 */
function put(model, values) {
  const changed = Object.entries(values).filter(([name, value]) => !same(model.get(name), value));
  for (const [name, value] of changed) model.set(name, value);
  if (changed.length) model.save_changes();
}

/**
 * @param {Model} model
 * @param {AbortSignal} signal
 */
function link(model, signal) {
  const { events } = shared();
  for (const name of model.get("told") ?? []) {
    const tell = () => {
      const detail = { key: model.get("key"), name, value: model.get(name) };
      events.dispatchEvent(new CustomEvent("widget", { detail }));
    };
    on(model, `change:${name}`, tell, signal);
  }
  const hear = (/** @type {any} */ { detail: { key, name, value } }) => {
    for (const followed of model.get("linked") ?? []) {
      const ours = followed.key === key && followed.name === name;
      if (ours && (value !== null || followed.none)) put(model, { [followed.to]: value });
    }
  };
  events.addEventListener("widget", hear, { signal });
}

/**
 * @param {Model} model
 * @param {string} event
 * @param {() => void} act
 * @param {AbortSignal} signal
 */
function on(model, event, act, signal) {
  model.on(event, act);
  signal.addEventListener("abort", () => model.off(event, act));
}

// ---- A widget, and each place where it is shown.

/**
 * A part as anywidget calls it. `mount` is what a part's module exports.
 * @param {import("./page.js").Mount} mount
 * @param {{ markup: string, styles: string }} texts
 * @param {Face} face
 */
export function widget(mount, texts, face) {
  return {
    /** @param {{ model: Model }} given */
    initialize({ model }) {
      const over = new AbortController();
      publish(model, over.signal);
      for (const [name, follow] of Object.entries(face.follows ?? {})) {
        const act = () => put(model, follow(model.get(name), received(model, "facts")) ?? {});
        on(model, `change:${name}`, act, over.signal);
      }
      link(model, over.signal);
      face.begin?.(received(model, "facts"), (values) => put(model, values), over.signal);
      return () => over.abort();
    },
    /** @param {{ model: Model, el: HTMLElement }} given */
    render: ({ model, el }) => show(mount, texts, face, model, el),
  };
}

/**
 * @param {import("./page.js").Mount} mount
 * @param {{ markup: string, styles: string }} texts
 * @param {Face} face
 * @param {Model} model
 * @param {HTMLElement} el
 */
function show(mount, texts, face, model, el) {
  const over = new AbortController();
  const slot = document.createElement("div");
  slot.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab's keys are not ours
  slot.addEventListener("keydown", (event) => event.stopPropagation());
  el.append(slot);
  dress(slot);
  const values = () => Object.fromEntries(face.names.map((name) => [name, model.get(name)]));
  const now = () => face.shown({ ...received(model, "data"), facts: received(model, "facts") }, values());
  /** @type {import("./page.js").Placed} */
  let placed;
  /** @type {(name: string, value: any) => void} */
  const send = (name, value) => {
    const changes = face.heard(name, value, placed?.data ?? now(), values());
    if (changes) put(model, changes);
    else ask(model, name, value);
    placed?.update(now());
  };
  try {
    placed = place(mount, slot, texts, now(), send);
  } catch (error) {
    slot.textContent = typeof OffscreenCanvas === "undefined" ? WORDS.old : String(error);
    return () => over.abort();
  }
  for (const name of ["data", ...face.names]) on(model, `change:${name}`, () => placed.update(now()), over.signal);
  watchTheme(slot, () => placed.update(now()), over.signal);
  return () => {
    over.abort();
    placed.destroy();
    slot.remove();
  };
}

/**
 * Ask the kernel; each question has a number, so that the same one may be asked twice.
 * @param {Model} model
 * @param {string} name
 * @param {any} value
 */
function ask(model, name, value) {
  model.set("asked", { name, value, number: (model.get("asked")?.number ?? 0) + 1 });
  model.save_changes();
}

// ---- Light or dark, as the notebook is.

/**
 * The colour that lies behind an element, as [r, g, b]; null where nothing has one.
 * @param {HTMLElement | null} element
 */
function groundBehind(element) {
  if (!readsBack()) return null;
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  /** @type {any} */
  let at = element;
  while (at && context) {
    const colour = at instanceof Element ? getComputedStyle(at).backgroundColor : "";
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour || "transparent";
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
    if (alpha > 250) return [red, green, blue];
    at = at.parentElement ?? at.parentNode?.host ?? null;
  }
  return null;
}

/**
 * Give a slot the colours of light or dark, and the notebook's own ground. Returns what they hang on.
 * @param {HTMLElement} slot
 */
function dress(slot) {
  const ground = groundBehind(slot.parentElement);
  const dark = ground
    ? ground[0] * 0.3 + ground[1] * 0.6 + ground[2] * 0.1 < 128
    : matchMedia("(prefers-color-scheme: dark)").matches;
  slot.toggleAttribute("data-dark", dark);
  const [red, green, blue] = (ground ?? [0, 0, 0]).map((value) => clamp(value, 0, 255));
  if (ground) slot.style.setProperty("--ground", `rgb(${red}, ${green}, ${blue})`);
  return `${ground} ${dark}`;
}

/**
 * Call when the notebook changes from light to dark or back.
 * @param {HTMLElement} slot
 * @param {() => void} act
 * @param {AbortSignal} signal
 */
function watchTheme(slot, act, signal) {
  let before = dress(slot);
  const look = () => {
    const now = dress(slot);
    if (now !== before) act();
    before = now;
  };
  const observer = new MutationObserver(() => requestAnimationFrame(look));
  const attributes = ["class", "style", "data-theme", "data-jp-theme-light", "data-vscode-theme-kind"];
  for (const element of [document.documentElement, document.body]) {
    observer.observe(element, { attributes: true, attributeFilter: attributes });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", look, { signal });
  signal.addEventListener("abort", () => observer.disconnect());
  requestAnimationFrame(look); // a widget may be rendered before it stands in the page
}
