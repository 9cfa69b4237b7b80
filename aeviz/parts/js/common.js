// Shared by every live part: its text is placed before the part's own module.

const ARRAYS = {
  float32: Float32Array, float64: Float64Array, uint8: Uint8Array, int8: Int8Array,
  uint16: Uint16Array, int16: Int16Array, uint32: Uint32Array, int32: Int32Array,
};

// {dtype, shape, bytes} as packed by Python -> typed array.
export function unpack(packed) {
  const text = atob(packed.bytes);
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  return new ARRAYS[packed.dtype](bytes.buffer);
}

// A sheet of tiles {url, count, columns, width, height, smooth} -> the same with `image`, a bitmap ready to paint.
export async function loadSheet(sheet) {
  const response = await fetch(sheet.url);
  return { ...sheet, image: await createImageBitmap(await response.blob()) };
}

// Paint tile `index` of a loaded sheet over the rectangle (x, y, w, h), pixels kept sharp unless the sheet is smooth.
export function paintTile(context, sheet, index, x, y, w, h) {
  const column = index % sheet.columns;
  const row = Math.floor(index / sheet.columns);
  context.imageSmoothingEnabled = Boolean(sheet.smooth);
  context.drawImage(sheet.image, column * sheet.width, row * sheet.height, sheet.width, sheet.height, x, y, w, h);
}

// Give a canvas the size of one tile of a sheet; the page enlarges it, sharp or smooth as the sheet is.
export function fitTile(canvas, { width, height, smooth }) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.style.imageRendering = smooth ? "auto" : "";
}

// Give a canvas as many pixels as the screen has under it; returns the context scaled to CSS pixels.
export function fitCanvas(canvas, width, height) {
  const ratio = globalThis.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

// A theme variable as text, read where the element stands: themeValue(root, "--st-text-color").
export function themeValue(element, name) {
  return getComputedStyle(element.host ?? element).getPropertyValue(name).trim();
}

// What all parts on a page share: atlases of pictures by name, and events (hover, selection) by group.
export function shared() {
  globalThis.aeviz ??= { atlases: new Map(), events: new EventTarget() };
  return globalThis.aeviz;
}

// Hide a part that shows nothing: it would still take a gap in Streamlit's column of elements.
export function unseen(parentElement) {
  const slot = (parentElement.host ?? parentElement).closest("[data-testid='stElementContainer']");
  if (slot) slot.style.display = "none";
}

// A part as Streamlit calls it, its JSON in a list of one (`hosts/streamlit.py` says why). Calls may come out of order where it is called again while its module loads: Streamlit
// then cleans up after the older one, which came last, at once, and the call that it had overtaken is made again.
export function inOrder(call) {
  const standing = new WeakMap(); // the call whose data a parent element shows
  return (sent) => {
    const component = { ...sent, data: Array.isArray(sent.data) ? sent.data[0] : sent.data };
    const { parentElement } = component;
    const before = standing.get(parentElement);
    standing.set(parentElement, component);
    const cleanUp = call(component);
    return () => {
      if (before && parentElement.isConnected && standing.get(parentElement) === component) {
        standing.set(parentElement, before);
        call(before);
      }
      cleanUp?.();
    };
  };
}

// The life of a part in the page: `mount(Part, selector)` is a module's default export. A Part is made of its root, is
// given each call by `update(component)` and ended by `destroy()`.
export function mount(Part, selector) {
  const mounted = new WeakMap();
  return inOrder((component) => {
    const { parentElement } = component;
    const root = parentElement.querySelector(selector);
    let part = mounted.get(parentElement);
    if (part?.root !== root) {
      part?.destroy();
      part = new Part(root);
      mounted.set(parentElement, part);
    }
    part.update(component);
    // A run that is overtaken by the next has its cleanup called too: only a part that has left the page ends.
    return () => setTimeout(() => {
      if (parentElement.isConnected || mounted.get(parentElement) !== part) return;
      mounted.delete(parentElement);
      part.destroy();
    });
  });
}

// Clean up after a part once its root has left the page. Streamlit also runs the clean-up of a call that another one has
// overtaken, and which of two calls comes last is not always the newer: a part that is still there stays as it is.
export function whenGone(root, act) {
  setTimeout(() => {
    if (!root.isConnected) act();
  });
}

// Give a file to the person, as a click on a link to it would.
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name.replace(/[\\/:]/g, "-");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// value, moved into [low, high] where it lies outside.
export function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

// The largest size up to `available` at which a tile's pixels are all equally large on the screen.
export function wholePixels(available, tile, ratio) {
  const times = Math.floor((available * ratio) / tile);
  return times >= 1 ? (times * tile) / ratio : available;
}

// How wide a tile is shown in `room` CSS pixels: a smooth one fills it, of others all pixels are equally large.
export function shownIn(room, { width, smooth }, ratio) {
  return smooth ? room : wholePixels(room, width, ratio);
}

// How wide a tile must be to be read in a film `height` px tall: `least` px, but more where it is wider than high.
export function readableWidth(least, height, sheet) {
  const aspect = sheet.width / sheet.height;
  return aspect <= 1.25 ? least : Math.max(least, Math.min(0.9 * sheet.width, height * aspect));
}

// Paint tiles of a loaded sheet (with its `ground`) side by side, `height` CSS pixels tall. Tiles shrunk below their
// own size are smoothed: dropping pixels would break thin strokes.
export function paintFilm(canvas, width, height, sheet, tiles) {
  canvas.style.height = `${height}px`;
  const context = fitCanvas(canvas, width, height);
  const cell = width / tiles.length;
  const scale = Math.min(cell / sheet.width, height / sheet.height);
  const [w, h] = [sheet.width * scale, sheet.height * scale];
  context.fillStyle = sheet.ground;
  context.fillRect(0, 0, width, height);
  context.imageSmoothingEnabled = sheet.smooth || scale * (globalThis.devicePixelRatio || 1) < 1;
  context.imageSmoothingQuality = "high";
  tiles.forEach((tile, i) => {
    const sx = (tile % sheet.columns) * sheet.width;
    const sy = Math.floor(tile / sheet.columns) * sheet.height;
    const x = (i + 0.5) * cell - w / 2;
    context.drawImage(sheet.image, sx, sy, sheet.width, sheet.height, x, (height - h) / 2, w, h);
  });
}

// The pictures' own background, read from a corner: a black ground stays black, a white one white.
export function groundOf(image) {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.drawImage(image, 0, 0, 1, 1, 0, 0, 1, 1);
  return `rgb(${context.getImageData(0, 0, 1, 1).data.slice(0, 3).join(" ")})`;
}
