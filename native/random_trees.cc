#include "random_trees.h"

#include <string.h>

#include <atomic>
#include <new>
#include <vector>

#include "exported.h"
#include "threads.h"
#include "tree_criteria.h"
#include "tree_grower.h"

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
