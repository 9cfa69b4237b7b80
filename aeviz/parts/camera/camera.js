// From where a chart of plotly in three dimensions is seen, and which of its classes: the link has it when the hand rests.
// Of the names that stand at its classes, those are shown that no other covers.

/**
 * @typedef {object} Data
 * @property {string} chart the key of the chart's element
 * @property {string} name under which a link keeps its camera
 * @property {{ link: string, stamp: string, count: number } | null} classes that a click on the legend hides: the name
 *   under which a link keeps them, what tells them from others (`meta` in the layout of a chart that shows them), and
 *   how many there are, which are the first traces
 *
 * @typedef {{}} Events It sends nothing.
 * @typedef {Record<"eye" | "center" | "up", { x: number, y: number, z: number }>} Camera
 */

const MAX_FAR = 100; // of a camera from the middle, along an axis
const NEAR = 1; // the same at first, as in figures/points.py; in a frame that is higher than wide it is farther
const CARD = "[data-testid='stVerticalBlock']"; // what holds the chart and this part
const REST_MS = 300; // ms after the last touch, when plotly knows where the hand has left it

/**
 * A camera as a text.
 * @param {Camera} camera
 */
export function textOf({ eye, center, up }) {
  const numbers = [eye, center, up].flatMap(({ x, y, z }) => [x, y, z]);
  return numbers.map((number) => String(Number(number.toFixed(3)))).join("_");
}

/**
 * Which of the first traces are hidden, as a text behind a stamp; "" for none.
 * @param {{ visible?: unknown }[]} traces
 * @param {{ stamp: string, count: number }} classes
 */
export function hiddenOf(traces, { stamp, count }) {
  const off = traces.slice(0, count).flatMap(({ visible }, label) => (visible === "legendonly" ? [label] : []));
  return off.length ? [stamp, ...off].join("_") : "";
}

/**
 * The camera that a text names; null where it names none.
 * @param {string | null} text
 * @returns {Camera | null}
 */
export function cameraOf(text) {
  const numbers = (text ?? "").split("_").map(Number);
  if (numbers.length !== 9 || !numbers.every((number) => Math.abs(number) < MAX_FAR)) return null;
  const point = (/** @type {number} */ at) => ({ x: numbers[at], y: numbers[at + 1], z: numbers[at + 2] });
  return { eye: point(0), center: point(3), up: point(6) };
}

/**
 * From where a map is seen until a hand turns it: as near as its frame leaves it whole.
 * @param {number} width
 * @param {number} height
 * @returns {Camera}
 */
export function usualIn(width, height) {
  const far = NEAR * Math.max(1, (0.9 * height) / (width || height));
  return { eye: { x: far, y: far, z: far }, center: { x: 0, y: 0, z: 0 }, up: { x: 0, y: 0, z: 1 } };
}

/**
 * Numbers of the first traces whose state is not what a text says: [those to hide, those to show].
 * @param {{ visible?: unknown }[]} traces
 * @param {{ stamp: string, count: number }} classes
 * @param {string | null} text
 */
export function toTurn(traces, classes, text) {
  const [stamp, ...numbers] = (text ?? "").split("_");
  const off = stamp === classes.stamp ? numbers.map(Number) : [];
  const turned = (/** @type {boolean} */ hide) =>
    traces
      .slice(0, classes.count)
      .flatMap(({ visible }, at) => (off.includes(at) === hide && (visible === "legendonly") !== hide ? [at] : []));
  return [turned(true), turned(false)];
}

/**
 * Which of some boxes stand where no earlier one does that is shown; those of a width of 0 never do.
 * @param {{ left: number, top: number, right: number, bottom: number }[]} boxes
 */
export function uncovered(boxes) {
  /** @type {typeof boxes} */
  const taken = [];
  return boxes.map((box) => {
    const { left, top, right, bottom } = box;
    const meets = (/** @type {typeof box} */ other) =>
      left < other.right && other.left < right && top < other.bottom && other.top < bottom;
    const free = left < right && !taken.some(meets);
    if (free) taken.push(box);
    return free;
  });
}

/** @param {import("../js/common.js").Host<Data, Events>} host */
export function mount({ root, data, link }) {
  let now = data;
  const over = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;
  let held = false; // whether the hand is at the chart: it may let go elsewhere
  /** @type {Element | undefined} */
  let named; // where the names stand that are watched
  let clicked = false; // whether the last click was on the chart: the wheel is its own then
  const plotly = () => /** @type {any} */ (globalThis).Plotly; // Streamlit's, which leaves it there
  const found = () => /** @type {any} */ (document.querySelector(`.st-key-${now.chart} .js-plotly-plot`));
  // Whether its traces are of the classes asked for: this part and the chart are told of new ones at different times.
  const shows = (/** @type {any} */ chart) => chart === found() && chart.layout?.meta === now.classes?.stamp;
  const heard = new WeakSet(); // charts whose legend is listened to
  const hidden = new WeakMap(); // of a chart: the traces of which the link's were hidden
  const listen = () => {
    const chart = found();
    if (chart?.on && !heard.has(chart)) {
      heard.add(chart);
      chart.on("plotly_restyle", () => {
        if (now.classes && shows(chart)) link?.write(now.classes.link, hiddenOf(chart.data, now.classes));
      });
      chart.on("plotly_afterplot", restore);
    }
    readNames(chart);
    restore(); // what was painted while the chart before it was still there
  };
  // Streamlit makes a new chart or new traces for new colours, and turns one back after a click on its legend; the
  // server knows the address of before the hand turned it.
  const restore = () => {
    const chart = found();
    if (!chart?._fullLayout?.scene?._scene) return; // plotly is still at work on it
    hideAgain(chart);
    turnAgain(chart);
  };
  // Plotly writes the names anew with every picture of a turn.
  const naming = new MutationObserver(() => {
    const chart = found();
    if (!chart) return;
    const [groups, asked] = [
      chart.querySelectorAll(".infolayer [class^=annotation-scene]"),
      chart.layout?.scene?.annotations,
    ];
    const texts = [...groups].map((group) => group.querySelector(".annotation-text-g") ?? group);
    const none = { left: 0, top: 0, right: 0, bottom: 0 };
    const boxes = texts.map((text, at) => {
      const { name } = asked?.[at] ?? {};
      if (now.classes && chart.data[name]?.visible === "legendonly") return none;
      return (name === "mark" ? groups[at] : text).getBoundingClientRect(); // of a mark with its arrow
    });
    for (const [at, free] of uncovered(boxes).entries()) texts[at].style.visibility = free ? "" : "hidden";
  });
  const readNames = (/** @type {any} */ chart) => {
    const layer = chart?.querySelector?.(".infolayer");
    if (!layer || layer === named) return;
    naming.disconnect();
    naming.observe((named = layer), { childList: true });
  };
  const turnAgain = (/** @type {any} */ chart) => {
    if (held || resting !== undefined) return; // the link does not have it yet
    const shown = chart.layout?.scene?.camera;
    const camera = cameraOf(link?.read(now.name) ?? null) ?? usual(chart);
    const stands = shown?.eye && shown.center && shown.up && textOf(shown) === textOf(camera);
    if (!stands) plotly()?.relayout(chart, { "scene.camera": camera });
  };
  const usual = (/** @type {any} */ chart) => usualIn(chart.clientWidth, chart.clientHeight);
  const hideAgain = (/** @type {any} */ chart) => {
    if (!now.classes || !shows(chart) || hidden.get(chart) === chart.data) return;
    hidden.set(chart, chart.data);
    const [off, on] = toTurn(chart.data, now.classes, link?.read(now.classes.link) ?? null);
    if (off.length) plotly()?.restyle(chart, { visible: "legendonly" }, off);
    if (on.length) plotly()?.restyle(chart, { visible: true }, on);
  };
  const tree = root.getRootNode();
  const card = (tree instanceof ShadowRoot ? tree.host : root).closest(CARD);
  const watching = new MutationObserver(listen);
  watching.observe(card ?? document.body, { childList: true, subtree: true });
  listen();
  const keep = () => {
    held = false;
    resting = undefined;
    const chart = found();
    const camera = chart?._fullLayout?.scene?._scene?.getCamera?.() ?? chart?.layout?.scene?.camera;
    if (!camera?.eye || !camera.center || !camera.up) return;
    const text = textOf(camera);
    link?.write(now.name, text === textOf(usual(chart)) ? "" : text);
  };
  /** @param {Event} event */
  const touched = (event) => {
    const here = event.composedPath().some((one) => one instanceof Element && one.matches(`.st-key-${now.chart}`));
    if (event.type === "pointerdown") clicked = here;
    if (!here && event.type !== "pointerup") return;
    // Plotly zooms under every turn of the wheel: kept from it, one scrolls the page past the chart.
    if (event instanceof WheelEvent && !clicked && !event.ctrlKey) return event.stopPropagation();
    clearTimeout(resting);
    if (here) held = true;
    if (held && event.type !== "pointerdown") resting = setTimeout(keep, REST_MS);
  };
  for (const event of ["pointerdown", "pointerup", "wheel"])
    addEventListener(event, touched, { capture: true, passive: true, signal: over.signal });
  return {
    /** @param {Data} asked */
    update(asked) {
      now = asked;
      restore();
    },
    destroy() {
      watching.disconnect();
      naming.disconnect();
      clearTimeout(resting);
      over.abort();
    },
  };
}
