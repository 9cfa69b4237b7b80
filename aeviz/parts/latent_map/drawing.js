// A map as an SVG drawing: the points in view, the names of the classes, a path and new items.

import { css, mix, unpacked } from "../js/colours.js";
import { toScreen } from "../js/view.js";
import { DIMMED, namePlaces, SHOWN } from "./painting.js";
import { dotRadius } from "./points.js";

/**
 * @typedef {import("./latent_map.js").LatentMap} LatentMap
 * @typedef {import("../js/view.js").View} View
 */

/** @param {string} text */
const escapeText = (text) => String(text).replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
/** @param {number} value */
const tenth = (value) => Math.round(value * 10) / 10;

/**
 * The points of each colour as one path of dots, those that stand back first: [[colour, "M1 2h0M3 4h0"], …].
 * @param {import("./points.js").Cloud} points
 * @param {View} view
 * @param {number} width
 * @param {number} height
 * @param {string[]} colourOf
 * @param {string} aside
 */
function dotPaths(points, view, width, height, colourOf, aside) {
  const paths = new Map();
  for (const layer of [DIMMED, SHOWN]) {
    for (let i = 0; i < points.xs.length; i++) {
      if (points.state[i] !== layer) continue;
      const [x, y] = toScreen(view, points.xs[i], points.ys[i]);
      if (x < 0 || y < 0 || x > width || y > height) continue;
      const colour = layer === DIMMED ? aside : colourOf[points.shade[i]];
      paths.set(colour, `${paths.get(colour) ?? ""}M${tenth(x)} ${tenth(y)}h0`);
    }
  }
  return [...paths];
}

/**
 * @param {string} words
 * @param {number} x
 * @param {number} y
 * @param {number} size
 * @param {string} ink
 * @param {string} ground
 */
const texts = (words, x, y, size, ink, ground) =>
  `<text x="${tenth(x)}" y="${tenth(y)}" font-size="${size}" font-weight="700" text-anchor="middle" ` +
  `dominant-baseline="middle" fill="${ink}" stroke="${ground}" stroke-width="4" paint-order="stroke">` +
  `${escapeText(words)}</text>`;

/**
 * What the map shows now, without the pictures of its items.
 * @param {LatentMap} map
 */
export function svgOf(map) {
  const { width, height, theme, view, cloud, data, group } = map;
  const [ink, ground, accent] = [theme.text, theme.ground, theme.accent].map((colour) => css(colour));
  const colours = Array.from(map.shades, (value) => css(unpacked(value)));
  const aside = css(mix(theme.text, theme.ground, theme.dark ? 0.76 : 0.84));
  const dots = dotPaths(cloud, view, width, height, colours, aside).map(
    ([colour, path]) => `<path d="${path}" stroke="${colour}"/>`,
  );
  const size = 2 * dotRadius(map.count, map.zoom);
  const way = (data.path ?? []).map(([x, y]) => toScreen(view, x, y).map(tenth).join(","));
  const context = document.createElement("canvas").getContext("2d");
  const places = context ? namePlaces(context, map) : [];
  const names = places.map(({ text, x, y }) => texts(text, x, y, 17, ink, ground));
  const extras = map.extras.map(({ x, y, label, url }) => {
    const [left, top] = toScreen(view, x, y);
    const place = `x="${tenth(left - 20)}" y="${tenth(top - 20)}" width="40" height="40"`;
    return (
      (url ? `<image href="${escapeText(url)}" ${place} style="image-rendering: pixelated"/>` : "") +
      `<circle cx="${tenth(left)}" cy="${tenth(top)}" r="${url ? 23 : 8}" fill="none" stroke="${accent}" stroke-width="2.5"/>` +
      (label ? texts(label, left, top + 34, 13, ink, ground) : "")
    );
  });
  const chosen = cloud.state[group.selected] ? map.placeOf(group.selected) : null;
  const ring = chosen
    ? `<circle cx="${tenth(chosen[0])}" cy="${tenth(chosen[1])}" r="9" fill="none" stroke="${ink}" stroke-width="2.5"/>`
    : "";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    ` font-family="${escapeText(theme.font)}"><title>${escapeText(data.title || "Latent map")}</title>`,
    `<rect width="100%" height="100%" fill="${ground}"/>`,
    `<g stroke-width="${tenth(size)}" stroke-linecap="round" fill="none">${dots.join("")}</g>`,
    way.length > 1 ? `<polyline points="${way.join(" ")}" fill="none" stroke="${accent}" stroke-width="3"/>` : "",
    names.join(""),
    extras.join(""),
    ring,
    "</svg>",
  ].join("");
}
