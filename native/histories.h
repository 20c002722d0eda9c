// What the methods that forecast histories share, see smoothing.h. Included only by kernels' .cc files (see simd.h).
#ifndef UNSPOOL_HISTORIES_H_
#define UNSPOOL_HISTORIES_H_

#include "smoothing.h"

namespace {

using unspool::Histories;
using unspool::Parallel;

constexpr int64_t LANES = 8;  // sets of parameters side by side, whatever the instruction set
typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));
typedef int64_t flags __attribute__((vector_size(LANES * sizeof(int64_t))));  // 0 or -1

constexpr int64_t MOST_STEPS = 1000, LEAST_STEPS = 5, LONGEST_SEASON = 24;

inline lanes fill(double x) { return lanes{x, x, x, x, x, x, x, x}; }
inline flags finite(lanes x) { return (x - x) == 0; }

// Solves the damped normal equations for the steps of `count` parameters; those that are held do not move.
template <int MOST>
void damped_steps(int count, const lanes* gradient, const lanes (*products)[MOST], lanes damping, const flags* held, lanes* found) {
  lanes lower[MOST][MOST], pivots[MOST];
  const lanes zero = {}, one = fill(1);
  for (int row = 0; row < count; ++row) {
    found[row] = held[row] ? zero : -gradient[row];
    for (int column = 0; column < row; ++column) {
      lanes rest = (held[row] | held[column]) ? zero : products[row][column];
      for (int k = 0; k < column; ++k) rest = rest - lower[row][k] * lower[column][k] * pivots[k];
      lower[row][column] = rest / pivots[column];
    }
    const lanes own = products[row][row] * (1 + damping);
    lanes rest = (held[row] | ~(own > 0)) ? one : own;
    for (int k = 0; k < row; ++k) rest = rest - lower[row][k] * lower[row][k] * pivots[k];
    pivots[row] = rest > 0 ? rest : one;
  }
  for (int row = 0; row < count; ++row) {
    for (int k = 0; k < row; ++k) found[row] = found[row] - lower[row][k] * found[k];
  }
  for (int row = count - 1; row >= 0; --row) {
    found[row] = found[row] / pivots[row];
    for (int k = row + 1; k < count; ++k) found[row] = found[row] - lower[k][row] * found[k];
  }
  for (int row = 0; row < count; ++row) found[row] = finite(found[row]) ? found[row] : zero;
}

// A Method has `int64_t memory(int64_t steps) const`, the doubles that it needs for a history, and
// `void forecast(const double* y, int64_t steps, double* memory, double* found) const`, whose memory is aligned to 64 bytes.
template <typename Method>
struct EachHistory {
  const Histories& histories;
  const Method& method;
  int64_t horizon;
  double* forecasts;
  bool failed;

  void one(int64_t n) {
    const int64_t season = histories.season, most = 3 * season > MOST_STEPS ? 3 * season : MOST_STEPS;
    const double* y = histories.values + histories.offsets[n];
    int64_t steps = histories.offsets[n + 1] - histories.offsets[n];
    if (steps > most) y += steps - most, steps = most;
    double* found = forecasts + n * horizon;
    bool constant = true;
    for (int64_t t = 1; t < steps; ++t) constant = constant && y[t] == y[0];
    if (constant || steps < LEAST_STEPS) return go_back(y, steps, 1, found);
    float* memory = unspool::scratch_take(static_cast<size_t>(2 * method.memory(steps)));
    if (!memory) {
      __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
      return;
    }
    method.forecast(y, steps, reinterpret_cast<double*>(memory), found);
    unspool::scratch_give(memory);
    for (int64_t ahead = 0; ahead < horizon; ++ahead) {
      if (!(found[ahead] - found[ahead] == 0)) return go_back(y, steps, steps >= season ? season : 1, found);
    }
  }

  // The last `back` steps again and again.
  void go_back(const double* y, int64_t steps, int64_t back, double* found) const {
    for (int64_t ahead = 0; ahead < horizon; ++ahead) found[ahead] = y[steps - back + ahead % back];
  }
};

// False if there is not enough memory.
template <typename Method>
bool forecast_each(const Histories& histories, const Method& method, int64_t horizon, double* forecasts,
                   const Parallel& parallel) {
  typedef EachHistory<Method> Each;
  Each each = {histories, method, horizon, forecasts, false};
  parallel.run(parallel.pool, histories.count, [](void* each, int64_t n) { static_cast<Each*>(each)->one(n); }, &each);
  return !__atomic_load_n(&each.failed, __ATOMIC_RELAXED);
}

}  // namespace

#endif  // UNSPOOL_HISTORIES_H_
