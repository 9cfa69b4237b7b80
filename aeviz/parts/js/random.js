// Normal random numbers as Python draws them, so that a seed means the same pictures here and there.

const LOW = (1n << 64n) - 1n;
const WHOLE = (1n << 128n) - 1n;

/**
 * The 32-bit numbers of a Mersenne twister (Matsumoto and Nishimura 1998), as torch seeds it.
 * @param {number} seed
 */
function twister(seed) {
  const state = new Uint32Array(624);
  state[0] = seed;
  for (let i = 1; i < 624; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
  let at = 624;
  const twist = () => {
    for (let i = 0; i < 624; i++) {
      const y = (state[i] & 0x80000000) | (state[(i + 1) % 624] & 0x7fffffff);
      state[i] = state[(i + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    at = 0;
  };
  return () => {
    if (at === 624) twist();
    let y = state[at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}

/**
 * `torch.randn(count, generator=torch.Generator().manual_seed(seed))` on a CPU, of 16 numbers or more: pairs of uniform
 * numbers by Box and Muller, eight apart; the last sixteen are drawn anew where the count is no multiple of that.
 * @param {number} count
 * @param {number} seed
 */
export function torchNormals(count, seed) {
  const next = twister(seed);
  const size = Math.max(16, count);
  const out = Float32Array.from({ length: size }, () => (next() & 0xffffff) / 2 ** 24);
  const fill = (/** @type {number} */ start) => {
    for (let i = start; i < start + 8; i++) {
      const radius = Math.sqrt(-2 * Math.log(1 - out[i]));
      const angle = 2 * Math.PI * out[i + 8];
      out[i] = radius * Math.cos(angle);
      out[i + 8] = radius * Math.sin(angle);
    }
  };
  for (let i = 0; i <= size - 16; i += 16) fill(i);
  if (size % 16) {
    for (let i = size - 16; i < size; i++) out[i] = (next() & 0xffffff) / 2 ** 24;
    fill(size - 16);
  }
  return out.subarray(0, count);
}

/**
 * Four 64-bit words of numpy's `SeedSequence` (O'Neill 2015) of whole numbers below 2³².
 * @param {number[]} seeds
 */
function words(seeds) {
  let constant = 0x43b0d7e5;
  const hashed = (/** @type {number} */ value) => {
    value ^= constant;
    constant = Math.imul(constant, 0x931e8875);
    value = Math.imul(value, constant);
    return value ^ (value >>> 16);
  };
  const mixed = (/** @type {number} */ x, /** @type {number} */ y) => {
    const value = Math.imul(0xca01f9dd, x) - Math.imul(0x4973f715, y);
    return value ^ (value >>> 16);
  };
  const pool = Array.from({ length: 4 }, (_, i) => hashed(seeds[i] ?? 0));
  for (let from = 0; from < 4; from++) {
    for (let to = 0; to < 4; to++) if (from !== to) pool[to] = mixed(pool[to], hashed(pool[from]));
  }
  for (const seed of seeds.slice(4)) for (let to = 0; to < 4; to++) pool[to] = mixed(pool[to], hashed(seed));
  constant = 0x8b51f9dd;
  const halves = Array.from({ length: 8 }, (_, i) => {
    let value = pool[i % 4] ^ constant;
    constant = Math.imul(constant, 0x58f38ded);
    value = Math.imul(value, constant);
    return BigInt((value ^ (value >>> 16)) >>> 0);
  });
  return [0, 2, 4, 6].map((i) => halves[i] | (halves[i + 1] << 32n));
}

/**
 * The 32-bit numbers of numpy's `default_rng(seeds)`: PCG64, XSL-RR (O'Neill 2014).
 * @param {number[]} seeds
 */
function pcg(seeds) {
  const [a, b, c, d] = words(seeds);
  const step = ((((c << 64n) | d) << 1n) & WHOLE) | 1n;
  const advanced = (/** @type {bigint} */ state) => (state * 0x2360ed051fc65da44385df649fccf645n + step) & WHOLE;
  let state = advanced((advanced(0n) + ((a << 64n) | b)) & WHOLE);
  /** @type {number | null} */
  let kept = null;
  return () => {
    if (kept !== null) {
      const value = kept;
      kept = null;
      return value;
    }
    state = advanced(state);
    const [folded, turn] = [((state >> 64n) ^ state) & LOW, state >> 122n];
    const turned = ((folded >> turn) | (folded << ((64n - turn) & 63n))) & LOW;
    kept = Number(turned >> 32n);
    return Number(turned & 0xffffffffn);
  };
}

const EDGE = 3.6541528853610088; // where the tail begins that no layer of the ziggurat covers
const AREA = 0.00492867323399; // of a layer
const LAYERS = 256;

const height = (/** @type {number} */ x) => Math.exp(-0.5 * x * x);

// The layers of the ziggurat (Marsaglia and Tsang 2000): how wide a step of 2⁻²³ is in each, the step from which a
// number may lie outside, and the height of the curve at its edge.
function ziggurat() {
  const [widths, inside, heights] = [new Float32Array(LAYERS), new Float64Array(LAYERS), new Float32Array(LAYERS)];
  const steps = 2 ** 23;
  let x = EDGE;
  const base = AREA / height(x);
  inside[0] = Math.floor((x / base) * steps);
  widths[0] = base / steps;
  heights[0] = 1;
  for (let i = LAYERS - 1; i > 0; i--) {
    widths[i] = x / steps;
    heights[i] = height(x);
    const inner = i > 1 ? Math.sqrt(-2 * Math.log(AREA / x + height(x))) : 0;
    inside[i] = Math.floor((inner / x) * steps);
    x = inner;
  }
  return { widths, inside, heights };
}

/**
 * `numpy.random.default_rng(seeds).standard_normal(count, numpy.float32)`.
 * @param {number} count
 * @param {number[]} seeds
 */
export function numpyNormals(count, seeds) {
  const next = pcg(seeds);
  const uniform = () => (next() >>> 8) / 2 ** 24;
  const { widths, inside, heights } = ziggurat();

  /** @param {boolean} negative */
  function tail(negative) {
    for (;;) {
      const x = -Math.log1p(-uniform()) / EDGE;
      const y = -Math.log1p(-uniform());
      if (y + y > x * x) return negative ? -(EDGE + x) : EDGE + x;
    }
  }

  function normal() {
    for (;;) {
      const bits = next();
      const layer = bits & 0xff;
      const whole = (bits >>> 9) & 0x7fffff;
      const x = Math.fround(whole * widths[layer]) * ((bits >>> 8) & 1 ? -1 : 1);
      if (whole < inside[layer]) return x;
      if (layer === 0) return tail(Boolean((whole >>> 8) & 1));
      if ((heights[layer - 1] - heights[layer]) * uniform() + heights[layer] < height(x)) return x;
    }
  }
  return Float32Array.from({ length: count }, normal);
}
