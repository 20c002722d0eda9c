// What models that forecast read of an item: lags, seasonal lags, differences and covariates, scaled by the item itself.
//
// An item is `{values, width, steps}`: (T + H, C), of which T `steps` are known and H are to be forecast. Its columns are the
// target, covariates known until now, and those known ahead. Sums are added up in NumPy's order: trees may answer quite
// differently if a number differs in its last bit.

const SCALED_STEPS = 64, SCALED_SEASONS = 8, MOST_RECENT = 48, LEAST_VALUE = 1e-9;
const EARLIER = [1, 2, 3], SPANS = [3, 7];

/** The known values of an item's target. */
function historyOf({ values, width, steps }) {
  return Float64Array.from({ length: steps }, (_, t) => values[t * width]);
}

/** Which lags are read; `setup` has the horizon, the season, and how many covariates are known `untilNow` and ahead (`known`). */
class Lags {
  constructor({ near, week, log, relative, covariates, lagged = 0 }, setup) {
    Object.assign(this, setup, covariates ? {} : { untilNow: 0, known: 0 }, { near, week, log, relative, lagged });
  }

  /**
   * `{shared, own, base, level, scale, log}`: F numbers for all steps ahead, G for each of them, the seasonal naive forecast from
   * which an answer is counted, what is taken off, what is divided by if it is not 0, and whether all are of logarithms.
   */
  read(item) {
    const { near, season, week, horizon, relative } = this, { steps } = item, history = historyOf(item);
    const least = Math.max(history.reduce((most, one) => (one > 0 ? Math.min(most, one) : most), Infinity), LEAST_VALUE);
    const floor = least < Infinity ? least : LEAST_VALUE;
    const log = this.log && history.every((one) => one >= 0); // answers are scaled: the same model serves for values, too
    const logged = (one) => (log ? Math.log(Math.max(one, floor)) : one);
    const back = Math.max(near + 1, 2 * season + 1, season + near, week);
    const past = Float64Array.from({ length: back }, (_, i) => logged(history[Math.max(steps - back + i, 0)]));
    const values = history.map(logged), profile = profileOf(values, season);
    const scale = relative ? sizeOf(values, season) : changeOf(values, season), unit = scale || 1;
    const level = relative ? 0 : season > 1 ? meanOf(past.subarray(back - season)) : past[back - 1];
    const scaled = past.map((one) => (one - level) / unit), last = relative ? meanOf(scaled.subarray(back - season)) : 0;
    const changes = scaled.subarray(season).map((one, i) => one - scaled[i]);
    const counts = [...new Set([1, 3, season])].sort((a, b) => a - b);
    const shared = [...scaled.subarray(back - near), ...counts.map((count) => meanOf(changes.slice(-count))), ...this.now(item)];
    const base = [], own = [];
    for (let h = 0; h < horizon; h++) {
      const same = back - season + h % season;
      base.push(relative ? 0 : scaled[same]);
      const usual = profile[h % season] / unit;
      own.push([scaled[same], scaled[same - season], changes[same - season], relative ? usual + last : usual - scaled[same],
        ...(week ? [scaled[back - week + h % week]] : []), ...this.ahead(item, h)]);
    }
    return { shared, own, base, level, scale, log };
  }

  /** Of covariates known until now: the last, the mean of the last season, the change over a season. */
  now({ values, width, steps }) {
    const last = steps - 1, count = Math.max(1, Math.min(this.season, MOST_RECENT));
    const columns = Array.from({ length: this.untilNow }, (_, i) => (t) => values[Math.max(t, 0) * width + 1 + i]);
    const recent = columns.map((at) => Float64Array.from({ length: count }, (_, back) => at(last - back)));
    const means = recent.map((one) => (columns.length === 1 ? meanOf(one) : inOrder(one) / count));
    return [...columns.map((at) => at(last)), ...means, ...columns.map((at) => at(last) - at(last - this.season))];
  }

  /** Of columns known ahead: what they are at a step, and less what they were seasons earlier; of the first, earlier values. */
  ahead({ values, width, steps }, h) {
    const before = Math.max(steps + h - this.season * (Math.floor(h / this.season) + 1), 0);
    const at = (t) => Array.from({ length: this.known }, (_, i) => values[(t + 1) * width - this.known + i]);
    const now = at(steps + h), then = at(before);
    const lagged = (back) => at(Math.max(steps + h - back, 0)).slice(0, this.lagged);
    const means = SPANS.map((span) => {
      const values = Array.from({ length: span }, (_, back) => lagged(back));
      return values[0].map((_, i) => inOrder(values.map((one) => one[i])) / span);
    });
    return [...now, ...now.map((one, i) => one - then[i]), ...EARLIER.map(lagged).flat(), ...means.flat()];
  }

  /** Answers, one for each step ahead, in the unit of the series; its level if the scale is 0. */
  forecasts(said, most, { base, level, scale, log }) {
    return Float64Array.from(said, (one, h) => {
      const found = (Math.min(Math.max(one, -most), most) + base[h]) * scale + level;
      return log ? Math.exp(Math.min(found, 700)) : found;
    });
  }
}

/** The mean of the absolute values of the last steps. */
function sizeOf(values, season) {
  const sums = [0];
  for (const one of values) sums.push(sums.at(-1) + Math.abs(one));
  const end = values.length, start = Math.max(end - Math.max(SCALED_STEPS, SCALED_SEASONS * season), 0);
  return (sums[end] - sums[start]) / Math.max(end - start, 1);
}

/** The mean change of the last steps over a season, or else from step to step; 0 if nothing changes. */
function changeOf(values, season) {
  const most = Math.max(SCALED_STEPS, SCALED_SEASONS * season);
  let found = 0;
  for (const lag of [1, season]) {
    if (values.length <= lag) continue;
    const sums = [0];
    for (let t = lag; t < values.length; t++) sums.push(sums.at(-1) + Math.abs(values[t] - values[t - lag]));
    const end = sums.length - 1, start = Math.max(end - most, 0), change = (sums[end] - sums[start]) / Math.max(end - start, 1);
    if (change > 1e-9 * Math.abs(values.at(-1))) found = change;
  }
  return found;
}

/** The mean of the last seasons, each less its own mean. */
function profileOf(values, season) {
  const total = new Float64Array(season);
  let count = 0;
  for (let back = 1; season > 1 && back <= SCALED_SEASONS && values.length >= back * season; back++, count++) {
    const begin = values.length - back * season, one = values.subarray(begin, begin + season), middle = meanOf(one);
    for (let k = 0; k < season; k++) total[k] += one[k] - middle;
  }
  return total.map((one) => one / Math.max(count, 1));
}

function meanOf(numbers) {
  return inPairs(numbers) / numbers.length;
}

function inOrder(numbers) {
  let total = 0;
  for (const one of numbers) total += one;
  return total;
}

/** A sum in the order of NumPy's pairwise summation. */
function inPairs(numbers) {
  const count = numbers.length;
  if (count < 8) return inOrder(numbers);
  if (count > 128) {
    const half = Math.floor(count / 16) * 8;
    return inPairs(numbers.subarray(0, half)) + inPairs(numbers.subarray(half));
  }
  const sums = numbers.slice(0, 8), whole = count - count % 8;
  for (let i = 8; i < whole; i++) sums[i % 8] += numbers[i];
  const [a, b, c, d, e, f, g, h] = sums;
  let total = ((a + b) + (c + d)) + ((e + f) + (g + h));
  for (let i = whole; i < count; i++) total += numbers[i];
  return total;
}
