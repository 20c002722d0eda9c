// Attention in several heads over whole sequences, and its gradient, for training (Vaswani et al., 2017, section 3.2).
//
//   weights[b, h, t, s] = softmax over s of  scale * (sum over i < d of queries[b, t, h d + i] keys[b, s, h d + i])
//   out[b, t, h d + i]  = sum over s of weights[b, h, t, s] values[b, s, h d + i]
//
// with d = width / heads and scale = 1 / sqrt(d), and the softmax over the steps that a query may look at; where there is none,
// `out` is 0. src/unspool/kernels/attention.py does the same. A row's bits do not depend on the other rows.
//
// All arrays are row-major, dense and the caller's, and none overlap: queries, out (batch, steps, width), keys and values
// (batch, read, width), look (batch, look_rows, read), 0 where a query may not look, with look_rows = steps, or 1 if all
// queries may look at the same; the gradients have the shapes of what they belong to. No axis is empty.
#ifndef UNSPOOL_ATTENTION_H_
#define UNSPOOL_ATTENTION_H_

#include <stdint.h>

#include "parallel.h"

namespace unspool {

struct AttentionInputs {
  int64_t batch, steps, read, width, heads, look_rows;
  const float *queries, *keys, *values;
  const uint8_t* look;
};

struct AttentionGradients {
  float *queries, *keys, *values;
};

// False if memory runs out; some of the results may have been written by then.
typedef bool (*Attention)(const AttentionInputs& in, float* out, const Parallel& parallel);
typedef bool (*AttentionGradient)(const AttentionInputs& in, const float* slopes, const AttentionGradients& gradients,
                                  const Parallel& parallel);

}  // namespace unspool

#define UNSPOOL_DECLARE_ATTENTION(isa)                                                                             \
  namespace unspool {                                                                                              \
  bool attention_##isa(const AttentionInputs&, float*, const Parallel&);                                           \
  bool attention_gradient_##isa(const AttentionInputs&, const float*, const AttentionGradients&, const Parallel&); \
  }

#endif  // UNSPOOL_ATTENTION_H_
