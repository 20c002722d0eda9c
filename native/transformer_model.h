// A Transformer's packed weights, and what its search asks of the kernels: shared by both, and free of instruction sets.
#ifndef UNSPOOL_TRANSFORMER_MODEL_H_
#define UNSPOOL_TRANSFORMER_MODEL_H_

#include <stddef.h>
#include <stdint.h>

namespace unspool {

constexpr int64_t LANES = 16;     // of the widest vectors: rows of floats are padded to a multiple of it, with zeros
constexpr int64_t STEPS = 16;     // of a sequence whose keys and values lie in one block
constexpr int64_t PLACES = 512;   // whose sines and cosines are in a table

inline int64_t padded(int64_t floats) { return (floats + LANES - 1) / LANES * LANES; }

struct Linear {
  int64_t depth, columns;
  const float* weights;  // packed by `pack`
  const float* bias;     // (padded(columns))
};

struct Norm {
  const float *scale, *offset;  // (padded(width))
};

struct TransformerBlock {
  Norm attention_norm, memory_norm, dense_norm;
  Linear queries_keys_values, attended;
  Linear memory_queries, memory_keys_values, memory_attended;  // of a decoder
  Linear hidden, result;
};

struct TransformerModel {
  int64_t layers, width, heads, feed_forward, target_size;
  bool rotary;
  const float *source_embedding, *target_embedding;  // rows of padded(width), times sqrt(width)
  const float* places;                               // (PLACES, position width): sines, then cosines
  const TransformerBlock *encoder, *decoder;         // (layers)
  Norm encoder_norm, decoder_norm;
  Linear output;  // a bias of minus infinity behind the last column

  int64_t head_width() const { return width / heads; }
  int64_t position_width() const { return rotary ? head_width() : width; }

  // Keys and values of STEPS steps in one layer: keys (width, STEPS), then values (STEPS, padded(width)).
  int64_t layer_floats() const { return STEPS * (width + padded(width)); }
  // A block: those of all layers, and room for a vector that is read past the end.
  int64_t block_floats() const { return layers * layer_floats() + LANES; }
};

// One step of a batch of beginnings of equal length; rows of one source stand together.
struct DecodingStep {
  int64_t sources;
  const int64_t* first;          // (sources + 1), the first row of each source, and the number of all rows
  const float* const* const* memory;  // (sources) blocks of what was read
  const int64_t* memory_steps;   // (sources)
  float* const* const* kept;     // (rows) blocks of what was written; this step's go to steps `place`
  const int32_t* tokens;         // (rows) that are read
  int64_t place;
  int64_t wanted;                // candidates of each row
  bool normalised;               // whether `gained` is wanted; else it is 0, or NaN where the logit is not finite
  int32_t barred;                // an id that must not come next; 0: no other than the id 0, which never does
  int32_t* found;                // (rows, wanted) the ids of the largest logits, the smallest of equal ones first, neither 0
                                 // nor `barred`; -1 where there are not so many numbers
  float* gained;                 // (rows, wanted) their log-probabilities
  float* shares = nullptr;       // of one source: (rows, layers, memory_steps), what is looked at in it; nullptr: not wanted
};

// The sines, then the cosines, of place * 10000^(-i / (width / 2)): (width).
void sines_and_cosines(int64_t place, int64_t width, float* to);

}  // namespace unspool

#define UNSPOOL_DECLARE_TRANSFORMER(isa)                                                                                 \
  namespace unspool {                                                                                                    \
  /* Packs `count` kernels side by side; number (k, c) of one is kernel[k * row + c * column]. The result has            \
     depth * padded(count * columns) floats. */                                                                          \
  void transformer_pack_##isa(const float* const* kernels, int64_t count, int64_t depth, int64_t columns, int64_t row,   \
                              int64_t column, float* packed);                                                            \
  /* Reads sources: `blocks[i]` has room for source i, and is filled. False where there is not enough memory. */                    \
  bool transformer_encode_##isa(const TransformerModel& model, const int32_t* ids, const int64_t* offsets,               \
                                int64_t count, float* const* const* blocks);                                             \
  bool transformer_step_##isa(const TransformerModel& model, const DecodingStep& step);                                  \
  }

#endif  // UNSPOOL_TRANSFORMER_MODEL_H_
