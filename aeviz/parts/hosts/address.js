// The page's address as a place where parts keep what they show: the texts under names that Python neither reads nor
// writes.

import { shared } from "../js/common.js";

/**
 * The text under a name; null for none.
 * @param {string} name
 */
export function read(name) {
  return new URLSearchParams(location.search).get(name);
}

/**
 * Put a text under a name; none where it is "".
 * @param {string} name
 * @param {string} text
 */
export function write(name, text) {
  if ((read(name) ?? "") === text) return;
  const url = new URL(location.href);
  if (text) url.searchParams.set(name, text);
  else url.searchParams.delete(name);
  const { past } = shared();
  if (past) past.write(url.href);
  else history.replaceState(history.state, "", url);
}

/**
 * Call this whenever the person goes back or forward.
 * @param {() => unknown} act
 * @param {AbortSignal} signal
 */
export function watch(act, signal) {
  addEventListener("popstate", () => act(), { signal });
}
