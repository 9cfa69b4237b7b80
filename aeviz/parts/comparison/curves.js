// Charts of a model's card: what its loss did by epoch, and how each coordinate of its codes lies beside N(0, 1).

import { legibleText } from "../js/colours.js";
import { unpack } from "../js/common.js";
import { ticks, withMinus } from "../js/ticks.js";
import { drawn, made } from "./elements.js";

/**
 * @typedef {import("./comparison.js").Curves} Curves
 * @typedef {import("./comparison.js").Histograms} Histograms
 */

const [LEFT, RIGHT, TOP, FOOT, HEIGHT] = [46, 10, 26, 40, 250]; // px
const BINS_PX = 60; // height of a histogram, in units of its own drawing

/** @param {number} value */
const short = (value) => withMinus(String(Number(value.toPrecision(4))));

/**
 * @param {Curves} curves
 * @param {number} width in px
 * @param {string} ground
 */
export function curvesOf({ steps, lines, label, range }, width, ground) {
  const [low, high] = range;
  const [right, foot] = [width - RIGHT, HEIGHT - FOOT];
  const last = steps.length - 1;
  const across = (/** @type {number} */ i) =>
    LEFT + ((steps[i] - steps[0]) / (steps[last] - steps[0] || 1)) * (right - LEFT);
  const up = (/** @type {number} */ value) => foot - ((value - low) / (high - low || 1)) * (foot - TOP);
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, class: "curves" });
  for (const value of ticks(low, high, 4)) {
    svg.append(drawn("line", { class: "rule", x1: LEFT, x2: right, y1: up(value), y2: up(value) }));
    svg.append(drawn("text", { x: LEFT - 8, y: up(value) + 4, "text-anchor": "end" }, short(value)));
  }
  for (const value of ticks(steps[0], steps[last], Math.max(2, width / 90))) {
    const i = steps.indexOf(value);
    if (i >= 0) svg.append(drawn("text", { x: across(i), y: foot + 17, "text-anchor": "middle" }, String(value)));
  }
  svg.append(drawn("text", { x: (LEFT + right) / 2, y: foot + 35, "text-anchor": "middle" }, "epoch"));
  svg.append(drawn("text", { x: 0, y: 12, "text-anchor": "start" }, label));
  // Its box cuts off what is higher than the range.
  const room = drawn("svg", { class: "room", x: 0, y: TOP - 2, width, height: foot - TOP + 4 });
  for (const { accent, dashed, values } of lines) {
    const points = values.flatMap((value, i) => (value === null ? [] : [`${across(i)},${up(value) - TOP + 2}`]));
    const looks = { stroke: legibleText(accent, ground), class: dashed ? "dashed" : "" };
    room.append(drawn("polyline", { points: points.join(" "), ...looks }));
  }
  const cursor = drawn("line", { class: "cursor", y1: TOP, y2: foot });
  svg.append(room, cursor);
  const key = made("div", { className: "key" });
  const readings = lines.map((line) => {
    const value = made("span");
    const mark = made("i", { className: line.dashed ? "dashed" : "" });
    mark.style.setProperty("--accent", legibleText(line.accent, ground));
    key.append(made("span", {}, mark, line.label, " ", value));
    return value;
  });
  const chart = made("div", { className: "readable", tabIndex: 0 }, svg);
  const said = { role: "slider", "aria-label": "Epoch", "aria-valuemin": steps[0], "aria-valuemax": steps[last] };
  for (const [name, value] of Object.entries(said)) chart.setAttribute(name, String(value));
  let at = last;
  const read = (/** @type {number} */ i) => {
    at = Math.min(last, Math.max(0, i));
    for (const name of ["x1", "x2"]) cursor.setAttribute(name, String(across(at)));
    const texts = lines.map(({ values }) => (values[at] === null ? "none" : short(Number(values[at]))));
    readings.forEach((element, line) => (element.textContent = texts[line]));
    chart.setAttribute("aria-valuenow", String(steps[at]));
    const words = lines.map((line, i) => `${line.label} ${texts[i]}`);
    chart.setAttribute("aria-valuetext", `epoch ${steps[at]}: ${words.join("; ")}`);
  };
  chart.onpointermove = chart.onpointerdown = (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    read(Math.round(((x - LEFT) / (right - LEFT)) * last));
  };
  chart.onkeydown = (event) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -last, End: last }[event.key];
    if (!by) return;
    event.preventDefault();
    read(at + by);
  };
  read(last);
  return made("div", {}, chart, key);
}

/**
 * How far the histograms of some models go to either side, and how high: one scale for all of them.
 * @param {Histograms[]} shown
 */
export function scaleOf(shown) {
  const highest = Math.max(0.4, ...shown.flatMap(({ densities }) => [...unpack(densities)]));
  return { far: Math.max(...shown.map(({ reach }) => reach)), highest: Math.min(1, 1.05 * highest) };
}

/**
 * @param {Histograms} histograms
 * @param {string} accent
 * @param {{ far: number, highest: number }} scale as `scaleOf` gives it, of these and of those beside
 */
export function histogramsOf({ names, reach, densities, note }, accent, { far, highest }) {
  const values = unpack(densities);
  const bins = values.length / names.length;
  const width = (bins * far) / reach; // of all that is drawn, in bins; the bins are in the middle
  const left = (bins - width) / 2;
  const bell = Array.from({ length: 61 }, (_, i) => {
    const x = far * (i / 30 - 1);
    return [left + (width * i) / 60, Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)];
  });
  const y = (/** @type {number} */ density) => BINS_PX * (1 - Math.min(1, density / highest));
  const grid = made("div", { className: "histograms" });
  names.forEach((name, number) => {
    const svg = drawn("svg", { viewBox: `${left} 0 ${width} ${BINS_PX}`, preserveAspectRatio: "none", role: "img" });
    svg.setAttribute("aria-label", `Histogram of ${name}`);
    const own = [...values.subarray(number * bins, (number + 1) * bins)];
    const bars = own.map((density, i) => `M${i} ${BINS_PX}V${y(density).toFixed(2)}h1V${BINS_PX}`);
    svg.append(drawn("path", { d: bars.join(""), fill: accent }));
    svg.append(
      drawn("polyline", { class: "bell", points: bell.map(([x, density]) => `${x},${y(density)}`).join(" ") }),
    );
    const ends = [-far, 0, far].map((value) => made("span", { textContent: short(Math.round(10 * value) / 10) }));
    grid.append(
      made("figure", {}, made("figcaption", { textContent: name }), svg, made("div", { className: "ends" }, ...ends)),
    );
  });
  return made("div", {}, grid, made("p", { className: "quiet", textContent: note }));
}
