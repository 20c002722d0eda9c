// What a search asks of a model, whatever its architecture; and the searches, see transformer.h.
#ifndef UNSPOOL_SEARCHED_H_
#define UNSPOOL_SEARCHED_H_

#include <stdint.h>

#include "transformer.h"
#include "transformer_model.h"

namespace unspool {

// What was read of a source, and what was written of an answer, lies in blocks of one size. A search hands them out, and copies
// the last one of a beginning before it is written to, if another beginning has it too.
class Searched {
 public:
  virtual ~Searched() = default;
  virtual int64_t target_size() const = 0;
  virtual int64_t block_floats() const = 0;
  virtual int64_t blocks_read(int64_t steps) const = 0;  // that a source of so many steps takes
  virtual int64_t steps_written() const = 0;             // after so many steps of an answer there is another block
  virtual int64_t looks() const = 0;                     // layers of the decoder that look at the source
  virtual bool pads() const = 0;                         // whether each source of a batch takes the room of the longest
  // As those of a Transformer, see transformer_model.h: false where there is not enough memory.
  virtual bool encode(const int32_t* ids, const int64_t* offsets, int64_t count, float* const* const* blocks) const = 0;
  virtual bool step(const DecodingStep& step) const = 0;
};

// Where answers are written, see `unspool_transformer_search`.
struct Results {
  int32_t* tokens;
  int64_t* lengths;
  float *totals, *scores;
  uint8_t* ended;
};

// Answers sources; returns what `unspool_transformer_search` does.
int32_t search(const Searched& model, const UnspoolSearch& how, const int32_t* ids, const int64_t* offsets, int64_t count,
               const Results& results);

// What an answer looks at; returns what `unspool_transformer_attention` does.
int32_t attention(const Searched& model, const int32_t* ids, int64_t source_count, const int32_t* tokens, int64_t token_count,
                  float* shares);

}  // namespace unspool

#endif  // UNSPOOL_SEARCHED_H_
