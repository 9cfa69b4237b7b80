// Small charts: curves over one axis, along which a part moves a line or its dots.

import { fontOf } from "./common.js";
import { withMinus } from "./ticks.js";

/**
 * @typedef {object} Line
 * @property {number[]} [steps] where the values stand
 * @property {(number | null)[]} values null where there is none
 * @property {boolean} [dashed]
 *
 * @typedef {object} Chart
 * @property {Line[]} lines
 * @property {boolean} [log] whether the vertical axis is logarithmic
 * @property {{ value: number, name: string } | null} [reference]
 *
 * @typedef {object} Look
 * @property {number} width
 * @property {number} height
 * @property {(step: number) => number} place at what share of the width a step stands
 * @property {string} quiet colour of what is written
 * @property {string} line colour of what is ruled
 * @property {string} font
 * @property {string[]} colours of the lines
 */

export const GUTTER = 44; // px left of a chart, for its numbers; as much is not needed on its right
const RIGHT = 8;
const EDGE = 10; // px above and below the curves

/**
 * @param {number} t
 * @param {number} width
 */
export function chartPixel(t, width) {
  return GUTTER + t * (width - GUTTER - RIGHT);
}

/**
 * What a chart's curves span, its reference line included, as [low, high]; null where there is nothing to draw.
 * @param {Chart} chart
 * @returns {[low: number, high: number] | null}
 */
export function rangeOf(chart) {
  const values = chart.lines.flatMap((line) => line.values).concat(chart.reference ? [chart.reference.value] : []);
  const sound = values.flatMap((value) => (value === null || (chart.log && value <= 0) ? [] : [value]));
  if (!sound.length) return null;
  const [low, high] = [Math.min(...sound), Math.max(...sound)];
  return low < high ? [low, high] : chart.log ? [low / 2, low * 2] : [low - 1, low + 1];
}

/**
 * Share of the chart's height, from below, at which a value lies; null for one that has no place.
 * @param {number | null} value
 * @param {[low: number, high: number]} range
 * @param {boolean} [log]
 */
export function heightOf(value, [low, high], log) {
  if (value === null || (log && value <= 0)) return null;
  return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

/**
 * A number in few characters.
 * @param {number} value
 */
export function brief(value) {
  const size = Math.abs(value);
  if (size && size < 0.0095) return withMinus(value.toExponential(0));
  if (size >= 9.5e5) return withMinus(`${Number((value / 1e6).toPrecision(2))}M`);
  const text =
    size >= 9995
      ? `${Math.round(value / 1000)}k`
      : size >= 99.5
        ? value.toFixed(0)
        : String(Number(value.toPrecision(2)));
  return withMinus(text);
}

/**
 * Where paintChart draws a share of the height, in px.
 * @param {number} share
 * @param {number} height
 */
export function chartHeight(share, height) {
  return height - EDGE - share * (height - 2 * EDGE);
}

/**
 * Paint curves and the numbers of their vertical axis.
 * @param {CanvasRenderingContext2D} context
 * @param {Chart} chart
 * @param {Look} look
 * @param {[number, number] | null} [range]
 * @param {number[] | null} [ticks] the values that are named, the ends of the range where they are left out
 */
export function paintChart(context, chart, look, range = rangeOf(chart), ticks = range) {
  const { width, height, place, quiet, line, font, colours } = look;
  context.clearRect(0, 0, width, height);
  if (!range || !ticks) return;
  /** @param {number} share */
  const py = (share) => chartHeight(share, height);
  Object.assign(context, { strokeStyle: line, fillStyle: quiet, lineWidth: 1, font: fontOf(13, font) });
  Object.assign(context, { textAlign: "right", textBaseline: "middle", lineJoin: "round" });
  for (const value of ticks) {
    const y = py(heightOf(value, range, chart.log) ?? 0);
    context.fillText(brief(value), GUTTER - 6, y, GUTTER - 6);
    stroke(context, [
      [GUTTER, Math.round(y) + 0.5],
      [width - RIGHT, Math.round(y) + 0.5],
    ]);
  }
  const { reference } = chart;
  if (reference) paintReference(context, reference.name, py(heightOf(reference.value, range, chart.log) ?? 0), look);
  const curves = chart.lines.map(({ steps = [], values }) =>
    values.flatMap((value, s) => {
      const share = heightOf(value, range, chart.log);
      return share === null ? [] : [[chartPixel(place(steps[s]), width), py(share)]];
    }),
  );
  curves.forEach((places, i) => {
    Object.assign(context, { strokeStyle: colours[i], lineWidth: 2.25 });
    const covering = curves.slice(0, i).some((earlier) => covers(places, earlier));
    context.setLineDash(chart.lines[i].dashed ? [5, 4] : covering ? [12, 12] : []);
    stroke(context, places);
  });
  context.setLineDash([]);
}

/**
 * Whether one curve lies on another from end to end, so that its gaps must show that one.
 * @param {number[][]} places in px
 * @param {number[][]} others
 */
export function covers(places, others) {
  if (!places.length || places.length !== others.length) return false;
  return places.every(([x, y], i) => Math.hypot(x - others[i][0], y - others[i][1]) < 1);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} name
 * @param {number} place
 * @param {Look} look
 */
function paintReference(context, name, place, { width, quiet }) {
  const y = Math.round(place) + 0.5;
  Object.assign(context, { strokeStyle: quiet, textAlign: "left" });
  context.setLineDash([2, 3]);
  stroke(context, [
    [GUTTER, y],
    [width - RIGHT, y],
  ]);
  context.setLineDash([]);
  context.fillText(name, GUTTER + 4, y > 24 ? y - 9 : y + 10);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number[][]} points
 */
export function stroke(context, points) {
  context.beginPath();
  points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
}
