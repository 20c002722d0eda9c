"""Linear models over lags: what they learn from all series, and what they read."""

from dataclasses import replace

import numpy as np
import pytest

from unspool.candidates.forecasts import CANDIDATES, Setup, item_of
from unspool.candidates.forecasts.base import history_of, model_of
from unspool.candidates.forecasts.lags import Features, Lags, Windows, origins_of
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


def driven(length, seed=0):
    """(T, 2) what the heat of the same step decides, and the heat."""
    random = np.random.RandomState(seed)
    heat = random.normal(size=length)
    return np.stack([5 + 2 * heat + random.normal(0, 0.01, length), heat], axis=1).astype(np.float32)


def test_what_is_known_ahead_is_used():
    setup = Setup(horizon=4, season=1, known=1)
    model = RidgeCandidate().fit([driven(120)], setup, seed=0)
    assert np.mean([error(model, driven(120, seed), setup) for seed in range(1, 9)]) < 0.3


RAIN = Setup(horizon=4, season=1, known=2, calendar=1)


def river(length, seed=0):
    """(T, 3) a river that rises for days after the rain; the rain; and a column of the calendar."""
    random = np.random.RandomState(seed)
    rain = random.exponential(size=length + 3)
    flow = 1 + rain[3:] + 2 * rain[2:-1] + 4 * rain[1:-2] + 2 * rain[:-3] + random.normal(0, 0.1, length)
    return np.stack([flow, rain[3:], np.arange(length) % 31], axis=1).astype(np.float32)


@pytest.mark.parametrize("candidate", [RidgeCandidate(), TreesCandidate(most_trees=60)], ids=["ridge", "trees"])
def test_earlier_values_of_what_is_known_ahead_are_read_where_they_help(candidate):
    model = candidate.fit([river(600)], RAIN, seed=0)
    without = candidate.fit([river(600)], replace(RAIN, calendar=2), seed=0)
    assert (model.lags.lagged, without.lags.lagged) == (1, 0)  # the calendar is not read at earlier steps
    off = [np.mean([error(one, river(100, seed), RAIN) for seed in range(7, 27)]) for one in (model, without)]
    assert off[0] < 0.9 * off[1]
    kept, item = model_of(*model.state(), RAIN), item_of(river(40), river(44)[40:, 1:], RAIN)
    np.testing.assert_array_equal(kept.points([item]), model.points([item]))


def test_earlier_covariates_are_those_of_the_steps_before():
    series = np.stack([np.arange(30.0), np.arange(100.0, 130) ** 2], axis=1).astype(np.float32)
    lags = Lags(Setup(horizon=3, season=1, known=1), near=2, lagged=1)
    windows = Windows.gather([series], [np.array([2, 20])], lags)
    np.testing.assert_array_equal(windows.earlier[1, 2, :3], series[[21, 20, 19], 1])
    np.testing.assert_allclose(windows.earlier[1, 2, 3:], [series[20:23, 1].mean(), series[16:23, 1].mean()])
    first = series[0, 1]  # stands for what came before it
    np.testing.assert_array_equal(windows.earlier[0, 0, :3], [series[1, 1], first, first])
    assert Features.of(windows, lags).own.shape[2] == lags.own == 4 + 2 + 5


def test_altered_lags_are_refused():
    state = Lags(RAIN, near=2, lagged=1).state()
    assert Lags.from_state(state, RAIN).lagged == 1
    assert Lags.from_state({name: state[name] for name in ("near", "week", "log")}, RAIN).lagged == 0
    for lagged in (-1, 3):
        with pytest.raises(ValueError, match="out of bounds"):
            Lags.from_state(state | {"lagged": lagged}, RAIN)


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
