// Arithmetic of the handles: one number stands for the stops of all of them, as in an array in C order.

// A number and the sizes of all axes -> the stop of each.
export function stopsAt(number, sizes) {
  const stops = [];
  for (const size of [...sizes].reverse()) {
    stops.unshift(number % size);
    number = Math.floor(number / size);
  }
  return stops;
}

export function numberOf(stops, sizes) {
  return stops.reduce((number, stop, axis) => number * sizes[axis] + stop, 0);
}

// The [row, column] of a grid to which a point of a picture leads; x and y are shares of its width and height.
export function gridPlace(x, y, rows, columns) {
  return [Math.round(clamp(y, 0, 1) * (rows - 1)), Math.round(clamp(x, 0, 1) * (columns - 1))];
}

// Where an arrow key takes a [row, column]; null for another key.
export function steppedPlace([row, column], key, rows, columns) {
  const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key] ?? [];
  if (down === undefined) return null;
  return [clamp(row + down, 0, rows - 1), clamp(column + right, 0, columns - 1)];
}
