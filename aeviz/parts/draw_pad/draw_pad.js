// The drawing pad: hand, tools, and what is sent to Python.

import { finder, unpack } from "../js/common.js";
import { listenToKeys, sendLive, stepsOf } from "../js/live.js";
import { whenNetwork } from "../js/networks.js";
import { pixelsOfStrokes, repaint, showGround, showPreview } from "./painting.js";
import { Rebuilt } from "./rebuilt.js";
import { UNIT, addPoint, cleared, encode, stepped, undone, visible } from "./strokes.js";

/**
 * @typedef {import("../js/sheets.js").Sheet} Sheet
 * @typedef {import("./strokes.js").Stroke} Stroke
 *
 * @typedef {import("../js/live.js").Pad & PadState} Pad
 *
 * @typedef {object} PadState
 * @property {HTMLElement} root
 * @property {(selector: string) => any} find an element of the markup
 * @property {import("../js/common.js").Host<Data, Events>["send"]} send
 * @property {HTMLCanvasElement} ink
 * @property {HTMLCanvasElement} seen what the network sees
 * @property {HTMLInputElement} slider of the width
 * @property {HTMLElement} said
 * @property {HTMLCanvasElement} layer finished strokes
 * @property {HTMLCanvasElement} reduced what is sent
 * @property {Stroke[]} strokes
 * @property {Stroke | null} stroke under way
 * @property {"brush" | "eraser"} tool
 * @property {number} width of a stroke
 * @property {string} colour of a stroke
 * @property {string} ground
 * @property {number} height in units of strokes, as a thousand is the width
 * @property {number} size of the pad, in px
 * @property {number[]} sent shape of what is sent
 * @property {number[] | null} pen where it is
 * @property {number | null} pointer that draws
 * @property {boolean} hovered
 * @property {boolean} keyed whether the keys move the pen
 * @property {number} version of the finished strokes
 * @property {string} stamp of what the layer shows
 * @property {import("../js/sheets.js").LoadedSheet | null} picture under the strokes
 * @property {string} groundUrl
 * @property {string} previewUrl
 * @property {number} frame
 * @property {number[]} shape (h, w) of the picture that the network takes
 * @property {string} convention
 * @property {Rebuilt} rebuilt what models of this tab make of the drawing
 * @property {Float32Array | null} kept the picture that was drawn before
 * @property {AbortController} abort
 *
 * @typedef {object} Data
 * @property {number[]} sent shape of the pixels that are sent: (h, w), or (h, w, 3) in colour
 * @property {boolean} colour whether there is coloured ink on white; else white ink on black
 * @property {number} size width of the pad, in px
 * @property {boolean} live whether messages come during a stroke too
 * @property {number[]} shape (h, w) of the picture that the network takes
 * @property {boolean} showPreview whether that picture stands beside the pad
 * @property {Sheet | null} preview that picture
 * @property {Sheet | null} ground a picture under the strokes
 * @property {string} ink the colour of strokes; the usual one where it is ""
 * @property {Stroke[]} strokes known to be drawn: a pad mounted anew has them
 * @property {number} number of the last message that Python had
 * @property {string} convention by which a drawing becomes the picture, of `aeviz.modalities.image.drawing`
 * @property {import("./rebuilt.js").Rebuilder[]} models that this tab runs: with any, the picture and what they make of it
 *   follow the hand, and no message comes during a stroke
 * @property {import("../js/common.js").Packed | null} kept the picture that was drawn before, until a stroke begins another
 *
 * @typedef {object} Events
 * @property {{ number: number, live: boolean, pixels: string, strokes: Stroke[] }} drawing at the end of a stroke, and
 *   during it where it is `live`: the number of the message, bytes of the pixels in base64, and all strokes
 * @property {string} refused the digest of a model that this tab cannot run
 */

const DEFAULT_WIDTH = 85; // at the usual height of a drawn digit this gives MNIST's stroke of 2.5 pixels
const INKS = {
  black: "#222222",
  red: "#d8342b",
  orange: "#f28c1b",
  yellow: "#ffcf33",
  green: "#3c9a48",
  blue: "#2f7fd1",
  violet: "#8a4db3",
  brown: "#8a5a3c",
};

// ---- What is sent.

/**
 * @param {Pad} pad
 * @param {boolean} live
 */
function commit(pad, live) {
  const [rows, columns, channels = 1] = pad.sent;
  const strokes = pad.stroke ? [...pad.strokes, pad.stroke] : pad.strokes;
  const pixels = encode(pixelsOfStrokes(pad.reduced, pad, strokes, columns, rows), channels);
  Object.assign(pad, { number: pad.number + 1, sentAt: performance.now(), dirty: false });
  pad.send("drawing", { number: pad.number, live, pixels, strokes: pad.strokes });
}

/**
 * @param {Pad} pad
 * @param {Stroke[]} strokes
 * @param {string} words
 */
function change(pad, strokes, words) {
  if (strokes === pad.strokes) return;
  Object.assign(pad, { strokes, version: pad.version + 1 });
  pad.said.textContent = words;
  refresh(pad);
  commit(pad, false);
}

/** @param {Pad} pad */
function refresh(pad) {
  const empty = !pad.stroke && !visible(pad.strokes).length;
  pad.root.classList.toggle("empty", empty);
  pad.find("[data-action=undo]").disabled = !pad.strokes.length;
  pad.find("[data-action=clear]").disabled = empty && !pad.kept;
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (pad.root.querySelectorAll("[data-tool]"))) {
    button.setAttribute("aria-pressed", String(button.dataset.tool === pad.tool));
  }
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (pad.root.querySelectorAll("[data-ink]"))) {
    button.setAttribute("aria-pressed", String(button.dataset.ink === pad.colour));
  }
  pad.slider.value = String(pad.width);
  repaint(pad);
}

// ---- The hand.

/** @param {Pad} pad */
function begin(pad) {
  pad.stroke = { tool: pad.tool, size: pad.width, colour: pad.colour, points: [] };
  if (pad.pen) draw(pad, pad.pen[0], pad.pen[1]);
  refresh(pad);
}

/**
 * @param {Pad} pad
 * @param {number} x
 * @param {number} y
 */
function draw(pad, x, y) {
  if (!pad.stroke || !addPoint(pad.stroke.points, x, y)) return;
  pad.dirty = true;
  sendLive(
    pad,
    () => pad.stroke !== null,
    () => commit(pad, true),
  );
}

/** @param {Pad} pad */
function end(pad) {
  if (!pad.stroke) return;
  clearTimeout(pad.timer);
  const { stroke } = pad;
  pad.stroke = null;
  change(pad, [...pad.strokes, stroke], stroke.tool === "eraser" ? "Erased." : "Stroke drawn.");
}

/** @param {Pad} pad */
function listenToPointer(pad) {
  const { ink } = pad;
  /** @param {{ clientX: number, clientY: number }} event */
  const place = (event) => {
    const box = ink.getBoundingClientRect();
    return [((event.clientX - box.left) * UNIT) / box.width, ((event.clientY - box.top) * UNIT) / box.width];
  };
  ink.onpointerdown = (event) => {
    if (event.button !== 0 || !event.isPrimary || pad.stroke) return;
    ink.setPointerCapture(event.pointerId);
    Object.assign(pad, { pen: place(event), pointer: event.pointerId, keyed: false });
    begin(pad);
  };
  ink.onpointermove = (event) => {
    if (!event.isPrimary) return;
    Object.assign(pad, { pen: place(event), hovered: true, keyed: false });
    if (pad.pointer === event.pointerId) {
      for (const step of stepsOf(event)) {
        const [x, y] = place(step);
        draw(pad, x, y);
      }
    }
    repaint(pad);
  };
  ink.onpointerup =
    ink.onpointercancel =
    ink.onlostpointercapture =
      (event) => {
        if (pad.pointer !== event.pointerId) return;
        pad.pointer = null;
        end(pad);
      };
  ink.onpointerleave = () => {
    pad.hovered = false;
    repaint(pad);
  };
}

/**
 * @param {Pad} pad
 * @param {Partial<Pad>} choice
 */
const choose = (pad, choice) => {
  Object.assign(pad, choice);
  refresh(pad);
};

/**
 * @param {Pad} pad
 * @param {string} action
 */
function act(pad, action) {
  if (pad.stroke) end(pad);
  if (action === "undo" && pad.strokes.length) change(pad, undone(pad.strokes), "Undone.");
  if (action === "clear" && pad.kept && !pad.strokes.length) forget(pad);
  else if (action === "clear") change(pad, cleared(pad.strokes), "Cleared.");
}

/**
 * Let go of what was drawn before.
 * @param {Pad} pad
 */
function forget(pad) {
  Object.assign(pad, { kept: null, picture: null, version: pad.version + 1 });
  pad.said.textContent = "Cleared.";
  refresh(pad);
  commit(pad, false);
}

/**
 * Returns whether the key meant something.
 * @param {Pad} pad
 * @param {KeyboardEvent} event
 */
function onBoardKey(pad, event) {
  const pen = stepped(pad.pen ?? [UNIT / 2, pad.height / 2], event.key, event.shiftKey, pad.height);
  if (pen) {
    Object.assign(pad, { pen, keyed: true });
    draw(pad, pen[0], pen[1]);
  } else if (event.key === " ") {
    Object.assign(pad, { pen: pad.pen ?? [UNIT / 2, pad.height / 2], keyed: true });
    if (pad.stroke) end(pad);
    else begin(pad);
    if (pad.stroke) pad.said.textContent = "Pen down.";
  } else if (event.key === "b" || event.key === "e") choose(pad, { tool: event.key === "b" ? "brush" : "eraser" });
  else if (event.key === "[" || event.key === "]") {
    choose(pad, { width: Math.min(200, Math.max(20, pad.width + (event.key === "]" ? 10 : -10))) });
  } else return false;
  repaint(pad);
  return true;
}

/** @param {Pad} pad */
function listenToTools(pad) {
  pad.find(".tools").onclick = (/** @type {any} */ event) => {
    const { tool, ink, action } = event.target.closest("button")?.dataset ?? {};
    if (tool) choose(pad, { tool });
    if (ink) choose(pad, { colour: ink, tool: "brush" });
    if (action) act(pad, action);
  };
  pad.slider.oninput = () => choose(pad, { width: Number(pad.slider.value) });
}

// ---- Life.

/** @param {import("../js/common.js").Host<Data, Events>} host */
function startPad({ root, send, busy, data }) {
  const find = finder(root);
  /** @type {Pad} */
  const pad = {
    ...{ root, find, send, busy, live: data.live, number: data.number, answered: data.number, sentAt: 0, dirty: false },
    ...{ ink: find(".ink"), seen: find(".seen"), slider: find(".width input"), said: find(".said") },
    ...{ layer: document.createElement("canvas"), reduced: document.createElement("canvas") },
    ...{ strokes: data.strokes, stroke: null, tool: "brush", width: DEFAULT_WIDTH },
    ...{ colour: data.ink || (data.colour ? INKS.black : "#ffffff"), ground: data.colour ? "#ffffff" : "#000000" },
    ...{ height: (UNIT * data.shape[0]) / data.shape[1], size: data.size, sent: data.sent },
    ...{ pen: null, pointer: null, hovered: false, keyed: false },
    ...{ version: 0, stamp: "", picture: null, groundUrl: "", previewUrl: "", frame: 0 },
    ...{ shape: data.shape, convention: data.convention, kept: null, abort: new AbortController() },
    rebuilt: new Rebuilt(find(".made"), (digest) => send("refused", digest)),
  };
  whenNetwork(() => follow(pad), pad.abort.signal);
  root.classList.toggle("coloured", data.colour);
  if (data.colour) addInks(find(".inks"));
  listenToPointer(pad);
  listenToKeys(
    pad,
    pad.ink,
    (action) => act(pad, action),
    (/** @type {KeyboardEvent} */ event) => onBoardKey(pad, event),
  );
  pad.ink.onblur = () => {
    pad.keyed = false;
    if (pad.pointer === null) end(pad);
    repaint(pad);
  };
  listenToTools(pad);
  return pad;
}

/** @param {HTMLElement} group */
function addInks(group) {
  group.hidden = false;
  const buttons = Object.entries(INKS).map(([name, colour]) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", title: name });
    button.dataset.ink = colour;
    button.setAttribute("aria-label", name);
    button.style.setProperty("--ink", colour);
    return button;
  });
  group.replaceChildren(...buttons);
}

/**
 * What models make of the drawing follows the hand from now on.
 * @param {Pad} pad
 */
function follow(pad, models = pad.rebuilt.models) {
  pad.rebuilt.update(models);
  repaint(pad);
}

/**
 * @param {Pad} pad
 * @param {Data} data
 */
function update(pad, data) {
  const { size, live, sent, number, shape, convention, models, showPreview: seen, preview, ground, kept } = data;
  const previewed = seen && !models.length;
  Object.assign(pad, { size, live: live && !models.length, sent, answered: number, shape, convention });
  pad.kept = kept && Float32Array.from(unpack(kept));
  pad.ink.style.width = `${size}px`;
  pad.ink.style.aspectRatio = `${shape[1]} / ${shape[0]}`;
  pad.find("figure").hidden = !previewed;
  showPreview(pad, preview, shape);
  showGround(pad, ground);
  follow(pad, models);
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
      cancelAnimationFrame(pad.frame);
      pad.abort.abort();
    },
  };
}
