// Tests of searches, whatever the model's architecture: what is found, and that other batches and threads change none of it.
#ifndef UNSPOOL_TESTS_SEARCHES_H_
#define UNSPOOL_TESTS_SEARCHES_H_

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "expect.h"
#include "unspool.h"

namespace {

typedef std::vector<float> Floats;
typedef std::vector<double> Doubles;
typedef std::vector<Doubles> Rows;
typedef std::vector<std::vector<int32_t>> Sources;

constexpr int64_t MAXIMUM = 37;

struct Found {
  std::vector<int32_t> tokens;
  std::vector<int64_t> lengths;
  Floats totals, scores;
  std::vector<uint8_t> ended;

  bool operator==(const Found& other) const {
    const size_t bytes = scores.size() * sizeof(float);
    return tokens == other.tokens && lengths == other.lengths && ended == other.ended &&
           std::memcmp(scores.data(), other.scores.data(), bytes) == 0 &&
           std::memcmp(totals.data(), other.totals.data(), bytes) == 0;
  }
};

UnspoolSearch asked(int64_t beam, int64_t batch, int64_t threads) {
  return {beam, beam > 2 ? 2 : 1, 1.0, 1, 2, MAXIMUM, 1, batch, threads};
}

// `searched` is unspool_transformer_search, or the like.
template <typename Searched>
Found search(Searched searched, const void* model, const UnspoolSearch& how, const Sources& sources) {
  std::vector<int32_t> ids;
  std::vector<int64_t> offsets(1, 0);
  for (const auto& source : sources) {
    ids.insert(ids.end(), source.begin(), source.end());
    offsets.push_back(static_cast<int64_t>(ids.size()));
  }
  const size_t count = sources.size() * static_cast<size_t>(how.returned);
  Found found{std::vector<int32_t>(count * static_cast<size_t>(how.maximum)), std::vector<int64_t>(count), Floats(count),
              Floats(count), std::vector<uint8_t>(count)};
  const int32_t failed =
      searched(model, &how, ids.data(), offsets.data(), static_cast<int64_t>(sources.size()), found.tokens.data(),
               found.lengths.data(), found.totals.data(), found.scores.data(), found.ended.data());
  expect(failed == 0, "a search returns " + std::to_string(failed));
  return found;
}

// Greedy answers take the likeliest id each time, with its log-probability. `plain` computes in double precision.
template <typename Plain>
void test_greedy(const Plain& plain, const Found& found, const Sources& sources, double likely_enough, double near,
                 const std::string& what) {
  for (size_t n = 0; n < sources.size(); ++n) {
    const auto begin = found.tokens.begin() + static_cast<int64_t>(n) * MAXIMUM;
    std::vector<int32_t> said(begin, begin + found.lengths[n]), read(1, 1);
    read.insert(read.end(), said.begin(), said.end());
    if (found.ended[n]) said.push_back(2);
    const Rows likely = plain.answers(sources[n], read);
    double total = 0;
    for (size_t t = 0; t < said.size(); ++t) {
      const double taken = likely[t][static_cast<size_t>(said[t])];
      total += taken;
      for (size_t v = 1; v < likely[t].size(); ++v) expect(likely[t][v] <= taken + likely_enough, what + ": the likeliest id");
    }
    const double off = std::fabs(total - static_cast<double>(found.totals[n]));
    expect(off < near * (1 + std::fabs(total)), what + ": a log-probability is off by " + std::to_string(off));
  }
}

template <typename Searched>
void test_batches(Searched searched, const void* model, const Sources& sources, const std::string& what) {
  for (int64_t beam : {1, 2, 5}) {
    const Found together = search(searched, model, asked(beam, 64, 1), sources);
    expect(together == search(searched, model, asked(beam, 2, 1), sources), what + ": in other batches");
    expect(together == search(searched, model, asked(beam, 1, 3), sources), what + ": on three threads");
  }
}

Sources some_sources() {
  std::mt19937 generator(7);
  Sources sources;
  for (size_t length : {1, 16, 3, 17, 40, 8, 0})
    for (size_t i = (sources.emplace_back(), 0); i < length; ++i)
      sources.back().push_back(std::uniform_int_distribution<int32_t>(1, 49)(generator));
  return sources;
}

}  // namespace

#endif  // UNSPOOL_TESTS_SEARCHES_H_
