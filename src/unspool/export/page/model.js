// The model of the page, put together, and its golden examples answered again.

/** What the exporter of this page knows how to show, by the kind of the model. */
class Model {
  constructor(description, unicode) {
    this.description = description;
    this.answers = new Answers(description.task);
    this.characters = new Characters(description.characters, unicode);
    const { model, reader } = description;
    this.kind = model.kind;
    this.tags = description.task.kind === "tagging";
    this.readsTexts = /texts$|words$|^rows$/.test(reader.kind);
    this.rows = reader.kind === "rows" ? new RowReader(reader) : null;
    if (description.task.kind === "translation") this.translator = new Translator(description, this.characters);
    else if (/histories$/.test(reader.kind)) {
      this.histories = new HistoryReader(reader, description.task);
      this.forecaster = new Forecaster(description);
    } else if (reader.kind === "texts" || this.rows) this.texts = readTextModel(model, this.characters);
    else if (reader.kind === "series") this.series = readSeriesModel(model, reader.channels.length);
    else if (reader.kind === "raw words") this.reader = readWordsModel(model, this.characters);
    else this.reader = readReader(reader, this.characters, this.tags);
    if (model.kind === "upscaler") this.upscaler = new Upscaler(model, reader);
    if (model.kind === "network") this.network = new Network(model);
    if (model.kind === "autoencoder") {
      this.encoder = new Network(model.encoder);
      this.decoder = new Network(model.decoder);
    }
  }

  /**
   * (K) numbers that the answer is decided by, of a text, words, ids, a series `{values, length}`, or a text with cells beside
   * it `{text, cells}`; of a model that tags (T K), of one that translates the score, of one that forecasts (H 3) quantiles of
   * the steps after a history `{values, length, ahead}`; of one that enlarges images all pixels.
   */
  outputs(example) {
    const found = this.unchecked(example);
    if (!this.translator && found.some((one) => !Number.isFinite(one))) {
      throw new Error("Some answers are not finite numbers: the input has numbers that are too large, or the model is damaged.");
    }
    return found;
  }

  unchecked(example) {
    if (this.forecaster) return this.forecaster.quantiles(example);
    if (this.upscaler) return [...this.upscaler.enlarged(example.values)];
    if (this.translator) return [this.translator.translate(example)[0].score];
    if (this.rows) return this.answers.ofScores(this.texts.scores(example.text, example.cells));
    if (this.texts) return this.answers.ofScores(this.texts.scores(example));
    if (this.series) return this.ofSeries(example);
    if (this.network) return this.answers.ofHead([...this.network.run(this.reader.steps(example)).values]);
    if (this.encoder) return [this.badness(example)];
    return this.reader.outputs(example);
  }

  ofSeries(example) {
    const { channels, mean } = this.description.reader;
    const given = this.tags ? example : present(example, channels.length); // each step has its tag
    const { values, length } = filled(given, channels.length, mean);
    const found = this.series.outputs({ values: Float32Array.from(values), length, channels: channels.length });
    return this.answers.kind === "binary" ? found.slice(1) : this.answers.ofNumbers(found);
  }

  /** The latent vector of an example. */
  encode(example) {
    return this.encoder.run(this.reader.steps(example)).values;
  }

  /** The sequence (T, D) that the decoder makes of a vector, in the units of the data. */
  decode(vector) {
    return this.reader.original(this.decoded(vector, this.decoder.times));
  }

  decoded(vector, present) {
    const length = this.decoder.times;
    const mask = this.description.model.reads_padding ? Uint8Array.from({ length }, (_, t) => (t < present ? 1 : 0)) : null;
    return this.decoder.run({ values: Float32Array.from(vector), width: vector.length, length: 0, mask }).values;
  }

  /** How badly an autoencoder reconstructs an example. */
  badness(example) {
    const { values, length, width, mask } = this.reader.steps(example), present = mask && !mask[0] ? 0 : length;
    const found = this.decoded(this.encoder.run(this.reader.steps(example)).values, present);
    let total = 0;
    for (let i = 0; i < present * width; i++) {
      if (this.answers.likelihood === "bernoulli") {
        const p = Math.min(Math.max(found[i], 1e-7), 1 - 1e-7);
        total -= values[i] * Math.log(p) + (1 - values[i]) * Math.log1p(-p);
      } else total += (values[i] - found[i]) ** 2;
    }
    return total / (present * width);
  }

  /** Golden example i: a text, a text with cells beside it, a list of ids, a series, or a history. */
  golden(i) {
    const { examples, rows, texts: bytes, words, ids, values, offsets, ahead } = this.description.golden;
    if (examples === "rows") return this.rows.read(rows[i]);
    const [start, end] = [offsets.data[i], offsets.data[i + 1]];
    if (examples === "texts") return texts(bytes.data, [start, end])[0];
    if (examples === "words") return words.slice(start, end);
    if (examples === "ids") return [...ids.data.subarray(start, end)];
    const channels = values.shape[1];
    const series = { values: values.data.slice(start * channels, end * channels), length: end - start };
    return this.forecaster ? { ...series, ahead: ahead ? row(ahead, i) : null } : series;
  }

  /** The tag of each word or step, by (T K) outputs. */
  tagged(outputs) {
    const { labels } = this.answers;
    return Array.from({ length: outputs.length / labels.length }, (_, t) =>
      labels[largest(outputs.slice(t * labels.length, (t + 1) * labels.length))]);
  }

  /** Answer the golden examples, and compare: `{count, agree, largest, passed}`. */
  check() {
    return finished(this.checking());
  }

  /** The same, a part at a time, so that a page can do other things between. */
  *checking() {
    const { golden } = this.description, count = golden.labels.length;
    const sizes = golden.vectors && { vectors: sizesOf(golden.vectors, 1), sequences: sizesOf(golden.sequences, golden.sequences.shape[2]) };
    let agree = 0, largestOff = 0;
    for (let i = 0; i < count; i++) {
      const example = this.golden(i), wanted = row(golden.outputs, i);
      if (this.translator) {
        const [{ text, score }] = yield* this.translator.search(example), differs = off([score], wanted);
        if (text === golden.labels[i] && differs <= golden.tolerance) agree++;
        largestOff = Math.max(largestOff, differs);
        continue;
      }
      yield;
      const outputs = this.outputs(example);
      if (this.tags) {
        // Behind the end of an example zeros stand.
        const differs = off([...outputs, ...Array(Math.max(wanted.length - outputs.length, 0)).fill(0)], wanted);
        if (JSON.stringify(this.tagged(outputs)) === JSON.stringify(golden.labels[i]) && differs <= golden.tolerance) agree++;
        largestOff = Math.max(largestOff, differs);
        continue;
      }
      let differs = off(outputs, wanted);
      if (golden.vectors) {
        const vector = row(golden.vectors, i), sequence = row(golden.sequences, i);
        differs = Math.max(differs, off(this.encode(example), vector, sizes.vectors), off(this.decode(vector), sequence, sizes.sequences));
      }
      const same = !this.answers.labels.length || String(this.answers.decide(outputs)) === String(golden.labels[i]);
      if (same && differs <= golden.tolerance) agree++;
      largestOff = Math.max(largestOff, differs);
    }
    return { count, agree, largest: largestOff, passed: count > 0 && agree === count };
  }
}

/**
 * The largest difference of two rows of numbers, relative where they, or else the `sizes` of the columns, are larger than 1;
 * whatever is no number counts.
 */
function off(found, wanted, sizes = null) {
  if (found.length !== wanted.length) return Infinity;
  let most = 0;
  for (let i = 0; i < wanted.length; i++) {
    const size = sizes ? sizes[i % sizes.length] : Math.abs(wanted[i]), one = Math.abs(found[i] - wanted[i]) / Math.max(size, 1);
    most = Math.max(most, Number.isNaN(one) ? Infinity : one);
  }
  return most;
}

/** The largest absolute number in each of some columns of an array. */
function sizesOf({ data }, columns) {
  const found = new Float64Array(columns);
  data.forEach((one, i) => (found[i % columns] = Math.max(found[i % columns], Math.abs(one))));
  return found;
}

/** Row i of an array `{data, shape}`. */
function row({ data, shape }, i) {
  const width = shape.slice(1).reduce((a, b) => a * b, 1);
  return data.subarray(i * width, (i + 1) * width);
}

/** The model in the data blocks of a page. */
async function loadModel(block) {
  const [code, description, weights, golden, page] = await Promise.all(
    ["kernels.wasm", "model.json", "weights.safetensors", "golden.safetensors", "page.json"].map((name) => unpacked(block(name))));
  await kernels.start(code);
  const json = (buffer) => JSON.parse(new TextDecoder().decode(buffer));
  const arrays = new Map([...tensors(weights), ...tensors(golden)]);
  const whole = json(description), { rows } = whole.golden; // rows name no arrays, whatever their columns are called
  const model = resolved({ ...whole, golden: { ...whole.golden, rows: null } }, arrays);
  model.golden.rows = rows;
  return new Model(model, json(page).unicode);
}
