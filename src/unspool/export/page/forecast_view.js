// A history pasted or dropped as CSV: its end, the forecast with its interval, and the forecast as a table of numbers.

class ForecastView {
  constructor(model) {
    this.model = model;
    this.reader = model.histories;
    this.box = byId("series");
    this.canvas = byId("fan");
    const { golden } = model.description;
    this.places = golden.places ?? (this.reader.step.unit === "row" ? golden.labels.map(() => ["", ""]) : []);
    this.shown = 0;
    this.box.addEventListener("input", latest(() => this.read()));
    byId("another").hidden = this.places.length < 2;
    byId("another").addEventListener("click", () => this.choose(this.shown + 1));
    byId("which").addEventListener("change", () => this.answer());
    byId("copy").addEventListener("click", () => this.copy());
    takeFiles(byId("file"), async (file) => {
      this.box.value = await file.text();
      this.read();
    });
    const draw = latest(() => this.draw());
    this.canvas.addEventListener("pointermove", (event) => {
      const step = this.stepAt?.(event.offsetX);
      if (step >= 0 && step < this.found.quantiles.length) this.point(step);
    });
    new ResizeObserver(draw).observe(this.canvas);
    if (this.places.length) this.choose(0);
    else {
      this.box.value = `${this.reader.names.map(quotedCell).join(",")}\n`;
      this.read();
    }
    drawnInColour(draw);
  }

  /** Put a golden example into the box. */
  choose(number) {
    this.shown = number % this.places.length;
    const [name, begins] = this.places[this.shown];
    this.box.value = this.reader.tableOf(this.model.golden(this.shown), begins, name);
    this.read();
  }

  /** Read the box; with several series, one is chosen. */
  read() {
    const which = byId("which"), before = which.value;
    try {
      this.series = this.reader.read(this.box.value);
      which.replaceChildren(...this.series.map(({ name }, i) => element("option", { value: i }, name)));
      which.value = this.series[before] ? before : "0";
      byId("choice").hidden = this.series.length < 2;
      byId("wrong").textContent = this.reader.note;
      this.answer();
    } catch (error) {
      byId("wrong").textContent = error.message;
      byId("choice").hidden = true;
      this.series = this.found = null;
      byId("forecast").replaceChildren();
      byId("pointed").textContent = "–";
      this.draw();
    }
  }

  answer() {
    const { example, first, day } = this.series[Number(byId("which").value) || 0], { step } = this.reader, since = performance.now();
    const outputs = this.model.outputs(example);
    byId("time").textContent = `Computed in ${(performance.now() - since).toFixed(1)} ms.`;
    const quantiles = Array.from({ length: outputs.length / 3 }, (_, h) => outputs.slice(3 * h, 3 * h + 3));
    const width = example.values.length / example.length, tail = Math.max(3 * quantiles.length, 2 * this.reader.season, 20);
    const from = Math.max(example.length - Math.min(tail, 400), 0);
    this.found = { quantiles, chosen: -1, times: quantiles.map((_, h) => step.shown(step.timeAt(first, example.length + h, day))),
      past: Array.from({ length: example.length - from }, (_, t) => example.values[(from + t) * width]),
      label: (t) => step.shown(step.timeAt(first, from + t, day)) };
    this.list();
    this.point(0);
  }

  /** The table of numbers. */
  list() {
    const { quantiles, times } = this.found, { table } = this.reader, said = roundedTo(quantiles.flat());
    const head = [table.time ?? "step", "forecast", "low", "high"].map((one, i) => element("th", { scope: "col", class: i ? "number" : "" }, element("bdi", {}, one)));
    const buttons = times.map((time) => element("button", { type: "button" }, time));
    this.rows = quantiles.map(([low, middle, high], h) => element("tr", {}, element("th", { scope: "row" }, buttons[h]),
      ...[middle, low, high].map((one) => element("td", { class: "number" }, said(one)))));
    this.said = said;
    moveAmong(buttons, (h) => this.point(h));
    this.rows.forEach((row, h) => row.addEventListener("pointerenter", () => this.point(h)));
    byId("forecast").replaceChildren(element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...this.rows));
    byId("copied").textContent = "";
  }

  point(h) {
    const { quantiles, times } = this.found, [low, middle, high] = quantiles[h].map(this.said);
    this.found.chosen = h;
    this.rows.forEach((row, i) => row.classList.toggle("pointed", i === h));
    byId("pointed").replaceChildren(`${times[h]}: `, element("strong", {}, middle), ` (${low} to ${high})`);
    this.draw();
  }

  draw() {
    if (this.found) this.stepAt = drawFan(this.canvas, this.found);
    else this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  async copy() {
    if (!this.found) return;
    const { quantiles, times } = this.found, number = (one) => String(Number(one.toPrecision(9)));
    const lines = quantiles.map(([low, middle, high], h) => [times[h], ...[middle, low, high].map(number)].join(","));
    const text = [[quotedCell(this.reader.table.time ?? "step"), "forecast", "low", "high"].join(","), ...lines].join("\n");
    try {
      await navigator.clipboard.writeText(text);
      byId("copied").textContent = `Copied ${quantiles.length} lines.`;
    } catch {
      getSelection().selectAllChildren(byId("forecast"));
      byId("copied").textContent = "This browser does not let pages copy text, so the table is selected instead.";
    }
  }
}

/** Formats numbers, all with as many decimals as the largest needs for four digits. */
function roundedTo(numbers) {
  const most = numbers.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const decimals = Math.min(Math.max(most > 0 ? 3 - Math.floor(Math.log10(most)) : 0, 0), 12);
  return (one) => one.toFixed(decimals).replace("-", "−");
}
