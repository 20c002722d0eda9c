// An image that is drawn, dropped or one of the golden examples: what the model reads, and how it and bicubic enlarge it.

const PAD = 10; // pixels of the pad per pixel of the large image
const STROKE = 0.08; // of the pad's width, about that of a pen in handwritten digits

class UpscalingView {
  constructor(model) {
    this.model = model;
    this.upscaler = model.upscaler;
    this.pad = byId("pad");
    this.count = model.description.golden.labels.length;
    const { length, width } = this.upscaler.large;
    [this.pad.width, this.pad.height] = [PAD * width, PAD * length];
    this.pen = this.pad.getContext("2d", { willReadFrequently: true });
    this.shown = 0;
    this.changed = latest(() => this.drawn());
    this.pad.addEventListener("pointerdown", (event) => this.begin(event));
    this.pad.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) this.pad.addEventListener(end, () => (this.at = null));
    byId("clear").addEventListener("click", () => this.clear());
    byId("another").hidden = this.count < 2;
    byId("another").addEventListener("click", () => this.choose(this.shown + 1));
    takeFiles(byId("picture"), (file) => this.take(file));
    drawnInColour(() => {
      this.pen.globalCompositeOperation = "source-in";
      this.pen.fillStyle = `rgb(${colour("--ink").join(" ")})`;
      this.pen.fillRect(0, 0, this.pad.width, this.pad.height);
      this.pen.globalCompositeOperation = "source-over";
      if (this.image) this.show(this.image, this.original);
      else this.choose(0);
    });
  }

  /** A golden example, of which only the small image is known. */
  choose(number) {
    this.shown = number % this.count;
    this.wipe();
    this.show(this.model.golden(this.shown).values, null, `Example ${this.shown + 1} of ${this.count}`);
  }

  async take(file) {
    const grey = await greyOf(file, this.upscaler.large);
    if (!grey) {
      byId("wrong").textContent = `${file.name} is not an image that this browser can read.`;
      return;
    }
    this.wipe();
    this.show(this.upscaler.shrunk(grey), grey, file.name);
  }

  begin(event) {
    if (!this.strokes) this.wipe();
    this.strokes = true;
    this.pad.setPointerCapture(event.pointerId);
    this.at = null;
    this.move(event);
  }

  move(event) {
    if (!this.pad.hasPointerCapture(event.pointerId)) return;
    const { pad, pen } = this, box = pad.getBoundingClientRect();
    const at = [(event.clientX - box.left) / box.width * pad.width, (event.clientY - box.top) / box.height * pad.height];
    pen.strokeStyle = `rgb(${colour("--ink").join(" ")})`;
    pen.lineWidth = STROKE * pad.width;
    pen.lineCap = "round";
    pen.beginPath();
    pen.moveTo(...(this.at ?? at));
    pen.lineTo(...at);
    pen.stroke();
    this.at = at;
    this.changed();
  }

  /** What is on the pad, shrunk: each pixel of the large image is the mean of a square of it. */
  drawn() {
    const { width, height } = this.pad, { data } = this.pen.getImageData(0, 0, width, height), { large } = this.upscaler;
    const original = new Float64Array(large.length * large.width);
    for (let i = 0; i < width * height; i++) {
      original[Math.floor(i / width / PAD) * large.width + Math.floor(i % width / PAD)] += data[4 * i + 3] / 255 / PAD ** 2;
    }
    this.show(this.upscaler.shrunk(original), original, "Drawn by you");
  }

  clear() {
    this.wipe();
    this.strokes = true;
    this.drawn();
  }

  wipe() {
    this.strokes = false;
    this.pen.clearRect(0, 0, this.pad.width, this.pad.height);
  }

  /** Show an image, and how far both enlarged ones are off where the `original` is known. */
  show(image, original, name = byId("whose").textContent) {
    const { size, large } = this.upscaler, since = performance.now(), enlarged = this.upscaler.enlarged(image);
    byId("time").textContent = `${(performance.now() - since).toFixed(1)} ms`;
    Object.assign(this, { image, original });
    const interpolated = this.upscaler.interpolated(image);
    showGrey(byId("small"), image, size);
    showGrey(byId("bicubic"), interpolated, large);
    showGrey(byId("enlarged"), enlarged, large);
    byId("whole").hidden = !original;
    if (original) showGrey(byId("original"), original, large);
    const off = (one) => (original ? `${decibelsOf(one, original).toFixed(1).replace("Infinity", "∞")} dB` : "");
    byId("bicubic-off").textContent = off(interpolated);
    byId("enlarged-off").textContent = off(enlarged);
    byId("whose").textContent = name;
    byId("wrong").textContent = "";
  }
}
