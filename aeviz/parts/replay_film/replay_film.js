// Films of trainings under one slider: planes of codes, pictures and charts follow it together, all in the browser.

import { chartPixel, paintChart } from "../js/charts.js";
import { classColours, css, legibleText, rgb } from "../js/colours.js";
import { LOW_SCREEN, calm, clamp, finder, fitCanvas, grouped, later, mounting, unpack } from "../js/common.js";
import { Player } from "../js/player.js";
import { centres } from "../js/points.js";
import { Sheets, paintTile, readableWidth } from "../js/sheets.js";
import { between, fit } from "../js/view.js";
import { around, coreBox, paintPlane } from "./plane.js";
import {
  along,
  decades,
  frameAt,
  keyStop,
  nearestStop,
  pathOf,
  placeOf,
  schedule,
  stopsOf,
  toPixel,
  toT,
} from "./timeline.js";

/**
 * @typedef {import("../js/common.js").Packed} Packed
 * @typedef {import("../js/sheets.js").Sheet} Sheet
 * @typedef {ReturnType<ReplayFilm["film"]>} Film
 * @typedef {Pick<import("../js/sheets.js").GroundedSheet, "count" | "width" | "height">} Tiles
 *
 * @typedef {object} FilmData A training.
 * @property {string} label
 * @property {string} accent
 * @property {number[]} steps at which frames were recorded
 * @property {{ packed: Packed, units: number[] }} places codes of each frame as whole numbers of its unit
 * @property {Sheet} originals
 * @property {Sheet} reconstructions a row of tiles for each frame
 * @property {Sheet} samples a row of tiles for each frame
 *
 * @typedef {object} LineData
 * @property {string} label
 * @property {string} accent
 * @property {number[]} steps
 * @property {(number | null)[]} values
 * @property {string[]} texts of the values
 * @property {boolean} dashed
 *
 * @typedef {object} ChartData
 * @property {string} title
 * @property {string} definition of the values
 * @property {boolean} log whether the vertical axis is logarithmic
 * @property {{ value: number, name: string } | null} reference
 * @property {LineData[]} lines
 *
 * @typedef {object} Data
 * @property {FilmData[]} films side by side
 * @property {ChartData[]} charts below them
 * @property {Packed} labels class of each code
 * @property {string[]} names of the classes
 * @property {string[]} colours of the classes
 * @property {string[]} captions above the reconstructions and above the samples
 * @property {{ radius: number, name: string }} ring a circle round the origin
 * @property {number} step where the handle stands
 * @property {number} stamp names all but the step
 *
 * @typedef {object} Events
 * @property {number} step the recorded step at which the handle rests
 */

const DURATION_MS = 12000; // ms from the first step to the last
const PADDING = 26; // px kept free round the codes
const GAP = 4; // px between pictures
const PAIR = 2; // px between an item and its reconstruction
const LABEL = "Step of the training";
const NARROW = 66; // px that a tile may need to stand beside the plane; wider ones stand below it
const ABOVE = 286; // px of a page above its films, at most: where they stand far down, one scrolls to them
const LEAST_PLANE = 220; // px that the plane of codes is tall at least
const MOST_PLANE = 340; // px, as in replay_film.css, beside pictures and where there is room for it above them
const AROUND = 12; // px between a caption, its pictures and the next
const WIDE = 300; // px of room from which eight pictures stand in a row instead of four

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

/**
 * At which step a frame was recorded; where the handle is behind the last one, that the training ended there.
 * @param {number[]} steps
 * @param {number} frame
 * @param {boolean} isBehind
 */
export function recordedAt(steps, frame, isBehind) {
  const step = grouped(steps[frame]);
  return isBehind ? `its training ended at step ${step}` : `recorded at step ${step}`;
}

/**
 * Codes as packed by Python, whole numbers of a unit for each frame -> [{xs, ys}] of the frames.
 * @param {FilmData["places"]} places
 */
export function framesOf({ packed, units }) {
  const [frames, count] = packed.shape;
  const whole = unpack(packed);
  return Array.from({ length: frames }, (_, s) => {
    const axis = (/** @type {number} */ a) =>
      Float32Array.from({ length: count }, (_, i) => whole[2 * (s * count + i) + a] * units[s]);
    return { xs: axis(0), ys: axis(1) };
  });
}

/**
 * How many rows of pairs and of draws stand in `room` px: one of each at least, pairs in half of it, or in what draws
 * leave.
 * @param {number} room
 * @param {{ rows: number, step: number }} pairs rows that there are, and px of each with its gap
 * @param {{ rows: number, step: number }} draws
 */
export function rowsIn(room, pairs, draws) {
  /**
   * @param {{ rows: number, step: number }} all
   * @param {number} room
   */
  const fitting = ({ rows, step }, room) => Math.min(rows, Math.max(1, Math.floor(room / step)));
  const above = fitting(pairs, Math.max(room / 2, room - draws.rows * draws.step));
  return { pairs: above, draws: fitting(draws, room - above * pairs.step) };
}

/**
 * How far below the top of the page an element stands, px, wherever the page is scrolled to.
 * @param {HTMLElement} element
 */
function topOf(element) {
  let top = element.getBoundingClientRect().top;
  /** @type {any} */
  let box = element;
  for (; box; box = box.parentElement ?? box.getRootNode().host) top += box.scrollTop;
  return top;
}

/**
 * The middle of each class: {label: [x, y]}, by label.
 * @param {{ xs: Float32Array, ys: Float32Array }} frame
 * @param {import("../js/common.js").Typed} labels
 */
function middlesOf({ xs, ys }, labels) {
  const middles = centres(xs, ys, labels).sort((a, b) => a.label - b.label);
  return new Map(middles.map(({ label, x, y }) => [label, [x, y]]));
}

/**
 * @template {number[] | Float32Array} T
 * @param {T} from
 * @param {ArrayLike<number>} to
 * @param {number} share
 * @returns {T}
 */
const mix = (from, to, share) =>
  /** @type {any} */ (from).map(
    (/** @type {number} */ value, /** @type {number} */ i) => value + (to[i] - value) * share,
  );

/**
 * Elements cloned from a text, with `find` to look into them.
 * @param {string} tag
 * @param {string} name
 * @param {string} html
 */
function build(tag, name, html) {
  const box = document.createElement(tag);
  box.className = name;
  box.innerHTML = html;
  return { box, find: finder(box) };
}

class ReplayFilm extends Player {
  /** @param {Omit<import("../js/common.js").Host<Data, Events>, "data">} host */
  constructor(host) {
    const { root } = host;
    const find = finder(root);
    super(host, "step", { band: find(".band"), handle: find(".handle"), button: find(".play") });
    this.find = find;
    /** @type {Data} */
    this.data = later;
    /** @type {number[]} */
    this.stops = later;
    /** @type {number[]} */
    this.stopPlaces = later;
    /** @type {number[]} */
    this.times = later; // when the play reaches each of them
    this.last = 0; // step
    /** @type {import("../js/common.js").Typed} */
    this.labels = later;
    this.near = false; // whether planes are zoomed to the codes
    /** @type {number | null} */
    this.announced = null;
    /** @type {Omit<import("../js/charts.js").Look, "width" | "height" | "place"> & { ink: string, ground: string }} */
    this.look = later;
    this.zoom = find(".zoom");
    this.sheetsReady = new Sheets();
    /** @type {ReturnType<ReplayFilm["film"]>[]} */
    this.films = [];
    /** @type {ReturnType<ReplayFilm["chart"]>[]} */
    this.charts = [];
    this.zoom.addEventListener("click", () => {
      this.near = !this.near;
      this.zoom.setAttribute("aria-pressed", this.near);
      this.moved(true);
    });
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(root);
    this.abort = new AbortController();
    addEventListener("resize", () => this.resize(), { signal: this.abort.signal }); // of the height alone, too
  }

  // -- Data from the server: taken over whole, when all its pictures are ready to paint.

  /** @param {Data} data */
  async update(data) {
    const update = ++this.updates;
    const { films } = data;
    const strips = films.flatMap((film) => [film.originals, film.reconstructions, film.samples]);
    const sheets = await Promise.all(strips.map((sheet) => this.sheetsReady.load(sheet)));
    if (update === this.updates) this.adopt(data, sheets);
  }

  /**
   * @param {Data} data
   * @param {import("../js/sheets.js").GroundedSheet[]} sheets
   */
  adopt(data, sheets) {
    const fresh = data.stamp !== this.data?.stamp;
    const moved = this.commits.hear(data.step) || fresh;
    this.data = data;
    this.hasData = true;
    this.sheetsReady.keep(sheets);
    if (fresh) {
      this.stops = stopsOf(data.films);
      this.last = this.stops[this.stops.length - 1];
      this.labels = unpack(data.labels);
      this.films = data.films.map((film, i) => this.film(film, sheets.slice(3 * i, 3 * i + 3)));
      this.stopPlaces = this.stops.map((step) => placeOf(step, this.last));
      this.times = schedule(this.stopPlaces, this.films);
      this.charts = data.charts.map((chart) => this.chart(chart));
      this.find(".films").replaceChildren(...this.films.map(({ box }) => box));
      this.find(".films").style.setProperty("--films", this.films.length);
      this.find(".charts").replaceChildren(...this.charts.map(({ box }) => box));
      this.root.hidden = false;
      this.handle.setAttribute("aria-label", LABEL);
      this.root.setAttribute("aria-label", LABEL);
      this.handle.setAttribute("aria-valuemin", String(0));
      this.handle.setAttribute("aria-valuemax", String(this.last));
    }
    if (moved && !this.busy)
      this.t = placeOf(this.stops[nearestStop(this.stops, placeOf(data.step, this.last))], this.last);
    this.resize();
  }

  /**
   * @param {FilmData} data
   * @param {import("../js/sheets.js").GroundedSheet[]} sheets
   */
  film(data, [originals, reconstructions, samples]) {
    const { box, find } = build("section", "film", FILM);
    const captions = [...box.querySelectorAll(".caption")].map((caption) => /** @type {HTMLElement} */ (caption));
    box.style.setProperty("--accent", data.accent);
    box.setAttribute("aria-label", data.label);
    find(".label").textContent = data.label;
    const names = [`${data.label}: ${this.data.captions[0]}`, `${data.label}: ${this.data.captions[1]}`];
    captions.forEach((caption, i) => (caption.textContent = this.data.captions[i]));
    find(".plane").setAttribute("aria-label", `${data.label}: the plane of its codes`);
    find(".pairs").setAttribute("aria-label", names[0]);
    find(".samples").setAttribute("aria-label", names[1]);
    const frames = framesOf(data.places).map(({ xs, ys }) => {
      return { xs, ys, middles: middlesOf({ xs, ys }, this.labels), box: coreBox(xs, ys) };
    });
    const places = data.steps.map((step) => placeOf(step, this.last));
    const [plane, pairs, tiles] = [find(".plane"), find(".pairs"), find(".samples")];
    const whole = around([...frames.map((frame) => frame.box), [-1, 1, -1, 1]]);
    return {
      frame: -1, // that is shown
      data,
      box,
      body: find(".body"),
      stage: find(".stage"),
      captions,
      frames,
      places,
      path: pathOf(frames, Math.max(whole[1] - whole[0], whole[3] - whole[2])),
      plane,
      pairs,
      tiles,
      shown: { pairs: Infinity, draws: Infinity }, // rows of them at most
      whole,
      originals,
      reconstructions,
      samples,
      at: find(".at"),
    };
  }

  /** @param {ChartData} data */
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
      const { box: item, find: inside } = build(
        "span",
        dashed ? "dashed" : "",
        "<i></i><span class='who'></span><b></b>",
      );
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
    const theme = this.theme();
    const { ground } = theme;
    const painted = getComputedStyle(this.find(".rail")).backgroundColor;
    const quiet = getComputedStyle(this.find(".marks")).getPropertyValue("color");
    const colours = classColours(this.data.colours, rgb(ground)).map((colour) => css(colour));
    this.look = { ink: theme.text, ground, line: painted, quiet, font: theme.font || "sans-serif", colours };
    this.legend();
    this.scale();
    this.root.classList.toggle(
      "wide",
      this.films.some(({ originals }) => readableWidth(0, Infinity, originals) > NARROW),
    );
    const room = globalThis.innerHeight - Math.min(ABOVE, topOf(this.find(".films")));
    for (const film of this.films) this.arrange(film, room);
    for (const { data, canvas } of this.charts) {
      const [width, height] = [canvas.clientWidth, canvas.clientHeight];
      const colours = data.lines.map(({ accent }) => legibleText(accent, theme.panel, 2.5));
      /** @param {number} step */
      const place = (step) => placeOf(step, this.last);
      paintChart(fitCanvas(canvas, width, height), data, { ...this.look, width, height, place, colours });
    }
    this.moved(true);
  }

  /**
   * On a low screen a film is no taller than there is room for: fewer of its pictures are shown, above them a lower plane.
   * @param {Film} film
   * @param {number} whole px
   */
  arrange(film, whole) {
    const { box, body, stage, captions, pairs, tiles, originals } = film;
    film.shown = { pairs: Infinity, draws: Infinity };
    stage.style.minHeight = "";
    if (!matchMedia(LOW_SCREEN).matches) return;
    const [above, below] = [this.laid(pairs, originals, 2, PAIR), this.laid(tiles, this.drawn(film), 1, 0)];
    const isBelow = !this.beside(film);
    const words = captions.reduce((sum, { offsetHeight }) => sum + offsetHeight + AROUND, 0);
    const room = whole - (box.offsetHeight - body.offsetHeight) - words;
    film.shown = rowsIn(isBelow ? room - LEAST_PLANE : Math.max(room, MOST_PLANE - words), above, below);
    const used = film.shown.pairs * above.step + film.shown.draws * below.step;
    if (isBelow) stage.style.minHeight = `${clamp(room - used, LEAST_PLANE, MOST_PLANE)}px`;
  }

  /**
   * Whether a film's pictures stand beside its plane.
   * @param {Film} film
   */
  beside({ plane, pairs }) {
    return plane.getBoundingClientRect().right <= pairs.getBoundingClientRect().left;
  }

  /**
   * The draws of one frame.
   * @param {Film} film
   */
  drawn({ samples, frames }) {
    return { ...samples, count: samples.count / frames.length };
  }

  legend() {
    /**
     * @param {string} name
     * @param {string} kind
     * @param {string} colour
     */
    const item = (name, kind, colour) => {
      const { box, find } = build("li", kind, "<i></i><span></span>");
      box.style.setProperty("--dot", colour);
      find("span").textContent = name;
      return box;
    };
    const items = this.data.names.map((name, label) => item(name, "", this.look.colours[label]));
    this.find(".classes").replaceChildren(...items, item(this.data.ring.name, "ring", this.look.quiet));
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
    this.find(".marks").replaceChildren(...marks);
  }

  // -- What follows the hand.

  // Between two frames points glide while something moves by itself or by the hand, so that the eye can follow them.
  get live() {
    return Boolean(this.drag.held || this.playing) && !calm();
  }

  /** @param {boolean} [always] */
  moved(always) {
    const step = this.value();
    this.handle.style.transform = `translateX(${toPixel(this.t, this.band.clientWidth)}px)`;
    if (step !== this.announced || always) {
      this.announced = step;
      const text = `step ${grouped(step)} of ${grouped(this.last)}`;
      this.find(".now").textContent = `step ${grouped(step)}`;
      this.handle.setAttribute("aria-valuenow", String(step));
      this.handle.setAttribute("aria-valuetext", text);
    }
    const place = placeOf(step, this.last);
    for (const film of this.films) this.show(film, place, always);
    for (const chart of this.charts) this.read(chart, place);
  }

  /**
   * Pictures and numbers are those of the recorded step nearest the handle, at `place`; points may be on their way.
   * @param {Film} film
   * @param {number} place
   * @param {boolean} [always]
   */
  show(film, place, always) {
    const { frame } = frameAt(film.places, place);
    film.at.textContent = recordedAt(film.data.steps, frame, place > film.places[film.places.length - 1]);
    if (film.frame !== frame || always) {
      film.frame = frame;
      film.box.dataset.step = String(film.data.steps[frame]);
      this.paintPairs(film, frame);
      this.paintSamples(film, frame);
    }
    const glide = this.live ? frameAt(film.places, this.t) : { frame, share: 0 };
    this.paintPlane(film, glide.frame, glide.share); // last: the pictures beside it make it as tall as they are
  }

  /**
   * @param {Film} film
   * @param {number} frame
   * @param {number} share
   */
  paintPlane(film, frame, share) {
    const [from, to] = [film.frames[frame], film.frames[share ? frame + 1 : frame]];
    const [width, height] = [film.plane.clientWidth, film.plane.clientHeight];
    const view = this.near
      ? between(fit(from.box, width, height, PADDING), fit(to.box, width, height, PADDING), share)
      : fit(film.whole, width, height, PADDING);
    const glided = share
      ? {
          xs: mix(from.xs, to.xs, share),
          ys: mix(from.ys, to.ys, share),
          middles: new Map(
            [...from.middles].map(([label, place]) => [label, mix(place, to.middles.get(label) ?? place, share)]),
          ),
        }
      : from;
    const { names, ring } = this.data;
    const scene = { ...this.look, ...glided, view, width, height, labels: this.labels, names, ring: ring.radius };
    paintPlane(fitCanvas(film.plane, width, height), scene);
  }

  /**
   * @param {Film} film
   * @param {number} frame
   */
  paintPairs(film, frame) {
    const { originals, reconstructions } = film;
    const { context, columns, cell, tall, count } = this.sized(film.pairs, originals, 2, PAIR, film.shown.pairs);
    for (let i = 0; i < count; i++) {
      const [x, y] = [(i % columns) * (cell + GAP), Math.floor(i / columns) * (2 * tall + PAIR + GAP)];
      paintTile(context, originals, i, x, y, cell, tall);
      paintTile(context, reconstructions, frame * originals.count + i, x, y + tall + PAIR, cell, tall);
    }
  }

  /**
   * @param {Film} film
   * @param {number} frame
   */
  paintSamples(film, frame) {
    const draws = this.drawn(film);
    const { context, columns, cell, tall, count } = this.sized(film.tiles, draws, 1, 0, film.shown.draws);
    for (let i = 0; i < count; i++) {
      const [x, y] = [(i % columns) * (cell + GAP), Math.floor(i / columns) * (tall + GAP)];
      paintTile(context, film.samples, frame * draws.count + i, x, y, cell, tall);
    }
  }

  /**
   * How tiles stand in a canvas, `high` of them above one another in each row.
   * @param {HTMLCanvasElement} canvas
   * @param {Tiles} sheet
   * @param {number} high
   * @param {number} between
   */
  laid(canvas, { count, width: tileWidth, height: tileHeight }, high, between) {
    const width = canvas.clientWidth;
    const least = readableWidth(0, Infinity, { width: tileWidth, height: tileHeight });
    const columns = Math.min(width >= WIDE ? 8 : 4, Math.max(1, Math.floor(width / Math.max(1, least))));
    const cell = (width - (columns - 1) * GAP) / columns;
    const tall = (cell * tileHeight) / tileWidth;
    return {
      width,
      columns,
      cell,
      tall,
      rows: Math.ceil(count / columns),
      step: high * (tall + between) - between + GAP,
    };
  }

  /**
   * A canvas as tall as its tiles need, of which `most` rows are shown.
   * @param {HTMLCanvasElement} canvas
   * @param {Tiles} sheet
   * @param {number} high
   * @param {number} between
   * @param {number} most
   */
  sized(canvas, sheet, high, between, most) {
    const laid = this.laid(canvas, sheet, high, between);
    const { width, columns, step } = laid;
    const rows = Math.min(laid.rows, most);
    const height = rows * step - GAP;
    canvas.style.height = `${height}px`;
    canvas.dataset.tile = String(Math.round(laid.cell));
    const context = fitCanvas(canvas, width, height);
    context.clearRect(0, 0, width, height);
    return { ...laid, context, count: Math.min(sheet.count, rows * columns) };
  }

  /**
   * @param {ReturnType<ReplayFilm["chart"]>} chart
   * @param {number} place
   */
  read({ data, values, canvas, line }, place) {
    line.style.transform = `translateX(${chartPixel(this.t, canvas.clientWidth)}px)`;
    values.forEach(({ text, places }, i) => {
      const words = data.lines[i].texts[frameAt(places, place).frame];
      if (text.textContent !== words) text.textContent = words;
    });
  }

  // -- What the player asks.

  /**
   * @param {number} t
   * @param {number} width
   */
  toPixel = (t, width) => toPixel(t, width);
  /**
   * @param {number} x
   * @param {number} width
   */
  toT = (x, width) => toT(x, width);
  phase = () => (this.t >= 1 ? 0 : along(this.stopPlaces, this.times, this.t) * DURATION_MS);
  /** @param {number} phase */
  tAt = (phase) => (phase >= DURATION_MS ? 1 : along(this.times, this.stopPlaces, phase / DURATION_MS));
  /** @param {number} phase */
  over = (phase) => phase >= DURATION_MS;
  value = () => this.stops[nearestStop(this.stops, this.t)];

  /** @param {string} key */
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
    this.abort.abort();
  }
}

export const mount = mounting(ReplayFilm);
