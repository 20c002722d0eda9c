// Responses of the 84 kernels of convolution_features.h, each to its own series; the kernels' biases are quantiles of these.
//
// A plain C interface, one thread. For a kernel with taps a < b < c, and x_j the step j - 4 dilations away, 0 beyond the ends:
//
//   z[t] = 3 ((x_a + x_b) + x_c) - (((x_0 + x_1) + ...) + x_8)
//
// which equals the z of convolution_features.h up to rounding.
#ifndef UNSPOOL_KERNEL_RESPONSES_H_
#define UNSPOOL_KERNEL_RESPONSES_H_

#include <stdint.h>

extern "C" {

// Computes kernels [first .. first + count); kernel first + i sees values[starts[i] .. starts[i] + lengths[i]). Writes z,
// (count, width), with infinity after the end of each series; `width` is at least the largest length. Returns 0, or -1 if
// there is not enough memory.
int64_t unspool_kernel_responses(const float* values, const int64_t* starts, const int64_t* lengths, int64_t first,
                                 int64_t count, int64_t dilation, int64_t width, float* z);

}  // extern "C"

#endif  // UNSPOOL_KERNEL_RESPONSES_H_
