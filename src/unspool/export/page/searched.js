// Models that write: a Transformer (native/transformer.h), or a recurrent encoder and decoder with attention
// (native/encoder_decoder.h); and the search for what they would answer.

class Searched {
  constructor(model) {
    this.model = model;
    this.kind = model.kind === "transformer" ? "transformer" : "encoder_decoder";
    this.blocks = this.kind === "transformer" ? model.decoder.length : 1; // that look at the source
    this.made = model.frames ? null : this.make(model.source_embedding);
  }

  /** The model in the kernels' memory, which reads ids of these vectors (S, W). */
  make(source) {
    return kernels.during((room) => {
      const given = (this.kind === "transformer" ? transformerOf : encoderDecoderOf)(this.model, source, room);
      const found = kernels.code[`unspool_${this.kind}_new`](room(given));
      if (!found) throw new Error("There is not enough memory for this model.");
      return found;
    });
  }

  /**
   * What `work` gives of the model and a source's ids, Int32Array. The steps of a series `{values, width, length}` become vectors,
   * read by a model of their own by ids that no text has.
   */
  reading(source, work) {
    const { frames } = this.model;
    if (!frames) return work(this.made, Int32Array.from(source));
    const { values, length, width } = source, table = new Float32Array((length + 2) * frames.kernel.shape[1]);
    for (let t = 0; t < length; t++) table.set(affine(values.subarray(t * width, (t + 1) * width), frames), (t + 2) * frames.kernel.shape[1]);
    const made = this.make({ data: table, shape: [length + 2, frames.kernel.shape[1]] });
    try {
      return work(made, Int32Array.from({ length }, (_, t) => t + 2));
    } finally {
      kernels.code[`unspool_${this.kind}_free`](made);
    }
  }

  /** The answers to a source, the best first: `{ids, logProbability, score, ended}`. */
  search(source, { beam, returned, length_penalty, start, end, maximum }) {
    const how = struct("2qd6q", beam, returned, length_penalty, start, end, maximum, 1, 1, 1);
    return this.reading(source, (made, ids) => kernels.during((room) => {
      const [tokens, lengths, totals, scores, ended] = [4 * maximum, 8, 4, 4, 1].map((bytes) => room(bytes * returned));
      const given = [room(how), room(ids), room(counts([0, ids.length])), 1n];
      kernels.call(`${this.kind}_search`, 0, made, ...given, tokens, lengths, totals, scores, ended);
      const [sizes, logs, ranks] = [[BigInt64Array, lengths], [Float32Array, totals], [Float32Array, scores]]
        .map(([Kind, at]) => kernels.read(Kind, at, returned)), whole = kernels.read(Uint8Array, ended, returned);
      return Array.from(sizes, (size, i) => ({ ids: [...kernels.read(Int32Array, tokens + 4 * maximum * i, Math.max(Number(size), 0))],
        logProbability: logs[i], score: ranks[i], ended: whole[i] === 1 })).filter((_, i) => sizes[i] >= 0n);
    }));
  }

  /** What the decoder looks at as it reads tokens, the start first: for each token and each of its blocks shares (S). */
  attention(source, tokens) {
    return this.reading(source, (made, ids) => kernels.during((room) => {
      const row = this.blocks * ids.length, shares = room(4 * row * tokens.length);
      kernels.call(`${this.kind}_attention`, 0, made, room(ids), BigInt(ids.length), room(Int32Array.from(tokens)), BigInt(tokens.length), shares);
      const found = kernels.read(Float32Array, shares, row * tokens.length);
      return tokens.map((_, t) => Array.from({ length: this.blocks }, (_, b) =>
        found.subarray(t * row + b * ids.length, t * row + (b + 1) * ids.length)));
    }));
  }
}

/** `UnspoolTransformer`. */
function transformerOf(model, source, room) {
  const { encoder, decoder, heads, feed_forward, positions, source_embedding, target_embedding, target_size, head } = model;
  const { dense, norm, vectors } = writers(room), none = [0, 0], attention = ({ queries, keys, values, result }) =>
    [queries, keys, values, result].flatMap(dense);
  const block = (one) => struct("26P", ...norm(one.attention_norm), ...attention(one.attention), ...(one.memory_norm ? norm(one.memory_norm) : none),
    ...(one.to_memory ? attention(one.to_memory) : Array(8).fill(0)), ...norm(one.dense_norm), ...dense(one.hidden), ...dense(one.result));
  const read = vectors(source), written = target_embedding ? vectors(target_embedding) : read;
  return struct("7q10P", encoder.length, source_embedding.shape[1], heads, feed_forward, source.shape[0], target_size, positions === "rotary" ? 1 : 0,
    read, written, ...(head ? dense(head) : none), room(structs(encoder.map(block))), room(structs(decoder.map(block))),
    ...norm(model.encoder_norm), ...norm(model.decoder_norm));
}

/** `UnspoolEncoderDecoder`. */
function encoderDecoderOf(model, source, room) {
  const { layers, cell, units, attention, input_feeding, target_embedding, target_size, head, keys, query, sum, found } = model;
  const { dense, vectors } = writers(room), none = [0, 0];
  const direction = ({ kernel, recurrent: own, bias }) => [kernel, own, bias].map(vectors);
  const layer = ({ forward, backward, decoder, first }) =>
    struct("13P", ...[forward, backward, decoder].flatMap(direction), ...dense(first[0]), ...(first[1] ? dense(first[1]) : none));
  const read = vectors(source), written = target_embedding ? vectors(target_embedding) : read;
  return struct("8q11P", layers.length, CELLS[cell], source.shape[1], units, source.shape[0], target_size, attention === "additive" ? 1 : 0,
    input_feeding ? 1 : 0, read, written, ...(head ? dense(head) : none), room(structs(layers.map(layer))), vectors(keys),
    ...(query ? dense(query) : none), sum ? vectors(sum) : 0, ...dense(found));
}

/** Functions that put a dense layer, a norm or an array of floats into the room of a call, and give the pointers to it. */
function writers(room) {
  const vectors = ({ data }) => room(Float32Array.from(data));
  return { vectors, dense: ({ kernel, bias }) => [kernel, bias].map(vectors), norm: ({ scale, offset }) => [scale, offset].map(vectors) };
}
