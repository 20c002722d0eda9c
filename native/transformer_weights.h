// A Transformer's weights as the kernels read them, see transformer.h. Included by transformer_search.cc alone.
#ifndef UNSPOOL_TRANSFORMER_WEIGHTS_H_
#define UNSPOOL_TRANSFORMER_WEIGHTS_H_

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "dispatch.h"
#include "packed_weights.h"
#include "searched.h"
#include "transformer.h"
#include "transformer_model.h"

UNSPOOL_FOR_EACH_ISA(UNSPOOL_DECLARE_TRANSFORMER)

namespace unspool {
namespace {

struct TransformerKernels {
  const char* isa;
  decltype(&transformer_pack_baseline) pack;
  decltype(&transformer_encode_baseline) encode;
  decltype(&transformer_step_baseline) step;
};

#define TABLE(isa) {#isa, transformer_pack_##isa, transformer_encode_##isa, transformer_step_##isa},
const TransformerKernels tables[] = {UNSPOOL_FOR_EACH_ISA(TABLE)};

// Packs what a caller gave, and keeps it.
class Transformer final : public Searched, private PackedWeights {
 public:
  Transformer(const UnspoolTransformer& given, const Kernels& used)
      : PackedWeights(entry_of(tables, used).pack), kernels(entry_of(tables, used)) {
    const int64_t d = given.width, ids = std::max(given.source_size, given.target_size);
    model.layers = given.layers, model.width = d, model.heads = given.heads, model.feed_forward = given.feed_forward;
    model.target_size = given.target_size, model.rotary = given.rotary != 0;
    const bool shared = given.source_embedding == given.target_embedding;
    model.source_embedding = embedding(given.source_embedding, shared ? ids : given.source_size, d);
    model.target_embedding = shared ? model.source_embedding : embedding(given.target_embedding, given.target_size, d);
    float* places = room(PLACES * model.position_width());
    for (int64_t p = 0; p < PLACES; ++p)
      sines_and_cosines(p, model.position_width(), places + p * model.position_width());
    model.places = places;
    for (int64_t l = 0; l < given.layers; ++l) {
      encoder_.push_back(block(given.encoder[l], given, false));
      decoder_.push_back(block(given.decoder[l], given, true));
    }
    model.encoder = encoder_.data(), model.decoder = decoder_.data();
    model.encoder_norm = norm(given.encoder_norm, d), model.decoder_norm = norm(given.decoder_norm, d);
    const bool tied = !given.head.kernel;
    const float* table = tied ? given.target_embedding : given.head.kernel;
    const int64_t v = given.target_size;
    model.output = linear({{table, tied ? nullptr : given.head.bias}}, d, v, tied ? 1 : v, tied ? d : 1, -INFINITY);
  }

  const TransformerKernels& kernels;
  TransformerModel model;

  int64_t target_size() const override { return model.target_size; }
  int64_t block_floats() const override { return model.block_floats(); }
  int64_t blocks_read(int64_t steps) const override { return (steps + STEPS - 1) / STEPS; }
  int64_t steps_written() const override { return STEPS; }
  int64_t looks() const override { return model.layers; }
  bool pads() const override { return false; }
  bool encode(const int32_t* ids, const int64_t* offsets, int64_t count, float* const* const* blocks) const override {
    return kernels.encode(model, ids, offsets, count, blocks);
  }
  bool step(const DecodingStep& step) const override { return kernels.step(model, step); }

 private:
  float* embedding(const float* from, int64_t ids, int64_t d) {
    float* to = room(ids * padded(d));
    const float factor = static_cast<float>(std::sqrt(static_cast<double>(d)));
    for (int64_t i = 0; i < ids; ++i) {
      float* row = padded_copy(from + i * d, d, to + i * padded(d));
      for (int64_t c = 0; c < d; ++c) row[c] *= factor;
    }
    return to;
  }

  Norm norm(const UnspoolNorm& from, int64_t d) {
    return {padded_copy(from.scale, d, room(padded(d))), padded_copy(from.offset, d, room(padded(d)))};
  }

  TransformerBlock block(const UnspoolTransformerBlock& from, const UnspoolTransformer& given, bool reads_memory) {
    const int64_t d = given.width, f = given.feed_forward;
    TransformerBlock to = {};
    const UnspoolAttention &own = from.attention, &other = from.to_memory;
    to.attention_norm = norm(from.attention_norm, d), to.dense_norm = norm(from.dense_norm, d);
    to.queries_keys_values = dense({own.queries, own.keys, own.values}, d, d);
    to.attended = dense({own.result}, d, d);
    if (reads_memory) {
      to.memory_norm = norm(from.memory_norm, d);
      to.memory_queries = dense({other.queries}, d, d);
      to.memory_keys_values = dense({other.keys, other.values}, d, d);
      to.memory_attended = dense({other.result}, d, d);
    }
    to.hidden = dense({from.hidden}, d, f);
    to.result = dense({from.result}, f, d);
    return to;
  }

  std::vector<TransformerBlock> encoder_, decoder_;
};

}  // namespace
}  // namespace unspool

#endif  // UNSPOOL_TRANSFORMER_WEIGHTS_H_
