// Numbers that a file keeps in fewer bits, as the floats that kernels compute with.
//
// A plain C interface. All arrays are row-major, dense, and the caller's. A table has rows of `width` numbers; those with the
// numbers rows[0 .. count) are written to out (count, width), or the first `count` rows where `rows` is NULL. Which rows there
// are is the caller's to check. Each number is exact, or rounded once: the bits are those of any other correct program.
#ifndef UNSPOOL_ROUNDED_H_
#define UNSPOOL_ROUNDED_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// out = number * scale, where `block` numbers share a scale: number i of the whole table has scales[i / block].
//   numbers  (rows of the table, width)
//   scales   (numbers of the table / block, rounded up)
void unspool_expand_int8(const int8_t* numbers, const float* scales, int64_t block, int64_t width, const int32_t* rows,
                         int64_t count, float* out);

// The same of IEEE 754 halves.
void unspool_expand_float16(const uint16_t* numbers, int64_t width, const int32_t* rows, int64_t count, float* out);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // UNSPOOL_ROUNDED_H_
