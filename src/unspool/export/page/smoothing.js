// The theta method and exponential smoothing, estimated from each history anew: what native/smoothing.h specifies, in the order
// of operations of its reference, smoothing_reference.py, which runs eight searches at once. Here they run one after another.
//
// A form is a model whose parameters are not known yet: `{kind, trend, level, slope, pattern}`, the kind of its season, whether
// there is a damped trend, and its first states. A point has the parameters in units of their bounds: level, trend, season and
// damping, without those that the form lacks.

const MOST_SMOOTHED = 1000, LEAST_SMOOTHED = 5, LONGEST_SEASON = 24; // steps
const LINE_STEPS = 10, PATTERN_SEASONS = 5; // that the first states are taken from
const SURE_SEASONS = 4; // from which a form without a season is tried, too
const LEAST_LEVEL = 2 ** -26, LEVEL_SPAN = 1 - 2 ** -26 - LEAST_LEVEL, LEAST_DAMPING = 0.8, DAMPING_SPAN = 0.995 - LEAST_DAMPING;
const FIRST_LEVELS = [0.02, 0.08, 0.18, 0.3, 0.45, 0.62, 0.8, 0.97]; // a search begins at each
const FIRST_TRENDS = [0.03, 0.2, 0.6, 0.97], FIRST_SEASONS = [0.05, 0.3, 0.8], FIRST_DAMPINGS = [0.5, 0.95];
const MOST_ROUNDS = 60;
const CHANCE = 2.705543454095404; // 10% of chi squared with one degree of freedom are above

/** The theta method: (H) the steps after a history. */
function thetaMethod(history, horizon, season) {
  return smoothedBy(history, horizon, season, (values) => {
    let [kind, pattern] = ["none", [0]];
    if (season > 1 && values.length >= 2 * season && isSeasonal(values, season)) {
      kind = leastOf(values) > 0 ? "multiplied" : "added";
      pattern = patternOf(values, season, kind);
      if (kind === "multiplied" && !(leastOf(pattern) > 0)) [kind, pattern] = ["added", patternOf(values, season, "added")];
    }
    const rest = withoutPattern(values, pattern, kind), { slope } = lineThrough(rest);
    const form = { kind: "none", trend: false, level: rest[0], slope: 0, pattern: [0] };
    const { point, walk } = fitted(rest, form), alpha = LEAST_LEVEL + point[0] * LEVEL_SPAN;
    let left = 1;
    for (let t = 0; t < values.length; t++) left *= 1 - alpha;
    const found = Array.from({ length: horizon }, (_, h) => walk.level + 0.5 * slope * (h + (1 - left) / alpha));
    return withPattern(found, pattern, kind, values.length);
  });
}

/** Exponential smoothing, its form chosen by AICc: (H) the steps after a history. */
function exponentialSmoothing(history, horizon, season) {
  return smoothedBy(history, horizon, season, (values) => {
    if (season <= LONGEST_SEASON || values.length < 2 * season) {
      return bestForm(values, horizon, season <= LONGEST_SEASON ? season : 1);
    }
    const pattern = patternOf(values, season, "added"); // too long to have a state for each step
    const found = bestForm(withoutPattern(values, pattern, "added").slice(-MOST_SMOOTHED), horizon, 1);
    return withPattern(found, pattern, "added", values.length);
  });
}

/** A method's forecast from the last steps of a history; its last value or season again if nothing can be estimated. */
function smoothedBy(history, horizon, season, method) {
  const values = history.slice(-Math.max(MOST_SMOOTHED, 3 * season)), { length } = values;
  const again = (back) => Float64Array.from({ length: horizon }, (_, h) => values[length - back + h % back]);
  if (length < LEAST_SMOOTHED || values.every((one) => one === values[0])) return again(1);
  const found = method(values);
  return found.every(Number.isFinite) ? Float64Array.from(found) : again(length >= season ? season : 1);
}

/** (H), NaN where no form can be scored: the best kind of season with a damped trend, or the same without. */
function bestForm(history, horizon, season) {
  const { length } = history, seasonal = season > 1 && length >= Math.max(2 * season + 5, 10 + 2 * Math.floor(season / 2));
  const kinds = !seasonal ? ["none"] : leastOf(history) > 0 ? ["added", "multiplied"] : ["added"];
  if (seasonal && length >= SURE_SEASONS * season) kinds.push("none");
  let best = { score: Infinity, kind: kinds[0], found: Array(horizon).fill(NaN) };
  const consider = (kind, trend) => {
    const { walk } = fitted(history, firstForm(history, kind, trend, season));
    const score = aicc(walk.errors, length, (kind === "none" ? 0 : season) + (trend ? 5 : 2));
    if (score < best.score) best = { score, kind, found: goneOn(walk, horizon, length, kind) };
  };
  for (const kind of kinds) consider(kind, true);
  consider(best.kind, false);
  return best.found;
}

function goneOn({ level, slope, season, damping }, horizon, steps, kind) {
  let power = 1, damped = 0;
  return Array.from({ length: horizon }, (_, h) => {
    power *= damping;
    damped += power;
    const value = level + damped * slope, now = season[(steps + h) % season.length];
    return kind === "multiplied" ? value * now : value + now;
  });
}

/** Akaike's information criterion, corrected for few steps. */
function aicc(errors, steps, parameters) {
  const free = steps - parameters - 3;
  if (!(free > 0) || !Number.isFinite(errors)) return Infinity;
  const spread = errors > 0 ? Math.log(errors / steps) : -Infinity;
  return steps * spread + 2 * parameters + 2 * (parameters + 2) * (parameters + 3) / free;
}

/** A form with its first states: a pattern from the first seasons, and a line through the first steps without it. */
function firstForm(history, kind, trend, season) {
  let [pattern, level, shift] = [[0], history, 0];
  if (kind !== "none") {
    const half = Math.floor(season / 2), least = Math.ceil((LINE_STEPS + 2 * half) / season);
    const first = history.slice(0, season * Math.max(Math.min(PATTERN_SEASONS, Math.floor(history.length / season)), least));
    [pattern, level, shift] = [patternOf(first, season, kind), movingAverage(first, season), half];
  }
  if (!trend && history.length < LINE_STEPS) return { kind, trend, level: history[0], slope: 0, pattern };
  const { start, slope } = lineThrough(level.slice(0, LINE_STEPS));
  return { kind, trend, level: start - slope * (1 + shift), slope: trend ? slope : 0, pattern };
}

/** The best of the points that eight searches find, and what it says: `{point, walk}`. */
function fitted(history, form) {
  const searches = FIRST_LEVELS.map((alpha) => searched(history, form, firstPoint(history, form, alpha)));
  return searches[placeOfLeast(searches.map(({ walk }) => walk.errors))];
}

/** The best of a grid of the other parameters. */
function firstPoint(history, form, alpha) {
  const axes = [form.trend && FIRST_TRENDS, form.kind !== "none" && FIRST_SEASONS, form.trend && FIRST_DAMPINGS].filter(Boolean);
  const grid = axes.reduce((points, axis) => points.flatMap((point) => axis.map((one) => [...point, one])), [[alpha]]);
  return grid[placeOfLeast(grid.map((point) => walked(history, form, point, false).errors))];
}

/**
 * A damped quasi-Newton method within bounds: `{point, walk}`. The curvature begins as the products of the errors' derivatives
 * and is updated as Broyden, Fletcher, Goldfarb and Shanno do.
 */
function searched(history, form, first) {
  let point = first, walk = walked(history, form, point, true), curvature = walk.products, damping = 1e-3;
  for (let round = 0; round < MOST_ROUNDS && Number.isFinite(walk.errors); round++) {
    const step = stepFrom(point, walk.gradient, curvature, damping);
    const tried = point.map((one, p) => Math.min(Math.max(one + step[p], 0), 1)), moved = tried.map((one, p) => one - point[p]);
    const ahead = walked(history, form, tried, true), better = ahead.errors < walk.errors;
    if (better) {
      curvature = updatedCurvature(curvature, moved, ahead.gradient.map((one, p) => one - walk.gradient[p]));
      [point, walk] = [tried, ahead];
    }
    damping = better ? Math.max(damping * 0.1, 1e-12) : Math.max(damping * 10, 1e-4);
    if (moved.every((one) => Math.abs(one) < (better ? 1e-10 : 1e-7))) break; // less does not show in a sum of squares
  }
  return { point, walk };
}

/** The curvature, P rows of P, after a step by which the gradient changed by `turned`. */
function updatedCurvature(curvature, moved, turned) {
  const bent = curvature.map((row) => sumOfProducts(row, moved));
  const along = sumOfProducts(moved, turned), before = sumOfProducts(moved, bent);
  if (!(along > 1e-8 * before && before > 0)) return curvature;
  return curvature.map((row, p) => row.map((one, q) => one + (turned[p] * turned[q] / along - bent[p] * bent[q] / before)));
}

/** Where the damped normal equations lead; a parameter at a bound that it would leave stays there. */
function stepFrom(point, gradient, curvature, damping) {
  const held = point.map((one, p) => (one <= 0 && gradient[p] > 0) || (one >= 1 && gradient[p] < 0));
  const lower = point.map(() => []), pivots = [], found = point.map((_, p) => (held[p] ? 0 : -gradient[p])), count = point.length;
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < row; column++) {
      let rest = held[row] || held[column] ? 0 : curvature[row][column];
      for (let k = 0; k < column; k++) rest -= lower[row][k] * lower[column][k] * pivots[k];
      lower[row][column] = rest / pivots[column];
    }
    const own = curvature[row][row] * (1 + damping);
    let rest = held[row] || !(own > 0) ? 1 : own;
    for (let k = 0; k < row; k++) rest -= lower[row][k] * lower[row][k] * pivots[k];
    pivots[row] = rest > 0 ? rest : 1;
  }
  for (let row = 0; row < count; row++) {
    for (let k = 0; k < row; k++) found[row] -= lower[row][k] * found[k];
  }
  for (let row = count - 1; row >= 0; row--) {
    found[row] /= pivots[row];
    for (let k = row + 1; k < count; k++) found[row] -= lower[k][row] * found[k];
  }
  return found.map((one) => (Number.isFinite(one) ? one : 0));
}

/**
 * Go through a history: `errors` is the sum of squared errors; with `derived`, `gradient` is half its gradient and `products`
 * are the sums of products of the errors' derivatives; `level`, `slope` and `season` are those after the last step.
 */
function walked(history, { kind, trend, level, slope, pattern }, point, derived) {
  const count = point.length, times = kind === "multiplied", seasonal = kind !== "none", length = pattern.length;
  const atTrend = 1, atSeason = trend ? 2 : 1, atDamping = count - 1, zeros = () => new Float64Array(count);
  const alpha = LEAST_LEVEL + point[0] * LEVEL_SPAN;
  const byAlpha = zeros(), byKappa = zeros(), byGamma = zeros(), byDamping = zeros(); // derivatives of what follows
  let kappa = 0, gamma = 0, damping = 0;
  byAlpha[0] = LEVEL_SPAN;
  if (trend) {
    kappa = point[atTrend] * alpha * alpha;
    damping = LEAST_DAMPING + point[atDamping] * DAMPING_SPAN;
    byKappa[0] = 2 * point[atTrend] * alpha * LEVEL_SPAN;
    byKappa[atTrend] = alpha * alpha;
    byDamping[atDamping] = DAMPING_SPAN;
  }
  if (seasonal) {
    gamma = point[atSeason] * (1 - alpha);
    byGamma[0] = -point[atSeason] * LEVEL_SPAN;
    byGamma[atSeason] = 1 - alpha;
  }
  const season = Float64Array.from(pattern), dLevel = zeros(), dSlope = zeros(), dSeason = new Float64Array(length * count);
  const dError = zeros(), gradient = zeros(), products = Array.from({ length: count }, zeros);
  let errors = 0;
  for (let t = 0; t < history.length; t++) {
    const place = t % length, now = season[place], damped = damping * slope, whole = level + damped;
    const error = history[t] - (times ? whole * now : whole + now);
    errors += error * error;
    const x = times ? error / now : error, z = times ? error / whole : error;
    for (let p = 0; derived && p < count; p++) {
      const dNow = dSeason[place * count + p], dDamped = damping * dSlope[p] + byDamping[p] * slope, dWhole = dLevel[p] + dDamped;
      const own = times ? -(dWhole * now + whole * dNow) : -(dWhole + dNow);
      const dX = times ? (own - x * dNow) / now : own, dZ = times ? (own - z * dWhole) / whole : own;
      dError[p] = own;
      gradient[p] += own * error;
      for (let q = 0; q <= p; q++) products[p][q] += own * dError[q];
      dLevel[p] = dWhole + alpha * dX + byAlpha[p] * x;
      if (trend) dSlope[p] = dDamped + kappa * dX + byKappa[p] * x;
      if (seasonal) dSeason[place * count + p] = dNow + gamma * dZ + byGamma[p] * z;
    }
    level = whole + alpha * x;
    if (trend) slope = damped + kappa * x;
    if (seasonal) season[place] = now + gamma * z;
  }
  for (let p = 0; p < count; p++) for (let q = 0; q < p; q++) products[q][p] = products[p][q];
  return { errors, gradient, products, level, slope, season, damping };
}

/** Whether the autocorrelation at a season is more than chance, given those at shorter lags. */
function isSeasonal(history, season) {
  const mean = inOrder(history) / history.length, centred = history.map((one) => one - mean), own = sumOfProducts(centred, centred);
  const squared = (lag) => {
    const correlation = sumOfProducts(centred.subarray(lag), centred) / own;
    return correlation * correlation;
  };
  let shorter = 1;
  for (let lag = 1; lag < season; lag++) shorter += squared(lag);
  return history.length * squared(season) / shorter > CHANCE;
}

/** (season) the mean of each place in the season, without the moving average and the mean of all. */
function patternOf(history, season, kind) {
  const level = movingAverage(history, season), before = Math.floor(season / 2), divided = kind === "multiplied";
  const rest = level.map((one, i) => (divided ? history[before + i] / one : history[before + i] - one));
  const found = new Float64Array(season), counts = new Float64Array(season);
  rest.forEach((one, i) => {
    found[(before + i) % season] += one;
    counts[(before + i) % season]++;
  });
  const means = found.map((one, place) => one / counts[place]), mean = inOrder(means) / season;
  return means.map((one) => (divided ? one / mean : one - mean));
}

/** Over a season, centred: the first belongs to step `season / 2`. In an even season, the two ends count half. */
function movingAverage(history, season) {
  const [first] = history, sums = new Float64Array(history.length + 1);
  history.forEach((one, t) => { sums[t + 1] = sums[t] + (one - first); });
  const windows = sums.slice(season).map((one, i) => one - sums[i]);
  if (season % 2) return windows.map((one) => one / season + first);
  return windows.slice(1).map((one, i) => (one + windows[i]) / (2 * season) + first);
}

/** The least squares line through values at steps 0, 1, ...: its value at 0, and its slope. */
function lineThrough(values) {
  const last = values.length - 1, steps = values.map((_, t) => t - last / 2), mean = inOrder(values) / values.length;
  const slope = sumOfProducts(steps, values.map((one) => one - mean)) / sumOfProducts(steps, steps);
  return { start: mean - slope * last / 2, slope };
}

function withoutPattern(history, pattern, kind) {
  const now = (t) => pattern[t % pattern.length];
  return history.map((one, t) => (kind === "multiplied" ? one / now(t) : one - now(t)));
}

function withPattern(found, pattern, kind, steps) {
  const now = (h) => pattern[(steps + h) % pattern.length];
  return found.map((one, h) => (kind === "multiplied" ? one * now(h) : one + now(h)));
}

function leastOf(numbers) {
  return numbers.reduce((a, b) => Math.min(a, b));
}

/** Where the first of the least stands; NaN counts as infinite. */
function placeOfLeast(numbers) {
  const least = leastOf(numbers.map((one) => (Number.isNaN(one) ? Infinity : one)));
  return Math.max(numbers.indexOf(least), 0);
}

/** In order, as far as the first goes. */
function sumOfProducts(some, others) {
  let total = 0;
  for (let i = 0; i < some.length; i++) total += some[i] * others[i];
  return total;
}
