// Seasonality of a history: whether it is significant, and the seasonal pattern; see smoothing.h. Included only by kernels' .cc
// files (see simd.h).
#ifndef UNSPOOL_SEASONALITY_H_
#define UNSPOOL_SEASONALITY_H_

#include <stdint.h>
#include <string.h>

#include "histories.h"

namespace {

constexpr double SEASONAL = 2.705543454095404;  // a squared standard normal variable exceeds this in one of ten cases

enum Kind { NONE, ADDED, MULTIPLIED };

inline double sum(const double* x, int64_t count) {
  double total = x[0];
  for (int64_t i = 1; i < count; ++i) total += x[i];
  return total;
}

// The centred moving average over a season: its first value belongs to step season / 2. Returns the number of values.
int64_t moving_average(const double* y, int64_t steps, int64_t season, double* sums, double* average) {
  const double m = static_cast<double>(season);
  sums[0] = 0;
  double total = 0;
  for (int64_t t = 0; t < steps; ++t) sums[t + 1] = total = t == 0 ? y[t] - y[0] : total + (y[t] - y[0]);
  const int64_t windows = steps - season + 1;
  if (season % 2) {
    for (int64_t i = 0; i < windows; ++i) average[i] = (sums[i + season] - sums[i]) / m + y[0];
    return windows;
  }
  for (int64_t i = 0; i + 1 < windows; ++i) {
    average[i] = ((sums[i + 1 + season] - sums[i + 1]) + (sums[i + season] - sums[i])) / (2 * m) + y[0];
  }
  return windows - 1;
}

// The mean at each position in the season, after the moving average and then the overall mean are removed. The average is left in
// `average`, and its length is returned; `sums` is scratch memory of steps + 1.
int64_t find_pattern(const double* y, int64_t steps, int64_t season, Kind kind, double* sums, double* average,
                     double* pattern) {
  const int64_t count = moving_average(y, steps, season, sums, average), before = season / 2;
  for (int64_t place = 0; place < season; ++place) {
    double total = 0;
    int64_t found = 0;
    for (int64_t i = (place - before + season) % season; i < count; i += season, ++found) {
      const double value = y[before + i], level = average[i];
      const double rest = kind == MULTIPLIED ? value / level : value - level;
      total = found ? total + rest : rest;
    }
    pattern[place] = total / static_cast<double>(found);
  }
  const double mean = sum(pattern, season) / static_cast<double>(season);
  for (int64_t place = 0; place < season; ++place) {
    pattern[place] = kind == MULTIPLIED ? pattern[place] / mean : pattern[place] - mean;
  }
  return count;
}

// Whether the autocorrelation at lag `season` is significant, given those at shorter lags; computes eight lags at a time.
bool is_seasonal(const double* y, int64_t steps, int64_t season, double* centred) {
  const double mean = sum(y, steps) / static_cast<double>(steps);
  for (int64_t t = 0; t < steps; ++t) centred[t] = y[t] - mean;
  for (int64_t t = 0; t < LANES; ++t) centred[steps + t] = 0;
  double own = 0, shorter = 1;
  for (int64_t t = 0; t < steps; ++t) own += centred[t] * centred[t];
  for (int64_t lag = 1;; lag += LANES) {
    lanes total = {};
    for (int64_t t = 0; t + lag < steps; ++t) {
      lanes later;
      memcpy(&later, centred + t + lag, sizeof later);
      total += centred[t] * later;
    }
    for (int64_t lane = 0; lane < LANES; ++lane) {
      const double correlation = total[lane] / own;
      if (lag + lane == season) return static_cast<double>(steps) * (correlation * correlation) / shorter > SEASONAL;
      shorter += correlation * correlation;
    }
  }
}

void without(const double* y, int64_t steps, const double* pattern, int64_t season, Kind kind, double* rest) {
  for (int64_t t = 0; t < steps; ++t) {
    const double now = pattern[t % season];
    rest[t] = kind == MULTIPLIED ? y[t] / now : y[t] - now;
  }
}

void with(double* found, int64_t horizon, const double* pattern, int64_t season, Kind kind, int64_t steps) {
  for (int64_t ahead = 0; ahead < horizon; ++ahead) {
    const double now = pattern[(steps + ahead) % season];
    found[ahead] = kind == MULTIPLIED ? found[ahead] * now : found[ahead] + now;
  }
}

}  // namespace

#endif  // UNSPOOL_SEASONALITY_H_
