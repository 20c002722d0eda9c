// Responses of the 84 kernels of convolution_features.h, each to its own series, by their rank: from them come the quantiles
// that are the kernels' biases.
//
// A plain C interface, one thread. For a kernel with taps a < b < c, and x_j the step j - 4 dilations away, 0 beyond the ends:
//
//   z[t] = 3 ((x_a + x_b) + x_c) - (((x_0 + x_1) + ...) + x_8)
//
// which equals the z of convolution_features.h up to rounding. It is infinity where it has no value, as inf - inf.
#ifndef UNSPOOL_RANKED_RESPONSES_H_
#define UNSPOOL_RANKED_RESPONSES_H_

#include <stdint.h>

extern "C" {

// Of kernels [first .. first + count), kernel first + i sees values[starts[i] .. starts[i] + lengths[i]), which are finite.
// Writes found, (count, rank_count): sorted z[ranks[i, j]], for ranks, (count, rank_count), of 0 to lengths[i] - 1. Returns 0,
// or -1 if there is not enough memory.
int64_t unspool_ranked_responses(const float* values, const int64_t* starts, const int64_t* lengths, int64_t first,
                                 int64_t count, int64_t dilation, const int64_t* ranks, int64_t rank_count, float* found);

}  // extern "C"

#endif  // UNSPOOL_RANKED_RESPONSES_H_
