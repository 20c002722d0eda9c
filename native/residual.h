// A residual connection with dropout, for layers: what a part of a network adds to its input, in training.
//
//   y[b, j] = x[b, j] + (kept(b, j) ? scale * branch[b, j] : 0)
//
// All arrays are row-major, dense and the caller's: x, branch, y (rows, width). y may be x, and no other may overlap.
// Place j of a row is kept if mix(mix((first[b] + j) ^ word) + other) >= threshold, all in 32 bits, where mix is Chris
// Wellons' lowbias32 and `first` (rows) the place of each row's first number: src/unspool/kernels/dropout.py has the same.
#ifndef UNSPOOL_RESIDUAL_H_
#define UNSPOOL_RESIDUAL_H_

#include <stdint.h>

#include "parallel.h"

namespace unspool {

struct DroppedPlaces {
  int64_t rows, width;
  const uint32_t* first;
  uint32_t word, other, threshold;
  float scale;
};

// x may be null: then y is the second term alone, which the gradient with respect to the branch needs.
typedef void (*AddDropped)(const DroppedPlaces& places, const float* x, const float* branch, float* y,
                           const Parallel& parallel);

}  // namespace unspool

#define UNSPOOL_DECLARE_ADD_DROPPED(isa)                                                              \
  namespace unspool {                                                                                 \
  void add_dropped_##isa(const DroppedPlaces&, const float*, const float*, float*, const Parallel&);  \
  }

#endif  // UNSPOOL_RESIDUAL_H_
