// Curves of a series, one for each channel.

const LANES = 8; // most channels that are drawn one below the other
const LANE = 72; // least height of each, in pixels

/** Draw (T, C) numbers of named channels on a canvas: each channel on its own scale, one below the other, or all on
 *  one scale if there are many. */
function drawCurves(canvas, values, names) {
  const channels = names.length;
  if (channels === 1 || channels > LANES) return drawTogether(canvas, values, channels);
  const shown = canvas.clientWidth || canvas.width, ratio = canvas.width / shown, above = 18 * ratio;
  canvas.height = Math.round(Math.max(LANE * channels, (shown * 240) / 752) * ratio);
  canvas.style.aspectRatio = `${canvas.width} / ${canvas.height}`;
  const pen = canvas.getContext("2d"), height = canvas.height / channels;
  pen.font = `${12 * ratio}px system-ui, sans-serif`;
  pen.fillStyle = `rgb(${colour("--ink").join(" ")})`;
  names.forEach((name, c) => {
    const [low, high] = boundsOf(values, channels, [c]);
    const range = low > high ? "no numbers" : low === high ? significant(low) : `${significant(low)} to ${significant(high)}`;
    pen.fillText(`${/^\d+$/.test(name) ? `channel ${name}` : name}: ${range}`, 8, c * height + above - 4 * ratio, canvas.width - 16);
    drawLane(pen, values, channels, [c], { low, high, top: c * height + above, height: height - above });
  });
}

/** Draw (T, C) numbers on a canvas, all channels on one scale. */
function drawTogether(canvas, values, channels) {
  const pen = canvas.getContext("2d"), drawn = Array.from({ length: channels }, (_, c) => c);
  const [low, high] = boundsOf(values, channels, drawn);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  drawLane(pen, values, channels, drawn, { low, high, top: 0, height: canvas.height });
}

/** The least and the greatest known number of some channels; Infinity and -Infinity if there is none. */
function boundsOf(values, channels, drawn) {
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]) || !drawn.includes(i % channels)) continue;
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  return [low, high];
}

/** Draw some channels between two heights, on one scale; they differ by their dashes, too. */
function drawLane(pen, values, channels, drawn, { low, high, top, height }) {
  const length = values.length / channels, pad = 8, { width } = pen.canvas;
  const x = (t) => pad + (width - 2 * pad) * (length > 1 ? t / (length - 1) : 0.5);
  const y = (one) => top + height - pad - (height - 2 * pad) * (high > low ? (one - low) / (high - low) : 0.5);
  pen.lineWidth = 2;
  for (const [place, c] of drawn.entries()) {
    pen.strokeStyle = `rgb(${colour(place % 2 ? "--other" : "--model").join(" ")} / ${Math.max(1 - 0.5 * Math.floor(place / 2) / Math.max(drawn.length / 2, 1), 0.4)})`;
    pen.setLineDash([[], [8, 4], [2, 3], [10, 3, 2, 3]][place % 4]);
    pen.beginPath();
    let on = false;
    for (let t = 0; t < length; t++) {
      const one = values[t * channels + c];
      if (!Number.isFinite(one)) on = false;
      else if (on) pen.lineTo(x(t), y(one));
      else {
        pen.moveTo(x(t), y(one));
        on = true;
      }
    }
    pen.stroke();
  }
  pen.setLineDash([]);
}
