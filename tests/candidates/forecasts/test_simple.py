"""Naive forecasts, means and medians, and which models are baselines."""

import numpy as np

from unspool.candidates.forecasts import BASELINES, CANDIDATES
from unspool.candidates.forecasts.simple import drift, median, naive, seasonal_mean, seasonal_median, seasonal_naive


def test_naive_forecasts_go_on_as_they_say():
    history = np.array([1.0, 2, 3, 4, 5])
    assert naive(history, 2, 3).tolist() == [5, 5]
    assert seasonal_naive(history, 4, 3).tolist() == [3, 4, 5, 3]
    assert drift(history, 2, 3).tolist() == [6, 7]
    assert seasonal_naive(history, 2, 9).tolist() == [5, 5]
    assert seasonal_mean(history, 4, 2).tolist() == [3, 4, 3, 4]
    assert seasonal_mean(history, 2, 9).tolist() == [5, 5]
    assert seasonal_mean(np.arange(40.0), 2, 2).tolist() == [31, 32]  # of the last eight seasons
    seldom = np.array([*[7.0, 9.0] * 9, *[0.0, 1.0] * 5, 30.0, 0.0, 5.0, 50.0])
    assert seasonal_median(seldom, 3, 2).tolist() == [0, 1, 0]
    assert seasonal_median(history, 2, 9).tolist() == [5, 5]
    assert median(seldom, 2, 2).tolist() == [1, 1]
    assert median(history, 2, 9).tolist() == [3, 3]


def test_baselines_are_candidates():
    assert {one.name for one in BASELINES} < {one.name for one in CANDIDATES}
