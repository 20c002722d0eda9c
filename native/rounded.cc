#include "rounded.h"

#include <string.h>

#include "exported.h"

namespace {

// The exponent is brought from a bias of 15 to one of 127 by a product, which is exact and makes small halves normal, too.
inline float widened(uint16_t half) {
  const bool finite = (half & 0x7c00u) != 0x7c00u;
  uint32_t bits = static_cast<uint32_t>(half & 0x7fffu) << 13;
  float magnitude;
  memcpy(&magnitude, &bits, sizeof magnitude);
  magnitude *= 0x1p112f;
  memcpy(&bits, &magnitude, sizeof bits);
  if (!finite) bits = 0x7f800000u | static_cast<uint32_t>(half & 0x3ffu) << 13;
  bits |= static_cast<uint32_t>(half & 0x8000u) << 16;
  memcpy(&magnitude, &bits, sizeof magnitude);
  return magnitude;
}

}  // namespace

UNSPOOL_EXPORT void unspool_expand_int8(const int8_t* numbers, const float* scales, int64_t block, int64_t width,
                                        const int32_t* rows, int64_t count, float* out) {
  for (int64_t r = 0; r < count; ++r) {
    const int64_t start = (rows ? rows[r] : r) * width, end = start + width;
    for (int64_t at = start; at < end;) {
      const int64_t which = at / block, stop = (which + 1) * block < end ? (which + 1) * block : end;
      const float scale = scales[which];
      float* to = out + r * width + (at - start);
      for (int64_t i = 0; i < stop - at; ++i) to[i] = static_cast<float>(numbers[at + i]) * scale;
      at = stop;
    }
  }
}

UNSPOOL_EXPORT void unspool_expand_float16(const uint16_t* numbers, int64_t width, const int32_t* rows, int64_t count,
                                           float* out) {
  for (int64_t r = 0; r < count; ++r) {
    const uint16_t* from = numbers + (rows ? rows[r] : r) * width;
    for (int64_t i = 0; i < width; ++i) out[r * width + i] = widened(from[i]);
  }
}
