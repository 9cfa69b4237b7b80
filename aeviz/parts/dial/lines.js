// The chart beside the panels: curves over the first handle's stops, and where they are at the stop of the hand.

import { brief, chartHeight, chartPixel, heightOf, paintChart, rangeOf, stroke } from "../js/charts.js";
import { fontOf, leastType } from "../js/common.js";
import { ticks, withMinus } from "../js/ticks.js";
import { stopsAt } from "./handles.js";

/**
 * @typedef {import("../js/charts.js").Look} Look
 *
 * @typedef {object} LineChart
 * @property {{ label: string, accent: string, values: (number | null)[], dashed: boolean, x: number[] | null }[]} lines
 * @property {string} label of the values
 * @property {string} unit
 * @property {number[]} x where each stop of the first handle stands
 * @property {string} xLabel
 * @property {number} digits of a value, after the point
 * @property {boolean} logarithmic whether the horizontal axis is
 * @property {number | null} ceiling where curves are cut off
 */

const FOOT = 40; // px below the curves, for the numbers of the horizontal axis and its title
const HEAD = 18; // px above them, for the title of the vertical axis

/**
 * A line's values over the first handle: of one that depends on all handles those at the other handles' stops.
 * @param {(number | null)[]} values
 * @param {number} number
 * @param {number[]} sizes
 */
export function valuesAt(values, number, sizes) {
  const rest = sizes.slice(1).reduce((product, size) => product * size, 1);
  if (values.length !== rest * sizes[0] || rest === 1) return values;
  return Array.from({ length: sizes[0] }, (_, stop) => values[stop * rest + (number % rest)]);
}

/**
 * The value of a line at x, between its points in proportion; null outside and where one of them is null.
 * @param {number[]} xs
 * @param {(number | null)[]} values
 * @param {number} x
 */
export function valueAt(xs, values, x) {
  const exact = xs.indexOf(x);
  if (exact >= 0) return values[exact];
  for (let i = 1; i < xs.length; i++) {
    const [from, to] = [xs[i - 1], xs[i]];
    if ((x - from) * (x - to) > 0) continue;
    const [before, after] = [values[i - 1], values[i]];
    if (before === null || after === null) return null;
    return before + ((x - from) / (to - from)) * (after - before);
  }
  return null;
}

/**
 * Share of the width at which an x stands.
 * @param {number} x
 * @param {number[]} place
 * @param {boolean} log
 */
export function across(x, [low, high], log) {
  return log ? Math.log(x / low) / Math.log(high / low) : (x - low) / (high - low);
}

/**
 * Round numbers on an axis from low to high; of a logarithmic one 1, 2 and 5 times the powers of ten.
 * @param {number} low
 * @param {number} high
 * @param {boolean} log
 * @param {number} count
 */
export function axisNumbers(low, high, log, count) {
  if (!log) return ticks(low, high, count);
  const powers = Array.from({ length: 40 }, (_, i) => 10 ** (i - 20));
  const fine = powers.flatMap((power) => [power, 2 * power, 5 * power]);
  /** @param {number[]} numbers */
  const inside = (numbers) => numbers.filter((number) => number >= low * 0.999 && number <= high * 1.001);
  return inside(fine).length <= 2 * count ? inside(fine) : inside(powers);
}

/**
 * What stands at numbers of an axis: where it reaches a hundred thousand, thousands are written alike.
 * @param {number[]} numbers
 */
export function axisNames(numbers) {
  if (!numbers.some((number) => number >= 1e5)) {
    return numbers.map((number) => withMinus(String(Number(number.toPrecision(4)))));
  }
  return numbers.map((number) => (number >= 1e3 && number < 1e4 ? `${number / 1e3}k` : brief(number)));
}

/**
 * What the curves span in both directions, over all stops of all handles, so that no axis moves under the hand.
 * @param {LineChart} chart
 */
export function spans(chart) {
  const xs = chart.lines.flatMap((line) => line.x ?? chart.x).concat(chart.x);
  const y = rangeOf({ lines: chart.lines.map(({ values }) => ({ values })) });
  const { ceiling } = chart;
  if (y && ceiling != null && y[0] < ceiling) y[1] = Math.min(y[1], ceiling);
  return { x: /** @type {[number, number]} */ ([Math.min(...xs), Math.max(...xs)]), y };
}

/**
 * Paint the chart; returns the value of each line at the marker.
 * @param {CanvasRenderingContext2D} context
 * @param {LineChart} chart
 * @param {number} number
 * @param {number[]} sizes
 * @param {Omit<Look, "place"> & { ink: string, ground: string }} look
 */
export function paintLines(context, chart, number, sizes, look) {
  const { width, height, quiet, line, ink, font, colours } = look;
  const { x: span, y: range } = spans(chart);
  const marker = chart.x[stopsAt(number, sizes)[0]];
  /** @param {number} x */
  const place = (x) => across(x, span, chart.logarithmic);
  const lines = chart.lines.map(({ x, values, dashed }) => {
    return { steps: x ?? chart.x, values: valuesAt(values, number, sizes), dashed };
  });
  context.clearRect(0, 0, width, height);
  if (!range) return lines.map(() => null);
  const [head, foot] = leastType() > HEAD ? [24, 52] : [HEAD, FOOT];
  const tall = height - head - foot;
  context.save();
  context.translate(0, head);
  context.beginPath();
  context.rect(0, 0, width, height - head);
  context.clip();
  paintChart(context, { lines }, { ...look, height: tall, place }, range, ticks(...range, 4));
  Object.assign(context, { fillStyle: quiet, font: fontOf(13, font), textBaseline: "top", textAlign: "center" });
  const marks = axisNumbers(...span, chart.logarithmic, Math.max(3, Math.floor(width / (leastType() ? 150 : 110))));
  const names = axisNames(marks);
  for (const [i, tick] of marks.entries()) {
    const x = Math.round(chartPixel(place(tick), width)) + 0.5;
    Object.assign(context, { strokeStyle: line, lineWidth: 1 });
    stroke(context, [
      [x, tall - 4],
      [x, tall],
    ]);
    context.fillText(names[i], Math.min(width - 12, x), tall + 3);
  }
  context.fillText(chart.xLabel, chartPixel(0.5, width), tall + foot / 2);
  const at = chartPixel(place(marker), width);
  Object.assign(context, { strokeStyle: ink, lineWidth: 1.5 });
  stroke(context, [
    [at, 2],
    [at, tall],
  ]);
  const values = lines.map(({ steps, values: own }) => valueAt(steps, own, marker));
  values.forEach((value, i) => {
    if (value === null || value > range[1]) return;
    Object.assign(context, { fillStyle: colours[i], strokeStyle: look.ground, lineWidth: 2 });
    context.beginPath();
    context.arc(at, chartHeight(heightOf(value, range) ?? 0, tall), 5.5, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  });
  context.restore();
  Object.assign(context, { fillStyle: quiet, font: fontOf(13, font), textBaseline: "top", textAlign: "left" });
  context.fillText(chart.label + (chart.unit ? ` (${chart.unit})` : ""), 2, 0);
  return values;
}
