// A convolution over the words of a batch of texts and the maximum over each text, for layers: forward, gradient, and a step
// of Adagrad that touches only what reached a maximum.
//
// All arrays are row-major, dense, and the caller's; none may overlap another. With widths n_1 .. n_S, F filters each, and
// taps = sum n_s rows of a token's vectors, width s owning n_s of them from o_s on:
//
//   z[t, s, f] = bias[s, f] + sum_{k < n_s} vectors[tokens[b, t + k], o_s + k, f]
//   maxima[b, s, f] = max_t z[t, s, f]
//
// A negative token is padding. A text begins at the first token of its row that is not padding and ends at the last such
// token. Windows lie within it; if it is shorter than a width, there is one window, which begins at its first token (at step
// 0 if all is padding). Padding within or after a text, and tokens of V or more, have the vector zero.
//
// A maximum over NaN alone is NaN. The order of all sums is fixed and nothing is fused: instruction sets and threads change no bit.
#ifndef UNSPOOL_WORD_MAXIMA_H_
#define UNSPOOL_WORD_MAXIMA_H_

#include <stdint.h>

#include "parallel.h"

namespace unspool {

struct WordBatch {
  int64_t batch, length, words, filters, sizes;  // B, T, V, F, S; V and F at least 1
  const int64_t* widths;                         // (S), each at least 1
  const int32_t* tokens;                         // (B, T)
};

// vectors (V, taps, F), bias (S, F); writes maxima (B, S, F), and where (B, S, F), the step at which the first window that
// reaches each begins. False if there is not enough memory.
typedef bool (*WordMaxima)(const WordBatch& texts, const float* vectors, const float* bias, float* maxima, int32_t* where,
                           const Parallel& parallel);

// Writes the gradient with respect to the vectors (V, taps, F), from `where` of the forward pass and `slopes`, the gradient
// with respect to the maxima (B, S, F). It is zero except for what reached a maximum. That of the bias is the sum of the
// slopes over the batch.
void word_gradient(const WordBatch& texts, const int32_t* where, const float* slopes, float* gradient,
                   const Parallel& parallel);

// A step of Adagrad (Duchi et al., 2011) with that gradient g, in place: squares += g^2, vectors -= rate g / sqrt(squares +
// epsilon), both (V, taps, F). What reached no maximum is neither read nor written. False if there is not enough memory.
bool word_adagrad(const WordBatch& texts, const int32_t* where, const float* slopes, float rate, float epsilon,
                  float* vectors, float* squares, const Parallel& parallel);

}  // namespace unspool

#define UNSPOOL_DECLARE_WORD_MAXIMA(isa)                                                                           \
  namespace unspool {                                                                                              \
  bool word_maxima_##isa(const WordBatch&, const float*, const float*, float*, int32_t*, const Parallel&);         \
  }

#endif  // UNSPOOL_WORD_MAXIMA_H_
