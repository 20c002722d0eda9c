// A player for a film of grey values: one of the golden examples, or a NumPy file.

const FRAME_TIME = 180; // milliseconds

class FilmView {
  /** @param shown is called with each film `{values, length}`, @param turned with the number of each frame as it is shown */
  constructor(model, shown, turned) {
    const width = model.description.reader.channels.length, length = model.description.task.rows;
    Object.assign(this, { model, shown, turned, pixels: width, size: { width: width / length, length }, number: 0, at: 0 });
    this.count = model.description.golden.labels.length;
    this.plays = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    byId("play").addEventListener("click", () => this.play(!this.plays));
    byId("another").hidden = this.count < 2;
    byId("another").addEventListener("click", () => this.choose(this.number + 1));
    takeFiles(byId("file"), async (file) => this.take(file));
    setInterval(() => this.plays && !document.hidden && this.turn(this.at + 1), FRAME_TIME);
    this.play(this.plays);
  }

  choose(number) {
    this.number = number % this.count;
    this.show(this.model.golden(this.number));
  }

  async take(file) {
    try {
      this.show(seriesOfNumpy(await file.arrayBuffer(), this.pixels));
    } catch (error) {
      byId("wrong").textContent = `${file.name}: ${error.message}`;
    }
  }

  show(film) {
    byId("wrong").textContent = "";
    Object.assign(this, { film, at: 0 });
    this.shown(film);
    this.turn(0);
  }

  /** The grey values of a frame. */
  frame(t) {
    return this.film.values.slice(t * this.pixels, (t + 1) * this.pixels);
  }

  turn(t) {
    this.at = t % this.film.length;
    showGrey(byId("film"), this.frame(this.at), this.size);
    this.turned(this.at);
  }

  play(plays) {
    this.plays = plays;
    byId("play").textContent = plays ? "Pause" : "Play";
  }
}

const NUMPY_KINDS = { f4: Float32Array, f8: Float64Array, u1: Uint8Array, i4: Int32Array, u2: Uint16Array, i2: Int16Array };

/** The series `{values, length}` in a .npy file, (T, C) or with more axes (T, ...); or an error in words. */
function seriesOfNumpy(buffer, channels) {
  const bytes = new Uint8Array(buffer), view = new DataView(buffer), text = new TextDecoder("latin1");
  if (text.decode(bytes.subarray(1, 6)) !== "NUMPY") throw new Error("not a NumPy .npy file.");
  const wide = bytes[6] > 1, start = wide ? 12 : 10, end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const head = text.decode(bytes.subarray(start, end)), kind = head.match(/'descr': '[<|](\w\d)'/)?.[1];
  const shape = head.match(/'shape': \(([\d, ]*)\)/)?.[1].split(",").filter((one) => one.trim()).map(Number);
  if (!NUMPY_KINDS[kind] || !shape || /'fortran_order': True/.test(head)) throw new Error("this page cannot read its data type.");
  const found = new NUMPY_KINDS[kind](buffer.slice(end)), length = shape[0] ?? 0;
  if (!length || found.length !== length * channels) throw new Error(`it must contain frames of ${channels} numbers, but its shape is (${shape.join(", ")}).`);
  const scale = kind === "u1" ? 255 : 1; // whole grey values
  return { values: Float32Array.from(found, (one) => one / scale), length };
}
