// A Transformer's forward passes, see transformer.h: over whole sources, and step by step over what is written.
//
// Compiled once per instruction set: no standard library templates, see simd.h.
#include "choosing.h"
#include "isa.h"
#include "transformer_layers.h"

namespace {

using unspool::PLACES;
using unspool::TransformerBlock;
using unspool::TransformerModel;

// Memory for rows of activations.
struct Activations {
  int64_t row, wide_row;  // of the model's width; of the widest layer in between
  float *x, *normed, *looked, *wide, *angles, *weights;
  Block block;

  // `longest`: steps that a query looks at, at most.
  Activations(const TransformerModel& m, int64_t rows, int64_t longest)
      : row(padded(m.width)),
        wide_row(padded(3 * m.width > m.feed_forward ? 3 * m.width : m.feed_forward)),
        block(rows * (3 * row + wide_row) + padded(m.width) + 8 * padded(longest) + LANES) {
    if (!block.data) return;
    x = block.data;
    normed = x + rows * row;
    looked = normed + rows * row;
    wide = looked + rows * row;
    angles = wide + rows * wide_row;
    weights = angles + padded(m.width);
  }

  // The sines and cosines of a place; of one beyond the table until the next call.
  const float* of_place(const TransformerModel& m, int64_t place) const {
    if (place < PLACES) return m.places + place * m.position_width();
    unspool::sines_and_cosines(place, m.position_width(), angles);
    return angles;
  }
};

// The embedding of an id at a place.
void embed(const TransformerModel& m, const float* vectors, int32_t id, int64_t place, const Activations& act, float* x) {
  const int64_t row = act.row;
  memcpy(x, vectors + id * row, static_cast<size_t>(row) * sizeof(float));
  if (m.rotary) return;
  const float* angles = act.of_place(m, place);
  for (int64_t c = 0; c < m.width; ++c) x[c] += angles[c];
}

void feed_forward(const TransformerBlock& b, int64_t width, int64_t rows, const Activations& act) {
  normalise(rows, act.x, width, b.dense_norm, act.normed);
  linear(rows, act.normed, act.row, b.hidden, act.wide, act.wide_row, Then::RELU);
  linear(rows, act.wide, act.wide_row, b.result, act.x, act.row, Then::ADD);
}

// Queries, keys and values of rows, side by side in `wide`.
void project(const TransformerModel& m, const TransformerBlock& b, int64_t rows, const Activations& act) {
  normalise(rows, act.x, m.width, b.attention_norm, act.normed);
  linear(rows, act.normed, act.row, b.queries_keys_values, act.wide, act.wide_row);
}

// Turns queries and keys of a row where positions are rotary, and keeps its keys and values.
void place_keys(const TransformerModel& m, const Activations& act, float* wide, float* const* blocks, int64_t offset,
                int64_t place) {
  if (m.rotary) {
    const float* angles = act.of_place(m, place);
    turn(wide, m.heads, m.head_width(), angles);
    turn(wide + m.width, m.heads, m.head_width(), angles);
  }
  keep(blocks, offset, place, m.width, wide + m.width, wide + 2 * m.width);
}

// Keys and values of a source in one layer of the encoder: blocks of one layer each, made anew for every layer.
struct Scratch {
  Block floats, pointers;
  float** blocks = nullptr;

  Scratch(const TransformerModel& m, int64_t longest)
      : floats((longest + STEPS - 1) / STEPS * m.layer_floats() + LANES),
        pointers((longest + STEPS - 1) / STEPS * 2 + 2) {  // a pointer is two floats long, at most
    static_assert(sizeof(float*) <= 2 * sizeof(float), "");
    if (!floats.data || !pointers.data) return;
    blocks = reinterpret_cast<float**>(pointers.data);
    for (int64_t b = 0; b * STEPS < longest; ++b) blocks[b] = floats.data + b * m.layer_floats();
  }
};

}  // namespace

namespace unspool {

void UNSPOOL_NAME(transformer_pack)(const float* const* kernels, int64_t count, int64_t depth, int64_t columns, int64_t row,
                                    int64_t column, float* packed) {
  const Panels panels(depth, count * columns);
  for (int64_t p = 0; p < panels.count; ++p) {
    const int64_t begin = panels.first(p) * V, end = panels.first(p + 1) * V;
    for (int64_t k = 0; k < depth; ++k)
      for (int64_t c = begin; c < end; ++c)
        *packed++ = c < count * columns ? kernels[c / columns][k * row + c % columns * column] : 0.0f;
  }
}

bool UNSPOOL_NAME(transformer_encode)(const TransformerModel& m, const int32_t* ids, const int64_t* offsets, int64_t count,
                                      float* const* const* blocks) {
  const int64_t rows = offsets[count] - offsets[0];
  int64_t longest = 0;
  for (int64_t n = 0; n < count; ++n)
    longest = offsets[n + 1] - offsets[n] > longest ? offsets[n + 1] - offsets[n] : longest;
  Activations act(m, rows, longest);
  Scratch scratch(m, longest);
  if (!act.block.data || !scratch.floats.data || !scratch.pointers.data) return false;
  for (int64_t n = 0; n < count; ++n)
    for (int64_t i = offsets[n]; i < offsets[n + 1]; ++i)
      embed(m, m.source_embedding, ids[i], i - offsets[n], act, act.x + (i - offsets[0]) * act.row);
  for (int64_t l = 0; l < m.layers; ++l) {
    const TransformerBlock& b = m.encoder[l];
    project(m, b, rows, act);
    for (int64_t n = 0; n < count; ++n) {
      const int64_t first = offsets[n] - offsets[0], length = offsets[n + 1] - offsets[n];
      float* wide = act.wide + first * act.wide_row;
      for (int64_t i = 0; i < length; ++i) place_keys(m, act, wide + i * act.wide_row, scratch.blocks, 0, i);
      attend(length, {scratch.blocks, 0, length, m.width, m.heads, wide, act.wide_row, act.weights,
                      act.looked + first * act.row});
    }
    linear(rows, act.looked, act.row, b.attended, act.x, act.row, Then::ADD);
    feed_forward(b, m.width, rows, act);
  }
  normalise(rows, act.x, m.width, m.encoder_norm, act.normed);
  for (int64_t l = 0; l < m.layers; ++l) {
    linear(rows, act.normed, act.row, m.decoder[l].memory_keys_values, act.wide, act.wide_row);
    for (int64_t n = 0; n < count; ++n)
      for (int64_t i = offsets[n]; i < offsets[n + 1]; ++i) {
        const float* wide = act.wide + (i - offsets[0]) * act.wide_row;
        keep(blocks[n], l * m.layer_floats(), i - offsets[n], m.width, wide, wide + m.width);
      }
  }
  return true;
}

bool UNSPOOL_NAME(transformer_step)(const TransformerModel& m, const DecodingStep& step) {
  const int64_t rows = step.first[step.sources];
  int64_t longest = step.place + 1;
  for (int64_t n = 0; n < step.sources; ++n) longest = step.memory_steps[n] > longest ? step.memory_steps[n] : longest;
  Activations act(m, rows, longest);
  if (!act.block.data) return false;
  for (int64_t r = 0; r < rows; ++r)
    embed(m, m.target_embedding, step.tokens[r], step.place, act, act.x + r * act.row);
  for (int64_t l = 0; l < m.layers; ++l) {
    const TransformerBlock& b = m.decoder[l];
    const int64_t offset = l * m.layer_floats();
    project(m, b, rows, act);
    for (int64_t r = 0; r < rows; ++r) {
      float* wide = act.wide + r * act.wide_row;
      place_keys(m, act, wide, step.kept[r], offset, step.place);
      attend(1, {step.kept[r], offset, step.place + 1, m.width, m.heads, wide, act.wide_row, act.weights,
                 act.looked + r * act.row});
    }
    linear(rows, act.looked, act.row, b.attended, act.x, act.row, Then::ADD);
    normalise(rows, act.x, m.width, b.memory_norm, act.normed);
    linear(rows, act.normed, act.row, b.memory_queries, act.wide, act.wide_row);
    for (int64_t n = 0; n < step.sources; ++n) {
      const int64_t r = step.first[n], steps = step.memory_steps[n];
      attend(step.first[n + 1] - r, {step.memory[n], offset, steps, m.width, m.heads, act.wide + r * act.wide_row, act.wide_row,
                                     act.weights, act.looked + r * act.row, step.shares ? step.shares + l * steps : nullptr,
                                     m.layers * steps});
    }
    linear(rows, act.looked, act.row, b.memory_attended, act.x, act.row, Then::ADD);
    feed_forward(b, m.width, rows, act);
  }
  normalise(rows, act.x, m.width, m.decoder_norm, act.normed);
  return choose(m.output, step, rows, act.normed, act.row);
}

}  // namespace unspool
