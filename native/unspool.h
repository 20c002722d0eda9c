// unspool's kernels for inference as plain C: what a program in any language calls to run an exported model.
//
// Version UNSPOOL_ABI_VERSION. A library serves a program that was compiled for the same version: compare
// `unspool_abi_version()` first. A new version is made where a function or a struct changes its meaning; functions that
// are added make none.
//
// All arrays are row-major, dense, and the caller's: nothing is kept after a call returns, but for lexicons, tables of
// n-grams, transformers and encoder-decoders, which are freed by the functions of that name. No output may overlap an input or
// another output, unless a function says so. Shapes and the ranges of indices are the caller's to check. Functions may be called
// from several threads at once, one lexicon by one thread at a time. What answers must hold: the number of threads and the other rows
// of a batch do not change a bit of a result.
//
// Whole networks in one call are in network.h. The file format of models is in docs/portable.md; runtime/examples has a
// program.
#ifndef UNSPOOL_H_
#define UNSPOOL_H_

#include <stdint.h>

#include "document_vectors.h"  // unspool_vectors_infer
#include "encoder_decoder.h"   // a recurrent encoder-decoder's answers: the same searches
#include "lexicon.h"           // texts to numbers of tokens
#include "ngrams.h"            // n-grams of tokens
#include "rounded.h"           // weights in int8 or float16, expanded
#include "transformer.h"       // a Transformer's answers: greedy and beam search
#include "word_convolution.h"  // unspool_convolution_outputs

#define UNSPOOL_ABI_VERSION 1

#ifdef __cplusplus
extern "C" {
#endif

// UNSPOOL_ABI_VERSION of the library.
int64_t unspool_abi_version(void);

// The name of the instruction set in use: "avx512", "avx2" or "baseline". `unspool_available(i)` is the i-th that this
// processor runs, best first, or NULL past the last; `unspool_choose` takes another, and returns 0 where there is none of
// that name, else 1. UNSPOOL_ISA in the environment chooses at start-up.
const char* unspool_isa(void);
const char* unspool_available(int64_t i);
int unspool_choose(const char* isa);

// Recurrent cells, with Keras's order of gates and its activations (native/lstm.h, gru.h, rnn.h have the equations).
enum UnspoolCell {
  UNSPOOL_RNN_TANH = 0,
  UNSPOOL_RNN_RELU = 1,
  UNSPOOL_LSTM = 2,        // i f g o; kernel (D, 4U), recurrent (U, 4U), bias (4U); two states
  UNSPOOL_GRU_AFTER = 3,   // z r h, reset after the product; kernel (D, 3U), recurrent (U, 3U), bias (2, 3U)
  UNSPOOL_GRU_BEFORE = 4   // z r h, reset before it; bias (3U)
};

// One layer over a batch: B rows, T steps, D numbers a step, U units. Set the struct to zero, then what is used.
//
// Inputs are one of
//   x (B, T, D), or (B, 1, D) with `constant`, with `kernel` (D, G U);
//   tokens (B, T) and the embedding x (vocabulary, D), with `kernel`;
//   tokens (B, T) and `table`, from unspool_recurrent_project: neither x nor kernel is read, and width is 0.
// A token of -1 is the last of the vocabulary; one that the vocabulary lacks makes NaN.
typedef struct {
  int64_t batch, length, width, units;
  int64_t vocabulary;      // of tokens
  int32_t reverse;         // steps are read from the last to the first; y is in the order of reading
  int32_t zero_masked;     // the output at a masked step is 0, not the one before
  int32_t constant;        // x is the same at every step
  int32_t threads;         // at most so many; 0 and 1: the calling one alone
  const float* x;
  const int32_t* tokens;   // or NULL
  const float* table;      // or NULL
  const uint8_t* mask;     // (B, T), 1 where a step counts; a masked one leaves the state as it is. NULL: all count
  const float* h0;         // (B, U), or NULL: zeros
  const float* c0;         // (B, U), of an LSTM, likewise
  const float* kernel;
  const float* recurrent;
  const float* bias;
  float* y;                // (B, T, U), or NULL where only the last state is wanted
  float* h;                // (B, U), the state after the last step
  float* c;                // (B, U), of an LSTM
} UnspoolRecurrent;

// Runs a layer. Returns 0; 1 where there is not enough memory; 2 where there is no such cell or a size is negative.
int unspool_recurrent(int64_t cell, const UnspoolRecurrent* layer);

// How many numbers a projected vocabulary takes, and the projection: what each token adds to the gates, so that no token
// is multiplied by the kernel again. Of `layer`, vocabulary, width, units, x (the embedding), kernel, bias and threads are
// read. The table's layout is that of the instruction set in use: do not store it, do not change the set while it is used.
int64_t unspool_recurrent_table_size(int64_t cell, const UnspoolRecurrent* layer);
int unspool_recurrent_project(int64_t cell, const UnspoolRecurrent* layer, float* table);

// Features of series, see convolution_features.h and competing_kernels.h. Series i is rows offsets[i] to offsets[i + 1] of
// values (M, channel_count), finite. `channels` may be NULL. Returns 0, or 1 where there is not enough memory.
//   dilations (D), bias_counts (D), biases (B, 84), channels (D, 84, C); features (N, pools, B, 84)
int unspool_convolution_features(const float* values, const int64_t* offsets, int64_t count, int64_t channel_count,
                                 int64_t dilation_count, const int64_t* dilations, const int64_t* bias_counts,
                                 const float* biases, const uint8_t* channels, int64_t pools, float* features,
                                 int64_t threads);
//   dilations (D), weights (D, 8, 9, groups), channels (D, groups, C); features (N, D, 2, 8, groups)
int unspool_competing_kernels(const float* values, const int64_t* offsets, int64_t count, int64_t channel_count,
                              int64_t dilation_count, const int64_t* dilations, int64_t groups, const float* weights,
                              const uint8_t* channels, float* features, int64_t threads);

// Forecasts by the theta method (method 0) or exponential smoothing (1), estimated from each history, see smoothing.h.
// History i is values[offsets[i] .. offsets[i + 1]), finite and not empty; season is at least 1, and 1 where there is none.
// forecasts (N, horizon). Returns 0, or 1 where there is not enough memory.
int unspool_smoothing(const double* values, const int64_t* offsets, int64_t count, int64_t season, int64_t method,
                      int64_t horizon, double* forecasts, int64_t threads);

// Forecasts by seasonal ARIMA models, see arima.h. Arguments and returns as above.
int unspool_arima(const double* values, const int64_t* offsets, int64_t count, int64_t season, int64_t horizon,
                  double* forecasts, int64_t threads);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // UNSPOOL_H_
