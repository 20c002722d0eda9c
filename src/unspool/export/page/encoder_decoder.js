// A recurrent encoder and decoder with attention, one source at a time: the equations of native/encoder_decoder.h.

class EncoderDecoder {
  constructor(model) {
    Object.assign(this, model);
    this.target = model.target_embedding ?? model.source_embedding; // its first rows, where the two are one
    this.width = this.target.shape[1];
    this.blocks = 1; // that look at the source
  }

  /**
   * What the decoder looks at, `keys` and `values`, a row for each id of the source, or for each of its steps where that is a
   * series; and the states that it begins with.
   */
  encode(source) {
    const { cell } = this, { length } = source, first = [];
    let given = { values: this.embedded(source), width: this.width, length };
    for (const layer of this.layers) {
      const ends = [layer.forward, layer.backward].map((one, i) => stepped(one, { cell, activation: "tanh" }, given, i === 1));
      first.push(layer.first.map((dense, i) => affine(ends.flatMap((one) => [...(i ? one.cell : one.last)]), dense).map(Math.tanh)));
      const units = ends[0].last.length, values = new Float32Array(length * 2 * units);
      ends.forEach((one, i) => {
        for (let t = 0; t < length; t++) values.set(one.states.subarray(t * units, (t + 1) * units), (2 * t + i) * units);
      });
      given = { values, width: 2 * units, length };
    }
    const values = Array.from({ length }, (_, t) => given.values.subarray(t * given.width, (t + 1) * given.width));
    const nothing = { kernel: this.keys, bias: { data: new Float32Array(this.keys.shape[1]) } };
    return { values, keys: values.map((one) => affine(one, nothing)), first };
  }

  embedded(source) {
    if (!this.frames) return looked(this.source_embedding.data, this.width, source);
    const rows = Array.from({ length: source.length }, (_, t) => affine(source.values.subarray(t * source.width, (t + 1) * source.width), this.frames));
    return Float32Array.from(rows.flatMap((row) => [...row]));
  }

  /** What is kept before the first step: each layer's states, and that nothing has been found. */
  start(memory) {
    return { states: memory.first, found: new Float32Array(this.width) };
  }

  /** Read an id, see `Transformer.step`. */
  step(memory, kept, id, place, looks) {
    const embedded = this.target.data.subarray(id * this.width, (id + 1) * this.width);
    let x = this.input_feeding ? Float32Array.of(...embedded, ...kept.found) : embedded;
    const states = this.layers.map(({ decoder }, l) => {
      const [h, c] = kept.states[l], units = h.length, width = decoder.kernel.shape[0];
      const input = times(x, 0, decoder.kernel.data, width, decoder.bias.data.subarray(0, decoder.kernel.shape[1]));
      const after = CELLS[this.cell](decoder, units, "tanh")(input, h, c ?? h);
      x = after[0];
      return c ? after : [x];
    });
    const query = this.query && affine(x, this.query), sum = this.sum?.data;
    const agree = memory.keys.map((key) => key.reduce((all, one, u) =>
      all + (query ? Math.tanh(query[u] + one) * sum[u] : one * x[u]), 0));
    const shares = softmax(agree), mean = new Float32Array(memory.values[0].length);
    shares.forEach((share, s) => memory.values[s].forEach((one, u) => (mean[u] += share * one)));
    looks?.push(Float32Array.from(shares));
    const found = affine([...mean, ...x], this.found).map(Math.tanh);
    return { gained: logSoftmax(logitsOf(this, found)), after: { states, found } };
  }
}
