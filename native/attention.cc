#include "attention.h"

#include <float.h>
#include <math.h>

#include "isa.h"
#include "lanes.h"
#include "tile.h"

// Compiled once per instruction set: no standard library templates, see simd.h.
namespace {

constexpr int64_t STEPS = 64;  // queries at a time

// Which of V steps may be looked at; beyond `left`, none.
UNSPOOL_INLINE ivec looked_at(const uint8_t* look, int64_t left) {
  typedef int8_t bytes __attribute__((vector_size(V)));
  bytes some = {};
  memcpy(&some, look, static_cast<size_t>(least(left, V)));
  return __builtin_convertvector(some, ivec) != 0;
}

// One head of one row of the batch.
struct Head {
  const unspool::AttentionInputs& in;
  int64_t b, h;

  int64_t d = in.width / in.heads;
  int64_t row = up_to(d, V), across = up_to(in.read, V);  // floats between rows of d, and of `read`
  float scale = 1.0f / sqrtf(static_cast<float>(d));

  const float* of(const float* array, int64_t steps, int64_t t) const {
    return array + (b * steps + t) * in.width + h * d;
  }
  float* of(float* array, int64_t steps, int64_t t) const { return array + (b * steps + t) * in.width + h * d; }

  // Steps as rows of whole vectors, and side by side.
  void copy(const float* from, int64_t steps, float* to) const {
    for (int64_t t = 0; t < steps; ++t, from += in.width, to += row) {
      memcpy(to, from, static_cast<size_t>(d) * sizeof(float));
      for (int64_t i = d; i < row; ++i) to[i] = 0.0f;
    }
  }
  void transpose(const float* from, float* to) const {
    for (int64_t s = 0; s < across; ++s)
      for (int64_t i = 0; i < d; ++i) to[i * across + s] = s < in.read ? from[s * in.width + i] : 0.0f;
  }
  void give(const float* rows, int64_t steps, float* to) const {
    for (int64_t t = 0; t < steps; ++t) memcpy(to + t * in.width, rows + t * row, static_cast<size_t>(d) * sizeof(float));
  }

  // The weights of some queries, from keys side by side.
  void weigh(int64_t first, int64_t steps, const float* keys, float* weights) const {
    multiply(steps, across / V,
             {d, of(in.queries, in.steps, first), in.width, 1, keys, across, PANEL * V, weights, across, false});
    for (int64_t t = 0; t < steps; ++t)
      soften(in.look + (b * in.look_rows + (in.look_rows > 1 ? first + t : 0)) * in.read, weights + t * across);
  }

  void soften(const uint8_t* look, float* scores) const {
    vec high = fill(-FLT_MAX), sum = {};
    for (int64_t s = 0; s < in.read; s += V) {
      const vec score = load(scores + s) * scale;
      store(scores + s, score);
      const vec counts = looked_at(look + s, in.read - s) ? score : fill(-FLT_MAX);
      high = counts > high ? counts : high;
    }
    const float largest = largest_lane(high);
    for (int64_t s = 0; s < in.read; s += V) {
      const Exponential e = exponential(at_least(load(scores + s) - largest, -87.0f));
      const vec power = floats(bits(multiply_add(e.scale, e.rest, e.scale)) & looked_at(look + s, in.read - s));
      sum += power;
      store(scores + s, power);
    }
    const float all = sum_of_lanes(sum), share = all == 0.0f ? 0.0f : 1.0f / all;
    for (int64_t s = 0; s < in.read; s += V) store(scores + s, load(scores + s) * share);
  }

  bool forward(float* out) const {
    const int64_t most = least(in.steps, STEPS);
    const Block memory(d * across + in.read * row + most * across + most * row);
    if (!memory.data) return false;
    float *keys = memory.data, *values = keys + d * across, *weights = values + in.read * row, *means = weights + most * across;
    transpose(of(in.keys, in.read, 0), keys);
    copy(of(in.values, in.read, 0), in.read, values);
    for (int64_t t = 0; t < in.steps; t += most) {
      const int64_t steps = least(most, in.steps - t);
      weigh(t, steps, keys, weights);
      multiply(steps, row / V, {in.read, weights, across, 1, values, row, PANEL * V, means, row, false});
      give(means, steps, of(out, in.steps, t));
    }
    return true;
  }

  // From the gradient of the weights to that of the scores, in place.
  void through_softmax(const float* weights, float* slopes) const {
    vec products = {};
    for (int64_t s = 0; s < across; s += V) products = multiply_add(load(weights + s), load(slopes + s), products);
    const float sum = sum_of_lanes(products);
    for (int64_t s = 0; s < across; s += V) store(slopes + s, load(weights + s) * (load(slopes + s) - sum) * scale);
  }

  bool backward(const float* by_out, const unspool::AttentionGradients& gradients) const {
    const int64_t most = least(in.steps, STEPS);
    const Block memory(2 * d * across + 3 * in.read * row + 2 * most * across + 3 * most * row);
    if (!memory.data) return false;
    float* next = memory.data;
    const auto take = [&next](int64_t floats) {
      float* begin = next;
      next += floats;
      return begin;
    };
    float *keys = take(d * across), *values = take(d * across), *key_rows = take(in.read * row);
    float *by_keys = take(in.read * row), *by_values = take(in.read * row);
    float *weights = take(most * across), *by_scores = take(most * across);
    float *queries = take(most * row), *slopes = take(most * row), *by_queries = take(most * row);
    transpose(of(in.keys, in.read, 0), keys);
    transpose(of(in.values, in.read, 0), values);
    copy(of(in.keys, in.read, 0), in.read, key_rows);
    for (int64_t t = 0; t < in.steps; t += most) {
      const int64_t steps = least(most, in.steps - t);
      const bool add = t > 0;
      copy(of(in.queries, in.steps, t), steps, queries);
      copy(of(by_out, in.steps, t), steps, slopes);
      weigh(t, steps, keys, weights);
      multiply(steps, across / V, {d, slopes, row, 1, values, across, PANEL * V, by_scores, across, false});
      multiply(in.read, row / V, {steps, weights, 1, across, slopes, row, PANEL * V, by_values, row, add});
      for (int64_t i = 0; i < steps; ++i) through_softmax(weights + i * across, by_scores + i * across);
      multiply(steps, row / V, {in.read, by_scores, across, 1, key_rows, row, PANEL * V, by_queries, row, false});
      multiply(in.read, row / V, {steps, by_scores, 1, across, queries, row, PANEL * V, by_keys, row, add});
      give(by_queries, steps, of(gradients.queries, in.steps, t));
    }
    give(by_keys, in.read, of(gradients.keys, in.read, 0));
    give(by_values, in.read, of(gradients.values, in.read, 0));
    return true;
  }
};

// Calls f(head) for each head of each row; false if one of them had no memory.
template <typename F>
bool each_head(const unspool::AttentionInputs& in, const unspool::Parallel& parallel, const F& f) {
  struct All {
    const unspool::AttentionInputs& in;
    const F& f;
    bool failed;
  } all{in, f, false};
  parallel.run(
      parallel.pool, in.batch * in.heads,
      [](void* argument, int64_t task) {
        All& all = *static_cast<All*>(argument);
        const Head head{all.in, task / all.in.heads, task % all.in.heads};
        if (!all.f(head)) __atomic_store_n(&all.failed, true, __ATOMIC_RELAXED);
      },
      &all);
  return !all.failed;
}

}  // namespace

namespace unspool {

bool UNSPOOL_NAME(attention)(const AttentionInputs& in, float* out, const Parallel& parallel) {
  return each_head(in, parallel, [out](const Head& head) { return head.forward(out); });
}

bool UNSPOOL_NAME(attention_gradient)(const AttentionInputs& in, const float* slopes, const AttentionGradients& gradients,
                                      const Parallel& parallel) {
  return each_head(in, parallel, [&](const Head& head) { return head.backward(slopes, gradients); });
}

}  // namespace unspool
