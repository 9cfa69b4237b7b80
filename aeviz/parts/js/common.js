// Shared by every live part.

/**
 * @template Data, Events
 * @typedef {object} Host What a host gives to the `mount` of a part.
 * @property {HTMLElement} root the element of the part's markup
 * @property {Data} data what the part's `payload` made
 * @property {<Name extends keyof Events & string>(name: Name, value: Events[Name]) => void} send tells Python
 * @property {() => import("./theme.js").Theme} theme colours and font of the page at this moment
 * @property {() => boolean} busy whether Python is at work on the page
 * @property {Link} [link] where a host has one
 */

/**
 * @typedef {object} Link A link to what the page shows, in which parts keep texts under names.
 * @property {(name: string) => string | null} read
 * @property {(name: string, text: string) => void} write "" for none
 * @property {(act: () => unknown, signal: AbortSignal) => void} watch calls when the person has gone back or forward
 */

/**
 * @template Data
 * @typedef {{ update: (data: Data) => unknown, destroy: () => void }} Mounted What `mount` returns.
 */

/**
 * @typedef {Float32Array | Float64Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array} Typed
 * @typedef {Typed | number[]} Numbers
 * @typedef {{ dtype: keyof typeof ARRAYS, shape: number[], bytes: string }} Packed An array as Python packs it: its
 *   little-endian bytes in base64.
 * @typedef {Omit<Packed, "bytes"> & { bytes: string | Uint8Array }} Carried The same, or with the bytes themselves.
 * @typedef {{ byDigest: Map<string, any>, client: any }} Networks Models that this tab runs, and what does long work.
 * @typedef {{ t: number, pictures: HTMLCanvasElement[] }} Walk Where a handle stands on a path, from 0 to 1, and what each way
 *   shows there.
 * @typedef {{ atlases: Map<string, any>, events: EventTarget, networks?: Networks, mapGroups?: Map<string, any>, walks?: Map<string, Walk>, watched?: number, ahead?: boolean, past?: any, keepsAll?: boolean, users?: Map<string, number>, kept?: Map<string, { turn: number, named: unknown, value: number }>, frames?: typeof requestAnimationFrame }} Shared What
 *   all parts on a page share; `keepsAll` where nobody could send again what is let go of; `users`: how many widgets use a thing of a name;
 *   `kept`: what a hand set, by the name of a part.
 */

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
};

/**
 * The bytes of a text in base64.
 * @param {string} text
 */
export function bytesOf(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

/**
 * {dtype, shape, bytes} as packed by Python, or as a file carries it -> typed array.
 * @param {Carried} packed
 */
export function unpack({ dtype, bytes }) {
  return new ARRAYS[dtype]((typeof bytes === "string" ? bytesOf(bytes) : bytes.slice()).buffer);
}

/**
 * Bytes as a text in base64.
 * @param {Uint8Array} bytes
 */
export function base64Of(bytes) {
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte));
  return btoa(letters.join(""));
}

/**
 * A row of numbers as Python packs it.
 * @param {Float32Array} values
 * @returns {Packed}
 */
export function pack(values) {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { dtype: "float32", shape: [values.length], bytes: base64Of(bytes) };
}

/**
 * What paints on a canvas. A browser has none only where the page holds too many canvases.
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function contextOf(canvas, settings) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", settings));
}

/**
 * What a field holds until the first data has come: nothing reads it before.
 * @type {any}
 */
export const later = undefined;

/**
 * Finds elements within a root by selectors of its own markup.
 * @param {ParentNode} root
 * @returns {(selector: string) => any}
 */
export const finder = (root) => (selector) => root.querySelector(selector);

/**
 * Give a canvas as many pixels as the screen has under it; returns the context scaled to CSS pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function fitCanvas(canvas, width, height) {
  const ratio = globalThis.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const context = contextOf(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

/**
 * Make a canvas transparent. On paper what is cleared would be white, over what lies below it: there its pixels are set.
 * @param {CanvasRenderingContext2D} context
 */
export function wipe(context) {
  const { width, height } = context.canvas;
  if (shared().frames) return context.putImageData(context.createImageData(width, height), 0, 0);
  context.save();
  context.resetTransform();
  context.clearRect(0, 0, width, height);
  context.restore();
}

// What all parts on a page share: atlases of pictures by name, and events (hover, selection) by group.
export function shared() {
  const page = /** @type {{ aeviz?: Shared }} */ (globalThis);
  page.aeviz ??= { atlases: new Map(), events: new EventTarget() };
  return page.aeviz;
}

/**
 * The `mount` that a part's module exports, made of a class: it is made of all that a host gives but the data, is given
 * these by `update`, and ended by `destroy`.
 * @template Data, Events
 * @param {new (host: Omit<Host<Data, Events>, "data">) => Mounted<Data>} Part
 * @returns {(host: Host<Data, Events>) => Mounted<Data>}
 */
export function mounting(Part) {
  return ({ data, ...host }) => {
    const part = new Part(host);
    part.update(data);
    return part;
  };
}

/**
 * Give a file to the person, as a click on a link to it would.
 * @param {Blob | null} blob
 * @param {string} name
 */
export function download(blob, name) {
  const link = document.createElement("a");
  if (!blob) return;
  link.href = URL.createObjectURL(blob);
  link.download = name.replace(/[\\/:]/g, "-");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/**
 * value, moved into [low, high] where it lies outside.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

// A screen on which what stands below the main picture is out of sight, as the parts' style sheets ask for it.
export const LOW_SCREEN = "(max-height: 920px) and (min-width: 1000px)";

/**
 * A whole number as it is read: 10,000.
 * @param {number} number
 */
export const grouped = (number) => number.toLocaleString("en");

// Whether the person wants nothing to move by itself.
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * A sentence for the hand that there is: where it says "Click", a touch screen says "Tap", as headings of the app do.
 * @param {string} text
 */
export const forHand = (text) =>
  globalThis.matchMedia?.("(hover: none)").matches ? text.replace("Click", "Tap").replace("click", "tap") : text;

/** How large type is at least on this page, in px: a view in front of a class asks for that; else 0. */
export const leastType = () =>
  typeof document === "undefined"
    ? 0
    : Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--least-type")) || 0;

/**
 * A font for a canvas, as CSS has it, no smaller than the page asks for.
 * @param {number} size px
 * @param {string} family
 * @param {number} [weight]
 */
export const fontOf = (size, family, weight = 400) => `${weight} ${Math.max(size, leastType())}px ${family}`;
