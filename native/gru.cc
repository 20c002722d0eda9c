#include "gru.h"

#include "engine.h"
#include "isa.h"

namespace {

// Four sums for three gates: r stands between the candidate's two parts, so they are kept apart (2: of x, 3: of h).
struct GruAfter {
  static constexpr int GATES = 3, SUMS = 4, BIAS_ROWS = 2;
  static constexpr bool RESET_BEFORE = false;
  static constexpr int SAVED = unspool::GRU_AFTER_SAVED, C_SLOT = -1, H_SLOT = 4;
  static constexpr int h_sum(int gate) { return gate == 2 ? 3 : gate; }

  static UNSPOOL_INLINE void forward(const vec* sum, vec& h, vec&, vec* saved) {
    const vec z = sigmoid(sum[0]), r = sigmoid(sum[1]), n = tanh(multiply_add(r, sum[3], sum[2]));
    h = multiply_add(z, h - n, n);
    saved[0] = z, saved[1] = r, saved[2] = n, saved[3] = sum[3], saved[4] = h;
  }

  static UNSPOOL_INLINE void backward(const float* saved, vec h_prev, vec, vec& dh, vec&, vec* dsum) {
    const vec z = load(saved), r = load(saved + V), n = load(saved + 2 * V), part = load(saved + 3 * V);
    dsum[0] = dh * (h_prev - n) * multiply_add(-z, z, z);
    dsum[2] = dh * (1.0f - z) * multiply_add(-n, n, 1.0f);
    dsum[1] = dsum[2] * part * multiply_add(-r, r, r);
    dsum[3] = dsum[2] * r;
    dh *= z;
  }
};

// The engine applies this one itself.
struct GruBefore {
  static constexpr int GATES = 3, SUMS = 3, BIAS_ROWS = 1;
  static constexpr bool RESET_BEFORE = true;
  static constexpr int SAVED = unspool::GRU_BEFORE_SAVED, C_SLOT = -1, H_SLOT = 3;
  static constexpr int h_sum(int gate) { return gate; }
  static UNSPOOL_INLINE void forward(const vec*, vec&, vec&, vec*) {}
  static UNSPOOL_INLINE void backward(const float*, vec, vec, vec&, vec&, vec*) {}
};

}  // namespace

namespace unspool {

bool UNSPOOL_NAME(gru_after_project)(const Shape& shape, const Inputs& in, float* table, const Parallel& parallel) {
  return run_project<GruAfter>(shape, in, table, parallel);
}

bool UNSPOOL_NAME(gru_after_forward)(const Shape& shape, const Inputs& in, const Outputs& out,
                                     const Parallel& parallel) {
  return run_forward<GruAfter>(shape, in, out, parallel);
}

bool UNSPOOL_NAME(gru_after_backward)(const Shape& shape, const Inputs& in, const float* saved,
                                      const OutputGradients& dout, const InputGradients& din,
                                      const Parallel& parallel) {
  return run_backward<GruAfter>(shape, in, saved, dout, din, parallel);
}

bool UNSPOOL_NAME(gru_before_project)(const Shape& shape, const Inputs& in, float* table, const Parallel& parallel) {
  return run_project<GruBefore>(shape, in, table, parallel);
}

bool UNSPOOL_NAME(gru_before_forward)(const Shape& shape, const Inputs& in, const Outputs& out,
                                      const Parallel& parallel) {
  return run_forward<GruBefore>(shape, in, out, parallel);
}

bool UNSPOOL_NAME(gru_before_backward)(const Shape& shape, const Inputs& in, const float* saved,
                                       const OutputGradients& dout, const InputGradients& din,
                                       const Parallel& parallel) {
  return run_backward<GruBefore>(shape, in, saved, dout, din, parallel);
}

}  // namespace unspool
