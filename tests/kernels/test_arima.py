"""ARIMA models: the bits of the reference, no worse a fit than statsmodels finds, and forecasts that go on."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool import kernels
from unspool.kernels import arima_reference as reference
from unspool.kernels.arima import arima

from . import cells


def draw(rng, steps, season):
    """A walk with noise and a season, (T,)."""
    wave = np.sin(2 * np.pi * np.arange(steps) / max(season, 2))
    return 30 + 2 * wave + rng.normal(0, 0.3, steps).cumsum() + rng.normal(0, 0.5, steps)


def expected(histories, horizon, season):
    return np.stack([reference.arima(one, horizon, season) for one in histories])


@pytest.mark.parametrize("season", [1, 2, 4, 12, 30])
def test_every_instruction_set_gives_the_bits_of_the_reference(season):
    rng = np.random.default_rng(season)
    histories = [draw(rng, steps, season) for steps in (1, 4, 5, 8, 11, 31, 46)]
    histories += [np.full(30, 2.0), np.arange(25.0), np.arange(40.0) % max(season, 2) + 1]
    wanted = expected(histories, 5, season)
    for name in cells.library().instruction_sets:
        with kernels.use_instruction_set(name):
            np.testing.assert_array_equal(arima(histories, 5, season), wanted)


@settings(max_examples=20, deadline=None)
@given(values=st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=30), season=st.integers(1, 14))
def test_any_history_gives_the_finite_bits_of_the_reference(values, season):
    history = np.array(values)
    found = arima([history], 3, season)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found, expected([history], 3, season))


def test_bits_depend_neither_on_threads_nor_on_the_other_histories():
    rng = np.random.default_rng(1)
    histories = [draw(rng, steps, 7) for steps in rng.integers(1, 300, size=17)]
    library = cells.library()
    alone = np.concatenate([arima([one], 9, 7) for one in histories])
    before = library.thread_limit
    try:
        for library.thread_limit in (1, 4):
            np.testing.assert_array_equal(arima(histories, 9, 7), alone)
    finally:
        library.thread_limit = before


def test_the_reference_serves_without_native_code():
    history = draw(np.random.default_rng(2), 30, 4)
    with kernels.use("reference"):
        found = arima([history], 4, 4)
    np.testing.assert_array_equal(found, arima([history], 4, 4))


@pytest.mark.parametrize("bad", [np.array([]), np.array([1.0, np.nan]), np.array([np.inf])])
def test_histories_are_finite_and_not_empty(bad):
    with pytest.raises(ValueError, match="histories must be finite and not empty"):
        arima([np.ones(3), bad], 1, 1)


@pytest.mark.parametrize("season", [1, 4])
def test_a_line_goes_on_also_with_a_season(season):
    steps = np.arange(60)
    series = 3.0 * steps + 20.0 * (steps % season == 1)
    np.testing.assert_allclose(arima([series[:50]], 10, season)[0], series[50:], rtol=1e-9)


def test_a_long_season_goes_on():
    steps = np.arange(150)
    series = 50 + 10 * np.sin(2 * np.pi * steps / 30) + np.random.default_rng(3).normal(0, 0.5, 150)
    assert np.abs(arima([series[:120]], 30, 30)[0] - series[120:]).mean() < 1.5


def test_a_season_is_found_beside_a_level_that_wanders():
    rng = np.random.default_rng(8)
    series = 50 + rng.normal(size=132).cumsum() + 5 * np.sin(np.arange(132) * np.pi / 6)
    assert np.var(series[12:] - series[:-12]) > np.var(np.diff(series))  # so that neither difference alone shows it
    levels, by_season = reference._differenced(series, 12)
    assert (len(levels), by_season) == (2, True)


def test_what_returns_to_its_mean_is_not_differenced():
    rng = np.random.default_rng(4)
    values = np.zeros(400)
    for step in range(1, 400):
        values[step] = 0.4 * values[step - 1] + rng.normal()
    found = arima([values + 100], 20, 1)[0]
    assert abs(found[-1] - 100) < 0.2
    np.testing.assert_allclose(found[0] - 100, 0.4 * values[-1], atol=0.25)


@pytest.mark.parametrize("form", [(1, 0, 0, 0), (0, 1, 0, 0), (2, 0, 0, 0), (1, 0, 0, 1), (0, 1, 0, 1), (0, 1, 1, 0)])
def test_the_squared_errors_are_about_those_of_the_likelihood_of_statsmodels(form):
    module = pytest.importorskip("statsmodels.tsa.statespace.sarimax")
    rng = np.random.default_rng(6)
    noise = rng.normal(size=260)
    values = noise[60:] + 0.5 * noise[59:-1] - 0.4 * noise[56:-4]
    values = values / np.sqrt(np.mean(values**2))
    ar, ma, seasonal_ar, seasonal_ma = form
    point, errors = reference._fitted(values, reference._Form(*form), 4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = module.SARIMAX(values, order=(ar, 0, ma), seasonal_order=(seasonal_ar, 0, seasonal_ma, 4)).fit(disp=0)
    regression, average = reference._weights(reference._Form(*form), 4, point[:, None])
    start = theirs.polynomial_reduced_ar, theirs.polynomial_reduced_ma
    found = [-one for one in start[0][1:] if one], [-one for one in start[1][1:] if one]
    np.testing.assert_allclose([float(weight[0]) for _, weight in regression], found[0], atol=0.05)
    np.testing.assert_allclose([float(weight[0]) for _, weight in average], found[1], atol=0.05)
    assert errors / 200 < 1.02 * theirs.params[-1]
    ours = reference._forecast(values, reference._Form(*form), 4, point, 8)
    np.testing.assert_allclose(ours, theirs.forecast(8), atol=0.12)


def test_no_point_beside_is_better():
    values = draw(np.random.default_rng(7), 90, 1)
    values = np.diff(values) / np.diff(values).std()
    for form in reference._forms(len(values), 1)[1:]:
        point, errors = reference._fitted(values, form, 1)
        for one in range(len(point)):
            for way in (-0.02, 0.02):
                beside = point.copy()
                beside[one] = np.clip(beside[one] + way, -10, 10)
                walked = reference._walked(values, form, 1, beside[:, None])
                assert reference._squares(walked)[0] > errors * (1 - 1e-5)


def test_all_forms_of_three_terms_are_compared():
    assert len(reference._forms(100, 1)) == 10
    assert len(reference._forms(100, 12)) == 33
    assert max(sum(form) for form in reference._forms(100, 12)) == 3
    assert max(form.seasonal_ar for form in reference._forms(30, 12)) == 1
    assert max(form.ar for form in reference._forms(6, 1)) == 2
