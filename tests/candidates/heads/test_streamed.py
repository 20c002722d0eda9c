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
        for linear in (moments.solve(strength), moments.solve_all([strength])[0]):
            np.testing.assert_allclose(linear.weights, expected.coef_.T, atol=2e-3)
            np.testing.assert_allclose(linear.intercept, expected.intercept_, atol=5e-3)


def test_the_strength_is_that_of_the_least_held_out_error(data):
    features, targets = data
    noise = np.random.default_rng(1).normal(size=targets.shape)
    for wanted, strong in ((targets, False), (noise, True)):
        linear, held_out = fit_streamed(blocks(features[:60], wanted[:60], 50), features[60:], wanted[60:])
        several = [
            one(features[60:]) for one in Moments.of(blocks(features[:60], wanted[:60], 60)).solve_all(STRENGTHS)
        ]
        errors = [np.square(one - wanted[60:]).mean() for one in several]
        assert (STRENGTHS[int(np.argmin(errors))] > 0.05) == strong
        np.testing.assert_allclose(np.square(held_out - wanted[60:]).mean(), min(errors), rtol=1e-4)
        assert np.square(linear(features) - wanted).mean() < min(errors) * 1.1  # it knows the held-out examples too


def test_without_blocks_there_is_nothing():
    with pytest.raises(ValueError, match="no blocks"):
        Moments.of([])
