// The search for the parameters of exponential smoothing, eight sets of them side by side; see smoothing.h. Included only by
// smoothing.cc.
#ifndef UNSPOOL_SMOOTHING_SEARCH_H_
#define UNSPOOL_SMOOTHING_SEARCH_H_

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "histories.h"
#include "seasonality.h"

namespace {

constexpr int ROUNDS = 60, MOST_FREE = 4;
constexpr double LEVEL = 0x1p-26, LEVEL_SPAN = (1 - 0x1p-26) - 0x1p-26;
constexpr double DAMPING = 0.8, DAMPING_SPAN = 0.995 - 0.8;
constexpr double FIRST_LEVELS[LANES] = {0.02, 0.08, 0.18, 0.3, 0.45, 0.62, 0.8, 0.97};
constexpr double FIRST_TRENDS[] = {0.03, 0.2, 0.6, 0.97}, FIRST_SEASONS[] = {0.05, 0.3, 0.8}, FIRST_DAMPINGS[] = {0.5, 0.95};

inline lanes absolute(lanes x) { return x < 0 ? -x : x; }
inline bool any(flags x) {
  int64_t all = 0;
  for (int64_t i = 0; i < LANES; ++i) all |= x[i];
  return all != 0;
}

// A model whose parameters are not known yet: `pattern` has `season` values.
struct Form {
  Kind kind;
  bool trend;
  double level, slope;
  const double* pattern;
  int64_t season;

  int free() const { return 1 + (trend ? 2 : 0) + (kind == NONE ? 0 : 1); }
};

// Results of eight sets of parameters on a history: see the reference's _Walk.
struct Walk {
  lanes errors, gradient[MOST_FREE], products[MOST_FREE][MOST_FREE], level, slope, damping;
};

// Memory of one history. `season` and `d_season` are those of the last walk.
struct Scratch {
  lanes season[LONGEST_SEASON], d_season[LONGEST_SEASON][MOST_FREE];
  double *centred, *rest, *average, *sums, *pattern, *first_pattern;
};

template <Kind KIND, bool TREND, bool DERIVED>
void walk(const double* y, int64_t steps, const Form& form, const lanes* points, Walk& out, Scratch& scratch) {
  constexpr int AT_TREND = 1, AT_SEASON = TREND ? 2 : 1, AT_DAMPING = AT_SEASON + (KIND != NONE);
  constexpr int FREE = 1 + (TREND ? 2 : 0) + (KIND != NONE);
  const lanes alpha = LEVEL + points[0] * LEVEL_SPAN;
  const lanes trend = TREND ? points[AT_TREND] : lanes{}, share = KIND != NONE ? points[AT_SEASON] : lanes{};
  const lanes kappa = trend * alpha * alpha, gamma = share * (1 - alpha);
  const lanes phi = TREND ? DAMPING + points[AT_DAMPING] * DAMPING_SPAN : lanes{};
  const lanes kappa_by_alpha = 2 * trend * alpha * LEVEL_SPAN, kappa_by_trend = alpha * alpha;
  const lanes gamma_by_alpha = -share * LEVEL_SPAN, gamma_by_share = 1 - alpha;
  const int64_t season = form.season;
  for (int64_t place = 0; place < season; ++place) scratch.season[place] = fill(form.pattern[place]);
  if (DERIVED) memset(scratch.d_season, 0, sizeof scratch.d_season);
  lanes level = fill(form.level), slope = fill(form.slope), errors = {};
  lanes d_level[FREE] = {}, d_slope[FREE] = {}, gradient[FREE] = {}, products[FREE][FREE] = {};
  for (int64_t t = 0, place = 0; t < steps; ++t, place = place + 1 == season ? 0 : place + 1) {
    const lanes now = KIND == NONE ? lanes{} : scratch.season[place];
    const lanes damped = TREND ? phi * slope : lanes{};
    const lanes whole = TREND ? level + damped : level;
    const lanes error = y[t] - (KIND == MULTIPLIED ? whole * now : whole + now);
    errors += error * error;
    const lanes x = KIND == MULTIPLIED ? error / now : error, z = KIND == MULTIPLIED ? error / whole : error;
    if (DERIVED) {
      lanes d_error[FREE];
#pragma GCC unroll 4
      for (int p = 0; p < FREE; ++p) {
        const lanes d_now = KIND == NONE ? lanes{} : scratch.d_season[place][p];
        lanes d_damped = phi * d_slope[p];
        if (TREND && p == AT_DAMPING) d_damped += DAMPING_SPAN * slope;
        const lanes d_whole = TREND ? d_level[p] + d_damped : d_level[p];
        d_error[p] = KIND == MULTIPLIED ? -(d_whole * now + whole * d_now) : -(d_whole + d_now);
        gradient[p] += d_error[p] * error;
        const lanes d_x = KIND == MULTIPLIED ? (d_error[p] - x * d_now) / now : d_error[p];
        d_level[p] = d_whole + alpha * d_x;
        if (p == 0) d_level[p] += LEVEL_SPAN * x;
        if (TREND) {
          d_slope[p] = d_damped + kappa * d_x;
          if (p == 0) d_slope[p] += kappa_by_alpha * x;
          if (p == AT_TREND) d_slope[p] += kappa_by_trend * x;
        }
        if (KIND != NONE) {
          const lanes d_z = KIND == MULTIPLIED ? (d_error[p] - z * d_whole) / whole : d_error[p];
          lanes d_next = d_now + gamma * d_z;
          if (p == 0) d_next += gamma_by_alpha * z;
          if (p == AT_SEASON) d_next += gamma_by_share * z;
          scratch.d_season[place][p] = d_next;
        }
      }
#pragma GCC unroll 4
      for (int p = 0; p < FREE; ++p) {
#pragma GCC unroll 4
        for (int q = 0; q <= p; ++q) products[p][q] += d_error[p] * d_error[q];
      }
    }
    level = whole + alpha * x;
    if (TREND) slope = damped + kappa * x;
    if (KIND != NONE) scratch.season[place] = now + gamma * z;
  }
  out.errors = errors, out.level = level, out.slope = slope, out.damping = phi;
  for (int p = 0; p < FREE; ++p) {
    out.gradient[p] = gradient[p];
    for (int q = 0; q <= p; ++q) out.products[p][q] = out.products[q][p] = products[p][q];
  }
}

void walk(const double* y, int64_t steps, const Form& form, const lanes* points, bool derived, Walk& out, Scratch& scratch) {
#define CASE(season, trended)                                                                         \
  if (form.kind == season && form.trend == trended){                                                  \
    return derived ? walk<season, trended, true>(y, steps, form, points, out, scratch)               \
                   : walk<season, trended, false>(y, steps, form, points, out, scratch);             \
  }
  CASE(NONE, false) CASE(NONE, true) CASE(ADDED, false) CASE(ADDED, true) CASE(MULTIPLIED, false) CASE(MULTIPLIED, true)
#undef CASE
}

// For each initial alpha, the best of a grid of the other parameters.
void first_points(const double* y, int64_t steps, const Form& form, lanes* points, Scratch& scratch) {
  lanes tried[MOST_FREE], best = fill(INFINITY);
  memcpy(&tried[0], FIRST_LEVELS, sizeof tried[0]);
  Walk said;
  bool first = true;
  for (double trend : FIRST_TRENDS) {
    for (double share : FIRST_SEASONS) {
      for (double damping : FIRST_DAMPINGS) {
        int count = 1;
        if (form.trend) tried[count++] = fill(trend);
        if (form.kind != NONE) tried[count++] = fill(share);
        if (form.trend) tried[count++] = fill(damping);
        walk(y, steps, form, tried, false, said, scratch);
        const flags better = said.errors < best;
        for (int p = 0; p < count; ++p) points[p] = first ? tried[p] : (better ? tried[p] : points[p]);
        best = better ? said.errors : best;
        first = false;
        if (!form.trend) break;
      }
      if (form.kind == NONE) break;
    }
    if (!form.trend) break;
  }
}

// The step that solves the damped normal equations; a parameter at a bound stays there if it would cross it.
void step(int count, const lanes* points, const lanes* gradient, const lanes (*curvature)[MOST_FREE], lanes damping, lanes* found) {
  flags held[MOST_FREE];
  for (int p = 0; p < count; ++p) held[p] = ((points[p] <= 0) & (gradient[p] > 0)) | ((points[p] >= 1) & (gradient[p] < 0));
  damped_steps(count, gradient, curvature, damping, held, found);
}

// The BFGS update of the curvature, after steps `moved` that changed the gradient by `turned`.
void update(int count, lanes (*curvature)[MOST_FREE], const lanes* moved, const lanes* turned, flags better) {
  lanes bent[MOST_FREE] = {}, along = {}, before = {};
  for (int row = 0; row < count; ++row) {
    for (int column = 0; column < count; ++column) bent[row] = bent[row] + curvature[row][column] * moved[column];
  }
  for (int row = 0; row < count; ++row) {
    along = along + moved[row] * turned[row];
    before = before + moved[row] * bent[row];
  }
  const flags used = better & (along > 1e-8 * before) & (before > 0);
  for (int row = 0; row < count; ++row) {
    for (int column = 0; column < count; ++column) {
      const lanes change = turned[row] * turned[column] / along - bent[row] * bent[column] / before;
      curvature[row][column] = used ? curvature[row][column] + change : curvature[row][column];
    }
  }
}

// Finds the best parameters, in units of their bounds. Returns the best lane; `said` and the scratch memory's season hold the
// results of these parameters.
int64_t fit(const double* y, int64_t steps, const Form& form, lanes* points, Walk& said, Scratch& scratch) {
  const int count = form.free();
  first_points(y, steps, form, points, scratch);
  walk(y, steps, form, points, true, said, scratch);
  lanes curvature[MOST_FREE][MOST_FREE], damping = fill(1e-3);
  memcpy(curvature, said.products, sizeof curvature);
  flags going = finite(said.errors);
  for (int round = 0; round < ROUNDS && any(going); ++round) {
    lanes tried[MOST_FREE], moved[MOST_FREE], turned[MOST_FREE], most = {};
    const lanes zero = {}, one = fill(1);
    step(count, points, said.gradient, curvature, damping, tried);
    for (int p = 0; p < count; ++p) {
      tried[p] = points[p] + tried[p];
      tried[p] = tried[p] < 0 ? zero : tried[p] > 1 ? one : tried[p];
      moved[p] = tried[p] - points[p];
      const lanes size = absolute(moved[p]);
      most = size > most ? size : most;
    }
    Walk ahead;
    walk(y, steps, form, tried, true, ahead, scratch);
    const flags better = going & (ahead.errors < said.errors);
    const flags ended = most < (better ? fill(1e-10) : fill(1e-7));  // smaller steps do not change the sum of squares
    for (int p = 0; p < count; ++p) turned[p] = ahead.gradient[p] - said.gradient[p];
    update(count, curvature, moved, turned, better);
    for (int p = 0; p < count; ++p) {
      points[p] = better ? tried[p] : points[p];
      said.gradient[p] = better ? ahead.gradient[p] : said.gradient[p];
    }
    said.errors = better ? ahead.errors : said.errors;
    const lanes less = damping * 0.1, more = damping * 10;
    damping = better ? (less > 1e-12 ? less : fill(1e-12)) : (more > 1e-4 ? more : fill(1e-4));
    going &= ~ended;
  }
  walk(y, steps, form, points, false, said, scratch);
  int64_t best = 0;
  for (int64_t lane = 1; lane < LANES; ++lane) {
    if (said.errors[lane] < said.errors[best] || said.errors[best] != said.errors[best]) best = lane;
  }
  return best;
}

}  // namespace

#endif  // UNSPOOL_SMOOTHING_SEARCH_H_
