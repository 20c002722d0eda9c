#include "convolution_features.h"

#include "isa.h"
#include "lanes.h"

namespace {

using unspool::ConvolutionPlan;
using unspool::MOST_POOLS;
using unspool::Parallel;
using unspool::ROCKET_KERNELS;
using unspool::SeriesBatch;
using unspool::TAPS;

constexpr int TOGETHER = 4;  // biases that one pass over the responses serves

// Lane l of `on[j]` is 1 where kernel `first + l` has a weight of 2 on tap j.
struct Taps {
  vec on[TAPS];

  explicit Taps(int64_t first) {
    float lanes[TAPS][V] = {};
    int64_t kernel = 0;
    for (int a = 0; a < TAPS; ++a)
      for (int b = a + 1; b < TAPS; ++b)
        for (int c = b + 1; c < TAPS; ++c, ++kernel) {
          if (kernel < first || kernel >= first + V) continue;
          lanes[a][kernel - first] = lanes[b][kernel - first] = lanes[c][kernel - first] = 1.0f;
        }
    for (int j = 0; j < TAPS; ++j) on[j] = load(lanes[j]);
  }
};

// The responses of V kernels, (T, V). A product with 0 or 1 is exact, so fusing it changes no bit.
template <bool SHARED>
void respond(const Taps& taps, const Padded& x, int64_t dilation, float* responses) {
  for (int64_t t = 0; t < x.length; ++t) {
    vec window[TAPS], all = vec{};
    for (int j = 0; j < TAPS; ++j) {
      window[j] = step<SHARED>(x, t + (j - TAPS / 2) * dilation);
      all = j == 0 ? window[j] : all + window[j];
    }
    vec response = -all;
    for (int j = 0; j < TAPS; ++j) response = multiply_add(window[j] * 3.0f, taps.on[j], response);
    store(responses + t * V, response);
  }
}

// The same where all lanes see one series: three times it and the sums of nine are taken once for all kernels.
void respond_shared(const Taps& taps, const Padded& tripled, const float* sums, int64_t dilation, float* responses) {
  for (int64_t t = 0; t < tripled.length; ++t) {
    const float* x = tripled.data + tripled.margin + t - TAPS / 2 * dilation;
    vec response = fill(-sums[t]);
    for (int j = 0; j < TAPS; ++j) response = multiply_add(fill(x[j * dilation]), taps.on[j], response);
    store(responses + t * V, response);
  }
}

void sum_windows(const Padded& x, int64_t dilation, float* sums) {
  for (int64_t t = 0; t < x.length; ++t) {
    const float* at = x.data + x.margin + t - TAPS / 2 * dilation;
    float sum = at[0];
    for (int j = 1; j < TAPS; ++j) sum += at[j * dilation];
    sums[t] = sum;
  }
}

// Lanes that see padding there must not respond: nothing exceeds a bias less than -infinity.
void silence_margins(float* responses, int64_t length, int64_t margin, int64_t first_silent) {
  for (int64_t t = 0; t < length; ++t) {
    if (t == margin) t = length - margin;
    for (int64_t l = first_silent; l < V; l += 2) responses[t * V + l] = -__builtin_inff();
  }
}

// Where only shares are wanted and all kernels see one series, lanes are steps: a response costs two sums.
struct Steps {
  const float *first, *second, *third;  // 3 x_a - s, and -infinity where a step is not pooled; 3 x_b; 3 x_c
  int64_t start, stop;                  // multiples of V
};

// The sum of lanes that are not negative.
UNSPOOL_INLINE int64_t total(ivec v) {
  uint64_t pairs[V / 2], sum = 0;
  memcpy(pairs, &v, sizeof v);
  for (int i = 0; i < V / 2; ++i) sum += pairs[i];
  return static_cast<int64_t>((sum & 0xffffffff) + (sum >> 32));
}

// out[i] is how many of the steps respond with more than bias[i].
template <int N>
void count_steps(const Steps& s, const float* bias, float* out) {
  vec level[N];
  ivec count[N] = {};
  for (int i = 0; i < N; ++i) level[i] = fill(bias[i]);
  for (int64_t t = s.start; t < s.stop; t += V) {
    const vec z = (load(s.first + t) + load(s.second + t)) + load(s.third + t);
    for (int i = 0; i < N; ++i) count[i] -= z > level[i];
  }
  for (int i = 0; i < N; ++i) out[i] = static_cast<float>(total(count[i]));
}

typedef void (*CountSteps)(const Steps&, const float*, float*);
constexpr int MOST_COUNTED = 8;  // biases that one pass over the steps serves
const CountSteps COUNT_STEPS[MOST_COUNTED] = {count_steps<1>, count_steps<2>, count_steps<3>, count_steps<4>,
                                              count_steps<5>, count_steps<6>, count_steps<7>, count_steps<8>};

struct Pooled {
  vec share, mean, place, stretch;
};

// What is needed of `length` responses for TOGETHER biases at once.
template <bool ALL>
void pool(const float* responses, int64_t length, const vec* bias, vec steps, Pooled* out) {
  ivec count[TOGETHER] = {}, run[TOGETHER] = {}, best[TOGETHER] = {};
  vec sum[TOGETHER] = {}, place[TOGETHER] = {};
  for (int64_t t = 0; t < length; ++t) {
    const vec z = load(responses + t * V);
    for (int i = 0; i < TOGETHER; ++i) {
      const ivec over = z > bias[i];
      count[i] -= over;
      if (!ALL) continue;
      sum[i] += over ? z - bias[i] : vec{};
      place[i] += over ? fill(static_cast<float>(t)) : vec{};
      run[i] = (run[i] + 1) & over;
      best[i] = run[i] > best[i] ? run[i] : best[i];
    }
  }
  for (int i = 0; i < TOGETHER; ++i) {
    const vec counted = __builtin_convertvector(count[i], vec);
    out[i].share = counted / steps;
    if (!ALL) continue;
    const ivec any = count[i] > 0;
    out[i].mean = any ? sum[i] / counted : vec{};
    out[i].place = any ? place[i] / counted / fill(static_cast<float>(length)) : vec{};
    out[i].stretch = __builtin_convertvector(best[i], vec) / steps;
  }
}

struct Job {
  const SeriesBatch& series;
  const ConvolutionPlan& plan;
  float* features;
  int64_t rows = 0, margin = 0, length = 0;  // biases of a kernel; the widest margin; the longest series
  bool* failed;

  int64_t scratch() const {
    const int64_t lanes = plan.channels ? V : 1;
    return length * V + length + 2 * (length + V) + (length + 2 * margin) * (lanes + 1) + V;
  }

  void one(int64_t n) const {
    float* to = features + n * plan.pools * rows * ROCKET_KERNELS;
    const int64_t steps = series.offsets[n + 1] - series.offsets[n];
    if (steps == 0) {
      memset(to, 0, static_cast<size_t>(plan.pools * rows * ROCKET_KERNELS) * sizeof(float));
      return;
    }
    Block block(scratch());
    if (!block.data) {
      __atomic_store_n(failed, true, __ATOMIC_RELAXED);
      return;
    }
    float* responses = block.data;
    float* sums = responses + length * V;
    float* lead = sums + length;
    Padded tripled{lead + 2 * (length + V), steps, 0};
    Padded x{tripled.data + length + 2 * margin + V, steps, 0};
    const float* values = series.values + series.offsets[n] * series.channels;
    int64_t row = 0;
    for (int64_t d = 0; d < plan.dilation_count; ++d) {
      const int64_t dilation = plan.dilations[d];
      x.margin = tripled.margin = TAPS / 2 * dilation;
      if (!plan.channels) {
        pad_shared(x, values, series.channels);
        sum_windows(x, dilation, sums);
        for (int64_t t = 0; t < x.size(); ++t) tripled.data[t] = 3.0f * x.data[t];
        store(tripled.data + x.size(), vec{});  // read, and of no consequence
      }
      if (!plan.channels && plan.pools == 1) {
        count_all(tripled, sums, lead, d, row, to);
        row += plan.bias_counts[d];
        continue;
      }
      for (int64_t first = 0; first < ROCKET_KERNELS; first += V) {
        const Taps taps(first);
        if (plan.channels) {
          pad_lanes(x, values, series.channels, plan.channels + (d * ROCKET_KERNELS + first) * series.channels,
                    ROCKET_KERNELS - first);
          respond<false>(taps, x, dilation, responses);
        } else {
          respond_shared(taps, tripled, sums, dilation, responses);
        }
        pool_all(responses, steps, d, first, row, to);
      }
      row += plan.bias_counts[d];
    }
  }

  // `lead` has room for two series, each with up to V steps more.
  void count_all(const Padded& tripled, const float* sums, float* lead, int64_t d, int64_t row, float* to) const {
    const int64_t dilation = plan.dilations[d], steps = tripled.length, margin = TAPS / 2 * dilation;
    const int64_t stop = (steps + V - 1) / V * V, inner = steps > 2 * margin ? margin : 0;
    const float *x = tripled.data, *biases = plan.biases + row * ROCKET_KERNELS;
    float* leads[2] = {lead, lead + stop};  // for all steps, and for those that see no padding
    to += row * ROCKET_KERNELS;
    int64_t kernel = 0;
    for (int a = 0; a < TAPS - 2; ++a) {
      for (int64_t t = 0; t < stop; ++t) {
        const float response = t < steps ? x[t + a * dilation] - sums[t] : -__builtin_inff();
        leads[0][t] = response;
        leads[1][t] = t >= inner && t < steps - inner ? response : -__builtin_inff();
      }
      for (int b = a + 1; b < TAPS - 1; ++b)
        for (int c = b + 1; c < TAPS; ++c, ++kernel) {
          const bool unpadded = (kernel + d) & 1;
          const Steps s{leads[unpadded], x + b * dilation, x + c * dilation, unpadded ? inner / V * V : 0,
                        unpadded ? (steps - inner + V - 1) / V * V : stop};
          for (int64_t i = 0; i < plan.bias_counts[d]; i += MOST_COUNTED)
            count_kernel(s, biases + i * ROCKET_KERNELS + kernel, plan.bias_counts[d] - i,
                         to + i * ROCKET_KERNELS + kernel);
        }
    }
    const float pooled[2] = {static_cast<float>(steps), static_cast<float>(steps - 2 * inner)};
    float divisors[V];
    for (int l = 0; l < V; ++l) divisors[l] = pooled[(l + d) & 1];
    for (int64_t i = 0; i < plan.bias_counts[d]; ++i, to += ROCKET_KERNELS)
      for (int64_t first = 0; first < ROCKET_KERNELS; first += V) {
        const int64_t lanes = ROCKET_KERNELS - first;
        store_first(to + first, load_first(to + first, lanes) / load(divisors), lanes);
      }
  }

  static void count_kernel(const Steps& steps, const float* biases, int64_t left, float* to) {
    const int64_t taken = left < MOST_COUNTED ? left : MOST_COUNTED;
    float bias[MOST_COUNTED], found[MOST_COUNTED];
    for (int64_t i = 0; i < taken; ++i) bias[i] = biases[i * ROCKET_KERNELS];
    COUNT_STEPS[taken - 1](steps, bias, found);
    for (int64_t i = 0; i < taken; ++i) to[i * ROCKET_KERNELS] = found[i];
  }

  void pool_all(float* responses, int64_t steps, int64_t d, int64_t first, int64_t row, float* to) const {
    const int64_t unpadded = steps - (TAPS - 1) * plan.dilations[d];
    float pooled_steps[V];
    const int64_t first_silent = (d + first + 1) & 1;
    for (int64_t l = 0; l < V; ++l)
      pooled_steps[l] = static_cast<float>(unpadded > 0 && (l & 1) == first_silent ? unpadded : steps);
    if (unpadded > 0) silence_margins(responses, steps, TAPS / 2 * plan.dilations[d], first_silent);
    const int64_t lanes = ROCKET_KERNELS - first;
    for (int64_t b = 0; b < plan.bias_counts[d]; b += TOGETHER) {
      const int64_t left = plan.bias_counts[d] - b, taken = left < TOGETHER ? left : TOGETHER;
      vec bias[TOGETHER] = {};
      for (int64_t i = 0; i < taken; ++i)
        bias[i] = load_first(plan.biases + (row + b + i) * ROCKET_KERNELS + first, lanes);
      Pooled found[TOGETHER];
      if (plan.pools == 1) {
        pool<false>(responses, steps, bias, load(pooled_steps), found);
      } else {
        pool<true>(responses, steps, bias, load(pooled_steps), found);
      }
      for (int64_t i = 0; i < taken; ++i) {
        float* at = to + (row + b + i) * ROCKET_KERNELS + first;
        store_first(at, found[i].share, lanes);
        if (plan.pools == 1) continue;
        const int64_t pool_size = rows * ROCKET_KERNELS;
        store_first(at + pool_size, found[i].mean, lanes);
        store_first(at + 2 * pool_size, found[i].place, lanes);
        store_first(at + 3 * pool_size, found[i].stretch, lanes);
      }
    }
  }
};

}  // namespace

namespace unspool {

bool UNSPOOL_NAME(convolution_features)(const SeriesBatch& series, const ConvolutionPlan& plan, float* features,
                                        const Parallel& parallel) {
  bool failed = false;
  Job job{series, plan, features, 0, 0, 0, &failed};
  for (int64_t d = 0; d < plan.dilation_count; ++d) job.rows += plan.bias_counts[d];
  job.margin = TAPS / 2 * widest(plan.dilations, plan.dilation_count);
  job.length = longest(series);
  parallel.run(parallel.pool, series.count, [](void* job, int64_t n) { static_cast<Job*>(job)->one(n); }, &job);
  return !failed;
}

}  // namespace unspool
