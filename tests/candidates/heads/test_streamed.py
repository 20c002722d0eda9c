"""Ridge regression in blocks is the ridge regression of everything at once."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from unspool.candidates.heads.ridge import STRENGTHS
from unspool.candidates.heads.streamed import Moments, fit_streamed


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(0)
    features = (random.normal(size=(500, 8)) + 1).astype(np.float32)
    targets = features[:, :2].astype(np.float64) @ [[1.0, 0.0], [2.0, -1.0]] + 5 + 0.5 * random.normal(size=(500, 2))
    return features, targets


def blocks(features, targets, size):
    return [(features[at : at + size], targets[at : at + size]) for at in range(0, len(features), size)]


@pytest.mark.parametrize("strength", [1e-6, 1e-2, 10.0])
def test_blocks_give_what_all_at_once_gives(data, strength):
    features, targets = data
    unit = np.square(features - features.mean(axis=0)).sum() / len(features)
    expected = Ridge(alpha=strength * unit).fit(features.astype(np.float64), targets)
    for size in (7, 500):
        moments = Moments.of(blocks(features, targets, size))
        for linear in (moments.solve(strength), moments.solve_all([strength])[0][0]):
            np.testing.assert_allclose(linear.weights, expected.coef_.T, atol=2e-3)
            np.testing.assert_allclose(linear.intercept, expected.intercept_, atol=5e-3)


def test_the_strength_is_that_of_the_least_held_out_error(data):
    features, targets = data
    noise = np.random.default_rng(1).normal(size=targets.shape)
    for wanted, strong in ((targets, False), (noise, True)):
        some = blocks(features[:60], wanted[:60], 50)
        linear, held_out = fit_streamed(lambda some=some: some, features[60:], wanted[60:])
        several = [one(features[60:]) for one in Moments.of(some).solve_all(STRENGTHS)[0]]
        errors = [np.square(one - wanted[60:]).mean() for one in several]
        assert (STRENGTHS[int(np.argmin(errors))] > 0.05) == strong
        np.testing.assert_allclose(np.square(held_out - wanted[60:]).mean(), min(errors), rtol=1e-4)
        every = Moments.of(blocks(features, wanted, 50)).solve(float(STRENGTHS[int(np.argmin(errors))]))
        np.testing.assert_allclose(linear.weights, every.weights, rtol=1e-4, atol=1e-6)  # of those held out, too
        np.testing.assert_allclose(linear.intercept, every.intercept, rtol=1e-4)


@pytest.mark.parametrize("many", [0, 512])
def test_features_that_depend_on_each_other(monkeypatch, many):
    """As in spectra: the target is what a third band adds to two others that almost give it already."""
    monkeypatch.setattr("unspool.candidates.heads.streamed.MOST_EXACT", many)
    random, steps = np.random.default_rng(0), np.linspace(0, 1, 60)
    bands = np.stack([np.exp(-8 * np.square(steps - centre)) for centre in (0.50, 0.53, 0.56)])
    amounts = random.normal(size=(2000, 3)) * [1, 0.3, 0.3]
    features = (amounts @ bands + 1e-6 * random.normal(size=(2000, 60))).astype(np.float32)
    targets, known = amounts[:, 2:], blocks(features[:1500], amounts[:1500, 2:], 400)
    linear, held_out = fit_streamed(lambda: known, features[1500:], targets[1500:])
    for said in (held_out, linear(features[1500:])):  # with products in float32 the errors are .0004 and .07
        assert np.sqrt(np.square(said - targets[1500:]).mean()) < 1e-4


def test_without_blocks_there_is_nothing():
    with pytest.raises(ValueError, match="no blocks"):
        Moments.of([])
