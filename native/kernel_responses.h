// Responses of the 84 kernels of convolution_features.h, each to a series of its own, to take biases from their quantiles.
//
// A plain C interface, one thread. For a kernel with taps a < b < c, and x_j the step j - 4 dilations away, 0 beyond the ends:
//
//   z[t] = 3 ((x_a + x_b) + x_c) - (((x_0 + x_1) + ...) + x_8)
//
// which differs from the z of convolution_features.h by rounding.
#ifndef UNSPOOL_KERNEL_RESPONSES_H_
#define UNSPOOL_KERNEL_RESPONSES_H_

#include <stdint.h>

extern "C" {

// Kernels first .. first + count, of which number i sees values[starts[i] .. starts[i] + lengths[i]). Writes z, (count, width),
// with infinity after each series' end; `width` is at least every length. Returns -1 where there is not enough memory, else 0.
int64_t unspool_kernel_responses(const float* values, const int64_t* starts, const int64_t* lengths, int64_t first,
                                 int64_t count, int64_t dilation, int64_t width, float* z);

}  // extern "C"

#endif  // UNSPOOL_KERNEL_RESPONSES_H_
