// Films of trainings under one slider: planes of codes, pictures and charts follow it together, all in the browser.

const DURATION_MS = 12000; // ms from the first step to the last
const GAP = 4; // px between pictures
const PAIR = 2; // px between an item and its reconstruction
const LABEL = "Step of the training";
const NARROW = 66; // px that a tile may need to stand beside the plane; wider ones stand below it
const WIDE = 300; // px of room from which eight pictures stand in a row instead of four
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

const FILM = `<h3><span class="dot"></span><span class="label"></span><small class="at"></small></h3>
  <div class="body">
    <div class="stage"><canvas class="plane" role="img"></canvas></div>
    <div class="side">
      <div><span class="caption"></span><canvas class="pairs" role="img"></canvas></div>
      <div><span class="caption"></span><canvas class="samples" role="img"></canvas></div>
    </div>
  </div>`;
const CHART = `<h4><span class="label"></span><button type="button" class="ask" aria-expanded="false">?</button></h4>
  <p class="definition" hidden></p><div class="values"></div>
  <div class="plot"><canvas aria-hidden="true"></canvas><div class="line"></div></div>`;

// Codes as packed by Python, whole numbers of a unit for each frame -> [{xs, ys}] of the frames.
export function framesOf({ packed, units }) {
  const [frames, count] = packed.shape;
  const whole = unpack(packed);
  return Array.from({ length: frames }, (_, s) => {
    const axis = (a) => Float32Array.from({ length: count }, (_, i) => whole[2 * (s * count + i) + a] * units[s]);
    return { xs: axis(0), ys: axis(1) };
  });
}

const mix = (from, to, share) => from.map((value, i) => value + (to[i] - value) * share);

// Elements cloned from a text, with `find` to look into them.
function build(tag, name, html) {
  const box = document.createElement(tag);
  box.className = name;
  box.innerHTML = html;
  return { box, find: (selector) => box.querySelector(selector) };
}

class ReplayFilm extends Player {
  constructor(root) {
    const find = (selector) => root.querySelector(selector);
    super(root, "step", { band: find(".band"), handle: find(".handle"), button: find(".play") });
    Object.assign(this, { zoom: find(".zoom"), sheetsReady: new Sheets(), films: [], charts: [] });
    this.zoom.addEventListener("click", () => {
      this.near = !this.near;
      this.zoom.setAttribute("aria-pressed", this.near);
      this.moved(true);
    });
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(root);
  }

  // -- Data from the server: taken over whole, when all its pictures are ready to paint.

  async update(component) {
    this.component = component;
    const update = ++this.updates;
    const { films } = component.data;
    const strips = films.flatMap((film) => [film.originals, film.reconstructions, film.samples]);
    const sheets = await Promise.all(strips.map((sheet) => this.sheetsReady.load(sheet)));
    if (update === this.updates) this.adopt(component.data, sheets);
  }

  adopt(data, sheets) {
    const fresh = data.stamp !== this.data?.stamp;
    const moved = !this.data || fresh || this.movedByServer(data.step);
    this.data = data;
    this.sheetsReady.keep(sheets);
    if (fresh) {
      this.stops = stopsOf(data.films);
      this.last = this.stops.at(-1);
      this.labels = unpack(data.labels);
      this.films = data.films.map((film, i) => this.film(film, sheets.slice(3 * i, 3 * i + 3)));
      this.charts = data.charts.map((chart) => this.chart(chart));
      this.root.querySelector(".films").replaceChildren(...this.films.map(({ box }) => box));
      this.root.querySelector(".films").style.setProperty("--films", this.films.length);
      this.root.querySelector(".charts").replaceChildren(...this.charts.map(({ box }) => box));
      this.root.hidden = false;
      this.handle.setAttribute("aria-label", LABEL);
      this.root.setAttribute("aria-label", LABEL);
      this.handle.setAttribute("aria-valuemin", 0);
      this.handle.setAttribute("aria-valuemax", this.last);
    }
    if (moved && !this.busy) this.t = placeOf(this.stops[nearestStop(this.stops, placeOf(data.step, this.last))], this.last);
    this.resize();
  }

  film(data, [originals, reconstructions, samples]) {
    const { box, find } = build("section", "film", FILM);
    box.style.setProperty("--accent", data.accent);
    box.setAttribute("aria-label", data.label);
    find(".label").textContent = data.label;
    const names = [`${data.label}: ${this.data.captions[0]}`, `${data.label}: ${this.data.captions[1]}`];
    box.querySelectorAll(".caption").forEach((caption, i) => (caption.textContent = this.data.captions[i]));
    find(".plane").setAttribute("aria-label", `${data.label}: the plane of its codes`);
    find(".pairs").setAttribute("aria-label", names[0]);
    find(".samples").setAttribute("aria-label", names[1]);
    const frames = framesOf(data.places);
    for (const frame of frames) {
      frame.middles = middles(frame.xs, frame.ys, this.labels);
      frame.box = boxOf(frame.xs, frame.ys);
    }
    const places = data.steps.map((step) => placeOf(step, this.last));
    const [plane, pairs, tiles] = [find(".plane"), find(".pairs"), find(".samples")];
    const whole = around([...frames.map((frame) => frame.box), [-1, 1, -1, 1]]);
    return { data, box, frames, places, plane, pairs, tiles, whole, originals, reconstructions, samples, at: find(".at") };
  }

  chart(data) {
    const { box, find } = build("section", "chart", CHART);
    const [ask, definition] = [find(".ask"), find(".definition")];
    box.setAttribute("aria-label", data.title);
    find(".label").textContent = data.title;
    definition.textContent = data.definition;
    ask.setAttribute("aria-label", `What is ${data.title}?`);
    ask.addEventListener("click", () => {
      definition.hidden = !definition.hidden;
      ask.setAttribute("aria-expanded", !definition.hidden);
    });
    const values = data.lines.map(({ label, accent, dashed, steps }) => {
      const { box: item, find: inside } = build("span", dashed ? "dashed" : "", "<i></i><span class='who'></span><b></b>");
      item.style.setProperty("--accent", accent);
      inside(".who").textContent = label;
      find(".values").append(item);
      return { text: inside("b"), places: steps.map((step) => placeOf(step, this.last)) };
    });
    return { data, box, values, canvas: find("canvas"), line: find(".line") };
  }

  // -- Sizes and colours: all is painted anew.

  resize() {
    if (!this.data || !this.root.clientWidth) return;
    const theme = (name) => themeValue(this.root, name);
    const ground = theme("--st-background-color");
    const painted = getComputedStyle(this.root.querySelector(".rail")).backgroundColor;
    const quiet = getComputedStyle(this.root.querySelector(".marks")).getPropertyValue("color");
    this.look = { ink: theme("--st-text-color"), ground, line: painted, quiet, font: theme("--st-font") || "sans-serif" };
    this.look.colours = this.data.colours.map((colour) => legible(colour, ground, 2));
    this.legend();
    this.scale();
    this.root.classList.toggle("wide", this.films.some(({ originals }) => readableWidth(0, Infinity, originals) > NARROW));
    for (const { data, canvas } of this.charts) {
      const [width, height] = [canvas.clientWidth, canvas.clientHeight];
      const colours = data.lines.map(({ accent }) => legible(accent, theme("--st-secondary-background-color"), 2.5));
      const place = (step) => placeOf(step, this.last);
      paintChart(fitCanvas(canvas, width, height), data, { ...this.look, width, height, place, colours });
    }
    this.moved(true);
  }

  legend() {
    const item = (name, kind, colour) => {
      const { box, find } = build("li", kind, "<i></i><span></span>");
      box.style.setProperty("--dot", colour);
      find("span").textContent = name;
      return box;
    };
    const items = this.data.names.map((name, label) => item(name, "", this.look.colours[label]));
    this.root.querySelector(".classes").replaceChildren(...items, item(this.data.ring.name, "ring", this.look.quiet));
  }

  scale() {
    const width = this.band.clientWidth;
    const marks = decades(this.last).map((step) => {
      const { box, find } = build("span", "", "<i></i><b></b>");
      const x = `${toPixel(placeOf(step, this.last), width)}px`;
      find("i").style.left = find("b").style.left = x;
      find("b").textContent = grouped(step);
      return box;
    });
    this.root.querySelector(".marks").replaceChildren(...marks);
  }

  // -- What follows the hand.

  // Between two frames points glide while something moves by itself or by the hand, so that the eye can follow them.
  get live() {
    return Boolean(this.drag || this.playing) && !calm();
  }

  moved(always) {
    const step = this.value();
    this.handle.style.transform = `translateX(${toPixel(this.t, this.band.clientWidth)}px)`;
    if (step !== this.announced || always) {
      this.announced = step;
      const text = `step ${grouped(step)} of ${grouped(this.last)}`;
      this.root.querySelector(".now").textContent = `step ${grouped(step)}`;
      this.handle.setAttribute("aria-valuenow", step);
      this.handle.setAttribute("aria-valuetext", text);
    }
    const place = placeOf(step, this.last);
    for (const film of this.films) this.show(film, place, always);
    for (const chart of this.charts) this.read(chart, place);
  }

  // Pictures and numbers are those of the recorded step nearest the handle, at `place`; points may be on their way.
  show(film, place, always) {
    const { frame } = frameAt(film.places, place);
    if (film.frame !== frame || always) {
      film.frame = frame;
      film.at.textContent = `recorded at step ${grouped(film.data.steps[frame])}`;
      film.box.dataset.step = film.data.steps[frame];
      this.paintPairs(film, frame);
      this.paintSamples(film, frame);
    }
    const glide = this.live ? frameAt(film.places, this.t) : { frame, share: 0 };
    this.paintPlane(film, glide.frame, glide.share); // last: the pictures beside it make it as tall as they are
  }

  paintPlane(film, frame, share) {
    const [from, to] = [film.frames[frame], film.frames[share ? frame + 1 : frame]];
    const [width, height] = [film.plane.clientWidth, film.plane.clientHeight];
    const view = this.near
      ? viewBetween(viewOf(from.box, width, height), viewOf(to.box, width, height), share)
      : viewOf(film.whole, width, height);
    const between = share
      ? {
          xs: mix(from.xs, to.xs, share),
          ys: mix(from.ys, to.ys, share),
          middles: new Map([...from.middles].map(([label, place]) => [label, mix(place, to.middles.get(label), share)])),
        }
      : from;
    const { names, ring } = this.data;
    const scene = { ...this.look, ...between, view, width, height, labels: this.labels, names, ring: ring.radius };
    paintPlane(fitCanvas(film.plane, width, height), scene);
  }

  paintPairs(film, frame) {
    const { originals, reconstructions } = film;
    const { context, columns, cell, tall } = this.ready(film.pairs, originals, 2, PAIR);
    for (let i = 0; i < originals.count; i++) {
      const [x, y] = [(i % columns) * (cell + GAP), Math.floor(i / columns) * (2 * tall + PAIR + GAP)];
      paintTile(context, originals, i, x, y, cell, tall);
      paintTile(context, reconstructions, frame * originals.count + i, x, y + tall + PAIR, cell, tall);
    }
  }

  paintSamples(film, frame) {
    const { samples } = film;
    const count = samples.count / film.frames.length;
    const { context, columns, cell, tall } = this.ready(film.tiles, { ...samples, count }, 1, 0);
    for (let i = 0; i < count; i++) {
      const [x, y] = [(i % columns) * (cell + GAP), Math.floor(i / columns) * (tall + GAP)];
      paintTile(context, samples, frame * count + i, x, y, cell, tall);
    }
  }

  // A canvas as tall as its tiles need, `high` of them above one another in a row.
  ready(canvas, { count, width: tileWidth, height: tileHeight }, high, between) {
    const width = canvas.clientWidth;
    const least = readableWidth(0, Infinity, { width: tileWidth, height: tileHeight });
    const columns = Math.min(width >= WIDE ? 8 : 4, Math.max(1, Math.floor(width / Math.max(1, least))));
    const cell = (width - (columns - 1) * GAP) / columns;
    const tall = (cell * tileHeight) / tileWidth;
    const rows = Math.ceil(count / columns);
    const height = rows * (high * tall + (high - 1) * between) + (rows - 1) * GAP;
    canvas.style.height = `${height}px`;
    const context = fitCanvas(canvas, width, height);
    context.clearRect(0, 0, width, height);
    return { context, columns, cell, tall };
  }

  read({ data, values, canvas, line }, place) {
    line.style.transform = `translateX(${chartPixel(this.t, canvas.clientWidth)}px)`;
    values.forEach(({ text, places }, i) => {
      const words = data.lines[i].texts[frameAt(places, place).frame];
      if (text.textContent !== words) text.textContent = words;
    });
  }

  // -- What the player asks.

  toPixel = (t, width) => toPixel(t, width);
  toT = (x, width) => toT(x, width);
  phase = () => (this.t >= 1 ? 0 : this.t * DURATION_MS);
  tAt = (phase) => Math.min(1, phase / DURATION_MS);
  over = (phase) => phase >= DURATION_MS;
  value = () => this.stops[nearestStop(this.stops, this.t)];

  target(key) {
    const stop = keyStop(key, nearestStop(this.stops, this.t), this.stops.length);
    return stop === null ? null : placeOf(this.stops[stop], this.last);
  }

  // The handle rests on a recorded step, and the points where that frame has them.
  settle() {
    this.t = placeOf(this.value(), this.last);
    this.moved();
  }

  destroy() {
    super.destroy();
    this.observer.disconnect();
  }
}

export default mount(ReplayFilm, "[data-testid='replay-film']");
