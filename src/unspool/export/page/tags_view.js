// A box to type in; each word with its tag, and the probabilities of the word that is pointed at.

/** The tags of words without capitals and full stops, as the dataset `capitals` has them: the text can be restored. */
const CAPITALS = ["Capital", "Capital.", "lower", "lower."];

class TagsView {
  constructor(model) {
    this.model = model;
    this.box = byId("text");
    const examples = model.description.golden.labels.map((_, i) => model.golden(i).filter((word) => word.trim()))
      .filter((words) => words.length > 2).map((words) => words.join(" "));
    this.common = mostFrequent(model.description.golden.labels.flat());
    this.restores = String([...model.answers.labels].sort()) === String(CAPITALS);
    byId("restored").hidden = !this.restores;
    offerTexts(this.box, examples, () => this.answer());
    this.box.addEventListener("input", latest(() => this.answer()));
    this.answer();
  }

  answer() {
    const text = this.box.value, places = this.model.reader.split(text), since = performance.now();
    const words = places.map(({ start, end }) => text.slice(start, end));
    const outputs = words.length ? this.model.outputs(words) : [], tags = this.model.tagged(outputs);
    byId("time").textContent = `${(performance.now() - since).toFixed(1)} ms`;
    const count = this.model.answers.labels.length;
    const probabilities = tags.map((_, t) => outputs.slice(t * count, (t + 1) * count));
    const items = tags.map((tag, t) => element("button", { type: "button", class: tag === this.common ? "tagged" : "tagged rare",
      "aria-label": `${words[t]}: ${tag}, ${percent(Math.max(...probabilities[t]))}` },
      element("bdi", {}, words[t]), element("small", {}, element("bdi", {}, tag))));
    moveAmong(items, (t) => this.point(items, t, words[t], tags[t], probabilities[t]));
    byId("tags").replaceChildren(...items);
    if (items.length) this.point(items, 0, words[0], tags[0], probabilities[0]);
    else this.point([], -1, "–", "", []);
    if (this.restores) byId("sentence").textContent = restored(words, tags);
  }

  point(items, chosen, word, tag, probabilities) {
    items.forEach((one, t) => one.classList.toggle("pointed", t === chosen));
    byId("word").textContent = word;
    byId("answer").textContent = tag;
    showBars(this.model.answers, probabilities);
  }
}

/** A text with its capitals and full stops. */
function restored(words, tags) {
  return words.map((word, t) => {
    const [first, ...rest] = word, capital = tags[t].startsWith("Capital");
    return `${capital ? first.toLocaleUpperCase("en") : first.toLowerCase()}${rest.join("")}${tags[t].endsWith(".") ? "." : ""}`;
  }).join(" ");
}

function mostFrequent(items) {
  const counts = new Map();
  for (const one of items) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}
