// Features of competing kernels: Hydra (Dempster, Schmidt & Webb, 2023).
//
// Kernels come in groups of 8. At each step the kernel of a group with the greatest response wins, and the kernel with
// the least response too; for each kernel
//
//   0  the sum of its responses where it was the greatest
//   1  how often it was the least
//
// both divided by the number of steps. Kernels with equal responses win together. A response is
// ((w_0 x_0 + w_1 x_1) + ...) + w_8 x_8.
#ifndef UNSPOOL_COMPETING_KERNELS_H_
#define UNSPOOL_COMPETING_KERNELS_H_

#include "series.h"

namespace unspool {

constexpr int64_t COMPETITORS = 8;

struct CompetitionPlan {
  int64_t dilation_count;    // D
  const int64_t* dilations;  // (D), each at least 1
  int64_t groups;            // G
  const float* weights;      // (D, 8, 9, G)
  const uint8_t* channels;   // (D, G, C), 0 or 1; nullptr: kernels see the sum of all channels
};

// features: (N, D, 2, 8, G). False where there is not enough memory, and then features must not be used.
typedef bool (*CompetingKernels)(const SeriesBatch&, const CompetitionPlan&, float* features, const Parallel&);

}  // namespace unspool

#define UNSPOOL_DECLARE_COMPETING_KERNELS(isa)                                                          \
  namespace unspool {                                                                                   \
  bool competing_kernels_##isa(const SeriesBatch&, const CompetitionPlan&, float* features, const Parallel&); \
  }

#endif  // UNSPOOL_COMPETING_KERNELS_H_
