const MAX_KEPT = 4; // decoded sheets take tens of megabytes each

// Bytes from Python -> {name, count, columns, width, height, checksum, png}: length, JSON, PNG.
export function splitAtlas(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const facts = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return { ...facts, png: bytes.subarray(4 + length) };
}

// The names to let go so that at most `kept` remain, oldest first and never `current`.
export function superfluous(names, current, kept = MAX_KEPT) {
  return names.filter((name) => name !== current).slice(0, Math.max(0, names.length - kept));
}

async function publish(sheet) {
  const { atlases, events } = shared();
  if (atlases.get(sheet.name)?.checksum === sheet.checksum) return;
  const { png, ...facts } = sheet;
  // Claimed before decoding, so that a second call with the same bytes does not decode again.
  atlases.delete(sheet.name);
  atlases.set(sheet.name, facts);
  const image = await createImageBitmap(new Blob([png], { type: "image/png" }));
  if (atlases.get(sheet.name) !== facts) return image.close();
  facts.image = image;
  for (const name of superfluous([...atlases.keys()], sheet.name)) {
    atlases.get(name).image?.close();
    atlases.delete(name);
  }
  events.dispatchEvent(new CustomEvent("atlas", { detail: sheet.name }));
}

export default inOrder(function (component) {
  unseen(component.parentElement);
  if (component.data) publish(splitAtlas(component.data));
});
