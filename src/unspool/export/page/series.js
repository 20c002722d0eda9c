// The models of whole series: each gives (K) probabilities or numbers of a series `{values, length, channels}`, values (T, C) float32.

function readSeriesModel(node, channels) {
  const makers = {
    "encoded series": EncodedSeries,
    "neighbour series": NeighbourSeries,
    "recurrent series": RecurrentSeries,
    "blend series": BlendSeries,
    "steps series": StepsModel,
  };
  return new makers[node.kind](node, channels);
}

class EncodedSeries {
  constructor(node) {
    Object.assign(this, node);
  }

  outputs(series) {
    const features = this.encoders.flatMap((one) => Array.from(ENCODERS[one.kind](one, series)));
    return HEADS[this.head.kind](this.head, features);
  }
}

const HEADS = {
  linear({ weights, intercept, factor, limits }, features) {
    const scores = [...times(features, weights.data, intercept.data)];
    if (factor != null) return softmax(scores.map((one) => factor * one));
    return limits == null ? scores : scores.map((one, k) => Math.min(Math.max(one, row(limits, 0)[k]), row(limits, 1)[k]));
  },

  trees({ factor, ...trees }, features) {
    const mean = meanOfTrees(trees, features);
    return factor == null ? mean : softmax(mean.map((one) => factor * Math.log(Math.max(one, 1e-3))));
  },

  "boosted trees"({ factor, base, ...trees }, features) {
    const scores = sumOfTrees(trees, features).map((one, k) => base.data[k] + one);
    return factor == null ? scores : softmax(scores.map((one) => factor * one));
  },
};

/** What is said of the nearest of the kept series: Euclidean, or by dynamic time warping. */
class NeighbourSeries {
  constructor(node) {
    Object.assign(this, node);
    this.band = roundedToEven(node.window * node.kept.shape[1]);
  }

  outputs(series) {
    const [count, length, channels] = this.kept.shape, one = resampled(series, length);
    let best = 0, least = Infinity;
    for (let i = 0; i < count; i++) {
      const kept = this.kept.data.subarray(i * length * channels, (i + 1) * length * channels);
      const distance = warpedDistance(one, kept, length, channels, this.band);
      if (distance < least) [best, least] = [i, distance];
    }
    return [...row(this.values, best)];
  }
}

/** The mean output of several networks that read series with standardised channels. */
class RecurrentSeries {
  constructor(node) {
    Object.assign(this, node, { networks: node.networks.map((one) => new Network(one)) });
  }

  outputs({ values, length, channels }) {
    const { mean, spread, networks, factor } = this;
    const scaled = Float32Array.from(values, (one, i) => (one - mean.data[i % channels]) / spread.data[i % channels]);
    const said = networks.map((one) => one.run({ values: scaled, width: channels, length }).values);
    const scores = [...said[0]].map((_, k) => said.reduce((all, one) => all + one[k], 0) / said.length);
    return factor == null ? scores : softmax(scores.map((one) => factor * one));
  }
}

/** The weighted mean of the parts' log-probabilities, or of their numbers. */
class BlendSeries {
  constructor(node, channels) {
    Object.assign(this, node, { parts: node.parts.map((one) => readSeriesModel(one, channels)) });
  }

  outputs(series) {
    const found = this.parts.map((one) => one.outputs(series));
    const said = this.factor == null ? found : found.map((one) => one.map((p) => Math.log(Math.max(p, 1e-4))));
    const total = said[0].map((_, k) => said.reduce((all, one, i) => all + this.weights.data[i] * one[k], 0));
    return this.factor == null ? total : softmax(total.map((one) => this.factor * one));
  }
}

/** The nearest whole number; halves are rounded to the even one, as in Python. */
function roundedToEven(number) {
  const low = Math.floor(number), off = number - low;
  return off === 0.5 ? low + (low % 2) : Math.round(number);
}

/** Squared distance of two series (T, C), where steps may be warped by up to `band`. */
function warpedDistance(one, kept, length, channels, band) {
  const cost = (i, j) => {
    let total = 0;
    for (let c = 0; c < channels; c++) total += (one[i * channels + c] - kept[j * channels + c]) ** 2;
    return total;
  };
  let before = new Float64Array(length + 1).fill(Infinity);
  before[0] = 0;
  for (let i = 0; i < length; i++) {
    const now = new Float64Array(length + 1).fill(Infinity);
    for (let j = Math.max(0, i - band); j <= Math.min(length - 1, i + band); j++) {
      now[j + 1] = cost(i, j) + Math.min(before[j], before[j + 1], now[j]);
    }
    before = now;
  }
  return before[length];
}

/** A series at `length` steps by linear interpolation: (length, C). */
function resampled({ values, length: own, channels }, length) {
  if (own === length) return values;
  const found = new Float32Array(length * channels);
  for (let t = 0; own && t < length; t++) {
    const place = length > 1 ? (t === length - 1 ? own - 1 : t * ((own - 1) / (length - 1))) : 0;
    const low = Math.min(Math.floor(place), own - 1), high = Math.min(low + 1, own - 1);
    for (let c = 0; c < channels; c++) {
      const [a, b] = [values[low * channels + c], values[high * channels + c]];
      found[t * channels + c] = a + (b - a) * (place - low);
    }
  }
  return found;
}

/** x[t + 1] - x[t], as numbers of a kind. */
function differences({ values, length, channels }, Kind = Float32Array) {
  const found = new Kind(Math.max(length - 1, 0) * channels);
  for (let i = 0; i < found.length; i++) found[i] = values[i + channels] - values[i];
  return { values: found, length: Math.max(length - 1, 0), channels };
}
