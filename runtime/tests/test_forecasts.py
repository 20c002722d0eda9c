"""Models that forecast: what they say of histories, and what is wrong with one."""

import numpy as np
import pytest

import small
from unspool_runtime import InputError, Model, ModelError, native

draw = small.random(7)
HISTORY = np.stack([20 + draw.normal(size=30), draw.normal(size=30), draw.integers(2, size=30)], axis=1).astype("f4")
AHEAD = [[1.0], [0.0], [1.0], [0.0]]
GIVEN = {"history": HISTORY, "ahead": AHEAD, "start": "2026-03-01"}


@pytest.fixture
def load(tmp_path):
    return lambda tree, golden=None: Model.load(small.write(tmp_path, tree, golden))


def of(kind, **more):
    """A model that reads nothing but the target."""
    tree = small.forecaster({"kind": kind} | more)
    tree["reader"] |= {"columns": ["sold"], "until_now": 0, "calendar": None}
    return tree


def test_what_it_reads_and_gives(load, kernels):
    model = load(small.forecaster())
    assert (model.reads, model.task, model.labels) == ("histories", "forecasting", ())
    found = model.outputs([GIVEN])
    assert found.shape == (1, 4, 3)
    assert model.predict([GIVEN])[0][0] == (found[0, 0, 1], found[0, 0, 0], found[0, 0, 2])
    assert (np.diff(found, axis=2) > 0).all()
    assert model.predict([]) == []
    with pytest.raises(InputError, match="no probabilities"):
        model.probabilities([GIVEN])


def test_numpy_says_what_native_code_says(load, monkeypatch):
    if native.library() is None:
        pytest.skip(native.explain())
    found = load(small.forecaster(small.lag_parts()[-1])).outputs([GIVEN])
    monkeypatch.setenv(native.VARIABLE, "reference")
    np.testing.assert_allclose(load(small.forecaster(small.lag_parts()[-1])).outputs([GIVEN]), found, rtol=1e-6)


def test_a_forecast_does_not_depend_on_the_other_histories(load, kernels):
    model, given = load(small.forecaster()), [GIVEN | {"history": HISTORY[:steps]} for steps in (30, 1, 2, 12)]
    alone = np.concatenate([model.outputs([one]) for one in given])
    np.testing.assert_array_equal(model.outputs(given), alone)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("last value", [8, 8, 8, 8]),
        ("last season", [6, 1, 8, 6]),
        ("drift", [10, 12, 14, 16]),
        ("median", [4, 4, 4, 4]),
        ("season mean", [6, 1, 8, 6]),
        ("season median", [6, 1, 8, 6]),
    ],
)
def test_naive_forecasts(load, kind, wanted):
    found = load(of(kind)).outputs([[2, 4, 6, 1, 8]])
    drift = [8 + 1.5 * step for step in range(1, 5)]
    np.testing.assert_allclose(found[0, :, 1], drift if kind == "drift" else wanted)


@pytest.mark.parametrize("kind", ["last season", "theta method", "exponential smoothing"])
def test_several_seasons_may_be_one(load, kernels, kind):
    what = "longer season" if kind == "last season" else "longer pattern"
    usual, longer = load(of(kind)), load(of(what, seasons=2, point={"kind": kind}))
    turns = np.tile([3.0, 5, 9, 1, 2, 6], 9) + 0.01 * np.sin(np.arange(54))  # of two seasons of three steps
    np.testing.assert_allclose(longer.outputs([turns])[0, :, 1], [3, 5, 9, 1], atol=0.2)
    assert np.abs(usual.outputs([turns])[0, :, 1] - [3, 5, 9, 1]).max() > 1
    np.testing.assert_array_equal(longer.outputs([turns[:11]]), usual.outputs([turns[:11]]))


@pytest.mark.parametrize(("kind", "point"), [("longer season", "ARIMA"), ("longer pattern", "longer pattern")])
def test_only_some_models_have_a_longer_season(load, kind, point):
    with pytest.raises(ModelError, match="kind is"):
        load(of(kind, seasons=2, point={"kind": point}))


def test_no_forecast_is_below_the_least_of_training_unless_its_history_is(load):
    found = load(of("drift")).outputs([[9, 6, 3, 1], [9, 6, 3, -1]])
    assert found[0].min() == 0
    assert found[1, :, 1].max() < 0


@pytest.mark.parametrize("kind", ["theta method", "exponential smoothing", "ARIMA"])
def test_estimated_models_find_season_and_trend(load, kernels, kind):
    steps = np.arange(34)
    series = 20 + 0.5 * steps + np.array([3.0, -1, -2])[steps % 3] + 0.1 * np.sin(steps)
    found = load(of(kind)).outputs([series[:30], series[3:30], [5, 5, 5, 5, 5, 5], [1, 2]])[:, :, 1]
    np.testing.assert_allclose(found[0], series[30:], atol=1.5 if kind == "theta method" else 0.7)
    assert np.abs(found[1] - series[30:]).max() < 2
    assert (found[2:] == [[5], [2]]).all()


@pytest.mark.parametrize("kind", ["theta method", "exponential smoothing", "ARIMA"])
def test_logarithms_follow_growth_by_a_factor(load, kernels, kind):
    steps = np.arange(34)
    series = 20 * 1.04**steps * np.array([1.3, 0.9, 0.8])[steps % 3] * (1 + 0.01 * np.sin(steps))
    histories = [series[:30], series[:30] - 20, [5, 5, 5, 5, 5, 5], [1, 2]]
    plain, logs = (load(of(one)).outputs(histories)[:, :, 1] for one in (kind, f"{kind} of logarithms"))
    assert np.abs(logs[0] - series[30:]).max() < 0.9 * np.abs(plain[0] - series[30:]).max()
    np.testing.assert_allclose(logs[1:], plain[1:], rtol=1e-12)  # one is not positive, the others are flat or short


def test_numbers_that_32_bits_cannot_tell_apart_are_refused(load):
    model, meter = load(of("last value")), [1_000_000_000 + 3 * step for step in range(9)]
    told = r"^Example 1 \(counted from 0\): its history has numbers for 'sold' too large .* 32-bit precision\. Train "
    for wrong in (meter, np.array(meter), [*meter[:4], None, *meter[5:]], {"history": [[one] for one in meter]}):
        with pytest.raises(InputError, match=told):
            model.predict([[1, 2], wrong])
    kept = [meter[:1], [100 * one for one in range(9)], [0.1] * 9, [0.3, 0.1 + 0.2] * 5, np.array(meter, np.float32)]
    assert len(model.predict(kept)) == len(kept)


def test_a_mean_of_seasons_is_of_the_last_eight(load):
    found = load(of("season mean")).outputs([np.arange(60.0), [1, 2]])[:, :, 1]
    np.testing.assert_allclose(found, [[46.5, 47.5, 48.5, 46.5], [2, 2, 2, 2]])


@pytest.mark.parametrize(("kind", "wanted"), [("median", [13] * 4), ("season median", [12, 13, 14, 12])])
def test_a_median_is_of_the_last_eight_seasons(load, kind, wanted):
    values = np.repeat(np.arange(0.0, 30, 3), 3) + np.tile([0.0, 1, 2], 10)
    values[-3:] = 99
    values[-24:-12] -= 9
    found = load(of(kind)).outputs([values, [1, 2]])[:, :, 1]
    np.testing.assert_allclose(found, [wanted, [1.5] * 4 if kind == "median" else [2] * 4])


@pytest.mark.parametrize("kind", ["theta method", "exponential smoothing", "ARIMA"])
def test_estimated_models_have_the_same_bits_in_numpy(load, monkeypatch, kind):
    if native.library() is None:
        pytest.skip(native.explain())
    draw = small.random(9)
    histories = [np.cumsum(draw.normal(size=steps)) + shift for steps in (5, 9, 14, 40) for shift in (0, 30)]
    found = load(of(kind)).outputs(histories)
    monkeypatch.setenv(native.VARIABLE, "reference")
    np.testing.assert_array_equal(load(of(kind)).outputs(histories), found)


def test_intervals_are_in_units_of_the_series(load):
    found = load(of("last value")).outputs([[2.0, 4, 6, 1, 8]])[0]
    unit = np.mean([1, 4])  # how far values are from those a season before
    np.testing.assert_allclose(found[:, 2], 8 + unit)
    np.testing.assert_allclose(found[:, 0], np.maximum(8 - unit * np.arange(1, 5), 0))


def test_a_linear_model_counts_from_the_last_season(load):
    part = small.lag_parts()[0]
    part["weights"][:], part["intercept"][:] = 0, 0
    found = load(small.forecaster(part)).outputs([GIVEN])[0, :, 1]
    np.testing.assert_allclose(found, HISTORY[[27, 28, 29, 27], 0], rtol=1e-6)


@pytest.mark.parametrize("number", range(5))
def test_what_is_known_ahead_counts_where_it_is_read(load, number):
    model = load(small.forecaster(small.lag_parts()[number]))
    other = GIVEN | {"ahead": [[5.0]] * 4}
    assert (np.abs(model.outputs([GIVEN]) - model.outputs([other])).max() > 1e-3) == (number in (0, 4))


def test_relative_trees_forecast_multiples_of_the_usual_value(load):
    part = small.lag_parts()[3]
    assert part["kind"] == "relative lag trees"
    model, twice, nothing = load(small.forecaster(part)), HISTORY * [2, 1, 1], HISTORY * [0, 1, 1]
    found = model.outputs([GIVEN | {"history": one} for one in (HISTORY, twice, nothing)])[:, :, 1]
    assert np.ptp(found[0]) > 0
    np.testing.assert_allclose(found[1], 2 * found[0], rtol=1e-6)
    np.testing.assert_array_equal(found[2], np.zeros(4))


def test_the_calendar_is_given_by_a_start_or_by_columns(load):
    model = load(small.forecaster(small.lag_parts()[0]))
    angle = 2 * np.pi * (np.arange(34) + 20513) / 365.2425  # days since 1970
    waves = np.stack([np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle)], axis=1)
    columns = {"history": np.hstack([HISTORY, waves[:30]]), "ahead": np.hstack([AHEAD, waves[30:]])}
    np.testing.assert_allclose(model.outputs([columns]), model.outputs([GIVEN]), rtol=1e-6)


@pytest.mark.parametrize(("days", "width"), [(1, 12), (7, 5)])
def test_a_dated_history_has_days_of_the_week_and_of_the_month(load, days, width):
    tree = small.forecaster(small.lag_parts()[0])
    tree["reader"] |= {"kind": "dated histories", "calendar": {"step": days * 86400.0}}
    tree["reader"] |= {"columns": ["sold", "visits"]}
    part = tree["model"]["point"]["parts"][0]
    part["weights"] = np.zeros((4, 6 + 5 + 5 + 2 * width))
    part["weights"][:, -width - 1] = 1  # the day of the month
    if days == 1:
        part["weights"][:, -width - 2] = 0.125  # is it a Sunday?
    part["intercept"][:] = -10
    tree["model"]["least"] = None
    model = load(tree)
    history = np.stack([np.arange(8) % 2, np.zeros(8)], axis=1)
    starts = ("2026-02-19", "2026-02-20")
    first, last = (model.outputs([{"history": history, "start": start}])[0, :, 1] for start in starts)
    # The steps ahead are from Friday, the 27th, or Saturday, the 28th, on; of weeks from 16 or 17 April on.
    np.testing.assert_allclose(last - first, [1, -27 + 0.125, 1 - 0.125, 1] if days == 1 else [1, 1, -29, 1])


def test_a_start_is_read_in_its_zone_or_in_utc(load):
    tree = small.forecaster(small.lag_parts()[0])
    in_utc = load(tree).outputs([GIVEN | {"start": one} for one in ("2026-03-01", "2026-03-01T00:00-12:00")])
    tree["reader"]["calendar"]["local"] = True
    local = load(tree).outputs([GIVEN | {"start": "2026-03-01T00:00-12:00"}])
    assert (local[0] == in_utc[0]).all()
    assert (in_utc[1] != in_utc[0]).any()


def test_the_days_of_the_week_are_those_of_the_start(load):
    tree = small.forecaster(small.lag_parts()[0])
    tree["reader"]["calendar"] = {"step": 21600.0}
    tree["reader"] |= {"columns": ["sold", "visits"]}
    part = tree["model"]["point"]["parts"][0]
    part["weights"] = np.zeros((4, 6 + 5 + 5 + 14))
    part["weights"][:, -14:-7] = np.eye(7)[6]  # is it a Sunday?
    part["intercept"][:] = 0
    tree["model"]["least"] = None
    model = load(tree)
    history = np.stack([np.arange(8) % 2, np.zeros(8)], axis=1)
    said = [model.outputs([{"history": history, "start": start}])[0, :, 1] for start in ("2026-02-27", "2026-03-01")]
    np.testing.assert_allclose(said[0] - said[1], [1, 1, 1, 1])  # two days after Friday, the 27th, it is Sunday


def test_missing_numbers_are_filled_in(load):
    model, gaps = load(small.forecaster()), HISTORY.copy()
    gaps[4, 0] = gaps[0, 1] = gaps[9, 2] = np.nan
    whole = gaps.copy()
    whole[4, 0], whole[0, 1] = (gaps[3, 0] + gaps[5, 0]) / 2, gaps[1, 1]
    whole[9, 2] = (gaps[8, 2] + gaps[10, 2]) / 2
    np.testing.assert_array_equal(
        model.outputs([GIVEN | {"history": gaps}]), model.outputs([GIVEN | {"history": whole}])
    )


def test_golden_histories_are_answered_again(load, kernels):
    model, waves = load(small.forecaster()), small.floats(small.random(3), 34, 4)
    whole = {"history": np.hstack([HISTORY, waves[:30]]), "ahead": np.hstack([AHEAD, waves[30:]]).astype("f4")}
    outputs = model.outputs([whole])
    golden = {"examples": "histories", "tolerance": 1e-5, "labels": model.predict([whole])}
    golden |= {"values": whole["history"], "offsets": np.array([0, 30]), "ahead": whole["ahead"][None]}
    golden |= {"outputs": outputs.reshape(1, -1)}
    assert load(small.forecaster(), golden).check().passed
    assert not load(small.forecaster(), golden | {"outputs": outputs.reshape(1, -1) + 1e-3}).check().passed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"history": "text"}, r"Example 1 \(counted from 0\): its history is not a list of steps, each a list of 3"),
        ({"history": [[1, 2]]}, "each a list of 3 numbers: 'sold', 'visits', 'promo'"),
        ({"history": []}, "its history is not"),
        (
            {"history": [[1, 2, 0], [np.inf, 2, 0]]},
            r"its history has an infinite or .* at step 1 \(counted from 0\)\.$",
        ),
        ({"history": [[10**400, 2, 0]]}, "its history is not a list of steps"),
        ({"history": [[1, 1e39, 0]]}, "its history has an infinite or too large number at step 0"),
        ({"ahead": [[1.0], [1e39], [1.0], [1.0]]}, "its 'ahead' has an infinite or too large number at step 1"),
        ({"history": [[np.nan, 2, 0], [1, 2, 0]]}, "begins or ends with a missing number for 'sold'"),
        ({"history": HISTORY, "start": None}, r"reads the calendar\. Give 'start', .* such as '2026-03-01'\.$"),
        (
            {"history": [[1, 2]], "start": None},
            "each a list of 7 numbers: 'sold', .* and 4 of the calendar. Or give 'start'",
        ),
        ({"start": "yesterday"}, "its start is 'yesterday', which is no time"),
        ({"start": 1e300}, "which is no time"),
        ({"ahead": None}, "'ahead' must have 4 steps, each with 'promo' as numbers"),
        ({"ahead": [[1.0]] * 3}, "'ahead' must have 4 steps"),
        ({"ahead": [[1.0], [np.nan], [1.0], [1.0]]}, "'ahead' must have 4 steps"),
        ({"future": 1}, "a dict without 'history', or with more"),
    ],
)
def test_what_is_no_history_is_refused(load, change, message):
    with pytest.raises(InputError, match=message):
        load(small.forecaster()).predict([GIVEN, GIVEN | change])


def test_what_is_known_ahead_is_refused_where_nothing_is_read_of_it(load):
    with pytest.raises(InputError, match="reads nothing that is known ahead"):
        load(of("drift")).predict([{"history": [1, 2], "ahead": [[1.0]] * 4}])


def altered(place, **values):
    tree = small.forecaster()
    holder = tree
    for name in place:
        holder = holder[name]
    holder.update(values)
    return tree


POINT = ("model", "point")
LINEAR, TREES, NETWORK = ((*POINT, "parts", number) for number in (3, 5, 7))


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (altered(("task",), horizon=0), "'horizon' is not a whole number"),
        (altered(("task",), horizon=5), "'weights' is float64"),
        (altered(("task",), kind="regression", mean=0.0, scale=1.0), "it does not fit the task"),
        (altered(("reader",), kind="texts"), "it does not fit the task"),
        (altered(("reader",), until_now=3), "the columns are too few"),
        (altered(("reader",), calendar={"step": -1.0}), "the step of the calendar is out of bounds"),
        (altered(("model",), low=np.zeros(3)), "'low' is float64"),
        (altered(("model",), short=np.array([[2.0, 1.0]])), "the steps in 'short' do not increase"),
        (altered(("model",), short=np.array([[1.0, 0.5]])), "the steps in 'short' do not increase"),
        (altered(POINT, weights=np.ones(2)), "'weights' is float64"),
        (altered((*LINEAR, "lags"), near=1 << 40), "'near' is not a whole number"),
        (
            altered((*TREES, "trees"), feature=np.array([27, -1, -1, 27, -1, -1], np.int32)),
            "feature that does not exist",
        ),
        (altered(NETWORK, spread=np.zeros(20)), "'spread' is not positive"),
        (altered(NETWORK, first=[]), "the states of encoder and decoder do not fit"),
        (altered((*POINT, "parts", 0), kind="blend forecasts"), "kind is 'blend forecasts'"),
        (altered((*POINT, "parts", 0), kind="spade"), "kind is 'spade'"),
    ],
)
def test_a_damaged_description_is_refused(load, tree, message):
    with pytest.raises(ModelError, match=message):
        load(tree)


def test_a_file_that_asks_for_too_much_memory_is_refused(load):
    tree = small.forecaster(small.lag_parts()[2])
    tree["task"] |= {"horizon": 10_000, "season": 100_000}
    tree["model"] |= {"low": np.zeros(10_000), "high": np.zeros(10_000)}
    tree["model"]["point"]["parts"][0]["lags"]["near"] = 300_000
    with pytest.raises(ModelError, match="reads more numbers than any model does"):
        load(tree)
