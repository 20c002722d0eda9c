// A Transformer that writes a text for each text: the equations of native/transformer.h, one source at a time.

const NORM = 1e-6;

class Transformer {
  constructor(model) {
    Object.assign(this, model);
    this.width = model.encoder_norm.scale.data.length;
    this.blocks = model.decoder.length; // that look at the source
    this.rotary = model.positions === "rotary";
    this.target = model.target_embedding ?? model.source_embedding; // its first rows, where the two are one
  }

  /** What each block of the decoder looks at: `{keys, values}`, a row (D) for each id of the source. */
  encode(ids) {
    let rows = ids.map((id, place) => this.embedded(this.source_embedding, id, place));
    for (const block of this.encoder) {
      const normed = rows.map((row) => norm(row, block.attention_norm)), own = block.attention;
      const queries = normed.map((row, place) => this.turned(affine(row, own.queries), place));
      const keys = normed.map((row, place) => this.turned(affine(row, own.keys), place));
      const values = normed.map((row) => affine(row, own.values));
      rows = rows.map((row, i) => this.forward(plus(row, affine(this.looked(queries[i], keys, values).mean, own.result)), block));
    }
    rows = rows.map((row) => norm(row, this.encoder_norm));
    return this.decoder.map(({ to_memory }) => ({
      keys: rows.map((row) => affine(row, to_memory.keys)), values: rows.map((row) => affine(row, to_memory.values)) }));
  }

  /** Keys and values before the first step. */
  start() {
    return this.decoder.map(() => ({ keys: [], values: [] }));
  }

  /** Read an id: the logarithm of the probability of each id that may follow, and what is kept for the next step. */
  step(memory, kept, id, place, looks) {
    let row = this.embedded(this.target, id, place);
    const after = this.decoder.map((block, b) => {
      const own = block.attention, other = block.to_memory, normed = norm(row, block.attention_norm);
      const keys = [...kept[b].keys, this.turned(affine(normed, own.keys), place)];
      const values = [...kept[b].values, affine(normed, own.values)];
      row = plus(row, affine(this.looked(this.turned(affine(normed, own.queries), place), keys, values).mean, own.result));
      const seen = this.looked(affine(norm(row, block.memory_norm), other.queries), memory[b].keys, memory[b].values);
      looks?.push(seen.shares);
      row = this.forward(plus(row, affine(seen.mean, other.result)), block);
      return { keys, values };
    });
    return { gained: logSoftmax(logitsOf(this, norm(row, this.decoder_norm))), after };
  }

  embedded({ data }, id, place) {
    const { width } = this, found = data.slice(id * width, (id + 1) * width), root = Math.fround(Math.sqrt(width));
    const { sines, cosines } = this.rotary ? {} : angles(place, width);
    for (let d = 0; d < width; d++) {
      found[d] = found[d] * root + (this.rotary ? 0 : d < width / 2 ? sines[d] : cosines[d - width / 2]);
    }
    return found;
  }

  /** Each head turned by the angles of its place, where positions are rotary. */
  turned(row, place) {
    if (!this.rotary) return row;
    const size = this.width / this.heads, half = size / 2, { sines, cosines } = angles(place, size);
    const found = new Float32Array(this.width);
    for (let start = 0; start < this.width; start += size) {
      for (let i = 0; i < half; i++) {
        const first = row[start + i], second = row[start + half + i];
        found[start + i] = first * cosines[i] - second * sines[i];
        found[start + half + i] = second * cosines[i] + first * sines[i];
      }
    }
    return found;
  }

  /** The mean of values, by how much a query agrees with their keys; and these shares, the mean of the heads. */
  looked(query, keys, values) {
    const size = this.width / this.heads, mean = new Float32Array(this.width), shares = new Float32Array(keys.length);
    for (let start = 0; start < this.width && keys.length; start += size) {
      const agree = keys.map((key) => {
        let total = 0;
        for (let d = start; d < start + size; d++) total += query[d] * key[d];
        return total / Math.sqrt(size);
      });
      softmax(agree).forEach((share, s) => {
        shares[s] += share / this.heads;
        for (let d = start; d < start + size; d++) mean[d] += share * values[s][d];
      });
    }
    return { mean, shares };
  }

  forward(row, block) {
    const hidden = affine(norm(row, block.dense_norm), block.hidden);
    for (let i = 0; i < hidden.length; i++) if (hidden[i] < 0) hidden[i] = 0;
    return plus(row, affine(hidden, block.result));
  }
}

/** The logits of all ids, by a head or as products with their vectors. */
function logitsOf({ head, width, target: { data }, target_size }, row) {
  if (head) return affine(row, head);
  const found = new Float32Array(target_size);
  for (let id = 0; id < found.length; id++) {
    let total = 0;
    for (let d = 0, at = id * width; d < width; d++) total += row[d] * data[at + d];
    found[id] = total;
  }
  return found;
}

function plus(row, other) {
  return row.map((one, d) => one + other[d]);
}

function norm(row, { scale, offset }) {
  const width = row.length, mean = row.reduce((all, one) => all + one, 0) / width;
  const variance = row.reduce((all, one) => all + (one - mean) ** 2, 0) / width, factor = 1 / Math.sqrt(variance + NORM);
  return row.map((one, d) => (one - mean) * factor * scale.data[d] + offset.data[d]);
}

/** The sines and cosines of a place, (width / 2) each. */
function angles(place, width) {
  const key = `${place} ${width}`, half = width / 2;
  if (!turns.has(key)) {
    const found = Float32Array.from({ length: half }, (_, i) => place * Math.fround(10000 ** (-i / half)));
    turns.set(key, { sines: found.map(Math.sin), cosines: found.map(Math.cos) });
  }
  return turns.get(key);
}

const turns = new Map();

function logSoftmax(logits) {
  let most = -Infinity, total = 0;
  for (const one of logits) if (one > most) most = one;
  for (const one of logits) total += Math.exp(one - most);
  const found = logits.map((one) => one - most - Math.log(total));
  found[0] = -Infinity; // the id 0 is never written
  return found;
}
