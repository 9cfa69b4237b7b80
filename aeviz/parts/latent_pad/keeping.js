// What stays when parts are built anew: decoded sheets and clouds by id, the latest used last.

const MAX_KEPT = 16; // sheets and clouds remembered for parts that are built anew

const kept = new Map();

function keep(id, value) {
  kept.delete(id);
  kept.set(id, value);
  for (const name of [...kept.keys()].slice(0, Math.max(0, kept.size - MAX_KEPT))) kept.delete(name);
  return value;
}

// What Python sent or, where it sent the name alone, what is kept under it; undefined when it is lost.
function recall(id, sent, make) {
  return kept.has(id) || sent ? keep(id, kept.get(id) ?? make(sent)) : undefined;
}

function makeLevel(pad, { id, region, columns, rows, sheet }) {
  const level = recall(id, sheet, () => {
    const made = { id, region, columns, rows, tile: [sheet.width, sheet.height], thinned: new Map() };
    made.ready = loadSheet(sheet).then((loaded) => (made.sheet = loaded));
    return made;
  });
  if (level && !level.sheet) level.ready.then(() => pad.ask(true));
  return level;
}

function makeCloud(packed) {
  const labels = packed.labels && Array.from(unpack(packed.labels));
  const places = unpack(packed.places);
  return { id: packed.id, places, labels, middles: labels ? middles(places, labels) : [] };
}
