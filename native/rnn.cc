#include "rnn.h"

#include "engine.h"
#include "isa.h"

namespace {

struct RnnCell {
  static constexpr int GATES = 1, SUMS = 1, BIAS_ROWS = 1;
  static constexpr bool RESET_BEFORE = false;
  static constexpr int SAVED = unspool::RNN_SAVED, C_SLOT = -1, H_SLOT = 0;
  static constexpr int h_sum(int gate) { return gate; }
};

struct RnnTanh : RnnCell {
  static UNSPOOL_INLINE void forward(const vec* sum, vec& h, vec&, vec* saved) { saved[0] = h = tanh(sum[0]); }
  static UNSPOOL_INLINE void backward(const float* saved, vec, vec, vec& dh, vec&, vec* dsum) {
    const vec h = load(saved);
    dsum[0] = multiply_add(-dh, h * h, dh);
    dh = vec{};
  }
};

struct RnnRelu : RnnCell {
  static UNSPOOL_INLINE void forward(const vec* sum, vec& h, vec&, vec* saved) {
    saved[0] = h = sum[0] < 0.0f ? vec{} : sum[0];
  }
  static UNSPOOL_INLINE void backward(const float* saved, vec, vec, vec& dh, vec&, vec* dsum) {
    dsum[0] = load(saved) > 0.0f ? dh : vec{};
    dh = vec{};
  }
};

}  // namespace

#define DEFINE(name, cell)                                                                                       \
  bool UNSPOOL_NAME(name##_project)(const Shape& shape, const Inputs& in, float* table,                          \
                                    const Parallel& parallel) {                                                  \
    return run_project<cell>(shape, in, table, parallel);                                                        \
  }                                                                                                              \
  bool UNSPOOL_NAME(name##_forward)(const Shape& shape, const Inputs& in, const Outputs& out,                    \
                                    const Parallel& parallel) {                                                  \
    return run_forward<cell>(shape, in, out, parallel);                                                          \
  }                                                                                                              \
  bool UNSPOOL_NAME(name##_backward)(const Shape& shape, const Inputs& in, const float* saved,                   \
                                     const OutputGradients& dout, const InputGradients& din,                     \
                                     const Parallel& parallel) {                                                 \
    return run_backward<cell>(shape, in, saved, dout, din, parallel);                                            \
  }

namespace unspool {
DEFINE(rnn_tanh, RnnTanh)
DEFINE(rnn_relu, RnnRelu)
}  // namespace unspool
