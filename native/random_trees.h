// Extremely randomised trees (Geurts, Ernst & Wehenkel, 2006), grown until their leaves are pure, and what they say.
//
// A plain C interface. All arrays are row-major, dense, finite and the caller's; a forest is freed by the function of that
// name. Trees are those that scikit-learn's ExtraTreesClassifier (entropy) and ExtraTreesRegressor (squared error) grow
// from the same numbers, to the bit: candidates/heads/trees.py has that reference. So, in all of a tree's nodes in depth-
// first order, the left child first:
//
// - Features are drawn without replacement until `tried` were drawn and one of them, at least, is not constant (its values
//   differ by more than 1e-7). Those constant in a node are known to be so in its children: they count as drawn, and are
//   not looked at. Each other gets a threshold that is uniform between its least and greatest value.
// - The feature whose threshold lowers the impurity most splits the node; the first of several. At most the threshold goes left.
// - A node is a leaf where its impurity is at most 2^-52.
// - The numbers are Marsaglia's xorshift of 32 bits by 13, 17 and 5, from the tree's own seed, of which 31 bits are taken.
#ifndef UNSPOOL_RANDOM_TREES_H_
#define UNSPOOL_RANDOM_TREES_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct UnspoolForest UnspoolForest;

typedef struct {
  int64_t rows, columns;  // N; F
  const float* features;  // (N, F)
  int64_t outputs;        // K
  const int32_t* labels;  // (N), from 0 to K - 1; or NULL where `targets` are learned
  const int32_t* targets;  // (N, K), by which nodes are split; the sum of all squares is at most 2^53
  const double* said;      // (N, K), of which a node's value is the mean over its rows, added up in their order; as `targets`
  int64_t tried;          // features that a node tries, from 1 to F
} UnspoolTreeExamples;

// Grows `trees` trees, each from its own seed, by at most so many threads. NULL where there is not enough memory.
UnspoolForest* unspool_forest_grow(const UnspoolTreeExamples* examples, const uint32_t* seeds, int64_t trees, int64_t threads);

// M, the nodes of all trees.
int64_t unspool_forest_nodes(const UnspoolForest* forest);

// The nodes, tree after tree, those of a tree in the order in which they were made.
//   roots (trees), where a tree begins; feature (M), -1 for a leaf; threshold (M), -2 for a leaf; left, right (M), numbers of
//   the children, root - 1 for a leaf; values (M, K), shares of the classes or means of `said`
void unspool_forest_copy(const UnspoolForest* forest, int32_t* roots, int32_t* feature, double* threshold, int32_t* left,
                         int32_t* right, double* values);

void unspool_forest_free(UnspoolForest* forest);

// The sums of what `trees` trees say of N rows, (N, K), tree after tree; arrays as above, but for values (M, K) float32. Nodes
// must lead from a root to a leaf and look at columns that there are.
void unspool_forest_sums(const int32_t* roots, int64_t trees, const int32_t* feature, const double* threshold,
                         const int32_t* left, const int32_t* right, const float* values, int64_t outputs,
                         const float* features, int64_t rows, int64_t columns, double* sums, int64_t threads);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // UNSPOOL_RANDOM_TREES_H_
