// The drawing pad: hand, tools, and what is sent to Python.

const DEFAULT_WIDTH = 85; // at the usual height of a drawn digit this gives MNIST's stroke of 2.5 pixels
const INKS = {
  black: "#222222", red: "#d8342b", orange: "#f28c1b", yellow: "#ffcf33",
  green: "#3c9a48", blue: "#2f7fd1", violet: "#8a4db3", brown: "#8a5a3c",
};

// ---- What is sent.

function commit(pad, live) {
  const [rows, columns, channels = 1] = pad.sent;
  [pad.reduced.width, pad.reduced.height] = [columns, rows];
  const context = pad.reduced.getContext("2d", { willReadFrequently: true });
  paintStrokes(context, pad, pad.stroke ? [...pad.strokes, pad.stroke] : pad.strokes, columns);
  const pixels = encode(context.getImageData(0, 0, columns, rows).data, channels);
  Object.assign(pad, { number: pad.number + 1, sentAt: performance.now(), dirty: false });
  pad.setState("drawing", { number: pad.number, live, pixels, strokes: pad.strokes });
}

function sendLive(pad) {
  clearTimeout(pad.timer);
  if (!pad.live || !pad.stroke) return;
  const { sentAt, dirty } = pad;
  const step = liveStep({ now: performance.now(), sentAt, dirty, underWay: underWay(pad) });
  if (step === "send") commit(pad, true);
  if (step !== "rest") pad.timer = setTimeout(() => sendLive(pad), 25);
}

function change(pad, strokes, words) {
  if (strokes === pad.strokes) return;
  Object.assign(pad, { strokes, version: pad.version + 1 });
  pad.said.textContent = words;
  refresh(pad);
  commit(pad, false);
}

function refresh(pad) {
  const empty = !pad.stroke && !visible(pad.strokes).length;
  pad.root.classList.toggle("empty", empty);
  pad.root.querySelector("[data-action=undo]").disabled = !pad.strokes.length;
  pad.root.querySelector("[data-action=clear]").disabled = empty;
  for (const button of pad.root.querySelectorAll("[data-tool]")) {
    button.setAttribute("aria-pressed", String(button.dataset.tool === pad.tool));
  }
  for (const button of pad.root.querySelectorAll("[data-ink]")) {
    button.setAttribute("aria-pressed", String(button.dataset.ink === pad.colour));
  }
  pad.slider.value = pad.width;
  repaint(pad);
}

// ---- The hand.

function begin(pad) {
  pad.stroke = { tool: pad.tool, size: pad.width, colour: pad.colour, points: [] };
  draw(pad, ...pad.pen);
  refresh(pad);
}

function draw(pad, x, y) {
  if (!pad.stroke || !addPoint(pad.stroke.points, x, y)) return;
  pad.dirty = true;
  sendLive(pad);
}

function end(pad) {
  if (!pad.stroke) return;
  clearTimeout(pad.timer);
  const { stroke } = pad;
  pad.stroke = null;
  change(pad, [...pad.strokes, stroke], stroke.tool === "eraser" ? "Erased." : "Stroke drawn.");
}

function listenToPointer(pad) {
  const { ink } = pad;
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
      const steps = event.getCoalescedEvents?.() ?? [];
      for (const step of steps.length ? steps : [event]) draw(pad, ...place(step));
    }
    repaint(pad);
  };
  ink.onpointerup = ink.onpointercancel = ink.onlostpointercapture = (event) => {
    if (pad.pointer !== event.pointerId) return;
    pad.pointer = null;
    end(pad);
  };
  ink.onpointerleave = () => {
    pad.hovered = false;
    repaint(pad);
  };
}

const choose = (pad, choice) => {
  Object.assign(pad, choice);
  refresh(pad);
};

function act(pad, action) {
  if (pad.stroke) end(pad);
  if (action === "undo" && pad.strokes.length) change(pad, undone(pad.strokes), "Undone.");
  if (action === "clear") change(pad, cleared(pad.strokes), "Cleared.");
}

// Returns whether the key meant something.
function onBoardKey(pad, event) {
  const pen = stepped(pad.pen ?? [UNIT / 2, pad.height / 2], event.key, event.shiftKey, pad.height);
  if (pen) {
    Object.assign(pad, { pen, keyed: true });
    draw(pad, ...pen);
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

function listenToKeys(pad) {
  pad.root.onkeydown = (event) => {
    const command = event.ctrlKey || event.metaKey;
    let known = true;
    if (command && event.key.toLowerCase() === "z" && !event.shiftKey) act(pad, "undo");
    else if (event.key === "Delete" || event.key === "Backspace") act(pad, "clear");
    else known = !command && event.target === pad.ink && pad.pointer === null && onBoardKey(pad, event);
    if (!known) return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has shortcuts of its own
  };
  pad.ink.onblur = () => {
    pad.keyed = false;
    if (pad.pointer === null) end(pad);
    repaint(pad);
  };
}

function listenToTools(pad) {
  pad.root.querySelector(".tools").onclick = (event) => {
    const { tool, ink, action } = event.target.closest("button")?.dataset ?? {};
    if (tool) choose(pad, { tool });
    if (ink) choose(pad, { colour: ink, tool: "brush" });
    if (action) act(pad, action);
  };
  pad.slider.oninput = () => choose(pad, { width: Number(pad.slider.value) });
}

// ---- Life.

const pads = new WeakMap();

function startPad(parent, data) {
  const root = parent.querySelector(".pad");
  const find = (selector) => root.querySelector(selector);
  const pad = {
    root, ink: find(".ink"), seen: find(".seen"), slider: find(".width input"), said: find(".said"),
    layer: document.createElement("canvas"), reduced: document.createElement("canvas"),
    strokes: data.strokes, stroke: null, tool: "brush", width: DEFAULT_WIDTH, colour: data.ink || (data.colour ? INKS.black : "#ffffff"),
    ground: data.colour ? "#ffffff" : "#000000", height: (UNIT * data.shape[0]) / data.shape[1],
    pen: null, pointer: null, hovered: false, keyed: false, version: 0, number: data.number, sentAt: 0, dirty: false,
  };
  root.classList.toggle("coloured", data.colour);
  if (data.colour) addInks(find(".inks"));
  listenToPointer(pad);
  listenToKeys(pad);
  listenToTools(pad);
  return pad;
}

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

export default inOrder(function ({ parentElement, data, setStateValue }) {
  const known = pads.get(parentElement);
  const pad = known?.root.isConnected ? known : startPad(parentElement, data);
  pads.set(parentElement, pad);
  const { size, live, sent, number } = data;
  Object.assign(pad, { size, live, sent, setState: setStateValue, answered: number, calls: (pad.calls ?? 0) + 1 });
  pad.ink.style.width = `${size}px`;
  pad.ink.style.aspectRatio = `${data.shape[1]} / ${data.shape[0]}`;
  pad.root.querySelector("figure").hidden = !data.showPreview;
  showPreview(pad, data.preview, data.shape);
  showGround(pad, data.ground);
  refresh(pad);
  const { calls } = pad;
  return () => {
    // Streamlit also cleans up after a call that a later one has overtaken: the pad is then still in use.
    if (pad.calls !== calls) return;
    clearTimeout(pad.timer);
    cancelAnimationFrame(pad.frame);
    pads.delete(parentElement);
  };
});
