#include "arima.h"

#include <math.h>

#include "histories.h"
#include "isa.h"

// Compiled once per instruction set: no standard library templates, see simd.h.
namespace {

constexpr int MOST_TERMS = 3, MOST_SEASONAL = 2, MOST_DIFFERENCES = 2, ROUNDS = 30, KINDS = 4, MOST_LAGS = 2 * MOST_TERMS;
constexpr double FIRST = 0.1, WIDTH = 0x1p-10, BOUND = 10, ENOUGH = 1e-6;
constexpr double DAMPINGS[LANES] = {0, 0.001, 0.01, 0.1, 1, 10, 100, 1000};

inline double clip(double x, double most) { return x < -most ? -most : x > most ? most : x; }

// How many terms there are: near ones of the regression and of the average, then those of whole seasons.
struct Form {
  int terms[KINDS];

  int count() const { return terms[0] + terms[1] + terms[2] + terms[3]; }
};

// By lag, how much earlier values count in a forecast, or how much earlier errors are taken off.
struct Weights {
  int count;
  int64_t lags[MOST_LAGS];
  lanes weights[MOST_LAGS];
};

// Memory of one history of T steps.
struct Scratch {
  double* levels[MOST_DIFFERENCES + 1];  // (T) what is modelled, and its differences
  double* values;     // (furthest lag + T + horizon): zeros, w, its forecasts
  lanes* errors;      // (furthest lag + T)
};

inline double mean(const double* x, int64_t count) {
  double total = x[0];
  for (int64_t i = 1; i < count; ++i) total += x[i];
  return total / static_cast<double>(count);
}

inline double mean_square(const double* x, int64_t count, double middle) {
  double total = (x[0] - middle) * (x[0] - middle);
  for (int64_t i = 1; i < count; ++i) total += (x[i] - middle) * (x[i] - middle);
  return total / static_cast<double>(count);
}

inline double variance(const double* x, int64_t count) { return mean_square(x, count, mean(x, count)); }

inline void changes(const double* x, int64_t count, int64_t lag, double* found) {
  for (int64_t t = lag; t < count; ++t) found[t - lag] = x[t] - x[t - lag];
}

// Of a polynomial whose roots lie outside of the unit circle, from parameters without bounds.
void coefficients(const lanes* points, int count, lanes* found) {
  for (int one = 0; one < count; ++one) {
    lanes root = 1 + points[one] * points[one], before[MOST_TERMS];
    for (int64_t lane = 0; lane < LANES; ++lane) root[lane] = sqrt(root[lane]);
    const lanes partial = points[one] / root;
    for (int i = 0; i < one; ++i) before[i] = found[i];
    for (int i = 0; i < one; ++i) found[i] = before[i] - partial * before[one - 1 - i];
    found[one] = partial;
  }
}

void multiply(const lanes* near, int near_count, const lanes* far, int far_count, int64_t season, Weights& found) {
  found.count = 0;
  const auto add = [&](int64_t lag, lanes weight) {
    found.lags[found.count] = lag;
    found.weights[found.count++] = weight;
  };
  for (int i = 0; i < near_count; ++i) add(i + 1, near[i]);
  for (int j = 0; j < far_count; ++j) {
    add((j + 1) * season, far[j]);
    for (int i = 0; i < near_count; ++i) add((j + 1) * season + i + 1, -near[i] * far[j]);
  }
}

// The weights of earlier values, and those of earlier errors.
void find_weights(const Form& form, int64_t season, const lanes* points, Weights& regression, Weights& average) {
  lanes parts[KINDS][MOST_TERMS];
  for (int kind = 0; kind < KINDS; points += form.terms[kind++]) coefficients(points, form.terms[kind], parts[kind]);
  multiply(parts[0], form.terms[0], parts[2], form.terms[2], season, regression);
  multiply(parts[1], form.terms[1], parts[3], form.terms[3], season, average);
}

// Writes the errors of the forecasts of each step from those before it, and returns the sum of their squares. `values` and
// `errors` have zeros before the first.
lanes walk(const double* values, int64_t steps, const Form& form, int64_t season, const lanes* points, lanes* errors) {
  Weights regression, average;
  find_weights(form, season, points, regression, average);
  lanes total = {};
  for (int64_t t = 0; t < steps; ++t) {
    lanes error = fill(values[t]);
    for (int i = 0; i < regression.count; ++i) error -= regression.weights[i] * values[t - regression.lags[i]];
    for (int i = 0; i < average.count; ++i) error += average.weights[i] * errors[t - average.lags[i]];
    errors[t] = error;
    total += error * error;
  }
  return total;
}

// Where the damped normal equations lead, for each damping.
void find_steps(int count, const double* gradient, const double (*products)[MOST_TERMS], lanes* found) {
  const flags held[MOST_TERMS] = {};
  lanes gradients[MOST_TERMS], curvature[MOST_TERMS][MOST_TERMS], damping;
  for (int64_t lane = 0; lane < LANES; ++lane) damping[lane] = DAMPINGS[lane];
  for (int row = 0; row < count; ++row) {
    gradients[row] = fill(gradient[row]);
    for (int column = 0; column <= row; ++column) curvature[row][column] = fill(products[row][column]);
  }
  damped_steps(count, gradients, curvature, damping, held, found);
}

// Finds the parameters whose squared errors are least; returns the sum of these.
double fit(const double* values, int64_t steps, const Form& form, int64_t season, double* point, lanes* errors) {
  const int count = form.count();
  lanes points[MOST_TERMS];
  for (int p = 0; p < count; ++p) points[p] = fill(point[p] = FIRST);
  double least = walk(values, steps, form, season, points, errors)[0];
  for (int round = 0; count && round < ROUNDS; ++round) {
    for (int p = 0; p < count; ++p) {
      points[p] = fill(point[p]);
      points[p][1 + 2 * p] += WIDTH, points[p][2 + 2 * p] -= WIDTH;
    }
    walk(values, steps, form, season, points, errors);
    double gradient[MOST_TERMS] = {}, products[MOST_TERMS][MOST_TERMS] = {};
    for (int64_t t = 0; t < steps; ++t) {
      double derived[MOST_TERMS];
      for (int p = 0; p < count; ++p) {
        derived[p] = (errors[t][1 + 2 * p] - errors[t][2 + 2 * p]) * (0.5 / WIDTH);
        gradient[p] += derived[p] * errors[t][0];
        for (int q = 0; q <= p; ++q) products[p][q] += derived[p] * derived[q];
      }
    }
    find_steps(count, gradient, products, points);
    for (int p = 0; p < count; ++p) {
      for (int64_t lane = 0; lane < LANES; ++lane) points[p][lane] = clip(point[p] + clip(points[p][lane], 1), BOUND);
    }
    const lanes found = walk(values, steps, form, season, points, errors);
    int64_t best = 0;
    for (int64_t lane = 1; lane < LANES; ++lane) {
      if (found[lane] < found[best] || found[best] != found[best]) best = lane;
    }
    if (!(found[best] < least)) break;
    const bool ended = !(least - found[best] >= ENOUGH * least);
    for (int p = 0; p < count; ++p) point[p] = points[p][best];
    least = found[best];
    if (ended) break;
  }
  return least;
}

double aicc(double errors, int64_t steps, int terms) {
  const int64_t free = steps - terms - 2;
  if (free <= 0 || !(errors - errors == 0)) return INFINITY;
  const double n = static_cast<double>(steps);
  return n * (errors > 0 ? log(errors / n) : -INFINITY) + 2 * (terms + 1) + 2 * (terms + 1) * (terms + 2) / static_cast<double>(free);
}

// Writes the next steps after `values`, by the form that AICc finds best.
void go_on(double* values, int64_t steps, int64_t season, int64_t horizon, lanes* errors) {
  const int most = steps / 3 < MOST_TERMS ? static_cast<int>(steps / 3) : MOST_TERMS;
  const int seasonal = season == 1 ? 0 : steps >= 3 * season ? MOST_SEASONAL : 1;
  double best = INFINITY, kept_point[MOST_TERMS];
  Form kept = {};
  for (Form form = {}; form.terms[2] <= seasonal; ++form.terms[2]) {
    for (form.terms[3] = 0; form.terms[3] <= seasonal; ++form.terms[3]) {
      for (form.terms[0] = 0; form.terms[0] <= most; ++form.terms[0]) {
        for (form.terms[1] = 0; form.terms[1] <= most && form.count() <= MOST_TERMS; ++form.terms[1]) {
          double point[MOST_TERMS];
          const double score = aicc(fit(values, steps, form, season, point, errors), steps, form.count());
          if (!(score < best)) continue;
          best = score, kept = form;
          for (int p = 0; p < form.count(); ++p) kept_point[p] = point[p];
        }
        form.terms[1] = 0;
      }
      form.terms[0] = 0;
    }
    form.terms[3] = 0;
  }
  lanes points[MOST_TERMS];
  for (int p = 0; p < kept.count(); ++p) points[p] = fill(kept_point[p]);
  Weights regression, average;
  find_weights(kept, season, points, regression, average);
  walk(values, steps, kept, season, points, errors);
  for (int64_t t = steps; t < steps + horizon; ++t) {
    double found = 0;
    for (int i = 0; i < regression.count; ++i) {
      if (t >= regression.lags[i]) found += regression.weights[i][0] * values[t - regression.lags[i]];
    }
    for (int i = 0; i < average.count; ++i) {
      const int64_t before = t - average.lags[i];
      if (before >= 0 && before < steps) found -= average.weights[i][0] * errors[before][0];
    }
    values[t] = found;
  }
}

// Writes a history's differences, by season if `back`, and as many more as are wanted. Returns how many are in the last level.
int64_t difference(const double* y, int64_t steps, int64_t season, bool back, int times, double* const* levels) {
  const int64_t lag = back ? season : 0;
  for (int64_t t = lag; t < steps; ++t) levels[0][t - lag] = back ? y[t] - y[t - lag] : y[t];
  for (int one = 1; one <= times; ++one) changes(levels[one - 1], steps - lag - one + 1, 1, levels[one]);
  return steps - lag - times;
}

void arima(const double* y, int64_t steps, int64_t season, int64_t horizon, const Scratch& scratch, double* found) {
  const bool seasonal = season > 1 && steps >= 2 * season + LEAST_STEPS;
  double least = INFINITY;
  bool back = false;
  int differences = 0;
  for (int by_season = 0; by_season <= seasonal; ++by_season) {
    for (int times = 0; times <= MOST_DIFFERENCES; ++times) {
      const int64_t count = difference(y, steps, season, by_season, times, scratch.levels);
      if (count + (times > 0) < LEAST_STEPS) break;
      const double* last = scratch.levels[times];
      const double size = by_season || times ? mean_square(last, count, 0) : variance(last, count);
      if (size < least) least = size, back = by_season, differences = times;
    }
  }
  const int64_t count = difference(y, steps, season, back, differences, scratch.levels);
  const double* kept = scratch.levels[differences];
  const double middle = back || differences ? 0 : mean(kept, count), scale = sqrt(mean_square(kept, count, middle));
  for (int64_t ahead = 0; ahead < horizon; ++ahead) found[ahead] = 0;
  if (scale > 0 && scale < INFINITY) {
    for (int64_t t = 0; t < count; ++t) scratch.values[t] = (kept[t] - middle) / scale;
    go_on(scratch.values, count, seasonal && season <= LONGEST_SEASON ? season : 1, horizon, scratch.errors);
    for (int64_t ahead = 0; ahead < horizon; ++ahead) found[ahead] = scratch.values[count + ahead];
  }
  for (int64_t ahead = 0; ahead < horizon; ++ahead) found[ahead] = middle + scale * found[ahead];
  for (int one = differences - 1; one >= 0; --one) {
    double last = scratch.levels[one][count + differences - one - 1];
    for (int64_t ahead = 0; ahead < horizon; ++ahead) found[ahead] = last = last + found[ahead];
  }
  if (!back) return;
  for (int64_t ahead = 0; ahead < horizon; ++ahead) {
    found[ahead] += ahead < season ? y[steps - season + ahead] : found[ahead - season];
  }
}

struct ByArima {
  int64_t season, horizon;

  static constexpr int64_t FURTHEST = MOST_SEASONAL * LONGEST_SEASON + MOST_TERMS;

  int64_t memory(int64_t steps) const { return LANES * (FURTHEST + steps + 1) + 3 * steps + FURTHEST + steps + horizon; }

  void forecast(const double* y, int64_t steps, double* next, double* found) const {
    Scratch scratch;
    lanes* errors = reinterpret_cast<lanes*>(next);
    next += LANES * (FURTHEST + steps);
    for (double*& level : scratch.levels) level = next, next += steps;
    for (int64_t t = 0; t < FURTHEST; ++t) errors[t] = lanes{}, next[t] = 0;
    scratch.errors = errors + FURTHEST, scratch.values = next + FURTHEST;
    arima(y, steps, season, horizon, scratch, found);
  }
};

}  // namespace

namespace unspool {

bool UNSPOOL_NAME(arima)(const Histories& histories, int64_t horizon, double* forecasts, const Parallel& parallel) {
  return forecast_each(histories, ByArima{histories.season, horizon}, horizon, forecasts, parallel);
}

}  // namespace unspool
