#include "dense.h"

#include "isa.h"
#include "tile.h"

#define UNSPOOL_DECLARE_DENSE_HERE(isa) UNSPOOL_DECLARE_DENSE(isa)
UNSPOOL_DECLARE_DENSE_HERE(UNSPOOL_ISA)

namespace {

constexpr int ROWS = rows_for(1);

// Some rows of x times one vector of columns.
struct Part {
  int64_t width, columns, outputs, activation, column;
  const float *x, *weights, *bias;
  float* y;

  template <int M>
  void run() const {
    vec sum[M][1];
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m) sum[m][0] = load(bias + column);
    tile<M, 1>(width, x, width, 1, weights + column, columns, sum);
    const int64_t left = outputs - column;
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m) {
      vec z = sum[m][0];
      if (activation == UNSPOOL_SIGMOID) z = sigmoid(z);
      if (activation == UNSPOOL_TANH) z = tanh(z);
      store_first(y + m * outputs + column, z, left);
    }
  }
};

// Numbers to exp(number - the largest) / their sum.
void softmax(float* y, int64_t count) {
  float most = y[0], sum = 0;
  for (int64_t j = 1; j < count; ++j) most = y[j] > most ? y[j] : most;
  for (int64_t j = 0; j < count; j += V) {
    const Exponential e = exponential(at_least(load_first(y + j, count - j) - most, -87.0f));
    store_first(y + j, multiply_add(e.scale, e.rest, e.scale), count - j);
  }
  for (int64_t j = 0; j < count; ++j) sum += y[j];
  for (int64_t j = 0; j < count; ++j) y[j] /= sum;
}

}  // namespace

namespace unspool {

void UNSPOOL_NAME(dense)(int64_t rows, int64_t width, int64_t outputs, int64_t activation, const float* x,
                         const float* weights, const float* bias, float* y) {
  const int64_t columns = (outputs + UNSPOOL_DENSE_COLUMNS - 1) / UNSPOOL_DENSE_COLUMNS * UNSPOOL_DENSE_COLUMNS;
  const Blocks cut(rows, ROWS);
  for (int64_t i = 0; i < cut.count; ++i) {
    const int64_t m = cut.begin(i);
    for (int64_t column = 0; column < outputs; column += V) {
      with_rows<ROWS>(cut.begin(i + 1) - m, Part{width, columns, outputs, activation, column, x + m * width, weights, bias,
                                                 y + m * outputs});
    }
  }
  if (activation != UNSPOOL_SOFTMAX) return;
  for (int64_t m = 0; m < rows; ++m) softmax(y + m * outputs, outputs);
}

}  // namespace unspool
