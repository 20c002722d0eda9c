"""Linear models by dual coordinate descent: the optimum, the reference, and the same bits again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression, Ridge

from unspool import kernels
from unspool.kernels import dual_descent


def problem(seed, rows=60, width=12):
    random = np.random.default_rng(seed)
    dense = random.normal(size=(rows, width)) * (random.random((rows, width)) < 0.4)
    return csr_array(dense.astype(np.float32)), random


@given(seed=st.integers(0, 2**32), c=st.sampled_from([0.01, 1.0, 30.0]))
@settings(max_examples=20, deadline=None)
def test_logistic_is_the_reference(seed, c):
    features, random = problem(seed, 12, 5)
    targets = random.random(12) < 0.5
    chosen = np.sort(random.permutation(12)[:9])
    given_ = (features, targets, c)
    native = dual_descent.logistic(*given_, chosen=chosen, seed=seed, passes=5)
    with kernels.use("reference"):
        reference = dual_descent.logistic(*given_, chosen=chosen, seed=seed, passes=5)
    np.testing.assert_allclose(native, reference, rtol=1e-5, atol=1e-7)


@given(seed=st.integers(0, 2**32), c=st.sampled_from([0.01, 1.0, 30.0]))
@settings(max_examples=20, deadline=None)
def test_ridge_is_the_reference(seed, c):
    features, random = problem(seed, 12, 5)
    targets = random.normal(size=12)
    native = dual_descent.ridge(features, targets, c, seed=seed, passes=5)
    with kernels.use("reference"):
        reference = dual_descent.ridge(features, targets, c, seed=seed, passes=5)
    np.testing.assert_allclose(native, reference, rtol=1e-7, atol=1e-9)


@given(seed=st.integers(0, 2**32), tolerance=st.sampled_from([0.3, 0.03]))
@settings(max_examples=20, deadline=None)
def test_rows_sit_out_as_in_the_reference(seed, tolerance):
    features, random = problem(seed, 12, 5)
    how = {"seed": seed, "tolerance": tolerance, "passes": 30}
    signs, numbers = random.random(12) < 0.2, random.normal(size=12)
    native = dual_descent.logistic(features, signs, 3.0, **how), dual_descent.ridge(features, numbers, 3.0, **how)
    with kernels.use("reference"):
        reference = (
            dual_descent.logistic(features, signs, 3.0, **how),
            dual_descent.ridge(features, numbers, 3.0, **how),
        )
    np.testing.assert_allclose(native, reference, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("c", [0.1, 3.0, 100.0])
def test_logistic_reaches_the_optimum(c):
    features, random = problem(0)
    targets = features.toarray() @ random.normal(size=12) + random.normal(size=60) > 0
    weights = dual_descent.logistic(features, targets, c, tolerance=1e-9, passes=5000)
    constant = np.hstack([features.toarray(), np.ones((60, 1))])
    expected = LogisticRegression(C=c, fit_intercept=False, tol=1e-10, max_iter=10_000).fit(constant, targets).coef_[0]
    np.testing.assert_allclose(weights, expected, atol=1e-4)


def test_ridge_reaches_the_optimum():
    features, random = problem(1)
    targets = random.normal(size=60)
    weights = dual_descent.ridge(features, targets, 2.0, tolerance=1e-12, passes=5000)
    constant = np.hstack([features.toarray(), np.ones((60, 1))])
    expected = Ridge(alpha=1 / (2 * 2.0), fit_intercept=False).fit(constant, targets).coef_
    np.testing.assert_allclose(weights, expected, atol=1e-6)


def test_the_same_bits_again_and_rows_that_are_not_chosen_do_not_matter():
    features, random = problem(2)
    targets = random.random(60) < 0.5
    chosen = np.arange(40)
    first = dual_descent.logistic(features, targets, 10.0, chosen=chosen)
    targets[40:] = ~targets[40:]
    np.testing.assert_array_equal(first, dual_descent.logistic(features, targets, 10.0, chosen=chosen))
    assert not np.array_equal(first, dual_descent.logistic(features, targets, 10.0, chosen=chosen, seed=1))


def test_one_class_and_empty_rows():
    weights = dual_descent.logistic(csr_array(np.zeros((3, 2), np.float32)), np.ones(3, bool), 1.0)
    assert weights[:2].tolist() == [0, 0]
    assert weights[2] > 0


def test_targets_of_another_length_are_refused():
    with pytest.raises(ValueError, match="2 targets"):
        dual_descent.logistic(csr_array((3, 2), dtype=np.float32), np.ones(2, bool), 1.0)
