// Small charts: curves over one axis, along which a part moves a line or its dots.

export const GUTTER = 44; // px left of a chart, for its numbers; as much is not needed on its right
const RIGHT = 8;
const EDGE = 10; // px above and below the curves

export function chartPixel(t, width) {
  return GUTTER + t * (width - GUTTER - RIGHT);
}

// What a chart's curves span, its reference line included, as [low, high]; null where there is nothing to draw.
export function rangeOf(chart) {
  const values = chart.lines.flatMap((line) => line.values).concat(chart.reference ? [chart.reference.value] : []);
  const sound = values.filter((value) => value !== null && (!chart.log || value > 0));
  if (!sound.length) return null;
  const [low, high] = [Math.min(...sound), Math.max(...sound)];
  return low < high ? [low, high] : chart.log ? [low / 2, low * 2] : [low - 1, low + 1];
}

// Share of the chart's height, from below, at which a value lies; null for one that has no place.
export function heightOf(value, [low, high], log) {
  if (value === null || (log && value <= 0)) return null;
  return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

// A number in few characters.
export function brief(value) {
  const size = Math.abs(value);
  if (size && size < 0.0095) return value.toExponential(0).replaceAll("-", "−");
  if (size >= 9.5e5) return `${Number((value / 1e6).toPrecision(2))}M`.replace("-", "−");
  const text = size >= 9995 ? `${Math.round(value / 1000)}k` : size >= 99.5 || !size ? value.toFixed(0) : value.toPrecision(2);
  return text.replace("-", "−");
}

// Where paintChart draws a share of the height, in px.
export function chartHeight(share, height) {
  return height - EDGE - share * (height - 2 * EDGE);
}

// chart: {lines: [{steps, values, dashed}], log, reference}; look: sizes and colours, and `place`, which tells at what
// share of the width a step stands. ticks: the values that are named, the ends of the range where they are left out.
export function paintChart(context, chart, look, range = rangeOf(chart), ticks = range) {
  const { width, height, place, quiet, line, font, colours } = look;
  context.clearRect(0, 0, width, height);
  if (!range) return;
  const py = (share) => chartHeight(share, height);
  Object.assign(context, { strokeStyle: line, fillStyle: quiet, lineWidth: 1, font: `13px ${font}` });
  Object.assign(context, { textAlign: "right", textBaseline: "middle", lineJoin: "round" });
  for (const value of ticks) {
    const share = heightOf(value, range, chart.log);
    context.fillText(brief(value), GUTTER - 6, py(share));
    stroke(context, [[GUTTER, Math.round(py(share)) + 0.5], [width - RIGHT, Math.round(py(share)) + 0.5]]);
  }
  if (chart.reference) paintReference(context, chart, range, look, py);
  chart.lines.forEach(({ steps, values, dashed }, i) => {
    const places = values.map((value, s) => [chartPixel(place(steps[s]), width), heightOf(value, range, chart.log)]);
    Object.assign(context, { strokeStyle: colours[i], lineWidth: 2.25 });
    context.setLineDash(dashed ? [5, 4] : []);
    stroke(context, places.filter(([, share]) => share !== null).map(([x, share]) => [x, py(share)]));
  });
  context.setLineDash([]);
}

function paintReference(context, chart, range, { width, quiet }, py) {
  const y = Math.round(py(heightOf(chart.reference.value, range, chart.log))) + 0.5;
  Object.assign(context, { strokeStyle: quiet, textAlign: "left" });
  context.setLineDash([2, 3]);
  stroke(context, [[GUTTER, y], [width - RIGHT, y]]);
  context.setLineDash([]);
  context.fillText(chart.reference.name, GUTTER + 4, y > 24 ? y - 9 : y + 10);
}

export function stroke(context, points) {
  context.beginPath();
  points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
}

// Round numbers between low and high, about `count` of them.
export function roundNumbers(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = power * ([1, 2, 5, 10].find((step) => step * power >= rough) ?? 10);
  const first = Math.ceil(low / unit);
  const multiples = Array.from({ length: Math.max(0, Math.floor(high / unit) - first + 1) }, (_, i) => (first + i) * unit);
  return multiples.map((value) => Number(value.toPrecision(12)));
}
