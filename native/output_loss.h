// Cross-entropy over a large vocabulary, with the product that gives the logits, and its gradient at once.
//
//   z[n, w]   = bias[w] + sum over d < width of  hidden[n, d] table[w, d]
//   losses[n] = weights[n] (log sum over w of exp(z[n, w]) - sum over w of target[n, w] z[n, w])
//   target[n, w] = smoothing / words + (w == ids[n] ? 1 - smoothing : 0)
//
// and the gradients of the sum of all losses with respect to hidden, table and bias. The logits of a few rows are kept only
// until they have been used; rows of weight 0 are not computed at all. src/unspool/kernels/output_loss.py does the same.
//
// All arrays are row-major, dense and the caller's, and none overlap: hidden (rows, width), table (words, width), bias (words),
// ids and weights (rows), losses (rows); the gradients have the shapes of what they belong to. An id outside the vocabulary
// counts as one whose logit is 0.
#ifndef UNSPOOL_OUTPUT_LOSS_H_
#define UNSPOOL_OUTPUT_LOSS_H_

#include <stdint.h>

#include "parallel.h"

namespace unspool {

struct LastLayer {
  int64_t rows, width, words;
  const float *hidden, *table, *bias;
};

struct Answers {
  const int32_t* ids;
  const float* weights;
  float smoothing;
};

struct LastLayerGradients {
  float *hidden, *table, *bias;  // a null `hidden` asks for none
};

// False if memory runs out; nothing has been written then.
typedef bool (*OutputLoss)(const LastLayer& layer, const Answers& answers, float* losses, const LastLayerGradients& gradients,
                           const Parallel& parallel);

}  // namespace unspool

#define UNSPOOL_DECLARE_OUTPUT_LOSS(isa)                                                                        \
  namespace unspool {                                                                                           \
  bool output_loss_##isa(const LastLayer&, const Answers&, float*, const LastLayerGradients&, const Parallel&); \
  }

#endif  // UNSPOOL_OUTPUT_LOSS_H_
