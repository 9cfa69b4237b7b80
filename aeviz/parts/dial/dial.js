const KEYS_DELAY_MS = 250; // ms without a key before the stop is committed
const LINE = 1.35; // em that a line of a note is tall, as in dial.css
const MIN_FILL = 0.8; // of the room that a picture with whole pixels must fill to be preferred

// How wide a tile is shown in `room` CSS pixels: with pixels of one size where that does not waste much of the room.
export function shownWidth(room, tile, ratio) {
  const whole = wholePixels(room, tile, ratio);
  return whole >= MIN_FILL * room ? whole : room;
}

class Dial {
  constructor(root) {
    this.root = root;
    const find = (selector) => root.querySelector(selector);
    Object.assign(this, { box: find(".panels"), chart: find(".chart"), canvas: find(".chart canvas") });
    Object.assign(this, { panels: [], controls: [], values: [] });
    this.sent = []; // commits that no data has answered yet
    this.loaded = new Map(); // url -> promise of a sheet with its bitmap
    this.updates = 0;
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(root);
  }

  // The number of tiles over each handle, the two of the place at the end.
  get sizes() {
    const { axes, place } = this.data;
    return [...axes.map(({ stops }) => stops.length), ...(place ? [place.rows, place.columns] : [])];
  }

  listen(input) {
    const on = (type, act) => input.addEventListener(type, act);
    on("input", () => {
      const [before, chosen] = [stopsAt(this.stop, this.sizes), this.controls.map((control) => Number(control.input.value))];
      this.moved(numberOf([...chosen, ...before.slice(chosen.length)], this.sizes));
      if (!this.held) this.settle();
    });
    on("pointerdown", () => (this.held = true));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) on(end, () => this.release());
    on("blur", () => this.timer && this.commit());
  }

  // The place is dragged on the first panel's picture, and moved by the arrow keys there.
  listenToPlace(canvas) {
    const on = (type, act) => canvas.addEventListener(type, (event) => this.data.place && act(event));
    const go = (place) => this.moved(numberOf([...stopsAt(this.stop, this.sizes).slice(0, -2), ...place], this.sizes));
    let box = null; // of the picture, as it was when it was taken hold of: to ask in each frame would lay out the page anew
    const follow = (event) => {
      const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      go(gridPlace(x, y, this.data.place.rows, this.data.place.columns));
    };
    on("pointerdown", (event) => {
      if (event.button !== 0 || this.held) return;
      clearTimeout(this.timer);
      this.held = true;
      box = canvas.getBoundingClientRect();
      canvas.setPointerCapture(event.pointerId);
      follow(event);
    });
    on("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && follow(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) on(end, () => this.release());
    on("keydown", (event) => {
      const { rows, columns } = this.data.place;
      const place = steppedPlace(stopsAt(this.stop, this.sizes).slice(-2), event.key, rows, columns);
      if (!place || this.held) return;
      event.preventDefault();
      event.stopPropagation(); // Streamlit has shortcuts of its own
      go(place);
      this.settle();
    });
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
    const shape = ({ axes, place }) => JSON.stringify([axes.map(({ stops }) => stops.length), place && [place.rows, place.columns]]);
    const fresh = !this.data || shape(this.data) !== shape(data);
    if (fresh) this.sent = []; // a number means other stops from now on
    const moved = fresh || this.movedByServer(data.at);
    Object.assign(this, { data, sheets });
    for (const url of this.loaded.keys()) {
      if (!sheets.some((sheet) => sheet.url === url)) this.loaded.delete(url);
    }
    if (this.panels.length !== sheets.length) this.build();
    if (this.controls.length !== data.axes.length) this.buildControls();
    this.buildValues();
    this.updateLabels();
    if (fresh || (moved && !this.held && !this.timer)) this.stop = data.at;
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
        <div class="hint" hidden></div><div class="note"></div>`;
      this.box.append(panel);
      const find = (selector) => panel.querySelector(selector);
      return { panel, heading: find(".heading"), label: find(".label"), canvas: find("canvas"), hint: find(".hint"), note: find(".note") };
    });
    this.listenToPlace(this.panels[0].canvas);
  }

  buildControls() {
    this.controls = this.data.axes.map(() => {
      const control = document.createElement("label");
      control.className = "control";
      control.innerHTML = `<span class="name"></span><input type="range" min="0" step="1"><output></output>`;
      const find = (selector) => control.querySelector(selector);
      this.listen(find("input"));
      return { control, name: find(".name"), input: find("input"), output: find("output") };
    });
    this.root.querySelector(".controls").replaceChildren(...this.controls.map(({ control }) => control));
  }

  buildValues() {
    const lines = this.data.chart?.lines ?? [];
    this.chart.hidden = !lines.length;
    this.chart.setAttribute("aria-label", this.data.chart?.label ?? "");
    this.values = lines.map(({ label, dashed }) => {
      const item = document.createElement("span");
      item.className = dashed ? "dashed" : "";
      item.innerHTML = "<i></i><span></span><b></b>";
      item.querySelector("span").textContent = label;
      return { item, text: item.querySelector("b") };
    });
    this.chart.querySelector(".values").replaceChildren(...this.values.map(({ item }) => item));
  }

  updateLabels() {
    const { data } = this;
    this.root.hidden = false;
    this.root.setAttribute("aria-label", data.axes[0].label);
    this.box.classList.toggle("fitted", Boolean(data.smallest));
    this.box.style.setProperty("--smallest", `${data.smallest ?? 0}px`);
    data.axes.forEach(({ label, stops }, axis) => {
      const { control, name, input } = this.controls[axis];
      name.textContent = label;
      input.max = stops.length - 1;
      control.hidden = stops.length < 2;
    });
    const { canvas, hint } = this.panels[0];
    canvas.classList.toggle("placed", Boolean(data.place));
    canvas.setAttribute("role", data.place ? "application" : "img");
    canvas.toggleAttribute("tabindex", false);
    if (data.place) canvas.tabIndex = 0;
    hint.hidden = !data.place;
    hint.textContent = data.place?.label ?? "";
    data.panels.forEach(({ label, accent, heading, tip, notes }, i) => {
      const panel = this.panels[i];
      const lines = Math.max(0, ...notes.map((note) => note.split("\n").length)); // as many at each stop: nothing moves
      panel.note.style.minHeight = `${LINE * lines}em`;
      panel.panel.style.setProperty("--accent", accent);
      panel.heading.textContent = heading;
      panel.heading.hidden = !heading;
      panel.label.textContent = label;
      const words = [heading, label, i === 0 && data.place?.label];
      panel.canvas.setAttribute("aria-label", words.filter(Boolean).join(", "));
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
    const theme = (name) => themeValue(this.root, name);
    const [ground, ink] = [theme("--st-background-color"), theme("--st-text-color")];
    const colours = (this.data.chart?.lines ?? []).map(({ accent }) => legible(accent, ground, 2.5));
    colours.forEach((colour, i) => this.values[i].item.style.setProperty("--accent", colour));
    const quiet = getComputedStyle(this.panels[0].label).color;
    this.size = [this.canvas.clientWidth, this.canvas.clientHeight];
    this.look = { ground, ink, quiet, line: "rgba(128, 128, 128, 0.3)", font: theme("--st-font") || "sans-serif", colours };
    this.paint();
  }

  // What follows the hand.

  moved(number) {
    if (number === this.stop) return;
    this.stop = number;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.paint();
    });
  }

  paint() {
    const stops = stopsAt(this.stop, this.sizes);
    this.controls.forEach(({ input, output }, axis) => {
      const name = this.data.axes[axis].stops[stops[axis]];
      input.value = stops[axis];
      output.textContent = name;
      input.setAttribute("aria-valuetext", name);
    });
    this.root.dataset.stop = this.stop;
    this.panels.forEach(({ canvas, note }, i) => {
      const sheet = this.sheets[i];
      const { notes } = this.data.panels[i];
      paintTile(canvas.getContext("2d"), sheet, sheet.count > 1 ? this.stop : 0, 0, 0, sheet.width, sheet.height);
      note.textContent = notes[notes.length > 1 ? this.stop : 0] ?? "";
    });
    if (this.data.chart) this.paintChart();
  }

  paintChart() {
    const { data, canvas, look, values } = this; // sizes are measured once: asked in a frame they lay out the page anew
    const [width, height] = this.size;
    if (!width) return;
    const found = paintLines(fitCanvas(canvas, width, height), data.chart, this.stop, this.sizes, { ...look, width, height });
    values.forEach(({ text }, i) => {
      text.textContent = found[i] === null ? "–" : found[i].toFixed(data.chart.digits).replace("-", "−");
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

export default mount(Dial, "[data-testid='dial']");
