// The latent map: what the decoder makes of the place under the pointer.

const TILES = 11; // decoded in each direction behind the map

class LatentView {
  constructor(model) {
    const { golden } = model.description, count = golden.labels.length;
    this.model = model;
    this.images = model.description.reader.kind === "images";
    this.rows = Array.from({ length: count }, (_, i) => [...row(golden.vectors, i)]);
    const last = model.description.model.encoder.layers.at(-1);
    this.plane = new Plane(this.rows, last.kind === "dense" && last.activation === "sigmoid");
    this.at = this.plane.ranges.map(([low, high]) => (low + high) / 2);
    this.map = byId("map");
    this.map.addEventListener("pointermove", (event) => this.point(event));
    this.map.addEventListener("pointerdown", (event) => this.point(event));
    this.map.addEventListener("keydown", (event) => this.key(event));
    this.example = 0;
    byId("previous").addEventListener("click", () => this.choose(this.example - 1));
    byId("next").addEventListener("click", () => this.choose(this.example + 1));
    byId("picture-choice").hidden = !this.images;
    if (this.images) takeFiles(byId("picture"), (file) => this.take(file));
    byId("plane").textContent = this.plane.principal
      ? `The map shows the plane of the first two principal components of ${count} examples’ latent vectors, which have ${this.rows[0].length} numbers.`
      : this.rows[0].length > 1 ? "The axes of the map are the two numbers of the latent vector."
        : "The latent vector is one number, which grows from left to right; the vertical position has no meaning.";
    this.moved = latest(() => this.show());
    drawnInColour(() => {
      this.background();
      this.choose(this.example);
    });
  }

  /** The place on the map, in shares of its width and height from the top left. */
  shares([x, y]) {
    const [[left, right], [low, high]] = this.plane.ranges;
    return [(x - left) / (right - left), 1 - (y - low) / (high - low)];
  }

  placeOf(across, down) {
    const [[left, right], [low, high]] = this.plane.ranges, single = this.rows[0].length === 1;
    return [left + across * (right - left), single ? 0 : high - down * (high - low)];
  }

  point(event) {
    const box = this.map.getBoundingClientRect(), share = (one) => Math.min(Math.max(one, 0), 1);
    this.at = this.placeOf(share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height));
    this.moved();
  }

  key(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!steps) return;
    event.preventDefault();
    const size = event.shiftKey ? 0.1 : 0.02, now = this.shares(this.at);
    this.at = this.placeOf(...now.map((one, axis) => Math.min(Math.max(one + steps[axis] * size, 0), 1)));
    this.moved();
  }

  /** What is decoded all over the map, and the examples upon it. */
  background() {
    const canvas = byId("tiles"), size = canvas.width / TILES, pen = canvas.getContext("2d");
    pen.clearRect(0, 0, canvas.width, canvas.height);
    for (let i = 0; this.images && i < TILES * TILES; i++) {
      const across = i % TILES, down = Math.floor(i / TILES);
      const place = this.placeOf((across + 0.5) / TILES, (down + 0.5) / TILES);
      this.draw(pen, this.model.decode(this.plane.vector(place)), across * size, down * size, size, 0.4);
    }
    byId("dots").replaceChildren(...this.rows.map((vector, i) => {
      const [x, y] = this.shares(this.plane.place(vector));
      return element("i", { style: { left: percent(x), top: percent(y) }, title: `example ${i + 1}` });
    }));
  }

  show() {
    const vector = this.plane.vector(this.at), decoded = this.model.decode(vector), [x, y] = this.shares(this.at);
    byId("cross").style.left = percent(x);
    byId("cross").style.top = percent(y);
    this.picture(byId("decoded"), decoded);
    byId("where").textContent = this.at.slice(0, vector.length).map((one) => one.toFixed(3).replace("-", "−")).join(", ");
  }

  /** Show an example of the golden ones: what goes in, what comes out, and where it stands. */
  choose(number) {
    this.example = (number + this.rows.length) % this.rows.length;
    this.land(this.model.golden(this.example), `Example ${this.example + 1} of ${this.rows.length}`);
  }

  land(example, name) {
    const vector = this.model.encode(example);
    this.at = this.plane.place(vector);
    this.picture(byId("original"), example.values);
    this.picture(byId("reconstructed"), this.model.decode(vector));
    byId("which").textContent = `${name}: reconstruction error ${significant(this.model.outputs(example)[0])}`;
    this.show();
  }

  async take(file) {
    const grey = await greyOf(file, this.model.reader);
    if (grey) this.land({ values: grey, length: this.model.reader.length }, file.name);
    else byId("which").textContent = `${file.name} is not an image that this browser can read.`;
  }

  /** A sequence as an image, or as curves. */
  picture(canvas, values) {
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, canvas.width, canvas.height);
    if (this.images) this.draw(pen, values, 0, 0, canvas.width, 1);
    else drawTogether(canvas, values, this.model.reader.width);
    canvas.classList.toggle("grey", this.images);
  }

  draw(pen, values, left, top, size, strength) {
    drawGrey(pen, values, this.model.reader, left, top, size, size, strength);
  }
}
