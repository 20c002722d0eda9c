"""Random trees against scikit-learn's, of which they have the bits."""

import platform

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

from unspool.candidates.heads.trees import Forest, end_to_end, means, rounded
from unspool.kernels import library as native_library
from unspool.kernels.random_trees import grow, sums

pytestmark = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="elsewhere scikit-learn's compiler may fuse its products"
)


def draw(rows, columns, seed):
    """Features of which some are constant, in all rows or in many."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(rows, columns)).astype(np.float32)
    features[:, ::3] = np.round(features[:, ::3])
    features[:, ::5] = 1
    features[: rows // 2, ::4] = 0
    return features, rng


def assert_same(grown, forest):
    expected = end_to_end(forest)
    for name, one, other in zip(expected._fields, grown, expected, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other, err_msg=name)


@pytest.mark.parametrize(
    ("rows", "columns", "classes"), [(2, 1, 2), (7, 6, 3), (40, 60, 4), (300, 20, 2), (90, 200, 30)]
)
def test_classifiers_are_scikit_learns(rows, columns, classes):
    features, rng = draw(rows, columns, seed=rows)
    labels = np.concatenate([np.arange(min(classes, rows)), rng.integers(0, classes, max(rows - classes, 0))])
    features[:, 1:2] += labels[:, None].astype(np.float32)
    tried = max(columns // 10, 1)
    forest = ExtraTreesClassifier(20, criterion="entropy", max_features=tried, random_state=5).fit(features, labels)
    grown = grow(features, labels.astype(np.int32), classes, tried=tried, trees=20, seed=5)
    assert_same(grown, forest)


@pytest.mark.parametrize(
    ("rows", "columns", "outputs"), [(2, 1, 1), (30, 60, 1), (200, 12, 1), (50, 20, 3), (4000, 90, 1)]
)
def test_regressors_are_scikit_learns(rows, columns, outputs):
    features, rng = draw(rows, columns, seed=rows)
    targets = rounded(rng.normal(size=(rows, outputs)) + features[:, :1])
    tried = max(columns // 10, 1)
    forest = ExtraTreesRegressor(20, max_features=tried, random_state=5).fit(features, targets.squeeze())
    grown = grow(features, targets, outputs, tried=tried, trees=20, seed=5)
    assert_same(grown, forest)


@pytest.mark.parametrize("outputs", [1, 3])
def test_nodes_say_means_of_other_numbers_than_those_that_split(outputs):
    features, rng = draw(300, 20, seed=0)
    targets = rounded(np.round(rng.normal(size=(300, outputs))))
    said = rng.normal(size=(300, outputs))
    forest = ExtraTreesRegressor(5, max_features=2, random_state=5).fit(features, targets.squeeze())
    grown = grow(features, targets, outputs, tried=2, trees=5, seed=5, said=said)
    assert_same(grown._replace(values=end_to_end(forest).values), forest)
    np.testing.assert_array_equal(grown.values, means(forest, features, said))
    np.testing.assert_allclose(grown.values[grown.roots], np.tile(said.mean(axis=0), (5, 1)))


@pytest.mark.parametrize("far", [1e7, -3e38])
def test_trees_with_a_far_target_are_scikit_learns(far):
    features, rng = draw(2000, 12, seed=0)
    targets = rounded(np.append(rng.lognormal(size=1999), far)[:, None])
    forest = ExtraTreesRegressor(5, max_features=3, random_state=5).fit(features, targets[:, 0])
    assert_same(grow(features, targets, 1, tried=3, trees=5, seed=5), forest)


def test_sums_of_large_numbers_do_not_overflow():
    features, _ = draw(100_000, 2, seed=0)
    features[:, 1] = np.arange(100_000)
    targets = np.where(np.arange(100_000) < 99_000, 290_000, -290_000).astype(np.int32)[:, None]
    forest = ExtraTreesRegressor(2, max_features=2, random_state=5).fit(features, targets[:, 0])
    assert_same(grow(features, targets, 1, tried=2, trees=2, seed=5), forest)


def test_threads_change_no_bit():
    features, rng = draw(200, 30, seed=0)
    targets = rounded(rng.normal(size=(200, 1)))
    library, found = native_library.opened(), []
    before = library.thread_limit
    try:
        for threads in (1, 3):
            library.thread_limit = threads
            grown = grow(features, targets, 1, tried=3, trees=12, seed=1)
            forest = Forest.of(grown, None, 1)
            found.append([*grown, sums(forest, features)])
    finally:
        library.thread_limit = before
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


def test_features_that_are_not_finite_are_refused():
    features, _ = draw(10, 3, seed=0)
    features[4, 1] = np.inf
    with pytest.raises(ValueError, match="finite"):
        grow(features, np.zeros((10, 1), np.int32), 1, tried=1, trees=2, seed=0)
