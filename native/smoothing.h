// Forecasts by the theta method and by exponential smoothing, estimated from each history anew.
//
// All numbers are double, finite, all arrays dense, and all are the caller's. The output may not overlap an input; every
// element is written. Every sum is taken in one order and nothing is fused, so that the bits are the same on every
// instruction set, with any number of threads, and whatever histories stand beside. The readable reference, with the same
// bits, is src/unspool/kernels/smoothing_reference.py.
//
// m is the season. The last 1,000 steps of a history are read, or three seasons where these are more. A constant history, or
// one of fewer than 5 steps, continues with its last value; if a forecast is not finite, the last season is repeated.
//
// Exponential smoothing filters a history y with a level l, a slope b and m values of a season; a form without trend has b = 0, one
// without season s = 0. With q = l + phi b and s the season's value at this step,
//
//   e = y - (q + s)      or, where the season is multiplied,  e = y - q s
//   l = q + alpha x,  b = phi b + alpha beta x,  s = s + gamma z      x = z = e, or  x = e / s, z = e / q
//
// with alpha in (0, 1), beta in [0, alpha], gamma in [0, 1 - alpha], phi in [.8, .995]. The first season comes from the first
// seasons, at most five, without their centred moving average (Hyndman et al., 2008, section 2.6); the first level and slope
// come from a line through the first ten values of that average, extended to the step before the first. A form without trend
// begins with the first value if there are fewer than ten steps. The parameters minimise the sum of squared errors. Eight searches
// run side by side, one a lane: each begins at its own alpha, at the best point of a grid of the others, and is a damped
// quasi-Newton method within the bounds, with exact derivatives.
//
// With a season of at most 24 steps and a history of two seasons and five steps, the forms are a damped trend with an added
// season, with a multiplied one if all values are positive, and without a season if the history has four of them (of fewer, AICc
// would rule out any season that has many steps); the best by AICc, and the same without a trend. Otherwise they are a damped trend
// and none, both without a season. A season of more than 24 steps is removed first (the mean of each of its places, without the
// centred moving average) and added again.
//
// The theta method (Assimakopoulos and Nikolopoulos, 2000; Hyndman and Billah, 2003): if the autocorrelation at lag m is
// more than chance (10%), the season is removed as above, by division if all values are positive. The forecast is
//
//   l + slope / 2 (h - 1 + (1 - (1 - alpha)^T) / alpha)   at step h = 1, 2, ... after T
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

// forecasts: (N, horizon). False where there is not enough memory, and then forecasts must not be used.
typedef bool (*Smoothing)(const Histories&, int64_t method, int64_t horizon, double* forecasts, const Parallel&);

}  // namespace unspool

#define UNSPOOL_DECLARE_SMOOTHING(isa)                                                                    \
  namespace unspool {                                                                                     \
  bool smoothing_##isa(const Histories&, int64_t method, int64_t horizon, double* forecasts, const Parallel&); \
  }

#endif  // UNSPOOL_SMOOTHING_H_
