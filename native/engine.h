// The loop over time, shared by the cells whose gates are one product of [x_t, h_(t-1)]: rnn, lstm and gru.
//
// How the work is cut. Rows of the batch go into chunks; a chunk walks through all time steps by itself, so threads meet
// only at the ends. Within a step, columns are taken a block at a time: one vector of units with all its gates, whose
// weights (packed for that) stay in the nearest cache while the chunk's rows pass by; the sums of a block's gates are
// all in registers when its last product is in, so the cell is applied there and pre-activations never reach memory.
// The backward pass keeps the gates' gradients of some time steps (a block of about TIME_ROWS rows), then turns them
// into gradients of the input and the weights while they are still in cache.
//
// Chunks depend on the shape alone, and their partial weight gradients are added in one order: the number of threads
// does not change a bit of the result. Forward results of a row do not depend on the other rows at all. Where there are
// too few rows for a chunk each and the weights are large, threads share out the columns of every step instead
// (`shared`): each column's sums are formed by one thread, so that changes no bit either.
//
// A Cell has
//   GATES                       columns per unit in each weight matrix
//   SUMS, h_sum(gate)           sums per unit: gate g of x goes to sum g, of h to sum h_sum(g); these differ only where
//                               the two parts are not simply added (gru)
//   BIAS_ROWS                   1, or 2 where x and h each have a bias
//   RESET_BEFORE                the last gate's part of h is (r h) times its weights, a product that needs r first; then
//                               the engine applies the cell itself (gru with the reset before), gates z r n, saved z r n h
//   SAVED, H_SLOT, C_SLOT       vectors saved per unit for the backward pass, and which are the states (C_SLOT -1: none)
//   forward(sum, h, c, saved)   states in, states out
//   backward(saved, h_prev, c_prev, dh, dc, dsum)   dh, dc: gradient of the new states in; of the old ones out, without
//                               what flows back through the products of h
#ifndef UNSPOOL_ENGINE_H_
#define UNSPOOL_ENGINE_H_

#include "recurrent.h"
#include "tile.h"

namespace {

using unspool::InputGradients;
using unspool::Inputs;
using unspool::OutputGradients;
using unspool::Outputs;
using unspool::Parallel;
using unspool::Shape;
using unspool::Team;

constexpr int64_t TIME_ROWS = 96;         // rows x steps of gate gradients kept at once
constexpr int64_t PROJECT_ROWS = 64;      // steps whose input is projected ahead where a chunk has few rows
constexpr int64_t FEW_ROWS = 4;
constexpr int64_t CACHE_FLOATS = 262144;  // weights above this (1 MiB) leave the second-level cache
constexpr int64_t TEAM_ROWS = 24;         // batches of fewer rows go through such weights together, a team to a step
constexpr int64_t TEAM_PARTS = 8;         // of a step's columns

// A row stride of a multiple of 4 KiB would put all rows of a column into one set of the cache.
inline int64_t row_stride(int64_t floats) { return floats % 256 == 0 ? floats + 16 : floats; }

inline int64_t chunk_count(int64_t batch, int64_t weights) {
  if (batch < 8 || (batch < TEAM_ROWS && weights > CACHE_FLOATS)) return batch > 0 ? 1 : 0;
  int64_t count = batch >= 384 ? 16 : batch >= 96 ? 8 : batch >= 32 ? 4 : 2;
  // Each chunk streams large weights from memory once a step: fewer, taller chunks do so less often.
  while (weights > CACHE_FLOATS && count > 2 && batch / count < 24) count /= 2;
  return count;
}

// Calls f(first, last) for parts of 0..count that together are all of it: one part, or as many as the team may share.
template <typename F>
UNSPOOL_INLINE void shared(Team* team, int64_t count, const F& f) {
  if (!team) return f(0, count);
  const int64_t parts = count < TEAM_PARTS ? count : TEAM_PARTS;
  team->each(parts, [&f, count, parts](int64_t i) { f(count * i / parts, count * (i + 1) / parts); });
}

inline void copy(float* to, const float* from, int64_t floats) {
  memcpy(to, from, static_cast<size_t>(floats) * sizeof(float));
}
inline void clear(float* to, int64_t floats) { memset(to, 0, static_cast<size_t>(floats) * sizeof(float)); }

// Hands out parts of one block, each on its own cache line.
class Scratch {
 public:
  int64_t reserve(int64_t floats) {
    const int64_t at = size_;
    size_ += (floats + 15) / 16 * 16;
    return at;
  }
  bool take() {
    block_ = unspool::scratch_take(static_cast<size_t>(size_));
    return block_ != nullptr;
  }
  float* operator[](int64_t at) const { return block_ + at; }
  Scratch() = default;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { unspool::scratch_give(block_); }

 private:
  int64_t size_ = 0;
  float* block_ = nullptr;
};

template <typename Cell>
struct Plan {
  static constexpr int G = Cell::GATES, S = Cell::SUMS;
  static constexpr bool SPLIT = S != G;  // x and h have sums of their own

  Shape shape;
  int64_t B, T, D, U;
  int64_t blocks;         // of one vector of units
  int64_t gate_stride;    // of a row of gate gradients [block][gate][V]
  int64_t state_stride;   // of a row of states [block][V]
  int64_t input_stride;   // of a row of x
  int64_t saved_stride;   // of a row of `saved`: [block][slot][V], padded
  int64_t chunks;

  explicit Plan(const Shape& s)
      : shape(s), B(s.batch), T(s.length), D(s.width), U(s.units), blocks((U + V - 1) / V),
        gate_stride(row_stride(blocks * G * V)), state_stride(row_stride(blocks * V)),
        input_stride(row_stride((D + 15) / 16 * 16)), saved_stride(unspool::padded_units(U) * Cell::SAVED),
        chunks(chunk_count(B, (D + U) * G * U)) {}

  int64_t chunk_begin(int64_t i) const { return B * i / chunks; }
  int64_t chunk_rows() const { return chunks ? (B + chunks - 1) / chunks : 0; }
  int64_t step_of(int64_t s) const { return shape.constant ? 0 : shape.reverse ? T - 1 - s : s; }
  int64_t x_length() const { return shape.constant ? 1 : T; }
  int64_t units_in(int64_t block) const { return U - block * V < V ? U - block * V : V; }
  bool wants_team() const { return chunks == 1 && (D + U) * G * U > CACHE_FLOATS; }
  bool projects_ahead() const { return shape.constant || chunk_rows() < FEW_ROWS; }
  bool masked(const uint8_t* mask, int64_t b, int64_t s) const {
    return mask && !mask[b * T + (shape.reverse ? T - 1 - s : s)];
  }
};

// One block's columns of a (rows, G*U) matrix as [rows][gate][V], zeros past the last unit.
template <int G>
void pack_block(const float* matrix, int64_t rows, int64_t units, int64_t block, float* packed) {
  const int64_t u0 = block * V, n = units - u0 < V ? units - u0 : V;
  for (int64_t k = 0; k < rows; ++k) {
    for (int g = 0; g < G; ++g) store(packed + (k * G + g) * V, load_first(matrix + (k * G + g) * units + u0, n));
  }
}

// The transpose of gates FIRST.. (N of them) of a (rows, G*U) matrix as panels: depth [block][slot of SLOTS][V], the
// gates in the first N slots and zeros in the others; columns the matrix's rows.
template <int G, int FIRST, int N, int SLOTS>
void pack_transposed(const float* matrix, int64_t rows, int64_t units, const Panels& panels, int64_t panel,
                     float* packed) {
  const int64_t v0 = panels.first(panel), wide = (panels.first(panel + 1) - v0) * V;
  float* out = packed + panels.depth * v0 * V;
  clear(out, panels.depth * wide);
  const int64_t j0 = v0 * V, columns = rows - j0 < wide ? rows - j0 : wide;
  for (int64_t u0 = 0; u0 < units; u0 += V) {  // a vector of units of all rows at a time: what is written stays near
    const int64_t n = units - u0 < V ? units - u0 : V;
    for (int g = 0; g < N; ++g) {
      float* to = out + (u0 / V * SLOTS + g) * V * wide;
      for (int64_t j = 0; j < columns; ++j) {
        const float* row = matrix + ((j0 + j) * G + FIRST + g) * units + u0;
        for (int64_t u = 0; u < n; ++u) to[u * wide + j] = row[u];
      }
    }
  }
}

// The bias of each sum of one block, [sum][V].
template <typename Cell>
void pack_bias(const float* bias, int64_t units, int64_t block, float* packed) {
  const int64_t u0 = block * V, n = units - u0 < V ? units - u0 : V;
  for (int i = 0; i < Cell::SUMS; ++i) {
    vec sum = vec{};
    for (int g = 0; g < Cell::GATES; ++g) {
      if (g == i) sum += load_first(bias + g * units + u0, n);
      if (Cell::BIAS_ROWS == 2 && Cell::h_sum(g) == i) sum += load_first(bias + (Cell::GATES + g) * units + u0, n);
    }
    store(packed + i * V, sum);
  }
}

#include "engine_forward.inc"
#include "engine_table.inc"
#ifdef UNSPOOL_INFERENCE
// A build for inference alone has no backward pass, which takes most of the time to compile: asking for one fails.
template <typename Cell>
bool run_backward(const Shape&, const Inputs&, const float*, const OutputGradients&, const InputGradients&,
                  const Parallel&) {
  return false;
}
#else
#include "engine_backward.inc"
#endif

}  // namespace

#endif  // UNSPOOL_ENGINE_H_
