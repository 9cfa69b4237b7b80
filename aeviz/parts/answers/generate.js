// What Python answers on Generate, where none is there: new draws for a seed, decoded as they come.

import { contextOf, unpack } from "../js/common.js";
import { networkOf } from "../js/networks.js";
import { loadSheet, paintTile } from "../js/sheets.js";
import { choice, rowBefore, seedControl } from "./controls.js";
import { codesOf, nearestFirst, noiseOf, pictures } from "./draws.js";
import { hearing } from "./hearing.js";

/**
 * @typedef {import("../hosts/page.js").Placed} Placed
 * @typedef {object} Panel
 * @property {string} digest
 * @property {import("../js/networks.js").Tile} tile
 * @property {any} middle
 * @property {any} axes
 * @property {import("./draws.js").Source} source
 * @property {any} others middles round which one may draw as well, one for each of the dial's items
 *
 * @typedef {object} Dial
 * @property {number} seed
 * @property {number[]} values by how much draws are widened at each stop
 * @property {number} count of the draws
 * @property {number} columns
 * @property {number} ground
 * @property {string[]} items
 * @property {import("../js/sheets.js").Sheet | null} pictures of the items
 * @property {Panel[]} panels
 */

/**
 * A dial whose pictures are drawn here.
 * @param {string} key
 * @param {Dial} dial
 * @param {Map<string, Placed>} parts
 */
function drawing(key, { seed: first, values, count, columns, ground, panels }, parts) {
  const grid = { stops: values.length, count, columns, ground };
  const made = panels.map((panel) => {
    const [middle, axes] = [unpack(panel.middle), unpack(panel.axes)];
    const others = panel.others && unpack(panel.others);
    return { source: panel.source, middle, axes, others, ...pictures(panel.digest, panel.tile, grid) };
  });
  let [seed, item] = [first, 0];
  /** @type {string[][] | null} */
  let measured = null; // of the draws that are saved with the page

  // The pictures that are saved with the page stay until those of the stop that is shown have come.
  function draw() {
    const dial = parts.get(key);
    if (!dial) return;
    const { panels: before } = dial.data;
    measured ??= before.map((/** @type {{ notes: string[] }} */ { notes }) => notes);
    const saved = seed === first && item === 0;
    const told = before.map((/** @type {any} */ panel, /** @type {number} */ i) => ({
      ...panel,
      notes: saved ? measured?.[i] : [],
    }));
    dial.update({ ...dial.data, panels: told });
    const order = nearestFirst(values.length, dial.data.at);
    made.forEach(({ source, middle, axes, others, sheet, draw: decode }, number) => {
      const d = middle.length;
      const from = others ? others.subarray(item * d, (item + 1) * d) : middle;
      const noise = noiseOf(source, count, axes.length / d, seed);
      decode(codesOf({ middle: from, axes, noise, values }, order), order, (come) => {
        if (come < count) return;
        const shown = dial.data.panels.map((/** @type {any} */ panel, /** @type {number} */ i) =>
          i === number ? { ...panel, sheet } : panel,
        );
        dial.update({ ...dial.data, panels: shown });
      });
    });
  }
  return {
    draw,
    seed: (/** @type {number} */ next) => {
      seed = next;
      draw();
    },
    item: (/** @type {number} */ next) => {
      item = next;
      draw();
    },
  };
}

/**
 * A choice among the items, with a picture of the one that is chosen.
 * @param {Dial} dial
 * @param {(item: number) => void} act
 */
function itemControl({ items, pictures: sheet }, act) {
  if (!sheet) return [];
  const canvas = Object.assign(document.createElement("canvas"), { width: sheet.width, height: sheet.height });
  canvas.setAttribute("role", "img");
  const { label, select } = choice("Close to", items, (item) => {
    show(item);
    act(item);
  });
  const loaded = loadSheet(sheet);
  const show = (/** @type {number} */ item) => {
    canvas.setAttribute("aria-label", items[item]);
    loaded.then((full) => paintTile(contextOf(canvas), full, item, 0, 0, full.width, full.height));
  };
  show(select.selectedIndex);
  return [label, canvas];
}

/**
 * Why this browser cannot run what a dial draws with; "" where it can.
 * @param {Dial} dial
 */
function problem({ panels }) {
  const models = panels.map(({ digest }) => networkOf(digest));
  const refused = models.find((model) => !model?.run);
  return refused ? `Nothing is drawn anew: this browser cannot run a model. ${refused.error}` : "";
}

/** @type {import("../hosts/lesson.js").Answers} */
export function generate(section) {
  const { parts, facts, element } = section;
  for (const [key, dial] of /** @type {[string, Dial][]} */ (Object.entries(facts.dials))) {
    const why = problem(dial);
    if (why) {
      rowBefore(element, key, "seed", [why]);
      continue;
    }
    const { draw, seed, item } = drawing(key, dial, parts);
    const text = dial.items.length ? "New directions" : "New draws";
    rowBefore(element, key, "seed", [...itemControl(dial, item), ...seedControl(text, dial.seed, seed)]);
    queueMicrotask(draw); // when the dial is there
  }
  return hearing("stop", "at")(section);
}
