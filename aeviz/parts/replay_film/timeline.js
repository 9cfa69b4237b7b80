// Arithmetic of the time line: pure, tested on its own. Early steps change most, so a step stands at log(1 + step).

const MARGIN = 14; // px of the band beyond the first and the last step
const CROWDED = 0.07; // of the line: a mark nearer than that to the last step has no room for its number

export function placeOf(step, last) {
  return Math.log1p(step) / Math.log1p(last);
}

export function toPixel(t, width, margin = MARGIN) {
  return margin + t * (width - 2 * margin);
}

export function toT(x, width, margin = MARGIN) {
  return clamp((x - margin) / (width - 2 * margin), 0, 1);
}

// The last of ascending places at or before t, and the share of the way from there to the next.
export function frameAt(places, t) {
  let frame = 0;
  while (frame + 1 < places.length && places[frame + 1] <= t + 1e-9) frame++;
  const way = places[frame + 1] - places[frame];
  return { frame, share: way > 0 ? clamp((t - places[frame]) / way, 0, 1) : 0 };
}

// All steps at which any film has a frame, ascending.
export function stopsOf(films) {
  return [...new Set(films.flatMap(({ steps }) => steps))].sort((a, b) => a - b);
}

export function nearestStop(stops, t) {
  const last = stops.at(-1);
  const away = stops.map((step) => Math.abs(placeOf(step, last) - t));
  return away.indexOf(Math.min(...away));
}

// The stop a key leads to; null for a key that is not ours.
export function keyStop(key, stop, count) {
  const moves = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5 };
  if (key in moves) return clamp(stop + moves[key], 0, count - 1);
  return { Home: 0, End: count - 1 }[key] ?? null;
}

// Steps to write below the line: 0, the powers of ten, the last.
export function decades(last) {
  const powers = [];
  for (let step = 1; step < last; step *= 10) if (placeOf(step, last) < 1 - CROWDED) powers.push(step);
  return [0, ...powers, last];
}

export const grouped = (number) => number.toLocaleString("en");
