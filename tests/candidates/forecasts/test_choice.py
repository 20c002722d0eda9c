"""The choice: fitted to nothing that comes after a forecast begins, within its time, the best by validation."""

from dataclasses import replace

import numpy as np
import pytest

from unspool.candidates.forecasts import Setup, Training, choice, choose, fit_baseline, item_of, setup
from unspool.candidates.forecasts.blend import Blend
from unspool.candidates.forecasts.by_length import ByLength
from unspool.candidates.forecasts.choice import try_candidate
from unspool.candidates.forecasts.forecaster import changes_of, units_of
from unspool.candidates.forecasts.local import LocalCandidate
from unspool.candidates.forecasts.ridge import RidgeCandidate
from unspool.data.forecasting import Window, windows_of_validation
from unspool.data.forecasting.scale import seasonal_error
from unspool.errors import UserError

SETUP = Setup(horizon=3, season=4)


def training(series):
    windows = windows_of_validation([len(one) for one in series], SETUP.horizon, SETUP.season)
    truth = np.ones((len(windows), SETUP.horizon, 3))
    for row, one in enumerate(windows):
        truth[row, :, 0] = series[one.series][one.origin : one.origin + SETUP.horizon, 0]
        truth[row, :, 2] = seasonal_error(series[one.series][: one.origin, 0], SETUP.season)
    return Training(series, windows, truth, SETUP)


@pytest.fixture
def seasonal():
    random = np.random.RandomState(0)
    pattern = np.array([0.0, 5, 1, 9])
    return training(
        [(pattern[np.arange(48) % 4] + random.normal(0, 0.3, 48))[:, None].astype(np.float32) for _ in range(3)]
    )


def test_overlapping_forecasts_are_not_counted_as_whole_ones(seasonal):
    windows = [Window(series, origin, (0, 3)) for series, origin in ((0, 9), (0, 10), (0, 13), (1, 9))]
    assert Training(seasonal.histories, windows, seasonal.truth, SETUP).apart == pytest.approx(1 + 4 / 3 + 1)


def test_the_usual_unit_is_that_of_the_series_in_validation(seasonal):
    seasonal.truth[0, :, 2] = 0  # a series that never changed before
    model = LocalCandidate("theta").fit([], SETUP, 0)
    forecaster, quantiles = choice.with_quantiles(model, np.zeros((len(seasonal.windows), 3)), seasonal)
    assert forecaster.spread.unit == np.median(seasonal.truth[1:, :, 2])
    assert (np.diff(quantiles[0]).sum(axis=1) > 0).all()


def test_the_unit_of_errors_is_that_of_the_steps_that_are_read(monkeypatch):
    """A series that was calm long ago: whole histories have a smaller unit than what new forecasts read of them."""
    monkeypatch.setattr(setup, "MOST_STEPS", 60)
    random, pattern = np.random.RandomState(0), np.array([0.0, 5, 1, 9])
    values = pattern[np.arange(900) % 4] + random.normal(0, 1, 900) * np.where(np.arange(900) < 500, 0.1, 2.0)
    series = values[:, None].astype(np.float32)
    found = choose(training([series[:800]]), ["seasonal-mean"])
    ends = range(800, 897)
    quantiles = found.model.outputs([item_of(series[:end], None, SETUP) for end in ends])
    came = np.array([values[end : end + 3] for end in ends])
    covered = ((quantiles[..., 0] <= came) & (came <= quantiles[..., 2])).mean()
    assert 0.7 < covered < 0.9
    first = [item_of(series[:797], None, SETUP)]
    units, changes = units_of(first, SETUP), changes_of(first, SETUP)
    alike = found.model.spread.quantiles(np.zeros((1, 3)), units, changes=changes)
    np.testing.assert_allclose(found.held_out[0, :, 2] - found.held_out[0, :, 1], alike[0, :, 2], rtol=1e-6)


def test_covariates_that_no_member_reads_are_mentioned():
    random = np.random.RandomState(0)
    series = random.normal(5, 1, (200, 2)).astype(np.float32)
    of_target = training([series[:, :1]])
    asked = replace(of_target, histories=[series], setup=replace(SETUP, until_now=1))
    unread = "it reads no covariates"
    assert choose(asked, ["naive", "theta"]).why.endswith(f"; {unread}")
    assert unread not in choose(asked, ["naive", "ridge"]).why
    assert unread not in choose(of_target, ["naive", "theta"]).why
    spent = choose(asked, ["naive", "theta", "ridge"], budget=1e-9)
    assert spent.why.endswith(f"; {unread}, unlike models that lacked time")


def test_intervals_after_short_histories_cover_as_much_as_others():
    random, pattern = np.random.RandomState(0), np.array([0.0, 5, 1, 9])
    values = [pattern[np.arange(one, one + 48) % 4] + random.normal(0, 1, 48) for one in range(300)]
    series = [one[:, None].astype(np.float32) for one in values]
    forecaster = choose(training(series[:60]), ["seasonal-mean", "linear-lags", "blend"]).model
    for steps in (1, 2, 3, 5, 7, 10, 20):
        quantiles = forecaster.outputs([item_of(one[45 - steps : 45], None, SETUP) for one in series[60:]])
        came = np.array([one[45:, 0] for one in series[60:]])
        covered = ((quantiles[..., 0] <= came) & (came <= quantiles[..., 2])).mean()
        # Of the steps after the first three of a season, one is harder than the others; one factor serves all of them.
        assert 0.68 < covered < (0.95 if steps == 3 else 0.92), steps


def test_intervals_are_wider_until_a_history_shows_a_weekly_pattern():
    """With a week of hours and little more, 80% intervals as wide as in validation held half of the values."""
    hours, random = np.arange(24 * 7 * 9), np.random.RandomState(0)
    weekend = hours // 24 % 7 >= 5
    values = 20 * np.sin(hours * np.pi / 12) - 30 * weekend + random.normal(0, 1, len(hours))
    series, day = values[:, None].astype(np.float32), Setup(horizon=24, season=24)
    windows = windows_of_validation([1200], 24, 24)
    truth = np.ones((len(windows), 24, 3))
    truth[..., 0] = [values[one.origin : one.origin + 24] for one in windows]
    truth[..., 2] = [[seasonal_error(series[: one.origin, 0], 24)] for one in windows]
    forecaster = choose(Training([series[:1200]], windows, truth, day), ["seasonal-naive-week"]).model
    ends = range(1200, len(hours) - 24, 17)
    for steps in (100, 140, 400):
        quantiles = forecaster.outputs([item_of(series[end - steps : end], None, day) for end in ends])
        came = np.array([values[end : end + 24] for end in ends])
        covered = ((quantiles[..., 0] <= came) & (came <= quantiles[..., 2])).mean()
        assert 0.7 < covered < 0.99, steps


class Broken:
    """A candidate whose forecasts are no numbers."""

    name, fits = "broken", 0

    def missing(self, histories, setup):
        return ""

    def fit(self, histories, setup, seed):
        return self

    def points(self, items):
        return np.full((len(items), SETUP.horizon), np.nan)


class Watching:
    """A candidate that notes how much it was shown."""

    name, fits = "watching", 3

    def __init__(self):
        self.shown = []

    def missing(self, histories, setup):
        return ""

    def fit(self, histories, setup, seed):
        self.shown.append([len(one) for one in histories])
        watched = self

        class Model:
            name = "watching"

            def points(self, items):
                for item in items:
                    assert len(item) - setup.horizon >= min(watched.shown[-1])
                    assert np.isnan(item[-setup.horizon :, 0]).all()
                return np.zeros((len(items), setup.horizon))

            def state(self):
                return {"kind": "watching"}, {}

        return Model()


def test_a_model_is_fitted_to_nothing_after_a_forecast_begins(seasonal):
    watching = Watching()
    assert try_candidate(watching, seasonal, 0, np.inf)[0].score > 0
    assert len(watching.shown) == 3
    first = [min(one.origin for one in seasonal.windows if one.series == number) for number in range(3)]
    assert watching.shown[0] == first
    assert all(np.all(np.diff(lengths) > 0) for lengths in zip(*watching.shown, strict=True))


def test_a_gap_is_not_filled_in_from_values_after_a_forecast_begins(seasonal):
    """A gap before a forecast was filled in from what came after it."""
    first = min(one.origin for one in seasonal.windows if one.series == 0)
    known = [np.ones(one.shape, bool) for one in seasonal.histories]
    known[0][first - 1] = False
    gappy, shown, read = replace(seasonal, known=known), [], []

    class Noting(Watching):
        def fit(self, histories, setup, seed):
            shown.append(histories[0][-1, 0])
            model = super().fit(histories, setup, seed)
            model.points = lambda items: (
                read.extend(one[: -SETUP.horizon, 0] for one in items) or np.zeros((len(items), 3))
            )
            return model

    try_candidate(Noting(), gappy, 0, np.inf)
    before, filled_in = seasonal.histories[0][first - 2 : first, 0]
    assert before != filled_in
    assert shown[0] == before
    (at_first,) = [
        one for one in read if len(one) == first and np.array_equal(one[:-1], seasonal.histories[0][: first - 1, 0])
    ]
    assert at_first[-1] == before


def test_the_best_by_validation_is_taken_and_fitted_to_all(seasonal):
    found = choose(seasonal, ["naive", "seasonal-naive", "linear-lags"])
    scores = {one.name: one.score for one in found.tried}
    assert found.name == min(scores, key=scores.get) != "naive"
    assert found.why == "its MASE is the lowest"
    assert found.held_out.shape == (len(seasonal.windows), 3, 3)
    inside = (found.held_out[..., 0] <= seasonal.truth[..., 0]) & (seasonal.truth[..., 0] <= found.held_out[..., 2])
    assert 0.75 < inside.mean() < 1.0


def test_models_that_do_about_as_well_are_blended(seasonal):
    found = choose(seasonal, ["naive", "linear-lags", "ridge", "blend"])
    scores = {one.name: one.score for one in found.tried}
    lowest = min(scores, key=scores.get)
    assert found.name == "blend"
    assert found.why.startswith("the better a model does" if lowest == "blend" else f"{lowest} has a lower MASE")
    assert sorted(part.split("% ")[1] for part in found.tried[-1].note.split(", ")) == ["linear-lags", "ridge"]
    sure = choose(seasonal, ["naive", "drift", "ridge", "blend"])
    assert (sure.name, sure.why) == ("ridge", "its MASE is the lowest")
    assert [one.name for one in sure.tried] == ["naive", "drift", "ridge"]
    alone = choose(seasonal, ["naive", "blend"])
    assert alone.name == "naive"
    assert [one.name for one in alone.tried] == ["naive"]


def test_the_weights_of_a_blend_are_refined_by_as_many_forecasts_as_do_not_overlap(seasonal, monkeypatch):
    heard = []
    monkeypatch.setattr(choice, "refined_weights", lambda weights, errors, apart, **_: heard.append(apart) or weights)
    choose(seasonal, ["linear-lags", "ridge", "blend"])
    assert heard == [seasonal.apart]
    assert seasonal.apart < len(seasonal.windows)


@pytest.mark.parametrize(("count", "taken"), [(40, "median"), (10, "blend")])
def test_one_that_does_clearly_better_than_the_blend_on_many_series_is_taken(count, taken):
    random = np.random.RandomState(0)
    seldom = training([random.binomial(5, 0.08, 60)[:, None].astype(np.float32) for _ in range(count)])
    found = choose(seldom, ["median", "theta", "ets", "blend"])
    scores = {one.name: one.score for one in found.tried}
    assert scores["median"] < scores["blend"] < scores["theta"]
    assert found.name == taken
    if taken == "blend":
        assert found.why.startswith("median has a lower MASE, but a single model is chosen only if it beats the blend")


def test_misses_are_summed_by_forecast(seasonal):
    points = seasonal.truth[:, :, 0] + 2.0
    seasonal.truth[0, 0, 1] = 0  # is not scored
    own = (2 * seasonal.truth[:, :, 1] / seasonal.truth[:, :, 2]).sum(axis=1)
    np.testing.assert_allclose(seasonal.misses(points), own)


def is_clear(gains, shared=True):
    """Whether a model is clearly better if its errors are lower by `gains`, (S, D), for S series on D dates."""
    series, dates = gains.shape
    windows = [Window(one, 9 * date, (0, 3)) for one in range(series) for date in range(dates)]
    times = np.array([[one.origin, one.origin + 3] for one in windows], dtype=float)
    training = Training([], windows, np.ones((len(windows), 3, 3)), SETUP, times=times if shared else None)
    gains = np.repeat(gains.reshape(-1, 1), 3, axis=1)
    return choice._clearly_better(101 + 10 - gains / 2, 101 + 10 + gains / 2, training)


@pytest.mark.parametrize(("shock", "of_series"), [(0.5, 0.0), (0.0, 0.5), (0.5, 0.5)])
@pytest.mark.parametrize("dates", [1, 2, 6])
def test_of_equal_models_one_is_rarely_clearly_better_though_series_share_their_dates(shock, of_series, dates):
    """With standard errors over series alone, the gain was clear in 16 to 26% of the draws with a shock."""
    random = np.random.default_rng(0)

    def gains():
        shared = random.normal(0, shock, (1, dates)) + random.normal(0, of_series, (30, 1))
        return shared + random.normal(0, 1, (30, dates))

    assert sum(is_clear(gains()) for _ in range(300)) <= 0.05 * 300


def test_a_gain_on_all_dates_is_clear_and_one_on_a_single_date_is_not():
    gains = np.random.default_rng(0).normal(0.5, 1, (40, 6))
    assert is_clear(gains)
    assert not is_clear(gains[:, :2])
    assert is_clear(gains[:, :2], shared=False)
    gains[:, 1:] -= 0.5
    gains[:, 0] += 4
    assert not is_clear(gains)
    assert is_clear(gains, shared=False)
    assert not is_clear(gains[:10] + 9)


def test_logarithms_need_positive_values(seasonal):
    negative = training([one - 100 for one in seasonal.histories])
    found = choose(negative, ["naive", "theta-log", "ridge-log"])
    assert [one.note for one in found.tried[1:]] == [
        "every series has a value that is not positive",
        "a series has a value that is not positive",
    ]


def test_without_time_later_candidates_are_left_out_and_named(seasonal):
    found = choose(seasonal, ["naive", "seasonal-naive", "ridge"], budget=1e-9)
    assert [one.note for one in found.tried] == ["", "", "no time was left for it"]
    assert found.tried[2].score is None


def test_a_forecast_that_is_no_number_is_no_candidate(seasonal):
    found = choose(seasonal, ["broken", "naive"], more=[Broken()])
    assert (found.name, found.tried[0].note) == ("naive", "a forecast was no finite number")
    with pytest.raises(UserError, match="No model could be fitted: broken: a forecast was no finite number"):
        choose(seasonal, ["broken"], more=[Broken()])


def test_forecasts_are_never_negative_only_if_no_series_is(seasonal):
    positive = [np.abs(one) for one in seasonal.histories]
    for series, least in ((positive, 0.0), ([*positive[:2], positive[2] - 20], None)):
        assert choose(training(series), ["naive"]).model.least == least


def test_an_unknown_name_is_refused(seasonal):
    with pytest.raises(UserError, match=r"There is no model 'prophecy' that forecasts\. There are naive"):
        choose(seasonal, ["prophecy"])


def test_a_baseline_says_the_same_whether_its_validation_is_known(seasonal):
    _, points = try_candidate(LocalCandidate("naive"), seasonal, 0, np.inf)
    known, fresh = fit_baseline("naive", seasonal, points), fit_baseline("naive", seasonal, None)
    assert known[1] == fresh[1]
    assert np.array_equal(known[0].spread.high, fresh[0].spread.high)


def test_a_baseline_that_the_run_has_fitted_is_not_fitted_again(seasonal, monkeypatch):
    """Trees over 60 series of 500 days took 45 s to fit, twice."""
    found = choose(seasonal, ["seasonal-naive", "ridge"])
    by_its_length, points = found.model.model, found.points["ridge"]
    assert isinstance(by_its_length, ByLength)
    member = by_its_length.model
    assert found.name == member.name == "ridge"
    blend = Blend((LocalCandidate("naive").fit([], SETUP, 0), member), np.array([0.5, 0.5]))
    fresh, mase = fit_baseline("ridge", seasonal, points)
    monkeypatch.setattr(RidgeCandidate, "fit", lambda *_: pytest.fail("it was fitted again"))
    for chosen in (blend, member, by_its_length):
        kept, same = fit_baseline("ridge", seasonal, points, chosen=chosen)
        assert kept.model is member
        assert same == mase
        np.testing.assert_array_equal(kept.outputs(seasonal.items), fresh.outputs(seasonal.items))
    assert fit_baseline("seasonal-naive", seasonal, None, chosen=member)[0].model.name == "seasonal-naive"


def test_a_baseline_that_cannot_serve_is_left_out(seasonal):
    setup = Setup(horizon=3, season=1)
    flat = Training(seasonal.histories, seasonal.windows, seasonal.truth, setup)
    assert choose(flat, ["naive", "seasonal-naive"]).tried[1].note == "there is no season"
    assert fit_baseline("seasonal-naive", flat, None) is None


class Timed(Watching):
    """A candidate whose fits and forecasts take so many seconds of a clock, and its first forecasts some more."""

    def __init__(self, clock, fit, first, each):
        super().__init__()
        self.clock, self.fit_seconds, self.first, self.each, self.made = clock, fit, first, each, 0

    def fit(self, histories, setup, seed):
        self.clock[0] += self.fit_seconds
        model, points = super().fit(histories, setup, seed), type(super().fit(histories, setup, seed)).points

        def timed(items):
            self.clock[0] += len(items) * self.each + (0 if self.made else self.first)
            self.made += len(items)
            return points(model, items)

        model.points = timed
        return model


@pytest.mark.parametrize(
    ("fit", "first", "each", "in_time"),
    [(4.0, 0.0, 0.01, True), (0.0, 10.0, 0.01, True), (20.0, 0.0, 0.01, False), (0.0, 0.0, 2.0, False)],
    ids=["slow fits", "slow at first", "too slow fits", "too slow forecasts"],
)
def test_a_fit_that_serves_for_many_forecasts_is_not_taken_for_the_price_of_one(
    seasonal, monkeypatch, fit, first, each, in_time
):
    """Three fits, and 36 forecasts one by one; at most 20 seconds, or twice as long if the machine is busy."""
    clock = [0.0]
    monkeypatch.setattr(choice.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(choice, "_TOGETHER", 1)
    candidate = Timed(clock, fit, first, each)
    one, _ = try_candidate(candidate, seasonal, 0, 20.0)
    assert (one.score is not None) == in_time
    if not in_time:
        assert candidate.made < 5, "it is given up at once"


def test_models_of_rare_counts_are_compared_by_the_measure_that_is_asked_for():
    """The median of such counts, 0, has the lowest absolute error, their mean the lowest squared one."""
    random = np.random.RandomState(0)
    counts = training([random.poisson(0.4, 400)[:, None].astype(np.float32) for _ in range(30)])
    names = ["median", "ets"]
    assert choose(counts, names).name == choose(replace(counts, measure="mae"), names).name == "median"
    squared = replace(counts, measure="rmse")
    found = choose(squared, names)
    assert (found.name, found.why) == ("ets", "its root mean squared error is the lowest")
    values = squared.truth[..., 0]
    assert squared.score(np.zeros_like(values)) == pytest.approx(np.sqrt((values**2).mean()))
