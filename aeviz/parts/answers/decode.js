// What Python answers on Decode, where none is there: a code that sliders and a plane turn together.

import { pack, unpack } from "../js/common.js";
import { moved } from "../js/networks.js";
import { nearestTile } from "../latent_sliders/latent_sliders.js";

/**
 * @typedef {import("../hosts/page.js").Placed} Placed
 * @typedef {import("../latent_sliders/latent_sliders.js").Data} Sliders
 * @typedef {import("../latent_pad/latent_pad.js").Data} Pad
 */

/**
 * The sliders of a code that is moved to other values along their axes.
 * @param {Sliders} data
 * @param {number[]} values
 * @returns {Sliders}
 */
export function turned(data, values) {
  const { rows, tab } = data;
  if (!tab) return turnedAlongFilm(data, values);
  const by = values.map((value, i) => value - rows[i].value);
  const next = rows.map((row, i) => ({
    ...row,
    value: values[i],
    low: Math.min(row.low, values[i]),
    high: Math.max(row.high, values[i]),
  }));
  const z = unpack(tab.code);
  const code = pack(moved(new Float32Array(z.length), z, unpack(tab.axes), by));
  return { ...data, rows: next, tab: { ...tab, code }, seen: values, stamp: `${values}` };
}

/**
 * Of films there is one along each slider, at the code with which the page was saved: the handle that was moved stands
 * at the film's nearest tile, and the others go back to where they began.
 * @param {Sliders} data
 * @param {number[]} values
 * @returns {Sliders}
 */
function turnedAlongFilm(data, values) {
  const { rows, films, along } = data;
  const start = rows.map(({ value }, i) => (i === along?.row ? along.from : value));
  const moved = values.findLastIndex((value, i) => value !== rows[i].value);
  const row = moved < 0 ? (along?.row ?? 0) : moved;
  const [last, { low, high }] = [(films?.count ?? 0) / rows.length - 1, rows[row]];
  const tile = nearestTile(values[row], low, high, last + 1);
  const value = values[row] === start[row] ? start[row] : low + ((high - low) * tile) / last;
  return {
    ...data,
    rows: rows.map((other, i) => ({ ...other, value: i === row ? value : start[i] })),
    along: value === start[row] ? null : { row, from: start[row] },
    seen: values,
    stamp: `${row} ${value}`,
  };
}

/**
 * The plane through a code that was moved to other values: those of its own two axes are a place on it.
 * @param {Pad} data
 * @param {[number, number]} pair rows of the sliders that its axes are
 * @param {Sliders} sliders
 * @returns {Pad}
 */
export function planeThrough(data, pair, { rows, tab }) {
  const [x, y] = pair.map((i) => rows[i].value);
  if (!tab || !data.tab) return data; // of tiles: the place is where it was put
  const z = unpack(tab.code);
  const foot = pack(moved(new Float32Array(z.length), z, unpack(data.tab.axes), [-x, -y]));
  const others = rows.filter((_, i) => !pair.includes(i)).map(({ value }) => value);
  const levels = data.levels.map((level) => ({ ...level, id: `${level.id.split(" ")[0]} ${others}` }));
  return { ...data, position: [x, y], levels, tab: { ...data.tab, code: foot } };
}

/** @param {{ parts: Map<string, Placed>, facts: any }} section */
export function decode({ parts, facts }) {
  /**
   * @param {string} side
   * @param {number[]} values
   */
  function turn(side, values) {
    const [sliders, pad] = [parts.get(`sliders-${side}`), parts.get(`pad-${side}`)];
    sliders?.update(turned(sliders.data, values));
    if (sliders && pad) pad.update(planeThrough(pad.data, facts.pairs[side], sliders.data));
  }

  /** @type {import("../hosts/lesson.js").Answer} */
  return (key, name, value) => {
    const side = key.split("-")[1];
    const sliders = parts.get(`sliders-${side}`);
    const pad = parts.get(`pad-${side}`);
    if (name === "values") turn(side, value);
    else if (name === "pad" && value.position && pad && !pad.data.tab) {
      pad.update({ ...pad.data, position: value.position, picture: null }); // its tile stands for the exact one
    } else if (name === "pad" && value.position && sliders) {
      const values = /** @type {Sliders} */ (sliders.data).rows.map((row) => row.value);
      facts.pairs[side].forEach((/** @type {number} */ row, /** @type {number} */ i) => {
        values[row] = value.position[i];
      });
      turn(side, values);
    }
  };
}
