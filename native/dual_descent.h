// Linear models of sparse rows, by dual coordinate descent: logistic regression (Yu, Huang and Lin, 2011) and ridge regression
// (Ho and Lin, 2012), after Hsieh et al. (2008).
//
// A plain C interface. Both minimise |w|^2 / 2 + C sum_i loss_i over the weights w, of which the last belongs to a feature that
// is 1 in every row (the bias, which is shrunk like the others). One coordinate is one row; each pass takes the rows in a new
// random order, which the seed decides. Rows that are far nearer to the optimum than `tolerance` are left out of the passes that
// follow, until the others are near, too; `passes` limits the visits to rows, by as many times all of them. One thread; the same
// arguments give the same bits.
#ifndef UNSPOOL_DUAL_DESCENT_H_
#define UNSPOOL_DUAL_DESCENT_H_

#include <stdint.h>

extern "C" {

// N rows of F features in compressed form: row i has values[k] at columns[k] for rows[i] <= k < rows[i+1], each column once.
typedef struct {
  int64_t count, features;
  const int64_t* rows;      // (N + 1)
  const int32_t* columns;   // (rows[N]), each at least 0 and below F
  const float* values;      // (rows[N])
  const int32_t* chosen;    // (picked), the rows to learn from
  int64_t picked;
} UnspoolRows;

// loss_i = log(1 + exp(-y_i w x_i)).
//   targets   (N)      1 where y_i is 1, else -1
//   tolerance          ends after a pass over all rows in which every row's dual variable, over C, was nearer than this to the
//                      probability of the wrong answer, which it is at the optimum
//   weights   (F + 1)  written
// Returns how many passes were made, or -1 where there is not enough memory.
int64_t unspool_logistic(const UnspoolRows* rows, const int8_t* targets, double c, double tolerance, int64_t passes,
                         uint64_t seed, double* weights);

// loss_i = (targets_i - w x_i)^2; `tolerance` is in the units of the targets.
int64_t unspool_ridge(const UnspoolRows* rows, const double* targets, double c, double tolerance, int64_t passes,
                      uint64_t seed, double* weights);

}  // extern "C"

#endif  // UNSPOOL_DUAL_DESCENT_H_
