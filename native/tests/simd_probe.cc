// The vector functions as plain loops, one object per instruction set, for the accuracy test.
#include "../simd.h"

#include "../isa.h"

void UNSPOOL_NAME(probe_sigmoid)(int64_t n, const float* x, float* y) {
  for (int64_t i = 0; i < n; i += V) store_first(y + i, sigmoid(load_first(x + i, n - i)), n - i);
}

void UNSPOOL_NAME(probe_tanh)(int64_t n, const float* x, float* y) {
  for (int64_t i = 0; i < n; i += V) store_first(y + i, tanh(load_first(x + i, n - i)), n - i);
}
