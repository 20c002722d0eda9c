// Random trees without Python, for the sanitizers: odd sizes, constant features and several threads. Arrays are allocated to
// their exact size. That the trees are scikit-learn's is tested in Python.
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "expect.h"
#include "random_trees.h"

namespace {

// Leaves are pure, so that trees say of what they were grown on what it was. `scale` is that of the targets.
void check(int64_t rows, int64_t columns, int64_t outputs, bool classes, float scale = 1000) {
  std::mt19937 generator(static_cast<unsigned>(rows));
  std::normal_distribution<float> draw;
  std::vector<float> features(static_cast<size_t>(rows * columns));
  for (float& x : features) x = draw(generator);
  for (int64_t r = 0; r < rows && columns > 2; ++r) features[static_cast<size_t>(r * columns + 1)] = 1;
  std::vector<int32_t> labels(static_cast<size_t>(rows));
  std::vector<int32_t> targets(static_cast<size_t>(rows * outputs));
  for (size_t r = 0; r < labels.size(); ++r) labels[r] = static_cast<int32_t>(r % static_cast<size_t>(outputs));
  for (int32_t& y : targets) y = static_cast<int32_t>(draw(generator) * scale);
  std::vector<double> meant;
  for (int32_t y : targets) meant.push_back(0.25 * y);
  const UnspoolTreeExamples examples{rows, columns, features.data(), outputs, classes ? labels.data() : nullptr,
                                     classes ? nullptr : targets.data(), classes ? nullptr : meant.data(), columns / 2 + 1};
  const std::vector<uint32_t> seeds{7, 0, 4000000000u};
  std::vector<double> before;
  for (int64_t threads : {1, 3}) {
    const std::string name = std::to_string(rows) + " rows, " + std::to_string(threads) + " threads";
    UnspoolForest* forest = unspool_forest_grow(&examples, seeds.data(), 3, threads);
    const size_t nodes = static_cast<size_t>(unspool_forest_nodes(forest));
    std::vector<int32_t> roots(3), feature(nodes), left(nodes), right(nodes);
    std::vector<double> threshold(nodes), values(nodes * static_cast<size_t>(outputs)), sums(targets.size());
    unspool_forest_copy(forest, roots.data(), feature.data(), threshold.data(), left.data(), right.data(), values.data());
    unspool_forest_free(forest);
    const std::vector<float> said(values.begin(), values.end());
    unspool_forest_sums(roots.data(), 3, feature.data(), threshold.data(), left.data(), right.data(), said.data(), outputs,
                        features.data(), rows, columns, sums.data(), threads);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t k = 0; k < outputs; ++k) {
        const size_t place = static_cast<size_t>(r * outputs + k);
        const double truth = classes ? labels[static_cast<size_t>(r)] == k : meant[place];
        expect(sums[place] > 3 * truth - 1e-3 && sums[place] < 3 * truth + 1e-3, "what the trees say: " + name);
      }
    expect(before.empty() || before == threshold, "the same trees: " + name);
    before = threshold;
  }
}

}  // namespace

int main() {
  check(1, 1, 1, true);
  check(2, 1, 2, true);
  check(300, 7, 5, true);
  check(2, 1, 1, false);
  check(129, 6, 3, false);
  check(600, 6, 1, false, 3e6f);  // squares add up to about 2^52
  std::printf("%d failures\n", failures);
  return failures != 0;
}
