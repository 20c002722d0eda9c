// An encoder-decoder's forward passes, see encoder_decoder.h: over whole sources, and step by step over what is written.
//
// Compiled once per instruction set: no standard library templates, see simd.h.
#include "encoder_decoder_model.h"

#include "choosing.h"
#include "isa.h"
#include "transformer_layers.h"

#define UNSPOOL_DECLARE_ENCODER_DECODER_HERE(isa) UNSPOOL_DECLARE_ENCODER_DECODER(isa)
UNSPOOL_DECLARE_ENCODER_DECODER_HERE(UNSPOOL_ISA)

namespace {

using unspool::CellWeights;
using unspool::EncoderDecoderLayer;
using unspool::EncoderDecoderModel;

void copy(float* to, const float* from, int64_t floats) { memcpy(to, from, static_cast<size_t>(floats) * sizeof(float)); }

void bend(float* x, int64_t floats) {  // a multiple of LANES
  for (int64_t c = 0; c < floats; c += V) store(x + c, tanh(load(x + c)));
}

// A cell over rows of `width` numbers; `h` and `c` follow each other in `after`, as in `before`.
bool run(const EncoderDecoderModel& m, const CellWeights& weights, const unspool::Shape& shape, const float* x,
         const uint8_t* mask, const float* before, float* y, float* after) {
  const int64_t state = shape.batch * shape.units;
  const bool two = m.states == 2;
  unspool::Inputs in = {x, mask, before, before && two ? before + state : nullptr, weights.kernel, weights.recurrent,
                        weights.bias};
  return m.cell(shape, in, {y, after, two ? after + state : nullptr, nullptr}, unspool::serial());
}

// What a query looks at: steps of one source.
struct Looking {
  const EncoderDecoderModel& m;
  const float* const* blocks;
  int64_t count;
  float* weights;  // memory for the scores: count, rounded up to STEPS

  // The context of a query (padded), 2 units numbers; zeros where there is no step.
  void context(const float* query, float* out) const {
    const int64_t row = m.values_row();
    for (int64_t b = 0; b * STEPS < count; ++b) {
      vec sum[BLOCK_VECTORS] = {};
      const float* keys = blocks[b];
      for (int64_t u = 0; u < m.units; ++u, keys += STEPS)
        for (int n = 0; n < BLOCK_VECTORS; ++n) {
          const vec key = load(keys + n * V);
          sum[n] = m.additive ? multiply_add(tanh(key + query[u]), m.sum[u], sum[n]) : multiply_add(key, query[u], sum[n]);
        }
      for (int n = 0; n < BLOCK_VECTORS; ++n) store(weights + b * STEPS + n * V, sum[n]);
    }
    if (count) soften(weights, count);
    for (int64_t c = 0; c < 2 * m.units; c += V) {
      vec sum = {};
      for (int64_t s = 0; s < count; ++s)
        sum = multiply_add(load(blocks[s / STEPS] + STEPS * m.units + s % STEPS * row + c), weights[s], sum);
      store_first(out + c, sum, 2 * m.units - c);
    }
  }
};

// The first states of the decoder's layer: `ends` are the last ones of both directions, (states, B, units) each.
void begin(const EncoderDecoderModel& m, int64_t l, int64_t count, const float* ahead, const float* back, float* both,
           float* first, float* const* const* blocks) {
  const int64_t U = m.units, row = 2 * U;
  for (int64_t s = 0; s < m.states; ++s) {
    for (int64_t n = 0; n < count; ++n) {
      copy(both + n * row, ahead + (s * count + n) * U, U);
      copy(both + n * row + U, back + (s * count + n) * U, U);
    }
    linear(count, both, row, m.stack[l].first[s], first, padded(U));
    bend(first, count * padded(U));
    for (int64_t n = 0; n < count; ++n) copy(blocks[n][0] + m.state(l, s), first + n * padded(U), padded(U));
  }
}

}  // namespace

namespace unspool {

bool UNSPOOL_NAME(encoder_decoder_encode)(const EncoderDecoderModel& m, const int32_t* ids, const int64_t* offsets,
                                          int64_t count, float* const* const* blocks) {
  const int64_t B = count, U = m.units, W = m.width;
  int64_t T = 1;
  for (int64_t n = 0; n < count; ++n) T = offsets[n + 1] - offsets[n] > T ? offsets[n + 1] - offsets[n] : T;
  const int64_t rows = B * T, widest = W > 2 * U ? W : 2 * U;
  Block floats(rows * (widest + 2 * U + padded(U)) + B * (4 * U + 2 * U + padded(U)) + rows / 4 + 1 + LANES);
  if (!floats.data) return false;
  float *x = floats.data, *y = x + rows * widest, *keys = y + 2 * rows * U, *ends = keys + rows * padded(U);
  float *both = ends + 4 * B * U, *first = both + 2 * B * U;
  uint8_t* mask = reinterpret_cast<uint8_t*>(first + B * padded(U));
  memset(mask, 0, static_cast<size_t>(rows));
  memset(x, 0, static_cast<size_t>(rows * W) * sizeof(float));
  for (int64_t n = 0; n < B; ++n)
    for (int64_t i = offsets[n]; i < offsets[n + 1]; ++i) {
      const int64_t at = n * T + i - offsets[n];
      mask[at] = 1;
      copy(x + at * W, m.source_embedding + ids[i] * W, W);
    }
  Shape shape;
  shape.batch = B, shape.length = T, shape.width = W, shape.units = U;
  for (int64_t l = 0; l < m.layers; ++l) {
    const EncoderDecoderLayer& layer = m.stack[l];
    float *ahead = y, *back = y + rows * U;
    shape.reverse = false;
    if (!run(m, layer.forward, shape, x, mask, nullptr, ahead, ends)) return false;
    shape.reverse = true;
    if (!run(m, layer.backward, shape, x, mask, nullptr, back, ends + 2 * B * U)) return false;
    begin(m, l, B, ends, ends + 2 * B * U, both, first, blocks);
    for (int64_t n = 0; n < B; ++n)
      for (int64_t t = 0; t < T; ++t) {
        copy(x + (n * T + t) * 2 * U, ahead + (n * T + t) * U, U);
        copy(x + (n * T + t) * 2 * U + U, back + (n * T + T - 1 - t) * U, U);
      }
    shape.width = 2 * U;
  }
  linear(rows, x, 2 * U, m.keys, keys, padded(U));
  for (int64_t n = 0; n < B; ++n) {
    memset(blocks[n][0] + m.found_at(), 0, static_cast<size_t>(padded(W)) * sizeof(float));
    for (int64_t t = 0; t < offsets[n + 1] - offsets[n]; ++t) {
      float* block = blocks[n][1 + t / STEPS];
      const int64_t lane = t % STEPS;
      for (int64_t u = 0; u < U; ++u) block[u * STEPS + lane] = keys[(n * T + t) * padded(U) + u];
      float* values = block + STEPS * U + lane * m.values_row();
      memset(values, 0, static_cast<size_t>(m.values_row()) * sizeof(float));
      copy(values, x + (n * T + t) * 2 * U, 2 * U);
    }
  }
  return true;
}

bool UNSPOOL_NAME(encoder_decoder_step)(const EncoderDecoderModel& m, const DecodingStep& step) {
  const int64_t R = step.first[step.sources], U = m.units, W = m.width;
  int64_t longest = 0;
  for (int64_t n = 0; n < step.sources; ++n) longest = step.memory_steps[n] > longest ? step.memory_steps[n] : longest;
  const int64_t first_width = m.input_feeding ? 2 * W : W, widest = first_width > U ? first_width : U;
  Block floats(R * (widest + 4 * U + padded(U) + 3 * U + padded(W)) + (longest + STEPS - 1) / STEPS * STEPS + 2 * LANES);
  if (!floats.data) return false;
  float *x = floats.data, *before = x + R * widest, *after = before + 2 * R * U, *query = after + 2 * R * U;
  float *both = query + R * padded(U), *found = both + R * 3 * U, *weights = found + R * padded(W);
  // The states of all rows: of the source before the first step, then each row's own.
  const auto states = [&](int64_t n, int64_t r) { return step.place ? step.kept[r][0] : step.memory[n][0]; };
  for (int64_t n = 0; n < step.sources; ++n)
    for (int64_t r = step.first[n]; r < step.first[n + 1]; ++r) {
      copy(x + r * first_width, m.target_embedding + step.tokens[r] * W, W);
      if (m.input_feeding) copy(x + r * first_width + W, states(n, r) + m.found_at(), W);
    }
  Shape shape;
  shape.batch = R, shape.length = 1, shape.width = first_width, shape.units = U;
  for (int64_t l = 0; l < m.layers; ++l) {
    for (int64_t n = 0; n < step.sources; ++n)
      for (int64_t r = step.first[n]; r < step.first[n + 1]; ++r)
        for (int64_t s = 0; s < m.states; ++s) copy(before + (s * R + r) * U, states(n, r) + m.state(l, s), U);
    if (!run(m, m.stack[l].decoder, shape, x, nullptr, before, nullptr, after)) return false;
    for (int64_t r = 0; r < R; ++r)
      for (int64_t s = 0; s < m.states; ++s) copy(step.kept[r][0] + m.state(l, s), after + (s * R + r) * U, U);
    copy(x, after, R * U);
    shape.width = U;
  }
  if (m.additive) linear(R, x, U, m.query, query, padded(U));
  for (int64_t n = 0; n < step.sources; ++n)
    for (int64_t r = step.first[n]; r < step.first[n + 1]; ++r) {
      const Looking looking = {m, step.memory[n] + 1, step.memory_steps[n], weights};
      looking.context(m.additive ? query + r * padded(U) : x + r * U, both + r * 3 * U);
      copy(both + r * 3 * U + 2 * U, x + r * U, U);
      if (step.shares) copy(step.shares + r * step.memory_steps[n], weights, step.memory_steps[n]);
    }
  linear(R, both, 3 * U, m.found, found, padded(W));
  bend(found, R * padded(W));
  for (int64_t r = 0; r < R; ++r) copy(step.kept[r][0] + m.found_at(), found + r * padded(W), padded(W));
  return choose(m.output, step, R, found, padded(W));
}

}  // namespace unspool
