#include "document_vectors.h"

#include "isa.h"
#include "random.h"
#include "simd.h"

// Compiled once per instruction set: no standard library templates, see simd.h.
namespace {

constexpr int64_t LANES = 16;  // of partial sums, on every instruction set
constexpr int64_t PARTS = LANES / V;
constexpr int64_t MOST = 16;   // vectors of an n-gram and its negatives
constexpr int64_t LINE = 16;   // floats of a cache line
constexpr int64_t BLOCK = 64;  // n-grams of a document that are sampled together
constexpr uint64_t ONE = uint64_t{1} << 32;

inline float product(const float* a, const float* b, int64_t width) {
  vec sums[PARTS] = {};
  for (int64_t i = 0; i < width; i += LANES) {
    for (int64_t p = 0; p < PARTS; ++p) sums[p] += load(a + i + p * V) * load(b + i + p * V);
  }
  for (int64_t parts = PARTS; parts > 1; parts /= 2) {
    for (int64_t p = 0; p < parts / 2; ++p) sums[p] += sums[p + parts / 2];
  }
  return sum_of_lanes(sums[0]);
}

// An n-gram that is shown, and its negatives: first their `places` in the table that they are drawn from, then all `vectors`.
struct Shown {
  int32_t gram;
  int64_t places[MOST - 1];
  float* vectors[MOST];
  int64_t count;
};

inline bool kept(const UnspoolVectors& m, int32_t gram, int64_t place, uint64_t stream) {
  const uint64_t number = static_cast<uint64_t>(place * (m.negatives + 1));
  return static_cast<double>(draw(stream, number) >> 32) < static_cast<double>(m.keep[gram]) * ONE;
}

inline void draw_negatives(const UnspoolVectors& m, int32_t gram, int64_t place, uint64_t stream, Shown& shown) {
  const uint64_t number = static_cast<uint64_t>(place * (m.negatives + 1));
  shown.gram = gram;
  for (int64_t j = 0; j < m.negatives; ++j) {
    shown.places[j] = below(draw(stream, number + 1 + static_cast<uint64_t>(j)), m.drawn_count);
    __builtin_prefetch(m.drawn + shown.places[j]);
  }
}

inline void add(const UnspoolVectors& m, int32_t gram, Shown& shown) {
  float* vector = m.vectors + gram * m.width;
  for (int64_t i = 0; i < m.width; i += LINE) __builtin_prefetch(vector + i);
  shown.vectors[shown.count++] = vector;
}

inline void look_up(const UnspoolVectors& m, Shown& shown) {
  shown.count = 0;
  add(m, shown.gram, shown);
  for (int64_t j = 0; j < m.negatives; ++j) {
    const int32_t other = m.drawn[shown.places[j]];
    if (other != shown.gram) add(m, other, shown);
  }
}

// The learning rates of an n-gram and of its negatives.
struct Rates {
  float shown, negatives;
};

// COUNT: the number of vectors, if known at compile time; 0 for any number.
template <bool FROZEN, int64_t COUNT>
inline void learn(const Shown& shown, const UnspoolVectors& m, Rates rates, float* document) {
  const int64_t count = COUNT ? COUNT : shown.count;
  float steps[MOST] = {}, each[MOST];
  for (int64_t j = 0; j < MOST; ++j) each[j] = j ? rates.negatives : rates.shown;
  for (int64_t j = 0; j < count; ++j) steps[j] = product(document, shown.vectors[j], m.width);
  for (int64_t j = 0; j < count; j += V) store(steps + j, -load(each + j) * sigmoid<false>(load(steps + j)));
  steps[0] += rates.shown;
  for (int64_t i = 0; i < m.width; i += V) {
    const vec before = load(document + i);
    vec after = before;
    for (int64_t j = 0; j < count; ++j) {
      float* vector = shown.vectors[j] + i;
      const vec old = load(vector);
      after += steps[j] * old;
      if (!FROZEN) store(vector, old + steps[j] * before);
    }
    store(document + i, after);
  }
}

// Specialised for the usual counts: one n-gram with 5 negatives, or with 3.
template <bool FROZEN>
inline void learn(const Shown& shown, const UnspoolVectors& m, Rates rates, float* document) {
  if (shown.count == 6) return learn<FROZEN, 6>(shown, m, rates, document);
  if (shown.count == 4) return learn<FROZEN, 4>(shown, m, rates, document);
  learn<FROZEN, 0>(shown, m, rates, document);
}

// Accesses to the table and the vectors are random: what the next n-grams need is prefetched while others are learned.
template <bool FROZEN>
inline void read(const UnspoolVectors& m, const int32_t* grams, int64_t count, Rates rates, uint64_t stream,
                 float* document) {
  constexpr int64_t ROOM = 16, TABLE_AHEAD = 6, VECTORS_AHEAD = 4;
  Shown waiting[ROOM];
  int64_t drawn = 0, found = 0, learned = 0;
  for (int64_t begin = 0; begin < count; begin += BLOCK) {
    const int64_t end = begin + BLOCK < count ? begin + BLOCK : count;
    int64_t places[BLOCK], chosen = 0;
    for (int64_t p = begin; p < end; ++p) {
      places[chosen] = p;
      chosen += kept(m, grams[p], p, stream);
    }
    for (int64_t k = 0; k < chosen; ++k) {
      draw_negatives(m, grams[places[k]], places[k], stream, waiting[drawn++ % ROOM]);
      if (drawn - found > TABLE_AHEAD) look_up(m, waiting[found++ % ROOM]);
      if (found - learned > VECTORS_AHEAD) learn<FROZEN>(waiting[learned++ % ROOM], m, rates, document);
    }
  }
  while (learned < drawn) {
    if (found < drawn) look_up(m, waiting[found++ % ROOM]);
    if (found == drawn || found - learned > VECTORS_AHEAD) learn<FROZEN>(waiting[learned++ % ROOM], m, rates, document);
  }
}

inline float falling(float rate, float last, int64_t step, int64_t steps) {
  return rate + (last - rate) * (static_cast<float>(step) / static_cast<float>(steps));
}

}  // namespace

namespace unspool {

void UNSPOOL_NAME(vectors_train)(const UnspoolVectors& m, const int32_t* columns, const int64_t* rows,
                                 const int32_t* order, int64_t count, int64_t first, int64_t steps, float rate,
                                 float last_rate, float weight, uint64_t seed, float* documents) {
  for (int64_t n = 0; n < count; ++n) {
    const int64_t i = order[n], step = first + n;
    const float now = falling(rate, last_rate, step, steps);
    read<false>(m, columns + rows[i], rows[i + 1] - rows[i], {now, now * weight}, draw(seed, static_cast<uint64_t>(step)),
                documents + i * m.width);
  }
}

void UNSPOOL_NAME(vectors_infer)(const UnspoolVectors& m, const int32_t* columns, const int64_t* rows, int64_t count,
                                 int64_t epochs, float rate, float last_rate, uint64_t seed, float* documents) {
  for (int64_t i = 0; i < count; ++i) {
    float* document = documents + i * m.width;
    for (int64_t k = 0; k < m.width; ++k) document[k] = 0;
    for (int64_t epoch = 0; epoch < epochs; ++epoch) {
      const float now = falling(rate, last_rate, epoch, epochs);
      read<true>(m, columns + rows[i], rows[i + 1] - rows[i], {now, now}, draw(seed, static_cast<uint64_t>(epoch)), document);
    }
  }
}

}  // namespace unspool
