// The recurrent encoder-decoder without Python, for the sanitizers and for other processors: greedy answers against the equations in
// double precision, their log-probabilities, and that batches, threads and beams change no bit of what they must not change.
// Arrays are allocated to their exact size, so that the address sanitizer sees a read or write past an end.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "dispatch.h"
#include "searches.h"

namespace {


struct Shape {
  int64_t cell, layers, width, units;
  bool additive, fed, tied, shared;
};

// Random weights, owned here.
struct Model {
  std::mt19937 generator;
  std::deque<Floats> owned;
  std::vector<UnspoolEncoderDecoderLayer> layers;
  UnspoolEncoderDecoder given = {};

  const float* draw(int64_t count, double spread) {
    owned.emplace_back(static_cast<size_t>(count));
    std::normal_distribution<double> next(0, spread);
    for (float& one : owned.back()) one = static_cast<float>(next(generator));
    return owned.back().data();
  }
  UnspoolDense dense(int64_t inputs, int64_t outputs) { return {draw(inputs * outputs, 0.7), draw(outputs, 0.1)}; }
  UnspoolDirection direction(int64_t inputs) {
    const unspool::CellInfo& info = unspool::cell_info(given.cell);
    const int64_t columns = info.gates * given.units;
    return {draw(inputs * columns, 0.6), draw(given.units * columns, 0.6), draw(info.bias_rows * columns, 0.3)};
  }

  Model(const Shape& s, unsigned seed) : generator(seed) {
    given.layers = s.layers, given.cell = s.cell, given.width = s.width, given.units = s.units;
    given.source_size = 50, given.target_size = 41, given.additive = s.additive, given.input_feeding = s.fed;
    for (int64_t l = 0; l < s.layers; ++l) {
      const int64_t read = l ? 2 * s.units : s.width, written = l ? s.units : s.fed ? 2 * s.width : s.width;
      layers.push_back({direction(read), direction(read), direction(written), {dense(2 * s.units, s.units), dense(2 * s.units, s.units)}});
    }
    given.stack = layers.data();
    given.source_embedding = draw(given.source_size * s.width, 1.5);
    given.target_embedding = s.shared ? given.source_embedding : draw(given.target_size * s.width, 1.5);
    if (!s.tied) given.head = dense(s.width, given.target_size);
    given.keys = draw(2 * s.units * s.units, 0.5);
    if (s.additive) given.query = dense(s.units, s.units), given.sum = draw(s.units, 1);
    given.found = dense(3 * s.units, s.width);
  }
};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// The equations of encoder_decoder.h, and of the cells.
struct Plain {
  const UnspoolEncoderDecoder& m;
  Rows* shares = nullptr;  // what is looked at in the source, a row for each id that is read

  static Doubles product(const Doubles& x, const float* kernel, size_t outputs, const float* bias) {
    Doubles out(outputs, 0.0);
    for (size_t c = 0; c < outputs; ++c) {
      if (bias) out[c] = static_cast<double>(bias[c]);
      for (size_t k = 0; k < x.size(); ++k) out[c] += x[k] * static_cast<double>(kernel[k * outputs + c]);
    }
    return out;
  }
  static Doubles bent(Doubles x) {
    for (double& one : x) one = std::tanh(one);
    return x;
  }
  static Doubles joined(Doubles a, const Doubles& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }
  static Doubles row(const float* from, int64_t index, int64_t width) { return Doubles(from + index * width, from + (index + 1) * width); }

  // A step of a cell; the state is h, and c of an LSTM.
  void step(const UnspoolDirection& d, const Doubles& x, Doubles& h, Doubles& c) const {
    const size_t u = h.size(), columns = static_cast<size_t>(unspool::cell_info(m.cell).gates) * u;
    const Doubles in = product(x, d.kernel, columns, d.bias), old = h;
    const Doubles own = product(h, d.recurrent, columns, m.cell == unspool::GRU_AFTER ? d.bias + columns : nullptr);
    if (m.cell == unspool::LSTM) {
      for (size_t i = 0; i < u; ++i) {
        const auto gate = [&](size_t g) { return in[g * u + i] + own[g * u + i]; };
        c[i] = sigmoid(gate(1)) * c[i] + sigmoid(gate(0)) * std::tanh(gate(2));
        h[i] = sigmoid(gate(3)) * std::tanh(c[i]);
      }
      return;
    }
    Doubles reset(u);
    for (size_t i = 0; i < u; ++i) reset[i] = sigmoid(in[u + i] + own[u + i]);
    Doubles kept(u);
    for (size_t i = 0; i < u; ++i) kept[i] = reset[i] * old[i];
    const Doubles before = product(kept, d.recurrent, columns, nullptr);
    for (size_t i = 0; i < u; ++i) {
      const double z = sigmoid(in[i] + own[i]);
      const double more = m.cell == unspool::GRU_AFTER ? reset[i] * own[2 * u + i] : before[2 * u + i];
      h[i] = z * old[i] + (1 - z) * std::tanh(in[2 * u + i] + more);
    }
  }

  // Log-probabilities of what follows each of `read`.
  Rows answers(const std::vector<int32_t>& source, const std::vector<int32_t>& read) const {
    const size_t u = static_cast<size_t>(m.units), w = static_cast<size_t>(m.width);
    Rows x, h, c, out;
    for (int32_t id : source) x.push_back(row(m.source_embedding, id, m.width));
    for (int64_t l = 0; l < m.layers; ++l) {
      const UnspoolEncoderDecoderLayer& layer = m.stack[l];
      Doubles ahead(u, 0.0), ahead_c(u, 0.0), back(u, 0.0), back_c(u, 0.0);
      Rows y(x.size());
      for (size_t t = 0; t < x.size(); ++t) step(layer.forward, x[t], ahead, ahead_c), y[t] = ahead;
      for (size_t t = x.size(); t-- > 0;) step(layer.backward, x[t], back, back_c), y[t] = joined(y[t], back);
      h.push_back(bent(product(joined(ahead, back), layer.first[0].kernel, u, layer.first[0].bias)));
      c.push_back(bent(product(joined(ahead_c, back_c), layer.first[1].kernel, u, layer.first[1].bias)));
      x = y;
    }
    Doubles found(w, 0.0);
    for (int32_t id : read) {
      Doubles in = row(m.target_embedding, id, m.width);
      if (m.input_feeding) in = joined(in, found);
      for (size_t l = 0; l < h.size(); ++l) step(m.stack[l].decoder, in, h[l], c[l]), in = h[l];
      Doubles context(2 * u, 0.0), weights;
      double sum = 0;
      const Doubles query = m.additive ? product(in, m.query.kernel, u, m.query.bias) : in;
      for (const Doubles& one : x) {
        const Doubles key = product(one, m.keys, u, nullptr);
        double score = 0;
        for (size_t i = 0; i < u; ++i)
          score += m.additive ? static_cast<double>(m.sum[i]) * std::tanh(query[i] + key[i]) : query[i] * key[i];
        weights.push_back(std::exp(score)), sum += weights.back();
      }
      if (shares) {
        shares->push_back(weights);
        for (double& one : shares->back()) one /= sum;
      }
      for (size_t s = 0; s < x.size(); ++s)
        for (size_t i = 0; i < 2 * u; ++i) context[i] += weights[s] / sum * x[s][i];
      found = bent(product(joined(context, in), m.found.kernel, w, m.found.bias));
      const size_t v = static_cast<size_t>(m.target_size);
      Doubles logits(v, 0.0);
      if (m.head.kernel) logits = product(found, m.head.kernel, v, m.head.bias);
      double all = 0;
      for (size_t i = 0; i < v; ++i) {
        for (size_t k = 0; k < w && !m.head.kernel; ++k) logits[i] += found[k] * static_cast<double>(m.target_embedding[i * w + k]);
        all += std::exp(logits[i]);
      }
      for (double& one : logits) one -= std::log(all);
      out.push_back(logits);
    }
    return out;
  }
};

// What is looked at while some ids are read.
void test_attention(const Model& model, const void* packed, const std::vector<int32_t>& source, const std::string& what) {
  const std::vector<int32_t> read = {1, 7, 7, 40, 3, 9, 12};
  Rows wanted;
  Plain{model.given, &wanted}.answers(source, read);
  Floats found(read.size() * source.size());
  const int32_t failed =
      unspool_encoder_decoder_attention(packed, source.data(), static_cast<int64_t>(source.size()), read.data(),
                                        static_cast<int64_t>(read.size()), found.data());
  expect(failed == 0, what + ": attention returns " + std::to_string(failed));
  for (size_t t = 0; t < read.size(); ++t)
    for (size_t s = 0; s < source.size(); ++s) {
      const double off = std::fabs(static_cast<double>(found[t * source.size() + s]) - wanted[t][s]);
      expect(off < 1e-4, what + ": what is looked at is off by " + std::to_string(off));
    }
}

void test(const Shape& shape, unsigned seed, const std::string& what) {
  const Model model(shape, seed);
  const Sources sources = some_sources();
  void* packed = unspool_encoder_decoder_new(&model.given);
  expect(packed != nullptr, what + ": there is a model");
  const Found greedy = search(unspool_encoder_decoder_search, packed, asked(1, 64, 1), sources);
  test_greedy(Plain{model.given}, greedy, sources, 1e-3, 1e-3, what);
  for (const auto& source : sources) test_attention(model, packed, source, what);
  test_batches(unspool_encoder_decoder_search, packed, sources, what);
  unspool_encoder_decoder_free(packed);
}

}  // namespace

int main() {
  using unspool::GRU_AFTER;
  using unspool::GRU_BEFORE;
  using unspool::LSTM;
  for (int64_t i = 0; const char* isa = unspool_available(i); ++i) {
    unspool_choose(isa);
    const std::string name = isa;
    test({GRU_AFTER, 1, 7, 9, true, false, true, true}, 1, name + ", additive");
    test({GRU_BEFORE, 2, 9, 5, false, true, false, false}, 2, name + ", dot, fed, a head");
    test({LSTM, 2, 16, 32, true, true, true, false}, 3, name + ", whole vectors, fed");
    test({LSTM, 3, 33, 3, false, false, false, true}, 4, name + ", dot, three layers");
  }
  Model wrong({GRU_AFTER, 1, 7, 9, true, false, true, true}, 1);
  wrong.given.cell = unspool::RNN_TANH;
  expect(!unspool_encoder_decoder_new(&wrong.given), "a cell that is neither a GRU nor an LSTM is refused");
  if (!failures) std::printf("encoder_decoder: all passed\n");
  return failures ? 1 : 0;
}
