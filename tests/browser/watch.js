// What a page has under way, for tests that wait until nothing is. Runs before anything else in the page.

globalThis.underWay = (() => {
  const SHORT = 1500; // ms; no hand sets off what waits for longer
  const timers = new Set();
  const { setTimeout, clearTimeout, fetch, createImageBitmap } = globalThis;
  let loading = 0;
  let sent = 0; // requests for a run of the script
  let fired = 0; // timers that have run out
  let asked = false; // whether one of them has not begun
  let running = false;
  let frames = 0; // in a row in which nothing was under way
  let turn; // of the wait that counts them

  globalThis.setTimeout = (act, delay = 0, ...rest) => {
    const id = setTimeout(
      (...given) => {
        if (timers.delete(id)) fired++;
        return act(...given);
      },
      delay,
      ...rest,
    );
    if (delay <= SHORT) timers.add(id);
    return id;
  };
  globalThis.clearTimeout = (id) => {
    timers.delete(id);
    clearTimeout(id);
  };

  const counted =
    (load) =>
    (...given) => {
      loading++;
      return load(...given).finally(() => loading--);
    };
  globalThis.fetch = counted(fetch.bind(globalThis));
  globalThis.createImageBitmap = counted(createImageBitmap.bind(globalThis));
  const { send } = XMLHttpRequest.prototype; // by which files go to the server
  XMLHttpRequest.prototype.send = function (...given) {
    loading++;
    this.addEventListener("loadend", () => loading--, { once: true });
    return send.apply(this, given);
  };

  // The numbers of the fields of a protobuf message, with the values of those that are numbers.
  function fieldsOf(buffer) {
    const bytes = new Uint8Array(buffer);
    const fields = new Map();
    let at = 0;
    const number = () => {
      let value = 0;
      for (let unit = 1; ; unit *= 128) {
        const byte = bytes[at++];
        value += (byte & 127) * unit;
        if (byte < 128) return value;
      }
    };
    while (at < bytes.length) {
      const tag = number();
      const value = number();
      if (tag % 8 === 2) at += value;
      fields.set(Math.floor(tag / 8), value);
    }
    return fields;
  }

  const [RERUN, NEW_SESSION, FINISHED, EARLY] = [11, 4, 6, 2]; // of Streamlit's BackMsg and ForwardMsg
  globalThis.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        const fields = fieldsOf(data);
        if (fields.has(NEW_SESSION)) [asked, running] = [false, true];
        if (fields.has(FINISHED)) [asked, running] = [asked || fields.get(FINISHED) === EARLY, false];
      });
    }

    send(data) {
      if (fieldsOf(data).has(RERUN)) {
        asked = true;
        sent++;
      }
      super.send(data);
    }
  };

  const app = () => document.querySelector("[data-testid=stApp]");
  // What Streamlit shows in the place of an element whose own script is not there yet, live parts that wait for theirs,
  // and pictures on their way.
  const places = "[data-testid=stBidiComponentIsolated], [data-testid=stBidiComponentRegular]";
  const isEmpty = (place) => !(place.shadowRoot ?? place).querySelector("[data-part]");
  const comes = ({ complete, loading }) => !complete && loading !== "lazy";
  const awaited = () =>
    document.querySelectorAll("[data-testid=stSkeleton]").length +
    [...document.querySelectorAll(places)].filter(isEmpty).length +
    [...document.images].filter(comes).length;
  const still = () =>
    !timers.size &&
    !loading &&
    !asked &&
    !running &&
    document.fonts.status === "loaded" &&
    !awaited() &&
    (document.documentElement.dataset.lesson === "shown" || app()?.dataset.testScriptState === "notRunning");

  return {
    get sent() {
      return sent;
    },
    get fired() {
      return fired;
    },
    // Asked once a frame, with a number of its own for each wait: whether nothing has been under way for some frames.
    stillFor(wanted, asker) {
      frames = still() ? (asker === turn ? frames + 1 : 1) : 0;
      turn = asker;
      return frames >= wanted;
    },
    // What keeps the page from being still, for the message of a test that fails.
    told: () => ({
      timers: timers.size,
      loading,
      asked,
      running,
      awaited: awaited(),
      state: app()?.dataset.testScriptState,
    }),
  };
})();
