// A series pasted or dropped as CSV: its curves, the answer, and which steps speak for it.

const WINDOWS = 24; // that are smoothed away in turn

class SeriesView extends SeriesBox {
  constructor(model) {
    super(model);
    this.channels = this.names.length;
    this.run = 0;
    drawnInColour(() => this.choose(this.shown));
  }

  answer() {
    this.run++;
    try {
      const series = present(parsedSeries(this.box.value, this.names, this.table), this.channels), since = performance.now();
      const outputs = this.model.outputs(series);
      showAnswer(this.model, outputs, performance.now() - since);
      drawCurves(byId("curves"), series.values, this.names);
      byId("wrong").textContent = "";
      this.explain(series, outputs);
    } catch (error) {
      byId("wrong").textContent = error.message;
      byId("answer").textContent = "–";
    }
  }

  /** How much the answer falls where a window becomes a straight line between its ends. */
  async explain(series, outputs) {
    const run = this.run, { answers } = this.model, { length } = series;
    const label = answers.labels.length ? largest(answers.probabilities(outputs)) : 0, height = answers.height(outputs, label);
    const size = Math.max(Math.ceil(length / WINDOWS), 2), starts = [], falls = [];
    for (let start = 0; start < length; start += size) starts.push(start);
    const done = await inSlices(starts, (start, i) => {
      falls[i] = height - answers.height(this.model.outputs(this.flattened(series, start, start + size)), label);
    }, () => run !== this.run);
    if (!done) return;
    const { scale } = answers, most = Math.max(mostOf(falls), 1e-9 * scale);
    byId("windows").replaceChildren(...falls.map((fall, i) => element("i", {
      class: fall > 0 ? "for" : "against", title: `steps ${starts[i] + 1} to ${Math.min(starts[i] + size, length)}: ${signed(fall, scale)}`,
      style: { "flex-grow": Math.min(size, length - starts[i]), "--strength": percent(Math.abs(fall) / most) } })));
    const order = starts.map((_, i) => i).sort((a, b) => falls[b] - falls[a]).slice(0, 3).filter((i) => falls[i] > 0);
    byId("how").textContent = order.length
      ? `The strongest are ${order.map((i) => `steps ${starts[i] + 1} to ${Math.min(starts[i] + size, length)} (${signed(falls[i], scale)})`).join(", ")}.`
      : "No part of the series counts for the answer by itself.";
  }

  flattened({ values, length }, start, stop) {
    const found = values.slice(), { channels } = this, end = Math.min(stop, length);
    for (let c = 0; c < channels; c++) {
      const at = (t) => values[Math.min(Math.max(t, 0), length - 1) * channels + c];
      const [before, after] = [at(start - 1), at(end)];
      for (let t = start; t < end; t++) found[t * channels + c] = before + (after - before) * (t - start + 1) / (end - start + 1);
    }
    return { values: found, length };
  }
}
