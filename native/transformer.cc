// A Transformer's forward passes, see transformer.h: over whole sources, and step by step over what is written.
//
// Compiled once per instruction set: no standard library templates, see simd.h.
#include "isa.h"
#include "transformer_layers.h"

namespace {

using unspool::DecodingStep;
using unspool::LANES;
using unspool::PLACES;
using unspool::TransformerBlock;
using unspool::TransformerModel;

constexpr int64_t COLUMNS = 256;  // of logits that are computed together: their weights and they fit into a cache of 1 MB

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
  float** blocks;

  Scratch(const TransformerModel& m, int64_t longest)
      : floats((longest + STEPS - 1) / STEPS * m.layer_floats() + LANES),
        pointers((longest + STEPS - 1) / STEPS * 2 + 2) {  // a pointer is two floats long, at most
    static_assert(sizeof(float*) <= 2 * sizeof(float), "");
    if (!floats.data || !pointers.data) return;
    blocks = reinterpret_cast<float**>(pointers.data);
    for (int64_t b = 0; b * STEPS < longest; ++b) blocks[b] = floats.data + b * m.layer_floats();
  }
};

struct Candidates {
  int64_t wanted;
  int32_t* found;  // of one row
  float* logits;
  int64_t count;
};

// Puts an id among the largest; ids come in rising order, so that of equal ones the first stays.
UNSPOOL_INLINE void insert(Candidates& best, int32_t id, float logit) {
  int64_t at = best.count < best.wanted ? best.count++ : best.wanted - 1;
  for (; at > 0 && best.logits[at - 1] < logit; --at) {
    best.logits[at] = best.logits[at - 1];
    best.found[at] = best.found[at - 1];
  }
  best.logits[at] = logit;
  best.found[at] = id;
}

// Looks through the logits of ids `first` to `first + columns`.
void look_through(const float* logits, int64_t first, int64_t columns, Candidates& best, float& top, vec& sum,
                  bool normalised) {
  float least = best.count < best.wanted ? -INFINITY : best.logits[best.wanted - 1];
  vec high = fill(-INFINITY);
  for (int64_t c = 0; c < columns; c += V) {
    const vec x = load(logits + c);
    high = x > high ? x : high;
    if (!any_lane(x > least)) continue;
    for (int64_t i = c; i < c + V; ++i) {
      if (!(logits[i] > least) || first + i == 0) continue;
      insert(best, static_cast<int32_t>(first + i), logits[i]);
      if (best.count == best.wanted) least = best.logits[best.wanted - 1];
    }
  }
  if (!normalised) return;
  const float highest = largest_lane(high);
  if (highest > top) {
    if (top > -INFINITY) {
      const Exponential e = exponential(at_least(fill(top - highest), -87.0f));
      sum *= multiply_add(e.scale, e.rest, e.scale);
    }
    top = highest;
  }
  vec more = {};
  for (int64_t c = 0; c < columns; c += V) {
    const Exponential e = exponential(at_least(load(logits + c) - top, -87.0f));
    more += multiply_add(e.scale, e.rest, e.scale);
  }
  sum += more;
}

// The largest logits of rows of normalised states, and their log-probabilities.
bool choose(const TransformerModel& m, const DecodingStep& step, int64_t rows, const Activations& act) {
  const Panels panels(m.output.depth, m.output.columns);
  const int64_t at_once = COLUMNS / (4 * V);
  Block block(rows * (COLUMNS + LANES) + 3 * rows + 2 * LANES);
  if (!block.data) return false;
  float *logits = block.data, *sums = logits + rows * COLUMNS, *tops = sums + rows * LANES;
  int64_t* counts = reinterpret_cast<int64_t*>(tops + (rows + LANES - 1) / LANES * LANES);
  for (int64_t r = 0; r < rows; ++r) {
    tops[r] = -INFINITY, counts[r] = 0;
    store(sums + r * LANES, vec{});
  }
  for (int64_t p = 0; p < panels.count; p += at_once) {
    const int64_t end = p + at_once < panels.count ? p + at_once : panels.count;
    linear(rows, act.normed, act.row, m.output, panels, p, end, logits, COLUMNS, Then::NOTHING);
    const int64_t first = panels.first(p) * V, columns = panels.first(end) * V - first;
    for (int64_t r = 0; r < rows; ++r) {
      Candidates best{step.wanted, step.found + r * step.wanted, step.gained + r * step.wanted, counts[r]};
      vec sum = load(sums + r * LANES);
      look_through(logits + r * COLUMNS, first, columns, best, tops[r], sum, step.normalised);
      store(sums + r * LANES, sum);
      counts[r] = best.count;
    }
  }
  for (int64_t r = 0; r < rows; ++r) {
    const float rest = step.normalised ? logf(sum_of_lanes(load(sums + r * LANES))) : 0.0f;
    for (int64_t w = 0; w < step.wanted; ++w) {
      float& gained = step.gained[r * step.wanted + w];
      if (w >= counts[r]) {
        step.found[r * step.wanted + w] = -1;
        gained = NAN;
      } else {
        gained = step.normalised ? (gained - tops[r]) - rest : gained * 0.0f;
      }
    }
  }
  return true;
}

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
      const int64_t r = step.first[n];
      attend(step.first[n + 1] - r, {step.memory[n], offset, step.memory_steps[n], m.width, m.heads,
                                     act.wide + r * act.wide_row, act.wide_row, act.weights, act.looked + r * act.row});
    }
    linear(rows, act.looked, act.row, b.memory_attended, act.x, act.row, Then::ADD);
    feed_forward(b, m.width, rows, act);
  }
  normalise(rows, act.x, m.width, m.decoder_norm, act.normed);
  return choose(m, step, rows, act);
}

}  // namespace unspool
