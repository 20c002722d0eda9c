// The simple recurrent network: h' = a(x_t W + h R + b), a = tanh or relu.
//
// kernel (D, U), recurrent (U, U), bias (U); one state. The arguments are recurrent.h's.
#ifndef UNSPOOL_RNN_H_
#define UNSPOOL_RNN_H_

#include "recurrent.h"

namespace unspool {
constexpr int64_t RNN_GATES = 1, RNN_SAVED = 1;  // h
}

#define UNSPOOL_DECLARE_RNN(isa)                                                                            \
  namespace unspool {                                                                                       \
  bool rnn_tanh_project_##isa(const Shape&, const Inputs&, float* table, const Parallel&);                  \
  bool rnn_tanh_forward_##isa(const Shape&, const Inputs&, const Outputs&, const Parallel&);                \
  bool rnn_tanh_backward_##isa(const Shape&, const Inputs&, const float* saved, const OutputGradients&,     \
                               const InputGradients&, const Parallel&);                                     \
  bool rnn_relu_project_##isa(const Shape&, const Inputs&, float* table, const Parallel&);                  \
  bool rnn_relu_forward_##isa(const Shape&, const Inputs&, const Outputs&, const Parallel&);                \
  bool rnn_relu_backward_##isa(const Shape&, const Inputs&, const float* saved, const OutputGradients&,     \
                               const InputGradients&, const Parallel&);                                     \
  }

#endif  // UNSPOOL_RNN_H_
