// What Python answers on How a VAE thinks, where none is there: another item, another draw, a posterior turned by hand.

import { bytesOf, contextOf, unpack } from "../js/common.js";
import { scoreOf } from "../js/engine/likelihoods.js";
import { networkOf, toPixels } from "../js/networks.js";
import { numpyNormals } from "../js/random.js";
import { button, choice, rowBefore, seedControl, slotBefore } from "./controls.js";
import { prepare } from "./drawing.js";
import { drawnCode, equations, klOf, noiseFor, padOf, slidersOf } from "./posterior.js";

/**
 * @typedef {import("../hosts/page.js").Placed} Placed
 * @typedef {import("./posterior.js").Posterior} Posterior
 *
 * @typedef {object} Facts
 * @property {string} digest
 * @property {import("../js/networks.js").Tile} tile
 * @property {string} accent
 * @property {any} items (N, values)
 * @property {number[]} rows of the items
 * @property {string[]} names of them
 * @property {number} seed
 * @property {any} noise (d)
 * @property {boolean} placed whether a hand put z where it is
 * @property {number[]} order the coordinate of each slider
 * @property {number[]} pair those of the plane; none where there is no plane
 * @property {[name: string, reconstruction: number, kl: number] | null} measured of the test split
 * @property {import("./drawing.js").Convention} drawing
 */

const SAMPLES = 128; // draws that the mean and the expected error are taken over
const FURTHER = 6;
const EQUATIONS = 4;

/**
 * A picture with its caption.
 * @param {string} caption
 * @param {import("../js/networks.js").Tile} tile
 */
function figure(caption, tile) {
  const [element, text] = [document.createElement("figure"), document.createElement("figcaption")];
  const canvas = Object.assign(document.createElement("canvas"), { width: tile.width, height: tile.height });
  canvas.className = tile.smooth ? "smooth" : "";
  canvas.setAttribute("role", "img");
  const pixels = new ImageData(tile.width, tile.height);
  element.append(canvas, text);
  /** @param {string} said */
  const say = (said) => {
    text.textContent = said;
    canvas.setAttribute("aria-label", said || "another draw");
  };
  say(caption);
  return {
    element,
    canvas,
    say,
    show(/** @type {ArrayLike<number>} */ values) {
      toPixels(pixels.data, values, tile);
      contextOf(canvas).putImageData(pixels, 0, 0);
    },
  };
}

/**
 * @param {string} kind
 * @param {(HTMLElement | string)[]} content
 * @param {string} [text]
 */
function block(kind, content, text = "") {
  const made = document.createElement(kind);
  if (text) made.className = text;
  made.append(...content);
  return made;
}

/**
 * Both terms of the loss as bars on one scale.
 * @param {HTMLElement} box
 * @param {[name: string, reconstruction: number, kl: number][]} rows in nats
 */
function showTerms(box, rows) {
  const largest = Math.max(...rows.map(([, error, kl]) => error + kl));
  const digits = largest >= 10 ? 1 : 2;
  box.replaceChildren(
    ...rows.map(([name, error, kl]) => {
      const bars = [error, kl].map((value, i) => {
        const bar = block("span", [], i ? "kl" : "error");
        bar.style.width = `${(100 * value) / largest}%`;
        return bar;
      });
      const sum = block("b", [(error + kl).toFixed(digits)]);
      const words = block("span", [sum, ` nats = ${error.toFixed(digits)} + ${kl.toFixed(digits)}`]);
      return block("div", [block("span", [name]), block("div", bars, "bar"), words], "term");
    }),
  );
}

/**
 * What is shown beside the parts: pictures, equations, the terms.
 * @param {HTMLElement} element of the section
 * @param {string} first key of the first part
 * @param {Facts} facts
 */
function shownIn(element, first, { tile, accent }) {
  const [item, ofZ, ofMean, average] = ["", "decode of z", "decode of μ", `mean of ${SAMPLES} decoded draws`].map(
    (text) => figure(text, tile),
  );
  ofZ.element.className = "accented";
  const further = Array.from({ length: FURTHER }, () => figure("", tile));
  const label = (/** @type {string} */ text) => block("p", [text], "note");
  const [lines, terms] = [block("div", [], "equations"), block("div", [], "terms")];
  const pictures = slotBefore(element, first, "pictures", [
    block(
      "div",
      [item, ofZ, ofMean, average].map((made) => made.element),
      "figures",
    ),
    label("Further draws of this cloud"),
    block(
      "div",
      further.map((made) => made.element),
      "figures small",
    ),
  ]);
  const numbers = slotBefore(element, "", "terms", [
    label("The reparameterization in numbers: z = μ + σ · ε"),
    lines,
    label("The two terms of the loss: reconstruction, −log p(x | z), and KL, how far from the prior"),
    terms,
  ]);
  for (const slot of [pictures, numbers]) slot.style.setProperty("--accent", accent);
  numbers.classList.add("aside");
  return { item, ofZ, ofMean, average, further, lines, terms };
}

/** @type {import("../hosts/lesson.js").Answers} */
export function walkthrough({ parts, facts: given, element }) {
  const facts = /** @type {Facts} */ (given);
  const model = given.digest && networkOf(given.digest);
  if (!model?.run) return () => {};
  const { tile, order, pair, drawing, rows, names, measured } = facts;
  const first = pair.length ? "pad" : "drawing";
  const row = rowBefore(element, first, "seed", []);
  const [items, score, seen] = [unpack(facts.items), scoreOf(model.config), shownIn(element, first, facts)];
  const size = items.length / rows.length;
  let item = Float32Array.from(items.subarray(0, size));
  let [number, seed, placed, own] = [rows[0], facts.seed, facts.placed, ""];
  let encoded = { mean: Float32Array.of(), std: Float32Array.of() };
  /** @type {Posterior} */
  let posterior = { ...encoded, noise: Float32Array.from(unpack(facts.noise)) };
  let drawnNoise = Float32Array.of(); // of the draws that belong to the item

  function encode() {
    const { mean, std } = model.encode(item);
    encoded = { mean: mean.slice(), std: std.slice() };
    posterior = { mean: mean.slice(), std: std.slice(), noise: posterior.noise };
    drawnNoise = numpyNormals(SAMPLES * mean.length, [number]);
  }

  function redraw() {
    placed = false;
    posterior.noise = numpyNormals(posterior.mean.length, [seed, number]);
  }

  /** @param {Record<string, number[]>} [heard] what the hand has set just now, by part */
  function show(heard = {}) {
    for (const [key, spread] of /** @type {[string, boolean][]} */ (Object.entries({ mean: false, spread: true }))) {
      const sliders = parts.get(key);
      const home = spread ? encoded.std : encoded.mean;
      sliders?.update(slidersOf(sliders.data, posterior, order, { spread, home, seen: heard[key] ?? null }));
    }
    const pad = parts.get("pad");
    pad?.update(padOf(pad.data, posterior, pair));
    const code = drawnCode(posterior);
    seen.item.say(own || names[rows.indexOf(number)]);
    seen.item.show(item);
    seen.ofMean.show(model.decode(Float32Array.from(posterior.mean)));
    const decoded = model.decode(code);
    seen.ofZ.show(decoded);
    const source = placed ? "ε of the z that was placed" : `ε of seed ${seed}`;
    const lines = [...equations(posterior, EQUATIONS), source];
    seen.lines.replaceChildren(...lines.map((line) => block("div", [line])));
    expect(score(decoded, item));
  }

  /**
   * The mean of many draws, and their mean error, when they have come.
   * @param {number} now the error of the draw that is shown
   */
  function expect(now) {
    const kl = klOf(posterior).reduce((a, b) => a + b, 0);
    const { mean, std } = posterior;
    const d = mean.length;
    const codes = Float32Array.from(drawnNoise, (value, i) => mean[i % d] + std[i % d] * value);
    const [sum, of] = [new Float32Array(size), item];
    let error = 0;
    /** @param {number} expected */
    const tell = (expected) => {
      /** @type {[string, number, number][]} */
      const terms = [[placed ? "the z that was placed" : "this draw", now, kl]];
      if (Number.isFinite(expected)) terms.push([`this item, mean of ${SAMPLES} draws`, expected, kl]);
      if (measured) terms.push(measured);
      showTerms(seen.terms, terms);
    };
    tell(Number.NaN);
    model.run("walkthrough", { kind: "decode", rows: codes }, (/** @type {any} */ { first, count, values, done }) => {
      for (let i = 0; i < count; i++) {
        const picture = values.subarray(i * size, (i + 1) * size);
        error += score(picture, of) / SAMPLES;
        for (let j = 0; j < size; j++) sum[j] += picture[j] / SAMPLES;
        seen.further[first + i]?.show(picture);
      }
      if (!done) return;
      seen.average.show(sum);
      tell(error);
    });
  }

  /**
   * @param {ArrayLike<number>} values
   * @param {number} row the item's, whose draws these are
   * @param {string} name "" for an item of the data
   */
  function take(values, row, name) {
    [item, number, own] = [Float32Array.from(values), row, name];
    encode();
    redraw();
    show();
  }

  const begun = choice("Item", names, (i) => take(items.subarray(i * size, (i + 1) * size), rows[i], ""));
  const seeds = seedControl("New ε", seed, (next) => {
    seed = next;
    redraw();
    show();
  });
  const back = button("Back to the encoder's μ and σ", () => {
    encode();
    show();
  });
  row.append(begun.label, ...seeds, back);
  queueMicrotask(() => {
    encode();
    show();
  });

  return (key, name, value) => {
    const part = parts.get(key);
    if (name === "values") {
      const turned = key === "spread" ? posterior.std : posterior.mean;
      order.forEach((coordinate, i) => (turned[coordinate] = value[i]));
      show({ [key]: value });
    } else if (name === "pad" && value.position) {
      if (padOf(part?.data, posterior, pair).position?.every((x, i) => x === value.position[i])) return;
      placed = true;
      posterior.noise = noiseFor(posterior, pair, value.position);
      show();
    } else if (name === "drawing" && part) {
      const picture = prepare(bytesOf(value.pixels), part.data.sent, drawing);
      if (picture) take(picture, 0, "your own");
      part.update({ ...part.data, preview: picture && sheetOf(seen.item.canvas, tile), ...heardOf(value) });
    }
  };
}

/** @param {{ number: number, strokes: any[] }} message */
const heardOf = ({ number, strokes }) => ({ number, strokes });

/**
 * What a canvas shows, as a sheet of one tile.
 * @param {HTMLCanvasElement} canvas
 * @param {import("../js/networks.js").Tile} tile
 */
function sheetOf(canvas, { width, height, smooth }) {
  return { url: canvas.toDataURL(), count: 1, columns: 1, width, height, smooth };
}
