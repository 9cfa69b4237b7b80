// The values of a curve under a hand, NaN where there is none. A place on it counts steps from the first value.

// The values after a hand went from one {at, value} to another: only what it passed is changed. A value that it comes
// near to without passing it follows it too, so that a hand that stays in place can still move the value under it.
export function pulled(values, from, to) {
  const result = values.slice();
  const [left, right] = from.at <= to.at ? [from, to] : [to, from];
  const [first, last] = [Math.max(0, Math.ceil(left.at)), Math.min(values.length - 1, Math.floor(right.at))];
  for (let i = first; i <= last; i++) {
    const share = right.at > left.at ? (i - left.at) / (right.at - left.at) : 1;
    result[i] = left.value + share * (right.value - left.value);
  }
  const near = clamp(Math.round(to.at), 0, values.length - 1);
  const passed = first <= near && near <= last && left.at < right.at;
  if (!passed && Math.abs(near - to.at) <= Math.abs(near - from.at)) result[near] = to.value;
  return result;
}

// What a key makes of {cursor, values}: another cursor, or another value under it; null for a key that means nothing.
// A value that is missing begins where its left neighbour lies, or else at zero.
export function keyed({ cursor, values }, key, far, { low, high }) {
  const last = values.length - 1;
  const step = far ? 10 : 1;
  const move = { ArrowLeft: cursor - step, ArrowRight: cursor + step, Home: 0, End: last }[key];
  if (move !== undefined) return { cursor: clamp(move, 0, last), values };
  const sign = { ArrowUp: 1, ArrowDown: -1 }[key];
  if (!sign) return null;
  const begun = [values[cursor], values[cursor - 1], 0].find(Number.isFinite);
  const changed = values.slice();
  changed[cursor] = clamp(begun + (sign * step * (high - low)) / 100, low, high);
  return { cursor, values: changed };
}

// Round numbers from low to high, `most` of them or fewer; hours go by parts of a day.
export function ticks(low, high, most, unit = "") {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const steps = unit === "h" && rough > 0.5 ? [1, 2, 3, 6, 12, 24, 48, 120, 240] : [1, 2, 5, 10].map((n) => n * power);
  const step = steps.find((size) => size >= rough) ?? rough;
  const count = Math.floor(high / step + 1e-9) - Math.ceil(low / step - 1e-9) + 1;
  return Array.from({ length: count }, (_, i) => Number(((Math.ceil(low / step - 1e-9) + i) * step).toPrecision(12)));
}

// A number in three digits, with a minus sign that can be seen.
export function short(value) {
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

const measured = (value, unit) => (unit ? `${short(value)} ${unit}` : short(value));

// One value of a curve in words: "0.12 s: 0.4 mV".
export function spoken(values, index, axes) {
  const time = measured(axes.start + index * axes.step, axes.timeUnit);
  return `${time}: ${Number.isFinite(values[index]) ? measured(values[index], axes.unit) : "missing"}`;
}

// Stretches of a curve that are there: [[first, last], …].
export function stretches(values) {
  const runs = [];
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    if (runs.length && runs.at(-1)[1] === i - 1) runs.at(-1)[1] = i;
    else runs.push([i, i]);
  });
  return runs;
}

// Curves as they travel, with null for a value that is missing; null where all are.
export function packed(curves) {
  const empty = curves.every((values) => !stretches(values).length);
  return empty ? null : curves.map((values) => values.map((v) => (Number.isFinite(v) ? Number(v.toPrecision(6)) : null)));
}

export const unpacked = (curves) => curves.map((values) => values.map((value) => value ?? NaN));

// A curve in words, for those who do not see it.
export function summary(curves, axes) {
  const known = curves.flat().filter(Number.isFinite);
  if (!known.length) return "Nothing is sketched yet.";
  const lacking = curves.flat().length - known.length;
  const range = `Curve from ${short(Math.min(...known))} to ${measured(Math.max(...known), axes.unit)}`;
  return lacking ? `${range}, ${lacking} ${lacking > 1 ? "values" : "value"} missing.` : `${range}.`;
}
