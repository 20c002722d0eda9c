// How good a split of a tree's node is, for classification and for regression. Included only by random_trees.cc.
//
// A criterion reads a node's rows, counts those with values up to a threshold, returns the gain of that split, keeps the best
// one, and returns the impurities of its two sides and the prediction of a leaf.
#ifndef UNSPOOL_TREE_CRITERIA_H_
#define UNSPOOL_TREE_CRITERIA_H_

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include <vector>

#include "random_trees.h"

namespace {

constexpr int64_t TABLED = 256;  // a node with so many rows, at most, looks up its entropies
constexpr int64_t SUMMED = 256;  // so many targets sum to less than 2^31, as their squares sum to at most 2^53

// p log2 p for p = count / rows. In small nodes most of the time goes into logarithms, so those are looked up.
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

struct Split {
  int64_t feature, position;
  double threshold, left_impurity, right_impurity;
};

// The training examples. The features are also stored by column, as a large node reads few features of many rows.
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

// Sums of targets. The targets are whole numbers, so that sums are exact in any order.
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

  // How many rows have values of at most `most`; `left` gets the sums of their targets.
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

  // How many rows have values of at most `most`; `left` gets their number for each class.
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

}  // namespace

#endif  // UNSPOOL_TREE_CRITERIA_H_
