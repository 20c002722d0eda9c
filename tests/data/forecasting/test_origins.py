"""Where forecasts begin: nothing of the test is in validation, and nothing of either in what is learned before it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.forecasting.origins import (
    FEW_SERIES,
    SHORTEST,
    drawn_together,
    first_origins,
    last_windows,
    refuse_short,
    shortest,
    unit_drawn,
    windows_of_test,
    windows_of_validation,
)
from unspool.data.forecasting.scale import seasonal_error
from unspool.errors import UserError


@given(st.lists(st.integers(0, 300), min_size=1, max_size=8), st.integers(1, 40), st.integers(1, 30))
def test_validation_ends_before_the_test_begins(more, horizon, season):
    lengths = [shortest(horizon) + one for one in more]
    test = windows_of_test(lengths, horizon)
    ends = first_origins(test, len(lengths))
    validation = windows_of_validation(ends.tolist(), horizon, season)
    assert {one.series for one in test} == {one.series for one in validation} == {*range(len(lengths))}
    assert all(one.origin + horizon <= lengths[one.series] for one in test)
    assert all(SHORTEST <= one.origin <= ends[one.series] - horizon for one in validation)


def test_few_series_are_scored_in_blocks_that_cover_each_step_once():
    windows = windows_of_test([40], 12)
    for origin in {one.origin for one in windows}:
        steps = [step for one in windows if one.origin == origin for step in range(*one.steps)]
        assert steps == [*range(12)]
    assert len(windows) >= 12


@given(st.lists(st.integers(0, 300), min_size=1, max_size=8), st.integers(1, 40))
def test_what_overlaps_or_belongs_to_one_forecast_is_no_independent_evidence(more, horizon):
    lengths = [shortest(horizon) + one for one in more]
    windows = windows_of_test(lengths, horizon)
    drawn = drawn_together(windows, horizon, np.ones(len(windows), bool))
    if len(lengths) > FEW_SERIES:
        assert drawn.tolist() == [one.series for one in windows]
        return
    first = min(one.origin for one in windows if one.series == 0)
    periods = (lengths[0] - first) / horizon
    of_first = {number for number, one in zip(drawn, windows, strict=True) if one.series == 0}
    assert len(of_first) <= np.ceil(periods) or len({*drawn}) == 2
    for number in of_first:  # what is drawn together lies within one period, but for blocks on its edges
        steps = [one.origin + step for one, other in zip(windows, drawn, strict=True) if other == number
                 for step in range(*one.steps)]  # fmt: skip
        block = max(one.steps[1] - one.steps[0] for one in windows)
        assert max(steps) - min(steps) < horizon + block


def test_a_single_test_forecast_is_drawn_in_halves():
    for length, horizon in ((60, 12), (15, 6), (13, 5)):
        windows = last_windows([length], horizon)
        numbers = drawn_together(windows, horizon, np.ones(len(windows), bool))
        assert [*numbers] == sorted(numbers)
        assert {*numbers} == {0, 1}
    assert {*drawn_together(last_windows([60, 70], 12), 12, np.ones(12, bool))} == {0, 1}


def test_what_is_not_scored_is_no_evidence():
    windows = windows_of_test([60], 4)
    scored = np.array([True] * 4 + [False] * 4 + [True] * 4)
    assert len({*drawn_together(windows, 4, scored)}) == 2
    assert unit_drawn(windows, 4, scored) == "periods"
    only = last_windows([60], 12)
    late = np.array([one.steps[0] >= 6 for one in only])
    halves = drawn_together(only, 12, late)
    assert unit_drawn(only, 12, late) == "halves"
    assert {*halves[late]} == {0, 1}


def test_many_series_have_their_last_steps_forecast():
    windows = windows_of_test([50] * 100, 6)
    assert {(one.origin, one.steps) for one in windows} == {(44, (0, 6))}


@pytest.mark.parametrize(("series", "each"), [(1, 40), (2, 20), (4, 10), (5, 8), (20, 2), (60, 1)])
def test_long_series_have_forty_test_forecasts_in_all_side_by_side(series, each):
    windows = windows_of_test([5_000] * series, 20)
    origins = sorted(one.origin for one in windows if one.series == 0)
    assert origins == [4_980 - 20 * back for back in range(each)][::-1]
    assert len(windows) == series * each


@pytest.mark.parametrize(("series", "each"), [(1, 40), (2, 20), (4, 10), (5, 8), (100, 8), (200, 1)])
def test_long_series_are_validated_on_forty_forecasts_in_all_or_eight_of_each(series, each):
    origins = [one.origin for one in windows_of_validation([5_000] * series, 20, 1) if one.series == 0]
    assert len(origins) == each
    assert np.diff(sorted(origins)).min(initial=20) >= 20


def test_a_single_forecast_of_validation_is_scored_in_halves():
    found = windows_of_validation([6], 3, 1)
    assert [(one.origin, one.steps) for one in found] == [(3, (0, 1)), (3, (1, 3))]
    assert {one.steps for one in windows_of_validation([6, 6], 3, 1)} == {(0, 3)}
    assert [one.origin for one in windows_of_validation([8], 1, 7)] == [6, 7]


def test_a_panel_is_validated_on_several_dates():
    """Whether a gain is clear over dates takes more than the two on which 20 series were compared."""
    origins = {one.origin for one in windows_of_validation([549] * 20, 14, 7)}
    assert len(origins) == 8
    assert np.diff(sorted(origins)).min() >= 14
    assert max(origins) == 549 - 14
    assert len(windows_of_validation([60] * 20, 14, 7)) == 40  # there is no room for more that do not overlap
    assert len(windows_of_validation([549] * 200, 14, 7)) == 200


def test_only_a_file_of_short_series_is_refused():
    refuse_short(["a", "b"], [30, 8], 9, "f.csv")
    told = r"horizon of 9 is too long: .* 21 steps, and the longest series b has 8. Give a --horizon of at most 2"
    with pytest.raises(UserError, match=told):
        refuse_short(["a", "b"], [3, 8], 9, "f.csv")
    with pytest.raises(UserError, match=r"the series has 4\. Give longer series"):
        refuse_short([""], [4], 9, "f.csv")


def test_the_unit_is_the_seasonal_error_or_else_the_naive_one():
    repeating = np.tile([1.0, 5.0], 4)
    assert seasonal_error(repeating, 2) == 4.0
    assert seasonal_error(np.array([0.0, 10, 3, 13]), 2) == 3.0
    assert seasonal_error(np.ones(9), 2) == 0.0
