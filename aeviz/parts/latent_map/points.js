// Tens of thousands of dots a frame: discs blended straight into the pixels, no canvas path per point.

import { pictureSpots } from "./geometry.js";

/**
 * @typedef {import("../js/common.js").Numbers} Numbers
 * @typedef {import("../js/view.js").View} View
 * @typedef {{ pixels: Uint32Array, width: number, height: number }} Target
 * @typedef {{ masks: Uint16Array[], half: number, side: number }} Disc
 * @typedef {{ xs: Numbers, ys: Numbers, state: Numbers, shade: Numbers, order?: Int32Array }} Cloud `order`: in which they
 *   are painted, where it is not that of their numbers
 */

const QUARTERS = 4; // a dot's place is honoured to a quarter of a pixel

/**
 * Coverage (0..256) of a disc, once for each of 4×4 places within a pixel.
 * @param {number} radius
 * @param {number} [alpha]
 */
export function discMasks(radius, alpha = 1) {
  const half = Math.ceil(radius + 0.5);
  const side = 2 * half + 1;
  const masks = [];
  for (let v = 0; v < QUARTERS; v++) {
    for (let u = 0; u < QUARTERS; u++) {
      const mask = new Uint16Array(side * side);
      for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
          const far = Math.hypot(x - half - (u + 0.5) / QUARTERS + 0.5, y - half - (v + 0.5) / QUARTERS + 0.5);
          mask[y * side + x] = Math.round(256 * alpha * Math.min(1, Math.max(0, radius + 0.5 - far)));
        }
      }
      masks.push(mask);
    }
  }
  return { masks, half, side };
}

/**
 * Blend one disc with its centre in pixel (ix, iy), at quarter `q` of it, over what is there.
 * @param {Target} target
 * @param {Disc} disc
 * @param {number} ix
 * @param {number} iy
 * @param {number} q
 * @param {number} colour
 */
function stamp({ pixels, width, height }, { masks, half, side }, ix, iy, q, colour) {
  const mask = masks[q];
  const [rb, g] = [colour & 0xff00ff, colour & 0xff00];
  const [left, top] = [ix - half, iy - half];
  const [y0, y1] = [Math.max(0, -top), Math.min(side, height - top)];
  const [x0, x1] = [Math.max(0, -left), Math.min(side, width - left)];
  for (let y = y0; y < y1; y++) {
    let at = (top + y) * width + left + x0;
    let m = y * side + x0;
    for (let x = x0; x < x1; x++, at++, m++) {
      const a = mask[m];
      if (a === 0) continue;
      if (a === 256) {
        pixels[at] = colour;
        continue;
      }
      const under = pixels[at];
      const b = 256 - a;
      const redBlue = (((under & 0xff00ff) * b + rb * a) >>> 8) & 0xff00ff;
      const green = (((under & 0xff00) * b + g * a) >>> 8) & 0xff00;
      pixels[at] = (0xff000000 | redBlue | green) >>> 0;
    }
  }
}

/**
 * Blend a disc for every point with state[i] === layer into `target` {pixels, width, height}.
 * `view` is in target pixels; colourOf[shade[i]] is a packed pixel; `edge` {disc, colour} goes beneath
 * each disc where given, so that neighbours stay apart. Returns how many points were within.
 * @param {Target} target
 * @param {Cloud} points
 * @param {number} layer
 * @param {ArrayLike<number>} colourOf
 * @param {View} view
 * @param {Disc} disc
 * @param {{ disc: Disc, colour: number } | null} [edge]
 */
export function splat(target, points, layer, colourOf, view, disc, edge = null) {
  const { xs, ys, state, shade, order } = points;
  const { width, height } = target;
  const reach = (edge?.disc ?? disc).half;
  let drawn = 0;
  for (let at = 0; at < xs.length; at++) {
    const i = order ? order[at] : at;
    if (state[i] !== layer) continue;
    const px = xs[i] * view.k + view.tx;
    const py = view.ty - ys[i] * view.k;
    if (!(px >= -reach && py >= -reach && px < width + reach && py < height + reach)) continue;
    drawn++;
    const [ix, iy] = [Math.floor(px), Math.floor(py)];
    const q = Math.floor((py - iy) * QUARTERS) * QUARTERS + Math.floor((px - ix) * QUARTERS);
    if (edge) stamp(target, edge.disc, ix, iy, q, edge.colour);
    stamp(target, disc, ix, iy, q, colourOf[shade[i]]);
  }
  return drawn;
}

/**
 * Fill the square of `side` pixels at (left, top) with a packed pixel, as far as it lies within the target.
 * @param {Target} target
 * @param {number} left
 * @param {number} top
 * @param {number} side
 * @param {number} colour
 * @param {number} [tall]
 */
export function fillSquare({ pixels, width, height }, left, top, side, colour, tall = side) {
  const [x0, x1] = [Math.max(0, left), Math.min(width, left + side)];
  for (let y = Math.max(0, top); y < Math.min(height, top + tall) && x0 < x1; y++) {
    pixels.fill(colour, y * width + x0, y * width + x1);
  }
}

/**
 * Copy a tile {pixels, width, height} into the square of `side` pixels (or a rectangle as `tall`) at (left, top). Enlarged, its pixels stay
 * sharp; reduced, each pixel is the mean of four samples, or thin strokes would break. `fade` (0 to 1) is the share
 * of `ground` mixed in.
 * @param {Target} target
 * @param {Target} tile
 * @param {number} left
 * @param {number} top
 * @param {number} side
 * @param {number} [fade]
 * @param {number} [ground]
 * @param {number} [tall]
 */
export function blit({ pixels, width, height }, tile, left, top, side, fade = 0, ground = 0, tall = side) {
  const samples = side < tile.width ? 2 : 1;
  const [share, keep] = [fade, (1 - fade) / samples ** 2];
  const base = [0, 8, 16].map((shift) => share * ((ground >> shift) & 255));
  for (let y = Math.max(0, -top); y < tall && top + y < height; y++) {
    for (let x = Math.max(0, -left); x < side && left + x < width; x++) {
      let [r, g, b] = base;
      for (let s = 0; s < samples * samples; s++) {
        const u = (x + ((s % samples) + 0.5) / samples) / side;
        const v = (y + ((s >> 1) + 0.5) / samples) / tall;
        const from = tile.pixels[Math.floor(v * tile.height) * tile.width + Math.floor(u * tile.width)];
        r += keep * (from & 255);
        g += keep * ((from >> 8) & 255);
        b += keep * ((from >> 16) & 255);
      }
      pixels[(top + y) * width + left + x] = (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
    }
  }
}

/**
 * Radius of a dot in CSS pixels: smaller in a crowd, larger the further one has zoomed in.
 * @param {number} count
 * @param {number} zoom
 */
export function dotRadius(count, zoom) {
  const crowd = Math.min(3, Math.max(1.0, 2.1 - 0.8 * Math.log10(Math.max(1, count) / 3000)));
  return Math.min(5.5, crowd * Math.max(1, zoom) ** 0.35);
}

/**
 * Which points carry a picture, and how large: as large as lets most of those in view show theirs.
 * `px`, `py` are the pixels of the points in view. Returns {size, spots} or null where there are too many.
 * @param {number[]} px
 * @param {number[]} py
 * @param {number} [largest]
 * @param {number} [least]
 * @param {number} [most]
 */
export function pictureSize(px, py, largest = 64, least = 20, most = 1600) {
  const few = px.length <= 250; // then pictures say more than dots, even if some hide behind others
  if (!px.length || px.length > most) return null;
  for (let size = largest; size >= (few ? 28 : least); size *= 0.88) {
    const spots = pictureSpots(px, py, size * 0.72);
    if (spots.length >= 0.55 * px.length) return { size: Math.round(size), spots };
  }
  return few ? { size: 28, spots: pictureSpots(px, py, 20) } : null;
}
