// What belongs to a tab: its history, in which one act of the person is one entry, its token, its list of views.

import { shared } from "../js/common.js";
import { step, textsOf } from "./history.js";

/**
 * @typedef {object} Data
 * @property {string[]} drags names in the address that a handle sets: each drag is an entry of the history
 * @property {string[]} gathers names under which all that a hand does, one after another, is one entry
 * @property {string[]} own names that the browser writes by itself
 * @property {string} token to be kept; "" for none
 * @property {boolean} forget whether the one that was kept is let go of
 * @property {Record<string, string> | null} known what the server knows of the texts under the names of `own`, where
 *   the page shows a link to itself; null elsewhere
 * @property {string | null} views to be kept; "" for none; null where the server knows of none
 *
 * @typedef {object} Events
 * @property {string} claim the token that was kept when the server has given none
 * @property {Record<string, string>} seen the texts under the names of `own`, where the server knows others and asks
 * @property {string} views the list that was kept when the server knows of none
 */

const TOKEN = "aeviz-tab";
const VIEWS = "aeviz-views";
// What a part writes when the hand lets go is of the pointer's way up; its click, which comes after, is no further act.
const ACTS = ["pointerdown", "pointerup", "keydown", "wheel", "input", "change", "drop"];

/** The tab's history, over the browser's own: it is made once for a page load. */
class Past {
  /** @type {string[]} */
  drags = [];
  /** @type {string[]} */
  gathers = [];
  /** @type {string[]} */
  own = [];
  acted = false;
  letGo = 0; // how often the hand has let go of something
  made = 0; // the same, when the present entry was made
  /** @type {string[] | null} */
  last = null;
  href = location.href;
  at = Number(history.state?.aeviz ?? 0); // the number of the present entry

  constructor() {
    const { pushState, replaceState } = history;
    this.push = pushState.bind(history);
    this.replace = replaceState.bind(history);
    history.pushState = (_state, _title, to) => this.ask(String(to ?? location.href));
    history.replaceState = (_state, _title, to) => this.ask(String(to ?? location.href), false);
    const passive = { capture: true, passive: true };
    for (const act of ACTS) addEventListener(act, () => (this.acted = true), passive);
    addEventListener("click", ({ detail }) => (this.acted ||= !detail), passive); // without a pointer
    addEventListener("pointerup", () => this.letGo++, passive);
    addEventListener("popstate", (event) => this.onPop(event), { capture: true });
  }

  /**
   * @param {string} to
   * @param {boolean} [acted]
   * @param {string[]} [own]
   */
  ask(to, acted = this.acted, own = this.own) {
    const { drags, last } = this;
    const [gathers, resting] = [[...this.gathers, ...this.own], this.letGo === this.made];
    const next = step({ here: location.href, to, own, drags, gathers, resting, acted, last });
    if (next.how === "none") return;
    if (next.how === "push") {
      this.at += 1;
      this.last = next.names;
      this.made = this.letGo;
      this.acted = false;
    }
    this[next.how]({ aeviz: this.at }, "", next.to);
    this.href = location.href;
  }

  /**
   * What the browser writes by itself.
   * @param {string} to
   */
  write(to) {
    this.ask(to, this.acted, []);
  }

  /**
   * Back and forward; an entry that shows what the one that was left showed is passed over.
   * @param {PopStateEvent} event
   */
  onPop(event) {
    const [left, from, at] = [this.href, this.at, event.state?.aeviz];
    Object.assign(this, { acted: false, last: null, href: location.href, at: at ?? from });
    if (at === undefined || at === from || location.href !== left) return;
    event.stopImmediatePropagation();
    history.go(Math.sign(at - from));
  }
}

const store = {
  /** @param {string} name */
  read(name) {
    try {
      return sessionStorage.getItem(name) ?? "";
    } catch {
      return ""; // a browser that keeps nothing
    }
  },
  /**
   * @param {string} name
   * @param {string} text
   */
  write(name, text) {
    try {
      if (text) sessionStorage.setItem(name, text);
      else sessionStorage.removeItem(name);
    } catch {
      // a browser that keeps nothing
    }
  },
};

/**
 * @param {Record<string, string>} a
 * @param {Record<string, string>} b
 */
const differ = (a, b) => [...Object.keys(a), ...Object.keys(b)].some((name) => a[name] !== b[name]);

/** @param {import("../js/common.js").Host<Data, Events>} host */
export function mount({ data, send }) {
  const page = shared();
  page.past ??= new Past();
  /** @type {Record<string, string>} */
  const told = {};
  /**
   * @param {string} name in the storage
   * @param {(text: string) => void} to
   */
  const tell = (name, to) => {
    const kept = store.read(name);
    if (kept && kept !== told[name]) to((told[name] = kept));
  };
  /** @param {Data} data */
  const update = ({ drags, gathers, own, token, forget, known, views }) => {
    Object.assign(page.past, { drags, gathers, own });
    const texts = known && textsOf(location.href, own);
    if (texts && differ(texts, known)) send("seen", texts);
    if (views === null) tell(VIEWS, (text) => send("views", text));
    else store.write(VIEWS, views);
    if (token || forget) store.write(TOKEN, token);
    else tell(TOKEN, (text) => send("claim", text));
  };
  update(data);
  return { update, destroy() {} }; // the history goes on under whatever page comes next
}
