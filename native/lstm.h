// Long short-term memory. Gates in Keras's order i, f, g, o (g is what Keras calls c):
//
//   [i f g o] = x_t W + h R + b;  i, f, o through the sigmoid, g through tanh
//   c' = f c + i g;  h' = o tanh(c')
//
// kernel (D, 4U), recurrent (U, 4U), bias (4U); two states. The arguments are recurrent.h's. Gradients are those of
// the equations as written. Error against double precision: see tests/kernels/test_lstm.py.
#ifndef UNSPOOL_LSTM_H_
#define UNSPOOL_LSTM_H_

#include "recurrent.h"

namespace unspool {
constexpr int64_t LSTM_GATES = 4, LSTM_SAVED = 6;  // i f g o c h
}

#define UNSPOOL_DECLARE_LSTM(isa)                                                                           \
  namespace unspool {                                                                                       \
  bool lstm_project_##isa(const Shape&, const Inputs&, float* table, const Parallel&);                      \
  bool lstm_forward_##isa(const Shape&, const Inputs&, const Outputs&, const Parallel&);                    \
  bool lstm_backward_##isa(const Shape&, const Inputs&, const float* saved, const OutputGradients&,         \
                           const InputGradients&, const Parallel&);                                         \
  }

#endif  // UNSPOOL_LSTM_H_
