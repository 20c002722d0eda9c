// What may be written next: the largest logits of rows of states. Included only by kernels' .cc files (see simd.h).
#ifndef UNSPOOL_CHOOSING_H_
#define UNSPOOL_CHOOSING_H_

#include "transformer_layers.h"

namespace {

using unspool::DecodingStep;
using unspool::LANES;

constexpr int64_t COLUMNS = 256;  // of logits that are computed together: their weights and they fit into a cache of 1 MB

struct Candidates {
  int64_t wanted;
  int32_t* found;  // of one row
  float* logits;
  int64_t count;
};

// Puts an id among the largest; ids come in rising order, so that of equal ones the first stays.
UNSPOOL_INLINE void insert(Candidates& best, int32_t id, float logit) {
  int64_t at = best.count < best.wanted ? best.count++ : best.wanted - 1;
  for (; at > 0 && best.logits[at - 1] < logit; --at) {
    best.logits[at] = best.logits[at - 1];
    best.found[at] = best.found[at - 1];
  }
  best.logits[at] = logit;
  best.found[at] = id;
}

// Looks through the logits of ids `first` to `first + columns`.
inline void look_through(const float* logits, int64_t first, int64_t columns, int64_t barred, Candidates& best, float& top,
                         vec& sum, bool normalised) {
  float least = best.count < best.wanted ? -INFINITY : best.logits[best.wanted - 1];
  vec high = fill(-INFINITY);
  for (int64_t c = 0; c < columns; c += V) {
    const vec x = load(logits + c);
    high = x > high ? x : high;
    if (!any_lane(x > least)) continue;
    for (int64_t i = c; i < c + V; ++i) {
      if (!(logits[i] > least) || first + i == 0 || first + i == barred) continue;
      insert(best, static_cast<int32_t>(first + i), logits[i]);
      if (best.count == best.wanted) least = best.logits[best.wanted - 1];
    }
  }
  if (!normalised) return;
  const float highest = largest_lane(high);
  if (highest > top) {
    if (top > -INFINITY) {
      const Exponential e = exponential(at_least(fill(top - highest), -87.0f));
      sum *= multiply_add(e.scale, e.rest, e.scale);
    }
    top = highest;
  }
  vec more = {};
  for (int64_t c = 0; c < columns; c += V) {
    const Exponential e = exponential(at_least(load(logits + c) - top, -87.0f));
    more += multiply_add(e.scale, e.rest, e.scale);
  }
  sum += more;
}

// The largest logits of rows that the last layer reads, `row` floats apart, and their log-probabilities. False where memory is
// short.
inline bool choose(const Linear& output, const DecodingStep& step, int64_t rows, const float* x, int64_t row) {
  const Panels panels(output.depth, output.columns);
  const int64_t at_once = COLUMNS / (4 * V);
  Block block(rows * (COLUMNS + LANES) + 3 * rows + 2 * LANES);
  if (!block.data) return false;
  float *logits = block.data, *sums = logits + rows * COLUMNS, *tops = sums + rows * LANES;
  int64_t* counts = reinterpret_cast<int64_t*>(tops + (rows + LANES - 1) / LANES * LANES);
  for (int64_t r = 0; r < rows; ++r) {
    tops[r] = -INFINITY, counts[r] = 0;
    store(sums + r * LANES, vec{});
  }
  for (int64_t p = 0; p < panels.count; p += at_once) {
    const int64_t end = p + at_once < panels.count ? p + at_once : panels.count;
    linear(rows, x, row, output, panels, p, end, logits, COLUMNS, Then::NOTHING);
    const int64_t first = panels.first(p) * V, columns = panels.first(end) * V - first;
    for (int64_t r = 0; r < rows; ++r) {
      Candidates best{step.wanted, step.found + r * step.wanted, step.gained + r * step.wanted, counts[r]};
      vec sum = load(sums + r * LANES);
      look_through(logits + r * COLUMNS, first, columns, step.barred, best, tops[r], sum, step.normalised);
      store(sums + r * LANES, sum);
      counts[r] = best.count;
    }
  }
  for (int64_t r = 0; r < rows; ++r) {
    const float rest = step.normalised ? logf(sum_of_lanes(load(sums + r * LANES))) : 0.0f;
    for (int64_t w = 0; w < step.wanted; ++w) {
      float& gained = step.gained[r * step.wanted + w];
      if (w >= counts[r]) {
        step.found[r * step.wanted + w] = -1;
        gained = NAN;
      } else {
        gained = step.normalised ? (gained - tops[r]) - rest : gained * 0.0f;
      }
    }
  }
  return true;
}

}  // namespace

#endif  // UNSPOOL_CHOOSING_H_
