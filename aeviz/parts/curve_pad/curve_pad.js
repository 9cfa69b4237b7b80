// The pad for a curve: the hand, the keys, the tools, and what is sent to Python.

import { KEYS_DELAY_MS } from "../js/commits.js";
import { finder, later } from "../js/common.js";
import { listenToKeys, sendLive, stepsOf } from "../js/live.js";
import { frameOf, repaint } from "./painting.js";
import { keyed, packed, pulled, spoken, summary, unpacked } from "./sketch.js";

/**
 * @typedef {import("../js/live.js").Pad & PadState} Pad
 * @typedef {{ label: string, colour: string, values: number[][] }} Line
 *
 * @typedef {object} PadState
 * @property {HTMLElement} root
 * @property {(selector: string) => any} find an element of the markup
 * @property {(name: "sketch", value: Events["sketch"]) => void} send
 * @property {() => import("../js/theme.js").Theme} theme
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} said
 * @property {HTMLSelectElement} picker of the channel
 * @property {HTMLElement} legend
 * @property {number[][]} curves values of each channel, NaN where there is none
 * @property {number} channel
 * @property {number | null} cursor index of the value under the hand
 * @property {number[][][]} past curves that can be restored
 * @property {number[][] | null} before curves from before the change that is under way
 * @property {number | null} pointer
 * @property {import("./sketch.js").Hand | null} hand
 * @property {boolean} hovered
 * @property {boolean} keys whether the keys move the cursor
 * @property {import("./sketch.js").Axes} axes
 * @property {number} height
 * @property {number[][] | null} start
 * @property {Line[]} lines
 * @property {number} frame
 * @property {ResizeObserver} observer
 * @property {ReturnType<typeof setTimeout>} [rest]
 *
 * @typedef {(number | null)[][]} Curves values of each channel; null where there is none
 *
 * @typedef {object} Data
 * @property {import("./sketch.js").Axes} axes what values and places mean
 * @property {Curves} curves known to be sketched: a pad mounted anew has them
 * @property {Curves | null} start a dashed line, which a button puts on the pad
 * @property {string} startLabel
 * @property {{ label: string, colour: string, values: Curves }[]} lines further curves to show
 * @property {string} noun what is sketched
 * @property {number} height of the axes, in px
 * @property {boolean} live whether messages come while the hand moves
 * @property {number} number of the last message that Python had
 *
 * @typedef {object} Events
 * @property {{ number: number, live: boolean, curves: Curves | null }} sketch when the hand rests, and while it moves where
 *   it is `live`: the number of the message, and what is sketched, null for nothing
 */

const MAX_UNDO = 200; // states that can be undone

// ---- What is sent.

/**
 * @param {Pad} pad
 * @param {boolean} live
 */
function commit(pad, live) {
  Object.assign(pad, { number: pad.number + 1, sentAt: performance.now(), dirty: false });
  pad.send("sketch", { number: pad.number, live, curves: packed(pad.curves) });
}

// ---- A change has a beginning, steps, and an end at which it is sent and can be undone.

/** @param {Pad} pad */
function begin(pad) {
  pad.before ??= pad.curves;
}

/**
 * @param {Pad} pad
 * @param {number[]} values
 */
function change(pad, values) {
  pad.curves = pad.curves.with(pad.channel, values);
  pad.dirty = true;
  refresh(pad);
  sendLive(
    pad,
    () => pad.before !== null,
    () => commit(pad, true),
  );
}

/** @param {Pad} pad */
function end(pad) {
  if (!pad.before) return;
  clearTimeout(pad.timer);
  clearTimeout(pad.rest);
  pad.past = [...pad.past, pad.before].slice(-MAX_UNDO);
  pad.before = null;
  settle(pad, pad.keys ? "" : summary(pad.curves, pad.axes));
}

/**
 * @param {Pad} pad
 * @param {string} words
 */
function settle(pad, words) {
  if (words) pad.said.textContent = words;
  refresh(pad);
  commit(pad, false);
}

/**
 * @param {Pad} pad
 * @param {number[][]} curves
 * @param {string} words
 */
function replace(pad, curves, words) {
  pad.past = [...pad.past, pad.curves].slice(-MAX_UNDO);
  pad.curves = curves;
  settle(pad, words);
}

/**
 * @param {Pad} pad
 * @param {string} action
 */
function act(pad, action) {
  end(pad);
  const empty = pad.curves.map((values) => values.map(() => NaN));
  const last = action === "undo" && pad.past.pop();
  if (last) {
    pad.curves = last;
    settle(pad, `Undone. ${summary(pad.curves, pad.axes)}`);
  }
  if (action === "clear" && packed(pad.curves)) replace(pad, empty, "Cleared.");
  if (action === "start" && pad.start) replace(pad, pad.start, summary(pad.start, pad.axes));
}

/** @param {Pad} pad */
function refresh(pad) {
  const empty = !packed(pad.curves);
  pad.root.classList.toggle("empty", empty);
  pad.find("[data-action=undo]").disabled = !pad.past.length;
  pad.find("[data-action=clear]").disabled = empty;
  pad.canvas.setAttribute("aria-valuetext", spoken(pad.curves[pad.channel], pad.cursor ?? 0, pad.axes));
  pad.canvas.setAttribute("aria-valuenow", String(pad.cursor ?? 0));
  repaint(pad);
}

// ---- The hand.

/** @param {Pad} pad */
function listenToPointer(pad) {
  const { canvas } = pad;
  /** @param {{ clientX: number, clientY: number }} event */
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const frame = frameOf(pad);
    return { at: frame.at(event.clientX - box.left), value: frame.value(event.clientY - box.top) };
  };
  /** @param {PointerEvent} event */
  const pull = (event) => {
    const to = place(event);
    change(pad, pulled(pad.curves[pad.channel], pad.hand ?? to, to));
    pad.hand = to;
  };
  canvas.onpointerdown = (event) => {
    if (event.button !== 0 || !event.isPrimary || pad.pointer !== null) return;
    end(pad);
    canvas.setPointerCapture(event.pointerId);
    Object.assign(pad, { pointer: event.pointerId, hand: null, keys: false, cursor: Math.round(place(event).at) });
    begin(pad);
    pull(event);
  };
  canvas.onpointermove = (event) => {
    if (!event.isPrimary) return;
    if (pad.pointer === event.pointerId) {
      for (const step of stepsOf(event)) pull(step);
    }
    Object.assign(pad, { hovered: true, keys: false, cursor: Math.round(place(event).at) });
    repaint(pad);
  };
  canvas.onpointerup =
    canvas.onpointercancel =
    canvas.onlostpointercapture =
      (event) => {
        if (pad.pointer !== event.pointerId) return;
        Object.assign(pad, { pointer: null, hand: null });
        end(pad);
      };
  canvas.onpointerleave = () => {
    pad.hovered = false;
    repaint(pad);
  };
}

/**
 * Returns whether the key meant something.
 * @param {Pad} pad
 * @param {KeyboardEvent} event
 */
function onCanvasKey(pad, event) {
  const values = pad.curves[pad.channel];
  const next = keyed({ cursor: pad.cursor ?? 0, values }, event.key, event.shiftKey, pad.axes);
  if (!next) return false;
  Object.assign(pad, { cursor: next.cursor, keys: true });
  if (next.values === values) end(pad);
  else {
    begin(pad);
    change(pad, next.values);
    clearTimeout(pad.rest);
    pad.rest = setTimeout(() => end(pad), KEYS_DELAY_MS);
  }
  refresh(pad);
  return true;
}

/** @param {Pad} pad */
function listenToTools(pad) {
  pad.find(".tools").onclick = (/** @type {any} */ event) => {
    const { action } = event.target.closest("button")?.dataset ?? {};
    if (action) act(pad, action);
  };
  pad.picker.onchange = () => {
    end(pad);
    pad.channel = Number(pad.picker.value);
    refresh(pad);
  };
}

// ---- Life.

/** @param {import("../js/common.js").Host<Data, Events>} host */
function startPad({ root, send, theme, busy, data }) {
  const find = finder(root);
  const curves = unpacked(data.curves);
  /** @type {Pad} */
  const pad = {
    ...{ root, find, send, theme, busy, live: data.live, number: data.number, answered: data.number },
    ...{ sentAt: 0, dirty: false, frame: 0, observer: later },
    ...{ canvas: find("canvas"), said: find(".said"), picker: find("select"), legend: find(".legend") },
    ...{
      curves,
      channel: 0,
      cursor: null,
      past: [],
      before: null,
      pointer: null,
      hand: null,
      hovered: false,
      keys: false,
    },
    ...{ axes: data.axes, height: data.height, start: null, lines: [] },
  };
  pad.canvas.setAttribute("aria-valuemax", String(curves[0].length - 1));
  pad.picker.replaceChildren(...curves.map((_, channel) => new Option(`Channel ${channel + 1}`, String(channel))));
  find(".channels").hidden = curves.length < 2;
  pad.observer = new ResizeObserver(() => repaint(pad));
  pad.observer.observe(pad.canvas);
  listenToPointer(pad);
  listenToKeys(
    pad,
    pad.canvas,
    (action) => act(pad, action),
    (/** @type {KeyboardEvent} */ event) => onCanvasKey(pad, event),
  );
  pad.canvas.onblur = () => {
    if (pad.pointer === null) end(pad);
    pad.keys = false;
    repaint(pad);
  };
  listenToTools(pad);
  return pad;
}

/**
 * The names of the curves that are shown behind the sketch.
 * @param {Pad} pad
 * @param {string} startLabel
 */
function showLegend(pad, startLabel) {
  const names = pad.lines.map(({ label, colour }) => [label, colour, "line"]);
  if (pad.start) names.push([startLabel, "currentColor", "line dashed"]);
  const entries = names.map(([label, colour, style]) => {
    const entry = document.createElement("span");
    const mark = document.createElement("i");
    mark.className = style;
    mark.style.borderColor = colour;
    entry.append(mark, label);
    return entry;
  });
  pad.legend.replaceChildren(...entries);
}

/**
 * @param {Pad} pad
 * @param {Data} data
 */
function update(pad, data) {
  const { axes, live, height, number } = data;
  const start = data.start && unpacked(data.start);
  const lines = data.lines.map((line) => ({ ...line, values: unpacked(line.values) }));
  Object.assign(pad, { axes, live, height, start, lines, answered: number });
  pad.canvas.style.height = `${height}px`;
  pad.find(".hint").textContent = `Sketch a ${data.noun} here`;
  pad.canvas.setAttribute("aria-label", `Pad for a ${data.noun}`);
  const button = pad.find("[data-action=start]");
  button.hidden = !start;
  button.querySelector("span").textContent = `From ${data.startLabel}`;
  showLegend(pad, data.startLabel);
  pad.root.dataset.answered = String(number);
  refresh(pad);
}

/** @param {import("../js/common.js").Host<Data, Events>} host */
export function mount(host) {
  const pad = startPad(host);
  update(pad, host.data);
  return {
    update: (/** @type {Data} */ data) => update(pad, data),
    destroy() {
      clearTimeout(pad.timer);
      clearTimeout(pad.rest);
      cancelAnimationFrame(pad.frame);
      pad.observer.disconnect();
    },
  };
}
