// What becomes of an address that the page asks for: an entry of its own in the tab's history, the present one's new
// address, or nothing.

/**
 * @typedef {object} Asked
 * @property {string} here the present address
 * @property {string} to the one that is asked for
 * @property {string[]} own names that the browser writes by itself: within a page they stay as they are
 * @property {string[]} drags names that a handle sets: each drag is an entry
 * @property {string[]} gathers names under which what a hand does again and again is one entry
 * @property {boolean} resting whether the hand has let go of nothing since the present entry was made
 * @property {boolean} acted whether the person has done anything since the last entry
 * @property {string[] | null} last the names that made the present entry; null where it is not of this page's making
 *
 * @typedef {{ how: "push" | "replace" | "none", to: string, names: string[] }} Step
 */

/**
 * The names whose texts differ between two addresses, in order.
 * @param {URL} a
 * @param {URL} b
 */
export function differing(a, b) {
  const names = new Set([...a.searchParams.keys(), ...b.searchParams.keys()]);
  return [...names].filter((name) => a.searchParams.get(name) !== b.searchParams.get(name)).sort();
}

/**
 * The texts that an address has under some names.
 * @param {string} address
 * @param {string[]} names
 * @returns {Record<string, string>}
 */
export function textsOf(address, names) {
  const texts = new URL(address).searchParams;
  return Object.fromEntries(names.flatMap((name) => (texts.has(name) ? [[name, texts.get(name) ?? ""]] : [])));
}

/**
 * @param {Asked} asked
 * @returns {Step}
 */
export function step({ here, to, own, drags, gathers, resting, acted, last }) {
  const [from, next] = [new URL(here), new URL(to, here)];
  const elsewhere = from.pathname !== next.pathname;
  if (!elsewhere) {
    for (const name of own.filter((name) => differing(from, next).includes(name))) {
      const text = from.searchParams.get(name);
      if (text === null) next.searchParams.delete(name);
      else next.searchParams.set(name, text);
    }
  }
  const names = differing(from, next);
  if (!elsewhere && !names.length) return { how: "none", to: next.href, names };
  const going = resting ? [...drags, ...gathers] : gathers;
  const goesOn = !elsewhere && names.every((name) => going.includes(name)) && String(last) === String(names);
  return { how: acted && !goesOn ? "push" : "replace", to: next.href, names };
}
