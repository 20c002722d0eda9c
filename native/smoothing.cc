#include "smoothing.h"

#include <math.h>

#include "histories.h"
#include "isa.h"
#include "seasonality.h"
#include "smoothing_search.h"

// Compiled once per instruction set: no standard library templates, see simd.h.
namespace {

constexpr int64_t LINE = 10, CYCLES = 5, SURE_SEASONS = 4;

// The least squares line through values at steps 0, 1, ...: its value at 0, and its slope.
void line(const double* x, int64_t count, double* start, double* slope) {
  const double middle = static_cast<double>(count - 1) / 2, mean = sum(x, count) / static_cast<double>(count);
  double both = 0, own = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double at = static_cast<double>(i) - middle;
    both += at * (x[i] - mean);
    own += at * at;
  }
  *slope = both / own;
  *start = mean - *slope * static_cast<double>(count - 1) / 2;
}

inline double least(const double* x, int64_t count) {
  double found = x[0];
  for (int64_t i = 1; i < count; ++i) found = x[i] < found ? x[i] : found;
  return found;
}

// A form with its first states; `pattern` is written.
Form first_form(const double* y, int64_t steps, Kind kind, bool trend, int64_t season, Scratch& scratch, double* pattern) {
  const double* level = y;
  int64_t count = steps, shift = 0;
  pattern[0] = 0;
  if (kind != NONE) {
    int64_t cycles = steps / season < CYCLES ? steps / season : CYCLES;
    const int64_t needed = (LINE + 2 * (season / 2) + season - 1) / season;
    if (cycles < needed) cycles = needed;
    count = find_pattern(y, cycles * season < steps ? cycles * season : steps, season, kind, scratch.sums, scratch.average, pattern);
    level = scratch.average, shift = season / 2;
  }
  double start, slope;
  line(level, count < LINE ? count : LINE, &start, &slope);
  if (!trend && steps < LINE) return {kind, trend, y[0], 0, pattern, 1};
  return {kind, trend, start - slope * static_cast<double>(1 + shift), trend ? slope : 0, pattern, kind == NONE ? 1 : season};
}

double aicc(double errors, int64_t steps, int64_t parameters) {
  const int64_t free = steps - parameters - 3;
  if (free <= 0 || !(errors - errors == 0)) return INFINITY;
  const double n = static_cast<double>(steps), k = static_cast<double>(parameters);
  return n * (errors > 0 ? log(errors / n) : -INFINITY) + 2 * k + 2 * (k + 2) * (k + 3) / static_cast<double>(free);
}

void go_on(const Walk& said, const Scratch& scratch, int64_t lane, const Form& form, int64_t steps, int64_t horizon, double* found) {
  double power = 1, damped = 0;
  for (int64_t ahead = 0; ahead < horizon; ++ahead) {
    power *= said.damping[lane];
    damped += power;
    const double value = said.level[lane] + damped * said.slope[lane];
    const double season = scratch.season[(steps + ahead) % form.season][lane];
    found[ahead] = form.kind == MULTIPLIED ? value * season : value + season;
  }
}

// NaN where no form can be scored.
void smoothed(const double* y, int64_t steps, int64_t season, int64_t horizon, Scratch& scratch, double* found) {
  for (int64_t ahead = 0; ahead < horizon; ++ahead) found[ahead] = NAN;
  const int64_t needed = 10 + 2 * (season / 2);
  const bool seasonal = season > 1 && steps >= 2 * season + 5 && steps >= needed;
  Kind kept = seasonal ? ADDED : NONE;
  double best = INFINITY;
  const auto consider = [&](Kind kind, bool trend) {
    lanes points[MOST_FREE];
    Walk said;
    const Form form = first_form(y, steps, kind, trend, season, scratch, scratch.first_pattern);
    const int64_t lane = fit(y, steps, form, points, said, scratch);
    const double score = aicc(said.errors[lane], steps, (kind == NONE ? 0 : season) + (trend ? 5 : 2));
    if (!(score < best)) return;
    best = score, kept = kind;
    go_on(said, scratch, lane, form, steps, horizon, found);
  };
  consider(kept, true);
  if (seasonal && least(y, steps) > 0) consider(MULTIPLIED, true);
  if (seasonal && steps >= SURE_SEASONS * season) consider(NONE, true);
  consider(kept, false);
}

void exponential_smoothing(const double* y, int64_t steps, int64_t season, int64_t horizon, Scratch& scratch, double* found) {
  if (season <= LONGEST_SEASON || steps < 2 * season) {
    return smoothed(y, steps, season <= LONGEST_SEASON ? season : 1, horizon, scratch, found);
  }
  find_pattern(y, steps, season, ADDED, scratch.sums, scratch.average, scratch.pattern);
  without(y, steps, scratch.pattern, season, ADDED, scratch.rest);
  const int64_t last = steps < MOST_STEPS ? steps : MOST_STEPS;
  smoothed(scratch.rest + steps - last, last, 1, horizon, scratch, found);
  with(found, horizon, scratch.pattern, season, ADDED, steps);
}

void theta(const double* y, int64_t steps, int64_t season, int64_t horizon, Scratch& scratch, double* found) {
  Kind kind = NONE;
  double* pattern = scratch.pattern;
  pattern[0] = 0;
  if (season > 1 && steps >= 2 * season && is_seasonal(y, steps, season, scratch.centred)) {
    kind = least(y, steps) > 0 ? MULTIPLIED : ADDED;
    find_pattern(y, steps, season, kind, scratch.sums, scratch.average, pattern);
    if (kind == MULTIPLIED && !(least(pattern, season) > 0)) {
      kind = ADDED;
      find_pattern(y, steps, season, kind, scratch.sums, scratch.average, pattern);
    }
  }
  if (kind == NONE) season = 1;
  without(y, steps, pattern, season, kind, scratch.rest);
  double start, slope;
  line(scratch.rest, steps, &start, &slope);
  scratch.first_pattern[0] = 0;
  lanes points[MOST_FREE];
  Walk said;
  const Form form = {NONE, false, scratch.rest[0], 0, scratch.first_pattern, 1};
  const int64_t lane = fit(scratch.rest, steps, form, points, said, scratch);
  const double alpha = LEVEL + points[0][lane] * LEVEL_SPAN;
  double left = 1 - alpha;
  for (int64_t t = 1; t < steps; ++t) left *= 1 - alpha;
  for (int64_t ahead = 0; ahead < horizon; ++ahead) {
    found[ahead] = said.level[lane] + 0.5 * slope * (static_cast<double>(ahead) + (1 - left) / alpha);
  }
  with(found, horizon, pattern, season, kind, steps);
}

struct BySmoothing {
  int64_t method, season, horizon;

  static constexpr int64_t FIXED = sizeof(Scratch) / sizeof(double);

  int64_t places() const { return season > LONGEST_SEASON ? season : LONGEST_SEASON; }
  int64_t memory(int64_t steps) const { return FIXED + 4 * steps + LANES + 1 + 2 * places(); }

  void forecast(const double* y, int64_t steps, double* next, double* found) const {
    Scratch& scratch = *reinterpret_cast<Scratch*>(next);
    next += FIXED;
    scratch.centred = next, next += steps + LANES;
    scratch.rest = next, next += steps;
    scratch.average = next, next += steps;
    scratch.sums = next, next += steps + 1;
    scratch.pattern = next, next += places();
    scratch.first_pattern = next;
    if (method == unspool::THETA) theta(y, steps, season, horizon, scratch, found);
    else exponential_smoothing(y, steps, season, horizon, scratch, found);
  }
};

}  // namespace

namespace unspool {

bool UNSPOOL_NAME(smoothing)(const Histories& histories, int64_t method, int64_t horizon, double* forecasts,
                             const Parallel& parallel) {
  return forecast_each(histories, BySmoothing{method, histories.season, horizon}, horizon, forecasts, parallel);
}

}  // namespace unspool
