// A threshold on a score. What is flagged follows the hand; Python hears how many items that are when the hand rests.

const KEYS_DELAY_MS = 250; // ms without a key before the threshold is committed
const [PLOT, AXIS] = [184, 28]; // px of the histogram, and of the axis below it
const [LEFT, TOP, RIGHT] = [34, 8, 10]; // px round a curve
const TILE = 54; // px of a tile's height
const COUNT = new Intl.NumberFormat("en");
const MAX_TILES = 14; // tiles of a strip
const BINS = 90;

class Threshold {
  constructor(root) {
    const find = (selector) => root.querySelector(selector);
    Object.assign(this, { root, plot: find(".plot"), bars: find(".bars"), handle: find(".handle"), slider: find("input") });
    Object.assign(this, { button: find(".cheapest"), counts: find(".counts tbody"), bill: find("output"), strips: [] });
    Object.assign(this, { roc: find(".roc"), precision: find(".precision"), price: find(".price"), sent: [], clicks: 0 });
    this.abort = new AbortController();
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(root);
    this.listen();
  }

  listen() {
    const { signal } = this.abort;
    const on = (element, type, act) => element.addEventListener(type, (event) => this.data && act(event), { signal });
    on(this.plot, "pointerdown", (event) => this.grab(event));
    on(this.plot, "pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "lostpointercapture"]) on(this.plot, end, (event) => this.release(event));
    on(this.plot, "pointercancel", (event) => this.cancel(event));
    on(this.handle, "keydown", (event) => this.key(event));
    on(this.handle, "blur", () => {
      this.root.classList.remove("held");
      if (this.timer) this.commit();
    });
    on(this.slider, "input", () => this.setCost(this.data.costs[this.slider.value]));
    on(this.slider, "change", () => this.commit());
    on(this.button, "click", () => {
      this.setFlagged(null);
      this.commit();
    });
    on(this.root.querySelector(".save"), "click", () => this.save());
    const { events } = shared();
    events.addEventListener("atlas", (event) => event.detail === this.data?.atlas && this.ask(), { signal });
    events.addEventListener("latent-map", (event) => {
      const { group, what, source } = event.detail;
      if (this.data?.group === group && what === "choice" && source !== this) this.mark();
    }, { signal });
  }

  // -- Data from the server.

  update(component) {
    const { data } = component;
    this.component = component;
    const before = this.data;
    const other = !before || ["scores", "items", "tiles", "positive"].some((name) => before[name]?.bytes !== data[name]?.bytes);
    const moved = other || this.movedByServer(data);
    this.data = data;
    if (other) this.unpack();
    if (moved && !this.busy) Object.assign(this, { chosen: data.flagged, cost: data.cost });
    this.place();
    this.build();
    this.resize();
  }

  unpack() {
    const { data } = this;
    [this.scores, this.items, this.tiles] = [data.scores, data.items, data.tiles].map(unpack);
    this.positive = data.positive && unpack(data.positive);
    this.ends = endsOf(this.scores);
    this.found = this.positive && foundOf(this.positive);
    this.ranks = Uint32Array.from([...this.tiles.keys()].filter((rank) => this.tiles[rank] >= 0));
    this.histogram = histogramOf(this.scores, this.positive, data.axis, BINS);
    this.sent = [];
  }

  // An echo of our own commits moves nothing while a newer one is on its way.
  movedByServer({ flagged, cost }) {
    const value = JSON.stringify([flagged, cost]);
    const answered = this.sent.lastIndexOf(value);
    if (answered >= 0) {
      this.sent.splice(0, answered + 1);
      return this.sent.length === 0;
    }
    if (value === JSON.stringify([this.data.flagged, this.data.cost])) return false;
    this.sent = [];
    return true;
  }

  get busy() {
    return Boolean(this.drag || this.timer);
  }

  // -- Where the threshold stands: chosen by the person, or the cheapest, or a twentieth of the items.

  place() {
    const wanted = this.chosen ?? (this.found ? this.cheapest() : Math.round(this.scores.length / 20));
    const flagged = this.ends[placeIn(this.ends, wanted)];
    if (flagged !== this.flagged || this.threshold === undefined || !this.drag) {
      this.threshold = thresholdOf(this.scores, flagged, this.data.axis);
    }
    this.flagged = flagged;
  }

  cheapest() {
    if (this.least?.cost !== this.cost || this.least.found !== this.found) {
      const { cost, found, ends } = this;
      this.least = { cost, found, flagged: cheapestOf(ends, found, cost) };
    }
    return this.least.flagged;
  }

  setFlagged(flagged) {
    this.chosen = flagged;
    this.place();
    this.ask();
  }

  setCost(cost) {
    this.cost = cost;
    this.setFlagged(null);
  }

  setThreshold(threshold) {
    this.threshold = threshold;
    this.flagged = this.chosen = flaggedAt(this.scores, threshold);
    this.ask();
  }

  commit() {
    clearTimeout(this.timer);
    this.timer = null;
    const value = JSON.stringify([this.chosen, this.cost]);
    if (value === (this.sent.at(-1) ?? JSON.stringify([this.data.flagged, this.data.cost]))) return;
    this.sent.push(value);
    this.component.setStateValue("threshold", { flagged: this.chosen, cost: this.cost });
  }

  choose(rank) {
    this.component.setStateValue("item", { number: ++this.clicks, item: this.items[rank] });
  }

  // -- Pointer and keys.

  grab(event) {
    if (this.drag || event.button !== 0) return;
    clearTimeout(this.timer);
    this.timer = null;
    const off = event.clientX - this.bars.getBoundingClientRect().left - this.x;
    const held = Math.abs(off) <= 14;
    this.drag = { pointer: event.pointerId, off: held ? off : 0, x: event.clientX, before: [this.chosen, this.threshold] };
    this.plot.setPointerCapture(event.pointerId);
    this.handle.focus({ preventScroll: true });
    this.root.classList.add("dragged", "held");
    event.preventDefault();
    if (!held) this.follow(event.clientX);
  }

  move(event) {
    if (event.pointerId === this.drag?.pointer && event.clientX !== this.drag.x) this.follow(event.clientX);
  }

  follow(x) {
    this.drag.x = x;
    const { left, width } = this.bars.getBoundingClientRect();
    this.setThreshold(toScore(clamp((x - this.drag.off - left) / width, 0, 1), this.data.axis));
  }

  release(event) {
    if (event.pointerId !== this.drag?.pointer) return;
    this.drop();
    this.commit();
  }

  cancel(event) {
    if (event.pointerId !== this.drag?.pointer) return;
    [this.chosen] = this.drag.before;
    this.drop();
    this.place();
    this.ask();
  }

  drop() {
    this.drag = null;
    this.root.classList.remove("dragged");
  }

  key(event) {
    if (event.key === "Escape" && this.drag) return this.cancel({ pointerId: this.drag.pointer });
    if (this.drag || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.round(this.scores.length / 50));
    const steps = { ArrowRight: -1, ArrowUp: -1, ArrowLeft: 1, ArrowDown: 1, PageUp: -page, PageDown: page };
    const target = { Home: this.scores.length, End: 0 }[event.key] ?? (event.key in steps ? this.stepped(steps[event.key]) : null);
    if (target === null) return;
    event.preventDefault();
    this.root.classList.remove("held");
    this.setFlagged(target);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.commit(), KEYS_DELAY_MS);
  }

  stepped(step) {
    const at = placeIn(this.ends, this.flagged);
    if (Math.abs(step) === 1) return this.ends[clamp(at + step, 0, this.ends.length - 1)];
    return this.ends[placeIn(this.ends, clamp(this.flagged + step, 0, this.scores.length))];
  }

  // -- What is built once for the data.

  build() {
    const { data } = this;
    this.root.hidden = false;
    this.root.setAttribute("aria-label", `Threshold on ${data.title}`);
    this.root.querySelector(".charts").classList.toggle("alone", !data.roc);
    for (const element of [this.roc, this.precision, this.root.querySelector(".costs")]) element.hidden = !data.positive;
    const ground = themeValue(this.root, "--st-background-color") || "#ffffff";
    this.colours = data.colours.map((colour) => legible(colour, ground, 3));
    const kinds = data.positive ? data.names : [`all ${data.plural}`];
    const legend = kinds.map((name, kind) => this.dotted("span", name, kind));
    const scale = Object.assign(document.createElement("small"), { textContent: "height: root of the share of its kind" });
    this.root.querySelector(".legend").replaceChildren(...legend, scale);
    [this.roc, this.precision].forEach((figure, i) => {
      const area = data.areas ? `, area ${data.areas[i].toFixed(4)}` : "";
      figure.querySelector("figcaption").textContent = `${["ROC", "Precision–recall"][i]}${area}`;
    });
    const rows = (data.positive ? [1, 0] : [0]).map((kind) => {
      const row = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      head.append(this.dotted("span", kinds[kind], kind));
      row.append(head, ...[0, 1].map(() => {
        const cell = document.createElement("td");
        cell.append(document.createElement("b"), document.createElement("small"));
        return cell;
      }));
      return row;
    });
    this.counts.replaceChildren(...rows);
    this.slider.max = data.costs.length - 1;
    this.strips = [...this.root.querySelectorAll(".tiles")].map((element) => ({ element, buttons: [], key: "" }));
    for (const { element } of this.strips) element.replaceChildren();
  }

  dotted(tag, text, kind) {
    const element = Object.assign(document.createElement(tag), { textContent: text });
    element.style.setProperty("--dot", this.colours[kind]);
    return element;
  }

  resize() {
    if (!this.data || !this.root.clientWidth) return;
    this.width = this.plot.clientWidth;
    this.paintBars();
    if (this.data.positive) {
      this.paintCurve(this.roc, this.data.roc, "false alarms", "found");
      this.paintCurve(this.precision, this.data.precisionRecall, "recall", "precision");
    }
    this.paint();
  }

  ask() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.paint();
    });
  }

  // -- Painting. The bars stand still; what depends on the threshold is painted in each frame.

  paintBars() {
    const { width, data, histogram } = this;
    const context = fitCanvas(this.bars, width, PLOT + AXIS);
    context.clearRect(0, 0, width, PLOT + AXIS);
    const most = Math.max(...histogram.flatMap((kind) => [...kind]));
    const step = width / BINS;
    histogram.forEach((kind, k) => {
      context.fillStyle = this.colours[k];
      context.globalAlpha = k ? 0.62 : 0.7;
      // By the root: what is rare is still seen.
      kind.forEach((share, bin) => {
        const height = Math.sqrt(share / most) * (PLOT - 22);
        context.fillRect(bin * step, PLOT - height, Math.max(1, step - 0.5), height);
      });
    });
    context.globalAlpha = 1;
    this.writing(context);
    context.fillRect(0, PLOT, width, 1);
    context.textBaseline = "top";
    for (const value of ticksOf(data.axis, Math.max(2, Math.floor(width / 110)))) {
      const [x, text] = [toShare(value, data.axis) * width, scoreText(value)];
      const half = context.measureText(text).width / 2;
      context.fillRect(x, PLOT, 1, 4);
      context.fillText(text, clamp(x, half, width - half) - half, PLOT + 8);
    }
    const title = data.title;
    const room = context.measureText(title).width;
    if (room < width / 3) context.fillText(title, width - room, 2);
  }

  writing(context) {
    context.font = `13px ${themeValue(this.root, "--st-font") || "sans-serif"}`;
    context.fillStyle = themeValue(this.root, "--st-text-color") || "#000";
  }

  paint() {
    if (!this.width) return;
    const { flagged, data } = this;
    this.x = toShare(this.threshold, data.axis) * this.width;
    this.handle.style.transform = `translateX(${this.x}px)`;
    const counts = this.found ? countsAt(this.found, flagged) : null;
    this.tell(counts);
    if (counts) {
      const { hits, alarms, misses, passed } = counts;
      this.movePoint(this.roc, alarms / (alarms + passed), hits / (hits + misses), "false alarms", "found");
      this.movePoint(this.precision, hits / (hits + misses), flagged ? hits / flagged : 1, "recall", "precision");
    }
    this.paintStrips();
    this.mark();
  }

  tell(counts) {
    const { scores, flagged, data, cost } = this;
    const write = (cell, value, of) => {
      const [number, share] = cell.children;
      number.textContent = COUNT.format(value);
      share.textContent = `${of ? ((100 * value) / of).toFixed(1) : "0"} %`;
    };
    const rows = counts
      ? [[counts.hits, counts.misses], [counts.alarms, counts.passed]]
      : [[flagged, scores.length - flagged]];
    rows.forEach(([above, below], row) => {
      const [, first, second] = this.counts.rows[row].cells;
      write(first, above, above + below);
      write(second, below, above + below);
    });
    const now = `${flagged} of ${scores.length} flagged${counts ? `, ${counts.misses} missed, ${counts.alarms} false alarms` : ""}`;
    const range = { valuemin: 0, valuemax: scores.length, valuenow: flagged, valuetext: `${scoreText(this.threshold)}: ${now}` };
    for (const [name, value] of Object.entries(range)) this.handle.setAttribute(`aria-${name}`, value);
    this.root.dataset.flagged = flagged;
    if (!counts) return;
    this.slider.value = Math.max(0, data.costs.indexOf(cost));
    const priceText = cost === 1 ? "A miss costs 1 false alarm" : `A miss costs ${cost} false alarms`;
    this.price.textContent = priceText;
    this.slider.setAttribute("aria-valuetext", priceText);
    const best = this.cheapest();
    const least = countsAt(this.found, best);
    const [bill, lowest] = [counts, least].map(({ misses, alarms }) => cost * misses + alarms);
    const digits = (value) => COUNT.format(Number(value.toFixed(1)));
    const all = { 0: ", to flag none", [this.scores.length]: ", to flag all" }[flagged] ?? ""; // then no score is asked
    this.bill.textContent =
      bill <= lowest ? `Cost ${digits(bill)}: the cheapest${all}` : `Cost ${digits(bill)}; at the cheapest ${digits(lowest)}`;
    this.button.disabled = this.chosen === null || flagged === best;
  }

  // The place of (a, b) within a curve's canvas, in px.
  placeOn(canvas, [a, b]) {
    return [LEFT + a * (canvas.clientWidth - LEFT - RIGHT), TOP + (1 - b) * (PLOT - TOP)];
  }

  paintCurve(figure, curve, across, up) {
    const canvas = figure.querySelector("canvas");
    const width = canvas.clientWidth;
    const [side, tall] = [width - LEFT - RIGHT, PLOT - TOP];
    const context = fitCanvas(canvas, width, PLOT + AXIS);
    context.clearRect(0, 0, width, PLOT + AXIS);
    this.writing(context);
    context.globalAlpha = 0.25;
    context.strokeStyle = context.fillStyle;
    context.lineWidth = 1;
    context.strokeRect(LEFT + 0.5, TOP + 0.5, side - 1, tall - 1);
    context.globalAlpha = 0.8;
    context.textBaseline = "top";
    context.fillText(across, LEFT + side / 2 - context.measureText(across).width / 2, PLOT + 8);
    context.fillText("0", LEFT - 4, PLOT + 8);
    context.fillText("1", LEFT + side - 5, PLOT + 8);
    context.save();
    context.translate(LEFT - 20, TOP + tall / 2 + context.measureText(up).width / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(up, 0, 0);
    context.restore();
    context.globalAlpha = 1;
    context.beginPath();
    for (const place of curve) context.lineTo(...this.placeOn(canvas, place));
    context.strokeStyle = this.colours[1];
    context.lineWidth = 2.5;
    context.stroke();
  }

  movePoint(figure, x, y, across, up) {
    const [canvas, dot] = [figure.querySelector("canvas"), figure.querySelector(".dot")];
    const [left, top] = this.placeOn(canvas, [x, y]);
    dot.style.transform = `translate(${left}px, ${top}px)`;
    canvas.setAttribute("aria-label", `${across} ${x.toFixed(3)}, ${up} ${y.toFixed(3)}`);
  }

  paintStrips() {
    const sheet = shared().atlases.get(this.data.atlas);
    if (!sheet?.image) return;
    const wide = Math.round(Math.min(150, (TILE * sheet.width) / sheet.height));
    const tall = Math.round((wide * sheet.height) / sheet.width);
    const room = Math.floor((this.strips[0].element.clientWidth + 6) / (wide + 6));
    const { above, below } = tilesBeside(this.ranks, this.flagged, Math.min(MAX_TILES, Math.max(1, room)));
    [above, below].forEach((ranks, number) => this.fill(this.strips[number], ranks, sheet, wide, tall));
  }

  fill(strip, ranks, sheet, wide, tall) {
    const key = ranks.join();
    if (strip.key === key && strip.sheet === sheet) return;
    Object.assign(strip, { key, sheet });
    while (strip.buttons.length < ranks.length) strip.buttons.push(this.tileButton(strip));
    strip.buttons.forEach((one, i) => {
      one.button.hidden = i >= ranks.length;
      if (i >= ranks.length) return;
      one.rank = ranks[i];
      const kind = this.positive ? this.positive[one.rank] : 0;
      const tile = this.tiles[one.rank];
      fitTile(one.canvas, sheet);
      Object.assign(one.canvas.style, { width: `${wide}px`, height: `${tall}px` });
      one.button.style.setProperty("--dot", this.colours[kind]);
      paintTile(one.canvas.getContext("2d"), sheet, tile, 0, 0, sheet.width, sheet.height);
      const name = this.positive ? `${this.data.names[kind]}, ` : "";
      one.button.title = `${name}${this.data.captions[tile] ? `${this.data.captions[tile]}, ` : ""}${scoreText(this.scores[one.rank])}`;
      one.button.setAttribute("aria-label", one.button.title);
    });
  }

  tileButton(strip) {
    const button = document.createElement("button");
    const canvas = document.createElement("canvas");
    const one = { button, canvas, rank: -1 };
    button.type = "button";
    button.append(canvas);
    button.addEventListener("click", () => this.choose(one.rank));
    strip.element.append(button);
    return one;
  }

  // The charts side by side, as they stand, on the page's own ground.
  save() {
    const charts = [this.bars, ...(this.data.positive ? [this.roc, this.precision] : []).map((figure) => figure.querySelector("canvas"))];
    const gap = 20 * (globalThis.devicePixelRatio || 1);
    const width = charts.reduce((sum, chart) => sum + chart.width + gap, gap);
    const canvas = Object.assign(document.createElement("canvas"), { width, height: this.bars.height + 2 * gap });
    const context = canvas.getContext("2d");
    context.fillStyle = themeValue(this.root, "--st-background-color") || "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    let left = gap;
    const ratio = this.bars.width / this.width;
    for (const chart of charts) {
      context.drawImage(chart, left, gap);
      const dot = chart.parentElement.querySelector(".dot");
      if (dot) {
        const { e, f } = new DOMMatrix(dot.style.transform);
        context.beginPath();
        context.arc(left + e * ratio, gap + f * ratio, 7 * ratio, 0, 2 * Math.PI);
        context.fillStyle = themeValue(this.root, "--st-text-color") || "#000";
        context.fill();
      }
      left += chart.width + gap;
    }
    context.fillStyle = themeValue(this.root, "--st-text-color") || "#000";
    context.fillRect(gap + this.x * ratio - 1.5 * ratio, gap, 3 * ratio, PLOT * ratio);
    canvas.toBlob((blob) => download(blob, `threshold on ${this.data.title}.png`), "image/png");
  }

  // Maps of the group mark the flagged items that they show.
  mark() {
    const group = this.data.group && shared().mapGroups?.get(this.data.group);
    if (!group) return;
    const { marked } = tilesBeside(this.ranks, this.flagged, 0);
    const already = group.marked.length === marked && this.marks === group.marked && this.marks.ranks === this.ranks;
    if (already) return;
    this.marks = Array.from(this.ranks.subarray(0, marked), (rank) => this.tiles[rank]);
    Object.assign(this.marks, { ranks: this.ranks, flags: true });
    group.marked = this.marks;
    shared().events.dispatchEvent(new CustomEvent("latent-map", { detail: { group: group.name, what: "choice", source: this } }));
  }

  destroy() {
    this.abort.abort();
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
  }
}

export default mount(Threshold, "[data-testid='threshold']");
