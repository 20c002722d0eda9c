// An encoder-decoder's packed weights, and its C functions, see encoder_decoder.h.
#include <cmath>
#include <new>
#include <vector>

#include "dispatch.h"
#include "encoder_decoder.h"
#include "encoder_decoder_model.h"
#include "exported.h"
#include "packed_weights.h"
#include "searched.h"

UNSPOOL_FOR_EACH_ISA(UNSPOOL_DECLARE_TRANSFORMER)
UNSPOOL_FOR_EACH_ISA(UNSPOOL_DECLARE_ENCODER_DECODER)

namespace unspool {
namespace {

struct EncoderDecoderKernels {
  const char* isa;
  Pack pack;
  decltype(&encoder_decoder_encode_baseline) encode;
  decltype(&encoder_decoder_step_baseline) step;
};

#define TABLE(isa) {#isa, transformer_pack_##isa, encoder_decoder_encode_##isa, encoder_decoder_step_##isa},
const EncoderDecoderKernels tables[] = {UNSPOOL_FOR_EACH_ISA(TABLE)};

// Packs what a caller gave, and keeps it.
class EncoderDecoder final : public Searched, private PackedWeights {
 public:
  EncoderDecoder(const UnspoolEncoderDecoder& given, const Kernels& used)
      : PackedWeights(entry_of(tables, used).pack), kernels_(entry_of(tables, used)) {
    const int64_t u = given.units, w = given.width, v = given.target_size;
    model_.layers = given.layers, model_.width = w, model_.units = u, model_.target_size = v;
    model_.states = cell_info(given.cell).states, model_.cell = used.forward[given.cell];
    model_.additive = given.additive != 0, model_.input_feeding = given.input_feeding != 0;
    const bool shared = given.source_embedding == given.target_embedding;
    const int64_t ids = shared ? std::max(given.source_size, v) : given.source_size;
    model_.source_embedding = kept(given.source_embedding, ids * w);
    model_.target_embedding = shared ? model_.source_embedding : kept(given.target_embedding, v * w);
    for (int64_t l = 0; l < given.layers; ++l) stack_.push_back(layer(given, l));
    model_.stack = stack_.data();
    model_.keys = dense({{given.keys, nullptr}}, 2 * u, u);
    if (model_.additive) model_.query = dense({given.query}, u, u), model_.sum = kept(given.sum, u);
    model_.found = dense({given.found}, 3 * u, w);
    const bool tied = !given.head.kernel;
    const float* table = tied ? given.target_embedding : given.head.kernel;
    model_.output = linear({{table, tied ? nullptr : given.head.bias}}, w, v, tied ? 1 : v, tied ? w : 1, -INFINITY);
  }

  int64_t target_size() const override { return model_.target_size; }
  int64_t block_floats() const override { return model_.block_floats(); }
  int64_t blocks_read(int64_t steps) const override { return 1 + (steps + STEPS - 1) / STEPS; }
  int64_t steps_written() const override { return INT64_MAX; }
  int64_t looks() const override { return 1; }
  bool pads() const override { return true; }
  bool encode(const int32_t* ids, const int64_t* offsets, int64_t count, float* const* const* blocks) const override {
    return kernels_.encode(model_, ids, offsets, count, blocks);
  }
  bool step(const DecodingStep& step) const override { return kernels_.step(model_, step); }

 private:
  const float* kept(const float* from, int64_t count) {
    float* to = room(count);
    std::copy(from, from + count, to);
    return to;
  }

  CellWeights cell(const UnspoolDirection& from, const UnspoolEncoderDecoder& given, int64_t inputs) {
    const CellInfo& info = cell_info(given.cell);
    const int64_t columns = info.gates * given.units;
    return {kept(from.kernel, inputs * columns), kept(from.recurrent, given.units * columns),
            kept(from.bias, info.bias_rows * columns)};
  }

  EncoderDecoderLayer layer(const UnspoolEncoderDecoder& given, int64_t l) {
    const UnspoolEncoderDecoderLayer& from = given.stack[l];
    const int64_t u = given.units, w = given.width;
    EncoderDecoderLayer to = {};
    to.forward = cell(from.forward, given, l ? 2 * u : w), to.backward = cell(from.backward, given, l ? 2 * u : w);
    to.decoder = cell(from.decoder, given, l ? u : given.input_feeding ? 2 * w : w);
    for (int64_t s = 0; s < model_.states; ++s) to.first[s] = dense({from.first[s]}, 2 * u, u);
    return to;
  }

  const EncoderDecoderKernels& kernels_;
  EncoderDecoderModel model_ = {};
  std::vector<EncoderDecoderLayer> stack_;
};

bool valid(const UnspoolEncoderDecoder& m) {
  return m.layers > 0 && m.width > 0 && m.units > 0 && m.source_size > 1 && m.target_size > 1 && m.cell >= LSTM &&
         m.cell < CELLS;
}

}  // namespace
}  // namespace unspool

UNSPOOL_EXPORT void* unspool_encoder_decoder_new(const UnspoolEncoderDecoder* model) {
  if (!unspool::valid(*model)) return nullptr;
  try {
    return new unspool::EncoderDecoder(*model, unspool::kernels());
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

UNSPOOL_EXPORT void unspool_encoder_decoder_free(void* model) { delete static_cast<unspool::EncoderDecoder*>(model); }

UNSPOOL_EXPORT int32_t unspool_encoder_decoder_search(const void* model, const UnspoolSearch* search, const int32_t* ids,
                                                      const int64_t* offsets, int64_t count, int32_t* tokens,
                                                      int64_t* lengths, float* totals, float* scores, uint8_t* ended) {
  return unspool::search(*static_cast<const unspool::EncoderDecoder*>(model), *search, ids, offsets, count,
                         {tokens, lengths, totals, scores, ended});
}

UNSPOOL_EXPORT int32_t unspool_encoder_decoder_attention(const void* model, const int32_t* ids, int64_t source_count,
                                                         const int32_t* tokens, int64_t token_count, float* shares) {
  return unspool::attention(*static_cast<const unspool::EncoderDecoder*>(model), ids, source_count, tokens, token_count, shares);
}
