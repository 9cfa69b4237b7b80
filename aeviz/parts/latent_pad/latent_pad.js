// The latent pad: a plane of codes, decoded under the pointer.

const ZOOM_DELAY_MS = 150; // ms without a zoom or a pan before finer tiles are asked for
const ANNOUNCE_INTERVAL_MS = 600; // ms between two announcements

class LatentPad {
  constructor(parent) {
    const root = parent.querySelector(".pad");
    const find = (selector) => root.querySelector(selector);
    Object.assign(this, { parent, root, stage: find(".stage"), said: find(".said") });
    Object.assign(this, { ground: find(".ground"), over: find(".over"), ratio: 1 });
    Object.assign(this, { data: null, show: "pictures", levels: [], cloud: null, position: null, exact: null, sent: [] });
    Object.assign(this, { layout: null, home: null, view: null, sentView: null, width: 0, height: 0 });
    Object.assign(this, { probe: null, byKey: false, pointers: new Map() });
    Object.assign(this, { dragging: false, start: null, lastTap: null });
    this.abort = new AbortController();
    listen(this);
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.stage);
  }

  destroy() {
    this.abort.abort();
    this.sizes.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.settling);
    clearTimeout(this.speaking);
  }

  update(data, setState) {
    const before = this.data;
    Object.assign(this, { data, setState });
    const levels = data.levels.map((level) => makeLevel(this, level));
    const cloud = data.cloud && recall(data.cloud.id, data.cloud.places, () => makeCloud(data.cloud));
    const lost = levels.includes(undefined) || cloud === undefined;
    Object.assign(this, { levels: levels.filter(Boolean), cloud: cloud ?? null });
    if (!before) this.position = data.position;
    else this.onPosition(before.position, data.position);
    this.onPicture(data);
    this.root.style.height = `${data.height}px`;
    if (before && !same(before.home, data.home)) this.home = null; // a new home is gone to
    this.resize();
    this.updateLabels();
    this.ask(true);
    // Python left out what it believes us to have: without a list of what we have, it sends everything.
    if (lost) this.commit([]);
  }

  onPosition(known, named) {
    const { sent, take } = reconcile(this.sent, known, named);
    this.sent = sent;
    if (take) this.position = named;
  }

  async onPicture({ picture, position }) {
    const url = picture?.url;
    if (!same(position, this.position) || !url) {
      this.exact = this.exact && same(this.exact.position, this.position) ? this.exact : null;
      return;
    }
    if (this.exact?.sheet.url === url && same(this.exact.position, position)) return;
    const sheet = await loadSheet(picture);
    if (!same(position, this.position) || this.data.picture?.url !== url) return;
    this.exact = { sheet, index: 0, position };
    this.ask();
  }

  // ---- the view

  resize() {
    const room = this.stage.clientWidth - GUTTER.left - GUTTER.right;
    const height = this.stage.clientHeight - GUTTER.top - GUTTER.bottom;
    if (room < 20 || height < 20 || !this.data) return;
    this.layout = layoutOf(this.data.home, room, height, this.levels[0]?.tile ?? [28, 28]);
    const { width } = this.layout;
    if (this.home && width === this.width && height === this.height) return;
    const zoom = this.home ? this.view.k / this.home.k : 0;
    const first = !this.view;
    Object.assign(this, { width, height });
    this.home = fitView(this.data.home, width, height);
    if (first && this.data.view) this.view = fitView(this.data.view, width, height);
    else this.view = zoom && zoom !== 1 ? { ...this.view, k: this.home.k * zoom } : { ...this.home };
    this.sentView ??= regionOf(this.view, width, height);
    this.ask(true);
  }

  screen = (x, y) => toScreen(this.view, this.width, this.height, x, y);
  plane = (px, py) => toPlane(this.view, this.width, this.height, px, py);
  holds = ([px, py]) => px >= 0 && py >= 0 && px <= this.width && py <= this.height;
  limits = () => [this.home.k / 2, this.home.k * 200];

  look(view) {
    this.view = view;
    this.ask(true);
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.settle(), ZOOM_DELAY_MS);
  }

  zoom(px, py, factor) {
    this.look(zoomAt(this.view, this.width, this.height, px, py, factor, ...this.limits()));
  }

  // Python hears of a view once hand and wheel are at rest.
  settle() {
    if (this.dragging || this.pointers.size > 1) return this.look(this.view);
    const region = regionOf(this.view, this.width, this.height);
    const hair = 0.5 / this.view.k;
    if (this.sentView && region.every((edge, i) => Math.abs(edge - this.sentView[i]) < hair)) return;
    this.commit();
  }

  // ---- what the person does

  point(px, py, byKey = false) {
    this.probe = this.holds([px, py]) ? this.plane(px, py) : null;
    this.stage.toggleAttribute("data-aside", !this.probe);
    this.byKey = byKey;
    this.ask();
  }

  leave() {
    this.probe = null;
    this.ask();
  }

  fix(place) {
    if (same(place, this.position)) return;
    this.position = place;
    this.exact = null;
    this.sent.push(place);
    this.say(`Fixed at ${this.words(place, true)}${this.near(place)}`);
    this.ask();
    this.commit();
  }

  // One message, whatever changed.
  commit(have) {
    clearTimeout(this.settling);
    this.sentView = regionOf(this.view, this.width, this.height);
    have ??= [...this.levels, this.cloud].flatMap((part) => part?.id ?? []);
    this.setState("pad", { position: this.position, view: this.sentView, have });
  }

  key(event) {
    const { key } = event;
    const probe = this.probe ?? this.position ?? [this.view.x, this.view.y];
    const next = stepped(probe, key, event.shiftKey, this.view.k);
    const at = this.screen(...probe);
    if (next) this.walk(next);
    else if (key === "+" || key === "=") this.zoom(...at, 1.5);
    else if (key === "-" || key === "_") this.zoom(...at, 1 / 1.5);
    else if (key === "0" || key === "Home") this.look({ ...this.home });
    else if (key === "Enter" || key === " ") this.fix(probe);
    else if (key === "Escape") this.leave();
    else return false;
    return true;
  }

  // The view follows a probe that walks out of it.
  walk([x, y]) {
    const { k } = this.view;
    const [w, h] = [this.width / 2 / k - 12 / k, this.height / 2 / k - 12 / k];
    const within = (at, middle, reach) => Math.min(at + reach, Math.max(at - reach, middle));
    const moved = { k, x: within(x, this.view.x, w), y: within(y, this.view.y, h) };
    if (moved.x !== this.view.x || moved.y !== this.view.y) this.look(moved);
    this.probe = [x, y];
    this.byKey = true;
    this.say(this.words(this.probe, true) + this.near(this.probe));
    this.ask();
  }

  tool(name) {
    if (name === "reset") this.look({ ...this.home });
    else if (name === "save") this.save();
    else this.zoom(this.width / 2, this.height / 2, name === "in" ? 1.5 : 1 / 1.5);
  }

  save() {
    const { ground, over } = this;
    const canvas = Object.assign(document.createElement("canvas"), { width: ground.width, height: ground.height });
    const context = canvas.getContext("2d");
    context.fillStyle = this.theme.paper;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(ground, 0, 0);
    context.drawImage(over, 0, 0);
    canvas.toBlob((blob) => download(blob, `${this.data.title || "latent plane"}.png`), "image/png");
  }

  mode(name) {
    this.show = name;
    this.updateLabels();
    this.ask(true);
  }

  // ---- words

  words([x, y], full = false) {
    const { k } = this.view;
    const [nameX, nameY] = this.data.axes;
    return full ? `${nameX} ${figure(x, k)}   ${nameY} ${figure(y, k)}` : `${figure(x, k)}, ${figure(y, k)}`;
  }

  // The class of the item nearest to the place, for those who cannot see the picture.
  near([x, y]) {
    const item = this.cloud?.labels ? nearestPoint(this.cloud.places, x, y, 40 / this.view.k) : -1;
    const name = item >= 0 ? this.data.names[this.cloud.labels[item]] : undefined;
    return name === undefined ? "" : `, near ${name}`;
  }

  say(text) {
    this.speech = text;
    this.speaking ??= setTimeout(() => {
      this.speaking = null;
      this.said.textContent = this.speech;
    }, ANNOUNCE_INTERVAL_MS);
  }

  // ---- looks

  updateLabels() {
    const { data, root } = this;
    const title = root.querySelector(".title");
    if (title.textContent !== data.title) title.textContent = data.title;
    root.classList.toggle("untitled", !data.title);
    root.querySelector(".modes").hidden = !this.cloud;
    this.stage.setAttribute("aria-label", `${data.title || "Latent plane"}: ${data.axes.join(" and ")}`);
    for (const button of root.querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === this.show));
      if (button.dataset.mode === "pictures") button.textContent = this.data?.plural ?? "pictures";
    }
  }

  decoded(x, y) {
    const ready = this.levels.filter((level) => level.sheet);
    const at = finestAt(ready, x, y);
    return at < 0 ? null : { sheet: ready[at].sheet, index: tileAt(ready[at], x, y) };
  }

  // At most one painting a frame, in the frame of the event that asked for it.
  ask(dirty = false) {
    this.dirty ||= dirty;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      if (!this.view) return;
      if (this.dirty) {
        this.theme = themeOf(this);
        this.root.style.setProperty("--accent", this.theme.accent);
        paintGround(this);
      }
      this.dirty = false;
      paintOver(this);
    });
  }
}

const pads = new WeakMap();

export default inOrder(function ({ parentElement, data, setStateValue }) {
  const known = pads.get(parentElement);
  if (known && !known.root.isConnected) known.destroy();
  const pad = known?.root.isConnected ? known : new LatentPad(parentElement);
  pads.set(parentElement, pad);
  const call = (pad.calls = (pad.calls ?? 0) + 1);
  pad.update(data, setStateValue);
  return () => {
    // Streamlit also cleans up after a call that a later one has overtaken: the pad is then still in use.
    if (pad.calls !== call) return;
    pad.destroy();
    pads.delete(parentElement);
  };
});
