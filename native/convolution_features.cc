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

// Both go on past the end, to a multiple of V.
void sum_windows(const Padded& x, int64_t dilation, float* sums) {
  for (int64_t t = 0; t < x.length; t += V) {
    const float* at = x.data + x.margin + t - TAPS / 2 * dilation;
    vec sum = load(at);
    for (int j = 1; j < TAPS; ++j) sum += load(at + j * dilation);
    store(sums + t, sum);
  }
}

void triple(const Padded& x, float* tripled) {
  for (int64_t t = 0; t < x.size(); t += V) store(tripled + t, 3.0f * load(x.data + t));
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

// `count`, and one more in the lanes where a > b.
UNSPOOL_INLINE ivec count_where(ivec count, vec a, vec b) {
#if defined(__AVX512F__)
  const __m512i before = reinterpret_cast<__m512i>(count);
  const __mmask16 over = _mm512_cmp_ps_mask(reinterpret_cast<__m512>(a), reinterpret_cast<__m512>(b), _CMP_GT_OQ);
  return reinterpret_cast<ivec>(_mm512_mask_add_epi32(before, over, before, _mm512_set1_epi32(1)));
#else
  return count - (a > b);
#endif
}

constexpr int MOST_COUNTED = 8;  // biases that one pass over the steps serves

// The sums of the lanes of N vectors, as MOST_COUNTED numbers; those past N are of no consequence.
#if defined(__AVX2__)
UNSPOOL_INLINE __m256i halved(ivec v) {
#if defined(__AVX512F__)
  const __m512i wide = reinterpret_cast<__m512i>(v);
  return _mm256_add_epi32(_mm512_castsi512_si256(wide), _mm512_extracti64x4_epi64(wide, 1));
#else
  return reinterpret_cast<__m256i>(v);
#endif
}

template <int N>
UNSPOOL_INLINE void total(const ivec* counts, float* out) {
  __m256i part[MOST_COUNTED];
#pragma GCC unroll 8
  for (int i = 0; i < MOST_COUNTED; ++i) part[i] = i < N ? halved(counts[i]) : _mm256_setzero_si256();
  const __m256i first = _mm256_hadd_epi32(_mm256_hadd_epi32(part[0], part[1]), _mm256_hadd_epi32(part[2], part[3]));
  const __m256i last = _mm256_hadd_epi32(_mm256_hadd_epi32(part[4], part[5]), _mm256_hadd_epi32(part[6], part[7]));
  const __m256i sums = _mm256_add_epi32(_mm256_permute2x128_si256(first, last, 0x20),
                                        _mm256_permute2x128_si256(first, last, 0x31));
  _mm256_storeu_ps(out, _mm256_cvtepi32_ps(sums));
}
#else
template <int N>
UNSPOOL_INLINE void total(const ivec* counts, float* out) {
#pragma GCC unroll 8
  for (int i = 0; i < N; ++i) {
    int32_t sum = 0;
    for (int l = 0; l < V; ++l) sum += counts[i][l];
    out[i] = static_cast<float>(sum);
  }
}
#endif

// out[i] is how many of the steps respond with more than bias[i * ROCKET_KERNELS].
template <int N>
void count_steps(const Steps& s, const float* bias, float* out) {
  vec level[N];
  ivec count[N];
#pragma GCC unroll 8
  for (int i = 0; i < N; ++i) level[i] = fill(bias[i * ROCKET_KERNELS]), count[i] = ivec{};
  for (int64_t t = s.start; t < s.stop; t += V) {
    const vec z = (load(s.first + t) + load(s.second + t)) + load(s.third + t);
#pragma GCC unroll 8
    for (int i = 0; i < N; ++i) count[i] = count_where(count[i], z, level[i]);
  }
  total<N>(count, out);
}

typedef void (*CountSteps)(const Steps&, const float*, float*);
const CountSteps COUNT_STEPS[MOST_COUNTED] = {count_steps<1>, count_steps<2>, count_steps<3>, count_steps<4>,
                                              count_steps<5>, count_steps<6>, count_steps<7>, count_steps<8>};

// Biases rounded up to whole passes.
inline int64_t counted(int64_t biases) { return (biases + MOST_COUNTED - 1) / MOST_COUNTED * MOST_COUNTED; }

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
  int64_t most = 0;                          // biases of a kernel at one dilation, room for them
  bool* failed;

  int64_t scratch() const {
    const int64_t lanes = plan.channels ? V : 1;
    return length * V + 3 * (length + V) + ROCKET_KERNELS * most + (length + 2 * margin) * (lanes + 1) + 3 * V;
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
    float* lead = sums + length + V;
    float* counts = lead + 2 * (length + V);
    Padded tripled{counts + ROCKET_KERNELS * most, steps, 0};
    Padded x{tripled.data + length + 2 * margin + 2 * V, steps, 0};
    const float* values = series.values + series.offsets[n] * series.channels;
    int64_t row = 0;
    for (int64_t d = 0; d < plan.dilation_count; ++d) {
      const int64_t dilation = plan.dilations[d];
      x.margin = tripled.margin = TAPS / 2 * dilation;
      if (!plan.channels) {
        pad_shared(x, values, series.channels);
        sum_windows(x, dilation, sums);
        store(x.data + x.size(), vec{});  // read, and of no consequence
        triple(x, tripled.data);
      }
      if (!plan.channels && plan.pools == 1) {
        count_all(tripled, sums, lead, counts, d, row, to);
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

  // `lead` has room for two series, each with up to V steps more; `counts` for those of each kernel, a row each.
  void count_all(const Padded& tripled, const float* sums, float* lead, float* counts, int64_t d, int64_t row,
                 float* to) const {
    const int64_t count = plan.bias_counts[d], stride = counted(count);
    const int64_t dilation = plan.dilations[d], steps = tripled.length, margin = TAPS / 2 * dilation;
    const int64_t stop = (steps + V - 1) / V * V, inner = steps > 2 * margin ? margin : 0;
    const int64_t begin = inner / V * V, end = (steps - inner + V - 1) / V * V;
    const float *x = tripled.data, *biases = plan.biases + row * ROCKET_KERNELS;
    float* leads[2] = {lead, lead + stop};  // for all steps, and for those that see no padding
    to += row * ROCKET_KERNELS;
    int64_t kernel = 0;
    for (int a = 0; a < TAPS - 2; ++a) {
      for (int64_t t = 0; t < stop; t += V) {
        const vec response = load(x + t + a * dilation) - load(sums + t);
        store(leads[0] + t, response);
        store(leads[1] + t, response);
      }
      for (int64_t t = steps; t < stop; ++t) leads[0][t] = -__builtin_inff();
      for (int64_t t = begin; t < inner; ++t) leads[1][t] = -__builtin_inff();
      for (int64_t t = steps - inner; t < end; ++t) leads[1][t] = -__builtin_inff();
      for (int b = a + 1; b < TAPS - 1; ++b)
        for (int c = b + 1; c < TAPS; ++c, ++kernel) {
          const bool unpadded = (kernel + d) & 1;
          const Steps s{leads[unpadded], x + b * dilation, x + c * dilation, unpadded ? begin : 0,
                        unpadded ? end : stop};
          const float* bias = biases + kernel;
          float* found = counts + kernel * stride;
          for (int64_t left = count; left > 0; left -= MOST_COUNTED) {
            COUNT_STEPS[(left < MOST_COUNTED ? left : MOST_COUNTED) - 1](s, bias, found);
            bias += MOST_COUNTED * ROCKET_KERNELS;
            found += MOST_COUNTED;
          }
        }
    }
    const float pooled[2] = {static_cast<float>(steps), static_cast<float>(steps - 2 * inner)};
    float divisors[V];
    for (int l = 0; l < V; ++l) divisors[l] = pooled[(l + d) & 1];
    for (int64_t i = 0; i < count; ++i, to += ROCKET_KERNELS)
      for (int64_t first = 0; first < ROCKET_KERNELS; first += V) {
        const int64_t lanes = ROCKET_KERNELS - first < V ? ROCKET_KERNELS - first : V;
        float column[V] = {};
        for (int64_t l = 0; l < lanes; ++l) column[l] = counts[(first + l) * stride + i];
        store_first(to + first, load(column) / load(divisors), lanes);
      }
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
  Job job{series, plan, features, 0, 0, 0, 0, &failed};
  for (int64_t d = 0; d < plan.dilation_count; ++d) {
    const int64_t room = counted(plan.bias_counts[d]);
    job.rows += plan.bias_counts[d];
    job.most = room > job.most ? room : job.most;
  }
  job.margin = TAPS / 2 * widest(plan.dilations, plan.dilation_count);
  job.length = longest(series);
  parallel.run(parallel.pool, series.count, [](void* job, int64_t n) { static_cast<Job*>(job)->one(n); }, &job);
  return !failed;
}

}  // namespace unspool
