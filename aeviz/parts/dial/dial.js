const KEYS_DELAY_MS = 250; // ms without a key before the stop is committed
const MIN_FILL = 0.8; // of the room that a picture with whole pixels must fill to be preferred

// How wide a tile is shown in `room` CSS pixels: with pixels of one size where that does not waste much of the room.
export function shownWidth(room, tile, ratio) {
  const whole = wholePixels(room, tile, ratio);
  return whole >= MIN_FILL * room ? whole : room;
}

class Dial {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector("input");
    this.output = root.querySelector("output");
    this.box = root.querySelector(".panels");
    this.panels = [];
    this.sent = []; // commits that no data has answered yet
    this.loaded = new Map(); // url -> promise of a sheet with its bitmap
    this.updates = 0;
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(root);
    this.listen();
  }

  listen() {
    const on = (type, act) => this.input.addEventListener(type, act);
    on("input", () => {
      this.moved();
      if (!this.held) this.settle();
    });
    on("pointerdown", () => (this.held = true));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) on(end, () => this.release());
    on("blur", () => this.timer && this.commit());
  }

  // Data from the server is taken over whole, when all its pictures are ready to paint.
  async update(component) {
    this.component = component;
    const update = ++this.updates;
    const { data } = component;
    const sheets = await Promise.all(data.panels.map(({ sheet }) => this.load(sheet)));
    if (update === this.updates) this.adopt(data, sheets);
  }

  load(sheet) {
    if (!this.loaded.has(sheet.url)) {
      const ready = loadSheet(sheet);
      ready.catch(() => this.loaded.delete(sheet.url));
      this.loaded.set(sheet.url, ready);
    }
    return this.loaded.get(sheet.url);
  }

  adopt(data, sheets) {
    const moved = !this.data || this.movedByServer(data.at);
    Object.assign(this, { data, sheets });
    for (const url of this.loaded.keys()) {
      if (!sheets.some((sheet) => sheet.url === url)) this.loaded.delete(url);
    }
    if (this.panels.length !== sheets.length) this.build();
    this.updateLabels();
    if (moved && !this.held && !this.timer) this.stop = data.at;
    this.stop = clamp(this.stop ?? data.at, 0, data.stops.length - 1);
    this.input.value = this.stop;
    this.resize();
  }

  // An echo of our own commits moves nothing while a newer one is on its way.
  movedByServer(at) {
    const answered = this.sent.lastIndexOf(at);
    if (answered >= 0) {
      this.sent.splice(0, answered + 1);
      return this.sent.length === 0;
    }
    if (at === this.data.at) return false;
    this.sent = [];
    return true;
  }

  build() {
    this.box.replaceChildren();
    this.panels = this.data.panels.map(() => {
      const panel = document.createElement("div");
      panel.className = "panel";
      panel.innerHTML = `<div class="heading"></div><div class="label"></div><canvas role="img"></canvas>
        <div class="note"></div>`;
      this.box.append(panel);
      const find = (selector) => panel.querySelector(selector);
      return { panel, heading: find(".heading"), label: find(".label"), canvas: find("canvas"), note: find(".note") };
    });
  }

  updateLabels() {
    const { data } = this;
    this.root.hidden = false;
    this.root.setAttribute("aria-label", data.label);
    this.root.querySelector(".name").textContent = data.label;
    this.input.max = data.stops.length - 1;
    data.panels.forEach(({ label, accent, heading, tip }, i) => {
      const panel = this.panels[i];
      panel.panel.style.setProperty("--accent", accent);
      panel.heading.textContent = heading;
      panel.heading.hidden = !heading;
      panel.label.textContent = label;
      panel.canvas.setAttribute("aria-label", [heading, label].filter(Boolean).join(", "));
      panel.note.toggleAttribute("title", Boolean(tip));
      if (tip) panel.note.title = tip;
    });
  }

  resize() {
    if (!this.data || !this.root.clientWidth) return;
    const ratio = globalThis.devicePixelRatio || 1;
    this.panels.forEach(({ panel, canvas }, i) => {
      const { width, height, smooth } = this.sheets[i];
      const shown = smooth ? panel.clientWidth : shownWidth(panel.clientWidth, width, ratio);
      fitTile(canvas, this.sheets[i]);
      Object.assign(canvas.style, { width: `${shown}px`, height: `${(shown * height) / width}px` });
    });
    this.paint();
  }

  // What follows the hand.

  moved() {
    this.stop = Number(this.input.value);
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.paint();
    });
  }

  paint() {
    const name = this.data.stops[this.stop];
    this.output.textContent = name;
    this.input.setAttribute("aria-valuetext", name);
    this.root.dataset.stop = this.stop;
    this.panels.forEach(({ canvas, note }, i) => {
      const { width, height } = this.sheets[i];
      paintTile(canvas.getContext("2d"), this.sheets[i], this.stop, 0, 0, width, height);
      note.textContent = this.data.panels[i].notes[this.stop] ?? "";
    });
  }

  // A hand on the keys is at rest a moment after the last press.
  settle() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.commit(), KEYS_DELAY_MS);
  }

  release() {
    if (!this.held) return;
    this.held = false;
    this.commit();
  }

  commit() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.stop === (this.sent.at(-1) ?? this.data.at)) return;
    this.sent.push(this.stop);
    this.component.setStateValue("stop", this.stop);
  }

  destroy() {
    this.updates++;
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
  }
}

const mounted = new WeakMap();

export default inOrder(function (component) {
  const { parentElement } = component;
  const root = parentElement.querySelector("[data-testid='dial']");
  let dial = mounted.get(parentElement);
  if (dial?.root !== root) {
    dial?.destroy();
    dial = new Dial(root);
    mounted.set(parentElement, dial);
  }
  dial.update(component);
  // A run that is overtaken by the next has its cleanup called too: only a part that has left the page ends.
  return () => setTimeout(() => {
    if (parentElement.isConnected || mounted.get(parentElement) !== dial) return;
    mounted.delete(parentElement);
    dial.destroy();
  });
});
