#include "random_trees.h"

#include <math.h>
#include <string.h>

#include <atomic>
#include <new>
#include <vector>

#include "threads.h"

#define UNSPOOL_EXPORT extern "C" __attribute__((visibility("default")))

namespace {

constexpr double PURE = 2.220446049250313e-16;  // an impurity of that much is none
constexpr float CONSTANT = 1e-7f;               // values that differ by no more are held to be one
constexpr int32_t LARGEST = 0x7fffffff;         // random number
constexpr int64_t TABLED = 256;                 // rows of a node whose entropies are looked up
constexpr int64_t NEAR = 1 << 18;               // features of a node's rows that are read row by row: they stay in a cache
constexpr int64_t LANES = 8;                    // of minima and maxima, each of which waits for the one before
constexpr int64_t SUMMED = 256;                 // targets whose sum is less than 2^31, as the root of 256 * 2^53 is

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

// p log2 p for p = count / rows. Logarithms are most of the work where nodes are small, so small ones are looked up.
struct Entropies {
  std::vector<double> table;

  explicit Entropies(int64_t rows) {
    const int64_t most = rows < TABLED ? rows : TABLED;
    table.resize(static_cast<size_t>((most + 1) * (most + 2) / 2));
    for (int64_t n = 1; n <= most; ++n)
      for (int64_t count = 1; count <= n; ++count) table[place(count, n)] = term(count, n);
  }

  static size_t place(int64_t count, int64_t rows) { return static_cast<size_t>(rows * (rows + 1) / 2 + count); }
  static double term(int64_t count, int64_t rows) {
    const double share = static_cast<double>(count) / static_cast<double>(rows);
    return share * (log(share) / log(2.0));
  }
  double of(int64_t count, int64_t rows) const { return rows <= TABLED ? table[place(count, rows)] : term(count, rows); }
};

// The greatest float that is at most `threshold`: a float is at most the one where it is at most the other.
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

struct Split {
  int64_t feature, position;
  double threshold, left_impurity, right_impurity;
};

// What is learned, with the features column after column, as a large node looks at few of them, at many rows each.
struct Examples {
  const UnspoolTreeExamples& given;
  std::vector<float> columns;
  Entropies entropies;

  explicit Examples(const UnspoolTreeExamples& examples)
      : given(examples),
        columns(static_cast<size_t>(examples.rows * examples.columns)),
        entropies(examples.labels ? examples.rows : 0) {
    constexpr int64_t BLOCK = 16;
    const int64_t rows = examples.rows, width = examples.columns;
    for (int64_t first = 0; first < rows; first += BLOCK)
      for (int64_t c = 0; c < width; ++c)
        for (int64_t r = first; r < first + BLOCK && r < rows; ++r)
          columns[static_cast<size_t>(c * rows + r)] = examples.features[r * width + c];
  }
};

// Sums of targets. These are whole numbers, so that sums are exact in whatever order they are added up.
struct Targets {
  const Examples& examples;
  const int32_t* samples;
  int64_t rows = 0;
  double squares = 0;
  std::vector<int32_t> here;  // (K, N), the targets of the node's rows
  std::vector<double> total, left, right, mean;

  Targets(const Examples& all, const int32_t* order)
      : examples(all),
        samples(order),
        here(size(all) * static_cast<size_t>(all.given.rows)),
        total(size(all)),
        left(size(all)),
        right(size(all)),
        mean(size(all)) {}

  static size_t size(const Examples& all) { return static_cast<size_t>(all.given.outputs); }
  int32_t* of(size_t output) { return here.data() + output * static_cast<size_t>(examples.given.rows); }

  void begin(int64_t start, int64_t end) {
    rows = end - start;
    int64_t squared = 0;
    for (size_t k = 0; k < total.size(); ++k) {
      int32_t* to = of(k);
      int64_t sum = 0;
      for (int64_t p = 0; p < rows; ++p) {
        to[p] = examples.given.targets[static_cast<size_t>(samples[start + p]) * total.size() + k];
        sum += to[p];
        squared += static_cast<int64_t>(to[p]) * to[p];
      }
      total[k] = static_cast<double>(sum);
    }
    squares = static_cast<double>(squared);
    for (double& one : mean) one = 0;
    for (int64_t p = start; p < end; ++p)
      for (size_t k = 0; k < mean.size(); ++k) mean[k] += examples.given.said[static_cast<size_t>(samples[p]) * mean.size() + k];
    for (double& one : mean) one /= static_cast<double>(rows);
  }

  double impurity(double squared, const std::vector<double>& sums, int64_t count) const {
    const double n = static_cast<double>(count);
    double found = squared / n;
    for (double sum : sums) found -= (sum / n) * (sum / n);
    return found / static_cast<double>(sums.size());
  }
  double impurity() const { return impurity(squares, total, rows); }

  // How many rows have values of at most `most`; their targets' sums go to `left`.
  int64_t count(const float* values, float most) {
    int32_t counted = 0;
    for (size_t k = 0; k < total.size(); ++k) {
      const int32_t* targets = of(k);
      int64_t sum = 0;
      counted = 0;
      for (int64_t block = 0; block < rows; block += SUMMED) {
        const int64_t end = block + SUMMED < rows ? block + SUMMED : rows;
        int32_t of_block = 0;
        for (int64_t p = block; p < end; ++p) {
          const int32_t mask = -static_cast<int32_t>(values[p] <= most);
          of_block += targets[p] & mask;
          counted -= mask;
        }
        sum += of_block;
      }
      left[k] = static_cast<double>(sum);
    }
    return counted;
  }

  double gain(int64_t counted) {
    double of_left = 0, of_right = 0;
    for (size_t k = 0; k < left.size(); ++k) {
      right[k] = total[k] - left[k];
      of_left += left[k] * left[k];
      of_right += right[k] * right[k];
    }
    return of_left / static_cast<double>(counted) + of_right / static_cast<double>(rows - counted);
  }
  void keep() {}

  // `values` are those of the feature that splits.
  void split(Split* found, const float* values, float most) {
    const int64_t counted = count(values, most);
    gain(counted);
    int64_t squared = 0;
    for (size_t k = 0; k < total.size(); ++k) {
      const int32_t* targets = of(k);
      for (int64_t p = 0; p < rows; ++p)
        if (values[p] <= most) squared += static_cast<int64_t>(targets[p]) * targets[p];
    }
    found->left_impurity = impurity(static_cast<double>(squared), left, counted);
    found->right_impurity = impurity(squares - static_cast<double>(squared), right, rows - counted);
  }

  void value(double* to) const {
    for (size_t k = 0; k < mean.size(); ++k) to[k] = mean[k];
  }
};

// Counts of classes.
struct Classes {
  const Examples& examples;
  const int32_t* samples;
  int64_t rows = 0;
  std::vector<int32_t> here, total, left, best;  // the labels of the node's rows; counts

  Classes(const Examples& all, const int32_t* order)
      : examples(all),
        samples(order),
        here(static_cast<size_t>(all.given.rows)),
        total(static_cast<size_t>(all.given.outputs)),
        left(total.size()),
        best(total.size()) {}

  void begin(int64_t start, int64_t end) {
    rows = end - start;
    for (int32_t& count : total) count = 0;
    for (int64_t p = 0; p < rows; ++p) {
      here[static_cast<size_t>(p)] = examples.given.labels[samples[start + p]];
      ++total[static_cast<size_t>(here[static_cast<size_t>(p)])];
    }
  }

  double impurity() const {
    double found = 0;
    for (int32_t count : total)
      if (count > 0) found -= examples.entropies.of(count, rows);
    return found;
  }

  void impurities(const std::vector<int32_t>& counts, int64_t counted, double* of_left, double* of_right) const {
    *of_left = *of_right = 0;
    for (size_t k = 0; k < total.size(); ++k) {
      const int32_t there = counts[k], others = total[k] - there;
      if (there > 0) *of_left -= examples.entropies.of(there, counted);
      if (others > 0) *of_right -= examples.entropies.of(others, rows - counted);
    }
  }

  // How many rows have values of at most `most`; in `left` how many of each class they are.
  int64_t count(const float* values, float most) {
    for (int32_t& count : left) count = 0;
    int64_t counted = 0;
    for (int64_t p = 0; p < rows; ++p) {
      const int32_t goes_left = values[p] <= most;
      left[static_cast<size_t>(here[static_cast<size_t>(p)])] += goes_left;
      counted += goes_left;
    }
    return counted;
  }

  double gain(int64_t counted) const {
    double of_left, of_right;
    impurities(left, counted, &of_left, &of_right);
    return -static_cast<double>(rows - counted) * of_right - static_cast<double>(counted) * of_left;
  }
  void keep() { best = left; }

  void split(Split* found, const float*, float) const {
    int64_t counted = 0;
    for (int32_t count : best) counted += count;
    impurities(best, counted, &found->left_impurity, &found->right_impurity);
  }

  void value(double* to) const {
    for (size_t k = 0; k < total.size(); ++k) to[k] = static_cast<double>(total[k]) / static_cast<double>(rows);
  }
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

  // Rows of which the node's `values` are at most `most` first, all in the order in which they were.
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

  // Whether there is a split; `known` constant features come in, and all that are known to be then go out.
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
      if (end - start == 2 && best->position < end) continue;  // two rows part in one way only
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
    // What was known to be constant stands in its old order again, for the sibling; what was found now stands behind it.
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

struct UnspoolForest {
  int64_t outputs;
  std::vector<Tree> trees;
};

UNSPOOL_EXPORT UnspoolForest* unspool_forest_grow(const UnspoolTreeExamples* given, const uint32_t* seeds, int64_t trees,
                                                  int64_t threads) try {
  const Examples examples(*given);
  UnspoolForest* forest = new UnspoolForest{given->outputs, std::vector<Tree>(static_cast<size_t>(trees))};
  std::atomic<bool> failed{false};
  const auto grow = [&](int64_t number) {
    try {
      Tree* tree = &forest->trees[static_cast<size_t>(number)];
      if (given->labels) {
        Grower<Classes>(examples, seeds[number]).grow(tree);
      } else {
        Grower<Targets>(examples, seeds[number]).grow(tree);
      }
    } catch (const std::bad_alloc&) {
      failed = true;
    }
  };
  unspool::Threads pool{threads};
  unspool::Threads::run(
      &pool, trees, [](void* f, int64_t i) { (*static_cast<decltype(grow)*>(f))(i); }, const_cast<void*>(static_cast<const void*>(&grow)));
  if (failed) {
    delete forest;
    return nullptr;
  }
  return forest;
} catch (const std::bad_alloc&) {
  return nullptr;
}

UNSPOOL_EXPORT int64_t unspool_forest_nodes(const UnspoolForest* forest) {
  int64_t nodes = 0;
  for (const Tree& tree : forest->trees) nodes += static_cast<int64_t>(tree.nodes.size());
  return nodes;
}

UNSPOOL_EXPORT void unspool_forest_copy(const UnspoolForest* forest, int32_t* roots, int32_t* feature, double* threshold,
                                        int32_t* left, int32_t* right, double* values) {
  int32_t root = 0;
  for (const Tree& tree : forest->trees) {
    *roots++ = root;
    for (const Node& node : tree.nodes) {
      *feature++ = node.feature;
      *threshold++ = node.threshold;
      *left++ = root + node.left;
      *right++ = root + node.right;
    }
    memcpy(values, tree.values.data(), tree.values.size() * sizeof(double));
    values += tree.values.size();
    root += static_cast<int32_t>(tree.nodes.size());
  }
}

UNSPOOL_EXPORT void unspool_forest_free(UnspoolForest* forest) { delete forest; }

UNSPOOL_EXPORT void unspool_forest_sums(const int32_t* roots, int64_t trees, const int32_t* feature, const double* threshold,
                                        const int32_t* left, const int32_t* right, const float* values, int64_t outputs,
                                        const float* features, int64_t rows, int64_t columns, double* sums,
                                        int64_t threads) {
  constexpr int64_t BLOCK = 64;  // rows of a task
  const auto some = [&](int64_t block) {
    const int64_t first = block * BLOCK, end = first + BLOCK < rows ? first + BLOCK : rows;
    memset(sums + first * outputs, 0, static_cast<size_t>((end - first) * outputs) * sizeof(double));
    for (int64_t tree = 0; tree < trees; ++tree)
      for (int64_t row = first; row < end; ++row) {
        const float* of = features + row * columns;
        int32_t node = roots[tree];
        while (feature[node] >= 0) node = static_cast<double>(of[feature[node]]) <= threshold[node] ? left[node] : right[node];
        for (int64_t k = 0; k < outputs; ++k) sums[row * outputs + k] += static_cast<double>(values[node * outputs + k]);
      }
  };
  unspool::Threads pool{threads};
  unspool::Threads::run(
      &pool, (rows + BLOCK - 1) / BLOCK, [](void* f, int64_t i) { (*static_cast<decltype(some)*>(f))(i); },
      const_cast<void*>(static_cast<const void*>(&some)));
}
