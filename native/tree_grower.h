// Grows one extremely randomised tree. Included only by random_trees.cc.
#ifndef UNSPOOL_TREE_GROWER_H_
#define UNSPOOL_TREE_GROWER_H_

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <vector>

#include "tree_criteria.h"

namespace {

constexpr double PURE = 2.220446049250313e-16;  // a node with an impurity up to this is pure
constexpr float CONSTANT = 1e-7f;               // a feature whose values differ by no more is constant
constexpr int32_t LARGEST = 0x7fffffff;         // the largest random number
constexpr int64_t NEAR = 1 << 18;               // a node with so many values, at most, is read by row: they stay in a cache
constexpr int64_t LANES = 8;                    // minima and maxima kept in parallel, as each waits for the one before

struct Random {
  uint32_t state;

  int32_t draw() {
    if (state == 0) state = 1;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return static_cast<int32_t>(state & LARGEST);
  }
  int64_t below(int64_t low, int64_t high) { return low + draw() % static_cast<int32_t>(high - low); }
  double between(double low, double high) { return (high - low) * draw() / LARGEST + low; }
};

// The greatest float that is at most `threshold`: comparing a float with either gives the same.
inline float floor_of(double threshold) {
  const float near = static_cast<float>(threshold);
  int32_t bits;
  memcpy(&bits, &near, sizeof bits);
  bits += static_cast<int32_t>(static_cast<double>(near) > threshold) * (bits > 0 ? -1 : 1);
  float found;
  memcpy(&found, &bits, sizeof found);
  return found;
}

struct Node {
  int32_t feature, left, right;
  double threshold;
};

struct Tree {
  std::vector<Node> nodes;
  std::vector<double> values;
};

struct Range {
  float least, greatest;
};

template <typename Criterion>
struct Grower {
  const Examples& examples;
  Random random;
  std::vector<int32_t> samples, features, constants, leaving;
  std::vector<float> values;
  Criterion criterion;

  Grower(const Examples& all, uint32_t seed)
      : examples(all),
        random{seed},
        samples(static_cast<size_t>(all.given.rows)),
        features(static_cast<size_t>(all.given.columns)),
        constants(features.size()),
        leaving(samples.size()),
        values(samples.size()),
        criterion(all, samples.data()) {
    for (size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<int32_t>(i);
    for (size_t i = 0; i < features.size(); ++i) features[i] = static_cast<int32_t>(i);
  }

  // Moves the rows whose `values` are at most `most` to the front, and keeps the order on both sides.
  void partition(int64_t start, int64_t end, float most) {
    int32_t* row = samples.data() + start;
    int64_t stay = 0, gone = 0;
    for (int64_t p = 0; p < end - start; ++p) {
      const int32_t here = row[p];
      const bool stays = values[static_cast<size_t>(p)] <= most;
      row[stay] = leaving[static_cast<size_t>(gone)] = here;
      stay += stays;
      gone += !stays;
    }
    memcpy(row + stay, leaving.data(), static_cast<size_t>(gone) * sizeof(int32_t));
  }

  // Puts the values of the node's rows into `values`; returns the least and the greatest.
  Range gather(int64_t start, int64_t end, int64_t feature) {
    const int32_t* row = samples.data() + start;
    const int64_t rows = end - start, width = examples.given.columns;
    float* to = values.data();
    if (rows * width <= NEAR) {
      const float* of = examples.given.features + feature;
      for (int64_t p = 0; p < rows; ++p) to[p] = of[row[p] * width];
    } else {
      const float* of = examples.columns.data() + feature * examples.given.rows;
      for (int64_t p = 0; p < rows; ++p) to[p] = of[row[p]];
    }
    float least[LANES], greatest[LANES];
    for (int64_t l = 0; l < LANES; ++l) least[l] = greatest[l] = to[0];
    int64_t p = 0;
    for (; p + LANES <= rows; p += LANES)
      for (int64_t l = 0; l < LANES; ++l) {
        least[l] = to[p + l] < least[l] ? to[p + l] : least[l];
        greatest[l] = to[p + l] > greatest[l] ? to[p + l] : greatest[l];
      }
    for (; p < rows; ++p) {
      least[0] = to[p] < least[0] ? to[p] : least[0];
      greatest[0] = to[p] > greatest[0] ? to[p] : greatest[0];
    }
    for (int64_t l = 1; l < LANES; ++l) {
      least[0] = least[l] < least[0] ? least[l] : least[0];
      greatest[0] = greatest[l] > greatest[0] ? greatest[l] : greatest[0];
    }
    return {least[0], greatest[0]};
  }

  // Whether there is a split. `known` is the number of features known to be constant, before and then after the search.
  bool split(int64_t start, int64_t end, int64_t* known, Split* best) {
    const int64_t known_before = *known, tried = examples.given.tried;
    int64_t last = examples.given.columns, found = 0, drawn = 0, visited = 0;
    double most = -INFINITY;
    best->position = end;
    while (last > *known && (visited < tried || visited <= found + drawn)) {
      ++visited;
      int64_t at = random.below(drawn, last - found);
      if (at < known_before) {
        exchange(drawn++, at);
        continue;
      }
      at += found;
      const int64_t current = features[static_cast<size_t>(at)];
      const Range range = gather(start, end, current);
      if (range.greatest <= range.least + CONSTANT) {
        exchange((*known)++, at);
        ++found;
        continue;
      }
      exchange(--last, at);
      double threshold = random.between(range.least, range.greatest);
      if (threshold == static_cast<double>(range.greatest)) threshold = range.least;
      if (end - start == 2 && best->position < end) continue;  // two rows can be split in only one way
      const int64_t counted = criterion.count(values.data(), floor_of(threshold));
      if (counted == 0 || counted == end - start) continue;
      const double gain = criterion.gain(counted);
      if (gain > most) {
        most = gain;
        best->feature = current, best->position = start + counted, best->threshold = threshold;
        criterion.keep();
      }
    }
    if (best->position < end) {
      gather(start, end, best->feature);
      partition(start, end, floor_of(best->threshold));
      criterion.split(best, values.data(), floor_of(best->threshold));
    }
    // Features known to be constant return to their old order, for the sibling; those found here follow them.
    memcpy(features.data(), constants.data(), static_cast<size_t>(known_before) * sizeof(int32_t));
    memcpy(constants.data() + known_before, features.data() + known_before, static_cast<size_t>(found) * sizeof(int32_t));
    return best->position < end;
  }

  void exchange(int64_t a, int64_t b) {
    const int32_t moved = features[static_cast<size_t>(a)];
    features[static_cast<size_t>(a)] = features[static_cast<size_t>(b)];
    features[static_cast<size_t>(b)] = moved;
  }

  void grow(Tree* tree) {
    struct Waiting {
      int64_t start, end, known;
      int32_t parent;
      bool is_left;
      double impurity;
    };
    const int64_t rows = examples.given.rows;
    std::vector<Waiting> waiting{{0, rows, 0, -1, false, -1.0}};
    while (!waiting.empty()) {
      Waiting here = waiting.back();
      waiting.pop_back();
      criterion.begin(here.start, here.end);
      if (here.parent < 0) here.impurity = criterion.impurity();
      Split split{};
      const bool divided = here.end - here.start > 1 && here.impurity > PURE &&
                           this->split(here.start, here.end, &here.known, &split) && improves(here.impurity, here.start, here.end, split);
      const int32_t number = static_cast<int32_t>(tree->nodes.size());
      if (here.parent >= 0) (here.is_left ? tree->nodes[static_cast<size_t>(here.parent)].left
                                          : tree->nodes[static_cast<size_t>(here.parent)].right) = number;
      tree->nodes.push_back({divided ? static_cast<int32_t>(split.feature) : -1, -1, -1, divided ? split.threshold : -2.0});
      const size_t outputs = static_cast<size_t>(examples.given.outputs);
      tree->values.resize(tree->values.size() + outputs);
      criterion.value(tree->values.data() + tree->values.size() - outputs);
      if (!divided) continue;
      waiting.push_back({split.position, here.end, here.known, number, false, split.right_impurity});
      waiting.push_back({here.start, split.position, here.known, number, true, split.left_impurity});
    }
  }

  bool improves(double impurity, int64_t start, int64_t end, const Split& split) const {
    const double all = static_cast<double>(examples.given.rows), rows = static_cast<double>(end - start);
    const double left = static_cast<double>(split.position - start), right = static_cast<double>(end - split.position);
    const double less = impurity - right / rows * split.right_impurity - left / rows * split.left_impurity;
    return rows / all * less + PURE >= 0;
  }
};

}  // namespace

#endif  // UNSPOOL_TREE_GROWER_H_
