// From scores or outputs to labels and probabilities.

class Answers {
  constructor(task) {
    Object.assign(this, { threshold: 0.5, mean: 0, scale: 1, ...task });
    if (task.kind === "regression" || task.kind === "reconstruction") this.labels = []; // they predict numbers
  }

  /** Log-odds, logits or numbers of a model of texts to its outputs. */
  ofScores(scores) {
    if (this.kind === "regression") return this.ofNumbers(scores);
    return this.kind === "multiclass" ? softmax(scores) : scores.map(sigmoid);
  }

  /** Numbers as a model of texts or series learned them, perhaps as square roots or logarithms, in their own unit. */
  ofNumbers(found) {
    if (!this.transformation) return found;
    const { kind, least, greatest, factor } = this.transformation;
    return Array.from(found, (one) => {
      const kept = Math.min(Math.max(one, least), greatest);
      return factor * (kind === "logarithm" ? Math.exp(kept) : kept * kept);
    });
  }

  /** What the contributions of words add up to, and the factor and the constant that put a transformation's factor into them. */
  get learned() {
    const { kind, factor } = this.transformation ?? {};
    if (kind === "logarithm") return { name: "logarithm of the number", times: 1, plus: Math.log(factor) };
    if (kind === "square root") return { name: "square root of the number", times: Math.sqrt(factor), plus: 0 };
    return { name: "number", times: 1, plus: 0 };
  }

  /** Numbers from a network's head to outputs. */
  ofHead(found) {
    return this.kind === "regression" ? found.map((one) => one * this.scale + this.mean) : found;
  }

  /** The probability of each label. */
  probabilities(outputs) {
    return this.kind === "binary" ? [1 - outputs[0], outputs[0]] : [...outputs];
  }

  /** The label; a list of labels where there may be several; a number. */
  decide(outputs) {
    if (this.kind === "binary") return this.labels[outputs[0] >= this.threshold ? 1 : 0];
    if (this.kind === "multiclass") return this.labels[largest(outputs)];
    if (this.kind === "multilabel") return this.labels.filter((_, i) => outputs[i] >= this.threshold);
    return outputs[0];
  }

  /** What is explained of a label: its log-odds, or the number itself. */
  height(outputs, label) {
    if (!this.labels.length) return outputs[0];
    const p = Math.min(Math.max(this.probabilities(outputs)[label], 1e-12), 1 - 1e-12);
    return Math.log(p / (1 - p));
  }
}

function sigmoid(x) {
  const small = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + small) : small / (1 + small);
}

function softmax(scores) {
  const top = Math.max(...scores), found = scores.map((one) => Math.exp(one - top));
  const total = found.reduce((a, b) => a + b, 0);
  return found.map((one) => one / total);
}

/** The place of the first of the largest numbers. */
function largest(numbers) {
  let best = 0;
  for (let i = 1; i < numbers.length; i++) if (numbers[i] > numbers[best]) best = i;
  return best;
}

/** What a generator gives when it is done. */
function finished(steps) {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

function average(numbers) {
  return numbers.reduce((a, b) => a + b, 0) / numbers.length;
}
