#include "convolution_features.h"

#include "dilated_responses.h"
#include "isa.h"
#include "lanes.h"

namespace {

using unspool::ConvolutionPlan;
using unspool::MOST_POOLS;
using unspool::Parallel;
using unspool::SeriesBatch;

constexpr int MOST_COUNTED = 8;  // biases that one pass over the steps serves
constexpr int MOST_POOLED = 4;   // the same where all pools are wanted
constexpr int64_t FEW_STEPS = 64;

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

// out[i] is how many steps respond with more than bias[i * ROCKET_KERNELS].
template <int N>
void count_steps(const Response& response, const float* bias, float* out) {
  vec level[N];
  ivec count[N];
#pragma GCC unroll 8
  for (int i = 0; i < N; ++i) level[i] = fill(bias[i * ROCKET_KERNELS]), count[i] = ivec{};
  for (int64_t t = response.start; t < response.stop; t += V) {
    const vec z = response.at(t);
#pragma GCC unroll 8
    for (int i = 0; i < N; ++i) count[i] = count_where(count[i], z, level[i]);
  }
  total<N>(count, out);
}

typedef void (*CountSteps)(const Response&, const float*, float*);
const CountSteps COUNT_STEPS[MOST_COUNTED] = {count_steps<1>, count_steps<2>, count_steps<3>, count_steps<4>,
                                              count_steps<5>, count_steps<6>, count_steps<7>, count_steps<8>};

// Biases rounded up to whole passes.
inline int64_t counted(int64_t biases) { return (biases + MOST_COUNTED - 1) / MOST_COUNTED * MOST_COUNTED; }

struct Pooled {
  vec share, mean, place, stretch;
};

// What is needed of `length` responses of V kernels, (length, V), for N biases at once.
template <bool ALL, int N>
void pool(const float* responses, int64_t length, const vec* bias, vec steps, Pooled* out) {
  ivec count[N] = {}, run[N] = {}, best[N] = {};
  vec sum[N] = {}, place[N] = {};
  for (int64_t t = 0; t < length; ++t) {
    const vec z = load(responses + t * V);
#pragma GCC unroll 8
    for (int i = 0; i < N; ++i) {
      if (!ALL) {
        count[i] = count_where(count[i], z, bias[i]);
        continue;
      }
      const ivec over = z > bias[i];
      count[i] -= over;
      sum[i] += over ? z - bias[i] : vec{};
      place[i] += over ? fill(static_cast<float>(t)) : vec{};
      run[i] = (run[i] + 1) & over;
      best[i] = run[i] > best[i] ? run[i] : best[i];
    }
  }
  for (int i = 0; i < N; ++i) {
    const vec counted = __builtin_convertvector(count[i], vec);
    out[i].share = counted / steps;
    if (!ALL) continue;
    const ivec any = count[i] > 0;
    out[i].mean = any ? sum[i] / counted : vec{};
    out[i].place = any ? place[i] / counted / fill(static_cast<float>(length)) : vec{};
    out[i].stretch = __builtin_convertvector(best[i], vec) / steps;
  }
}

// For each kernel at each dilation, the next one that sees the same channels; ROCKET_KERNELS where there is none.
void find_twins(const ConvolutionPlan& plan, int64_t channels, int32_t* next) {
  for (int64_t d = 0; d < plan.dilation_count; ++d)
    for (int64_t kernel = 0; kernel < ROCKET_KERNELS; ++kernel) {
      const uint8_t* allowed = plan.channels ? plan.channels + d * ROCKET_KERNELS * channels : nullptr;
      int64_t twin = kernel + 1;
      while (allowed && twin < ROCKET_KERNELS &&
             memcmp(allowed + twin * channels, allowed + kernel * channels, static_cast<size_t>(channels)))
        ++twin;
      *next++ = static_cast<int32_t>(twin);
    }
}

struct Job {
  const SeriesBatch& series;
  const ConvolutionPlan& plan;
  float* features;
  const int32_t* next;  // see find_twins
  int64_t rows = 0, margin = 0, length = 0;  // biases of a kernel; the widest margin; the longest series
  int64_t most = 0;                          // biases of a kernel at one dilation, room for them
  bool* failed;

  // With few steps and many biases it is cheaper to have kernels as lanes, so that no sum over lanes is taken.
  bool counts_by_kernel(int64_t steps, int64_t biases) const {
    return plan.pools == 1 && (steps > FEW_STEPS || biases < MOST_COUNTED);
  }

  int64_t scratch() const {
    const int64_t blocks = plan.pools == 1 && length > FEW_STEPS ? FEW_STEPS : length;
    return Channels::room(length, series.channels) + Seen::room(length, margin) + ROCKET_KERNELS * most +
           2 * V * whole_vectors(blocks);
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
    const Channels channels(block.data, series.values + series.offsets[n] * series.channels, steps, series.channels);
    float* seen = block.data + Channels::room(length, series.channels);
    float* counts = seen + Seen::room(length, margin);
    float* responses = counts + ROCKET_KERNELS * most;
    int64_t row = 0;
    for (int64_t d = 0; d < plan.dilation_count; ++d) {
      Seen view(seen, steps, plan.dilations[d]);
      if (counts_by_kernel(steps, plan.bias_counts[d])) {
        count_by_kernel(view, channels, counts, d, row, to);
      } else {
        for (int64_t first = 0; first < ROCKET_KERNELS; first += V)
          pool_by_bias(view, channels, responses, steps, d, first, row, to);
      }
      row += plan.bias_counts[d];
    }
  }

  // Calls `use(kernel, its response)` for kernels [first, last).
  template <typename Use>
  void respond(Seen& view, const Channels& channels, int64_t d, int64_t first, int64_t last, const Use& use) const {
    bool done[ROCKET_KERNELS] = {};
    for (int64_t leader = first; leader < last; ++leader) {
      if (done[leader]) continue;
      view.see(channels, plan.channels ? plan.channels + (d * ROCKET_KERNELS + leader) * series.channels : nullptr);
      for (int64_t kernel = leader; kernel < last; kernel = next[d * ROCKET_KERNELS + kernel]) {
        done[kernel] = true;
        use(kernel, view.respond(TRIPLES.of[kernel], unpadded(kernel, d)));
      }
    }
  }

  static bool unpadded(int64_t kernel, int64_t d) { return (kernel + d) & 1; }

  // `counts` has room for those of each kernel, a row each.
  void count_by_kernel(Seen& view, const Channels& channels, float* counts, int64_t d, int64_t row, float* to) const {
    const int64_t count = plan.bias_counts[d], stride = counted(count);
    const float* biases = plan.biases + row * ROCKET_KERNELS;
    respond(view, channels, d, 0, ROCKET_KERNELS, [&](int64_t kernel, const Response& response) {
      const float* bias = biases + kernel;
      float* found = counts + kernel * stride;
      for (int64_t left = count; left > 0; left -= MOST_COUNTED) {
        COUNT_STEPS[(left < MOST_COUNTED ? left : MOST_COUNTED) - 1](response, bias, found);
        bias += MOST_COUNTED * ROCKET_KERNELS;
        found += MOST_COUNTED;
      }
    });
    const vec pooled = pooled_steps(view, d);
    to += row * ROCKET_KERNELS;
    for (int64_t i = 0; i < count; ++i, to += ROCKET_KERNELS)
      for (int64_t first = 0; first < ROCKET_KERNELS; first += V) {
        const int64_t lanes = lanes_from(first);
        float column[V] = {};
        for (int64_t l = 0; l < lanes; ++l) column[l] = counts[(first + l) * stride + i];
        store_first(to + first, load(column) / pooled, lanes);
      }
  }

  static int64_t lanes_from(int64_t first) { return ROCKET_KERNELS - first < V ? ROCKET_KERNELS - first : V; }

  // Of kernels first ... first + V - 1, where V divides `first`.
  static vec pooled_steps(const Seen& view, int64_t d) {
    float steps[V];
    for (int64_t l = 0; l < V; ++l) steps[l] = static_cast<float>(view.pooled(unpadded(l, d)));
    return load(steps);
  }

  // `responses` has room for those of V kernels twice.
  void pool_by_bias(Seen& view, const Channels& channels, float* responses, int64_t steps, int64_t d, int64_t first,
                    int64_t row, float* to) const {
    const int64_t lanes = lanes_from(first), stride = whole_vectors(steps);
    float* by_kernel = responses + V * stride;
    memset(by_kernel + lanes * stride, 0, static_cast<size_t>((V - lanes) * stride) * sizeof(float));
    respond(view, channels, d, first, first + lanes, [&](int64_t kernel, const Response& response) {
      float* z = by_kernel + (kernel - first) * stride;
      for (int64_t t = 0; t < stride; t += V) store(z + t, response.at(t));
    });
    turn(by_kernel, stride, responses);
    const float* biases = plan.biases + row * ROCKET_KERNELS + first;
    to += row * ROCKET_KERNELS + first;
    if (plan.pools == 1) {
      pool_all<false, MOST_COUNTED>(responses, steps, biases, plan.bias_counts[d], pooled_steps(view, d), lanes, to);
    } else {
      pool_all<true, MOST_POOLED>(responses, steps, biases, plan.bias_counts[d], pooled_steps(view, d), lanes, to);
    }
  }

  // `biases` and `to` have a row of ROCKET_KERNELS for each of `count` biases, of which the first `lanes` are meant.
  template <bool ALL, int N>
  void pool_all(const float* responses, int64_t steps, const float* biases, int64_t count, vec pooled, int64_t lanes,
                float* to) const {
    for (int64_t b = 0; b < count; b += N) {
      const int64_t taken = count - b < N ? count - b : N;
      vec bias[N] = {};
      for (int64_t i = 0; i < taken; ++i) bias[i] = load_first(biases + (b + i) * ROCKET_KERNELS, lanes);
      Pooled found[N];
      pool<ALL, N>(responses, steps, bias, pooled, found);
      for (int64_t i = 0; i < taken; ++i) {
        float* at = to + (b + i) * ROCKET_KERNELS;
        store_first(at, found[i].share, lanes);
        if (!ALL) continue;
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
  static_assert(sizeof(int32_t) == sizeof(float), "a block of floats holds as many integers");
  Block twins(plan.dilation_count * ROCKET_KERNELS);
  if (!twins.data) return false;
  int32_t* next = reinterpret_cast<int32_t*>(twins.data);
  find_twins(plan, series.channels, next);
  bool failed = false;
  Job job{series, plan, features, next, 0, 0, 0, 0, &failed};
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
