// Random numbers for the kernels that need some: Vigna's splitmix64, and a shuffle by it. The readable references draw the same.
#ifndef UNSPOOL_RANDOM_H_
#define UNSPOOL_RANDOM_H_

#include <stdint.h>

namespace {

constexpr uint64_t GOLDEN = 0x9e3779b97f4a7c15u;

inline uint64_t mix64(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// The index-th number of a stream, without those before it.
inline uint64_t draw(uint64_t stream, uint64_t index) { return mix64(stream + (index + 1) * GOLDEN); }

// The upper half of a draw as a number below `bound`.
inline int64_t below(uint64_t drawn, int64_t bound) {
  return static_cast<int64_t>((drawn >> 32) * static_cast<uint64_t>(bound) >> 32);
}

// Fisher and Yates; swap number i, from the end, uses draw number i of the stream.
inline void shuffle(int32_t* order, int64_t count, uint64_t stream) {
  for (int64_t i = count - 1; i > 0; --i) {
    const int64_t other = below(draw(stream, static_cast<uint64_t>(i)), i + 1);
    const int32_t kept = order[i];
    order[i] = order[other];
    order[other] = kept;
  }
}

}  // namespace

#endif  // UNSPOOL_RANDOM_H_
