// What follows the forward pass of word_maxima.h. It reads and writes a few numbers scattered over large tables, where no
// instruction set helps, so it is compiled only once.
#include <cmath>
#include <cstring>

#include "word_maxima.h"

namespace unspool {
namespace {

constexpr int64_t BLOCK = 32;         // filters of a task
constexpr int64_t CHUNK = 1 << 20;    // floats that a task clears

// A part of the filters of one width: no two tasks share a number of a table.
struct Columns {
  int64_t s, width, tap, begin, end;
};

int64_t tasks_of(const WordBatch& t) { return t.sizes * ((t.filters + BLOCK - 1) / BLOCK); }

int64_t taps_of(const WordBatch& t) {
  int64_t taps = 0;
  for (int64_t s = 0; s < t.sizes; ++s) taps += t.widths[s];
  return taps;
}

Columns columns_of(const WordBatch& t, int64_t task) {
  Columns c = {task % t.sizes, 0, 0, task / t.sizes * BLOCK, 0};
  for (int64_t s = 0; s < c.s; ++s) c.tap += t.widths[s];
  c.width = t.widths[c.s];
  c.end = c.begin + BLOCK < t.filters ? c.begin + BLOCK : t.filters;
  return c;
}

template <typename Job>
void run(const Parallel& parallel, int64_t count, Job& job) {
  parallel.run(parallel.pool, count, [](void* self, int64_t i) { (*static_cast<Job*>(self))(i); }, &job);
}

// The token at a step, or -1 where it has no vector.
inline int64_t word_at(const WordBatch& t, int64_t b, int64_t step) {
  if (step >= t.length) return -1;
  const int32_t token = t.tokens[b * t.length + step];
  return token < t.words ? token : -1;
}

// Sums by key, in the order in which keys first came: open addressing, at most half full.
struct Sums {
  int64_t slots;
  int64_t* keys;    // (slots), -1 where free
  float* sums;      // (slots)
  int32_t* used;    // (slots / 2)
  int64_t count = 0;

  static size_t floats(int64_t slots) { return static_cast<size_t>(slots * 4); }
  Sums(float* memory, int64_t slots) : slots(slots), keys(reinterpret_cast<int64_t*>(memory)) {
    sums = memory + 2 * slots;
    used = reinterpret_cast<int32_t*>(memory + 3 * slots);
    for (int64_t i = 0; i < slots; ++i) keys[i] = -1;
  }
  void add(int64_t key, float number) {
    uint64_t slot = static_cast<uint64_t>(key) * 0x9E3779B97F4A7C15u >> 32;
    for (slot &= slots - 1; keys[slot] >= 0; slot = (slot + 1) & (slots - 1)) {
      if (keys[slot] != key) continue;
      sums[slot] += number;
      return;
    }
    keys[slot] = key;
    sums[slot] = number;
    used[count++] = static_cast<int32_t>(slot);
  }
};

}  // namespace

void word_gradient(const WordBatch& t, const int32_t* where, const float* slopes, float* gradient,
                   const Parallel& parallel) {
  const int64_t taps = taps_of(t), size = t.words * taps * t.filters;
  auto clear = [&](int64_t chunk) {
    const int64_t begin = chunk * CHUNK, count = size - begin < CHUNK ? size - begin : CHUNK;
    std::memset(gradient + begin, 0, static_cast<size_t>(count) * sizeof(float));
  };
  run(parallel, (size + CHUNK - 1) / CHUNK, clear);
  auto add = [&](int64_t task) {
    const Columns c = columns_of(t, task);
    for (int64_t b = 0; b < t.batch; ++b) {
      for (int64_t f = c.begin; f < c.end; ++f) {
        const int64_t at = (b * t.sizes + c.s) * t.filters + f;
        if (slopes[at] == 0) continue;
        for (int64_t k = 0; k < c.width; ++k) {
          const int64_t word = word_at(t, b, where[at] + k);
          if (word >= 0) gradient[(word * taps + c.tap + k) * t.filters + f] += slopes[at];
        }
      }
    }
  };
  run(parallel, tasks_of(t), add);
}

bool word_adagrad(const WordBatch& t, const int32_t* where, const float* slopes, float rate, float epsilon, float* vectors,
                  float* squares, const Parallel& parallel) {
  const int64_t taps = taps_of(t);
  std::atomic<bool> failed{false};
  auto step = [&](int64_t task) {
    const Columns c = columns_of(t, task);
    int64_t slots = 16;
    while (slots < 2 * t.batch * c.width) slots *= 2;
    float* memory = scratch_take(Sums::floats(slots));
    if (!memory) {
      failed = true;
      return;
    }
    Sums sums(memory, slots);
    for (int64_t f = c.begin; f < c.end; ++f) {
      for (int64_t b = 0; b < t.batch; ++b) {
        const int64_t at = (b * t.sizes + c.s) * t.filters + f;
        if (slopes[at] == 0) continue;
        for (int64_t k = 0; k < c.width; ++k) {
          const int64_t word = word_at(t, b, where[at] + k);
          if (word >= 0) sums.add((word * taps + c.tap + k) * t.filters + f, slopes[at]);
        }
      }
      for (int64_t i = 0; i < sums.count; ++i) {
        const int64_t place = sums.keys[sums.used[i]];
        const float g = sums.sums[sums.used[i]];
        squares[place] += g * g;
        vectors[place] -= rate * g / std::sqrt(squares[place] + epsilon);
        sums.keys[sums.used[i]] = -1;
      }
      sums.count = 0;
    }
    scratch_give(memory);
  };
  run(parallel, tasks_of(t), step);
  return !failed;
}

}  // namespace unspool
