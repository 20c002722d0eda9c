#include "output_loss.h"

#include <float.h>
#include <math.h>

#include "isa.h"
#include "lanes.h"
#include "tile.h"

// Compiled once per instruction set: no standard library templates, see simd.h.
//
// Rows are taken ROWS at a time, and the vocabulary in chunks of WORDS, which threads share. In each chunk, the logits become
// exponentials relative to the largest of the chunk. When all chunks are done, each row's sum is known; then each chunk turns its
// exponentials into the gradient of its logits, and multiplies these by the table and by the rows while they are in the cache.
namespace {

constexpr int64_t ROWS = 128;
constexpr int64_t WORDS = 512;
constexpr int64_t STRIDE = WORDS + 16;  // floats between rows of a chunk: with a power of 2, columns would share few cache sets
constexpr int64_t DEPTH = 128;          // words multiplied at a time, so that their part of the table stays in the L1 cache

// Of the ROWS rows of a block within one chunk.
struct ChunkSums {
  float most[ROWS], sum[ROWS], logits[ROWS];  // the largest logit, the sum of exponentials relative to it, the sum of logits
  float factor[ROWS];                         // from exponentials to weighted shares
};
constexpr int64_t CHUNK_SUMS = sizeof(ChunkSums) / sizeof(float);

struct Job {
  const unspool::LastLayer& layer;
  const unspool::Answers& answers;
  float* losses;
  const unspool::LastLayerGradients& gradients;

  int64_t chunks = (layer.words + WORDS - 1) / WORDS;
  int64_t row = up_to(layer.width, V);               // of hidden, table and their gradients in `memory`
  int64_t words = up_to(layer.words, PANEL * V);
  bool differentiates = gradients.hidden != nullptr;
  bool copies = differentiates && row != layer.width;  // of the table and its gradient, in whole vectors

  float *panels = nullptr, *exponentials = nullptr, *sums = nullptr, *hidden = nullptr, *by_hidden = nullptr, *wanted = nullptr;
  float *table_copy = nullptr, *gradient_copy = nullptr;
  int64_t places[ROWS] = {};  // of the block's rows
  int64_t block_rows = 0;
  bool first_block = true;

  int64_t memory() const {
    return words * layer.width + chunks * ROWS * STRIDE + chunks * CHUNK_SUMS + ROWS * row + ROWS +
           (differentiates ? chunks * ROWS * row : 0) + (copies ? 2 * layer.words * row : 0);
  }

  void divide(float* memory) {
    const auto next = [&](int64_t floats) {
      float* begin = memory;
      memory += floats;
      return begin;
    };
    panels = next(words * layer.width);
    exponentials = next(chunks * ROWS * STRIDE);
    hidden = next(ROWS * row);
    by_hidden = differentiates ? next(chunks * ROWS * row) : nullptr;
    table_copy = copies ? next(layer.words * row) : nullptr;
    gradient_copy = copies ? next(layer.words * row) : nullptr;
    sums = next(chunks * CHUNK_SUMS);
    wanted = next(ROWS);
  }

  ChunkSums& of_chunk(int64_t c) const { return reinterpret_cast<ChunkSums*>(sums)[c]; }
  int64_t count(int64_t c) const { return least(WORDS, layer.words - c * WORDS); }

  // A chunk of the table, its words side by side in panels of PANEL vectors, zeros past the last.
  void pack(int64_t c) const {
    const int64_t width = layer.width, begin = c * WORDS;
    for (int64_t p = begin; p < begin + count(c); p += PANEL * V) {
      const int64_t there = least(PANEL * V, layer.words - p);
      for (int64_t d = 0; d < width; ++d) {
        float* to = panels + p * width + d * PANEL * V;
        for (int64_t j = 0; j < there; ++j) to[j] = layer.table[(p + j) * width + d];
        for (int64_t j = there; j < PANEL * V; ++j) to[j] = 0.0f;
      }
    }
    if (!copies) return;
    for (int64_t w = begin; w < begin + count(c); ++w) whole_vectors(layer.table + w * width, table_copy + w * row);
  }

  void whole_vectors(const float* from, float* to) const {
    memcpy(to, from, static_cast<size_t>(layer.width) * sizeof(float));
    for (int64_t d = layer.width; d < row; ++d) to[d] = 0.0f;
  }

  // A chunk's logits, and then exponentials, with their sums.
  void score(int64_t c) const {
    const int64_t begin = c * WORDS, width = layer.width, many = count(c);
    float* z = exponentials + c * ROWS * STRIDE;
    multiply(block_rows, up_to(many, PANEL * V) / V,
             {width, hidden, row, 1, panels + begin * width, PANEL * V, width * PANEL * V, z, STRIDE, false});
    ChunkSums& found = of_chunk(c);
    for (int64_t m = 0; m < block_rows; ++m, z += STRIDE) {
      vec most = fill(-FLT_MAX), logits = {}, sum = {};
      for (int64_t j = 0; j < many; j += V) {
        const int64_t left = many - j;
        vec logit = load(z + j) + load_first(layer.bias + begin + j, left);
        if (left < V) {  // beyond the last word
          store_first(z + j, logit, left);
          logits += load_first(z + j, left);
          for (int64_t i = left; i < V; ++i) z[j + i] = -FLT_MAX;
          logit = load(z + j);
        } else {
          store(z + j, logit);
          logits += logit;
        }
        most = logit > most ? logit : most;
      }
      const float largest = largest_lane(most);
      const int64_t id = answers.ids[places[m]] - begin;
      if (id >= 0 && id < many) wanted[m] = z[id];
      for (int64_t j = 0; j < many; j += V) {
        const Exponential e = exponential(at_least(load(z + j) - largest, -87.0f));
        const vec value = multiply_add(e.scale, e.rest, e.scale);
        sum += value;
        store(z + j, value);
      }
      found.most[m] = largest, found.sum[m] = sum_of_lanes(sum), found.logits[m] = sum_of_lanes(logits);
    }
  }

  // The losses of the block's rows, when all chunks have been scored.
  void conclude() const {
    const double smoothing = answers.smoothing;
    for (int64_t m = 0; m < block_rows; ++m) {
      float most = of_chunk(0).most[m];
      double sum = 0, logits = 0;
      for (int64_t c = 1; c < chunks; ++c) most = of_chunk(c).most[m] > most ? of_chunk(c).most[m] : most;
      for (int64_t c = 0; c < chunks; ++c) {
        ChunkSums& one = of_chunk(c);
        one.factor[m] = expf(one.most[m] - most);
        sum += double{one.sum[m]} * one.factor[m];
        logits += one.logits[m];
      }
      const double weight = answers.weights[places[m]];
      const double expected = (1 - smoothing) * wanted[m] + smoothing * logits / static_cast<double>(layer.words);
      losses[places[m]] = static_cast<float>(weight * (most + log(sum) - expected));
      for (int64_t c = 0; c < chunks; ++c) of_chunk(c).factor[m] *= static_cast<float>(weight / sum);
    }
  }

  // From a chunk's exponentials to the gradients of its part of the table, and what it adds to those of the rows.
  void differentiate(int64_t c) const {
    const int64_t begin = c * WORDS, many = count(c);
    float* by_logits = exponentials + c * ROWS * STRIDE;
    const ChunkSums& found = of_chunk(c);
    float* by_bias = gradients.bias + begin;
    for (int64_t m = 0; m < block_rows; ++m) {
      float* slopes = by_logits + m * STRIDE;
      const float weight = answers.weights[places[m]];
      const float evenly = weight * answers.smoothing / static_cast<float>(layer.words);
      for (int64_t j = 0; j < many; j += V) store(slopes + j, load(slopes + j) * found.factor[m] - evenly);
      const int64_t id = answers.ids[places[m]] - begin;
      if (id >= 0 && id < many) slopes[id] -= weight * (1.0f - answers.smoothing);
      for (int64_t j = 0; j < many; j += V) {
        const int64_t left = many - j;
        store_first(by_bias + j, load_first(by_bias + j, left) + load(slopes + j), left);
      }
    }
    const float* table = (copies ? table_copy : layer.table) + begin * row;
    float* by_table = (copies ? gradient_copy : gradients.table) + begin * row;
    for (int64_t w = 0; w < many; w += DEPTH) {
      multiply(block_rows, row / V, {least(DEPTH, many - w), by_logits + w, STRIDE, 1, table + w * row, row, PANEL * V,
                                     by_hidden + c * ROWS * row, row, w > 0});
    }
    multiply(many, row / V, {block_rows, by_logits, 1, STRIDE, hidden, row, PANEL * V, by_table, row, !first_block});
  }

  // The gradient of a row of the block, over all chunks.
  void gather(int64_t m) const {
    float* to = by_hidden + m * row;
    for (int64_t c = 1; c < chunks; ++c) {
      const float* more = to + c * ROWS * row;
      for (int64_t d = 0; d < row; d += V) store(to + d, load(to + d) + load(more + d));
    }
    memcpy(gradients.hidden + places[m] * layer.width, to, static_cast<size_t>(layer.width) * sizeof(float));
  }

  void block(unspool::Team& team) {
    memset(wanted, 0, sizeof(float) * ROWS);
    for (int64_t m = 0; m < block_rows; ++m) whole_vectors(layer.hidden + places[m] * layer.width, hidden + m * row);
    team.each(chunks, [this](int64_t c) { score(c); });
    conclude();
    if (differentiates) {
      team.each(chunks, [this](int64_t c) { differentiate(c); });
      team.each(block_rows, [this](int64_t m) { gather(m); });
    }
    first_block = false, block_rows = 0;
  }

  void all(unspool::Team& team) {
    memset(losses, 0, static_cast<size_t>(layer.rows) * sizeof(float));
    if (differentiates) {
      memset(gradients.hidden, 0, static_cast<size_t>(layer.rows * layer.width) * sizeof(float));
      memset(gradients.bias, 0, static_cast<size_t>(layer.words) * sizeof(float));
    }
    team.each(chunks, [this](int64_t c) { pack(c); });
    for (int64_t n = 0; n < layer.rows; ++n) {
      if (answers.weights[n] == 0.0f) continue;
      places[block_rows++] = n;
      if (block_rows == ROWS) block(team);
    }
    if (block_rows > 0) block(team);
    if (!differentiates) return;
    if (first_block) {
      memset(gradients.table, 0, static_cast<size_t>(layer.words * layer.width) * sizeof(float));
    } else if (copies) {
      for (int64_t w = 0; w < layer.words; ++w)
        memcpy(gradients.table + w * layer.width, gradient_copy + w * row, static_cast<size_t>(layer.width) * sizeof(float));
    }
  }
};

}  // namespace

namespace unspool {

bool UNSPOOL_NAME(output_loss)(const LastLayer& layer, const Answers& answers, float* losses,
                               const LastLayerGradients& gradients, const Parallel& parallel) {
  Job job{layer, answers, losses, gradients};
  const Block memory(job.memory());
  if (!memory.data) return false;
  job.divide(memory.data);
  lead_team(parallel, [](void* job, Team& team) { static_cast<Job*>(job)->all(team); }, &job);
  return true;
}

}  // namespace unspool
