// The pad as the person sees it, and what the network sees of it.

const SEEN_THROUGH = 0.85; // opacity of strokes over a picture

// Over a picture (`through`) the eraser takes strokes away; elsewhere it paints the pad's ground.
function paintStroke(context, stroke, scale, ground, through = false) {
  const { points, size, tool, colour } = stroke;
  context.globalCompositeOperation = through && tool === "eraser" ? "destination-out" : "source-over";
  context.lineWidth = size * scale;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = context.fillStyle = tool === "eraser" ? ground : colour;
  context.beginPath();
  if (points.length === 2) {
    context.arc(points[0] * scale, points[1] * scale, (size * scale) / 2, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  for (const [step, ...at] of curve(points)) {
    const [a, b, c, d] = at.map((value) => value * scale);
    if (step === "M") context.moveTo(a, b);
    else if (step === "L") context.lineTo(a, b);
    else context.quadraticCurveTo(a, b, c, d);
  }
  context.stroke();
}

function paintStrokes(context, pad, strokes, width, through = false) {
  const height = (width * pad.height) / UNIT;
  context.globalCompositeOperation = "source-over";
  context.clearRect(0, 0, width, height);
  context.fillStyle = pad.ground;
  if (!through) context.fillRect(0, 0, width, height);
  for (const stroke of visible(strokes)) paintStroke(context, stroke, width / UNIT, pad.ground, through);
}

function paint(pad) {
  pad.frame = 0;
  const [width, height] = [pad.size, (pad.size * pad.height) / UNIT];
  // Finished strokes are kept as a picture, so that a frame costs one stroke however much is drawn.
  const context = fitCanvas(pad.ink, width, height);
  const { picture } = pad;
  const stamp = `${pad.ink.width}·${pad.version}·${Boolean(picture)}`;
  if (pad.stamp !== stamp || (picture && pad.stroke)) {
    const strokes = picture && pad.stroke ? [...pad.strokes, pad.stroke] : pad.strokes;
    paintStrokes(fitCanvas(pad.layer, width, height), pad, strokes, width, Boolean(picture));
    pad.stamp = picture && pad.stroke ? "" : stamp;
  }
  if (picture) paintTile(context, picture, 0, 0, 0, width, height);
  context.globalAlpha = picture ? SEEN_THROUGH : 1;
  context.drawImage(pad.layer, 0, 0, width, height);
  context.globalAlpha = 1;
  if (pad.stroke && !picture) paintStroke(context, pad.stroke, width / UNIT, pad.ground);
  if (pad.pen && (pad.hovered || pad.keyed)) paintPen(context, pad, width / UNIT);
}

function paintPen(context, pad, scale) {
  const [x, y] = pad.pen;
  const radius = Math.max(2, (pad.width * scale) / 2);
  for (const [colour, lineWidth] of [["#000", 3], ["#fff", 1.25]]) {
    context.strokeStyle = colour;
    context.lineWidth = lineWidth;
    context.beginPath();
    context.arc(x * scale, y * scale, radius, 0, 2 * Math.PI);
    context.stroke();
  }
}

function repaint(pad) {
  pad.frame ||= requestAnimationFrame(() => paint(pad));
}

// The picture that is painted on.
async function showGround(pad, sheet) {
  pad.root.classList.toggle("over", Boolean(sheet));
  const url = (pad.groundUrl = sheet?.url ?? "");
  const loaded = sheet && (await loadSheet(sheet));
  if (pad.groundUrl !== url) return;
  pad.picture = loaded ?? null;
  repaint(pad);
}

async function showPreview(pad, sheet, shape) {
  const label = sheet ? `What the network sees: ${shape.join(" by ")} pixels` : "Nothing is drawn yet";
  pad.seen.setAttribute("aria-label", label);
  const url = (pad.previewUrl = sheet?.url ?? "");
  const times = Math.max(1, Math.round(112 / shape[1]));
  pad.seen.style.width = `${times * shape[1]}px`;
  pad.seen.style.height = `${times * shape[0]}px`;
  const loaded = sheet && (await loadSheet(sheet));
  if (pad.previewUrl !== url) return;
  [pad.seen.height, pad.seen.width] = shape;
  const context = pad.seen.getContext("2d");
  context.fillStyle = pad.ground;
  context.fillRect(0, 0, shape[1], shape[0]);
  if (loaded) paintTile(context, loaded, 0, 0, 0, shape[1], shape[0]);
}
