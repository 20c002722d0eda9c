"""Linear models over lags: what they learn from all series, and what they read."""

import numpy as np
import pytest

from unspool.candidates.forecasts import CANDIDATES, Setup, item_of
from unspool.candidates.forecasts.base import history_of
from unspool.candidates.forecasts.lags import Lags, origins_of
from unspool.candidates.forecasts.ridge import LinearCandidate, RidgeCandidate
from unspool.candidates.forecasts.trees import TreesCandidate

from .waves import SETUP, error, wave


@pytest.mark.parametrize("name", ["ridge", "linear-lags"])
def test_linear_models_learn_season_and_trend_from_all_series(name):
    candidate = next(one for one in CANDIDATES if one.name == name)
    model = candidate.fit([wave(60, seed, trend=0.5) for seed in range(3)], SETUP, seed=0)
    assert error(model, wave(60, 9, trend=0.5)) < 0.25


@pytest.mark.parametrize("candidate", [RidgeCandidate(), TreesCandidate()], ids=["ridge", "trees"])
def test_zeros_before_a_series_begins_do_not_make_the_unit_matter(candidate):
    """Windows of zeros have no scale, so that models learned the first values after them in their own unit."""
    series = [np.concatenate([np.zeros((30, 1), np.float32), wave(60, seed)]) for seed in range(4)]
    item = item_of(wave(30, 9), None, SETUP)
    found = [
        candidate.fit([one * unit for one in series], SETUP, seed=0).points([item * unit])[0] / unit
        for unit in (np.float32(1), np.float32(1024))
    ]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-3)


def test_each_window_is_scaled_by_itself():
    model = RidgeCandidate().fit([wave(60, seed) for seed in range(3)], SETUP, seed=0)
    item = item_of(wave(30, 5), None, SETUP)
    assert np.allclose(model.points([item * 1000])[0], 1000 * model.points([item])[0], rtol=1e-3)


def test_rounding_is_not_taken_for_a_signal():
    """Even growth but for a break at its end: nothing before tells of it, except the last bits of float32."""
    setup = Setup(horizon=6, season=1)
    growth = np.full(46, 0.045)
    growth[31], growth[34:] = -0.1, 0.051
    series = np.exp(np.cumsum(growth))[:, None].astype(np.float32)
    model = RidgeCandidate(log=True).fit([series[:34]], setup, seed=0)
    assert error(model, series, setup) < 0.3 * series[-1, 0]


def test_what_is_known_ahead_is_used():
    setup = Setup(horizon=4, season=1, known=1)
    random = np.random.RandomState(0)

    def driven(length):
        heat = random.normal(size=length)
        return np.stack([5 + 2 * heat + random.normal(0, 0.01, length), heat], axis=1).astype(np.float32)

    model = RidgeCandidate().fit([driven(120)], setup, seed=0)
    assert error(model, driven(120), setup) < 0.3


def test_a_short_history_is_forecast_too():
    model = RidgeCandidate().fit([wave(60)], SETUP, seed=0)
    assert np.isfinite(model.points([item_of(wave(1), None, SETUP)])).all()
    assert history_of(item_of(wave(3), None, SETUP), SETUP).shape == (3,)


def test_a_linear_model_does_without_a_season_that_is_longer_than_its_lags():
    """A walk has no season: the last value is the best forecast, and the one a season before is far off."""
    setup = Setup(horizon=4, season=100)
    walk = np.random.RandomState(0).normal(size=(3_000, 1)).cumsum(axis=0).astype(np.float32)
    model = LinearCandidate().fit([walk[:2_000]], setup, seed=0)
    ends = range(2_000, 3_000, 20)
    off = np.mean([error(model, walk[:end], setup) for end in ends])
    last = np.mean([np.abs(walk[end - 4 : end] - walk[end - 5]).mean() for end in ends])
    assert off < 1.1 * last


def test_a_sample_of_many_series_begins_everywhere():
    """With 10,000 series of five windows each, every third window is kept: not the same ones of each series."""
    found = origins_of([12] * 10_000, 4, Lags(Setup(horizon=4, season=1), 3))
    assert sum(map(len, found)) <= 20_000
    assert sorted(np.unique(np.concatenate(found))) == [3, 4, 5, 6, 7, 8]
    counts = np.bincount(np.concatenate(found))[3:]
    assert counts.max() < 1.1 * counts.min()
