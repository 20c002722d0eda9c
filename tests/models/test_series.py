import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from unspool.errors import UserError
from unspool.models import pad_series, present_steps, targets_and_weights

NUMBERS = st.floats(-10, 10, width=32)
SERIES = st.lists(st.integers(0, 6).flatmap(lambda t: arrays.arrays("float32", (t, 2), elements=NUMBERS)), min_size=1)


@given(SERIES, st.integers(0, 3))
def test_what_was_padded_is_told_from_what_was_measured(series, extra):
    padded = pad_series(series, max(map(len, series)) + extra)
    for one, row, present in zip(series, padded, present_steps(padded), strict=True):
        np.testing.assert_array_equal(row[present], one)
    targets, weights = targets_and_weights(padded)
    assert np.isfinite(targets).all()
    np.testing.assert_allclose(weights.sum(axis=1), [min(1, len(one)) for one in series], rtol=1e-6)
    assert not weights[~present_steps(padded)].any()


@pytest.mark.parametrize(
    ("series", "message"),
    [
        ([], "There is no series"),
        ([[[1.0]], [[1.0, 2.0]]], r"Series 1 .* has the shape \(1, 2\)"),
        ([1.0, 2.0], r"Series 0 .* has the shape \(\): give each series as an array \(time steps, features\)"),
        ([[1.0, 2.0], [[1.0, 2.0]]], r"Series 1 .* has the shape \(1, 2\)"),
        ([[[1.0]] * 4], "has 4 time steps, more than 3"),
        ([[[1.0]], [[1.0], [np.nan]]], "Series 1, step 1 .* not finite. Fill in missing numbers"),
    ],
)
def test_what_is_no_series_is_told(series, message):
    with pytest.raises(UserError, match=message):
        pad_series(series, 3)


def test_a_series_of_one_feature_needs_no_second_axis():
    np.testing.assert_array_equal(pad_series([[1.0, 2.0], [3.0]]), pad_series([[[1.0], [2.0]], [[3.0]]]))


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_a_missing_number_is_not_taken_for_a_zero(number):
    series = pad_series([[[1.0, 2.0]], [[1000.0, 4.0], [1001.0, 5.0]]])
    series[1, 1, 0] = number
    with pytest.raises(UserError, match=f"Series 1, step 1, feature 0 .* is {number:g} .* Fill in missing numbers"):
        targets_and_weights(series)
