// The latent map: thousands of items as dots, their pictures under the pointer, one selection for a group of maps.

const PADDING = 26; // px kept free round the cloud
const MAX_ZOOM = 64;
const MAX_PAINT_MS = 9; // ms: a cloud that takes longer is moved as a picture and painted anew when the hand rests
const MESSAGE_TIMEOUT_MS = 5000; // ms: a message to Python that old has been heard, or never will be
const maps = new WeakMap();
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const ease = (t) => 1 - (1 - t) ** 3;

// What the maps of one group share in the browser; it outlives them, so that a map built anew finds it again.
function groupOf(name) {
  const groups = (shared().mapGroups ??= new Map());
  if (!groups.has(name)) {
    const look = { hovered: -1, off: new Set(), spotlight: -1, names: "" };
    groups.set(name, { name, ...look, selected: -1, marked: [], request: null, sent: 0, sentAt: 0 });
  }
  return groups.get(name);
}

// {lo, hi, steps: packed uint16} as quantised by Python -> Float32Array; the last step stands for "no value".
export function restore({ lo, hi, steps }) {
  const unit = (hi - lo) / 65534;
  return Float32Array.from(unpack(steps), (step) => (step === 65535 ? NaN : lo + step * unit));
}

class LatentMap {
  constructor(root) {
    const find = (selector) => root.querySelector(selector);
    Object.assign(this, { root, stage: find(".stage"), canvas: find(".cloud"), over: find(".over"), card: find(".card") });
    Object.assign(this, { marksButton: find(".marks"), spoken: find(".spoken"), classes: find(".classes") });
    Object.assign(this, { mode: "pan", view: { k: 1, tx: 0, ty: 0 }, home: { k: 1, tx: 0, ty: 0 }, atHome: true });
    Object.assign(this, { width: 0, height: 0, count: 0, centres: [], cloud: { xs: [], ys: [] }, images: new Map() });
    Object.assign(this, { motions: new Map(), cost: 0, dirty: true, byKey: false, gesture: null, data: {} });
    this.abort = new AbortController();
    listen(this);
    for (const button of root.querySelectorAll("[data-tool]")) {
      button.addEventListener("click", () => this.tool(button.dataset.tool), { signal: this.abort.signal });
    }
    this.marksButton.addEventListener("click", () => this.mark([]), { signal: this.abort.signal });
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.stage);
    const on = (event, act) => shared().events.addEventListener(event, act, { signal: this.abort.signal });
    on("atlas", (event) => event.detail === this.data.atlas && this.ask(true));
    on("latent-map", (event) => event.detail.group === this.group.name && this.onEvent(event.detail));
    this.tool("pan");
  }

  destroy() {
    this.abort.abort();
    this.sizes.disconnect();
    clearTimeout(this.settling);
    cancelAnimationFrame(this.frame);
  }

  // ---- data from Python: only what differs from the last call is unpacked

  update(data, send) {
    const before = this.data;
    const differs = (name) => JSON.stringify(data[name]) !== JSON.stringify(before[name]);
    this.data = data;
    this.send = send;
    this.group = groupOf(data.group);
    this.root.style.height = `${data.height}px`;
    Object.assign(this.root.querySelector(".title"), { textContent: data.title, title: data.title });
    this.root.classList.toggle("untitled", !data.title);
    const moved = differs("places");
    const relabelled = differs("labels");
    if (relabelled) this.labels = data.labels && unpack(data.labels);
    if (differs("values")) {
      this.values = data.values && restore(data.values);
      this.range = span(this.values ?? []);
    }
    if (differs("figures")) this.figures = data.figures.map((figure) => ({ ...figure, values: null }));
    if (moved) this.place(data.places);
    if (moved || relabelled) this.centres = this.labels ? centres(this.xs, this.ys, this.labels, data.names.length) : [];
    if (differs("names")) this.rename();
    if (differs("extras")) this.loadExtras();
    if (moved || differs("extras") || differs("path")) this.fit();
    this.applyRequest(data.request);
    this.describe();
    this.theme = null; // a change of theme calls us, too
    this.restyle();
  }

  place(places) {
    const [before, oldXs, oldYs] = [this.view, this.cloud.xs, this.cloud.ys];
    [this.xs, this.ys] = [restore(places.x), restore(places.y)];
    this.count = this.xs.length;
    this.index = gridIndex(this.xs, this.ys);
    this.atHome = true;
    this.cloud = { ...this.cloud, xs: this.xs, ys: this.ys };
    this.root.querySelector(".empty").hidden = this.count > 0;
    this.motions.delete("points");
    if (oldXs.length !== this.count || !this.width || calm()) return;
    this.fit();
    // The old places in the new units, so that every point sets out from where it was on the screen.
    const grown = before.k / this.home.k;
    const [aside, above] = [(before.tx - this.home.tx) / this.home.k, (this.home.ty - before.ty) / this.home.k];
    const [fromXs, fromYs] = [oldXs.map((x) => x * grown + aside), oldYs.map((y) => y * grown + above)];
    const [xs, ys] = [new Float32Array(this.count), new Float32Array(this.count)];
    this.move("points", 600, (t) => {
      for (let i = 0; i < this.count; i++) {
        xs[i] = fromXs[i] + (this.xs[i] - fromXs[i]) * t;
        ys[i] = fromYs[i] + (this.ys[i] - fromYs[i]) * t;
      }
      Object.assign(this.cloud, t < 1 ? { xs, ys } : { xs: this.xs, ys: this.ys });
      this.dirty = true;
    });
  }

  // A selection asked for from outside (a link, another page), once per request and group.
  applyRequest(request) {
    if (this.request === request.stamp) return;
    this.request = request.stamp;
    if (this.group.request === request.stamp) return;
    // A click that Python has not heard of yet is newer than the request.
    if (this.group.sent > request.heard && performance.now() - this.group.sentAt < MESSAGE_TIMEOUT_MS) return;
    const marked = fromBits(request.marked).filter((i) => i < this.count);
    Object.assign(this.group, { request: request.stamp, selected: request.selected ?? -1, marked });
    this.tell("choice");
  }

  loadExtras() {
    const urls = new Set(this.data.extras.map((extra) => extra.url).filter(Boolean));
    for (const url of this.images.keys()) if (!urls.has(url)) this.images.delete(url);
    for (const url of urls) {
      if (this.images.has(url)) continue;
      const image = new Image();
      this.images.set(url, null);
      image.onload = () => {
        this.images.set(url, image);
        this.ask();
      };
      image.src = url;
    }
  }

  // ---- the view

  resize() {
    const [width, height] = [this.stage.clientWidth, this.stage.clientHeight];
    if (!width || !height || (width === this.width && height === this.height)) return;
    const middle = this.width ? toData(this.view, this.width / 2, this.height / 2) : null;
    const zoom = this.zoom;
    [this.width, this.height] = [width, height];
    this.fit();
    if (middle && !this.atHome) {
      const k = this.home.k * zoom;
      this.view = { k, tx: width / 2 - middle[0] * k, ty: height / 2 + middle[1] * k };
    }
    this.ask(true);
  }

  fit() {
    if (!this.width || !this.count) return;
    const { path, extras } = this.data;
    const more = [...(path ?? []), ...extras.map(({ x, y }) => [x, y])];
    this.home = scale(bounds(this.xs, this.ys, more), this.width, this.height, PADDING);
    if (this.atHome) this.view = { ...this.home };
  }

  get zoom() {
    return this.view.k / this.home.k;
  }

  limits = () => [this.home.k / 2, this.home.k * MAX_ZOOM];
  placeOf = (item) => toScreen(this.view, this.cloud.xs[item], this.cloud.ys[item]);

  // The item within `reach` pixels of the pixel (x, y), or whose picture is there; -1 when there is none.
  under(x, y, least) {
    const reach = Math.max(least, (this.painted?.size ?? 0) / 2);
    return nearest(this.index, ...toData(this.view, x, y), reach / this.view.k, this.cloud.state);
  }

  look(view) {
    this.motions.delete("view");
    this.view = view;
    this.atHome = false;
    this.ask();
  }

  glide(view, home = false) {
    const from = { ...this.view };
    this.move("view", calm() ? 0 : 220, (t) => {
      // In between, the scale grows evenly to the eye, that is as a power.
      const k = from.k * (view.k / from.k) ** t;
      const share = view.k === from.k ? t : (k - from.k) / (view.k - from.k);
      const between = { k, tx: from.tx + (view.tx - from.tx) * share, ty: from.ty + (view.ty - from.ty) * share };
      this.view = t === 1 ? { ...view } : between;
      this.atHome = home && t === 1;
    });
  }

  zoomBy(factor) {
    this.glide(zoomAt(this.view, this.width / 2, this.height / 2, factor, ...this.limits()));
  }

  reset() {
    this.glide(this.home, true);
  }

  move(name, duration, step) {
    this.motions.set(name, { start: performance.now(), duration, step });
    this.ask();
  }

  // ---- what the person does

  tool(name) {
    if (name === "in") this.zoomBy(1.6);
    else if (name === "out") this.zoomBy(1 / 1.6);
    else if (name === "reset") this.reset();
    else if (name === "save") this.save();
    else if (name === "draw") this.saveDrawing();
    else {
      this.mode = this.stage.dataset.mode = name;
      for (const mode of ["pan", "lasso", "box"]) {
        this.root.querySelector(`[data-tool=${mode}]`).setAttribute("aria-pressed", String(mode === name));
      }
    }
  }

  hover(item, byKey = false) {
    this.byKey = byKey && item >= 0;
    if (item === this.group.hovered) return;
    this.group.hovered = item;
    this.tell("hover");
    if (byKey && item >= 0) this.spoken.textContent = this.words(item);
  }

  choose(item) {
    if (item === this.group.selected) return;
    this.group.selected = item;
    this.commit();
  }

  mark(items, add = false) {
    const marked = add ? [...new Set([...this.group.marked, ...items])].sort((a, b) => a - b) : items;
    if (!marked.length && !this.group.marked.length) return;
    this.group.marked = marked;
    this.commit();
    this.spoken.textContent = `${marked.length} items marked`;
  }

  clear() {
    if (this.group.selected < 0 && !this.group.marked.length) return;
    Object.assign(this.group, { selected: -1, marked: [] });
    this.commit();
  }

  drop() {
    this.gesture = null;
    this.stage.removeAttribute("data-dragging");
    this.ask();
  }

  // One message to Python, whatever changed.
  commit() {
    const { selected, marked } = this.group;
    this.tell("choice");
    this.group.sentAt = performance.now();
    const number = ++this.group.sent;
    this.send("choice", { number, selected: selected < 0 ? null : selected, marked: toBits(marked, this.count) });
  }

  // From the item in focus to its neighbour that way; where there is none, the view moves.
  step(dx, dy) {
    const from = this.group.hovered >= 0 ? this.group.hovered : this.group.selected;
    const shown = this.cloud.state;
    if (!shown[from]) {
      const middle = toData(this.view, this.width / 2, this.height / 2);
      return this.hover(nearest(this.index, ...middle, Math.hypot(this.width, this.height) / this.view.k, shown), true);
    }
    const next = towards(this.xs, this.ys, this.xs[from], this.ys[from], dx, dy, shown, from);
    if (next < 0) return this.look({ ...this.view, tx: this.view.tx - 60 * dx, ty: this.view.ty + 60 * dy });
    const [x, y] = toScreen(this.view, this.xs[next], this.ys[next]);
    const nudge = (at, size) => Math.max(0, 30 - at) - Math.max(0, at - size + 30);
    const [ax, ay] = [nudge(x, this.width), nudge(y, this.height)];
    if (ax || ay) this.look({ ...this.view, tx: this.view.tx + ax, ty: this.view.ty + ay });
    this.hover(next, true);
  }

  save() {
    this.paintExactly();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [this.over.width, this.over.height];
    const context = canvas.getContext("2d");
    const ratio = canvas.width / this.width;
    context.drawImage(this.canvas, -this.painted.margin * ratio, -this.painted.margin * ratio);
    context.drawImage(this.over, 0, 0);
    canvas.toBlob((blob) => download(blob, `${this.data.title || "latent map"}.png`), "image/png");
  }

  saveDrawing() {
    const drawing = svgOf(this);
    download(new Blob([drawing], { type: "image/svg+xml" }), `${this.data.title || "latent map"}.svg`);
  }

  // ---- the group

  tell(what) {
    const detail = { group: this.group.name, what, source: this };
    shared().events.dispatchEvent(new CustomEvent("latent-map", { detail }));
  }

  onEvent({ what }) {
    if (what === "hover") this.ask();
    else this.restyle();
  }

  toggle(label, alone) {
    const { off } = this.group;
    const labels = this.data.names.keys();
    if (!alone) off.has(label) ? off.delete(label) : off.add(label);
    else if (off.size === this.data.names.length - 1 && !off.has(label)) off.clear();
    else for (const other of labels) other === label ? off.delete(other) : off.add(other);
    this.tell("classes");
  }

  spotlight(label) {
    if (this.group.spotlight === label) return;
    this.group.spotlight = label;
    this.tell("classes");
  }

  // ---- looks

  rename() {
    const signature = JSON.stringify(this.data.names);
    if (this.group.names !== signature) Object.assign(this.group, { names: signature, off: new Set(), spotlight: -1 });
    this.classes.replaceChildren(...this.data.names.map((name, label) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = "Show or hide; double-click: this one alone";
      button.append(Object.assign(document.createElement("span"), { className: "dot" }), name);
      button.addEventListener("click", (event) => this.toggle(label, event.shiftKey));
      button.addEventListener("dblclick", () => this.toggle(label, true));
      button.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && this.spotlight(label));
      button.addEventListener("pointerleave", () => this.spotlight(-1));
      return button;
    }));
  }

  describe() {
    const { data, count } = this;
    const classes = data.names.length ? ` in ${data.names.length} classes` : "";
    this.stage.setAttribute("aria-label", `${data.title || "Latent map"}: ${count} items${classes}. ` +
      "Arrow keys go from item to item, plus and minus zoom, Enter selects, Escape clears.");
    this.root.querySelector("footer").hidden = !(data.names.length || data.values);
    this.root.querySelector(".tools").hidden = !count;
    this.root.querySelector(".scale").hidden = !data.values;
    this.classes.classList.toggle("plain", Boolean(data.values));
  }

  // Which points show, which stand back, and the shade of each.
  restyle() {
    const { group, labels, values, count } = this;
    const [state, shade] = [new Uint8Array(count), new Uint16Array(count)];
    const chosen = group.marked.length || group.marked.flags ? new Uint8Array(count) : null; // flags may be on nothing
    for (const i of group.marked) if (i < count) chosen[i] = 1;
    const hidden = new Uint8Array(65536);
    for (const label of group.off) hidden[label] = 1;
    const [lo, hi] = this.range;
    for (let i = 0; i < count; i++) {
      const label = labels ? labels[i] : 0;
      const aside = (chosen && !chosen[i]) || (labels && group.spotlight >= 0 && label !== group.spotlight);
      state[i] = labels && hidden[label] ? 0 : aside ? DIMMED : SHOWN;
      if (values) shade[i] = Number.isNaN(values[i]) ? 256 : 255 * Math.min(1, Math.max(0, (values[i] - lo) / (hi - lo)));
      else if (labels) shade[i] = label % this.data.colours.length;
    }
    Object.assign(this.cloud, { state, shade });
    if (group.hovered >= 0 && !state[group.hovered]) group.hovered = -1;
    for (const [label, button] of [...this.classes.children].entries()) {
      button.setAttribute("aria-pressed", String(!group.off.has(label)));
    }
    this.marksButton.hidden = !group.marked.length;
    this.marksButton.textContent = `${group.marked.length} marked  ×`;
    this.marksButton.setAttribute("aria-label", `${group.marked.length} items marked: clear the marks`);
    this.ask(true);
  }

  // Colours as the theme has them now, on the canvas and in the legend.
  recolour() {
    const theme = readTheme(this.root, this.data.accent);
    if (this.theme?.signature === theme.signature) return;
    this.theme = theme;
    this.dirty = true;
    this.colours = legibleColours(theme, this.data.colours);
    this.shades = this.values ? valueShades(theme) : Uint32Array.from(this.labels ? this.colours : [theme.accent], pixel);
    this.root.style.setProperty("--accent", css(theme.accent));
    for (const [label, button] of [...this.classes.children].entries()) {
      button.style.setProperty("--dot", css(this.colours[label % this.colours.length]));
    }
    if (!this.values) return;
    const gradient = this.root.querySelector(".gradient");
    const stops = Array.from({ length: 9 }, (_, step) => css(ramp(step / 8, theme.dark)));
    gradient.style.setProperty("--ramp", `linear-gradient(90deg, ${stops.join(", ")})`);
    this.root.querySelector(".measure").textContent = this.data.valueLabel;
    const [lo, hi] = this.range;
    gradient.replaceChildren(...ticks(lo, hi, 4).map((value) => {
      const mark = Object.assign(document.createElement("span"), { textContent: figureText(value) });
      mark.style.left = `${(100 * (value - lo)) / (hi - lo)}%`;
      return mark;
    }));
  }

  words(item) {
    const name = this.labels ? `, ${this.data.names[this.labels[item]]}` : "";
    return `Item ${item}${name}` + this.facts(item).map(([label, text]) => `, ${label} ${text}`).join("");
  }

  facts(item) {
    return this.figures.map((figure) => {
      figure.values ??= restore(figure.numbers);
      return [figure.label, figureText(figure.values[item], figure.numbers.whole)];
    });
  }

  // ---- painting: at most once a frame

  ask(dirty = false) {
    this.dirty ||= dirty;
    this.frame ??= requestAnimationFrame((now) => {
      this.frame = null;
      this.paint(now);
    });
  }

  paint(now) {
    if (!this.width || !this.data.request) return;
    for (const [name, { start, duration, step }] of this.motions) {
      const t = duration ? Math.min(1, Math.max(0, (now - start) / duration)) : 1;
      if (t === 1) this.motions.delete(name);
      step(t === 1 ? 1 : ease(t));
    }
    this.recolour();
    this.sheet = shared().atlases.get(this.data.atlas);
    this.paintCloud();
    const context = fitCanvas(this.over, this.width, this.height);
    context.clearRect(0, 0, this.width, this.height);
    this.over.style.width = `${this.width}px`;
    this.over.style.height = `${this.height}px`;
    paintOver(context, this);
    this.paintCard();
    this.expose();
    if (this.motions.size) this.ask();
  }

  paintCloud() {
    const { view, painted } = this;
    const still = painted && painted.view.k === view.k && painted.view.tx === view.tx && painted.view.ty === view.ty;
    if (still && !this.dirty) return;
    if (!this.dirty && this.cost > MAX_PAINT_MS && painted && this.covered()) {
      this.shift();
      clearTimeout(this.settling);
      this.settling = setTimeout(() => this.ask(true), 120);
      return;
    }
    this.paintExactly();
  }

  paintExactly() {
    const began = performance.now();
    const margin = this.cost > MAX_PAINT_MS ? Math.round(this.width / 5) : 0;
    this.painted = paintCloud(this.canvas, this, margin);
    this.cost = performance.now() - began;
    this.dirty = false;
    Object.assign(this.canvas.style, { left: `${-margin}px`, top: `${-margin}px`, transform: "none" });
    this.canvas.style.width = `${this.width + 2 * margin}px`;
    this.canvas.style.height = `${this.height + 2 * margin}px`;
  }

  // Whether the painted cloud, moved to the present view, still covers the stage well enough.
  covered() {
    const { view, painted, width, height } = this;
    const f = view.k / painted.view.k;
    if (f < 0.6 || f > 2.2) return false;
    const [x, y] = [view.tx - painted.view.tx * f, view.ty - painted.view.ty * f];
    const slack = f < 1 ? Math.max(width, height) : 0;
    const edge = painted.margin * f + slack;
    return x <= edge && y <= edge && x + width * f >= width - edge && y + height * f >= height - edge;
  }

  shift() {
    const { view, painted } = this;
    const f = view.k / painted.view.k;
    const at = (now, then) => now - (painted.margin + then) * f + painted.margin;
    this.canvas.style.transform = `translate(${at(view.tx, painted.view.tx)}px, ${at(view.ty, painted.view.ty)}px) scale(${f})`;
  }

  paintCard() {
    const { card, group, sheet, theme } = this;
    const item = group.hovered;
    card.hidden = !this.cloud.state?.[item];
    if (card.hidden) return;
    if (card.dataset.item !== String(item) || card.sheet !== sheet?.image || card.theme !== theme || card.data !== this.data) {
      Object.assign(card, { sheet: sheet?.image, theme, data: this.data });
      card.dataset.item = item;
      this.fillCard(item);
    }
    const [x, y] = this.placeOf(item);
    const [w, h] = [card.offsetWidth, card.offsetHeight];
    const left = x + 18 + w <= this.width ? x + 18 : x - 18 - w >= 0 ? x - 18 - w : Math.max(0, this.width - w);
    const top = Math.min(Math.max(0, this.height - h), Math.max(0, y - h / 2));
    card.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  fillCard(item) {
    const { card, sheet } = this;
    const canvas = card.querySelector(".picture");
    canvas.hidden = !sheet?.image || item >= sheet.count;
    if (!canvas.hidden) {
      const wide = sheet.width > 1.25 * sheet.height;
      const times = Math.ceil((wide ? 144 : 84) / sheet.width);
      fitTile(canvas, sheet);
      canvas.style.width = `${sheet.width * times}px`;
      canvas.style.height = `${sheet.height * times}px`;
      paintTile(canvas.getContext("2d"), sheet, item, 0, 0, sheet.width, sheet.height);
    }
    const name = card.querySelector(".name");
    name.hidden = !this.labels;
    if (this.labels) {
      card.querySelector(".dot").style.background = css(unpacked(this.shades[this.cloud.shade[item]]));
      card.querySelector("b").textContent = this.data.names[this.labels[item]];
    }
    card.querySelector(".item").textContent = `item ${item}`;
    const entry = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
    card.querySelector("dl").replaceChildren(...this.facts(item).flatMap(([l, t]) => [entry("dt", l), entry("dd", t)]));
  }

  // What a test or a screen reader's user may want to know, as attributes; nothing reads them here.
  expose() {
    const { group, view } = this;
    const has = (item) => (item >= 0 && item < this.count ? item : "");
    this.stage.toggleAttribute("data-over", has(group.hovered) !== "");
    Object.assign(this.root.dataset, {
      count: this.count,
      hovered: has(group.hovered),
      selected: has(group.selected),
      marked: group.marked.length,
      extras: this.data.extras.length,
      off: [...group.off].sort((a, b) => a - b).join(" "),
      atlas: this.sheet?.image ? "ready" : "",
      pictures: this.painted.pictures,
      zoom: this.zoom.toFixed(3),
      view: [view.k, view.tx, view.ty].join(" "),
      busy: this.motions.size > 0,
    });
  }
}

export default inOrder(function (component) {
  const { parentElement, data, setStateValue } = component;
  const root = parentElement.querySelector(".map");
  let map = maps.get(root);
  if (!map) maps.set(root, (map = new LatentMap(root)));
  map.update(data, setStateValue);
  return () =>
    whenGone(root, () => {
      if (maps.get(root) !== map) return;
      map.destroy();
      maps.delete(root);
    });
});
