// The kernels over texts without Python, for the sanitizers and for other processors: convolutions over words and residual
// connections to the last bit, document vectors against the equations in double precision, weights in int8 and in every
// half, n-grams, dense layers and networks, attention, and the loss of a last layer. Arrays are allocated to their exact size, so that
// the address sanitizer sees a read or write past an end.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "dispatch.h"
#include "expect.h"
#include "network.h"
#include "random.h"
#include "threads.h"
#include "unspool.h"
#include "word_maxima.h"

namespace {

typedef std::vector<float> Floats;
typedef std::vector<int32_t> Numbers;
typedef std::vector<int64_t> Offsets;

std::mt19937 generator(1);

bool same(const Floats& a, const Floats& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

Floats normal(size_t n, double scale) {
  Floats out(n);
  std::normal_distribution<double> next(0.0, scale);
  for (float& one : out) one = static_cast<float>(next(generator));
  return out;
}

// Texts of these lengths end to end, of tokens from -1 (unknown) to `words` (one that the model does not have).
Numbers tokens_of(const Offsets& offsets, int32_t words) {
  Numbers out(static_cast<size_t>(offsets.back()));
  for (int32_t& one : out) one = std::uniform_int_distribution<int32_t>(-1, words)(generator);
  return out;
}

const Offsets TEXTS = {0, 0, 1, 3, 10, 67};

// A convolution as word_convolution.h has it, in its order of sums.
Floats convolved(const UnspoolConvolution& m, const Numbers& tokens, const Offsets& offsets) {
  int64_t taps = 0;
  for (int64_t s = 0; s < m.sizes; ++s) taps += m.widths[s];
  Floats out;
  for (size_t i = 0; i + 1 < offsets.size(); ++i) {
    const int32_t* text = tokens.data() + offsets[i];
    const int64_t length = offsets[i + 1] - offsets[i];
    Floats answer(m.head_bias, m.head_bias + m.outputs);
    for (int64_t s = 0, tap = 0; s < m.sizes; tap += m.widths[s++]) {
      for (int64_t f = 0; f < m.filters; ++f) {
        float most = 0;  // relu
        for (int64_t t = 0; t == 0 || t + m.widths[s] <= length; ++t) {
          float sum = m.bias[s * m.filters + f];
          for (int64_t k = 0; k < m.widths[s]; ++k) {
            const bool known = t + k < length && text[t + k] >= 0 && text[t + k] < m.words;
            sum += known ? m.vectors[(text[t + k] * taps + tap + k) * m.filters + f] : 0.0f;
          }
          most = sum > most ? sum : most;
        }
        for (int64_t j = 0; j < m.outputs; ++j) answer[j] += most * m.head[(s * m.filters + f) * m.outputs + j];
      }
    }
    out.insert(out.end(), answer.begin(), answer.end());
  }
  return out;
}

void check_convolution(int64_t filters, int64_t outputs, const std::string& name) {
  const int64_t widths[] = {1, 3, 2}, words = 20;
  Floats vectors = normal(static_cast<size_t>(words * 6 * filters), 1), bias = normal(static_cast<size_t>(3 * filters), 1);
  Floats head = normal(static_cast<size_t>(3 * filters * outputs), 1), head_bias = normal(static_cast<size_t>(outputs), 1);
  const UnspoolConvolution m = {words, filters, 3, outputs, widths, vectors.data(), bias.data(), head.data(),
                                head_bias.data()};
  const Numbers tokens = tokens_of(TEXTS, static_cast<int32_t>(words));
  const int64_t count = static_cast<int64_t>(TEXTS.size()) - 1;
  Floats found(static_cast<size_t>(count * outputs), NAN);
  expect(unspool_convolution_outputs(&m, tokens.data(), TEXTS.data(), count, found.data()) == 1, name + " has memory");
  expect(same(found, convolved(m, tokens, TEXTS)), name);
}

// Batches of padded texts as word_maxima.h has them: the maxima to the last bit, the gradient, and Adagrad by that gradient.
void check_word_maxima(int64_t filters, const std::string& name) {
  const int64_t widths[] = {1, 3, 2}, words = 7, batch = 5, length = 6, taps = 6, sizes = 3;
  const Floats vectors = normal(static_cast<size_t>(words * taps * filters), 1);
  const Floats bias = normal(static_cast<size_t>(sizes * filters), 1);
  const Numbers tokens = {-1, -1, 3, 2, 6, 0, 5, 5, 5, -1, -1, -1, -1, -1, -1, -1, -1, -1, 9, 1, -1, 7, 4, -1, 0, 1, 2, 3, 4, 9};
  const unspool::WordBatch texts = {batch, length, words, filters, sizes, widths, tokens.data()};
  const size_t count = static_cast<size_t>(batch * sizes * filters);
  Floats maxima(count, NAN), wanted(count);
  Numbers where(count, -9), places(count);
  Floats slopes = normal(count, 1), expected(vectors.size());
  for (int64_t b = 0; b < batch; ++b) {
    const int32_t* row = tokens.data() + b * length;
    int64_t first = 0, end = length;
    while (end > 0 && row[end - 1] < 0) --end;
    while (first < end && row[first] < 0) ++first;
    for (int64_t s = 0, tap = 0; s < sizes; tap += widths[s++]) {
      for (int64_t f = 0; f < filters; ++f) {
        const size_t at = static_cast<size_t>((b * sizes + s) * filters + f);
        const auto place = [&](int64_t t, int64_t k) {
          const bool known = t + k < end && row[t + k] >= 0 && row[t + k] < words;
          return known ? (row[t + k] * taps + tap + k) * filters + f : -1;
        };
        wanted[at] = -INFINITY;
        for (int64_t t = first; t == first || t + widths[s] <= end; ++t) {
          float sum = bias[static_cast<size_t>(s * filters + f)];
          for (int64_t k = 0; k < widths[s]; ++k) sum += place(t, k) < 0 ? 0.0f : vectors[static_cast<size_t>(place(t, k))];
          if (sum > wanted[at]) wanted[at] = sum, places[at] = static_cast<int32_t>(t);
        }
        if (f % 3 == 0) slopes[at] = 0;
        for (int64_t k = 0; k < widths[s]; ++k) {
          if (place(places[at], k) >= 0) expected[static_cast<size_t>(place(places[at], k))] += slopes[at];
        }
      }
    }
  }
  unspool::Threads threads{3};
  const unspool::Parallel parallel = {&threads, unspool::Threads::run};
  const bool done =
      unspool::kernels().word_maxima(texts, vectors.data(), bias.data(), maxima.data(), where.data(), parallel);
  expect(done && same(maxima, wanted) && where == places, name + ": maxima");
  Floats gradient(vectors.size(), NAN), stepped = vectors, squares(vectors.size(), 0.1f);
  unspool::word_gradient(texts, where.data(), slopes.data(), gradient.data(), parallel);
  expect(same(gradient, expected), name + ": gradient");
  expect(unspool::word_adagrad(texts, where.data(), slopes.data(), 0.5f, 1e-7f, stepped.data(), squares.data(), parallel),
         name + " has memory");
  for (size_t i = 0; i < vectors.size(); ++i) {
    const float sum = 0.1f + gradient[i] * gradient[i];
    expect(squares[i] == sum && stepped[i] == vectors[i] - 0.5f * gradient[i] / std::sqrt(sum + 1e-7f), name + ": Adagrad");
  }
}

// Residual connections as residual.h defines them, in place and into another array, to the last bit.
void check_add_dropped(int64_t rows, int64_t width, const std::string& name) {
  const auto mix = [](uint32_t word) {
    word = (word ^ word >> 16) * 0x7FEB352Du;
    word = (word ^ word >> 15) * 0x846CA68Bu;
    return word ^ word >> 16;
  };
  const size_t count = static_cast<size_t>(rows * width);
  const Floats x = normal(count, 1), branch = normal(count, 1);
  std::vector<uint32_t> first(static_cast<size_t>(rows));
  for (uint32_t& one : first) one = static_cast<uint32_t>(generator());
  const unspool::DroppedPlaces places = {rows, width, first.data(), 17, 4000000000u, 1500000000u, 1.5f};
  Floats wanted(count), dropped(count);
  size_t kept = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint32_t place = first[i / static_cast<size_t>(width)] + static_cast<uint32_t>(i % static_cast<size_t>(width));
    const bool keep = mix(mix(place ^ places.word) + places.other) >= places.threshold;
    dropped[i] = keep ? branch[i] * places.scale : 0.0f;
    wanted[i] = x[i] + dropped[i];
    kept += keep;
  }
  expect(count < 100 || (kept > count / 2 && kept < count * 4 / 5), name + ": drops a third");
  unspool::Threads threads{3};
  const unspool::Parallel parallel = {&threads, unspool::Threads::run};
  Floats found(count, NAN), in_place = x, alone(count, NAN);
  unspool::kernels().add_dropped(places, x.data(), branch.data(), found.data(), parallel);
  unspool::kernels().add_dropped(places, in_place.data(), branch.data(), in_place.data(), parallel);
  unspool::kernels().add_dropped(places, nullptr, branch.data(), alone.data(), parallel);
  expect(same(found, wanted) && same(in_place, wanted), name + ": sums");
  expect(same(alone, dropped), name + ": what is added");
}

// The loss of a last layer as output_loss.h defines it, and its gradient, against double precision; every third row weighs
// nothing, and one id is outside the vocabulary.
void check_output_loss(int64_t rows, int64_t width, int64_t words, const std::string& name) {
  const size_t N = static_cast<size_t>(rows), D = static_cast<size_t>(width), W = static_cast<size_t>(words);
  const Floats hidden = normal(N * D, 1), table = normal(W * D, 1 / std::sqrt(static_cast<double>(D))), bias = normal(W, 1);
  Floats weights(N), losses(N, NAN), alone(N, NAN), by_hidden(N * D, NAN), by_table(W * D, NAN), by_bias(W, NAN);
  std::vector<int32_t> ids(N);
  for (size_t n = 0; n < N; ++n) {
    weights[n] = n % 3 == 2 ? 0.0f : 0.5f + static_cast<float>(n % 4);
    ids[n] = static_cast<int32_t>(n + 1 == N ? W : generator() % W);
  }
  unspool::Threads threads{3};
  const unspool::Parallel parallel = {&threads, unspool::Threads::run};
  const unspool::LastLayer layer = {rows, width, words, hidden.data(), table.data(), bias.data()};
  const unspool::Answers answers = {ids.data(), weights.data(), 0.1f};
  const unspool::OutputLoss run = unspool::kernels().output_loss;
  expect(run(layer, answers, losses.data(), {by_hidden.data(), by_table.data(), by_bias.data()}, parallel) &&
             run(layer, answers, alone.data(), {}, unspool::serial()),
         name + " has memory");
  expect(same(losses, alone), name + ": the losses without a gradient");

  std::vector<double> to_hidden(N * D), to_table(W * D), to_bias(W), logits(W);
  for (size_t n = 0; n < N; ++n) {
    double most = -INFINITY, sum = 0, expected = 0;
    for (size_t w = 0; w < W; ++w) {
      logits[w] = bias[w];
      for (size_t d = 0; d < D; ++d) logits[w] += double{hidden[n * D + d]} * table[w * D + d];
      most = std::max(most, logits[w]);
    }
    for (double logit : logits) sum += std::exp(logit - most);
    for (size_t w = 0; w < W; ++w) {
      const double target = 0.1 / static_cast<double>(W) + (static_cast<int64_t>(w) == ids[n] ? 0.9 : 0);
      const double slope = weights[n] * (std::exp(logits[w] - most) / sum - target);
      expected += target * logits[w];
      to_bias[w] += slope;
      for (size_t d = 0; d < D; ++d) to_hidden[n * D + d] += slope * table[w * D + d], to_table[w * D + d] += slope * hidden[n * D + d];
    }
    const double loss = weights[n] * (most + std::log(sum) - expected);
    expect(std::fabs(losses[n] - loss) < 1e-5 * (1 + std::fabs(loss)), name + ": a loss");
  }
  const auto near = [&](const Floats& found, const std::vector<double>& wanted, const std::string& what) {
    for (size_t i = 0; i < found.size(); ++i) expect(std::fabs(found[i] - wanted[i]) < 5e-5 * (1 + std::fabs(wanted[i])), name + what);
  };
  near(by_hidden, to_hidden, ": gradient of the rows");
  near(by_table, to_table, ": gradient of the table");
  near(by_bias, to_bias, ": gradient of the bias");
}

// Attention as attention.h defines it and its gradient, against double precision. The first query may look at
// nothing.
void check_attention(const unspool::AttentionInputs& sizes, const std::string& name) {
  unspool::AttentionInputs in = sizes;
  const size_t queried = static_cast<size_t>(in.batch * in.steps * in.width), read = static_cast<size_t>(in.batch * in.read * in.width);
  const Floats queries = normal(queried, 1), keys = normal(read, 1), values = normal(read, 1), slopes = normal(queried, 1);
  std::vector<uint8_t> look(static_cast<size_t>(in.batch * in.look_rows * in.read));
  for (size_t i = 0; i < look.size(); ++i) look[i] = static_cast<int64_t>(i) >= in.read && generator() % 4 != 0;
  in.queries = queries.data(), in.keys = keys.data(), in.values = values.data(), in.look = look.data();
  unspool::Threads threads{3};
  const unspool::Parallel parallel = {&threads, unspool::Threads::run};
  Floats out(queried, NAN), by_queries(queried, NAN), by_keys(read, NAN), by_values(read, NAN);
  expect(unspool::kernels().attention(in, out.data(), parallel) &&
             unspool::kernels().attention_gradient(in, slopes.data(), {by_queries.data(), by_keys.data(), by_values.data()}, parallel),
         name + " has memory");

  const int64_t d = in.width / in.heads;
  std::vector<double> to_queries(queried), to_keys(read), to_values(read), weights(static_cast<size_t>(in.read));
  for (int64_t b = 0; b < in.batch; ++b)
    for (int64_t h = 0; h < in.heads; ++h)
      for (int64_t t = 0; t < in.steps; ++t) {
        const size_t q = static_cast<size_t>((b * in.steps + t) * in.width + h * d);
        const auto k = [&](int64_t s) { return static_cast<size_t>((b * in.read + s) * in.width + h * d); };
        const size_t D = static_cast<size_t>(d);
        double sum = 0, through = 0;
        for (int64_t s = 0; s < in.read; ++s) {
          double score = 0;
          for (size_t i = 0; i < D; ++i) score += double{queries[q + i]} * keys[k(s) + i];
          const bool looked = look[static_cast<size_t>((b * in.look_rows + (in.look_rows > 1 ? t : 0)) * in.read + s)];
          sum += weights[static_cast<size_t>(s)] = looked ? std::exp(score / std::sqrt(static_cast<double>(d))) : 0;
        }
        std::vector<double> found(D), by_weights(static_cast<size_t>(in.read));
        for (int64_t s = 0; s < in.read; ++s) {
          double& weight = weights[static_cast<size_t>(s)];
          weight = sum == 0 ? 0 : weight / sum;
          for (size_t i = 0; i < D; ++i) {
            found[i] += weight * values[k(s) + i];
            to_values[k(s) + i] += weight * slopes[q + i];
            by_weights[static_cast<size_t>(s)] += double{slopes[q + i]} * values[k(s) + i];
          }
          through += weight * by_weights[static_cast<size_t>(s)];
        }
        for (size_t i = 0; i < D; ++i) {
          expect(std::fabs(out[q + i] - found[i]) < 1e-5, name);
          for (int64_t s = 0; s < in.read; ++s) {
            const size_t at = static_cast<size_t>(s);
            const double by_score = weights[at] * (by_weights[at] - through) / std::sqrt(static_cast<double>(d));
            to_queries[q + i] += by_score * keys[k(s) + i];
            to_keys[k(s) + i] += by_score * queries[q + i];
          }
        }
      }
  for (size_t i = 0; i < queried; ++i) expect(std::fabs(by_queries[i] - to_queries[i]) < 2e-5, name + ": gradient of the queries");
  for (size_t i = 0; i < read; ++i) {
    expect(std::fabs(by_keys[i] - to_keys[i]) < 1e-4, name + ": gradient of the keys");
    expect(std::fabs(by_values[i] - to_values[i]) < 1e-4, name + ": gradient of the values");
  }
}

// A dense layer against double precision, in blocks of every number of rows, each row with the bits that it has alone.
void check_dense(int64_t width, int64_t outputs, const std::string& name) {
  const size_t columns = static_cast<size_t>((outputs + 15) / 16 * 16), D = static_cast<size_t>(width);
  const Floats weights = normal(D * columns, 0.3), bias = normal(columns, 1);
  for (int64_t rows : {1, 2, 7, 8, 19}) {
    const Floats x = normal(static_cast<size_t>(rows) * D, 1);
    Floats found(static_cast<size_t>(rows * outputs), NAN), alone(static_cast<size_t>(outputs), NAN);
    const auto run = [&](int64_t activation, int64_t count, const float* from, Floats& to) {
      unspool::kernels().dense(count, width, outputs, activation, from, weights.data(), bias.data(), to.data());
    };
    for (int64_t activation : {UNSPOOL_SIGMOID, UNSPOOL_SOFTMAX, UNSPOOL_TANH, UNSPOOL_LINEAR}) {
      run(activation, rows, x.data(), found);
      run(activation, 1, x.data() + (rows - 1) * width, alone);
      expect(same(alone, Floats(found.end() - outputs, found.end())), name + ": the bits of a row");
    }
    for (int64_t m = 0; m < rows; ++m) {
      for (int64_t j = 0; j < outputs; ++j) {
        double sum = bias[static_cast<size_t>(j)];
        for (size_t k = 0; k < D; ++k) sum += double{x[static_cast<size_t>(m) * D + k]} * weights[k * columns + static_cast<size_t>(j)];
        expect(std::fabs(found[static_cast<size_t>(m * outputs + j)] - sum) < 1e-5, name);
      }
    }
  }
}

// A network over a text: the layers' arrays are not read past their ends, and a text of any size fits.
void check_network(const std::string& name) {
  const std::string vocabulary = "afinefilm";
  const int64_t starts[] = {0, 1, 5, 9};
  void* lexicon = unspool_lexicon_new();
  unspool_lexicon_load(lexicon, vocabulary.data(), starts, 3);
  const Numbers ids = {4, 5, 6};
  const Floats vectors = normal(7 * 5, 1), pairs = normal(11 * 3, 1), kernel = normal(5 * 24, 1);
  const Floats recurrent = normal(6 * 24, 0.3), bias = normal(24, 1), weights = normal(30 * 16, 1), head_bias = normal(16, 1);
  UnspoolLayer layers[3] = {};
  layers[0].kind = UNSPOOL_LAYER_RECURRENT, layers[0].cell = UNSPOOL_LSTM, layers[0].every = 1;
  UnspoolRecurrent& one = layers[0].forward;
  one.width = 5, one.units = 6, one.vocabulary = 7, one.x = vectors.data();
  one.kernel = kernel.data(), one.recurrent = recurrent.data(), one.bias = bias.data();
  layers[0].backward = one;
  layers[1].kind = UNSPOOL_LAYER_POOLING, layers[1].width = 3, layers[1].buckets = 11, layers[1].weights = pairs.data();
  layers[2].kind = UNSPOOL_LAYER_DENSE, layers[2].width = 2, layers[2].activation = UNSPOOL_SOFTMAX;
  layers[2].weights = weights.data(), layers[2].bias = head_bias.data();
  for (int64_t padded : {0, 1}) {
    for (const std::string& text : {std::string(), std::string("a fine film a"), std::string(300, 'x'), std::string("a ") + std::string(99, '!')}) {
      const UnspoolWords words = {lexicon, ids.data(), padded ? -1 : 2, 1, padded, 9};
      Floats found(2, NAN);
      const std::vector<char> exact(text.begin(), text.end());
      const int failed = unspool_network_text(&words, layers, 3, 1, exact.data(), static_cast<int64_t>(exact.size()), found.data());
      expect(!failed && std::fabs(found[0] + found[1] - 1) < 1e-6, name + " over a text");
    }
  }
  unspool_lexicon_free(lexicon);
}

// The vector of a text as document_vectors.h has it.
std::vector<double> inferred(const UnspoolVectors& m, const int32_t* grams, int64_t count, int64_t epochs) {
  std::vector<double> document(static_cast<size_t>(m.width));
  for (int64_t epoch = 0; epoch < epochs; ++epoch) {
    const double rate = 0.1 + (0.003 - 0.1) * static_cast<double>(epoch) / static_cast<double>(epochs);
    const uint64_t stream = draw(7, static_cast<uint64_t>(epoch));
    for (int64_t p = 0; p < count; ++p) {
      const uint64_t number = static_cast<uint64_t>(p * (m.negatives + 1));
      if (static_cast<double>(draw(stream, number) >> 32) >= static_cast<double>(m.keep[grams[p]]) * 4294967296.0) continue;
      std::vector<double> gained(document.size());
      for (int64_t j = 0; j <= m.negatives; ++j) {
        const uint64_t drawn = draw(stream, number + static_cast<uint64_t>(j));
        const int32_t gram = j ? m.drawn[below(drawn, m.drawn_count)] : grams[p];
        if (j && gram == grams[p]) continue;
        double score = 0;
        for (size_t k = 0; k < document.size(); ++k) score += document[k] * m.vectors[gram * m.width + static_cast<int64_t>(k)];
        const double step = rate * ((j == 0) - 1 / (1 + std::exp(-score)));
        for (size_t k = 0; k < document.size(); ++k) gained[k] += step * m.vectors[gram * m.width + static_cast<int64_t>(k)];
      }
      for (size_t k = 0; k < document.size(); ++k) document[k] += gained[k];
    }
  }
  return document;
}

void check_vectors(const std::string& name) {
  const int64_t grams = 30, width = 48;
  Floats vectors = normal(grams * width, 0.3), keep(grams, 0.6f);
  const Numbers drawn = {0, 3, 3, 7, 29};
  const UnspoolVectors m = {grams, width, vectors.data(), keep.data(), drawn.data(), 5, 4};
  Numbers columns = tokens_of(TEXTS, grams - 1);
  for (int32_t& one : columns) one = one < 0 ? 0 : one;
  const int64_t count = static_cast<int64_t>(TEXTS.size()) - 1;
  Floats found(static_cast<size_t>(count * width), NAN);
  unspool_vectors_infer(&m, columns.data(), TEXTS.data(), count, 3, 0.1f, 0.003f, 7, found.data());
  for (int64_t i = 0; i < count; ++i) {
    const std::vector<double> wanted = inferred(m, columns.data() + TEXTS[i], TEXTS[i + 1] - TEXTS[i], 3);
    for (int64_t k = 0; k < width; ++k) {
      expect(std::fabs(found[i * width + k] - wanted[static_cast<size_t>(k)]) < 1e-5, name + " of text " + std::to_string(i));
    }
  }
}

void check_rounded() {
  std::vector<uint16_t> halves(1 << 16);
  for (size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<uint16_t>(i);
  Floats found(halves.size(), NAN);
  unspool_expand_float16(halves.data(), 256, nullptr, 256, found.data());
  for (size_t i = 0; i < halves.size(); ++i) {
    const int exponent = (i >> 10) & 31, fraction = i & 1023;
    const double size = exponent ? std::ldexp(1024 + fraction, exponent - 25) : std::ldexp(fraction, -24);
    if (exponent == 31) {
      expect(fraction ? std::isnan(found[i]) : std::isinf(found[i]), "a half that is no number");
    } else {
      expect(found[i] == (i >> 15 ? -size : size) && std::signbit(found[i]) == (i >> 15 != 0), "half " + std::to_string(i));
    }
  }
  const std::vector<int8_t> numbers = {1, -2, 3, 127, -127, 0, 5, 6, 7, 8};  // two rows, of which four numbers share a scale
  const Floats scales = {0.5f, 3.0f, -0.1f};
  const int32_t rows[] = {1, 0, 1};
  Floats expanded(15, NAN), wanted(15);
  for (size_t i = 0; i < 15; ++i) {
    const size_t at = static_cast<size_t>(rows[i / 5]) * 5 + i % 5;
    wanted[i] = static_cast<float>(numbers[at]) * scales[at / 4];
  }
  unspool_expand_int8(numbers.data(), scales.data(), 4, 5, rows, 3, expanded.data());
  expect(same(expanded, wanted), "int8 with scales that rows share");
}

void check_ngrams() {
  const std::string text = "A fine film, a FINE film?! <br />don't";
  const int64_t starts[] = {0, static_cast<int64_t>(text.size())};
  Numbers ids(text.size(), -9);
  int64_t offsets[2];
  void* lexicon = unspool_lexicon_new();
  const int64_t count = unspool_lexicon_read(lexicon, text.data(), starts, 1, 1, -1, ids.data(), offsets);
  ids.resize(static_cast<size_t>(count));
  expect(ids == Numbers({0, 1, 2, 3, 0, 1, 2, 4, 5}), "the tokens of a text");
  const Numbers first = {0, 1}, last = {1, 2};  // a fine, fine film
  void* table = unspool_ngrams_load(2, first.data(), last.data(), nullptr);
  Numbers found(ids.size(), -9);
  unspool_ngrams_find(table, ids.data(), offsets, 1, ids.data(), 2, -1, found.data());
  expect(found == Numbers({0, 1, -1, -1, 0, 1, -1, -1, -1}), "the pairs of a text");
  unspool_ngrams_free(table);
  unspool_lexicon_free(lexicon);
}

}  // namespace

int main() {
  check_rounded();
  check_ngrams();
  for (int64_t i = 0; unspool::available()[i]; ++i) {
    const std::string isa = unspool::available()[i]->isa;
    unspool::choose(isa.c_str());
    check_convolution(16, 1, isa + " convolution");
    check_convolution(80, 3, isa + " convolution of several outputs");
    check_word_maxima(16, isa + " words");
    check_word_maxima(83, isa + " words of filters that fill no vectors");
    check_vectors(isa + " vector");
    check_add_dropped(3, 5, isa + " residual connections");
    check_add_dropped(211, 100, isa + " residual connections of many rows");
    check_output_loss(1, 1, 1, isa + " loss of one word");
    check_output_loss(2, 3, 70, isa + " loss of a row that weighs something");
    check_output_loss(200, 16, 521, isa + " loss of two blocks and two chunks");
    check_output_loss(140, 37, 1030, isa + " loss of rows that fill no vectors");
    check_attention({1, 1, 1, 1, 1, 1, {}, {}, {}, {}}, isa + " attention of one step");
    check_attention({2, 9, 21, 30, 3, 9, {}, {}, {}, {}}, isa + " attention");
    check_attention({2, 70, 33, 32, 1, 1, {}, {}, {}, {}}, isa + " attention of many queries");
    check_dense(1, 1, isa + " dense layer");
    check_dense(33, 17, isa + " dense layer of several outputs");
    check_network(isa + " network");
  }
  std::printf("%d failures\n", failures);
  return failures != 0;
}
