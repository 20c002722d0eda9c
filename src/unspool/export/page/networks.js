// Networks: their layers as native/network.h reads them, one example at a time.
//
// What a network reads is `{values, width, length, mask, tokens}`: `values` Float32Array (T, D), or (D) where `length` is 0, or else
// `tokens` Int32Array (T), or (T K) the forms of words. Where `mask` is, a step counts where it is 1.

const CELLS = { rnn: 0, lstm: 2, "gru after": 3, "gru before": 4 };
const ACTIVATIONS = ["linear", "sigmoid", "softmax", "tanh"];
const DENSE_COLUMNS = 16; // the weights of a dense layer have a multiple of so many columns
const [RECURRENT, AFFINE, DENSE, REPEAT, POOLING, FLATTEN, UNFLATTEN] = [0, 1, 2, 3, 4, 5, 6];

class Network {
  /** Of a node with its layers; `every`: the last of them gives the states after all steps. */
  constructor({ layers }, every = false) {
    this.layers = layers;
    this.times = layers.find(({ kind }) => kind === "repeat" || kind === "unflatten")?.times ?? 0;
    this.width = 0; // numbers that the last layer gives
    this.steps = undefined; // of them, 0 for a vector; undefined: as many as are read
    this.masks = false; // whether steps whose token is 0 are left out
    this.forms = null; // vectors of the forms of words, where it reads these
    const packing = { vectors: null, pairs: null }, packed = [];
    layers.forEach((layer, i) => {
      const last = every && i + 1 === layers.length ? { ...layer, gives: "all" } : layer;
      const found = PACKED[layer.kind](last, packing, this);
      if (found) packed.push(found);
    });
    this.count = packed.length;
    this.at = kernels.put(structs(packed));
  }

  /** What the last layer gives: `{values, width, length}`. */
  run(read) {
    const { tokens, values, width, length, mask } = this.forms ? summed(read, this.forms) : read;
    const { width: wide, steps = length } = this, floats = (steps || 1) * wide;
    if (!values?.length && !length) return { values: new Float32Array(0), width: wide, length };
    return kernels.during((room) => {
      const found = room(4 * floats), x = tokens ? 0 : room(Float32Array.from(values));
      const given = struct("3q2i3P", 1, length, tokens ? 0 : width, 1, this.masks ? 1 : 0, x, tokens ? room(tokens) : 0, mask ? room(mask) : 0);
      kernels.call("network", 0, this.at, BigInt(this.count), room(given), found);
      return { values: kernels.read(Float32Array, found, floats), width: wide, length: steps };
    });
  }

  /** The states of the first recurrent layer after each step, or null where there is none. */
  states(steps) {
    const end = this.layers.findIndex((one) => one.kind === "recurrent") + 1;
    if (!end) return null;
    this.shown ??= new Network({ layers: this.layers.slice(0, end) }, true);
    return this.shown.run(steps);
  }
}

/** By the kind of a layer: the layer as a struct, or nothing where the next one reads it; and what the network gives so far. */
const PACKED = {
  embedding({ vectors, mask_zero }, packing, network) {
    packing.vectors = vectors;
    network.masks = mask_zero;
    network.width = vectors.shape[1];
  },

  forms({ vectors }, packing, network) {
    network.forms = vectors;
    network.width = vectors.shape[1];
  },

  bigrams({ vectors }, packing) {
    packing.pairs = vectors;
  },

  recurrent({ cell, activation, gives, forward, backward }, packing, network) {
    const { vectors } = packing, directions = [forward, backward].map((one) => (one ? direction(one, vectors) : NO_DIRECTION));
    packing.vectors = null;
    network.width = forward.recurrent.shape[0] + (backward?.recurrent.shape[0] ?? 0);
    if (gives === "last") network.steps = 0;
    return layerOf([RECURRENT, numberOf(cell, activation), gives === "all" ? 1 : 0, 0, network.width, 0], directions);
  },

  /** Mean and maximum over the steps that count, and those of hashed pairs of neighbouring tokens beside them. */
  pooling({ with_bigrams }, packing, network) {
    const { vectors } = packing, pairs = with_bigrams ? packing.pairs : null, [buckets, width] = pairs?.shape ?? [0, 0];
    packing.vectors = null;
    network.width = 2 * network.width + 2 * width;
    network.steps = 0;
    const read = vectors ? recurrent({ width: vectors.shape[1], vocabulary: vectors.shape[0], x: kernels.move(vectors) }) : NO_DIRECTION;
    return layerOf([POOLING, 0, 0, 0, width, buckets], [read, NO_DIRECTION], pairs && kernels.move(pairs));
  },

  normalization({ scale, offset }, packing, network) {
    network.width = scale.shape[0];
    return layerOf([AFFINE, 0, 0, 0, scale.shape[0], 0], [NO_DIRECTION, NO_DIRECTION], kernels.move(scale), kernels.move(offset));
  },

  repeat({ times }, packing, network) {
    network.steps = times;
    return layerOf([REPEAT, 0, 0, 0, times, 0]);
  },

  flatten({ mean }, packing, network) {
    const [steps, width] = mean.shape;
    network.width = steps * width;
    network.steps = 0;
    return layerOf([FLATTEN, 0, 0, 0, steps, 0], [NO_DIRECTION, NO_DIRECTION], kernels.move(mean));
  },

  unflatten({ times }, packing, network) {
    network.width /= times;
    network.steps = times;
    return layerOf([UNFLATTEN, 0, 0, 0, times, 0]);
  },

  dense({ weights, bias, activation }, packing, network) {
    network.width = weights.shape[1];
    const head = [DENSE, 0, 0, ACTIVATIONS.indexOf(activation), network.width, 0];
    return layerOf(head, [NO_DIRECTION, NO_DIRECTION], kernels.put(widened(weights)), kernels.put(widened(bias)));
  },
};

/** The vectors of words: for each, the sum of the vectors of its forms. */
function summed({ tokens, length }, { data, shape: [, width] }) {
  const values = new Float32Array(length * width), forms = tokens.length / length;
  tokens.forEach((id, i) => {
    const at = Math.floor(i / forms) * width;
    for (let d = 0; d < width; d++) values[at + d] += data[id * width + d];
  });
  return { values, width, length };
}

/** `UnspoolRecurrent`, but for what belongs to a call. */
function recurrent({ batch, length, width, units, vocabulary, zero_masked, x, kernel, recurrent: own, bias, h0, c0, y, h, c }) {
  return struct("5q4i12P", batch ?? 0, length ?? 0, width ?? 0, units ?? 0, vocabulary ?? 0, 0, zero_masked ? 1 : 0, 0, 1,
    x ?? 0, 0, 0, 0, h0 ?? 0, c0 ?? 0, kernel ?? 0, own ?? 0, bias ?? 0, y ?? 0, h ?? 0, c ?? 0);
}

/** The weights of one direction, and the vectors of the tokens that it reads. */
function direction({ kernel, recurrent: own, bias, zero_masked }, vectors = null) {
  const weights = { kernel: kernels.move(kernel), recurrent: kernels.move(own), bias: kernels.move(bias), zero_masked };
  const read = vectors ? { vocabulary: vectors.shape[0], x: kernels.move(vectors) } : {};
  return recurrent({ width: kernel.shape[0], units: own.shape[0], ...weights, ...read });
}

const NO_DIRECTION = recurrent({});

/** `UnspoolLayer`. */
function layerOf(head, directions = [NO_DIRECTION, NO_DIRECTION], weights = 0, bias = 0) {
  return structs([struct("6q", ...head), ...directions, struct("2P", weights ?? 0, bias)]);
}

/** The number of a cell in native/unspool.h. */
function numberOf(cell, activation) {
  return cell === "rnn" && activation === "relu" ? 1 : CELLS[cell];
}

/** Rows of weights or a bias, each with as many zeros behind it as a dense layer wants. */
function widened({ data, shape }) {
  const columns = shape.at(-1), row = Math.ceil(columns / DENSE_COLUMNS) * DENSE_COLUMNS, rows = data.length / columns;
  const found = new Float32Array(rows * row);
  for (let i = 0; i < rows; i++) found.set(data.subarray(i * columns, (i + 1) * columns), i * row);
  return found;
}

/** An LSTM's states (T U) after each of some steps (T D), from its states before them. */
function statesFrom(weights, values, [h0, c0]) {
  const units = h0.length, width = weights.kernel.shape[0], length = values.length / width;
  return kernels.during((room) => {
    const y = room(4 * length * units), end = room(8 * units), [x, h, c] = [values, h0, c0].map((one) => room(Float32Array.from(one)));
    const given = { batch: 1, length, width, units, x, h0: h, c0: c, y, h: end, c: end + 4 * units };
    const [kernel, own, bias] = [weights.kernel, weights.recurrent, weights.bias].map((one) => kernels.move(one));
    kernels.call("recurrent", 0, BigInt(CELLS.lstm), room(recurrent({ ...given, kernel, recurrent: own, bias })));
    return kernels.read(Float32Array, y, length * units);
  });
}

/** A row of numbers times weights (D, K), plus a bias (K), in double. */
function times(values, weights, bias) {
  const outputs = bias.length, found = Float64Array.from(bias);
  values.forEach((value, d) => {
    if (value) for (let k = 0; k < outputs; k++) found[k] += value * weights[d * outputs + k];
  });
  return found;
}

/** The same of a dense layer, as floats. */
function affine(row, { kernel, bias }) {
  return Float32Array.from(times(row, kernel.data, bias.data));
}

/** (T, D) to (2 D): the mean and the maximum of the rows. */
function meanAndMaximum(values, width) {
  const mean = new Float64Array(width), most = new Float64Array(width).fill(-Infinity), rows = values.length / width;
  values.forEach((one, i) => {
    mean[i % width] += one;
    most[i % width] = Math.max(most[i % width], one);
  });
  return [...mean.map((one) => one / rows), ...most];
}
