// What was sent to Python and is not answered yet. Python's answer names the value it knows: an echo of our own moves
// nothing, and a value that it changed is a request.

export const KEYS_DELAY_MS = 250; // ms without a key or wheel turn before a value is committed

/**
 * Which values are still unanswered, and whether the value named is news.
 * @template T
 * @param {T[]} sent our values in order
 * @param {T | undefined} known what Python named before
 * @param {T} named what it names now
 * @param {(a: T, b: T) => boolean} [same]
 */
export function answer(sent, known, named, same = Object.is) {
  const answered = sent.findLastIndex((value) => same(value, named));
  if (answered >= 0) return { sent: sent.slice(answered + 1), news: false };
  return known !== undefined && same(known, named) ? { sent, news: false } : { sent: [], news: true };
}

/** @template T */
export class Commits {
  /** @param {(a: T, b: T) => boolean} [same] */
  constructor(same = Object.is) {
    this.same = same;
    /** @type {T[]} */
    this.sent = [];
    /** @type {T | undefined} */
    this.known = undefined;
  }

  /**
   * Note a value that is about to be sent; false where Python knows it, or will once all is answered.
   * @param {T} value
   */
  add(value) {
    const last = this.sent.length ? this.sent.at(-1) : this.known;
    if (last !== undefined && this.same(value, last)) return false;
    this.sent.push(value);
    return true;
  }

  /**
   * Take over what Python names; whether that is news.
   * @param {T} named
   */
  hear(named) {
    const { sent, news } = answer(this.sent, this.known, named, this.same);
    this.sent = sent;
    this.known = named;
    return news;
  }

  // What was sent has lost its meaning.
  forget() {
    this.sent = [];
  }
}

/**
 * Whether two lists hold the same values; null is like null alone.
 * @template {readonly unknown[] | null | undefined} T
 * @param {T} a
 * @param {T} b
 */
export function sameList(a, b) {
  return a === b || (a != null && b != null && a.length === b.length && a.every((value, i) => value === b[i]));
}
