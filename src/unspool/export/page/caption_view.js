// A caption of a film or a series, and what each of its words looks at.

const MOST_NUMBERED = 40; // a longer strip has no numbers below its steps

class CaptionView {
  constructor(model) {
    this.translator = model.translator;
    this.run = 0;
    if (model.description.task.rows) {
      this.film = new FilmView(model, (film) => this.caption(film), (at) => this.mark(at));
      drawnInColour(() => (this.film.film ? this.redraw() : this.film.choose(0)));
    } else {
      new CaptionBox(model, (series) => this.caption(series));
    }
  }

  async caption(series) {
    const run = ++this.run, { translator } = this, { beam } = translator.task, since = performance.now();
    this.strip(series.length);
    byId("words").replaceChildren();
    byId("looked").textContent = "";
    byId("time").textContent = "writing …";
    const found = await inTurns(translator.search(series, beam, 1), () => run !== this.run);
    if (!found) return;
    const [{ text, ids, ended }] = found;
    byId("answer").replaceChildren(element("bdi", {}, text || "(nothing)"));
    byId("time").textContent = `${(performance.now() - since).toFixed(0)} ms`;
    const looks = translator.attention(translator.source(series), [translator.task.start, ...ids, ...(ended ? [translator.task.end] : [])]);
    this.list(wordsOf(ids.map((id) => translator.tokens.decode([id]))), looks.map(([one]) => one));
  }

  /** A button for each word; pointed at, it shows what its pieces look at, on average. */
  list(words, looks) {
    const shares = words.map(({ start, end }) => Array.from(looks[0], (_, s) => average(looks.slice(start, end).map((one) => one[s]))));
    const items = words.map(({ text }) => element("button", { type: "button", class: "tagged" }, element("bdi", {}, text)));
    const point = (i) => {
      items.forEach((one, k) => one.classList.toggle("pointed", k === i));
      const most = Math.max(...shares[i]), best = largest(shares[i]);
      this.bars.forEach((bar, s) => {
        bar.style.setProperty("--share", percent(shares[i][s] / most));
        bar.title = `${this.film ? "frame" : "step"} ${s + 1}: ${percent(shares[i][s])}`;
      });
      byId("looked").replaceChildren("“", element("bdi", {}, words[i].text), `” looks most at ${this.film ? "frame" : "step"} ${best + 1} (${percent(shares[i][best])})`);
    };
    moveAmong(items, point);
    byId("words").replaceChildren(...items);
    if (items.length) point(0);
  }

  /** A bar for each step; for films, below its frame. */
  strip(length) {
    this.bars = Array.from({ length }, () => element("i", {}));
    this.steps = this.bars.map((bar, t) => element("li", {}, ...(this.film ? [element("canvas", { class: "grey", "aria-hidden": "true" })] : []),
      bar, ...(length <= MOST_NUMBERED ? [element("small", {}, `${t + 1}`)] : [])));
    byId("strip").replaceChildren(...this.steps);
    this.redraw();
  }

  redraw() {
    if (!this.film) return;
    this.steps.forEach((step, t) => showGrey(step.firstChild, this.film.frame(t), this.film.size));
  }

  mark(at) {
    this.steps.forEach((step, t) => step.classList.toggle("now", t === at));
  }
}

/** The box for a series that is no film. */
class CaptionBox extends SeriesBox {
  constructor(model, shown) {
    super(model);
    this.given = shown;
    drawnInColour(() => this.choose(this.shown));
  }

  answer() {
    try {
      const series = present(parsedSeries(this.box.value, this.names, this.table), this.names.length);
      drawCurves(byId("curves"), series.values, this.names);
      byId("wrong").textContent = "";
      this.given(series);
    } catch (error) {
      byId("wrong").textContent = error.message;
      byId("answer").textContent = "–";
    }
  }
}
