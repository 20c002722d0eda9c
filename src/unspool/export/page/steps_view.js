// A series pasted or dropped as CSV: its curves, and a band of tags below them.

class StepsView extends SeriesBox {
  constructor(model) {
    super(model);
    this.common = mostFrequent(model.description.golden.labels.flat());
    drawnInColour(() => this.choose(this.shown));
  }

  answer() {
    try {
      const series = parsedSeries(this.box.value, this.names, this.table), since = performance.now();
      const outputs = this.model.outputs(series), tags = this.model.tagged(outputs), count = this.model.answers.labels.length;
      byId("time").textContent = `${(performance.now() - since).toFixed(1)} ms`;
      drawCurves(byId("curves"), series.values, this.names);
      byId("wrong").textContent = "";
      const runs = runsOf(tags);
      const mean = ({ start, end }) => this.model.answers.labels.map((_, k) => {
        let total = 0;
        for (let t = start; t < end; t++) total += outputs[t * count + k];
        return total / (end - start);
      });
      const steps = ({ start, end }) => (end - start > 1 ? `steps ${start + 1} to ${end}` : `step ${end}`);
      const items = runs.map((run) => element("button", { type: "button", class: run.tag === this.common ? "tagged" : "tagged rare",
        style: { "flex-grow": run.end - run.start }, "aria-label": `${steps(run)}: ${run.tag}` }, element("bdi", {}, run.tag)));
      const point = (i) => {
        items.forEach((one, k) => one.classList.toggle("pointed", k === i));
        byId("word").textContent = steps(runs[i]);
        byId("answer").textContent = runs[i].tag;
        showBars(this.model.answers, mean(runs[i]));
      };
      moveAmong(items, point);
      byId("tags").replaceChildren(...items);
      point(0);
    } catch (error) {
      byId("wrong").textContent = error.message;
      byId("answer").textContent = "–";
    }
  }
}

/** Where equal tags stand side by side: `{tag, start, end}`. */
function runsOf(tags) {
  const found = [];
  tags.forEach((tag, t) => {
    if (found.at(-1)?.tag === tag) found.at(-1).end = t + 1;
    else found.push({ tag, start: t, end: t + 1 });
  });
  return found;
}
