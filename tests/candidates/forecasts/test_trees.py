"""Trees over lags: what is not linear, closed shops, how many trees, and what a file may hold."""

import numpy as np
import pytest

from unspool.candidates.forecasts import Setup, item_of
from unspool.candidates.forecasts.base import model_of
from unspool.candidates.forecasts.ridge import RidgeCandidate
from unspool.candidates.forecasts.trees import TreesCandidate

from .waves import SETUP, error, wave


def logistic_map(length):
    """Chaos to a line, and a curve to who looks at the last value, (T, 1)."""
    values = [0.3]
    for _ in range(length):
        values.append(3.9 * values[-1] * (1 - values[-1]))
    return np.array(values, dtype=np.float32)[:, None]


def test_trees_learn_what_is_not_linear():
    setup = Setup(horizon=1, season=1)
    series = logistic_map(600)
    items = [item_of(series[:end], None, setup) for end in range(500, 600)]
    came = series[500:600, 0]

    def off(candidate):
        return np.abs(candidate.fit([series[:500]], setup, seed=0).points(items)[:, 0] - came).mean()

    assert off(TreesCandidate()) < 0.1 < off(RidgeCandidate())


def test_trees_forecast_what_a_closed_shop_sells():
    """Shops of different sizes sell nothing on days on which they are closed, which is known ahead."""
    setup, random, shops = Setup(horizon=7, season=7, known=1), np.random.RandomState(0), []
    for size in (10, 40, 150, 600):
        closed = random.uniform(size=200) < 0.08
        sold = size * (1 + 0.4 * (np.arange(200) % 7 == 5)) * random.uniform(0.9, 1.1, 200)
        shops.append(np.stack([np.where(closed, 0, sold), closed], axis=1).astype(np.float32))
    model = TreesCandidate(multiples=True, most_trees=50).fit([one[:193] for one in shops], setup, seed=0)
    assert model.lags.relative
    for one in shops:
        ahead = np.array([[0.0], [0], [1], [0], [0], [1], [0]], np.float32)
        (found,) = model.points([item_of(one[:193], ahead, setup)])
        usual = one[:193, 0].max()
        assert np.abs(found[[2, 5]]).max() < 0.05 * usual
        assert found[[0, 1, 3, 4, 6]].min() > 0.4 * usual
    kept = model_of(*model.state(), setup)
    item = item_of(shops[0][:193], ahead, setup)
    assert kept.name == "trees-multiples"
    assert np.array_equal(kept.points([item]), model.points([item]))
    earlier = {"kind": "trees", "lags": {"near": 7, "week": 0, "log": False}, "base": 0.0}
    read = model_of(earlier, model.state()[1], setup)
    assert (read.name, read.lags.relative) == ("trees", False)


def test_trees_forecast_differences_or_multiples_as_asked():
    positive = [wave(200, seed) for seed in range(3)]
    with_zero = [np.maximum(one - 9, 0) for one in positive]
    for histories, log in ((positive, True), (with_zero, False)):
        few = {"most_trees": 4}
        differences, multiples = (TreesCandidate(one, **few).fit(histories, SETUP, 0) for one in (False, True))
        assert (differences.lags.log, differences.lags.relative) == (False, False)
        assert (multiples.lags.log, multiples.lags.relative) == (log, not log)
    negative = [positive[0], positive[1] - 50]
    assert TreesCandidate(multiples=True).missing(negative, SETUP) == "a series has a negative value"
    assert not TreesCandidate(multiples=True).missing(with_zero, SETUP)


def test_trees_tell_the_steps_ahead_apart():
    """After each 9 come 1, 2, 3 and 4: which of them follows from the step alone."""
    setup = Setup(horizon=4, season=1)
    series = np.tile([9.0, 1, 2, 3, 4], 60).astype(np.float32)[:, None]
    model = TreesCandidate().fit([series], setup, seed=0)
    assert error(model, series[:-4], setup) < 0.5


def test_few_windows_are_too_few_for_trees():
    assert "need 500 windows to learn from; there are 176" in TreesCandidate().missing([wave(100)] * 2, SETUP)
    assert not TreesCandidate().missing([wave(100)] * 6, SETUP)


def test_many_series_shorter_than_two_seasons_are_enough_for_trees():
    """Each repeats a season of 12 of its own for two years: what comes next came a year before."""
    setup = Setup(horizon=5, season=12)
    rng = np.random.RandomState(0)
    years = [np.tile(rng.normal(size=12), 2)[:, None].astype(np.float32) for _ in range(200)]
    assert not TreesCandidate().missing([one[:14] for one in years], setup)
    model = TreesCandidate(most_trees=10).fit([one[:19] for one in years], setup, seed=0)
    assert np.mean([error(model, one, setup) for one in years]) < 0.3


def test_the_number_of_trees_is_chosen_on_later_windows():
    walk = np.random.RandomState(0).normal(size=(300, 1)).cumsum(axis=0).astype(np.float32)
    few, many = (TreesCandidate().fit([one], Setup(horizon=1, season=1), seed=0) for one in (walk, logistic_map(300)))
    assert len(few.forest.roots) < len(many.forest.roots)


def spoil(arrays, name, change):
    spoilt = arrays[name].copy()
    change(spoilt)
    return arrays | {name: spoilt}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("feature", lambda one: one.__setitem__(0, 99)),
        ("left", lambda one: one.__setitem__(0, 0)),
        ("values", lambda one: one.__setitem__(0, np.nan)),
    ],
)
def test_altered_trees_are_refused(name, change):
    model = TreesCandidate().fit([wave(80)], SETUP, seed=0)
    description, arrays = model.state()
    assert np.array_equal(
        model_of(description, arrays, SETUP).points([item_of(wave(30), None, SETUP)]),
        model.points([item_of(wave(30), None, SETUP)]),
    )
    with pytest.raises(ValueError, match="tree"):
        model_of(description, spoil(arrays, name, change), SETUP)
