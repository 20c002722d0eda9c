"""The theta method and exponential smoothing: the bits of the reference, and no worse a fit than statsmodels finds."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool import kernels
from unspool.kernels import smoothing_reference as reference
from unspool.kernels.smoothing import METHODS, smoothing

from . import cells


def draw(rng, steps, season, *, positive=True, trend=0.1):
    """A walk with a trend and a season, (T,)."""
    wave = np.sin(2 * np.pi * np.arange(steps) / max(season, 2))
    walk = trend * np.arange(steps) + rng.normal(0, 0.3, steps).cumsum() + rng.normal(0, 0.5, steps)
    return (30 + walk) * (1 + 0.1 * wave) if positive else walk + 2 * wave


def expected(method, histories, horizon, season):
    return np.stack([METHODS[method](one, horizon, season) for one in histories])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("season", [1, 2, 3, 7, 12, 30])
def test_every_instruction_set_gives_the_bits_of_the_reference(method, season):
    rng = np.random.default_rng(season)
    histories = [draw(rng, steps, season, positive=steps % 2 == 0) for steps in (1, 4, 5, 8, 11, 20, 41, 70)]
    histories += [np.round(histories[-1]), np.full(30, 2.0), np.arange(25.0), np.arange(40.0) % max(season, 2) + 1]
    wanted = expected(method, histories, 5, season)
    for name in cells.library().instruction_sets:
        with kernels.use_instruction_set(name):
            np.testing.assert_array_equal(smoothing(method, histories, 5, season), wanted)


@settings(max_examples=25, deadline=None)
@given(
    values=st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=40),
    season=st.integers(1, 14),
    method=st.sampled_from(list(METHODS)),
)
def test_any_history_gives_the_finite_bits_of_the_reference(values, season, method):
    history = np.array(values)
    found = smoothing(method, [history], 3, season)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found, expected(method, [history], 3, season))


@pytest.mark.parametrize("method", METHODS)
def test_bits_depend_neither_on_threads_nor_on_the_other_histories(method):
    rng = np.random.default_rng(1)
    histories = [draw(rng, steps, 7) for steps in rng.integers(1, 300, size=17)]
    library = cells.library()
    alone = np.concatenate([smoothing(method, [one], 9, 7) for one in histories])
    before = library.thread_limit
    try:
        for library.thread_limit in (1, 4):
            np.testing.assert_array_equal(smoothing(method, histories, 9, 7), alone)
    finally:
        library.thread_limit = before


def test_the_reference_serves_without_native_code():
    history = draw(np.random.default_rng(2), 30, 4)
    with kernels.use("reference"):
        found = smoothing("ets", [history], 4, 4)
    np.testing.assert_array_equal(found, smoothing("ets", [history], 4, 4))


@pytest.mark.parametrize("method", METHODS)
def test_short_and_constant_histories_continue_with_their_last_value(method):
    assert smoothing(method, [np.full(30, 7.0), np.array([1.0, 2.0])], 3, 4).tolist() == [[7] * 3, [2] * 3]


@pytest.mark.parametrize("bad", [np.array([]), np.array([1.0, np.nan]), np.array([np.inf])])
def test_histories_are_finite_and_not_empty(bad):
    with pytest.raises(ValueError, match="histories must be finite and not empty"):
        smoothing("ets", [np.ones(3), bad], 1, 1)


@pytest.mark.parametrize("season", [30, 48, 168])
def test_a_long_season_is_taken_off_before_smoothing(season):
    steps = np.arange(5 * season)
    series = 50 + 10 * np.sin(2 * np.pi * steps / season) + 0.01 * steps
    for method in METHODS:
        found = smoothing(method, [series[: 4 * season]], season, season)[0]
        assert np.abs(found - series[4 * season :]).mean() < 1.0


def test_a_season_that_grows_with_the_level_is_multiplied():
    steps = np.arange(120)
    series = (10 + steps) * np.array([1.0, 1.5, 0.5, 1.0])[steps % 4]
    found = smoothing("ets", [series[:112]], 8, 4)[0]
    np.testing.assert_allclose(found, series[112:], rtol=0.03)
    shifted = smoothing("ets", [series[:112] - 50], 8, 4)[0]  # not positive: it can only be added
    assert np.abs(shifted - (series[112:] - 50)).max() > np.abs(found - series[112:]).max()


def test_no_season_is_found_where_there_is_none():
    history = np.random.default_rng(5).normal(0, 1, 120).cumsum() + 50
    found = smoothing("ets", [history], 12, 12)[0]
    assert np.ptp(np.diff(found, 2)) < 1e-2  # a level or a damped trend
    np.testing.assert_array_equal(found, smoothing("ets", [history], 12, 1)[0])


def test_two_seasons_are_not_taken_for_none(monkeypatch):
    steps = np.arange(42)
    series = 50 + 10 * np.sin(2 * np.pi * steps / 12) + np.random.default_rng(6).normal(0, 2, 42)
    found = smoothing("ets", [series[:30]], 12, 12)[0]
    assert np.abs(found - series[30:]).mean() < 4
    monkeypatch.setattr(reference, "_SURE_SEASONS", 0)  # what AICc would choose
    assert np.abs(reference.exponential_smoothing(series[:30], 12, 12) - series[30:]).mean() > 5


@pytest.mark.parametrize(
    ("kind", "trend"), [(0, False), (0, True), (1, False), (1, True), (2, False), (2, True)], ids=str
)
def test_the_squared_errors_are_at_most_those_that_statsmodels_finds(kind, trend):
    smoothers = pytest.importorskip("statsmodels.tsa.holtwinters")
    rng = np.random.default_rng(3)
    for steps in (14, 40, 40, 90, 200):
        history = draw(rng, steps, 4)
        form = reference._first_form(history, kind, trend, 4 if kind else 1)
        _, walk = reference._fitted(history, form)
        first = {"initial_trend": form.slope} if trend else {}
        first |= {"initial_seasonal": form.pattern} if kind else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = smoothers.ExponentialSmoothing(
                history,
                trend="add" if trend else None,
                damped_trend=trend,
                seasonal=(None, "add", "mul")[kind],
                seasonal_periods=4 if kind else None,
                initialization_method="known",
                initial_level=form.level,
                **first,
            )
            theirs = model.fit()
        best = int(np.argmin(walk.errors))
        assert walk.errors[best] <= theirs.sse * (1 + 1e-8)
        if abs(walk.errors[best] / theirs.sse - 1) < 1e-9:  # the same minimum, not only as low a one
            # Where the season has its place of the last step, statsmodels forgets what it has just learned of it.
            ahead = np.arange(6) % 4 != 3 if kind else np.full(6, True)
            found = reference._forecast(walk, best, 6, steps, kind)
            np.testing.assert_allclose(found[ahead], theirs.forecast(6)[ahead], rtol=1e-4)
            assert reference._aicc(walk.errors[best], steps, 4 * (kind > 0) + (5 if trend else 2)) == pytest.approx(
                theirs.aicc, abs=1e-6
            )


@pytest.mark.parametrize("season", [1, 4, 7, 12])
def test_theta_is_that_of_statsmodels(season):
    module = pytest.importorskip("statsmodels.tsa.forecasting.theta")
    rng = np.random.default_rng(season)
    for steps, positive in ((30, True), (60, False), (61, True), (240, True)):
        history = draw(rng, steps, season, positive=positive)
        method = "auto" if history.min() > 0 else "additive"
        model = module.ThetaModel(history, period=season, deseasonalize=season > 1, use_test=True, method=method)
        wanted = np.asarray(model.fit().forecast(10))
        np.testing.assert_allclose(smoothing("theta", [history], 10, season)[0], wanted, rtol=1e-4)


def test_the_first_season_is_that_of_statsmodels():
    module = pytest.importorskip("statsmodels.tsa.exponential_smoothing.initialization")
    rng = np.random.default_rng(5)
    for season, kind in ((4, 1), (7, 1), (12, 2), (7, 2)):
        history = draw(rng, 5 * season + 11, season)
        form = reference._first_form(history, kind, True, season)
        level, slope, pattern = module._initialization_heuristic(history, "add", (None, "add", "mul")[kind], season)
        np.testing.assert_allclose(form.pattern, pattern, rtol=1e-9)
        assert form.slope == pytest.approx(slope)
        # Theirs is the level where the moving average begins; the forecasts begin half a season before.
        assert form.level == pytest.approx(level - slope * (season // 2))
