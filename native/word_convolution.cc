#include "word_convolution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "isa.h"
#include "random.h"
#include "simd.h"

// Compiled once per instruction set: no standard library templates, see simd.h.
namespace {

#include "word_pool.inc"

constexpr int64_t OUTPUT = int64_t{1} << 32;
constexpr uint64_t HALF = uint64_t{1} << 32;

inline bool drops(uint64_t stream, int64_t index, float rate) {
  return static_cast<double>(draw(stream, static_cast<uint64_t>(index)) >> 32) < static_cast<double>(rate) * HALF;
}

inline float sigmoid_of(float x) { return x >= 0 ? 1 / (1 + expf(-x)) : expf(x) / (1 + expf(x)); }

int64_t taps_of(const UnspoolConvolution& m) {
  int64_t taps = 0;
  for (int64_t s = 0; s < m.sizes; ++s) taps += m.widths[s];
  return taps;
}

// Scratch space for one text.
struct Work {
  float* hidden = nullptr;    // (S, F), the maxima, then h
  int32_t* where = nullptr;   // (S, F), the window of each
  float* slope = nullptr;     // (S, F), the loss's gradient in z
  float* outputs = nullptr;   // (K)
  int32_t* text = nullptr;
  int64_t room = 0;           // tokens that `text` holds

  explicit Work(const UnspoolConvolution& m) {
    const size_t features = static_cast<size_t>(m.sizes * m.filters);
    hidden = static_cast<float*>(malloc(features * sizeof(float)));
    where = static_cast<int32_t*>(malloc(features * sizeof(int32_t)));
    slope = static_cast<float*>(malloc(features * sizeof(float)));
    outputs = static_cast<float*>(malloc(static_cast<size_t>(m.outputs) * sizeof(float)));
  }
  ~Work() { free(hidden), free(where), free(slope), free(outputs), free(text); }
  bool whole() const { return hidden && where && slope && outputs; }

  // Copies a text; tokens that the model does not have, or that are dropped, become -1.
  bool read(const UnspoolConvolution& m, const int32_t* tokens, int64_t length, uint64_t stream, float dropout) {
    if (length > room) {
      free(text);
      text = static_cast<int32_t*>(malloc(static_cast<size_t>(length) * sizeof(int32_t)));
      room = text ? length : 0;
      if (!text) return false;
    }
    for (int64_t t = 0; t < length; ++t) {
      const bool known = tokens[t] >= 0 && tokens[t] < m.words;
      text[t] = known && !(dropout > 0 && drops(stream, t, dropout)) ? tokens[t] : -1;
    }
    return true;
  }
};

void maxima(const UnspoolConvolution& m, int64_t length, Work& work) {
  const int64_t taps = taps_of(m);
  int64_t tap = 0;
  for (int64_t s = 0; s < m.sizes; tap += m.widths[s++]) {
    const int64_t at = s * m.filters;
    pool_width(m.vectors, m.filters, taps, m.widths[s], tap, m.bias + at, work.text, length, work.hidden + at,
               work.where + at);
  }
}

void answer(const UnspoolConvolution& m, const float* hidden, float* outputs) {
  for (int64_t j = 0; j < m.outputs; ++j) outputs[j] = m.head_bias[j];
  for (int64_t i = 0; i < m.sizes * m.filters; ++i) {
    if (hidden[i] == 0) continue;
    for (int64_t j = 0; j < m.outputs; ++j) outputs[j] += hidden[i] * m.head[i * m.outputs + j];
  }
}

// Replaces outputs by the loss's gradient in them, and returns the loss.
double differentiate(int64_t loss, const float* targets, int64_t count, float* outputs) {
  double total = 0;
  if (loss == 1) {
    float most = outputs[0], sum = 0;
    for (int64_t j = 1; j < count; ++j) most = outputs[j] > most ? outputs[j] : most;
    for (int64_t j = 0; j < count; ++j) sum += expf(outputs[j] - most);
    for (int64_t j = 0; j < count; ++j) {
      total += targets[j] * (static_cast<double>(most) + log(static_cast<double>(sum)) - outputs[j]);
      outputs[j] = expf(outputs[j] - most) / sum - targets[j];
    }
    return total;
  }
  for (int64_t j = 0; j < count; ++j) {
    const double out = outputs[j], y = targets[j];
    if (loss == 0) {
      total += (out > 0 ? out : 0) - y * out + log1p(exp(-fabs(out)));
      outputs[j] = sigmoid_of(outputs[j]) - targets[j];
    } else {
      outputs[j] -= targets[j];
      total += 0.5 * static_cast<double>(outputs[j]) * outputs[j];
    }
  }
  return total;
}

inline void adagrad(float* weight, float* square, float gradient, float rate) {
  *square += gradient * gradient;
  *weight -= rate * gradient / sqrtf(*square);
}

// Takes the step: the head first, for which work.slope receives what it hands down.
void descend(const UnspoolConvolution& m, const UnspoolSquares& q, const UnspoolTraining& training, float rate, int64_t length,
             Work& work) {
  const int64_t taps = taps_of(m), features = m.sizes * m.filters;
  const float scale = 1 / (1 - training.output_dropout);
  for (int64_t i = 0; i < features; ++i) {
    work.slope[i] = 0;
    if (work.hidden[i] == 0) continue;
    for (int64_t j = 0; j < m.outputs; ++j) {
      const int64_t at = i * m.outputs + j;
      work.slope[i] += work.outputs[j] * m.head[at] * scale;
      adagrad(m.head + at, q.head + at, work.outputs[j] * work.hidden[i], rate);
    }
  }
  for (int64_t j = 0; j < m.outputs; ++j) adagrad(m.head_bias + j, q.head_bias + j, work.outputs[j], rate);
  int64_t tap = 0;
  for (int64_t s = 0; s < m.sizes; tap += m.widths[s++]) {
    for (int64_t f = 0; f < m.filters; ++f) {
      const int64_t i = s * m.filters + f;
      const float slope = work.slope[i];
      if (slope == 0) continue;
      adagrad(m.bias + i, q.bias + i, slope, rate);
      for (int64_t k = 0; k < m.widths[s] && work.where[i] + k < length; ++k) {
        const int64_t word = work.text[work.where[i] + k];
        if (word < 0) continue;
        const int64_t at = (word * taps + tap + k) * m.filters + f;
        adagrad(m.vectors + at, q.vectors + at, slope, rate);
      }
    }
  }
}

}  // namespace

namespace unspool {

double UNSPOOL_NAME(convolution_train)(const UnspoolConvolution& m, const UnspoolSquares& q,
                                       const UnspoolTraining& training, const int32_t* tokens, const int64_t* offsets,
                                       const float* targets, const int32_t* order, int64_t count, int64_t first) {
  Work work(m);
  if (!work.whole()) return -1;
  const float scale = 1 / (1 - training.output_dropout);
  double total = 0;
  for (int64_t n = 0; n < count; ++n) {
    const int64_t step = first + n, i = order[n], length = offsets[i + 1] - offsets[i];
    const uint64_t stream = draw(training.seed, static_cast<uint64_t>(step));
    if (!work.read(m, tokens + offsets[i], length, stream, training.token_dropout)) return -1;
    maxima(m, length, work);
    for (int64_t h = 0; h < m.sizes * m.filters; ++h) {
      const bool kept = work.hidden[h] > 0 && !drops(stream, OUTPUT + h, training.output_dropout);
      work.hidden[h] = kept ? work.hidden[h] * scale : 0;
    }
    answer(m, work.hidden, work.outputs);
    total += differentiate(training.loss, targets + i * m.outputs, m.outputs, work.outputs);
    const double left = 1 - static_cast<double>(step) / static_cast<double>(training.steps);
    descend(m, q, training, static_cast<float>(training.rate * left), length, work);
  }
  return count ? total / static_cast<double>(count) : 0;
}

bool UNSPOOL_NAME(convolution_outputs)(const UnspoolConvolution& m, const int32_t* tokens, const int64_t* offsets,
                                       int64_t count, float* outputs) {
  Work work(m);
  if (!work.whole()) return false;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t length = offsets[i + 1] - offsets[i];
    if (!work.read(m, tokens + offsets[i], length, 0, 0)) return false;
    maxima(m, length, work);
    for (int64_t h = 0; h < m.sizes * m.filters; ++h) work.hidden[h] = work.hidden[h] > 0 ? work.hidden[h] : 0;
    answer(m, work.hidden, outputs + i * m.outputs);
  }
  return true;
}

}  // namespace unspool
