// The pad for a curve: the hand, the keys, the tools, and what is sent to Python.

const KEYS_DELAY_MS = 250; // ms after the last key
const MAX_UNDO = 200; // states that can be undone

// ---- What is sent.

function commit(pad, live) {
  Object.assign(pad, { number: pad.number + 1, sentAt: performance.now(), dirty: false });
  pad.setState("sketch", { number: pad.number, live, curves: packed(pad.curves) });
}

function sendLive(pad) {
  clearTimeout(pad.timer);
  if (!pad.live || !pad.before) return;
  const { sentAt, dirty } = pad;
  const step = liveStep({ now: performance.now(), sentAt, dirty, underWay: underWay(pad) });
  if (step === "send") commit(pad, true);
  if (step !== "rest") pad.timer = setTimeout(() => sendLive(pad), 25);
}

// ---- A change has a beginning, steps, and an end at which it is sent and can be undone.

function begin(pad) {
  pad.before ??= pad.curves;
}

function change(pad, values) {
  pad.curves = pad.curves.with(pad.channel, values);
  pad.dirty = true;
  refresh(pad);
  sendLive(pad);
}

function end(pad) {
  if (!pad.before) return;
  clearTimeout(pad.timer);
  clearTimeout(pad.rest);
  pad.past = [...pad.past, pad.before].slice(-MAX_UNDO);
  pad.before = null;
  settle(pad, pad.keys ? "" : summary(pad.curves, pad.axes));
}

function settle(pad, words) {
  if (words) pad.said.textContent = words;
  refresh(pad);
  commit(pad, false);
}

function replace(pad, curves, words) {
  pad.past = [...pad.past, pad.curves].slice(-MAX_UNDO);
  pad.curves = curves;
  settle(pad, words);
}

function act(pad, action) {
  end(pad);
  const empty = pad.curves.map((values) => values.map(() => NaN));
  if (action === "undo" && pad.past.length) {
    pad.curves = pad.past.pop();
    settle(pad, `Undone. ${summary(pad.curves, pad.axes)}`);
  }
  if (action === "clear" && packed(pad.curves)) replace(pad, empty, "Cleared.");
  if (action === "start" && pad.start) replace(pad, pad.start, summary(pad.start, pad.axes));
}

function refresh(pad) {
  const empty = !packed(pad.curves);
  pad.root.classList.toggle("empty", empty);
  pad.root.querySelector("[data-action=undo]").disabled = !pad.past.length;
  pad.root.querySelector("[data-action=clear]").disabled = empty;
  pad.canvas.setAttribute("aria-valuetext", spoken(pad.curves[pad.channel], pad.cursor ?? 0, pad.axes));
  pad.canvas.setAttribute("aria-valuenow", pad.cursor ?? 0);
  repaint(pad);
}

// ---- The hand.

function listenToPointer(pad) {
  const { canvas } = pad;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const frame = frameOf(pad);
    return { at: frame.at(event.clientX - box.left), value: frame.value(event.clientY - box.top) };
  };
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
      const steps = event.getCoalescedEvents?.() ?? [];
      for (const step of steps.length ? steps : [event]) pull(step);
    }
    Object.assign(pad, { hovered: true, keys: false, cursor: Math.round(place(event).at) });
    repaint(pad);
  };
  canvas.onpointerup = canvas.onpointercancel = canvas.onlostpointercapture = (event) => {
    if (pad.pointer !== event.pointerId) return;
    Object.assign(pad, { pointer: null, hand: null });
    end(pad);
  };
  canvas.onpointerleave = () => {
    pad.hovered = false;
    repaint(pad);
  };
}

// Returns whether the key meant something.
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

function listenToKeys(pad) {
  pad.root.onkeydown = (event) => {
    const command = event.ctrlKey || event.metaKey;
    let known = true;
    if (command && event.key.toLowerCase() === "z" && !event.shiftKey) act(pad, "undo");
    else if (event.key === "Delete" || event.key === "Backspace") act(pad, "clear");
    else known = !command && event.target === pad.canvas && pad.pointer === null && onCanvasKey(pad, event);
    if (!known) return;
    event.preventDefault();
    event.stopPropagation(); // Streamlit has shortcuts of its own
  };
  pad.canvas.onblur = () => {
    if (pad.pointer === null) end(pad);
    pad.keys = false;
    repaint(pad);
  };
}

function listenToTools(pad) {
  pad.root.querySelector(".tools").onclick = (event) => {
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

const pads = new WeakMap();

function startPad(parent, data) {
  const root = parent.querySelector(".pad");
  const find = (selector) => root.querySelector(selector);
  const curves = unpacked(data.curves);
  const pad = {
    root, curves, canvas: find("canvas"), said: find(".said"), picker: find("select"), legend: find(".legend"),
    channel: 0, cursor: null, past: [], before: null, pointer: null, hand: null, hovered: false, keys: false,
    number: data.number, sentAt: 0, dirty: false,
  };
  pad.canvas.setAttribute("aria-valuemax", curves[0].length - 1);
  pad.picker.replaceChildren(...curves.map((_, channel) => new Option(`Channel ${channel + 1}`, channel)));
  find(".channels").hidden = curves.length < 2;
  pad.observer = new ResizeObserver(() => repaint(pad));
  pad.observer.observe(pad.canvas);
  listenToPointer(pad);
  listenToKeys(pad);
  listenToTools(pad);
  return pad;
}

// The names of the curves that are shown behind the sketch.
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

export default inOrder(function ({ parentElement, data, setStateValue }) {
  const known = pads.get(parentElement);
  const pad = known?.root.isConnected ? known : startPad(parentElement, data);
  pads.set(parentElement, pad);
  const { axes, live, height, number } = data;
  const start = data.start && unpacked(data.start);
  const lines = data.lines.map((line) => ({ ...line, values: unpacked(line.values) }));
  Object.assign(pad, { axes, live, height, start, lines, setState: setStateValue, answered: number });
  pad.canvas.style.height = `${height}px`;
  pad.root.querySelector(".hint").textContent = `Sketch a ${data.noun} here`;
  pad.canvas.setAttribute("aria-label", `Pad for a ${data.noun}`);
  const button = pad.root.querySelector("[data-action=start]");
  button.hidden = !start;
  button.querySelector("span").textContent = `From ${data.startLabel}`;
  showLegend(pad, data.startLabel);
  pad.root.dataset.answered = number;
  refresh(pad);
  return () =>
    whenGone(pad.root, () => {
      clearTimeout(pad.timer);
      clearTimeout(pad.rest);
      cancelAnimationFrame(pad.frame);
      pad.observer.disconnect();
    });
});
