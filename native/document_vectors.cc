#include "document_vectors.h"

#include <math.h>

#include "isa.h"
#include "random.h"
#include "simd.h"

// Compiled once per instruction set: no standard library templates, see simd.h.
namespace {

constexpr int64_t LANES = 16;           // sums run side by side, whatever the instruction set
constexpr int64_t PARTS = LANES / V;
constexpr int64_t MOST = 16;            // an n-gram and its negatives
constexpr int64_t LINE = 16;            // floats of a cache line
constexpr int64_t AHEAD = 4;            // n-grams whose vectors are fetched before they are needed
constexpr uint64_t ONE = uint64_t{1} << 32;

inline float logistic(float x) { return 1 / (1 + expf(-x)); }

inline float product(const float* a, const float* b, int64_t width) {
  vec sums[PARTS] = {};
  for (int64_t i = 0; i < width; i += LANES) {
    for (int64_t p = 0; p < PARTS; ++p) sums[p] += load(a + i + p * V) * load(b + i + p * V);
  }
  float lanes[LANES];
  for (int64_t p = 0; p < PARTS; ++p) store(lanes + p * V, sums[p]);
  for (int64_t half = LANES / 2; half > 0; half /= 2) {
    for (int64_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  }
  return lanes[0];
}

// The n-gram shown and its negatives.
struct Shown {
  int32_t grams[MOST];
  int64_t count;
};

inline bool kept(const UnspoolVectors& m, int32_t gram, int64_t place, uint64_t stream) {
  const uint64_t number = static_cast<uint64_t>(place * (m.negatives + 1));
  return static_cast<double>(draw(stream, number) >> 32) < static_cast<double>(m.keep[gram]) * ONE;
}

inline void show(const UnspoolVectors& m, int32_t gram, int64_t place, uint64_t stream, Shown& shown) {
  const uint64_t number = static_cast<uint64_t>(place * (m.negatives + 1));
  shown.grams[0] = gram;
  shown.count = 1;
  for (int64_t j = 0; j < m.negatives; ++j) {
    const int32_t other = m.drawn[below(draw(stream, number + 1 + static_cast<uint64_t>(j)), m.drawn_count)];
    if (other != gram) shown.grams[shown.count++] = other;
  }
  for (int64_t j = 0; j < shown.count; ++j) {
    for (int64_t i = 0; i < m.width; i += LINE) __builtin_prefetch(m.vectors + shown.grams[j] * m.width + i);
  }
}

template <bool FROZEN>
inline void learn(const UnspoolVectors& m, const Shown& shown, float rate, float* document) {
  float steps[MOST];
  for (int64_t j = 0; j < shown.count; ++j) {
    const float score = product(document, m.vectors + shown.grams[j] * m.width, m.width);
    steps[j] = rate * ((j == 0 ? 1.0f : 0.0f) - logistic(score));
  }
  for (int64_t i = 0; i < m.width; i += V) {
    const vec before = load(document + i);
    vec after = before;
    for (int64_t j = 0; j < shown.count; ++j) {
      float* vector = m.vectors + shown.grams[j] * m.width + i;
      const vec old = load(vector);
      after += steps[j] * old;
      if (!FROZEN) store(vector, old + steps[j] * before);
    }
    store(document + i, after);
  }
}

// Vectors lie anywhere in memory: those of the next `AHEAD` n-grams that are kept are fetched meanwhile.
template <bool FROZEN>
inline void read(const UnspoolVectors& m, const int32_t* grams, int64_t count, float rate, uint64_t stream,
                 float* document) {
  Shown waiting[AHEAD];
  int64_t shown = 0, learned = 0;
  for (int64_t p = 0; p < count; ++p) {
    if (!kept(m, grams[p], p, stream)) continue;
    if (shown - learned == AHEAD) learn<FROZEN>(m, waiting[learned++ % AHEAD], rate, document);
    show(m, grams[p], p, stream, waiting[shown++ % AHEAD]);
  }
  while (learned < shown) learn<FROZEN>(m, waiting[learned++ % AHEAD], rate, document);
}

inline float falling(float rate, float last, int64_t step, int64_t steps) {
  return rate + (last - rate) * (static_cast<float>(step) / static_cast<float>(steps));
}

}  // namespace

namespace unspool {

void UNSPOOL_NAME(vectors_train)(const UnspoolVectors& m, const int32_t* columns, const int64_t* rows,
                                 const int32_t* order, int64_t count, int64_t first, int64_t steps, float rate,
                                 float last_rate, uint64_t seed, float* documents) {
  for (int64_t n = 0; n < count; ++n) {
    const int64_t i = order[n], step = first + n;
    read<false>(m, columns + rows[i], rows[i + 1] - rows[i], falling(rate, last_rate, step, steps),
                draw(seed, static_cast<uint64_t>(step)), documents + i * m.width);
  }
}

void UNSPOOL_NAME(vectors_infer)(const UnspoolVectors& m, const int32_t* columns, const int64_t* rows, int64_t count,
                                 int64_t epochs, float rate, float last_rate, uint64_t seed, float* documents) {
  for (int64_t i = 0; i < count; ++i) {
    float* document = documents + i * m.width;
    for (int64_t k = 0; k < m.width; ++k) document[k] = 0;
    for (int64_t epoch = 0; epoch < epochs; ++epoch) {
      read<true>(m, columns + rows[i], rows[i + 1] - rows[i], falling(rate, last_rate, epoch, epochs),
                 draw(seed, static_cast<uint64_t>(epoch)), document);
    }
  }
}

}  // namespace unspool
