// What a map looks like: its cloud of points (slow, cached by the caller) and what floats above it (quick).

const SHOWN = 2;
const DIMMED = 1;

// Radius of the ring round an item: wide enough for its picture where points show as pictures.
const ringOf = (map) => Math.max(9, 0.72 * (map.painted?.size ?? 0));

// The colours and the font that the theme gives at this moment.
export function readTheme(root, accent) {
  const style = getComputedStyle(root);
  const value = (name) => style.getPropertyValue(name).trim();
  const ground = rgb(style.backgroundColor);
  const text = rgb(style.color);
  const primary = rgb(accent || value("--st-primary-color") || "#0072B2");
  const theme = { ground, text, dark: isDark(ground), font: style.fontFamily };
  theme.accent = legible(primary, ground, text, 2.5);
  theme.signature = JSON.stringify([ground, text, theme.accent, theme.font]);
  return theme;
}

// Class colours ("#rrggbb") as the theme can bear them, as numbers: dark ones are lightened on a dark ground.
export const legibleColours = (theme, colours) =>
  colours.map((text) => (theme.dark ? legible(rgb(text), theme.ground, [255, 255, 255], 3) : rgb(text)));

// Packed pixels of the 256 steps of the scale, and one for "no value".
export function valueShades(theme) {
  const steps = Array.from({ length: 256 }, (_, step) => ramp(step / 255, theme.dark));
  return Uint32Array.from([...steps, mix(theme.text, theme.ground, 0.6)], pixel);
}

const unpacked = (value) => [value & 255, (value >> 8) & 255, (value >> 16) & 255];

// Paint the cloud on `canvas`, `margin` pixels larger than the stage on each side. Returns what was drawn.
export function paintCloud(canvas, map, margin) {
  const ratio = globalThis.devicePixelRatio || 1;
  const { theme, view, width, height, cloud } = map;
  const context = fitCanvas(canvas, width + 2 * margin, height + 2 * margin);
  const image = map.buffer?.width === canvas.width && map.buffer.height === canvas.height
    ? map.buffer : context.createImageData(canvas.width, canvas.height);
  map.buffer = image;
  const target = { pixels: new Uint32Array(image.data.buffer), width: canvas.width, height: canvas.height };
  target.pixels.fill(pixel(theme.ground));
  const device = { k: view.k * ratio, tx: (view.tx + margin) * ratio, ty: (view.ty + margin) * ratio };
  const radius = dotRadius(cloud.xs.length, map.zoom) * ratio;
  const disc = discMasks(radius, cloud.xs.length > 30000 && map.zoom < 3 ? 0.75 : 1);
  const grey = pixel(mix(theme.text, theme.ground, theme.dark ? 0.76 : 0.84));
  const greyDisc = discMasks(radius * 0.85);
  splat(target, cloud, DIMMED, new Uint32Array(257).fill(grey), device, greyDisc);
  const edge = radius >= 2.6 * ratio ? { disc: discMasks(radius + 0.9 * ratio, 0.9), colour: pixel(theme.ground) } : null;
  splat(target, cloud, SHOWN, map.shades, device, disc, edge);
  const pictures = paintPictures(target, map, margin, ratio);
  context.putImageData(image, 0, 0);
  return { ...pictures, view: { ...view }, margin };
}

// Points turn into their pictures where these fit. Returns how many did, and their size in CSS pixels.
function paintPictures(target, map, margin, ratio) {
  const { sheet, cloud, view, width, height } = map;
  const none = { pictures: 0, size: 0 };
  if (!sheet?.image) return none;
  const [px, py, items] = [[], [], []];
  const take = (i) => {
    if (!cloud.state[i] || i >= sheet.count) return;
    const [x, y] = toScreen(view, cloud.xs[i], cloud.ys[i]);
    if (x < -margin || y < -margin || x > width + margin || y > height + margin) return;
    px.push(x);
    py.push(y);
    items.push(i);
  };
  const { selected } = map.group;
  take(selected); // first come, first shown: the selected item has its picture for certain
  for (let i = 0; i < cloud.xs.length; i++) {
    if (i !== selected) take(i);
    if (items.length > 1600) return none;
  }
  const stretch = stretchOf(sheet);
  const plan = pictureSize(px.map((x) => x / stretch), py.map((y) => y * stretch));
  if (!plan) return none;
  const [side, tall] = [plan.size * stretch, plan.size / stretch].map((length) => Math.round(length * ratio));
  const frame = Math.round((plan.size < 32 ? 1.5 : 2.5) * ratio);
  const ground = pixel(map.theme.ground);
  for (const dimmed of [true, false]) {
    for (const spot of plan.spots) {
      const item = items[spot];
      if ((cloud.state[item] === DIMMED) !== dimmed) continue;
      const left = Math.round((px[spot] + margin) * ratio - side / 2);
      const top = Math.round((py[spot] + margin) * ratio - tall / 2);
      const colour = map.shades[cloud.shade[item]];
      const edge = dimmed ? pixel(mix(unpacked(colour), map.theme.ground, 0.75)) : colour;
      fillSquare(target, left - frame, top - frame, side + 2 * frame, edge, tall + 2 * frame);
      blit(target, tileOf(sheet, item), left, top, side, dimmed ? 0.75 : 0, ground, tall);
    }
  }
  return { pictures: plan.spots.length, size: plan.size };
}

// By how much a picture is wider, and less high, than a square of its size, so that it covers as much as that.
const stretchOf = ({ width, height }) => Math.sqrt(width / height);

// The pixels of one tile, read from the sheet when first asked for and kept with it.
function tileOf(sheet, item) {
  sheet.tiles ??= new Map();
  let tile = sheet.tiles.get(item);
  if (tile) return tile;
  const { width, height } = sheet;
  if (!sheet.reader) {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    sheet.reader = canvas.getContext("2d", { willReadFrequently: true });
  }
  paintTile(sheet.reader, sheet, item, 0, 0, width, height);
  tile = { pixels: new Uint32Array(sheet.reader.getImageData(0, 0, width, height).data.buffer), width, height };
  sheet.tiles.set(item, tile);
  return tile;
}

// One picture centred at (x, y) within a thin frame.
function paintPicture(context, sheet, item, x, y, [w, h], colour, frame) {
  const [left, top] = [Math.round(x - w / 2), Math.round(y - h / 2)];
  context.fillStyle = css(colour);
  context.fillRect(left - frame, top - frame, w + 2 * frame, h + 2 * frame);
  paintTile(context, sheet, item, left, top, w, h);
}

function halo(context, theme, width) {
  context.strokeStyle = css(theme.ground, 0.9);
  context.lineWidth = width;
  context.lineJoin = "round";
  context.lineCap = "round";
}

function paintNames(context, map) {
  const { theme, view, group, data, width, height } = map;
  context.font = `700 17px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const { colours } = map;
  const boxes = [];
  for (const { label, x, y } of map.centres) {
    const [px, py] = toScreen(view, x, y);
    if (group.off.has(label) || px < 0 || py < 0 || px > width || py > height) continue;
    const text = data.names[label] ?? String(label);
    const w = context.measureText(text).width;
    boxes.push({ label, text, x: Math.min(width - w / 2 - 6, Math.max(w / 2 + 6, px)), y: py, w: w + 8, h: 20 });
  }
  for (const { label, text, x, y } of labelPlaces(boxes)) {
    const aside = group.spotlight >= 0 && group.spotlight !== label;
    context.globalAlpha = aside ? 0.25 : map.painted?.pictures ? 0.75 : 1;
    halo(context, theme, 6);
    context.strokeText(text, x, y);
    const own = map.data.values ? theme.text : mix(colours[label % colours.length], theme.text, 0.6);
    context.fillStyle = css(own);
    context.fillText(text, x, y);
  }
  context.globalAlpha = 1;
}

function paintPath(context, map) {
  const places = (map.data.path ?? []).map(([x, y]) => toScreen(map.view, x, y));
  if (places.length < 2) return;
  context.beginPath();
  for (const [x, y] of places) context.lineTo(x, y);
  halo(context, map.theme, 7);
  context.stroke();
  context.strokeStyle = css(map.theme.accent);
  context.lineWidth = 3;
  context.stroke();
  for (const [x, y] of [places[0], places.at(-1)]) dot(context, map.theme, x, y, 6);
}

function dot(context, theme, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = css(theme.accent);
  context.fill();
  context.strokeStyle = css(theme.ground);
  context.lineWidth = 2;
  context.stroke();
}

// New items: each a ringed picture with its name beneath.
function paintExtras(context, map) {
  const { theme, view } = map;
  context.font = `600 13px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const extra of map.data.extras) {
    const [x, y] = toScreen(view, extra.x, extra.y);
    const image = extra.url ? map.images.get(extra.url) : null;
    const wide = image && image.width > 1.25 * image.height;
    if (wide) paintWideExtra(context, theme, image, x, y);
    else if (image) {
      ring(context, theme, x, y, 23, theme.accent);
      context.save();
      context.beginPath();
      context.arc(x, y, 20, 0, 2 * Math.PI);
      context.clip();
      context.imageSmoothingEnabled = false;
      context.drawImage(image, x - 20, y - 20, 40, 40);
      context.restore();
    } else dot(context, theme, x, y, 8);
    if (!extra.label) continue;
    halo(context, theme, 4);
    context.strokeText(extra.label, x, y + (image ? 28 : 13));
    context.fillStyle = css(theme.text);
    context.fillText(extra.label, x, y + (image ? 28 : 13));
  }
}

// A picture wider than high would lose its ends in a ring: it keeps its corners.
function paintWideExtra(context, theme, image, x, y) {
  const [w, h] = [image.width, image.height].map((side) => side * Math.min(1, 110 / image.width));
  for (const [colour, frame] of [[theme.ground, 5], [theme.accent, 3]]) {
    context.fillStyle = css(colour);
    context.fillRect(x - w / 2 - frame, y - h / 2 - frame, w + 2 * frame, h + 2 * frame);
  }
  context.imageSmoothingEnabled = true;
  context.drawImage(image, x - w / 2, y - h / 2, w, h);
}

function ring(context, theme, x, y, radius, colour) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.strokeStyle = css(theme.ground, 0.9);
  context.lineWidth = 5;
  context.stroke();
  context.strokeStyle = css(colour);
  context.lineWidth = 2.5;
  context.stroke();
}

// Where a picture of w × h px stands beside a ring of radius `reach` about (x, y): to the right, else to the left, else
// above or below it; never beyond the edges of the map.
export function besideOf(x, y, reach, w, h, width, height) {
  const within = (place, size, whole) => Math.min(whole - size - 6, Math.max(6, place));
  const top = within(y - h / 2, h, height);
  if (x + reach + 14 + w < width) return [x + reach + 8, top];
  if (x - reach - 14 - w >= 0) return [x - reach - 8 - w, top];
  const above = y - reach - 14 - h;
  return [within(x - w / 2, w, width), above >= 0 ? above + 6 : within(y + reach + 8, h, height)];
}

// The selected item keeps its ring, and its picture pinned beside it.
function paintSelected(context, map) {
  const { theme, sheet, group, cloud } = map;
  if (!cloud.state?.[group.selected]) return;
  const [x, y] = map.placeOf(group.selected);
  const reach = ringOf(map);
  ring(context, theme, x, y, reach, theme.text);
  if (!sheet?.image || group.selected >= sheet.count || group.hovered === group.selected) return;
  const wide = sheet.width > 1.25 * sheet.height; // it says enough as large as it is
  const times = wide ? Math.max(1, Math.round(100 / sheet.width)) : 2;
  const size = [times * sheet.width, times * sheet.height];
  const [w, h] = size;
  const [left, top] = besideOf(x, y, reach, w, h, map.width, map.height);
  paintPicture(context, sheet, group.selected, left + w / 2, top + h / 2, size, theme.text, 4);
  paintPicture(context, sheet, group.selected, left + w / 2, top + h / 2, size, theme.ground, 2);
}

function paintGesture(context, map) {
  const outline = map.gesture?.outline;
  if (!outline || outline.length < 2) return;
  context.beginPath();
  for (const [x, y] of outline) context.lineTo(...toScreen(map.view, x, y));
  context.closePath();
  context.fillStyle = css(map.theme.accent, 0.12);
  context.fill();
  context.strokeStyle = css(map.theme.accent);
  context.lineWidth = 1.5;
  context.setLineDash([5, 4]);
  context.stroke();
  context.setLineDash([]);
}

// All that floats above the cloud.
export function paintOver(context, map) {
  paintPath(context, map);
  paintNames(context, map);
  paintExtras(context, map);
  paintSelected(context, map);
  if (map.cloud.state?.[map.group.hovered]) {
    ring(context, map.theme, ...map.placeOf(map.group.hovered), ringOf(map), map.theme.text);
  }
  paintGesture(context, map);
}
