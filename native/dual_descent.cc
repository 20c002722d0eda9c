#include "dual_descent.h"

#include <math.h>

#include <new>
#include <utility>
#include <vector>

#include "exported.h"
#include "random.h"

namespace unspool {
namespace {

constexpr double QUIET = 0.1;        // of the tolerance, below which a row sits out
constexpr int NEWTON = 50;           // steps at most
constexpr double ROOT = 1e-10;       // how near to a root Newton's method goes
constexpr double BEYOND = 35.0;      // a logit whose sigmoid rounds to 0 or 1

double sigmoid(double t) { return t >= 0 ? 1 / (1 + exp(-t)) : exp(t) / (1 + exp(t)); }

class Row {
 public:
  Row(const UnspoolRows& rows, int64_t i, double* weights)
      : from_(rows.rows[i]), to_(rows.rows[i + 1]), columns_(rows.columns), values_(rows.values), weights_(weights),
        bias_(weights + rows.features) {}

  double squares() const {
    double sum = 1;
    for (int64_t k = from_; k < to_; ++k) sum += static_cast<double>(values_[k]) * values_[k];
    return sum;
  }
  double product() const {
    double sums[4] = {*bias_, 0, 0, 0};  // four chains of additions, not one
    int64_t k = from_;
    for (; k + 4 <= to_; k += 4) {
      for (int64_t lane = 0; lane < 4; ++lane) sums[lane] += weights_[columns_[k + lane]] * values_[k + lane];
    }
    for (; k < to_; ++k) sums[0] += weights_[columns_[k]] * values_[k];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }
  void add(double times) {
    for (int64_t k = from_; k < to_; ++k) weights_[columns_[k]] += times * values_[k];
    *bias_ += times;
  }

 private:
  const int64_t from_, to_;
  const int32_t* columns_;
  const float* values_;
  double* weights_;
  double* bias_;
};

// Where t + a C sigmoid(t) + rest = 0. The left side rises with a slope of 1 to 1 + a C / 4, so there is one root, and it lies
// between -rest - a C and -rest; a step of Newton's that leaves what is left of that interval halves it instead.
double root(double a, double c, double rest, double t) {
  double low = -rest - a * c, high = -rest;
  for (int i = 0; i < NEWTON; ++i) {
    if (!(t > low && t < high)) t = low + (high - low) / 2;
    const double s = sigmoid(t), value = t + a * c * s + rest;
    if (fabs(value) < ROOT || !(low < high)) break;
    (value > 0 ? high : low) = t;
    t -= value / (1 + a * c * s * (1 - s));
  }
  return t;
}

// Passes over the chosen rows until visit(i, square) has answered less than `tolerance` for all of one. A row whose answer is
// far below the tolerance sits out (shrinking; Hsieh et al., 2008) until all those that do not have answered less; then all are
// passed over again. In all, no more rows are visited than `passes` times all of them.
template <typename Visit>
int64_t descend(const UnspoolRows& rows, double tolerance, int64_t passes, uint64_t seed, double* weights,
                const Visit& visit) {
  std::vector<int32_t> order(rows.chosen, rows.chosen + rows.picked);
  std::vector<double> squares(static_cast<size_t>(rows.count));
  for (const int32_t i : order) squares[i] = Row(rows, i, weights).squares();
  int64_t active = rows.picked, pass = 0;
  for (int64_t left = passes * rows.picked; left >= active && active > 0; ++pass) {
    const bool all = active == rows.picked;
    left -= active;
    shuffle(order.data(), active, draw(seed, static_cast<uint64_t>(pass)));
    double furthest = 0;
    int64_t kept = 0;
    for (int64_t k = 0; k < active; ++k) {  // those that go on move to the front, in the order of the pass
      const double off = visit(order[k], squares[order[k]]);
      furthest = fmax(furthest, off);
      if (off >= QUIET * tolerance) std::swap(order[kept++], order[k]);
    }
    active = kept;
    if (furthest < tolerance) {
      if (all) return pass + 1;
      active = rows.picked;
    }
  }
  return pass;
}

// Of row i the dual variable is C sigmoid(t_i), and w = sum_i y_i C sigmoid(t_i) x_i; at the optimum t_i = -y_i w x_i. That is
// the stationary point of the dual, log(alpha / (C - alpha)) + y w x = 0, with a variable that no bound holds.
int64_t logistic(const UnspoolRows& rows, const int8_t* targets, double c, double tolerance, int64_t passes,
                 uint64_t seed, double* weights) {
  for (int64_t k = 0; k <= rows.features; ++k) weights[k] = 0;
  std::vector<double> logits(static_cast<size_t>(rows.count), -BEYOND);
  const double start = fmin(0.001, 1e-8 / c);
  for (int64_t k = 0; k < rows.picked; ++k) {
    const int32_t i = rows.chosen[k];
    logits[i] = log(start / (1 - start));
    Row(rows, i, weights).add(targets[i] * c * start);
  }
  return descend(rows, tolerance, passes, seed, weights, [&](int32_t i, double square) {
    Row row(rows, i, weights);
    const double dual = c * sigmoid(logits[i]), agreement = targets[i] * row.product();
    const double off = fabs(sigmoid(logits[i]) - sigmoid(-agreement));
    logits[i] = root(square, c, agreement - square * dual, logits[i]);
    row.add(targets[i] * (c * sigmoid(logits[i]) - dual));
    return off;
  });
}

int64_t ridge(const UnspoolRows& rows, const double* targets, double c, double tolerance, int64_t passes, uint64_t seed,
              double* weights) {
  for (int64_t k = 0; k <= rows.features; ++k) weights[k] = 0;
  std::vector<double> duals(static_cast<size_t>(rows.count), 0.0);
  const double softness = 1 / (2 * c);
  return descend(rows, tolerance, passes, seed, weights, [&](int32_t i, double square) {
    Row row(rows, i, weights);
    const double off = targets[i] - row.product() - softness * duals[i];
    const double step = off / (square + softness);
    duals[i] += step;
    row.add(step);
    return fabs(off);
  });
}

}  // namespace
}  // namespace unspool

UNSPOOL_EXPORT int64_t unspool_logistic(const UnspoolRows* rows, const int8_t* targets, double c, double tolerance,
                                        int64_t passes, uint64_t seed, double* weights) {
  try {
    return unspool::logistic(*rows, targets, c, tolerance, passes, seed, weights);
  } catch (const std::bad_alloc&) {
    return -1;
  }
}

UNSPOOL_EXPORT int64_t unspool_ridge(const UnspoolRows* rows, const double* targets, double c, double tolerance,
                                     int64_t passes, uint64_t seed, double* weights) {
  try {
    return unspool::ridge(*rows, targets, c, tolerance, passes, seed, weights);
  } catch (const std::bad_alloc&) {
    return -1;
  }
}
