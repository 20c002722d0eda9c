// A box to type in; its translations with their scores, and what each written token looks at in the source.

const SHOWN = 5; // translations
const PAUSE = 200; // milliseconds without a key before a text is translated
const MOST_CELLS = 40; // tokens of a side of the attention map

class TranslationView {
  constructor(model) {
    this.translator = model.translator;
    this.run = 0;
    this.box = byId("text");
    const examples = model.description.golden.labels.map((_, i) => model.golden(i)).filter((one) => one.trim().length > 1);
    offerTexts(this.box, examples, () => this.answer());
    this.box.addEventListener("input", () => {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.answer(), PAUSE);
    });
    const layers = byId("layer"), { blocks } = this.translator.network;
    for (let i = 0; i < blocks; i++) layers.append(element("option", { value: i }, `layer ${i + 1} of ${blocks}`));
    byId("layers").hidden = blocks === 1;
    layers.addEventListener("change", () => this.drawMap());
    this.answer();
  }

  async answer() {
    const run = ++this.run, text = this.box.value, { translator } = this, { beam } = translator.task;
    const stopped = () => run !== this.run, since = performance.now();
    byId("wrong").textContent = "";
    byId("time").textContent = "translating …";
    try {
      const own = await inTurns(translator.search(text, beam, Math.min(beam, SHOWN)), stopped);
      if (!own) return;
      byId("answer").replaceChildren(element("bdi", {}, own[0].text || "(nothing)"));
      byId("time").textContent = `${(performance.now() - since).toFixed(0)} ms`;
      const found = beam >= SHOWN ? own : await inTurns(translator.search(text, SHOWN, SHOWN), stopped);
      if (!found) return;
      byId("how").textContent = beam === 1
        ? "The model’s own answer takes the most probable token each time; these are found with a beam of 5."
        : beam < SHOWN ? `The model’s own answer is found with a beam of ${beam}; these with a beam of 5.` : `Found with the model’s own beam of ${beam}.`;
      this.list(text, found, own[0]);
    } catch (error) {
      byId("wrong").textContent = error.message;
      byId("answer").textContent = "–";
      byId("time").textContent = "";
    }
  }

  /** The best translations, of which one is chosen for the map. */
  list(text, found, own) {
    const most = found[0].score, choose = (chosen) => {
      items.forEach((one, i) => one.setAttribute("aria-pressed", i === chosen));
      this.look(text, found[chosen]);
    };
    const items = found.map((one, i) => {
      const item = element("button", { type: "button", class: "translation", "aria-pressed": "false" }, element("bdi", {}, one.text || "(nothing)"),
        element("span", { class: "number" }, `${one.score.toFixed(3).replace("-", "−")}${one.ended ? "" : ", cut"}`),
        element("span", { class: "bar", "aria-hidden": "true" }, element("i", { style: { width: percent(Math.exp(one.score - most)) } })));
      item.addEventListener("click", () => choose(i));
      return item;
    });
    byId("translations").replaceChildren(...items.map((one) => element("li", {}, one)));
    choose(Math.max(found.findIndex((one) => one.text === own.text), 0));
  }

  /** Have the chosen translation written again, to see what each token looks at. */
  look(text, { ids, ended }) {
    const { tokens, task } = this.translator, source = this.translator.ids(text);
    const written = [task.start, ...ids, ...(ended ? [task.end] : [])];
    const named = (some) => some.map((id, i) => pieceShown(tokens.decode([id]), i > 1));
    const to = named(written).slice(1);
    if (ended) to[to.length - 1] = "(end)";
    this.map = { looks: this.translator.attention(source, written), from: ["(start)", ...named(source).slice(1)], to };
    this.drawMap();
  }

  drawMap() {
    const { looks, from, to } = this.map, layer = byId("layer").value, columns = from.slice(0, MOST_CELLS), rows = to.slice(0, MOST_CELLS);
    const shares = rows.map((_, t) => layer === ""
      ? columns.map((_, s) => looks[t].reduce((all, one) => all + one[s], 0) / looks[t].length)
      : [...looks[t][Number(layer)]].slice(0, MOST_CELLS));
    const heads = columns.map((one) => element("th", { scope: "col" }, element("span", {}, element("bdi", {}, one))));
    const buttons = rows.map((one) => element("button", { type: "button" }, element("bdi", {}, one)));
    const lines = rows.map((one, t) => element("tr", {}, element("th", { scope: "row" }, buttons[t]),
      ...shares[t].map((share, s) => element("td", { title: `${one} looks at ${columns[s]}: ${percent(share)}`, style: { "--share": percent(share) } }))));
    byId("attention").replaceChildren(element("thead", {}, element("tr", {}, element("td"), ...heads)), element("tbody", {}, ...lines));
    const point = (t) => {
      const order = columns.map((_, s) => s).sort((a, b) => shares[t][b] - shares[t][a]).slice(0, 3);
      lines.forEach((line, i) => line.classList.toggle("pointed", i === t));
      heads.forEach((head, s) => head.classList.toggle("pointed", s === order[0]));
      byId("looked").replaceChildren(quoted(rows[t]), " looks at ", ...order.flatMap((s, i) => [i ? ", " : "", quoted(columns[s]), ` (${percent(shares[t][s])})`]));
    };
    moveAmong(buttons, point);
    lines.forEach((line, t) => line.addEventListener("pointerenter", () => point(t)));
    byId("cut").hidden = rows.length === to.length && columns.length === from.length;
    if (rows.length) point(0);
  }
}

function quoted(text) {
  return element("span", {}, "“", element("bdi", {}, text), "”");
}

/** A piece as people read it: a dot stands before what continues a word. */
function pieceShown(text, goesOn) {
  if (!text.trim()) return "␣";
  if (text.includes("\ufffd")) return "…"; // some bytes of a character
  return goesOn && /^[\p{L}\p{M}\p{N}]/u.test(text) ? `·${text}` : text.trim();
}
