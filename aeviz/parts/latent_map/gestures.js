// What a hand does to a map: pointer, wheel, touch and keys, turned into calls on the map.

const CLICK_TOLERANCE_PX = 4; // px a pointer may wander and still have clicked
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export function listen(map) {
  const { stage } = map;
  const held = new Map();
  const place = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const ours = (event) => !event.composedPath().includes(map.marksButton);
  const on = (event, act, options = {}) => stage.addEventListener(event, act, { signal: map.abort.signal, ...options });

  on("pointerdown", (event) => {
    if (event.button !== 0 || !map.count || !ours(event)) return;
    stage.setPointerCapture(event.pointerId);
    held.set(event.pointerId, place(event));
    if (held.size === 2) map.gesture = { kind: "pinch" };
    else if (held.size === 1) map.gesture = begin(map, place(event), event);
  });
  on("pointermove", (event) => {
    const at = place(event);
    if (held.has(event.pointerId)) {
      const before = [...held.values()];
      held.set(event.pointerId, at);
      if (map.gesture?.kind === "pinch" && held.size === 2) pinch(map, before, [...held.values()]);
      else follow(map, at);
    } else if (event.pointerType !== "touch") map.hover(map.under(...at, 12));
  });
  on("pointerup", (event) => {
    if (!held.delete(event.pointerId)) return;
    if (!held.size) finish(map, place(event), event);
  });
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
  on("keydown", (event) => (event.key === "Escape" ? escape(map, event) : keys(map, event)));
  on("blur", () => map.byKey && map.hover(-1));
}

function begin(map, [x, y], event) {
  const kind = map.mode;
  return { kind, x, y, moved: false, view: { ...map.view }, add: event.shiftKey, start: toData(map.view, x, y) };
}

function follow(map, [x, y]) {
  const gesture = map.gesture;
  if (!gesture || gesture.kind === "pinch") return;
  gesture.moved ||= Math.hypot(x - gesture.x, y - gesture.y) > CLICK_TOLERANCE_PX;
  if (!gesture.moved) return;
  if (gesture.kind === "pan") {
    map.stage.toggleAttribute("data-dragging", true);
    map.hover(-1);
    map.look({ ...map.view, tx: gesture.view.tx + x - gesture.x, ty: gesture.view.ty + y - gesture.y });
    return;
  }
  const at = toData(map.view, x, y);
  if (gesture.kind === "lasso") (gesture.outline ??= [gesture.start]).push(at);
  else gesture.outline = [gesture.start, [at[0], gesture.start[1]], at, [gesture.start[0], at[1]]];
  map.ask();
}

function finish(map, [x, y], event) {
  const gesture = map.gesture;
  map.drop();
  if (!gesture || gesture.kind === "pinch") return;
  if (gesture.moved) {
    if (gesture.outline) map.mark(lassoHits(map.xs, map.ys, gesture.outline, map.cloud.state), gesture.add);
    return;
  }
  const item = map.under(x, y, event.pointerType === "touch" ? 22 : 12);
  map.hover(item);
  if (item >= 0) map.choose(item);
  else map.clear();
}

function pinch(map, before, after) {
  const middle = ([[ax, ay], [bx, by]]) => [(ax + bx) / 2, (ay + by) / 2];
  const apart = ([[ax, ay], [bx, by]]) => Math.max(1, Math.hypot(ax - bx, ay - by));
  const [from, to] = [middle(before), middle(after)];
  const moved = { ...map.view, tx: map.view.tx + to[0] - from[0], ty: map.view.ty + to[1] - from[1] };
  map.look(zoomAt(moved, ...to, apart(after) / apart(before), ...map.limits()));
}

function wheel(map, event, at) {
  if (!map.count) return;
  const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1);
  const factor = Math.exp(-Math.max(-240, Math.min(240, pixels)) * (event.ctrlKey ? 0.01 : 0.0016));
  const next = zoomAt(map.view, ...at, factor, ...map.limits());
  if (next.k === map.view.k) return; // at the end of the scale the page may scroll
  event.preventDefault();
  map.look(next);
  if (!map.gesture) map.hover(map.under(...at, 12));
}

function keys(map, event) {
  if (event.target !== map.stage || event.ctrlKey || event.metaKey || event.altKey || !map.count) return;
  const arrow = ARROWS[event.key];
  if (arrow && event.shiftKey) map.look({ ...map.view, tx: map.view.tx - 60 * arrow[0], ty: map.view.ty + 60 * arrow[1] });
  else if (arrow) map.step(...arrow);
  else if (event.key === "+" || event.key === "=") map.zoomBy(1.5);
  else if (event.key === "-") map.zoomBy(1 / 1.5);
  else if (event.key === "0") map.reset();
  else if (event.key === "Enter" || event.key === " ") map.group.hovered >= 0 && map.choose(map.group.hovered);
  else return;
  event.preventDefault();
}

function escape(map, event) {
  event.stopPropagation();
  if (map.gesture) return map.drop();
  map.hover(-1);
  map.clear();
}
