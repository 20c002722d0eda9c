// The Transformer of `unspool.models.transformer` (Vaswani et al., 2017): reads sequences of ids, and searches for what it would
// answer, greedily or with a beam. Inference only.
//
// A plain C interface. All arrays are row-major, dense, and the caller's; a new transformer copies what it needs.
//
//   norm(x)  = (x - mean) / sqrt(variance + 1e-6) * scale + offset
//   heads(q) = for each of H heads: softmax over the steps looked at of (q . k / sqrt(D / H)), times their values
//   x        = embedding[id] * sqrt(D), and at sinusoidal positions + [sin(place speeds), cos(place speeds)],
//              speeds[i] = 10000^(-i / (D / 2)), i < D / 2
//   block    x += heads(norm(x)) result;  in a decoder x += heads(norm(x)) to_memory.result, which looks at norm(encoder);
//            x += relu(norm(x) hidden) result
//   logits   = norm(x) embedding^T, or norm(x) head
//
// At rotary positions the queries and keys of `attention` (never of `to_memory`) are turned instead: with the two halves a, b
// of a head, width D / H, [a cos - b sin, b cos + a sin], where the speeds are those of D / H.
#ifndef UNSPOOL_TRANSFORMER_H_
#define UNSPOOL_TRANSFORMER_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  const float* kernel;  // (inputs, outputs)
  const float* bias;    // (outputs)
} UnspoolDense;

typedef struct {
  const float* scale;   // (D)
  const float* offset;  // (D)
} UnspoolNorm;

typedef struct {
  UnspoolDense queries, keys, values, result;  // (D, D) each
} UnspoolAttention;

typedef struct {
  UnspoolNorm attention_norm;
  UnspoolAttention attention;
  UnspoolNorm memory_norm;     // of a decoder's block; not read in an encoder
  UnspoolAttention to_memory;  // likewise
  UnspoolNorm dense_norm;
  UnspoolDense hidden, result;  // (D, F) and (F, D)
} UnspoolTransformerBlock;

typedef struct {
  int64_t layers;                       // L, of each side
  int64_t width, heads, feed_forward;   // D, H, F; D / H is even
  int64_t source_size, target_size;     // ids of a source are smaller, and those of an answer
  int64_t rotary;                       // 1: rotary positions, 0: sinusoidal ones
  const float* source_embedding;        // (source_size, D)
  const float* target_embedding;        // (target_size, D); may be the source's
  UnspoolDense head;                    // (D, target_size), or a kernel of NULL: logits are products with the target's embedding
  const UnspoolTransformerBlock* encoder;  // (L)
  const UnspoolTransformerBlock* decoder;  // (L)
  UnspoolNorm encoder_norm, decoder_norm;
} UnspoolTransformer;

// Weights as the kernels read them, for the instruction set in use; NULL where there is not enough memory or a size makes no sense.
// One may be searched by several threads at once.
void* unspool_transformer_new(const UnspoolTransformer* model);
void unspool_transformer_free(void* transformer);

// How answers are searched for. An id of 0 is never written. Answers do not depend on `batch` and `threads`, to the bit.
//
// A beam keeps the `beam` best beginnings. Each step looks at the 2 beam best continuations of all of them, by log-probability;
// of equal ones the first beginning's, then the smallest id. An end among the first `beam` of these is an answer, with the score
//   log-probability / ((5 + length) / 6)^length_penalty,   its length with the end.
// The `beam` best that do not end go on. The search ends at `maximum`, or when the best beginning's log-probability, divided by
// the penalty of `maximum`, is no better than the score of the last answer that is returned. Where fewer have ended, the
// beginnings that are left follow, with scores of length `maximum`. A beam of 1 is greedy search, whose scores have no penalty.
typedef struct {
  int64_t beam;            // K, at least 1
  int64_t returned;        // R answers to each source, 1 to K
  double length_penalty;   // not negative
  int64_t start, end;      // ids that begin and end an answer, from 1 to target_size - 1
  int64_t maximum;         // M ids of an answer at most, its end among them
  int64_t scored;          // 0: the log-probabilities of a greedy search are not wanted, which is faster: they are 0, or NaN
  int64_t batch;           // sources at a time
  int64_t threads;         // at most so many; 0 and 1: the calling one alone
} UnspoolSearch;

// Answers N sources.
//   ids, offsets  source i is ids[offsets[i] .. offsets[i+1]), ids from 1 to source_size - 1
//   tokens  (N, R, M): the answers, the best first, without the end; 0 behind them
//   lengths (N, R): of each, or -1 where there are not so many answers
//   totals  (N, R): log-probabilities, the end's included; NaN where the model's numbers were too large
//   scores  (N, R): by which they are ranked
//   ended   (N, R): 1 where the end was written, 0 where an answer was cut at the maximum
// Returns 0; 1 where there is not enough memory; 2 where a number of `search` makes no sense.
int32_t unspool_transformer_search(const void* transformer, const UnspoolSearch* search, const int32_t* ids,
                                   const int64_t* offsets, int64_t count, int32_t* tokens, int64_t* lengths, float* totals,
                                   float* scores, uint8_t* ended);

// What an answer looks at in its source as it is written.
//   ids     (S): the source
//   tokens  (T): what the decoder reads, the start first
//   shares  (T, L, S): of each layer of the decoder the mean of the heads' weights; each row of S sums to 1
// Returns 0; 1 where there is not enough memory; 2 where a count is negative.
int32_t unspool_transformer_attention(const void* transformer, const int32_t* ids, int64_t source_count, const int32_t* tokens,
                                      int64_t token_count, float* shares);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // UNSPOOL_TRANSFORMER_H_
