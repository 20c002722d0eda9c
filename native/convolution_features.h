// Features of dilated convolutions: MiniRocket (Dempster et al., 2021) and the pooling of MultiRocket (Tan et al., 2022).
//
// There are 84 kernels: those with weight 2 on three of nine taps and -1 on the others, in lexical order of the three.
// For series x, kernel k and dilation d, with x_j the step j - 4 dilations away and a < b < c the kernel's three taps:
//
//   z[t] = ((3 x_a - s) + 3 x_b) + 3 x_c,  s = ((x_0 + x_1) + ...) + x_8
//
// Kernels of which k + the dilation's index is even are pooled over all T steps; the others over the T - 8 d steps that
// see no padding, or over all where 8 d >= T. From z and a bias b, with P the pooled steps of which z > b, the pools are
//
//   0  share of the steps that are in P
//   1  mean of z - b over P, 0 where P is empty
//   2  mean of t over P, divided by T; 0 where P is empty
//   3  longest stretch of steps in P, divided by the number of steps
#ifndef UNSPOOL_CONVOLUTION_FEATURES_H_
#define UNSPOOL_CONVOLUTION_FEATURES_H_

#include "series.h"

namespace unspool {

constexpr int64_t ROCKET_KERNELS = 84;
constexpr int64_t MOST_POOLS = 4;

struct ConvolutionPlan {
  int64_t dilation_count;    // D
  const int64_t* dilations;  // (D), each at least 1
  const int64_t* bias_counts;  // (D), biases of each kernel at that dilation
  const float* biases;       // (B, 84), B the sum of bias_counts; the rows of the first dilation first
  const uint8_t* channels;   // (D, 84, C), 0 or 1; nullptr: kernels see the sum of all channels
  int64_t pools;             // 1 or 4
};

// features: (N, pools, B, 84). False where there is not enough memory, and then features must not be used.
typedef bool (*ConvolutionFeatures)(const SeriesBatch&, const ConvolutionPlan&, float* features, const Parallel&);

}  // namespace unspool

#define UNSPOOL_DECLARE_CONVOLUTION_FEATURES(isa)                                                          \
  namespace unspool {                                                                                      \
  bool convolution_features_##isa(const SeriesBatch&, const ConvolutionPlan&, float* features, const Parallel&); \
  }

#endif  // UNSPOOL_CONVOLUTION_FEATURES_H_
