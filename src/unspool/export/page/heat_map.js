// The states of a recurrent layer over the words of a text: a row a word, a column a unit.

class HeatMap {
  constructor(model) {
    this.model = model;
    byId("heat").hidden = false;
  }

  show(text) {
    const steps = this.model.reader.steps(text), { values, width, length } = this.model.network.states(steps);
    const words = steps.words, first = Math.max(words.findIndex((word) => word !== ""), 0), rows = length - first;
    byId("steps").replaceChildren(...words.slice(first).map((word, i) =>
      element("li", { title: `${words.length > 1 ? "step " + (i + 1) + ", " : ""}moves the states by ${this.moved(values, width, first + i).toFixed(2)}` }, element("bdi", {}, word))));
    const canvas = byId("states"), pen = canvas.getContext("2d");
    canvas.width = width;
    canvas.height = rows;
    canvas.style.setProperty("--rows", rows);
    canvas.setAttribute("aria-label", this.described(words, values, width, first));
    const most = values.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-9), image = pen.createImageData(width, rows);
    const [paper, high, low] = ["--paper", "--model", "--other"].map(colour);
    for (let i = 0; i < rows * width; i++) {
      const share = values[first * width + i] / most, towards = share > 0 ? high : low;
      for (let c = 0; c < 3; c++) image.data[4 * i + c] = paper[c] + (towards[c] - paper[c]) * Math.abs(share);
      image.data[4 * i + 3] = 255;
    }
    pen.putImageData(image, 0, 0);
  }

  /** How far step t moves the states. */
  moved(values, width, t) {
    let total = 0;
    for (let u = 0; u < width; u++) total += (values[t * width + u] - (t ? values[(t - 1) * width + u] : 0)) ** 2;
    return Math.sqrt(total);
  }

  described(words, values, width, first) {
    const moves = words.map((word, t) => (t >= first ? this.moved(values, width, t) : 0));
    const order = moves.map((_, t) => t).sort((a, b) => moves[b] - moves[a]).slice(0, 3);
    return `States of ${width} units over ${words.length - first} words. These move them most: ${order.map((t) => words[t]).join(", ")}.`;
  }
}
