// Colours that stand out from what lies under them.

function rgbOf(text) {
  if (text.startsWith("#")) {
    const digits = text.length < 6 ? [...text.slice(1, 4)].map((d) => d + d).join("") : text.slice(1, 7);
    return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
  }
  return text.match(/[\d.]+/g).slice(0, 3).map(Number);
}

function luminance(text) {
  const [r, g, b] = rgbOf(text).map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

// The colour moved towards white or black just as far as it takes to stand out from the ground (WCAG contrast).
export function legible(colour, ground, ratio = 3) {
  const under = luminance(ground);
  const ink = under < 0.2 ? 255 : 0;
  for (let t = 0; t < 1; t += 0.05) {
    const tried = `rgb(${rgbOf(colour).map((v) => Math.round(v + (ink - v) * t)).join(", ")})`;
    const [high, low] = [luminance(tried), under].sort((a, b) => b - a);
    if ((high + 0.05) / (low + 0.05) >= ratio) return tried;
  }
  return `rgb(${ink}, ${ink}, ${ink})`;
}
