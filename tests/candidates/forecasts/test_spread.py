"""The intervals of forecasts."""

import numpy as np
import pytest

from unspool.candidates.forecasts import Forecaster, item_of
from unspool.candidates.forecasts.local import Local
from unspool.candidates.forecasts.spread import Spread
from unspool.data.forecasting.scale import seasonal_error

from .waves import SETUP, wave


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


@pytest.mark.parametrize("sign", [1, -1])
def test_an_interval_has_two_sides_though_few_forecasts_are_all_too_low_or_too_high(sign):
    errors, scored = sign * np.array([[1.0, 2.0, 3.0]]), np.ones((1, 3), bool)
    few, many = (Spread.fit(errors, scored, apart) for apart in (1, 6))
    np.testing.assert_allclose(few.low, -few.high)
    assert (few.high > 1).all()
    assert not (many.low if sign > 0 else many.high).any()
    assert (many.high > 1).all() if sign > 0 else (many.low < -1).all()


def test_forecasts_that_overlap_give_wider_quantiles():
    errors, scored = np.random.RandomState(0).normal(size=(12, 4)), np.ones((12, 4), bool)
    one, many = (Spread.fit(errors, scored, apart) for apart in (3, 1e9))
    np.testing.assert_allclose(one.high / many.high, np.sqrt(4 / 3))
    np.testing.assert_allclose(one.low / many.low, np.sqrt(4 / 3))


BY_PLACE = np.stack([np.tile([0.02, 1.98], (60, 4)), np.ones((60, 8))], axis=2)
OF_LATE = np.stack([np.ones((60, 8)), np.tile(np.linspace(0.02, 1.98, 60)[:, None], 8)], axis=2)


@pytest.mark.parametrize(
    ("changes", "powers"),
    [(BY_PLACE, (1, 0)), (OF_LATE, (0, 1)), (BY_PLACE * OF_LATE, (1, 1))],
    ids=["by place", "of late", "both"],
)
def test_intervals_follow_the_changes_of_a_series_where_errors_do(changes, powers):
    """As of sunshine: at night, forecasts are exact; at noon, they are far off, and farther in summer."""
    random, scales = np.random.RandomState(0), changes.prod(axis=2)
    errors, scored = random.normal(size=(60, 8)) * scales, np.ones((60, 8), bool)
    following, even = Spread.fit(errors, scored, 60, changes=changes), Spread.fit(errors, scored, 60)
    assert (following.place, following.recent) == powers
    assert (even.place, even.recent) == (0, 0)
    new, many = random.normal(size=(6000, 8)) * np.tile(scales, (100, 1)), np.tile(changes, (100, 1, 1))
    wide = np.tile(scales > 1, (100, 1))
    for spread, there in ((following, 0.8), (even, 0.6)):
        ends = spread.quantiles(np.zeros((6000, 8)), np.ones(6000), changes=many)
        covered = (ends[..., 0] <= new) & (new <= ends[..., 2])
        assert covered[wide].mean() == pytest.approx(there, abs=0.12)
    read = Spread.from_arrays(following.arrays(), 8)
    assert (read.place, read.recent) == powers
    for wrong in ([0.3], [np.nan], [1.0, 1.0]):
        for name in ("place", "recent"):
            with pytest.raises(ValueError, match="powers of changes"):
                Spread.from_arrays(following.arrays() | {name: np.array(wrong)}, 8)


def test_intervals_are_even_where_only_the_series_changes():
    errors, changes = np.random.RandomState(1).normal(size=(60, 8)), BY_PLACE * OF_LATE
    found = Spread.fit(errors, np.ones((60, 8), bool), 60, changes=changes)
    assert (found.place, found.recent) == (0, 0)


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
