// Points in three dimensions as a hand turns them: from where they are seen, where they fall on the screen, and which lie
// before others.

/**
 * @typedef {import("../js/common.js").Numbers} Numbers
 * @typedef {readonly [x: number, y: number, z: number]} Place
 * @typedef {{ right: Place, up: Place, towards: Place }} Pose Unit vectors: where the screen's right and top lie, and the
 *   eye.
 * @typedef {{ pose: Pose, zoom: number, aside: [x: number, y: number] }} Seen zoom: how many times larger than at first;
 *   aside: what stands in the middle of the screen, in units of the points from their own middle.
 */

const USUAL_EYE = /** @type {const} */ ([1.25, 1.25, 1.25]); // plotly's
const BANDS = 256; // of depth, by which points are put in order
const WITHIN = 0.995; // of the points have room on the screen, however they are turned: a few strays would take it all
export const FADES = 4; // steps by which what is far stands back

/** @type {(a: Place, b: Place) => number} */
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
/** @type {(a: Place, b: Place) => Place} */
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
/** @type {(a: Place) => Place} */
const unit = (a) => /** @type {any} */ (a.map((value) => value / (Math.hypot(...a) || 1)));

/**
 * The pose of an eye in a direction, with another that is up.
 * @param {Place} eye
 * @param {Place} up
 * @returns {Pose}
 */
function facing(eye, up) {
  const towards = unit(eye);
  const aside = cross(up, towards);
  const right = unit(Math.hypot(...aside) > 1e-6 ? aside : cross([towards[1], towards[2], towards[0]], towards));
  return { right, up: cross(towards, right), towards };
}

export const USUAL = facing(USUAL_EYE, [0, 0, 1]);

/**
 * What a link says of a chart of plotly's: eye, centre and what is up, nine numbers. null where it says nothing.
 * @param {string | null} text
 * @param {number} edge of the cube that is as large as the points' box
 * @returns {Seen | null}
 */
export function seenOf(text, edge) {
  const numbers = (text || "-").split("_").map(Number);
  if (numbers.length !== 9 || !numbers.every((value) => Math.abs(value) < 100)) return null;
  const [eye, centre, up] = [0, 3, 6].map((at) => /** @type {any} */ (numbers.slice(at, at + 3)));
  const from = /** @type {any} */ (
    eye.map((/** @type {number} */ value, /** @type {number} */ i) => value - centre[i])
  );
  const far = Math.hypot(...from);
  if (!far) return null;
  const pose = facing(from, up);
  return {
    pose,
    zoom: Math.hypot(...USUAL_EYE) / far,
    aside: [edge * dot(pose.right, centre), edge * dot(pose.up, centre)],
  };
}

/**
 * The pose after a hand has pushed what is in front by angles, in radians: to the right and up.
 * @param {Pose} pose
 * @param {number} across
 * @param {number} upwards
 * @returns {Pose}
 */
export function pushed({ right, up, towards }, across, upwards) {
  const angle = Math.hypot(across, upwards);
  if (!angle) return { right, up, towards };
  const [x, y] = [across / angle, upwards / angle];
  const [sin, less] = [Math.sin(angle), 1 - Math.cos(angle)];
  /** @type {(a: number, b: number, c: number) => Place} */
  const sum = (a, b, c) => /** @type {any} */ ([0, 1, 2].map((i) => a * right[i] + b * up[i] + c * towards[i]));
  const turned = unit(sum(-sin * x, -sin * y, 1 - less));
  const level = sum(1 - less * x * x, -less * x * y, sin * x);
  const side = unit(cross(cross(turned, level), turned)); // what rounding has bent is straight again
  return { right: side, up: cross(turned, side), towards: turned };
}

// Points that are turned: arrays that are written anew for each pose.
export class Solid {
  /**
   * @param {Float32Array} xs
   * @param {Float32Array} ys
   * @param {Float32Array} zs
   */
  constructor(xs, ys, zs) {
    /** @type {[Float32Array, Float32Array, Float32Array]} */
    this.columns = [xs, ys, zs];
    const ends = this.columns.map((values) =>
      values.reduce(([lo, hi], v) => [Math.min(lo, v), Math.max(hi, v)], [Infinity, -Infinity]),
    );
    const spans = ends.map(([lo, hi]) => (hi > lo ? hi - lo : 0));
    this.middle = /** @type {Place} */ (/** @type {any} */ (ends.map(([lo, hi]) => (hi >= lo ? (lo + hi) / 2 : 0))));
    this.edge = Math.cbrt(spans[0] * spans[1] * spans[2]) || Math.max(...spans) || 1;
    const far = xs.map((x, i) => Math.hypot(x - this.middle[0], ys[i] - this.middle[1], zs[i] - this.middle[2]));
    far.sort();
    this.reach = far[Math.floor(WITHIN * far.length)] || far[far.length - 1] || 1;
    this.xs = new Float32Array(xs.length); // as they are seen, from the middle on
    this.ys = new Float32Array(xs.length);
    this.band = new Uint8Array(xs.length); // 0 for the farthest
    this.order = new Int32Array(xs.length); // the farthest first
    this.pose = USUAL;
  }

  /**
   * Where a place is seen, from the middle on.
   * @param {Place} place
   * @returns {[x: number, y: number]}
   */
  seen(place) {
    const from = /** @type {Place} */ (/** @type {any} */ (place.map((value, i) => value - this.middle[i])));
    return [dot(this.pose.right, from), dot(this.pose.up, from)];
  }

  /** @param {Pose} pose */
  turn(pose) {
    this.pose = pose;
    const { right, up, towards } = pose;
    const [[a, b, c], [x, y, z]] = [this.middle, this.columns];
    const starts = new Int32Array(BANDS + 1);
    const perBand = (BANDS - 1) / (2 * this.reach);
    for (let i = 0; i < x.length; i++) {
      const [u, v, w] = [x[i] - a, y[i] - b, z[i] - c];
      this.xs[i] = right[0] * u + right[1] * v + right[2] * w;
      this.ys[i] = up[0] * u + up[1] * v + up[2] * w;
      const near = towards[0] * u + towards[1] * v + towards[2] * w + this.reach;
      this.band[i] = Math.min(BANDS - 1, Math.max(0, near * perBand));
      starts[this.band[i] + 1]++;
    }
    for (let k = 0; k < BANDS; k++) starts[k + 1] += starts[k];
    for (let i = 0; i < x.length; i++) this.order[starts[this.band[i]]++] = i;
  }
}

/**
 * By how much a point of a band stands back: 0 in front, FADES - 1 at the very back.
 * @param {number} band
 */
export const fadeOf = (band) => FADES - 1 - Math.floor((band * FADES) / BANDS);
