#include "residual.h"

#include "isa.h"
#include "simd.h"

// Compiled once per instruction set: no standard library templates, see simd.h.
namespace {

typedef uint32_t word_vec __attribute__((vector_size(4 * V)));

UNSPOOL_INLINE word_vec mix(word_vec word) {
  word ^= word >> 16;
  word *= 0x7FEB352Du;
  word ^= word >> 15;
  word *= 0x846CA68Bu;
  return word ^ word >> 16;
}

struct Job {
  const unspool::DroppedPlaces& places;
  const float *x, *branch;
  float* y;

  void row(int64_t b) const {
    const int64_t width = places.width, at = b * width;
    word_vec place;
    for (int i = 0; i < V; ++i) place[i] = places.first[b] + static_cast<uint32_t>(i);
    for (int64_t j = 0; j < width; j += V, place += static_cast<uint32_t>(V)) {
      const int64_t left = width - j;
      const word_vec bits = mix(mix(place ^ places.word) + places.other);
      const vec added = load_first(branch + at + j, left) * places.scale;
      const vec kept = floats(reinterpret_cast<ivec>(bits >= places.threshold) & ::bits(added));
      store_first(y + at + j, x ? load_first(x + at + j, left) + kept : kept, left);
    }
  }
};

constexpr int64_t NUMBERS_A_TASK = 1 << 14;

}  // namespace

namespace unspool {

void UNSPOOL_NAME(add_dropped)(const DroppedPlaces& places, const float* x, const float* branch, float* y,
                               const Parallel& parallel) {
  if (places.rows == 0 || places.width == 0) return;
  struct Rows {
    Job job;
    int64_t rows, a_task;
  } all{{places, x, branch, y}, places.rows, 1 + NUMBERS_A_TASK / places.width};
  parallel.run(
      parallel.pool, (all.rows + all.a_task - 1) / all.a_task,
      [](void* argument, int64_t task) {
        const Rows& all = *static_cast<const Rows*>(argument);
        const int64_t begin = task * all.a_task;
        for (int64_t b = begin; b < begin + all.a_task && b < all.rows; ++b) all.job.row(b);
      },
      &all);
}

}  // namespace unspool
