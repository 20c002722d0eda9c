// The kernels over series without Python, for the sanitizers: every instruction set and thread count over odd lengths,
// dilations beyond the series and several channels, against the equations as convolution_features.h and
// competing_kernels.h have them, to the last bit. Arrays are allocated to their exact size, so that the address
// sanitizer sees a read or write past an end.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "dispatch.h"
#include "expect.h"
#include "ranked_responses.h"

namespace {

using namespace unspool;
typedef std::vector<float> Floats;

bool same(const Floats& a, const Floats& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

std::mt19937 generator(1);

Floats normal(size_t n) {
  Floats out(n);
  std::normal_distribution<float> draw;
  for (float& x : out) x = draw(generator);
  return out;
}

std::vector<uint8_t> flags(size_t n) {
  std::vector<uint8_t> out(n);
  for (uint8_t& x : out) x = generator() & 1;
  return out;
}

// What a kernel that may see `allowed` channels (nullptr: all) sees at step t of series n.
float seen(const SeriesBatch& s, int64_t n, int64_t t, const uint8_t* allowed) {
  const int64_t length = s.offsets[n + 1] - s.offsets[n];
  float sum = 0;
  if (t < 0 || t >= length) return sum;
  for (int64_t c = 0; c < s.channels; ++c)
    if (!allowed || allowed[c]) sum += s.values[(s.offsets[n] + t) * s.channels + c];
  return sum;
}

Floats convolution(const SeriesBatch& s, const ConvolutionPlan& p) {
  int64_t rows = 0;
  for (int64_t d = 0; d < p.dilation_count; ++d) rows += p.bias_counts[d];
  Floats out(static_cast<size_t>(s.count * p.pools * rows * ROCKET_KERNELS));
  for (int64_t n = 0; n < s.count; ++n) {
    const int64_t length = s.offsets[n + 1] - s.offsets[n];
    for (int64_t d = 0, row = 0; d < p.dilation_count; row += p.bias_counts[d++]) {
      int64_t k = 0;
      for (int a = 0; a < TAPS; ++a) for (int b = a + 1; b < TAPS; ++b) for (int c = b + 1; c < TAPS; ++c, ++k) {
        const uint8_t* allowed = p.channels ? p.channels + (d * ROCKET_KERNELS + k) * s.channels : nullptr;
        const bool inner = (k + d) % 2 == 1 && length > 8 * p.dilations[d];
        const int64_t margin = inner ? 4 * p.dilations[d] : 0, steps = length - 2 * margin;
        Floats z;
        for (int64_t t = margin; t < length - margin; ++t) {
          float x[TAPS], all = 0;
          for (int j = 0; j < TAPS; ++j) x[j] = seen(s, n, t + (j - 4) * p.dilations[d], allowed);
          for (int j = 0; j < TAPS; ++j) all = j ? all + x[j] : x[j];
          z.push_back(((3.0f * x[a] - all) + 3.0f * x[b]) + 3.0f * x[c]);
        }
        for (int64_t i = 0; i < p.bias_counts[d]; ++i) {
          const float bias = p.biases[(row + i) * ROCKET_KERNELS + k];
          float count = 0, sum = 0, place = 0, run = 0, best = 0;
          for (size_t t = 0; t < z.size(); ++t) {
            const bool over = z[t] > bias;
            run = over ? run + 1 : 0;
            best = std::max(best, run);
            if (!over) continue;
            count += 1, sum += z[t] - bias, place += static_cast<float>(static_cast<int64_t>(t) + margin);
          }
          const float divisor = static_cast<float>(steps), safe = std::max(count, 1.0f);
          const float pools[] = {count / divisor, sum / safe, place / safe / static_cast<float>(length), best / divisor};
          for (int64_t pool = 0; pool < p.pools; ++pool)
            out[static_cast<size_t>(((n * p.pools + pool) * rows + row + i) * ROCKET_KERNELS + k)] =
                length ? pools[pool] : 0;
        }
      }
    }
  }
  return out;
}

Floats competition(const SeriesBatch& s, const CompetitionPlan& p) {
  Floats out(static_cast<size_t>(s.count * p.dilation_count * 2 * COMPETITORS * p.groups));
  for (int64_t n = 0; n < s.count; ++n) {
    const int64_t length = s.offsets[n + 1] - s.offsets[n];
    for (int64_t d = 0; d < p.dilation_count; ++d)
      for (int64_t g = 0; g < p.groups; ++g) {
        float greatest[COMPETITORS] = {}, least[COMPETITORS] = {};
        const uint8_t* allowed = p.channels ? p.channels + (d * p.groups + g) * s.channels : nullptr;
        for (int64_t t = 0; t < length; ++t) {
          float response[COMPETITORS];
          for (int64_t k = 0; k < COMPETITORS; ++k)
            for (int64_t j = 0; j < TAPS; ++j) {
              const float w = p.weights[((d * COMPETITORS + k) * TAPS + j) * p.groups + g];
              const float product = seen(s, n, t + (j - 4) * p.dilations[d], allowed) * w;
              response[k] = j ? response[k] + product : product;
            }
          const float high = *std::max_element(response, response + COMPETITORS);
          const float low = *std::min_element(response, response + COMPETITORS);
          for (int64_t k = 0; k < COMPETITORS; ++k) {
            if (response[k] == high) greatest[k] += high;
            if (response[k] == low) least[k] += 1;
          }
        }
        float* to = out.data() + (n * p.dilation_count + d) * 2 * COMPETITORS * p.groups + g;
        for (int64_t k = 0; k < COMPETITORS; ++k) {
          to[k * p.groups] = length ? greatest[k] / static_cast<float>(length) : 0;
          to[(COMPETITORS + k) * p.groups] = length ? least[k] / static_cast<float>(length) : 0;
        }
      }
  }
  return out;
}

void check(int64_t channels, bool some, int64_t groups) {
  const std::vector<int64_t> offsets = {0, 0, 1, 4, 12, 21, 38, 90}, dilations = {1, 2, 6}, counts = {9, 0, 4};
  const Floats values = normal(static_cast<size_t>(90 * channels)), biases = normal(13 * 84);
  const Floats weights = normal(static_cast<size_t>(3 * 72 * groups));
  const std::vector<uint8_t> kernels_see = flags(static_cast<size_t>(3 * 84 * channels));
  const std::vector<uint8_t> groups_see = flags(static_cast<size_t>(3 * groups * channels));
  const SeriesBatch series{values.data(), offsets.data(), 7, channels};
  const CompetitionPlan rivals{3, dilations.data(), groups, weights.data(), some ? groups_see.data() : nullptr};
  const Floats rivals_expected = competition(series, rivals);
  for (int64_t pools : {1, 4}) {
    const ConvolutionPlan plan{3,  dilations.data(), counts.data(), biases.data(), some ? kernels_see.data() : nullptr,
                               pools};
    const Floats expected = convolution(series, plan);
    for (int64_t i = 0; available()[i]; ++i) {
      const Kernels& k = *available()[i];
      for (int64_t count : {1, 3}) {
        Threads threads{count};
        Floats found(expected.size()), rivals_found(rivals_expected.size());
        const std::string name = std::string(k.isa) + ", " + std::to_string(channels) + " channels, " +
                                 std::to_string(pools) + " pools, " + std::to_string(count) + " threads";
        expect(k.convolution_features(series, plan, found.data(), {&threads, Threads::run}) && same(found, expected),
               "convolution features: " + name);
        expect(k.competing_kernels(series, rivals, rivals_found.data(), {&threads, Threads::run}) &&
                   same(rivals_found, rivals_expected),
               "competing kernels: " + name);
      }
    }
  }
}

// Forecasts are finite, the same on every instruction set and with any number of threads, and go on with a season.
void check_forecasts(int64_t season) {
  const std::vector<int64_t> offsets = {0, 1, 5, 11, 31, 100, 331, 1500};
  const int64_t count = 7, horizon = 9;
  std::vector<double> values(1500), expected;
  std::normal_distribution<double> draw;
  for (size_t n = 0; n + 1 < offsets.size(); ++n) {
    for (int64_t t = 0; t < offsets[n + 1] - offsets[n]; ++t) {
      const double wave = t % season == 0 ? 5 : 0;
      values[static_cast<size_t>(offsets[n] + t)] = (n % 2 ? 20 : 0) + wave + .01 * draw(generator);
    }
  }
  const Histories histories{values.data(), offsets.data(), count, season};
  const int64_t arima = EXPONENTIAL_SMOOTHING + 1;  // a kernel of its own
  for (int64_t method : {static_cast<int64_t>(THETA), static_cast<int64_t>(EXPONENTIAL_SMOOTHING), arima}) {
    expected.clear();
    for (int64_t i = 0; available()[i]; ++i) {
      for (int64_t threads : {1, 3}) {
        Threads pool{threads};
        const std::string name = std::string(available()[i]->isa) + ", season " + std::to_string(season);
        std::vector<double> found(static_cast<size_t>(count * horizon), NAN);
        const Parallel parallel = {&pool, Threads::run};
        const bool done = method == arima ? available()[i]->arima(histories, horizon, found.data(), parallel)
                                          : available()[i]->smoothing(histories, method, horizon, found.data(), parallel);
        expect(done, "memory: " + name);
        if (expected.empty()) expected = found;
        expect(std::memcmp(found.data(), expected.data(), found.size() * sizeof(double)) == 0, "the same bits: " + name);
        for (size_t f = 0; f < found.size(); ++f) {
          expect(std::isfinite(found[f]), "finite: " + name);
          const int64_t n = static_cast<int64_t>(f) / horizon, ahead = static_cast<int64_t>(f) % horizon;
          if (n < 4 || season == 1) continue;  // too short for a season, or none
          const int64_t t = offsets[static_cast<size_t>(n + 1)] - offsets[static_cast<size_t>(n)] + ahead;
          const double truth = (n % 2 ? 20 : 0) + (t % season == 0 ? 5 : 0);
          expect(std::fabs(found[f] - truth) < .5, "it goes on with its season: " + name);
        }
      }
    }
  }
}

// Each kernel sees its own part of a wave. As the wave's period is the dilation, responses are 0 away from the ends; in the long
// part, these are most of them.
void check_ranked_responses() {
  const std::vector<int64_t> starts = {0, 5, 5, 60}, lengths = {600, 1, 60, 33};
  Floats wave(605);
  for (size_t t = 0; t < wave.size(); ++t) wave[t] = t % 3 == 0 ? 2.0f : -1.0f;
  std::vector<int64_t> ranks;
  for (int64_t length : lengths) for (int64_t rank : {length / 2, length - 1, int64_t{0}}) ranks.push_back(rank);
  Floats found(12, -7.0f);
  const int64_t failed =
      unspool_ranked_responses(wave.data(), starts.data(), lengths.data(), 80, 4, 3, ranks.data(), 3, found.data());
  expect(failed == 0, "memory: ranked responses");
  for (size_t i = 0; i < found.size(); i += 3)
    expect(found[i + 2] <= found[i] && found[i] <= found[i + 1], "in their order: ranked responses");
  expect(found[0] == 0 && found[1] > 0 && found[2] < 0, "a wave of the dilation's period: ranked responses");
  expect(found[3] == found[4] && found[4] == found[5], "a single step: ranked responses");
  expect(unspool_ranked_responses(wave.data(), starts.data(), lengths.data(), 0, 0, 3, ranks.data(), 3, found.data()) == 0,
         "none: ranked responses");
}

}  // namespace

int main() {
  check_ranked_responses();
  for (int64_t season : {1, 2, 7, 12, 30}) check_forecasts(season);
  check(1, false, 1);
  check(1, true, 17);
  check(3, false, 16);
  check(3, true, 5);
  std::printf("%d failures\n", failures);
  return failures != 0;
}
