// Colours: the continuous scale, and what the theme asks of it and of the classes.

// Viridis (van der Walt and Smith, 2015) at nine even steps.
const VIRIDIS = [
  [68, 1, 84], [71, 45, 123], [59, 82, 139], [44, 114, 142], [33, 145, 140],
  [40, 174, 128], [94, 201, 98], [173, 220, 48], [253, 231, 37],
];

// "#rgb", "#rrggbb" or "rgb(a)(…)" -> [r, g, b].
export function rgb(text) {
  if (text.startsWith("#")) {
    const digits = text.length < 6 ? [...text.slice(1, 4)].map((d) => d + d).join("") : text.slice(1, 7);
    return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
  }
  const parts = text.match(/[\d.]+/g);
  return parts && parts.length >= 3 ? parts.slice(0, 3).map(Number) : [128, 128, 128];
}

export const mix = (a, b, t) => a.map((value, c) => Math.round(value + (b[c] - value) * t));
export const css = (colour, alpha = 1) => `rgba(${colour.join(", ")}, ${alpha})`;

// A colour as one little-endian pixel of ImageData.
export const pixel = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;

function luminance(colour) {
  const [r, g, b] = colour.map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// WCAG contrast ratio, 1 to 21.
export function contrast(a, b) {
  const [high, low] = [luminance(a), luminance(b)].sort((p, q) => q - p);
  return (high + 0.05) / (low + 0.05);
}

// The colour moved towards `ink` just as far as it takes to stand out from the ground.
export function legible(colour, ground, ink, ratio) {
  for (let t = 0; t < 1; t += 0.05) {
    const tried = mix(colour, ink, t);
    if (contrast(tried, ground) >= ratio) return tried;
  }
  return ink;
}

export const isDark = (ground) => luminance(ground) < 0.2;

// The scale at t in [0, 1]. Its end that would melt into the ground is left out.
export function ramp(t, dark = false) {
  const [from, to] = dark ? [0.16, 1] : [0, 0.9];
  const at = (from + Math.min(1, Math.max(0, t)) * (to - from)) * (VIRIDIS.length - 1);
  const step = Math.min(VIRIDIS.length - 2, Math.floor(at));
  return mix(VIRIDIS[step], VIRIDIS[step + 1], at - step);
}

// The values between which most lie: a few outliers must not flatten the scale.
export function span(values, share = 0.01) {
  const sorted = Float32Array.from(values).filter(Number.isFinite).sort();
  if (!sorted.length) return [0, 1];
  const lo = sorted[Math.floor(share * (sorted.length - 1))];
  const hi = sorted[Math.ceil((1 - share) * (sorted.length - 1))];
  return hi > lo ? [lo, hi] : [lo, lo + 1];
}
