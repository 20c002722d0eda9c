// What the kernels that turn series into features are given: the contract of convolution_features.h and
// competing_kernels.h.
//
// All numbers are float32, finite, all arrays row-major and dense, and all are the caller's: kernels keep no pointer
// after they return. The output may not overlap an input. It need not be cleared: every element is written.
//
// N series of C channels stand end to end in `values`; series n is rows offsets[n] to offsets[n + 1]. Each is computed
// over its own length: nothing is padded to a common one. An empty series gives zeros.
//
// A kernel has TAPS weights, `dilation` steps apart, centred on each step; what is before the first step or after the
// last counts as zero. Over several channels a kernel sees the sum of those that `channels` allows it.
//
// Every sum is taken in one order and nothing is fused, so that the bits are the same on every instruction set, with
// any number of threads, and whatever series stand beside.
#ifndef UNSPOOL_SERIES_H_
#define UNSPOOL_SERIES_H_

#include <stdint.h>

#include "parallel.h"

namespace unspool {

constexpr int64_t TAPS = 9;

struct SeriesBatch {
  const float* values;     // (M, C)
  const int64_t* offsets;  // (N + 1), from 0 to M, never falling
  int64_t count;           // N
  int64_t channels;        // C, at least 1
};

}  // namespace unspool

#endif  // UNSPOOL_SERIES_H_
