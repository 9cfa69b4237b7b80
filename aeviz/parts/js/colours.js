// Colours as [r, g, b]: mixed, written, and made to stand out from what lies under them.

/** @typedef {number[]} Colour red, green and blue, 0 to 255 */

/** @type {Colour[]} */
const [BLACK, WHITE] = [
  [0, 0, 0],
  [255, 255, 255],
];
const STANDS_OUT = { onDark: 3, onLight: 2 }; // contrast of a class colour with its ground

/**
 * "#rgb", "#rrggbb" or "rgb(a)(…)" -> [r, g, b].
 * @param {string} text
 */
export function rgb(text) {
  if (text.startsWith("#")) {
    const digits = text.length < 6 ? [...text.slice(1, 4)].map((d) => d + d).join("") : text.slice(1, 7);
    return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
  }
  const parts = text.match(/[\d.]+/g);
  return parts && parts.length >= 3 ? parts.slice(0, 3).map(Number) : [128, 128, 128];
}

/**
 * @param {Colour} a
 * @param {Colour} b
 * @param {number} t
 */
export const mix = (a, b, t) => a.map((value, c) => Math.round(value + (b[c] - value) * t));
/**
 * @param {Colour} colour
 * @param {number} [alpha]
 */
export const css = (colour, alpha = 1) => `rgba(${colour.join(", ")}, ${alpha})`;

/**
 * A colour as one little-endian pixel of ImageData, and back.
 * @param {Colour} colour
 */
export const pixel = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
/** @param {number} value */
export const unpacked = (value) => [value & 255, (value >> 8) & 255, (value >> 16) & 255];

/** @param {Colour} colour */
function luminance(colour) {
  const [r, g, b] = colour.map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * WCAG contrast ratio, 1 to 21.
 * @param {Colour} a
 * @param {Colour} b
 */
export function contrast(a, b) {
  const [high, low] = [luminance(a), luminance(b)].sort((p, q) => q - p);
  return (high + 0.05) / (low + 0.05);
}

/** @param {Colour} ground */
export const isDark = (ground) => luminance(ground) < 0.2;

/**
 * The colour moved towards `ink`, which is black or white where none is given, just as far as it takes to stand out.
 * @param {Colour} colour
 * @param {Colour} ground
 * @param {number} [ratio]
 * @param {Colour} [ink]
 */
export function legible(colour, ground, ratio = 3, ink = isDark(ground) ? WHITE : BLACK) {
  for (let t = 0; t < 1; t += 0.05) {
    const tried = mix(colour, ink, t);
    if (contrast(tried, ground) >= ratio) return tried;
  }
  return ink;
}

/**
 * The same of colours as texts.
 * @param {string} colour
 * @param {string} ground
 * @param {number} [ratio]
 */
export const legibleText = (colour, ground, ratio = 3) => css(legible(rgb(colour), rgb(ground), ratio));

/**
 * The colours of classes as a ground can bear them: the same in every part.
 * @param {string[]} colours
 * @param {Colour} ground
 */
export function classColours(colours, ground) {
  const ratio = isDark(ground) ? STANDS_OUT.onDark : STANDS_OUT.onLight;
  return colours.map((text) => legible(rgb(text), ground, ratio));
}
