// Forecasts by seasonal ARIMA models, estimated from each history anew.
//
// Arrays, bits, the season m, the steps that are read, and short or constant histories are as in smoothing.h. The readable
// reference, with the same bits, is src/unspool/kernels/arima_reference.py.
//
// A season counts if the history has two of them and five steps more. The history is differenced by season or not, and at most
// twice from step to step, whichever gives the least mean square (of the history itself: the variance). What is left then, less
// its mean if nothing was differenced, in units of its root mean square, is w:
//
//   w[t] = sum phi[l] w[t - l] + e[t] - sum theta[l] e[t - l]
//
// with phi the product of a polynomial of p near lags and one of P lags of whole seasons, theta that of q and Q. What is before
// the first step counts as 0. Every polynomial's roots lie outside of the unit circle: its partial autocorrelations are
// x / sqrt(1 + x^2), with parameters x in [-10, 10] (Monahan, 1984).
//
// The forms have p + q + P + Q <= 3 terms, P and Q at most 2 (1 if w has fewer than three seasons; 0 without a season that counts
// or with one of more than 24 steps), and p and q at most a third of the steps of w. The parameters minimise the sum of the squares
// of e, from 0.1 each, by at most 30 steps of Levenberg and Marquardt's method; a step is the best of eight, one for each damping,
// a lane each. AICc chooses the form.
#ifndef UNSPOOL_ARIMA_H_
#define UNSPOOL_ARIMA_H_

#include "smoothing.h"

namespace unspool {

// forecasts: (N, horizon). False where there is not enough memory, and then forecasts must not be used.
typedef bool (*Arima)(const Histories&, int64_t horizon, double* forecasts, const Parallel&);

}  // namespace unspool

#define UNSPOOL_DECLARE_ARIMA(isa)                                                            \
  namespace unspool {                                                                         \
  bool arima_##isa(const Histories&, int64_t horizon, double* forecasts, const Parallel&);    \
  }

#endif  // UNSPOOL_ARIMA_H_
