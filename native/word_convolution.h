// A convolution over the tokens of a text, the maximum over the text, and a linear head (Johnson and Zhang, 2015): training, one
// text a step, and inference.
//
// A plain C interface. All arrays are row-major, dense, and the caller's. A text is T tokens; a token below 0 or from V on is
// no token (its vector is zero), and so is what follows the last. With widths n_1 .. n_S, F filters each, and taps = sum n_s rows
// of a token's vectors, width s owning n_s of them from o_s on:
//
//   z[t, s, f] = bias[s, f] + sum_{k < n_s} vectors[text[t + k], o_s + k, f]      t = 0 .. max(T - n_s, 0)
//   h[s, f]    = relu(max_t z[t, s, f])                                           the first t that reaches it
//   out[j]     = head_bias[j] + sum_{s, f} h[s, f] head[s, f, j]
//
// The order of all sums is fixed and nothing is fused, so every instruction set gives the same bits but for exp's and a thread
// more or less none other. Training keeps one text's gradient alone: it touches the rows that reached a maximum.
#ifndef UNSPOOL_WORD_CONVOLUTION_H_
#define UNSPOOL_WORD_CONVOLUTION_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  int64_t words, filters, sizes, outputs;  // V, F (a multiple of 16), S, K
  const int64_t* widths;                   // (S), each at least 1
  float* vectors;                          // (V, taps, F)
  float* bias;                             // (S, F)
  float* head;                             // (S, F, K)
  float* head_bias;                        // (K)
} UnspoolConvolution;

// The sums of squared gradients that Adagrad (Duchi et al., 2011) divides by, in the shapes of the weights.
typedef struct {
  float *vectors, *bias, *head, *head_bias;
} UnspoolSquares;

typedef struct {
  int64_t loss;             // 0: a sigmoid for each output, 1: softmax, 2: half the squared error
  float rate;               // of the first step; it falls linearly to 0 at step `steps`
  float token_dropout;      // share of the tokens that are none, in training
  float output_dropout;     // share of h that is 0; the others are divided by what is kept
  int64_t steps;            // of the whole training
  uint64_t seed;            // of what is dropped: step i draws from stream draw(seed, i) (random.h), token t number t of it,
                            // and h[s, f] number 2^32 + s F + f; dropped where its upper half is below rate 2^32
} UnspoolTraining;

// Trains on texts order[0 .. count), as steps first .. first + count.
//   tokens, offsets  text i is tokens[offsets[i] .. offsets[i+1])
//   targets  (N, K)
// Returns the mean loss over the texts, each before its step; a negative number where there is not enough memory.
double unspool_convolution_train(const UnspoolConvolution* model, const UnspoolSquares* squares,
                                 const UnspoolTraining* training, const int32_t* tokens, const int64_t* offsets,
                                 const float* targets, const int32_t* order, int64_t count, int64_t first);

// Writes outputs (N, K), before sigmoid or softmax. Returns 0 where there is not enough memory, else 1.
int32_t unspool_convolution_outputs(const UnspoolConvolution* model, const int32_t* tokens, const int64_t* offsets,
                                    int64_t count, float* outputs);

#ifdef __cplusplus
}  // extern "C"
#endif

#define UNSPOOL_DECLARE_CONVOLUTION(isa)                                                                               \
  namespace unspool {                                                                                                  \
  double convolution_train_##isa(const UnspoolConvolution&, const UnspoolSquares&, const UnspoolTraining&,             \
                                 const int32_t*, const int64_t*, const float*, const int32_t*, int64_t, int64_t);      \
  bool convolution_outputs_##isa(const UnspoolConvolution&, const int32_t*, const int64_t*, int64_t, float*);          \
  }

#endif  // UNSPOOL_WORD_CONVOLUTION_H_
