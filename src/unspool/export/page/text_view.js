// A box to type in; the answer, and what each word adds to it.

const MOST_LEFT_OUT = 250; // words that are left out in turn

class TextView {
  constructor(model) {
    this.model = model;
    this.run = 0;
    this.box = byId("text");
    this.cells = model.rows ? new CellsView(model, latest(() => this.answer())) : null;
    const golden = model.description.golden.labels.map((_, i) => model.golden(i)).map((one) => (model.rows ? one : { text: one }));
    this.examples = golden.filter(({ text }) => model.rows || text.trim().length > 8);
    this.shown = 0;
    this.choose(0);
    this.box.addEventListener("input", latest(() => this.answer()));
    byId("another").addEventListener("click", () => {
      this.choose((this.shown + 1) % this.examples.length);
      this.answer();
    });
    byId("another").hidden = this.examples.length < 2;
    const chosen = byId("explained");
    model.answers.labels.forEach((label, i) => chosen.append(element("option", { value: i }, label)));
    byId("choice").hidden = !model.answers.labels.length;
    chosen.addEventListener("change", () => this.answer());
    this.heat = model.network && model.network.layers.some((one) => one.kind === "recurrent") ? new HeatMap(model) : null;
    drawnInColour(() => this.answer());
  }

  /** Put a golden example into the fields. */
  choose(number) {
    this.shown = number;
    this.box.value = this.examples[number]?.text ?? "";
    this.cells?.show(this.examples[number]?.cells ?? []);
  }

  answer() {
    try {
      const text = this.box.value, beside = this.cells?.cells(), since = performance.now();
      const outputs = this.outputs(text, beside);
      showAnswer(this.model, outputs, performance.now() - since);
      byId("wrong").textContent = "";
      this.heat?.show(text);
      this.explain(text, beside, outputs);
    } catch (error) {
      this.run++;
      byId("wrong").textContent = error.message;
      byId("answer").textContent = "–";
    }
  }

  outputs(text, cells) {
    return this.model.outputs(cells ? { text, cells } : text);
  }

  /** The label whose probability is explained: the chosen one, else the answer. */
  label(outputs) {
    const { answers } = this.model, chosen = byId("explained").value;
    if (!answers.labels.length) return 0;
    if (chosen !== "") return Number(chosen);
    return answers.kind === "multilabel" ? largest(outputs) : answers.labels.indexOf(answers.decide(outputs));
  }

  async explain(text, cells, outputs) {
    const run = ++this.run, label = this.label(outputs), { answers } = this.model;
    this.cells?.explain({ text, cells }, (one) => answers.height(one, label));
    byId("name").textContent = answers.labels.length ? `“${answers.labels[label]}”` : "a larger number";
    const units = unitsOf(this.model.characters, text);
    const exact = this.model.texts?.contributions && this.exact(text, cells, units, label);
    if (exact) {
      byId("how").textContent = `Exact: the words’ contributions, plus ${signed(exact.rest, answers.scale)} that does not come from any word, add up to the ${exact.of}.`;
      this.show(text, units, exact.weights);
      return;
    }
    const some = units.slice(0, MOST_LEFT_OUT), height = answers.height(outputs, label), weights = [];
    const falls = answers.labels.length ? "log-odds fall" : "number falls";
    byId("how").textContent = `How much the ${falls} when the word is left out` +
      `${some.length < units.length ? ` (the first ${MOST_LEFT_OUT} words)` : ""}.`;
    const leftOut = ({ start, end }) => text.slice(0, start) + text.slice(end);
    const done = await inSlices(some, (unit, i) => {
      weights[i] = height - answers.height(this.outputs(leftOut(unit), cells), label);
    }, () => run !== this.run);
    if (done) this.show(text, units, weights);
  }

  /** What each unit adds, by the linear model itself; null where it reads characters. */
  exact(text, cells, units, label) {
    const { answers, texts: linear } = this.model, several = answers.kind === "multiclass";
    const of = (k) => linear.contributions(text, k, cells);
    if (!of(0)) return null;
    const found = answers.labels.length && several ? answers.labels.map((_, k) => of(k)) : [of(answers.kind === "multilabel" ? label : 0)];
    const sign = answers.kind === "binary" && label === 0 ? -1 : 1, chosen = several ? label : 0;
    const value = (take) => {
      const mean = several ? found.reduce((all, one) => all + take(one), 0) / found.length : 0;
      return sign * (take(found[chosen]) - mean);
    };
    const { learned } = answers;
    const weights = units.map((unit) => learned.times * unit.tokens.reduce((all, t) => all + value((one) => one.tokens[t]), 0));
    const name = several ? "score of this label minus the mean score of all labels" : answers.labels.length ? "log-odds of this label" : learned.name;
    return { weights, rest: learned.times * value((one) => one.rest) + learned.plus, of: name };
  }

  /** The text with its words' weights: by colour, by the line below (solid for, dotted against), and by a sign. */
  show(text, units, weights) {
    const { scale } = this.model.answers, most = Math.max(mostOf(weights), 1e-9 * scale), words = document.createDocumentFragment();
    let done = 0;
    units.forEach(({ start, end }, i) => {
      if (start > done) words.append(text.slice(done, start));
      const share = (weights[i] ?? 0) / most, strong = Math.abs(share) >= 0.1;
      const word = element("span", { class: strong ? (share > 0 ? "for" : "against") : "", title: signed(weights[i] ?? 0, scale) }, text.slice(start, end));
      word.style.setProperty("--strength", `${Math.round(45 * Math.abs(share))}%`);
      if (Math.abs(share) >= 0.3) word.append(element("sup", { "aria-hidden": "true" }, share > 0 ? "+" : "−"));
      words.append(word);
      done = end;
    });
    words.append(text.slice(done));
    byId("words").replaceChildren(words);
    this.list(text, units, weights);
  }

  /** The strongest words with their numbers. */
  list(text, units, weights) {
    const total = new Map();
    units.forEach(({ start, end }, i) => {
      const word = text.slice(start, end);
      total.set(word, (total.get(word) ?? 0) + (weights[i] ?? 0));
    });
    const order = [...total].sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, 8);
    byId("strongest").replaceChildren(...order.map(([word, weight]) =>
      element("li", {}, element("bdi", {}, word), " ", element("span", { class: "number" }, signed(weight, this.model.answers.scale)))));
  }
}

/** What of a text is weighed as one: where its tokens stand, `{start, end, tokens}`, the numbers of these tokens. */
function unitsOf(characters, text) {
  const found = [];
  const placed = characters.classes ? characters.placedTokens(text) : Array.from(text.matchAll(/[\w'’\u0080-\uffff]+/g),
    ({ 0: one, index }) => ({ start: index, end: index + one.length }));
  placed.forEach(({ start, end }, t) => {
    if (found.at(-1)?.start === start && found.at(-1).end === end) found.at(-1).tokens.push(t);
    else found.push({ start, end, tokens: [t] });
  });
  return found;
}
