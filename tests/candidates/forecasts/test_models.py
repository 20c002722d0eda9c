"""Models that forecast: what they find, and that they read nothing ahead."""

from dataclasses import replace

import numpy as np
import pytest

from unspool.candidates.forecasts import CANDIDATES, Setup, item_of
from unspool.candidates.forecasts.base import model_of
from unspool.candidates.forecasts.local import LOCAL, Local, LocalCandidate
from unspool.candidates.forecasts.ridge import RidgeCandidate
from unspool.candidates.forecasts.trees import TreesCandidate

from .waves import SETUP, error, wave


@pytest.mark.parametrize("name", ["theta", "ets", "arima"])
def test_smoothing_finds_season_and_trend(name):
    series = wave(44, trend=0.5)
    assert error(LocalCandidate(name).fit([], SETUP, 0), series) < 0.7 * error(Local("seasonal-naive", SETUP), series)


@pytest.mark.parametrize("name", ["theta", "ets", "arima"])
def test_growth_by_a_factor_is_a_line_in_logarithms(name):
    steps = np.arange(52)
    factors = np.array([1.4, 0.9, 1.1, 0.7])[steps % 4]
    noise = np.random.RandomState(0).normal(0, 0.02, 52)
    series = (20 * 1.05**steps * factors * np.exp(noise))[:, None].astype(np.float32)
    plain, logs = (Local(one, SETUP) for one in (name, f"{name}-log"))
    assert error(logs, series) < 0.85 * error(plain, series)
    item = item_of(series[:-4], None, SETUP)
    np.testing.assert_allclose(logs.points([1000 * item]), 1000 * logs.points([item]), rtol=1e-4)


def test_a_history_that_is_not_positive_is_continued_without_logarithms():
    items = [item_of(one, None, SETUP) for one in (wave(40), wave(40) - 10, wave(1), np.full((9, 1), 3, np.float32))]
    logs, plain = (Local(one, SETUP).points(items) for one in ("ets-log", "ets"))
    assert np.array_equal(logs[1], plain[1])
    assert not np.array_equal(logs[0], plain[0])
    np.testing.assert_allclose(logs[2:], plain[2:], rtol=1e-12)


@pytest.mark.parametrize("back", [1, 5, 12])
def test_a_zero_in_a_later_history_hardly_changes_a_forecast_of_logarithms(back):
    steps = np.arange(130)
    series = (100 + 30 * np.sin(steps * np.pi / 6) + 0.1 * steps)[:, None].astype(np.float32)
    setup = Setup(horizon=6, season=12)
    model = RidgeCandidate(log=True).fit([series[:120]], setup, seed=0)
    with_zero = series.copy()
    with_zero[-back] = 0
    plain, found = model.points([item_of(one, None, setup) for one in (series, with_zero)])
    assert np.abs(found / plain - 1).max() < 0.5
    assert np.isfinite(model.points([item_of(np.zeros_like(series), None, setup)])).all()


@pytest.mark.parametrize("candidate", [RidgeCandidate(log=True), TreesCandidate(True, most_trees=20)])
def test_a_later_history_with_negative_values_is_read_without_logarithms(candidate):
    model = candidate.fit([wave(200, seed, trend=0.5) for seed in range(3)], SETUP, seed=0)
    logs, plain = (replace(model, lags=replace(model.lags, log=log)) for log in (True, False))
    items = [item_of(wave(40, trend=0.5) - less, None, SETUP) for less in (0, 20, 100)]
    found, wanted = logs.points(items), plain.points(items)
    assert not np.array_equal(found[0], wanted[0])
    assert np.array_equal(found[1:], wanted[1:])
    assert np.array_equal(found, np.concatenate([logs.points([one]) for one in items]))


def test_a_forecast_of_logarithms_is_a_finite_number():
    exploding = np.exp(np.linspace(0, 80, 30) ** 1.0).astype(np.float32)[:, None]
    setup = Setup(horizon=500, season=1)
    assert np.isfinite(Local("theta-log", setup).points([item_of(exploding, None, setup)])).all()


@pytest.mark.parametrize("name", LOCAL)
def test_a_local_model_is_kept_as_its_name(name):
    item = item_of(wave(30), None, SETUP)
    model = model_of({"kind": "local", "name": name}, {}, SETUP)
    assert np.array_equal(model.points([item]), LocalCandidate(name).fit([], SETUP, 0).points([item]))
    assert model.points([]).shape == (0, 4)
    with pytest.raises(ValueError, match="there is no model 'spade'"):
        model_of({"kind": "local", "name": "spade"}, {}, SETUP)


@pytest.mark.parametrize("candidate", [RidgeCandidate(), RidgeCandidate(log=True), TreesCandidate()])
def test_a_series_that_stands_still_stays_where_it_is(candidate):
    model = candidate.fit([wave(200, seed, trend=0.5) for seed in range(3)], SETUP, seed=0)
    still = item_of(np.full((90, 1), 5, np.float32), None, SETUP)
    assert np.allclose(model.points([still, still * 1000]), [[5.0], [5000.0]])


@pytest.mark.parametrize("candidate", [RidgeCandidate(), TreesCandidate()], ids=lambda one: one.name)
def test_covariates_known_until_now_are_used(candidate):
    setup = Setup(horizon=1, season=1, until_now=1)
    random = np.random.RandomState(0)

    def led(length):
        leader = random.normal(size=length + 1)
        return np.stack([5 + 2 * leader[:-1], leader[1:]], axis=1).astype(np.float32)

    model = candidate.fit([led(400)], setup, seed=0)
    series = [led(200) for _ in range(20)]
    assert np.mean([error(model, one, setup) for one in series]) < 0.5


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda one: one.name)
def test_a_forecast_does_not_depend_on_what_stands_beside_it_or_comes_after(candidate):
    model = candidate.fit([wave(40, seed) for seed in range(2)], SETUP, seed=0)
    items = [item_of(wave(length, length), None, SETUP) for length in (9, 20, 31)]
    together = model.points(items)
    assert together.shape == (3, 4)
    for item, row in zip(items, together, strict=True):
        assert np.array_equal(model.points([item])[0], row)
    spoilt = items[1].copy()
    spoilt[-4:, 0] = 1e6  # what came, had someone left it in
    assert np.array_equal(model.points([spoilt])[0], together[1])
