// Curves of a series, one for each channel.

/** Draw (T, C) numbers on a canvas; channels differ by their dashes, too. */
function drawCurves(canvas, values, channels) {
  const pen = canvas.getContext("2d"), length = values.length / channels, { width, height } = canvas;
  const known = Array.from(values).filter(Number.isFinite), low = Math.min(...known), high = Math.max(...known);
  const pad = 8, x = (t) => pad + (width - 2 * pad) * (length > 1 ? t / (length - 1) : 0.5);
  const y = (one) => height - pad - (height - 2 * pad) * (high > low ? (one - low) / (high - low) : 0.5);
  pen.clearRect(0, 0, width, height);
  pen.lineWidth = 2;
  for (let c = 0; c < channels; c++) {
    pen.strokeStyle = `rgb(${colour(c % 2 ? "--other" : "--model").join(" ")} / ${Math.max(1 - 0.5 * Math.floor(c / 2) / Math.max(channels / 2, 1), 0.4)})`;
    pen.setLineDash([[], [8, 4], [2, 3], [10, 3, 2, 3]][c % 4]);
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
  return { x, low, high };
}

/** Numbers of a CSV, a line a step; a first line may name the channels. `{values, length}`, or an error in words. */
function parsedSeries(text, names) {
  const channels = names.length;
  const lines = text.split(/\r?\n/).filter((line) => line.trim());
  const rows = lines.map((line) => line.split(/[,;\t]/).map((one) => one.trim()));
  const number = (one) => (/^(nan|na|null|)$/i.test(one) ? NaN : Number(one));
  const isHead = (cells) => cells.join() === names.join() || cells.every((one) => one !== "" && Number.isNaN(number(one)));
  const steps = rows.length && isHead(rows[0]) ? rows.slice(1) : rows;
  for (const [i, cells] of steps.entries()) {
    const at = `Step ${i + 1} (${cells.join(", ").slice(0, 40)})`;
    if (cells.length !== channels) throw new Error(`${at} has ${cells.length} numbers; this model reads ${channels}.`);
    const wrong = cells.find((one) => !/^(nan|na|null|)$/i.test(one) && !(Math.abs(Number(one)) <= 3.4e38));
    if (wrong !== undefined) throw new Error(`${at}: “${wrong}” is not a number.`);
  }
  if (!steps.length) throw new Error("There are no steps yet.");
  return { values: Float64Array.from(steps.flat(), number), length: steps.length };
}

/** A series as CSV, its channels named in the first line. */
function csvOf({ values, length }, names) {
  const channels = names.length;
  const lines = Array.from({ length }, (_, t) =>
    Array.from(values.subarray(t * channels, (t + 1) * channels), (one) => (Number.isNaN(one) ? "" : Number(one.toPrecision(6)))).join(","));
  return [names.join(","), ...lines].join("\n");
}
