// A lesson: sections of parts in one HTML file, with models and pictures, and what answers a part where no Python does.

import { base64Of, bytesOf, shared } from "../js/common.js";
import { networkOf } from "../js/networks.js";
import { publish } from "../networks/networks.js";
import { mount as mountAtlas } from "../picture_atlas/picture_atlas.js";
import { place, remembered, unseen } from "./page.js";

/**
 * @typedef {import("./page.js").Placed} Placed
 * @typedef {{ key: string, part: string, data: any }} Part
 * @typedef {{ id: string, view: string, facts: any, seen: Record<string, string>, parts: Part[] }} Section
 * @typedef {{ bytes?: string, planes?: boolean, file?: string }} Bytes within the page, in base64, or in a file beside it; as gzip
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

/**
 * @param {Bytes} bytes
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function read({ bytes, planes, file }) {
  if (bytes !== undefined) return planes ? woven(await inflated(bytesOf(bytes))) : bytesOf(bytes);
  const answer = await fetch(file ?? "");
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
  const half = Math.ceil(planes.length / 2);
  return planes.map((_, i) => planes[i % 2 ? half + (i >> 1) : i >> 1]);
}

/**
 * The length of the JSON in 4 bytes, the JSON, and arrays to which it points as {at: [from, to]} in place of `bytes`.
 * @returns {Promise<Lesson>}
 */
async function carried() {
  const bytes = await inflated(bytesOf(document.getElementById("lesson")?.textContent ?? ""));
  const start = 4 + new DataView(bytes.buffer).getUint32(0, true);
  return JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)), (_, value) => {
    if (!Array.isArray(value?.at)) return value;
    const [from, to] = value.at;
    return { ...value, bytes: base64Of(bytes.subarray(start + from, start + to)) };
  });
}

/**
 * What is left out is named in the address behind "#": `#hide=title,sliders`, or `#decode&hide=…` for a section.
 * @param {string} hash
 */
export function asked(hash) {
  const parts = decodeURIComponent(hash.replace(/^#/, "")).split("&");
  const hidden = parts.find((part) => part.startsWith("hide="))?.slice("hide=".length);
  return { section: parts.find((part) => part && !part.includes("=")) ?? "", hide: hidden?.split(",") ?? [] };
}

function leaveOut() {
  const { section, hide } = asked(location.hash);
  for (const element of document.querySelectorAll("[data-name]")) {
    element.toggleAttribute("hidden", hide.includes(element.getAttribute("data-name") ?? ""));
  }
  if (section) document.getElementById(section)?.scrollIntoView();
}

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

/**
 * @param {Lesson} lesson
 * @param {Section} section
 * @param {Record<string, import("./page.js").Mount>} mounts
 * @param {Record<string, Answers>} answers
 */
function fill(lesson, section, mounts, answers) {
  const element = /** @type {HTMLElement} */ (document.getElementById(section.id));
  /** @type {Map<string, Placed>} */
  const parts = new Map();
  const link = remembered(section.seen);
  const answer = answers[section.view]({ parts, facts: section.facts, element });
  for (const { key, part, data } of section.parts) {
    const slot = /** @type {HTMLElement} */ (element.querySelector(`[data-key="${key}"]`));
    /**
     * @param {string} name
     * @param {any} value
     */
    const send = (name, value) => {
      if (name !== "refused") return answer(key, name, value);
      parts.get(key)?.destroy();
      const { title } = lesson.networks.find(({ digest }) => digest === value) ?? { title: "This model" };
      instead(slot, `${title} cannot run in this browser: ${networkOf(value)?.error}`);
    };
    try {
      parts.set(key, place(mounts[part], slot, lesson.texts[part], data, send, link));
    } catch {
      instead(slot, TOO_OLD);
    }
  }
  return [...parts.values()];
}

/**
 * Fill the page. `mounts`: of the parts, by name; `answers`: of the views.
 * @param {Record<string, import("./page.js").Mount>} mounts
 * @param {Record<string, Answers>} answers
 */
export async function show(mounts, answers) {
  leaveOut();
  addEventListener("hashchange", leaveOut);
  if (NEEDED.some((name) => !Reflect.get(globalThis, name))) return trouble(TOO_OLD);
  const lesson = await carried().catch(() => null);
  trouble(lesson ? "" : CUT_OFF);
  if (!lesson) return;
  shared().keepsAll = true;
  try {
    for (const { weights, ...network } of lesson.networks) {
      publish({ ...network, worker: lesson.worker, weights: await read(weights) }, () => {});
    }
    const parts = lesson.sections.flatMap((section) => fill(lesson, section, mounts, answers));
    leaveOut(); // once more: parts have brought further controls, and their heights
    document.documentElement.dataset.lesson = "shown";
    // A part reads colours when its data come.
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      for (const part of parts) part.update(part.data);
    });
    for (const bytes of lesson.atlases) {
      mountAtlas({ ...unseen(), data: await read(bytes) });
    }
  } catch (error) {
    trouble(error instanceof Error ? error.message : String(error));
  }
}
