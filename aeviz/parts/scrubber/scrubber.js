// ---- Arithmetic of the path: pure, tested on its own.

const PASS_MS = 3000; // ms from one end to the other
const DWELL_MS = 350; // ms of rest at each end, so that both ends are seen
const MIN_TILE = 32; // px a tile of the film needs to be read
const MAX_SHARE = 0.3; // of the whole width, of the picture at the handle
const MAX_FILM = 84; // px of a film's height

export function stepAt(t, count) {
  return clamp(Math.round(t * (count - 1)), 0, count - 1);
}

// The tiles a film shows: evenly spaced, the first and the last among them, as many as can be read.
export function filmTiles(count, shown, width, least = MIN_TILE) {
  const number = clamp(Math.min(shown, Math.floor(width / least)), 2, count);
  return Array.from({ length: number }, (_, i) => Math.round((i * (count - 1)) / (number - 1)));
}

// Half a tile at each end lies beyond the path, so that the first and the last tile stand under its ends.
export function toPixel(t, width, tiles) {
  return width / tiles / 2 + t * (width - width / tiles);
}

export function toT(x, width, tiles) {
  return clamp((x - width / tiles / 2) / (width - width / tiles), 0, 1);
}

// Playing runs through a cycle: there, rest, back, rest. Where a phase (ms) of it stands…
export function positionAt(phase) {
  const part = phase % (2 * (PASS_MS + DWELL_MS));
  const back = part - PASS_MS - DWELL_MS;
  return back < 0 ? Math.min(1, part / PASS_MS) : Math.max(0, 1 - back / PASS_MS);
}

// … and the phase at which a position is passed, on the way there or back.
export function phaseAt(t, back) {
  return back ? PASS_MS + DWELL_MS + (1 - t) * PASS_MS : t * PASS_MS;
}

// Where a key takes t; null for a key that is not ours.
export function keyTarget(key, t, count) {
  const moves = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5 };
  if (key in moves) return clamp((stepAt(t, count) + moves[key]) / (count - 1), 0, 1);
  return { Home: 0, End: 1 }[key] ?? null;
}

// ---- One mounted part.

class Scrubber extends Player {
  constructor(root) {
    const find = (selector) => root.querySelector(selector);
    super(root, "t", { band: find(".band"), handle: find(".handle"), button: find(".play") });
    this.box = find(".rows");
    this.rows = [];
    this.sheetsReady = new Sheets();
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(root);
  }

  // -- Data from the server: taken over whole, when all its pictures are ready to paint.

  async update(component) {
    this.component = component;
    const update = ++this.updates;
    const sheets = await Promise.all(component.data.strips.map((strip) => this.sheetsReady.load(strip.sheet)));
    if (update === this.updates) this.adopt(component.data, sheets);
  }

  adopt(data, sheets) {
    const first = !this.data;
    const moved = first || this.movedByServer(data.t);
    Object.assign(this, { data, sheets, count: sheets[0].count });
    this.sheetsReady.keep(sheets);
    if (this.rows.length !== sheets.length) this.build();
    this.updateLabels();
    if (moved && !this.busy) this.t = data.t;
    this.resize();
    if (first && data.autoplay && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.play();
  }

  build() {
    for (const { cell, picture } of this.rows) [cell, picture].forEach((element) => element.remove());
    this.rows = this.data.strips.map((_, i) => {
      const cell = document.createElement("div");
      cell.className = "cell";
      cell.innerHTML = `<div class="name"><span class="dot"></span><span class="label"></span></div>
        <div class="film"><canvas aria-hidden="true"></canvas><div class="bar"></div></div>`;
      const picture = document.createElement("canvas");
      picture.className = "picture";
      picture.setAttribute("role", "img");
      cell.style.gridRow = picture.style.gridRow = i + 1;
      this.box.append(cell, picture);
      const find = (selector) => cell.querySelector(selector);
      return { cell, picture, label: find(".label"), film: find(".film"), canvas: find("canvas"), bar: find(".bar") };
    });
    this.band.style.gridRow = `1 / span ${this.rows.length}`;
  }

  updateLabels() {
    this.root.hidden = false;
    this.root.setAttribute("aria-label", this.data.label);
    this.handle.setAttribute("aria-label", this.data.label);
    this.handle.setAttribute("aria-valuemin", 0);
    this.handle.setAttribute("aria-valuemax", 1);
    this.data.strips.forEach(({ label, accent }, i) => {
      this.rows[i].label.textContent = label;
      this.rows[i].cell.style.setProperty("--accent", accent);
      this.rows[i].picture.setAttribute("aria-label", `${label}, picture at the handle`);
    });
  }

  resize() {
    if (!this.data || !this.root.clientWidth) return;
    const ratio = globalThis.devicePixelRatio || 1;
    const room = clamp(this.root.clientWidth * 0.11, 84, 140);
    const wide = ({ width, height }) => Math.min(2.2, Math.max(1, width / height)); // a wide tile has more room
    const most = Math.max(room, this.root.clientWidth * MAX_SHARE);
    const sizes = this.sheets.map((sheet) => shownIn(Math.min(room * wide(sheet), most), sheet, ratio));
    this.box.style.setProperty("--picture", `${Math.max(...sizes)}px`);
    const width = this.band.clientWidth;
    const least = Math.max(...this.sheets.map((sheet) => readableWidth(MIN_TILE, MAX_FILM / 2, sheet)));
    this.shown = Math.min(...this.data.strips.map(({ shown }) => filmTiles(this.count, shown, width, least).length));
    this.rows.forEach(({ picture, canvas }, i) => {
      const sheet = this.sheets[i];
      const tall = (width / this.shown) * (sheet.height / sheet.width);
      paintFilm(canvas, width, Math.round(Math.min(MAX_FILM, tall)), sheet, filmTiles(this.count, this.shown, width, least));
      const size = sizes[i];
      Object.assign(picture.style, { width: `${size}px`, height: `${(size * sheet.height) / sheet.width}px` });
    });
    this.place();
    this.paint(true);
  }

  // -- What follows the hand.

  place() {
    const step = `step ${stepAt(this.t, this.count) + 1} of ${this.count}`;
    const shift = `translateX(${toPixel(this.t, this.band.clientWidth, this.shown)}px)`;
    this.handle.style.transform = shift;
    for (const { bar } of this.rows) bar.style.transform = shift;
    this.handle.setAttribute("aria-valuenow", this.t);
    this.handle.setAttribute("aria-valuetext", step);
    this.root.querySelector(".step").textContent = step;
  }

  paint(always) {
    const tile = stepAt(this.t, this.count);
    if (tile === this.painted && !always) return;
    this.painted = tile;
    this.rows.forEach(({ picture }, i) => {
      const { width, height } = this.sheets[i];
      fitTile(picture, this.sheets[i]);
      paintTile(picture.getContext("2d"), this.sheets[i], tile, 0, 0, width, height);
    });
  }

  moved() {
    this.place();
    this.paint();
  }

  // -- What the player asks.

  toPixel = (t, width) => toPixel(t, width, this.shown);
  toT = (x, width) => toT(x, width, this.shown);
  target = (key) => keyTarget(key, this.t, this.count);
  phase = () => phaseAt(this.t, this.back);
  value = () => this.t;

  tAt(phase) {
    const t = positionAt(phase);
    if (t !== this.t) this.back = t < this.t;
    return t;
  }

  destroy() {
    super.destroy();
    this.observer.disconnect();
  }
}

export default mount(Scrubber, "[data-testid='scrubber']");
