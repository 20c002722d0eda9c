// The models of whole texts: each gives the scores of a text and the cells beside it, (K) log-odds, logits or numbers.

function readTextModel(node, characters) {
  const makers = {
    "linear texts": LinearTexts,
    "convolution texts": ConvolutionTexts,
    "vector texts": VectorTexts,
    "language model texts": LanguageModelTexts,
    "column trees": ColumnTrees,
    "blend texts": BlendTexts,
  };
  return new makers[node.kind](node, characters);
}

class LinearTexts {
  constructor(node, characters) {
    this.blocks = node.blocks.map((block) => ({ ...block, ngrams: new NGrams(block, characters) }));
    this.tfidf = node.weighting === "tfidf";
    this.constant = node.constant.data;
    this.scale = node.scale.data;
    this.columns = node.columns ? new Columns(node.columns) : null;
    this.ofColumns = node.column_coefficients?.data;
  }

  scores(text, cells) {
    const width = this.constant.length, total = this.base(cells);
    for (const block of this.blocks) {
      const seen = this.seen(block, text);
      seen.products.forEach((one, k) => (total[k] += one / seen.norms[k] / Math.sqrt(this.blocks.length)));
    }
    return Array.from(total, (one, k) => one * this.scale[k] + this.scale[width + k]);
  }

  /** (K) what does not depend on the text. */
  base(cells) {
    const total = Float64Array.from(this.constant), width = total.length;
    this.columns?.features(cells).forEach((one, d) => {
      for (let k = 0; k < width; k++) total[k] += one * this.ofColumns[d * width + k];
    });
    return total;
  }

  /** The sums of a block over the n-grams of a text, and what they are divided by. */
  seen(block, text) {
    const width = this.constant.length, products = new Float64Array(width), squares = new Float64Array(width);
    const columns = block.weights.shape[1], weights = block.weights.data, coefficients = block.coefficients.data;
    for (const level of block.ngrams.count(text)) {
      for (const [gram, count] of level) {
        const times = this.times(count);
        for (let k = 0; k < width; k++) {
          const value = weights[gram * columns + (columns > 1 ? k : 0)] * times;
          products[k] += value * coefficients[gram * width + k];
          squares[k] += value * value;
        }
      }
    }
    return { products, norms: squares.map((one) => Math.sqrt(one) || 1) };
  }

  /** What an n-gram that occurs so often counts, in float32 as in training. */
  times(count) {
    return this.tfidf ? Math.fround(1 + Math.fround(Math.log(count))) : 1;
  }

  /**
   * What each token adds to the score of label k: an n-gram's share goes to its tokens in equal parts, and to its
   * occurrences. With `rest`, which no token brings, they add up to the score. Only where all blocks read words.
   */
  contributions(text, k, cells) {
    if (!this.blocks.length || this.blocks.some((block) => !block.ngrams.tokens.ofWords)) return null;
    const found = new Float64Array(this.blocks[0].ngrams.tokens.read(text).length), width = this.constant.length;
    for (const block of this.blocks) {
      const { norms } = this.seen(block, text), columns = block.weights.shape[1];
      const counts = block.ngrams.count(text);
      block.ngrams.places(text).forEach((grams, level) => {
        const size = level + block.ngrams.shortest;
        grams.forEach((gram, t) => {
          if (gram < 0) return;
          const number = gram + block.ngrams.before[level], count = counts[level].get(number);
          const value = block.weights.data[number * columns + (columns > 1 ? k : 0)] * this.times(count);
          const share = value * block.coefficients.data[number * width + k] / norms[k] / Math.sqrt(this.blocks.length);
          for (let i = 0; i < size; i++) found[t + i] += share * this.scale[k] / count / size;
        });
      });
    }
    return { tokens: found, rest: this.base(cells)[k] * this.scale[k] + this.scale[width + k] };
  }
}

class ConvolutionTexts {
  constructor(node, characters) {
    this.tokens = new TokenNumbers(node, characters);
    this.members = node.members;
    this.units = node.units.data;
  }

  scores(text) {
    const read = this.tokens.read(text);
    const found = this.members.map((one) => convolved(one, read).map((score) => score * this.units[1] + this.units[0]));
    return found[0].map((_, k) => found.reduce((total, one) => total + one[k], 0) / found.length);
  }
}

/** A convolution over tokens, the maximum over the text, and a linear head: see native/word_convolution.h. */
function convolved({ widths, vectors, bias, head, head_bias }, read) {
  const [, taps, filters] = vectors.shape, outputs = head_bias.data.length;
  const found = Float64Array.from(head_bias.data), sum = new Float32Array(filters);
  let tap = 0;
  widths.forEach((width, s) => {
    const best = new Float32Array(filters); // relu: at least 0
    for (let t = 0; t <= Math.max(read.length - width, 0); t++) {
      sum.set(bias.data.subarray(s * filters, (s + 1) * filters));
      for (let k = 0; k < width; k++) {
        const token = t + k < read.length ? read[t + k] : -1;
        if (token < 0) continue;
        const row = (token * taps + tap + k) * filters;
        for (let f = 0; f < filters; f++) sum[f] += vectors.data[row + f];
      }
      for (let f = 0; f < filters; f++) if (sum[f] > best[f]) best[f] = sum[f];
    }
    for (let f = 0; f < filters; f++) {
      for (let k = 0; k < outputs; k++) found[k] += best[f] * head.data[(s * filters + f) * outputs + k];
    }
    tap += width;
  });
  return Array.from(found);
}

class VectorTexts {
  constructor(node, characters) {
    this.node = node;
    this.ngrams = new NGrams(node.ngrams, characters);
    this.draws = [];
  }

  scores(text) {
    const { center, spread: deviation, weights, units } = this.node, [size, width] = weights.shape;
    const found = Float64Array.from(weights.data.subarray((size - 1) * width));
    this.vector(this.ngrams.occurrences(text)).forEach((one, d) => {
      const number = Math.fround((one - center.data[d]) / deviation.data[d]);
      for (let k = 0; k < width; k++) found[k] += number * weights.data[d * width + k];
    });
    return Array.from(found, (one) => one * units.data[1] + units.data[0]);
  }

  /** The vector of a text: see native/document_vectors.h. */
  vector(grams) {
    const { vectors, keep, drawn, negatives, rate, last_rate, epochs } = this.node;
    const document = new Float32Array(vectors.shape[1]), gained = new Float32Array(document.length);
    for (let epoch = 0; epoch < epochs; epoch++) {
      const now = rate + (last_rate - rate) * epoch / epochs;
      grams.forEach((gram, place) => {
        const number = place * (negatives + 1);
        if (this.draw(epoch, number) >= keep.data[gram] * 2 ** 32) return;
        gained.fill(0);
        this.learn(gram, 1, now, document, gained);
        for (let j = 0; j < negatives; j++) {
          const at = Math.floor(this.draw(epoch, number + 1 + j) * drawn.data.length / 2 ** 32);
          if (drawn.data[at] !== gram) this.learn(drawn.data[at], 0, now, document, gained);
        }
        for (let d = 0; d < document.length; d++) document[d] += gained[d];
      });
    }
    return document;
  }

  learn(gram, wanted, rate, document, gained) {
    const width = document.length, vectors = this.node.vectors.data, row = gram * width;
    let product = 0;
    for (let d = 0; d < width; d++) product += vectors[row + d] * document[d];
    const step = Math.fround(rate * (wanted - 1 / (1 + Math.exp(-Math.fround(product)))));
    for (let d = 0; d < width; d++) gained[d] += Math.fround(step * vectors[row + d]);
  }

  /** The upper half of a number of an epoch's stream, kept, as it is the same for all texts. */
  draw(epoch, index) {
    const known = (this.draws[epoch] ??= []), seed = BigInt(this.node.seed);
    while (known.length <= index) known.push(Number(splitmix(splitmix(seed, epoch), known.length) >> 32n));
    return known[index];
  }
}

/** The index-th number of a stream of splitmix64 (Vigna), 64 bits. */
function splitmix(stream, index) {
  const whole = (one) => BigInt.asUintN(64, one);
  let z = whole(stream + BigInt(index + 1) * 0x9e3779b97f4a7c15n);
  z = whole((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = whole((z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}

/** An LSTM over the last words of a text; a linear head reads its last state, and the mean and maximum of its states. */
class LanguageModelTexts {
  constructor(node, characters) {
    this.node = node;
    this.tokens = new TokenNumbers(node, characters);
  }

  scores(text) {
    const { forward, vectors, head, units, length } = this.node, size = forward.recurrent.shape[0];
    const read = [...this.tokens.read(text)].slice(-length).map((one) => (one < 0 ? 0 : one + 2));
    const tokens = Int32Array.of(1, ...read); // a text begins with what stands between two texts
    const { states, last } = stepped(forward, { cell: "lstm" }, { values: vectors.data, tokens, length: tokens.length });
    const pooled = [...last, ...meanAndMaximum(states, size), 1];
    const found = times(pooled, 0, head.data, pooled.length, new Float64Array(head.shape[1]));
    return Array.from(found, (one) => one * units.data[1] + units.data[0]);
  }
}

class BlendTexts {
  constructor(node, characters) {
    this.parts = node.parts.map((one) => readTextModel(one, characters));
    this.factors = node.factors.data;
  }

  scores(text, cells) {
    const found = this.parts.map((one) => one.scores(text, cells));
    return found[0].map((_, k) => found.reduce((total, one, i) => total + this.factors[i] * one[k], 0));
  }
}
