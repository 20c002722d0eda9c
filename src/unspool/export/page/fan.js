// The end of a history and its forecast with an interval, on a canvas as wide as the page.

const FAN = { height: 280, left: 52, right: 12, top: 12, bottom: 26 };

/**
 * Draw `{past, quantiles, label, chosen}`: (T) numbers, (H) of `[low, forecast, high]`, what is written below a step (counted
 * from the first of `past`), and the step ahead that is pointed at. Returns a function from x to the step ahead drawn there.
 */
function drawFan(canvas, { past, quantiles, label, chosen }) {
  const width = canvas.clientWidth, { height, left, right, top, bottom } = FAN, sharp = devicePixelRatio || 1;
  canvas.width = Math.round(width * sharp);
  canvas.height = Math.round(height * sharp);
  const pen = canvas.getContext("2d"), count = past.length + quantiles.length;
  pen.scale(sharp, sharp);
  pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  const ticks = ticksOf(past.reduce((a, b) => Math.min(a, b), quantiles.reduce((a, [low]) => Math.min(a, low), Infinity)),
    past.reduce((a, b) => Math.max(a, b), quantiles.reduce((a, one) => Math.max(a, one[2]), -Infinity)));
  const [low, high] = [ticks[0], ticks.at(-1)], ink = `rgb(${colour("--ink").join(" ")})`, model = colour("--model").join(" ");
  const x = (t) => left + (width - left - right) * (count > 1 ? t / (count - 1) : 0.5);
  const y = (one) => height - bottom - (height - top - bottom) * (high > low ? (one - low) / (high - low) : 0.5);
  const line = (points) => {
    pen.beginPath();
    points.forEach(([across, up]) => pen.lineTo(across, up));
  };
  pen.fillStyle = `rgb(${colour("--muted").join(" ")})`;
  pen.strokeStyle = `rgb(${colour("--line").join(" ")})`;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const one of ticks) {
    line([[left, y(one)], [width - right, y(one)]]);
    pen.stroke();
    pen.fillText(significant(one), left - 6, y(one), left - 8);
  }
  pen.textBaseline = "alphabetic";
  pen.textAlign = "left";
  pen.fillText(label(0), left, height - 8);
  pen.textAlign = "right";
  pen.fillText(label(count - 1), width - right, height - 8);
  if (width > 560) {
    pen.textAlign = "center";
    const at = Math.min(Math.max(x(past.length), left + 130), width - right - 130);
    pen.fillText(label(past.length), at, height - 8);
  }
  const ahead = quantiles.map((one, h) => [x(past.length + h), ...one.map(y)]), joint = past.length ? [[x(past.length - 1), y(past.at(-1))]] : [];
  line([...joint, ...ahead.map(([at, bound]) => [at, bound]), ...ahead.map(([at, , , bound]) => [at, bound]).reverse()]);
  pen.fillStyle = `rgb(${model} / 0.22)`;
  pen.fill();
  pen.lineWidth = 2;
  pen.strokeStyle = ink;
  line(Array.from(past, (one, t) => [x(t), y(one)]));
  pen.stroke();
  pen.strokeStyle = pen.fillStyle = `rgb(${model})`;
  line([...joint, ...ahead.map(([at, , middle]) => [at, middle])]);
  pen.stroke();
  ahead.forEach(([at, , middle], h) => {
    pen.beginPath();
    pen.arc(at, middle, h === chosen ? 6 : ahead.length > 60 ? 0 : 3, 0, 7);
    pen.fill();
  });
  if (chosen >= 0) {
    pen.lineWidth = 1;
    line([[ahead[chosen][0], top], [ahead[chosen][0], height - bottom]]);
    pen.stroke();
  }
  return (across) => Math.round((across - left) / (width - left - right) * (count - 1)) - past.length;
}

/** Round numbers from one that is not above `low` to one that is not below `high`. */
function ticksOf(low, high) {
  const span = high - low || Math.abs(high) || 1, rough = span / 4, power = 10 ** Math.floor(Math.log10(rough));
  const size = [1, 2, 5, 10].find((one) => one * power >= rough) * power, first = Math.floor(low / size);
  return Array.from({ length: Math.ceil(high / size) - first + 1 }, (_, i) => Number(((first + i) * size).toPrecision(12)));
}
