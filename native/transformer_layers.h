// The layers of a Transformer on rows of floats: products with packed weights, layer norms, attention. Included only by
// transformer.cc, which is compiled once per instruction set (see simd.h).
//
// Rows are padded to a multiple of LANES with zeros, which every layer keeps zeros. A row's bits depend on nothing beside it.
#ifndef UNSPOOL_TRANSFORMER_LAYERS_H_
#define UNSPOOL_TRANSFORMER_LAYERS_H_

#include <math.h>

#include "lanes.h"
#include "tile.h"
#include "transformer_model.h"

namespace {

using unspool::Linear;
using unspool::Norm;
using unspool::padded;
using unspool::STEPS;

// Which lanes of a vector are among the first n.
UNSPOOL_INLINE ivec first_lanes(int64_t n) {
  static const int32_t numbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  ivec lanes;
  memcpy(&lanes, numbers, sizeof lanes);
  return lanes < static_cast<int32_t>(n < V ? n : V);
}

enum class Then { NOTHING, RELU, ADD };  // what becomes of a product: itself, its positive part, or what is added to `out`

template <int N>
struct LinearRows {
  int64_t depth;
  const float* a;
  int64_t a_row;
  const float *weights, *bias;
  float* out;
  int64_t out_row;
  Then then;

  template <int M>
  void run() const {
    vec sum[M][N];
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m)
#pragma GCC unroll 4
      for (int n = 0; n < N; ++n) sum[m][n] = load(bias + n * V);
    tile<M, N>(depth, a, a_row, 1, weights, N * V, sum);
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m)
#pragma GCC unroll 4
      for (int n = 0; n < N; ++n) {
        float* to = out + m * out_row + n * V;
        if (then == Then::RELU) sum[m][n] = at_least(sum[m][n], 0.0f);
        if (then == Then::ADD) sum[m][n] = load(to) + sum[m][n];
        store(to, sum[m][n]);
      }
  }
};

// Panels [begin, end) of a (rows, depth) times the weights, to columns of `out` from that of the first panel on.
inline void linear(int64_t rows, const float* a, int64_t a_row, const Linear& layer, const Panels& panels, int64_t begin,
                   int64_t end, float* out, int64_t out_row, Then then) {
  if (rows == 0) return;
  const int64_t origin = panels.first(begin);
  for (int64_t p = begin; p < end; ++p) {
    const int64_t v0 = panels.first(p);
    const float *w = layer.weights + panels.depth * v0 * V, *bias = layer.bias + v0 * V;
    float* o = out + (v0 - origin) * V;
    switch (panels.first(p + 1) - v0) {
      case 1: in_blocks(rows, LinearRows<1>{panels.depth, a, a_row, w, bias, o, out_row, then}); break;
      case 2: in_blocks(rows, LinearRows<2>{panels.depth, a, a_row, w, bias, o, out_row, then}); break;
      case 3: in_blocks(rows, LinearRows<3>{panels.depth, a, a_row, w, bias, o, out_row, then}); break;
      default: in_blocks(rows, LinearRows<4>{panels.depth, a, a_row, w, bias, o, out_row, then}); break;
    }
  }
}

inline void linear(int64_t rows, const float* a, int64_t a_row, const Linear& layer, float* out, int64_t out_row,
                   Then then = Then::NOTHING) {
  const Panels panels(layer.depth, layer.columns);
  linear(rows, a, a_row, layer, panels, 0, panels.count, out, out_row, then);
}

// Rows of padded(width) to rows of mean 0 and variance 1, scaled and moved.
inline void normalise(int64_t rows, const float* x, int64_t width, const Norm& norm, float* out) {
  const int64_t row = padded(width);
  const float share = 1.0f / static_cast<float>(width);
  for (int64_t i = 0; i < rows; ++i, x += row, out += row) {
    vec sum = {}, squares = {};
    for (int64_t c = 0; c < row; c += V) sum += load(x + c);
    const vec mean = fill(sum_of_lanes(sum) * share);
    for (int64_t c = 0; c < width; c += V) {
      const vec off = floats(bits(load(x + c) - mean) & first_lanes(width - c));  // what is padded does not count
      squares = multiply_add(off, off, squares);
    }
    const vec factor = fill(1.0f / sqrtf(sum_of_lanes(squares) * share + 1e-6f));
    for (int64_t c = 0; c < row; c += V)
      store(out + c, multiply_add((load(x + c) - mean) * factor, load(norm.scale + c), load(norm.offset + c)));
  }
}

// Turns the two halves of each head by the angles of a place.
inline void turn(float* x, int64_t heads, int64_t head_width, const float* sines) {
  const int64_t half = head_width / 2;
  const float* cosines = sines + half;
  for (int64_t h = 0; h < heads; ++h, x += head_width)
    for (int64_t i = 0; i < half; ++i) {
      const float a = x[i], b = x[half + i];
      x[i] = a * cosines[i] - b * sines[i];
      x[half + i] = b * cosines[i] + a * sines[i];
    }
}

// Keeps a step's keys and values (width) in the blocks of its sequence, see `TransformerModel::layer_floats`.
inline void keep(float* const* blocks, int64_t offset, int64_t step, int64_t width, const float* keys,
                 const float* values) {
  float* block = blocks[step / STEPS] + offset;
  const int64_t lane = step % STEPS;
  for (int64_t c = 0; c < width; ++c) block[c * STEPS + lane] = keys[c];
  memcpy(block + STEPS * width + lane * padded(width), values, static_cast<size_t>(width) * sizeof(float));
}

// Softmax of the first `count` numbers; those behind, up to a whole vector, become 0.
inline void soften(float* w, int64_t count) {
  vec high = fill(-INFINITY);
  for (int64_t s = 0; s < count; s += V) {
    const vec x = first_lanes(count - s) ? load(w + s) : fill(-INFINITY);
    high = x > high ? x : high;
  }
  const vec top = fill(largest_lane(high));
  vec sum = {};
  for (int64_t s = 0; s < count; s += V) {
    const Exponential e = exponential(at_least(load(w + s) - top, -87.0f));
    const vec power = floats(bits(multiply_add(e.scale, e.rest, e.scale)) & first_lanes(count - s));
    sum += power;
    store(w + s, power);
  }
  const vec share = fill(1.0f / sum_of_lanes(sum));
  for (int64_t s = 0; s < count; s += V) store(w + s, load(w + s) * share);
}

constexpr int BLOCK_VECTORS = static_cast<int>(STEPS) / V;

// Queries that look at the same steps of one sequence.
struct Look {
  const float* const* blocks;
  int64_t offset, count;        // of the layer in a block; steps that are looked at
  int64_t width, heads;
  const float* queries;         // rows of query_row
  int64_t query_row;
  float* weights;               // memory for 8 rows of count, rounded up to STEPS
  float* out;                   // rows of padded(width)
  float* shares = nullptr;      // rows of shares_row, the mean of the heads' weights; nullptr: not wanted
  int64_t shares_row = 0;

  int64_t weights_row() const { return (count + STEPS - 1) / STEPS * STEPS; }

  template <int M>
  void run() const {
    const int64_t d = width / heads;
    const float scale = 1.0f / sqrtf(static_cast<float>(d));
    for (int64_t h = 0; h < heads; ++h) {
      for (int64_t b = 0; b * STEPS < count; ++b) {
        vec sum[M][BLOCK_VECTORS] = {};
        tile<M, BLOCK_VECTORS>(d, queries + h * d, query_row, 1, blocks[b] + offset + h * d * STEPS, STEPS, sum);
        for (int m = 0; m < M; ++m)
          for (int n = 0; n < BLOCK_VECTORS; ++n)
            store(weights + m * weights_row() + b * STEPS + n * V, sum[m][n] * scale);
      }
      for (int m = 0; m < M; ++m) soften(weights + m * weights_row(), count);
      if (shares) share<M>(h == 0);
      int64_t c = 0;
      for (; c + 4 * V <= d; c += 4 * V) mean<M, 4>(h * d, c, d);
      for (; c + V < d; c += 2 * V) mean<M, 2>(h * d, c, d);
      if (c < d) mean<M, 1>(h * d, c, d);
    }
  }

 private:
  // Adds the weights of a head to what is looked at.
  template <int M>
  void share(bool first) const {
    for (int m = 0; m < M; ++m)
      for (int64_t s = 0; s < count; ++s) {
        float* to = shares + m * shares_row + s;
        *to = (first ? 0.0f : *to) + weights[m * weights_row() + s] / static_cast<float>(heads);
      }
  }

  // The weighted means of the values' columns c to c + N V of a head, of which there are d.
  template <int M, int N>
  void mean(int64_t head, int64_t c, int64_t d) const {
    vec sum[M][N] = {};
    const int64_t row = padded(width);
    for (int64_t b = 0; b * STEPS < count; ++b) {
      const int64_t steps = count - b * STEPS < STEPS ? count - b * STEPS : STEPS;
      tile<M, N>(steps, weights + b * STEPS, weights_row(), 1, blocks[b] + offset + STEPS * width + head + c, row, sum);
    }
    for (int m = 0; m < M; ++m)
      for (int n = 0; n < N; ++n)
        if (c + n * V < d) store_first(out + m * row + head + c + n * V, sum[m][n], d - c - n * V);
  }
};

constexpr int LOOKING = rows_for(4);  // rows at a time: `mean` has up to four vectors of each in registers

// What `rows` queries take of what they look at; zeros where that is nothing.
inline void attend(int64_t rows, Look look) {
  const int64_t row = padded(look.width);
  memset(look.out, 0, static_cast<size_t>(rows * row) * sizeof(float));
  if (look.count == 0) return;
  Blocks blocks(rows, LOOKING);
  const Look first = look;
  for (int64_t i = 0; i < blocks.count; ++i) {
    const int64_t m0 = blocks.begin(i);
    look.queries = first.queries + m0 * look.query_row;
    look.out = first.out + m0 * row;
    if (look.shares) look.shares = first.shares + m0 * look.shares_row;
    with_rows<LOOKING>(blocks.begin(i + 1) - m0, look);
  }
}

}  // namespace

#endif  // UNSPOOL_TRANSFORMER_LAYERS_H_
