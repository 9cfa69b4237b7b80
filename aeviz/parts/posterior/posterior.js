// The posterior of an item, turned by hand: sliders of μ and σ, the plane, and what is decoded of it in each frame. The
// model runs in this tab; Python hears once, when the hand rests.

import { Passing } from "../answers/passing.js";
import { tellingOf } from "../answers/telling.js";
import { finder, forHand, later, mounting, unpack } from "../js/common.js";
import { Following } from "../js/following.js";
import { networkOf, whenNetwork } from "../js/networks.js";
import { stand } from "../js/within.js";
import { mount as mountPad } from "../latent_pad/latent_pad.js";
import { mount as mountSliders } from "../latent_sliders/latent_sliders.js";

/**
 * @typedef {object} Data
 * @property {string} digest of the model that this tab runs
 * @property {import("../js/networks.js").Tile} tile what it decodes
 * @property {string} accent colour of the model
 * @property {Item} item what goes in
 * @property {Turned} turned where the hand has turned it
 * @property {number[]} order the coordinate of each slider
 * @property {number[]} pair those of the plane; none where there is no plane
 * @property {[name: string, reconstruction: number, kl: number] | null} measured of the test split, in nats
 * @property {import("../latent_pad/latent_pad.js").Data | null} pad the plane
 * @property {import("../latent_sliders/latent_sliders.js").Data} mean sliders of μ
 * @property {import("../latent_sliders/latent_sliders.js").Data} spread sliders of σ
 * @property {string} caption below the plane
 * @property {string} noun what an item is called
 * @property {number} heard the number of the message that Python heard last; 0 before there was one
 *
 * @typedef {object} Item
 * @property {string} of names it and the model
 * @property {string} name
 * @property {number} number its own, which seeds its draws
 * @property {import("../js/common.js").Packed} values (*shape)
 * @property {import("../js/common.js").Packed} mean (d) as it is encoded
 * @property {import("../js/common.js").Packed} std (d)
 *
 * @typedef {object} Turned
 * @property {number[]} mean at the sliders' coordinates
 * @property {number[]} std
 * @property {import("../js/common.js").Packed} noise (d), ε
 * @property {number} seed of ε
 * @property {boolean} placed whether a hand put z where it is, and not the seed
 *
 * @typedef {object} Events
 * @property {Message} turned when the hand has let go: of μ, σ, or z on the plane
 * @property {string} refused the digest of a model that this tab cannot run
 *
 * @typedef {object} Message
 * @property {number} number
 * @property {string} of the item's
 * @property {number[]} mean at the sliders' coordinates
 * @property {number[]} std
 * @property {[number, number] | null} place of z on the plane, where a hand has put it
 * @property {string[]} have ids of points that need not be sent again
 */

const MANY = 4; // sliders

// The picture of the sliders is that beside them, but on a phone, where that one is out of sight. Their titles stand below
// one another: none is given the height of a longer one. On a low screen many of them are lower, or half would be unseen.
const PLAIN = `
  .title { min-height: 0; }
  @media (min-width: 641px) {
    .sliders { grid-template-columns: minmax(0, 1fr); grid-template-areas: 'title' 'rows'; }
    .picture { display: none; }
  }
  @media (max-height: 920px) and (min-width: 800px) {
    .sliders:has(.row:nth-child(${MANY})) {
      gap: 5px; padding-block: 0;
      .rows { gap: 4px; }
      .row { grid-template-columns: 2.2em minmax(0, 1fr) 2.8em; gap: 6px; }
      .track { height: 28px; grid-area: auto; }
      .handle { top: -2px; bottom: -2px; }
      .home { bottom: -4px; }
    }
  }
  @media (max-height: 800px) and (min-width: 800px) {
    .sliders:has(.row:nth-child(${MANY})) .rows { gap: 2px; }
  }`;

class PosteriorPart {
  /** @param {Omit<import("../js/common.js").Host<Data, Events>, "data">} host */
  constructor({ root, send, busy, link }) {
    this.root = root;
    this.send = send;
    this.busy = busy;
    this.link = link;
    this.find = finder(root);
    /** @type {Data} */
    this.data = later;
    /** @type {Passing} */
    this.passing = later;
    /** @type {import("../answers/telling.js").Telling} */
    this.telling = later;
    /** @type {Map<string, import("../js/within.js").Placed>} */
    this.parts = new Map();
    this.made = ""; // of what the pictures and numbers are
    this.of = ""; // of what item
    this.number = 0; // of the last message
    this.held = ""; // key of the sliders that the hand turns
    /** @type {string[]} */
    this.have = [];
    this.following = new Following(() => this.show());
    this.abort = new AbortController();
    whenNetwork((digest) => digest === this.data?.digest && this.update(this.data), this.abort.signal);
    this.find(".back").onclick = () => this.back();
  }

  /** @param {Data} data */
  update(data) {
    const first = !this.data;
    this.data = data;
    if (first) this.number = data.heard;
    const model = networkOf(data.digest);
    if (model?.error) return this.send("refused", data.digest);
    if (!model) return; // it is on its way
    // While the hand turns, and until Python has heard of it, its data moves nothing; another item counts at once.
    const other = this.passing && this.of !== data.item.of;
    if (other) this.held = "";
    if (!other && (this.held || data.heard < this.number)) return;
    this.root.style.setProperty("--accent", data.accent);
    this.find(".caption").textContent = forHand(data.caption);
    this.begin(model);
    this.layOut();
    this.show();
  }

  /** @param {any} model */
  begin(model) {
    const { item, turned, order, pair, digest, tile, measured, noun } = this.data;
    this.of = item.of;
    const made = JSON.stringify([digest, tile, order, pair, measured, noun]);
    if (made !== this.made) {
      this.passing?.stop();
      this.passing = new Passing(model, { order, pair });
      this.telling = tellingOf(tile, noun, measured);
      this.fill();
    }
    this.made = made;
    const [mean, std, noise] = [item.mean, item.std, turned.noise].map((packed) => Float32Array.from(unpack(packed)));
    this.passing.take(unpack(item.values), item.number, { mean, std });
    this.passing.turn(false, turned.mean);
    this.passing.turn(true, turned.std);
    this.passing.posterior.noise = noise;
    Object.assign(this.passing, { seed: turned.seed, placed: turned.placed });
    this.telling.item.say(item.name);
    this.root.classList.toggle("many", order.length >= MANY);
  }

  // The pictures and numbers in their places.
  fill() {
    const { item, ofZ, ofMean, average, further, linesBox, termsBox } = this.telling;
    this.find(".given").replaceChildren(item.element);
    this.find(".one").replaceChildren(ofZ.element);
    this.find(".two").replaceChildren(ofMean.element, average.element);
    this.find(".small").replaceChildren(...further.map(({ element }) => element));
    for (const old of this.root.querySelectorAll(".equations, .terms")) old.remove();
    this.find(".numbers").append(linesBox);
    this.find(".score").append(termsBox);
  }

  // The parts within, with what Python has sent and what the hand has turned.
  layOut() {
    const { mean, spread, pad, pair } = this.data;
    this.find(".draw").hidden = !pair.length;
    if (pad) this.put("pad", mountPad, "latent_pad", this.passing.pad(pad, false));
    this.put("mean", mountSliders, "latent_sliders", this.passing.sliders(mean, false));
    this.put("spread", mountSliders, "latent_sliders", this.passing.sliders(spread, true));
    const id = pad?.cloud?.id;
    this.have = id ? [id] : [];
  }

  /**
   * @param {string} key
   * @param {import("../js/within.js").Mount} mount
   * @param {string} part
   * @param {any} data
   */
  put(key, mount, part, data) {
    const placed = this.parts.get(key);
    if (placed) return placed.update(data);
    const content = this.find(`template[data-of="${part}"]`).content;
    const styles = content.querySelector("style").textContent + (part === "latent_sliders" ? PLAIN : "");
    const markup = content.querySelector("[data-part]").outerHTML;
    const send = (/** @type {string} */ name, /** @type {any} */ value) => this.hear(key, name, value);
    const host = { send, busy: this.busy, link: this.link };
    this.parts.set(key, stand(mount, this.find(`[data-key="${key}"]`), { markup, styles }, data, host));
  }

  /**
   * What a part within has to say.
   * @param {string} key
   * @param {string} name
   * @param {any} value
   */
  hear(key, name, value) {
    if (name === "refused") this.send("refused", value);
    if (name === "turning") {
      this.held = key;
      this.passing.turn(key === "spread", value);
      this.following.ask();
    }
    if (name === "values") {
      this.passing.turn(key === "spread", value);
      this.rest(key, value);
    }
    if (name !== "pad") return;
    if (!value.have.length) this.have = []; // it has lost what Python believed it to have
    const moved = value.position && this.passing.put(value.position);
    if (moved || !this.have.length) this.rest();
  }

  /**
   * The hand has let go.
   * @param {string} [key] of the sliders that it held
   * @param {number[] | null} [values] what it has set there
   */
  rest(key = "", values = null) {
    this.held = "";
    this.following.stop();
    for (const name of ["mean", "spread"]) {
      const part = this.parts.get(name);
      part?.update(this.passing.sliders(part.data, name === "spread", name === key ? values : null));
    }
    this.show();
    const [mean, std] = [this.passing.values(false), this.passing.values(true)];
    const place = this.passing.placed ? this.parts.get("pad")?.data.position : null;
    this.number += 1;
    this.send("turned", {
      number: this.number,
      of: this.data.item.of,
      mean,
      std,
      place: place ?? null,
      have: this.have,
    });
  }

  back() {
    this.passing.back();
    this.rest();
  }

  // What follows the hand: the plane's cloud, the pictures, the numbers.
  show() {
    const pad = this.parts.get("pad");
    pad?.update(this.passing.pad(pad.data, Boolean(this.held)));
    this.passing.show(this.telling, Boolean(this.held));
    this.find(".back").disabled = !this.passing.turned;
    this.root.dataset.shown = [...this.passing.values(false), ...this.passing.values(true)].join(" ");
  }

  destroy() {
    this.abort.abort();
    this.following.stop();
    this.passing?.stop();
    for (const part of this.parts.values()) part.destroy();
  }
}

export const mount = mounting(PosteriorPart);
