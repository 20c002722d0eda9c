// A dense layer: a product with a matrix, a bias and an activation.
//
//   z[m, j] = bias[j] + sum over k < D of x[m, k] weights[k, j]
//   y[m, j] = z, sigmoid(z), tanh(z), or softmax over j
//
// Sums are formed in the order of k and of nothing else, so that a row has the same bits whatever rows stand beside it.
#ifndef UNSPOOL_DENSE_H_
#define UNSPOOL_DENSE_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum UnspoolActivation { UNSPOOL_LINEAR = 0, UNSPOOL_SIGMOID = 1, UNSPOOL_SOFTMAX = 2, UNSPOOL_TANH = 3 };

#ifdef __cplusplus
}  // extern "C"
#endif

#define UNSPOOL_DENSE_COLUMNS 16  // weights and bias have a multiple of so many columns; those from K on are not used

// All are row-major, dense and the caller's: x (rows, width), y (rows, outputs), and with `columns` = outputs rounded up to
// UNSPOOL_DENSE_COLUMNS, weights (width, columns) and bias (columns). y overlaps none of the others.
#define UNSPOOL_DECLARE_DENSE(isa)                                                                              \
  namespace unspool {                                                                                           \
  void dense_##isa(int64_t rows, int64_t width, int64_t outputs, int64_t activation, const float* x,            \
                   const float* weights, const float* bias, float* y);                                          \
  }

#endif  // UNSPOOL_DENSE_H_
