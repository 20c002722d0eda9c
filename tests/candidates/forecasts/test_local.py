"""Hours and minutes have a week beside the day."""

import numpy as np
import pytest

from unspool.candidates.forecasts import Setup, item_of
from unspool.candidates.forecasts.lags import Lags
from unspool.candidates.forecasts.local import Local, LocalCandidate

SETUP = Setup(horizon=24, season=24)


def by_hour(weeks):
    """Hours of so many weeks, (T, 1): a day that is the same on weekdays, and half as high at weekends."""
    hours = np.arange(weeks * 168)
    height = np.where(hours // 24 % 7 < 5, 2.0, 1.0) * (2 + np.sin(hours * np.pi / 12))
    return (height + 0.02 * np.random.RandomState(0).normal(size=len(hours)))[:, None].astype(np.float32)


@pytest.mark.parametrize("name", ["seasonal-naive", "theta", "ets", "arima"])
def test_a_week_of_hours_is_a_season(name):
    weekly, daily = Local(f"{name}-week", SETUP), Local(name, SETUP)
    series = by_hour(5)
    known, saturday = series[:-48], series[-48:-24, 0]
    whole = item_of(known, None, SETUP)
    errors = [np.abs(one.points([whole])[0] - saturday).mean() for one in (weekly, daily)]
    assert errors[0] < 0.1 * errors[1]
    short = [item_of(known[-steps:], None, SETUP) for steps in (1, 30, 335)]
    assert np.array_equal(weekly.points(short), daily.points(short))
    assert np.array_equal(weekly.points([short[1], whole]), [daily.points(short)[1], weekly.points([whole])[0]])


@pytest.mark.parametrize("name", ["ets", "arima", "theta", "ets-log", "arima-log", "theta-log"])
def test_a_few_steps_of_growth_are_no_law(name):
    """On logarithms, forecasts were 10^11 times as large as the last value, and ruled every mean that had them."""
    week = 200 + 40 * np.sin(np.arange(200) * 2 * np.pi / 7)
    grown = np.concatenate([week, 220 * 2.0 ** np.arange(1, 4)])[:, None].astype(np.float32)
    setup = Setup(horizon=28, season=7)
    points = Local(name, setup).points([item_of(grown, None, setup)])[0]
    assert points.max() < 12 * grown.max()


@pytest.mark.parametrize("name", ["theta", "theta-log"])
def test_a_line_goes_on_however_short_its_history_is(name):
    line, setup = np.linspace(1, 2, 6), Setup(horizon=12, season=1)
    history = np.exp(line) if name.endswith("log") else line
    ahead = 2 + 0.2 * np.arange(1, 13)
    points = Local(name, setup).points([item_of(history[:, None].astype(np.float32), None, setup)])[0]
    found = np.log(points) if name.endswith("log") else points
    np.testing.assert_allclose(found, ahead, rtol=0.35)


def test_a_week_is_one_of_days_and_in_two_weeks():
    candidate, two = LocalCandidate("ets-week"), by_hour(2)
    assert not candidate.missing([two[1:], two], SETUP)
    assert candidate.missing([two[1:]], SETUP) == "no series has two weeks"
    for season in (1, 7, 12, 52, 168):  # 52: weeks of a year; 168: the user's, of hours
        setup = Setup(horizon=24, season=season)
        assert candidate.missing([two], setup) == "it is for steps of less than a day, with a season of a day"
        assert not Lags.suited(setup, [5_000], log=False).week
    hours = Setup(horizon=24, season=24, by_day=False)  # of 24 steps of 150 seconds
    assert candidate.missing([two], hours) == "it is for steps of less than a day, with a season of a day"
    assert not Lags.suited(hours, [5_000], log=False).week
    assert [Lags.suited(SETUP, [steps], log=False).week for steps in (503, 504)] == [0, 168]
