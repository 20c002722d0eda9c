"""Models that forecast: what they find, that they read nothing ahead, that they are kept whole."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from unspool.candidates.forecasts import BASELINES, CANDIDATES, Forecaster, Setup, item_of, load_forecaster
from unspool.candidates.forecasts.base import history_of, model_of
from unspool.candidates.forecasts.blend import Blend, chosen_weights, refined_weights
from unspool.candidates.forecasts.lags import Lags, origins_of
from unspool.candidates.forecasts.local import LOCAL, Local, LocalCandidate
from unspool.candidates.forecasts.ridge import LinearCandidate, RidgeCandidate
from unspool.candidates.forecasts.simple import drift, median, naive, seasonal_mean, seasonal_median, seasonal_naive
from unspool.candidates.forecasts.spread import Spread
from unspool.candidates.forecasts.trees import TreesCandidate
from unspool.data.forecasting.scale import seasonal_error
from unspool.errors import UserError

SETUP = Setup(horizon=4, season=4)
_MEMBERS = ("naive", "ridge", "linear-lags", "trees")


def wave(length, seed=0, trend=0.0):
    """A season of four, a trend, a little noise, (T, 1)."""
    steps = np.arange(length)
    noise = np.random.RandomState(seed).normal(0, 0.05, length)
    return (10 + trend * steps + np.array([3.0, -1, 0, -2])[steps % 4] + noise)[:, None].astype(np.float32)


def error(model, series, setup=SETUP):
    """Mean absolute error at the last steps."""
    item = item_of(series[: -setup.horizon], series[-setup.horizon :, setup.width - setup.known :], setup)
    return float(np.abs(model.points([item])[0] - series[-setup.horizon :, 0]).mean())


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


@pytest.mark.parametrize("name", ["ridge", "linear-lags"])
def test_linear_models_learn_season_and_trend_from_all_series(name):
    candidate = next(one for one in CANDIDATES if one.name == name)
    model = candidate.fit([wave(60, seed, trend=0.5) for seed in range(3)], SETUP, seed=0)
    assert error(model, wave(60, 9, trend=0.5)) < 0.25


def test_each_window_is_scaled_by_itself():
    model = RidgeCandidate().fit([wave(60, seed) for seed in range(3)], SETUP, seed=0)
    item = item_of(wave(30, 5), None, SETUP)
    assert np.allclose(model.points([item * 1000])[0], 1000 * model.points([item])[0], rtol=1e-3)


@pytest.mark.parametrize("candidate", [RidgeCandidate(), RidgeCandidate(log=True), TreesCandidate()])
def test_a_series_that_stands_still_stays_where_it_is(candidate):
    model = candidate.fit([wave(200, seed, trend=0.5) for seed in range(3)], SETUP, seed=0)
    still = item_of(np.full((90, 1), 5, np.float32), None, SETUP)
    assert np.allclose(model.points([still, still * 1000]), [[5.0], [5000.0]])


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


def test_a_short_history_is_forecast_too():
    model = RidgeCandidate().fit([wave(60)], SETUP, seed=0)
    assert np.isfinite(model.points([item_of(wave(1), None, SETUP)])).all()
    assert history_of(item_of(wave(3), None, SETUP), SETUP).shape == (3,)


def logistic_map(length):
    """Chaos to a line, and a curve to who looks at the last value, (T, 1)."""
    values = [0.3]
    for _ in range(length):
        values.append(3.9 * values[-1] * (1 - values[-1]))
    return np.array(values, dtype=np.float32)[:, None]


def test_a_linear_model_does_without_a_season_that_is_longer_than_its_lags():
    """A walk has no season: the last value is the best forecast, and the one a season before is far off."""
    setup = Setup(horizon=4, season=100)
    walk = np.random.RandomState(0).normal(size=(3_000, 1)).cumsum(axis=0).astype(np.float32)
    model = LinearCandidate().fit([walk[:2_000]], setup, seed=0)
    ends = range(2_000, 3_000, 20)
    off = np.mean([error(model, walk[:end], setup) for end in ends])
    last = np.mean([np.abs(walk[end - 4 : end] - walk[end - 5]).mean() for end in ends])
    assert off < 1.1 * last


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


def test_a_sample_of_many_series_begins_everywhere():
    """With 10,000 series of five windows each, every third window is kept: not the same ones of each series."""
    found = origins_of([12] * 10_000, 4, Lags(Setup(horizon=4, season=1), 3))
    assert sum(map(len, found)) <= 20_000
    assert sorted(np.unique(np.concatenate(found))) == [3, 4, 5, 6, 7, 8]
    counts = np.bincount(np.concatenate(found))[3:]
    assert counts.max() < 1.1 * counts.min()


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


def test_weights_of_a_blend_fall_with_the_error():
    weights = chosen_weights({"good": 1.0, "as good": 1.0, "worse": 1.1, "bad": 2.0}, naive=[])
    assert list(weights) == ["good", "as good", "worse"]
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["good"] == weights["as good"] == pytest.approx(1.1**8 * weights["worse"])
    assert chosen_weights({"right": 0.0, "wrong": 1.0}, naive=[]) == {"right": 1.0}


def test_naive_forecasts_count_only_where_they_do_best():
    scores = {"naive": 0.9, "drift": 1.05, "ets": 1.0}
    assert list(chosen_weights(scores, naive=["naive", "drift"])) == ["naive", "ets"]
    assert chosen_weights(scores | {"naive": 1.01}, naive=["naive", "drift"]) == {"ets": 1.0}
    assert list(chosen_weights({"naive": 1.0, "drift": 1.0}, naive=["naive", "drift"])) == ["naive", "drift"]


def test_models_that_err_alike_do_not_outweigh_one_that_is_right():
    """Of 600 forecasts of counts that are mostly 0, one model forecasts the median, and four are near the mean."""
    counts = (np.random.RandomState(0).random_sample(600) < 0.3).astype(float)
    errors = {f"mean {near}": near - counts for near in (0.29, 0.3, 0.31, 0.32)} | {"median": 0 - counts}
    scores = {name: float(np.abs(one).mean()) for name, one in errors.items()}
    given = chosen_weights(scores, naive=[])
    assert given["median"] < 0.8
    assert refined_weights(given, errors, apart=600)["median"] > 0.95
    assert refined_weights(given, errors, apart=2)["median"] == pytest.approx(given["median"], abs=0.02)


def test_models_whose_errors_cancel_stay_together():
    noise = np.random.RandomState(0).normal(size=500)
    found = refined_weights({"high": 0.9, "low": 0.1}, {"high": 1 + noise / 9, "low": noise / 9 - 1}, apart=500)
    assert found["high"] == pytest.approx(0.5, abs=0.05)


def test_weights_do_not_depend_on_the_unit():
    random = np.random.RandomState(0)
    errors = {"one": random.normal(size=300), "other": random.normal(0.2, 1, 300)}
    found = [
        refined_weights({"one": 0.5, "other": 0.5}, {name: unit * one for name, one in errors.items()}, apart=300)
        for unit in (1, 1e-9, 1e9)
    ]
    assert found[1] == pytest.approx(found[0], abs=1e-3)
    assert found[2] == pytest.approx(found[0], abs=1e-3)
    nothing = {name: np.zeros(9) for name in errors}
    assert refined_weights({"one": 0.5, "other": 0.5}, nothing, apart=9) == {"one": 0.5, "other": 0.5}


def test_quantiles_cover_as_much_as_they_say():
    random = np.random.RandomState(0)
    growing = np.array([1.0, 2.0, 3.0])
    for many in (40, 400):  # pooled over the steps, and each step by itself
        spread = Spread.fit(random.normal(size=(many, 3)) * growing, np.ones((many, 3), bool), apart=many)
        new = random.normal(size=(20_000, 3)) * growing
        covered = (new >= spread.low) & (new <= spread.high)
        assert 0.74 < covered.mean() < 0.9
        assert (np.diff(spread.high) > 0).all()


@pytest.mark.parametrize("many", [40, 400])  # pooled over the steps, and each step by itself
def test_errors_that_are_not_scored_do_not_count(many):
    random = np.random.RandomState(0)
    errors, scored = random.normal(size=(many, 3)), random.random_sample((many, 3)) < 0.8
    plain, spoilt = (Spread.fit(np.where(scored, errors, other), scored, apart=many) for other in (0.0, 1e6))
    np.testing.assert_array_equal(spoilt.low, plain.low)
    np.testing.assert_array_equal(spoilt.high, plain.high)


def test_few_errors_give_wide_quantiles():
    errors = np.arange(1.0, 6.0)[:, None]
    spread = Spread.fit(errors - 3, np.ones((5, 1), bool), apart=1e9)
    assert (spread.low[0], spread.high[0]) == pytest.approx((-2, 2))


def test_forecasts_that_overlap_give_wider_quantiles():
    errors, scored = np.random.RandomState(0).normal(size=(12, 4)), np.ones((12, 4), bool)
    one, many = (Spread.fit(errors, scored, apart) for apart in (3, 1e9))
    np.testing.assert_allclose(one.high / many.high, np.sqrt(4 / 3))
    np.testing.assert_allclose(one.low / many.low, np.sqrt(4 / 3))


@pytest.mark.parametrize("history", [wave(1), np.full((30, 1), 7, np.float32)], ids=["one step", "constant"])
def test_a_series_without_a_unit_has_the_usual_interval(history):
    item = item_of(history, None, SETUP)
    model = Forecaster(SETUP, Local("naive", SETUP), Spread(np.full(4, -1.0), np.full(4, 2.0), unit=0.5))
    assert np.diff(model.outputs([item])[0]).tolist() == [[0.5, 1.0]] * 4
    assert np.diff(model.outputs([item_of(np.arange(30.0)[:, None], None, SETUP)])[0]).tolist() == [[4.0, 8.0]] * 4


def test_an_altered_unit_is_refused():
    arrays = Spread(np.zeros(4), np.zeros(4), unit=0.5).arrays()
    assert Spread.from_arrays(arrays, 4).unit == 0.5
    assert Spread.from_arrays({name: arrays[name] for name in ("low", "high")}, 4).unit == 0
    for wrong in ([-1.0], [np.nan], [1.0, 2.0]):
        with pytest.raises(ValueError, match="unit"):
            Spread.from_arrays(arrays | {"unit": np.array(wrong)}, 4)


def test_intervals_are_wider_after_short_histories_only():
    spread = Spread(np.full(4, -1.0), np.full(4, 2.0), short=np.array([[1, 3.0], [6, 1.5], [10, 1.0]]))
    model = Forecaster(SETUP, Local("naive", SETUP), Spread.from_arrays(spread.arrays(), 4))
    lengths = (2, 5, 6, 9, 10, 40)
    found = model.outputs([item_of(np.arange(float(steps))[:, None], None, SETUP) for steps in lengths])
    units = [seasonal_error(np.arange(float(steps)), SETUP.season) for steps in lengths]
    assert (found[:, 0, 2] - found[:, 0, 0]) / units == pytest.approx([9, 9, 4.5, 4.5, 3, 3])
    assert "short" in spread.arrays()
    old = {name: one for name, one in spread.arrays().items() if name != "short"}
    assert not len(Spread.from_arrays(old, 4).short)
    for wrong in ([[2, 1.0]], [[1, 0.5]], [[1, 2.0], [1, 1.0]], [[1, np.inf]], [1.0, 2.0]):
        with pytest.raises(ValueError, match="short histories"):
            Spread.from_arrays(old | {"short": np.array(wrong)}, 4)


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


@pytest.fixture(scope="module")
def forecaster():
    histories = [wave(60, seed) for seed in range(3)]
    members = tuple(one.fit(histories, SETUP, 0) for one in CANDIDATES if one.name in _MEMBERS)
    spread = Spread(np.full(4, -1.0), np.full(4, 2.0), unit=0.25)
    return Forecaster(SETUP, Blend(members, np.full(4, 0.25)), spread, least=0.0)


def test_whoever_may_read_the_folder_may_read_a_forecaster(forecaster, tmp_path):
    (tmp_path / "other").touch()
    forecaster.save(tmp_path)
    assert len({path.stat().st_mode for path in tmp_path.iterdir()}) == 1


def test_a_forecaster_comes_back_with_the_same_bits(forecaster, tmp_path):
    forecaster.save(tmp_path)
    items = [item_of(wave(length), None, SETUP) for length in (5, 50)]
    outputs = forecaster.outputs([*items, items[0]])
    assert np.array_equal(load_forecaster(tmp_path).outputs([*items, items[0]]), outputs)
    assert np.array_equal(outputs[0], outputs[2])
    assert (outputs[..., 0] <= outputs[..., 1]).all()
    assert (outputs[..., 1] <= outputs[..., 2]).all()


def test_forecasts_do_not_fall_below_what_training_never_had(forecaster):
    falling = np.linspace(20, 0, 21, dtype=np.float32)[:, None]
    assert forecaster.outputs([item_of(falling, None, SETUP)]).min() >= 0


def test_missing_steps_of_a_history_are_not_below_what_training_never_had():
    below = SimpleNamespace(points=lambda items: np.full((len(items), 4), -1.0))
    model = Forecaster(SETUP, below, Spread(np.zeros(4), np.zeros(4)), least=0.0)
    histories = (np.array([[5.0], [np.nan], [one]], np.float32) for one in (3, -3))
    found = model.outputs([item_of(one, None, SETUP) for one in histories])
    assert found[:, :, 1].tolist() == [[0.0] * 4, [-1.0] * 4]
    assert model.outputs([]).shape == (0, 4, 3)


def test_no_items_have_no_forecasts(forecaster):
    trees = TreesCandidate(most_trees=10).fit([wave(200, seed) for seed in range(3)], SETUP, seed=0)
    blend = replace(forecaster.model, members=(trees,), weights=np.ones(1))
    assert replace(forecaster, model=blend).outputs([]).shape == (0, 4, 3)


def test_a_history_below_what_training_had_is_forecast_below_it_too(forecaster):
    winter, falling = wave(40) - 60, np.linspace(20, 0, 21, dtype=np.float32)[:, None]
    naive = replace(forecaster, model=LocalCandidate("seasonal-naive").fit([], SETUP, 0))
    found = naive.outputs([item_of(winter, None, SETUP), item_of(falling, None, SETUP)])
    np.testing.assert_array_equal(found[0, :, 1], np.resize(winter[-SETUP.season :, 0], SETUP.horizon))
    assert (np.diff(found[0]) > 0).all()
    assert found[1].min() == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"horizon": 4', '"horizon": 0'),
        ('"horizon": 4', '"horizon": 5'),
        ('"season": 4', '"season": 1e9'),
        ('"kind": "ridge"', '"kind": "spade"'),
        ('"near": 6', '"near": 7'),
    ],
)
def test_an_altered_file_is_refused(forecaster, tmp_path, before, after):
    forecaster.save(tmp_path)
    path = tmp_path / "forecaster.json"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(UserError, match="altered"):
        load_forecaster(tmp_path)


def test_baselines_are_candidates():
    assert {one.name for one in BASELINES} < {one.name for one in CANDIDATES}
