// A network in one call: layers one after the other, over numbers, over tokens, or over a text that is yet to be read.
//
// A plain C interface, see unspool.h. What a layer gives is what the next one reads: sequences (B, T, D), with a mask where
// there is one, or vectors (B, D). Whether layers fit each other is the caller's to check.
#ifndef UNSPOOL_NETWORK_H_
#define UNSPOOL_NETWORK_H_

#include "dense.h"
#include "unspool.h"

#ifdef __cplusplus
extern "C" {
#endif

enum UnspoolLayerKind {
  UNSPOOL_LAYER_RECURRENT = 0,  // one direction or two, side by side
  UNSPOOL_LAYER_AFFINE = 1,     // x weights + bias, number by number
  UNSPOOL_LAYER_DENSE = 2,      // dense.h
  UNSPOOL_LAYER_REPEAT = 3,     // a vector `width` times: (B, width, D)
  UNSPOOL_LAYER_POOLING = 4,    // mean and maximum over the steps that count, and of pairs of tokens: (B, 2 D + 2 E)
  UNSPOOL_LAYER_FLATTEN = 5,    // steps - weights, and 0 for those that do not count or are not there: (B, width D)
  UNSPOOL_LAYER_UNFLATTEN = 6   // vectors of width D numbers as steps: (B, width, D)
};

typedef struct {
  int64_t kind;
  int64_t cell;               // of a recurrent layer
  int64_t every;              // of one: it gives the states after all steps, in the order of time, not the last alone
  int64_t activation;         // of a dense layer
  int64_t width;              // D that an affine or a dense layer gives; times of a repeat; E of the pairs, 0 for none;
                              // the most steps of a flatten; the steps of an unflatten
  int64_t buckets;            // of pairs
  UnspoolRecurrent forward;   // width, units, vocabulary, zero_masked, x (of tokens), table, kernel, recurrent, bias
  UnspoolRecurrent backward;  // the same; units 0: there is no such direction
  const float* weights;       // (D); dense: (D in, width); pooling: vectors of pairs (buckets, E); flatten: (width, D)
  const float* bias;          // (width)
} UnspoolLayer;

// Pooling of tokens that no recurrent layer has read takes their vectors from `forward`: x and width. Pairs of neighbouring
// tokens are hashed to 1 .. buckets - 1; with padding (0) or an unknown token (2) in it a pair is none, and is not pooled.
typedef struct {
  int64_t batch, length, width;  // B, T, D
  int32_t threads;
  int32_t mask_zero;             // steps whose token is 0 are masked
  const float* x;                // (B, T, D), or (B, D) of T = 0
  const int32_t* tokens;         // (B, T), or NULL
  const uint8_t* mask;           // (B, T), or NULL
} UnspoolSteps;

// Runs them. `outputs` has room for what the last layer gives. Returns 0; 1 where there is not enough memory; 2 where a layer is none.
int unspool_network(const UnspoolLayer* layers, int64_t count, const UnspoolSteps* steps, float* outputs);

// How a text becomes tokens: the words of unspool_lexicon_words by number.
typedef struct {
  void* lexicon;
  const int32_t* ids;  // the token of each word of the lexicon
  int32_t unknown;     // the token of other words; -1: they are left out
  int32_t start;       // the token in front of a text of fewer tokens than `length`
  int64_t padded;      // whether zeros stand in front of that, up to `length`
  int64_t length;      // so many tokens are kept, the last ones
} UnspoolWords;

// Writes the tokens of a text in ASCII to `tokens`, which has room for `length`, or for size / 2 + 2 where that is less and
// nothing is padded. Returns how many there are; -1 where there is not enough memory.
int64_t unspool_words_read(const UnspoolWords* words, const char* bytes, int64_t size, int32_t* tokens);

// Both: one text in ASCII to what the last layer gives; `mask_zero` as in UnspoolSteps.
int unspool_network_text(const UnspoolWords* words, const UnspoolLayer* layers, int64_t count, int32_t mask_zero,
                         const char* bytes, int64_t size, float* outputs);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // UNSPOOL_NETWORK_H_
