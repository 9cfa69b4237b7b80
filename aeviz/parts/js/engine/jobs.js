// Long work in slices: many codes decoded or many items encoded, given out as they come, stopped when they are stale.
//
// A job belongs to a lane, such as one film of one part: a newer job of a lane ends the older one. `Jobs` does the work;
// it stands in a worker (`worker.js`), or on the page where there are no workers. `Client` is the page's end of it.

import { open } from "./engine.js";

/**
 * @typedef {Record<string, any>} Question {open, config, bytes}, {close}, {stop}, or a job: {job, lane, model, kind, rows,
 *   labels}.
 */

/**
 * @typedef {{ model: string, kind: "decode" | "encode", rows: Float32Array, labels?: ArrayLike<number> | null }} Work
 */

const MAX_AT_ONCE = 2000; // rows of a job that are made at once, a few seconds
const SLICE_MS = 40; // of work between two looks at what else has been asked

const pause = () => new Promise((resume) => setTimeout(resume));

export class Jobs {
  /**
   * post(message, buffers): sends an answer; buffers are handed over with it.
   * @param {(message: any, buffers: ArrayBuffer[]) => void} post
   */
  constructor(post) {
    this.post = post;
    this.models = new Map(); // by key
    this.newest = new Map(); // lane → number of its job
  }

  /** @param {any} message */
  receive(message) {
    if ("open" in message) return this.open(message);
    if ("close" in message) return void this.models.delete(message.close);
    if ("stop" in message) return void this.newest.delete(message.stop);
    this.newest.set(message.lane, message.job);
    return this.run(message).catch((error) => this.post({ job: message.job, error: error.message }, []));
  }

  /** @param {any} given */
  open({ open: key, config, bytes }) {
    try {
      this.models.set(key, open(config, bytes));
    } catch (error) {
      this.post({ key, error: String(error instanceof Error ? error.message : error) }, []);
    }
  }

  /** @param {any} given */
  async run({ job, lane, model: key, kind, rows, labels }) {
    const model = this.models.get(key);
    if (!model) throw new Error("The model is not open.");
    for (let first = 0, done = false; !done; await pause()) {
      if (this.newest.get(lane) !== job) return;
      const slice = sliceOf(model, { kind, rows, labels }, first, SLICE_MS);
      ({ done } = slice);
      if (done) this.newest.delete(lane);
      const buffers = [slice.values, slice.spreads].flatMap((array) => (array ? [array.buffer] : []));
      this.post({ job, ...slice }, buffers);
      first += slice.count;
    }
  }
}

/**
 * How many numbers a row of a job has, and what is made of it.
 * @param {any} model
 * @param {Work["kind"]} kind
 */
function sizesOf({ config }, kind) {
  const size = config.shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1);
  return kind === "decode" ? { given: config.latent_dim, made: size } : { given: size, made: config.latent_dim };
}

/**
 * The results of a job's rows from `first` on, as many as are made within `ms`, one at least.
 * @param {any} model
 * @param {Pick<Work, "kind" | "rows" | "labels">} work
 * @param {number} first
 * @param {number} ms
 */
function sliceOf(model, { kind, rows, labels }, first, ms) {
  const { given, made } = sizesOf(model, kind);
  const count = rows.length / given;
  /** @type {(row: Float32Array, label?: number) => Float32Array[]} */
  const work =
    kind === "decode"
      ? (row, label) => [model.decode(row, label)]
      : (row, label) => {
          const { mean, std } = model.encode(row, label);
          return std ? [mean, std] : [mean];
        };
  /** @type {Float32Array[][]} */
  const parts = [];
  const end = performance.now() + ms;
  for (let row = first; row < count && (row === first || performance.now() < end); row++) {
    parts.push(work(rows.subarray(row * given, (row + 1) * given), labels?.[row]).map((values) => values.slice()));
  }
  const [values, spreads] = [0, 1].map((which) => joined(parts, which, made));
  return { first, count: parts.length, values, spreads, done: first + parts.length >= count };
}

/**
 * @param {Float32Array[][]} parts
 * @param {number} which
 * @param {number} size
 */
function joined(parts, which, size) {
  if (!parts[0]?.[which]) return null;
  const all = new Float32Array(parts.length * size);
  parts.forEach((part, i) => all.set(part[which], i * size));
  return all;
}

/**
 * The page's end: `start(receive)` begins the work elsewhere and gives back how to send to it.
 *
 *   const client = new Client((receive) => …);
 *   client.open("digest", config, bytes);
 *   client.run("film", { model: "digest", kind: "decode", rows: codes }, ({ first, count, values }) => paint(…));
 */
export class Client {
  /** @param {(receive: (message: any) => void) => (message: Question) => void} start */
  constructor(start) {
    this.send = start((message) => this.receive(message));
    /** @type {Map<number, { lane: string, work: any, come: number, act: (slice: any) => void, fail: (why: string) => void }>} */
    this.waiting = new Map(); // by the number of the job, with how many of its rows have come
    this.jobs = 0;
  }

  /**
   * @param {string} key
   * @param {any} config
   * @param {Uint8Array} bytes
   */
  open(key, config, bytes) {
    this.send({ open: key, config, bytes });
  }

  /** @param {string} key */
  close(key) {
    this.send({ close: key });
  }

  /**
   * Starts a job and ends an older one of its lane. act hears of each slice, fail of what went wrong.
   * @param {string} lane
   * @param {object} work {model, kind: "decode" or "encode", rows, labels}
   * @param {(slice: any) => void} act
   * @param {(why: string) => void} fail
   */
  run(lane, work, act, fail = () => {}) {
    this.forget(lane);
    const job = ++this.jobs;
    this.waiting.set(job, { lane, work, come: 0, act, fail });
    this.send({ job, lane, labels: null, ...work });
    return job;
  }

  /** @param {string} lane */
  stop(lane) {
    this.forget(lane);
    this.send({ stop: lane });
  }

  /** @param {string} lane */
  forget(lane) {
    for (const [job, { lane: its }] of this.waiting) if (its === lane) this.waiting.delete(job);
  }

  /**
   * Do here and at once what is left of all jobs, but of very long ones: the printer waits for no worker.
   * @param {(key: string) => any} modelOf the model that was opened under a key
   */
  finish(modelOf) {
    for (const { lane, work, come, act } of [...this.waiting.values()]) {
      const model = modelOf(work.model);
      if (!model?.config || work.rows.length / sizesOf(model, work.kind).given > MAX_AT_ONCE) continue;
      this.stop(lane);
      act(sliceOf(model, work, come, Number.POSITIVE_INFINITY));
    }
  }

  /** @param {any} message */
  receive(message) {
    const job = this.waiting.get(message.job);
    if (!job) return; // stale: what was on its way when a newer one began
    if (message.done || message.error) this.waiting.delete(message.job);
    if (message.error) job.fail(message.error);
    else {
      job.come = message.first + message.count;
      job.act(message);
    }
  }
}
