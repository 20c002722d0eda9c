#include "lstm.h"

#include "engine.h"
#include "isa.h"

namespace {

struct Lstm {
  static constexpr int GATES = 4, SUMS = 4, BIAS_ROWS = 1;
  static constexpr bool RESET_BEFORE = false;
  static constexpr int SAVED = unspool::LSTM_SAVED, C_SLOT = 4, H_SLOT = 5;
  static constexpr int h_sum(int gate) { return gate; }

  static UNSPOOL_INLINE void forward(const vec* sum, vec& h, vec& c, vec* saved) {
    const vec i = sigmoid(sum[0]), f = sigmoid(sum[1]), g = tanh(sum[2]), o = sigmoid(sum[3]);
    c = multiply_add(f, c, i * g);
    h = o * tanh(c);
    saved[0] = i, saved[1] = f, saved[2] = g, saved[3] = o, saved[4] = c, saved[5] = h;
  }

  static UNSPOOL_INLINE void backward(const float* saved, vec, vec c_prev, vec& dh, vec& dc, vec* dsum) {
    const vec i = load(saved), f = load(saved + V), g = load(saved + 2 * V), o = load(saved + 3 * V);
    const vec squashed = tanh(load(saved + 4 * V));
    const vec through = dh * o;
    dc += multiply_add(-through, squashed * squashed, through);
    dsum[0] = dc * g * multiply_add(-i, i, i);
    dsum[1] = dc * c_prev * multiply_add(-f, f, f);
    dsum[2] = dc * i * multiply_add(-g, g, 1.0f);
    dsum[3] = dh * squashed * multiply_add(-o, o, o);
    dc *= f;
    dh = vec{};
  }
};

}  // namespace

namespace unspool {

bool UNSPOOL_NAME(lstm_project)(const Shape& shape, const Inputs& in, float* table, const Parallel& parallel) {
  return run_project<Lstm>(shape, in, table, parallel);
}

bool UNSPOOL_NAME(lstm_forward)(const Shape& shape, const Inputs& in, const Outputs& out, const Parallel& parallel) {
  return run_forward<Lstm>(shape, in, out, parallel);
}

bool UNSPOOL_NAME(lstm_backward)(const Shape& shape, const Inputs& in, const float* saved, const OutputGradients& dout,
                                 const InputGradients& din, const Parallel& parallel) {
  return run_backward<Lstm>(shape, in, saved, dout, din, parallel);
}

}  // namespace unspool
