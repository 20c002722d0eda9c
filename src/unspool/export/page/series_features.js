// Features of series: those of native/convolution_features.h and competing_kernels.h, and others. What training computes in float32
// is rounded here after every step (`Math.fround`).

const COMPETITORS = 8;
const f32 = Math.fround;

const ENCODERS = {
  convolutions({ scale, scaling, plans, origin }, series) {
    const { seen, level } = prepared(series, scale, origin);
    const found = [convolutionFeatures(plans[0], seen)];
    if (plans.length === 2) found.push(convolutionFeatures(plans[1], differences(seen)));
    return scaled([...found.flatMap((one) => [...one]), ...level], scaling);
  },

  "competing kernels"({ scale, scaling, plans }, series) {
    const { seen } = prepared(series, scale);
    const found = [...competingKernels(plans[0], seen), ...competingKernels(plans[1], differences(seen))];
    return scaled(found.map((one) => f32(Math.sqrt(Math.max(one, 0)))), scaling);
  },

  "raw values"({ length, scaling }, series) {
    return scaled(resampled(series, length), scaling);
  },

  statistics({ scaling }, series) {
    return scaled([Math.log1p(series.length), ...spreads(series), ...spreads(differences(series, Float64Array))].map(f32), scaling);
  },

  totals({ per_step: perStep, scaling }, series) {
    return scaled(totals(series).map((one) => one / (perStep && series.length ? series.length : 1)).map(cut), scaling);
  },

  quantiles({ depth, steps, length: reference }, series) {
    const found = [];
    for (let c = 0; c < series.channels; c++) {
      const row = Float32Array.from({ length: Math.max(series.length, 1) }, (_, t) => series.values[t * series.channels + c] ?? 0);
      for (const [one, against] of represented(row, reference)) found.push(...intervals(one, against, depth, steps));
    }
    return Float32Array.from([...found, Math.log1p(series.length)]);
  },
};

/** (feature - centre) * factor; with `sparse` zeros stay zeros. */
function scaled(features, { centre, factor, sparse }) {
  return Float32Array.from(features, (one, i) =>
    sparse && f32(one) === 0 ? 0 : f32(f32(one) - centre.data[i]) * factor.data[i]);
}

/** The series less its mean, over its standard deviation with `scale`, or less the origin; and what was taken. */
function prepared({ values, length, channels }, scale, origin) {
  const seen = new Float32Array(values.length), means = [], logs = [];
  for (let c = 0; c < channels; c++) {
    const one = channel(values, length, channels, c), mean = average(one), deviation = deviationOf(one);
    const constant = deviation <= 1e-6 * (Math.abs(mean) + 1e-30);
    for (let t = 0; t < length; t++) {
      seen[t * channels + c] = origin ? one[t] - origin.data[c] : constant ? 0 : (one[t] - mean) / (scale ? deviation : 1);
    }
    means.push(length ? mean : 0);
    logs.push(length ? Math.log(deviation + 1e-8) : 0);
  }
  return { seen: { values: seen, length, channels }, level: [...means, ...logs, length ? Math.log(length) : 0].map(f32) };
}

function channel(values, length, channels, c) {
  return Array.from({ length }, (_, t) => values[t * channels + c]);
}

function deviationOf(numbers) {
  const mean = average(numbers);
  return Math.sqrt(average(numbers.map((one) => (one - mean) ** 2)));
}

/** Pools of the responses of the 84 kernels: (pools, B, 84). */
function convolutionFeatures(plan, series) {
  const { dilations, counts: sizes, biases, pools, channels } = plan, size = pools * biases.data.length;
  plan.given ??= { dilations: kernels.put(counts(dilations.data)), sizes: kernels.put(counts(sizes.data)),
    biases: kernels.put(Float32Array.from(biases.data)), channels: channels ? kernels.put(channels.data) : 0 };
  return featuresOf("convolution_features", series, size, [BigInt(dilations.data.length), plan.given.dilations, plan.given.sizes,
    plan.given.biases, plan.given.channels, BigInt(pools)]);
}

/** How often and how strongly each of 8 kernels wins, and how often it loses: (D, 2, 8, groups). */
function competingKernels(plan, series) {
  const { dilations, weights, channels } = plan, groups = weights.shape[3];
  plan.given ??= { dilations: kernels.put(counts(dilations.data)), channels: channels ? kernels.put(channels.data) : 0 };
  return featuresOf("competing_kernels", series, dilations.data.length * 2 * COMPETITORS * groups, [BigInt(dilations.data.length),
    plan.given.dilations, BigInt(groups), kernels.move(weights), plan.given.channels]);
}

/** `size` features of a series by the kernels of this name. */
function featuresOf(name, { values, length, channels }, size, plan) {
  return kernels.during((room) => {
    const found = room(4 * size), offsets = room(counts([0, length]));
    kernels.call(name, 0, room(values), offsets, 1n, BigInt(channels), ...plan, found, 1n);
    return kernels.read(Float32Array, found, size);
  });
}

const SHARES = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1];

/** Means, standard deviations and quantiles of the channels; zeros where there is no step. */
function spreads({ values, length, channels }) {
  const every = Array.from({ length: channels }, (_, c) => (length ? channel(values, length, channels, c) : [0]));
  const ordered = every.map((one) => [...one].sort((a, b) => a - b));
  return [...every.map(average), ...every.map(deviationOf), ...SHARES.flatMap((share) => ordered.map((one) => quantile(one, share)))];
}

function quantile(ordered, share) {
  const place = share * (ordered.length - 1), low = Math.floor(place), high = Math.min(low + 1, ordered.length - 1);
  return ordered[low] + (ordered[high] - ordered[low]) * (place - low);
}

/** The length; the sum, the sum of absolute changes and the rises above the mean of each channel. */
function totals({ values, length, channels }) {
  const every = Array.from({ length: channels }, (_, c) => channel(values, length, channels, c));
  const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
  const changes = (one) => one.slice(1).map((value, t) => Math.abs(value - one[t]));
  const rises = (one) => {
    const mean = average(one);
    return one.slice(1).filter((value, t) => value > mean && !(one[t] > mean)).length;
  };
  return [length, ...every.map(sum), ...every.map((one) => sum(changes(one))), ...every.map(rises)];
}

/** Numbers that overflow in single precision are cut. */
function cut(number) {
  return Math.min(Math.max(number, -3e38), 3e38);
}

/** The series, smoothed differences, second differences and spectrum, each with its reference length. */
function represented(row, reference) {
  const step = (one) => (one.length > 1 ? Float32Array.from({ length: one.length - 1 }, (_, t) => one[t + 1] - one[t]) : new Float32Array(one.length));
  const first = step(row), second = step(first);
  const smooth = new Float32Array(first.length);
  for (let k = -2; k <= 2; k++) {
    for (let t = 0; t < first.length; t++) smooth[t] += first[Math.min(Math.max(t + k, 0), first.length - 1)];
  }
  smooth.forEach((one, t) => (smooth[t] = one / 5));
  return [[row, reference], [smooth, Math.max(reference - 1, 1)], [second, Math.max(reference - 2, 1)],
    [spectrum(row), Math.floor(reference / 2) + 1]];
}

function spectrum(row) {
  const n = row.length, cosines = Array.from({ length: n }, (_, i) => Math.cos(2 * Math.PI * i / n));
  const sines = Array.from({ length: n }, (_, i) => Math.sin(2 * Math.PI * i / n));
  return Float32Array.from({ length: Math.floor(n / 2) + 1 }, (_, k) => {
    let real = 0, imaginary = 0;
    for (let t = 0; t < n; t++) {
      real += row[t] * cosines[k * t % n];
      imaginary -= row[t] * sines[k * t % n];
    }
    return Math.hypot(real, imaginary);
  });
}

function intervals(row, reference, depth, steps) {
  const found = [];
  for (const [start, stop] of shares(depth, reference)) {
    const low = Math.min(Math.floor(start * row.length), row.length - 1), high = Math.max(Math.floor(stop * row.length), low + 1);
    const length = Math.max(Math.floor(stop * reference) - Math.floor(start * reference), 1);
    const count = 1 + Math.floor((length - 1) / steps), inside = row.slice(low, high), ordered = inside.slice().sort();
    const mean = count > 1 ? f32(average([...inside])) : 0;
    for (let i = 0; i < count; i++) {
      const place = (count > 1 ? (i === count - 1 ? 1 : i / (count - 1)) : 0.5) * (ordered.length - 1), at = Math.floor(place);
      const share = f32(place - at), next = ordered[Math.min(at + 1, ordered.length - 1)];
      const one = f32(f32(ordered[at] * f32(1 - share)) + f32(next * share));
      found.push(i % 2 ? f32(one - mean) : one);
    }
  }
  return found;
}

/** Where intervals begin and end, as shares of a series. */
function shares(depth, reference) {
  const found = [];
  for (let level = 0; level < Math.min(depth, Math.floor(Math.log2(reference)) + 1); level++) {
    const parts = 2 ** level, edges = Array.from({ length: parts + 1 }, (_, i) => i / parts);
    for (let i = 0; i < parts; i++) found.push([edges[i], edges[i + 1]]);
    if (parts > 1 && reference / parts > 1) {
      for (let i = 0; i + 1 < parts; i++) found.push([edges[i] + 0.5 / parts, edges[i + 1] + 0.5 / parts]);
    }
  }
  return found;
}
