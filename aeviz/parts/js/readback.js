// Whether this browser gives the pixels of a canvas back as they were painted. Some hide them from pages and give back
// others (Firefox with resistFingerprinting, Brave): there nothing is read from a canvas.

import { contextOf } from "./common.js";

const PAINTED = ["#010203", "#fe8007", "#40c85a", "#7b007b"];

/** @type {boolean | undefined} */
let honest;

// Whether it does, tried once with a picture of 2 × 2 pixels.
export function readsBack() {
  honest ??= tried();
  return honest;
}

function tried() {
  const context = contextOf(Object.assign(document.createElement("canvas"), { width: 2, height: 2 }));
  PAINTED.forEach((colour, i) => {
    context.fillStyle = colour;
    context.fillRect(i % 2, Math.floor(i / 2), 1, 1);
  });
  try {
    const { data } = context.getImageData(0, 0, 2, 2);
    const wanted = PAINTED.flatMap((colour) =>
      [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)).concat(255),
    );
    return wanted.every((value, i) => data[i] === value);
  } catch {
    return false;
  }
}

/**
 * The pixels of a canvas from its corner on, RGBA; null where the browser hides them.
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} context
 * @param {number} width
 * @param {number} height
 */
export const pixelsOf = (context, width, height) =>
  readsBack() ? context.getImageData(0, 0, width, height).data : null;
