// Responses of the kernels of convolution_features.h to one series at one dilation. Lanes are steps, so that a response
// costs two sums once those of nine steps are known. Included only by that kernel's .cc file (see simd.h).
#ifndef UNSPOOL_DILATED_RESPONSES_H_
#define UNSPOOL_DILATED_RESPONSES_H_

#include "convolution_features.h"
#include "simd.h"

namespace {

using unspool::ROCKET_KERNELS;
using unspool::TAPS;

// The three taps at which a kernel has weight 2.
struct Triple {
  int64_t a, b, c;
};
struct Triples {
  Triple of[ROCKET_KERNELS];

  constexpr Triples() : of{} {
    int64_t kernel = 0;
    for (int64_t a = 0; a < TAPS; ++a)
      for (int64_t b = a + 1; b < TAPS; ++b)
        for (int64_t c = b + 1; c < TAPS; ++c) of[kernel++] = Triple{a, b, c};
  }
};
constexpr Triples TRIPLES;

UNSPOOL_INLINE int64_t whole_vectors(int64_t floats) { return (floats + V - 1) / V * V; }

// A series with a row for each channel, and zeros after its end up to whole vectors.
struct Channels {
  float* rows;
  int64_t count, stride;

  static int64_t room(int64_t length, int64_t count) { return count * whole_vectors(length); }

  Channels(float* memory, const float* values, int64_t length, int64_t count)
      : rows(memory), count(count), stride(whole_vectors(length)) {
    for (int64_t c = 0; c < count; ++c) {
      float* row = rows + c * stride;
      for (int64_t t = 0; t < length; ++t) row[t] = values[t * count + c];
      for (int64_t t = length; t < stride; ++t) row[t] = 0.0f;
    }
  }
};

// The response at step t is (lead[t] + second[t]) + third[t]; -infinity at steps that are not pooled.
struct Response {
  const float *lead, *second, *third;
  int64_t start, stop;  // multiples of V: no step outside is pooled

  vec at(int64_t t) const { return (load(lead + t) + load(second + t)) + load(third + t); }
};

// What some kernels see: the sum of their channels.
class Seen {
 public:
  static int64_t room(int64_t length, int64_t margin) {
    return 2 * (length + 2 * margin + 2 * V) + 3 * whole_vectors(length);
  }

  Seen(float* memory, int64_t steps, int64_t dilation)
      : steps_(steps), dilation_(dilation), margin_(TAPS / 2 * dilation), stop_(whole_vectors(steps)) {
    inner_ = steps > 2 * margin_ ? margin_ : 0;
    padded_ = memory;
    tripled_ = padded_ + steps + 2 * margin_ + 2 * V;
    sums_ = tripled_ + steps + 2 * margin_ + 2 * V;
    leads_[0] = sums_ + stop_;
    leads_[1] = leads_[0] + stop_;
  }

  // How many steps are pooled: all, or those that see no padding.
  int64_t pooled(bool unpadded) const { return unpadded ? steps_ - 2 * inner_ : steps_; }

  // `allowed` has a number for each channel, 0 or 1; nullptr: all are seen.
  void see(const Channels& channels, const uint8_t* allowed) {
    const int64_t size = steps_ + 2 * margin_;
    memset(padded_, 0, static_cast<size_t>(size + 2 * V) * sizeof(float));
    for (int64_t c = 0; c < channels.count; ++c) {
      if (allowed && !allowed[c]) continue;
      const float* row = channels.rows + c * channels.stride;
      float* seen = padded_ + margin_;
      for (int64_t t = 0; t < stop_; t += V) store(seen + t, load(seen + t) + load(row + t));
    }
    for (int64_t t = 0; t < size + V; t += V) store(tripled_ + t, 3.0f * load(padded_ + t));
    for (int64_t t = 0; t < stop_; t += V) {
      vec sum = load(padded_ + t);
      for (int64_t j = 1; j < TAPS; ++j) sum += load(padded_ + t + j * dilation_);
      store(sums_ + t, sum);
    }
    lead_of_ = -1;
  }

  Response respond(const Triple& taps, bool unpadded) {
    if (taps.a != lead_of_) lead(taps.a);
    return {leads_[unpadded], tripled_ + taps.b * dilation_, tripled_ + taps.c * dilation_,
            unpadded ? inner_ / V * V : 0, unpadded ? whole_vectors(steps_ - inner_) : stop_};
  }

 private:
  void lead(int64_t tap) {
    for (int64_t t = 0; t < stop_; t += V) {
      const vec response = load(tripled_ + t + tap * dilation_) - load(sums_ + t);
      store(leads_[0] + t, response);
      store(leads_[1] + t, response);
    }
    for (int64_t t = steps_; t < stop_; ++t) leads_[0][t] = -__builtin_inff();
    for (int64_t t = 0; t < inner_; ++t) leads_[1][t] = -__builtin_inff();
    for (int64_t t = steps_ - inner_; t < stop_; ++t) leads_[1][t] = -__builtin_inff();
    lead_of_ = tap;
  }

  int64_t steps_, dilation_, margin_, inner_, stop_;
  float *padded_, *tripled_, *sums_;
  float* leads_[2];
  int64_t lead_of_ = -1;
};

typedef float four __attribute__((vector_size(16)));
typedef float loose_four __attribute__((vector_size(16), aligned(4), may_alias));
#if defined(__clang__)
#define UNSPOOL_PICK(x, y, i, j, k, l) __builtin_shufflevector(x, y, i, j, k, l)
#else
typedef int32_t four_places __attribute__((vector_size(16)));
#define UNSPOOL_PICK(x, y, i, j, k, l) __builtin_shuffle(x, y, four_places{i, j, k, l})
#endif

// V rows of `stride` numbers, a multiple of V, to `stride` rows of V.
inline void turn(const float* rows, int64_t stride, float* turned) {
  for (int64_t t = 0; t < stride; t += 4)
    for (int64_t l = 0; l < V; l += 4) {
      four x[4], y[4];
      for (int64_t i = 0; i < 4; ++i) x[i] = *reinterpret_cast<const loose_four*>(rows + (l + i) * stride + t);
      y[0] = UNSPOOL_PICK(x[0], x[1], 0, 4, 1, 5);
      y[1] = UNSPOOL_PICK(x[2], x[3], 0, 4, 1, 5);
      y[2] = UNSPOOL_PICK(x[0], x[1], 2, 6, 3, 7);
      y[3] = UNSPOOL_PICK(x[2], x[3], 2, 6, 3, 7);
      x[0] = UNSPOOL_PICK(y[0], y[1], 0, 1, 4, 5);
      x[1] = UNSPOOL_PICK(y[0], y[1], 2, 3, 6, 7);
      x[2] = UNSPOOL_PICK(y[2], y[3], 0, 1, 4, 5);
      x[3] = UNSPOOL_PICK(y[2], y[3], 2, 3, 6, 7);
      for (int64_t i = 0; i < 4; ++i) *reinterpret_cast<loose_four*>(turned + (t + i) * V + l) = x[i];
    }
}
#undef UNSPOOL_PICK

}  // namespace

#endif  // UNSPOOL_DILATED_RESPONSES_H_
