// Models that forecast: each gives (H) numbers of an item, see lags.js. A further one is one more function here.

const MOST_SCALED = 20, MOST_OF_NETWORK = 10; // scaled answers
const THETA = ["smoothing", 0n], SMOOTHING = ["smoothing", 1n], ARIMA = ["arima"]; // functions of native/unspool.h, and the method
const MOST_OF_PATTERN = 1000; // steps
const LAST_SEASONS = 8, MOST_GROWTH = 50; // of a logarithm beyond the last one

/** By the kind of a model: makes a function from an item to its forecasts, given the model's node and the setup of the series. */
const POINT_MODELS = {
  "last value": (node, { horizon }) => (item) => new Float64Array(horizon).fill(historyOf(item).at(-1)),

  "last season": (node, { horizon, season }) => (item) => {
    const history = historyOf(item), { length } = history;
    return Float64Array.from({ length: horizon }, (_, h) => history[length < season ? length - 1 : length - season + h % season]);
  },

  drift: (node, { horizon }) => (item) => {
    const history = historyOf(item), last = history.at(-1), slope = (last - history[0]) / Math.max(1, history.length - 1);
    return Float64Array.from({ length: horizon }, (_, h) => last + slope * (h + 1));
  },

  median: (node, { horizon, season }) => (item) =>
    new Float64Array(horizon).fill(medianOf(historyOf(item).slice(-LAST_SEASONS * season))),

  "season mean": (node, setup) => (item) => ofLastSeasons(historyOf(item), setup, (values) => values.reduce((all, one) => all + one) / values.length),

  "season median": (node, setup) => (item) => ofLastSeasons(historyOf(item), setup, medianOf),

  "theta method": (node, setup) => (item) => estimated(THETA, historyOf(item), setup),

  "exponential smoothing": (node, setup) => (item) => estimated(SMOOTHING, historyOf(item), setup),

  ARIMA: (node, setup) => (item) => estimated(ARIMA, historyOf(item), setup),

  "theta method of logarithms": (node, setup) => (item) => inLogarithms(THETA, historyOf(item), setup),

  "exponential smoothing of logarithms": (node, setup) => (item) => inLogarithms(SMOOTHING, historyOf(item), setup),

  "ARIMA of logarithms": (node, setup) => (item) => inLogarithms(ARIMA, historyOf(item), setup),

  "longer season": ({ seasons, point }, setup) => {
    const longer = pointModel(point, { ...setup, season: seasons * setup.season }), usual = pointModel(point, setup);
    return (item) => (historyOf(item).length < 2 * seasons * setup.season ? usual : longer)(item);
  },

  "longer pattern": ({ seasons, point }, setup) => {
    const method = { "theta method": THETA, "exponential smoothing": SMOOTHING, ARIMA }[point.kind], season = seasons * setup.season;
    return (item) => {
      const history = historyOf(item);
      if (history.length < 2 * season) return estimated(method, history, setup);
      const { rest, ahead } = withoutPattern(history, setup.horizon, season), found = estimated(method, rest, setup);
      return found.map((one, h) => ahead[h] + one);
    };
  },

  "lag linear"({ lags, weights, intercept }, setup) {
    const reads = new Lags(lags, setup), width = weights.shape[1];
    return (item) => {
      const found = reads.read(item);
      const said = found.own.map((own, h) =>
        intercept.data[h] + [...found.shared, ...own].reduce((all, one, i) => all + one * weights.data[h * width + i], 0));
      return reads.forecasts(said, MOST_SCALED, found);
    };
  },

  "lag trees": lagTrees,

  "relative lag trees": (node, setup) => lagTrees({ ...node, lags: { ...node.lags, relative: true } }, setup),

  /** An LSTM over the last values, and one that continues from it over what is read of each step ahead. */
  "lag network"({ lags, middle, spread, encoder, first, decoder, hidden, head }, setup) {
    const reads = new Lags(lags, setup);
    const network = new Network({ layers: [{ kind: "recurrent", cell: "lstm", activation: "tanh", gives: "last", forward: encoder }] });
    const standard = (one, i) => (one - middle.data[i]) / spread.data[i];
    return (item) => {
      const found = reads.read(item), near = reads.near, beside = found.shared.length - near;
      const past = { values: Float32Array.from(found.shared.slice(0, near)), width: 1, length: near };
      const now = found.shared.slice(near).map(standard);
      const ahead = found.own.map((own) => Float32Array.from(own, (one, i) => standard(one, beside + i)));
      const together = Float32Array.of(...network.run(past).values, ...now);
      const before = first.map((one) => affine(together, one).map(Math.tanh)), units = before[0].length;
      const states = statesFrom(decoder, ahead.flatMap((own) => [...own]), before);
      const said = ahead.map((own, h) => {
        const inner = affine(states.subarray(h * units, (h + 1) * units), hidden).map((one) => Math.max(one, 0));
        return affine(Float32Array.of(...inner, ...own), head)[0];
      });
      return reads.forecasts(said, MOST_OF_NETWORK, found);
    };
  },

  "by length"({ point, shorter }, setup) {
    const usual = pointModel(point, setup), short = pointModel(shorter, { ...setup, season: 1 });
    return (item) => (item.steps < setup.season ? short : usual)(item);
  },

  "blend forecasts"({ parts, weights }, setup) {
    const models = parts.map((one) => pointModel(one, setup));
    return (item) => {
      const found = models.map((model) => model(item));
      return found[0].map((_, h) => found.reduce((all, one, i) => all + weights.data[i] * one[h], 0));
    };
  },
};

/** The mean or the median of the values at each place of the last seasons, again and again; of less than a season the last value. */
function ofLastSeasons(history, { horizon, season }, middle) {
  const { length } = history, seasons = Math.min(LAST_SEASONS, Math.floor(length / season));
  if (!seasons) return new Float64Array(horizon).fill(history.at(-1));
  const places = Array.from({ length: season }, (_, place) =>
    middle(Array.from({ length: seasons }, (_, i) => history[length - (seasons - i) * season + place])));
  return Float64Array.from({ length: horizon }, (_, h) => places[h % season]);
}

/** The last steps of a history without the pattern of a season, and the pattern of the steps ahead: see the trainer's `without_pattern`. */
function withoutPattern(whole, horizon, season) {
  const history = whole.slice(-Math.max(MOST_OF_PATTERN, 3 * season)), { length } = history, before = season >> 1;
  const sums = new Float64Array(length + 1), pattern = new Float64Array(season), counts = new Float64Array(season);
  for (let t = 0, sum = 0; t < length; t++) sums[t + 1] = sum += history[t] - history[0];
  for (let i = 0; i + season + (season % 2 ? 0 : 1) <= length; i++) {
    const total = sums[i + season] - sums[i], next = season % 2 ? 0 : sums[i + 1 + season] - sums[i + 1];
    const middle = season % 2 ? total / season : (next + total) / (2 * season), place = (before + i) % season;
    pattern[place] += history[before + i] - (middle + history[0]);
    counts[place]++;
  }
  for (let place = 0; place < season; place++) pattern[place] /= counts[place];
  const mean = pattern.reduce((all, one) => all + one, 0) / season, at = (t) => pattern[t % season] - mean;
  return { rest: history.map((one, t) => one - at(t)), ahead: Array.from({ length: horizon }, (_, h) => at(length + h)) };
}

function medianOf(values) {
  const sorted = Float64Array.from(values).sort(), half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** (H) the steps after a history by a kernel that is estimated from it, within reach of the history. */
function estimated([name, ...method], history, { horizon, season }) {
  const found = kernels.during((room) => {
    const found = room(8 * horizon), offsets = room(counts([0, history.length]));
    kernels.call(name, 0, room(history), offsets, 1n, BigInt(season), ...method, BigInt(horizon), found, 1n);
    return kernels.read(Float64Array, found, horizon);
  });
  return withinReach(found, history);
}

/** A forecast that goes beyond the extremes of its history by no more than these are apart: see the trainer's `within_reach`. */
function withinReach(forecast, history) {
  const extremes = (pick) => history.reduce((all, one) => pick(all, one)), least = extremes(Math.min), most = extremes(Math.max);
  const reach = (most - least) * Math.max(1, forecast.length / Math.max(history.length - 1, 1));
  return forecast.map((one) => Math.min(Math.max(one, least - reach), most + reach));
}

/** A method on logarithms, counted from the last one; on the history as it is where that is not positive throughout. */
function inLogarithms(method, history, setup) {
  if (!history.every((one) => one > 0)) return estimated(method, history, setup);
  const last = history.at(-1), found = estimated(method, history.map((one) => Math.log(one) - Math.log(last)), setup);
  return found.map((one) => last * Math.exp(Math.min(one, MOST_GROWTH)));
}

function pointModel(node, setup) {
  return POINT_MODELS[node.kind](node, setup);
}

/** Trees over lags, whose sum is the answer. */
function lagTrees({ lags, trees, base }, setup) {
  const reads = new Lags(lags, setup), count = trees.roots.data.length;
  return (item) => {
    const found = reads.read(item);
    const said = found.own.map((own, h) => base + meanOfTrees(trees, Float32Array.of(...found.shared, ...own, h))[0] * count);
    return reads.forecasts(said, MOST_SCALED, found);
  };
}

/** A model that forecasts, and the spread of its errors. */
class Forecaster {
  constructor({ model, reader, task }) {
    const dates = calendarOf(reader, 0).length;
    this.setup = { horizon: task.horizon, season: task.season, untilNow: reader.until_now,
      known: reader.columns.length - 1 - reader.until_now + dates };
    this.points = pointModel(model.point, this.setup);
    Object.assign(this, { low: model.low.data, high: model.high.data, least: model.least ?? -Infinity, usualUnit: model.unit ?? 0 });
    Object.assign(this, { place: model.place ?? 0, recent: model.recent ?? 0 });
    this.short = model.short?.data ?? [1, 1];
  }

  /** An item of a history `{values, length}`, values (T, C), and of what is `ahead`, (H, K) or null. */
  item({ values, length, ahead }) {
    const { horizon, season, known } = this.setup, width = values.length / length;
    const steps = Math.min(length, Math.max(5000, 3 * season));
    const found = new Float32Array((steps + horizon) * width).fill(NaN);
    found.set(values.slice((length - steps) * width));
    for (let h = 0; ahead && h < horizon; h++) {
      found.set(ahead.slice(h * known, (h + 1) * known), (steps + h + 1) * width - known);
    }
    return { values: found, width, steps };
  }

  /** (H 3) the quantiles .1, .5 and .9 of each step. */
  quantiles(example) {
    const item = this.item(example), points = this.points(item), history = historyOf(item);
    const usual = (this.unit(history) || this.usualUnit) * this.wider(history.length);
    const unit = usual * this.recentChange(history) ** this.recent;
    const least = history.some((one) => one < this.least) ? -Infinity : this.least;
    const units = this.changeByPlace(history).map((one) => unit * one ** this.place);
    return Array.from(points).flatMap((one, h) =>
      [one + units[h] * this.low[h], one, one + units[h] * this.high[h]].map((each) => Math.max(each, least)));
  }

  /** How many times as wide intervals are after a history of so many steps. */
  wider(steps) {
    let found = 1;
    for (let row = 0; row < this.short.length && this.short[row] <= steps; row += 2) found = this.short[row + 1];
    return found;
  }

  /** The mean absolute error of the seasonal naive forecast in a history, or else of the naive one. */
  unit(history) {
    for (const lag of [this.setup.season, 1]) {
      if (history.length <= lag) continue;
      const error = meanOf(history.subarray(lag).map((one, t) => Math.abs(one - history[t])));
      const most = history.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-30);
      if (error > 1e-9 * most) return error;
    }
    return 0;
  }

  /** (H) how much values change from season to season at the place of each step ahead, as a multiple of the usual. */
  changeByPlace(history) {
    const { horizon, season } = this.setup, seasons = Math.min(Math.floor(history.length / season), 65);
    const everywhere = new Float64Array(horizon).fill(1);
    if (season === 1 || seasons < 3) return everywhere;
    const last = history.subarray(history.length - (seasons - 1) * season);
    const changes = last.map((one, t) => Math.abs(one - history[history.length - seasons * season + t]));
    const usual = meanOf(changes), places = new Float64Array(season);
    if (!(usual > 0)) return everywhere;
    changes.forEach((one, t) => { places[t % season] += one; });
    return everywhere.map((_, h) => (places[h % season] / usual + 4) / (seasons - 1 + 4));
  }

  /** How much values have changed from season to season recently, as a multiple of the usual. */
  recentChange(history) {
    const { season } = this.setup, lag = history.length > season ? season : 1;
    const changes = history.subarray(lag).map((one, t) => Math.abs(one - history[t]));
    const usual = changes.length ? meanOf(changes) : 0;
    if (!(usual > 0)) return 1;
    const recent = Math.max(4 * season, 40), last = changes.subarray(-recent), asUsual = recent / 4;
    return (inPairs(last) / usual + asUsual) / (last.length + asUsual);
  }
}
