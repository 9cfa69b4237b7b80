// A pad in the place of the item: what is drawn goes through the networks at every step of the hand, in this tab.

import { fitCanvas } from "../js/common.js";
import { stepsOf } from "../js/live.js";
import { paintStrokes, pictureOf } from "../draw_pad/painting.js";
import { paintItem } from "./painting.js";
import { UNIT, addPoint, cleared, stepped, undone, visible } from "../draw_pad/strokes.js";

/**
 * @typedef {import("../draw_pad/strokes.js").Stroke} Stroke
 * @typedef {import("../draw_pad/painting.js").Draws & { kept: boolean }} Draws `kept`: whether the item is one that was
 *   drawn before.
 */

const WIDTH = 85; // of a stroke, as on the drawing pad

export class Pad {
  /**
   * @param {HTMLCanvasElement} ink
   * @param {(item: Float32Array | null, resting: boolean) => void} changed hears of the picture, null where nothing is
   *   drawn, and whether the hand rests
   */
  constructor(ink, changed) {
    this.ink = ink;
    this.changed = changed;
    /** @type {Draws | null} */
    this.draws = null;
    /** @type {Stroke[]} */
    this.strokes = [];
    /** @type {Stroke | null} */
    this.stroke = null;
    this.pen = [UNIT / 2, UNIT / 2];
    this.keyed = false;
    this.resting = false;
    this.side = 0; // px of the width
    this.layer = document.createElement("canvas");
    /** @type {HTMLCanvasElement | null} */
    this.before = null; // what was drawn before: seen until a stroke begins another
    this.frame = 0;
    ink.onpointerdown = (event) => this.down(event);
    ink.onpointermove = (event) => this.move(event);
    ink.onpointerup = ink.onpointercancel = ink.onlostpointercapture = () => this.up();
    ink.onkeydown = (event) => this.key(event);
    ink.onblur = () => {
      this.keyed = false;
      this.up();
    };
  }

  /**
   * @param {Draws | null} draws
   * @param {boolean} fresh whether another drawing is known than this pad's
   */
  update(draws, fresh) {
    this.draws = draws;
    if (fresh && !this.stroke) this.strokes = [];
  }

  /**
   * Lay a picture that was drawn before under the pad; null for none.
   * @param {import("./network_view.js").Looks} looks
   * @param {Float32Array | null} values
   * @param {import("../js/theme.js").Theme} theme
   */
  lay(looks, values, theme) {
    this.before = values && document.createElement("canvas");
    const side = this.side;
    if (this.before && values && this.draws)
      paintItem(
        this.before,
        looks,
        values,
        this.draws.shape,
        { width: side, height: (side * this.height) / UNIT },
        theme,
      );
    this.paint();
  }

  get height() {
    return this.draws ? (UNIT * this.draws.shape[0]) / this.draws.shape[1] : UNIT;
  }

  get ground() {
    return this.draws?.colour ? "#ffffff" : "#000000";
  }

  // Everything drawn so far.
  get all() {
    return this.stroke ? [...this.strokes, this.stroke] : this.strokes;
  }

  get empty() {
    return !this.stroke && !visible(this.strokes).length;
  }

  // Whether nothing is to be seen, of this drawing or of one before.
  get blank() {
    return this.empty && !this.seesBefore;
  }

  get seesBefore() {
    return Boolean(this.draws?.kept) && !this.stroke && !this.strokes.length;
  }

  /** @param {number} side */
  resize(side) {
    this.side = side;
    this.paint();
  }

  /** @param {PointerEvent} event */
  place(event) {
    const box = this.ink.getBoundingClientRect();
    return [((event.clientX - box.left) * UNIT) / box.width, ((event.clientY - box.top) * UNIT) / box.width];
  }

  begin() {
    const colour = this.draws?.colour ? "#222222" : "#ffffff";
    this.stroke = { tool: "brush", size: WIDTH, colour, points: [] };
    addPoint(this.stroke.points, this.pen[0], this.pen[1]);
    this.change();
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0 || !event.isPrimary || this.stroke) return;
    this.ink.setPointerCapture(event.pointerId);
    this.pen = this.place(event);
    this.begin();
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (!this.stroke || this.keyed) return;
    for (const step of stepsOf(event)) {
      this.pen = this.place(step);
      addPoint(this.stroke.points, this.pen[0], this.pen[1]);
    }
    this.change();
  }

  up() {
    if (!this.stroke || this.keyed) return;
    this.strokes = this.all;
    this.stroke = null;
    this.change(true);
  }

  /** @param {"undo" | "clear"} action */
  act(action) {
    this.strokes = action === "undo" ? undone(this.strokes) : cleared(this.strokes);
    this.change(true);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const pen = stepped(this.pen, event.key, event.shiftKey, this.height);
    if (pen) {
      this.pen = pen;
      if (this.stroke) addPoint(this.stroke.points, pen[0], pen[1]);
      this.change();
    } else if (event.key === " ") {
      const drawing = this.stroke !== null;
      this.keyed = false;
      if (drawing) this.up();
      else this.begin();
      this.keyed = !drawing;
    } else if (event.key === "Delete" || event.key === "Backspace") this.act("clear");
    else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) this.act("undo");
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // At most once a frame: what the hand did meanwhile goes together.
  change(resting = false) {
    this.resting ||= resting;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.paint();
      const rests = this.resting;
      this.resting = false;
      this.changed(this.picture(), rests);
    });
  }

  // The picture that a network sees of the drawing, (C, H, W); null where nothing is drawn.
  picture() {
    return this.draws && pictureOf(this.layer, this, this.all, this.draws);
  }

  paint() {
    if (!this.draws || !this.side) return;
    const [width, height] = [this.side, (this.side * this.height) / UNIT];
    Object.assign(this.ink.style, { width: `${width}px`, height: `${height}px` });
    const context = fitCanvas(this.ink, width, height);
    paintStrokes(context, this, this.all, width);
    if (this.before && this.seesBefore) {
      context.imageSmoothingEnabled = false;
      context.drawImage(this.before, 0, 0, width, height);
    }
    if (!this.ink.matches(":focus-visible")) return;
    const [x, y] = this.pen.map((at) => (at * width) / UNIT);
    Object.assign(context, { strokeStyle: this.draws.colour ? "#000" : "#fff", lineWidth: 1.25 });
    context.beginPath();
    context.arc(x, y, (WIDTH * width) / UNIT / 2, 0, 2 * Math.PI);
    context.stroke();
  }

  destroy() {
    cancelAnimationFrame(this.frame);
  }
}
