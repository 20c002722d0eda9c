// Models that tag each step of a series by the steps around it: features of a step, and a head on them.

const NEAR = 2, WIDE = 8, FAR = 64; // steps to either side

/** What is seen around step t of a series `{values, length, channels}`. */
const STEP_WINDOWS = {
  near(series, t) {
    return around(series, t, NEAR).flat();
  },

  /** Summed in the order of time over differences from the step, as in training: trees tell a deviation of 0 from 1e-17. */
  wide(series, t) {
    const { channels } = series, steps = around(series, t, WIDE), given = steps[WIDE], count = steps.length;
    const perChannel = (make) => Array.from({ length: channels }, (_, c) => make(steps.map((one) => one[c]), given[c]));
    const meanApart = (numbers, middle) => numbers.reduce((total, one) => total + (one - middle), 0) / count;
    const deviation = (numbers, middle) => {
      const mean = meanApart(numbers, middle);
      return Math.sqrt(numbers.reduce((total, one) => total + (one - middle - mean) ** 2, 0) / count);
    };
    return [
      ...STEP_WINDOWS.near(series, t), ...perChannel((numbers, middle) => f32(middle + meanApart(numbers, middle))),
      ...perChannel((numbers, middle) => f32(deviation(numbers, middle))),
      ...perChannel((numbers) => Math.min(...numbers)), ...perChannel((numbers) => Math.max(...numbers)),
    ];
  },

  /** Summed in pairs of halves, as in training. */
  far(series, t) {
    const steps = around(series, t, FAR);
    const sum = (start, size, c) =>
      size === 1 ? steps[start][c] : sum(start, size / 2, c) + sum(start + size / 2, size / 2, c);
    const means = (start, size) => steps[0].map((_, c) => f32(sum(start, size, c) / size));
    return [
      ...STEP_WINDOWS.wide(series, t),
      ...[8, 16, 32].flatMap((size) => [...means(FAR - 2 * size, size), ...means(FAR + size + 1, size)]),
    ];
  },
};

/** The steps (C) from `most` before step t to `most` after it; end steps are repeated. */
function around({ values, length, channels }, t, most) {
  return Array.from({ length: 2 * most + 1 }, (_, i) => {
    const at = Math.min(Math.max(t + i - most, 0), length - 1);
    return Array.from(values.subarray(at * channels, (at + 1) * channels));
  });
}

class StepsModel {
  constructor(node) {
    Object.assign(this, node);
  }

  /** (T K) the probability of each tag at each step, end to end. */
  outputs(series) {
    return Array.from({ length: series.length }, (_, t) => {
      const seen = STEP_WINDOWS[this.window](series, t);
      return HEADS[this.head.kind](this.head, this.scaling ? [...scaled(seen, this.scaling)] : seen);
    }).flat();
  }
}
