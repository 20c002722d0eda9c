// Vectors of floats, and exp, tanh and sigmoid on them, for whatever instruction set this file is compiled for.
//
// Included only by the kernels' .cc files, each of which is compiled once per instruction set. Everything is in an
// anonymous namespace: a function shared between objects of different sets would be merged by the linker into whichever
// copy it meets first, and an AVX-512 copy would crash the machines that the baseline is there for. For the same reason
// no standard library template is used here.
#ifndef UNSPOOL_SIMD_H_
#define UNSPOOL_SIMD_H_

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace {

#if defined(__AVX512F__)
constexpr int V = 16;             // floats in a vector
constexpr int ACCUMULATORS = 24;  // vector registers that a tile may fill with sums (of 32)
#elif defined(__AVX2__)
constexpr int V = 8;
constexpr int ACCUMULATORS = 12;  // of 16
#elif defined(__aarch64__)
constexpr int V = 4;
constexpr int ACCUMULATORS = 24;  // of 32
#else
constexpr int V = 4;
constexpr int ACCUMULATORS = 8;  // of 16; without FMA each product needs a register too
#endif

typedef float vec __attribute__((vector_size(4 * V)));
typedef int32_t ivec __attribute__((vector_size(4 * V)));
typedef float loose_vec __attribute__((vector_size(4 * V), aligned(4), may_alias));

#define UNSPOOL_INLINE inline __attribute__((always_inline))

UNSPOOL_INLINE vec load(const float* p) { return *reinterpret_cast<const loose_vec*>(p); }
UNSPOOL_INLINE void store(float* p, vec v) { *reinterpret_cast<loose_vec*>(p) = v; }
UNSPOOL_INLINE vec fill(float s) { return s - vec{}; }
UNSPOOL_INLINE ivec bits(vec v) { return reinterpret_cast<ivec>(v); }
UNSPOOL_INLINE vec floats(ivec v) { return reinterpret_cast<vec>(v); }

// a b + c, rounded once where the machine can. Kernels are built with -ffp-contract=off and ask for it by name: left to
// itself, the compiler fuses the same expression in one instance of a template and not in another, and then a row's bits
// depend on how many rows stand beside it.
UNSPOOL_INLINE vec multiply_add(vec a, vec b, vec c) {
#if defined(__AVX512F__)
  return reinterpret_cast<vec>(
      _mm512_fmadd_ps(reinterpret_cast<__m512>(a), reinterpret_cast<__m512>(b), reinterpret_cast<__m512>(c)));
#elif defined(__AVX2__)
  return reinterpret_cast<vec>(
      _mm256_fmadd_ps(reinterpret_cast<__m256>(a), reinterpret_cast<__m256>(b), reinterpret_cast<__m256>(c)));
#elif defined(__aarch64__)
  return reinterpret_cast<vec>(vfmaq_f32(reinterpret_cast<float32x4_t>(c), reinterpret_cast<float32x4_t>(a),
                                         reinterpret_cast<float32x4_t>(b)));
#else
  return a * b + c;
#endif
}
UNSPOOL_INLINE vec multiply_add(vec a, float b, vec c) { return multiply_add(a, fill(b), c); }
UNSPOOL_INLINE vec multiply_add(vec a, vec b, float c) { return multiply_add(a, b, fill(c)); }
UNSPOOL_INLINE vec multiply_add(vec a, float b, float c) { return multiply_add(a, fill(b), fill(c)); }

// The first n lanes (0 < n <= V); the others are zero, and memory past p[n-1] is not touched.
UNSPOOL_INLINE vec load_first(const float* p, int64_t n) {
  if (n >= V) return load(p);
  float lanes[V] = {};
  memcpy(lanes, p, static_cast<size_t>(n) * sizeof(float));
  return load(lanes);
}
UNSPOOL_INLINE void store_first(float* p, vec v, int64_t n) {
  if (n >= V) return store(p, v);
  float lanes[V];
  store(lanes, v);
  memcpy(p, lanes, static_cast<size_t>(n) * sizeof(float));
}

// A NaN passes through both: it is the second operand, which the instructions give where a comparison fails. They are
// asked for by name, as the compiler takes a comparison and a blend.
UNSPOOL_INLINE vec at_least(vec v, float low) {
#if defined(__AVX512F__)
  return reinterpret_cast<vec>(_mm512_max_ps(reinterpret_cast<__m512>(fill(low)), reinterpret_cast<__m512>(v)));
#elif defined(__AVX2__)
  return reinterpret_cast<vec>(_mm256_max_ps(reinterpret_cast<__m256>(fill(low)), reinterpret_cast<__m256>(v)));
#else
  return v < low ? fill(low) : v;
#endif
}
UNSPOOL_INLINE vec at_most(vec v, float high) {
#if defined(__AVX512F__)
  return reinterpret_cast<vec>(_mm512_min_ps(reinterpret_cast<__m512>(fill(high)), reinterpret_cast<__m512>(v)));
#elif defined(__AVX2__)
  return reinterpret_cast<vec>(_mm256_min_ps(reinterpret_cast<__m256>(fill(high)), reinterpret_cast<__m256>(v)));
#else
  return v > high ? fill(high) : v;
#endif
}

// The sum and the largest of all lanes; and whether a comparison held in any lane. Every instruction set sums in the same
// order: of n lanes, lane i + n/2 is added to lane i, then n is halved.
UNSPOOL_INLINE float sum_of_lanes(vec v) {
#if defined(__AVX512F__)
  return _mm512_reduce_add_ps(reinterpret_cast<__m512>(v));
#elif defined(__x86_64__)
#if defined(__AVX2__)
  const __m256 all = reinterpret_cast<__m256>(v);
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1));
#else
  const __m128 four = reinterpret_cast<__m128>(v);
#endif
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
#else
  float lanes[V];
  store(lanes, v);
  for (int half = V / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  return lanes[0];
#endif
}
UNSPOOL_INLINE float largest_lane(vec v) {
#if defined(__AVX512F__)
  return _mm512_reduce_max_ps(reinterpret_cast<__m512>(v));
#else
  float lanes[V];
  store(lanes, v);
  for (int half = V / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) lanes[i] = lanes[i] < lanes[i + half] ? lanes[i + half] : lanes[i];
  return lanes[0];
#endif
}
UNSPOOL_INLINE bool any_lane(ivec held) {
#if defined(__AVX512F__)
  return _mm512_movepi32_mask(reinterpret_cast<__m512i>(held)) != 0;
#elif defined(__AVX2__)
  return _mm256_movemask_ps(reinterpret_cast<__m256>(held)) != 0;
#else
  int64_t words[V / 2], any = 0;
  memcpy(words, &held, sizeof words);
  for (int i = 0; i < V / 2; ++i) any |= words[i];
  return any != 0;
#endif
}

struct Exponential {
  vec scale;  // 2^n
  vec rest;   // exp(r) - 1, where x = n log 2 + r and |r| <= log(2)/2
};

// a b + c, rounded once if FUSED, else twice, which gives the same bits on all machines.
template <bool FUSED, typename B, typename C>
UNSPOOL_INLINE vec times_plus(vec a, B b, C c) {
  return FUSED ? multiply_add(a, b, c) : a * b + c;
}

// For |x| <= 87. The polynomial is r + r^2 q(r); q was fitted to the relative error of exp(r) - 1 (1.4e-8).
template <bool FUSED = true>
UNSPOOL_INLINE Exponential exponential(vec x) {
  const float round = 12582912.0f;  // 1.5 * 2^23: adding it leaves the rounded integer in the low bits
  vec shifted = times_plus<FUSED>(x, 1.44269504088896341f, round);
  vec n = shifted - round;
  vec r = times_plus<FUSED>(n, -0.693359375f, x);  // log 2 in two parts; the first is exact in few bits
  r = times_plus<FUSED>(n, 2.12194440e-4f, r);
  vec q = times_plus<FUSED>(r, 0.0013946554233808266f, 0.008366643958729974f);
  q = times_plus<FUSED>(q, r, 0.04166628063308588f);
  q = times_plus<FUSED>(q, r, 0.16666542545474033f);
  q = times_plus<FUSED>(q, r, 0.5000000062272674f);
  Exponential e;
  e.scale = floats((bits(shifted) << 23) + 0x3f800000);
  e.rest = times_plus<FUSED>(q, r * r, r);
  return e;
}

// Relative error at most 4 units in the last place (tested); below -87 it stays at sigmoid(-87) = 1.6e-38.
template <bool FUSED = true>
UNSPOOL_INLINE vec sigmoid(vec x) {
  Exponential e = exponential<FUSED>(-at_least(at_most(x, 87.0f), -87.0f));
  return 1.0f / (1.0f + times_plus<FUSED>(e.scale, e.rest, e.scale));
}

// Relative error at most 4 units in the last place (tested), also near 0: expm1(2x) / (expm1(2x) + 2).
UNSPOOL_INLINE vec tanh(vec x) {
  Exponential e = exponential(at_least(at_most(x + x, 20.0f), -20.0f));
  vec less_one = multiply_add(e.scale, e.rest, e.scale - 1.0f);
  return less_one / (less_one + 2.0f);
}

}  // namespace

#endif  // UNSPOOL_SIMD_H_
