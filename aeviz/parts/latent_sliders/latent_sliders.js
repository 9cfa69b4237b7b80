// ---- Arithmetic of tracks, tiles and steps: pure, tested on its own.

const STEPS = 128; // fine steps along a track whose fine strip is not there yet
const KEYS_DELAY_MS = 250; // ms without a key or wheel turn before the values are committed
const HOVER_DELAY_MS = 60; // ms on a row before its fine strip is asked for
const GRIP_PX = 14; // px around the handle's middle that take hold of it where it is
const MIN_TILE = 24; // px a tile of the film needs to be read

// Half a tile at each end lies beyond the range, so that every tile stands under its own value.
export function toPixel(value, low, high, width, tiles) {
  const share = clamp((value - low) / (high - low), 0, 1);
  return width / tiles / 2 + share * (width - width / tiles);
}

export function toValue(x, low, high, width, tiles) {
  const share = clamp((x - width / tiles / 2) / (width - width / tiles), 0, 1);
  return share === 1 ? high : low + share * (high - low);
}

export function nearestTile(value, low, high, count) {
  return clamp(Math.round(((value - low) / (high - low)) * (count - 1)), 0, count - 1);
}

// Every how many tiles a film of `count` shows one, so that the first and the last are there and all are legible.
export function filmStride(count, width, least = MIN_TILE) {
  for (let stride = 1; stride < count - 1; stride++) {
    if ((count - 1) % stride === 0 && width / ((count - 1) / stride + 1) >= least) return stride;
  }
  return count - 1;
}

export function fineStep(low, high, count = STEPS + 1) {
  return (high - low) / (count - 1);
}

// Where a key takes a value; null for a key that is not ours.
export function keyTarget(key, value, row, step) {
  const moves = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
  const places = { Home: row.low, End: row.high, Delete: row.home, Backspace: row.home };
  if (key in moves) return clamp(value + moves[key] * step, row.low, row.high);
  return key in places ? places[key] : null;
}

// A notch of a mouse wheel is one step; a touch pad's many small turns add up to one each 40 px.
export function wheelSteps(carry, delta) {
  if (Math.abs(delta) >= 40) return { steps: -Math.sign(delta), carry: 0 };
  const total = carry + delta;
  const steps = Math.trunc(total / 40);
  return { steps: steps ? -steps : 0, carry: total - steps * 40 };
}

export function formatValue(value, low, high) {
  const places = Math.max(0, Math.min(6, 2 - Math.min(0, Math.floor(Math.log10(high - low)))));
  const text = Math.abs(value).toFixed(places);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

function same(a, b) {
  return a === b || (a != null && b != null && a.length === b.length && a.every((value, i) => value === b[i]));
}

// Which commits are still in flight, given the one the server had `seen` when it made this data.
// One of ours: it and those before are answered. The one known before: none is. Any other was set by the server.
export function inFlight(sent, known, seen) {
  const answered = sent.findLastIndex((values) => same(values, seen));
  if (answered >= 0) return sent.slice(answered + 1);
  return same(seen, known) ? sent : [];
}

// ---- One mounted part.

class Sliders {
  constructor(root) {
    this.root = root;
    this.rowsBox = root.querySelector(".rows");
    this.canvas = root.querySelector(".picture canvas");
    this.rows = []; // elements of each row
    this.shown = 2; // tiles seen in each film
    this.values = []; // where the handles stand
    this.sent = []; // commits that no data has answered yet
    this.keyed = new Set(); // rows moved by keys or wheel and not yet committed
    this.loaded = new Map(); // url -> promise of a sheet with its bitmap
    this.updates = 0;
    this.carry = 0;
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(root);
    this.listen();
  }

  listen() {
    const on = (type, act, options) => this.rowsBox.addEventListener(type, (event) => {
      const element = event.target.closest?.(".row");
      if (element) act.call(this, event, this.rows.findIndex((row) => row.element === element));
    }, options);
    on("pointerdown", this.grab);
    on("pointermove", this.move);
    on("pointerup", this.release);
    on("pointercancel", this.cancel);
    on("lostpointercapture", this.lose);
    on("dblclick", this.doubleClick);
    on("keydown", this.key);
    on("wheel", this.wheel, { passive: false });
    on("pointerover", (event, i) => this.want(i));
    on("focusin", (event, i) => this.want(i));
    on("focusout", this.leave);
    this.rowsBox.addEventListener("pointerleave", () => this.want(this.focused()));
  }

  // -- Data from the server: taken over whole, when all its pictures are ready to paint.

  async update(component) {
    this.component = component;
    const update = ++this.updates;
    const { films, picture, fine } = component.data;
    const sheets = await Promise.all([films, picture, fine?.sheet].map((sheet) => sheet && this.load(sheet)));
    if (update === this.updates) this.adopt(component.data, sheets);
  }

  load(sheet) {
    if (!this.loaded.has(sheet.url)) {
      const ready = loadSheet(sheet).then((full) => ({ ...full, ground: groundOf(full.image) }));
      ready.catch(() => this.loaded.delete(sheet.url));
      this.loaded.set(sheet.url, ready);
    }
    return this.loaded.get(sheet.url);
  }

  adopt(data, [films, picture, fine]) {
    const reordered = !same(data.rows.map((row) => row.index), this.data?.rows.map((row) => row.index));
    const answered = inFlight(this.sent, this.data?.seen, data.seen);
    this.sent = reordered ? [] : answered;
    Object.assign(this, { data, films, picture, fine, tiles: data.films.count / data.rows.length });
    for (const url of this.loaded.keys()) {
      if (![films, picture, fine].some((sheet) => sheet?.url === url)) this.loaded.delete(url);
    }
    if (reordered) this.build();
    if (!this.sent.length) {
      this.values = data.rows.map((row, i) => (this.touched(i) ? this.values[i] : row.value));
    }
    this.updateLabels();
    this.resize();
    const active = this.drag?.moved ? this.drag.row : [...this.keyed].at(-1);
    if (active !== undefined) this.showTile(active);
    else if (!this.sent.length) this.showExact();
    this.askFine();
  }

  touched(i) {
    return this.keyed.has(i) || this.drag?.row === i;
  }

  build() {
    this.drag = null;
    this.keyed.clear();
    clearTimeout(this.keysTimer);
    this.rows = this.data.rows.map(() => {
      const element = document.createElement("div");
      element.className = "row";
      element.innerHTML = `<div class="name"><span></span><span class="note"></span></div>
        <div class="track"><canvas class="film" aria-hidden="true"></canvas><div class="home"></div>
        <div class="handle" role="slider" tabindex="0" aria-orientation="horizontal"></div></div>
        <div class="value" aria-hidden="true"></div>`;
      const find = (selector) => element.querySelector(selector);
      return {
        element, name: find(".name span"), note: find(".note"), track: find(".track"), film: find(".film"),
        home: find(".home"), handle: find(".handle"), value: find(".value"),
      };
    });
    this.rowsBox.replaceChildren(...this.rows.map((row) => row.element));
  }

  // Everything that data decides and dragging does not: names, ends, colours.
  updateLabels() {
    const { title, accent, rows } = this.data;
    this.root.hidden = false;
    this.root.classList.toggle("plain", !this.picture);
    this.root.querySelector(".picture").hidden = !this.picture;
    this.root.querySelector(".title").hidden = !title;
    this.root.querySelector(".title-text").textContent = title;
    this.root.setAttribute("aria-label", title || "Latent coordinates");
    this.root.style.setProperty("--accent", accent);
    this.root.style.setProperty("--names", rows.some((row) => row.note) ? "5.5em" : "2.4em");
    this.canvas.setAttribute("aria-label", `Decoded picture${title ? `, ${title}` : ""}`);
    rows.forEach((row, i) => {
      const { name, note, handle } = this.rows[i];
      name.textContent = row.name;
      note.textContent = row.note;
      note.title = row.note;
      handle.setAttribute("aria-label", title ? `${row.name}, ${title}` : row.name);
      handle.setAttribute("aria-valuemin", row.low);
      handle.setAttribute("aria-valuemax", row.high);
    });
  }

  resize() {
    if (!this.data) return;
    if (this.picture) {
      const { width, height } = this.picture;
      this.root.classList.toggle("wide", width > 1.5 * height);
      const room = this.canvas.parentElement.clientWidth * Math.min(1, width / height);
      const size = shownIn(room, this.picture, globalThis.devicePixelRatio || 1);
      this.canvas.style.width = `${size}px`;
      this.canvas.style.height = `${(size * height) / width}px`;
    }
    this.rows.forEach(({ track, film, home }, i) => {
      const { low, high, home: value } = this.data.rows[i];
      if (!track.clientWidth) return;
      const stride = filmStride(this.tiles, track.clientWidth, readableWidth(MIN_TILE, track.clientHeight, this.films));
      this.shown = (this.tiles - 1) / stride + 1;
      const tiles = Array.from({ length: this.shown }, (_, at) => i * this.tiles + at * stride);
      paintFilm(film, track.clientWidth, track.clientHeight, this.films, tiles);
      home.style.transform = `translateX(${toPixel(value, low, high, track.clientWidth, this.shown)}px)`;
      this.place(i);
    });
  }

  // -- What follows the hand.

  place(i) {
    const { low, high, note } = this.data.rows[i];
    const { track, handle, value } = this.rows[i];
    const text = formatValue(this.values[i], low, high);
    handle.style.transform = `translateX(${toPixel(this.values[i], low, high, track.clientWidth, this.shown)}px)`;
    handle.setAttribute("aria-valuenow", this.values[i]);
    handle.setAttribute("aria-valuetext", note ? `${text}, ${note}` : text);
    value.textContent = text;
  }

  showTile(i) {
    const value = this.values[i];
    const row = this.data.rows[i];
    const fine = this.fineOf(i);
    if (fine) this.paint(this.fine, nearestTile(value, fine.low, fine.high, this.fine.count), "fine");
    else this.paint(this.films, i * this.tiles + nearestTile(value, row.low, row.high, this.tiles), "film");
  }

  showExact() {
    if (this.picture) this.paint(this.picture, 0, "exact");
  }

  paint(sheet, index, source) {
    fitTile(this.canvas, sheet);
    paintTile(this.canvas.getContext("2d"), sheet, index, 0, 0, sheet.width, sheet.height);
    this.canvas.dataset.source = source;
  }

  set(i, value) {
    if (value === this.values[i]) return false;
    this.values[i] = value;
    this.place(i);
    this.showTile(i);
    return true;
  }

  commit() {
    clearTimeout(this.keysTimer);
    this.keyed.clear();
    const before = this.sent.at(-1) ?? this.data.rows.map((row) => row.value);
    if (same(before, this.values)) return;
    this.sent.push([...this.values]);
    this.component.setStateValue("values", [...this.values]);
  }

  commitWhenRested(i) {
    this.keyed.add(i);
    clearTimeout(this.keysTimer);
    this.keysTimer = setTimeout(() => !this.drag && this.commit(), KEYS_DELAY_MS);
  }

  // -- Pointer.

  valueAt(i, clientX) {
    const { low, high } = this.data.rows[i];
    const box = this.rows[i].track.getBoundingClientRect();
    return toValue(clientX - box.left, low, high, box.width, this.shown);
  }

  grab(event, i) {
    if (this.drag || event.button !== 0 || !event.target.closest(".track")) return;
    const { track, handle, element } = this.rows[i];
    const { low, high } = this.data.rows[i];
    const box = track.getBoundingClientRect();
    const off = event.clientX - box.left - toPixel(this.values[i], low, high, box.width, this.shown);
    const held = Math.abs(off) <= GRIP_PX;
    clearTimeout(this.hoverTimer);
    this.drag = { row: i, pointer: event.pointerId, off: held ? off : 0, before: this.values[i], x: event.clientX };
    track.setPointerCapture(event.pointerId);
    handle.focus({ preventScroll: true });
    element.classList.add("dragged", "held");
    event.preventDefault();
    if (!held) this.follow();
  }

  move(event) {
    if (event.pointerId !== this.drag?.pointer || event.clientX === this.drag.x) return;
    this.drag.x = event.clientX;
    this.drag.frame ??= requestAnimationFrame(() => this.follow());
  }

  follow() {
    if (!this.drag) return;
    const { row, x, off } = this.drag;
    this.drag.frame = null;
    if (this.set(row, this.valueAt(row, x - off))) this.drag.moved = true;
  }

  release(event) {
    if (event.pointerId !== this.drag?.pointer) return;
    if (event.clientX !== this.drag.x || this.drag.frame) {
      this.drag.x = event.clientX;
      this.follow();
    }
    this.drop();
    this.commit();
    this.askFine();
  }

  // The release happened where we could not see it: what the last move showed holds.
  lose(event) {
    if (event.pointerId === this.drag?.pointer) this.release({ pointerId: event.pointerId, clientX: this.drag.x });
  }

  cancel(event) {
    if (event.pointerId !== this.drag?.pointer) return;
    const { row, before } = this.drag;
    this.drop();
    this.set(row, before);
    if (!this.sent.length && !this.keyed.size) this.showExact();
    if (this.keyed.size) this.commit();
  }

  drop() {
    cancelAnimationFrame(this.drag.frame);
    this.rows[this.drag.row].element.classList.remove("dragged");
    this.drag = null;
  }

  doubleClick(event, i) {
    if (!event.target.closest(".track")) return;
    this.set(i, this.data.rows[i].home);
    this.commit();
  }

  // -- Keys and wheel.

  leave(event, i) {
    this.rows[i].element.classList.remove("held");
    if (this.keyed.size && !this.drag) this.commit();
  }

  focused() {
    const active = this.root.getRootNode().activeElement;
    const i = this.rows.findIndex((row) => row.handle === active);
    return i < 0 ? undefined : i;
  }

  stepOf(i) {
    const fine = this.fineOf(i);
    const { low, high } = this.data.rows[i];
    return fine ? fineStep(fine.low, fine.high, this.fine.count) : fineStep(low, high);
  }

  key(event, i) {
    if (event.key === "Escape" && this.drag) return this.cancel({ pointerId: this.drag.pointer });
    if (this.drag || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = keyTarget(event.key, this.values[i], this.data.rows[i], this.stepOf(i));
    if (target === null) return;
    event.preventDefault();
    this.rows[i].element.classList.remove("held");
    if (this.set(i, target)) this.commitWhenRested(i);
  }

  wheel(event, i) {
    if (this.drag || event.ctrlKey || this.focused() !== i) return;
    event.preventDefault();
    const delta = Math.abs(event.deltaY) >= Math.abs(event.deltaX) ? event.deltaY : -event.deltaX;
    const { steps, carry } = wheelSteps(this.carry, delta * (event.deltaMode ? 40 : 1));
    this.carry = carry;
    const { low, high } = this.data.rows[i];
    if (steps && this.set(i, clamp(this.values[i] + steps * this.stepOf(i), low, high))) this.commitWhenRested(i);
  }

  // -- The fine strip of the row that is about to be moved.

  fineOf(i) {
    const fine = this.data.fine;
    return this.fine && fine.stamp === this.data.stamp && fine.row === this.data.rows[i].index ? fine : null;
  }

  want(i) {
    this.nextFocus = i;
    this.askFine();
  }

  askFine() {
    clearTimeout(this.hoverTimer);
    this.hoverTimer = setTimeout(() => {
      const i = this.nextFocus;
      if (!this.data || this.drag || this.sent.length || this.keyed.size || !this.data.rows[i]) return;
      const question = `${this.data.stamp} ${this.data.rows[i].index}`;
      if (this.fineOf(i) || question === this.asked) return;
      this.asked = question;
      this.component.setStateValue("focus", this.data.rows[i].index);
    }, HOVER_DELAY_MS);
  }

  destroy() {
    this.updates++;
    this.observer.disconnect();
    clearTimeout(this.keysTimer);
    clearTimeout(this.hoverTimer);
    if (this.drag) cancelAnimationFrame(this.drag.frame);
  }
}

export default mount(Sliders, "[data-testid='latent-sliders']");
