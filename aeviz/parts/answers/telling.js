// What is shown of an item on its way through a VAE beside the live parts: pictures, equations, both terms of the loss.

import { contextOf } from "../js/common.js";
import { toPixels } from "../js/networks.js";
import { SAMPLES } from "./passing.js";
import { equations } from "./posterior.js";

/** @typedef {import("../js/networks.js").Tile} Tile */

const FURTHER = 6;
const EQUATIONS = 4;

/**
 * A picture with its caption.
 * @param {string} caption
 * @param {Tile} tile
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
 * @param {string} [text] its class
 */
export function block(kind, content, text = "") {
  const made = document.createElement(kind);
  if (text) made.className = text;
  made.append(...content);
  return made;
}

/**
 * Both terms of the loss as bars on one scale; "…" for one that is being computed.
 * @param {HTMLElement} box
 * @param {[name: string, reconstruction: number, kl: number][]} rows in nats
 */
function showTerms(box, rows) {
  const largest = Math.max(...rows.map(([, error, kl]) => (Number.isFinite(error) ? error + kl : 0)));
  const digits = largest >= 10 ? 1 : 2;
  box.replaceChildren(
    ...rows.map(([name, error, kl]) => {
      const known = Number.isFinite(error);
      const bars = [error, kl].map((value, i) => {
        const bar = block("span", [], i ? "kl" : "error");
        bar.style.width = known ? `${(100 * value) / largest}%` : "0";
        return bar;
      });
      const sum = block("b", [known ? (error + kl).toFixed(digits) : "…"]);
      const words = block(
        "span",
        [sum, known ? ` nats = ${error.toFixed(digits)} + ${kl.toFixed(digits)}` : ""],
        "sum",
      );
      return block("div", [block("span", [name], "name"), block("div", bars, "bar"), words], "term");
    }),
  );
}

/**
 * @param {Tile} tile
 * @param {string} noun what an item is called
 * @param {[name: string, reconstruction: number, kl: number] | null} measured of the test split
 */
export function tellingOf(tile, noun, measured) {
  const [item, ofZ, ofMean, average] = ["", "decode of z", "decode of μ", `mean of ${SAMPLES} decoded draws`].map(
    (text) => figure(text, tile),
  );
  ofZ.element.className = "accented";
  const further = Array.from({ length: FURTHER }, () => figure("", tile));
  const [lines, terms] = [block("div", [], "equations"), block("div", [], "terms")];
  return {
    ...{ item, ofZ, ofMean, average, further },
    linesBox: lines,
    termsBox: terms,
    /**
     * @param {import("./posterior.js").Posterior} posterior
     * @param {number | null} seed of ε; null where z was put by hand
     */
    equations(posterior, seed) {
      const source = seed === null ? "ε of the z that was placed" : `ε of seed ${seed}`;
      const all = [...equations(posterior, EQUATIONS), source];
      lines.replaceChildren(...all.map((line) => block("div", [line])));
    },
    /**
     * @param {import("./passing.js").Terms} found
     * @param {boolean} placed
     */
    terms({ draw, expected, kl }, placed) {
      /** @type {[string, number, number][]} */
      const rows = [
        [placed ? "the z that was placed" : "this draw", draw, kl],
        [`this ${noun}, mean of ${SAMPLES} draws`, expected, kl],
      ];
      if (measured) rows.push(measured);
      showTerms(terms, rows);
    },
  };
}

/** @typedef {ReturnType<typeof tellingOf>} Telling */
