// The Transformer without Python, for the sanitizers and for other processors: greedy answers against the equations in double
// precision, their log-probabilities, and that batches, threads and beams change no bit of what they must not change.
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


// Random weights, owned here.
struct Model {
  std::mt19937 generator;
  std::deque<Floats> owned;
  std::vector<UnspoolTransformerBlock> encoder, decoder;
  UnspoolTransformer given = {};

  const float* draw(int64_t count, double mean, double spread) {
    owned.emplace_back(static_cast<size_t>(count));
    std::normal_distribution<double> next(mean, spread);
    for (float& one : owned.back()) one = static_cast<float>(next(generator));
    return owned.back().data();
  }
  UnspoolDense dense(int64_t inputs, int64_t outputs) {
    return {draw(inputs * outputs, 0, 1 / std::sqrt(static_cast<double>(inputs))), draw(outputs, 0, 0.1)};
  }
  UnspoolNorm norm(double mean = 1) { return {draw(given.width, mean, 0.3), draw(given.width, 0, 0.1)}; }
  UnspoolAttention attention() {
    const int64_t d = given.width;
    return {dense(d, d), dense(d, d), dense(d, d), dense(d, d)};
  }
  UnspoolTransformerBlock block() {
    const int64_t d = given.width, f = given.feed_forward;
    return {norm(), attention(), norm(), attention(), norm(), dense(d, f), dense(f, d)};
  }

  Model(int64_t width, int64_t heads, bool rotary, bool tied, bool shared, unsigned seed) : generator(seed) {
    given.layers = 2, given.width = width, given.heads = heads, given.feed_forward = width + 5;
    given.source_size = 50, given.target_size = 41, given.rotary = rotary;
    for (int64_t l = 0; l < given.layers; ++l) encoder.push_back(block()), decoder.push_back(block());
    given.source_embedding = draw(given.source_size * width, 0, 1 / std::sqrt(static_cast<double>(width)));
    given.target_embedding = shared ? given.source_embedding
                                    : draw(given.target_size * width, 0, 1 / std::sqrt(static_cast<double>(width)));
    if (!tied) given.head = dense(width, given.target_size);
    given.encoder = encoder.data(), given.decoder = decoder.data();
    given.encoder_norm = norm();
    given.decoder_norm = {draw(width, 0, 2), draw(width, 0, 0.1)};  // signs: else a tied model says what it has just read
  }
};

// The equations of transformer.h.
struct Plain {
  const UnspoolTransformer& m;
  Rows* shares = nullptr;  // what is looked at in the source: layer by layer, a row for each id that is read

  Doubles norm(const Doubles& x, const UnspoolNorm& n) const {
    double mean = 0, variance = 0;
    for (double one : x) mean += one / static_cast<double>(x.size());
    for (double one : x) variance += (one - mean) * (one - mean) / static_cast<double>(x.size());
    Doubles out;
    for (size_t c = 0; c < x.size(); ++c)
      out.push_back((x[c] - mean) / std::sqrt(variance + 1e-6) * static_cast<double>(n.scale[c]) +
                    static_cast<double>(n.offset[c]));
    return out;
  }
  Doubles dense(const Doubles& x, const UnspoolDense& layer, int64_t outputs) const {
    Doubles out(layer.bias, layer.bias + outputs);
    for (size_t k = 0; k < x.size(); ++k)
      for (size_t c = 0; c < out.size(); ++c) out[c] += x[k] * static_cast<double>(layer.kernel[k * out.size() + c]);
    return out;
  }
  void turn(Doubles& x, int64_t place) const {
    const int64_t d = m.width / m.heads, half = d / 2;
    for (int64_t h = 0; h < m.heads && m.rotary; ++h)
      for (int64_t i = 0; i < half; ++i) {
        const double angle = static_cast<double>(place) * std::pow(10000.0, -static_cast<double>(i) / static_cast<double>(half));
        double &a = x[static_cast<size_t>(h * d + i)], &b = x[static_cast<size_t>(h * d + half + i)];
        const double old = a;
        a = old * std::cos(angle) - b * std::sin(angle), b = b * std::cos(angle) + old * std::sin(angle);
      }
  }
  Doubles embedded(const float* vectors, int32_t id, int64_t place) const {
    Doubles x;
    for (int64_t c = 0; c < m.width; ++c) {
      const int64_t half = m.width / 2, i = c % half;
      const double angle = static_cast<double>(place) * std::pow(10000.0, -static_cast<double>(i) / static_cast<double>(half));
      const double position = m.rotary ? 0 : c < half ? std::sin(angle) : std::cos(angle);
      x.push_back(static_cast<double>(vectors[id * m.width + c]) * std::sqrt(static_cast<double>(m.width)) + position);
    }
    return x;
  }
  Doubles looked(const Doubles& queries, const Rows& keys, const Rows& values, Rows* kept = nullptr) const {
    const size_t d = static_cast<size_t>(m.width / m.heads);
    Doubles out(queries.size(), 0.0);
    if (kept) kept->emplace_back(keys.size(), 0.0);
    for (size_t h = 0; h < queries.size(); h += d) {
      Doubles weights;
      double sum = 0;
      for (const Doubles& key : keys) {
        double score = 0;
        for (size_t c = h; c < h + d; ++c) score += queries[c] * key[c];
        weights.push_back(std::exp(score / std::sqrt(static_cast<double>(d))));
        sum += weights.back();
      }
      for (size_t s = 0; s < keys.size(); ++s) {
        for (size_t c = h; c < h + d; ++c) out[c] += weights[s] / sum * values[s][c];
        if (kept) kept->back()[s] += weights[s] / sum / static_cast<double>(m.heads);
      }
    }
    return out;
  }
  void add(Doubles& x, const Doubles& more) const {
    for (size_t c = 0; c < x.size(); ++c) x[c] += more[c];
  }
  // A block over whole rows; `causal`: each looks at those before it alone.
  void block(const UnspoolTransformerBlock& b, Rows& x, const Rows* memory, bool causal) const {
    const int64_t d = m.width;
    Rows queries, keys, values, memory_keys, memory_values;
    for (size_t i = 0; i < x.size(); ++i) {
      const Doubles normed = norm(x[i], b.attention_norm);
      queries.push_back(dense(normed, b.attention.queries, d)), keys.push_back(dense(normed, b.attention.keys, d));
      values.push_back(dense(normed, b.attention.values, d));
      turn(queries[i], static_cast<int64_t>(i)), turn(keys[i], static_cast<int64_t>(i));
    }
    if (memory)
      for (const Doubles& read : *memory) {
        memory_keys.push_back(dense(read, b.to_memory.keys, d));
        memory_values.push_back(dense(read, b.to_memory.values, d));
      }
    for (size_t i = 0; i < x.size(); ++i) {
      const auto seen = static_cast<Rows::difference_type>(causal ? i + 1 : x.size());
      const Rows some(keys.begin(), keys.begin() + seen), theirs(values.begin(), values.begin() + seen);
      add(x[i], dense(looked(queries[i], some, theirs), b.attention.result, d));
      if (memory) {
        const Doubles asked = dense(norm(x[i], b.memory_norm), b.to_memory.queries, d);
        add(x[i], dense(looked(asked, memory_keys, memory_values, shares), b.to_memory.result, d));
      }
      Doubles hidden = dense(norm(x[i], b.dense_norm), b.hidden, m.feed_forward);
      for (double& one : hidden) one = std::fmax(one, 0);
      add(x[i], dense(hidden, b.result, d));
    }
  }
  // Log-probabilities of what follows each of `read`.
  Rows answers(const std::vector<int32_t>& source, const std::vector<int32_t>& read) const {
    Rows x, memory, y, out;
    for (size_t i = 0; i < source.size(); ++i)
      x.push_back(embedded(m.source_embedding, source[i], static_cast<int64_t>(i)));
    for (int64_t l = 0; l < m.layers; ++l) block(m.encoder[l], x, nullptr, false);
    for (const Doubles& one : x) memory.push_back(norm(one, m.encoder_norm));
    for (size_t i = 0; i < read.size(); ++i) y.push_back(embedded(m.target_embedding, read[i], static_cast<int64_t>(i)));
    for (int64_t l = 0; l < m.layers; ++l) block(m.decoder[l], y, &memory, true);
    for (const Doubles& one : y) {
      const Doubles last = norm(one, m.decoder_norm);
      Doubles logits(static_cast<size_t>(m.target_size), 0.0);
      for (size_t v = 0; v < logits.size(); ++v)
        for (size_t c = 0; c < last.size(); ++c)
          logits[v] += last[c] * static_cast<double>(m.head.kernel ? m.head.kernel[c * logits.size() + v]
                                                                   : m.target_embedding[v * last.size() + c]);
      double sum = 0;
      for (size_t v = 0; v < logits.size(); ++v) {
        if (m.head.kernel) logits[v] += static_cast<double>(m.head.bias[v]);
        sum += std::exp(logits[v]);
      }
      for (double& one_logit : logits) one_logit -= std::log(sum);
      out.push_back(logits);
    }
    return out;
  }
};

// What is looked at while some ids are read.
void test_attention(const Model& model, const void* transformer, const std::vector<int32_t>& source, const std::string& what) {
  const std::vector<int32_t> read = {1, 7, 7, 40, 3, 9, 12, 30, 2, 8, 22, 19, 4, 5, 6, 11, 13, 17, 23};
  const size_t layers = static_cast<size_t>(model.given.layers), steps = source.size();
  Rows wanted;
  Plain{model.given, &wanted}.answers(source, read);
  Floats found(read.size() * layers * steps);
  const int32_t failed = unspool_transformer_attention(transformer, source.data(), static_cast<int64_t>(steps), read.data(),
                                                       static_cast<int64_t>(read.size()), found.data());
  expect(failed == 0, what + ": attention returns " + std::to_string(failed));
  for (size_t t = 0; t < read.size(); ++t)
    for (size_t l = 0; l < layers; ++l)
      for (size_t s = 0; s < steps; ++s) {
        const double off = std::fabs(static_cast<double>(found[(t * layers + l) * steps + s]) - wanted[l * read.size() + t][s]);
        expect(off < 1e-5, what + ": what is looked at is off by " + std::to_string(off));
      }
}

void test(const Model& model, const std::string& what) {
  const Sources sources = some_sources();
  void* transformer = unspool_transformer_new(&model.given);
  expect(transformer != nullptr, what + ": there is a transformer");
  const Found greedy = search(unspool_transformer_search, transformer, asked(1, 64, 1), sources);
  test_greedy(Plain{model.given}, greedy, sources, 1e-4, 2e-4, what);
  for (const auto& source : sources) test_attention(model, transformer, source, what);
  test_batches(unspool_transformer_search, transformer, sources, what);
  unspool_transformer_free(transformer);
}

}  // namespace

int main() {
  for (int64_t i = 0; const char* isa = unspool_available(i); ++i) {
    unspool_choose(isa);
    const std::string name = isa;
    test(Model(20, 2, false, true, true, 1), name + ", sinusoidal");
    test(Model(20, 2, true, true, true, 2), name + ", rotary");
    test(Model(64, 2, false, false, false, 3), name + ", whole vectors and a head");
    test(Model(112, 1, true, false, true, 4), name + ", wide heads");
  }
  Model wrong(20, 2, false, true, true, 1);
  wrong.given.heads = 3;
  expect(!unspool_transformer_new(&wrong.given), "heads that do not share the width are refused");
  wrong.given.heads = 2;
  void* transformer = unspool_transformer_new(&wrong.given);
  UnspoolSearch how = asked(1, 1, 1);
  how.end = 41;
  const int64_t offsets[1] = {0};
  expect(unspool_transformer_search(transformer, &how, nullptr, offsets, 0, nullptr, nullptr, nullptr, nullptr, nullptr) == 2,
         "an end that is no id is refused");
  expect(unspool_transformer_attention(transformer, nullptr, -1, nullptr, 0, nullptr) == 2, "fewer ids than none are refused");
  unspool_transformer_free(transformer);
  if (!failures) std::printf("transformer: all passed\n");
  return failures ? 1 : 0;
}
