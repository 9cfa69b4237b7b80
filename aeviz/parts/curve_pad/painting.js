// The pad as the person sees it: axes, the curves behind it, the sketch and the cursor.

import { clamp, fitCanvas, fontOf } from "../js/common.js";
import { short } from "../js/ticks.js";
import { axisTicks, spoken, stretches } from "./sketch.js";

/**
 * @typedef {import("./curve_pad.js").Pad} Pad
 * @typedef {ReturnType<typeof frameOf>} Frame
 */

const MARGIN = { left: 42, right: 8, top: 24, bottom: 22 };
const GRID_ALPHA = 0.12;
const ZERO_ALPHA = 0.5;
const TEXT_ALPHA = 0.72;

/**
 * Where values and places lie on the canvas, and back.
 * @param {Pad} pad
 */
export function frameOf(pad) {
  const { low, high } = pad.axes;
  const last = pad.curves[0].length - 1;
  const width = Math.max(1, pad.canvas.clientWidth - MARGIN.left - MARGIN.right);
  const height = pad.height - MARGIN.top - MARGIN.bottom;
  return {
    right: MARGIN.left + width,
    bottom: MARGIN.top + height,
    x: (/** @type {number} */ at) => MARGIN.left + (at / last) * width,
    y: (/** @type {number} */ value) => MARGIN.top + ((high - value) / (high - low)) * height,
    at: (/** @type {number} */ x) => clamp(((x - MARGIN.left) / width) * last, 0, last),
    value: (/** @type {number} */ y) => clamp(high - ((y - MARGIN.top) / height) * (high - low), low, high),
  };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Pad} pad
 * @param {Frame} frame
 */
function paintAxes(context, pad, frame) {
  const { low, high, start, step, unit, timeUnit } = pad.axes;
  const end = start + step * (pad.curves[0].length - 1);
  /**
   * @param {number} x0
   * @param {number} y0
   * @param {number} x1
   * @param {number} y1
   * @param {number} alpha
   */
  const line = (x0, y0, x1, y1, alpha) => {
    context.globalAlpha = alpha;
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.stroke();
  };
  /**
   * @param {string} words
   * @param {number} x
   * @param {number} y
   * @param {CanvasTextAlign} align
   * @param {CanvasTextBaseline} baseline
   */
  const text = (words, x, y, align, baseline) => {
    Object.assign(context, { globalAlpha: TEXT_ALPHA, textAlign: align, textBaseline: baseline });
    context.fillText(words, x, y);
  };
  context.lineWidth = 1;
  for (const value of axisTicks(low, high, Math.max(2, Math.floor((frame.bottom - MARGIN.top) / 32)))) {
    const y = Math.round(frame.y(value)) + 0.5;
    line(MARGIN.left, y, frame.right, y, value === 0 ? ZERO_ALPHA : GRID_ALPHA);
    text(short(value), MARGIN.left - 6, y, "right", "middle");
  }
  const times = axisTicks(start, end, Math.max(2, Math.floor((frame.right - MARGIN.left) / 56)), timeUnit);
  for (const time of times) {
    const x = Math.round(frame.x((time - start) / step)) + 0.5;
    line(x, MARGIN.top, x, frame.bottom, time === 0 && start < 0 ? 2 * GRID_ALPHA : GRID_ALPHA);
    const words = time === times.at(-1) && timeUnit ? `${short(time)} ${timeUnit}` : short(time);
    text(words, x, frame.bottom + 6, x > frame.right - 16 ? "right" : "center", "top");
  }
  text(unit, MARGIN.left - 36, 4, "left", "top");
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} values
 * @param {Frame} frame
 * @param {{ colour: string, width: number, alpha?: number, dash?: number[] }} look
 */
function paintCurve(context, values, frame, { colour, width, alpha = 1, dash = [] }) {
  Object.assign(context, { strokeStyle: colour, fillStyle: colour, lineWidth: width, globalAlpha: alpha });
  Object.assign(context, { lineJoin: "round", lineCap: dash.length ? "butt" : "round" });
  context.setLineDash(dash);
  for (const [first, last] of stretches(values)) {
    context.beginPath();
    for (let i = first; i <= last; i++) context.lineTo(frame.x(i), frame.y(values[i]));
    if (first < last) context.stroke();
    else {
      context.arc(frame.x(first), frame.y(values[first]), width, 0, 2 * Math.PI);
      context.fill();
    }
  }
  context.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Pad} pad
 * @param {Frame} frame
 * @param {string} ink
 */
function paintCursor(context, pad, frame, ink) {
  const values = pad.curves[pad.channel];
  const cursor = pad.cursor ?? 0;
  const x = frame.x(cursor);
  Object.assign(context, { strokeStyle: ink, lineWidth: 1, globalAlpha: ZERO_ALPHA });
  context.beginPath();
  context.moveTo(x, MARGIN.top);
  context.lineTo(x, frame.bottom);
  context.stroke();
  context.globalAlpha = 1;
  context.fillStyle = ink;
  if (Number.isFinite(values[cursor])) {
    context.beginPath();
    context.arc(x, frame.y(values[cursor]), 4.5, 0, 2 * Math.PI);
    context.fill();
  }
  Object.assign(context, { textAlign: "right", textBaseline: "top" });
  context.fillText(spoken(values, cursor, pad.axes), frame.right, 4);
}

/** @param {Pad} pad */
function paint(pad) {
  pad.frame = 0;
  if (!pad.canvas.clientWidth) return;
  const context = fitCanvas(pad.canvas, pad.canvas.clientWidth, pad.height);
  const { text: ink, font } = pad.theme();
  const frame = frameOf(pad);
  context.clearRect(0, 0, pad.canvas.clientWidth, pad.height);
  Object.assign(context, { font: fontOf(13, font), strokeStyle: ink, fillStyle: ink });
  paintAxes(context, pad, frame);
  context.save();
  context.beginPath();
  context.rect(MARGIN.left, MARGIN.top - 2, frame.right - MARGIN.left + 2, frame.bottom - MARGIN.top + 4);
  context.clip();
  if (pad.start)
    paintCurve(context, pad.start[pad.channel], frame, { colour: ink, width: 1.5, alpha: 0.4, dash: [4, 4] });
  pad.curves.forEach((values, channel) => {
    if (channel !== pad.channel) paintCurve(context, values, frame, { colour: ink, width: 1, alpha: 0.3 });
  });
  paintCurve(context, pad.curves[pad.channel], frame, { colour: ink, width: 2.5 });
  for (const { values, colour } of pad.lines) {
    paintCurve(context, values[pad.channel], frame, { colour, width: 2 });
  }
  context.restore();
  if (pad.cursor !== null && (pad.hovered || pad.keys)) paintCursor(context, pad, frame, ink);
}

/** @param {Pad} pad */
export function repaint(pad) {
  pad.frame ||= requestAnimationFrame(() => paint(pad));
}
