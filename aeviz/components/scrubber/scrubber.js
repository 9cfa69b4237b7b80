// ---- Arithmetic of the path: pure, tested on its own.

const PASS = 3000; // ms from one end to the other
const DWELL = 350; // ms of rest at each end, so that both ends are seen
const KEYS_REST = 250; // ms without a key before t is committed
const GRIP = 14; // px around the handle's middle that take hold of it where it is
const SMALLEST = 32; // px a tile of the film needs to be read
const TALLEST = 84; // px of a film's height

export function stepAt(t, count) {
  return clamp(Math.round(t * (count - 1)), 0, count - 1);
}

// The tiles a film shows: evenly spaced, the first and the last among them, as many as can be read.
export function filmTiles(count, shown, width) {
  const number = clamp(Math.min(shown, Math.floor(width / SMALLEST)), 2, count);
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
  const part = phase % (2 * (PASS + DWELL));
  const back = part - PASS - DWELL;
  return back < 0 ? Math.min(1, part / PASS) : Math.max(0, 1 - back / PASS);
}

// … and the phase at which a position is passed, on the way there or back.
export function phaseAt(t, back) {
  return back ? PASS + DWELL + (1 - t) * PASS : t * PASS;
}

// Where a key takes t; null for a key that is not ours.
export function keyTarget(key, t, count) {
  const moves = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5 };
  if (key in moves) return clamp((stepAt(t, count) + moves[key]) / (count - 1), 0, 1);
  return { Home: 0, End: 1 }[key] ?? null;
}

// ---- Painting.

// ---- One mounted part.

class Scrubber {
  constructor(root) {
    this.root = root;
    this.box = root.querySelector(".rows");
    this.band = root.querySelector(".band");
    this.handle = root.querySelector(".handle");
    this.button = root.querySelector(".play");
    this.rows = [];
    this.sent = []; // commits that no data has answered yet
    this.loaded = new Map(); // url -> promise of a sheet with its bitmap
    this.turn = 0;
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(root);
    this.listen();
  }

  listen() {
    const on = (element, type, act) => element.addEventListener(type, (event) => this.data && act.call(this, event));
    on(this.band, "pointerdown", this.grab);
    on(this.band, "pointermove", this.move);
    on(this.band, "pointerup", this.release);
    on(this.band, "pointercancel", this.cancel);
    on(this.band, "lostpointercapture", this.lose);
    on(this.handle, "keydown", this.key);
    on(this.handle, "blur", () => {
      this.root.classList.remove("held");
      if (this.keysTimer) this.commit();
    });
    on(this.button, "click", this.toggle);
  }

  // -- Data from the server: taken over whole, when all its pictures are ready to paint.

  async update(component) {
    this.component = component;
    const turn = ++this.turn;
    const sheets = await Promise.all(component.data.strips.map((strip) => this.load(strip.sheet)));
    if (turn === this.turn) this.adopt(component.data, sheets);
  }

  load(sheet) {
    if (!this.loaded.has(sheet.url)) {
      const ready = loadSheet(sheet).then((full) => ({ ...full, ground: groundOf(full.image) }));
      ready.catch(() => this.loaded.delete(sheet.url));
      this.loaded.set(sheet.url, ready);
    }
    return this.loaded.get(sheet.url);
  }

  adopt(data, sheets) {
    const first = !this.data;
    const moved = first || this.movedByServer(data.t);
    Object.assign(this, { data, sheets, count: sheets[0].count });
    for (const url of this.loaded.keys()) {
      if (!sheets.some((sheet) => sheet.url === url)) this.loaded.delete(url);
    }
    if (this.rows.length !== sheets.length) this.build();
    this.dress();
    if (moved && !this.drag && !this.playing && !this.keysTimer) this.t = data.t;
    this.resize();
    if (first && data.autoplay && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.play();
  }

  // An echo of our own commits moves nothing while a newer one is on its way.
  movedByServer(t) {
    const answered = this.sent.lastIndexOf(t);
    if (answered >= 0) {
      this.sent.splice(0, answered + 1);
      return this.sent.length === 0;
    }
    if (t === this.data.t) return false;
    this.sent = [];
    return true;
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

  dress() {
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
    const sizes = this.sheets.map((sheet) => wholePixels(room, sheet.width, ratio));
    this.box.style.setProperty("--picture", `${Math.max(...sizes)}px`);
    const width = this.band.clientWidth;
    this.shown = Math.min(...this.data.strips.map(({ shown }) => filmTiles(this.count, shown, width).length));
    this.rows.forEach(({ picture, canvas }, i) => {
      const sheet = this.sheets[i];
      const tall = (width / this.shown) * (sheet.height / sheet.width);
      paintFilm(canvas, width, Math.round(Math.min(TALLEST, tall)), sheet, filmTiles(this.count, this.shown, width));
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
      if (picture.width !== width || picture.height !== height) Object.assign(picture, { width, height });
      paintTile(picture.getContext("2d"), this.sheets[i], tile, 0, 0, width, height);
    });
  }

  set(t) {
    if (t === this.t) return;
    this.t = t;
    this.place();
    this.paint();
    const { group } = this.data;
    if (group) shared().events.dispatchEvent(new CustomEvent("scrub", { detail: { group, t } }));
  }

  commit() {
    clearTimeout(this.keysTimer);
    this.keysTimer = null;
    if (this.t === (this.sent.at(-1) ?? this.data.t)) return;
    this.sent.push(this.t);
    this.component.setStateValue("t", this.t);
  }

  // -- Play and pause.

  toggle() {
    if (this.playing) {
      this.pause();
      this.commit();
    } else this.play();
  }

  play() {
    if (this.playing) return;
    let phase = phaseAt(this.t, this.back);
    let before = null;
    const frame = (now) => {
      // A tab that was hidden goes on where it stood.
      phase += Math.min(100, now - (before ?? now));
      before = now;
      const t = positionAt(phase);
      if (t !== this.t) this.back = t < this.t;
      this.set(t);
      this.playing = requestAnimationFrame(frame);
    };
    this.playing = requestAnimationFrame(frame);
    this.showPlaying(true);
  }

  pause() {
    cancelAnimationFrame(this.playing);
    this.playing = null;
    this.showPlaying(false);
  }

  showPlaying(on) {
    this.root.classList.toggle("playing", on);
    this.button.setAttribute("aria-label", on ? "Pause" : "Play");
  }

  // -- Pointer.

  grab(event) {
    if (this.drag || event.button !== 0) return;
    this.pause();
    clearTimeout(this.keysTimer);
    const box = this.band.getBoundingClientRect();
    const off = event.clientX - box.left - toPixel(this.t, box.width, this.shown);
    const held = Math.abs(off) <= GRIP;
    this.drag = { pointer: event.pointerId, off: held ? off : 0, before: this.t, x: event.clientX };
    this.band.setPointerCapture(event.pointerId);
    this.handle.focus({ preventScroll: true });
    this.root.classList.add("dragged", "held");
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
    this.drag.frame = null;
    const box = this.band.getBoundingClientRect();
    this.set(toT(this.drag.x - this.drag.off - box.left, box.width, this.shown));
  }

  release(event) {
    if (event.pointerId !== this.drag?.pointer) return;
    if (event.clientX !== this.drag.x || this.drag.frame) {
      this.drag.x = event.clientX;
      this.follow();
    }
    this.drop();
    this.commit();
  }

  // The release happened where we could not see it: what the last move showed holds.
  lose(event) {
    if (event.pointerId === this.drag?.pointer) this.release({ pointerId: event.pointerId, clientX: this.drag.x });
  }

  cancel(event) {
    if (event.pointerId !== this.drag?.pointer) return;
    const { before } = this.drag;
    this.drop();
    this.set(before);
    this.commit();
  }

  drop() {
    cancelAnimationFrame(this.drag.frame);
    this.root.classList.remove("dragged");
    this.drag = null;
  }

  // -- Keys.

  key(event) {
    if (event.key === "Escape" && this.drag) return this.cancel({ pointerId: this.drag.pointer });
    if (this.drag || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.key === " " ? "toggle" : keyTarget(event.key, this.t, this.count);
    if (target === null) return;
    event.preventDefault();
    this.root.classList.remove("held");
    if (target === "toggle") return event.repeat || this.toggle();
    this.pause();
    this.set(target);
    clearTimeout(this.keysTimer);
    this.keysTimer = setTimeout(() => this.commit(), KEYS_REST);
  }

  destroy() {
    this.turn++;
    this.observer.disconnect();
    cancelAnimationFrame(this.playing);
    clearTimeout(this.keysTimer);
    if (this.drag) cancelAnimationFrame(this.drag.frame);
  }
}

const mounted = new WeakMap();

export default function (component) {
  const { parentElement } = component;
  const root = parentElement.querySelector("[data-testid='scrubber']");
  let scrubber = mounted.get(parentElement);
  if (scrubber?.root !== root) {
    scrubber?.destroy();
    scrubber = new Scrubber(root);
    mounted.set(parentElement, scrubber);
  }
  scrubber.update(component);
  // A run that is overtaken by the next has its cleanup called too: only a part that has left the page ends.
  return () => setTimeout(() => {
    if (parentElement.isConnected || mounted.get(parentElement) !== scrubber) return;
    mounted.delete(parentElement);
    scrubber.destroy();
  });
}
