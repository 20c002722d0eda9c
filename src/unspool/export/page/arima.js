// Seasonal ARIMA models, estimated from each history anew: what native/arima.h specifies, in the order of operations of its
// reference, arima_reference.py, which walks through a history with eight sets of parameters at once. Here there is one at a time.
//
// A form counts terms: near ones of the regression and of the average, then those of whole seasons. A point has a parameter for each.

const MOST_TERMS = 3, MOST_SEASONAL_TERMS = 2, FIRST_PARAMETER = 0.1, MOST_PARAMETER = 10, DERIVATIVE_WIDTH = 2 ** -10;
const DAMPINGS = [0, 0.001, 0.01, 0.1, 1, 10, 100, 1000], MOST_STEPS_OF_FIT = 30, LEAST_GAIN = 1e-6;

/** (H) the steps after a history, the form chosen by AICc. */
function arima(history, horizon, season) {
  return smoothedBy(history, horizon, season, (values) => {
    const seasonal = season > 1 && values.length >= 2 * season + LEAST_SMOOTHED;
    const { levels, back } = differencesOf(values, seasonal ? season : 1), kept = levels.at(-1);
    const middle = levels.length === 1 && !back ? meanInOrder(kept) : 0;
    const scale = Math.sqrt(meanSquare(kept, middle));
    let found = new Float64Array(horizon);
    if (scale > 0 && scale < Infinity) {
      found = continuedBy(kept.map((one) => (one - middle) / scale), horizon, seasonal && season <= LONGEST_SEASON ? season : 1);
    }
    found = found.map((one) => middle + scale * one);
    for (const level of levels.slice(0, -1).reverse()) {
      let last = level.at(-1);
      found = found.map((one) => (last += one));
    }
    if (!back) return found;
    const whole = [...values];
    for (const one of found) whole.push(one + whole[whole.length - season]);
    return whole.slice(values.length);
  });
}

/** A history and its differences, each of the one before, and whether it was differenced by season first. */
function differencesOf(values, season) {
  const back = season > 1 && varianceOf(changesOf(values, season)) < varianceOf(changesOf(values, 1));
  const levels = [back ? changesOf(values, season) : values];
  while (levels.length < 3 && levels.at(-1).length >= LEAST_SMOOTHED) {
    const now = levels.at(-1), changes = changesOf(now, 1);
    if (!(meanSquare(changes, 0) < (back || levels.length > 1 ? meanSquare(now, 0) : varianceOf(now)))) break;
    levels.push(changes);
  }
  return { levels, back };
}

/** (H) the next of values whose mean square is 1, by the form that AICc finds best. */
function continuedBy(values, horizon, season) {
  const { length } = values, most = Math.min(MOST_TERMS, Math.floor(length / 3));
  const seasonal = season === 1 ? 0 : length >= 3 * season ? MOST_SEASONAL_TERMS : 1;
  let best = { score: Infinity, form: [0, 0, 0, 0], point: [] };
  for (let sar = 0; sar <= seasonal; sar++) for (let sma = 0; sma <= seasonal; sma++) {
    for (let ar = 0; ar <= most; ar++) for (let ma = 0; ma <= most && ar + ma + sar + sma <= MOST_TERMS; ma++) {
      const form = [ar, ma, sar, sma], { point, errors } = fittedArima(values, form, season);
      const score = aiccOfTerms(errors, length, point.length);
      if (score < best.score) best = { score, form, point };
    }
  }
  return forecastArima(values, best.form, season, best.point, horizon);
}

function aiccOfTerms(errors, steps, terms) {
  const free = steps - terms - 2;
  if (!(free > 0) || !Number.isFinite(errors)) return Infinity;
  const spread = errors > 0 ? Math.log(errors / steps) : -Infinity;
  return steps * spread + 2 * (terms + 1) + 2 * (terms + 1) * (terms + 2) / free;
}

/** The point whose squared errors are least: steps of Levenberg and Marquardt's method, each the best of eight dampings. */
function fittedArima(values, form, season) {
  const errorsAt = (point) => errorsOfArima(values, form, season, point);
  let point = form.flatMap((count) => Array(count).fill(FIRST_PARAMETER)), errors = squaresOf(errorsAt(point));
  for (let round = 0; point.length && round < MOST_STEPS_OF_FIT; round++) {
    const now = errorsAt(point);
    const derived = point.map((_, p) => {
      const [above, below] = [DERIVATIVE_WIDTH, -DERIVATIVE_WIDTH].map((by) => errorsAt(point.map((one, q) => (p === q ? one + by : one))));
      return above.map((one, t) => (one - below[t]) * (0.5 / DERIVATIVE_WIDTH));
    });
    const gradient = derived.map((one) => sumOfProducts(one, now));
    const products = derived.map((one) => derived.map((other) => sumOfProducts(one, other)));
    const tried = DAMPINGS.map((damping) => dampedStep(gradient, products, damping)
      .map((by, p) => clipped(point[p] + clipped(by, 1), MOST_PARAMETER)));
    const found = tried.map((one) => squaresOf(errorsAt(one))), lane = placeOfLeast(found);
    if (!(found[lane] < errors)) break;
    const ended = !(errors - found[lane] >= LEAST_GAIN * errors);
    [point, errors] = [tried[lane], found[lane]];
    if (ended) break;
  }
  return { point, errors };
}

/** Where the damped normal equations lead. */
function dampedStep(gradient, products, damping) {
  const count = gradient.length, lower = gradient.map(() => []), pivots = [], found = gradient.map((one) => -one);
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < row; column++) {
      let rest = products[row][column];
      for (let k = 0; k < column; k++) rest -= lower[row][k] * lower[column][k] * pivots[k];
      lower[row][column] = rest / pivots[column];
    }
    let rest = products[row][row] * (1 + damping);
    for (let k = 0; k < row; k++) rest -= lower[row][k] * lower[row][k] * pivots[k];
    pivots[row] = rest > 0 ? rest : 1;
  }
  for (let row = 0; row < count; row++) for (let k = 0; k < row; k++) found[row] -= lower[row][k] * found[k];
  for (let row = count - 1; row >= 0; row--) {
    found[row] /= pivots[row];
    for (let k = row + 1; k < count; k++) found[row] -= lower[k][row] * found[k];
  }
  return found.map((one) => (Number.isFinite(one) ? one : 0));
}

/** (T) the errors of the forecasts of each step from those before it; before the first, values and errors count as 0. */
function errorsOfArima(values, form, season, point) {
  const { regression, average } = weightsOfArima(form, season, point), errors = new Float64Array(values.length);
  for (let t = 0; t < values.length; t++) {
    let error = values[t];
    for (const [lag, weight] of regression) if (t >= lag) error -= weight * values[t - lag];
    for (const [lag, weight] of average) if (t >= lag) error += weight * errors[t - lag];
    errors[t] = error;
  }
  return errors;
}

/** Pairs of a lag and a weight: how much earlier values count in a forecast, and how much earlier errors are taken off. */
function weightsOfArima(form, season, point) {
  let start = 0;
  const [ar, ma, sar, sma] = form.map((count) => coefficientsOf(point.slice(start, start += count)));
  const [regression, average] = [[ar, sar], [ma, sma]].map(([near, far]) => [
    ...near.map((one, i) => [i + 1, one]),
    ...far.flatMap((whole, j) => [
      [(j + 1) * season, whole], ...near.map((one, i) => [(j + 1) * season + i + 1, -one * whole]),
    ]),
  ]);
  return { regression, average };
}

/** Of a polynomial whose roots lie outside of the unit circle, from parameters without bounds. */
function coefficientsOf(point) {
  return point.reduce((found, one) => {
    const partial = one / Math.sqrt(1 + one * one);
    return [...found.map((each, i) => each - partial * found[found.length - 1 - i]), partial];
  }, []);
}

function forecastArima(values, form, season, point, horizon) {
  const { regression, average } = weightsOfArima(form, season, point), errors = errorsOfArima(values, form, season, point);
  const known = [...values], steps = values.length;
  for (let t = steps; t < steps + horizon; t++) {
    let found = 0;
    for (const [lag, weight] of regression) if (t >= lag) found += weight * known[t - lag];
    for (const [lag, weight] of average) if (t >= lag && t - lag < steps) found -= weight * errors[t - lag];
    known.push(found);
  }
  return Float64Array.from(known.slice(steps));
}

function changesOf(values, lag) {
  return values.slice(lag).map((one, t) => one - values[t]);
}

function meanInOrder(numbers) {
  return inOrder(numbers) / numbers.length;
}

function meanSquare(numbers, middle) {
  return meanInOrder(numbers.map((one) => (one - middle) * (one - middle)));
}

function varianceOf(numbers) {
  return meanSquare(numbers, meanInOrder(numbers));
}

function squaresOf(errors) {
  return sumOfProducts(errors, errors);
}

function clipped(number, most) {
  return Math.min(Math.max(number, -most), most);
}
