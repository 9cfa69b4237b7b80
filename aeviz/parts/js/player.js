// A handle on a way from t = 0 to t = 1: drag, keys, play and pause. What the parts that play have in common.

const KEYS_DELAY_MS = 250; // ms without a key before the place is committed
const GRIP_PX = 14; // px around the handle's middle that take hold of it where it is

// A part extends it and says
//   toPixel(t, width), toT(x, width)   where t stands on the band, in px, and back;
//   target(key)                        where a key takes t, null for a key that is not ours;
//   phase(), tAt(phase), over(phase)   ms into the play at which t stands, and back; whether it ends there;
//   moved()                            what to show when t has changed;
//   value()                            what Python hears, as the state `name`, when the hand rests; data[name] is its request;
//   settle()                           where t comes to rest, before that.
export class Player {
  constructor(root, name, { band, handle, button }) {
    Object.assign(this, { root, name, band, handle, button });
    this.sent = []; // commits that no data has answered yet
    this.updates = 0;
    this.listen();
  }

  settle() {}

  over() {
    return false;
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

  // An echo of our own commits moves nothing while a newer one is on its way.
  movedByServer(value) {
    const answered = this.sent.lastIndexOf(value);
    if (answered >= 0) {
      this.sent.splice(0, answered + 1);
      return this.sent.length === 0;
    }
    if (value === this.data[this.name]) return false;
    this.sent = [];
    return true;
  }

  // Whether the person has the handle just now: the server's request must wait.
  get busy() {
    return Boolean(this.drag || this.playing || this.keysTimer);
  }

  set(t) {
    if (t === this.t) return;
    this.t = t;
    this.moved();
  }

  commit() {
    clearTimeout(this.keysTimer);
    this.keysTimer = null;
    this.settle();
    const value = this.value();
    if (value === (this.sent.at(-1) ?? this.data[this.name])) return;
    this.sent.push(value);
    this.component.setStateValue(this.name, value);
  }

  // -- Play and pause.

  toggle() {
    if (this.playing) {
      this.pause();
      this.commit();
    } else {
      this.byPerson = true; // by the person, unlike what plays by itself
      this.play();
    }
  }

  play() {
    if (this.playing) return;
    let phase = this.phase();
    let before = null;
    const frame = (now) => {
      // A tab that was hidden goes on where it stood.
      phase += Math.min(100, now - (before ?? now));
      before = now;
      if (this.byPerson) shared().watched = now;
      this.set(this.tAt(phase));
      if (this.over(phase)) return this.toggle();
      this.playing = requestAnimationFrame(frame);
    };
    this.playing = requestAnimationFrame(frame);
    this.showPlaying(true);
  }

  pause() {
    cancelAnimationFrame(this.playing);
    this.playing = null;
    this.byPerson = false;
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
    const off = event.clientX - box.left - this.toPixel(this.t, box.width);
    const held = Math.abs(off) <= GRIP_PX;
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
    this.set(this.toT(this.drag.x - this.drag.off - box.left, box.width));
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
    const target = event.key === " " ? "toggle" : this.target(event.key);
    if (target === null) return;
    event.preventDefault();
    this.root.classList.remove("held");
    if (target === "toggle") return event.repeat || this.toggle();
    this.pause();
    this.set(target);
    clearTimeout(this.keysTimer);
    this.keysTimer = setTimeout(() => this.commit(), KEYS_DELAY_MS);
  }

  destroy() {
    this.updates++;
    cancelAnimationFrame(this.playing);
    clearTimeout(this.keysTimer);
    if (this.drag) cancelAnimationFrame(this.drag.frame);
  }
}

// Sheets of tiles that are ready to paint, each loaded once, and let go of when it is no longer wanted.
export class Sheets {
  constructor() {
    this.loaded = new Map(); // url -> promise of a sheet with its bitmap and ground
  }

  load(sheet) {
    if (!this.loaded.has(sheet.url)) {
      const ready = loadSheet(sheet).then((full) => ({ ...full, ground: groundOf(full.image) }));
      ready.catch(() => this.loaded.delete(sheet.url));
      this.loaded.set(sheet.url, ready);
    }
    return this.loaded.get(sheet.url);
  }

  keep(sheets) {
    for (const url of this.loaded.keys()) if (!sheets.some((sheet) => sheet.url === url)) this.loaded.delete(url);
  }
}
