// What a hand does to a map: pointer, wheel, touch and keys, turned into calls on the map.

import { panned, pinched, toPlane, wheelFactor, wheelIsFor, zoomAt } from "../js/view.js";
import { lassoHits } from "./geometry.js";

/**
 * @typedef {import("./latent_map.js").LatentMap} LatentMap
 * @typedef {import("../js/view.js").Pixel} Pixel
 * @typedef {import("../js/view.js").View} View
 *
 * @typedef {object} Gesture What is under way.
 * @property {string} kind "pan", "lasso", "box", "pinch" or "handle"
 * @property {number} x where it began, in px, and the view then
 * @property {number} y
 * @property {View} view
 * @property {import("./turning.js").Pose} [pose] of a map that turns, then
 * @property {boolean} moved
 * @property {boolean} add whether what it marks is added to the marks
 * @property {Pixel} start where it began on the plane
 * @property {number[][]} [outline] of a lasso or a box
 * @property {string} [handle] that is held
 */

const CLICK_TOLERANCE_PX = 4; // px a pointer may wander and still have clicked
const TURN_PX = 24; // px of a drag that an arrow key stands for
/** @type {Record<string, Pixel>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** @param {LatentMap} map */
export function listen(map) {
  const { stage } = map;
  /** @type {Map<number, Pixel>} */
  const held = new Map();
  /** @type {(event: { clientX: number, clientY: number }) => Pixel} */
  const place = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  /** @param {Event} event */
  const ours = (event) => !event.composedPath().some((at) => at instanceof Element && at.matches(".marks"));
  /**
   * @param {string} event
   * @param {(event: any) => void} act
   * @param {AddEventListenerOptions} [options]
   */
  const on = (event, act, options = {}) => stage.addEventListener(event, act, { signal: map.abort.signal, ...options });

  on("pointerdown", (event) => {
    if (event.button !== 0 || !map.count || !ours(event)) return;
    stage.setPointerCapture(event.pointerId);
    held.set(event.pointerId, place(event));
    if (held.size === 2) map.gesture = { ...begin(map, place(event), event), kind: "pinch" };
    else if (held.size === 1) map.gesture = begin(map, place(event), event);
  });
  on("pointermove", (event) => {
    const at = place(event);
    if (held.has(event.pointerId)) {
      const before = [...held.values()];
      held.set(event.pointerId, at);
      if (map.gesture?.kind === "pinch" && held.size === 2)
        map.look(pinched(map.view, before, [...held.values()], ...map.limits()));
      else follow(map, at);
    } else if (event.pointerType !== "touch") {
      const handle = map.handleAt(...at);
      stage.toggleAttribute("data-handle", Boolean(handle));
      map.hover(handle ? -1 : map.under(...at, 12));
    }
  });
  on("pointerup", (event) => {
    if (!held.delete(event.pointerId)) return;
    if (!held.size) finish(map, place(event), event);
  });
  /** @param {PointerEvent} event */
  const abandon = (event) => {
    held.delete(event.pointerId);
    if (!held.size) map.drop();
  };
  on("pointercancel", abandon);
  on("lostpointercapture", abandon);
  on("pointerleave", (event) => {
    if (event.pointerType !== "touch" && !held.size) map.hover(-1);
  });
  on("dblclick", (event) => ours(event) && map.reset());
  on("wheel", (event) => wheel(map, event, place(event)), { passive: false });
  on("keydown", (event) => (event.key === "Escape" ? letGo(map, event) : keys(map, event)));
  on("blur", () => map.byKey && map.hover(-1));
}

/**
 * @param {LatentMap} map
 * @param {Pixel} place
 * @param {PointerEvent} event
 */
function begin(map, [x, y], event) {
  const handle = map.handleAt(x, y) ?? undefined;
  const kind = handle ? "handle" : map.mode;
  return {
    kind,
    handle,
    x,
    y,
    moved: false,
    view: { ...map.view },
    pose: map.solid?.pose,
    add: event.shiftKey,
    start: toPlane(map.view, x, y),
  };
}

/**
 * @param {LatentMap} map
 * @param {Pixel} place
 */
function follow(map, [x, y]) {
  const gesture = map.gesture;
  if (!gesture || gesture.kind === "pinch") return;
  gesture.moved ||= Math.hypot(x - gesture.x, y - gesture.y) > CLICK_TOLERANCE_PX;
  if (!gesture.moved) return;
  if (gesture.handle) return map.aim(gesture.handle, [x, y]);
  if (gesture.kind === "pan") {
    map.stage.toggleAttribute("data-dragging", true);
    map.hover(-1);
    if (gesture.pose && !gesture.add) map.push(gesture.pose, x - gesture.x, y - gesture.y);
    else map.look(panned(gesture.view, x - gesture.x, y - gesture.y));
    return;
  }
  const at = toPlane(map.view, x, y);
  if (gesture.kind === "lasso") (gesture.outline ??= [gesture.start]).push(at);
  else gesture.outline = [gesture.start, [at[0], gesture.start[1]], at, [gesture.start[0], at[1]]];
  map.ask();
}

/**
 * @param {LatentMap} map
 * @param {Pixel} place
 * @param {PointerEvent} event
 */
function finish(map, [x, y], event) {
  const { gesture } = map;
  const { aim } = map.group;
  map.drop();
  if (!gesture || gesture.kind === "pinch") return;
  if (gesture.handle) {
    map.hover(-1);
    if (aim) map.put(aim.handle, aim.item);
    return;
  }
  if (gesture.moved) {
    if (gesture.outline) map.mark(lassoHits(map.xs, map.ys, gesture.outline, map.cloud.state), gesture.add);
    return;
  }
  const item = map.under(x, y, event.pointerType === "touch" ? 22 : 12);
  map.hover(item);
  if (item >= 0) map.choose(item);
  else map.clear();
}

/**
 * @param {LatentMap} map
 * @param {WheelEvent} event
 * @param {Pixel} at
 */
function wheel(map, event, at) {
  if (!map.count || !wheelIsFor(map.stage, event)) return;
  const next = zoomAt(map.view, ...at, wheelFactor(event, event.ctrlKey ? 0.01 : 0.0016), ...map.limits());
  if (next.k === map.view.k) return; // at the end of the scale the page may scroll
  event.preventDefault();
  map.look(next);
  if (!map.gesture) map.hover(map.under(...at, 12));
}

/**
 * @param {LatentMap} map
 * @param {KeyboardEvent} event
 */
function keys(map, event) {
  if (event.target !== map.stage || event.ctrlKey || event.metaKey || event.altKey || !map.count) return;
  const arrow = ARROWS[event.key];
  const end = map.data.extras.find(({ handle }) => handle?.toLowerCase() === event.key.toLowerCase());
  if (end?.handle && map.group.hovered >= 0) map.put(end.handle, map.group.hovered);
  else if (arrow && map.solid && !event.shiftKey) map.push(map.solid.pose, TURN_PX * arrow[0], -TURN_PX * arrow[1]);
  else if (arrow && map.solid) map.step(...arrow);
  else if (arrow && event.shiftKey) map.look(panned(map.view, -60 * arrow[0], 60 * arrow[1]));
  else if (arrow) map.step(...arrow);
  else if (event.key === "+" || event.key === "=") map.zoomBy(1.5);
  else if (event.key === "-") map.zoomBy(1 / 1.5);
  else if (event.key === "0") map.reset();
  else if (event.key === "Enter" || event.key === " ") map.group.hovered >= 0 && map.choose(map.group.hovered);
  else if (event.key === "m") map.toggleMark(map.group.hovered);
  else if (event.key === "M") map.mark(inView(map), true);
  else return;
  event.preventDefault();
}

/**
 * The items of the classes that are shown, within the stage.
 * @param {LatentMap} map
 */
function inView({ view, width, height, xs, ys, cloud }) {
  const [[left, top], [right, bottom]] = [toPlane(view, 0, 0), toPlane(view, width, height)];
  const outline = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
  return lassoHits(xs, ys, outline, cloud.state);
}

/**
 * @param {LatentMap} map
 * @param {KeyboardEvent} event
 */
function letGo(map, event) {
  event.stopPropagation();
  if (map.gesture) return map.drop();
  map.hover(-1);
  map.clear();
}
