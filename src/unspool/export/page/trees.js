// Trees, whose nodes stand end to end: at a node a feature of at most the threshold goes left.

/** (K) the mean of what the leaves say that features lead to. */
function meanOfTrees(trees, features) {
  return sumOfTrees(trees, features).map((one) => one / trees.roots.data.length);
}

/** (K) the same added up. */
function sumOfTrees({ roots, feature, threshold, left, right, values }, features) {
  const width = values.shape[1], total = new Float64Array(width);
  for (const root of roots.data) {
    let node = root;
    while (feature.data[node] >= 0) {
      node = (features[feature.data[node]] <= threshold.data[node] ? left : right).data[node];
    }
    for (let k = 0; k < width; k++) total[k] += values.data[node * width + k];
  }
  return Array.from(total);
}
