#include "competing_kernels.h"

#include "isa.h"
#include "lanes.h"

namespace {

using unspool::COMPETITORS;
using unspool::CompetitionPlan;
using unspool::Parallel;
using unspool::SeriesBatch;
using unspool::TAPS;

// The competition of V groups over a series. `weights` is (8, 9, V).
template <bool SHARED>
void compete(const float* weights, const Padded& x, int64_t dilation, vec* greatest, ivec* least) {
  for (int64_t t = 0; t < x.length; ++t) {
    vec window[TAPS], response[COMPETITORS];
    for (int j = 0; j < TAPS; ++j) window[j] = step<SHARED>(x, t + (j - TAPS / 2) * dilation);
    for (int k = 0; k < COMPETITORS; ++k) {
      const float* w = weights + k * TAPS * V;
      vec sum = window[0] * load(w);
      for (int j = 1; j < TAPS; ++j) sum += window[j] * load(w + j * V);
      response[k] = sum;
    }
    vec high = response[0], low = response[0];
    for (int k = 1; k < COMPETITORS; ++k) {
      high = response[k] > high ? response[k] : high;
      low = response[k] < low ? response[k] : low;
    }
    for (int k = 0; k < COMPETITORS; ++k) {
      greatest[k] += response[k] == high ? high : vec{};
      least[k] -= response[k] == low;
    }
  }
}

struct Job {
  const SeriesBatch& series;
  const CompetitionPlan& plan;
  float* features;
  const float* packed;  // (D, blocks, 8, 9, V)
  int64_t margin, length;
  bool* failed;

  void one(int64_t n) const {
    const int64_t G = plan.groups, size = plan.dilation_count * 2 * COMPETITORS * G;
    float* to = features + n * size;
    const int64_t steps = series.offsets[n + 1] - series.offsets[n];
    if (steps == 0) {
      memset(to, 0, static_cast<size_t>(size) * sizeof(float));
      return;
    }
    Block block((length + 2 * margin) * (plan.channels ? V : 1));
    if (!block.data) {
      __atomic_store_n(failed, true, __ATOMIC_RELAXED);
      return;
    }
    Padded x{block.data, steps, 0};
    const float* values = series.values + series.offsets[n] * series.channels;
    for (int64_t d = 0; d < plan.dilation_count; ++d, to += 2 * COMPETITORS * G) {
      x.margin = TAPS / 2 * plan.dilations[d];
      if (!plan.channels) pad_shared(x, values, series.channels);
      for (int64_t first = 0; first < G; first += V) {
        const float* weights = packed + (d * blocks_of(G) + first / V) * COMPETITORS * TAPS * V;
        vec greatest[COMPETITORS] = {};
        ivec least[COMPETITORS] = {};
        if (plan.channels) {
          pad_lanes(x, values, series.channels, plan.channels + (d * G + first) * series.channels, G - first);
          compete<false>(weights, x, plan.dilations[d], greatest, least);
        } else {
          compete<true>(weights, x, plan.dilations[d], greatest, least);
        }
        const vec divisor = fill(static_cast<float>(steps));
        for (int k = 0; k < COMPETITORS; ++k) {
          store_first(to + k * G + first, greatest[k] / divisor, G - first);
          store_first(to + (COMPETITORS + k) * G + first, __builtin_convertvector(least[k], vec) / divisor, G - first);
        }
      }
    }
  }
};

// Blocks of V groups, those that are missing from the last zero.
void pack(const CompetitionPlan& plan, float* packed) {
  const int64_t G = plan.groups;
  for (int64_t d = 0; d < plan.dilation_count; ++d)
    for (int64_t first = 0; first < G; first += V)
      for (int64_t w = 0; w < COMPETITORS * TAPS; ++w, packed += V)
        store(packed, load_first(plan.weights + (d * COMPETITORS * TAPS + w) * G + first, G - first));
}

}  // namespace

namespace unspool {

bool UNSPOOL_NAME(competing_kernels)(const SeriesBatch& series, const CompetitionPlan& plan, float* features,
                                     const Parallel& parallel) {
  Block packed(plan.dilation_count * blocks_of(plan.groups) * COMPETITORS * TAPS * V);
  if (!packed.data) return false;
  pack(plan, packed.data);
  bool failed = false;
  Job job{series,  plan, features, packed.data, TAPS / 2 * widest(plan.dilations, plan.dilation_count),
          longest(series), &failed};
  parallel.run(parallel.pool, series.count, [](void* job, int64_t n) { static_cast<Job*>(job)->one(n); }, &job);
  return !failed;
}

}  // namespace unspool
