// Small help with the page's elements, and numbers in words.

function byId(id) {
  return document.getElementById(id);
}

/** An element with properties and children; texts become text nodes, so that nothing in them acts. */
function element(name, properties = {}, ...children) {
  const found = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "class") found.className = value;
    else if (key === "style") for (const [one, of] of Object.entries(value)) found.style.setProperty(one, of);
    else found.setAttribute(key, value);
  }
  found.append(...children);
  return found;
}

function percent(share) {
  return `${(100 * share).toFixed(1)}%`;
}

/** A number with its sign: two decimals or, where `unit`, the size of such numbers, is below 1, those that give it three digits. */
function signed(number, unit) {
  const digits = Math.min(Math.max(2 - Math.floor(Math.log10(unit)), 2), 100), shown = Math.abs(number).toFixed(digits);
  return `${number < 0 && Number(shown) ? "−" : "+"}${shown}`;
}

/** The largest absolute value of some numbers. */
function mostOf(numbers) {
  return numbers.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
}

function significant(number) {
  return Number(number.toPrecision(4)).toString().replace("-", "−");
}

/** What the bars and the answer show of an example's outputs. */
function showAnswer(model, outputs, milliseconds) {
  const { answers } = model, decided = answers.decide(outputs);
  const said = Array.isArray(decided) ? decided.join(", ") || "no label" : decided;
  byId("answer").replaceChildren(element("bdi", {}, typeof said === "number" ? significant(said) : said));
  byId("time").textContent = `${milliseconds < 1 ? milliseconds.toFixed(2) : milliseconds.toFixed(0)} ms`;
  if (answers.labels.length) showBars(answers, answers.probabilities(outputs));
}

const MOST_BARS = 12;

/** A bar for each label; of many the most probable. */
function showBars(answers, probabilities) {
  const several = answers.kind === "multilabel" || answers.kind === "binary";
  let order = probabilities.map((_, i) => i);
  if (order.length > MOST_BARS) order = order.sort((a, b) => probabilities[b] - probabilities[a]).slice(0, MOST_BARS);
  byId("bars").replaceChildren(...order.map((i) => {
    const bar = element("span", { class: "bar" }, element("i", { style: { width: percent(probabilities[i]) } }));
    const threshold = answers.kind === "binary" ? (i ? answers.threshold : 1 - answers.threshold) : answers.threshold;
    if (several) bar.append(element("b", { style: { left: percent(threshold) }, title: `threshold ${percent(threshold)}` }));
    return element("li", {}, element("bdi", {}, answers.labels[i]), bar, element("span", { class: "number" }, percent(probabilities[i])));
  }));
}

/** A colour of the page as [r, g, b]. */
function colour(name) {
  if (!colours.has(name)) colours.set(name, seenColour(name));
  return colours.get(name);
}

const colours = new Map();

function seenColour(name) {
  const canvas = element("canvas", { width: 1, height: 1 }), pen = canvas.getContext("2d");
  pen.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  pen.fillRect(0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

/** Draw now, and again whenever the page turns dark or light. */
function drawnInColour(draw) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    colours.clear();
    draw();
  });
  draw();
}

/** Run `next` now or, where one waits already, only the last of them, before the page is drawn again. */
function latest(next) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      next();
    });
  };
}

/** Put the first of some texts into a box; the button "Another example" puts in the next, and calls `changed`. */
function offerTexts(box, texts, changed) {
  let shown = 0;
  box.value = texts[0] ?? "";
  byId("another").hidden = texts.length < 2;
  byId("another").addEventListener("click", () => {
    shown = (shown + 1) % texts.length;
    box.value = texts[shown];
    changed();
  });
}

/** Do something for each of many items, a few milliseconds at a time; stops where `stopped()` says so. */
async function inSlices(items, act, stopped) {
  let since = performance.now();
  for (let i = 0; i < items.length; i++) {
    if (performance.now() - since > 12) {
      await new Promise((go) => setTimeout(go));
      if (stopped()) return false;
      since = performance.now();
    }
    act(items[i], i);
  }
  return true;
}

/** What a generator gives when it is done, having run a few milliseconds at a time; undefined where `stopped()` says so. */
async function inTurns(steps, stopped = () => false) {
  let since = performance.now();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - since > 12) {
      await new Promise((go) => setTimeout(go));
      if (stopped()) return undefined;
      since = performance.now();
    }
  }
}

/** Let the arrow keys move among items, of which the Tab key reaches one; `chosen` is told which has the focus or the pointer. */
function moveAmong(items, chosen) {
  const reach = (i) => items.forEach((one, k) => (one.tabIndex = k === i ? 0 : -1));
  items.forEach((item, i) => {
    item.addEventListener("keydown", (event) => {
      const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -items.length, End: items.length };
      if (!(event.key in steps)) return;
      event.preventDefault();
      items[Math.min(Math.max(i + steps[event.key], 0), items.length - 1)].focus();
    });
    item.addEventListener("focus", () => {
      reach(i);
      chosen(i);
    });
    item.addEventListener("pointerenter", () => chosen(i));
  });
  reach(0);
}

/** Have files given to `take`: chosen, or dropped anywhere on the page. */
function takeFiles(input, take) {
  input.addEventListener("change", () => input.files[0] && take(input.files[0]));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
}
