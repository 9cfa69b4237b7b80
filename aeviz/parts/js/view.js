// Views of a plane: {k, tx, ty}, one scale for both axes and y upwards. A place (x, y) is seen at (k·x + tx, ty − k·y).

/**
 * @typedef {{ k: number, tx: number, ty: number }} View
 * @typedef {readonly [x0: number, x1: number, y0: number, y1: number]} Box
 * @typedef {[x: number, y: number]} Pixel
 */

/**
 * The view that shows a box centred and as large as the room allows.
 * @param {Box} box
 * @param {number} width
 * @param {number} height
 * @param {number} [padding]
 */
export function fit([x0, x1, y0, y1], width, height, padding = 0) {
  const [w, h] = [x1 - x0, y1 - y0];
  const [across, down] = [Math.max(1, width - 2 * padding), Math.max(1, height - 2 * padding)];
  const k = Math.min(w > 0 ? across / w : Infinity, h > 0 ? down / h : Infinity);
  return centred((x0 + x1) / 2, (y0 + y1) / 2, Number.isFinite(k) ? k : 1, width, height);
}

/**
 * The view with (x, y) in the middle.
 * @param {number} x
 * @param {number} y
 * @param {number} k
 * @param {number} width
 * @param {number} height
 */
export function centred(x, y, k, width, height) {
  return { k, tx: width / 2 - k * x, ty: height / 2 + k * y };
}

/**
 * @param {View} view
 * @param {number} x
 * @param {number} y
 * @returns {Pixel}
 */
export const toScreen = (view, x, y) => [x * view.k + view.tx, view.ty - y * view.k];
/**
 * @param {View} view
 * @param {number} px
 * @param {number} py
 * @returns {Pixel}
 */
export const toPlane = (view, px, py) => [(px - view.tx) / view.k, (view.ty - py) / view.k];

/**
 * The box that is seen.
 * @param {View} view
 * @param {number} width
 * @param {number} height
 * @returns {Box}
 */
export function boxOf(view, width, height) {
  const [[x0, y1], [x1, y0]] = [toPlane(view, 0, 0), toPlane(view, width, height)];
  return [x0, x1, y0, y1];
}

/**
 * The view moved by pixels.
 * @param {View} view
 * @param {number} dx
 * @param {number} dy
 */
export const panned = (view, dx, dy) => ({ k: view.k, tx: view.tx + dx, ty: view.ty + dy });

/**
 * The view zoomed by `factor` about the pixel (px, py), its scale kept within [least, most].
 * @param {View} view
 * @param {number} px
 * @param {number} py
 * @param {number} factor
 * @param {number} [least]
 * @param {number} [most]
 */
export function zoomAt(view, px, py, factor, least = 0, most = Infinity) {
  const k = Math.min(most, Math.max(least, view.k * factor));
  const f = k / view.k;
  return { k, tx: px - (px - view.tx) * f, ty: py - (py - view.ty) * f };
}

/**
 * What two fingers make of a view: `before` and `after` are the pixels of both.
 * @param {View} view
 * @param {Pixel[]} before
 * @param {Pixel[]} after
 * @param {number} least
 * @param {number} most
 */
export function pinched(view, before, after, least, most) {
  /** @type {(fingers: Pixel[]) => Pixel} */
  const middle = ([[ax, ay], [bx, by]]) => [(ax + bx) / 2, (ay + by) / 2];
  /** @type {(fingers: Pixel[]) => number} */
  const apart = ([[ax, ay], [bx, by]]) => Math.max(1, Math.hypot(ax - bx, ay - by));
  const [from, to] = [middle(before), middle(after)];
  return zoomAt(panned(view, to[0] - from[0], to[1] - from[1]), ...to, apart(after) / apart(before), least, most);
}

/**
 * Whether a turn of the wheel is meant for a stage: it has been clicked or reached by Tab, or Ctrl is held, as it is
 * when two fingers pinch on a touch pad. Else the page scrolls past it.
 * @param {HTMLElement} stage
 * @param {Pick<WheelEvent, "ctrlKey">} event
 */
export function wheelIsFor(stage, event) {
  return event.ctrlKey || stage.matches(":focus");
}

/**
 * By how much a turn of the wheel zooms: `rate` for a pixel of it, whatever unit the browser tells.
 * @param {Pick<WheelEvent, "deltaY" | "deltaMode">} event
 * @param {number} rate
 */
export function wheelFactor({ deltaY, deltaMode }, rate) {
  const pixels = deltaY * [1, 16, 400][deltaMode];
  return Math.exp(-Math.max(-240, Math.min(240, pixels)) * rate);
}

/**
 * On the way from one view to another; the scale grows evenly to the eye, that is as a power.
 * @param {View} from
 * @param {View} to
 * @param {number} t
 */
export function between(from, to, t) {
  const k = from.k * (to.k / from.k) ** t;
  const share = to.k === from.k ? t : (k - from.k) / (to.k - from.k);
  return { k, tx: from.tx + (to.tx - from.tx) * share, ty: from.ty + (to.ty - from.ty) * share };
}

/**
 * The view of a stage that has got another size: what was in the middle stays there, at the scale k.
 * @param {View} view
 * @param {number} width
 * @param {number} height
 * @param {number} newWidth
 * @param {number} newHeight
 * @param {number} [k]
 */
export function resized(view, width, height, newWidth, newHeight, k = view.k) {
  return centred(...toPlane(view, width / 2, height / 2), k, newWidth, newHeight);
}

/**
 * What is seen as a text for a link: how many times larger than at first, and the middle, under a stamp of what it is a
 * view of.
 * @param {string} stamp
 * @param {number} zoom
 * @param {readonly number[]} middle
 */
export function seenText(stamp, zoom, middle) {
  return [stamp, ...[zoom, ...middle].map((number) => String(Number(number.toPrecision(5))))].join("_");
}

/**
 * What such a text says; null where it says nothing, or of something else.
 * @param {string | null} text
 * @param {string} stamp
 */
export function seenFrom(text, stamp) {
  const [of, ...numbers] = (text ?? "").split("_");
  const [zoom, x, y] = numbers.map(Number);
  const sound = of === stamp && numbers.length === 3 && [zoom, x, y].every(Number.isFinite) && zoom > 0;
  return sound ? { zoom, x, y } : null;
}

/**
 * A few letters that tell a text from others.
 * @param {string} text
 */
export function stampOf(text) {
  let hash = 2166136261;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16777619); // FNV-1a
  return (hash >>> 0).toString(36).slice(-5);
}
