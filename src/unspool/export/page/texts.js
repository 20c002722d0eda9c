// The models of whole texts: each gives the scores of a text and the cells beside it, (K) log-odds, logits or numbers.

function readTextModel(node, characters) {
  const makers = {
    "linear texts": LinearTexts,
    "convolution texts": ConvolutionTexts,
    "vector texts": VectorTexts,
    "language model texts": LanguageModelTexts,
    "tree texts": TreeTexts,
    "column trees": TreeTexts, // the kind of older models with columns alone
    "blend texts": BlendTexts,
  };
  return new makers[node.kind](node, characters);
}

class LinearTexts {
  constructor(node, characters) {
    this.blocks = node.blocks.map((block) => ({ ...block, ngrams: new NGrams(block, characters) }));
    this.weighting = node.weighting;
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
    return { products, norms: squares.map((one) => (this.weighting === "counts" ? 1 : Math.sqrt(one) || 1)) };
  }

  /** What an n-gram that occurs so often counts, in float32 as in training. */
  times(count) {
    if (this.weighting === "counts") return count;
    return this.weighting === "tfidf" ? Math.fround(1 + Math.fround(Math.log(count))) : 1;
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

/** Trees over counts of n-grams, and over the columns beside a text. */
class TreeTexts {
  constructor(node, characters) {
    this.node = node;
    this.ngrams = node.ngrams ? new NGrams(node.ngrams, characters) : null;
    this.columns = node.columns ? new Columns(node.columns) : null;
  }

  scores(text, cells) {
    const { trees, link, factor } = this.node, sure = 1e-3;
    const features = [...(this.ngrams ? this.counts(text) : []), ...(this.columns?.features(cells) ?? [])];
    return meanOfTrees(trees, features).map((mean) => {
      if (link === "identity") return mean * factor;
      if (link === "log") return Math.log(Math.max(mean, sure)) * factor;
      const p = Math.min(Math.max(mean, sure), 1 - sure);
      return Math.log(p / (1 - p)) * factor;
    });
  }

  /** How often each n-gram occurs, and the sum of these counts for the shortest length. */
  counts(text) {
    const found = new Float64Array(this.ngrams.width + 1), levels = this.ngrams.count(text);
    for (const level of levels) for (const [gram, count] of level) found[gram] = count;
    for (const count of levels[0].values()) found[this.ngrams.width] += count;
    return found;
  }
}

/** Convolutions over tokens, the maximum over the text, and a linear head: see native/word_convolution.h. */
class ConvolutionTexts {
  constructor(node, characters) {
    this.tokens = new TokenNumbers(node, characters);
    this.units = node.units.data;
    this.outputs = node.members[0].head_bias.shape[0];
    this.members = node.members.map(({ widths, vectors, bias, head, head_bias }) => {
      const arrays = [vectors, bias, head, head_bias].map((one) => kernels.move(one)), [words, , filters] = vectors.shape;
      const sizes = kernels.put(counts(widths));
      return kernels.put(struct("4q5P", words, filters, widths.length, this.outputs, sizes, ...arrays));
    });
  }

  scores(text) {
    const read = this.tokens.read(text), { members, outputs, units } = this;
    return kernels.during((room) => {
      const [tokens, offsets, to] = [room(read), room(counts([0, read.length])), room(4 * outputs)];
      const found = members.map((one) => {
        kernels.call("convolution_outputs", 1, one, tokens, offsets, 1n, to);
        return Array.from(kernels.read(Float32Array, to, outputs), (score) => score * units[1] + units[0]);
      });
      return found[0].map((_, k) => found.reduce((total, one) => total + one[k], 0) / found.length);
    });
  }
}

/** The vector of a text, and a linear head: see native/document_vectors.h. */
class VectorTexts {
  constructor(node, characters) {
    this.node = node;
    this.ngrams = new NGrams(node.ngrams, characters);
    const { vectors, keep, drawn, negatives } = node, [grams, width] = vectors.shape;
    const places = kernels.put(Int32Array.from(drawn.data));
    this.model = kernels.put(struct("2q3P2q", grams, width, kernels.move(vectors), kernels.move(keep), places, drawn.data.length, negatives));
    this.width = width;
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

  vector(grams) {
    const { epochs, rate, last_rate, seed } = this.node;
    return kernels.during((room) => {
      const found = room(4 * this.width), columns = room(Int32Array.from(grams)), rows = room(counts([0, grams.length]));
      kernels.call("vectors_infer", undefined, this.model, columns, rows, 1n, BigInt(epochs), rate, last_rate, BigInt(seed), found);
      return kernels.read(Float32Array, found, this.width);
    });
  }
}

/** An LSTM over the last words of a text; a linear head reads its last state, and the mean and maximum of its states. */
class LanguageModelTexts {
  constructor(node, characters) {
    const { vectors, forward } = node;
    this.node = node;
    this.tokens = new TokenNumbers(node, characters);
    this.network = new Network({ layers: [{ kind: "embedding", vectors, mask_zero: false },
      { kind: "recurrent", cell: "lstm", activation: "tanh", gives: "all", forward }] });
  }

  scores(text) {
    const { head, units, length } = this.node;
    const read = [...this.tokens.read(text)].slice(-length).map((one) => (one < 0 ? 0 : one + 2));
    const tokens = Int32Array.of(1, ...read); // a text begins with what stands between two texts
    const { values, width } = this.network.run({ tokens, length: tokens.length });
    const pooled = [...values.slice(-width), ...meanAndMaximum(values, width), 1];
    const found = times(pooled, head.data, new Float64Array(head.shape[1]));
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
