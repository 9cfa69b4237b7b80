// What was sent to Python and is not answered yet. Python's answer names the value it knows: an echo of our own moves
// nothing, and a value that it changed is a request.

import { shared } from "./common.js";

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
 * @typedef {{ name: string, turn: number } | null} Told A part's name on the page, and how often Python has set its value.
 */

/**
 * Keep in the tab what a hand set after Python named a value, for the part that comes when Streamlit puts this one on the
 * page anew: Python, which has heard it, does not name it again.
 * @param {Told} told
 * @param {unknown} named
 * @param {any} value
 */
export function keep(told, named, value) {
  const page = shared();
  page.kept ??= new Map();
  if (told) page.kept.set(told.name, { turn: told.turn, named, value });
}

/**
 * What was kept since Python named `named`.
 * @param {Told} told
 * @param {unknown} named
 * @returns {any} `undefined` where nothing was
 */
export function kept(told, named) {
  const found = told ? shared().kept?.get(told.name) : undefined;
  return found?.turn === told?.turn && found?.named === named ? found?.value : undefined;
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
