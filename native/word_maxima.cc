#include "word_maxima.h"

#include <math.h>
#include <string.h>

#include "isa.h"
#include "simd.h"

// Compiled once per instruction set: no standard library templates, see simd.h.
namespace {

#include "word_pool.inc"

struct Job {
  const unspool::WordBatch& texts;
  const float *vectors, *bias;
  float* maxima;
  int32_t* where;
  int64_t taps;
  std::atomic<bool> failed{false};

  void one(int64_t b) {
    const unspool::WordBatch& t = texts;
    int32_t* text = reinterpret_cast<int32_t*>(unspool::scratch_take(static_cast<size_t>(t.length + 1)));
    if (!text) {
      failed = true;
      return;
    }
    const int32_t* row = t.tokens + b * t.length;
    int64_t first = 0, end = t.length;
    while (end > 0 && row[end - 1] < 0) --end;
    while (first < end && row[first] < 0) ++first;
    for (int64_t i = first; i < end; ++i) text[i - first] = row[i] < t.words ? row[i] : -1;
    int64_t tap = 0;
    for (int64_t s = 0; s < t.sizes; tap += t.widths[s++]) {
      const int64_t at = (b * t.sizes + s) * t.filters;
      pool_width(vectors, t.filters, taps, t.widths[s], tap, bias + s * t.filters, text, end - first, maxima + at,
                 where + at);
      for (int64_t f = at; f < at + t.filters; ++f) {
        where[f] += static_cast<int32_t>(first);
        if (maxima[f] == -INFINITY) maxima[f] = NAN;  // no sum was larger: all are NaN
      }
    }
    unspool::scratch_give(reinterpret_cast<float*>(text));
  }
};

}  // namespace

namespace unspool {

bool UNSPOOL_NAME(word_maxima)(const WordBatch& texts, const float* vectors, const float* bias, float* maxima,
                               int32_t* where, const Parallel& parallel) {
  int64_t taps = 0;
  for (int64_t s = 0; s < texts.sizes; ++s) taps += texts.widths[s];
  Job job{texts, vectors, bias, maxima, where, taps};
  parallel.run(parallel.pool, texts.batch, [](void* self, int64_t b) { static_cast<Job*>(self)->one(b); }, &job);
  return !job.failed;
}

}  // namespace unspool
