"""Histories shorter than a season: those that no model over lags has learned from."""

from dataclasses import replace

import numpy as np
import pytest

from unspool.candidates.forecasts import CANDIDATES, Setup, item_of
from unspool.candidates.forecasts.base import model_of
from unspool.candidates.forecasts.blend import Blend
from unspool.candidates.forecasts.by_length import ByLength, by_length

SETUP = Setup(horizon=3, season=52)


@pytest.fixture(scope="module")
def series():
    steps, drift = np.arange(600), np.cumsum(np.random.default_rng(0).normal(0.1, 1, 600))
    return (300 + drift + 20 * np.sin(2 * np.pi * steps / 52))[:, None].astype(np.float32)


def fitted(name, series, setup=SETUP):
    candidate = next(one for one in CANDIDATES if one.name == name)
    return candidate.fit([series], setup, 0)


def items_of(series, length):
    ends = range(420, 590, 10)
    future = np.full((3, series.shape[1]), np.nan, np.float32)
    items = [np.concatenate([series[end - length : end], future]) for end in ends]
    return items, np.array([series[end : end + 3, 0] for end in ends]), np.array([series[end - 1, 0] for end in ends])


@pytest.mark.parametrize("name", ["ridge", "linear-lags", "blend"])
@pytest.mark.parametrize("length", [1, 2, 13, 26, 51])
def test_a_history_shorter_than_a_season_is_forecast_about_as_well_as_by_its_last_value(series, name, length):
    if name == "blend":
        parts = fitted("ridge", series[:400]), fitted("ets", series[:400])
        plain = Blend(parts, np.array([0.7, 0.3]))
    else:
        plain = fitted(name, series[:400])
    model = by_length(plain, [series[:400]], SETUP)
    assert model.name == plain.name
    items, came, last = items_of(series, length)
    naive = np.abs(came - last[:, None]).mean()
    assert np.abs(model.points(items) - came).mean() < 1.1 * naive
    whole, _, _ = items_of(series, 52)
    np.testing.assert_array_equal(model.points([*items, *whole])[len(items) :], plain.points(whole))


def test_what_is_known_ahead_of_a_short_history_is_used(series):
    promoted = (np.random.default_rng(1).random(600) < 0.3).astype(np.float32)[:, None]
    sold, setup = np.concatenate([series + 60 * promoted, promoted], axis=1), replace(SETUP, known=1)
    model = by_length(fitted("ridge", sold[:400], setup), [sold[:400]], setup)
    ends = range(420, 590, 10)
    items = [item_of(sold[end - 13 : end], sold[end : end + 3, 1:], setup) for end in ends]
    came = np.array([sold[end : end + 3, 0] for end in ends])
    assert np.abs(model.points(items) - came).mean() < 12


def test_it_is_kept_as_it_is(series):
    covered = np.concatenate([series, np.roll(series, 3)], axis=1)
    setup = replace(SETUP, until_now=1)
    model = by_length(fitted("ridge", covered[:400], setup), [covered[:400]], setup)
    again = model_of(*model.state(), setup)
    assert isinstance(again, ByLength)
    for length in (5, 120):
        items, _, _ = items_of(covered, length)
        np.testing.assert_array_equal(again.points(items), model.points(items))
    description, arrays = model.state()
    with pytest.raises(ValueError, match="no part of another"):
        model_of(description | {"model": description}, arrays, setup)


def test_models_that_need_no_season_or_have_learned_from_short_histories_stay_as_they_are(series):
    ets = fitted("ets", series[:400])
    assert by_length(ets, [series[:400]], SETUP) is ets
    short = [series[start : start + 60] for start in range(0, 400, 20)]
    ridge = fitted("ridge", series[:400])
    assert by_length(ridge, short, SETUP) is ridge
    yearly = replace(SETUP, season=1)
    assert not isinstance(by_length(fitted("ridge", series[:400], yearly), [series[:400]], yearly), ByLength)
