// Thousands of points, written pixel by pixel: many times faster than a call of the canvas for each.

import { classColours, css, mix, rgb } from "../js/colours.js";
import { clamp, contextOf } from "../js/common.js";
import { pixelsOf } from "../js/readback.js";

/** @typedef {{ side: number, pixels: ArrayLike<number> }} Stamp */

/**
 * Put `stamps[labels[i]]` ({side, pixels}: RGBA as one number each) round every place, left out where it would leave the
 * picture. Where two edges meet, the more opaque pixel stays. A place goes to (x0 + k·x, y0 − k·y).
 * @param {Uint32Array} picture
 * @param {number} width
 * @param {number} height
 * @param {ArrayLike<number>} places
 * @param {ArrayLike<number> | null} labels
 * @param {Stamp[]} stamps
 * @param {{ x0: number, y0: number, k: number }} view
 */
export function stampDots(picture, width, height, places, labels, stamps, { x0, y0, k }) {
  for (let i = 0; 2 * i < places.length; i++) {
    const { side, pixels } = stamps[labels ? labels[i] % stamps.length : 0];
    const left = Math.round(x0 + k * places[2 * i] - side / 2);
    const top = Math.round(y0 - k * places[2 * i + 1] - side / 2);
    if (!(left >= 0 && top >= 0 && left + side <= width && top + side <= height)) continue;
    for (let row = 0, from = 0; row < side; row++) {
      for (let to = (top + row) * width + left, end = to + side; to < end; to++, from++) {
        const alpha = pixels[from] >>> 24;
        if (alpha === 255 || alpha > picture[to] >>> 24) picture[to] = pixels[from];
      }
    }
  }
}

/**
 * @param {string} colour
 * @param {string} rim
 * @param {number} radius
 */
function stampOf(colour, rim, radius) {
  const side = 2 * Math.ceil(radius + 1);
  const context = contextOf(Object.assign(document.createElement("canvas"), { width: side, height: side }));
  const disc = (/** @type {number} */ reach, /** @type {string} */ fill) => {
    context.fillStyle = fill;
    context.beginPath();
    context.arc(side / 2, side / 2, reach, 0, 2 * Math.PI);
    context.fill();
  };
  if (rim) disc(radius + 0.9, rim);
  disc(radius, colour);
  const pixels = pixelsOf(context, side, side) ?? discs(side, radius, colour, rim);
  return { side, pixels: new Uint32Array(pixels.buffer) };
}

/**
 * The same pixels, RGBA, without a canvas.
 * @param {number} side
 * @param {number} radius
 * @param {string} colour
 * @param {string} rim
 */
export function discs(side, radius, colour, rim) {
  const [inner, outer] = [rgb(colour), rgb(rim || colour)];
  const pixels = new Uint8ClampedArray(4 * side * side);
  for (let i = 0; i < side * side; i++) {
    const far = Math.hypot((i % side) + 0.5 - side / 2, Math.floor(i / side) + 0.5 - side / 2);
    const [within, covered] = [radius, radius + (rim ? 0.9 : 0)].map((reach) => clamp(reach + 0.5 - far, 0, 1));
    pixels.set([...mix(outer, inner, within), 255 * covered], 4 * i);
  }
  return pixels;
}

/**
 * A canvas is kept for the dots, one stamp longer on each side, so that dots at the edge are cut and not left out.
 * @param {CanvasRenderingContext2D} context
 * @param {import("./latent_pad.js").LatentPad} pad
 * @param {import("./keeping.js").Cloud} cloud
 * @param {string} ground
 * @param {string} rim
 */
export function paintDots(context, pad, cloud, ground, rim) {
  const { data, ratio, view } = pad;
  const crowd = cloud.places.length > 8000 ? 1.6 : 2.1;
  const radius = Math.min(4.5, crowd * Math.max(1, view.k / pad.home.k) ** 0.3) * ratio;
  const palette = data.colours.length ? data.colours : [pad.theme.accent];
  const stamps = classColours(palette, rgb(ground)).map((colour) => stampOf(css(colour), rim, radius));
  const { side } = stamps[0];
  const [width, height] = [Math.ceil(pad.width * ratio) + 2 * side, Math.ceil(pad.height * ratio) + 2 * side];
  const canvas = (pad.dots ??= document.createElement("canvas"));
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const image = new ImageData(width, height);
  const [x, y] = pad.screen(0, 0);
  const origin = { x0: x * ratio + side, y0: y * ratio + side, k: view.k * ratio };
  stampDots(new Uint32Array(image.data.buffer), width, height, cloud.places, cloud.labels, stamps, origin);
  contextOf(canvas).putImageData(image, 0, 0);
  context.drawImage(canvas, -side / ratio, -side / ratio, width / ratio, height / ratio);
}
