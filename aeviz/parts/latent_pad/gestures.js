// Pointers and keys: a mouse hovers, drags and clicks; a finger hovers and taps; two fingers pinch.

const CLICK_TOLERANCE_PX = 4; // px a hand may tremble during a click

function listen(pad) {
  const { stage, root, pointers } = pad;
  const on = (target, event, act, more) => target.addEventListener(event, act, { signal: pad.abort.signal, ...more });
  const place = (event) => {
    const box = stage.getBoundingClientRect();
    return [event.clientX - box.left - GUTTER.left, event.clientY - box.top - GUTTER.top];
  };
  on(stage, "pointerdown", (event) => press(pad, event, place(event)));
  on(stage, "pointermove", (event) => move(pad, event, place(event)));
  for (const name of ["pointerup", "pointercancel"]) on(stage, name, (event) => release(pad, event, place(event)));
  on(stage, "pointerleave", (event) => !pointers.size && event.pointerType !== "touch" && pad.leave());
  on(stage, "wheel", (event) => {
    if (!pad.holds(place(event))) return;
    event.preventDefault();
    const unit = [1, 16, 400][event.deltaMode];
    pad.zoom(...place(event), Math.exp(-Math.max(-240, Math.min(240, event.deltaY * unit)) * 0.002));
    pad.point(...place(event));
  }, { passive: false });
  on(stage, "dblclick", (event) => pad.holds(place(event)) && pad.look({ ...pad.home }));
  on(stage, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !pad.key(event)) return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has shortcuts of its own
  });
  on(stage, "blur", () => pad.byKey && pad.leave());
  on(root.querySelector("header"), "click", (event) => {
    const { mode, tool } = event.target.closest("button")?.dataset ?? {};
    if (mode) pad.mode(mode);
    if (tool) pad.tool(tool);
  });
}

function press(pad, event, at) {
  if (event.button !== 0 || !pad.holds(at)) return;
  pad.stage.setPointerCapture(event.pointerId);
  pad.pointers.set(event.pointerId, at);
  // A second finger makes it a pinch: then neither is a tap any more.
  pad.start = pad.pointers.size > 1 ? null : { at, view: pad.view, tap: true };
  if (event.pointerType === "touch") pad.point(...at);
}

function move(pad, event, at) {
  const before = pad.pointers.get(event.pointerId);
  if (!before) return pad.point(...at);
  if (pad.pointers.size > 1) pinch(pad, event.pointerId, before, at);
  pad.pointers.set(event.pointerId, at);
  if (pad.pointers.size > 1 || !pad.start) return;
  const [dx, dy] = [at[0] - pad.start.at[0], at[1] - pad.start.at[1]];
  if (Math.hypot(dx, dy) > CLICK_TOLERANCE_PX) pad.start.tap = false;
  if (!pad.start.tap && event.pointerType !== "touch") {
    pad.dragging = true;
    pad.stage.setAttribute("data-dragging", "");
    const { view } = pad.start;
    pad.look({ k: view.k, x: view.x - dx / view.k, y: view.y + dy / view.k });
  }
  pad.point(...at);
}

function pinch(pad, id, before, at) {
  const other = [...pad.pointers].find(([pointer]) => pointer !== id)[1];
  const apart = (place) => Math.max(1, Math.hypot(place[0] - other[0], place[1] - other[1]));
  const middle = (place) => [(place[0] + other[0]) / 2, (place[1] + other[1]) / 2];
  const [from, to] = [middle(before), middle(at)];
  const { k, x, y } = pad.view;
  pad.view = { k, x: x - (to[0] - from[0]) / k, y: y + (to[1] - from[1]) / k };
  pad.probe = null;
  pad.zoom(...to, apart(at) / apart(before));
}

function release(pad, event, at) {
  if (!pad.pointers.delete(event.pointerId)) return;
  pad.dragging = false;
  pad.stage.removeAttribute("data-dragging");
  const { start } = pad;
  if (!pad.pointers.size) pad.start = null;
  // The second click of a double one resets the view and fixes nothing.
  const { lastTap } = pad;
  const near = lastTap && Math.hypot(at[0] - lastTap.at[0], at[1] - lastTap.at[1]) < 10;
  const again = near && event.timeStamp - lastTap.time < 350;
  if (event.type !== "pointerup" || !start?.tap || again) return;
  pad.lastTap = { time: event.timeStamp, at };
  pad.point(...start.at);
  pad.fix(pad.plane(...start.at));
}
