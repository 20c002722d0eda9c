// The recurrent encoder and decoder with attention of `unspool.models.encoder_decoder` (Bahdanau et al., 2015; Luong et al., 2015):
// reads sequences of ids, and searches for what it would answer. Inference only.
//
// A plain C interface. All arrays are row-major, dense, and the caller's; a new model copies what it needs. Cells and the order of
// their gates are those of unspool.h.
//
//   encoder  layer 0 reads embedding[id], the others the states of the layer below, forward and backward side by side (2U)
//   first    of each layer and state of its cell: tanh([last forward, last backward] first)
//   decoder  layer 0 reads embedding[id], with input feeding [embedding[id], found of the step before (0 at first)]
//   scores   with q the highest state (U) and m what the encoder's last layer gave at a step (2U):
//            sum . tanh(q query + m keys), or q . (m keys);  context = their softmax, times all m
//   found    = tanh([context, q] found)
//   logits   = found embedding^T, or found head
#ifndef UNSPOOL_ENCODER_DECODER_H_
#define UNSPOOL_ENCODER_DECODER_H_

#include <stdint.h>

#include "transformer.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const float *kernel, *recurrent, *bias;  // as those of UnspoolRecurrent
} UnspoolDirection;

typedef struct {
  UnspoolDirection forward, backward;  // of the encoder
  UnspoolDirection decoder;
  UnspoolDense first[2];               // (2U, U): of h, and of an LSTM's c
} UnspoolEncoderDecoderLayer;

typedef struct {
  int64_t layers;                    // L
  int64_t cell;                      // an UnspoolCell: a GRU or the LSTM
  int64_t width, units;              // of an embedding, W; U
  int64_t source_size, target_size;  // ids of a source are smaller, and those of an answer
  int64_t additive, input_feeding;   // 0 or 1
  const float* source_embedding;     // (source_size, W)
  const float* target_embedding;     // (target_size, W); may be the source's
  UnspoolDense head;                 // (W, target_size), or a kernel of NULL: logits are products with the target's embedding
  const UnspoolEncoderDecoderLayer* stack;  // (L)
  const float* keys;                 // (2U, U)
  UnspoolDense query;                // (U, U), of additive attention
  const float* sum;                  // (U), of additive attention
  UnspoolDense found;                // (3U, W)
} UnspoolEncoderDecoder;

// As `unspool_transformer_new`, `unspool_transformer_free` and `unspool_transformer_search`, which see.
void* unspool_encoder_decoder_new(const UnspoolEncoderDecoder* model);
void unspool_encoder_decoder_free(void* model);
int32_t unspool_encoder_decoder_search(const void* model, const UnspoolSearch* search, const int32_t* ids,
                                       const int64_t* offsets, int64_t count, int32_t* tokens, int64_t* lengths,
                                       float* totals, float* scores, uint8_t* ended);

// As `unspool_transformer_attention`, with one layer that looks at the source: shares (T, 1, S).
int32_t unspool_encoder_decoder_attention(const void* model, const int32_t* ids, int64_t source_count, const int32_t* tokens,
                                          int64_t token_count, float* shares);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // UNSPOOL_ENCODER_DECODER_H_
