// Series as lanes of vectors: each lane is what one kernel sees. Included only by kernels' .cc files (see simd.h).
#ifndef UNSPOOL_LANES_H_
#define UNSPOOL_LANES_H_

#include "series.h"
#include "simd.h"

namespace {

// A series with `margin` zeros at either end, either one number a step, which all kernels see, or V, one for each lane.
struct Padded {
  float* data;
  int64_t length, margin;

  int64_t size() const { return length + 2 * margin; }
};

// The sum of all channels, one number a step.
UNSPOOL_INLINE void pad_shared(const Padded& to, const float* x, int64_t channels) {
  memset(to.data, 0, static_cast<size_t>(to.size()) * sizeof(float));
  for (int64_t t = 0; t < to.length; ++t) {
    float sum = 0.0f;
    for (int64_t c = 0; c < channels; ++c) sum += x[t * channels + c];
    to.data[to.margin + t] = sum;
  }
}

// V numbers a step: lane l is the sum of the channels c with allowed[l * channels + c]; lanes from `lanes` on are zero.
UNSPOOL_INLINE void pad_lanes(const Padded& to, const float* x, int64_t channels, const uint8_t* allowed, int64_t lanes) {
  memset(to.data, 0, static_cast<size_t>(to.size() * V) * sizeof(float));
  for (int64_t l = 0; l < lanes && l < V; ++l) {
    for (int64_t c = 0; c < channels; ++c) {
      if (!allowed[l * channels + c]) continue;
      float* lane = to.data + to.margin * V + l;
      for (int64_t t = 0; t < to.length; ++t) lane[t * V] += x[t * channels + c];
    }
  }
}

// Step t of what the lanes see, for t from -margin on.
template <bool SHARED>
UNSPOOL_INLINE vec step(const Padded& from, int64_t t) {
  return SHARED ? fill(from.data[from.margin + t]) : load(from.data + (from.margin + t) * V);
}

UNSPOOL_INLINE int64_t blocks_of(int64_t kernels) { return (kernels + V - 1) / V; }

// Floats that hold a series' longest padding; the most that any dilation of a plan asks for.
UNSPOOL_INLINE int64_t longest(const unspool::SeriesBatch& series) {
  int64_t most = 0;
  for (int64_t n = 0; n < series.count; ++n) {
    const int64_t length = series.offsets[n + 1] - series.offsets[n];
    if (length > most) most = length;
  }
  return most;
}
UNSPOOL_INLINE int64_t widest(const int64_t* dilations, int64_t count) {
  int64_t most = 0;
  for (int64_t d = 0; d < count; ++d) most = dilations[d] > most ? dilations[d] : most;
  return most;
}

// Memory of one task, given back when it ends.
struct Block {
  float* data;
  explicit Block(int64_t floats) : data(unspool::scratch_take(static_cast<size_t>(floats))) {}
  ~Block() {
    if (data) unspool::scratch_give(data);
  }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
};

}  // namespace

#endif  // UNSPOOL_LANES_H_
