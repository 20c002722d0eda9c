// An encoder-decoder's packed weights: shared by its search and the kernels, and free of instruction sets.
#ifndef UNSPOOL_ENCODER_DECODER_MODEL_H_
#define UNSPOOL_ENCODER_DECODER_MODEL_H_

#include "recurrent.h"
#include "transformer_model.h"

namespace unspool {

struct CellWeights {
  const float *kernel, *recurrent, *bias;
};

struct EncoderDecoderLayer {
  CellWeights forward, backward, decoder;
  Linear first[2];
};

struct EncoderDecoderModel {
  int64_t layers, width, units, states, target_size;  // states of a cell: 1 or 2
  bool additive, input_feeding;
  Forward cell;
  const float *source_embedding, *target_embedding;  // rows of width
  const EncoderDecoderLayer* stack;
  Linear keys, query, found, output;  // a bias of minus infinity behind the last column of `output`
  const float* sum;                   // (units)

  // What was written lies in one block: the states of all layers, then what was found.
  int64_t state(int64_t layer, int64_t which) const { return (layer * states + which) * padded(units); }
  int64_t found_at() const { return state(layers, 0); }
  // What was read, in a block of states and blocks of STEPS steps: keys (units, STEPS), then values (STEPS, values_row()).
  int64_t values_row() const { return padded(2 * units); }
  int64_t block_floats() const {
    const int64_t written = found_at() + padded(width), read = STEPS * (units + values_row());
    return (written > read ? written : read) + LANES;
  }
};

}  // namespace unspool

#define UNSPOOL_DECLARE_ENCODER_DECODER(isa)                                                                             \
  namespace unspool {                                                                                                    \
  /* As those of a Transformer; the first block of a source has the decoder's first states. */                           \
  bool encoder_decoder_encode_##isa(const EncoderDecoderModel& model, const int32_t* ids, const int64_t* offsets,        \
                                    int64_t count, float* const* const* blocks);                                         \
  bool encoder_decoder_step_##isa(const EncoderDecoderModel& model, const DecodingStep& step);                           \
  }

#endif  // UNSPOOL_ENCODER_DECODER_MODEL_H_
