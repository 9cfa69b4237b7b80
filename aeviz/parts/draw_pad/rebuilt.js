// What models of this tab make of the drawing, at every step of the hand.

import { contextOf, finder, wipe } from "../js/common.js";
import { networkOf, toPixels } from "../js/networks.js";

/**
 * @typedef {{ label: string, accent: string, digest: string, tile: import("../js/networks.js").Tile }} Rebuilder A model
 *   that encodes and decodes the drawing in this tab: its name, its colour, by what it is found, and what it draws.
 */

// The picture and what each model makes of it, side by side.
export class Rebuilt {
  /**
   * @param {HTMLElement} box
   * @param {(digest: string) => void} refuse hears of a model that this tab cannot run
   */
  constructor(box, refuse) {
    this.box = box;
    this.refuse = refuse;
    /** @type {Rebuilder[]} */
    this.models = [];
    /** @type {{ canvas: HTMLCanvasElement, pixels: ImageData, tile: import("../js/networks.js").Tile }[]} */
    this.shown = [];
    this.built = "";
    this.seen = ""; // of what the pictures are
  }

  /** @param {Rebuilder[]} models */
  update(models) {
    this.models = models;
    this.box.hidden = !models.length;
    const refused = models.find(({ digest }) => networkOf(digest)?.error);
    if (refused) this.refuse(refused.digest);
    const stamp = JSON.stringify(models);
    if (stamp !== this.built) this.build();
    this.built = stamp;
    this.seen = "";
  }

  build() {
    const [first] = this.models;
    const figures = first ? [{ ...first, label: "What the networks see", accent: "" }, ...this.models] : [];
    this.shown = figures.map(({ label, accent, tile }) => {
      const figure = document.createElement("figure");
      figure.innerHTML = '<canvas role="img"></canvas><figcaption></figcaption>';
      const find = finder(figure);
      const canvas = find("canvas");
      Object.assign(canvas, { width: tile.width, height: tile.height });
      canvas.style.imageRendering = tile.smooth ? "auto" : "";
      canvas.setAttribute("aria-label", accent ? `Rebuilt by ${label}` : label);
      find("figcaption").textContent = accent ? label : "seen";
      figure.classList.toggle("rebuilt", Boolean(accent));
      figure.style.setProperty("--accent", accent || "currentColor");
      return { canvas, pixels: new ImageData(tile.width, tile.height), tile };
    });
    this.box.replaceChildren(...this.shown.map(({ canvas }) => /** @type {HTMLElement} */ (canvas.parentElement)));
  }

  /**
   * Show what is made of the picture that `see()` gives, unless that is of `stamp`, as before.
   * @param {string} stamp
   * @param {() => Float32Array | null} see
   */
  paint(stamp, see) {
    if (!this.models.length || stamp === this.seen) return;
    this.seen = stamp;
    const picture = see();
    const made = this.models.map(({ digest }) => picture && rebuilt(digest, picture));
    [picture, ...made].forEach((values, i) => this.put(i, values));
  }

  /**
   * @param {number} i
   * @param {Float32Array | null} values
   */
  put(i, values) {
    const { canvas, pixels, tile } = this.shown[i];
    if (values) {
      toPixels(pixels.data, values, tile);
      contextOf(canvas).putImageData(pixels, 0, 0);
    } else wipe(contextOf(canvas)); // what lies below it is the pad's ground
    canvas.dataset.source = values ? "exact" : "";
  }
}

/**
 * A picture encoded and decoded by a model; null where that is not here.
 * @param {string} digest
 * @param {Float32Array} picture
 */
function rebuilt(digest, picture) {
  const network = networkOf(digest);
  return network && !network.error ? network.decode(network.encode(picture).mean) : null;
}
