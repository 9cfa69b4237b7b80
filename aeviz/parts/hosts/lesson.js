// A lesson: sections of parts in one HTML file, with models and pictures, and what answers a part where no Python does.

import { shared } from "../js/common.js";
import { finishWork, networkOf } from "../js/networks.js";
import { publish } from "../networks/networks.js";
import { mount as mountAtlas } from "../picture_atlas/picture_atlas.js";
import { place, remembered, unseen } from "./page.js";

/**
 * @typedef {import("./page.js").Placed} Placed
 * @typedef {{ key: string, part: string, data: any }} Part
 * @typedef {{ id: string, view: string, facts: any, seen: Record<string, string>, parts: Part[], networks: string[] }} Section
 *   `networks`: digests of those that its parts run
 * @typedef {{ bytes?: Uint8Array<ArrayBuffer>, planes?: boolean, file?: string }} Bytes within the page, or in a file beside it; as gzip
 *   where in `planes`: all bytes at even places, then those at odd ones, for halves of numbers are alike
 * @typedef {object} Lesson
 * @property {Record<string, { markup: string, styles: string }>} texts of the parts
 * @property {string} worker
 * @property {{ digest: string, config: any, title: string, weights: Bytes }[]} networks
 * @property {Bytes[]} atlases
 * @property {Section[]} sections
 *
 * @typedef {(key: string, name: string, value: any) => void} Answer what is done with what a part sends
 * @typedef {(section: { parts: Map<string, Placed>, facts: any, element: HTMLElement }) => Answer} Answers
 */

const CUT_OFF =
  "This file is cut off: its end is missing. Copy or save it once more. What is written here can be read.";
const TOO_OLD = "This browser cannot show what belongs here; a newer Chrome, Edge, Firefox or Safari can.";

const NEEDED = ["DecompressionStream", "OffscreenCanvas", "createImageBitmap", "ResizeObserver"];

/** @param {string} text */
function trouble(text) {
  const said = document.getElementById("trouble");
  if (said) Object.assign(said, { hidden: !text, textContent: text });
}

/** @param {unknown} error */
const tell = (error) => trouble(error instanceof Error ? error.message : String(error));

const NO_SERVER =
  "What lies beside this page cannot be read: it needs a server, such as python -m http.server in its folder, and no " +
  "frame that keeps it from asking.";

/**
 * @param {Bytes} bytes
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function read({ bytes, planes, file }) {
  if (bytes !== undefined) return planes ? woven(await inflated(bytes)) : bytes;
  const answer = await fetch(file ?? "").catch(() => {
    throw new Error(NO_SERVER);
  });
  if (!answer.ok) throw new Error(`${file} cannot be read: the server answers ${answer.status}.`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Bytes at even places and bytes at odd ones, one after another, as they were.
 * @param {Uint8Array} planes
 */
export function woven(planes) {
  const [half, bytes] = [Math.ceil(planes.length / 2), new Uint8Array(planes.length)];
  for (let i = 0; i < half; i++) bytes[2 * i] = planes[i];
  for (let i = half; i < planes.length; i++) bytes[2 * (i - half) + 1] = planes[i];
  return bytes;
}

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%.()*+-;,=:?@^_`{|}~";

/**
 * The bytes of a text in base 85, as `lessons/page.py` writes it: five letters for four bytes, of which the first is highest.
 * @param {string} text
 */
export function bytesOf85(text) {
  const values = new Uint8Array(128);
  for (let i = 0; i < 85; i++) values[DIGITS.charCodeAt(i)] = i;
  const whole = text.padEnd(Math.ceil(text.length / 5) * 5, "~");
  const view = new DataView(new ArrayBuffer((whole.length / 5) * 4));
  for (let i = 0, at = 0; i < whole.length; at += 4) {
    let number = 0;
    for (const end = i + 5; i < end; i++) number = number * 85 + values[whole.charCodeAt(i)];
    view.setUint32(at, number);
  }
  return new Uint8Array(view.buffer, 0, Math.floor((text.length * 4) / 5));
}

/**
 * The length of the JSON in 4 bytes, the JSON, and arrays to which it points as {at: [from, to]}: these become `bytes`.
 * @returns {Promise<Lesson>}
 */
async function carried() {
  const bytes = await inflated(bytesOf85(document.getElementById("lesson")?.textContent ?? ""));
  const start = 4 + new DataView(bytes.buffer).getUint32(0, true);
  const lesson = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)));
  takeArrays(lesson, bytes.subarray(start));
  return lesson;
}

/**
 * @param {any} value
 * @param {Uint8Array} arrays
 */
function takeArrays(value, arrays) {
  if (Array.isArray(value.at)) {
    value.bytes = arrays.subarray(...value.at);
    return;
  }
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    if (inner && typeof inner === "object") takeArrays(inner, arrays);
  }
}

/**
 * What is left out is named in the address behind "#": `#hide=title,sliders`, or `#decode&hide=…` for a section.
 * @param {string} hash
 */
export function asked(hash) {
  const parts = decoded(hash.replace(/^#/, "")).split("&");
  const hidden = parts.find((part) => part.startsWith("hide="))?.slice("hide=".length);
  return { section: parts.find((part) => part && !part.includes("=")) ?? "", hide: hidden?.split(",") ?? [] };
}

/**
 * A text of an address; as it stands where its escapes are no text.
 * @param {string} text
 */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function leaveOut() {
  const { hide } = asked(location.hash);
  for (const element of document.querySelectorAll("[data-name]")) {
    element.toggleAttribute("hidden", hide.includes(element.getAttribute("data-name") ?? ""));
  }
}

const goThere = () => document.getElementById(asked(location.hash).section)?.scrollIntoView();

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
function instead(element, text) {
  const root = element.shadowRoot ?? element;
  const said = document.createElement("p");
  said.setAttribute("role", "note");
  said.textContent = text;
  root.replaceChildren(said);
}

// Sections are filled one after another, each when the browser has time for it, and what somebody looks at before what
// nobody does: a lecture of many is alive at once, and whole a little later. Whoever prints gets all.
class Filling {
  /**
   * @param {Lesson} lesson
   * @param {Record<string, import("./page.js").Mount>} mounts
   * @param {Record<string, Answers>} answers
   */
  constructor(lesson, mounts, answers) {
    this.lesson = lesson;
    this.mounts = mounts;
    this.answers = answers;
    /** @type {Placed[]} */
    this.parts = [];
    this.left = new Set(lesson.sections);
    /** @type {Map<string, Uint8Array>} */
    this.weights = new Map(); // by digest, of networks that nobody has asked for
    this.reading = new Map(lesson.networks.map(({ digest, weights }) => [digest, this.take(digest, weights)]));
    for (const reading of this.reading.values()) reading.catch(() => {}); // told where it is waited for
  }

  /**
   * @param {string} digest
   * @param {Bytes} weights
   */
  async take(digest, weights) {
    this.weights.set(digest, await read(weights));
  }

  /** The section that is to be filled next: the one that the address names, one that is seen, or the first. */
  next() {
    const left = [...this.left];
    const { section } = asked(location.hash);
    return left.find(({ id }) => id === section) ?? left.find(({ id }) => isSeen(elementOf(id))) ?? left[0];
  }

  /** Fill all, and wait between them. */
  async run() {
    for (let section = this.next(); section; section = this.next()) {
      await Promise.allSettled(section.networks.map((digest) => this.reading.get(digest))); // fill() tells what failed
      if (!this.left.has(section)) continue; // it was printed meanwhile
      this.fill(section);
      if (section.id === asked(location.hash).section) goThere();
      if (this.left.size) await rest();
    }
  }

  /** Fill what is left, at once. */
  finish() {
    for (const section of this.left) this.fill(section);
  }

  /** @param {Section} section */
  fill(section) {
    this.left.delete(section);
    for (const digest of section.networks) {
      if (this.weights.has(digest)) this.publish(digest);
      else this.reading.get(digest)?.then(() => this.publish(digest), tell);
    }
    const element = elementOf(section.id);
    /** @type {Map<string, Placed>} */
    const parts = new Map();
    const link = remembered(section.seen);
    const answer = this.answers[section.view]({ parts, facts: section.facts, element });
    for (const { key, part, data } of section.parts) {
      const slot = /** @type {HTMLElement} */ (element.querySelector(`[data-key="${key}"]`));
      /**
       * @param {string} name
       * @param {any} value
       */
      const send = (name, value) => {
        if (name !== "refused") return answer(key, name, value);
        parts.get(key)?.destroy();
        const { title } = this.lesson.networks.find(({ digest }) => digest === value) ?? { title: "This model" };
        instead(slot, `${title} cannot run in this browser: ${networkOf(value)?.error}`);
      };
      try {
        parts.set(key, place(this.mounts[part], slot, this.lesson.texts[part], data, send, link));
      } catch {
        instead(slot, TOO_OLD);
      }
    }
    element.dataset.filled = "";
    leaveOut(); // once more: parts have brought further controls
    this.parts.push(...parts.values());
  }

  /**
   * Put a network that is read where parts find it; once.
   * @param {string} digest
   */
  publish(digest) {
    const [network, weights] = [this.lesson.networks.find((one) => one.digest === digest), this.weights.get(digest)];
    if (!network || !weights) return;
    this.weights.delete(digest);
    publish({ ...network, worker: this.lesson.worker, weights }, () => {});
  }
}

/** @param {string} id */
const elementOf = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {HTMLElement} element */
function isSeen(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

/** Until the browser has painted and has nothing else to do, a fifth of a second at most. */
const rest = () =>
  new Promise((go) => {
    if ("requestIdleCallback" in globalThis) requestIdleCallback(go, { timeout: 200 });
    else setTimeout(go, 50);
  });

/**
 * Fill the page. `mounts`: of the parts, by name; `answers`: of the views.
 * @param {Record<string, import("./page.js").Mount>} mounts
 * @param {Record<string, Answers>} answers
 */
export async function show(mounts, answers) {
  leaveOut();
  goThere();
  addEventListener("hashchange", leaveOut);
  addEventListener("hashchange", goThere);
  if (NEEDED.some((name) => !Reflect.get(globalThis, name))) return trouble(TOO_OLD);
  const lesson = await carried().catch(() => null);
  trouble(lesson ? "" : CUT_OFF);
  if (!lesson) return;
  shared().keepsAll = true;
  const filling = new Filling(lesson, mounts, answers);
  let touched = false;
  for (const act of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    addEventListener(act, () => (touched = true), { once: true, capture: true, passive: true });
  }
  addEventListener("beforeprint", () => {
    filling.finish();
    finishWork();
  });
  // A part reads colours when its data come.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const part of filling.parts) part.update(part.data);
  });
  try {
    await filling.run();
    if (!touched) goThere(); // once more: sections above have become higher
    document.documentElement.dataset.lesson = "shown";
    for (const bytes of lesson.atlases) {
      mountAtlas({ ...unseen(), data: await read(bytes) });
    }
  } catch (error) {
    tell(error);
  }
}
