// Forecasts by the theta method and by exponential smoothing, estimated from each history anew.
//
// All numbers are double, finite, all arrays dense, and all are the caller's. The output may not overlap an input; every
// element is written. Every sum is taken in one order and nothing is fused, so that the bits are the same on every
// instruction set, with any number of threads, and whatever histories stand beside. The readable reference, with the same
// bits, is src/unspool/kernels/smoothing_reference.py.
//
// Of a history, the last 1,000 steps are read, or three seasons where these are more. One that is constant or shorter than
// 5 steps is gone on from with its last value, and one of which something is no finite number with its last season. m is the season.
//
// Exponential smoothing goes through a history y with a level l, a slope b and a season s of m values, all 0 where the form
// lacks them (but for s = 1 where it is multiplied). With the whole q = l + phi b and the season's value s of this step,
//
//   e = y - (q + s)      or, where the season is multiplied,  e = y - q s
//   l = q + alpha x,  b = phi b + alpha beta x,  s = s + gamma z      x = z = e, or  x = e / s, z = e / q
//
// with alpha in (0, 1), beta in [0, alpha], gamma in [0, 1 - alpha], phi in [.8, .995]. The first season comes from at most
// five seasons less their centred moving average (Hyndman et al., 2008, section 2.6), the first level and slope from a line
// through the first ten values of that average, carried back to the step before the first; without a
// trend, a history of fewer than ten steps begins with its first value. The parameters have the least sum of
// squared errors: eight searches at once, one for each lane, begin at eight values of alpha, each at the best point of a grid
// of the others, and go on by a damped quasi-Newton method within bounds, with exact derivatives.
//
//   forms: a damped trend with no season, with one that is added and, of positive values, with one that is multiplied; the
//   best by AICc; then that season without a trend. There must be two seasons and 5 steps for a season. One of more than 24 steps
//   is first taken off by the means of its places, less the centred moving average, and added again.
//
// The theta method (Assimakopoulos and Nikolopoulos, 2000; Hyndman and Billah, 2003): where the autocorrelation at lag m is
// more than chance (10%), the season is taken off as above, multiplied where all values are positive; then
//
//   l + slope / 2 (h - 1 + (1 - (1 - alpha)^T) / alpha)   for step h = 1, 2, ... after T
//
// with the slope of the least squares line, and l and alpha of exponential smoothing that begins with the first value.
#ifndef UNSPOOL_SMOOTHING_H_
#define UNSPOOL_SMOOTHING_H_

#include <stdint.h>

#include "parallel.h"

namespace unspool {

enum SmoothingMethod : int64_t { THETA = 0, EXPONENTIAL_SMOOTHING = 1 };

struct Histories {
  const double* values;    // (M), all histories end to end
  const int64_t* offsets;  // (N + 1), from 0 to M, rising: no history is empty
  int64_t count;           // N
  int64_t season;          // m, at least 1; 1 where there is none
};

// forecasts: (N, horizon). False where memory is short, and then forecasts must not be used.
typedef bool (*Smoothing)(const Histories&, int64_t method, int64_t horizon, double* forecasts, const Parallel&);

}  // namespace unspool

#define UNSPOOL_DECLARE_SMOOTHING(isa)                                                                    \
  namespace unspool {                                                                                     \
  bool smoothing_##isa(const Histories&, int64_t method, int64_t horizon, double* forecasts, const Parallel&); \
  }

#endif  // UNSPOOL_SMOOTHING_H_
