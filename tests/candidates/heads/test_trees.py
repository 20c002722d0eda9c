"""Targets of trees that predict numbers, however far some are from the rest."""

import numpy as np
import pytest

from unspool.candidates.heads import trees
from unspool.candidates.heads.trees import TreesClassifier, TreesRegressor, rounded

HUGE = float(np.finfo(np.float32).max)


def squares(numbers):
    return int((numbers.astype(np.int64) ** 2).sum())


def lognormal(rows, *far):
    return np.append(np.random.default_rng(0).lognormal(size=rows), far)[:, np.newaxis]


def grown(targets, **options):
    """Trees over features that tell all rows apart, and what they say of those rows."""
    rng = np.random.default_rng(1)
    features = np.column_stack([targets[:, 0].argsort().argsort(), rng.normal(size=len(targets))]).astype(np.float32)
    regressor, _ = TreesRegressor.fit(features, targets, seed=0, tried=1.0, **options)
    return regressor, regressor.outputs(features)


@pytest.mark.parametrize(
    "targets",
    [
        lognormal(10_000, 1e7),
        lognormal(10_000, *np.geomspace(10, 1e30, 100)),
        lognormal(2000, HUGE, -HUGE),
        np.append(np.arange(1.0, 9.0), 1e-300)[:, np.newaxis] * 1e-310,
    ],
    ids=["one far", "many far", "all that float32 holds", "subnormal"],
)
def test_far_targets_leave_the_others_apart(targets):
    numbers = rounded(targets)
    assert squares(numbers) <= 2**53
    order = targets[:, 0].argsort()
    assert (np.diff(numbers[order, 0]) >= 0).all()
    assert len(np.unique(numbers)) > 0.5 * len(np.unique(targets))


@pytest.mark.parametrize("rows", [2, 300, 100_000])
@pytest.mark.parametrize("outputs", [1, 3])
def test_steps_are_as_small_as_exact_sums_allow(rows, outputs):
    numbers = rounded(np.random.default_rng(0).normal(size=(rows, outputs)) * np.arange(1, outputs + 1))
    assert 0.99 * 2**53 < squares(numbers) <= 2**53
    each = [squares(column) for column in numbers.T]
    assert max(each) < 1.01 * min(each)


def test_numbers_do_not_depend_on_the_order_of_rows():
    targets = lognormal(3000, 1e7, 1e9)
    order = np.random.default_rng(1).permutation(len(targets))
    np.testing.assert_array_equal(rounded(targets)[order], rounded(targets[order]))


def test_one_far_target_does_not_spoil_what_trees_say_of_the_others():
    targets = lognormal(1000, 1e7)
    _, said = grown(targets, trees=10)
    np.testing.assert_allclose(said, targets, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("value", [0.0, 0.1, -1e300])
def test_constant_targets_are_said_as_they_are(value):
    regressor, said = grown(np.full((20, 1), value), trees=4)
    assert len(regressor.forest.feature) == 4
    np.testing.assert_array_equal(said, np.float32(max(value, -HUGE)))


def test_numbers_beyond_float32_become_its_largest():
    _, said = grown(np.array([[1e308], [-1e308], [1.0], [2.0], [3.0], [4.0]]), trees=4)
    np.testing.assert_array_equal(said[:, 0], np.float32([HUGE, -HUGE, 1, 2, 3, 4]))


@pytest.mark.parametrize("native", [True, False])
def test_trees_do_not_depend_on_the_unit_of_their_features(monkeypatch, native):
    if not native:
        monkeypatch.setattr(trees, "grow", lambda *_, **__: None)
    draw = np.random.RandomState(0)
    features, labels = draw.normal(0, 9, (60, 6)).astype(np.float32), draw.randint(0, 2, 60)
    features[:2, 0], features[:, 5] = (3e38, -3e38), 4
    for fit in (
        lambda given: TreesClassifier.fit(given, labels, 2, seed=0),
        lambda given: TreesRegressor.fit(given, features[:, 1:2].astype(float), seed=0),
    ):
        small = np.ldexp(features, [0, -60, 0, -30, 0, -146])
        (usual, held_out), (found, again) = fit(features), fit(small)
        np.testing.assert_array_equal(again, held_out)
        np.testing.assert_array_equal(found.outputs(small), usual.outputs(features))


def test_scikit_learn_grows_the_same_trees(monkeypatch):
    targets = np.column_stack([lognormal(300, 1e7), lognormal(301)])
    native, _ = grown(targets, trees=3)
    monkeypatch.setattr(trees, "grow", lambda *_, **__: None)
    plain, _ = grown(targets, trees=3)
    for name, array in native.arrays().items():
        np.testing.assert_array_equal(array, plain.arrays()[name], err_msg=name)
