// What Python answers on Repair, where none is there: the damage that is chosen, and what networks in the file make of it.

import { base64Of, bytesOf } from "../js/common.js";
import { restores } from "./restoring.js";
import { painted, Trial } from "./trial.js";

/**
 * @typedef {import("../hosts/page.js").Placed} Placed
 * @typedef {import("./trial.js").Facts} Facts
 */

const BRUSH = "brush"; // damage that a hand paints

const pause = () => new Promise((resume) => setTimeout(resume));

/**
 * @param {string} name
 * @param {{ className?: string, textContent?: string }} [properties]
 * @param {Node[]} inside
 */
function made(name, properties = {}, ...inside) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...inside);
  return element;
}

/**
 * The pixels (H, W) that are painted on a pad, whose pixels are a whole multiple.
 * @param {Uint8Array} pixels
 * @param {number[]} shape
 * @param {number} least of 255, how much of a pixel must be covered
 */
export function maskOf(pixels, [, height, width], least) {
  const times = Math.round(Math.sqrt(pixels.length / (height * width)));
  const sums = new Float64Array(height * width);
  pixels.forEach((value, i) => {
    const [y, x] = [Math.floor(i / (width * times)), i % (width * times)];
    sums[Math.floor(y / times) * width + Math.floor(x / times)] += value;
  });
  return Uint8Array.from(sums, (sum) => Number(sum > least * times * times));
}

/** @param {{ parts: Map<string, Placed>, facts: Facts, element: HTMLElement }} section */
export function repair({ parts, facts, element }) {
  const { kinds, brush } = facts;
  const shape = facts.item.shape;
  let [chosen, keep, turn] = [facts.chosen, facts.keep, 0];
  let mask = brush?.mask ?? null;
  /** @type {Map<string, Trial>} */
  const trials = new Map();
  const verdict = made("p", { className: "note" });
  verdict.setAttribute("role", "status");
  verdict.dataset.name = "verdict";

  function trial() {
    const known = trials.get(chosen);
    if (known) return known;
    const kind = kinds.find(({ name }) => name === (chosen === BRUSH ? brush?.kind : chosen)) ?? kinds[0];
    const begun = new Trial(facts, chosen === BRUSH ? painted(kind, mask, shape) : kind, keep && restorable(kind));
    trials.set(chosen, begun);
    return begun;
  }

  const restorable = (/** @type {import("./trial.js").Kind} */ { live, known, name, hidden }) =>
    live && known && restores(name, Boolean(hidden));

  // Show the kind that is chosen, say who wins, and follow its curves to their ends.
  async function show() {
    const mine = ++turn;
    const now = trial();
    const { at } = now.data;
    now.make(at);
    parts.get("dial")?.update({ ...now.data });
    verdict.replaceChildren(...sentence(now, at, facts.words.noun));
    if (!now.data.chart || !now.kind.live) return;
    for (let stop = at % now.places; stop < now.count; stop += now.places) {
      now.make(stop);
      await pause();
      if (mine !== turn) return;
    }
    parts.get("dial")?.update({ ...now.data });
  }

  const choosing = chooser(kinds, Boolean(brush), (name) => {
    chosen = name;
    lay();
  });
  const keeping = made("input");
  Object.assign(keeping, {
    type: "checkbox",
    checked: keep,
    onchange: () => {
      keep = /** @type {HTMLInputElement} */ (keeping).checked;
      for (const [name, old] of trials) {
        old.keep = keep && restorable(old.kind);
        old.forget();
        if (name !== chosen) old.data.chart?.lines.forEach((line, row) => old.rows[row].own && line.values.fill(null));
      }
      show();
    },
  });
  const label = made("label", { className: "note" }, keeping, new Text(" Put back what is known"));
  const bar = made("div", { className: "choose" }, choosing, label);
  bar.dataset.name = "kinds";
  element.querySelector(".parts")?.before(bar);
  element.querySelector(".parts")?.after(verdict);

  // What belongs to the kind that is chosen.
  function lay() {
    for (const button of choosing.children) {
      button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.kind === chosen));
    }
    element.querySelector("[data-key=brush]")?.classList.toggle("off", chosen !== BRUSH);
    label.classList.toggle("off", !restorable(trial().kind));
    show();
  }
  queueMicrotask(lay); // when the parts stand

  /** @type {import("../hosts/lesson.js").Answer} */
  return (key, name, value) => {
    if (name === "stop") {
      const now = trial();
      now.data = { ...now.data, at: value };
      show();
    } else if (name === "drawing" && brush) {
      const found = maskOf(bytesOf(value.pixels), shape, brush.painted);
      mask = { dtype: "uint8", shape: shape.slice(1), bytes: base64Of(found) };
      trials.delete(BRUSH);
      const pad = parts.get(key);
      pad?.update({ ...pad.data, number: value.number, strokes: value.strokes });
      show();
    }
  };
}

/**
 * A button for each kind of damage.
 * @param {import("./trial.js").Kind[]} kinds
 * @param {boolean} brush
 * @param {(name: string) => void} act
 */
function chooser(kinds, brush, act) {
  const names = kinds.map(({ name, label }) => ({ name, label }));
  if (brush) names.push({ name: BRUSH, label: "Paint it away" });
  const buttons = names.map(({ name, label }) => {
    const button = made("button", { textContent: label });
    Object.assign(button, { type: "button", onclick: () => act(name) }).dataset.kind = name;
    return button;
  });
  const group = made("div", { className: "segments" }, ...buttons);
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Damage");
  return group;
}

/**
 * Who wins by each figure, in words; the figures may disagree.
 * @param {Trial} trial
 * @param {number} stop
 * @param {string} noun
 * @returns {Node[]}
 */
function sentence(trial, stop, noun) {
  const wins = trial.winners(stop);
  const clauses = wins.flatMap(({ rows, by }, i) => {
    const names = rows.flatMap((row, place) => {
      const joint = !place ? "" : place === rows.length - 1 ? " and " : ", ";
      return [new Text(joint), made("b", { textContent: trial.rows[row].label })];
    });
    const verb = rows.length === 1 ? "is" : "are";
    return [new Text(i ? ", " : ""), ...names, new Text(` ${verb} nearest ${by.join(" and ")}`)];
  });
  if (!wins.length) return [];
  const helpless = wins.some(({ rows }) => rows.includes(0));
  const end = helpless ? ` Where nothing is nearer than the damaged ${noun} itself, no repair helps.` : "";
  return [...clauses, new Text(`.${end}`)];
}
