// From where a chart of plotly in three dimensions is seen, and which of its classes: the link has it when the hand rests.

/**
 * @typedef {object} Data
 * @property {string} chart the key of the chart's element
 * @property {string} name under which a link keeps its camera
 * @property {{ link: string, stamp: string, count: number } | null} classes that a click on the legend hides: the name
 *   under which a link keeps them, what tells them from others, and how many there are, which are the first traces
 *
 * @typedef {{}} Events It sends nothing.
 * @typedef {Record<"eye" | "center" | "up", { x: number, y: number, z: number }>} Camera
 */

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

/** @param {import("../js/common.js").Host<Data, Events>} host */
export function mount({ data, link }) {
  let now = data;
  const over = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;
  let held = false; // whether the hand is at the chart: it may let go elsewhere
  const found = () => /** @type {any} */ (document.querySelector(`.st-key-${now.chart} .js-plotly-plot`));
  const heard = new WeakSet(); // charts whose legend is listened to
  const listen = () => {
    const chart = found();
    if (!chart?.on || heard.has(chart)) return;
    heard.add(chart);
    chart.on("plotly_restyle", () => {
      if (now.classes && chart === found()) link?.write(now.classes.link, hiddenOf(chart.data, now.classes));
    });
  };
  const keep = () => {
    held = false;
    const chart = found();
    const camera = chart?._fullLayout?.scene?._scene?.getCamera?.() ?? chart?.layout?.scene?.camera;
    if (camera?.eye && camera.center && camera.up) link?.write(now.name, textOf(camera));
  };
  /** @param {Event} event */
  const touched = (event) => {
    const here = event.composedPath().some((one) => one instanceof Element && one.matches(`.st-key-${now.chart}`));
    if (!here && event.type !== "pointerup") return;
    clearTimeout(resting);
    if (here) held = true;
    if (here) listen();
    if (held && event.type !== "pointerdown") resting = setTimeout(keep, REST_MS);
  };
  for (const event of ["pointerdown", "pointerup", "wheel"])
    addEventListener(event, touched, { capture: true, passive: true, signal: over.signal });
  return {
    /** @param {Data} asked */
    update(asked) {
      now = asked;
    },
    destroy() {
      clearTimeout(resting);
      over.abort();
    },
  };
}
