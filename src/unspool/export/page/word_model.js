// A linear model that tags each word of a text by its forms, the words around it and the tag before it.

function readWordsModel(node, characters) {
  return node.kind === "blend words" ? new WordBlend(node, characters) : new WordsModel(node, characters);
}

class WordsModel extends WordFormsReader {
  constructor({ features, weights, transitions, intercept }, characters) {
    super({ vocabulary: features.filter((one) => one[0] === "0").map((one) => one.slice(1)) }, characters);
    this.numbers = new Map(features.map((one, i) => [one, i]));
    this.weights = weights.data;
    this.transitions = transitions.data;
    this.intercept = [...intercept.data];
  }

  /** (T K) the probability of each tag of each word, end to end. */
  outputs(words) {
    const width = this.intercept.length;
    let before = null;
    return this.features(words).flatMap((row) => {
      const scores = this.scores(row);
      const after = (tag) => {
        const summed = scores.map((one, k) => one + this.transitions[tag * width + k]);
        const logs = summed.map((one) => Math.min(one, 0) - Math.log1p(Math.exp(-Math.abs(one)))); // of sigmoids
        const most = logs.reduce((a, b) => Math.max(a, b)), likely = logs.map((one) => Math.exp(one - most));
        const sum = likely.reduce((a, b) => a + b, 0);
        return likely.map((one) => one / sum);
      };
      const rows = before && before.map((_, tag) => after(tag));
      before = before ? scores.map((_, k) => before.reduce((sum, one, tag) => sum + one * rows[tag][k], 0)) : after(width);
      return before;
    });
  }

  /** (K) the sums of the weights of a word's features. */
  scores(row) {
    const total = [...this.intercept], width = total.length;
    for (const one of row) {
      const number = this.numbers.get(one);
      if (number !== undefined) for (let k = 0; k < width; k++) total[k] += this.weights[number * width + k];
    }
    return total;
  }

  /** The features of each word, as in training. */
  features(words) {
    const known = words.map((word) => this.forms(word)), nothing = Array(8).fill("");
    const at = (t) => known[t] ?? nothing;
    return known.map((own, t) => {
      const before = at(t - 1), after = at(t + 1);
      return [
        ...own.map((form, i) => form && `${i}${form}`).filter(Boolean),
        `a${at(t - 2)[0]}`, `b${before[0]}`, `c${after[0]}`, `d${at(t + 2)[0]}`,
        `e${before[1]}`, `f${after[1]}`, `g${before[4]}`, `h${after[4]}`,
        `i${before[0]} ${own[0]}`, `j${own[0]} ${after[0]}`,
      ];
    });
  }
}

/** The mean of a linear model and a network. */
class WordBlend extends WordsModel {
  constructor({ linear, reader, network }, characters) {
    super(linear, characters);
    this.reader = new WordFormsReader(reader, characters);
    this.network = new Network(network);
  }

  outputs(words) {
    const { values } = this.network.run(this.reader.steps(words));
    return super.outputs(words).map((one, i) => (one + values[i]) / 2);
  }
}
