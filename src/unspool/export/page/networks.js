// Networks: layers, each reading what the one before gives of one example.
//
// Between layers stand `{values, width, length, mask, tokens, same, beside}`: `values` Float32Array (T, D), or (D) where `length`
// is 0; with `tokens` the vectors of a vocabulary; with `same` (D), the same at each of `length` steps. Where `mask` is, a step
// counts where it is 1.

class Network {
  constructor(node) {
    this.layers = node.layers;
    const last = node.layers.findLast((one) => one.kind === "dense");
    this.width = last ? last.bias.data.length : 0;
    this.times = node.layers.find((one) => one.kind === "repeat")?.times ?? 0;
  }

  /** What the last layer gives: `{values, width, length}`. */
  run(steps) {
    return this.layers.reduce((given, layer) => LAYERS[layer.kind](layer, given), steps);
  }

  /** The states of the first recurrent layer after each step, or null where there is none. */
  states(steps) {
    const at = this.layers.findIndex((one) => one.kind === "recurrent");
    if (at < 0) return null;
    const before = this.layers.slice(0, at).reduce((given, layer) => LAYERS[layer.kind](layer, given), steps);
    return LAYERS.recurrent({ ...this.layers[at], gives: "all" }, before);
  }
}

const LAYERS = {
  embedding({ vectors, mask_zero }, given) {
    const mask = mask_zero ? Uint8Array.from(given.tokens, (one) => (one ? 1 : 0)) : null;
    return { ...given, values: vectors.data, width: vectors.shape[1], mask };
  },

  /** Hashed pairs of neighbouring tokens, pooled and kept beside. */
  bigrams({ vectors }, given) {
    const numbers = hashedBigrams(given.tokens, vectors.shape[0]);
    const there = Uint8Array.from(numbers, (one) => (one ? 1 : 0));
    return { ...given, beside: meanAndMaximum(looked(vectors.data, vectors.shape[1], numbers), vectors.shape[1], there) };
  },

  recurrent(layer, given) {
    const directions = ["forward", "backward"].filter((one) => layer[one]);
    const found = directions.map((one) => stepped(layer[one], layer, given, one === "backward"));
    const units = found.map((one) => one.last.length), width = sums(units).at(-1);
    if (layer.gives === "last") {
      const values = new Float32Array(width);
      found.forEach((one, i) => values.set(one.last, i ? units[0] : 0));
      return { values, width, length: 0, beside: given.beside };
    }
    const values = new Float32Array(given.length * width);
    found.forEach((one, i) => {
      for (let t = 0; t < given.length; t++) {
        values.set(one.states.subarray(t * units[i], (t + 1) * units[i]), t * width + (i ? units[0] : 0));
      }
    });
    return { values, width, length: given.length, mask: given.mask, beside: given.beside };
  },

  /** Mean and maximum over the steps that count, and what is kept beside. */
  pooling({ with_bigrams }, given) {
    const values = given.tokens ? looked(given.values, given.width, given.tokens) : given.values;
    const found = meanAndMaximum(values, given.width, given.mask), beside = with_bigrams ? given.beside : [];
    return { values: Float32Array.of(...found, ...beside), width: found.length + beside.length, length: 0 };
  },

  normalization({ scale, offset }, given) {
    const values = given.values.map((one, i) => one * scale.data[i % given.width] + offset.data[i % given.width]);
    return { ...given, values };
  },

  repeat({ times }, given) {
    return { ...given, length: times, same: true };
  },

  dense({ weights, bias, activation }, given) {
    const [width, outputs] = weights.shape, rows = given.values.length / width;
    const values = new Float32Array(rows * outputs);
    for (let row = 0; row < rows; row++) {
      const found = times(given.values, row * width, weights.data, width, bias.data);
      values.set(ACTIVATIONS[activation](found), row * outputs);
    }
    return { ...given, values, width: outputs };
  },
};

const ACTIVATIONS = {
  linear: (row) => row,
  sigmoid: (row) => row.map(sigmoid),
  softmax: (row) => softmax(row),
  tanh: (row) => row.map(Math.tanh),
};

/** A row of numbers times weights (D, K), plus a bias (K). */
function times(values, start, weights, width, bias) {
  const outputs = bias.length, found = Float64Array.from(bias);
  for (let d = 0; d < width; d++) {
    const value = values[start + d];
    if (value) for (let k = 0; k < outputs; k++) found[k] += value * weights[d * outputs + k];
  }
  return found;
}

/** The same of a whole row and a dense layer, as floats. */
function affine(row, { kernel, bias }) {
  return Float32Array.from(times(row, 0, kernel.data, kernel.shape[0], bias.data));
}

/** One direction of a recurrent layer: the state after each step, and after the last that was read; of an LSTM its cell, too. */
function stepped(direction, { cell, activation }, given, reverse) {
  const units = direction.recurrent.shape[0], { length, mask } = given;
  const states = new Float32Array(length * units), step = CELLS[cell](direction, units, activation);
  let h = new Float32Array(units), c = new Float32Array(units), shown = h;
  for (let i = 0; i < length; i++) {
    const at = reverse ? length - 1 - i : i;
    if (!mask || mask[at]) {
      [h, c] = step(projected(direction, given, at), h, c);
      shown = h;
    } else if (direction.zero_masked) {
      shown = new Float32Array(units);
    }
    states.set(shown, at * units);
  }
  return { states, last: h, cell: c };
}

/** What a step's input adds to the gates; of tokens, and of a vector that is repeated, computed once. */
function projected(direction, given, at) {
  const width = direction.kernel.shape[0];
  const bias = direction.bias.data.subarray(0, direction.kernel.shape[1]);
  if (!given.tokens && !given.same) return times(given.values, at * width, direction.kernel.data, width, bias);
  const known = given.tokens ? (direction.known ??= new Map()) : (given.known ??= new Map());
  const key = given.tokens ? given.tokens[at] : direction;
  if (!known.has(key)) {
    known.set(key, times(given.values, (given.tokens ? key : 0) * width, direction.kernel.data, width, bias));
  }
  return known.get(key);
}

/** The cells: each gives a function from the input's share of the gates and the states before to the states after. */
const CELLS = {
  rnn({ recurrent }, units, activation) {
    const act = activation === "relu" ? (x) => Math.max(x, 0) : Math.tanh;
    return (input, h, c) => [Float32Array.from(times(h, 0, recurrent.data, units, input), act), c];
  },

  lstm({ recurrent }, units) {
    return (input, h, before) => {
      const gates = times(h, 0, recurrent.data, units, input);
      const after = new Float32Array(units), c = new Float32Array(units);
      for (let u = 0; u < units; u++) {
        c[u] = sigmoid(gates[units + u]) * before[u] + sigmoid(gates[u]) * Math.tanh(gates[2 * units + u]);
        after[u] = sigmoid(gates[3 * units + u]) * Math.tanh(c[u]);
      }
      return [after, c];
    };
  },

  "gru after"({ recurrent, bias }, units) {
    const second = bias.data.subarray(3 * units);
    return (input, h, c) => {
      const product = times(h, 0, recurrent.data, units, second), after = new Float32Array(units);
      for (let u = 0; u < units; u++) {
        const z = sigmoid(input[u] + product[u]), r = sigmoid(input[units + u] + product[units + u]);
        after[u] = z * h[u] + (1 - z) * Math.tanh(input[2 * units + u] + r * product[2 * units + u]);
      }
      return [after, c];
    };
  },

  "gru before"({ recurrent }, units) {
    return (input, h, c) => {
      const gates = times(h, 0, recurrent.data, units, input), after = new Float32Array(units);
      const kept = Float64Array.from(h, (one, u) => sigmoid(gates[units + u]) * one);
      const news = times(kept, 0, recurrent.data, units, input);
      for (let u = 0; u < units; u++) {
        const z = sigmoid(gates[u]);
        after[u] = z * h[u] + (1 - z) * Math.tanh(news[2 * units + u]);
      }
      return [after, c];
    };
  },
};

/** The vectors of numbered rows end to end. */
function looked(vectors, width, numbers) {
  const found = new Float32Array(numbers.length * width);
  numbers.forEach((number, i) => found.set(vectors.subarray(number * width, (number + 1) * width), i * width));
  return found;
}

/** (T, D) to (2 D); zeros where no step counts. */
function meanAndMaximum(values, width, mask) {
  const mean = new Float64Array(width), most = new Float64Array(width).fill(-Infinity);
  let count = 0;
  for (let t = 0; t < values.length / width; t++) {
    if (mask && !mask[t]) continue;
    count++;
    for (let d = 0; d < width; d++) {
      mean[d] += values[t * width + d];
      most[d] = Math.max(most[d], values[t * width + d]);
    }
  }
  return [...mean.map((one) => one / Math.max(count, 1)), ...most.map((one) => (count ? one : 0))];
}

/** The number of the pair that each token makes with the one before: the last steps of MurmurHash3 (Appleby, 2011). */
function hashedBigrams(tokens, buckets) {
  return Int32Array.from(tokens, (right, t) => {
    const left = t ? tokens[t - 1] : 0;
    if (left === 0 || left === 2 || right === 0 || right === 2) return 0;
    let pair = Math.imul(left, 0x9e3779b1) + Math.imul(right, 0x85ebca77);
    pair = Math.imul(pair ^ (pair >>> 16), 0x85ebca6b);
    pair = Math.imul(pair ^ (pair >>> 13), 0xc2b2ae35);
    return ((pair ^ (pair >>> 16)) >>> 0) % (buckets - 1) + 1;
  });
}
