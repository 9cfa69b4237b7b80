import { legibleText } from "../js/colours.js";
import { Commits, KEYS_DELAY_MS, keep, kept, sameList } from "../js/commits.js";
import { LOW_SCREEN, contextOf, finder, fitCanvas, later, mounting } from "../js/common.js";
import { Sheets, fitTile, paintTile, wholePixels } from "../js/sheets.js";
import { withMinus } from "../js/ticks.js";
import {
  abreast,
  besideIn,
  cellAt,
  gridLayout,
  gridPlace,
  numberOf,
  steppedPlace,
  stopsAt,
  tooNarrow,
} from "./handles.js";
import { paintLines } from "./lines.js";

/**
 * @typedef {import("../js/sheets.js").Sheet} Sheet
 * @typedef {{ count: number, columns: number, gap: number, opens: boolean, fixed: boolean }} Grid How many pictures are laid
 *   out row by row in a tile, in how many columns, and the pixels between them; whether each can be chosen, and whether
 *   the columns mean something.
 * @typedef {{ label: string, accent: string, sheet: Sheet, notes: string[], heading: string, tip: string, grid: Grid | null }} Panel A
 *   picture that follows the handles: a tile for each combination of stops, or one that stays; of a grid, pictures that
 *   are laid out anew where they would be too small.
 *
 * @typedef {object} Data
 * @property {Panel[]} panels
 * @property {{ label: string, stops: string[] }[]} axes the handles, and what each stop is called
 * @property {{ label: string, rows: number, columns: number } | null} place dragged on the first panel's picture
 * @property {import("./lines.js").LineChart | null} chart curves over the first handle
 * @property {number} at the number of the combination of stops
 * @property {{ name: string, turn: number } | null} told the dial's name on the page, and how often Python has set the stop
 * @property {number | null} smallest px that a panel is wide at least
 *
 * @typedef {object} Events
 * @property {number} stop the number of the combination, when the hand rests
 * @property {{ number: number, panel: number, item: number }} picked how often a picture of a grid was chosen, and which
 */

// A note whose words are defined by a click, a touch or a key; one definition is open at a time.
const DEFINED = `<details name="dial-tip"><summary class="note"></summary><p class="tip"></p></details>`;
const LINE = 1.35; // em that a line of a note is tall, as in dial.css
const BESIDE = 0.55; // of its least width that a panel may have there where the chart stands beside it
const MIN_FILL = 0.8; // of the room that a picture with whole pixels must fill to be preferred

/**
 * How wide a tile is shown in `room` CSS pixels: with pixels of one size where that does not waste much of the room.
 * @param {number} room
 * @param {number} tile
 * @param {number} ratio
 */
function shownWidth(room, tile, ratio) {
  const whole = wholePixels(room, tile, ratio);
  return whole >= MIN_FILL * room ? whole : room;
}

/**
 * Paint a tile that is a grid of pictures in another layout; the one in focus has a frame.
 * @param {CanvasRenderingContext2D} context
 * @param {import("../js/sheets.js").GroundedSheet} sheet
 * @param {number} tile
 * @param {import("./handles.js").Layout} layout
 * @param {number} focused
 */
function paintGrid(context, sheet, tile, layout, focused) {
  const { count, from, columns, cell, tall, gap } = layout;
  const [left, top] = [(tile % sheet.columns) * sheet.width, Math.floor(tile / sheet.columns) * sheet.height];
  context.imageSmoothingEnabled = false;
  // What stands between the pictures stretches over all, also where a browser lets nobody read a pixel.
  const [gapLeft, gapTop] = from > 1 ? [left + cell, top] : [left, top + tall];
  context.clearRect(0, 0, layout.width, layout.height);
  if (gap && count > 1) context.drawImage(sheet.image, gapLeft, gapTop, 1, 1, 0, 0, layout.width, layout.height);
  for (let i = 0; i < count; i++) {
    const [x, y] = [(i % columns) * (cell + gap), Math.floor(i / columns) * (tall + gap)];
    const [sx, sy] = [(i % from) * (cell + gap), Math.floor(i / from) * (tall + gap)];
    context.drawImage(sheet.image, left + sx, top + sy, cell, tall, x, y, cell, tall);
    if (i !== focused) continue;
    context.strokeStyle = "#56b4e9";
    context.lineWidth = 2;
    context.strokeRect(x + 1, y + 1, cell - 2, tall - 2);
  }
}

class Dial {
  /** @param {Omit<import("../js/common.js").Host<Data, Events>, "data">} host */
  constructor({ root, send, theme }) {
    this.root = root;
    this.send = send;
    this.theme = theme;
    const find = finder(root);
    this.find = find;
    /** @type {Data} */
    this.data = later;
    /** @type {import("../js/sheets.js").GroundedSheet[]} */
    this.sheets = later;
    this.stop = 0; // number of the combination
    this.held = false;
    this.picked = 0; // how often
    this.focused = -1; // which picture of a grid the keys are at
    this.size = [0, 0]; // of the chart
    /** @type {Omit<import("./lines.js").Look, "width" | "height" | "place"> & { ink: string, ground: string }} */
    this.look = later;
    this.box = find(".panels");
    this.chart = find(".chart");
    this.canvas = find(".chart canvas");
    /** @type {{ panel: HTMLElement, heading: any, label: any, canvas: any, hint: any, note: any, tip: any }[]} */
    this.panels = [];
    /** @type {{ control: HTMLElement, name: any, input: any, output: any }[]} */
    this.controls = [];
    /** @type {{ item: HTMLElement, text: any }[]} */
    this.values = [];
    /** @type {Commits<number>} */
    this.commits = new Commits();
    this.sheetsReady = new Sheets();
    this.updates = 0;
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(root);
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.timer = null;
    /** @type {number | null} */
    this.frame = null;
  }

  // The number of tiles over each handle, the two of the place at the end.
  get sizes() {
    const { axes, place } = this.data;
    return [...axes.map(({ stops }) => stops.length), ...(place ? [place.rows, place.columns] : [])];
  }

  /** @param {HTMLInputElement} input */
  listen(input) {
    /**
     * @param {string} type
     * @param {(event: any) => void} act
     */
    const on = (type, act) => input.addEventListener(type, act);
    on("input", () => {
      const [before, chosen] = [
        stopsAt(this.stop, this.sizes),
        this.controls.map((control) => Number(control.input.value)),
      ];
      this.moved(numberOf([...chosen, ...before.slice(chosen.length)], this.sizes));
      if (!this.held) this.settle();
    });
    on("pointerdown", () => (this.held = true));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) on(end, () => this.release());
    on("blur", () => this.timer && this.commit());
  }

  /**
   * The place is dragged on the first panel's picture, and moved by the arrow keys there.
   * @param {HTMLCanvasElement} canvas
   */
  listenToPlace(canvas) {
    /**
     * @param {string} type
     * @param {(event: any) => void} act
     */
    const on = (type, act) => canvas.addEventListener(type, (event) => this.data.place && act(event));
    /** @param {number[]} place */
    const go = (place) => this.moved(numberOf([...stopsAt(this.stop, this.sizes).slice(0, -2), ...place], this.sizes));
    let box = new DOMRect(); // of the picture when it was taken hold of: to ask in each frame would lay out the page anew
    /** @param {PointerEvent} event */
    const follow = (event) => {
      const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      const { rows = 1, columns = 1 } = this.data.place ?? {};
      go(gridPlace(x, y, rows, columns));
    };
    on("pointerdown", (event) => {
      if (event.button !== 0 || this.held) return;
      clearTimeout(this.timer ?? undefined);
      this.held = true;
      box = canvas.getBoundingClientRect();
      canvas.setPointerCapture(event.pointerId);
      follow(event);
    });
    on("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && follow(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) on(end, () => this.release());
    on("keydown", (event) => {
      const { rows = 1, columns = 1 } = this.data.place ?? {};
      const place = steppedPlace(stopsAt(this.stop, this.sizes).slice(-2), event.key, rows, columns);
      if (!place || this.held) return;
      event.preventDefault();
      event.stopPropagation(); // Streamlit has shortcuts of its own
      go(place);
      this.settle();
    });
    on("blur", () => this.timer && this.commit());
  }

  /**
   * Data from the server is taken over whole, when all its pictures are ready to paint.
   * @param {Data} data
   */
  async update(data) {
    const update = ++this.updates;
    const sheets = await Promise.all(data.panels.map(({ sheet }) => this.sheetsReady.load(sheet)));
    if (update === this.updates) this.adopt(data, sheets);
  }

  /**
   * @param {Data} data
   * @param {import("../js/sheets.js").GroundedSheet[]} sheets
   */
  adopt(data, sheets) {
    /** @param {Data} data */
    const shape = ({ axes, place }) =>
      JSON.stringify([axes.map(({ stops }) => stops.length), place && [place.rows, place.columns]]);
    const fresh = !this.data || shape(this.data) !== shape(data);
    const set = fresh || this.data.told?.turn !== data.told?.turn;
    if (set) this.commits.forget(); // a number means other stops from now on, or was set by Python
    const moved = this.commits.hear(data.at) || set;
    const own = this.data ? undefined : kept(data.told, data.at);
    Object.assign(this, { data, sheets });
    this.sheetsReady.keep(sheets);
    const tips = data.panels.map(({ tip }) => Boolean(tip));
    if (
      !sameList(
        this.panels.map(({ tip }) => Boolean(tip)),
        tips,
      )
    )
      this.build();
    if (this.controls.length !== data.axes.length) this.buildControls();
    this.buildValues();
    this.updateLabels();
    if (fresh || (moved && !this.held && !this.timer)) this.stop = own ?? data.at;
    if (own !== undefined) this.commits.add(own);
    this.resize();
  }

  build() {
    this.box.replaceChildren();
    this.panels = this.data.panels.map(({ tip }) => {
      const panel = document.createElement("div");
      panel.className = "panel";
      panel.innerHTML = `<div class="heading"></div><div class="label"></div><canvas role="img"></canvas>
        <div class="hint" hidden></div>${tip ? DEFINED : '<div class="note"></div>'}`;
      this.box.append(panel);
      const find = finder(panel);
      return {
        panel,
        heading: find(".heading"),
        label: find(".label"),
        canvas: find("canvas"),
        hint: find(".hint"),
        note: find(".note"),
        tip: find(".tip"),
      };
    });
    this.listenToPlace(this.panels[0].canvas);
    this.panels.forEach(({ canvas }, i) => this.listenToGrid(canvas, i));
  }

  /**
   * A picture of a grid is chosen by a click, or by the arrow keys and Enter.
   * @param {HTMLCanvasElement} canvas
   * @param {number} panel
   */
  listenToGrid(canvas, panel) {
    /** @param {number} item */
    const pick = (item) => item >= 0 && this.send("picked", { number: ++this.picked, panel, item });
    canvas.addEventListener("click", ({ clientX, clientY }) => {
      const layout = this.choosable(panel);
      if (!layout) return;
      const { left, top, width } = canvas.getBoundingClientRect();
      const scale = canvas.width / width;
      pick(cellAt((clientX - left) * scale, (clientY - top) * scale, layout));
    });
    canvas.addEventListener("keydown", (event) => {
      const layout = this.choosable(panel);
      const next = layout && besideIn(this.focused, event.key, layout);
      if (!layout || (next === null && event.key !== "Enter")) return;
      event.preventDefault();
      event.stopPropagation(); // Streamlit has shortcuts of its own
      if (next === null) return pick(this.focused);
      this.focused = next;
      this.paint();
    });
    for (const type of ["focus", "blur"])
      canvas.addEventListener(type, () => {
        if (!this.choosable(panel)) return;
        this.focused = type === "focus" && canvas.matches(":focus-visible") ? 0 : -1;
        this.paint();
      });
  }

  /**
   * How the pictures of a panel's grid stand in the room that there is; null for a panel without.
   * @param {number} panel
   */
  layout(panel) {
    const { grid } = this.data.panels[panel];
    return grid && gridLayout(grid, this.sheets[panel], this.panels[panel].panel.clientWidth);
  }

  /** @param {number} panel */
  choosable(panel) {
    return this.data.panels[panel].grid?.opens ? this.layout(panel) : null;
  }

  buildControls() {
    this.controls = this.data.axes.map(() => {
      const control = document.createElement("label");
      control.className = "control";
      control.innerHTML = `<span class="name"></span><input class="range" type="range" min="0" step="1"><output></output>`;
      const find = finder(control);
      this.listen(find("input"));
      return { control, name: find(".name"), input: find("input"), output: find("output") };
    });
    this.find(".controls").replaceChildren(...this.controls.map(({ control }) => control));
  }

  buildValues() {
    const lines = this.data.chart?.lines ?? [];
    this.chart.hidden = !lines.length;
    this.chart.setAttribute("aria-label", this.data.chart?.label ?? "");
    this.values = lines.map(({ label, dashed }) => {
      const item = document.createElement("span");
      item.className = dashed ? "dashed" : "";
      item.innerHTML = "<i></i><span></span><b></b>";
      const find = finder(item);
      find("span").textContent = label;
      return { item, text: find("b") };
    });
    this.chart.querySelector(".values").replaceChildren(...this.values.map(({ item }) => item));
  }

  updateLabels() {
    const { data } = this;
    this.root.hidden = false;
    this.root.setAttribute("aria-label", data.axes[0].label);
    this.box.classList.toggle("fitted", Boolean(data.smallest));
    data.axes.forEach(({ label, stops }, axis) => {
      const { control, name, input } = this.controls[axis];
      name.textContent = label;
      input.max = stops.length - 1;
      control.hidden = stops.length < 2;
    });
    const { canvas, hint } = this.panels[0];
    canvas.classList.toggle("placed", Boolean(data.place));
    data.panels.forEach(({ grid }, i) => {
      const byKey = Boolean(grid?.opens || (i === 0 && data.place));
      const { canvas } = this.panels[i];
      canvas.classList.toggle("grid", Boolean(grid?.opens));
      canvas.setAttribute("role", byKey ? "application" : "img");
      canvas.toggleAttribute("tabindex", false);
      if (byKey) canvas.tabIndex = 0;
    });
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
      if (panel.tip) panel.tip.textContent = tip;
    });
  }

  resize() {
    if (!this.data || !this.root.clientWidth) return;
    const ratio = globalThis.devicePixelRatio || 1;
    if (this.data.smallest) this.arrange(this.data.smallest);
    const half = (this.box.clientWidth - Number.parseFloat(getComputedStyle(this.box).columnGap || "0")) / 2;
    this.box.classList.toggle(
      "stacked",
      this.data.panels.some(({ grid }) => grid && tooNarrow(grid, half)),
    );
    this.panels.forEach(({ panel, canvas }, i) => {
      this.name(i);
      const { smooth } = this.sheets[i];
      const { width, height } = this.layout(i) ?? this.sheets[i];
      const shown = smooth ? panel.clientWidth : shownWidth(panel.clientWidth, width, ratio);
      fitTile(canvas, { width, height, smooth });
      const across = this.layout(i)?.columns;
      this.focused = Math.min(this.focused, (this.choosable(i)?.count ?? Infinity) - 1);
      if (across) canvas.dataset.tile = String(Math.round(shown / across));
      Object.assign(canvas.style, { width: `${shown}px`, height: `${(shown * height) / width}px` });
    });
    const { ground, text: ink, font } = this.theme();
    const colours = (this.data.chart?.lines ?? []).map(({ accent }) => legibleText(accent, ground, 2.5));
    colours.forEach((colour, i) => this.values[i].item.style.setProperty("--accent", colour));
    const quiet = getComputedStyle(this.panels[0].label).color;
    this.size = [this.canvas.clientWidth, this.canvas.clientHeight];
    this.look = { ground, ink, quiet, line: "rgba(128, 128, 128, 0.3)", font: font || "sans-serif", colours };
    this.paint();
  }

  /** @param {number} panel */
  name(panel) {
    const { heading, label, grid } = this.data.panels[panel];
    const items =
      grid?.opens && `${this.layout(panel)?.count} items: arrow keys go from one to another, Enter opens it`;
    const words = [heading, label, panel === 0 && this.data.place?.label, items];
    this.panels[panel].canvas.setAttribute("aria-label", words.filter(Boolean).join(", "));
  }

  /**
   * Fit the panels into rows. On a low screen the chart stands beside several rows of them where that makes no more rows:
   * below them it would be out of sight.
   * @param {number} smallest
   */
  arrange(smallest) {
    const count = this.panels.length;
    /** @param {number} [lenient] */
    const fitted = (lenient) => abreast(count, this.box.clientWidth, smallest, lenient);
    this.root.classList.remove("beside");
    const below = fitted();
    let columns = below;
    if (below < count && !this.chart.hidden && matchMedia(LOW_SCREEN).matches) {
      this.root.classList.add("beside");
      columns = [fitted(), fitted(BESIDE)].find((most) => Math.ceil(count / most) <= Math.ceil(count / below)) ?? 0;
      this.root.classList.toggle("beside", columns > 0);
    }
    this.box.style.setProperty("--abreast", String(columns || below));
  }

  // What follows the hand.

  /** @param {number} number */
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
      input.value = String(stops[axis]);
      output.textContent = name;
      input.setAttribute("aria-valuetext", name);
    });
    this.root.dataset.stop = String(this.stop);
    for (const { make } of this.sheets) make?.(this.stop);
    this.panels.forEach(({ canvas, note }, i) => {
      const sheet = this.sheets[i];
      const { notes } = this.data.panels[i];
      const [context, tile] = [contextOf(canvas), sheet.count > 1 ? this.stop : 0];
      const layout = this.layout(i);
      if (layout) paintGrid(context, sheet, tile, layout, canvas.matches(":focus-visible") ? this.focused : -1);
      else paintTile(context, sheet, tile, 0, 0, sheet.width, sheet.height);
      note.textContent = notes[notes.length > 1 ? this.stop : 0] ?? "";
    });
    if (this.data.chart) this.paintChart(this.data.chart);
  }

  /** @param {import("./lines.js").LineChart} chart */
  paintChart(chart) {
    const { canvas, look, values } = this; // sizes are measured once: asked in a frame they lay out the page anew
    const [width, height] = this.size;
    if (!width) return;
    const context = fitCanvas(canvas, width, height);
    const found = paintLines(context, chart, this.stop, this.sizes, { ...look, width, height });
    values.forEach(({ text }, i) => {
      text.textContent = withMinus(found[i]?.toFixed(chart.digits) ?? "–");
    });
    const figures = chart.lines.map(({ label }, i) => `${label} ${values[i].text.textContent}`).join(", ");
    for (const { input, output } of this.controls)
      input.setAttribute("aria-valuetext", `${output.textContent}: ${figures}`);
  }

  // A hand on the keys is at rest a moment after the last press.
  settle() {
    clearTimeout(this.timer ?? undefined);
    this.timer = setTimeout(() => this.commit(), KEYS_DELAY_MS);
  }

  release() {
    if (!this.held) return;
    this.held = false;
    this.commit();
  }

  commit() {
    clearTimeout(this.timer ?? undefined);
    this.timer = null;
    if (!this.commits.add(this.stop)) return;
    keep(this.data.told, this.commits.known, this.stop);
    this.send("stop", this.stop);
  }

  destroy() {
    this.updates++;
    this.observer.disconnect();
    cancelAnimationFrame(this.frame ?? 0);
    clearTimeout(this.timer ?? undefined);
  }
}

export const mount = mounting(Dial);
