#include "kernel_responses.h"

#include <algorithm>
#include <limits>
#include <new>
#include <vector>

#include "exported.h"
#include "series.h"

namespace unspool {
namespace {

// The three taps at which a kernel has weight 2: first those of kernel 0; `next` moves on to the next kernel.
struct Triple {
  int64_t a = 0, b = 1, c = 2;

  void next() {
    if (++c < TAPS) return;
    if (++b < TAPS - 1) {
      c = b + 1;
      return;
    }
    ++a, b = a + 1, c = a + 2;
  }
};

// `x` points to what tap 0 sees at step 0, in a series padded with zeros.
void respond(const float* x, int64_t dilation, const Triple& taps, int64_t length, float* z) {
  const float *a = x + taps.a * dilation, *b = x + taps.b * dilation, *c = x + taps.c * dilation;
  for (int64_t t = 0; t < length; ++t) {
    float sum = x[t];
    for (int64_t j = 1; j < TAPS; ++j) sum += x[t + j * dilation];
    z[t] = 3 * ((a[t] + b[t]) + c[t]) - sum;
  }
}

void responses(const float* values, const int64_t* starts, const int64_t* lengths, int64_t first, int64_t count,
               int64_t dilation, int64_t width, float* z) {
  // With a step of `width`, all taps but the middle one are beyond the ends already.
  const int64_t step = std::min(dilation, std::max<int64_t>(width, 1));
  const int64_t margin = TAPS / 2 * step;
  std::vector<float> padded(static_cast<size_t>(width + 2 * margin));
  Triple taps;
  for (int64_t i = 0; i < first; ++i) taps.next();
  for (int64_t i = 0; i < count; ++i, taps.next(), z += width) {
    std::copy_n(values + starts[i], lengths[i], padded.begin() + margin);
    std::fill_n(padded.begin() + margin + lengths[i], width - lengths[i], 0.0f);
    respond(padded.data(), step, taps, lengths[i], z);
    std::fill_n(z + lengths[i], width - lengths[i], std::numeric_limits<float>::infinity());
  }
}

}  // namespace
}  // namespace unspool

UNSPOOL_EXPORT int64_t unspool_kernel_responses(const float* values, const int64_t* starts, const int64_t* lengths,
                                                int64_t first, int64_t count, int64_t dilation, int64_t width, float* z) {
  try {
    unspool::responses(values, starts, lengths, first, count, dilation, width, z);
    return 0;
  } catch (const std::bad_alloc&) {
    return -1;
  }
}
