const REST = 2000; // ms without a hand on mouse or keys
const SPREAD = 20_000; // ms over which the browsers of a class begin: they share one server and one network
const LOOK = 250; // ms between two looks whether the page stands

// ms to wait for a moment `rest` ms after the last touch; 0 where that is over and the page stands.
export function patience(now, touched, rest, stands) {
  const left = touched + rest - now;
  return left > 0 ? left : stands ? 0 : LOOK;
}

// Streamlit says on its app whether a script runs; where it says nothing, none does.
function stands() {
  const state = document.querySelector("[data-test-script-state]")?.dataset.testScriptState;
  return !state || state === "notRunning";
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const idle = () => new Promise((resolve) => (globalThis.requestIdleCallback ?? setTimeout)(resolve));

async function load(modules) {
  const page = document.querySelector("script[type=module][src]")?.src;
  if (!page || navigator.connection?.saveData) return;
  let touched = performance.now();
  const over = new AbortController();
  for (const event of ["pointerdown", "pointermove", "keydown", "wheel", "touchmove"]) {
    const options = { capture: true, passive: true, signal: over.signal };
    addEventListener(event, () => (touched = performance.now()), options);
  }
  const alone = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  if (!alone) await sleep(Math.random() * SPREAD);
  for (const name of modules) {
    let wait;
    while ((wait = patience(performance.now(), touched, REST, stands()))) await sleep(wait);
    await idle();
    await import(new URL(name, page).href).catch(() => {}); // the page itself says what is wrong when it wants it
  }
  over.abort();
}

export default function ({ data, parentElement }) {
  unseen(parentElement);
  const state = shared();
  if (!data?.modules || state.ahead) return;
  state.ahead = true;
  load(data.modules);
}
