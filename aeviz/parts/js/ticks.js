// Round numbers for an axis, and numbers as a person reads them.

/**
 * Round numbers from low to high, about `count` of them: 1, 2 or 5 times a power of ten apart, or by one of `steps`.
 * `room` below one lets them be that much closer than `count` asks.
 * @param {number} low
 * @param {number} high
 * @param {number} count
 * @param {{ room?: number, steps?: number[] | null }} [options]
 */
export function ticks(low, high, count, { room = 1, steps = null } = {}) {
  if (!(high > low)) return [low];
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const sizes = steps ?? [1, 2, 5, 10].map((times) => times * power);
  const step = sizes.find((size) => size >= rough * room * (1 - 1e-9)) ?? rough;
  const [first, last] = [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
  // Adding zero makes a plain one of a negative zero.
  return Array.from(
    { length: Math.max(0, last - first + 1) },
    (_, i) => Number(((first + i) * step).toPrecision(12)) + 0,
  );
}

/**
 * A text with a minus sign that can be seen.
 * @param {string} text
 */
export const withMinus = (text) => text.replaceAll("-", "−");

/**
 * A number in three digits that matter.
 * @param {number} value
 */
export const short = (value) => withMinus(String(Number(value.toPrecision(3))));
