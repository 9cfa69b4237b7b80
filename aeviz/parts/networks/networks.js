// Models that run in this tab, by digest, where every part on the page finds them (`../js/networks.js`).

import { shared } from "../js/common.js";
import { work } from "../js/engine/arithmetic.js";
import { open } from "../js/engine/engine.js";
import { Client, Jobs } from "../js/engine/jobs.js";

/**
 * @typedef {Uint8Array | null} Data A model: the length of the JSON as a little-endian 32-bit number, a `Network` as JSON,
 *   and its weights.
 *
 * @typedef {object} Network
 * @property {string} digest by which the parts find it
 * @property {import("../js/engine/bodies.js").Stated} [config] as `config.json` states it; left out of a model that is
 *   here already
 * @property {string} [worker] the text of the worker that does long work
 *
 * @typedef {object} Events
 * @property {number} lost when a model is not here that Python believed to be: the time, in ms
 */

const MAX_KEPT = 4; // as in networks/__init__.py
const MAX_PRODUCTS = 12_000_000; // as there, of a decode, which take about 10 ms: with more, a picture would not follow the hand

/**
 * Bytes from Python → {digest, config, worker, weights}; the digest alone of a model that is here.
 * @param {Uint8Array} bytes
 * @returns {Network & { weights: Uint8Array }}
 */
function splitNetwork(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const facts = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return { ...facts, weights: bytes.slice(4 + length) };
}

/**
 * Long work in a worker made of its text; on the page, where a worker cannot be had.
 * @param {string} text
 */
function clientOf(text) {
  return new Client((receive) => {
    const here = new Jobs((message) => receive(message));
    try {
      const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
      const worker = new Worker(url);
      /** @type {import("../js/engine/jobs.js").Question[]} */
      const asked = []; // until the worker has answered once
      let send = (/** @type {import("../js/engine/jobs.js").Question} */ message) => {
        asked.push(message);
        worker.postMessage(message);
      };
      worker.onmessage = (event) => {
        asked.length = 0;
        send = (message) => worker.postMessage(message);
        receive(event.data);
      };
      worker.onerror = () => {
        send = (message) => here.receive(message);
        asked.splice(0).forEach(send);
      };
      return (message) => send(message);
    } catch {
      return (message) => here.receive(message);
    }
  });
}

/**
 * How many products a picture takes: unlike its time, this is the same on a busy machine.
 * @param {import("../js/engine/engine.js").Model} model
 */
function costOf(model) {
  const before = work.products;
  const { half, shape } = model.config;
  if (half === "encoder") model.encode(new Float32Array(shape.reduce((a, b) => a * b, 1)));
  else model.decode(new Float32Array(model.config.latent_dim), model.config.classes ? 0 : null);
  return work.products - before;
}

/** @param {Network & { weights: Uint8Array }} network */
function opened({ digest, config, worker, weights }) {
  const networks = known();
  try {
    const model = open(config ?? {}, weights);
    if (costOf(model) > MAX_PRODUCTS) return { error: "It is too large to follow a hand in this browser." };
    networks.client ??= clientOf(worker ?? "");
    networks.client.open(digest, config, weights);
    const { client } = networks;
    return {
      ...model,
      /** @type {(lane: string, work: object, act: (slice: any) => void, fail?: (why: string) => void) => number} */
      run: (lane, asked, act, fail) => client.run(lane, { model: digest, ...asked }, act, fail),
      /** @param {string} lane */
      stop: (lane) => client.stop(lane),
    };
  } catch (error) {
    return { error: String(error instanceof Error ? error.message : error) };
  }
}

function known() {
  const all = shared();
  all.networks ??= { byDigest: new Map(), client: null };
  return all.networks;
}

/**
 * Put a model where the parts find it, and let go of those that were used longest ago.
 * @param {Network & { weights: Uint8Array }} network
 * @param {(name: "lost", value: number) => void} send
 */
export function publish(network, send) {
  const { byDigest } = known();
  const before = byDigest.get(network.digest);
  if (!before && !network.config) return send("lost", Date.now());
  byDigest.delete(network.digest);
  byDigest.set(network.digest, before ?? opened(network));
  for (const old of shared().keepsAll ? [] : [...byDigest.keys()].slice(0, -MAX_KEPT)) withdraw(old);
  if (!before) shared().events.dispatchEvent(new CustomEvent("network", { detail: network.digest }));
}

/**
 * Let go of a model.
 * @param {string} digest
 */
export function withdraw(digest) {
  const { byDigest, client } = known();
  byDigest.delete(digest);
  client?.close(digest);
}

/** @param {import("../js/common.js").Host<Data, Events>} host */
export function mount({ data, send }) {
  /** @param {Uint8Array | null} bytes */
  const update = (bytes) => bytes && publish(splitNetwork(bytes), send);
  update(data);
  return { update, destroy() {} }; // the models stay for the parts that come after it
}
