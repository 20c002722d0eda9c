// A residual connection with dropout, for layers in training: adds a sublayer's output (branch) to its input (x).
//
//   y[b, j] = x[b, j] + (kept(b, j) ? scale * branch[b, j] : 0)
//
// All arrays are row-major, dense and the caller's: x, branch, y (rows, width). y may be x; no others may overlap.
// kept(b, j) means mix(mix((first[b] + j) ^ word) + other) >= threshold, all in 32 bits. mix is Chris Wellons' lowbias32,
// and `first` (rows) holds the place of each row's first number. src/unspool/kernels/dropout.py does the same.
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

// x may be null: y is then the second term alone, as the gradient with respect to the branch requires.
typedef void (*AddDropped)(const DroppedPlaces& places, const float* x, const float* branch, float* y,
                           const Parallel& parallel);

}  // namespace unspool

#define UNSPOOL_DECLARE_ADD_DROPPED(isa)                                                              \
  namespace unspool {                                                                                 \
  void add_dropped_##isa(const DroppedPlaces&, const float*, const float*, float*, const Parallel&);  \
  }

#endif  // UNSPOOL_RESIDUAL_H_
