// What Python answers on How a VAE thinks, where none is there: another item, another draw, a posterior turned by hand.

import { bytesOf, unpack } from "../js/common.js";
import { networkOf, sheetOf } from "../js/networks.js";
import { button, choice, rowBefore, seedControl, slotBefore } from "./controls.js";
import { prepare } from "./drawing.js";
import { Passing } from "./passing.js";
import { around } from "./posterior.js";
import { block, tellingOf } from "./telling.js";

/**
 * @typedef {object} Facts
 * @property {string} digest
 * @property {import("../js/networks.js").Tile} tile
 * @property {string} accent
 * @property {any} items (N, values)
 * @property {number[]} rows of the items
 * @property {string[]} names of them
 * @property {number} seed
 * @property {any} mean (d) as it was turned
 * @property {any} std (d)
 * @property {any} noise (d)
 * @property {boolean} placed whether a hand put z where it is
 * @property {number[]} order the coordinate of each slider
 * @property {number[]} pair those of the plane; none where there is no plane
 * @property {number | null} near spreads of a cloud that the plane shows to either side; null where it shows all clouds
 * @property {[name: string, reconstruction: number, kl: number] | null} measured of the test split
 * @property {import("./drawing.js").Convention} drawing
 */

/**
 * Put what is shown beside the parts on the page.
 * @param {HTMLElement} element of the section
 * @param {string} first key of the first part
 * @param {string} accent
 * @param {import("./telling.js").Telling} telling
 */
function layOut(element, first, accent, { item, ofZ, ofMean, average, further, linesBox, termsBox }) {
  const label = (/** @type {string} */ text) => block("p", [text], "note");
  const elements = (/** @type {{ element: HTMLElement }[]} */ figures) => figures.map((made) => made.element);
  const pictures = slotBefore(element, first, "pictures", [
    block("div", elements([item, ofZ, ofMean, average]), "figures"),
    label("Further draws of this cloud"),
    block("div", elements(further), "figures small"),
  ]);
  const numbers = slotBefore(element, "", "terms", [
    label("The reparameterization in numbers: z = μ + σ · ε"),
    linesBox,
    label("The two terms of the loss: reconstruction, −log p(x | z), and KL, how far from the prior"),
    termsBox,
  ]);
  for (const slot of [pictures, numbers]) slot.style.setProperty("--accent", accent);
  numbers.classList.add("aside");
}

/** @type {import("../hosts/lesson.js").Answers} */
export function walkthrough({ parts, facts: given, element }) {
  const facts = /** @type {Facts} */ (given);
  const model = given.digest && networkOf(given.digest);
  if (!model?.run) return () => {};
  const { tile, accent, order, pair, drawing, rows, names, measured } = facts;
  const first = pair.length ? "pad" : "drawing";
  const row = rowBefore(element, first, "seed", []);
  const items = unpack(facts.items);
  const telling = tellingOf(tile, "item", measured);
  layOut(element, first, accent, telling);
  const size = items.length / rows.length;
  const passing = new Passing(model, { order, pair });
  let [own, seed] = ["", facts.seed];

  /**
   * @param {string} [held] key of the sliders that a hand turns
   * @param {number[]} [heard] what it has set
   */
  function show(held, heard) {
    const turning = Boolean(held && !heard);
    for (const key of turning ? [] : ["mean", "spread"]) {
      const sliders = parts.get(key);
      sliders?.update(passing.sliders(sliders.data, key === "spread", key === held ? heard : null));
    }
    const pad = parts.get("pad");
    pad?.update(passing.pad(pad.data, turning));
    telling.item.say(own || names[rows.indexOf(passing.number)]);
    passing.show(telling, turning);
  }

  /**
   * @param {ArrayLike<number>} values
   * @param {number} number the item's row, whose draws these are
   * @param {string} name "" for an item of the data
   */
  function take(values, number, name) {
    own = name;
    passing.take(values, number);
    passing.draw(seed);
    const pad = parts.get("pad");
    if (pad && facts.near) pad.data = around(pad.data, passing.posterior, pair, facts.near);
    show();
  }

  let at = 0; // the item of the data that was chosen last
  const choose = (/** @type {number} */ i) => {
    at = i;
    take(items.subarray(i * size, (i + 1) * size), rows[i], "");
  };
  const begun = choice("Item", names, choose);
  const seeds = seedControl("New ε", seed, (next) => {
    seed = next;
    passing.draw(seed);
    show();
  });
  const back = button("Back to the encoder's μ and σ", () => {
    passing.back();
    show();
  });
  row.append(begun.label, ...seeds, back);
  queueMicrotask(() => {
    passing.take(items.subarray(0, size), rows[0]);
    passing.draw(seed);
    const [mean, std, noise] = [facts.mean, facts.std, facts.noise].map((packed) => Float32Array.from(unpack(packed)));
    passing.posterior = { mean, std, noise };
    passing.placed = facts.placed;
    show();
  });

  return (key, name, value) => {
    const part = parts.get(key);
    if (name === "turning" || name === "values") {
      passing.turn(key === "spread", value);
      show(key, name === "values" ? value : undefined);
    } else if (name === "pad" && value.position) {
      if (passing.put(value.position)) show();
    } else if (name === "drawing" && part) {
      const picture = prepare(bytesOf(value.pixels), part.data.sent, drawing);
      if (picture) take(picture, 0, "your own");
      else if (own) choose(at);
      begun.select.selectedIndex = picture ? -1 : at; // so that any can be chosen again
      part.update({ ...part.data, preview: picture && sheetOf(picture, tile), ...heardOf(value) });
    }
  };
}

/** @param {{ number: number, strokes: any[] }} message */
const heardOf = ({ number, strokes }) => ({ number, strokes });
