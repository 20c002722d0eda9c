// Gated recurrent unit. Gates in Keras's order z, r, h:
//
//   z = sigmoid(x_t Wz + h Rz + bz);  r = sigmoid(x_t Wr + h Rr + br)
//   reset after the product:   n = tanh(x_t Wh + b0h + r (h Rh + b1h));  bias (2, 3U), bz = b0z + b1z, br likewise
//   reset before the product:  n = tanh(x_t Wh + (r h) Rh + bh);         bias (3U)
//   h' = z h + (1 - z) n
//
// kernel (D, 3U), recurrent (U, 3U); one state. The arguments are recurrent.h's.
#ifndef UNSPOOL_GRU_H_
#define UNSPOOL_GRU_H_

#include "recurrent.h"

namespace unspool {
constexpr int64_t GRU_GATES = 3;
constexpr int64_t GRU_AFTER_SAVED = 5;   // z r n (h Rh + b1h) h
constexpr int64_t GRU_BEFORE_SAVED = 4;  // z r n h
}  // namespace unspool

#define UNSPOOL_DECLARE_GRU(isa)                                                                            \
  namespace unspool {                                                                                       \
  bool gru_after_project_##isa(const Shape&, const Inputs&, float* table, const Parallel&);                 \
  bool gru_after_forward_##isa(const Shape&, const Inputs&, const Outputs&, const Parallel&);               \
  bool gru_after_backward_##isa(const Shape&, const Inputs&, const float* saved, const OutputGradients&,    \
                                const InputGradients&, const Parallel&);                                    \
  bool gru_before_project_##isa(const Shape&, const Inputs&, float* table, const Parallel&);                \
  bool gru_before_forward_##isa(const Shape&, const Inputs&, const Outputs&, const Parallel&);              \
  bool gru_before_backward_##isa(const Shape&, const Inputs&, const float* saved, const OutputGradients&,   \
                                 const InputGradients&, const Parallel&);                                   \
  }

#endif  // UNSPOOL_GRU_H_
